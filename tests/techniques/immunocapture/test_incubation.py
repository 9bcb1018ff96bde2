"""Rates of an incubation and what comes of the beads afterwards, on plain arrays."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.techniques.immunocapture.beads.beads import Bead
from sepsim.techniques.immunocapture.beads.elutions import ELUTIONS, Elution
from sepsim.techniques.immunocapture.beads.ligands import Ligand
from sepsim.techniques.immunocapture.capture_model import CaptureModel
from sepsim.techniques.immunocapture.conditions import Conditions
from sepsim.techniques.immunocapture.incubation import Particles, estimate, incubate
from sepsim.techniques.immunocapture.washing import Handling, Shares, wash_and_elute, wash_survival

HOUR = 3600.0
CLEAN = CaptureModel(sticking_probability=0)


def conditions(k_on=1e5, k_off=1e-4, per_mL=1e8, model=CLEAN, **changes):
    made = Conditions(
        bead=Bead(diameter_um=2.8, density_g_mL=1.4, antibodies_per_bead=6e5),
        ligand=Ligand(k_on_per_M_s=k_on, k_off_per_s=k_off),
        model=model,
        kinds=1,
        beads=per_mL * 1e6,
        density=997.0,
        viscosity=0.89e-3,
        temperature=298.15,
        shear_rate=1e-9,
        height=0.01,
    )
    return replace(made, **changes)


def vesicles(antigens, number=1e6, radius=50e-9, dispersion=None):
    antigens = np.atleast_1d(np.asarray(antigens, dtype=float))
    return Particles(np.full(antigens.size, radius), np.full(antigens.size, number), antigens, dispersion)


def handling(**changes):
    made = Handling(
        collected=1.0, bead_loss=0.0, residual=0.02e-6, load=1e-6, wash=1e-6, final=0.1e-6, washes=3, wash_time=300.0,
        elution=None,
    )  # fmt: skip
    return replace(made, **changes)


def bound(conditions, particles, time=HOUR):
    done = incubate(conditions, particles, time)
    return done.of_rows(done.bound)[-1]


def summed(shares):
    return sum(getattr(shares, field.name) for field in fields(Shares))


# ---- the incubation ------------------------------------------------------------------------------


def test_well_mixed_dilute_beads_take_exponentially():
    """Antigens so many that transport alone counts, no settling: C = C0 exp(-t/tau)."""
    diffusing = conditions(k_on=1e9, density=1400.0)
    tau = 1.0 / (diffusing.beads * diffusing.transport(np.array([50e-9]))[0])
    done = incubate(diffusing, vesicles(1e4, number=1e-6), 300.0)
    assert done.of_rows(done.free)[-1, 0] == pytest.approx(np.exp(-300.0 / tau), rel=1e-3)
    assert tau == pytest.approx(108, rel=5e-3)


def test_without_antigen_nothing_is_bound():
    assert bound(conditions(), vesicles([0.0, 0.0]), 1e6).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("mean", [0.5, 2.0, 6.0])
def test_vesicles_that_chance_left_without_antigen_are_never_bound(mean):
    """Poisson, k_off next to none, no sticking, for ever."""
    for_ever = conditions(k_off=1e-300)
    assert bound(for_ever, vesicles(mean, number=1e-6), 1e9)[0] == pytest.approx(1 - np.exp(-mean), abs=1e-9)


def test_marker_negative_vesicles_come_by_sticking_alone():
    sticky = conditions(model=CaptureModel(sticking_probability=1e-4))
    done = incubate(sticky, vesicles([0.0]), HOUR)
    expected = -np.expm1(-1e-4 * sticky.beads * sticky.transport(np.array([50e-9]))[0] * HOUR)
    assert done.of_rows(done.stuck)[-1, 0] == pytest.approx(expected, rel=1e-4)
    assert done.of_rows(done.bound)[-1, 0] == 0


def test_target_of_default_beads_is_recovered_as_laboratories_report():
    """Eighty percent and more of the vesicles that carry the marker (0.8 to 0.99, a band)."""
    sticky = conditions(model=CaptureModel(), shear_rate=2.1)
    done = incubate(sticky, vesicles(10.0, number=1e16), HOUR)
    shares = wash_and_elute(done, handling(bead_loss=0.02))
    assert 0.8 < done.of_rows(shares.held)[0] < 0.99


def test_beads_hold_no_more_than_jamming_allows():
    crowd = vesicles(20.0, number=1e18)
    done = incubate(conditions(per_mL=1e7), crowd, 1e5)
    per_bead = bound(conditions(per_mL=1e7), crowd, 1e5)[0] * 1e18 / 1e13
    assert 0.9 * 1840 < per_bead <= 1841
    assert done.coverage[-1] <= 1


@settings(deadline=None, max_examples=25)
@given(st.floats(3, 7), st.floats(0.1, 50), st.floats(6, 9))
def test_more_of_anything_takes_more(power, antigens, beads):
    base = bound(conditions(k_on=10**power, per_mL=10**beads), vesicles(antigens))[0]
    assert bound(conditions(k_on=2 * 10**power, per_mL=10**beads), vesicles(antigens))[0] >= base - 1e-4
    assert bound(conditions(k_on=10**power, per_mL=2 * 10**beads), vesicles(antigens))[0] >= base - 1e-4
    assert bound(conditions(k_on=10**power, per_mL=10**beads), vesicles(1.5 * antigens))[0] >= base - 2e-3
    assert bound(conditions(k_on=10**power, per_mL=10**beads), vesicles(antigens), 2 * HOUR)[0] >= base - 1e-4


def test_at_equal_mass_small_beads_take_more():
    small = Bead(diameter_um=1.0, density_g_mL=1.4, antibodies_per_bead=6e5 / 2.8**2)
    few = conditions(per_mL=1e6)
    many = replace(few, bead=small, beads=few.beads * few.bead.volume / small.volume)
    assert bound(many, vesicles(10.0), 600.0)[0] > 2 * bound(few, vesicles(10.0), 600.0)[0]


def test_without_mixing_beads_settle_and_capture_stalls():
    still = conditions(per_mL=1e6, shear_rate=0.0)
    mixed = conditions(per_mL=1e6, shear_rate=1e-9)
    assert still.clearing_time == pytest.approx(1.4 * HOUR, rel=0.05)
    halves = [bound(still, vesicles(10.0), hours * HOUR)[0] for hours in (2, 20)]
    assert halves[0] == pytest.approx(halves[1], abs=1e-4)
    assert bound(mixed, vesicles(10.0), 20 * HOUR)[0] > halves[1] + 0.1


def test_light_beads_rise_as_heavy_ones_fall():
    heavy, light = (
        replace(
            conditions(shear_rate=0.0),
            bead=Bead(diameter_um=2.8, density_g_mL=density, antibodies_per_bead=6e5),
            density=1200.0,
        )
        for density in (1.4, 1.0)
    )
    assert light.clearing_time == pytest.approx(heavy.clearing_time)


def test_soluble_antigen_takes_ligands_and_free_antibody_takes_antigens():
    free = bound(conditions(per_mL=1e6), vesicles(3.0), HOUR)[0]
    soluble = conditions(per_mL=1e6, soluble_antigen=1e-4)
    assert soluble.ligands == pytest.approx(6e5 * soluble.competition.open_sites)
    assert bound(soluble, vesicles(3.0), HOUR)[0] < 0.5 * free
    assert bound(conditions(per_mL=1e6, free_antibody=1e-4), vesicles(3.0), HOUR)[0] < 0.5 * free


def test_ligands_of_three_antigens_share_the_bead():
    """Three kinds in equal parts on vesicles with three times the antigens react as one kind."""
    one, three = conditions(), conditions(kinds=3)
    assert three.reaction(np.array([30.0])) == pytest.approx(one.reaction(np.array([10.0])))


def test_bonds_are_capped_by_the_antibodies_within_reach():
    bonds = conditions(bead=Bead(diameter_um=2.8, density_g_mL=1.4, antibodies_per_bead=6.16e5)).bonds(
        np.array([50e-9, 50e-9, 25e-9]), np.array([10.0, 1e4, 1e4])
    )
    assert bonds == pytest.approx([10.0, 79.0, 39.0], rel=0.02)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(0, 60), min_size=1, max_size=4), st.floats(1e3, 1e6), st.floats(-7, -3))
def test_particles_are_conserved(antigens, time, power):
    sticky = conditions(model=CaptureModel(sticking_probability=10**power), per_mL=1e7)
    done = incubate(sticky, vesicles(antigens, number=1e15), time)
    total = done.of_rows(done.free) + done.of_rows(done.bound) + done.of_rows(done.stuck)
    assert total == pytest.approx(np.ones(total.shape), abs=1e-12)


@pytest.mark.parametrize("dispersion", [None, 1.0])
def test_the_estimate_of_a_dry_run_is_about_right(dispersion):
    loads = replace(vesicles([0.0, 10.0]), dispersion=dispersion)
    both = [f(conditions(), loads, HOUR) for f in (incubate, estimate)]
    exact, about = (done.of_rows(done.bound)[-1] for done in both)
    assert about == pytest.approx(exact, abs=0.02)


# ---- washes and elution --------------------------------------------------------------------------


@pytest.mark.parametrize("k_off", [1e-5, 1e-4, 1e-3, 1e-2])
def test_washes_take_what_their_bonds_let_go(k_off):
    done = incubate(conditions(k_off=k_off), vesicles(2.0), HOUR)
    shares = wash_and_elute(done, handling(residual=0.0))
    lasting = wash_survival(done, 300.0) ** 3
    assert shares.held == pytest.approx(done.bound[-1] * lasting, rel=1e-6)
    single = done.bins.antigens == 1
    assert lasting[single] == pytest.approx(np.exp(-900.0 * k_off), rel=1e-6)


def test_liquid_between_the_beads_is_diluted_by_each_wash():
    done = incubate(conditions(), vesicles(0.0), HOUR)
    shares = wash_and_elute(done, handling())
    assert shares.unbound == pytest.approx([0.98])
    assert shares.around == pytest.approx([0.02 * (0.02 / 1.02) ** 3])


def test_lost_beads_take_what_they_carry():
    done = incubate(conditions(), vesicles(30.0), HOUR)
    shares = wash_and_elute(done, handling(bead_loss=0.05, collected=0.9, wash_time=0.0))
    assert shares.held / done.bound[-1] == pytest.approx(0.9 * (0.9 * 0.95) ** 3)
    assert shares.held + shares.lost_held == pytest.approx(done.bound[-1])


@pytest.mark.parametrize("name", [None, *ELUTIONS.names])
def test_every_particle_ends_somewhere(name):
    done = incubate(conditions(model=CaptureModel()), vesicles([0.0, 1.0, 20.0]), HOUR)
    elution = None if name is None else ELUTIONS.get(name)
    shares = wash_and_elute(done, handling(bead_loss=0.03, collected=0.98, elution=elution))
    assert summed(shares) == pytest.approx(np.ones(done.bins.row.size), abs=1e-12)
    assert all(np.all(getattr(shares, field.name) >= -1e-15) for field in fields(Shares))


def test_acid_frees_what_salt_leaves_on_the_beads():
    done = incubate(conditions(), vesicles(30.0), HOUR)
    freed = {
        name: wash_and_elute(done, handling(elution=ELUTIONS.get(name))).released @ done.bins.share
        for name in ("low pH", "salt", "cleavage")
    }
    assert freed["low pH"] > 0.7 > 0.2 > freed["salt"]
    assert freed["cleavage"] == pytest.approx(0.9 * (1 - 0.02 / 0.12), rel=0.02)


def test_elution_opens_bonds_by_its_factor():
    done = incubate(conditions(), vesicles(1.0), HOUR)
    elution = Elution(k_off_factor=100.0, time_min=2.0)
    shares = wash_and_elute(done, handling(elution=elution, residual=0.0, washes=0))
    single = done.bins.antigens == 1
    assert shares.released[single] / done.bound[-1][single] == pytest.approx(1 - np.exp(-1.2), rel=1e-9)


def test_what_an_elution_leaves_is_on_beads_that_are_lost():
    done = incubate(conditions(), vesicles(30.0), HOUR)
    shares = wash_and_elute(done, handling(elution=Elution(release_percent=60), residual=0.0))
    assert shares.lost_held == pytest.approx(0.4 / 0.6 * shares.released, rel=1e-6)
