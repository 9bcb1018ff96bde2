"""Steps of immunocapture from end to end: who is bound, in which state, what is lost, what is refused."""

import math
from dataclasses import replace

import numpy as np
import pytest
from captures import BOTH, CLEAN, albumin, captured, on_beads, protocol, share, step, vesicles
from hypothesis import given, settings
from hypothesis import strategies as st

import sepsim
from sepsim.errors import InputError
from sepsim.particles.states import Body, ParticleState
from sepsim.samples.changes import changed, varied
from sepsim.techniques.immunocapture.bodies import antigens_of_bodies
from sepsim.techniques.immunocapture.immunocapture import Immunocapture

PERFECT = {"bead_loss_percent": 0, "residual_volume_mL": 0, "capture_model": CLEAN}


# ---- who is bound --------------------------------------------------------------------------------


def test_beads_bind_what_carries_their_antigen_and_nothing_else():
    (done,) = captured(step(**PERFECT))
    assert share(done, "bound") == pytest.approx(0.5 * (1 - math.exp(-20)), abs=2e-3)
    assert share(done, "bound", "albumin") < 2e-3  # 0.1 % of it goes with vesicles
    assert share(done, "unbound") == pytest.approx(0.5, abs=2e-3)


def test_bound_vesicles_are_on_beads_and_free_ones_are_free():
    (done,) = captured(step(**PERFECT))
    bound = done.outcome.fractions["bound"]
    assert on_beads(bound) == pytest.approx(1.0)
    assert [*bound.by_state] == ["on M-280 beads"]
    assert done.outcome.fractions["unbound"].by_state == {}
    table = bound.particles
    rows = table.variants.in_state("on M-280 beads")
    moving = table.moving(bound.counts)
    assert moving[rows[rows >= 0]].sum() == 0  # a bead is no particle of the sample
    assert table.diameter[rows[rows >= 0]] == pytest.approx(2.8e-6)


def test_eluted_vesicles_are_free_again_and_those_held_for_good_are_lost_on_beads():
    (done,) = captured(step(keep="eluted", elution={"release_percent": 70}, **PERFECT))
    eluted, lost = done.outcome.fractions["eluted"], done.outcome.fractions["lost"]
    assert eluted.by_state == {}
    assert on_beads(lost) == pytest.approx(1.0)
    assert share(done, "lost") / share(done, "eluted") == pytest.approx(3 / 7, rel=1e-6)


def test_without_the_antigen_vesicles_come_along_by_sticking_and_in_the_liquid():
    model = {"sticking_probability": 1e-4}
    loads = [vesicles(), vesicles({"strata": [{"share": 1}]}, name="bald vesicles")]
    (done,) = captured(step(capture_model=model, washes=0), populations=loads)
    conditions = done.outcome.trace.incubation.conditions
    stuck = -math.expm1(-float(conditions.sticking(np.array([50e-9]))[0]) * 3600)
    entrained = (1 - stuck) * 0.02
    assert share(done, "bound", "bald vesicles") == pytest.approx(stuck + entrained, rel=1e-2)


def test_washes_dilute_what_is_only_in_the_liquid():
    shares = [
        share(captured(step(washes=washes, capture_model=CLEAN, ligand={"k_on_per_M_s": 1e-9, "k_off_per_s": 1},
                            antigen="CD81"))[0], "bound")
        for washes in (0, 1, 2)
    ]  # fmt: skip
    assert shares[0] == pytest.approx(0.02, rel=1e-2)
    assert shares[1] / shares[0] == pytest.approx(0.02 / 1.02, rel=1e-2)
    assert shares[2] / shares[1] == pytest.approx(0.02 / 1.02, rel=2e-2)


def test_single_bonds_go_with_the_washes():
    """One antigen on each vesicle that has any, k_off such that half opens in three washes of five minutes."""
    few = vesicles({"strata": [{"share": 1, "CD81": 0.01}]})
    ligand = {"k_on_per_M_s": 1e7, "k_off_per_s": math.log(2) / 900}
    (done,) = captured(step(ligand=ligand, antigen="CD81", incubation_min=10, **PERFECT), populations=[few])
    assert share(done, "wash") == pytest.approx(share(done, "bound"), rel=0.02)


