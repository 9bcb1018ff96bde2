"""The liquid in a spinning tube as a column of cells along the radius, for what changes with the radius alone.

In spin, surfaces of equal density are cylinders around the rotor's axis (planes across the radius for a narrow tube);
at rest they are horizontal planes. Liquid passes from one arrangement to the other without mixing, layer by layer in
the order of density, so that the volume below a layer is the same in both:

    V_spin(rho) = V_rest(rho).

The volume beyond a radius is therefore all that reorientation needs, in any rotor.

Source: Flamm, Birnstiel & Walker 1966, on equilibrium gradients in fixed-angle rotors.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.rotors.rotors import Rotor, Tube
from sepsim.techniques.centrifugation.tubes import tilted_tube
from sepsim.techniques.centrifugation.tubes.chords import bucket_volume, meniscus


class LiquidColumn(NamedTuple):
    """Cells between surfaces of equal radius, from the meniscus to the outermost point of the tube.

    Attributes
    ----------
    faces : ndarray, shape (n_cells + 1,) [m]
        Distances of the surfaces from the rotor's axis, increasing.
    areas : ndarray, shape (n_cells + 1,) [m2]
        Cross-section of the liquid at each face.
    depths : ndarray, shape (n_cells + 1,) [m3]
        Volume of liquid between the meniscus and each face.
    """

    faces: FloatArray
    areas: FloatArray
    depths: FloatArray

    @property
    def volumes(self) -> FloatArray:
        """Volume of each cell, shape (n_cells,) [m3]."""
        return np.diff(self.depths)

    @property
    def centres(self) -> FloatArray:
        """Middle of each cell, shape (n_cells,) [m]."""
        return 0.5 * (self.faces[1:] + self.faces[:-1])

    def radius_at(self, depth: npt.ArrayLike) -> FloatArray:
        """Return the radius [m] above which there is this volume of liquid [m3], same shape."""
        radii: FloatArray = np.interp(np.asarray(depth, dtype=float), self.depths, self.faces)
        return radii


def liquid_column(rotor: Rotor, fill_volume: float, cells: int) -> LiquidColumn:
    """Cut the liquid of a filled tube in spin into cells of equal thickness.

    Parameters
    ----------
    rotor : Rotor
        With its tube.
    fill_volume : float [m3]
        Volume in one tube.
    cells : int
        Number of cells, at least 1.

    Returns
    -------
    LiquidColumn
        Its volume is the fill to round-off.

    Raises
    ------
    InputError
        If the volume is not above 0 or more than the tube takes.

    Notes
    -----
    Volumes and areas are in closed form in a swinging bucket, and by quadrature (1e-9 of the volume) in a leaning tube.

    Examples
    --------
    Twelve millilitres in an SW 41 tube stand from 72.3 to 153.1 mm:

    >>> from sepsim.rotors.rotors import rotor
    >>> column = liquid_column(rotor("SW 41 Ti"), 12e-6, 400)
    >>> (1e3 * column.faces[[0, -1]]).round(1).tolist(), round(float(column.depths[-1]) * 1e6, 9)
    ([72.3, 153.1], 12.0)
    """
    faces = np.linspace(meniscus(rotor, fill_volume), rotor.r_max, cells + 1)
    beyond, areas = _beyond(rotor, faces[1:-1])
    ends = _surface(rotor, faces[0]), _bottom(rotor)
    depths = np.concatenate([[0.0], fill_volume - beyond, [fill_volume]])
    return LiquidColumn(faces, np.concatenate([ends[:1], areas, ends[1:]]), depths)


def at_faces(cells: FloatArray) -> FloatArray:
    """Return the means of neighbouring cells, and the outer cells at the ends.

    Parameters
    ----------
    cells : ndarray, shape (..., n_cells) [any]

    Returns
    -------
    ndarray, shape (..., n_cells + 1) [any]

    Examples
    --------
    >>> at_faces(np.array([1.0, 3.0, 4.0])).tolist()
    [1.0, 2.0, 3.5, 4.0]
    """
    padded = np.concatenate([cells[..., :1], cells, cells[..., -1:]], axis=-1)
    faces: FloatArray = 0.5 * (padded[..., 1:] + padded[..., :-1])
    return faces


def _beyond(rotor: Rotor, radii: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the volume of the tube beyond each radius [m3], and its cross-section there [m2]."""
    if rotor.angle_deg == 90:
        heights = rotor.r_max - radii
        return np.array([bucket_volume(rotor.tube, h) for h in heights]), _bucket_sections(rotor.tube, heights)
    tube = tilted_tube.body(rotor)
    pairs = [tilted_tube.volume_beyond(tube, float(radius - rotor.mouth_radius)) for radius in radii]
    return np.array([volume for volume, _ in pairs]), np.array([area for _, area in pairs])


def _surface(rotor: Rotor, meniscus: float) -> float:
    """Return the area of the liquid's surface [m2]."""
    return float(_beyond(rotor, np.array([meniscus]))[1][0])


def _bottom(rotor: Rotor) -> float:
    """Return the area of what lies at r_max [m2]: the disc of a flat bottom, else a point."""
    return math.pi * rotor.tube.radius**2 if rotor.angle_deg == 90 and rotor.tube.bottom == "flat" else 0.0


def _bucket_sections(tube: Tube, heights: FloatArray) -> FloatArray:
    """Return the cross-sections [m2] of an upright tube at heights [m] above its deepest point."""
    disc = math.pi * tube.radius**2
    low = np.minimum(heights, tube.bottom_height)
    match tube.bottom:
        case "round":
            return np.pi * low * (2.0 * tube.radius - low)
        case "conical":
            return disc * (low / tube.bottom_height) ** 2
    return np.full_like(heights, disc)
