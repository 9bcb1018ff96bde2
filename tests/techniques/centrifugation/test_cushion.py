"""Spinning on a cushion: what reaches it, how far it enters, and what is collected."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from spins import RNG

from sepsim.errors import InputError
from sepsim.media import Medium, fluid
from sepsim.method import check_balance
from sepsim.particles.transport import sedimentation_coefficient
from sepsim.protocols.protocol_file import protocol_from_table
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.centrifugation.centrifugation import Centrifugation

WATER = {"sucrose_percent_w_w": 30, "diluent": "water"}
HEAVY_WATER = {"sucrose_percent_w_v": 30, "diluent": "Tris/D2O"}
THERY = dict(rotor="SW 28", rcf_xg=100_000, rcf_at="rav", time_min=75)


def vesicle(nm, density=1.15, **more):
    size = {"kind": "vesicle", "diameter_nm": nm, "particles_per_mL": 1e6}
    return {"name": f"{nm:g} nm", **size, "density_g_mL": density, **more}


def rigid(nm, density=1.15):
    return vesicle(nm, density, osmotic_response=0)


def known(*names):
    return [{"name": name, "particles_per_mL": 1e6} for name in names]


def loaded(*population, volume=25.0, medium="PBS", **more):
    table = {"volume_mL": volume, "temperature_C": 4, "medium": medium, "population": list(population)}
    return recipe(table | more).prepare()


def spin(sample, *, medium, volume_mL=4.0, collected_mL=None, **change):
    cushion = {"volume_mL": volume_mL, **medium} | ({} if collected_mL is None else {"collected_mL": collected_mL})
    return Centrifugation(**(THERY | {"residual_volume_mL": 0.0} | change), cushion=cushion).run(sample, rng=RNG)


def share(sample, outcome, name):
    """Share of each population in a fraction."""
    return {who: outcome.fractions[name].by_population[who] / total for who, total in sample.by_population.items()}


# ---- what reaches the cushion --------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "by_hand"), [("rav", 48.0), ("rmax", 56.0)])
def test_the_smallest_vesicle_that_always_reaches_the_cushion(at, by_hand):
    """Plug flow from the meniscus at 95.9 mm to the cushion at 148.5 mm, as worked by hand: 48 and 56 nm."""
    dose = Centrifugation(**(THERY | {"rcf_at": at})).profile.dose
    medium = Medium.pure(fluid("PBS"), 277.15)

    def short_of_it(nm):
        s = sedimentation_coefficient(loaded(rigid(nm)).particles, medium)[0]
        return s * dose - np.log(148.5 / 95.9)

    assert brentq(short_of_it, 20.0, 120.0) == pytest.approx(by_hand, abs=1.0)


@pytest.mark.parametrize(("at", "by_hand"), [("rav", 48.0), ("rmax", 56.0)])
@pytest.mark.parametrize("medium", [WATER, HEAVY_WATER], ids=["water", "heavy water"])
def test_what_is_above_the_cut_off_leaves_the_supernatant_and_what_is_below_does_not(medium, at, by_hand):
    sizes = (40, round(by_hand) - 5, round(by_hand) + 6, 100)
    sample = loaded(*(rigid(nm) for nm in sizes))
    left = share(sample, spin(sample, medium=medium, rcf_at=at), "supernatant")
    assert left["40 nm"] > 0.15
    assert left[f"{sizes[1]} nm"] > 0.02
    assert left[f"{sizes[2]} nm"] < 0.01
    assert left["100 nm"] < 1e-6


def test_above_the_cushion_it_is_plug_flow():
    """What a cushion takes in is what would have crossed that radius in the sample alone, from its own meniscus."""
    sample = loaded(*(rigid(nm) for nm in (40, 70, 100)))
    outcome = spin(sample, medium=WATER, time_min=15)
    column = outcome.trace.column
    s = sedimentation_coefficient(sample.particles, sample.medium)
    back = column.radius_at(25e-6) * np.exp(-s * outcome.trace.profile.dose)
    expected = np.interp(back, column.faces, column.depths) / 25e-6
    left = list(share(sample, outcome, "supernatant").values())
    assert left == pytest.approx(list(expected), abs=0.015)  # sucrose has spread into the sample


# ---- how far they get ----------------------------------------------------------------------------------------


def entered(outcome, index=0):
    """Depths below the top of the cushion [mm] above which 1, 50 and 99 % of a class are."""
    column = outcome.trace.column
    gathered = np.cumsum(outcome.trace.shares[index]) / outcome.trace.shares[index].sum()
    radii = np.interp((0.01, 0.5, 0.99), gathered, column.faces[1:])
    return (radii - column.radius_at(column.depths[-1] - 4e-6)) * 1e3


def test_a_vesicle_of_constant_density_gets_8_to_10_mm_into_sucrose_and_not_into_heavy_water():
    """By hand, in a cushion that stays uniform: 8 mm for the last to arrive, 10 mm for the first; 12.5 mm is its depth.

    The cushion of D2O is denser than the vesicle, which stays where the border has blurred, a millimetre wide.
    """
    sample = loaded(rigid(100))
    last, _, first = entered(spin(sample, medium=WATER))
    assert last == pytest.approx(8.0, abs=1.0)
    assert first == pytest.approx(10.0, abs=1.0)
    assert np.all(np.abs(entered(spin(sample, medium=HEAVY_WATER))) < 1.5)


def test_a_vesicle_that_loses_water_sinks_deeper():
    sample = loaded(rigid(100) | {"name": "rigid"}, vesicle(100) | {"name": "soft"})
    outcome = spin(sample, medium=WATER)
    assert share(sample, outcome, "pellet")["soft"] > 0.95
    assert share(sample, outcome, "pellet")["rigid"] < 0.7  # at most what the rounded wall catches on the way


def test_lipoproteins_float_on_cushions_and_albumin_is_left_above():
    sample = loaded(*known("vldl", "idl", "ldl", "hdl2", "hdl3", "albumin"), size_bins=5, density_quantiles=3)
    for medium in (WATER, HEAVY_WATER):
        outcome = spin(sample, medium=medium)
        left = share(sample, outcome, "supernatant")
        for name in ("vldl", "idl", "ldl", "hdl2"):
            assert left[name] > 0.98
            assert share(sample, outcome, "pellet")[name] < 2e-3
        assert left["albumin"] > 0.95
        assert left["hdl3"] > 0.95
    plain = Centrifugation(**THERY, residual_volume_mL=0.0).run(sample, rng=RNG)
    cushioned = spin(sample, medium=WATER)
    for name in ("ldl", "hdl2", "albumin"):
        assert share(sample, cushioned, "pellet")[name] <= 0.2 * share(sample, plain, "pellet")[name]


def test_the_heavier_the_cushion_the_less_reaches_the_pellet():
    sample = loaded(rigid(100), rigid(200, 1.2))
    pelleted = [
        spin(sample, medium={"sucrose_percent_w_w": percent}).trace.pelleted for percent in (10, 20, 30, 40, 50)
    ]
    assert np.all(np.diff(pelleted, axis=0) <= 1e-9)
    assert pelleted[0] == pytest.approx([1.0, 1.0], abs=1e-6)
    assert pelleted[-1] == pytest.approx([0.0, 0.0], abs=1e-6)


# ---- what is collected ---------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@given(
    volume=st.floats(1, 12),
    collected=st.floats(0.5, 20),
    recovery=st.floats(0, 1),
    disturbed=st.floats(0, 1),
    residual=st.floats(0, 0.3),
    taken_up=st.booleans(),
)
def test_nothing_is_lost_but_what_sticks(volume, collected, recovery, disturbed, residual, taken_up):
    sample = loaded(rigid(100), rigid(40), *known("albumin"))
    resuspended = {"resuspend": {"medium": "PBS", "volume_mL": 1}, "pellet_recovery": recovery} if taken_up else {}
    outcome = spin(
        sample,
        medium=WATER,
        volume_mL=volume,
        collected_mL=collected,
        pellet_disturbed=disturbed,
        residual_volume_mL=residual,
        pellet_model={"attachment_per_s": 1e30},  # so that nothing is loose
        **resuspended,
    )
    check_balance(sample, outcome)
    total = np.sum([each.counts for each in outcome.fractions.values()], axis=0)
    assert total == pytest.approx(sample.counts, rel=1e-10)
    solid = sample.counts * outcome.trace.pelleted * (1 - disturbed)
    stuck = solid * (1 - recovery) if taken_up else 0 * solid
    assert outcome.fractions["lost"].counts == pytest.approx(stuck, rel=1e-9, abs=1e-6)
    liquid = (25.0 + volume) * 1e-6 + ((1e-6 - residual * 1e-6) if taken_up else 0.0)
    assert sum(each.volume for each in outcome.fractions.values()) == pytest.approx(liquid, rel=1e-9)
    assert outcome.fractions["cushion"].volume == pytest.approx((collected - residual) * 1e-6, rel=1e-9)
    sucrose = sum(mass * each.volume for each in outcome.fractions.values() for _, mass in each.medium.solutes)
    ((_, poured),) = Medium.pure(fluid(WATER), 277.15).solutes
    assert sucrose == pytest.approx(poured * volume * 1e-6, rel=1e-9)


def test_more_liquid_taken_includes_what_lies_on_the_cushion():
    sample = loaded(rigid(100), *known("albumin"))
    taken = [
        share(sample, spin(sample, medium=HEAVY_WATER, collected_mL=each), "cushion") for each in (1.0, 3.5, 4.5, 10.0)
    ]
    vesicles, albumin = ([each[name] for each in taken] for name in ("100 nm", "albumin"))
    assert vesicles[0] < 0.01 < 0.9 < vesicles[2]  # they lie on it
    assert np.all(np.diff(vesicles) > -1e-12)
    assert np.all(np.diff(albumin) > 0)
    assert albumin[3] > 4 * albumin[1]


def test_pellet_and_cushion_share_what_enters():
    sample = loaded(rigid(100), vesicle(150) | {"name": "soft"})
    outcome = spin(sample, medium=WATER, pellet_disturbed=0.1, residual_volume_mL=0.2)
    solid = 0.9 * outcome.trace.pelleted
    pellet, cushion = (list(share(sample, outcome, name).values()) for name in ("pellet", "cushion"))
    assert np.all(pellet >= solid - 1e-9)  # with the liquid left on it
    assert np.array(pellet) + np.array(cushion) == pytest.approx(
        1.0 - np.array([*share(sample, outcome, "supernatant").values()])
    )
    assert outcome.fractions["pellet"].volume == pytest.approx(0.2e-6)
    dense = outcome.fractions["cushion"].medium.density
    assert 1100 < dense < 1132  # the cushion, thinned by what has diffused out of it
    assert outcome.fractions["supernatant"].medium.density < 1015


def test_bench_and_ideal_hands_spin_alike():
    sample = loaded(rigid(100, 1.3), rigid(60, 1.3))
    method = Centrifugation(
        **THERY, cushion={"volume_mL": 4, **WATER}, resuspend={"medium": "PBS", "volume_mL": 1}, pellet_disturbed=0.2
    )
    bench, ideal = (each.run(sample, rng=RNG) for each in (method, method.ideal()))
    assert np.array_equal(bench.trace.shares, ideal.trace.shares)
    assert ideal.fractions["lost"].counts.sum() == 0.0
    assert ideal.fractions["pellet"].counts == pytest.approx(
        sample.counts * ideal.trace.pelleted, abs=1e-9 * sample.counts.sum()
    )
    assert bench.fractions["pellet"].counts.sum() < 0.5 * ideal.fractions["pellet"].counts.sum()


def test_several_tubes_are_one_tube_several_times():
    one, three = (loaded(rigid(100), rigid(60), volume=each) for each in (25.0, 75.0))
    single, triple = (spin(each, medium=WATER, tubes=tubes) for each, tubes in ((one, 1), (three, 3)))
    for name, fraction in single.fractions.items():
        assert triple.fractions[name].counts == pytest.approx(3 * fraction.counts, rel=1e-12)
        assert triple.fractions[name].volume == pytest.approx(3 * fraction.volume, rel=1e-12)


@pytest.mark.slow
def test_a_cushion_keeps_more_vesicles_and_fewer_lipoproteins_than_a_second_pelleting():
    """Serum, double spin on 30 % sucrose against pelleting twice: the pellet of the first is lost in part."""
    clear = {"method": "centrifugation", "rotor": "SW 28", "rcf_xg": 10_000, "rcf_at": "rav", "time_min": 30}
    fast = clear | {"rcf_xg": 100_000, "time_min": 75}
    resuspended = {"resuspend": {"medium": "PBS", "volume_mL": 25}}
    end = {"resuspend": {"medium": "PBS", "volume_mL": 0.5}, "keep": "pellet"}
    dilute = {"name": "dilute", "method": "dilution", "volume_mL": 24, "medium": "PBS", "keep": "diluted"}
    pelleting = [
        {"name": "clear", **clear, "keep": "supernatant"},
        {"name": "first", **fast, **resuspended, "keep": "pellet"},
        {"name": "second", **fast, **end},
    ]
    cushioned = [
        pelleting[0],
        {"name": "cushion", **fast, "cushion": {"volume_mL": 4, **HEAVY_WATER}, "keep": "cushion"},
        dilute | {"volume_mL": 30},
        {"name": "second", **fast, **end},
    ]
    sample = {"source": "serum", "volume_mL": 25, "temperature_C": 4, "size_bins": 8, "density_quantiles": 2}
    plain, on_cushion = (
        protocol_from_table({"name": "x", "target": "exosome", "sample": sample, "step": steps}).run(seed=1)
        for steps in (pelleting, cushioned)
    )
    for run in (plain, on_cushion):
        assert run.yields["exosome"]["bench"] > 0.01
    assert on_cushion.yields["exosome"]["bench"] > plain.yields["exosome"]["bench"]
    assert on_cushion.yields["ldl"]["ideal"] < plain.yields["ldl"]["ideal"]


# ---- wrong input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cushion": {"volume_mL": 40, **WATER}}, r"volume_mL = 40 leaves no room for the sample in a tube of"),
        ({"cushion": {"volume_mL": -4, **WATER}}, r"volume_mL = -4: must be at least 0"),
        ({"cushion": {"volume_mL": float("nan"), **WATER}}, r"volume_mL = nan: must be a finite number"),
        ({"cushion": {"volume_mL": 4}}, r"cushion: medium: missing"),
        ({"cushion": WATER}, r"cushion: volume_mL: missing"),
        ({"cushion": {"volume_mL": 4, "sucrose_percent_w_w": 90}}, r"sucrose_percent_w_w = 90: .*at most"),
        ({"cushion": {"volume_mL": 4, "sucrose_percent": 30}}, r"which measure\? Write sucrose_percent_w_w"),
        ({"cushion": {"volume_mL": 4, "sucrose_percent_w_v": 30, "diluent": "D20"}}, r"did you mean 'D2O'"),
        ({"cushion": {"volume_mL": 4, "collected_mL": 0, **WATER}}, r"collected_mL = 0: must be above 0"),
        ({"cushion": 4}, r"cushion = 4: must be a table"),
        ({"solver": "lamm"}, r"solver: not with a cushion"),
        ({"skimmed_volume_mL": 1}, r"skimmed_volume_mL: not with a cushion"),
        ({"wash": {"medium": "PBS", "volume_mL": 30}}, r"wash: not with a cushion; leave it out, and wash in a step"),
    ],
)
def test_bad_settings_say_what_to_do(change, message):
    with pytest.raises(InputError, match=message):
        Centrifugation(**(THERY | {"cushion": {"volume_mL": 4, **WATER}} | change))


@pytest.mark.parametrize(
    ("given", "sample", "message"),
    [
        (dict(medium=WATER, collected_mL=40.0), {}, r"collected_mL = 40: .* only 29 mL"),
        (
            dict(medium={"sucrose_percent_w_w": 5}),
            {"medium": {"sucrose_percent_w_w": 20}},
            r"the sample \(1\.08.*\) is",
        ),
        (dict(medium=WATER, tubes=1), {"volume": 60.0}, r"60 mL do not fit into 1 tubes"),
        (dict(medium=WATER, residual_volume_mL=6.0), {}, r"residual_volume_mL: 6 mL on the pellets"),
    ],
)
def test_what_cannot_be_done_with_this_sample(given, sample, message):
    with pytest.raises(InputError, match=message):
        spin(loaded(rigid(100), **sample), **given)


def test_the_wall_above_a_cushion_catches_on_request():
    cushion = {"volume_mL": 1, "sucrose_percent_w_v": 30}
    caught, sliding = (
        Centrifugation(**THERY, cushion={**cushion, "wall": wall})
        .run(loaded(rigid(100, 1.06)), rng=RNG)
        .trace.pelleted[0]
        for wall in ("catches", "slides")
    )
    assert sliding < 1e-6
    assert caught > 0.01
