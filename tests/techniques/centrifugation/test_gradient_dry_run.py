"""Dry runs of density gradients and cushions against real runs: fractions, refusals, warnings, contents."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import ROOT
from spins import RNG

from sepsim.errors import InputError
from sepsim.method import check_balance
from sepsim.protocols.protocol_file import load_protocol
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.centrifugation.centrifugation import Centrifugation
from sepsim.techniques.centrifugation.density_gradient import DensityGradient

SW41 = dict(rotor="SW 41 Ti", rcf_xg=100_000, rcf_at="rav")
CUSHION = {"volume_mL": 4, "sucrose_percent_w_v": 30, "diluent": "water"}
ON_CUSHION = dict(rotor="SW 28", rcf_xg=100_000, rcf_at="rav", time_min=75)
LAYERS = [{"volume_mL": 3, "iodixanol_percent_w_v": each, "diluent": "PBS"} for each in (10, 20, 40)]
NEAREST = 4.0  # kg/m3, of the densities of fractions
AWAY = 1.0  # fractions: how far a class is from where it is in a run, on average
SOLVED = ("turns over", "gathers at the bottom", "uncertain by up to")  # warnings that only a run may know

EXAMPLES = [
    "rate_zonal",
    "cesium_chloride_self_forming",
    pytest.param("optiprep_plasma", marks=pytest.mark.slow),
    pytest.param("sucrose_overnight", marks=pytest.mark.slow),
    pytest.param("optiprep_bottom_loaded", marks=pytest.mark.slow),
    pytest.param("cushion_double_ultracentrifugation", marks=pytest.mark.slow),
]


def bead(nm, density, **more):
    name = f"{nm:g} nm of {density:g}"
    return {
        "name": name,
        "kind": "particle",
        "diameter_nm": nm,
        "density_g_mL": density,
        "particles_per_mL": 1e6,
        **more,
    }


def vesicle(nm, **more):
    return {"name": f"{nm:g} nm", "kind": "vesicle", "diameter_nm": nm, "particles_per_mL": 1e6, **more}


def loaded(*population, volume=0.5, medium="PBS"):
    table = {"volume_mL": volume, "temperature_C": 4, "medium": medium, "population": list(population)}
    return recipe(table).prepare()


def cumulated(outcome, loaded):
    """Share of each population in each fraction and all before; of what has come so far, if that is not a trace."""
    held = np.array([loaded.particles.totals(each.counts) for each in outcome.fractions.values()])
    there = np.maximum(held.sum(axis=0), 1e-5 * loaded.particles.totals(loaded.counts))
    return np.cumsum(held, axis=0) / np.maximum(there, 1e-300)


def assert_alike(dry, run, loaded):
    """Same names, volumes and warnings, and densities nearby; returns how far contents are off."""
    assert list(dry.fractions) == list(run.fractions)
    assert dry.duration == run.duration
    for name, each in run.fractions.items():
        assert dry.fractions[name].volume == pytest.approx(each.volume, rel=1e-12, abs=1e-18)
        if each.volume > 0:
            assert dry.fractions[name].medium.density == pytest.approx(each.medium.density, abs=NEAREST)
    told, known = (
        [text for text in outcome.warnings if not any(words in text for words in SOLVED)] for outcome in (dry, run)
    )
    assert told == known
    return np.abs(cumulated(dry, loaded) - cumulated(run, loaded))


# ---- examples ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_keeps_in_a_dry_run_what_it_keeps_in_a_run(name):
    """To a tenth of each vesicle, and two fifths of a small protein that diffuses over centimetres."""
    protocol = load_protocol(ROOT / f"examples/protocols/{name}.toml")
    few = replace(protocol, sample=replace(protocol.sample, size_bins=8, density_quantiles=2))
    dry, run = few.dry_run(), few.run()
    for left, right in zip((*dry.bench, *dry.ideal), (*run.bench, *run.ideal), strict=True):
        assert left.chosen == right.chosen
        assert assert_alike(left.outcome, right.outcome, dry.loaded).max() < 0.42
    particles = dry.loaded.particles
    for who, kind in zip(particles.names, particles.kinds, strict=True):
        if kind == "vesicle" or who == run.target:
            assert dry.yields[who]["ideal"] == pytest.approx(run.yields[who]["ideal"], abs=0.1)


# ---- protocols of one's own ----------------------------------------------------------------------------------

SUCROSE = {"shape": "convex", "chamber_ratio": 2, "volume_mL": 10}
SUCROSE |= {"top": {"sucrose_percent_w_w": 10}, "bottom": {"sucrose_percent_w_w": 50}}
GRADIENTS = {
    "on top": dict(**SW41, time_min=900, layers=LAYERS, fractions=12),
    "at the bottom": dict(**SW41, time_min=300, layers=LAYERS, fraction_volume_mL=0.7, load="bottom"),
    "stirred in, from the bottom": dict(
        **SW41, time_min=600, layers=LAYERS[::-1], fractions=9, load=2, layers_from="bottom", collect_from="bottom"
    ),
    "convex, with ramps": dict(
        **SW41, time_min=120, gradient=SUCROSE, fractions=10, acceleration_min=10, braking_min=20
    ),
    "as poured": dict(**SW41, time_min=120, layers=LAYERS, fractions=10, frozen_gradient=True),
    "caught by walls": dict(**SW41, time_min=60, layers=LAYERS, fractions=10, wall="catches"),
    "in a leaning tube": dict(
        rotor="Type 70 Ti", speed_rpm=50_000, time_min=60, layers=LAYERS, fractions=10, residual_volume_mL=0.2
    ),
    "upright": dict(
        rotor="VTi 50", speed_rpm=40_000, time_min=60, layers=LAYERS, fractions=6,
        resuspend={"medium": "PBS", "volume_mL": 2},
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::sepsim.errors.ModelRangeWarning")
@pytest.mark.parametrize("given", GRADIENTS.values(), ids=GRADIENTS)
def test_a_gradient(given):
    medium = {"iodixanol_percent_w_v": 45, "diluent": "PBS"} if given.get("load") == "bottom" else "PBS"
    sample = loaded(bead(120, 1.05), bead(60, 1.12), vesicle(50), bead(25, 1.6), bead(80, 1.0), medium=medium)
    method = DensityGradient(**given)
    dry, run = method.dry_run(sample, rng=RNG), method.run(sample, rng=RNG)
    check_balance(sample, dry)
    assert assert_alike(dry, run, sample).sum(axis=0).max() < AWAY


@pytest.mark.parametrize("more", [{}, {"collected_mL": 6}, {"wall": "catches"}], ids=str)
@pytest.mark.parametrize("resuspension", [None, {"medium": "PBS", "volume_mL": 1}], ids=["pellet", "resuspended"])
def test_a_cushion(more, resuspension):
    sample = loaded(vesicle(60, density_g_mL=1.15), vesicle(150, density_g_mL=1.1), bead(80, 1.4), volume=25)
    method = Centrifugation(**ON_CUSHION, cushion=CUSHION | more, resuspend=resuspension, pellet_disturbed=0.1)
    dry, run = method.dry_run(sample, rng=RNG), method.run(sample, rng=RNG)
    check_balance(sample, dry)
    assert assert_alike(dry, run, sample).sum(axis=0).max() < AWAY


@settings(max_examples=30, deadline=None)
@given(
    nm=st.floats(2, 3000),
    density=st.floats(0.93, 2.0),
    load=st.sampled_from(["top", 1, 2, 3]),
    volume=st.floats(0.05, 2.5),
    minutes=st.floats(0.1, 5000),
    wall=st.sampled_from(["catches", "slides"]),
    mixing=st.floats(0, 1),
    fractions=st.integers(1, 40),
)
def test_everything_is_in_one_fraction(nm, density, load, volume, minutes, wall, mixing, fractions):
    sample = loaded(bead(nm, density), vesicle(100), volume=volume)
    method = DensityGradient(
        **SW41,
        time_min=minutes,
        layers=LAYERS,
        load=load,
        wall=wall,
        fraction_mixing_mL=mixing,
        fractions=fractions,
        residual_volume_mL=0.01,
    )
    outcome = method.dry_run(sample, rng=RNG)
    check_balance(sample, outcome)
    assert sum(each.volume for each in outcome.fractions.values()) == pytest.approx(9e-6 + sample.volume, rel=1e-9)
    held = [each.counts for each in outcome.fractions.values()]
    assert np.min(held) >= 0


# ---- what cannot be done -------------------------------------------------------------------------------------

ONE = loaded(bead(100, 1.1))
DENSE = {"sucrose_percent_w_w": 40, "diluent": "water"}
WATERY = vesicle(5000, density_g_mL=1.012)
BRINE = [{"volume_mL": 11, "cscl_g_mL": 1.7}]


def stepped(**given):
    return DensityGradient(**{**SW41, "time_min": 9, "layers": LAYERS, "fractions": 9} | given)


def cushioned(collected_mL=4, **given):
    return Centrifugation(**ON_CUSHION, cushion=CUSHION | {"collected_mL": collected_mL}, **given)


REFUSED = {
    "too few tubes": (loaded(bead(100, 1.1), volume=9), stepped(tubes=1)),
    "overturns": (loaded(bead(100, 1.1), medium=DENSE), stepped()),
    "large fractions": (ONE, stepped(fractions=None, fraction_volume_mL=11)),
    "much on the pellet": (ONE, stepped(residual_volume_mL=3)),
    "little to take it up": (ONE, stepped(residual_volume_mL=1, resuspend={"medium": "PBS", "volume_mL": 0.5})),
    "collapses": (loaded(WATERY), stepped(layers=BRINE, load=1)),
    "heavy sample": (loaded(bead(100, 1.1), medium=DENSE, volume=25), cushioned()),
    "much of the cushion": (loaded(bead(100, 1.1), volume=5), cushioned(20)),
    "much on the pellet below a cushion": (loaded(bead(100, 1.1), volume=25), cushioned(residual_volume_mL=5)),
    "more than the tubes": (loaded(bead(100, 1.1), volume=70), cushioned(tubes=2)),
}


@pytest.mark.parametrize(("sample", "method"), REFUSED.values(), ids=REFUSED)
def test_a_dry_run_refuses_what_a_run_refuses_in_the_same_words(sample, method):
    with pytest.raises(InputError) as real:
        method.run(sample, rng=RNG)
    with pytest.raises(InputError) as dry:
        method.dry_run(sample, rng=RNG)
    assert dry.value.problems == real.value.problems


def test_it_warns_of_what_turns_over_as_it_is_filled():
    light = [{"volume_mL": 3, "iodixanol_percent_w_v": each, "diluent": "PBS"} for each in (1, 10, 20)]
    sample, method = loaded(bead(300, 1.4, particles_per_mL=2e12)), stepped(layers=light)
    assert any("turns over there" in text for text in method.dry_run(sample, rng=RNG).warnings)
    assert any("turns over there" in text for text in method.run(sample, rng=RNG).warnings)


def test_a_dry_run_is_not_taken_for_a_run():
    """Both are kept for the ideal handling that follows; each its own."""
    sample, method = loaded(bead(100, 1.1)), DensityGradient(**SW41, time_min=300, layers=LAYERS, fractions=4)
    run, dry = method.run(sample, rng=RNG), method.dry_run(sample, rng=RNG)
    assert method.run(sample, rng=RNG).trace is run.trace
    assert method.dry_run(sample, rng=RNG).trace is dry.trace is not run.trace
