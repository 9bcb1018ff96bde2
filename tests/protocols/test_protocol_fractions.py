"""Protocols that keep and take numbered fractions: routing, checks before and during the run, reading and writing."""

import json

import numpy as np
import pytest
from collecting import Collecting

from sepsim.errors import InputError
from sepsim.handling import Aliquot, Pooling
from sepsim.protocols.protocol import Protocol, Source, Step
from sepsim.protocols.protocol_file import dump_protocol, load_protocol, protocol_from_table
from sepsim.samples.sample_recipe import sample_from_catalog

URINE = {"source": "urine", "volume_mL": 8, "size_bins": 3, "density_quantiles": 2}
COLLECT = {"name": "grad 1.5", "method": "collecting", "count": 8, "keep": "fractions 3-5"}  # 1.00, 1.02 ... 1.14 g/mL
JOIN = {"name": "join", "method": "pooling", "keep": "pool"}

pytestmark = pytest.mark.usefixtures("with_collecting")


def protocol(*steps):
    return protocol_from_table({"target": "exosome", "sample": URINE, "step": list(steps)})


def take(name, source):
    return JOIN | {"name": name, "from": source}


def in_fractions(run, names, step=0):
    return sum(run.bench[step].outcome.fractions[name].counts for name in names)


def numbers(*which):
    return [f"fraction {number}" for number in which]


@pytest.mark.parametrize(
    ("keep", "names"),
    [
        ("fraction 3", numbers(3)),
        ("fractions 3-5", numbers(3, 4, 5)),
        ("fractions 3\u20135", numbers(3, 4, 5)),
        ("1.03-1.09 g/mL", numbers(3, 4, 5)),
        ("pellet", ["pellet"]),
    ],
)
@pytest.mark.parametrize("next_steps", [(), (JOIN,)], ids=["product", "goes on"])
def test_what_is_kept_goes_on(keep, names, next_steps):
    run = protocol(COLLECT | {"keep": keep}, *next_steps).run()
    assert run.bench[0].chosen == tuple(names)
    assert run.product.counts == pytest.approx(in_fractions(run, names), rel=1e-12)
    assert run.product.volume == pytest.approx(len(names) * 1e-6 if keep != "pellet" else 0.0)
    if len(names) == 1:
        assert run.product is run.bench[0].outcome.fractions[names[0]]


@pytest.mark.parametrize("keep", ["fractions 3-5", "1.03-1.09 g/mL"])
def test_the_product_lies_between_those_that_are_poured_together(keep):
    run = protocol(COLLECT | {"keep": keep}).run()
    assert run.product.medium.density == pytest.approx(1060.0)
    assert run.yields["exosome"]["ideal"] == pytest.approx(run.yields["exosome"]["bench"] * 0.8 / 0.7)


def test_branches_take_ranges_and_windows_of_steps_with_dots_in_their_names():
    branch = take("branch", ["grad 1.5.fractions 1-2", "grad 1.5.1.11-1.15 g/mL", "grad 1.5.pellet"])
    run = protocol(COLLECT, JOIN, branch).run()
    taken = [*numbers(1, 2, 7, 8), "pellet"]
    assert run.bench[2].treated == tuple(("grad 1.5", name) for name in taken)
    assert run.bench[1].treated == tuple(("grad 1.5", name) for name in numbers(3, 4, 5))
    assert run.bench[0].treated == ()
    assert run.product.counts == pytest.approx(in_fractions(run, taken), rel=1e-12)
    assert run.bench[1].kept.counts == pytest.approx(in_fractions(run, numbers(3, 4, 5)), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "earlier", "source"),
    [
        ("a.pellet", ["a"], Source("a", "pellet")),
        ("a.1.08-1.12 g/mL", ["a"], Source("a", "1.08-1.12 g/mL")),
        ("a.b.pellet", ["a", "a.b"], Source("a.b", "pellet")),
        ("a.b.pellet", ["a.b", "a"], Source("a.b", "pellet")),
        ("0.5 M.fraction 3", ["0.5 M", "0"], Source("0.5 M", "fraction 3")),
        ("no.such.pellet", ["a"], Source("no.such", "pellet")),
        ("nosuch.1.08-1.12 g/mL", ["a"], Source("nosuch", "1.08-1.12 g/mL")),
    ],
)
def test_the_longest_name_of_a_step_is_meant(text, earlier, source):
    assert Source.parse(text, earlier) == source
    assert str(source) == text


