"""Marker strata: the parts of a population that carry the same antigens."""

from __future__ import annotations

from typing import NamedTuple

REFERENCE_DIAMETER_M = 100e-9  # of the particle to which copies refer


class Stratum(NamedTuple):
    """Particles of a population that carry the same antigens.

    Attributes
    ----------
    share : float [-]
        Of the population, by number.
    copies : tuple of float [-]
        Mean copies of each antigen on a particle of 100 nm; they go with the area.
    """

    share: float
    copies: tuple[float, ...]
