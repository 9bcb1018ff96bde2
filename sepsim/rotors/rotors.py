"""Rotors: where the tube stands, how fast it may turn, and which radius a number of g refers to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from sepsim.catalog import Catalog, listed_aliases
from sepsim.constants import STANDARD_GRAVITY_M_PER_S2
from sepsim.data import numbers
from sepsim.errors import InputError, did_you_mean
from sepsim.rotors.tubes import TUBES, Tube
from sepsim.settings import Named, Settings, integer, number, part, settings, text
from sepsim.text.quoting import quoted
from sepsim.units import from_si, to_si

__all__ = ["RADII", "ROTORS", "Rotor", "Tube", "angular_speed", "angular_speed_for_rcf", "rcf", "rotor"]

RADII = ("rmax", "rav", "rmin")
SLOWEST = 1e-3  # rpm or x g; slower is gravity alone

_LARGEST_NEAR_VERTICAL_DEG = 10.0  # NVT, MLN and TLN rotors: 7.5 to 9 degrees
_PLAY_MM = 1.5  # tables round radii and call a tube by its outer diameter


@settings
class Rotor(Settings):
    """A rotor with one kind of tube, described by what its manual prints.

    The geometry of the tube follows from `rmax_mm`, `angle_deg` and the tube alone. The catalogue's
    `rmin_mm`, the radius of a brim-full tube, serves for r_av and the k-factor only: together with the tube's
    length it would over-determine the body, and for table-top rotors the printed numbers often disagree.

    Parameters
    ----------
    name : str
        Name, as in ``sepsim list rotors``.
    angle_deg : float
        Angle between the tube and the rotor's axis in spin [deg]: 90 swinging bucket, 0 vertical, up to 45
        near vertical or fixed angle.
    rmax_mm : float
        Largest radius of the tube's inside [mm].
    rmin_mm : float, optional
        Smallest radius, at the mouth of a full tube [mm].
    max_rpm : float, optional
        Largest allowed speed [rpm].
    n_tubes : int
        Number of tubes that the rotor holds.
    tube : Tube
        By name, as a table or as a record.
    confidence : str
        How far the radii can be trusted: "user", or the catalogue's read, transcribed, computed, unverified.

    Examples
    --------
    >>> bucket = Rotor(angle_deg=90, rmax_mm=160, rmin_mm=75, tube="25 x 89 mm, 38.5 mL")
    >>> bucket.kind, round(bucket.r_av, 4)
    ('swinging bucket', 0.1175)
    """

    name: str = text(default="rotor of the user", help="name of the rotor")
    angle_deg: float = number(minimum=0, maximum=90, help="angle to the rotor's axis: 90 swinging bucket, 0 vertical")
    rmax_mm: float = number(above=0, help="largest radius of the tube's inside")
    rmin_mm: float | None = number(default=None, above=0, help="smallest radius, at the mouth of a full tube")
    max_rpm: float | None = number(default=None, above=0, help="largest allowed speed")
    n_tubes: int = integer(default=1, minimum=1, maximum=1000, help="number of tubes that the rotor holds")
    tube: Named[Tube] = part(
        accept=TUBES.get, dump=TUBES.describe, allowed="the name of a tube or a table", help="the tube it spins"
    )
    confidence: str = text(default="user", help="how far the radii can be trusted")

    @property
    def r_max(self) -> float:
        """Largest radius [m]."""
        return self.rmax_mm * 1e-3

    @property
    def r_min(self) -> float:
        """Smallest radius [m]; InputError if the rotor has none."""
        if self.rmin_mm is None:
            raise InputError(
                f"rotor {quoted(self.name)}: has no rmin_mm, so neither r_av nor a k-factor; "
                'use rcf_at = "rmax", or give the rotor as a table with rmin_mm'
            )
        return self.rmin_mm * 1e-3

    @property
    def r_av(self) -> float:
        """Mean radius (r_min + r_max)/2 [m]; InputError if the rotor has no r_min."""
        return 0.5 * (self.r_min + self.r_max)

    @property
    def angle(self) -> float:
        """Angle between the tube and the rotor's axis [rad]."""
        return math.radians(self.angle_deg)

    @property
    def max_angular_speed(self) -> float:
        """Largest allowed angular speed [rad/s]; infinite if unknown."""
        return math.inf if self.max_rpm is None else to_si("max_rpm", self.max_rpm)

    @property
    def kind(self) -> str:
        """The class of rotor that the angle makes it."""
        if self.angle_deg == 90:
            return "swinging bucket"
        if self.angle_deg == 0:
            return "vertical"
        return "near vertical" if self.angle_deg <= _LARGEST_NEAR_VERTICAL_DEG else "fixed angle"

    @property
    def mouth_radius(self) -> float:
        """Distance of the centre of the tube's mouth from the rotor's axis [m]; places the tube by r_max."""
        radius, length, height = self.tube.radius, self.tube.length, self.tube.bottom_height
        along, across = math.sin(self.angle), math.cos(self.angle)
        if self.tube.bottom == "round":
            return self.r_max - (length - radius) * along - radius
        return self.r_max - max((length - height) * along + radius * across, length * along)

    def radius(self, at: str) -> float:
        """Return the radius [m] that ``"rmax"``, ``"rav"`` or ``"rmin"`` names.

        Parameters
        ----------
        at : str
            One of `RADII`.

        Returns
        -------
        float [m]

        Raises
        ------
        InputError
            If the name is another one, or the rotor has no r_min.
        """
        match at:
            case "rmax":
                return self.r_max
            case "rav":
                return self.r_av
            case "rmin":
                return self.r_min
        raise InputError(
            f"rcf_at = {quoted(at)}: must be one of {', '.join(map(repr, RADII))}{did_you_mean(str(at), RADII)}"
        )

    def conflicts(self) -> list[str]:
        """Return what does not fit together: angle, radii, tube."""
        return self.found(self._angle_problems, self._radius_problems) or self.found(self._tube_problems)

    def _angle_problems(self) -> Iterator[str]:
        if 45 < self.angle_deg < 90:
            yield (
                f"angle_deg = {self.angle_deg:g}: must be 90 (swinging bucket) or 0 to 45, measured from the "
                f"rotor's axis; is it {90 - self.angle_deg:g}?"
            )

    def _radius_problems(self) -> Iterator[str]:
        if self.rmin_mm is not None and self.rmin_mm >= self.rmax_mm:
            yield f"rmin_mm = {self.rmin_mm:g}: must be below rmax_mm = {self.rmax_mm:g}"

    def _tube_problems(self) -> list[str]:
        bore = self.tube.inner_diameter_mm
        if self.kind != "swinging bucket" and self.rmin_mm is not None:
            path, room = bore / math.cos(self.angle), self.rmax_mm - self.rmin_mm
            if path > room + _PLAY_MM:
                return [
                    f"tube: inner_diameter_mm = {bore:g} at {self.angle_deg:g} deg spans {path:.1f} mm "
                    f"along the radius; must be at most rmax_mm - rmin_mm = {room:.1f}; use a narrower tube"
                ]
        if self.mouth_radius <= self.tube.radius * math.cos(self.angle):
            return [
                f"rmax_mm = {self.rmax_mm:g}: tube {quoted(self.tube.name)} of {self.tube.length_mm:g} mm would "
                "reach the rotor's axis; use a larger rmax_mm or a shorter tube"
            ]
        return []


