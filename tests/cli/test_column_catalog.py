"""`sepsim list` and `sepsim show` for columns and resins."""

import json
import re

import pytest

from sepsim.cli import main
from sepsim.techniques.chromatography.columns.columns import COLUMNS
from sepsim.techniques.chromatography.columns.resins import RESINS


def printed(capsys, *arguments):
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(("topic", "names"), [("columns", COLUMNS.names), ("resins", RESINS.names)])
def test_every_entry_is_listed(capsys, topic, names):
    text = printed(capsys, "list", topic)
    assert all(name in text for name in names)
    assert [row[topic.removesuffix("s")] for row in json.loads(printed(capsys, "list", topic, "--json"))] == list(names)


def test_a_mixed_column_lists_both_beds(capsys):
    found = {row["column"]: row for row in json.loads(printed(capsys, "list", "columns", "--json"))}
    assert found["dual-mode column"]["resin"] == "Sepharose CL-6B over cation exchanger, strong"
    assert found["dual-mode column"]["bed_volume_mL"] == "10 over 2"


def test_a_column_is_shown_by_the_name_people_write(capsys):
    entry = json.loads(printed(capsys, "show", "column", "qevsingle/35", "--json"))
    assert entry["column"] == "SEC column 35 nm, 0.15 mL load"
    assert "izon_support" in entry["source"]


def test_a_resin_is_shown_with_what_it_binds(capsys):
    text = printed(capsys, "show", "resin", "HIC fibre")
    assert re.search(r"exosome +retention factor \d+, eluted 0, at most 1.4e14 per mL", text)
    assert "binds" not in printed(capsys, "show", "resin", "cl-2b")


def test_an_unknown_name_is_bad_input(capsys):
    assert main(["show", "resin", "Sepharose CL-3B"]) == 2
    assert "did you mean 'Sepharose CL-" in capsys.readouterr().err
