"""A tube upright with the liquid in it, and the bars of its pellet, which can show any frame of a spin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, SMALL_PT, TEXT_PT, short_percent, tidy
from sepsim.drawing.palette import Look, label, tint
from sepsim.rotors.rotors import Rotor
from sepsim.techniques.centrifugation.gradient.gradient_spin import GradientSpin
from sepsim.techniques.centrifugation.pictures.gradient_frames import (
    liquid_density,
    pellet_shares,
    percent_per_volume,
    slice_middles,
)
from sepsim.techniques.centrifugation.tubes.liquid_column import liquid_column

FULL = 10.0  # times the number per volume of an even spread, from which on a colour is full
GAMMA = 0.6  # so that faint bands are seen
CELLS_AT_REST = 2000
PELLET = 0.06  # height of the pellet's strip, of the length of the tube
NAME_WIDTH = 24  # letters
WIDEST_NUMBER = "<0.01"


class RestingTube(NamedTuple):
    """The inside of a tube that stands upright, and where each face of its column of liquid comes to lie.

    Attributes
    ----------
    heights, half_widths : ndarray, shape (n_cells + 1,) [m]
        Of the faces of the liquid, from the meniscus down; heights above the deepest point.
    wall : ndarray, shape (2, n) [m]
        Half-widths and heights of the wall, from the bottom to the mouth.
    """

    heights: FloatArray
    half_widths: FloatArray
    wall: FloatArray

    @classmethod
    def of(cls, spin: GradientSpin) -> RestingTube:
        """Return the tube of a spin: the volume below each face is the same at rest as in spin."""
        tube = spin.rotor.tube
        bucket = Rotor(angle_deg=90, rmax_mm=2.0 * tube.length_mm, tube=tube)  # any that takes the tube upright
        full = liquid_column(bucket, tube.volume, CELLS_AT_REST)
        below = spin.column.depths[-1] - spin.column.depths
        faces = full.radius_at(full.depths[-1] - below)
        areas = np.interp(faces, full.faces, full.areas)
        wall = np.sqrt(full.areas[::-1] / np.pi), bucket.r_max - full.faces[::-1]
        mouth = np.array([[tube.radius], [tube.length]])
        start = np.zeros((2, 1))
        return cls(bucket.r_max - faces, np.sqrt(areas / np.pi), np.hstack([start, np.stack(wall), mouth]))


class TubePicture(NamedTuple):
    """A tube that can show any frame of a spin.

    Attributes
    ----------
    spin : GradientSpin
    shade : ScalarMappable
        Of the densities.
    strengths : ndarray, shape (n_frames, n_cells, n_populations) [-]
        How coloured each lane is.
    colors : ndarray, shape (n_populations, 3) [-]
        Red, green and blue.
    mesh : QuadMesh
        The liquid: cells, and a lane for each population.
    strip : sequence of Rectangle
        The pellet of each population.
    pellets : sequence of ndarray, shape (n_frames,) [-]
        Share of each population in it.
    """

    spin: GradientSpin
    shade: ScalarMappable
    strengths: FloatArray
    colors: FloatArray
    mesh: QuadMesh
    strip: Sequence[Rectangle]
    pellets: Sequence[FloatArray]

    @classmethod
    def drawn(
        cls, ax: Axes, spin: GradientSpin, names: Mapping[str, Look], shade: ScalarMappable, *, named: bool
    ) -> TubePicture:
        """Draw a tube at the start of the spin; the vertical axis of the first in a row is named."""
        rest, lanes = RestingTube.of(spin), np.linspace(-1.0, 1.0, len(names) + 1)
        x = 1e3 * np.outer(rest.half_widths, lanes)
        y = 1e3 * np.broadcast_to(rest.heights[:, None], x.shape)
        mesh = ax.pcolormesh(x, y, np.ones((x.shape[0] - 1, len(names), 3)), shading="flat", rasterized=True)
        ax.plot(x[:, 1:-1], y[:, 1:-1], color="white", linewidth=0.6)
        wall = 1e3 * np.hstack([rest.wall[:, ::-1] * [[-1.0], [1.0]], rest.wall])
        ax.plot(*wall, color=INK, linewidth=2.0)
        strip = _strip(ax, spin, names)
        _frame(ax, spin, named=named)
        depths = spin.column.depths * 1e6
        strengths = [_at_cells(spin, percent_per_volume(spin, name)) * depths[-1] / (100.0 * FULL) for name in names]
        return cls(
            spin=spin,
            shade=shade,
            strengths=np.stack(strengths, axis=2).clip(0.0, 1.0) ** GAMMA,
            colors=np.array([to_rgb(look.color) for look in names.values()]),
            mesh=mesh,
            strip=strip,
            pellets=[pellet_shares(spin, name) for name in names],
        )

    def show(self, frame: int) -> None:
        """Show a frame."""
        liquid = self.shade.to_rgba(liquid_density(self.spin, frame))[:, None, :3]
        strength = self.strengths[frame, :, :, None]
        self.mesh.set_array(strength * self.colors + (1.0 - strength) * liquid)
        for patch, color, shares in zip(self.strip, self.colors, self.pellets, strict=True):
            share = float(np.clip(shares[frame], 0.0, 1.0)) ** GAMMA  # beyond by round-off
            patch.set_facecolor(share * color + (1.0 - share))


def _at_cells(spin: GradientSpin, slices: FloatArray) -> FloatArray:
    """Return values of slices, shape (n_frames, n_slices), in between at the cells, shape (n_frames, n_cells)."""
    depths = spin.column.depths * 1e6
    cells, middles = 0.5 * (depths[1:] + depths[:-1]), slice_middles(spin)
    return np.array([np.interp(cells, middles, values) for values in slices])


def _strip(ax: Axes, spin: GradientSpin, names: Mapping[str, Look]) -> list[Rectangle]:
    """Draw the place of each population's pellet under the tube."""
    tube = spin.rotor.tube
    width, height = tube.inner_diameter_mm / len(names), PELLET * tube.length_mm
    style: dict[str, Any] = {"facecolor": "white", "edgecolor": INK, "linewidth": 0.8}
    places = [
        Rectangle((lane * width - 0.5 * tube.inner_diameter_mm, -1.5 * height), width, height, **style)
        for lane in range(len(names))
    ]
    for place in places:
        ax.add_patch(place)
    return places


