"""What beads hold, in the steps that come after them, and clusters that come before them."""

import pytest
from captures import albumin, captured, protocol, share, step, vesicles

from sepsim.particles.markers import copies_in, markers

PEG = {
    "name": "precipitate", "method": "precipitation", "peg_percent_w_v": 10, "incubation_min": 960, "rotor": "A-4-81",
    "rcf_xg": 3200, "rcf_at": "rmax", "time_min": 60, "keep": "pellet", "resuspend": {"medium": "PBS", "volume_mL": 1},
}  # fmt: skip


def exosomes(**changes):
    return vesicles("cultured cells", name="exosome", **changes)


def test_what_is_on_beads_stays_on_them_in_a_precipitate():
    _, spun = captured(step(final_volume_mL=1), PEG, populations=[vesicles(per_mL=1e10)], volume_mL=2)
    pellet = spun.outcome.fractions["pellet"]
    held = pellet.by_state["on M-280 beads"]["small vesicles"]
    assert held == pytest.approx(pellet.by_population["small vesicles"], rel=1e-4)  # but for what was free between them


def test_beads_do_not_burst_in_a_filter():
    sterile = {
        "name": "sterile", "method": "filtration", "membrane": "syringe filter 33 mm, PVDF, 0.22 um",
        "pressure_bar": 1, "keep": "permeate",
    }  # fmt: skip
    _, filtered = captured(step(final_volume_mL=1, residual_volume_mL=0), sterile)
    assert share(filtered, "permeate") == pytest.approx(0.0, abs=1e-12)
    assert any("0.0 % burst" in text for text in filtered.outcome.remarks)


def test_vesicles_that_have_burst_stay_burst_on_beads():
    dry = {**PEG, "solvent": "methanol", "solvent_percent_v_v": 80}
    del dry["peg_percent_w_v"]
    precipitated, after = captured(dry, step(), populations=[vesicles(per_mL=1e10), albumin()])
    taken_up = precipitated.outcome.fractions["pellet"]
    assert taken_up.by_state["burst"]["small vesicles"] > 0.1 * taken_up.by_population["small vesicles"]
    fractions = after.outcome.fractions.values()
    whole = sum(each.by_population["small vesicles"] for each in fractions)
    burst = sum(each.by_state.get("burst", {}).get("small vesicles", 0.0) for each in fractions)
    assert whole == pytest.approx(taken_up.by_population["small vesicles"], rel=1e-9)
    assert burst == pytest.approx(taken_up.by_state["burst"]["small vesicles"], rel=1e-9)


def test_vesicles_that_a_proteinase_has_stripped_stay_bare_on_beads():
    kit = {"name": "kit", "method": "precipitation", "kit": "TEI plasma", "rotor": "F-45-18-11", "keep": "pellet",
           "resuspend": {"medium": "PBS", "volume_mL": 1}}  # fmt: skip
    _, after = captured(kit, step(capture_model={"sticking_probability": 1e-3}), populations=[vesicles(per_mL=1e10)])
    bound = after.outcome.fractions["bound"]
    copies = bound.particles.variants.copies
    assert bound.by_population["small vesicles"] > 0  # some stick
    assert not (copies @ bound.counts).any()


@pytest.mark.parametrize("late", [step("late"), {**PEG, "name": "late"}])
def test_a_late_step_that_tells_particles_apart_leaves_the_numbers_before_it(late):
    spin = {
        "name": "spin", "method": "centrifugation", "rotor": "A-4-81", "rcf_xg": 2000, "rcf_at": "rmax",
        "time_min": 20, "keep": "supernatant",
    }  # fmt: skip
    (alone,), (first, _) = captured(spin), captured(spin, late)
    for name, fraction in alone.outcome.fractions.items():
        assert first.outcome.fractions[name].by_population == pytest.approx(fraction.by_population, rel=1e-12)


def test_clusters_of_a_precipitate_bring_lipoproteins_onto_the_beads():
    load = [vesicles(per_mL=1e10), {"name": "ldl", "particles_per_mL": 1e11}]
    (alone,) = captured(step(), populations=load)
    precipitated, after = captured(PEG, step(), populations=load)
    taken_up = precipitated.outcome.fractions["pellet"]
    clustered = sum(numbers.get("ldl", 0.0) for numbers in taken_up.by_state.values()) / taken_up.by_population["ldl"]
    assert clustered > 0.02
    assert share(alone, "bound", "ldl") < 0.1 * clustered
    assert share(after, "bound", "ldl") > 0.5 * clustered


def test_a_run_tells_that_no_counter_sees_what_is_on_beads():
    def told(*steps):
        return [text for text in protocol(*steps).run(seed=1).warnings if "no particle counter sees it" in text]

    assert told(step())[0].startswith("100.0 % of the small vesicles of the product is on beads")
    assert not told(step(keep="unbound"))
    assert not told(step(keep="eluted", elution="low pH"))


def test_a_spectrum_after_beads_shows_the_profile_of_what_they_took():
    bound = step(antigen="CD81", follow=["CD9", "CD63"])
    spectrum = {"name": "spectrum", "method": "mass_spectrometry", "keep": "detected"}
    first, second = captured(bound, spectrum, populations=[exosomes(), albumin()], target="exosome")

    def ratio(sample, one, other):
        copies = {
            marker.protein: copies_in(sample.particles, marker)
            for marker in markers()
            if marker.population == "exosome" and marker.protein in (one, other)
        }
        mine = sample.counts * (sample.particles.population == sample.particles.names.index("exosome"))
        return float((mine @ copies[one]) / (mine @ copies[other]))

    load = first.outcome.trace.load
    assert ratio(load, "CD81", "CD63") == pytest.approx(1.0, rel=1e-3)  # of the profile
    assert ratio(first.kept, "CD81", "CD63") == pytest.approx(10.0 / 7.0, rel=0.05)  # of the strata that carry CD81
    areas = spectrum_areas(second)
    assert areas["CD81"] / areas["CD63"] > 1.3 * spectrum_ratio_without_beads(spectrum)


def spectrum_areas(result):
    """Sum the areas of the peaks of each tetraspanin."""
    peaks, total = result.outcome.trace.peaks, {}
    for peak in peaks:
        total[peak.protein] = total.get(peak.protein, 0.0) + peak.area
    return total


def spectrum_ratio_without_beads(spectrum):
    (done,) = captured(spectrum, populations=[exosomes(), albumin()], target="exosome")
    areas = spectrum_areas(done)
    return areas["CD81"] / areas["CD63"]
