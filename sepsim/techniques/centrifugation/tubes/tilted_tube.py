"""The body of a tube that leans in its rotor, cut into horizontal chords.

The tube is cut by planes at distances y from its middle plane. Each cut is a strip of half width
w = sqrt(R^2 - y^2), ended by the cap at the mouth and by the bottom. In such a plane

    X = a sin(alpha) + t cos(alpha),    z = -a cos(alpha) + t sin(alpha)

with a the distance from the mouth along the tube, t the distance from the tube's axis (positive outwards), X
the distance from the centre of the mouth along the radius and z the height. Both ends of a chord are linear in
z, except on the bottom, and smooth between the heights where an end passes from one surface to the next.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.rotors.rotors import Rotor

_LEAST_TILT = 1e-12  # a vertical tube leans by this much: no line is parallel to a wall, and nothing moves by 1e-12 m
_NEWTON_STEPS = 60
_SLICES = 20
_LEAST_CELLS = 4
_GOLDEN = 0.5 * (math.sqrt(5.0) - 1.0)
_LEVEL_TOLERANCE = 1e-12  # of the reach along the radius


class Body(NamedTuple):
    """A tube in its rotor.

    The bottom is the quadric ``square (t^2 + y^2) + axial (a - vertex)^2 + linear (a - vertex) = constant``, beyond
    the joint with the cylinder: a sphere, a plane or a cone.

    Attributes
    ----------
    mouth : float [m]
        Distance of the centre of the mouth from the rotor's axis.
    radius, length, joint : float [m]
        Bore radius; distance of the deepest point and of the bottom's upper edge from the mouth.
    sine, cosine : float
        Of the angle between tube and rotor axis.
    square, axial, linear, vertex, constant : float
        The quadric.
    """

    mouth: float
    radius: float
    length: float
    joint: float
    sine: float
    cosine: float
    square: float
    axial: float
    linear: float
    vertex: float
    constant: float


def body(rotor: Rotor) -> Body:
    """Return the body of a rotor's tube, placed by r_max."""
    tube = rotor.tube
    joint = tube.length - tube.bottom_height
    if tube.bottom == "round":
        quadric = (1.0, 1.0, 0.0, joint, tube.radius**2)
    elif tube.bottom == "flat":
        quadric = (0.0, 0.0, 1.0, joint, 0.0)
    else:
        quadric = (1.0, -((tube.radius / tube.bottom_height) ** 2), 0.0, tube.length, 0.0)
    sine = max(math.sin(rotor.angle), _LEAST_TILT)
    return Body(rotor.mouth_radius, tube.radius, tube.length, joint, sine, math.cos(rotor.angle), *quadric)


def meniscus(tube: Body, fill_volume: float) -> float:
    """Return the distance X [m] from the mouth beyond which the body holds a volume [m3].

    Newton's method (the derivative of the volume is minus the area of the surface) inside a shrinking bracket.

    Parameters
    ----------
    tube : Body
    fill_volume : float [m3]
    """
    low, high = -tube.radius * tube.cosine, float(_reach(tube, 0.0, tube.radius, tube.sine, tube.cosine))
    level, tolerance = 0.5 * (low + high), _LEVEL_TOLERANCE * (high - low)
    for _ in range(_NEWTON_STEPS):
        volume, surface = volume_beyond(tube, level)
        newton = level + (volume - fill_volume) / surface if surface > 0 else high
        if abs(newton - level) < tolerance:
            break
        low, high = (level, high) if volume > fill_volume else (low, level)
        level = newton if low < newton < high else 0.5 * (low + high)
    return level


