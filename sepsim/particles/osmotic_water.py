"""The water of particles that comes and goes with the osmolality of the medium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from sepsim.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class OsmoticWater:
    """What a particle holds of water in an iso-osmotic medium, and what ties it; one value per class.

    Attributes
    ----------
    lumen : ndarray, shape (n,) [m3]
        Volume of the lumen; 0 for particles that have none.
    water : ndarray, shape (n,) [m3]
        All water in the lumen.
    free : ndarray, shape (n,) [m3]
        Of it, the water that is not bound to solids: what can leave.
    protein_osmolality : ndarray, shape (n,) [osm/kg]
        Molecules of protein per volume of lumen, as osmoles per kg of water.
    response : ndarray, shape (n,) [-]
        Share of the change of volume that happens: 1, or 0 for a rigid particle.
    prolate : ndarray, shape (n,) [-]
        Shape of a vesicle that has lost volume: 0 is a sphere, 1 a prolate spheroid that keeps the membrane's area.
    hydration : ndarray, shape (n,) [m3]
        Water on the surface, on top of the stated mass and volume, that concentrated salt takes away.
    """

    lumen: FloatArray
    water: FloatArray
    free: FloatArray
    protein_osmolality: FloatArray
    response: FloatArray
    prolate: FloatArray
    hydration: FloatArray

    @classmethod
    def on_surface(cls, hydration: FloatArray) -> OsmoticWater:
        """Return the water of particles without a lumen.

        Parameters
        ----------
        hydration : ndarray, shape (n,) [m3]
            On the surface; 0 for rigid particles.

        Returns
        -------
        OsmoticWater
        """
        none = np.zeros_like(hydration)
        return cls(none, none, none, none, none, none, hydration)

    @classmethod
    def stacked(cls, parts: Sequence[OsmoticWater]) -> OsmoticWater:
        """Return the water of several lots of classes, one behind the other.

        Parameters
        ----------
        parts : sequence of OsmoticWater

        Returns
        -------
        OsmoticWater
        """
        return cls(*(np.concatenate([getattr(each, field.name) for each in parts]) for field in fields(cls)))

    def chosen(self, rows: IntArray) -> OsmoticWater:
        """Return the water of some of the classes, in their order.

        Parameters
        ----------
        rows : ndarray of int, shape (m,)

        Returns
        -------
        OsmoticWater
        """
        return OsmoticWater(*(getattr(self, field.name)[rows] for field in fields(self)))

    def times(self, number: float) -> OsmoticWater:
        """Return the water of so many equal particles that move as one."""
        volumes = {name: number * getattr(self, name) for name in ("lumen", "water", "free", "hydration")}
        return replace(self, **volumes)

    def freeze(self) -> None:
        """Make the arrays immutable."""
        for field in fields(self):
            getattr(self, field.name).setflags(write=False)
