"""Gradients as they are poured: layers of media from the top of the tube to its bottom, and what each cell then holds.

A layer is uniform, or graded from one medium to another. A two-chamber mixer grades: the outlet draws on a mixing
chamber, which a reservoir of the other medium refills by a connection at the bottom. With cross-sections A_m and A_r
of the chambers the share of the first medium in what flows out is

    (1 - f)^(A_r/A_m),    f = volume drawn / total volume,

linear for equal chambers and convex for A_r > A_m (Britten & Roberts 1960, doi 10.1126/science.131.3392.32).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np

from sepsim import media
from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.media import Blend, Fluid, Medium
from sepsim.settings import Named, Settings, declared, number, part, settings, text
from sepsim.units import to_si

DENSITY_TOLERANCE = 0.05  # kg/m3; the correlations resolve no less, and a quarter of a degree does as much
WALLS = ("slides", "catches")
LEAST_SHARE = 1e-12  # of the solvent
LEAST_VOLUME_ML = 1e-3  # of a layer
LEAST_MASS = 1e-9  # kg/m3


class Stretch(NamedTuple):
    """A volume of liquid whose composition passes from one medium to another.

    Attributes
    ----------
    volume : float [m3]
    top, bottom : Medium
        At its ends; equal in a uniform layer.
    chamber_ratio : float [-]
        Cross-section of the reservoir over that of the mixing chamber; 1 is linear.
    """

    volume: float
    top: Medium
    bottom: Medium
    chamber_ratio: float = 1.0

    def poured(self, share: FloatArray) -> FloatArray:
        """Return how much of the medium of the bottom lies above a share of the volume, both in units of the volume."""
        power = self.chamber_ratio + 1.0
        return share - (1.0 - (1.0 - share) ** power) / power

    def mixed_with(self, medium: Medium, volume: float) -> Stretch:
        """Return the stretch after a volume [m3] of medium is stirred in evenly."""
        top, bottom = (Medium.mixed([(end, self.volume), (medium, volume)]) for end in (self.top, self.bottom))
        return Stretch(self.volume + volume, top, bottom, self.chamber_ratio)


@settings
class Layer(Settings):
    """A volume of one medium.

    Parameters
    ----------
    volume_mL : float [mL]
        In each tube.
    medium : str, mapping or Fluid

    Examples
    --------
    >>> layer = Layer.from_table({"volume_mL": 3, "sucrose_percent_w_w": 30, "diluent": "water"})
    >>> round(layer.stretch(293.15).top.density)
    1127
    """

    volume_mL: float = number(minimum=LEAST_VOLUME_ML, help="volume in each tube")
    medium: Named[Fluid] = part(
        accept=media.fluid, dump=media.describe, allowed=media.FLUID_FORMS, help="what it is of"
    )

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Build a layer from a table in which the keys of a medium may stand beside its own.

        Raises
        ------
        InputError
            With every problem of the table.
        """
        own = {key: value for key, value in table.items() if key in declared(cls)}
        composition = {key: value for key, value in table.items() if key not in own}
        if "medium" in own or not composition:
            return super(Layer, cls).from_table(table)
        return super(Layer, cls).from_table({**own, "medium": media.fluid(composition)})

    def to_table(self) -> dict[str, Any]:
        """Return the table that `from_table` reads."""
        table = super(Layer, self).to_table()
        composition = table.pop("medium")
        return {**table, **(composition if isinstance(composition, dict) else {"medium": composition})}

    def stretch(self, temperature: float) -> Stretch:
        """Return the layer at a temperature [K]."""
        uniform = Medium.pure(self.medium, temperature)
        return Stretch(to_si("volume_mL", self.volume_mL), uniform, uniform)


@settings
class Cushion(Layer):
    """A dense layer at the bottom of the tube, on which a sample is spun.

    Parameters
    ----------
    volume_mL : float [mL]
        In each tube.
    medium : str, mapping or Fluid
    collected_mL : float [mL]
        Volume at the bottom of each tube that is taken off as the cushion; default the volume of the cushion. More of
        it includes what lies on the cushion, less of it leaves what has just entered.
    wall : "slides" | "catches"
        What meets a narrowing wall on its way outwards slides along it to liquid of its own density (default), or is
        pelleted where it meets the wall, as in a spin without a cushion.

    Examples
    --------
    >>> Cushion.from_table({"volume_mL": 4, "sucrose_percent_w_v": 30, "diluent": "Tris/D2O"}).collected_volume
    4e-06
    """

    collected_mL: float | None = number(
        default=None, above=0, help="taken off as the cushion, from the bottom; left out: its volume"
    )
    wall: str = text(default="slides", choices=WALLS, help="what becomes of particles that meet the narrowing wall")

    @property
    def collected_volume(self) -> float:
        """Volume at the bottom of each tube that is taken off as the cushion [m3]."""
        return to_si("volume_mL", self.volume_mL if self.collected_mL is None else self.collected_mL)


