"""Rows that differ in antigens or in state."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sepsim
from sepsim.particles.marker_profile import Stratum
from sepsim.particles.states import Body, ParticleState
from sepsim.particles.transport import diffusion_coefficient, sedimentation_coefficient
from sepsim.samples.changes import by_origin, changed, merged, varied
from sepsim.samples.metrics import counted_by_population, particle_yield, yields
from sepsim.samples.sample import Sample
from sepsim.samples.sample_recipe import recipe

BURST = ParticleState(name="burst", kinds=("vesicle",), intact=False)
BARE = ParticleState(name="bare", kinds=("vesicle",), bare=True)
BODY = Body(diameter=1e-6, volume=2e-19, density=1050.0)
CLUSTER = ParticleState(name="in clusters", kinds=("vesicle", "lipoprotein", "protein"), body=BODY)
ON_BEAD = ParticleState(name="on beads", kinds=("vesicle",), carried=True, body=Body(2.8e-6, 1.15e-17, 1400.0))
STATES = (BURST, BARE, CLUSTER, ON_BEAD)
STRATA = {"exosome": (Stratum(0.25, (40.0, 0.0)), Stratum(0.75, (0.0, 8.0)))}
PLAIN = sepsim.sample_from_catalog("serum", volume_mL=1, size_bins=6, density_quantiles=2).prepare()
APART = varied(PLAIN, STRATA, ("CD9", "CD81"), STATES)


def test_numbers_and_protein_are_those_of_the_plain_sample():
    assert APART.by_population == pytest.approx(PLAIN.by_population, rel=1e-14)
    assert APART.protein_by_population == pytest.approx(PLAIN.protein_by_population, rel=1e-14)
    assert counted_by_population(APART) == pytest.approx(counted_by_population(PLAIN), rel=1e-14)
    assert APART.liquid.viscosity == pytest.approx(PLAIN.liquid.viscosity, rel=1e-12)


def test_copies_go_with_the_area_within_a_stratum():
    table = APART.particles
    rows = np.flatnonzero((table.population == table.names.index("exosome")) & (APART.counts > 0))
    cd9, cd81 = (table.variants.copies_of(antigen)[rows] for antigen in ("CD9", "CD81"))
    area = (table.diameter[rows] / 100e-9) ** 2
    assert np.all(np.isclose(cd9, 40.0 * area) | (cd9 == 0))
    assert APART.counts[rows] @ (cd9 / area) == pytest.approx(10.0 * APART.counts[rows].sum())
    assert np.all((cd9 > 0) != (cd81 > 0))


def test_a_bare_particle_has_no_antigens_and_moves_as_before():
    table = APART.particles
    there = table.variants.in_state("bare")
    rows = np.flatnonzero((there >= 0) & (table.variants.state == 0))
    assert not table.variants.copies[:, there[rows]].any()
    for law in (sedimentation_coefficient, diffusion_coefficient):
        moves = law(table, PLAIN.medium)
        assert np.array_equal(moves[there[rows]], moves[rows])


def test_a_cluster_moves_as_its_body():
    table, medium = APART.particles, PLAIN.medium
    rows = np.unique(table.variants.in_state("in clusters"))[1:]
    expected = BODY.volume * (BODY.density - medium.density) / (3 * np.pi * medium.viscosity * BODY.diameter)
    assert sedimentation_coefficient(table, medium)[rows] == pytest.approx(expected)
    own = table.volume[table.variants.origin[rows]]
    assert table.variants.members[rows] * own == pytest.approx(BODY.volume)


def test_a_cluster_is_counted_once():
    where = APART.particles.names.index("exosome")
    clustered = changed(APART, "in clusters", (APART.particles.population == where).astype(float))
    volume = PLAIN.counts @ (PLAIN.particles.volume * (PLAIN.particles.population == where))
    assert counted_by_population(clustered)["exosome"] == pytest.approx(volume / BODY.volume)
    assert clustered.by_population == pytest.approx(APART.by_population)
    assert particle_yield(APART, clustered) < 1.0


def test_no_cluster_is_smaller_than_its_members():
    """A vesicle of 1 um in clusters with the solids of one of 0.7 um would be counted more than once."""
    sizes = {"kind": "vesicle", "diameters_nm": [100, 400, 1000], "weights": [1, 1, 1], "particles_per_mL": 1e9}
    plain = recipe({"volume_mL": 1, "medium": "PBS", "population": [{"name": "v", **sizes}]}).prepare()
    apart = varied(plain, {"v": (Stratum(0.5, (1.0,)), Stratum(0.5, (2.0,)))}, ("CD9",), (CLUSTER, ON_BEAD))
    clustered = changed(apart, "in clusters", np.ones(len(apart.particles)))
    variants = apart.particles.variants
    assert variants.members.min() == 1
    assert clustered.counts.sum() == pytest.approx(plain.counts.sum())
    assert clustered.by_state["in clusters"]["v"] == pytest.approx(2 / 3 * plain.counts.sum())
    there = variants.in_state("in clusters")
    assert np.all(variants.copies[0, there[there >= 0]] == variants.copies[0, there >= 0])
    assert np.all(variants.in_state("on beads") >= 0)


def test_what_is_on_a_bead_or_burst_is_counted_by_nobody():
    mine = (APART.particles.population == APART.particles.names.index("exosome")).astype(float)
    on_beads, burst = changed(APART, "on beads", mine), changed(APART, "burst", mine)
    assert counted_by_population(on_beads)["exosome"] == 0 == counted_by_population(burst)["exosome"]
    assert on_beads.by_population["exosome"] == pytest.approx(APART.by_population["exosome"])
    assert yields(APART, burst)["exosome"] == 0
    assert burst.protein_by_population == pytest.approx(APART.protein_by_population)


def test_protein_in_a_cluster_is_not_dissolved():
    clustered = changed(APART, "in clusters", np.ones(len(APART.particles)))
    assert clustered.particles.dissolved @ clustered.counts == 0
    assert APART.particles.dissolved @ APART.counts == pytest.approx(PLAIN.particles.dissolved @ PLAIN.counts)


def test_riders_in_a_cluster_add_nothing_to_it():
    riders = PLAIN.particles.rides.astype(float) @ PLAIN.counts
    clustered = changed(APART, "in clusters", np.ones(len(APART.particles)))
    table = clustered.particles
    assert clustered.counts @ table.rides == pytest.approx(riders)
    assert table.moving(clustered.counts) @ table.rides == 0


def test_the_way_into_a_state_and_back_leaves_all_as_it_was():
    half = changed(APART, "in clusters", np.full(len(APART.particles), 0.5))
    assert changed(half, "free", np.ones(len(APART.particles))).counts == pytest.approx(APART.counts)


def test_what_cannot_reach_a_state_stays():
    after = changed(APART, "burst", np.ones(len(APART.particles)))
    assert {name: n for name, n in after.by_population.items() if n} == pytest.approx(
        {
            name: n
            for (name, n), kind in zip(PLAIN.by_population.items(), PLAIN.particles.kinds, strict=True)
            if kind != "vesicle" and n
        }
    )


@given(shares=st.lists(st.floats(0, 1), min_size=4, max_size=4))
@settings(max_examples=25)
def test_numbers_per_origin_are_conserved(shares):
    rows, after = len(APART.particles), APART
    for state, share in zip(STATES, shares, strict=True):
        after = changed(after, state.name, np.full(rows, share))
    assert by_origin(after, after.counts) == pytest.approx(by_origin(APART, APART.counts), rel=1e-13)
    assert np.all(after.counts >= 0)


def spread() -> Sample:
    after = APART
    for state in STATES:
        after = changed(after, state.name, np.full(len(APART.particles), 0.2))
    return after


def test_merged_rows_hold_what_the_rows_hold():
    after = spread()
    both = merged(after)
    assert len(both.sample.particles) < len(after.particles)
    for figure in ("by_population", "protein_by_population", "rna_by_population"):
        assert getattr(both.sample, figure) == pytest.approx(getattr(after, figure), rel=1e-12)
    assert counted_by_population(both.sample) == pytest.approx(counted_by_population(after), rel=1e-12)
    cd9 = (each.particles.variants.copies_of("CD9") @ each.counts for each in (both.sample, after))
    assert next(cd9) == pytest.approx(next(cd9))


def test_merged_rows_are_the_plain_ones_and_those_of_bodies():
    both = merged(APART).sample.particles
    free = np.flatnonzero(both.variants.state == 0)
    assert np.array_equal(both.diameter[free], PLAIN.particles.diameter)
    assert [each[: len(mine)] for each, mine in zip(both.grids, PLAIN.particles.grids, strict=True)] == [
        *PLAIN.particles.grids
    ]
    assert both.in_size.shape == (2, len(both))


def test_a_fraction_told_apart_keeps_the_share_of_its_group():
    after = spread()
    both = merged(after)
    taken, left = both.sample.take(np.linspace(0, 1, len(both.sample.particles)), 0.0)
    parts = [both.told_apart(each).counts for each in (taken, left)]
    assert parts[0] + parts[1] == pytest.approx(after.counts, rel=1e-13)
    assert parts[0] == pytest.approx(after.counts * np.linspace(0, 1, len(both.sample.particles))[both.alike])


def test_what_beads_carry_is_magnetised_as_they_are():
    magnetic = ParticleState(
        name="on magnetic beads", kinds=("vesicle",), carried=True, body=Body(1e-6, 5e-19, 1800.0, 4e4)
    )
    variants = varied(PLAIN, STRATA, ("CD9", "CD81"), (BURST, magnetic)).particles.variants
    assert set(variants.magnetisation[variants.carried]) == {4e4}
    assert not variants.magnetisation[~variants.carried].any()
