"""What rotor calculators compute: g and rpm, k-factor, cut-off diameter, pelleted share, time in another rotor.

The closed forms of Livshits et al. 2015 and the exact forms that they approximate. They describe a *full* tube by
r_min and r_max (swinging bucket) or by one elliptic section at r_av (fixed angle, vertical), and depend on particle
and run through the dose exponent s W alone. The tube as it is filled, with its bottom, is in `chords`.

Assumptions: plug flow (no diffusion), a homogeneous medium, a uniform load; what meets the wall has pelleted. The
one-section forms leave out the ends of the tube and the sections above and below, whose middle is not r_av.

Sources: Livshits et al. 2015, doi 10.1038/srep17319; k-factor: J Extracell Vesicles 2014, 3:23111, doi
10.3402/jev.v3.23111.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.constants import SVEDBERG_S
from sepsim.errors import InputError
from sepsim.rotors.rotors import Rotor

_SECONDS_PER_HOUR = 3600.0


def k_factor(rotor: Rotor, angular_speed: float) -> float:
    """Return the k-factor, k = 1e13 ln(r_max/r_min)/(3600 omega^2): hours to clear 1 S = k.

    Exact for a full swinging bucket. It misleads for fixed-angle and vertical rotors, whose particles cross the
    tube and not r_max - r_min, and for part-filled tubes.

    Parameters
    ----------
    rotor : Rotor
        With its r_min.
    angular_speed : float [rad/s]

    Returns
    -------
    float [S h]

    Raises
    ------
    InputError
        If the rotor has no r_min.

    Examples
    --------
    >>> import sepsim
    >>> round(k_factor(sepsim.rotor("SW 41 Ti"), 41_000 * 2 * math.pi / 60), 1)  # catalogue: 124
    123.6
    """
    path = math.log(rotor.r_max / rotor.r_min)
    return path / angular_speed**2 / (SVEDBERG_S * _SECONDS_PER_HOUR)


def sphere_sedimentation_coefficient(
    diameter: npt.ArrayLike, *, density_difference: float, viscosity: float
) -> FloatArray:
    """Return the sedimentation coefficient of spheres, s = d^2 (rho_p - rho)/(18 eta).

    Parameters
    ----------
    diameter : array_like, shape (n_sizes,) [m]
    density_difference : float [kg/m3]
        Of particle less medium; negative for particles that float.
    viscosity : float [Pa s]

    Returns
    -------
    ndarray, shape (n_sizes,) [s]

    Notes
    -----
    Stokes drag: Reynolds number below 0.1.

    Examples
    --------
    >>> s = sphere_sedimentation_coefficient(100e-9, density_difference=150, viscosity=1.55e-3)
    >>> round(float(s) * 1e13, 1)  # svedberg
    537.6
    """
    s: FloatArray = np.square(np.asarray(diameter, dtype=float)) * (density_difference / (18.0 * viscosity))
    return s


def path_half_axis(rotor: Rotor) -> float:
    """Return half of the longest path across a leaning tube, a = D/(2 cos(alpha)): half an axis of the ellipse.

    Parameters
    ----------
    rotor : Rotor
        Fixed-angle, near-vertical or vertical.

    Returns
    -------
    float [m]

    Examples
    --------
    >>> from sepsim.rotors.rotors import rotor
    >>> round(2 * path_half_axis(rotor("Type 45 Ti")) * 1e3, 1)  # mm; 41.6 if the bore were the nominal 38 mm
    38.8
    """
    return rotor.tube.radius / math.cos(rotor.angle)


def swinging_bucket_pelleted(rotor: Rotor, dose_exponent: npt.ArrayLike) -> FloatArray:
    """Return the pelleted share in a full, flat-bottomed bucket, P = r_max (1 - q)/(r_max - r_min), q = e^(-sW).

    Parameters
    ----------
    rotor : Rotor
        With its r_min.
    dose_exponent : array_like, shape (n_classes,) [-]
        s W; particles that float (below 0) pellet nothing.

    Returns
    -------
    ndarray, shape (n_classes,) [-]
        1 from sW = ln(r_max/r_min) on.

    Examples
    --------
    >>> from sepsim.rotors.rotors import rotor
    >>> swinging_bucket_pelleted(rotor("SW 28"), [0.1, 1.0]).round(3)
    array([0.179, 1.   ])
    """
    moved = -np.expm1(-_sinking(dose_exponent))
    share: FloatArray = np.minimum(rotor.r_max * moved / (rotor.r_max - rotor.r_min), 1.0)
    return share


def fixed_angle_pelleted_constant_field(rotor: Rotor, dose_exponent: npt.ArrayLike) -> FloatArray:
    """Return the pelleted share in one elliptic section if the field were everywhere that at r_av.

    P = (2/pi)[asin(x) + x sqrt(1 - x^2)],  x = s W r_av/L,  L = D/cos(alpha): Livshits 2015, whose Table 2 it gives.

    Parameters
    ----------
    rotor : Rotor
        Fixed-angle, near-vertical or vertical, with its r_min.
    dose_exponent : array_like, shape (n_classes,) [-]
        s W; particles that float (below 0) pellet nothing.

    Returns
    -------
    ndarray, shape (n_classes,) [-]
        1 from x = 1 on.

    Notes
    -----
    Holds where the tube is narrow against r_av. The true field grows along the path: see `fixed_angle_pelleted`.
    """
    shift = np.minimum(_sinking(dose_exponent) * rotor.r_av / (2.0 * path_half_axis(rotor)), 1.0)
    share: FloatArray = (2.0 / math.pi) * (np.arcsin(shift) + shift * np.sqrt(1.0 - shift**2))
    return share


def fixed_angle_pelleted(rotor: Rotor, dose_exponent: npt.ArrayLike) -> FloatArray:
    """Return the pelleted share in one elliptic section in the field that grows with the radius.

    The chords of half length u = a sqrt(1 - y^2) around r_av are cleared where u <= r_av tanh(sW/2) = a v; with
    w = sqrt(1 - v^2) the bundle integrates to

        P = (2/pi)[asin(v) - v w + (1 - q)(w r_av/a + (v w + asin(w))/2)]

    Parameters
    ----------
    rotor : Rotor
        Fixed-angle, near-vertical or vertical, with its r_min.
    dose_exponent : array_like, shape (n_classes,) [-]
        s W; particles that float (below 0) pellet nothing.

    Returns
    -------
    ndarray, shape (n_classes,) [-]
        1 from sW = ln[(r_av + a)/(r_av - a)] on; sW [1/2 + 2 r_av/(pi a)] for small sW.

    Notes
    -----
    The section that Livshits et al. 2015 describe in their supplement, without the constant field of their tables.
    """
    exponent, ratio = _sinking(dose_exponent), rotor.r_av / path_half_axis(rotor)
    cleared = np.minimum(ratio * np.tanh(0.5 * exponent), 1.0)
    widest = np.sqrt(1.0 - cleared**2)
    arrived = np.arcsin(cleared) - cleared * widest
    moved = -np.expm1(-exponent) * (ratio * widest + 0.5 * (cleared * widest + np.arcsin(widest)))
    share: FloatArray = np.minimum((2.0 / math.pi) * (arrived + moved), 1.0)
    return share


def published_pelleted(rotor: Rotor, dose_exponent: npt.ArrayLike) -> FloatArray:
    """Return the pelleted share by the published formula of the rotor's kind, a full bucket or the field at r_av.

    Parameters
    ----------
    rotor : Rotor
        With its r_min.
    dose_exponent : array_like, shape (n_classes,) [-]
        s W.

    Returns
    -------
    ndarray, shape (n_classes,) [-]

    Notes
    -----
    What rotor calculators print (Livshits et al. 2015). `pelleted` has the field that grows with the radius.

    Examples
    --------
    >>> from sepsim.rotors.rotors import rotor
    >>> published_pelleted(rotor("SW 28"), [0.1, 1.0]).round(3)
    array([0.179, 1.   ])
    """
    if rotor.kind == "swinging bucket":
        return swinging_bucket_pelleted(rotor, dose_exponent)
    return fixed_angle_pelleted_constant_field(rotor, dose_exponent)


def pelleted(rotor: Rotor, dose_exponent: npt.ArrayLike) -> FloatArray:
    """Return the pelleted share by the exact closed form of the rotor's kind.

    Parameters
    ----------
    rotor : Rotor
        With its r_min.
    dose_exponent : array_like, shape (n_classes,) [-]
        s W.

    Returns
    -------
    ndarray, shape (n_classes,) [-]

    Examples
    --------
    Spheres of 70 to 150 nm after 30 min at 10 000 g (r_av) in a Type 45 Ti; the constant field gives 15 to 65 %:

    >>> from sepsim.rotors.rotors import rotor
    >>> from sepsim.rotors.rotors import angular_speed_for_rcf
    >>> fixed_angle = rotor("Type 45 Ti")
    >>> omega = angular_speed_for_rcf(10_000, fixed_angle.r_av)
    >>> sizes = np.array([70e-9, 100e-9, 120e-9, 150e-9])
    >>> s = sphere_sedimentation_coefficient(sizes, density_difference=150, viscosity=1.55e-3)
    >>> (100 * pelleted(fixed_angle, s * omega**2 * 30 * 60)).round()
    array([18., 35., 49., 70.])
    """
    if rotor.kind == "swinging bucket":
        return swinging_bucket_pelleted(rotor, dose_exponent)
    return fixed_angle_pelleted(rotor, dose_exponent)


def swinging_bucket_clearing(rotor: Rotor) -> float:
    """Return the dose exponent sW that clears a full bucket, ln(r_max/r_min).

    Parameters
    ----------
    rotor : Rotor
        With its r_min.

    Returns
    -------
    float [-]

    Examples
    --------
    >>> from sepsim.rotors.rotors import rotor
    >>> round(swinging_bucket_clearing(rotor("SW 28")), 3)
    0.76
    """
    return math.log(rotor.r_max / rotor.r_min)


def fixed_angle_clearing_constant_field(rotor: Rotor) -> float:
    """Return the dose exponent sW that clears the section in the constant field, L/r_av.

    Parameters
    ----------
    rotor : Rotor
        With its r_min.

    Returns
    -------
    float [-]

    Examples
    --------
    >>> from sepsim.rotors.rotors import rotor
    >>> round(fixed_angle_clearing_constant_field(rotor("Type 45 Ti")), 3)
    0.555
    """
    return 2.0 * path_half_axis(rotor) / rotor.r_av


def fixed_angle_clearing(rotor: Rotor) -> float:
    """Return the dose exponent sW that clears the section in the growing field, ln[(r_av + a)/(r_av - a)].

    Parameters
    ----------
    rotor : Rotor
        With its r_min.

    Returns
    -------
    float [-]

    Examples
    --------
    >>> from sepsim.rotors.rotors import rotor
    >>> round(fixed_angle_clearing(rotor("Type 45 Ti")), 3)
    0.57
    """
    return 2.0 * math.atanh(path_half_axis(rotor) / rotor.r_av)


def published_clearing_exponent(rotor: Rotor) -> float:
    """Return the dose exponent sW that clears the tube by the published formula of the rotor's kind [-].

    Parameters
    ----------
    rotor : Rotor
    """
    if rotor.kind == "swinging bucket":
        return swinging_bucket_clearing(rotor)
    return fixed_angle_clearing_constant_field(rotor)


def clearing_exponent(rotor: Rotor) -> float:
    """Return the dose exponent sW that clears the tube, by the exact form of the rotor's kind.

    Parameters
    ----------
    rotor : Rotor
        With its r_min.

    Returns
    -------
    float [-]

    Examples
    --------
    >>> import sepsim
    >>> round(clearing_exponent(sepsim.rotor("VTi 50")), 3)
    0.337
    """
    return swinging_bucket_clearing(rotor) if rotor.kind == "swinging bucket" else fixed_angle_clearing(rotor)


def cut_off_diameter(clearing_exponent: float, dose: float, *, density_difference: float, viscosity: float) -> float:
    """Return the diameter from which on all spheres are pelleted, d* = sqrt(18 eta E/(drho W)).

    Parameters
    ----------
    clearing_exponent : float [-]
        Dose exponent E = sW that clears the tube: a closed form of this module, or that of a bundle of chords.
    dose : float [rad2/s]
        Integral W of omega^2 dt.
    density_difference : float [kg/m3]
        Of particle less medium, above 0.
    viscosity : float [Pa s]

    Returns
    -------
    float [m]

    Raises
    ------
    InputError
        If the particles are not denser than the medium.

    Examples
    --------
    >>> import sepsim
    >>> bucket = sepsim.rotor("SW 28")
    >>> dose = sepsim.angular_speed(bucket, rcf_xg=10_000, rcf_at="rav") ** 2 * 30 * 60
    >>> clears = sepsim.clearing_exponent(bucket)
    >>> round(cut_off_diameter(clears, dose, density_difference=150, viscosity=1.55e-3) * 1e9)  # nm; published: 308
    308
    """
    if density_difference <= 0:
        raise InputError(
            f"density difference {density_difference:g} kg/m3: must be above 0; particles that are not denser than the "
            "medium have no cut-off diameter"
        )
    return math.sqrt(18.0 * viscosity * clearing_exponent / (density_difference * dose))


def equivalent_time(
    time: float, path: float, angular_speed: float, *, other_path: float, other_angular_speed: float
) -> float:
    """Return the time in another rotor that does the work of a run, t_2 = t_1 (E_2/omega_2^2)/(E_1/omega_1^2).

    With E = ln(r_max/r_min) this is the transfer by k-factor, t_2 = t_1 k_2/k_1; with the exponent that clears the tube
    it is the transfer by equal cut-off diameter. Between full swinging buckets both are the same.

    Parameters
    ----------
    time : float [s]
        Of the run in the first rotor.
    path : float [-]
        E of the first rotor.
    angular_speed : float [rad/s]
        Of the first rotor.
    other_path : float [-]
        E of the other rotor.
    other_angular_speed : float [rad/s]
        Of the other rotor.

    Returns
    -------
    float [s]

    Notes
    -----
    Same medium and temperature in both runs. Equal cut-off does not mean equal shares of smaller particles.

    Examples
    --------
    >>> import sepsim
    >>> first, other, omega = sepsim.rotor("SW 41 Ti"), sepsim.rotor("Type 45 Ti"), 40_000 * 2 * math.pi / 60
    >>> [
    ...     round(equivalent_time(60, of(first), omega, other_path=of(other), other_angular_speed=omega))
    ...     for of in (swinging_bucket_clearing, clearing_exponent)
    ... ]  # min, by k-factor and by equal cut-off diameter
    [78, 42]
    """
    return time * (other_path / other_angular_speed**2) / (path / angular_speed**2)


def k_factor_warning(*rotors: Rotor) -> str:
    """Return why the k-factor misleads for these rotors; empty if all are swinging buckets."""
    reasons = [
        f"in {rotor.name!r} ({rotor.kind}) particles cross D/cos(angle) = {2e3 * path_half_axis(rotor):.1f} mm, "
        "not r_max - r_min"
        for rotor in dict.fromkeys(rotors)
        if rotor.kind != "swinging bucket"
    ]
    return f"the k-factor misleads: {'; '.join(reasons)}; use the time of equal cut-off diameter" if reasons else ""


def _sinking(dose_exponent: npt.ArrayLike) -> FloatArray:
    sinking: FloatArray = np.maximum(np.asarray(dose_exponent, dtype=float), 0.0)
    return sinking