@settings
class GradedLayer(Settings):
    """A volume that passes from one medium to another, as a two-chamber mixer makes it.

    Parameters
    ----------
    shape : "linear" | "convex"
        In the volume, from the top.
    top, bottom : str, mapping or Fluid
        Media at the ends.
    volume_mL : float [mL]
        In each tube.
    chamber_ratio : float [-]
        For a convex gradient: cross-section of the reservoir over that of the mixing chamber, above 1.

    Examples
    --------
    >>> zone = GradedLayer(
    ...     shape="linear", top={"sucrose_percent_w_w": 5}, bottom={"sucrose_percent_w_w": 20}, volume_mL=11
    ... )
    >>> round(zone.stretch(277.15).bottom.density)
    1084
    """

    shape: str = text(choices=("linear", "convex"), help="how the composition follows the volume from the top")
    top: Named[Fluid] = part(
        accept=media.fluid, dump=media.describe, allowed=media.FLUID_FORMS, help="medium at the top"
    )
    bottom: Named[Fluid] = part(
        accept=media.fluid, dump=media.describe, allowed=media.FLUID_FORMS, help="medium at the bottom"
    )
    volume_mL: float = number(minimum=LEAST_VOLUME_ML, help="volume in each tube")
    chamber_ratio: float | None = number(
        default=None, above=1, maximum=20, help="convex: cross-section of the reservoir over that of the mixing chamber"
    )

    def conflicts(self) -> list[str]:
        """Return whether the ratio of the chambers fits the shape."""
        if (self.shape == "convex") == (self.chamber_ratio is None):
            return ['chamber_ratio: required for shape = "convex", such as 2, and for that alone']
        return []

    def stretch(self, temperature: float) -> Stretch:
        """Return the layer at a temperature [K]."""
        top, bottom = (Medium.pure(fluid, temperature) for fluid in (self.top, self.bottom))
        return Stretch(to_si("volume_mL", self.volume_mL), top, bottom, self.chamber_ratio or 1.0)


AnyLayer = Layer | GradedLayer


def layer(value: Mapping[str, Any] | AnyLayer) -> AnyLayer:
    """Return a layer from a table, graded if that has a shape.

    Raises
    ------
    InputError
        With every problem of the table.
    """
    if isinstance(value, (Layer, GradedLayer)):
        return value
    if not isinstance(value, Mapping):
        raise InputError(f"{value!r}: must be a table such as {{ volume_mL = 3, sucrose_percent_w_w = 30 }}")
    return (GradedLayer if "shape" in value else Layer).from_table(value)


def layers(value: Any) -> tuple[AnyLayer, ...]:
    """Return layers from a list of tables, with the number of each in what is wrong with it.

    Raises
    ------
    InputError
        With every problem of every table.
    """
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise InputError("must be a list of tables such as { volume_mL = 3, sucrose_percent_w_w = 30 }")
    built: list[AnyLayer] = []
    problems: list[str] = []
    for index, entry in enumerate(value, 1):
        try:
            built.append(layer(entry))
        except InputError as error:
            problems += error.within(f"layer {index}").problems
    if problems:
        raise InputError(*problems)
    return tuple(built)


def refuse_overturning(stretches: Sequence[Stretch], names: Sequence[str]) -> None:
    """Refuse liquid that is denser above than below; what its particles weigh is told after the spin.

    Parameters
    ----------
    stretches : sequence of Stretch
        From the top of the tube to its bottom.
    names : sequence of str
        What to call each.

    Raises
    ------
    InputError
        If the density falls downwards, within a stretch or from one to the next; it says where.
    """
    problems = [
        f"{name}: its top ({_weight(each.top)}) is denser than its bottom ({_weight(each.bottom)}); exchange them"
        for name, each in zip(names, stretches, strict=True)
        if each.top.bare.density > each.bottom.bare.density + DENSITY_TOLERANCE
    ]
    problems += [
        f"{upper} ({_weight(above.bottom)}) is denser than {lower} below it ({_weight(below.top)}) and would sink "
        "through it; exchange them, or change their concentrations"
        for (upper, above), (lower, below) in pairwise(zip(names, stretches, strict=True))
        if above.bottom.bare.density > below.top.bare.density + DENSITY_TOLERANCE
    ]
    if problems:
        raise InputError(*problems)


