"""Colours: told apart by everybody, the same in every process."""

import subprocess
import sys
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.drawing.palette import FAMILIES, family, in_families, label, look, looks, plural, tint
from sepsim.particles.catalog import population_names
from sepsim.plots.flow import FILLS, GOES_ELSEWHERE, GOES_ON, GREYS, WAITS

# Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
VESICLES = ("exosome", "microvesicle", "apoptotic_body")
CONTAMINANTS = ("vldl", "ldl", "hdl", "albumin", "igg", "protein_aggregate", "platelet", "debris", "cell")


def lab(color, vision):
    """CIE L*a*b* of a colour as seen."""
    encoded = np.array([int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    ratio = TO_XYZ @ np.clip(np.asarray(VISION[vision]) @ linear, 0, 1) / WHITE
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_lab_of_known_colours():
    assert lab("#FFFFFF", "normal") == pytest.approx([100, 0, 0], abs=0.02)
    assert lab("#FF0000", "normal") == pytest.approx([53.24, 80.09, 67.20], abs=0.02)


@pytest.mark.parametrize("vision", VISION)
def test_vesicles_and_main_contaminants_are_told_apart(vision):
    for one, other in combinations(VESICLES + CONTAMINANTS, 2):
        distance = np.linalg.norm(lab(look(one).color, vision) - lab(look(other).color, vision))
        assert distance >= (16 if {one, other} & set(VESICLES) else 13), f"{one} and {other}: {distance:.1f}"


@pytest.mark.parametrize("fill", [GOES_ON, GOES_ELSEWHERE])
def test_what_goes_on_is_told_apart_from_the_greys_of_what_is_left_behind(fill):
    for name, grey in product(population_names(), GREYS):
        face = FILLS[fill].style(look(name))["facecolor"]
        distance = np.linalg.norm(lab(face, "normal") - lab(grey, "normal"))
        assert distance >= (20 if name in VESICLES + CONTAMINANTS else 13), f"{name} and {grey}: {distance:.1f}"


def test_each_way_to_go_on_has_a_hatch_of_its_own():
    hatches = [fill.hatch for fill in FILLS.values() if fill.hatch]
    assert len(set(hatches)) == len(hatches)
    assert FILLS[GOES_ELSEWHERE].hatch
    assert FILLS[WAITS].hatch
    assert not FILLS[GOES_ON].hatch


def test_many_of_a_population_as_people_write_them():
    names = ("exosome", "virus", "debris", "cell", "ago2_complex", "my_beads")
    written = ["exosomes", "viruses", "debris", "cells", "Ago2 complexes", "'my_beads'"]
    assert [plural(name) for name in names] == written


def test_every_population_of_the_catalogue_has_a_look_of_its_own():
    names = population_names()
    assert len({(look(name).color, look(name).line) for name in names}) == len(names)
    assert len({look(name).color for name in names}) == len(names)
    for members in FAMILIES.values():
        assert set(members) <= set(names)
        assert len({(one.line, one.marker) for one in members.values()}) == len(members)


def test_unknown_population_looks_the_same_in_every_process():
    script = "from sepsim.plots import look; print(look('my liposomes'))"
    texts = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert texts == {str(look("my liposomes"))}


@pytest.mark.parametrize("vision", VISION)
def test_the_colours_of_ones_own_populations_are_told_apart(vision):
    """With their lines: of two that have the same line, the colours differ by what an eye sees side by side."""
    seen = looks(f"{size} nm beads" for size in range(10, 370, 10)).values()
    assert len({(one.color, one.line) for one in seen}) == 36
    for one, other in combinations(seen, 2):
        if one.line == other.line:
            distance = np.linalg.norm(lab(one.color, vision) - lab(other.color, vision))
            assert distance >= 9, f"{one.color} and {other.color}: {distance:.1f}"


@given(st.lists(st.one_of(st.text(max_size=5), st.sampled_from(population_names())), max_size=36), st.randoms())
def test_looks_are_told_apart_and_do_not_depend_on_the_order(names, chance):
    seen = looks(names)
    assert len({(one.color, one.line) for one in seen.values()}) == len(set(names))
    assert looks(chance.sample(names, len(names))) == seen
    own = {name: look(name).color for name in seen if name not in population_names()}
    for name, one in seen.items():
        if name not in own or [*own.values()].count(own[name]) == 1:
            assert one == look(name)  # without a collision nothing changes
    if len(own) <= 9:
        assert len({seen[name].color for name in own}) == len(own)  # bands and bars show colours alone


def test_looks_repeat_when_there_are_more_names_than_looks():
    names = [f"{size} nm beads" for size in range(100)]
    often = [(one.color, one.line) for one in looks(names).values()]
    assert {often.count(one) for one in often} <= {2, 3}


def test_families_come_vesicles_first_and_unknown_next():
    assert in_families(["cell", "hdl", "mine", "exosome", "ldl"]) == [["exosome"], ["mine"], ["hdl", "ldl"], ["cell"]]
    assert family("mine") == "others"


def test_names_as_people_write_them():
    assert [label(name) for name in ("igg", "protein_aggregate", "my beads")] == [
        "IgG",
        "protein aggregate",
        "my beads",
    ]


def test_tint_runs_from_white_to_the_colour():
    assert (tint("#0072B2", 0.0), tint("#0072B2", 1.0)) == ("#ffffff", "#0072b2")
