"""A beam of ions through a spectrometer: from the slit of the source to the plate of the detector, ion by ion.

Angles, energies and masses of all ions go through the exact hard-edge map of every element, in the kernel. Plates,
poles and slits of finite width stop ions; it is counted in which element.

Assumptions: ions do not feel one another; no gas; all start in the bending plane. Ions that fell through one voltage
have equal energies per charge, so that m/z alone tells them apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.optics.electric_sector import ElectricSector
from sepsim.techniques.mass_spectrometry.optics.element import Drift, Slit
from sepsim.techniques.mass_spectrometry.optics.magnetic_sector import MagneticSector
from sepsim.techniques.mass_spectrometry.optics.rays import Rays
from sepsim.techniques.mass_spectrometry.peak_profile import source_rays
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import Optic, Spectrometer, element_name
from sepsim.units import to_si

_FWHM = math.sqrt(8.0 * math.log(2.0))  # of a gaussian, over its standard deviation


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """Where the ions of a beam end.

    Attributes
    ----------
    x : ndarray, shape (n,) [m]
        Place on the detector's plate, in the bending plane; nan for ions that were lost, as in all columns.
    a : ndarray, shape (n,) [rad]
        Angle to the axis.
    y, b : ndarray, shape (n,) [m], [rad]
        Height above the bending plane, and the angle to it.
    lost : ndarray of int, shape (n,) [-]
        0: arrived; i: lost in the i-th element, counted from 1.
    elements : tuple of str
        What the elements are called, in the order of flight.
    """

    x: FloatArray
    a: FloatArray
    y: FloatArray
    b: FloatArray
    lost: npt.NDArray[np.int64]
    elements: tuple[str, ...]

    @property
    def arrived(self) -> npt.NDArray[np.bool_]:
        """Which ions met the plate, shape (n,)."""
        return np.asarray(self.lost == 0)

    @property
    def losses(self) -> dict[str, int]:
        """Number of ions lost in each element that stopped any, such as ``{"4 slit": 12}``."""
        numbers = np.bincount(self.lost, minlength=len(self.elements) + 1).tolist()
        return {f"{place} {name}": numbers[place] for place, name in enumerate(self.elements, 1) if numbers[place]}


def element_table(spectrometer: Spectrometer) -> FloatArray:
    """Return the elements of a spectrometer as the kernels take them.

    Parameters
    ----------
    spectrometer : Spectrometer

    Returns
    -------
    ndarray, shape (n_elements, columns) [m, rad]
        Rows of `sepsim.techniques.mass_spectrometry.kernels.ion_optics.element`.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import SingleMagnet
    >>> element_table(SingleMagnet(radius_mm=300, angle_deg=90).spectrometer)[:, 1].round(3).tolist()
    [0.3, 0.3, 0.3]
    """
    return np.array([_row(element) for element in spectrometer.elements])


def _row(element: Optic) -> FloatArray:
    """Return an element as a row of the kernel's table."""
    from sepsim.techniques.mass_spectrometry.kernels import ion_optics  # numba: not before a beam flies

    if isinstance(element, Drift):
        return ion_optics.element(ion_optics.DRIFT, element.length)
    if isinstance(element, Slit):
        return ion_optics.element(ion_optics.SLIT, half_width=0.5 * element.width)
    gap = math.inf if element.gap_mm is None else to_si("gap_mm", element.gap_mm)
    if isinstance(element, ElectricSector):
        return ion_optics.element(
            ion_optics.ELECTRIC, element.radius, element.angle, index=element.toroid, sense=element.sense, gap=gap
        )
    if isinstance(element, MagneticSector):
        return ion_optics.element(
            ion_optics.MAGNETIC,
            element.radius,
            element.angle,
            edge_in=element.entrance_edge,
            edge_out=element.exit_edge,
            index=element.field_index,
            sense=element.sense,
            gap=gap,
            psi_in=element.fringe_angle(element.entrance_edge),
            psi_out=element.fringe_angle(element.exit_edge),
        )
    return ion_optics.element(
        ion_optics.WIEN, element.length, element.length / element.gyroradius, sense=element.sense, gap=gap
    )


