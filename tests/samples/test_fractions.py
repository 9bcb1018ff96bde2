"""Selections of fractions: how they are written, what they choose, and what pouring together conserves."""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from collecting import Collecting
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.errors import InputError
from sepsim.samples.fractions import (
    DensityWindow,
    NamedFraction,
    NumberRange,
    VolumeWindow,
    collector_problem,
    is_numbered,
    numbered,
    overlapping,
    poured,
    selection,
    shortened,
)
from sepsim.samples.sample_recipe import recipe

RNG = np.random.default_rng(0)
SAMPLE = recipe(
    {
        "volume_mL": 6,
        "medium": "PBS",
        "population": [{"name": "exosome", "particles_per_mL": 1e9}, {"name": "ldl", "particles_per_mL": 1e10}],
    }
).prepare()
SIX = Collecting(count=6).run(SAMPLE, rng=RNG).fractions  # 1.00, 1.02 ... 1.10 g/mL


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("pellet", NamedFraction("pellet")),
        ("fractionated plasma", NamedFraction("fractionated plasma")),
        ("10-100 kDa", NamedFraction("10-100 kDa")),
        ("fraction 7", NumberRange(7, 7)),
        ("fractions 7-7", NumberRange(7, 7)),
        ("fractions 7-10", NumberRange(7, 10)),
        ("fraction 7-10", NumberRange(7, 10)),
        ("fractions 7\u201310", NumberRange(7, 10)),
        ("fractions 7 - 10", NumberRange(7, 10)),
        ("1.08-1.12 g/mL", DensityWindow(1080.0, 1120.0)),
        ("1.08\u20131.12 g/mL", DensityWindow(1080.0, 1120.0)),
        ("1 - 1.12g/mL", DensityWindow(1000.0, 1120.0)),
        ("1.10-1.10 g/mL", DensityWindow(1100.0, 1100.0)),
        ("0-1 mL", VolumeWindow(0.0, 1e-6)),
        ("2.0-4 mL", VolumeWindow(2e-6, 4e-6)),
        ("2\u20134.0 mL", VolumeWindow(2e-6, 4e-6)),
        ("2 - 4mL", VolumeWindow(2e-6, 4e-6)),
    ],
)
def test_what_texts_mean(text, meant):
    assert selection(text) == meant
    assert selection(str(meant)) == meant


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fractions 10-7", "did you mean 'fractions 7-10'"),
        ("fraction 0", "counted from 1"),
        ("fractions 0-3", "counted from 1"),
        ("fraction seven", "write 'fraction 7'"),
        ("fraction -7", "write 'fraction 7'"),
        ("fraction 7.5", "write 'fraction 7'"),
        ("fraction", "write 'fraction 7'"),
        ("Fraction 7", "write 'fraction 7'"),
        ("fractions 7, 8", "'fractions 7-10'"),
        ("fraction " + "9" * 5000, "write 'fraction 7'"),
        ("1.12-1.08 g/mL", "did you mean '1.08-1.12 g/mL'"),
        ("1.08-1.12", "'1.08-1.12 g/mL'"),
        ("1.08 g/mL", "'1.08-1.12 g/mL'"),
        ("1,08-1,12 g/mL", "'1.08-1.12 g/mL'"),
        ("1.08-1.12 g/cm3", "'1.08-1.12 g/mL'"),
        ("1.08-1.12 g/ml", "'1.08-1.12 g/mL'"),
        ("5-3.5 mL", "did you mean '3.5-5 mL'"),
        ("3.5-3.5 mL", "the window is empty"),
        ("3.5-5 ml", "'3.5-5 mL'"),
        ("3,5-5 mL", "'3.5-5 mL'"),
        ("5 mL", "'3.5-5 mL'"),
    ],
)
def test_wrong_texts_say_how_to_write(text, message):
    with pytest.raises(InputError, match=message):
        selection(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("pellet", ["pellet"]),
        ("fraction 2", ["fraction 2"]),
        ("fractions 2-4", ["fraction 2", "fraction 3", "fraction 4"]),
        ("1.019-1.061 g/mL", ["fraction 2", "fraction 3", "fraction 4"]),
        ("1.02-1.06 g/mL", ["fraction 2", "fraction 3", "fraction 4"]),  # ends included
        ("1.05-9 g/mL", ["fraction 4", "fraction 5", "fraction 6"]),  # never the pellet
        ("1-4 mL", ["fraction 2", "fraction 3", "fraction 4"]),  # ends included
        ("4-6.5 mL", ["fraction 5", "fraction 6"]),  # beyond the last by less than one
        ("0-6 mL", list(numbered(6))),  # never the pellet
    ],
)
def test_selections_choose(text, names):
    assert list(selection(text).choose(SIX)) == names


