"""What capture on the walls of a chip tells: how much of what could be taken was, and whether walls fill."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.techniques.microfluidics.herringbone import Herringbone, remixed_capture
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.wall_lanes import Lanes
from sepsim.techniques.microfluidics.wall_uptake import CoatedChannel, WallUptake, bare_capture
from sepsim.techniques.microfluidics.wall_washing import Rinse, eluted_share
from sepsim.text.tables import percent

FULL = 0.3  # of the room on the walls, where most is taken
PULLED = 0.99  # share of contacts that take hold


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class WallCourse:
    """What the pictures of capture on walls need.

    Attributes
    ----------
    channel : CoatedChannel
    lanes : Lanes
    uptake : WallUptake
    on_wall : ndarray, shape (n,) [-]
        Of what is handed out as captured of each class: the part that is on the wall.
    captured : ndarray, shape (n,) [-]
        Of the particles of each class.
    """

    channel: CoatedChannel
    lanes: Lanes
    uptake: WallUptake
    on_wall: FloatArray
    captured: FloatArray


def wall_remarks(course: WallCourse, load: Load, herringbone: Herringbone | None, rinse: Rinse) -> Iterator[str]:
    """Yield the results of a capture in words.

    Parameters
    ----------
    course : WallCourse
    load : Load
    herringbone : Herringbone or None
    rinse : Rinse

    Yields
    ------
    str
    """
    lanes, uptake, channel = course.lanes, course.uptake, course.channel
    offered = lanes.concentration * load.volume
    if not offered.sum():
        yield "nothing in the sample carries an antigen that the walls bind"
        return
    taken = float(offered @ uptake.share)
    yield (
        f"walls take {percent(taken / offered.sum())} of the {offered.sum():.3g} particles with an antigen, and fill "
        f"{percent(uptake.covered)} of their room; wall shear rate {channel.shear_rate:.3g} per s"
    )
    if rinse.elution is not None:
        share = eluted_share(channel, lanes, uptake, rinse)
        yield f"elution {rinse.elution.name!r} sets free {percent(share)} of what the washed walls hold by antigens"
    if herringbone is None:
        return
    flat, film, mixed = (
        float(offered @ share) / float(offered.sum()) for share in _bare_captures(channel, lanes, uptake, herringbone)
    )
    yield (
        f"bare walls that let nothing go would take {percent(film)} of them, flat ones {percent(flat)}, and with full "
        f"mixing at each cycle times ln(Pe) {percent(mixed)}: how soon ridges renew the depleted layer is unverified"
    )


def _bare_captures(
    channel: CoatedChannel, lanes: Lanes, uptake: WallUptake, herringbone: Herringbone
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what bare walls would take of each lane: flat, stirred, and mixed after each mixing length."""
    diffusivity = lanes.diffusivity
    flat = replace(channel, renewal=None)
    peclet = channel.velocity * channel.height / diffusivity
    segments = np.maximum(channel.length / (herringbone.cycle * np.log(np.maximum(peclet, math.e))), 1.0)
    speed = uptake.damkohler * diffusivity / channel.height
    return (
        bare_capture(flat, diffusivity, speed),
        bare_capture(channel, diffusivity, speed),
        remixed_capture(channel.zeta(diffusivity), segments, uptake.damkohler, channel.walls),
    )


def wall_warnings(course: WallCourse, load: Load) -> Iterator[str]:
    """Yield where walls fill, or the stream keeps particles off.

    Parameters
    ----------
    course : WallCourse
    load : Load

    Yields
    ------
    str
    """
    lanes, uptake = course.lanes, course.uptake
    if uptake.covered_most > FULL:
        yield (
            f"the walls fill: {percent(uptake.covered)} of their room on average and {percent(uptake.covered_most)} "
            "where most are, so that less is taken of a larger sample, and large vesicles take the place of small ones"
        )
    held = course.channel.held(lanes, course.channel.shear_rate)
    torn = np.isin(lanes.of, np.unique(lanes.of[held.taking < PULLED]))
    if torn.any():
        table = load.sample.particles
        rows = lanes.rows[np.isin(lanes.group, lanes.of[torn])]
        names = table.named(rows)
        yield (
            f"the stream pulls contacts of {', '.join(names)} open before they hold; a slower flow takes more of them"
        )
