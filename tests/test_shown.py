"""How records show themselves: a table in a notebook, a line elsewhere."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from conftest import conditioned_medium, protocol, spin

from sepsim import fluid, protocol_from_table
from sepsim.handling import Aliquot
from sepsim.media import Medium
from sepsim.protocols.protocol import Step

EVIL = "<script>alert('x')</script>"


class Tables(HTMLParser):
    """Reads the tables of an HTML text, and which elements it has."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.tags, self.open = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "br":
            return
        self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.tables[-1][-1][-1] += data


def tables(record):
    return Tables(record._repr_html_()).tables


def records(run, protocol):
    return [run, protocol, run.product, protocol.sample]


@pytest.fixture
def evil():
    """A protocol in which all that can be named has the name of an element."""
    own = {"name": EVIL, "kind": "vesicle", "particles_per_mL": 1e9, "diameter_nm": 100}
    medium = {"name": EVIL, "density_g_mL": 1.0, "viscosity_mPa_s": 1.0}
    step = Step(name=EVIL, method=Aliquot(volume_mL=15), keep="aliquot")
    taken = protocol(EVIL, step, sample=conditioned_medium(population=[own], medium=medium))
    return replace(taken, target=EVIL)


def test_a_run_shows_populations_purity_and_steps(run):
    populations, purity, steps = tables(run)
    assert populations[0][:3] == ["population", "input [particles]", "output bench [particles]"]
    assert populations[0][3:5] == ["yield bench", "yield ideal"]
    shown = {row[0]: row[1:] for row in populations[1:]}
    assert [*shown] == [*run.loaded.particles.names]
    assert shown["exosome"][:2] == [f"{sample.by_population['exosome']:.2e}" for sample in (run.loaded, run.product)]
    assert shown["exosome"][2] == f"{100 * run.yields['exosome']['bench']:.1f} %"
    assert shown["exosome"][4:] == ["target", "target"]
    assert purity[0] == ["purity of exosome", "bench", "ideal"]
    assert [row[0] for row in steps[1:]] == ["10000 x g", "100000 x g"]
    assert steps[2][1:6] == ["centrifugation", "1 tube, 1 run", "pellet", "1.2 h", "1"]
    assert steps[2][6] == shown["exosome"][2]


def test_a_run_shows_its_warnings(run):
    warned = replace(run, sample_warnings=("amounts < 1 are guesses",))
    assert "<p>warning: amounts &lt; 1 are guesses</p>" in warned._repr_html_()


def test_what_is_undefined_is_a_dash(aliquot):
    (row,) = [row for row in tables(aliquot)[0] if row[0] == "platelet"]
    assert row[1:] == ["0.00e+00", "0.00e+00", "-", "-", "-", "-"]
    (row,) = [row for row in tables(aliquot.product)[0] if row[0] == "platelet"]
    assert row[2:] == ["0.00e+00", "0.00e+00", "-", "-"]
    dry = replace(aliquot.product, volume=0.0)
    assert {row[3] for row in tables(dry)[0][1:]} == {"-"}
    assert "nan" not in aliquot._repr_html_() + dry._repr_html_()


def test_a_protocol_shows_steps_with_what_was_set():
    steps = (spin(10_000, "supernatant", 30), spin(100_000, "pellet"))
    shown = protocol("two spins", *steps)
    (table,) = tables(shown)
    assert table[0] == ["step", "method", "settings", "treats", "keeps"]
    assert [row[3:] for row in table[1:]] == [["sample", "supernatant"], ["supernatant", "pellet"]]
    assert table[1][2] == (
        'rotor = "Type 45 Ti", rcf_xg = 10000.0, rcf_at = "rav", time_min = 30.0, '
        'resuspend = { medium = "PBS", volume_mL = 1.0 }'
    )
    assert "<strong>two spins</strong><br>2 steps for exosome, from 60 mL of " in shown._repr_html_()


def test_a_step_shows_the_branches_that_it_treats(branched):
    rebuilt = protocol_from_table(branched.protocol)
    assert tables(rebuilt)[0][-1][3] == "10000 x g.pellet + 100000 x g.pellet"


