"""Rows of one size and density that differ in antigens or in state: the part of a particle table that tells them apart.

A table has them only if a step of its protocol asks for antigens or can change the state of particles. All numbers are
of primary particles, so that a step may move them from row to row and the balance holds per origin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sepsim.arrays import BoolArray, FloatArray, IntArray
from sepsim.particles.states import FREE, ParticleState


@dataclass(frozen=True, slots=True, eq=False)
class Variants:
    """What the rows of a table are besides population, size and density.

    Attributes
    ----------
    states : tuple of ParticleState
        That rows can be in besides free.
    state : ndarray of int, shape (n_classes,)
        0 for free rows, else 1 + index into `states`.
    origin : ndarray of int, shape (n_classes,)
        Row of the same particle in the free state.
    members : ndarray, shape (n_classes,) [-]
        Primary particles per body that moves; 1 where it is the particle itself.
    antigens : tuple of str
    copies : ndarray, shape (n_antigens, n_classes) [-]
        Mean copies on a particle of each row.
    rides, in_body : ndarray of bool, shape (n_classes,)
        Which rows another particle or a bead carries, and which move as part of a body.
    alike : ndarray of int, shape (n_classes,)
        Number of the group of rows that move alike; groups are in the order of their first rows.
    """

    states: tuple[ParticleState, ...]
    state: IntArray
    origin: IntArray
    members: FloatArray
    antigens: tuple[str, ...]
    copies: FloatArray
    rides: BoolArray
    in_body: BoolArray
    alike: IntArray

    @property
    def intact(self) -> BoolArray:
        """Which rows count as particles of their population, shape (n_classes,)."""
        return np.array([True, *(state.intact for state in self.states)])[self.state]

    @property
    def bare(self) -> BoolArray:
        """Which rows have lost their antigens, shape (n_classes,)."""
        return np.array([False, *(state.bare for state in self.states)])[self.state]

    @property
    def carried(self) -> BoolArray:
        """Which rows are on bodies that are no particles of the sample, such as beads, shape (n_classes,)."""
        return np.array([False, *(state.carried for state in self.states)])[self.state]

    @property
    def magnetisation(self) -> FloatArray:
        """Of the solids of the body that moves, saturated, shape (n_classes,) [A/m]; none of free particles."""
        bodies = [None, *(state.body for state in self.states)]
        return np.array([0.0 if body is None else body.magnetisation for body in bodies])[self.state]

    def in_state(self, name: str) -> IntArray:
        """Return for each row that of the same origin in a state, shape (n_classes,); -1 where it cannot reach it.

        Parameters
        ----------
        name : str
            Of one of `states`, or "free".

        Returns
        -------
        ndarray of int, shape (n_classes,)

        Raises
        ------
        KeyError
            If no row can be in such a state.
        """
        names = [FREE, *(state.name for state in self.states)]
        if name not in names:
            raise KeyError(name)
        (members,) = np.nonzero(self.state == names.index(name))
        of_origin = np.full(self.state.size, -1)
        of_origin[self.origin[members]] = members
        return of_origin[self.origin]

    def copies_of(self, antigen: str) -> FloatArray:
        """Return the mean copies of an antigen on a particle of each row, shape (n_classes,) [-]."""
        copies: FloatArray = self.copies[self.antigens.index(antigen)]
        return copies