# ---- wrong input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([COLLECT | {"keep": "fractions 7-9"}], "keep = 'fractions 7-9': the last fraction is 'fraction 8'"),
        ([COLLECT | {"keep": "fractions 5-3"}], "did you mean 'fractions 3-5'"),
        ([COLLECT | {"keep": "fraction zero"}], "write 'fraction 7', 'fractions 7-10'"),
        ([COLLECT | {"keep": "1.12-1.08 g/mL"}], "did you mean '1.08-1.12 g/mL'"),
        ([COLLECT | {"keep": "pelet"}], "did you mean 'pellet'"),
        ([{k: v for k, v in COLLECT.items() if k != "keep"}], "keep: missing; .* 'fraction 1' to 'fraction 8'"),
        ([COLLECT | {"keep": 7}], "keep: 7 is no text; .* 'fraction 1' to 'fraction 8'"),
        ([COLLECT, take("b", "grad 1.5.fraction 9")], "from = 'grad 1.5.fraction 9': the last"),
        ([COLLECT, take("b", "grad 15.1.08-1.12 g/mL")], "called 'grad 15'; did you mean 'grad 1.5'"),
        ([COLLECT, JOIN, take("b", "grad 1.5.fractions 5-6")], "already used by step 'join'"),
        ([COLLECT, take("b", ["grad 1.5.fractions 1-4", "grad 1.5.fraction 2"])], "already used by step 'b'"),
        ([COLLECT | {"keep": "1-2 g/mL"}, JOIN, take("b", "grad 1.5.1.0-1.1 g/mL")], "already used by step 'join'"),
        ([JOIN | {"keep": "fractions 1-2"}], "method 'pooling' hands out 'pool'; choose one"),
        ([JOIN | {"keep": "1.0-1.1 g/mL"}], "method 'pooling' hands out 'pool'; choose one"),
    ],
)
def test_what_can_be_known_is_refused_before_the_run(steps, message):
    with pytest.raises(InputError, match=message):
        protocol(*steps)


def test_a_wrong_keep_is_told_once_with_everything_else():
    with pytest.raises(InputError) as caught:
        protocol(COLLECT | {"keep": "fractions 8-9"}, take("b", "grad 1.5.fractions 0-1"), take("b", "grad.pellet"))
    problems = caught.value.problems
    assert len(problems) == 4
    assert problems[0].startswith("step 1 'grad 1.5': keep = 'fractions 8-9'")
    assert problems[1].startswith("step 2 'b': from = 'grad 1.5.fractions 0-1': fractions are counted from 1")
    assert "another step has this name" in problems[2]
    assert "no earlier step is called 'grad'" in problems[3]


UNKNOWN = {key: value for key, value in COLLECT.items() if key != "count"}  # 8 of 1 mL, as the run will tell


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([UNKNOWN | {"keep": "fractions 7-9"}], "^step 'grad 1.5': keep = 'fractions 7-9': the last .* 'fraction 8'$"),
        (
            [COLLECT | {"keep": "1.2-1.3 g/mL"}],
            "^step 'grad 1.5': keep = '1.2-1.3 g/mL': the window holds no fraction; .* fraction 8 1.1400$",
        ),
        (
            [COLLECT, JOIN, take("late", "grad 1.5.1.2-1.3 g/mL")],
            "^step 'grad 1.5': from = 'grad 1.5.1.2-1.3 g/mL': the window holds no fraction",
        ),
        (
            [COLLECT, JOIN, take("late", "grad 1.5.1.07-1.12 g/mL")],
            "^step 'grad 1.5': from = 'grad 1.5.1.07-1.12 g/mL': fraction 5 already used by step 'join'; divide",
        ),
        (
            [COLLECT, take("b", ["grad 1.5.1.01-1.07 g/mL", "grad 1.5.1.03-1.09 g/mL"])],
            "fractions 3-4 already used by step 'b'",
        ),
    ],
)
def test_what_only_the_run_tells_names_the_step(steps, message):
    sound = protocol(*steps)
    with pytest.raises(InputError, match=message):
        sound.run()


def test_a_step_is_judged_before_later_ones_are_run():
    seen = []
    late = take("late", "grad 1.5.1.2-1.3 g/mL")
    with pytest.raises(InputError):
        protocol(COLLECT, JOIN, late).run(progress=lambda done, total, name: seen.append(name))
    assert seen == ["grad 1.5"]


