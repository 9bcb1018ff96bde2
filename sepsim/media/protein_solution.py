"""A fluid with more protein dissolved in it, or less, than its name stands for.

Density follows the partial volumes, rho = rho0 (1 - V) + e, with the excess e of protein and the volume V that it takes
up, per volume. Viscosity follows Ross and Minton,

    ln eta_r = x / (1 - k x),    x = sum of [eta] c over the proteins,

where the protein that the fluid holds by its name, x0, is in its viscosity already: eta = eta0 eta_r(x) / eta_r(x0).

Source: Ross & Minton 1977, Biochem. Biophys. Res. Commun. 76:971 (haemoglobin; recalled, crowding constant unverified).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sepsim.media.biofluids import Biofluid
from sepsim.media.diffusion import diffusion_in_water
from sepsim.media.fluid import ConstantFluid, Fluid

CROWDING = 0.42  # k, 0.40-0.45
STEEPEST = 0.6  # of k x; beyond it ln eta_r goes on along its tangent


def relative_viscosity(crowding: float) -> float:
    """Return the viscosity of a protein solution over that of its solvent, after Ross and Minton.

    Parameters
    ----------
    crowding : float [-]
        x: the sum over the proteins of intrinsic viscosity times concentration.

    Returns
    -------
    float [-]

    Notes
    -----
    Trust it to about 10 % up to x = 0.8 (200 mg/mL of albumin) and as an order beyond 1.4, where ln eta_r goes on along
    its tangent.

    Examples
    --------
    Albumin, 4.2 mL/g, at 50 and 200 mg/mL:

    >>> round(relative_viscosity(4.2e-3 * 50), 2), round(relative_viscosity(4.2e-3 * 200), 1)
    (1.26, 3.7)
    """
    x = min(crowding, STEEPEST / CROWDING)
    slope = 1.0 / (1.0 - CROWDING * x) ** 2
    return math.exp(x / (1.0 - CROWDING * x) + slope * (crowding - x))


def own_protein(fluid: Fluid) -> float:
    """Return how much protein a fluid stands for [kg/m3]; 0 if it is no biofluid and tells of none.

    Examples
    --------
    >>> from sepsim.media import fluid
    >>> own_protein(fluid("plasma")), own_protein(fluid("PBS"))
    (59.0, 0.0)
    """
    if isinstance(fluid, ProteinSolution):
        return own_protein(fluid.fluid) + fluid.excess
    return fluid.protein if isinstance(fluid, (Biofluid, ConstantFluid)) else 0.0


def without_excess(fluid: Fluid) -> Fluid:
    """Return a fluid without the excess of protein that it may hold.

    Examples
    --------
    >>> from sepsim.media import fluid
    >>> without_excess(fluid("PBS")).name
    'PBS'
    """
    return fluid.fluid if isinstance(fluid, ProteinSolution) else fluid


@dataclass(frozen=True, kw_only=True, slots=True)
class ProteinSolution:
    """A fluid with an excess of protein, which may be negative.

    Parameters
    ----------
    fluid : Fluid
    excess : float [kg/m3]
        Protein per volume, beyond what the fluid stands for.
    displaced : float [-]
        Volume that the excess takes up, per volume.
    crowding : float [-]
        As in `relative_viscosity`, of all protein.
    own_crowding : float [-]
        The same of the protein that the fluid stands for, which is in its viscosity already.

    Examples
    --------
    >>> from sepsim.media import fluid
    >>> albumin = {"excess": 200.0, "displaced": 0.733e-3 * 200.0, "crowding": 4.2e-3 * 200.0}
    >>> rich = ProteinSolution(fluid=fluid("PBS"), **albumin, own_crowding=0.0)
    >>> round(rich.density(293.15) - fluid("PBS").density(293.15), 1)
    52.7
    """

    fluid: Fluid
    excess: float
    displaced: float
    crowding: float
    own_crowding: float

    @property
    def name(self) -> str:
        """Name of the fluid: its proteins are among the particles."""
        return self.fluid.name

    @property
    def osmolality(self) -> float:
        """Osmolality of the fluid [osm/kg]; that of the proteins, some 3 mOsm/kg in 200 mg/mL, is left out."""
        return self.fluid.osmolality

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography."""
        return (*self.fluid.sources, "ross1977")

    @property
    def refractive_index(self) -> float:
        """Refractive index of the fluid at 20 degC [-]."""
        return self.fluid.refractive_index

    def density(self, temperature: float) -> float:
        """Return the density [kg/m3] at a temperature [K]."""
        return self.fluid.density(temperature) * (1.0 - self.displaced) + self.excess

    def viscosity(self, temperature: float) -> float:
        """Return the viscosity [Pa s] at a temperature [K]."""
        thickened = relative_viscosity(self.crowding) / relative_viscosity(self.own_crowding)
        return self.fluid.viscosity(temperature) * thickened

    def interdiffusion(self, temperature: float) -> float:
        """Return how fast albumin, which tells it from the fluid, spreads [m2/s] at a temperature [K]."""
        return diffusion_in_water("albumin", temperature)
