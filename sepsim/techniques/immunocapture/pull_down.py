"""How long a magnet takes to collect the beads: each moves at its own final speed straight to the wall.

    v = [M_s rho_b gradB + (rho_b - rho) g rcf] V_b / (6 pi eta R_b)

In a round bore of width D, with the pull across it, the beads within v t of the wall on that side have come: those of
the segment of a disc. What is collected there stays.

Assumptions: saturated beads, an even gradient, single beads. Beads in a field chain up and then move faster: nanobeads
by orders of magnitude (De Las Cuevas 2008), which is left out. So the time of nanobeads beside a magnet is an upper
bound.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sepsim.constants import STANDARD_GRAVITY_M_PER_S2

if TYPE_CHECKING:
    from sepsim.techniques.immunocapture.beads.beads import Bead
    from sepsim.techniques.immunocapture.beads.magnets import Magnet


def pull_speed(bead: Bead, magnet: Magnet, density: float, viscosity: float) -> float:
    """Return how fast a bead moves to the magnet, or to the bottom in a spin.

    Parameters
    ----------
    bead : Bead
    magnet : Magnet
    density : float [kg/m3]
        Of the liquid.
    viscosity : float [Pa s]

    Returns
    -------
    float [m/s]
        At least 0.

    Examples
    --------
    >>> from sepsim.techniques.immunocapture.beads.beads import Bead
    >>> from sepsim.techniques.immunocapture.beads.magnets import Magnet
    >>> bead = Bead(diameter_um=2.8, density_g_mL=1.4, antibodies_per_bead=6e5, magnetisation_A_m2_kg=10)
    >>> round(5e-3 / pull_speed(bead, Magnet(gradient_T_m=50), 997.0, 0.89e-3))  # s over 5 mm
    15
    """
    magnetic = bead.magnetisation * magnet.gradient_T_m
    spun = (bead.density - density) * STANDARD_GRAVITY_M_PER_S2 * magnet.rcf_xg
    return max((magnetic + spun) * bead.volume / (6.0 * math.pi * viscosity * bead.radius), 0.0)


def collected_share(way: float, bore: float) -> float:
    """Return the share of the beads that have come, whose start is anywhere in a round bore.

    It is the share of a disc of diameter D within a way x of the near wall, x measured along the pull: each bead meets
    the wall straight before it, so a chord of length c is empty when x reaches c. Integrated over the disc that is

        1 - (2/pi) [arccos u - u sqrt(1 - u^2)],  u = x/D.

    Parameters
    ----------
    way : float [m]
        That a bead has moved, v t.
    bore : float [m]

    Returns
    -------
    float [-]

    Examples
    --------
    >>> collected_share(0.0, 9e-3), collected_share(9e-3, 9e-3)
    (0.0, 1.0)
    """
    u = min(max(way / bore, 0.0), 1.0)
    return 1.0 - 2.0 / math.pi * (math.acos(u) - u * math.sqrt(1.0 - u * u))
