"""Tubes as they are filled with a gradient and its load, and what no gradient may do to its particles."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.particles.osmosis import state_at
from sepsim.particles.particle_table import ParticleTable
from sepsim.rotors.rotors import Rotor
from sepsim.techniques.centrifugation.gradient.gradient import Gradient
from sepsim.techniques.centrifugation.spin import SpeedProfile
from sepsim.techniques.centrifugation.tubes.liquid_column import LiquidColumn

LARGEST_LOSS = 0.96  # of the volume of a vesicle, as water


class GradientSetup(NamedTuple):
    """Tubes filled with a gradient and its load, and how they are spun.

    Attributes
    ----------
    rotor : Rotor
    tubes, runs : int
    column : LiquidColumn
    gradient : Gradient
        As poured.
    load : ndarray, shape (n_cells,) [-]
        Share of the sample in each cell.
    borders : ndarray, shape (n_borders,) [m3]
        Volumes of liquid above the places at which it will be parted.
    profile : SpeedProfile
    frozen : bool
        The gradient stays as poured; default that it moves.
    walls_catch : bool
        What meets a narrowing wall on its way outwards is pelleted there; default that it slides on.
    """

    rotor: Rotor
    tubes: int
    runs: int
    column: LiquidColumn
    gradient: Gradient
    load: FloatArray
    borders: FloatArray
    profile: SpeedProfile
    frozen: bool = False
    walls_catch: bool = False


def refuse_collapse(particles: ParticleTable, counts: FloatArray, osmolality: FloatArray) -> None:
    """Refuse vesicles that hold more water than their shell could give off.

    Parameters
    ----------
    particles : ParticleTable
    counts : ndarray, shape (n_classes,) [-]
        Number loaded; a class without any is not refused.
    osmolality : ndarray of any shape [osm/kg]
        Of the liquid, wherever a vesicle may come.

    Raises
    ------
    InputError
        If any would lose more than 96 % of its volume; it names the populations.

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> urine = sample_from_catalog("urine", volume_mL=1).prepare()
    >>> refuse_collapse(urine.particles, urine.counts, np.array([0.6, 2.0]))
    """
    core = np.pi / 6.0 * (particles.diameter - 2.0 * particles.corona) ** 3
    lost = particles.volume - state_at(particles, osmolality.max()).volume
    collapsed = (lost > LARGEST_LOSS * core) & (counts > 0)
    if np.any(collapsed):
        names = sorted({particles.names[index] for index in particles.population[collapsed]})
        raise InputError(
            f"{', '.join(names)}: vesicles that are nearly all water would collapse in a medium as concentrated as "
            f"this; give them a higher lumen_density_g_mL or density_g_mL, or a lower osmotic_response"
        )