def test_order_is_that_of_the_numbers():
    many = Collecting(count=12).run(SAMPLE, rng=RNG).fractions
    mixed = dict(sorted(many.items()))  # 'fraction 10' before 'fraction 2'
    assert DensityWindow(0.0, 9e3).choose(mixed) == numbered(12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pelet", "there are 'fractions 1-6', 'pellet', 'lost'; did you mean 'pellet'"),
        ("fraction 7", "the last fraction is 'fraction 6'"),
        ("fractions 5-7", "the last fraction is 'fraction 6'"),
        ("1.2-1.3 g/mL", r"holds no fraction; densities \[g/mL\]: fraction 1 1.0000, .*fraction 6 1.1000$"),
        ("1.041-1.059 g/mL", "holds no fraction"),  # between two
        ("0.9-4.9 mL", r"^it cuts fractions 1 and 5; use '0-5 mL' or '1-4 mL', or let fractions end there \(chromat"),
        ("2-4.5 mL", "^it cuts fraction 5; use '2-5 mL' or '2-4 mL', or"),
        ("2.1-3.9 mL", "^it cuts fractions 3-4; use '2-4 mL', or"),  # neither lies within
        ("2.1-2.9 mL", "^it cuts fraction 3; use '2-3 mL', or"),
        ("3.5-6.5 mL", "^it cuts fraction 4; use '3-6 mL' or '4-6 mL', or"),
        ("4-7 mL", "ends beyond 'fraction 6', the last, which ends at 6 mL"),
        ("6-6.5 mL", "ends beyond 'fraction 6'"),
        ("7-8 mL", "ends beyond 'fraction 6'"),
    ],
)
def test_what_is_not_there(text, message):
    with pytest.raises(InputError, match=message):
        selection(text).choose(SIX)


@pytest.mark.parametrize("text", ["fraction 1", "1.0-1.2 g/mL", "0-1 mL"])
def test_without_numbers_there_is_nothing_to_choose(text):
    with pytest.raises(InputError, match="no fraction has a number"):
        selection(text).choose({"pellet": SAMPLE})
    assert DensityWindow(1000.0, 1200.0).nearest({"pellet": SAMPLE}) == ()


@pytest.mark.parametrize(("window", "name"), [((900, 990), 1), ((1055, 1058), 4), ((1200, 1300), 6), ((1041, 1044), 3)])
def test_the_nearest_to_a_window(window, name):
    assert DensityWindow(*map(float, window)).nearest(SIX) == (f"fraction {name}",)


@pytest.mark.parametrize(
    ("one", "other", "certain"),
    [
        ("pellet", "pellet", True),
        ("pellet", "lost", False),
        ("fractions 1-3", "fractions 3-5", True),
        ("fractions 1-9", "fraction 4", True),
        ("fractions 1-3", "fractions 4-5", False),
        ("fraction 1", "pellet", False),
        ("1.0-1.2 g/mL", "1.0-1.2 g/mL", True),
        ("1.0-1.2 g/mL", "1.1-1.15 g/mL", True),  # whatever the inner holds
        ("1.0-1.2 g/mL", "1.1-1.3 g/mL", False),  # perhaps
        ("1.0-1.2 g/mL", "fractions 1-9", False),  # perhaps
        ("2-5 mL", "2-5 mL", True),
        ("2-5 mL", "3-4 mL", True),
        ("2-5 mL", "2-9 mL", True),
        ("2-5 mL", "4-9 mL", True),  # neither cuts a fraction
        ("2-5 mL", "5-9 mL", False),
        ("0.1-0.3 mL", "0.3-0.7 mL", False),
        ("2-5 mL", "1.0-1.2 g/mL", False),  # perhaps
        ("2-5 mL", "fraction 3", False),  # perhaps
    ],
)
def test_overlaps_that_are_certain(one, other, certain):
    assert overlapping(selection(one), selection(other)) is certain
    assert overlapping(selection(other), selection(one)) is certain


@settings(deadline=None, max_examples=50)
@given(count=st.integers(1, 40), data=st.data())
def test_certain_overlaps_are_overlaps(count, data):
    fractions = Collecting(count=count).run(SAMPLE, rng=RNG).fractions
    bounds = st.tuples(st.integers(1, count), st.integers(1, count)).map(sorted)
    windows = bounds.map(lambda pair: DensityWindow(980.0 + 20 * pair[0], 980.0 + 20 * pair[1]))
    volumes = bounds.map(lambda pair: VolumeWindow((pair[0] - 1) * 6e-6 / count, pair[1] * 6e-6 / count))
    choices = st.one_of(bounds.map(lambda pair: NumberRange(*pair)), windows, volumes)
    one, other = data.draw(choices), data.draw(choices)
    both = set(one.choose(fractions)) & set(other.choose(fractions))
    if overlapping(one, other):
        assert both
    elif type(one) is type(other) and not isinstance(one, DensityWindow):
        assert not both


