"""Modules of filtration: pressure in the field, mass transfer, and limits of the membrane."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from sepsim.errors import InputError, ModelRangeWarning
from sepsim.techniques.filtration.membranes.filter_modules import DeadEnd, SpinFilter, StirredCell, TangentialFlow
from sepsim.techniques.filtration.membranes.membranes import Membrane, membrane

G = 9.80665
SPIN = membrane("Amicon Ultra-15 100 kDa")
FIBRES = membrane("hollow fibres 115 cm2, modified polyethersulfone, 500 kDa")
ALBUMIN, LDL, VESICLE = 7e-9, 24e-9, 100e-9  # diameters, m
WATER_25 = {"density": 997.0, "viscosity": 0.890e-3}
WATER_20 = {"density": 998.2, "viscosity": 1.002e-3}


def diffusivity(diameter, temperature=298.15, viscosity=0.890e-3):
    return 1.380649e-23 * temperature / (3 * math.pi * viscosity * np.asarray(diameter))


def coefficients(module, diameters, liquid=WATER_25, over=SPIN):
    sizes = np.asarray(diameters, dtype=float)
    return module.mass_transfer(diffusivity(sizes), sizes, liquid["density"], liquid["viscosity"], over)


def over(**limits):
    settings = {"material": "nylon", "pore_diameter_nm": 200, "area_cm2": 10, "permeability_L_m2_h_bar": 100}
    return Membrane(name="tested", thickness_um=10, **settings, **limits)


def test_head_of_three_centimetres_at_4000_g():
    """11.8 bar in a uniform field; less by h / (2 r_out) because the field falls towards the axis."""
    bore = 0.025
    volume = 0.03 * math.pi / 4 * bore**2
    uniform = 1000.0 * G * 4000 * 0.03
    assert uniform == pytest.approx(11.8e5, rel=3e-3)
    pressed = SpinFilter(rcf_xg=4000, bore_mm=25).pressure(volume, 1000.0, SPIN)
    assert pressed == pytest.approx(uniform * (1 - 0.03 / (2 * 0.150)), rel=1e-12)
    far = SpinFilter(rcf_xg=4000, bore_mm=25, radius_mm=1e6).pressure(volume, 1000.0, SPIN)
    assert far == pytest.approx(uniform, rel=1e-4)


@given(st.floats(100, 5000), st.floats(80, 200), st.floats(0.1, 15.0))
def test_pressure_is_the_integral_of_the_field_over_the_column(rcf, radius, volume):
    spin = SpinFilter(rcf_xg=rcf, radius_mm=radius, bore_mm=25)
    height = volume * 1e-6 / (math.pi / 4 * 0.025**2)
    outer, squared_speed = radius * 1e-3, rcf * G / (radius * 1e-3)
    head, _ = quad(lambda r: 1010.0 * squared_speed * r, outer - height, outer)
    assert spin.pressure(volume * 1e-6, 1010.0, SPIN) == pytest.approx(head, rel=1e-9)


def test_pressure_falls_to_nothing_as_the_liquid_drains():
    spin = SpinFilter(rcf_xg=4000)
    falling = [spin.pressure(volume, 1000.0, SPIN) for volume in (15e-6, 5e-6, 1e-6, 0.0)]
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] == 0


@pytest.mark.parametrize("name", ["Amicon Ultra-0.5 100 kDa", "Amicon Ultra-4 100 kDa", "Amicon Ultra-15 100 kDa"])
def test_a_full_device_holds_a_column_of_three_centimetres(name):
    found = membrane(name)
    full = SpinFilter(rcf_xg=1000).pressure(found.max_volume, 1000.0, found)
    assert full == pytest.approx(1000.0 * G * 1000 * 0.03 * (1 - 0.03 / 0.3), rel=1e-9)


def test_a_column_that_would_reach_the_axis():
    with pytest.raises(InputError, match=r"radius_mm = 50: 15 mL stand 191 mm high and reach"):
        SpinFilter(rcf_xg=100, radius_mm=50, bore_mm=10).pressure(15e-6, 1000.0, SPIN)


def test_free_convection_is_the_third_root_law_in_a_strong_field():
    """Far beyond Ra = 1e12: Sh = 0.387^2 Ra^(1/3), so k = 0.15 (a contrast / nu)^(1/3) D^(2/3) at any height."""
    spin = SpinFilter(rcf_xg=4000)
    nu = WATER_20["viscosity"] / WATER_20["density"]
    D = diffusivity([ALBUMIN, VESICLE])
    law = 0.387**2 * (4000 * G * 0.05 / nu) ** (1 / 3) * D ** (2 / 3)
    found = spin.mass_transfer(D, np.array([ALBUMIN, VESICLE]), WATER_20["density"], WATER_20["viscosity"], SPIN)
    np.testing.assert_allclose(found, law, rtol=0.02)
    taller = SpinFilter(rcf_xg=4000, membrane_height_mm=60)
    np.testing.assert_allclose(coefficients(taller, [VESICLE]), coefficients(spin, [VESICLE]), rtol=0.01)
    denser = SpinFilter(rcf_xg=4000, density_contrast=0.4)
    np.testing.assert_allclose(coefficients(denser, [VESICLE]), 2 * coefficients(spin, [VESICLE]), rtol=0.01)


def test_free_convection_agrees_with_the_laminar_boundary_layer():
    """Weak field, Ra = 1e6, Sc infinite: similarity solution Sh = 0.670 Ra^(1/4) (Le Fevre)."""
    D, nu, height = 1e-9, 1e-6, 0.001
    contrast = 1e-3
    rcf = 1e6 * nu * D / (G * contrast * height**3)
    spin = SpinFilter(rcf_xg=rcf, membrane_height_mm=1e3 * height, density_contrast=contrast)
    found = spin.mass_transfer(np.array([D]), np.array([1e-9]), 1000.0, 1e-3, SPIN)
    assert float(found[0]) * height / D == pytest.approx(0.670 * 1e6**0.25, rel=0.06)


def test_stirred_cell_of_25_mm_at_600_rpm():
    """In water at 25 C: 20.5 (albumin, radius 3.5 nm), 9.0 (LDL, 12 nm) and 3.5 L m-2 h-1 (vesicle, 50 nm)."""
    cell = StirredCell(pressure_bar=1, stirring_rpm=600, cell_diameter_mm=25)
    found = coefficients(cell, [ALBUMIN, LDL, VESICLE]) * 3.6e6
    assert found.tolist() == pytest.approx([20.5, 9.0, 3.5], abs=0.06)


def test_stirring_outside_the_range_of_the_correlation_warns():
    slow = StirredCell(pressure_bar=1, stirring_rpm=60, cell_diameter_mm=25)
    with pytest.warns(ModelRangeWarning, match=r"used at Re = 1.1e\+03, outside its range of 8000 to 32000"):
        coefficients(slow, [ALBUMIN])
    fast = StirredCell(pressure_bar=1, stirring_rpm=2400, cell_diameter_mm=25)
    with pytest.warns(ModelRangeWarning, match="stirred cell"):
        coefficients(fast, [ALBUMIN])


def test_nothing_is_carried_back_without_stirring():
    assert coefficients(DeadEnd(pressure_bar=2), [ALBUMIN, VESICLE]).tolist() == [0.0, 0.0]
    assert DeadEnd(pressure_bar=2).pressure(1e-6, 1000.0, SPIN) == 2e5


def test_leveque_film_in_a_fibre():
    """Small particles: k = 1.62 (u D^2 / (d L))^(1/3), u the mean speed."""
    module = TangentialFlow(pressure_bar=0.5, shear_rate_per_s=2000)
    speed = 2000 * 0.5e-3 / 8
    D = float(diffusivity(ALBUMIN))
    expected = 1.62 * (speed * D**2 / (0.5e-3 * 0.2)) ** (1 / 3)
    assert coefficients(module, [ALBUMIN], over=FIBRES)[0] == pytest.approx(expected, rel=1e-3, abs=0)


@pytest.mark.parametrize(("radius", "ratio"), [(100e-9, 0.12), (500e-9, 15.0)])
def test_shear_moves_large_particles(radius, ratio):
    """Shear-induced over Brownian diffusion at 1000 1/s: 0.12 at 100 nm radius, 15 at 500 nm; k goes with D^(2/3)."""
    sizes = np.array([2 * radius])
    D = diffusivity(sizes)
    module = TangentialFlow(pressure_bar=0.5, shear_rate_per_s=1000)
    both = module.mass_transfer(D, sizes, 997.0, 0.890e-3, FIBRES)
    brownian = module.mass_transfer(D, np.array([0.0]), 997.0, 0.890e-3, FIBRES)
    assert float((both / brownian)[0]) ** 1.5 - 1 == pytest.approx(ratio, rel=0.05)


def test_mass_transfer_has_a_minimum_over_size_in_tangential_flow():
    sizes = np.geomspace(5e-9, 2e-6, 200)
    found = coefficients(TangentialFlow(pressure_bar=0.5, shear_rate_per_s=4000), sizes, over=FIBRES)
    slowest = sizes[np.argmin(found)]
    assert 100e-9 < slowest < 500e-9
    assert np.all(np.diff(found[sizes < slowest]) < 0)


def test_the_feed_sets_the_shear_of_all_fibres_together():
    """Poiseuille: the wall shear is 8 u / d, u the feed over the open area."""
    module = TangentialFlow(pressure_bar=0.5, flow_mL_min=80)
    count = 115e-4 / (math.pi * 0.5e-3 * 0.2)
    speed = 80e-6 / 60 / (count * math.pi / 4 * 0.5e-3**2)
    assert module.fibre_count(FIBRES) == pytest.approx(count, rel=1e-12)
    assert module.shear_rate(FIBRES) == pytest.approx(8 * speed / 0.5e-3, rel=1e-12)
    by_shear = TangentialFlow(pressure_bar=0.5, shear_rate_per_s=8 * speed / 0.5e-3)
    sizes = [ALBUMIN, VESICLE]
    np.testing.assert_allclose(coefficients(module, sizes, over=FIBRES), coefficients(by_shear, sizes), rtol=1e-12)


def test_turbulent_fibres_warn():
    """Re = shear d^2 / (8 nu) = 2100 at about 60 000 1/s in 0.5 mm."""
    coefficients(TangentialFlow(pressure_bar=0.5, shear_rate_per_s=59_000), [ALBUMIN])
    with pytest.warns(ModelRangeWarning, match=r"hollow fibres: used at Re = 2.1.e\+03, above 2100"):
        coefficients(TangentialFlow(pressure_bar=0.5, shear_rate_per_s=61_000), [ALBUMIN])


@given(st.floats(0.1, 10.0))
def test_more_stirring_carries_back_more(factor):
    faster = 1 + factor
    pairs = [
        (SpinFilter(rcf_xg=1000), SpinFilter(rcf_xg=1000 * faster)),
        (
            TangentialFlow(pressure_bar=1, shear_rate_per_s=500),
            TangentialFlow(pressure_bar=1, shear_rate_per_s=500 * faster),
        ),
    ]
    for slow, fast in pairs:
        assert np.all(coefficients(fast, [ALBUMIN, LDL, VESICLE]) > coefficients(slow, [ALBUMIN, LDL, VESICLE]))


@pytest.mark.parametrize(
    ("module", "limits", "expected"),
    [
        (
            SpinFilter(rcf_xg=5000),
            {"max_rcf_xg": 4000},
            "rcf_xg = 5000: membrane 'tested' bears at most 4000 x g",
        ),
        (
            SpinFilter(rcf_xg=4000, bore_mm=25),
            {"max_pressure_bar": 5, "max_volume_mL": 10},
            "rcf_xg = 4000: 10 mL press with 7.45 bar; membrane 'tested' bears at most 5 bar; spin at up to 26",
        ),
        (DeadEnd(pressure_bar=6), {"max_pressure_bar": 5}, "pressure_bar = 6: membrane 'tested' bears at most 5 bar"),
        (
            TangentialFlow(pressure_bar=3, shear_rate_per_s=1000),
            {"max_pressure_bar": 2},
            "pressure_bar = 3: membrane 'tested' bears at most 2 bar; lower pressure_bar or take another membrane",
        ),
    ],
)
def test_limits_of_the_membrane(module, limits, expected):
    assert module.limit_problem(over(**limits)).startswith(expected)
    assert module.limit_problem(over()) == ""
    higher = {key: value if key == "max_volume_mL" else 2 * value for key, value in limits.items()}
    assert module.limit_problem(over(**higher)) == ""


def test_the_advised_speed_of_a_spin_filter_is_allowed():
    limited = over(max_pressure_bar=5)
    problem = SpinFilter(rcf_xg=4000).limit_problem(limited, 10e-6, 1010.0)
    advised = float(problem.split("spin at up to ")[1].split()[0])
    assert SpinFilter(rcf_xg=advised).limit_problem(limited, 10e-6, 1010.0) == ""
    assert SpinFilter(rcf_xg=advised + 1).limit_problem(limited, 10e-6, 1010.0) != ""


def test_at_the_limit_is_allowed():
    assert SpinFilter(rcf_xg=4000).limit_problem(SPIN) == ""
    assert TangentialFlow(pressure_bar=2, shear_rate_per_s=1000).limit_problem(FIBRES) == ""


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda: SpinFilter(rcf_xg=0), "rcf_xg = 0: must be above 0"),
        (lambda: SpinFilter(rcf_xg=100, density_contrast=2), "density_contrast = 2: must be above 0 and at most 1"),
        (lambda: DeadEnd(pressure_bar=-1), "pressure_bar = -1: must be above 0"),
        (lambda: TangentialFlow(pressure_bar=1), "shear_rate_per_s or flow_mL_min: give exactly one of them"),
        (
            lambda: TangentialFlow(pressure_bar=1, shear_rate_per_s=1, flow_mL_min=1),
            "shear_rate_per_s or flow_mL_min: give exactly one of them",
        ),
        (lambda: StirredCell.from_table({"pressure_bar": 1}), "stirring_rpm: missing"),
        (lambda: SpinFilter.from_table({"rcf": 100}), "rcf: unknown key; did you mean 'rcf_xg'"),
    ],
)
def test_wrong_modules(build, expected):
    with pytest.raises(InputError, match=expected):
        build()


@pytest.mark.parametrize(
    "module",
    [
        SpinFilter(rcf_xg=3000, bore_mm=20),
        StirredCell(pressure_bar=1, stirring_rpm=300, cell_diameter_mm=44.5),
        DeadEnd(pressure_bar=1),
        TangentialFlow(pressure_bar=0.5, flow_mL_min=80),
    ],
    ids=lambda module: module.kind,
)
def test_modules_round_trip_as_tables(module):
    assert type(module).from_table(module.to_table()) == module
