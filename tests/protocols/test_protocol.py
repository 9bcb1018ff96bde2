"""Protocols: routing, both ways of handling, reading and writing, and every kind of wrong input."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from paths import PROTOCOLS

import sepsim
from sepsim.data import bibliography
from sepsim.errors import InputError
from sepsim.protocols.protocol_file import dump_protocol, load_protocol, protocol_from_table

EXAMPLES = sorted(PROTOCOLS.glob("*.toml"))
LONG = {"flushing_separation", "sucrose_overnight", "ultrafiltration_wash_optiprep"}  # half a minute of CPU each
SAMPLE = {"source": "urine", "volume_mL": 30, "size_bins": 4, "density_quantiles": 2}
PELLET = {
    "name": "pellet",
    "method": "centrifugation",
    "rotor": "Type 70 Ti",
    "rcf_xg": 100_000,
    "rcf_at": "rav",
    "time_min": 70,
    "resuspend": {"medium": "PBS", "volume_mL": 1},
    "keep": "pellet",
}
CLEAR = {
    "name": "clear",
    "method": "centrifugation",
    "rotor": "A-4-81",
    "rcf_xg": 2000,
    "rcf_at": "rmax",
    "time_min": 20,
    "keep": "supernatant",
}


def table(*steps, **changes):
    return {"target": "exosome", "sample": SAMPLE, "step": list(steps or (CLEAR, PELLET))} | changes


def problems(*steps, **changes):
    with pytest.raises(InputError) as caught:
        protocol_from_table(table(*steps, **changes))
    return caught.value.problems


def test_a_whole_run():
    run = protocol_from_table(table()).run(seed=3)
    assert [step.name for step in run.bench] == ["clear", "pellet"]
    assert run.product is run.bench[-1].outcome.fractions["pellet"]
    assert run.yields["exosome"]["bench"] < run.yields["exosome"]["ideal"] <= 1
    assert run.duration == pytest.approx(90 * 60)
    assert run.seed == 3


def test_bench_and_ideal_differ_by_exactly_the_recovery_of_each_pellet():
    dry = {"residual_volume_mL": 0.0, "pellet_model": {"attachment_per_s": 1e20}, "pellet_disturbed": 0}
    again = PELLET | dry | {"name": "again", "pellet_recovery": 0.3}
    first = PELLET | dry | {"resuspend": {"medium": "PBS", "volume_mL": 30}, "pellet_recovery": 0.2}
    run = protocol_from_table(table(CLEAR | dry, first, again)).run()
    figures = run.yields["exosome"]
    assert figures["bench"] == pytest.approx(0.2 * 0.3 * figures["ideal"], rel=1e-3)  # but for the liquid on pellets


def test_equal_seeds_give_identical_results():
    protocol = protocol_from_table(table())
    assert protocol.run(seed=5).to_json() == protocol.run(seed=5).to_json()


def test_branches_and_pools_conserve_everything():
    split = {"name": "split", "method": "aliquot", "volume_mL": 10, "keep": "aliquot"}
    joined = {"name": "join", "method": "pooling", "from": ["split.aliquot", "split.rest"], "keep": "pool"}
    run = protocol_from_table(table(split, joined)).run()
    assert run.product.counts == pytest.approx(run.loaded.counts, rel=1e-12)
    assert run.product.volume == pytest.approx(run.loaded.volume)


def test_a_branch_takes_the_fraction_it_names():
    branch = CLEAR | {"resuspend": {"medium": "PBS", "volume_mL": 5}}
    back = {"name": "look", "method": "aliquot", "volume_mL": 1, "from": "clear.pellet", "keep": "aliquot"}
    run = protocol_from_table(table(branch, back)).run()
    pellet = run.bench[0].outcome.fractions["pellet"]
    assert run.product.counts == pytest.approx(pellet.counts / 5, rel=1e-12)


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.stem, marks=pytest.mark.slow if path.stem in LONG else ()) for path in EXAMPLES],
)
def test_examples_run_and_round_trip(path):
    whole = load_protocol(path)
    protocol = replace(whole, sample=replace(whole.sample, size_bins=4, density_quantiles=2))
    again = protocol_from_table(protocol.to_table())
    assert again.to_table() == protocol.to_table()
    run = protocol.run(seed=1)
    assert protocol_from_table(run.to_dict()["protocol"]).run(seed=1).to_dict() == run.to_dict()
    assert 0 < run.yields[run.target]["bench"] <= run.yields[run.target]["ideal"] <= 1


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_pass_a_dry_run(path):
    protocol = load_protocol(path)
    dry = protocol.dry_run()
    for results in (dry.bench, dry.ideal):
        assert [result.name for result in results] == [step.name for step in protocol.steps]
    assert dry.product.by_population[dry.target] > 0


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_written_file_reads_back_the_same(path, tmp_path):
    protocol = load_protocol(path)
    copy = tmp_path / "copy.toml"
    copy.write_text(dump_protocol(protocol), encoding="utf-8")
    assert load_protocol(copy).to_table() == protocol.to_table()
    assert load_protocol(copy).sample == protocol.sample


def test_own_sample_rotor_tube_and_medium_round_trip(tmp_path):
    own = {
        "sample": {
            "volume_mL": 20,
            "medium": {"density_g_mL": 1.0, "viscosity_mPa_s": 1.55},
            "population": [
                {"name": "small", "kind": "vesicle", "mean_diameter_nm": 90, "diameter_sd_nm": 20,
                 "particles_per_mL": 1e9},
                {"name": "table", "kind": "particle", "diameters_nm": [50, 60], "weights": [1, 3], "density_g_mL": 1.2,
                 "particles_per_mL": 1e8},
                {"name": "protein", "kind": "protein", "molar_mass_kDa": 150, "s20w_S": 6.8, "mass_mg_per_mL": 1},
            ],
        },
        "target": "small",
        "step": [
            PELLET | {
                "rotor": {"name": "mine", "angle_deg": 30, "rmax_mm": 100, "rmin_mm": 40, "max_rpm": 50_000,
                          "n_tubes": 4,
                          "tube": {"name": "bottle", "inner_diameter_mm": 24, "length_mm": 80, "volume_mL": 25}},
            }
        ],
    }  # fmt: skip
    protocol = protocol_from_table(own)
    copy = tmp_path / "copy.toml"
    copy.write_text(dump_protocol(protocol))
    assert load_protocol(copy).run(seed=2).to_dict()["populations"] == protocol.run(seed=2).to_dict()["populations"]


def test_measured_sizes_come_in_relative_to_the_protocol_file(tmp_path):
    (tmp_path / "sizes.csv").write_text("diameter_nm,particles_per_mL\n80,1e9\n120,3e9\n")
    (tmp_path / "protocol.toml").write_text(
        'target = "measured"\n[sample]\nvolume_mL = 10\nmedium = "PBS"\n'
        '[[sample.population]]\nname = "measured"\nkind = "vesicle"\nsizes_csv = "sizes.csv"\n'
        '[[step]]\nname = "take"\nmethod = "aliquot"\nvolume_mL = 1\nkeep = "aliquot"\n'
    )
    run = load_protocol(tmp_path / "protocol.toml").run()
    assert run.loaded.by_population["measured"] == pytest.approx(4e10)
    assert run.name == "protocol"


# ---- the machine-readable result -----------------------------------------------------------------------------


def test_json_has_exactly_the_promised_keys():
    document = json.loads(protocol_from_table(table()).run(seed=1).to_json())
    assert list(document) == [
        "schema", "sepsim_version", "seed", "protocol", "duration_s", "target", "product", "populations", "purity",
        "steps", "sources", "warnings",
    ]  # fmt: skip
    assert document["schema"] == "sepsim.run/1"
    assert document["sepsim_version"] == sepsim.__version__
    assert set(document["product"]) == {"step", "fraction", "volume_mL"}
    exosome = document["populations"]["exosome"]
    assert set(exosome) == {"input", "output", "yield"}
    assert set(exosome["yield"]) == set(exosome["output"]) == {"bench", "ideal"}
    assert exosome["yield"]["bench"] == pytest.approx(exosome["output"]["bench"] / exosome["input"])
    for purity in document["purity"].values():
        assert set(purity) == {"particle", "protein", "rna", "rna_ug", "particles_per_ug_protein", "enrichment"}
    step = document["steps"][0]
    assert set(step) == {"name", "method", "duration_s", "equipment", "remarks", "warnings", "fractions"}
    assert set(step["fractions"]["pellet"]) == {"volume_mL", "density_g_mL", "refractive_index", "populations"}
    assert set(document["sources"]) <= set(bibliography())


def test_the_refractive_index_of_water_is_the_published_one():
    sample = {"volume_mL": 5, "medium": "water", "population": [{"name": "exosome", "particles_per_mL": 1e9}]}
    take = {"name": "take", "method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
    document = json.loads(protocol_from_table(table(take, sample=sample)).run().to_json())
    assert document["steps"][0]["fractions"]["rest"]["refractive_index"] == pytest.approx(1.3330, abs=2e-4)


def test_undefined_is_null_and_never_zero():
    sample = {
        "volume_mL": 5,
        "medium": "PBS",
        "population": [{"name": "exosome", "particles_per_mL": 1e9}, {"name": "ldl", "particles_per_mL": 0}],
    }
    take = {"name": "take", "method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
    run = protocol_from_table(table(take, sample=sample)).run()
    assert math.isnan(run.yields["ldl"]["bench"])
    document = json.loads(run.to_json())
    assert document["populations"]["ldl"]["yield"]["bench"] is None
    assert document["purity"]["bench"]["enrichment"]["ldl"] is None


def test_csv_and_dataframe_are_long_and_balance(tmp_path):
    run = protocol_from_table(table()).run()
    path = tmp_path / "run.csv"
    text = run.to_csv(path)
    assert path.read_text() == text
    frame = run.to_dataframe()
    assert len(frame) == len(text.splitlines()) - 1
    clear = frame[(frame["step"] == "clear") & (frame["handling"] == "bench")]
    summed = clear.groupby("population")["particles"].sum()
    for name, number in run.loaded.by_population.items():
        assert summed[name] == pytest.approx(number, rel=1e-9)


def test_labelled_results_are_those_of_the_samples():
    run = protocol_from_table(table()).run()
    data = run.to_xarray()
    cell = data["particles"].sel(handling="ideal", step="pellet", fraction="pellet", population="exosome")
    assert float(cell) == pytest.approx(run.ideal_product.by_population["exosome"])


def test_the_summary_shows_both_kinds_of_handling_and_the_warnings():
    summary = protocol_from_table(table(CLEAR, PELLET | {"rotor": "T-865"})).run().summary()
    assert "yield bench" in summary
    assert "yield ideal" in summary
    assert "h of run time" in summary
    assert "warning: pellet: rotor 'T-865': its radii are unverified" in summary


# ---- wrong input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "changes", "message"),
    [
        ([CLEAR | {"keep": "supernatent"}], {}, "did you mean 'supernatant'"),
        ([{k: v for k, v in CLEAR.items() if k != "keep"}], {}, "keep: missing"),
        ([CLEAR | {"method": "centrifuge"}], {}, "did you mean 'centrifugation'"),
        ([{k: v for k, v in CLEAR.items() if k != "method"}], {}, "method: missing"),
        ([CLEAR | {"time": 3}], {}, "did you mean 'time_min'"),
        ([CLEAR | {"speed_rpm": 100}], {}, "one of them, not both"),
        ([CLEAR, PELLET | {"from": "claer.supernatant"}], {}, "did you mean 'clear'"),
        ([CLEAR, PELLET | {"from": "clear.supernatent"}], {}, "did you mean 'supernatant'"),
        ([CLEAR, PELLET | {"from": "clear"}], {}, "must be 'STEP.fraction'"),
        ([CLEAR | {"keep": "pellet"}, PELLET], {}, "take it up with resuspend"),
        ([CLEAR, PELLET | {"from": "clear.pellet"}], {}, "take it up with resuspend"),
        ([CLEAR | {"keep": "lost"}], {}, "it is lost"),
        ([CLEAR, CLEAR], {}, "names must differ"),
        ([CLEAR, PELLET, PELLET | {"name": "p", "from": "clear.supernatant"}], {}, "already used by step 'pellet'"),
        ([], {"step": []}, "at least one"),
        ([], {"step": 3}, "must be a list of"),
        ([], {"target": "exosom"}, "did you mean 'exosome'"),
        ([], {"target": 3}, "must be a text"),
        ([], {"sample": 3}, "must be one table with source .* write \\[sample\\] once"),
        ([], {"stpe": 3}, "did you mean 'step'"),
    ],
)
def test_wrong_tables_say_where_and_what(steps, changes, message):
    with pytest.raises(InputError, match=message):
        protocol_from_table(table(*steps, **changes))


def test_all_errors_of_a_file_come_at_once():
    found = problems(
        CLEAR | {"time_min": -3, "rotor": "A-4-18"}, PELLET | {"keep": 3}, sample=SAMPLE | {"volume_mL": 0}, nmae="x"
    )
    text = "\n".join(found)
    for piece in ("nmae", "[sample]: volume_mL = 0", "step 1 'clear': time_min = -3", "rotor", "step 2 'pellet': keep"):
        assert piece in text


def test_routing_is_checked_even_where_other_steps_are_broken():
    found = "\n".join(
        problems(
            CLEAR | {"time_min": -3},
            PELLET | {"from": "clear.supernatant"},
            PELLET | {"name": "late", "from": "claer.pellet"},
            PELLET,
        )
    )
    assert "step 1 'clear': time_min = -3" in found
    assert "did you mean 'clear'" in found
    assert "step 4 'pellet': another step has this name" in found
    assert "step 2" not in found  # what a broken step hands out is not known


@pytest.mark.parametrize("seed", [-1, 1.5, None, True])
def test_seeds_are_whole_numbers(seed):
    with pytest.raises(InputError, match=r"seed = .*must be a whole number"):
        protocol_from_table(table()).run(seed=seed)


def test_numbers_of_numpy_are_numbers():
    step = PELLET | {"time_min": np.int64(70), "rcf_xg": np.float32(100_000), "tubes": np.int64(1)}
    run = protocol_from_table(table(CLEAR, step)).run(seed=np.int64(3))
    assert json.loads(run.to_json())["seed"] == 3


def test_a_target_without_amount_is_refused():
    nothing = {"name": "exosome", "particles_per_mL": 0}
    assert "there is nothing to recover" in problems(CLEAR, PELLET, sample=SAMPLE | {"population": [nothing]})[0]


def test_a_volume_that_does_not_fit_is_found_in_a_dry_run_and_names_the_step():
    protocol = protocol_from_table(table(CLEAR, PELLET | {"tubes": 1, "fill_volume_mL": 20}))
    for attempt in (protocol.dry_run, protocol.run):
        with pytest.raises(InputError, match=r"step 'pellet': tubes = 1: .* do not fit"):
            attempt()


@pytest.mark.parametrize(
    ("text", "message"), [("name = ", "is not valid TOML: Invalid value"), ("[sample]\nvolume_mL = nan\n", "finite")]
)
def test_broken_files(tmp_path, text, message):
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        load_protocol(path)


def test_files_that_are_no_text(tmp_path):
    path = tmp_path / "picture.toml"
    path.write_bytes(b"\x89PNG\xff")
    with pytest.raises(InputError, match="cannot be read as a text file"):
        load_protocol(path)
    with pytest.raises(InputError, match="cannot be read"):
        load_protocol(tmp_path)
