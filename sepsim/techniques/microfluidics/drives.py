"""What drives particles through each chip, as fields of Brownian dynamics.

Channels across which particles drift: the drift of all classes is a sum of a few shapes (the singular vectors of its
values across), each a polynomial; a standing wave without tilt is a field of its own, with Rayleigh's rolls where the
channel is low enough. What else stirs adds to the diffusivity, on the mean. Where the drift differs between depths, its
mean over them is taken.

Arrays of posts: Stokes flow past the lattice, in the plane. Electrodes: the first waves of their field. Membrane: plug
flow through it, and a stream that thins along the channel. Coated walls: the speed at which each class binds, without
what ridges stir.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.errors import InputError
from sepsim.techniques.microfluidics.acoustophoresis import Acoustophoresis
from sepsim.techniques.microfluidics.brownian import Drive
from sepsim.techniques.microfluidics.chip_run import ChipRun
from sepsim.techniques.microfluidics.chips.channel import Channel
from sepsim.techniques.microfluidics.chips.chip import Chip
from sepsim.techniques.microfluidics.chips.sheath_chip import SheathFlowChip
from sepsim.techniques.microfluidics.cross_stream import Band
from sepsim.techniques.microfluidics.dielectrophoresis import Dielectrophoresis
from sepsim.techniques.microfluidics.field_flow_fractionation import FieldFlowFractionation
from sepsim.techniques.microfluidics.lateral_displacement import LateralDisplacement
from sepsim.techniques.microfluidics.wall_immunocapture import WallImmunocapture

LONG = 5.0  # times the mean residence, after which nearly all have passed
SHARE = 0.02  # of the narrower side, that a step drifts or diffuses at most
MOST_STEPS = 200_000
NODES, DEGREE = 65, 12  # places across at which drift is taken, and degree of its polynomials
SMALL = 1e-3  # of the largest singular value, below which a shape is left out
DEEP, GRID = 6, 400  # depths of a mean; places of streamlines
WAVES = 12  # of the field of electrodes
SQUARE = 30.0  # aspect ratio up to which the flow of a rectangle is fitted
STUCK = 0.45  # of the gap, the largest radius that posts meet
LEAST = 1e-300


@singledispatch
def drive(chip: Chip, done: ChipRun, rows: IntArray, seed: int) -> Drive:
    """Return what drives particles through a chip.

    Parameters
    ----------
    chip : Chip
    done : ChipRun
        With its passage.
    rows : ndarray of int, shape (n,) [-]
        Class of each particle.
    seed : int
        Of the places at which they enter.

    Returns
    -------
    Drive

    Raises
    ------
    InputError
        If the mechanism has none.
    """
    raise InputError(f"chip: {chip.mechanism} has no paths of particles")


def streamline_shares(channel: Channel, y: FloatArray) -> FloatArray:
    """Return which share of the flow passes left of places y [m], shape as `y` [-]."""
    nodes, weights = np.polynomial.legendre.leggauss(DEEP)
    faces = np.linspace(0.0, 1.0, GRID + 1)
    speed = 0.5 * weights @ channel.profile(0.5 * (faces[1:] + faces[:-1]), 0.25 * (nodes[:, None] + 1.0))
    below = np.concatenate([[0.0], np.cumsum(speed)])
    shares: FloatArray = np.interp(y / channel.width, faces, below / below[-1])
    return shares


def streamline_places(channel: Channel, shares: FloatArray) -> FloatArray:
    """Return the places left of which shares of the flow pass, shape as `shares` [m]."""
    y = np.linspace(0.0, channel.width, GRID + 1)
    places: FloatArray = np.interp(shares, streamline_shares(channel, y), y)
    return places


def _entering(channel: Channel, taken: tuple[Band, ...], n: int, seed: int) -> FloatArray:
    """Return where particles enter that come evenly with the liquid between streamlines, shape (3, n) [m]."""
    rng = np.random.default_rng(seed)
    y, z = (np.arange(GRID) + 0.5) / GRID, (np.arange(40) + 0.5) / 40
    share = streamline_shares(channel, y * channel.width)
    inside = np.any([(share > low) & (share < high) for low, high in taken], axis=0)
    weight = (channel.profile(y[:, None], z) * inside[:, None]).ravel()
    cell = rng.choice(weight.size, n, p=weight / weight.sum())
    across = (cell // z.size + rng.random(n)) / y.size
    up = (cell % z.size + rng.random(n)) / z.size
    return np.array([np.zeros(n), across * channel.width, up * channel.height])


def _box(channel: Channel, n: int, high: Any = np.inf) -> dict[str, Any]:
    """Return the walls of a channel whose end takes up what has passed."""
    uptake = np.zeros((6, n))
    uptake[1] = high
    sides = np.array([channel.width, channel.height])
    return {
        "low": np.array([-np.inf, 0.0, 0.0]),
        "high": np.array([channel.length, *sides]),
        "uptake": uptake,
    }


def _timed(channel: Channel, velocity: float, diffusivity: FloatArray, fastest: float, room: float) -> dict[str, Any]:
    """Return a step that is short beside flow, drift and diffusion, and the time in which nearly all pass."""
    time = LONG * channel.length / velocity
    far = SHARE * room
    step = min(channel.length / velocity / 500.0, far / max(fastest, LEAST), far**2 / (2.0 * float(diffusivity.max())))
    return {"time": time, "step": max(step, time / MOST_STEPS)}


@drive.register
def _across(chip: SheathFlowChip, done: ChipRun, rows: IntArray, seed: int) -> Drive:
    from sepsim.kernels.drift_fields import polynomial_field, rectangle_flow, slit_flow, superpose

    load, channel = done.load, chip.channel
    velocity = channel.mean_velocity(load.total_flow)
    movers = chip.movers(load)
    classes, of = np.unique(rows, return_inverse=True)
    nodes, weights = np.polynomial.legendre.leggauss(DEEP)
    s = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    y = 0.5 * channel.width * (1.0 + s)
    speed = sum(w * movers.drift(classes, y, up) for w, up in zip(0.5 * weights, 0.25 * (nodes + 1.0), strict=True))
    stirred = movers.stirring(classes, y, 0.5).mean(axis=1)
    wide = max(channel.width, channel.height) / min(channel.width, channel.height)
    flat = slit_flow(min(channel.width, channel.height), 2 if channel.width >= channel.height else 1)
    fields = [rectangle_flow(channel.width, channel.height) if wide <= SQUARE else flat]
    strength = [np.full(classes.size, velocity)]
    if isinstance(chip, Acoustophoresis) and chip.tilt_deg == 0:
        moved, speeds, stirred = _wave(chip, done, classes, stirred)
        fields += moved
        strength += speeds
    else:
        amplitude, value, shape = np.linalg.svd(np.asarray(speed), full_matrices=False)
        for term in np.flatnonzero(value > SMALL * max(float(value[0]), LEAST)):
            fit = np.polynomial.chebyshev.cheb2poly(np.polynomial.chebyshev.chebfit(s, shape[term], DEGREE))
            fields.append(polynomial_field(1, 0.0, channel.width, [*fit]))
            strength.append(amplitude[:, term] * value[term])
    diffusivity = movers.diffusivity[classes] + stirred
    fastest = float(np.abs(speed).max(initial=0.0))
    return Drive(
        rows=rows,
        fields=superpose(*fields),
        strength=np.ascontiguousarray(np.array(strength)[:, of]),
        diffusivity=diffusivity[of],
        radius=load.radius[rows],
        start=_entering(channel, chip.inlet, rows.size, seed),
        axes=(0, 1, 2),
        **_box(channel, rows.size),
        **_timed(channel, velocity, diffusivity, fastest, min(channel.width, channel.height)),
    )


def _wave(
    chip: Acoustophoresis, done: ChipRun, classes: IntArray, stirred: FloatArray
) -> tuple[list[FloatArray], list[FloatArray], FloatArray]:
    """Return a standing wave with its rolls, their strengths, and the stirring that is left for the diffusivity."""
    from sepsim.kernels.drift_fields import standing_wave, streaming_rolls

    load, channel = done.load, chip.channel
    wavenumber = chip.sound(load).wavenumber
    node = 0.5 * channel.width + (0.0 if chip.node_in_centre else 0.5 * np.pi / wavenumber)
    fields, strength = [standing_wave(wavenumber, node)], [chip.amplitude(load)[classes]]
    rolls = chip.roll_speed(load)
    if rolls > 0 and channel.height <= 2.0 * np.pi / wavenumber:
        fields.append(streaming_rolls(wavenumber, node, 0.0, channel.height))
        strength.append(np.full(classes.size, rolls))
        stirred = np.zeros(classes.size)
    return fields, strength, stirred


@drive.register
def _past_posts(chip: LateralDisplacement, done: ChipRun, rows: IntArray, seed: int) -> Drive:
    from sepsim.kernels.drift_fields import post_array_field, superpose
    from sepsim.kernels.post_array import post_flow

    load, array = done.load, chip.array
    pitch, gap = 1e-9 * chip.pitch_nm, 1e-9 * chip.gap_nm
    velocity = load.total_flow / (chip.arrays * array.width * array.height)
    n = rows.size
    flow = post_flow(pitch, pitch - gap, chip.row_shift)
    radius = np.minimum(0.5 * _course(done).met[rows], STUCK * gap)
    diffusivity = load.diffusivity[rows]
    rng = np.random.default_rng(seed)
    enters = array.width / (1.0 + chip.buffer_ratio)
    first = np.maximum(radius, rng.random(n) * enters)
    start = np.array(
        [np.full(n, -0.5 * pitch), np.minimum(first, array.width - radius), np.full(n, 0.5 * array.height)]
    )
    return Drive(
        rows=rows,
        fields=superpose(post_array_field(flow.coefficients, pitch, pitch - gap, chip.row_shift)),
        strength=np.full((1, n), velocity),
        diffusivity=diffusivity,
        radius=radius,
        start=start,
        axes=(0, 1),
        **_box(array, n),
        **_timed(array, velocity, diffusivity, 2.0 * velocity * pitch / gap, 3.0 * gap),
    )


def _course(done: ChipRun) -> Any:
    assert done.passage is not None
    return done.passage.course


def _in_section(channel: Channel, n: int, seed: int) -> FloatArray:
    """Return where particles enter a slit evenly with the liquid, shape (3, n) [m]."""
    s = np.linspace(0.0, 1.0, 4001)
    share = (np.arange(n) + np.random.default_rng(seed).random(n)) / n
    place = np.random.default_rng(seed).permutation(np.interp(share, 3.0 * s**2 - 2.0 * s**3, s))
    return np.array([np.zeros(n), np.full(n, 0.5 * channel.width), place * channel.height])


@drive.register
def _over_electrodes(chip: Dielectrophoresis, done: ChipRun, rows: IntArray, seed: int) -> Drive:
    from sepsim.kernels.drift_fields import exponential_field, slit_flow, superpose

    load, channel = done.load, chip.channel
    velocity, n = channel.mean_velocity(load.total_flow), rows.size
    mobility, diffusivity = _course(done).trap.mobility[rows], load.diffusivity[rows]
    k, power = chip.electrodes.waves
    fields = [slit_flow(channel.height), *(exponential_field(2, 0.0, 0.5 / each) for each in k[:WAVES])]
    strength = np.vstack([np.full(n, velocity), np.multiply.outer(-2.0 * (k * power)[:WAVES], mobility)])
    box = _box(channel, n)
    box["uptake"][4] = np.where(mobility > 0, np.inf, 0.0)
    fastest = float(np.abs(strength[1:3]).sum(axis=0).max())
    return Drive(
        rows=rows,
        fields=superpose(*fields),
        strength=strength,
        diffusivity=diffusivity,
        radius=load.radius[rows],
        start=_in_section(channel, n, seed),
        axes=(0, 2),
        **box,
        **_timed(channel, velocity, diffusivity, fastest, channel.height),
    )


@drive.register
def _along_coats(chip: WallImmunocapture, done: ChipRun, rows: IntArray, seed: int) -> Drive:
    from sepsim.kernels.drift_fields import slit_flow, superpose

    load, channel, course = done.load, chip.channel, _course(done)
    velocity, n = channel.mean_velocity(load.flow), rows.size
    lanes = course.lanes
    speed = lanes.of_rows(course.channel.species(lanes).adsorption, len(load.diffusivity))[rows]
    box = _box(channel, n)
    box["uptake"][4] = speed
    box["uptake"][5] = speed if chip.walls == 2 else 0.0
    return Drive(
        rows=rows,
        fields=superpose(slit_flow(channel.height)),
        strength=np.full((1, n), velocity),
        diffusivity=load.diffusivity[rows],
        radius=load.radius[rows],
        start=_in_section(channel, n, seed),
        axes=(0, 2),
        **box,
        **_timed(channel, velocity, load.diffusivity[rows], 0.0, channel.height),
    )


@drive.register
def _over_membrane(chip: FieldFlowFractionation, done: ChipRun, rows: IntArray, seed: int) -> Drive:
    from sepsim.kernels.drift_fields import slit_flow, superpose, uniform_field

    channel, n = chip.channel, rows.size
    area, diffusivity = channel.width * channel.length, done.load.diffusivity[rows]
    out = chip.outlet_flow_mL_min * 1e-6 / 60.0
    rng = np.random.default_rng(seed)
    layer = np.minimum(diffusivity * area / float(chip.cross_flow_at([0.0])[0]), 0.3 * channel.height)
    focus = chip.focus_percent / 100.0 + 0.25 * chip.focus_width_mm / chip.length_mm * rng.standard_normal(n)
    height = np.minimum(done.load.radius[rows] + layer * rng.exponential(size=n), 0.99 * channel.height)
    start = np.array([np.abs(focus) * channel.length, np.full(n, 0.5 * channel.width), height])

    def program(time: float, position: FloatArray) -> FloatArray:
        cross = float(chip.cross_flow_at([time])[0])
        ahead = np.clip(1.0 - position[0] / channel.length, 0.0, 1.0)
        return np.array([(out + cross * ahead) / (channel.width * channel.height), np.full(n, cross / area)])

    time = chip.fractions * chip.fraction_min * 60.0
    return Drive(
        rows=rows,
        fields=superpose(slit_flow(channel.height), uniform_field((0.0, 0.0, -1.0))),
        strength=program(0.0, start),
        diffusivity=diffusivity,
        radius=done.load.radius[rows],
        start=start,
        axes=(0, 2),
        **_box(channel, n),
        step=max(0.1 * float((layer**2 / diffusivity).min()), time / MOST_STEPS),
        time=time,
        program=program,
    )