def _from_row(row: dict[str, str]) -> Rotor:
    return Rotor(
        name=row["rotor"],
        n_tubes=int(row["n_tubes"]),
        tube=TUBES.get(row["tube"]),
        confidence=row["confidence"],
        **numbers(row, "angle_deg", "rmax_mm", "rmin_mm", "max_rpm"),
    )


def _aliases(row: Mapping[str, str]) -> tuple[str, ...]:
    """Return the other names of a rotor, with the maker's name before it among them."""
    maker, name = row["manufacturer"], row["rotor"]
    return (f"{maker} {name}", f"{maker.split()[0]} {name}", *listed_aliases(row))


def _tube_sources(rotor: Rotor) -> tuple[str, ...]:
    """Return the bibliography keys behind the tube of a rotor of the catalogue; none for a rotor of the user."""
    return TUBES.sources(rotor.tube) if ROTORS.holds(rotor) else ()


ROTORS = Catalog(kind="rotor", record=Rotor, build=_from_row, aliases=_aliases, part_sources=_tube_sources)
rotor = ROTORS.get


def rcf(angular_speed: float, radius: float) -> float:
    """Return the relative centrifugal force omega^2 r / g at a radius.

    Parameters
    ----------
    angular_speed : float [rad/s]
    radius : float [m]

    Returns
    -------
    float [x g]

    Examples
    --------
    >>> round(rcf(45_000 * 2 * math.pi / 60, 0.1038), -2)  # Type 45 Ti at r_max; rated 235 000 g
    235000.0
    """
    return angular_speed**2 * radius / STANDARD_GRAVITY_M_PER_S2


