import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.errors import InputError
from sepsim.media import Medium, fluid
from sepsim.samples.sample import Sample, pool
from sepsim.samples.sample_recipe import recipe, sample_from_catalog, sample_names

pytestmark = pytest.mark.lowest

SAMPLE = sample_from_catalog("urine", volume_mL=10, size_bins=3, density_quantiles=2).prepare()
shares = st.lists(st.floats(0.01, 1), min_size=2, max_size=5).map(lambda xs: [x / sum(xs) for x in xs])


@given(shares.filter(lambda xs: abs(sum(xs) - 1) < 1e-13))
def test_split_then_pool_is_the_identity(parts):
    again = pool(SAMPLE.split(parts))
    assert again.counts == pytest.approx(SAMPLE.counts, rel=1e-12)
    assert again.volume == pytest.approx(SAMPLE.volume, rel=1e-12)
    assert again.medium == SAMPLE.medium


@given(st.floats(0, 1), st.floats(0, 1))
def test_taking_conserves_particles_and_volume(share, volume_share):
    taken, left = SAMPLE.take(share, volume_share * SAMPLE.volume)
    assert taken.counts + left.counts == pytest.approx(SAMPLE.counts, rel=1e-12)
    assert taken.volume + left.volume == pytest.approx(SAMPLE.volume, rel=1e-12)
    assert np.all(left.counts >= 0)


@settings(max_examples=30)
@given(st.floats(0, 1e-4))
def test_dilution_keeps_particles_and_moves_density_towards_the_diluent(volume):
    water = Medium.pure(fluid("water"), 277.15)
    diluted = SAMPLE.dilute(volume, water)
    assert diluted.counts == pytest.approx(SAMPLE.counts)
    assert diluted.volume == pytest.approx(SAMPLE.volume + volume)
    assert water.at(SAMPLE.medium.temperature).density <= diluted.medium.density <= SAMPLE.medium.density


def test_whole_numbers_by_hand():
    half, rest = SAMPLE.take(0.25, SAMPLE.volume / 2)
    assert half.by_population["exosome"] == pytest.approx(0.25 * SAMPLE.by_population["exosome"])
    assert rest.volume == pytest.approx(5e-6)


def test_a_sample_is_immutable():
    with pytest.raises(ValueError, match="read-only"):
        SAMPLE.counts[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        SAMPLE.particles.mass[0] = 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SAMPLE.take(1.5, 0.0), "between 0 and 1"),
        (lambda: SAMPLE.take(float("nan"), 0.0), "between 0 and 1"),
        (lambda: SAMPLE.take(0.5, 1.0), "at most the 10 mL"),
        (lambda: SAMPLE.split([0.5, 0.4]), "sum must be 1"),
        (lambda: SAMPLE.dilute(-1.0, SAMPLE.medium), "at least 0"),
        (lambda: pool([]), "nothing to pool"),
        (lambda: Sample(SAMPLE.particles, SAMPLE.medium, 1.0, np.array([1.0])), "particle classes"),
        (lambda: Sample(SAMPLE.particles, SAMPLE.medium, float("nan"), SAMPLE.counts), "finite"),
        (lambda: Sample(SAMPLE.particles, SAMPLE.medium, 1.0, -SAMPLE.counts), "at least 0"),
        (lambda: pool([SAMPLE, sample_from_catalog("urine", volume_mL=1).prepare()]), "different runs"),
    ],
)
def test_misuse_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


@pytest.mark.parametrize("name", sample_names())
def test_every_catalogue_sample_prepares_and_round_trips(name):
    first = sample_from_catalog(name, volume_mL=2, size_bins=3)
    assert first.prepare().counts.sum() > 0
    assert recipe(first.to_table()) == first


def test_vesicle_classes_overlap_between_100_and_200_nm():
    sample = sample_from_catalog("conditioned medium", volume_mL=1).prepare()
    between = (sample.particles.diameter > 100e-9) & (sample.particles.diameter < 200e-9)
    there = sample.particles.totals(np.where(between, sample.counts, 0.0))
    numbers = dict(zip(sample.particles.names, there, strict=True))
    assert numbers["exosome"] > 0.1 * sample.by_population["exosome"]
    assert numbers["microvesicle"] > 0.1 * sample.by_population["microvesicle"]


@pytest.mark.parametrize(("name", "high"), [("AMSC", 120), ("UC-MSC", 100), ("BMSC", 100)])
def test_source_cells_keep_the_size_ranges_of_the_review(name, high):
    # Tang et al. 2021: 30-120 nm for AMSC, 30-100 nm for UC-MSC and BMSC exosomes; about nine in ten lie within.
    sample = sample_from_catalog(f"{name} conditioned medium", volume_mL=1, size_bins=400).prepare()
    index = sample.particles.names.index("exosome")
    exosomes = sample.particles.population == index
    inside = exosomes & (sample.particles.diameter >= 30e-9) & (sample.particles.diameter <= high * 1e-9)
    doublets = 0.1 if name.startswith("UC") else 0.0  # count as larger than their vesicles
    assert 0.85 - doublets < sample.counts[inside].sum() / sample.counts[exosomes].sum() < 0.95


def test_serum_has_no_fibrinogen_and_plasma_has():
    assert "fibrinogen" not in sample_from_catalog("serum", volume_mL=1).prepare().particles.names
    assert "fibrinogen" in sample_from_catalog("platelet-poor plasma", volume_mL=1).prepare().particles.names


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"source": "urin", "volume_mL": 1}, "did you mean 'urine'"),
        ({"source": "urine", "volume_mL": 0}, "volume_mL = 0: must be above 0"),
        ({"source": "urine"}, "volume_mL: missing"),
        ({"source": "urine", "volume": 3}, "did you mean 'volume_mL'"),
        ({"volume_mL": 1, "medium": "PBS"}, "population: missing"),
        ({"volume_mL": 1, "medium": "PSB", "population": [{"name": "ldl", "particles_per_mL": 1}]}, "'PBS'"),
        ({"source": "urine", "volume_mL": 1, "temperature_C": float("nan")}, "finite"),
    ],
)
def test_bad_recipes_say_what_to_do(table, message):
    with pytest.raises(InputError, match=message):
        recipe(table)


def test_an_empty_sample_is_refused():
    empty = recipe({"volume_mL": 1, "medium": "PBS", "population": [{"name": "ldl", "particles_per_mL": 0}]})
    with pytest.raises(InputError, match="the sample is empty"):
        empty.prepare()