def test_large_vesicles_carry_more_antigens_and_are_bound_more_often():
    few = {"strata": [{"share": 1, "CD81": 1.0}]}
    loads = [vesicles(few, diameter=50), vesicles(few, diameter=200, name="large vesicles")]
    (done,) = captured(step(**PERFECT), populations=loads)
    assert share(done, "bound") < 1 - math.exp(-0.25) + 1e-3
    assert share(done, "bound", "large vesicles") == pytest.approx(1 - math.exp(-4), abs=0.01)


@pytest.mark.parametrize("percent", [0, 30, 100])
def test_what_is_bound_to_vesicles_goes_with_them_and_the_rest_has_no_antigen(percent):
    (done,) = captured(step(**{**PERFECT, "capture_model": {**CLEAN, "association_bound_percent": percent}}))
    table, load = done.outcome.trace.load.particles, done.outcome.trace.load
    riders = (table.population == table.names.index("albumin")) & (table.variants.state == 0) & table.rides
    unbound = done.outcome.fractions["unbound"]
    taken = 1.0 - unbound.counts[riders].sum() / load.counts[riders].sum()
    assert taken == pytest.approx(percent / 100 * (1.0 - share(done, "unbound")), abs=1e-9)


def test_a_ligand_of_the_user_finds_its_antigen_whatever_its_spelling():
    own = {"k_on_per_M_s": 1e5, "k_off_per_s": 1e-4, "antigen": "cd 81"}
    (done,) = captured(step(ligand=own, **PERFECT))
    assert done.method.captured_antigens == ("CD81",)
    assert share(done, "bound") == pytest.approx(0.5, abs=2e-3)


def test_beads_of_several_antigens_take_all_that_carry_one():
    (done,) = captured(step(antigen=["CD9", "CD81"], **PERFECT))
    assert share(done, "bound") == pytest.approx(0.8, abs=2e-3)


def test_overdispersed_antigens_leave_more_vesicles_without():
    (done,) = captured(step(copies_dispersion=1.0, **PERFECT))
    assert share(done, "bound") == pytest.approx(0.5 * 20 / 21, abs=5e-3)


# ---- steps in a row ------------------------------------------------------------------------------


def test_first_beads_take_all_that_carry_both_antigens():
    """I11: totals are conserved, and double positives are all in the first eluate in the end."""
    first = step("A33", keep="unbound", antigen="A33", incubation_min=600, **PERFECT)
    second = step("EpCAM", antigen="EpCAM", incubation_min=600, **PERFECT)
    one, two = captured(first, second, populations=[vesicles(BOTH)])
    load = one.outcome.trace.load
    both = np.all(load.particles.variants.copies > 0, axis=0)
    of_both = {name: each.counts[both].sum() for name, each in one.outcome.fractions.items()}
    assert of_both["bound"] / sum(of_both.values()) == pytest.approx(1.0, abs=1e-9)
    assert share(one, "bound") == pytest.approx(0.5, abs=1e-4)
    taken = two.outcome.fractions["bound"].by_population["small vesicles"]
    assert taken / load.by_population["small vesicles"] == pytest.approx(0.1, abs=1e-4)
    ends = [one.outcome.fractions[name] for name in ("bound", "wash", "lost")]
    ends += [*two.outcome.fractions.values()]
    total = sum(each.by_population["small vesicles"] for each in ends)
    assert total == pytest.approx(load.by_population["small vesicles"], rel=1e-12)


def test_order_of_the_beads_decides_where_double_positives_go():
    steps = {name: step(name, keep="unbound", antigen=name, **PERFECT) for name in ("A33", "EpCAM")}
    second = [
        captured(steps[first], {**steps[last], "keep": "bound"}, populations=[vesicles(BOTH)])[1]
        for first, last in (("A33", "EpCAM"), ("EpCAM", "A33"))
    ]
    taken = [each.outcome.fractions["bound"].by_population["small vesicles"] for each in second]
    assert taken[1] / taken[0] == pytest.approx(3.0, rel=0.02)


def test_capture_changes_the_profile_of_what_is_taken_and_left():
    (done,) = captured(step(follow=["CD9"], **PERFECT))

    def positive(name, antigen):
        sample = done.outcome.fractions[name]
        vesicle = sample.counts * (sample.particles.population == 0)
        return vesicle @ (sample.particles.variants.copies_of(antigen) > 0) / vesicle.sum()

    assert positive("bound", "CD81") == pytest.approx(1.0)
    assert positive("bound", "CD9") == pytest.approx(1.0)
    assert positive("unbound", "CD9") == pytest.approx(0.6, abs=5e-3)