def volume_beyond(tube: Body, level: float) -> tuple[float, float]:
    """Return the volume of the body beyond X = level [m3], and the area of the surface there [m2].

    The tube is cut across its axis: of each disc the segment t > (X - a sin(alpha))/cos(alpha) lies beyond.

    Parameters
    ----------
    tube : Body
    level : float [m]
        Distance from the mouth along the field.
    """
    edges = np.sort(np.clip(_segment_edges(tube, level), 0.0, tube.length))
    node, weight = gauss(_SLICES)
    low, length = edges[:-1, None], np.diff(edges)[:, None]
    a = low + length * np.sin(0.5 * math.pi * node) ** 2  # crowds where a segment begins or closes
    da = length * weight * 0.5 * math.pi * np.sin(math.pi * node)
    bottom = tube.constant - tube.axial * (a - tube.vertex) ** 2
    square = np.where(a > tube.joint, np.maximum(bottom, 0.0), tube.radius**2)
    chord = (level - a * tube.sine) / tube.cosine
    half = np.sqrt(np.maximum(square - chord**2, 0.0))
    segment = square * np.arctan2(half, chord) - chord * half
    return float(np.sum(da * segment)), float(np.sum(da * 2.0 * half)) / tube.cosine


def _segment_edges(tube: Body, level: float) -> FloatArray:
    """Return the distances from the mouth at which the surface enters or leaves the wall and the bottom."""
    wall = (level + np.array([-1.0, 1.0]) * tube.radius * tube.cosine) / tube.sine
    square = tube.cosine**2
    bottom = np.roots(
        [
            tube.axial * square + tube.sine**2,
            -2.0 * (tube.axial * tube.vertex * square + level * tube.sine),
            tube.axial * tube.vertex**2 * square + level**2 - tube.constant * square,
        ]
    ).real  # of a pair of complex roots the real part: one more border does no harm
    return np.array([0.0, tube.joint, tube.length, *np.minimum(wall, tube.joint), *np.maximum(bottom, tube.joint)])