def test_samples_show_numbers_concentrations_and_sizes():
    two = [{"name": "exosome", "particles_per_mL": 1e9, "diameters_nm": [50, 80, 120], "weights": [0.3, 0.4, 0.3]}]
    recipe = conditioned_medium(population=two)
    (table,) = tables(recipe)
    assert table[0][2:] == ["number", "concentration [1/mL]", "median diameter [nm]", "10 to 90 % [nm]"]
    row = next(row for row in table if row[0] == "exosome")
    assert row[1:] == ["vesicle", "6.00e+10", "1.00e+09", "80", "50 to 120"]
    assert tables(recipe.prepare()) == [table]
    assert "60 mL of conditioned medium with serum" in recipe._repr_html_()
    assert "60 mL of conditioned medium with serum at 20 °C" in recipe.prepare()._repr_html_()


def test_one_size_is_no_range():
    row = tables(conditioned_medium(population=[{"name": "exosome", "particles_per_mL": 1, "diameter_nm": 100}]))[0][1]
    assert row[4:] == ["100", "100"]


def test_large_sizes_are_written_out():
    cells = tables(conditioned_medium(population=[{"name": "cell", "particles_per_mL": 1, "diameter_nm": 14_742}]))[0]
    assert cells[-1][4] == "14700"


def test_an_empty_recipe_shows_itself():
    none = [{"name": "exosome", "kind": "vesicle", "particles_per_mL": 0, "diameter_nm": 100}]
    empty = replace(conditioned_medium(), population=none, source=None)
    assert tables(empty)[0][1] == ["exosome", "vesicle", "0.00e+00", "0.00e+00", "-", "-"]


def test_names_are_escaped(evil):
    run = evil.run()
    for record in records(run, evil):
        shown = record._repr_html_()
        assert {*Tables(shown).tags} <= {"p", "strong", "br", "table", "thead", "tbody", "tr", "th", "td"}
        assert "&lt;script&gt;" in shown
    assert EVIL in [row[0] for row in tables(run)[0]]


def test_nothing_sets_a_colour_or_a_font(run):
    for record in records(run, protocol("a spin", spin(10_000, "pellet"))):
        styles = {*re.findall('style="(.*?)"', record._repr_html_())}
        assert styles <= {"text-align: left", "text-align: right"}


def test_every_record_is_a_short_line_elsewhere(run, collected):
    long = "a name that goes on and on " * 20
    own = [{"name": long, "kind": "vesicle", "particles_per_mL": 1e9, "diameter_nm": 100}]
    medium = {"name": long, "density_g_mL": 1.0, "viscosity_mPa_s": 1.0}
    step = Step(name=long, method=Aliquot(volume_mL=15), keep="aliquot")
    named = replace(protocol(long, step, sample=conditioned_medium(population=own, medium=medium)), target=long)
    for made, from_protocol in ((run, None), (collected, None), (named.run(), named)):
        last = made.bench[-1]
        lines = [made, made.product, made.product.medium, made.product.particles, last, last.outcome]
        lines += [from_protocol, named.sample, step] if from_protocol else [result for result in made.bench]
        for line in map(repr, lines):
            assert len(line) <= 200
            assert "\n" not in line


def test_lines_say_what_a_record_is(run, collected):
    outcome = "Outcome(pellet, supernatant, lost; 1.2 h, 0 warnings)"
    assert repr(run.bench[1].outcome) == outcome
    assert repr(run.bench[1]) == f"StepResult('100000 x g': centrifugation, keeps 'pellet' of {outcome})"
    assert repr(collected.bench[1].outcome).startswith("Outcome(fractions 1-24")
    assert repr(Medium.pure(fluid("PBS"), 277.15)) == "Medium(PBS at 4 °C)"
    assert repr(spin(300, "pellet")) == "Step('300 x g': centrifugation, keeps 'pellet')"
    assert repr(conditioned_medium()).startswith("SampleRecipe(60 mL of conditioned medium with serum, ")
    assert repr(protocol("a spin", spin(300, "pellet"))) == (
        "Protocol('a spin': 1 step for exosome; print(sepsim.dump_protocol(protocol)) shows all)"
    )