def beam(spectrometer: Spectrometer, count: int, rng: np.random.Generator | None = None) -> Rays:
    """Return rays of the ion on the axis from the slit of the source: uniform in place and angle, gaussian in energy.

    Parameters
    ----------
    spectrometer : Spectrometer
    count : int
        Number of rays.
    rng : numpy.random.Generator, optional
        Left out: evenly spread points of the Halton sequence, whose errors fall nearly as 1/n.

    Returns
    -------
    Rays
        Of shape (count,).

    Raises
    ------
    InputError
        If there is to be no ray.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> rays = beam(NierJohnson().spectrometer, 1000)
    >>> f"{rays.x.max():.1e}", f"{rays.a.max():.1e}"
    ('5.0e-05', '2.0e-03')
    """
    if count < 1:
        raise InputError(f"count = {count}: a beam needs at least one ray")
    source, spread = spectrometer.source, spectrometer.energy_spread
    if rng is None:
        even = source_rays(count, slit=source.width, half_angle=source.half_angle, energy_fwhm=spread)
        return Rays(x=even.x, a=even.a, d=even.d)
    return Rays(
        x=source.width * (rng.random(count) - 0.5),
        a=source.half_angle * (2.0 * rng.random(count) - 1.0),
        d=spread / _FWHM * rng.standard_normal(count),
    )


def of_ions(spectrometer: Spectrometer, rays: Rays, mass: npt.ArrayLike, charge: npt.ArrayLike) -> Rays:
    """Return rays of ions of masses and charges of their own, while the fields stay set on the ion of the axis.

    Parameters
    ----------
    spectrometer : Spectrometer
    rays : Rays
        Where they start, in what direction and with what energy per charge.
    mass : array_like, broadcast with the rays [kg]
        Of the ions.
    charge : array_like, broadcast with the rays [-]
        Elementary charges.

    Returns
    -------
    Rays

    Raises
    ------
    InputError
        If a mass or a charge is not above 0.

    Examples
    --------
    >>> from sepsim.constants import DALTON_KG
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> of_ions(NierJohnson().spectrometer, Rays(), [28 * DALTON_KG, 112 * DALTON_KG], [1, 2]).g.round(12).tolist()
    [0.0, 1.0]
    """
    masses, charges = np.asarray(mass, dtype=np.float64), np.asarray(charge, dtype=np.float64)
    problems = [
        f"{name}: every ion needs one above 0"
        for name, values in (("mass", masses), ("charge", charges))
        if not (np.all(values > 0.0) and np.all(np.isfinite(values)))
    ]
    if problems:
        raise InputError(*problems)
    ion = spectrometer.ion
    return replace(rays, g=(masses / charges) / (to_si("mass_Da", ion.mass_Da) / ion.charge) - 1.0)


def fly(spectrometer: Spectrometer, rays: Rays) -> Arrivals:
    """Send a beam through a spectrometer.

    Parameters
    ----------
    spectrometer : Spectrometer
        Plates and poles stop ions where their gap is given.
    rays : Rays
        Of shape (n,).

    Returns
    -------
    Arrivals
        Places within 1e-9 m of the exact map for rays within some millimetres and mrad of the axis.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> found = fly(NierJohnson(energy_slit_mm=0.3).spectrometer, Rays(d=[0.0, 1e-3, -1e-3]))
    >>> found.losses
    {'4 slit': 2}
    """
    from sepsim.techniques.mass_spectrometry.kernels import ion_optics

    starts = [np.ravel(values) for values in (rays.x, rays.a, rays.y, rays.b, rays.d, rays.g)]
    image = ion_optics.trace_ions(element_table(spectrometer), *starts)
    upright = Rays(x=image.x, a=image.a, y=image.y, b=image.b, d=starts[4], g=starts[5])
    plate = spectrometer.detector.image(upright)
    names = tuple(element_name(element) for element in spectrometer.elements)
    return Arrivals(plate.x, plate.a, plate.y, plate.b, image.lost, names)


def beam_paths(spectrometer: Spectrometer, rays: Rays, points: int = 32) -> FloatArray:
    """Return the paths of a few ions through space, for pictures.

    Parameters
    ----------
    spectrometer : Spectrometer
    rays : Rays
        Of shape (n,).
    points : int
        Planes per element at which a path is given.

    Returns
    -------
    ndarray, shape (n_planes, n, 3) [m]
        Along the axis at the source, to the left of it, and up; nan after a loss. They end on the plane that stands
        upright on the axis at the detector.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import SingleMagnet
    >>> beam_paths(SingleMagnet(radius_mm=300, angle_deg=90).spectrometer, Rays(), points=8)[-1, 0, :2].round(3)
    array([ 0.6, -0.6])
    """
    from sepsim.techniques.mass_spectrometry.kernels import ion_optics

    starts = [np.ravel(values) for values in (rays.x, rays.a, rays.y, rays.b, rays.d, rays.g)]
    return ion_optics.trace_paths(element_table(spectrometer), *starts, points=points)
