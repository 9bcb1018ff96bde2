"""Mass spectra of sector instruments: scans, peak areas, doublets, and what a slit costs.

An instrument whose fields are set on m/z = M shifts ions of m/z = m by D (m/M - 1) at the collector, with D the
dispersion; scanning the field moves them over the slit one after another. A peak of the spectrum is therefore the
peak profile, stretched with M: its width over M is the same for all ions.

Assumptions: dispersion linear over the width of a peak; ions do not influence one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.analysers.mass_to_charge import (
    check_positive,
    mass_per_charge,
    mass_to_charge_number,
)
from sepsim.techniques.mass_spectrometry.peak_profile import (
    VALLEY,
    PeakProfile,
    image_positions,
    ray_profile,
    source_rays,
)

_BETWEEN = 4001  # points of a scan from peak to peak
_RAYS = 20_000  # for each slit of a trade-off


class Spectrum(NamedTuple):
    """Intensity against the m/z that the instrument is set on, each of shape (n,).

    Attributes
    ----------
    mz : ndarray [-]
        Increasing.
    intensity : ndarray [abundance]
        Abundance of the ions times the share that the collector catches.
    """

    mz: FloatArray
    intensity: FloatArray


class Doublet(NamedTuple):
    """Whether two ions are told apart.

    Attributes
    ----------
    needed : float
        Resolving power m / dm that would just do for equal abundances, with m the heavier [-].
    valley : float
        Lowest intensity between the peaks over the height of the lower one [-]; 1 if there is one peak only.
    resolved : bool
        Whether the valley is at most 10 %.
    """

    needed: float
    valley: float
    resolved: bool


class SlitTradeoff(NamedTuple):
    """Resolving power against transmission, each of shape (n,).

    Attributes
    ----------
    source_slit, collector_slit : ndarray [m]
    fwhm, valley : ndarray [-]
        Resolving power by the two definitions.
    transmission : ndarray [-]
        Share of the ions of the source that the collector catches at the top of the peak.
    """

    source_slit: FloatArray
    collector_slit: FloatArray
    fwhm: FloatArray
    valley: FloatArray
    transmission: FloatArray


def mz_of_field(field: npt.ArrayLike, radius: float, voltage: npt.ArrayLike) -> FloatArray:
    """Return the m/z that a magnetic sector sends along its axis, B^2 r^2 / (2 V).

    Parameters
    ----------
    field : array_like [T]
    radius : float [m]
    voltage : array_like [V]
        That accelerated the ions; a scan of the voltage at one field runs from heavy to light.

    Returns
    -------
    ndarray, broadcast shape [-]

    Raises
    ------
    InputError
        If a field, the radius or a voltage is not above 0.

    Examples
    --------
    >>> round(float(mz_of_field(0.5, 0.3048, 8000.0)), 1)
    140.1
    """
    check_positive(field=field, radius=radius, voltage=voltage)
    return mass_to_charge_number(np.square(np.asarray(field, dtype=np.float64) * radius) / (2.0 * np.asarray(voltage)))


def field_of_mz(mz: npt.ArrayLike, radius: float, voltage: float) -> FloatArray:
    """Return the field that sends an m/z along the axis of a magnetic sector, sqrt(2 V m/q) / r.

    Parameters
    ----------
    mz : array_like [-]
    radius : float [m]
    voltage : float [V]

    Returns
    -------
    ndarray, shape of mz [T]

    Raises
    ------
    InputError
        If an m/z, the radius or the voltage is not above 0.

    Examples
    --------
    >>> round(float(field_of_mz(1000, 0.3048, 8000.0)), 3)
    1.336
    """
    check_positive(radius=radius, voltage=voltage)
    return np.asarray(np.sqrt(2.0 * voltage * mass_per_charge(mz)) / radius)


def scan(
    mz: npt.ArrayLike,
    ion_mz: npt.ArrayLike,
    abundance: npt.ArrayLike,
    profile: PeakProfile,
    dispersion: float,
) -> Spectrum:
    """Return the spectrum that a scan of the magnetic field gives, or one of all voltages together.

    I(M) = sum of A_i S(-D (m_i / M - 1)), with S the peak profile of a resting beam.

    Parameters
    ----------
    mz : array_like, shape (n,) [-]
        That the instrument is set on, one after another; `mz_of_field` turns fields into them.
    ion_mz, abundance : array_like, shape (ions,) [-]
    profile : PeakProfile
    dispersion : float [m]
        Shift for a relative change of mass, (x|g) of the image.

    Returns
    -------
    Spectrum

    Raises
    ------
    InputError
        If an m/z is not positive, an abundance negative, or the two lists differ in length.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.peak_profile import slit_profile
    >>> peak = slit_profile(20e-6, 40e-6)
    >>> scan([27.99, 28.00, 28.01], [28.0], [5.0], peak, 0.25).intensity.round(3).tolist()
    [0.0, 5.0, 0.0]
    """
    held, ions, amounts = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (mz, ion_mz, abundance))
    _check_ions(held, ions, amounts)
    intensity = np.zeros(held.shape)
    for ion, amount in zip(ions, amounts, strict=True):
        intensity += amount * profile.at(-dispersion * (ion / held - 1.0))
    return Spectrum(mz=held, intensity=intensity)


def peak_areas(spectrum: Spectrum, windows: npt.ArrayLike, profile: PeakProfile, dispersion: float) -> FloatArray:
    """Return the abundances behind the peaks within windows: areas over ln(m/z), over that of a unit peak.

    A peak is wider in proportion to its m/z; over ln(m/z) all are equally wide, and of area A |S| / |D| to first order
    in the width.

    Parameters
    ----------
    spectrum : Spectrum
    windows : array_like, shape (peaks, 2) [-]
        Lowest and highest m/z of each.
    profile : PeakProfile
    dispersion : float [m]

    Returns
    -------
    ndarray, shape (peaks,) [abundance]

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.peak_profile import slit_profile
    >>> peak = slit_profile(20e-6, 40e-6)
    >>> held = np.linspace(27.9, 28.1, 20001)
    >>> measured = scan(held, [27.994915, 28.031300], [3.0, 1.0], peak, 0.25)
    >>> peak_areas(measured, [(27.98, 28.01), (28.02, 28.05)], peak, 0.25).round(3).tolist()
    [3.0, 1.0]
    """
    lowest, highest = np.atleast_2d(np.asarray(windows, dtype=np.float64)).T
    logarithm = np.log(spectrum.mz)
    steps = 0.5 * (spectrum.intensity[1:] + spectrum.intensity[:-1]) * np.diff(logarithm)
    collected = np.concatenate([[0.0], np.cumsum(steps)])
    area = np.interp(np.log(highest), logarithm, collected) - np.interp(np.log(lowest), logarithm, collected)
    return np.asarray(area * abs(dispersion) / profile.area)


def needed_resolving_power(first_mz: float, second_mz: float) -> float:
    """Return m / dm of two ions, with m the heavier [-]; infinite for equal ones.

    Parameters
    ----------
    first_mz, second_mz : float [-]

    Returns
    -------
    float [-]

    Examples
    --------
    >>> round(needed_resolving_power(27.994915, 28.006148))  # CO and N2
    2493
    """
    _check_ions(np.array([1.0]), np.array([first_mz, second_mz]), np.ones(2))
    apart = abs(first_mz - second_mz)
    return max(first_mz, second_mz) / apart if apart else np.inf


def doublet(
    first_mz: float,
    second_mz: float,
    profile: PeakProfile,
    dispersion: float,
    abundances: tuple[float, float] = (1.0, 1.0),
) -> Doublet:
    """Return how deep the valley between two peaks is in a scan, and whether they count as resolved.

    Parameters
    ----------
    first_mz, second_mz : float [-]
    profile : PeakProfile
    dispersion : float [m]
    abundances : tuple of float [-]
        Of the two ions.

    Returns
    -------
    Doublet

    Raises
    ------
    InputError
        If an m/z or an abundance is not positive.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.peak_profile import slit_profile
    >>> for slit in (100e-6, 50e-6):
    ...     pair = doublet(27.994915, 28.006148, slit_profile(2 / 3 * slit, slit), 0.254)
    ...     print(round(pair.needed), round(pair.valley, 2), pair.resolved)
    2493 0.97 False
    2493 0.0 True
    """
    needed = needed_resolving_power(first_mz, second_mz)
    if min(abundances) <= 0.0:
        raise InputError(f"abundances = {abundances}: both must be above 0 for a doublet")
    tops = _tops(profile, dispersion, *sorted((first_mz, second_mz)))
    found = scan(np.linspace(*tops, _BETWEEN), [first_mz, second_mz], abundances, profile, dispersion).intensity
    valley = min(1.0, float(found.min() / min(found[0], found[-1])))
    return Doublet(needed=needed, valley=valley, resolved=valley <= VALLEY)


def slit_tradeoff(
    source_slits: npt.ArrayLike,
    coefficients: Mapping[str, float],
    *,
    half_angle: float,
    energy_fwhm: float,
    beam_width: float,
    collector_slits: npt.ArrayLike | None = None,
) -> SlitTradeoff:
    """Return resolving power and transmission over a range of source slits.

    Parameters
    ----------
    source_slits : array_like, shape (n,) [m]
    coefficients : mapping of str to float [m per rad etc.]
        Of the image, as for `peak_profile.image_positions`; ``"x"`` and ``"g"`` are needed.
    half_angle : float [rad]
    energy_fwhm : float [-]
        Full width at half maximum of dK/K.
    beam_width : float [m]
        Of the evenly filled beam that falls on the source slit; a slit narrower than it cuts the beam.
    collector_slits : array_like, shape (n,), optional [m]
        Left out: as wide as the image of the source slit, which serves resolution and transmission best.

    Returns
    -------
    SlitTradeoff

    Examples
    --------
    >>> nier_johnson = {"x": 2 / 3, "g": 0.254, "aa": -0.0746, "ad": -0.1316, "dd": 0.0526}
    >>> curve = slit_tradeoff([15e-6, 150e-6], nier_johnson, half_angle=1e-3, energy_fwhm=1e-3, beam_width=300e-6)
    >>> curve.valley.round(-2).tolist(), curve.transmission.round(2).tolist()
    ([13400.0, 1300.0], [0.05, 0.5])
    """
    slits = np.atleast_1d(np.asarray(source_slits, dtype=np.float64))
    collectors = abs(coefficients["x"]) * slits if collector_slits is None else np.asarray(collector_slits, dtype=float)
    collectors = np.broadcast_to(collectors, slits.shape)
    results = np.empty((3, slits.size))
    for index, (slit, collector) in enumerate(zip(slits, collectors, strict=True)):
        filled = min(slit, beam_width)
        rays = source_rays(_RAYS, slit=filled, half_angle=half_angle, energy_fwhm=energy_fwhm)
        profile = ray_profile(image_positions(coefficients, rays), collector)
        power = profile.resolving_power(coefficients["g"])
        results[:, index] = power.fwhm, power.valley, profile.height * filled / beam_width
    fwhm, valley, transmission = results
    return SlitTradeoff(
        source_slit=slits, collector_slit=np.array(collectors), fwhm=fwhm, valley=valley, transmission=transmission
    )


def _tops(profile: PeakProfile, dispersion: float, low: float, high: float) -> tuple[float, float]:
    """Return the m/z set on which the two peaks stand at the middle of their tops."""
    top = profile.position[profile.signal >= (1.0 - 1e-9) * profile.height]
    shift = 1.0 - 0.5 * (top[0] + top[-1]) / dispersion
    return low / shift, high / shift


def _check_ions(held: FloatArray, ions: FloatArray, amounts: FloatArray) -> None:
    problems = []
    if not (np.all(held > 0.0) and np.all(np.isfinite(held))):
        problems.append("mz: every m/z that the instrument is set on must be above 0")
    if not (np.all(ions > 0.0) and np.all(np.isfinite(ions))):
        problems.append("ion_mz: every m/z must be above 0; mass and charge must be positive")
    if not np.all(amounts >= 0.0):
        problems.append("abundance: must be 0 or more")
    if ions.shape != amounts.shape:
        problems.append(f"abundance: {amounts.size} values for {ions.size} ions; give one for each")
    if problems:
        raise InputError(*problems)