def test_a_window_that_is_empty_with_ideal_hands_alone_says_so():
    heavier = Collecting(count=8, loss=0.0, lightest_g_mL=2.0)

    class Sticky(Collecting):
        """Losses make the liquid lighter."""

        __slots__ = ()

        def ideal(self):
            return heavier

    step = Step(name="grad", method=Sticky(count=8), keep="1.0-1.2 g/mL")
    urine = sample_from_catalog("urine", volume_mL=8)
    with pytest.raises(InputError, match=r"^with ideal handling: step 'grad': keep = "):
        Protocol(name="sticky", target="exosome", sample=urine, steps=(step,)).run()


def test_a_dry_run_knows_numbers_but_no_densities():
    with pytest.raises(InputError, match="the last fraction is 'fraction 8'"):
        protocol(UNKNOWN | {"keep": "fraction 9"}).dry_run()
    windows = protocol(COLLECT | {"keep": "1.03-1.09 g/mL"}, JOIN, take("late", "grad 1.5.1.11-1.15 g/mL"))
    dry_run = windows.dry_run()
    assert len(dry_run.bench[0].chosen) == 1  # all are as dense but for their proteins
    assert sum("these are those of a dry run, which a run may change" in text for text in dry_run.warnings) == 2
    assert not any("window" in text for text in windows.run().warnings)


@pytest.mark.parametrize("attempt", ["run", "dry_run"])
def test_a_fraction_that_is_used_twice_by_number_and_by_volume_is_refused(attempt):
    twice = protocol(COLLECT, take("b", "grad 1.5.fraction 2"), take("c", "grad 1.5.1-2 mL"))
    with pytest.raises(InputError, match=r"from = 'grad 1\.5\.1-2 mL': fraction 2 already used by step 'b'"):
        getattr(twice, attempt)()


IODIXANOL = {
    "name": "grad", "method": "density_gradient", "rotor": "SW 41 Ti", "rcf_xg": 100_000, "rcf_at": "rav",
    "time_min": 60, "fractions": 10,
    "gradient": {
        "shape": "linear", "volume_mL": 10, "top": {"iodixanol_percent_w_v": 10, "diluent": "PBS"},
        "bottom": {"iodixanol_percent_w_v": 40, "diluent": "PBS"},
    },
}  # fmt: skip
SELF_FORMED = {key: value for key, value in IODIXANOL.items() if key != "gradient"} | {
    "layers": [{"volume_mL": 10, "cscl_percent_w_w": 40, "diluent": "water"}], "load": 1
}  # fmt: skip
COLUMN = {
    "name": "grad", "method": "chromatography", "column": "qEV2 70 nm", "flow_mL_min": 1, "fraction_volume_mL": 2,
    "fractions": 12,
}  # fmt: skip


def one_step(step):
    return protocol_from_table({"target": "exosome", "sample": URINE | {"volume_mL": 1}, "step": [step]})


@pytest.mark.parametrize("step", [IODIXANOL, COLUMN], ids=["gradient", "column"])
@pytest.mark.parametrize("keep", ["3.0-3.1 g/mL", "0.5-0.9 g/mL"])
@pytest.mark.parametrize("attempt", ["run", "dry_run"])
def test_a_density_that_nothing_has_is_refused(step, keep, attempt):
    with pytest.raises(InputError, match=f"keep = '{keep}': the window holds no fraction"):
        getattr(one_step(step | {"keep": keep}), attempt)()


@pytest.mark.parametrize(("step", "keep"), [(IODIXANOL, "1.2199-1.22 g/mL"), (SELF_FORMED, "2.0-2.1 g/mL")])
def test_a_density_that_only_a_run_knows_is_a_warning(step, keep):
    assert any("which a run may change" in text for text in one_step(step | {"keep": keep}).dry_run().warnings)


# ---- reading and writing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", ["fractions 3-5", "fractions 3\u20135", "1.03-1.09 g/mL", "fraction 3", "pellet"])
def test_round_trips_through_files_and_results(keep, tmp_path):
    first = protocol(
        COLLECT | {"keep": keep},
        JOIN,
        take("late", ["grad 1.5.fractions 1-2", "grad 1.5.1.11-1.15 g/mL"]),
    )
    copy = tmp_path / "copy.toml"
    copy.write_text(dump_protocol(first), encoding="utf-8")
    assert load_protocol(copy).steps == first.steps
    assert load_protocol(copy).to_table() == first.to_table()
    document = json.loads(first.run(seed=4).to_json())
    assert protocol_from_table(document["protocol"]).run(seed=4).to_dict() == document


