"""Field-flow fractionation as a step: which sizes leave when, what is refused, and what is told."""

import numpy as np
import pytest
from paths import PROTOCOLS

import sepsim
from sepsim import InputError, Microfluidics
from sepsim.techniques.microfluidics.field_flow_fractionation import FieldFlowFractionation, membrane_passage

CHANNEL = {
    "flow_uL_min": 100,
    "spacer_um": 490,
    "area_cm2": 35,
    "length_mm": 270,
    "outlet_flow_mL_min": 1,
    "cross_flow": [[0, 0.5], [45, 0]],
    "fraction_min": 1,
    "fractions": 60,
}


def population(name, diameter_nm=None, **keys):
    size = {} if diameter_nm is None else {"diameter_nm": diameter_nm}
    return {"name": name, "kind": "vesicle", "particles_per_mL": 1e9, "density_g_mL": 1.1, **size, **keys}


def sample(*populations, **keys):
    table = {"volume_mL": 0.05, "medium": "PBS", "temperature_C": 25, "population": list(populations), **keys}
    return sepsim.SampleRecipe.from_table(table).prepare()


def step(**keys):
    return Microfluidics(chip=FieldFlowFractionation(**{**CHANNEL, **keys}))


def peaks(outcome):
    """Minute at which most of each population leaves."""
    course = outcome.trace.passage.course
    return course.time[np.argmax(course.signal, axis=1)] / 60.0


def test_exomeres_small_and_large_exosomes_leave_in_this_order():
    treated = sample(population("exomere", 42), population("small", 70), population("large", 105))
    outcome = step().run(treated, rng=None)
    exomere, small, large = peaks(outcome)
    assert exomere + 3 < small < large - 3 < 42
    names = outcome.fractions.keys()
    assert names == {*(f"fraction {minute}" for minute in range(1, 61)), "purge", "waste", "lost"}
    for name, other in (("exomere", "large"), ("large", "exomere")):
        best = max(
            (f"fraction {minute}" for minute in range(1, 61)),
            key=lambda each: outcome.fractions[each].by_population[name],
        )
        assert outcome.fractions[best].by_population[other] < 1e-3 * outcome.fractions[best].by_population[name]


def test_large_microvesicles_fold_back_onto_exosomes():
    # at a constant 3 mL/min the slowest are of 262 nm: beyond, larger ones leave earlier
    treated = sample(*(population(f"of {d} nm", d) for d in (100, 260, 700)))
    keys = {"cross_flow": [[0, 3]], "spacer_um": 350, "fraction_min": 5, "fractions": 60}
    small, slow, large = peaks(step(**keys).run(treated, rng=None))
    assert small < slow
    assert large < slow


def test_fractions_share_the_outlet_flow_and_the_sample_liquid_passes_the_membrane():
    outcome = step(purge_min=3, dead_volume_uL=0).run(sample(population("small", 70)), rng=None)
    assert outcome.fractions["fraction 7"].volume == pytest.approx(1e-6)
    assert outcome.fractions["purge"].volume == pytest.approx(3e-6)
    # 0.5 min of injection and 5 of focus at 0.5 mL/min, then 45 min of half of it
    assert outcome.fractions["waste"].volume == pytest.approx((5.5 * 0.5 + 45 * 0.25) * 1e-6, rel=1e-3)
    assert outcome.duration == pytest.approx((0.5 + 5 + 60 + 3) * 60)


def test_the_membrane_lets_small_proteins_pass_and_holds_vesicles():
    insulin = {"name": "insulin", "kind": "protein", "molar_mass_kDa": 5.8, "stokes_radius_nm": 1.5}
    treated = sample(population("small", 70), {**insulin, "partial_specific_volume_mL_g": 0.73, "mass_mg_per_mL": 0.1})
    fractions = step(adsorbed_percent=0, dead_volume_uL=0).run(treated, rng=None).fractions
    passed = fractions["waste"].by_population
    assert passed["insulin"] > 0.5 * treated.by_population["insulin"]
    assert passed["small"] == 0.0