@settings(deadline=None, max_examples=100)
@given(
    volumes=st.lists(st.integers(1, 60), min_size=1, max_size=30),
    ends=st.tuples(st.integers(0, 1900), st.integers(0, 1900)).map(sorted).filter(lambda ends: ends[0] < ends[1]),
)
def test_a_volume_window_holds_the_fractions_between_its_ends_or_tells_the_nearest_that_do(volumes, ends):
    """Fractions of unequal volumes, in units of 0.05 mL, so that borders are whole numbers."""
    fractions = {
        name: replace(SAMPLE, volume=volume * 0.05e-6)
        for name, volume in zip(numbered(len(volumes)), volumes, strict=True)
    }
    borders = [sum(volumes[:count]) for count in range(len(volumes) + 1)]
    window = VolumeWindow(*(end * 0.05e-6 for end in ends))
    try:
        chosen = window.choose(fractions)
    except InputError as error:
        (problem,) = error.problems
        whole = [end in borders or end > borders[-1] for end in ends]
        assert not all(whole) or "ends beyond" in problem
        for text in re.findall("'([^']+ mL)'", problem):  # each works, and is no farther than a fraction
            names = selection(text).choose(fractions)
            start, end = selection(text).start / 0.05e-6, selection(text).end / 0.05e-6
            assert names
            assert max(abs(start - ends[0]), abs(end - min(ends[1], borders[-1]))) < max(volumes)
    else:
        assert ends[0] in borders
        assert ends[1] in borders or borders[-1] < ends[1] < borders[-1] + max(volumes)
        assert [int(name.split()[1]) - 1 for name in chosen] == [
            index for index, (start, end) in enumerate(pairwise(borders)) if ends[0] <= start and end <= ends[1]
        ]


def test_borders_that_add_up_with_round_off_count_as_met():
    tenths = {name: replace(SAMPLE, volume=0.1e-6) for name in numbered(30)}  # 0.1 + 0.1 + 0.1 != 0.3
    assert selection("0.3-3.0 mL").choose(tenths) == numbered(30)[3:]
    assert selection("0.6-0.7 mL").choose(tenths) == ("fraction 7",)


@settings(deadline=None, max_examples=50)
@given(count=st.integers(1, 40), ends=st.tuples(st.integers(1, 40), st.integers(1, 40)).map(sorted))
def test_pouring_together_conserves_particles_volume_and_mass_of_liquid(count, ends):
    fractions = Collecting(count=count).run(SAMPLE, rng=RNG).fractions
    first, last = (min(end, count) for end in ends)
    taken = [fractions[name] for name in NumberRange(first, last).choose(fractions)]
    together = poured(taken)
    assert len(taken) == last - first + 1
    assert together.counts == pytest.approx(sum(sample.counts for sample in taken), rel=1e-12)
    assert together.volume == pytest.approx(SAMPLE.volume * len(taken) / count, rel=1e-12)
    mass = sum(sample.volume * sample.medium.density for sample in taken)
    assert together.volume * together.medium.density == pytest.approx(mass, rel=1e-12)


def test_a_single_fraction_is_handed_on_as_it_is():
    assert poured([SIX["fraction 3"]]) is SIX["fraction 3"]


@given(st.lists(st.integers(1, 30), unique=True))
def test_shortened_names_mean_the_same(numbers):
    names = [f"fraction {number}" for number in numbers]
    many = dict.fromkeys(numbered(30), SAMPLE)
    assert [name for text in shortened(names) for name in selection(text).choose(many)] == names


def test_numbered_names():
    assert all(map(is_numbered, numbered(20)))
    assert not any(map(is_numbered, ("pellet", "fraction", "fraction 0", "fraction 01", "fractions 1-2")))


@pytest.mark.parametrize(
    ("keep", "count", "problem"),
    [
        ("pellet", 5, ""),
        ("fractions 3-5", 5, ""),
        ("fractions 3-6", 5, "the last fraction is 'fraction 5'"),
        ("fractions 300-600", None, ""),  # only the run tells
        ("1.0-1.1 g/mL", 5, ""),
        ("2-50 mL", 5, ""),  # only the run tells
        ("pelet", 5, "did you mean 'pellet'"),
        ("pelet", 5, "to 'fraction 5'"),
        ("supernatant", None, "'fraction 1' ..., density windows"),
        ("supernatant", 5, "volume windows such as '3.5-5 mL'"),
        ("fractions 5-3", None, "did you mean 'fractions 3-5'"),
    ],
)
def test_problems_that_are_known_beforehand(keep, count, problem):
    found = collector_problem(keep, count, ("pellet", "lost"))
    assert problem in found if problem else not found
