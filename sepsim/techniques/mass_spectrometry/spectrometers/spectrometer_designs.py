"""Classic spectrometers that find their own distances: they focus, or say which distance turns negative."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from sepsim.errors import InputError
from sepsim.settings import Settings, Tabled, integer, number, part, record, settings, text
from sepsim.techniques.mass_spectrometry.optics.electric_sector import ElectricSector
from sepsim.techniques.mass_spectrometry.optics.element import Drift, Slit
from sepsim.techniques.mass_spectrometry.optics.magnetic_sector import MagneticSector
from sepsim.techniques.mass_spectrometry.optics.rays import ReferenceIon
from sepsim.techniques.mass_spectrometry.optics.transfer_map import TransferMap
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import (
    TUBE_MM,
    BeamSource,
    Detector,
    Optic,
    Spectrometer,
)
from sepsim.units import from_si

_LEFT_OVER = 1e-10  # what a focusing instrument may leave of a coefficient, over its largest
_ROUNDING = 1e-12  # of a distance, over the radius
_PARALLEL = 1e-9  # what is left of the terms of a denominator where rays leave parallel
_PLATE_DEG = 45.0  # of Mattauch and Herzog's plate to the upright plane


@settings
class Design(Settings, ABC):
    """What all designs share: the source, the detector, the ion on the axis; base of the designs below.

    Parameters
    ----------
    source : BeamSource or table
    detector : Detector or table
    ion : ReferenceIon or table
        The ion on the axis.
    tube_mm : float
        Inner width of the beam tube [mm]; a narrower gap between electric plates limits the beam instead.

    Examples
    --------
    >>> Design.focused, SingleMagnet.focused
    (('x|a', 'x|d'), ('x|a',))
    """

    source: Tabled[BeamSource] = record(
        BeamSource, default=BeamSource(), example="{ slit_um = 100, half_angle_mrad = 2 }", help="ion source"
    )
    detector: Tabled[Detector] = record(
        Detector, default=Detector(slit_um=100), example="{ slit_um = 100 }", help="detector"
    )
    ion: Tabled[ReferenceIon] = record(
        ReferenceIon,
        default=ReferenceIon(mass_Da=28.0),
        example="{ mass_Da = 28, charge = 1, voltage_kV = 8 }",
        help="ion on the axis",
    )
    tube_mm: float = number(default=TUBE_MM, above=0, help="inner width of the beam tube")
    focused: ClassVar[tuple[str, ...]] = ("x|a", "x|d")  # coefficients that vanish at the detector

    @abstractmethod
    def elements(self) -> tuple[Optic, ...]:
        """Return the elements in the order of flight, or raise InputError that names the distance."""

    @property
    def spectrometer(self) -> Spectrometer:
        """The instrument."""
        return Spectrometer(
            elements=self.elements(), source=self.source, detector=self.detector, ion=self.ion, tube_mm=self.tube_mm
        )

    def conflicts(self) -> list[str]:
        """Return why the geometry cannot focus, or what is wrong with a slit."""
        try:
            image = self.spectrometer.image.coefficients()
        except InputError as error:
            return list(error.problems)
        largest = max(abs(value) for name, value in image.items() if name in ("x|x", "x|a", "x|d", "x|g"))
        return [
            f"({name}) = {image[name]:.3g} at the detector instead of 0: the geometry does not focus; "
            "change the sense of a sector or an angle"
            for name in self.focused
            if abs(image[name]) > _LEFT_OVER * largest
        ]


@settings
class SingleMagnet(Design):
    """A magnetic sector alone: it focuses directions, not energies.

    Herzog: (l' - g)(l'' - g) = f^2 with f = r/sin phi and g = r cot phi; left out, the object distance is that of the
    symmetric arrangement, l = r cot(phi/2) between edges without tilt, where (x|x) = -1 and (x|g) = (x|d) = r.
    Source: Herzog 1934.

    Parameters
    ----------
    radius_mm : float
        Radius of the axis [mm].
    angle_deg : float
        Angle of deflection [deg].
    entrance_edge_deg, exit_edge_deg : float
        Tilt of the edges [deg].
    field_index : float
        Relative fall of the field with the radius.
    object_mm : float, optional
        From the source to the magnet [mm]; left out: equal to that from the magnet to the detector.
    gap_mm : float, optional
        Distance between the poles [mm].
    sense : int
        +1 bends to the right, -1 to the left.
    source, detector, ion, tube_mm
        As for `Design`.

    Examples
    --------
    >>> image = SingleMagnet(radius_mm=305, angle_deg=90).spectrometer.image
    >>> [round(image.coefficient(name) / 0.305, 6) for name in ("x|g", "x|d", "x|aa")]
    [1.0, 1.0, -1.0]
    """

    radius_mm: float = number(above=0, help="radius of the axis")
    angle_deg: float = number(default=90.0, above=0, maximum=350, help="angle of deflection")
    entrance_edge_deg: float = number(default=0.0, minimum=-75, maximum=75, help="tilt of the entrance edge")
    exit_edge_deg: float = number(default=0.0, minimum=-75, maximum=75, help="tilt of the exit edge")
    field_index: float = number(default=0.0, minimum=-2, maximum=2, help="relative fall of the field with the radius")
    object_mm: float | None = number(default=None, minimum=0, help="from the source to the magnet; without: symmetric")
    gap_mm: float | None = number(default=None, above=0, help="distance between the poles")
    sense: int = integer(default=1, minimum=-1, maximum=1, help="+1 bends to the right, -1 to the left")
    focused: ClassVar[tuple[str, ...]] = ("x|a",)

    def elements(self) -> tuple[Optic, ...]:
        """Return drift, magnet, drift."""
        magnet = MagneticSector(
            radius_mm=self.radius_mm,
            angle_deg=self.angle_deg,
            entrance_edge_deg=self.entrance_edge_deg,
            exit_edge_deg=self.exit_edge_deg,
            field_index=self.field_index,
            gap_mm=self.gap_mm,
            sense=self.sense,
        )
        if self.object_mm is None:
            before = after = _symmetric_distance(magnet, "source to magnet, and magnet to detector")
        else:
            before = Drift(length_mm=self.object_mm).length
            after = _image_distance(magnet, before)
        return (
            _drift("source to magnet", before, magnet.radius),
            magnet,
            _drift("magnet to detector", after, magnet.radius),
        )


@settings
class NierJohnson(Design):
    """A symmetric electric sector, an image, and a magnetic sector that undoes the energy dispersion.

    Both bend the same way, as the image between them inverts. The distance from that image to the magnet follows
    from (x|d) = 0 and the distance to the detector from (x|a) = 0; both equations are linear. The reverse
    arrangement (BE) is the same instrument, flown backwards. The default angles and radii are those of the classic
    90 and 60 degree instrument with r_e = 1.25 r_m. Source: Johnson & Nier 1953.

    Parameters
    ----------
    magnet_radius_mm, electric_radius_mm : float
        Radii of the axis [mm].
    magnet_angle_deg, electric_angle_deg : float
        Angles of deflection [deg].
    entrance_edge_deg, exit_edge_deg : float
        Tilt of the magnet's edges on the side of the image between the sectors, and on the other side [deg].
    toroid : float
        Radius of the electric axis over its vertical radius.
    electric_gap_mm, magnet_gap_mm : float, optional
        Distances between plates and between poles [mm].
    energy_slit_mm : float, optional
        Width of a slit at the image between the sectors [mm].
    order : str
        "EB": electric sector first (forward); "BE": magnet first (reverse).
    magnet_sense : int
        Bend of the magnet; the electric sector bends to the right. Only +1 can focus in this design.
    source, detector, ion, tube_mm
        As for `Design`.

    Examples
    --------
    >>> image = NierJohnson().spectrometer.image
    >>> [round(image.coefficient(name), 9) + 0.0 for name in ("x|x", "x|a", "x|d")]
    [0.666666667, 0.0, 0.0]
    """

    magnet_radius_mm: float = number(default=304.8, above=0, help="radius of the magnet's axis")
    electric_radius_mm: float = number(default=381.0, above=0, help="radius of the electric sector's axis")
    magnet_angle_deg: float = number(default=60.0, above=0, maximum=350, help="deflection by the magnet")
    electric_angle_deg: float = number(default=90.0, above=0, maximum=350, help="deflection by the electric sector")
    entrance_edge_deg: float = number(
        default=0.0, minimum=-75, maximum=75, help="tilt of the magnet's edge towards the image"
    )
    exit_edge_deg: float = number(default=0.0, minimum=-75, maximum=75, help="tilt of the magnet's other edge")
    toroid: float = number(default=0.0, minimum=0, maximum=2, help="electric radius over the vertical radius")
    electric_gap_mm: float | None = number(default=None, above=0, help="distance between the plates")
    magnet_gap_mm: float | None = number(default=None, above=0, help="distance between the poles")
    energy_slit_mm: float | None = number(default=None, above=0, help="slit at the image between the sectors")
    order: str = text(default="EB", choices=("EB", "BE"), help="electric sector first, or magnet first")
    magnet_sense: int = integer(
        default=1, minimum=-1, maximum=1, help="bend of the magnet: +1 as the electric sector, -1 against"
    )

    def elements(self) -> tuple[Optic, ...]:
        """Return drift, sector, drift, slit if any, drift, sector, drift."""
        electric = ElectricSector(
            radius_mm=self.electric_radius_mm,
            angle_deg=self.electric_angle_deg,
            toroid=self.toroid,
            gap_mm=self.electric_gap_mm,
        )
        magnet = MagneticSector(
            radius_mm=self.magnet_radius_mm,
            angle_deg=self.magnet_angle_deg,
            entrance_edge_deg=self.entrance_edge_deg,
            exit_edge_deg=self.exit_edge_deg,
            gap_mm=self.magnet_gap_mm,
            sense=self.magnet_sense,
        )
        slits = () if self.energy_slit_mm is None else (Slit(width_mm=self.energy_slit_mm),)
        forward = _image_between(electric, magnet, slits)
        if self.order == "EB":
            return forward
        turned = replace(magnet, entrance_edge_deg=self.exit_edge_deg, exit_edge_deg=self.entrance_edge_deg)
        return tuple(turned if element is magnet else element for element in reversed(forward))


@settings
class BainbridgeJordan(Design):
    """An electric sector of pi/sqrt(2) with source and image at its ends, then a symmetric magnet of equal radius.

    The energy dispersions r_e of the one and r_m of the other cancel where r_e = r_m. Source: Bainbridge & Jordan 1936.

    Parameters
    ----------
    radius_mm : float
        Radius of both axes [mm].
    magnet_angle_deg : float
        Angle of deflection by the magnet [deg].
    electric_gap_mm : float, optional
        Distance between the plates [mm].
    source, detector, ion, tube_mm
        As for `Design`.

    Examples
    --------
    >>> image = BainbridgeJordan(radius_mm=250).spectrometer.image
    >>> round(image.coefficient("x|x"), 9), round(image.coefficient("x|g"), 9)
    (1.0, 0.25)
    """

    radius_mm: float = number(default=254.0, above=0, help="radius of both axes")
    magnet_angle_deg: float = number(default=60.0, above=0, maximum=350, help="deflection by the magnet")
    electric_gap_mm: float | None = number(default=None, above=0, help="distance between the plates")

    def elements(self) -> tuple[Optic, ...]:
        """Return drift, electric sector, drift, magnet, drift; the first drift has no length."""
        electric = ElectricSector(
            radius_mm=self.radius_mm, angle_deg=180.0 / math.sqrt(2.0), gap_mm=self.electric_gap_mm
        )
        magnet = MagneticSector(radius_mm=self.radius_mm, angle_deg=self.magnet_angle_deg)
        return _image_between(electric, magnet, ())


def _plate(value: Any) -> Detector:
    if isinstance(value, Detector):
        return value
    if isinstance(value, Mapping):
        return Detector.from_table({"tilt_deg": _PLATE_DEG, **value})
    raise InputError("must be a table such as { tilt_deg = 45 }")


@settings
class MattauchHerzog(Design):
    """An electric sector that makes the beam parallel, and a magnet that bends it against it onto a flat plate.

    The source stands at the focus of the electric sector of pi/(4 sqrt(2)), r_e/sqrt(2) before it; the magnet turns
    by 90 degrees and ends on the plate, a line at 45 degrees through the point where the beam enters it. Every mass is
    in focus for directions and energies, at sqrt(2) times its own radius along the plate from that point.
    Source: Mattauch & Herzog 1934.

    Parameters
    ----------
    magnet_radius_mm, electric_radius_mm : float
        Radii of the axis [mm].
    between_mm : float
        From the electric sector to the magnet [mm]; the beam is parallel there, so any will do.
    electric_sense : int
        Bend of the electric sector; the magnet bends to the right. Only -1 can focus in this design.
    electric_gap_mm : float, optional
        Distance between the plates [mm].
    source, ion, tube_mm
        As for `Design`.
    detector : Detector or table
        The plate: at 45 degrees and without a slit.

    Examples
    --------
    >>> image = MattauchHerzog(magnet_radius_mm=200).spectrometer.image
    >>> round(image.coefficient("x|g") / 0.2, 6)  # along the plate
    0.707107
    """

    magnet_radius_mm: float = number(
        default=200.0, above=0, help="radius of the magnet's axis for the ion of reference"
    )
    electric_radius_mm: float = number(default=250.0, above=0, help="radius of the electric sector's axis")
    between_mm: float = number(default=100.0, minimum=0, help="from the electric sector to the magnet")
    electric_sense: int = integer(
        default=-1, minimum=-1, maximum=1, help="bend of the electric sector: -1 against the magnet"
    )
    electric_gap_mm: float | None = number(default=None, above=0, help="distance between the plates")
    detector: Tabled[Detector] = part(
        default=Detector(tilt_deg=_PLATE_DEG),
        accept=_plate,
        dump=lambda plate: plate.to_table(),
        allowed="{ tilt_deg = 45 }",
        help="the plate",
    )

    def conflicts(self) -> list[str]:
        """Return why the geometry cannot focus, what is wrong with a slit, or a plate out of the focal line."""
        if self.detector.tilt_deg != _PLATE_DEG:
            return [
                f"detector: tilt_deg = {self.detector.tilt_deg:g}: the masses are in focus on a plate at 45 degrees "
                "only, without a slit; leave the detector out"
            ]
        return Design.conflicts(self)

    def elements(self) -> tuple[Optic, ...]:
        """Return drift, electric sector, drift, magnet."""
        electric = ElectricSector(
            radius_mm=self.electric_radius_mm,
            angle_deg=45.0 / math.sqrt(2.0),
            gap_mm=self.electric_gap_mm,
            sense=self.electric_sense,
        )
        magnet = MagneticSector(radius_mm=self.magnet_radius_mm, angle_deg=90.0, exit_edge_deg=-45.0)
        first = electric.transfer.first_order
        focus = -first[1, 1] / first[1, 0]  # (a|a) + l (a|x) = 0: parallel behind
        return (
            _drift("source to electric sector", float(focus), electric.radius),
            electric,
            Drift(length_mm=self.between_mm),
            magnet,
        )


def _image_between(electric: ElectricSector, magnet: MagneticSector, slits: tuple[Slit, ...]) -> tuple[Optic, ...]:
    """Return a symmetric electric sector, its image, and the magnet placed so that direction and energy are focused."""
    distance = _symmetric_distance(electric, "source to electric sector, and electric sector to image")
    space = TransferMap.drift(distance)
    dispersion = space.then(electric.transfer).then(space).coefficient("x|d")
    (xx, xa, xd, _), (ax, aa, ad, _) = magnet.transfer.first_order
    divisor = xd * ax - xx * ad
    if abs(divisor) < _PARALLEL * (abs(xd) / magnet.radius + abs(xx)):
        raise InputError(
            "image to magnet: at infinity, as no place undoes the energy dispersion; change the magnet's angle or edges"
        )
    before = -(dispersion + xd * aa - xa * ad) / divisor
    after = _image_distance(magnet, float(before))
    return (
        _drift("source to electric sector", distance, electric.radius),
        electric,
        _drift("electric sector to image", distance, electric.radius),
        *slits,
        _drift("image to magnet", float(before), magnet.radius),
        magnet,
        _drift("magnet to detector", after, magnet.radius),
    )


def _symmetric_distance(sector: ElectricSector | MagneticSector, where: str) -> float:
    """Return the distance [m] before and behind a sector at which source and image stand symmetrically."""
    (xx, xa), (ax, aa) = sector.transfer.first_order[:, :2]
    trace = xx + aa
    root = math.hypot(xx - aa, 2.0)  # of the discriminant of ax l^2 + (xx + aa) l + xa = 0, as the determinant is 1
    if trace > 0.0 and abs(ax) * sector.radius < _ROUNDING:
        raise InputError(
            f"{where}: none focuses; the sector does not gather the beam; change its angle, edges or index"
        )
    if trace > 0.0:  # of two equal forms of the larger root the one that does not cancel
        return float(-(trace + root) / (2.0 * ax))
    return float(2.0 * xa / (root - trace))


def _image_distance(magnet: MagneticSector, before: float) -> float:
    """Return the distance [m] behind a magnet at which the directions from a point before it meet."""
    (xx, xa), (ax, aa) = magnet.transfer.first_order[:, :2]
    divisor = ax * before + aa  # the angle behind for an angle before
    if abs(divisor) < _PARALLEL * (abs(ax) * (abs(before) + magnet.radius) + abs(aa)):
        raise InputError(
            "magnet to detector: the image is at infinity, as the source stands in the magnet's focus and its rays "
            "leave parallel; change the distance before the magnet, its angle or its edges"
        )
    return float(-(xx * before + xa) / divisor)


def _drift(where: str, distance: float, radius: float) -> Drift:
    if abs(distance) < _ROUNDING * radius:
        distance = 0.0
    length_mm = from_si("length_mm", distance)
    if not 0.0 <= length_mm < math.inf:
        raise InputError(
            f"{where}: the distance turns negative, {length_mm:.4g} mm, so the geometry cannot focus there; "
            "change the angles, the radii, the edges or the sense of a sector"
        )
    return Drift(length_mm=length_mm)
