"""The speeds that the contents of a tube allow: one check for whatever spins them.

Dense liquids: the rotor is derated by the mean density of a tube (`sepsim.rotors.derating`).

Salts: at equilibrium a salt lies along the radius as dc/dr = (s/D) w^2 r c, and it must not reach saturation at the
bottom, since crystals there are far denser than any liquid that the rotor was rated with. In x = w^2 (r_max^2 - r^2)/2
that is d ln c/dx = -s/D, so that one profile C(x), which begins with the saturated solution at the bottom, serves all
speeds. A tube can hold integral C(w^2 (r_max^2 - r^2)/2) dV of the salt; the allowed speed is that at which this is
what it does hold.

The rule asks for equilibrium although a run may end before it, as the makers' curves of speed against density do: it
does not depend on the time, and a run that is prolonged stays safe. It concerns solutes that are run to equilibrium
(`Solute.saturation`); of others the gradient that a run computes tells where they gather beyond solubility.

Sources: Meselson, Stahl & Vinograd 1957, for the equilibrium; patent application EP 0408262 A2, 0003, for the limit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.errors import collected_warnings
from sepsim.rotors.derating import derated_speed, rated_density
from sepsim.rotors.rotors import Rotor
from sepsim.techniques.centrifugation.gradient.gradient import Gradient, Stretch, pour
from sepsim.techniques.centrifugation.tubes.liquid_column import LiquidColumn, liquid_column

CELLS = 100
DILUTION = 12.0  # the profile of a salt reaches from saturation to e^-12 of it
FASTEST = 2e4  # rad/s; faster than any rotor
HALVINGS = 60


class SpeedLimit(NamedTuple):
    """A speed that must not be exceeded.

    Attributes
    ----------
    speed : float [rad/s]
    reason, remedy : str
    """

    speed: float
    reason: str
    remedy: str


def speed_limits(rotor: Rotor, stretches: Sequence[Stretch]) -> list[SpeedLimit]:
    """Return the speeds that the contents of a tube allow at most, by their weight and by their salts.

    Parameters
    ----------
    rotor : Rotor
        With its tube.
    stretches : sequence of Stretch
        What is in one tube, from its top to its bottom.

    Returns
    -------
    list of SpeedLimit

    Examples
    --------
    >>> from sepsim.rotors.rotors import rotor
    >>> from sepsim.techniques.centrifugation.gradient.gradient import Layer
    >>> salt = Layer.from_table({"volume_mL": 13, "cscl_g_mL": 1.7}).stretch(298.15)
    >>> dense, crystals = speed_limits(rotor("SW 41 Ti"), [salt])
    >>> round(dense.speed * 60 / (2 * math.pi), -2), crystals.speed < dense.speed  # rpm
    (34400.0, True)
    """
    volume = sum(each.volume for each in stretches)
    with collected_warnings():  # whoever spins is told of media beyond their range
        poured = pour(stretches, np.linspace(0.0, volume, CELLS + 1))
        return [_by_weight(rotor, float(poured.density.mean())), *_by_crystals(rotor, poured, volume)]


def _by_weight(rotor: Rotor, density: float) -> SpeedLimit:
    return SpeedLimit(
        derated_speed(rotor, density),
        f"a tube holds {density * 1e-3:.3g} g/mL on average, and rotor {rotor.name!r} is rated for "
        f"{rated_density(rotor) * 1e-3:g} g/mL at its full speed",
        "lower the speed, or take a lighter liquid",
    )


def _by_crystals(rotor: Rotor, poured: Gradient, volume: float) -> list[SpeedLimit]:
    salts = [
        index
        for index, solute in enumerate(poured.blend.solutes)
        if solute.saturation(poured.blend.temperature) < math.inf
    ]
    if not salts:
        return []
    column = liquid_column(rotor, volume, CELLS)
    return [
        SpeedLimit(
            crystallising_speed(poured, index, column),
            f"{poured.blend.solutes[index].name} crystallises at the bottom of the tube once it is at equilibrium",
            "lower the speed, dissolve less of it, or fill the tubes less",
        )
        for index in salts
    ]


def crystallising_speed(poured: Gradient, index: int, column: LiquidColumn) -> float:
    """Return the angular speed above which a salt is beyond saturation at the bottom, once it is at equilibrium.

    Parameters
    ----------
    poured : Gradient
        In cells of equal volume.
    index : int
        Of the salt among the solutes.
    column : LiquidColumn
        The tube.

    Returns
    -------
    float [rad/s]
        0 if the tube holds more of the salt than dissolves.
    """
    held = float(poured.solutes[index].mean()) * column.depths[-1]
    depths, concentrations = _below_saturation(poured, index)
    distance = 0.5 * (column.faces[-1] ** 2 - column.centres**2)
    low, high = 0.0, FASTEST
    for _ in range(HALVINGS):
        speed = 0.5 * (low + high)
        dissolved = float(np.interp(speed**2 * distance, depths, concentrations, right=0.0) @ column.volumes)
        low, high = (speed, high) if dissolved > held else (low, speed)
    return low


def _below_saturation(poured: Gradient, index: int) -> tuple[FloatArray, FloatArray]:
    """Return x = w^2 (r_max^2 - r^2)/2 [m2/s2] and the concentration of a salt there [kg/m3], from saturation on."""
    blend, salt = poured.blend, poured.blend.solutes[index]
    falling = np.linspace(0.0, -DILUTION, 600)
    concentration = salt.saturation(blend.temperature) * np.exp(falling)
    solutes = np.repeat(poured.solutes.mean(axis=1)[:, None], falling.size, axis=1)
    solutes[index] = concentration
    diluents = poured.diluents.mean(axis=1)
    shares = np.repeat((diluents / diluents.sum())[:, None], falling.size, axis=1)
    density = blend.density(shares, solutes)
    ratio = blend.mass_ratios(shares, solutes)[index]
    slope = 1.0 / salt.sedimentation_per_diffusion(concentration, density, ratio, blend.temperature)
    steps = 0.5 * (slope[1:] + slope[:-1]) * -np.diff(falling)
    return np.concatenate([[0.0], np.cumsum(steps)]), concentration