def angular_speed_for_rcf(rcf: float, radius: float) -> float:
    """Return the angular speed that gives a relative centrifugal force at a radius.

    Parameters
    ----------
    rcf : float [x g]
    radius : float [m]

    Returns
    -------
    float [rad/s]

    Examples
    --------
    >>> round(angular_speed_for_rcf(100_000, 0.1182) * 60 / (2 * math.pi))  # rpm, SW 28 at r_av
    27506
    """
    return math.sqrt(rcf * STANDARD_GRAVITY_M_PER_S2 / radius)


def angular_speed(
    rotor: Rotor, *, speed_rpm: float | None = None, rcf_xg: float | None = None, rcf_at: str | None = None
) -> float:
    """Return the angular speed that a speed or a number of g at a stated radius means.

    omega = 2 pi rpm / 60, or omega = sqrt(rcf g / r) with r one of r_max, r_av, r_min.

    Parameters
    ----------
    rotor : Rotor
        Gives the radii and the largest speed.
    speed_rpm : float, optional
        Speed [rpm].
    rcf_xg : float, optional
        Relative centrifugal force [g]; exactly one of the two.
    rcf_at : str, optional
        The radius at which `rcf_xg` holds: ``"rmax"``, ``"rav"`` or ``"rmin"``; required with `rcf_xg`.

    Returns
    -------
    float
        Angular speed [rad/s].

    Raises
    ------
    InputError
        If both or none are given, `rcf_at` is missing, or the rotor may not turn so fast.

    Examples
    --------
    >>> bucket = Rotor(angle_deg=90, rmax_mm=161, rmin_mm=75.3, max_rpm=28000, tube="25 x 89 mm, 38.5 mL")
    >>> round(angular_speed(bucket, rcf_xg=100_000, rcf_at="rmax") * 60 / (2 * 3.141592653589793))  # rpm
    23568
    """
    if problem := speed_problem(speed_rpm, rcf_xg, rcf_at):
        raise InputError(problem)
    if speed_rpm is not None:
        asked, omega = f"speed_rpm = {speed_rpm:g}", to_si("speed_rpm", _positive("speed_rpm", speed_rpm))
    else:
        assert rcf_xg is not None  # by `speed_problem`
        assert rcf_at is not None
        asked = f"rcf_xg = {rcf_xg:g} at {rcf_at}"
        omega = angular_speed_for_rcf(_positive("rcf_xg", rcf_xg), rotor.radius(rcf_at))
    if omega > rotor.max_angular_speed * (1 + 1e-9):
        raise InputError(f"{asked}: {_too_fast(rotor, omega, rcf_at or 'rmax')}")
    return omega


def speed_problem(speed_rpm: float | None, rcf_xg: float | None, rcf_at: str | None) -> str:
    """Return what is missing or too much among the settings of a speed, whatever the rotor; or an empty text.

    Parameters
    ----------
    speed_rpm : float or None [rpm]
    rcf_xg : float or None [g]
    rcf_at : str or None
        As for `angular_speed`.

    Returns
    -------
    str

    Examples
    --------
    >>> speed_problem(None, None, "rav")
    'speed_rpm or rcf_xg: one of them is required; rcf_xg goes with rcf_at'
    """
    if speed_rpm is not None and rcf_xg is not None:
        return f"speed_rpm = {speed_rpm:g} and rcf_xg = {rcf_xg:g}: give one of them, not both"
    if speed_rpm is not None and rcf_at is not None:
        return f"rcf_at = {quoted(rcf_at)}: says where rcf_xg holds, but speed_rpm is given; leave it out"
    if rcf_xg is not None and rcf_at is None:
        return (
            f'rcf_xg = {rcf_xg:g}: rcf_at is missing; say "rmax", "rav" or "rmin" '
            "(the choice changes the dose up to 1.5x)"
        )
    if speed_rpm is None and rcf_xg is None:
        return "speed_rpm or rcf_xg: one of them is required; rcf_xg goes with rcf_at"
    return ""


def _positive(key: str, value: float) -> float:
    if not (value >= SLOWEST and math.isfinite(value)):
        raise InputError(f"{key} = {value:g}: must be a finite number above 0, at least {SLOWEST:g}")
    return value


def _too_fast(rotor: Rotor, omega: float, at: str) -> str:
    largest = rotor.max_angular_speed
    force = math.floor(rcf(largest, rotor.radius(at)))
    return (
        f"{from_si('speed_rpm', omega):.0f} rpm exceeds the limit of rotor {quoted(rotor.name)}; "
        f"at most {rotor.max_rpm:g} rpm, which is {force} g at {at}; lower it or take a faster rotor"
    )
