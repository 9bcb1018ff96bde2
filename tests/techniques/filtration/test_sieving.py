"""How particles meet pores: capsules, entry pressures, the rigid limit, and vesicles that give way."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.errors import InputError
from sepsim.techniques.filtration.membranes.pores import PoreDistribution
from sepsim.techniques.filtration.sieving import (
    PORE_SIZES,
    VesicleSkin,
    capsule_ratio,
    entry_pressure,
    flow_passage,
    flow_shares,
    pore_passage,
)

NM = 1e-9


def sieved(radius, pores, *, vesicle=False, pressure=0.0, skin=None):
    """Share that passes and share that bursts, over all pores at high flux."""
    radius = np.atleast_1d(np.asarray(radius, dtype=float))
    found = pore_passage(radius, np.full(radius.size, vesicle), pores, pressure, skin or VesicleSkin())
    _, share = flow_shares(pores)
    return found.convection @ share, found.lysis @ share


def closed(radius, pores, **how):
    radius = np.atleast_1d(np.asarray(radius, dtype=float))
    vesicle = np.full(radius.size, how.pop("vesicle", False))
    return pore_passage(radius, vesicle, pores, how.get("pressure", 0.0), how.get("skin") or VesicleSkin()).blocks


# ---- capsules ------------------------------------------------------------------------------------------------


@given(st.floats(0, 2.3))
def test_a_capsule_keeps_the_volume_and_has_the_strained_area(strain):
    """A cylinder of radius x and length l with round ends, of the volume of the unit sphere."""
    x = float(capsule_ratio(np.array(strain)))
    length = (4 / 3 * math.pi * (1 - x**3)) / (math.pi * x**2)
    area = 2 * math.pi * x * length + 4 * math.pi * x**2
    assert length >= -1e-12
    assert area / (4 * math.pi) - 1 == pytest.approx(strain, rel=1e-3, abs=1e-6)


def test_a_sphere_without_strain_stays_a_sphere():
    assert float(capsule_ratio(np.array(0.0))) == 1.0


def test_narrowing_of_small_strains():
    """Close to the sphere the strain is the square of the narrowing, (1 - x)^2: 2/(3x) + x^2/3 - 1."""
    assert 1 - float(capsule_ratio(np.array(1e-4))) == pytest.approx(1e-2, rel=0.02)


# ---- pressures -----------------------------------------------------------------------------------------------

# bar at 6 mN/m; rows: pore radius [nm], columns: vesicle radius [nm]
ENTRY = {
    5: (21.6, 22.4, 23.0, 23.5),
    10: (9.6, 10.4, 11.0, 11.5),
    25: (2.4, 3.2, 3.8, 4.3),
    50: (0, 0.8, 1.4, 1.9),
    110: (0, 0, 0.13, 0.61),
}
VESICLES = np.array([50, 75, 125, 250]) * NM


@pytest.mark.parametrize("pore", ENTRY)
def test_entry_pressures_of_a_vesicle_at_its_lysis_tension(pore):
    found = entry_pressure(6e-3, np.array(pore * NM), VESICLES) / 1e5
    for bar, expected in zip(found, ENTRY[pore], strict=True):
        assert bar == pytest.approx(expected, abs=0.055 if expected > 0.5 else 0.006)


@pytest.mark.parametrize(("pore", "column"), [(25, 1), (25, 3), (50, 1), (50, 3), (110, 3)])
def test_equal_pores_burst_vesicles_above_the_entry_pressure(pore, column):
    """A hard skin, so that nothing slips through as a capsule."""
    skin = VesicleSkin(thickness_nm=0, stretch_modulus_mN_m=1e6)
    pores = PoreDistribution(median_radius=pore * NM, geometric_sd=1.0)
    entry = float(entry_pressure(6e-3, np.array(pore * NM), VESICLES[column]))
    for pressure, expected in ((0.99 * entry, 0.0), (1.01 * entry, 1.0)):
        passed, burst = sieved(VESICLES[column], pores, vesicle=True, pressure=pressure, skin=skin)
        assert (passed[0], burst[0]) == (0.0, pytest.approx(expected, abs=1e-12))
        assert closed(VESICLES[column], pores, vesicle=True, pressure=pressure, skin=skin).mean() == pytest.approx(
            1 - expected, abs=1e-12
        )


def test_the_shell_raises_the_entry_pressure():
    """Its middle, 3 nm deep, is what bends into the pore: 2 T (1/(r_p - 3 nm) - 1/(R - 3 nm))."""
    pores = PoreDistribution(median_radius=25 * NM, geometric_sd=1.0)
    skin = VesicleSkin(stretch_modulus_mN_m=1e6)
    entry = 2 * 6e-3 * (1 / (22 * NM) - 1 / (47 * NM))
    assert entry > 1.1 * float(entry_pressure(6e-3, np.array(25 * NM), np.array(50 * NM)))
    assert sieved(50 * NM, pores, vesicle=True, pressure=0.99 * entry, skin=skin)[1][0] == 0
    assert sieved(50 * NM, pores, vesicle=True, pressure=1.01 * entry, skin=skin)[1][0] == pytest.approx(1)


def test_a_vesicle_slips_through_a_slightly_narrower_pore_as_a_capsule():
    """At lysis the area has grown by 6/240; the capsule is then narrow enough for pores down to 0.85 of its radius."""
    narrowest = float(capsule_ratio(np.array(6 / 240)))
    assert 2 / (3 * narrowest) + narrowest**2 / 3 == pytest.approx(1.025, rel=1e-6)
    for share, passes in ((narrowest + 0.01, True), (narrowest - 0.01, False)):
        pores = PoreDistribution(median_radius=share * 50 * NM, geometric_sd=1.0)
        passed, burst = sieved(50 * NM, pores, vesicle=True, pressure=1e8)
        assert (passed[0] > 0) == passes
        assert (burst[0] > 0.99) != passes


def test_spare_area_lets_a_vesicle_pass_without_tension():
    pores = PoreDistribution(median_radius=45 * NM, geometric_sd=1.0)
    assert sieved(50 * NM, pores, vesicle=True, pressure=1.0)[0][0] == 0
    assert sieved(50 * NM, pores, vesicle=True, pressure=1.0, skin=VesicleSkin(spare_area_percent=5))[0][0] > 0


# ---- the rigid limit -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("spread", [1.05, 1.2, 1.5, 1.8])
@pytest.mark.parametrize("median", [2.2 * NM, 8 * NM, 110 * NM])
def test_rigid_particles_are_sieved_as_by_the_whole_distribution(spread, median):
    pores = PoreDistribution(median_radius=median, geometric_sd=spread)
    radius = np.geomspace(0.02, 60, 300) * median
    expected = pores.sieving(radius)
    seen = expected > 1e-8
    assert seen.sum() > 60
    assert sieved(radius, pores)[0][seen] == pytest.approx(expected[seen], rel=0.01, abs=0)
    assert np.all(sieved(radius, pores)[0][~seen] < 1.2e-8)


def test_pressure_means_nothing_to_rigid_particles():
    pores = PoreDistribution(median_radius=10 * NM, geometric_sd=1.5)
    radius = np.geomspace(1, 200, 30) * NM
    for press in (1e3, 1e7):
        still, pressed = (pore_passage(radius, np.zeros(30, bool), pores, each, VesicleSkin()) for each in (0.0, press))
        assert all(np.array_equal(one, other) for one, other in zip(still, pressed, strict=True))
        assert not pressed.lysis.any()


def test_what_does_not_enter_closes():
    """Blocked are the pores that are narrower than the particle."""
    pores = PoreDistribution(median_radius=10 * NM, geometric_sd=1.5)
    radius, share = flow_shares(pores)
    found = closed([1e-12, 15 * NM, 1.0], pores)
    assert found.shape == (3, PORE_SIZES)
    assert not found[0].any()
    assert found[2] == pytest.approx(np.ones(PORE_SIZES))
    assert found[1][radius < 14.5 * NM] == pytest.approx(np.ones((radius < 14.5 * NM).sum()))
    assert not found[1][radius > 15.5 * NM].any()
    assert share.sum() == pytest.approx(1, rel=1e-12)


def test_flow_shares_keep_the_moments_of_the_flow():
    """ln r is normal about ln r50 + 4 ln^2 sd in the flow."""
    pores = PoreDistribution(median_radius=7 * NM, geometric_sd=1.5)
    radius, share = flow_shares(pores)
    mean = share @ np.log(radius)
    assert mean == pytest.approx(math.log(7 * NM) + 4 * math.log(1.5) ** 2, abs=1e-8)
    spread = math.sqrt(share @ (np.log(radius) - mean) ** 2)
    assert spread == pytest.approx(math.log(1.5), rel=0.01)


# ---- vesicles ------------------------------------------------------------------------------------------------


def test_vesicles_without_stretch_behave_as_rigid_below_lysis():
    pores = PoreDistribution(median_radius=40 * NM, geometric_sd=1.3)
    skin = VesicleSkin(lysis_tension_mN_m=1e6, stretch_modulus_mN_m=1e18)
    radius = np.geomspace(5, 500, 40) * NM
    soft = pore_passage(radius, np.ones(40, bool), pores, 1e5, skin)
    hard = pore_passage(radius, np.zeros(40, bool), pores, 1e5, skin)
    assert soft.convection == pytest.approx(hard.convection, rel=0.02, abs=1e-4)
    assert not soft.lysis.any()


def test_vesicles_that_are_not_pressed_behave_as_rigid():
    pores = PoreDistribution(median_radius=40 * NM, geometric_sd=1.3)
    radius = np.geomspace(5, 500, 40) * NM
    soft, hard = (pore_passage(radius, np.full(40, kind), pores, 0.0, VesicleSkin()) for kind in (True, False))
    assert all(np.array_equal(one, other) for one, other in zip(soft, hard, strict=True))


@given(
    st.floats(5, 400), st.floats(3, 200), st.floats(1.0, 1.8), st.floats(0, 20), st.floats(1, 10),
    st.floats(0, 20), st.floats(0, 5),
)  # fmt: skip
def test_pressing_harder_never_lets_less_through(radius, median, spread, bar, factor, thickness, spare):
    pores = PoreDistribution(median_radius=median * NM, geometric_sd=spread)
    skin = VesicleSkin(thickness_nm=thickness, spare_area_percent=spare)
    gentle, hard = (
        pore_passage(np.array([radius * NM]), np.array([True]), pores, push * 1e5, skin) for push in (bar, factor * bar)
    )
    assert np.all(hard.convection >= gentle.convection * (1 - 1e-12))
    assert np.all(hard.lysis >= gentle.lysis - 1e-12)
    for found in (gentle, hard):
        parts = found.lysis + found.blocks
        assert np.all((parts >= 0) & (parts <= 1 + 1e-12))
        assert np.all((found.convection >= 0) & (found.convection <= 1 - parts + 1e-12))


def test_a_weaker_skin_bursts_sooner():
    pores = PoreDistribution(median_radius=15 * NM, geometric_sd=1.3)
    burst = [
        sieved(60 * NM, pores, vesicle=True, pressure=5e5, skin=VesicleSkin(lysis_tension_mN_m=t))[1][0]
        for t in (3, 6, 10)
    ]
    assert burst[0] > burst[1] > burst[2]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"lysis_tension_mN_m": 0}, "lysis_tension_mN_m = 0: must be above 0"),
        ({"stretch_modulus_mN_m": -1}, "stretch_modulus_mN_m = -1: must be above 0"),
        ({"thickness_nm": -1}, "thickness_nm = -1: must be at least 0"),
        ({"spare_area_percent": 101}, "spare_area_percent = 101: must be at least 0 and at most 100"),
        ({"lysis_tension_mN_m": math.nan}, "lysis_tension_mN_m"),
    ],
)
def test_wrong_skins(given, expected):
    with pytest.raises(InputError, match=expected):
        VesicleSkin(**given)


@pytest.mark.parametrize("vesicle", [False, True])
def test_the_mean_over_the_flow_is_that_of_the_pore_sizes(vesicle):
    radius, pores = np.geomspace(2, 400, 30) * NM, PoreDistribution(median_radius=40 * NM, geometric_sd=1.4)
    how = (radius, np.full(30, vesicle), pores, 2e5, VesicleSkin())
    whole, single = flow_passage(*how), pore_passage(*how)
    _, share = flow_shares(pores)
    for name, values in whole._asdict().items():
        assert values == pytest.approx(getattr(single, name) @ share, rel=1e-9, abs=1e-15)
    assert (whole.lysis > 0).any() == vesicle
