"""Ionisation: Rayleigh's limit and charges worked by hand, distributions, and what a magnet would need."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.constants import DALTON_KG
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.ions.ionisation import (
    Electrospray,
    Maldi,
    compact_radius,
    gaussian_charges,
    rayleigh_charge,
)
from sepsim.techniques.mass_spectrometry.ions.ions import Ions, Origin, ion_speed, magnetic_rigidity

# mass [Da], density [kg/m3], diameter [nm], Rayleigh charge, m/z there, B r at 8 kV [T m], speed [m/s]
PARTICLES = {
    "apoA-I": (28.1e3, 1350, 4.0, 11, 2470, 0.64, 25_000),
    "albumin": (66.5e3, 1350, 5.4, 18, 3800, 0.79, 20_200),
    "HDL": (200e3, 1100, 8.3, 33, 6000, 1.00, 16_000),
    "LDL": (2.6e6, 1050, 19.9, 125, 20_900, 1.86, 8600),
    "HBV, T = 3": (3e6, 1350, 19, 118, 25_500, 2.06, 7800),
    "HBV, T = 4": (4e6, 1350, 21, 136, 29_500, 2.21, 7200),
    "VLDL": (20e6, 975, 40, 358, 55_900, 3.04, 5260),
    "small vesicle": (2e6, 1100, 18, 106, 18_800, 1.77, 9060),
    "large vesicle": (90e6, 1100, 64, 713, 126_000, 4.57, 3500),
    "vesicle of 100 nm": (347e6, 1100, 100, 1400, 248_000, 6.41, 2500),
}


@pytest.mark.parametrize(("density", "factor"), [(1000.0, 0.0789), (1350.0, 0.0679)])
@pytest.mark.parametrize("dalton", [1e3, 1e5, 1e8])
def test_the_rayleigh_charge_grows_with_the_root_of_the_mass(density, factor, dalton):
    charge = rayleigh_charge(compact_radius(dalton * DALTON_KG, density))
    assert charge / np.sqrt(dalton) == pytest.approx(factor, abs=5e-5)


@pytest.mark.parametrize("name", PARTICLES)
def test_charges_and_magnets_of_particles(name):
    dalton, density, diameter, charge, mz, rigidity, speed = PARTICLES[name]
    radius = compact_radius(dalton * DALTON_KG, density)
    limit = float(rayleigh_charge(radius))
    assert 2e9 * radius == pytest.approx(diameter, rel=0.02)
    assert limit == pytest.approx(charge, rel=1e-2, abs=0.7)  # densities are known to 2 %
    assert dalton / limit == pytest.approx(mz, rel=0.015)
    assert magnetic_rigidity(dalton * DALTON_KG, limit, 8e3) == pytest.approx(rigidity, abs=0.012)
    assert ion_speed(dalton * DALTON_KG, limit, 8e3) == pytest.approx(speed, rel=0.01)


def test_an_intact_vesicle_at_10_kv_and_1_t_bends_far_beyond_any_magnet():
    vesicle = 3.4e8 * DALTON_KG
    assert magnetic_rigidity(vesicle, 1, 10e3) == pytest.approx(265, rel=0.01)
    assert magnetic_rigidity(vesicle, 1000, 10e3) == pytest.approx(8.4, rel=0.01)
    assert magnetic_rigidity(1500 * DALTON_KG, 2, 10e3) == pytest.approx(0.39, abs=0.006)


def test_the_ends_of_measured_milk_vesicles_bracket_the_rayleigh_charge():
    """Charge detection: 2 to 90 MDa with 50 to 1300 e; that the ends pair up is an assumption."""
    shares = [z / rayleigh_charge(compact_radius(m * DALTON_KG, 1100)) for m, z in [(2e6, 50), (90e6, 1300)]]
    assert shares == pytest.approx([0.47, 1.82], abs=0.01)


@given(st.floats(1.0, 3000.0), st.floats(0.0, 0.2))
@settings(deadline=None)
def test_gaussian_charges_keep_their_mean_and_width(mean, spread):
    deviation = spread * mean
    states = gaussian_charges(mean, deviation)
    assert states.share.sum() == pytest.approx(1.0, abs=1e-12)
    assert states.charge[0] >= 1
    assert (states.share >= 0).all()
    found = states.charge @ states.share
    if deviation == 0:
        assert abs(found - mean) <= 0.5
    elif mean > 6 * deviation + 1 and deviation > 0.7:
        assert found == pytest.approx(mean, abs=2e-2 * deviation)
        variance = states.share @ (states.charge - found) ** 2
        assert variance == pytest.approx(deviation**2 + 1 / 12, rel=1e-2)  # rounding adds 1/12
    else:
        assert abs(found - mean) <= max(1.0, deviation)


def test_electrospray_gives_the_share_of_the_rayleigh_charge():
    radius = np.array([5e-9, 50e-9])
    for share in (0.65, 1.1):
        spray = Electrospray(rayleigh_share=share)
        assert spray.mean_charge(radius) == pytest.approx(share * rayleigh_charge(radius), rel=1e-12)
    assert Electrospray().mean_charge(np.array([1e-10])) == 1.0


def test_a_lower_surface_tension_lowers_the_charge_by_its_root():
    pair = [Electrospray(surface_tension_mN_m=t).mean_charge(np.array([20e-9]))[0] for t in (72, 18)]
    assert pair[0] / pair[1] == pytest.approx(2.0, rel=1e-12)


def test_drawn_charges_follow_the_distribution():
    spray, radius = Electrospray(charge_spread_percent=5), 20e-9
    drawn = spray.draw_charges(np.full(200_000, radius), np.random.default_rng(1))
    states = spray.particle_charges(radius)
    mean = float(states.charge @ states.share)
    assert drawn.mean() == pytest.approx(mean, rel=1e-3)
    assert drawn.std() == pytest.approx(np.sqrt(states.share @ (states.charge - mean) ** 2), rel=2e-2)
    assert drawn.min() >= 1


def test_tryptic_peptides_carry_mostly_two_protons_and_one_with_histidine_three():
    spray = Electrospray()
    plain, histidine = spray.peptide_charges("DYVSQFEGSALGK"), spray.peptide_charges("HLVDEPQNLIK")
    assert plain.charge[plain.share.argmax()] == 2
    assert histidine.charge[histidine.share.argmax()] == 3
    assert plain.share == pytest.approx([2 * 0.9 * 0.1 / 0.99, 0.81 / 0.99])
    assert Electrospray(protonated_percent=100).peptide_charges("AGK").share == pytest.approx([0.0, 1.0])


def test_maldi_gives_one_charge_with_small_shares_of_more():
    source = Maldi(double_percent=4, triple_percent=1)
    assert source.particle_charges(50e-9).charge.tolist() == [1, 2, 3]
    assert source.peptide_charges("AGK").share == pytest.approx([0.95, 0.04, 0.01])
    drawn = source.draw_charges(np.full(100_000, 1e-9), np.random.default_rng(2))
    assert (drawn == 1).mean() == pytest.approx(0.95, abs=0.005)
    assert source.mean_charge(np.array([1e-9])) == pytest.approx(0.95 + 0.08 + 0.03)
    assert Maldi(double_percent=0, triple_percent=0).charges.charge.tolist() == [1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Electrospray(rayleigh_share=0), "rayleigh_share"),
        (lambda: Electrospray(surface_tension_mN_m=-1), "surface_tension_mN_m"),
        (lambda: Electrospray(ion_yield_percent=101), "ion_yield_percent"),
        (lambda: Maldi(double_percent=40, triple_percent=20), "one charge is the rule"),
        (lambda: rayleigh_charge(0.0), "above 0"),
        (lambda: rayleigh_charge(1e-9, -0.07), "above 0"),
        (lambda: compact_radius(1e-24, 0.0), "above 0"),
        (lambda: gaussian_charges(0.0, 1.0), "mean"),
        (lambda: ion_speed(1e-25, 0, 1e3), "above 0"),
        (lambda: magnetic_rigidity(-1e-25, 1, 1e3), "above 0"),
        (lambda: magnetic_rigidity(1e-25, 1, 0.0), "above 0"),
        (lambda: Ions([1e-25], [1], [1.0], []), "one mass, charge, number and origin"),
        (lambda: Ions([0.0], [1], [1.0], [Origin()]), "above 0"),
        (lambda: Ions([1e-25], [-1], [1.0], [Origin()]), "above 0"),
        (lambda: Ions([1e-25], [1], [-1.0], [Origin()]), "at least 0"),
        (lambda: Ions([1e-25], [1], [1.0], [Origin()]).total("colour"), "must be one of"),
    ],
)
def test_bad_input_is_refused_by_name(make, message):
    with pytest.raises(InputError, match=message):
        make()
