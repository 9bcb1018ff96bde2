"""Centrifuge tubes: the cylinder and the bottom that hold the sample."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sepsim.catalog import Catalog
from sepsim.data import numbers
from sepsim.settings import Settings, number, settings, text
from sepsim.text.tables import rounded_down

_COLUMNS = ("inner_diameter_mm", "length_mm", "volume_mL", "cone_height_mm", "outer_diameter_mm")


@settings
class Tube(Settings):
    """A round tube: a cylinder closed by a hemisphere, a flat disc or a cone.

    The inside of the tube matters: the bore sets the path in a fixed-angle or vertical rotor, the bore and
    the bottom set where the meniscus of a given volume stands. The outside only says into which rotors it fits.

    Parameters
    ----------
    name : str
        Name, as in ``sepsim list tubes``.
    inner_diameter_mm : float
        Bore [mm].
    length_mm : float
        Inner length along the axis, from the mouth to the deepest point of the bottom [mm].
    volume_mL : float
        Nominal volume [mL], the largest fill; up to the brim the body may hold a few percent more.
    bottom : str
        ``"round"`` (hemisphere), ``"flat"`` or ``"conical"``.
    cone_height_mm : float, optional
        Height of the cone [mm]; for a conical bottom only.
    outer_diameter_mm : float, optional
        Diameter of the outside [mm]; left out: that of the bore.

    Notes
    -----
    A tube is called by its outside and its nominal volume. Wall and bore could be read nowhere, but
    V = pi/4 D^2 (h - D/6) with the depth h = r_max - r_min of a full swinging bucket gives the bore of a round tube,
    and so does the analogue of a leaning tube. Five rotors agree on 24.5 to 24.6 mm for tubes of 25 mm that way:
    nominal means filled to r_min, some 3 mm below the mouth. The catalogue's bores follow from it where its radii and
    volumes allow.

    Examples
    --------
    >>> flat = Tube(inner_diameter_mm=20, length_mm=100, volume_mL=30, bottom="flat")
    >>> round(flat.brim_volume * 1e6, 3)  # mL
    31.416
    """

    name: str = text(default="tube of the user", help="name of the tube")
    inner_diameter_mm: float = number(above=0, help="bore of the tube")
    length_mm: float = number(above=0, help="inner length, from the mouth to the deepest point")
    volume_mL: float = number(above=0, help="nominal volume, the largest fill")
    bottom: str = text(default="round", choices=("round", "flat", "conical"), help="shape of the bottom")
    cone_height_mm: float | None = number(default=None, above=0, help="height of a conical bottom")
    outer_diameter_mm: float | None = number(default=None, above=0, help="diameter of the outside; left out: the bore")

    @property
    def radius(self) -> float:
        """Inner radius [m]."""
        return self.inner_diameter_mm * 0.5e-3

    @property
    def width_mm(self) -> float:
        """Diameter of the outside [mm]: what the pocket of a rotor must take."""
        return self.inner_diameter_mm if self.outer_diameter_mm is None else self.outer_diameter_mm

    @property
    def length(self) -> float:
        """Inner length [m]."""
        return self.length_mm * 1e-3

    @property
    def volume(self) -> float:
        """Nominal volume, the largest fill [m3]."""
        return self.volume_mL * 1e-6

    @property
    def bottom_height(self) -> float:
        """Height of the bottom below the cylinder [m]: the radius, the cone's height, or zero if flat."""
        if self.bottom == "round":
            return self.radius
        return (self.cone_height_mm or 0.0) * 1e-3

    @property
    def brim_volume(self) -> float:
        """Volume up to the mouth [m3]: pi R^2 (length - c h), c = 1/3 round, 2/3 conical, h the bottom."""
        missing = {"round": 1 / 3, "flat": 0.0, "conical": 2 / 3}[self.bottom] * self.bottom_height
        return math.pi * self.radius**2 * (self.length - missing)

    def conflicts(self) -> list[str]:
        """Return what does not fit together: bottom and length, wall, fill and body."""
        return self.found(self._bottom_problems, self._wall_problems) or self.found(self._volume_problems)

    def _wall_problems(self) -> Iterator[str]:
        bore = self.inner_diameter_mm
        if self.width_mm < bore:
            yield f"outer_diameter_mm = {self.width_mm:g}: must be at least inner_diameter_mm = {bore:g}"

    def _bottom_problems(self) -> Iterator[str]:
        if self.bottom == "conical" and self.cone_height_mm is None:
            yield 'cone_height_mm: missing; bottom = "conical" needs it'
        if self.bottom != "conical" and self.cone_height_mm is not None:
            yield f"cone_height_mm = {self.cone_height_mm:g}: only for a conical bottom; leave it out"

    def _volume_problems(self) -> Iterator[str]:
        bore, length, bottom_mm = self.inner_diameter_mm, self.length_mm, self.bottom_height * 1e3
        if bottom_mm > length:
            yield f"length_mm = {length:g}: must be at least {bottom_mm:g}, the {self.bottom} bottom alone"
        elif self.volume > self.brim_volume * (1 + 1e-9):
            brim_mL = self.brim_volume * 1e6
            body = f"{bore:g} mm wide and {length:g} mm long"
            yield f"volume_mL = {self.volume_mL:g}: must be at most {rounded_down(brim_mL)}, what a tube {body} holds"


def _from_row(row: dict[str, str]) -> Tube:
    return Tube(name=row["tube"], bottom=row["bottom"], **numbers(row, *_COLUMNS))


TUBES = Catalog(kind="tube", record=Tube, build=_from_row, aliases=lambda row: ())
