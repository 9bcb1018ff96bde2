"""Where liquid and particles leave a chip, and the numbers that tell how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sepsim.arrays import FloatArray


class Liquid(NamedTuple):
    """What leaves by an outlet.

    Attributes
    ----------
    load_share : float [-]
        Of the liquid of the sample.
    buffer : float [m3]
        That comes with it.
    """

    load_share: float
    buffer: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Passage:
    """Where particles leave a chip.

    Attributes
    ----------
    shares : mapping of str to ndarray, shape (n,) [-]
        By outlet, of the particles of each class; what is missing to 1 stays in the chip for good.
    peclet : ndarray, shape (n,) [-]
        Carried over diffusing, of each class, as the mechanism compares them.
    damkohler : ndarray, shape (n,) [-], optional
        Uptake over diffusion, where a wall takes particles up; nan of classes that none takes.
    heating : float [K]
        Of the liquid in the chip.
    error : float [-]
        Estimated error of the shares.
    course : object
        What the pictures of the mechanism need.
    remarks, warnings : tuple of str
    """

    shares: Mapping[str, FloatArray]
    peclet: FloatArray
    damkohler: FloatArray | None = None
    heating: float = 0.0
    error: float = 0.0
    course: Any = None
    remarks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
