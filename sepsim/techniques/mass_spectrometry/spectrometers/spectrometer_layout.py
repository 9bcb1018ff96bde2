"""A spectrometer drawn to scale: its axis, its sectors, its slits and its detector as lines in metres."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.techniques.mass_spectrometry.optics.electric_sector import ElectricSector
from sepsim.techniques.mass_spectrometry.optics.element import Slit
from sepsim.techniques.mass_spectrometry.optics.magnetic_sector import MagneticSector
from sepsim.techniques.mass_spectrometry.optics.wien_filter import WienFilter
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import Optic, Spectrometer, element_name
from sepsim.units import to_si

_POINTS = 61  # of an arc
_DRAWN_GAP = 0.15  # of the radius, where no gap is given


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A line of a drawing.

    Parameters
    ----------
    kind : str
        "axis", "electric sector", "magnetic sector", "wien filter", "slit", "source" or "detector".
    points : array (n, 2) [m]
        The source stands at (0, 0), from where the axis runs along the first coordinate; left is up.
    closed : bool
        Whether the line encloses an area.

    Examples
    --------
    >>> Outline("detector", np.array([[1.0, -0.1], [1.0, 0.1]]), closed=False).kind
    'detector'
    """

    kind: str
    points: FloatArray
    closed: bool


def poses(spectrometer: Spectrometer) -> FloatArray:
    """Return where the axis enters each element and where it meets the detector.

    Parameters
    ----------
    spectrometer : Spectrometer

    Returns
    -------
    array (n_elements + 1, 3)
        Both coordinates [m] and the heading [rad].

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import SingleMagnet
    >>> poses(SingleMagnet(radius_mm=300, angle_deg=90).spectrometer)[-1].round(3) + 0.0
    array([ 0.6  , -0.6  , -1.571])
    """
    found = [np.zeros(3)]
    for element in spectrometer.elements:
        found.append(_placed(found[-1], element.axis(np.ones(1)))[0])
    return np.array(found)


def layout(spectrometer: Spectrometer) -> list[Outline]:
    """Return the lines of a spectrometer, to scale.

    Sectors without a gap are drawn 0.15 of their radius wide, slits and the detector as wide as the beam tube or 0.1 of
    the narrowest radius.

    Parameters
    ----------
    spectrometer : Spectrometer

    Returns
    -------
    list of Outline
        The axis first, then source, elements and detector in the order of flight.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import MattauchHerzog
    >>> [outline.kind for outline in layout(MattauchHerzog().spectrometer)]
    ['axis', 'source', 'electric sector', 'magnetic sector', 'detector']
    """
    places = poses(spectrometer)
    width = spectrometer.tube
    axis: list[FloatArray] = []
    drawn: list[Outline] = [_across("source", places[0], 0.5 * spectrometer.source.width, width)]
    for place, element in zip(places, spectrometer.elements, strict=False):
        axis.append(_placed(place, element.axis(np.linspace(0.0, 1.0, _POINTS)))[:, :2])
        if isinstance(element, Slit):
            drawn.append(_across("slit", place, 0.5 * element.width, width))
        elif (border := _border(element)) is not None:
            drawn.append(Outline(element_name(element), _placed(place, border)[:, :2], closed=True))
    return [Outline("axis", np.concatenate(axis), closed=False), *drawn, _plate(spectrometer, places[-1], width)]


def _placed(pose: FloatArray, local: FloatArray) -> FloatArray:
    """Return points (n, 3) of s, x and heading from a frame at a pose, in the frame of the source."""
    cosine, sine = math.cos(pose[2]), math.sin(pose[2])
    s, x, heading = local.T
    return np.stack([pose[0] + s * cosine - x * sine, pose[1] + s * sine + x * cosine, pose[2] + heading], axis=-1)


def _across(kind: str, pose: FloatArray, half_opening: float, width: float) -> Outline:
    """Return two jaws across the axis as one line, broken by nan at the opening."""
    x = np.array([-0.5 * width, -half_opening, np.nan, half_opening, 0.5 * width])
    points = _placed(pose, np.stack([np.zeros(5), x, np.zeros(5)], axis=-1))[:, :2]
    return Outline(kind, points, closed=False)


def _plate(spectrometer: Spectrometer, pose: FloatArray, width: float) -> Outline:
    detector = spectrometer.detector
    if math.isfinite(detector.width):
        return _across("detector", pose, 0.5 * detector.width, width)
    along, end = np.zeros(2), spectrometer.elements[-1]
    if isinstance(end, MagneticSector) and detector.tilt_deg != 0.0:
        along = np.array([-1.0, 1.0]) * math.sqrt(2.0) * end.radius  # a focal plane: to twice the axis' distance
    else:
        along = np.array([-0.5, 0.5]) * width
    points = np.stack([along * math.sin(detector.tilt), along * math.cos(detector.tilt), np.zeros(2)], axis=-1)
    return Outline("detector", _placed(pose, points)[:, :2], closed=False)


def _border(element: Optic) -> FloatArray | None:
    """Return the border of a field in the element's frame (n, 3); None without a field."""
    if isinstance(element, WienFilter):
        gap = 0.1 * element.length if element.gap_mm is None else to_si("gap_mm", element.gap_mm)
        s = np.array([0.0, 1.0, 1.0, 0.0]) * element.length
        return np.stack([s, np.array([-0.5, -0.5, 0.5, 0.5]) * gap, np.zeros(4)], axis=-1)
    if isinstance(element, (ElectricSector, MagneticSector)):
        half = 0.5 * _DRAWN_GAP * element.radius
        if isinstance(element, ElectricSector) and element.gap_mm is not None:
            half = 0.5 * to_si("gap_mm", element.gap_mm)
        inner, outer = _arc(element, element.radius - half), _arc(element, element.radius + half)
        return np.concatenate([outer, inner[::-1]])
    return None


def _arc(sector: ElectricSector | MagneticSector, radius: float) -> FloatArray:
    """Return an arc about the centre of a sector from edge to edge (n, 3)."""
    frame = sector.frame
    start = frame.entrance_edge - math.asin(sector.radius * math.sin(frame.entrance_edge) / radius)
    end = frame.angle - frame.exit_edge + math.asin(sector.radius * math.sin(frame.exit_edge) / radius)
    theta = np.linspace(start, end, _POINTS)
    x = frame.sense * (radius * np.cos(theta) - sector.radius)
    return np.stack([radius * np.sin(theta), x, -frame.sense * theta], axis=-1)
