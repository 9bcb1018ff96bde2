"""What soluble antigen takes of the ligands, and free antibody of the antigens.

Both are taken to be in equilibrium from the start, by one dissociation constant K: of S soluble antigen, s stays free,

    S = s + A s/(K + s),

where A are all binding sites, on beads and in solution. The share K/(K + s) of the sites is left for vesicles; free
antibody of the concentration a masks the share a/(K + a) of their antigens, which are few beside it.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class Competition(NamedTuple):
    """What is left.

    Attributes
    ----------
    open_sites, open_antigens : float [-]
        Share of the binding sites of ligands, and of the antigens of vesicles.
    """

    open_sites: float
    open_antigens: float


def competition(sites: float, free_antibody: float, soluble: float, dissociation: float) -> Competition:
    """Return what soluble antigen and free antibody leave to vesicles and beads.

    Parameters
    ----------
    sites : float [mol/m3]
        Binding sites on the beads, per volume of liquid.
    free_antibody : float [mol/m3]
        Binding sites in solution.
    soluble : float [mol/m3]
        Soluble antigen.
    dissociation : float [mol/m3]
        Constant of one bond.

    Returns
    -------
    Competition

    Notes
    -----
    An upper bound where equilibrium takes longer than the incubation, 1/(k_on s + k_off).

    Examples
    --------
    >>> none = competition(1e-4, 0.0, 0.0, 1e-6)
    >>> none.open_sites, none.open_antigens
    (1.0, 1.0)
    >>> round(competition(0.0, 0.0, 1e-6, 1e-6).open_sites, 6)
    0.5
    """
    excess = soluble - dissociation - sites - free_antibody
    root = math.sqrt(excess * excess + 4.0 * dissociation * soluble)
    free = 0.5 * (excess + root) if excess > 0 else 2.0 * dissociation * soluble / (root - excess)
    open_sites = dissociation / (dissociation + free)
    masking = free_antibody * open_sites
    return Competition(open_sites, dissociation / (dissociation + masking))