def _frame(ax: Axes, spin: GradientSpin, *, named: bool) -> None:
    tube = spin.rotor.tube
    tidy(ax, title="", x="", y="height above the bottom [mm]" if named else "")
    ax.set_aspect("equal")
    ax.set_xlim(-0.6 * tube.inner_diameter_mm, 0.6 * tube.inner_diameter_mm)
    ax.set_ylim(-1.8 * PELLET * tube.length_mm, 1.02 * tube.length_mm)
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
    ax.tick_params(axis="y", left=named, labelleft=named)
    ticks = [tick for tick in ax.get_yticks() if 0.0 <= tick <= tube.length_mm]
    ax.set_yticks([-PELLET * tube.length_mm, *ticks], ["pellet", *(f"{tick:g}" for tick in ticks)])


def _in_one_line(population: str) -> str:
    """Return the name of a population, cut off where it is too long for a line."""
    first, *more = label(population, NAME_WIDTH).split("\n")
    return f"{first} …" if more else first


class PelletPicture(NamedTuple):
    """Bars of the share in the pellet that can show any frame of a spin."""

    bars: Sequence[Rectangle]
    numbers: Sequence[Any]  # Text
    shares: Sequence[FloatArray]

    @classmethod
    def drawn(cls, ax: Axes, spin: GradientSpin, names: Mapping[str, Look], *, named: bool) -> PelletPicture:
        """Draw the bars at the start of the spin; those of the first in a row are named."""
        rows, colors = range(len(names)), [look.color for look in names.values()]
        ax.barh(rows, 100.0, 0.7, color=[tint(color, 0.18) for color in colors])
        bars = ax.barh(rows, 0.0, 0.7, color=colors, label="pellet")
        numbers = [ax.text(104.0, row, WIDEST_NUMBER, va="center", fontsize=TEXT_PT, color=INK) for row in rows]
        tidy(ax, title="", x="in the pellet\n[% of load]", y="")
        ax.set_xlim(0.0, 150.0)
        ax.set_xticks([0, 50, 100])
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.set_yticks(rows, [_in_one_line(name) for name in names])
        ax.tick_params(axis="y", left=False, labelleft=named)
        ax.tick_params(axis="x", labelsize=SMALL_PT)
        ax.spines[:].set_visible(False)
        return cls([*bars], numbers, [pellet_shares(spin, name) for name in names])

    def show(self, frame: int) -> None:
        """Show a frame."""
        for bar, number, shares in zip(self.bars, self.numbers, self.shares, strict=True):
            bar.set_width(100.0 * shares[frame])
            number.set_text(short_percent(shares[frame]))
