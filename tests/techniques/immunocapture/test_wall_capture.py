"""Binding on a wall: the same as on beads of the same density of ligands, and what limits it."""

import math

import numpy as np
import pytest

from sepsim.kernels import slit_capture, solve_wall_slit
from sepsim.techniques.immunocapture.beads.beads import Bead
from sepsim.techniques.immunocapture.beads.ligands import Ligand
from sepsim.techniques.immunocapture.binding import reaction_rate, residence_time
from sepsim.techniques.immunocapture.capacity import footprint
from sepsim.techniques.immunocapture.capture_model import CaptureModel
from sepsim.techniques.immunocapture.wall_capture import Wall, damkohler, depleted_layer, wall_footprint

RADIUS, DIFFUSIVITY = 50e-9, 4.907e-12
ANTIBODY = Ligand(k_on_per_M_s=1e5, k_off_per_s=1e-3)


def wall(density=2.5e16, **settings):
    return Wall(ligand=ANTIBODY, density=density, model=CaptureModel(), **settings)


def test_a_wall_reacts_as_a_bead_of_the_same_density_does():
    bead = Bead(diameter_um=2.8, density_g_mL=1.4, antibodies_per_bead=6e5)
    of_bead = reaction_rate(ANTIBODY.k_on, bead.antibodies_per_bead, 10.0, CaptureModel().accessible_fraction)
    per_area = wall(bead.ligand_density).speed(np.array([10.0]))[0]
    assert per_area * 4 * math.pi * bead.radius**2 == pytest.approx(of_bead, rel=1e-12)
    assert of_bead == pytest.approx(4.98e-16, rel=1e-3)


def test_a_large_bead_is_a_wall():
    large = 1e-3
    assert 4 * math.pi * large**2 / wall_footprint(RADIUS) == pytest.approx(1 / footprint(RADIUS, large), rel=2e-4)


def test_contacts_open_as_the_chain_of_bonds_says():
    antigens = np.array([1.0, 2.0, 3.0, 500.0])
    found = 1.0 / wall().opening(np.full(4, RADIUS), antigens)
    expected = [1e3, 5.01e5, 3.343e8]  # computed independently for k_off 1e-3 and k_r 1 per s
    assert found[:3] == pytest.approx(expected, rel=2e-3)
    reach = 2 * math.pi * RADIUS * 10e-9 * 2.5e16
    assert found[3] == pytest.approx(residence_time(reach, 1e-3, 1.0))


def test_ligands_of_several_antigens_share_the_wall():
    antigens = np.array([10.0])
    assert wall(kinds=2).speed(antigens) == pytest.approx(0.5 * wall().speed(antigens))


@pytest.mark.parametrize("density", [1e12, 1e14, 2.5e16])
def test_a_chip_catches_as_the_series_says_while_its_wall_is_bare(density):
    """From the limit of the reaction, Da = 0.016, to that of the transport, Da = 400."""
    height, velocity, length = 100e-6, 1e-4, 0.02
    one = np.ones(1)
    kind = wall(density).species(RADIUS * one, 1e9 * one, 10.0 * one, DIFFUSIVITY * one)._replace(desorption=0 * one)
    found = solve_wall_slit(height, length, velocity, 60.0, kind, 60, 200, 4)
    number = damkohler(float(kind.adsorption[0]), height, DIFFUSIVITY)
    zeta = length * DIFFUSIVITY / (velocity * height**2)
    assert 1 - found.outlet[-1, 0] / 1e9 == pytest.approx(float(slit_capture(zeta, number)), rel=4e-3)


def test_the_depleted_layer_holds_what_a_wall_at_rest_takes():
    assert depleted_layer(DIFFUSIVITY, 3600.0) == pytest.approx(2 * math.sqrt(DIFFUSIVITY * 3600 / math.pi))
    assert depleted_layer(DIFFUSIVITY, 7200.0) / depleted_layer(DIFFUSIVITY, 3600.0) == pytest.approx(math.sqrt(2))