def test_beads_that_hold_vesicles_keep_them_in_the_next_capture():
    first = step("first", **PERFECT)
    second = step("second", antigen="CD9", **PERFECT)
    one, two = captured(first, second)
    assert share(two, "bound") == pytest.approx(1.0, abs=1e-3)
    assert on_beads(two.outcome.fractions["bound"]) == pytest.approx(1.0, abs=1e-3)
    assert one.outcome.fractions["bound"].by_population["small vesicles"] > 0


def test_an_elution_leaves_what_is_on_earlier_beads_and_says_so():
    first, second = step("first", **PERFECT), step("second", keep="eluted", elution="low pH", **PERFECT)
    _, two = captured(first, second)
    assert share(two, "lost") == pytest.approx(1.0, abs=1e-3)
    assert any("on beads of an earlier step" in text and "lost" in text for text in two.outcome.warnings)


def test_what_is_on_earlier_beads_is_not_taken_for_what_goes_with_vesicles():
    _, two = captured(step("first"), step("second", antigen="CD9"), populations=[vesicles()])
    assert not any("go with vesicles" in text for text in two.outcome.warnings)


def test_beads_of_one_name_and_two_sizes_are_two_states():
    def own(diameter_um):
        return {"diameter_um": diameter_um, "density_g_mL": 1.4, "antibodies_per_bead": 1e5 * diameter_um**2,
                "magnetisation_A_m2_kg": 20}  # fmt: skip

    first = step("small beads", beads=own(1.0), **PERFECT)
    second = step("large beads", antigen="CD9", beads=own(2.0), **PERFECT)
    _, two = captured(first, second, populations=[vesicles(), albumin()])
    bound = two.outcome.fractions["bound"]
    sizes = {round(state.body.diameter * 1e6, 6) for state in bound.particles.variants.states}
    assert sizes == {1.0, 2.0}
    held = {name: numbers["small vesicles"] for name, numbers in bound.by_state.items()}
    assert held["on beads of the user (1 um, 1.4 g/mL)"] == pytest.approx(sum(held.values()), rel=1e-2)


@pytest.mark.parametrize("percent", [0, 40, 100])
def test_what_an_elution_sets_free_is_told(percent):
    (done,) = captured(step(keep="eluted", elution={"release_percent": percent}))
    assert any(f"sets free {percent:.1f} % of the vesicles" in text for text in done.outcome.remarks)


def test_clusters_are_bound_with_all_that_is_in_them():
    bald = vesicles({"strata": [{"share": 1}]}, per_mL=3e8, name="bald vesicles")
    volume = 200 * math.pi / 6 * 1e-21  # of two hundred vesicles of 100 nm
    floc = ParticleState(name="in clusters", kinds=("vesicle",), body=Body(1e-6, volume, 1100.0))
    method = Immunocapture(beads="M-280", beads_per_mL=1e8, antigen="CD81", incubation_min=60, **PERFECT)
    load = protocol(step(), populations=[vesicles(), bald]).sample
    strata = load.strata(method.antigens)
    free = varied(load.prepare(), strata, method.antigens, [floc, *method.states(load.prepare())])
    half = changed(free, "in clusters", np.full(len(free.particles), 0.5))
    per_cluster = antigens_of_bodies(half, method.antigens)[half.particles.variants.state == 1]
    assert per_cluster == pytest.approx(0.25 * 200 * 0.5 * 20)  # a quarter are vesicles that carry 20 in half of them
    bound = method.run(half, rng=None).fractions["bound"].by_population
    assert bound["bald vesicles"] == pytest.approx(0.5 * half.by_population["bald vesicles"], rel=2e-3)
    expected = (0.5 + 0.5 * 0.5) * half.by_population["small vesicles"]
    assert bound["small vesicles"] == pytest.approx(expected, rel=2e-3)


# ---- handling ------------------------------------------------------------------------------------


