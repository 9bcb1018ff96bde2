"""Adding dry salt to a liquid until it has a density, as lipoproteins are floated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sepsim.errors import InputError
from sepsim.media.blend import Blend
from sepsim.media.medium import Medium
from sepsim.media.solute import Solute
from sepsim.text.tables import rounded_down

HALVINGS = 100


def salted(medium: Medium, solute: Solute, density: float) -> tuple[Medium, float]:
    """Return a medium after so much solute is dissolved in it that it has a density, and by what its volume grows.

    Solvent and what it holds already stay; the solute takes up its apparent volume.

    Parameters
    ----------
    medium : Medium
    solute : Solute
        May be dissolved in it already.
    density : float [kg/m3]
        At the temperature of the medium.

    Returns
    -------
    medium : Medium
    growth : float [-]
        New volume over the old.

    Raises
    ------
    InputError
        If the medium is denser already, or the solute does not dissolve so far.

    Examples
    --------
    >>> from sepsim.media import Salt, fluid
    >>> dense, growth = salted(Medium.pure(fluid("water"), 288.15), Salt("KBr"), 1210.0)
    >>> round(dense.density, 3), round(growth, 3), round(growth * dense.solutes[0][1])  # g per litre of water
    (1210.0, 1.101, 333)
    """
    present = medium.density
    if density < present * (1.0 - 1e-9):
        raise InputError(
            f"density_g_mL = {density * 1e-3:g}: the liquid has {present * 1e-3:.4f} g/mL already; dilute it first"
        )
    solutes = (*(each for each, _ in medium.solutes if each != solute), solute)
    blend = Blend(tuple(fluid for fluid, _ in medium.components), solutes, medium.temperature)
    shares, held = np.array([share for _, share in medium.components]), dict(medium.solutes)
    before = np.array([held.get(each, 0.0) for each in solutes])
    ratios = blend.mass_ratios(shares, before)

    def dissolved(ratio: float) -> np.ndarray:
        return blend.concentrations(shares, np.append(ratios[:-1], ratio))

    low, high = float(ratios[-1]), float(ratios[-1]) + 1.0
    highest = solute.highest_concentration(medium.temperature)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        after = dissolved(middle)
        enough = after[-1] > highest or float(blend.density(shares, after)) > density
        low, high = (low, middle) if enough else (middle, high)
    after = dissolved(low)
    reached = float(blend.density(shares, after))
    if reached < density * (1.0 - 1e-6):
        most = rounded_down(reached * 1e-3)
        raise InputError(
            f"density_g_mL = {density * 1e-3:g}: at most {most} with {solute.name}, of which no more dissolves; give "
            "less, or a salt that dissolves better"
        )
    growth = float(blend.solvent_volume(before) / blend.solvent_volume(after))
    parts = tuple((each, float(c)) for each, c in zip(solutes, after, strict=True))
    return replace(medium, solutes=parts, label=""), growth
