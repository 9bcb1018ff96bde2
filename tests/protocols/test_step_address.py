"""A step is its place or its name, quoted or not, wherever steps are addressed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sepsim
from sepsim.errors import InputError
from sepsim.protocols.step_address import find_step, split_source

NAMES = st.lists(
    st.text(min_size=1).filter(lambda name: name.strip() and not name.strip().isdecimal()),
    min_size=1,
    max_size=5,
    unique=True,
)


@given(NAMES, st.data())
def test_every_step_is_found_by_place_and_by_name(names, data):
    place = data.draw(st.integers(0, len(names) - 1))
    for address in (place + 1, str(place + 1), names[place]):
        assert find_step(names, address) == place
    quoted = [f"{mark}{names[place]}{mark}" for mark in "\"'" if mark not in names[place]]
    assert all(find_step(names, address) == place for address in quoted if address not in names)


@pytest.mark.parametrize("address", [0, 3, "0", "-1", "nothing", '"1"', 1.5])
def test_what_is_no_step_is_told_with_those_there_are(address):
    with pytest.raises(InputError, match=r"no such step.*there are: 1 'clear', 2 'take up'"):
        find_step(["clear", "take up"], address)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("clear.pellet", ("clear", "pellet")),
        ("1.pellet", ("clear", "pellet")),
        ("2.1.08-1.12 g/mL", ("spin 1.5 h", "1.08-1.12 g/mL")),
        ("spin 1.5 h.fraction 3", ("spin 1.5 h", "fraction 3")),
        ('"spin 1.5 h".3.5-5.5 mL', ("spin 1.5 h", "3.5-5.5 mL")),
        ("'clear'.pellet", ("clear", "pellet")),
        ("3.pellet", ("3", "pellet")),  # of a step that does not exist
    ],
)
def test_a_source_is_split_at_the_right_dot(text, meant):
    assert split_source(text, ["clear", "spin 1.5 h"]) == meant


def table(*names, **last):
    steps = [{"name": name, "method": "aliquot", "volume_mL": 1, "keep": "aliquot"} for name in names]
    return {"sample": {"source": "urine", "volume_mL": 10}, "step": [*steps[:-1], steps[-1] | last]}


def test_a_protocol_takes_from_a_step_by_its_place():
    by_place, by_name = (
        sepsim.protocol_from_table(table("one", "two", volume_mL=0.5, **{"from": source})).steps[1].sources
        for source in ("1.rest", "one.rest")
    )
    assert by_place == by_name


def test_a_name_that_is_a_number_is_refused():
    with pytest.raises(InputError, match="step 1 '2': a number alone means the step at that place"):
        sepsim.protocol_from_table(table("2", "two"))


def test_a_run_finds_its_steps():
    run = sepsim.protocol_from_table(table("one", "two")).run()
    assert run.step(2) is run.step("two") is run.bench[1]
    with pytest.raises(InputError, match="did you mean 'two'"):
        run.step("tow")