def test_ideal_hands_lose_no_beads_and_leave_no_liquid():
    run = protocol(step(bead_loss_percent=5, capture_model=CLEAN)).run(seed=1)
    bench, ideal = (share(steps[0], "bound") for steps in (run.bench, run.ideal))
    assert bench / ideal == pytest.approx(0.95**3, rel=5e-3)
    assert share(run.ideal[0], "lost") == pytest.approx(0.0, abs=1e-9)


def test_volumes_are_those_of_the_settings():
    (done,) = captured(step(keep="eluted", elution="low pH", wash_volume_mL=0.5, washes=4, final_volume_mL=0.2))
    volumes = {name: each.volume * 1e6 for name, each in done.outcome.fractions.items()}
    assert volumes == pytest.approx({"eluted": 0.2, "unbound": 0.98, "wash": 2.0, "lost": 0.02})


def test_time_on_the_bench_adds_up():
    (done,) = captured(step(incubation_min=30, washes=2, wash_min=5, magnet_min=2))
    assert done.outcome.duration == pytest.approx(60 * (30 + 2 * 5 + 3 * 2))


def test_large_samples_take_several_tubes_and_tell_their_beads():
    (done,) = captured(step(), volume_mL=120)
    assert done.outcome.equipment == {"tube": 3}
    assert "per mL" in done.outcome.remarks[0]


def test_milligrams_and_numbers_of_beads_agree():
    by_mass, by_number = (captured(step(**amount))[0] for amount in ({"bead_mg": 1}, {"beads_per_mL": 6.2e7}))
    assert share(by_mass, "bound") == pytest.approx(share(by_number, "bound"), rel=1e-9)


def test_a_dry_run_hands_out_the_same_volumes():
    method = Immunocapture(beads="M-280", beads_per_mL=1e8, antigen="CD81", incubation_min=60)
    load = captured(step())[0].outcome.trace.load
    wet, dry = (run(load, rng=None).fractions for run in (method.run, method.dry_run))
    assert {name: each.volume for name, each in wet.items()} == {name: each.volume for name, each in dry.items()}
    for name, fraction in wet.items():
        assert dry[name].by_population["small vesicles"] == pytest.approx(
            fraction.by_population["small vesicles"], rel=0.05, abs=1e6
        )


@settings(deadline=None, max_examples=20)
@given(
    st.floats(5, 9), st.floats(0.1, 1000), st.sampled_from(["M-280", "MyOne", "M-450", "nanobeads, 50 nm"]),
    st.sampled_from([None, "low pH", "salt", "cleavage"]), st.floats(0, 20), st.integers(0, 5),
)  # fmt: skip
def test_every_vesicle_is_somewhere(power, minutes, beads, elution, loss, washes):
    asked = {"beads_per_mL": 10**power, "incubation_min": minutes, "beads": beads, "washes": washes}
    eluted = {} if elution is None else {"elution": elution, "keep": "eluted"}
    (done,) = captured(step(bead_loss_percent=loss, **asked, **eluted))
    load, fractions = done.outcome.trace.load, done.outcome.fractions.values()
    for name, number in load.by_population.items():
        assert sum(each.by_population[name] for each in fractions) == pytest.approx(number, rel=1e-12)
    assert all(np.all(each.counts >= 0) for each in fractions)


# ---- warnings and refusals -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"rotation_rpm": 0, "incubation_min": 600}, "rotate the tubes"),
        ({"beads": "nanobeads, 50 nm"}, "use a column"),
        ({"magnet_min": 0.1}, "give it more"),
        ({"beads_per_mL": 1e4, "incubation_min": 6000}, "more beads would bind more"),
        ({"keep": "eluted", "elution": "low pH"}, "may damage"),
        ({"soluble_antigen_nM": 1000}, "soluble antigen takes"),
        ({"free_antibody_nM": 1000}, "free antibody masks"),
        ({"beads_per_mL": 1e10}, "fill 11"),
        (
            {
                "beads": {
                    "diameter_um": 40,
                    "density_g_mL": 1.2,
                    "antibodies_per_bead": 1e7,
                    "magnetisation_A_m2_kg": 20,
                },
                "beads_per_mL": 1e3,
            },
            "beads of 40 um",
        ),
    ],
)
def test_what_makes_a_capture_less_certain_is_told(settings, told):
    (done,) = captured(step(**settings), populations=[vesicles(per_mL=1e10)])
    assert any(told in text for text in done.outcome.warnings)


