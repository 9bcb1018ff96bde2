"""The runner tells what no single step can know, and what no technique need remember."""

import json
import re

import pytest
from paths import DATA

import sepsim
from sepsim.cli import main

BEADS = {"name": "beads", "kind": "particle", "density_g_mL": 1.3, "diameter_nm": 500, "particles_per_mL": 1e9}
VESICLES = {"name": "vesicles", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": 1e9}
SPIN = {"method": "centrifugation", "rotor": "Type 45 Ti", "rcf_xg": 100_000, "rcf_at": "rav", "time_min": 70}
TO_PBS = {"medium": "PBS", "volume_mL": 1}
FIRMLY = {"pellet_model": {"attachment_per_s": 1e20}}  # so that nothing is loose


def run_of(*steps, medium="PBS", volume_mL=60.0, population=(VESICLES, BEADS), target="vesicles"):
    sample = {"medium": medium, "volume_mL": volume_mL, "temperature_C": 20, "population": list(population)}
    named = [{"name": f"step {number}", **step} for number, step in enumerate(steps, 1)]
    return sepsim.protocol_from_table({"target": target, "sample": sample, "step": named}).run(seed=1)


def told(run, words):
    return [text for text in run.warnings if words in text]


# ---- ideal hands ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_ideal_run_that_fares_worse_says_why():
    run = sepsim.load_protocol(DATA / "cases" / "ideal_stalls.toml").run(seed=1)
    assert run.yields["exosome"]["ideal"] < run.yields["exosome"]["bench"]
    (ideal,) = told(run, "sterile (ideal): filtration ended early")
    (whole,) = told(run, "the yield of exosome is lower with ideal hands")
    assert re.search(r"'sterile' keeps [0-9]\.\d+ % of what reaches it with ideal hands", whole)
    assert ideal.removeprefix("sterile (ideal): ") in whole
    assert not told(run, "sterile: filtration ended early")
    (impure,) = told(run, "less pure with ideal hands")
    assert impure.endswith("on the bench, which keeps more of the exosome")
    assert len(told(run, "0.5 bar is above the pressure")) == 1  # of both hands, of other populations
    assert {ideal, whole} <= set(json.loads(run.to_json())["warnings"])
    assert f"warning: {whole}" in run.summary()


def test_what_both_hands_warn_of_is_told_once():
    run = run_of(SPIN | {"keep": "supernatant"}, volume_mL=1000)
    assert len(told(run, "runs of rotor")) == 1
    assert not told(run, "(ideal)")


def test_losses_of_the_bench_that_keep_a_target_in_the_product_are_explained():
    spin = SPIN | {"rcf_xg": 10_000, "pellet_disturbed": 0.05, "keep": "supernatant"}
    run = run_of(spin, target="beads")
    (whole,) = told(run, "the yield of beads is lower with ideal hands")
    assert "since it keeps what ideal hands leave behind or take away" in whole


def test_an_ideal_product_that_is_less_pure_says_why():
    # decanting stirs up more of what is large, so that the bench leaves fewer platelets on the pellet
    platelets = {"name": "platelet", "particles_per_mL": 1e7}
    run = run_of(SPIN | {"keep": "pellet"}, population=[VESICLES, BEADS | {"diameter_nm": 5000}, platelets])
    assert run.purity["ideal"].protein < run.purity["bench"].protein
    assert run.purity["ideal"].particle < run.purity["bench"].particle
    of_protein, of_particles = told(run, "less pure with ideal hands")
    assert re.search(r"vesicles is [0-9.]+ % of its protein, .* of the platelet and", of_protein)
    assert re.search(r"vesicles is [0-9.]+ % of its particles, .* of the beads and", of_particles)


def test_an_ideal_product_that_is_purer_says_nothing():
    dissolved = {"name": "albumin", "mass_mg_per_mL": 1}
    run = run_of(SPIN | {"keep": "pellet"}, population=[VESICLES, dissolved])
    assert run.purity["ideal"].protein > run.purity["bench"].protein
    assert not told(run, "less pure")


# ---- nothing left ---------------------------------------------------------------------------------------------


def test_a_product_without_target_says_where_it_went():
    spin = SPIN | {"time_min": 600, "residual_volume_mL": 0.0, "pellet_disturbed": 0.0, "keep": "supernatant"} | FIRMLY
    run = run_of(spin, {"method": "aliquot", "volume_mL": 1, "keep": "aliquot"}, target="beads")
    (whole,) = told(run, "the product holds no beads")
    assert "'step 1' lets 'supernatant' go on, but it is in 'pellet'" in whole
    assert not told(run_of(SPIN | {"rcf_xg": 1000, "keep": "supernatant"}), "holds no")


def test_a_branch_is_blamed_only_where_the_target_is_left_behind():
    spin = SPIN | {"time_min": 600, "residual_volume_mL": 0.0, "pellet_disturbed": 0.0, "keep": "supernatant"} | FIRMLY
    down = spin | {"resuspend": TO_PBS | {"volume_mL": 5}}
    run = run_of(down, spin | {"from": "1.pellet", "rotor": "Type 70 Ti"}, target="beads")
    (whole,) = told(run, "the product holds no beads")
    assert "'step 2' lets 'supernatant' go on, but it is in 'pellet'" in whole


def test_a_branch_that_ends_is_not_blamed_for_a_product_without_target():
    spin = SPIN | {"time_min": 600, "residual_volume_mL": 0.0, "pellet_disturbed": 0.0, "keep": "supernatant"} | FIRMLY
    aside = {"method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
    down = spin | {"resuspend": TO_PBS | {"volume_mL": 5}}
    run = run_of(down, aside | {"from": "1.pellet"}, aside | {"from": "1.supernatant"}, target="beads")
    (whole,) = told(run, "the product holds no beads")
    assert "'step 1' lets 'supernatant' go on, but it is in 'pellet'" in whole


def test_names_of_users_are_safe_in_warnings():
    named = {"name": "s\x1b[31m" + "x" * 5000}
    run = run_of(WATERED["dilution"][0] | named, medium="PBS")
    (text,) = [line for line in told(run, "vesicles burst") if "(ideal)" not in line]
    assert "\x1b" not in text
    assert len(text) < 500


def test_a_step_of_which_nothing_goes_on_is_told():
    take = {"method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
    run = run_of(take, take, take | {"from": "step 1.rest"})
    assert told(run, "step 2: nothing of it goes on: no later step takes any of its fractions")
    assert len(told(run, "nothing of it goes on")) == 1


# ---- no suspension --------------------------------------------------------------------------------------------


def test_a_pellet_in_too_little_liquid_is_no_suspension():
    many = BEADS | {"particles_per_mL": 1e11}  # 0.65 % of the volume
    thin, thick = (
        run_of(SPIN | {"resuspend": TO_PBS | {"volume_mL": mL}, "pellet_recovery": 1.0, "pellet_disturbed": 0,
                       "keep": "pellet"},
               population=[VESICLES, many])
        for mL in (1.0, 0.5)
    )  # fmt: skip
    taken_mL = 60 * 1e11 * 0.5236 * 500e-7**3  # pi/6 d3, in cm
    assert not told(thin, "no suspension")
    (text,) = [line for line in told(thick, "no suspension") if "(ideal)" not in line]
    assert f"pellet: its particles take {taken_mL:.2g}" in text
    assert "mL of its 0.5 mL; at most 64%" in text


# ---- hypo-osmotic liquids ------------------------------------------------------------------------------------

FILTER = {"method": "ultrafiltration", "membrane": "spin filter 15 mL, regenerated cellulose, 100 kDa",
          "spin_filter": {"rcf_xg": 4000}, "concentrate_to_mL": 1, "keep": "retentate"}  # fmt: skip
LAYERS = [{"volume_mL": 5, "iodixanol_percent_w_v": 10, "diluent": "water"}, {"volume_mL": 5, "cscl_M": 4}]
WATERED = {
    "dilution": ({"method": "dilution", "medium": "water", "factor": 4, "keep": "diluted"}, "diluted"),
    "resuspension": (SPIN | {"resuspend": TO_PBS | {"medium": "water"}, "keep": "pellet"}, "pellet"),
    "washing a pellet": (SPIN | {"wash": {"medium": "water", "volume_mL": 50}, "resuspend": TO_PBS, "keep": "pellet"},
                         "wash"),
    "washing a membrane": (FILTER | {"buffer": "water", "diavolumes": 9, "washes": 3}, "retentate"),
    "eluent": ({"method": "chromatography", "column": "Sepharose CL-2B, 10 mL", "flow_mL_min": 0.5, "eluent": "water",
                "fraction_volume_mL": 1, "fractions": 10, "keep": "fraction 4"}, "fraction"),
    "gradient": ({"method": "density_gradient", "rotor": "SW 41 Ti", "rcf_xg": 1000, "rcf_at": "rav", "time_min": 1,
                  "layers": LAYERS, "load": 1, "fractions": 5, "keep": "fraction 1"}, "fraction"),
}  # fmt: skip


@pytest.mark.parametrize("name", WATERED)
def test_vesicles_that_come_into_water_are_told_of_whatever_the_technique(name):
    step, where = WATERED[name]
    run = run_of(step, volume_mL=0.5 if name in ("eluent", "gradient") else 10)
    (text,) = [line for line in told(run, "vesicles burst there (vesicles from 100 nm on)") if "(ideal)" not in line]
    assert text.startswith(f"step 1: {where}")
    rigid = run_of(step, volume_mL=0.5 if name in ("eluent", "gradient") else 10, population=[BEADS], target="beads")
    assert not told(rigid, "vesicles burst")


def test_it_is_told_where_vesicles_come_into_water_and_not_again():
    spin = SPIN | {"keep": "supernatant"}
    run = run_of(spin, spin, medium="water")
    assert [text.split(":")[0] for text in told(run, "vesicles burst")] == ["step 1"]
    assert told(run, "step 1: the sample: ")


def test_the_published_wash_with_water_is_told():
    run = sepsim.load_protocol(DATA / "cases" / "hypo_osmotic_wash.toml").run(seed=1)
    (text,) = [line for line in told(run, "uf: retentate") if "(ideal)" not in line and "burst" in line]
    assert "exosome from" in text
    assert "microvesicle from" in text


@pytest.mark.parametrize("mOsm", [0, 100])
def test_vesicles_of_50_nm_survive_water(mOsm):
    # 4 tau/(d R T) of a membrane that gives way at 8.6 mN/m is 282 mOsm/kg at 50 nm.
    small = VESICLES | {"diameter_nm": 50}
    water = {"density_g_mL": 1.0, "viscosity_mPa_s": 1.0, "osmolality_mOsm_kg": mOsm}
    spin = SPIN | {"resuspend": {"medium": water, "volume_mL": 20}, "keep": "pellet"}
    assert not told(run_of(spin, population=[small]), "burst")


@pytest.mark.parametrize(("mOsm", "bursts"), [(220, False), (190, True)])
def test_vesicles_of_220_nm_burst_below_210_mosm(mOsm, bursts):
    large = VESICLES | {"diameter_nm": 220}
    thin = {"density_g_mL": 1.0, "viscosity_mPa_s": 1.0, "osmolality_mOsm_kg": mOsm}
    spin = SPIN | {"resuspend": {"medium": thin, "volume_mL": 20}, "residual_volume_mL": 0.1, "keep": "pellet"}
    assert bool(told(run_of(spin, population=[large]), "burst")) == bursts


def test_vesicles_in_dense_sucrose_have_lost_nearly_all_free_water():
    syrup = {"medium": {"sucrose_percent_w_w": 60}, "volume_mL": 20}
    spin = SPIN | {"resuspend": syrup, "keep": "pellet"}
    assert told(run_of(spin, population=[VESICLES]), "more than 85% of the free water has left vesicles (vesicles)")
    assert not told(run_of(spin, population=[BEADS], target="beads"), "free water")


# ---- progress -------------------------------------------------------------------------------------------------


def test_progress_counts_each_step_once():
    news = []
    take = {"name": "take", "method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
    sample = {"source": "urine", "volume_mL": 10}
    protocol = sepsim.protocol_from_table({"sample": sample, "step": [take, take | {"name": "again"}]})
    protocol.run(progress=lambda *each: news.append(each))
    ideal = [(0, 2, "take, with ideal hands"), (1, 2, "again, with ideal hands")]
    assert news == [(0, 2, "take"), (1, 2, "again"), *ideal]


# ---- infinite and undefined -----------------------------------------------------------------------------------


def test_infinite_and_undefined_are_two_marks(tmp_path, capsys):
    absent = {"name": "ldl", "particles_per_mL": 0.0}
    spin = SPIN | {"time_min": 600, "residual_volume_mL": 0.0, "pellet_disturbed": 0.0, "keep": "supernatant"} | FIRMLY
    run = run_of(spin, population=[VESICLES | {"diameter_nm": 20, "density_g_mL": 1.01}, BEADS, absent])
    enrichment = json.loads(run.to_json())["purity"]["bench"]["enrichment"]
    assert (enrichment["beads"], enrichment["ldl"]) == ("inf", None)
    rows = [line.split() for line in run.summary().splitlines()]
    (beads,) = [row for row in rows if row[:1] == ["beads"]]
    (ldl,) = [row for row in rows if row[:1] == ["ldl"]]
    assert beads[-2:] == ["inf", "inf"]
    assert ldl[-2:] == ["-", "-"]
    path = tmp_path / "protocol.toml"
    path.write_text(sepsim.dump_protocol(sepsim.protocol_from_table(run.protocol)))
    assert main(["compare", str(path), str(path), "--csv", "-"]) == 0
    assert ",inf," in capsys.readouterr().out


# ---- equipment ------------------------------------------------------------------------------------------------

EQUIPMENT = {
    "more tubes than the eye expects": (
        {"method": "density_gradient", "rotor": "SW 41 Ti", "rcf_xg": 1000, "rcf_at": "rav", "time_min": 1,
         "layers": [{"volume_mL": 9, "sucrose_percent_w_w": 40}], "fractions": 5, "keep": "fraction 1"},
        12, {"tube": 3, "run": 1}),  # 4.2 mL are free in each
    "runs": (SPIN | {"keep": "supernatant"}, 1000, {"tube": 11, "run": 2}),
    "washes": (SPIN | {"wash": {"medium": "PBS", "volume_mL": 50, "times": 2}, "keep": "supernatant"}, 60,
               {"tube": 1, "run": 3}),
    "devices": (FILTER, 30, {"device": 2}),
    "column": (WATERED["eluent"][0], 0.5, {"column": 1}),
    "none": ({"method": "aliquot", "volume_mL": 1, "keep": "aliquot"}, 2, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", EQUIPMENT)
def test_each_step_tells_what_it_took(name):
    step, volume_mL, equipment = EQUIPMENT[name]
    run = run_of(step, volume_mL=volume_mL)
    assert run.bench[0].outcome.equipment == equipment
    assert json.loads(run.to_json())["steps"][0]["equipment"] == equipment
    words = ", ".join(f"{number} {noun}{'s' if number > 1 else ''}" for noun, number in equipment.items())
    (row,) = [line for line in run.summary().splitlines() if line.startswith("step 1 ")]
    assert (words or " -  ") in row


# ---- a pellet as it lies --------------------------------------------------------------------------------------


def test_a_last_pellet_may_be_the_product_as_it_lies():
    firmly = SPIN | FIRMLY
    run = run_of(SPIN | {"keep": "supernatant", "rcf_xg": 1000}, firmly | {"keep": "pellet"})
    remark = "the pellet is the product as it lies: nothing was resuspended, so that no recovery applies"
    assert [step.outcome.remarks for step in run.bench] == [(), (remark,)]
    assert f"step 2: {remark}" in run.summary()
    resuspended = run_of(
        SPIN | {"keep": "supernatant", "rcf_xg": 1000},
        firmly | {"keep": "pellet", "resuspend": TO_PBS | {"volume_mL": 5}, "pellet_recovery": 0.3},
    )
    (told_apart,) = resuspended.bench[-1].outcome.remarks
    assert re.fullmatch(r"of vesicles [0-9.]+ % left the supernatant .* and 30\.0 % of that came back .*", told_apart)
    lying, taken_up = (each.yields["vesicles"]["bench"] for each in (run, resuspended))
    assert lying == pytest.approx(taken_up / 0.3, rel=1e-9)  # of what is taken up 30 % come back


def test_a_pellet_as_it_lies_is_no_suspension_and_goes_no_further():
    many = BEADS | {"particles_per_mL": 1e11}
    lies = SPIN | {"residual_volume_mL": 0.05}
    assert not told(run_of(lies | {"keep": "supernatant"}, population=[VESICLES, many]), "no suspension")
    with pytest.raises(sepsim.InputError, match="take it up with resuspend"):
        run_of(lies | {"keep": "pellet"}, {"method": "aliquot", "volume_mL": 0.01, "keep": "aliquot"})


BRINE = {"density_g_mL": 1.1, "viscosity_mPa_s": 1.1}


@pytest.mark.parametrize(
    ("medium", "count"),
    [
        (BRINE, 1),
        (BRINE | {"osmolality_mOsm_kg": 290}, 0),
        (BRINE | {"osmolality_mOsm_kg": 1900}, 0),
        (BRINE | {"density_g_mL": 1.02}, 0),
    ],
)
def test_a_dense_fluid_of_ones_own_without_osmolality_is_told_once(medium, count):
    add = {"method": "dilution", "medium": medium, "factor": 2, "keep": "diluted"}
    again = {"method": "dilution", "medium": "PBS", "factor": 2, "keep": "diluted"}
    run = run_of(add, again, volume_mL=10)
    found = [text for text in told(run, "counts as iso-osmotic") if "(ideal)" not in text]
    assert len(found) == count
    assert all(text.startswith("step 1: own fluid of 1.1 g/mL counts as iso-osmotic, 290 mOsm/kg") for text in found)
    beads = run_of(add, volume_mL=10, population=[BEADS], target="beads")
    assert not told(beads, "counts as iso-osmotic")