def cut_chords(tube: Body, level: float, planes: int, cells: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return inner end, outer end and area of the chords beyond X = level; ends counted from the mouth.

    Parameters
    ----------
    tube : Body
    level : float [m]
        Where the liquid begins along the radius, counted from the mouth.
    planes, cells : int
        Number of planes, and about the number of cells, of two chords each, in the height of a plane.
    """
    node, weight = gauss(planes)
    widest = _widest(tube, level)
    y = widest * np.sin(0.5 * math.pi * node)[:, None]
    dy = math.pi * widest * (weight * np.cos(0.5 * math.pi * node))[:, None]  # both halves of the tube
    w = np.sqrt(tube.radius**2 - y**2)
    heights = _joints(tube, y, w, level)
    inner, outer = _chord_ends(tube, level, y, w, 0.5 * (heights[:, 1:] + heights[:, :-1]))
    wet = np.where(outer > inner, np.diff(heights, axis=1), 0.0)
    z, dz = _cells(heights, wet, cells)
    inner, outer = _chord_ends(tube, level, y, w, z)
    kept = (outer > inner) & (dz > 0)
    return inner[kept], outer[kept], (dy * dz)[kept]


@cache
def gauss(count: int) -> tuple[FloatArray, FloatArray]:
    """Return Gauss-Legendre nodes and weights on (0, 1)."""
    node, weight = np.polynomial.legendre.leggauss(count)
    return 0.5 * (node + 1.0), 0.5 * weight


def _chord_ends(tube: Body, level: float, y: FloatArray, w: FloatArray, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the chords at heights z: wall, cap or level; wall or bottom."""
    inner, outer = _ends(tube, y, w, (-z * tube.cosine, z * tube.sine), (tube.sine, tube.cosine))
    return np.maximum(np.maximum(inner, z * (tube.cosine / tube.sine)), level), outer


def _joints(tube: Body, y: FloatArray, w: FloatArray, level: float) -> FloatArray:
    """Return the heights, ascending, where an end of a chord passes from one surface to the next.

    Heights outside the plane's cut are moved to its top, so that the first stretch starts at its lowest point.
    """
    start, step = (level * tube.sine, level * tube.cosine), (-tube.cosine, tube.sine)
    lower, upper = _ends(tube, y, w, start, step)  # where the liquid's surface meets the plane
    upper = np.minimum(upper, level * tube.sine / tube.cosine)
    bottom = -_reach(tube, y, w, tube.cosine, tube.sine)
    top, joint = w * tube.sine, -tube.joint * tube.cosine
    heights = np.concatenate([joint - top, joint + top, -top, lower, upper], axis=1)
    heights = np.where(heights > bottom, np.minimum(heights, top), top)
    return np.concatenate([bottom, np.sort(heights, axis=1), top], axis=1)


def _cells(heights: FloatArray, wet: FloatArray, cells: int) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights in the stretches between successive heights, shape (n_planes, n_nodes).

    Two Gauss nodes per cell. The cells are shifted from plane to plane by the golden ratio, so that the chords
    of neighbouring planes clear at different doses and their kinks average out. Stretches get cells by their
    wet length. In the lowest, squaring takes the root out of the chords' length at its lower end.
    """
    share = wet.max(axis=0) / np.sum(wet.max(axis=0))
    shift = (np.arange(len(heights)) * _GOLDEN % 1.0)[:, None]
    z, dz = [], []
    for index in np.flatnonzero(share):
        count = _LEAST_CELLS + math.ceil(cells * share[index])
        border = np.clip((np.arange(-1, count + 1) + shift) / count, 0.0, 1.0)
        half, middle = 0.5 * np.diff(border, axis=1), 0.5 * (border[:, 1:] + border[:, :-1])
        node = np.concatenate([middle - half / math.sqrt(3.0), middle + half / math.sqrt(3.0)], axis=1)
        weight = np.concatenate([half, half], axis=1)
        node, weight = (node**2, 2.0 * node * weight) if index == 0 else (node, weight)
        length = (heights[:, index + 1] - heights[:, index])[:, None]
        z.append(heights[:, index, None] + length * node)
        dz.append(length * weight)
    return np.concatenate(z, axis=1), np.concatenate(dz, axis=1)


def _ends(
    tube: Body, y: FloatArray, w: FloatArray, start: tuple[Any, Any], step: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Return where the lines (a, t) = start + x step enter and leave the tube, by its wall or its bottom."""
    (a, t), (da, dt) = start, step
    enter, leave = (-w - t) / dt, (w - t) / dt
    square = tube.square * dt**2 + tube.axial * da**2
    half = tube.square * t * dt + tube.axial * (a - tube.vertex) * da + 0.5 * tube.linear * da
    rest = tube.square * (t**2 + y**2) + tube.axial * (a - tube.vertex) ** 2
    rest = rest + tube.linear * (a - tube.vertex) - tube.constant
    root = np.sqrt(np.maximum(half**2 - square * rest, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):  # of the two forms of a root the one without cancellation
        entering = np.where(half < 0, rest / (root - half), -(half + root) / square)
        leaving = np.where(half > 0, -rest / (half + root), (root - half) / square)
    enter = np.where(a + enter * da > tube.joint, entering, enter)
    leave = np.where(a + leave * da > tube.joint, leaving, leave)
    return enter, leave


def _reach(tube: Body, y: Any, w: Any, along: float, across: float) -> Any:
    """Return how far the bottom of a cut reaches in the direction (along, across) of (a, |t|)."""
    if tube.constant > 0:  # a sphere
        return tube.joint * along + w
    depth = tube.length - tube.joint
    if depth == 0:  # a plane
        return tube.length * along + w * across
    slope = tube.radius / depth
    bend = slope * across / along
    height = depth if bend >= 1 else np.minimum(y / (slope * math.sqrt(1.0 - bend**2)), depth)
    half_width = np.sqrt(np.maximum((slope * height) ** 2 - y**2, 0.0))
    return (tube.length - height) * along + half_width * across


def _widest(tube: Body, level: float) -> float:
    """Return the distance y of the outermost plane in which the body reaches beyond the level."""
    if tube.constant > 0:  # a sphere
        least = level - tube.joint * tube.sine
        return math.sqrt(tube.radius**2 - max(least, 0.0) ** 2)
    least = max((level - tube.joint * tube.sine) / tube.cosine, 0.0)
    ring = math.sqrt(max(tube.radius**2 - least**2, 0.0))
    depth = tube.length - tube.joint
    bend = tube.radius * tube.cosine / (depth * tube.sine) if depth > 0 else math.inf
    if bend >= 1 or ring > tube.radius * math.sqrt(1.0 - bend**2):
        return ring
    return tube.radius * (tube.length * tube.sine - level) / (depth * tube.sine * math.sqrt(1.0 - bend**2))