def test_particles_larger_than_the_beads_are_named():
    loads = [vesicles(), vesicles(per_mL=1e4, diameter=5000, name="giants")]
    (done,) = captured(step(), populations=loads)
    assert [text for text in done.outcome.warnings if text.startswith("giants: larger than the beads")]


def test_an_empty_sample_is_captured_into_empty_fractions():
    load = captured(step())[0].outcome.trace.load
    nothing = replace(load, counts=np.zeros_like(load.counts))
    method = Immunocapture(beads="M-280", beads_per_mL=1e8, antigen="CD81", incubation_min=60)
    for run in (method.run, method.dry_run):
        assert all(not each.counts.any() for each in run(nothing, rng=None).fractions.values())


def test_a_plain_capture_has_no_warning():
    assert captured(step(), populations=[vesicles()])[0].outcome.warnings == ()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"antigen": "CD99"}, "no population of the sample carries it.*carried: CD81, CD9"),
        ({"antigen": "cd18"}, "did you mean 'CD81'"),
        ({"beads_per_mL": 1e15}, "spheres poured together"),
        ({"beads_per_mL": 0.5}, "less than one"),
        ({"beads_per_mL": 1e8, "bead_mg": 1}, "exactly one of bead_mg and beads_per_mL"),
        ({"ligand": "monoclonal antibody"}, "antigen: missing"),
        ({"ligand": "hA33", "antigen": "CD81"}, "binds A33; leave antigen out"),
        ({"rotation_rpm": 5, "shear_rate_per_s": 5}, "not both"),
        ({"beads": "latex"}, "not magnetic"),
        ({"beads": "M-281"}, "M-280"),
        ({"incubation_min": -5}, "incubation_min"),
        ({"incubation": 5}, "incubation_min"),
        ({"residual_volume_mL": 2}, "residual_volume_mL"),
        ({"wash_volume_mL": 5}, "holds 2 mL"),
        ({"elution": {"time_min": 5}}, "exactly one of k_off_factor and release_percent"),
        ({"magnet": {"path_mm": 5}}, "nothing pulls"),
        ({"antigen": []}, "name of an antigen"),
        ({"keep": "eluted"}, "bound"),
    ],
)
def test_wrong_settings_are_refused_in_words(settings, told):
    table = {**step(), **settings}
    if "ligand" in settings and "antigen" not in settings:
        del table["antigen"]
    with pytest.raises(InputError, match=told):
        protocol(table).run(seed=1)


def test_a_missing_incubation_time_is_told():
    table = step()
    del table["incubation_min"]
    with pytest.raises(InputError, match="incubation_min: missing"):
        protocol(table)


def test_a_sample_without_strata_is_refused():
    method = Immunocapture(beads="M-280", beads_per_mL=1e8, antigen="CD81", incubation_min=60)
    plain = sepsim.sample_from_catalog("urine", volume_mL=1).prepare()
    with pytest.raises(InputError, match="prepared"):
        method.run(plain, rng=None)


def test_settings_round_trip():
    method = Immunocapture(
        beads={"diameter_um": 1, "density_g_mL": 1.8, "antibodies_per_bead": 1e5, "magnetisation_A_m2_kg": 20},
        bead_mg=1, antigen=["cd9", "CD81"], incubation_min=60, elution={"release_percent": 80}, follow=["CD63"],
    )  # fmt: skip
    assert method.captured_antigens == ("CD9", "CD81")
    assert method.antigens == ("CD9", "CD81", "CD63")
    assert Immunocapture.from_table(method.to_table()) == method


def test_albumin_is_needed_by_nobody():
    """A sample of vesicles alone is captured as well."""
    (alone,) = captured(step(**PERFECT), populations=[vesicles()])
    (beside,) = captured(step(**PERFECT), populations=[vesicles(), albumin()])
    assert share(alone, "bound") == pytest.approx(share(beside, "bound"), rel=1e-2)


def test_a_bead_tells_its_magnetisation_to_later_steps():
    """10.8 A m2/kg of 1400 kg/m3."""
    (done,) = captured(step(**PERFECT))
    variants = done.outcome.fractions["bound"].particles.variants
    assert variants.magnetisation[variants.carried] == pytest.approx(10.8 * 1400)
