"""Where rays run through a spectrometer, by the exact maps of its elements."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.techniques.mass_spectrometry.optics.element import Drift, Slit
from sepsim.techniques.mass_spectrometry.optics.magnetic_sector import MagneticSector
from sepsim.techniques.mass_spectrometry.optics.rays import Rays
from sepsim.techniques.mass_spectrometry.optics.sector_frame import SectorFrame
from sepsim.techniques.mass_spectrometry.optics.wien_filter import WienFilter
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_layout import poses
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import Optic, Spectrometer
from sepsim.units import from_si

PLANES = 90  # across a field

Pose = FloatArray  # (3,): both coordinates [m] and the heading [rad]


def ray_paths(spectrometer: Spectrometer, rays: Rays) -> FloatArray:
    """Return points on the paths of rays, in the frame of `spectrometer_layout`.

    In a field the points stand where a ray crosses its edges and planes in between; each comes from the exact map of
    the part of the field before it. Between fields the paths are straight.

    Parameters
    ----------
    spectrometer : Spectrometer
    rays : Rays
        At the source, each of shape (n_rays,).

    Returns
    -------
    ndarray, shape (n_points, n_rays, 2) [m]
        nan where a ray has no point: a plane it crosses outside the field, or after a slit has stopped it.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import SingleMagnet
    >>> magnet = SingleMagnet(radius_mm=300, angle_deg=90).spectrometer
    >>> (ray_paths(magnet, Rays(x=[0.0]))[-1] * 1e3).round(6)  # mm: the axis leads to the detector
    array([[ 600., -600.]])
    """
    places = poses(spectrometer)
    points = [_upright(places[0], rays)]
    for place, end, element in zip(places[:-1], places[1:], spectrometer.elements, strict=True):
        leaving = element.trace(rays)
        if isinstance(element, Slit):
            points.append(_upright(place, rays))
        elif not isinstance(element, Drift):
            points += [_entered(place, element, rays), *_within(place, element, rays), _left(end, element, leaving)]
        rays = leaving
    tilt, along = spectrometer.detector.tilt, spectrometer.detector.image(rays).x
    points.append(_placed(places[-1], along * math.sin(tilt), along * math.cos(tilt)))
    return np.array(points)


def _placed(pose: Pose, s: FloatArray, x: FloatArray) -> FloatArray:
    """Return points (n, 2) in the frame of the source, from places along and to the left of a pose."""
    cosine, sine = math.cos(pose[2]), math.sin(pose[2])
    return np.stack([pose[0] + s * cosine - x * sine, pose[1] + s * sine + x * cosine], axis=-1)


def _upright(pose: Pose, rays: Rays) -> FloatArray:
    return _placed(pose, np.zeros_like(rays.x), rays.x)


def _frame(element: Optic) -> SectorFrame | None:
    return None if isinstance(element, (WienFilter, Drift, Slit)) else element.frame


def _entered(pose: Pose, element: Optic, rays: Rays) -> FloatArray:
    """Return where straight rays cross the entrance edge of a field."""
    frame = _frame(element)
    return _upright(pose, rays) if frame is None else _on_edge(pose, rays, frame.sense * math.tan(frame.entrance_edge))


def _left(pose: Pose, element: Optic, leaving: Rays) -> FloatArray:
    """Return where rays cross the exit edge of a field, from which on they are straight."""
    frame = _frame(element)
    return (
        _upright(pose, leaving) if frame is None else _on_edge(pose, leaving, -frame.sense * math.tan(frame.exit_edge))
    )


def _on_edge(pose: Pose, rays: Rays, slope: float) -> FloatArray:
    """Return where straight rays meet the line s = slope x through the origin of a pose."""
    s = slope * rays.x / (1.0 - slope * np.tan(rays.a))
    return _placed(pose, s, rays.x + s * np.tan(rays.a))


def _within(pose: Pose, element: Optic, rays: Rays) -> Iterator[FloatArray]:
    """Yield where rays cross planes within a field: the exit of a shorter one."""
    frame = _frame(element)
    for share in np.linspace(0.0, 1.0 if frame is None else 1.0 + abs(frame.exit_edge) / frame.angle, PLANES + 1)[1:-1]:
        shorter = _shortened(element, float(share))
        local = shorter.axis(np.ones(1))[0]
        x = shorter.trace(rays).x
        at = _placed(local, np.zeros_like(x), x)
        if frame is not None:
            at[_outside(frame, at, frame.angle * share)] = np.nan
        yield _placed(pose, at[:, 0], at[:, 1])


def _shortened(element: Optic, share: float) -> Optic:
    """Return a field that ends upright on the axis after a share of its length."""
    if isinstance(element, WienFilter):
        return replace(element, length_mm=element.length_mm * share)
    if isinstance(element, MagneticSector):
        return replace(element, angle_deg=from_si("angle_deg", element.angle * share), exit_edge_deg=0.0)
    assert not isinstance(element, (Drift, Slit))
    return replace(element, angle_deg=from_si("angle_deg", element.angle * share))


def _outside(frame: SectorFrame, at: FloatArray, theta: float) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return which points (n, 2) of the plane at an angle lie before the entrance edge or behind the exit edge."""
    s, outward = at[:, 0], frame.sense * at[:, 1]
    before = outward * math.sin(frame.entrance_edge) - s * math.cos(frame.entrance_edge)
    leaving = frame.angle - frame.exit_edge
    along = s - frame.radius * math.sin(frame.angle)
    across = outward - frame.radius * (math.cos(frame.angle) - 1.0)
    behind = along * math.cos(leaving) - across * math.sin(leaving)
    near_start, near_end = theta < 0.5 * math.pi, theta > frame.angle - 0.5 * math.pi
    return np.asarray((near_start & (before > 0.0)) | (near_end & (behind > 0.0)))
