"""Media and their mixtures: a closed algebra of values."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sepsim.errors import InputError
from sepsim.media import ConstantFluid, Medium, fluid

pytestmark = pytest.mark.lowest

NAMES = ["water", "PBS", "DMEM", "plasma", "serum", "urine", "0.25 M sucrose buffer"]

pure_media = st.builds(lambda name, t: Medium.pure(fluid(name), t), st.sampled_from(NAMES), st.floats(277.15, 310.15))
volumes = st.floats(1e-9, 1e-3)
plain_media = st.builds(
    lambda name, t: Medium.pure(fluid(name), t), st.sampled_from(NAMES[:-1]), st.floats(277.15, 310.15)
)
plain_pours = st.lists(st.tuples(plain_media, volumes), min_size=1, max_size=5)
tempered_pours = st.lists(
    st.tuples(st.sampled_from(NAMES).map(lambda name: Medium.pure(fluid(name), 293.15)), volumes),
    min_size=1,
    max_size=5,
)
pours = st.lists(st.tuples(pure_media, volumes), min_size=1, max_size=5)


def brine(**changes):
    return ConstantFluid(**{"name": "brine", "density_g_mL": 1.10, "viscosity_mPa_s": 1.44, **changes})


def properties(medium):
    return medium.temperature, medium.density, medium.viscosity, medium.osmolality


def test_a_pure_medium_has_the_properties_of_its_fluid():
    plasma = fluid("plasma")
    medium = Medium.pure(plasma, 277.15)
    assert properties(medium) == (277.15, plasma.density(277.15), plasma.viscosity(277.15), plasma.osmolality)
    assert (medium.name, medium.sources) == ("plasma", plasma.sources)


def test_a_mixture_by_hand():
    thin = ConstantFluid(name="thin", density_g_mL=1.00, viscosity_mPa_s=1.00, osmolality_mOsm_kg=0)
    mixed = Medium.mixed([(Medium.pure(brine(), 280.0), 3.0), (Medium.pure(thin, 300.0), 1.0)])
    assert mixed.temperature == pytest.approx(285.0)
    assert mixed.density == pytest.approx(1075.0)
    assert mixed.viscosity == pytest.approx(1.44e-3**0.75 * 1.00e-3**0.25)
    assert mixed.osmolality == pytest.approx(0.29 * 0.75)
    assert mixed.name == "75 % brine + 25 % thin"
    assert "grunberg1949" in mixed.sources


@given(pours)
def test_a_mixture_lies_between_its_parts(parts):
    mixed = Medium.mixed(parts)
    lowest, highest = (min(m.temperature for m, _ in parts), max(m.temperature for m, _ in parts))
    assert lowest - 1e-9 <= mixed.temperature <= highest + 1e-9
    for of in ("density", "viscosity", "osmolality"):
        values = [getattr(medium.at(mixed.temperature), of) for medium, _ in parts]
        assert min(values) * (1 - 1e-12) <= getattr(mixed, of) <= max(values) * (1 + 1e-12)


@given(pours, st.randoms())
def test_the_order_of_pouring_does_not_matter(parts, random):
    shuffled = random.sample(parts, len(parts))
    assert Medium.mixed(shuffled) == Medium.mixed(parts)
    assert hash(Medium.mixed(shuffled)) == hash(Medium.mixed(parts))


def in_two_rounds(first, second):
    first_volume, second_volume = (sum(volume for _, volume in part) for part in (first, second))
    return Medium.mixed([(Medium.mixed(first), first_volume), (Medium.mixed(second), second_volume)])


@given(plain_pours, plain_pours)
def test_pouring_in_two_rounds_is_pouring_at_once(first, second):
    at_once = Medium.mixed(first + second)
    assert properties(in_two_rounds(first, second)) == pytest.approx(properties(at_once), rel=1e-9)


@given(tempered_pours, tempered_pours)
def test_pouring_solutes_in_two_rounds_conserves_them(first, second):
    """The apparent volume of sucrose depends on its concentration, so that of the solvent is not quite additive."""
    in_two, at_once = in_two_rounds(first, second), Medium.mixed(first + second)
    assert properties(in_two) == pytest.approx(properties(at_once), rel=1e-4)
    assert [c for _, c in in_two.solutes] == pytest.approx([c for _, c in at_once.solutes], rel=1e-12)


@given(pours, st.floats(0.1, 10.0))
def test_only_the_ratio_of_volumes_matters(parts, factor):
    scaled = Medium.mixed([(medium, factor * volume) for medium, volume in parts])
    assert properties(scaled) == pytest.approx(properties(Medium.mixed(parts)), rel=1e-9)


@given(pours, volumes, volumes)
def test_a_medium_mixed_with_itself_is_itself(parts, volume, other_volume):
    medium = Medium.mixed(parts)
    assert Medium.mixed([(medium, volume), (medium, other_volume)]) is medium


@given(pure_media, volumes, pure_media)
def test_an_empty_part_changes_nothing(medium, volume, absent):
    assert Medium.mixed([(medium, volume), (absent, 0.0)]) == medium


def test_equal_fluids_merge():
    cold, warm = Medium.pure(fluid("PBS"), 277.15), Medium.pure(fluid("pbs"), 297.15)
    merged = Medium.mixed([(cold, 1.0), (warm, 1.0)])
    assert merged == Medium.pure(fluid("PBS"), 287.15)


@given(pours)
def test_volume_fractions_sum_to_one_and_fall(parts):
    fractions = [fraction for _, fraction in Medium.mixed(parts).components]
    assert math.fsum(fractions) == pytest.approx(1.0, abs=1e-12)
    assert fractions == sorted(fractions, reverse=True)


@given(pours, st.floats(277.15, 309.15), st.floats(0.1, 1.0))
def test_media_thin_out_on_warming(parts, temperature, step):
    medium = Medium.mixed(parts)
    assert medium.at(temperature + step).viscosity < medium.at(temperature).viscosity


def test_two_fluids_of_one_name_stay_apart_in_any_order():
    light, heavy = (Medium.pure(brine(density_g_mL=density), 293.15) for density in (1.0, 1.2))
    mixed = Medium.mixed([(light, 1.0), (heavy, 1.0)])
    assert len(mixed.components) == 2
    assert mixed == Medium.mixed([(heavy, 1.0), (light, 1.0)])


@given(pure_media, pure_media)
def test_media_are_equal_exactly_if_their_values_are(one, other):
    assume(one.name != other.name or one.temperature != other.temperature)
    assert one != other
    assert one == one.at(one.temperature)


def test_a_temperature_in_degrees_celsius_is_refused():
    with pytest.raises(InputError, match="must be in kelvin"):
        Medium.pure(fluid("PBS"), 4.0)


def test_unsound_components_are_refused_with_every_reason():
    with pytest.raises(InputError, match=r"volume fraction of brine = -0\.5") as caught:
        Medium(((brine(), -0.5), (brine(), 1.5)), float("nan"))
    assert len(caught.value.problems) == 4
    with pytest.raises(InputError, match="must sum to 1"):
        Medium(((brine(), 0.5),), 293.15)
    with pytest.raises(InputError, match="must sum to 1"):
        Medium((), 293.15)


@pytest.mark.parametrize("volume", [-1.0, float("nan"), float("inf")])
def test_unsound_volumes_are_refused(volume):
    with pytest.raises(InputError, match="volumes of at least 0"):
        Medium.mixed([(Medium.pure(brine(), 293.15), volume)])


def test_mixing_nothing_is_refused():
    with pytest.raises(InputError, match="at least one part"):
        Medium.mixed([])
    empty = [(Medium.pure(fluid(name), 293.15), 0.0) for name in ("PBS", "plasma")]
    with pytest.raises(InputError, match="at least one volume"):
        Medium.mixed(empty)
    assert Medium.mixed(empty[:1]) == empty[0][0]


def test_a_buffer_is_its_solvent_and_solute_yet_keeps_its_name():
    buffer = Medium.pure(fluid("0.25 M sucrose buffer"), 293.15)
    assert [one.name for one, _ in buffer.components] == ["water"]
    assert [(solute.name, round(c, 1)) for solute, c in buffer.solutes] == [("sucrose", 85.6)]
    assert (buffer.name, buffer.at(277.15).name) == ("0.25 M sucrose buffer", "0.25 M sucrose buffer")


def test_a_mixture_with_solutes_is_named_by_its_composition():
    layer = Medium.pure(fluid({"iodixanol_percent_w_v": 30, "diluent": "PBS"}), 293.15)
    assert layer.name == "30 % w/v iodixanol in PBS"
    half = Medium.mixed([(layer, 1.0), (Medium.pure(fluid("PBS"), 293.15), 1.0)])
    assert half.name == "15 % w/v iodixanol in 80.6 % PBS + 19.4 % water"
    assert {"optiprep", "laliberte2004", "grunberg1949"} <= set(half.sources)


def test_the_label_plays_no_part_in_comparisons():
    named = Medium.pure(fluid({"sucrose_M": 0.25, "name": "my buffer"}), 293.15)
    buffer = Medium.pure(fluid("0.25 M sucrose buffer"), 293.15)
    assert named == buffer
    assert hash(named) == hash(buffer)


def test_warming_there_and_back_changes_nothing():
    layer = Medium.pure(fluid({"iodixanol_percent_w_v": 30, "diluent": "0.25 M sucrose buffer"}), 293.15)
    back = layer.at(277.15).at(293.15)
    assert properties(back) == pytest.approx(properties(layer), rel=1e-12)
    assert layer.at(277.15).density > layer.density


def test_refractive_index_where_every_part_is_known():
    """CRC Handbook: 1.3812 for 30 % w/w sucrose, 1.3347 for 1 % sodium chloride at 20 degC."""
    assert Medium.pure(fluid({"sucrose_percent_w_w": 30}), 277.15).refractive_index == pytest.approx(1.3812, abs=1e-4)
    assert Medium.pure(fluid("saline"), 277.15).refractive_index == pytest.approx(1.3346, abs=3e-4)
    assert math.isnan(Medium.pure(fluid("plasma"), 277.15).refractive_index)
    assert math.isnan(Medium.pure(fluid({"iodixanol_percent_w_v": 30}), 277.15).refractive_index)


def test_unsound_solutes_are_refused():
    ((solute, c),) = Medium.pure(fluid("0.25 M sucrose buffer"), 293.15).solutes
    water = ((fluid("water"), 1.0),)
    with pytest.raises(InputError, match="concentration of sucrose = -1"):
        Medium(water, 293.15, ((solute, -1.0),))
    with pytest.raises(InputError, match="each must stand once"):
        Medium(water, 293.15, ((solute, c), (solute, 2 * c)))
    assert Medium(water, 293.15, ((solute, 0.0),)) == Medium(water, 293.15)