def test_the_result_names_what_was_asked_for_and_every_fraction():
    run = protocol(COLLECT | {"keep": "1.03-1.09 g/mL"}).run()
    document = run.to_dict()
    assert document["product"] == {
        "step": "grad 1.5",
        "fraction": "1.03-1.09 g/mL",
        "volume_mL": pytest.approx(3.0),
    }
    fractions = document["steps"][0]["fractions"]
    assert [*fractions] == [*numbers(*range(1, 9)), "pellet", "lost"]
    assert fractions["fraction 4"]["density_g_mL"] == pytest.approx(1.06)
    assert fractions["fraction 4"]["refractive_index"] is None  # of this liquid nobody knows it
    frame = run.to_dataframe()
    assert len(frame) == 2 * 10 * len(run.loaded.by_population)
    assert "product: 1.03-1.09 g/mL of 'grad 1.5' (fractions 3-5), 3 mL" in run.summary()


def test_ranges_are_written_as_they_are():
    summary = protocol(COLLECT).run().summary()
    assert "product: fractions 3-5 of 'grad 1.5', 3 mL" in summary


def test_everything_that_is_taken_adds_up_to_the_load():
    source = ["grad 1.5.fractions 1-2", "grad 1.5.1.03-1.20 g/mL", "grad 1.5.pellet", "grad 1.5.lost"]
    run = protocol(COLLECT, take("all", source)).run()
    assert run.product.counts == pytest.approx(run.loaded.counts, rel=1e-12)
    assert run.product.volume == pytest.approx(run.loaded.volume, rel=1e-12)


def test_protocols_in_python_keep_ranges_too():
    steps = (
        Step(name="collect", method=Collecting(count=4), keep="fractions 2-3"),
        Step(name="take", method=Aliquot(volume_mL=1), keep="aliquot"),
        Step(name="rest", method=Pooling(), keep="pool", sources=(Source("collect", "fraction 1"),)),
    )
    urine = sample_from_catalog("urine", volume_mL=8)
    run = Protocol(name="p", target="exosome", sample=urine, steps=steps).run()
    middle = in_fractions(run, numbers(2, 3))
    assert run.bench[1].kept.counts == pytest.approx(middle / 4, rel=1e-12)
    assert np.array_equal(run.product.counts, in_fractions(run, numbers(1)))


def test_the_summary_lists_the_fractions_of_the_last_step():
    run = protocol(COLLECT).run()
    lines = [line for line in run.summary().splitlines() if line.startswith("fraction ")]
    assert len(lines) == 8
    assert [line.startswith(f"fraction {n} *") for n, line in enumerate(lines, 1)] == [
        n in (3, 4, 5) for n in range(1, 9)
    ]
    assert [float(line.replace("*", "").split()[3]) for line in lines] == pytest.approx(1.0 + 0.02 * np.arange(8))
    shares = [float(line.replace("*", "").split()[4]) for line in lines]
    kept = run.bench[0].outcome.fractions
    assert sum(shares) == pytest.approx(
        100
        * sum(kept[f"fraction {n}"].by_population["exosome"] for n in range(1, 9))
        / run.loaded.by_population["exosome"],
        abs=0.5,
    )
    assert "exosome, all protein: share of what was loaded at the start" in run.summary().splitlines()
    assert "refractive index" not in run.summary()  # nobody knows it
    assert "fraction, * kept" not in protocol(COLLECT, JOIN).run().summary()


def test_the_summary_lists_refractive_indices_where_they_tell_fractions_apart():
    spin = {"name": "spin", "method": "density_gradient", "rotor": "SW 41 Ti", "speed_rpm": 20_000, "time_min": 10,
            "layers": [{"volume_mL": 5, "sucrose_percent_w_w": percent} for percent in (10, 40)], "fractions": 4,
            "keep": "fraction 2"}  # fmt: skip
    sample = {"medium": "water", "volume_mL": 1, "population": [{"name": "exosome", "particles_per_mL": 1e9}]}
    run = protocol_from_table({"target": "exosome", "sample": sample, "step": [spin]}).run()
    lines = [line.replace("*", "") for line in run.summary().splitlines() if line.startswith("fraction ")]
    indices = [float(line.split()[4]) for line in lines]
    assert indices == sorted(indices)
    assert 1.33 < indices[0] < indices[-1] < 1.40  # 40 % w/w is 1.3997 (CRC Handbook)


def test_tables_name_density_and_refractive_index():
    header, first, *_ = protocol(COLLECT).run().to_csv().splitlines()
    row = dict(zip(header.split(","), first.split(","), strict=True))
    assert float(row["density_g_mL"]) == pytest.approx(1.0)
    assert row["refractive_index"] == ""  # undefined
