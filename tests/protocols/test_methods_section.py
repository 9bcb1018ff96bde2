"""The methods section of a protocol: true to the settings of each step, plain about branches, and light."""

import re
import subprocess
import sys

import pytest
from paths import PROTOCOLS, ROOT

from sepsim import __version__
from sepsim.protocols.protocol_file import load_protocol, protocol_from_table
from sepsim.technique import resolve
from sepsim.techniques import METHODS, techniques

EXAMPLES = sorted(PROTOCOLS.glob("*.toml"))
URINE = {"source": "urine", "volume_mL": 30, "temperature_C": 4}
CLEAR = {"name": "clear", "method": "centrifugation", "rotor": "A-4-81", "rcf_xg": 2000, "rcf_at": "rmax",
         "time_min": 20, "resuspend": {"medium": "PBS", "volume_mL": 1}, "keep": "supernatant"}  # fmt: skip
TAKE = {"name": "take", "method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
COLUMN = {"name": "column", "method": "chromatography", "column": "Sepharose CL-2B, 10 mL", "flow_mL_min": 0.5,
          "fraction_volume_mL": 0.5, "fractions": 20, "keep": "fractions 8-10"}  # fmt: skip
NUMBERS = {
    "rcf_xg": "{:,.0f} x g at ",
    "speed_rpm": "{:,.0f} rpm",
    "flow_mL_min": "at {:g} mL/min",
    "pressure_bar": "{:g} bar",
    "concentrate_to_mL": "to {:g} mL",
    "concentration_factor": "{:g}-fold",
    "diavolumes": "{:g} diavolumes",
    "rinse_mL": "{:g} mL",
    "fraction_volume_mL": "of {:g} mL",
    "fractions": "in {:g} ",
    "factor": "{:g}-fold",
    "highest_mz": "to {:,.0f}",
    "volume_mL": "{:g} mL of ",
}
JOIN = {"name": "join", "method": "pooling", "keep": "pool"}
SEEN = {"name": "seen", "method": "mass_spectrometry", "keep": "detected"}


def section(*steps, **changes):
    return protocol_from_table({"sample": URINE | changes, "step": list(steps)}).methods_section()


def test_a_whole_section():
    assert section(CLEAR, TAKE | {"keep": "rest"}) == (
        "The sample was 30 mL of urine at 4 °C. All steps were carried out at 4 °C. The sample was centrifuged in "
        "the swinging-bucket rotor A-4-81 (Eppendorf 5810R) at 2,000 x g at r_max (3,152 rpm) for 20 min. The "
        "pellet was resuspended in PBS to a final volume of 1 mL, and the supernatant was kept. An aliquot of 1 mL "
        "was taken from the supernatant, and the rest was kept. The protocol was simulated with sepsim "
        f"{__version__}."
    )


def test_an_own_sample_is_told_by_its_populations():
    own = {"source": None, "medium": "PBS", "population": [{"name": "exosome", "particles_per_mL": 1e9},
                                                           {"name": "albumin", "mass_mg_per_mL": 1}]}  # fmt: skip
    sample = {key: value for key, value in (URINE | own).items() if value is not None}
    told = protocol_from_table({"sample": sample, "step": [TAKE]}).methods_section()
    assert told.startswith("The sample was 30 mL of PBS with exosome and albumin at 4 °C.")


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([CLEAR, TAKE], "taken from the supernatant, and"),
        ([CLEAR, TAKE | {"from": "clear.supernatant"}], "taken from the supernatant, and"),
        ([CLEAR, TAKE | {"from": "clear.pellet"}], "taken from the resuspended pellet of 'clear', and"),
        ([TAKE, CLEAR | {"from": "take.rest"}], "The rest of 'take' was centrifuged"),
        ([TAKE, COLUMN], "and fractions 8-10 were pooled."),
        ([TAKE, COLUMN | {"keep": "fraction 8"}], "and fraction 8 was kept."),
        ([TAKE, COLUMN | {"keep": "4.0-5.5 mL"}], "and the fractions within 4-5.5 mL were pooled."),
        ([TAKE, COLUMN | {"count_from": "void", "keep": "void"}], "and the void volume was kept."),
        ([TAKE, COLUMN, TAKE | {"name": "again"}], "taken from the pool of fractions 8-10, and"),
        (
            [TAKE, COLUMN, JOIN | {"from": ["column.fraction 3", "take.rest"]}],
            "The pool of fraction 3 of 'column' and the rest of 'take' was collected.",
        ),
        (
            [TAKE, {"name": "thin", "method": "dilution", "medium": "PBS", "volume_mL": 2, "keep": "diluted"}, CLEAR],
            "The aliquot was diluted with 2 mL of PBS. The diluted sample was centrifuged",
        ),
        ([CLEAR | {"skimmed_volume_mL": 1, "keep": "floating"}], "and the skimmed layer was kept."),
        ([SEEN], "and the record of the detected ions was kept."),
    ],
)  # fmt: skip
def test_what_is_treated_and_what_is_kept(steps, words):
    assert words in section(*steps)