def test_the_cut_off_is_held_back_to_nine_tenths():
    for mwco in (1.0, 10.0, 100.0):
        radius = 1.2 * 0.066e-9 * (1e3 * mwco) ** (1 / 3)
        assert membrane_passage(np.array([radius]), mwco) == pytest.approx([0.1], abs=1e-3)
    assert membrane_passage(np.array([1e-12, 50e-9]), 10.0) == pytest.approx([1.0, 0.0], abs=1e-3)


def test_what_has_not_left_is_purged_and_told():
    outcome = step(fractions=10).run(sample(population("small", 70)), rng=None)
    assert outcome.fractions["purge"].by_population["small"] > 0.6 * 0.05 * 1e9
    assert any("still in the channel after the last fraction" in text for text in outcome.warnings)
    assert not any("still in" in text for text in step().run(sample(population("small", 70)), rng=None).warnings)


def test_too_much_is_told():
    heavy = sample(population("small", 70, particles_per_mL=1e14))
    assert any("bands are overloaded" in text for text in step().run(heavy, rng=None).warnings)


def test_a_short_focus_is_told():
    told = step(focus_min=0.5).run(sample(population("small", 70)), rng=None).warnings
    assert any("has not arrived leaves early" in text for text in told)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"cross_flow": [[0, 0], [45, 0.5]]}, "starts with a cross flow of 0"),
        ({"cross_flow": [[0, 0.5], [0, 0]]}, "times must rise from 0"),
        ({"cross_flow": [[5, 0.5]]}, "times must rise from 0"),
        ({"cross_flow": [[0, -1]]}, "must be a list of"),
        ({"cross_flow": 0.5}, "must be a list of"),
        ({"cross_flow": [[0, 0.5], [45, 0]], "cross_flow_decay": "exponential"}, "never reaches 0"),
        ({"focus_width_mm": 200}, "more than half of length_mm"),
    ],
)
def test_a_channel_that_cannot_be_is_refused(keys, message):
    with pytest.raises(InputError, match=message):
        FieldFlowFractionation(**{**CHANNEL, **keys})


@pytest.mark.parametrize(
    ("keys", "particles", "message"),
    [
        ({"flow_uL_min": 600}, population("small", 70), "inject more slowly"),
        ({"spacer_um": 20}, population("lump", 25_000, particles_per_mL=1e3), "clog the channel"),
    ],
)
def test_a_load_that_cannot_pass_is_refused(keys, particles, message):
    with pytest.raises(InputError, match=message):
        step(**keys).run(sample(particles), rng=None)


def test_an_exponential_decay_halves_in_equal_times():
    decay = {"cross_flow": [[0, 2], [30, 0.5]], "cross_flow_decay": "exponential"}
    flows = FieldFlowFractionation(**{**CHANNEL, **decay}).cross_flow_at([0.0, 900.0, 1800.0, 3600.0])
    assert flows * 6e7 == pytest.approx([2.0, 1.0, 0.5, 0.5])


def test_fractions_that_can_be_kept():
    method = step()
    assert method.keep_problem("fractions 20-30") == ""
    assert method.keep_problem("purge") == ""
    assert "fraction 60" in method.keep_problem("fraction 61")


def test_the_example_keeps_small_exosomes_and_leaves_exomeres_behind():
    run = sepsim.load_protocol(PROTOCOLS / "af4_exomeres.toml").run(seed=1)
    step = run.ideal[-1]
    loaded, kept = run.loaded.by_population, step.kept.by_population
    share = {name: kept[name] / loaded[name] for name in loaded}
    assert share["small exosome"] > 0.8
    assert share["exomere"] < 0.1
    assert share["large exosome"] < 0.1


def collected(size_bins):
    """Return the shares of a broad population in its fractions."""
    treated = sample(population("wide", median_diameter_nm=150, geometric_sd=2.0), size_bins=size_bins)
    outcome = step(fractions=30, fraction_min=2, adsorbed_percent=0).run(treated, rng=None)
    numbers = [outcome.fractions[f"fraction {number}"].by_population["wide"] for number in range(1, 31)]
    return np.array(numbers) / outcome.trace.load.sample.by_population["wide"]


def test_fractions_do_not_rest_on_the_classes_of_a_population():
    few, many = collected(20), collected(160)
    assert few == pytest.approx(many, abs=0.004)
    assert np.all(few[(few < 1e-13)] == 0.0)
