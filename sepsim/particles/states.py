"""States that particles can be in: free, in a cluster, on a bead, burst, or without their antigens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

FREE = "free"


class Body(NamedTuple):
    """What moves instead of the particle itself, such as a cluster or a bead.

    Attributes
    ----------
    diameter : float [m]
        Hydrodynamic.
    volume : float [m3]
        Of its solids: of the medium that they displace.
    density : float [kg/m3]
        Of these solids.
    magnetisation : float [A/m]
        Of these solids, saturated.

    Examples
    --------
    >>> Body(diameter=1e-6, volume=2e-19, density=1050.0).density
    1050.0
    """

    diameter: float
    volume: float
    density: float
    magnetisation: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticleState:
    """A state that a step can bring particles into; free ones need none.

    Parameters
    ----------
    name : str
        In results, such as ``"in clusters of 1 um"``.
    kinds : tuple of str
        Kinds of populations that can reach it.
    intact : bool
        Whether it still counts as a particle of its population; a burst vesicle does not.
    carried : bool
        Whether the body is no particle of the sample, such as a bead: no counter sees it, and others do not feel it.
    bare : bool
        Whether it has lost its antigens.
    body : Body, optional
        What moves; left out: the particle as if it were free.

    Examples
    --------
    >>> floc = ParticleState(name="in clusters of 1 um", kinds=("vesicle",), body=Body(1e-6, 1e-19, 1050.0))
    >>> floc.intact, floc.carried
    (True, False)
    """

    name: str
    kinds: tuple[str, ...]
    intact: bool = True
    carried: bool = False
    bare: bool = False
    body: Body | None = None