def test_temperatures_are_never_wrong():
    every = "All steps were carried out at 4 °C."
    assert every in section(CLEAR | {"temperature_C": 4}, TAKE)
    mixed = section(CLEAR | {"temperature_C": 20}, TAKE)
    assert every not in mixed
    assert "A step without a stated temperature was carried out at that of the liquid it received." in mixed
    assert "for 20 min at 20 °C." in mixed


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_tell_the_facts_of_each_step_in_order(path):
    protocol = load_protocol(path)
    told = protocol.methods_section()
    assert told.startswith(f"The sample was {protocol.sample.volume_mL:g} mL of ")
    assert told.endswith(f"simulated with sepsim {__version__}.")
    assert not re.search(r"None|\.\.|  |\bnan\b|, ,", told)
    place = 0
    for step in protocol.steps:
        said = resolve(METHODS[step.method.technique].sentence)(step.method, "the sample")
        assert [fact for fact in facts(step.method) if fact not in said] == []
        place += told[place:].index(said.rpartition("he sample")[2].removesuffix("."))


def facts(method):
    """Yield what the sentences of a step must hold."""
    names = {"rotor": "rotor {}", "membrane": "the membrane '{}'", "column": "the column '{}'"}
    yield from (words.format(getattr(method, key).name) for key, words in names.items() if hasattr(method, key))
    table = method.to_table()
    drives = [table[key] for key in ("spin_filter", "tangential_flow") if key in table]
    for each in (table, *drives, *table.get("layers", [])):
        yield from (words.format(each[key]) for key, words in NUMBERS.items() if each.get(key))
    if (minutes := table.get("time_min")) is not None:
        yield f"for {minutes:g} min" if minutes < 120 else f"for {minutes / 60:g} h"
    if "resuspend" in table:
        yield f"resuspended in PBS to a final volume of {table['resuspend']['volume_mL']:g} mL"
    if "rotor" in table and method.rotor.rmin_mm is not None:
        yield "adjusted k-factor "


def test_a_technique_that_says_nothing_is_told_by_its_settings(with_collecting):
    steps = [{"name": "collect", "method": "collecting", "count": 6, "keep": "fractions 1-2"}, TAKE]
    words = "Step 'collect' was carried out by collecting (count = 6) on the sample, and fractions 1-2 were pooled."
    assert words in section(*steps)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_tells_of_itself(name):
    assert callable(resolve(METHODS[name].sentence))


def test_sentences_load_no_heavy_library():
    addresses = [method.sentence for technique in techniques() for method in technique.methods]
    script = (
        "import sys\nfrom sepsim.technique import resolve\n"
        f"for address in {addresses!r}:\n    resolve(address)\n"
        f"from sepsim import load_protocol\nload_protocol('examples/protocols/differential.toml').methods_section()\n"
        "print(sorted({'numba', 'scipy', 'matplotlib', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
