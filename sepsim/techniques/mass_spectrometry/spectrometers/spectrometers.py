"""A mass spectrometer: a source, elements along the axis and a detector, with the image that they give."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sepsim.errors import InputError
from sepsim.settings import Accepts, Settings, Table, Tabled, number, part, record, settings
from sepsim.techniques.mass_spectrometry.optics.electric_sector import ElectricSector
from sepsim.techniques.mass_spectrometry.optics.element import Drift, Slit, narrow_slit
from sepsim.techniques.mass_spectrometry.optics.magnetic_sector import MagneticSector
from sepsim.techniques.mass_spectrometry.optics.rays import Rays, ReferenceIon
from sepsim.techniques.mass_spectrometry.optics.transfer_map import TransferMap
from sepsim.techniques.mass_spectrometry.optics.wien_filter import WienFilter
from sepsim.text.tables import columns
from sepsim.units import to_si

Optic = Drift | Slit | ElectricSector | MagneticSector | WienFilter
TUBE_MM = 30.0  # a choice: beam tubes of sector instruments are a few centimetres wide
_MOST_SPREAD = 0.2  # of the energy; beyond it neither the first nor the second order of the image means much
_IMAGE_ROWS = ("x|x", "x|a", "x|d", "x|g", "x|xx", "x|xa", "x|xd", "x|aa", "x|ad", "x|dd", "x|ag", "x|dg", "x|gg")


@settings
class BeamSource(Settings):
    """Where the ions start: a slit, and how far angle and energy spread about the axis.

    Parameters
    ----------
    slit_um : float
        Width of the slit [um]; at least 1, a limit of workmanship.
    half_angle_mrad : float
        Largest angle to the axis in the bending plane [mrad]; at most 100.
    energy_spread_eV : float
        Width at half height of the distribution of the energy per elementary charge [eV]; below a fifth of the
        voltage of the ion on the axis.

    Examples
    --------
    >>> round(BeamSource(slit_um=50).width, 9)
    5e-05
    """

    slit_um: float = number(default=100.0, above=0, help="width of the source slit")
    half_angle_mrad: float = number(default=2.0, minimum=0, maximum=100, help="largest angle to the axis")
    energy_spread_eV: float = number(default=8.0, minimum=0, help="width at half height of the energy per charge")

    @property
    def width(self) -> float:
        """Width of the slit [m]."""
        return to_si("slit_um", self.slit_um)

    @property
    def half_angle(self) -> float:
        """Largest angle to the axis [rad]."""
        return to_si("half_angle_mrad", self.half_angle_mrad)

    def conflicts(self) -> list[str]:
        """Return whether the slit is too narrow to be made."""
        return narrow_slit("slit_um", self.slit_um)


@settings
class Detector(Settings):
    """Where the ions are counted: behind a slit, or on a plate that may be tilted.

    Parameters
    ----------
    slit_um : float, optional
        Width of the collector slit [um], at least 1; left out: a plate that counts all and tells where.
    tilt_deg : float
        Angle of the plate to the plane that stands upright on the axis [deg]; positive: its left side lies further on.

    Examples
    --------
    >>> float(round(Detector(tilt_deg=45).image(Rays(x=1e-3)).x.item() * 1e3, 4))  # along the plate, mm
    1.4142
    """

    slit_um: float | None = number(default=None, above=0, help="width of the collector slit; without: a plate")
    tilt_deg: float = number(default=0.0, minimum=-80, maximum=80, help="angle of the plate to the upright plane")

    @property
    def width(self) -> float:
        """Width of the collector slit [m]; infinite for a plate."""
        return math.inf if self.slit_um is None else to_si("slit_um", self.slit_um)

    @property
    def tilt(self) -> float:
        """Angle of the plate to the upright plane [rad]."""
        return to_si("tilt_deg", self.tilt_deg)

    @property
    def transfer(self) -> TransferMap:
        """Coefficients from the upright plane to the plate, x then along it and a as it is."""
        plate = TransferMap.linear([[1 / math.cos(self.tilt), 0, 0, 0], [0, 1, 0, 0]], np.eye(2))
        half = 0.5 * math.tan(self.tilt) / math.cos(self.tilt)
        plate.second_order[0, 0, 1] = plate.second_order[0, 1, 0] = half
        return plate

    def image(self, rays: Rays) -> Rays:
        """Return rays where they meet the plate: x along it, the angles as they are."""
        across = rays.x / (1.0 - math.tan(self.tilt) * np.tan(rays.a))
        height = rays.drifted(across * math.tan(self.tilt)).y
        return dataclasses.replace(rays, x=across / math.cos(self.tilt), y=height)

    def conflicts(self) -> list[str]:
        """Return what is wrong with the slit: in a tilted plate, or too narrow to be made."""
        if self.slit_um is None:
            return []
        if self.tilt_deg != 0.0:
            return [f"slit_um = {self.slit_um:g}: a tilted plate (tilt_deg = {self.tilt_deg:g}) has none; leave it out"]
        return narrow_slit("slit_um", self.slit_um)


_KINDS: dict[str, type[Optic | BeamSource | Detector]] = {
    "drift": Drift,
    "slit": Slit,
    "electric sector": ElectricSector,
    "magnetic sector": MagneticSector,
    "wien filter": WienFilter,
    "source": BeamSource,  # out of order wherever they stand in a list; read so that the error can say it
    "detector": Detector,
}


def _optics(value: Any) -> tuple[Optic | BeamSource | Detector, ...]:
    if not isinstance(value, Iterable) or isinstance(value, (str, Mapping)):
        raise InputError("must be a list of elements, such as drifts and sectors")
    problems: list[str] = []
    found: list[Optic | BeamSource | Detector] = []
    for index, item in enumerate(value):
        try:
            found.append(_optic(item))
        except InputError as error:
            problems.extend(error.within(f"element {index + 1}").problems)
    if problems:
        raise InputError(*problems)
    return tuple(found)


def _optic(item: Any) -> Optic | BeamSource | Detector:
    if isinstance(item, (Drift, Slit, ElectricSector, MagneticSector, WienFilter, BeamSource, Detector)):
        return item
    if not isinstance(item, Mapping) or item.get("element") not in _KINDS:
        kinds = [name for name, kind in _KINDS.items() if kind not in (BeamSource, Detector)]
        raise InputError(f"must be a table with element = one of {', '.join(map(repr, kinds))}")
    return _KINDS[item["element"]].from_table({key: value for key, value in item.items() if key != "element"})


def element_name(element: Optic | BeamSource | Detector) -> str:
    """Return what an element is called in a table.

    Parameters
    ----------
    element : Optic, BeamSource or Detector

    Returns
    -------
    str

    Examples
    --------
    >>> element_name(Drift(length_mm=10))
    'drift'
    """
    return next(name for name, kind in _KINDS.items() if isinstance(element, kind))


@settings
class Spectrometer(Settings):
    """Elements along an axis, from the slit of a source to a detector.

    Parameters
    ----------
    elements : sequence of elements or tables
        In the order of flight. A table names its kind: ``{ element = "drift", length_mm = 500 }``.
    source : BeamSource or table
    detector : Detector or table
    ion : ReferenceIon or table
        The ion on the axis.
    tube_mm : float
        Inner width of the beam tube [mm]; a narrower gap between electric plates limits the beam instead.

    Examples
    --------
    >>> magnet = MagneticSector(radius_mm=300, angle_deg=90)
    >>> symmetric = Spectrometer(elements=[Drift(length_mm=300), magnet, Drift(length_mm=300)])
    >>> round(symmetric.image.coefficient("x|x"), 9), round(symmetric.image.coefficient("x|g"), 9)
    (-1.0, 0.3)
    """

    elements: Accepts[tuple[Optic, ...], Iterable[Optic | Table]] = part(
        accept=_optics,
        dump=lambda elements: [{"element": element_name(element), **element.to_table()} for element in elements],
        allowed='a list such as [{ element = "drift", length_mm = 500 }, { element = "magnetic sector", ... }]',
        help="elements in the order of flight",
    )
    source: Tabled[BeamSource] = record(
        BeamSource, default=BeamSource(), example="{ slit_um = 100, half_angle_mrad = 2 }", help="ion source"
    )
    detector: Tabled[Detector] = record(Detector, default=Detector(), example="{ slit_um = 100 }", help="detector")
    ion: Tabled[ReferenceIon] = record(
        ReferenceIon,
        default=ReferenceIon(mass_Da=28.0),
        example="{ mass_Da = 28, charge = 1, voltage_kV = 8 }",
        help="ion on the axis",
    )
    tube_mm: float = number(default=TUBE_MM, above=0, help="inner width of the beam tube")

    def conflicts(self) -> list[str]:
        """Return what is wrong with the order, slits wider than the beam tube, and energies spread too far."""
        return [*self._out_of_order(), *self._too_wide(), *self._too_spread()] or self._no_analyser()

    def _out_of_order(self) -> Iterator[str]:
        elements: Sequence[Any] = self.elements
        for index, element in enumerate(elements, start=1):
            if isinstance(element, (BeamSource, Detector)):
                name = element_name(element)
                place = "before the first element" if name == "source" else "behind the last element"
                yield (
                    f"element {index} is a {name}: out of order; it stands {place}, "
                    f"so give it as {name} = ... beside the elements"
                )

    def _no_analyser(self) -> list[str]:
        if any(isinstance(element, (ElectricSector, MagneticSector, WienFilter)) for element in self.elements):
            return []
        return ["elements: none has a field, so nothing is sorted; add a sector or a filter"]

    @property
    def tube(self) -> float:
        """Width that the walls leave to the beam [m]: of the beam tube, or of the narrowest gap between plates."""
        plates = [element for element in self.elements if isinstance(element, (ElectricSector, WienFilter))]
        gaps = [to_si("gap_mm", plate.gap_mm) for plate in plates if plate.gap_mm is not None]
        return min([to_si("tube_mm", self.tube_mm), *gaps])

    def _too_wide(self) -> Iterator[str]:
        slits = [
            (f"element {index}: width", item.width)
            for index, item in enumerate(self.elements, 1)
            if isinstance(item, Slit)
        ]
        widths = [("source: slit", self.source.width), *slits, ("detector: slit", self.detector.width)]
        for name, width in widths:
            if math.isfinite(width) and width >= self.tube:
                yield (
                    f"{name} {width * 1e3:g} mm is wider than the beam tube, {self.tube * 1e3:g} mm; "
                    "narrow the slit or widen tube_mm or the gap of the plates"
                )

    def _too_spread(self) -> Iterator[str]:
        spread, voltage = self.source.energy_spread_eV, self.ion.voltage
        if spread >= _MOST_SPREAD * voltage:
            yield (
                f"source: energy_spread_eV = {spread:g}: must be below {_MOST_SPREAD * voltage:g}, a fifth of the "
                f"{voltage:g} V that accelerated the ion on the axis; raise voltage_kV or narrow the spread"
            )

    @property
    def transfer(self) -> TransferMap:
        """Coefficients from the source to the upright plane at the detector."""
        whole = TransferMap.drift(0.0)
        for element in self.elements:
            whole = whole.then(element.transfer)
        return whole

    @property
    def image(self) -> TransferMap:
        """Coefficients from the source to the detector's plate."""
        return self.transfer.then(self.detector.transfer)

    def trace(self, rays: Rays) -> Rays:
        """Return rays from the source where they meet the detector, by the exact maps; nan for those lost before.

        Slits stop rays; plates and poles are not in the way here.
        """
        for element in self.elements:
            rays = element.trace(rays)
        return self.detector.image(rays)

    def trace_to_second_order(self, rays: Rays) -> Rays:
        """Return the same by the coefficients of each element, some nanometres off for rays within milliradians."""
        for element in self.elements:
            rays = element.trace(rays) if isinstance(element, Slit) else element.transfer.apply(rays)
        return self.detector.image(rays)

    @property
    def energy_spread(self) -> float:
        """Width at half height of the source's energies, over the energy of the ion on the axis."""
        return self.source.energy_spread_eV / self.ion.voltage

    def summary(self) -> str:
        """Return the coefficients of the image as a table, in millimetres, milliradians and per cent.

        Each line says by how much the image moves for one millimetre, milliradian or per cent.
        """
        steps = {"x": 1e-3, "a": 1e-3, "d": 1e-2, "g": 1e-2}
        image = self.image
        body = []
        for name in _IMAGE_ROWS:
            value = image.coefficient(name)
            shift = value * math.prod(steps[letter] for letter in name[2:])
            body.append([f"({name})", _figures(value), f"{_figures(shift * 1e6)} um"])
        return columns(["coefficient", "SI", "per mm, mrad, %"], body)


def _figures(value: float) -> str:
    return "0" if abs(value) < 1e-9 else f"{value:.5g}"
