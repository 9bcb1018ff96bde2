"""How sentences write numbers, times and lists."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.text.sentences import as_given, at_temperature, listed, rounded, sentences, time_in_words

SHARES = {"min": 1.0, "h": 60.0}


@given(st.integers(1, 10**8).map(lambda hundredths: hundredths / 100))
def test_what_was_given_reads_back_exactly(value):
    assert float(as_given(value).replace(",", "")) == value
    found = re.findall(r"([\d.,]+) (min|h)", time_in_words(value))
    read = sum(float(number.replace(",", "")) * SHARES[unit] for number, unit in found)
    assert read == pytest.approx(value, rel=1e-9)


@given(st.floats(1e-3, 1e7))
def test_derived_numbers_keep_three_figures(value):
    assert float(rounded(value).replace(",", "")) == pytest.approx(value, rel=5.01e-3)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0.5, "0.5 min"), (70, "70 min"), (119.5, "119.5 min"), (120, "2 h"), (150, "2 h 30 min"), (60_000, "1,000 h")],
)
def test_times_are_those_of_the_bench(minutes, words):
    assert time_in_words(minutes) == words


def test_lists_and_sentences():
    assert [listed(["a", "b", "c"][:count]) for count in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert sentences(["one thing", "", "another"]) == "One thing. Another."
    assert at_temperature(0.0) == " at 0 °C"