class Gradient(NamedTuple):
    """What the cells of a column of liquid hold.

    Attributes
    ----------
    blend : Blend
        Diluents and solutes that occur, at a temperature.
    solutes : ndarray, shape (n_solutes, n_cells) [kg/m3]
        Mass of each solute per volume.
    diluents : ndarray, shape (n_diluents, n_cells) [-]
        Volume of each diluent per volume.
    """

    blend: Blend
    solutes: FloatArray
    diluents: FloatArray

    @property
    def shares(self) -> FloatArray:
        """Share of each diluent in the solvent, shape (n_diluents, n_cells) [-]."""
        present = self.diluents.clip(min=0.0)  # of round-off
        shares: FloatArray = present / present.sum(axis=0)
        return shares

    @property
    def density(self) -> FloatArray:
        """Density of each cell, shape (n_cells,) [kg/m3]."""
        return self.blend.density(self.shares, self.solutes.clip(min=0.0))

    def pooled(self, weights: FloatArray) -> Medium:
        """Return the medium that cells make together, without the dissolved proteins, which are particles.

        Parameters
        ----------
        weights : ndarray, shape (n_cells,) [m3]
            Volume taken of each cell; not all zero.

        Returns
        -------
        Medium
        """
        total = weights.sum()
        solutes, diluents = self.solutes @ weights / total, (self.diluents @ weights).clip(min=0.0) / total
        shares = zip(self.blend.diluents, (diluents / diluents.sum()).tolist(), strict=True)
        masses = zip(self.blend.solutes, solutes.tolist(), strict=True)
        return Medium(
            tuple((fluid, share) for fluid, share in shares if share > LEAST_SHARE),
            self.blend.temperature,
            tuple((solute, mass) for solute, mass in masses if mass > LEAST_MASS),
        ).bare


def pour(stretches: Sequence[Stretch], depths: FloatArray) -> Gradient:
    """Fill a column of cells with stretches of liquid, from the top.

    Parameters
    ----------
    stretches : sequence of Stretch
        From the top of the tube to its bottom, all at one temperature.
    depths : ndarray, shape (n_cells + 1,) [m3]
        Volume between the meniscus and each face; the last is the sum of all stretches.

    Returns
    -------
    Gradient
        Exact means over the cells.
    """
    ends = [medium for each in stretches for medium in (each.top, each.bottom)]
    blend = Blend(
        tuple(dict.fromkeys(fluid for medium in ends for fluid, _ in medium.components)),
        tuple(dict.fromkeys(solute for medium in ends for solute, _ in medium.solutes)),
        ends[0].temperature,
    )
    above = np.zeros((len(blend.solutes) + len(blend.diluents), depths.size))  # content above each face
    for each, share in zip(stretches, shares_above(stretches, depths), strict=True):
        top, bottom = _content(blend, each.top), _content(blend, each.bottom)
        above += each.volume * (np.outer(top, share) + np.outer(bottom - top, each.poured(share)))
    content = np.diff(above, axis=1) / np.diff(depths)
    return Gradient(blend, content[: len(blend.solutes)], content[len(blend.solutes) :])


def shares_above(stretches: Sequence[Stretch], depths: FloatArray) -> FloatArray:
    """Return the share of each stretch that lies above each face, shape (n_stretches, n_cells + 1) [-]."""
    starts = np.cumsum([0.0, *(each.volume for each in stretches)])
    volumes = np.diff(starts)[:, None]
    shares: FloatArray = np.clip((depths - starts[:-1, None]) / volumes, 0.0, 1.0)
    shares[:, -1] = 1.0
    return shares


def _content(blend: Blend, medium: Medium) -> FloatArray:
    """Return mass of each solute [kg/m3] and volume of each diluent [-] per volume of medium."""
    solutes, components = dict(medium.solutes), dict(medium.components)
    masses = np.array([solutes.get(solute, 0.0) for solute in blend.solutes])
    solvent = float(blend.solvent_volume(masses))
    return np.concatenate([masses, [solvent * components.get(fluid, 0.0) for fluid in blend.diluents]])


def _weight(medium: Medium) -> str:
    return f"{medium.bare.density * 1e-3:.4f} g/mL"
