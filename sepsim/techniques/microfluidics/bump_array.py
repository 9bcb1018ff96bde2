"""Deterministic lateral displacement: which sizes posts bump aside, and how far off their way particles then are.

Each row of posts is shifted by the share eps of the pitch against the row before, so that the liquid through a gap
falls into 1/eps streams that take turns at the post. A particle whose radius is below the thickness of the first stream
stays in its stream and zigzags along the flow; a larger one is bumped into the next stream at each row, and walks along
the rows of posts. With G the gap and D_c twice the thickness of that stream,

    D_c = 1.4 G eps^0.48      parabolic flow, driven by pressure (Davis; fitted to measurements for 0.01 < eps < 0.5)
    D_c = 2 eps G             plug flow, driven by electroosmosis: the first stream is eps G thick

Particles that diffuse from stream to stream smear the step: with Pe = U lambda/D, lambda the pitch and U the mean
velocity in the gaps, each row bumps them with the probability

    P(d) = 1/(1 + exp(-(d - D_h)/w)),    w = D_c c_w/Pe^(1/2),    D_h = D_c (1 + k/Pe)

with k = 0 in the usual picture, in which the critical diameter is bumped half the way. Walks among round posts find
less at low Pe; c_w = 2.5 and k = 17 say about what they do, and a run tells both.

P is the lateral displacement of the particles on the average, as a share of the full bump. It is this mean angle that
publications of nano-DLD show against size; which share leaves by an outlet follows from it, and is the steeper in size
the longer the array: the spread about the mean grows as the root of its length. A particle that leaves its track passes
through all 1/eps streams before it comes back, so that each such period is one trial.

What a vesicle shows to a post is d_eff = s d/(1 + (35/32) Ca) + 2 h: s its softness; Ca = eta g a^3/kappa the shear
rate g = 6U/G at the post against the bending stiffness kappa of its membrane (a drop as viscous as the liquid becomes
as thin as that, Taylor 1934, with kappa/a^2 for its tension: a choice), down to what the excess area of its membrane
allows; and h how far it is held off by equal charges
(the distance at which their repulsion is worth kT, for a sphere and a flat wall in the approximation of Derjaguin) or
by a field across.

Sources: Davis 2006 (thesis 2008); Inglis et al. 2006. That broken symmetry makes modes between these two (Kim et al.
2017, abstract) is not in this law.
"""

from __future__ import annotations

import math

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import BOLTZMANN_J_PER_K, ELEMENTARY_CHARGE_C, VACUUM_PERMITTIVITY_F_PER_M

DROP = 35.0 / 32.0  # deformation over the capillary number, of a drop as viscous as the liquid around it
STEEPEST = 500.0  # exponent beyond which a probability is 0 or 1


def critical_diameter(gap: float, shift: float) -> float:
    """Return the diameter above which posts bump particles aside, in a flow driven by pressure.

    Parameters
    ----------
    gap : float [m]
        Between posts of a row.
    shift : float [-]
        Of a row against the one before, as a share of the pitch; 0.01 to 0.5.

    Returns
    -------
    float [m]

    Examples
    --------
    >>> [round(1e9 * critical_diameter(gap * 1e-9, 0.1), 1) for gap in (235, 25)]
    [108.9, 11.6]
    """
    return float(1.4 * gap * shift**0.48)


def plug_critical_diameter(gap: float, shift: float) -> float:
    """Return the same in a plug flow, driven by electroosmosis: all streams are equally thick.

    Parameters
    ----------
    gap : float [m]
    shift : float [-]

    Returns
    -------
    float [m]

    Examples
    --------
    >>> round(1e9 * plug_critical_diameter(235e-9, 0.1), 1)
    47.0
    """
    return 2.0 * shift * gap


def bump_probability(
    diameter: FloatArray, critical: float, peclet: FloatArray, width: float, shift: float = 0.0
) -> FloatArray:
    """Return the lateral displacement as a share of the full bump, on the average.

    Parameters
    ----------
    diameter : ndarray, shape (n,) [m]
        As a post meets it.
    critical : float [m]
    peclet : ndarray, shape (n,) [-]
    width : float [-]
        c_w, of the transition.
    shift : float [-]
        k, by which diffusion raises the diameter that is bumped half the way.

    Returns
    -------
    ndarray, shape (n,) [-]

    Examples
    --------
    >>> bump_probability(np.array([20e-9, 110e-9]), 108.9e-9, np.array([4.9, 26.9]), 1.0).round(2)
    array([0.14, 0.51])
    """
    steepness = np.sqrt(peclet) / (critical * width)
    exponent = np.clip((diameter - critical * (1.0 + shift / peclet)) * steepness, -STEEPEST, STEEPEST)
    probability: FloatArray = 1.0 / (1.0 + np.exp(-exponent))
    return probability


def flattening(
    radius: FloatArray, shear_rate: float, viscosity: float, stiffness: float, shortest: float = 0.0
) -> FloatArray:
    """Return the short axis of a vesicle under shear over its diameter at rest.

    Parameters
    ----------
    radius : ndarray, shape (n,) [m]
    shear_rate : float [1/s]
    viscosity : float [Pa s]
    stiffness : float [J]
        Against bending, of the membrane.
    shortest : float [-]
        What the excess area of the membrane allows at most.

    Returns
    -------
    ndarray, shape (n,) [-]

    Examples
    --------
    >>> flattening(np.array([55e-9, 500e-9]), 7700.0, 0.89e-3, 80e-21, shortest=0.8).round(2)
    array([0.98, 0.8 ])
    """
    capillary = viscosity * shear_rate * radius**3 / stiffness
    axis: FloatArray = np.maximum(1.0 / (1.0 + DROP * capillary), shortest)
    return axis


def charged_distance(
    radius: FloatArray, potential: FloatArray, post: float, debye: float, permittivity: float, temperature: float
) -> FloatArray:
    """Return how near particles come to a post of their own charge: where repulsion is worth kT.

    Parameters
    ----------
    radius, potential : ndarray, shape (n,) [m], [V]
    post : float [V]
        Potential of the post.
    debye : float [m]
        Debye length.
    permittivity : float [-]
        Over that of vacuum.
    temperature : float [K]

    Returns
    -------
    ndarray, shape (n,) [m]
        0 of charges that do not repel, or too little.

    Examples
    --------
    In saline, and in water with a thousandth of its salt:

    >>> [charged_distance(np.array([50e-9]), np.array([-20e-3]), -40e-3, debye, 78.4, 298.15).round(10).item()
    ...  for debye in (0.78e-9, 25e-9)]
    [3.4e-09, 1.095e-07]
    """
    thermal = BOLTZMANN_J_PER_K * temperature
    volt = thermal / ELEMENTARY_CHARGE_C
    charges = np.tanh(potential / (4.0 * volt)) * math.tanh(post / (4.0 * volt))
    touching = 64.0 * math.pi * VACUUM_PERMITTIVITY_F_PER_M * permittivity * radius * volt**2 * charges / thermal
    distance: FloatArray = debye * np.log(np.maximum(touching, 1.0))
    return distance


def share_beyond(divider: float, *, start: float, moved: FloatArray, spread: FloatArray) -> FloatArray:
    """Return which share of particles ends beyond a divider, of those that entered evenly beside a wall.

    Parameters
    ----------
    divider : float [m]
        Distance from the wall at which the outlets part.
    start : float [m]
        Breadth of the stream in which they enter, from the wall on.
    moved, spread : ndarray, shape (n,) [m]
        Mean and standard deviation of the way that they go from the wall.

    Returns
    -------
    ndarray, shape (n,) [-]
        Of Gaussian spreads, with the wall as a mirror.

    Examples
    --------
    >>> share_beyond(5.0, start=2.0, moved=np.array([0.0, 4.0, 9.0]), spread=np.array([0.1, 0.1, 0.1])).round(3)
    array([0. , 0.5, 1. ])
    """

    def beyond(first: FloatArray) -> FloatArray:
        """Return the integral of the share that is beyond `first` standard deviations."""
        return _ramp((start + first) / spread) - _ramp(first / spread)

    share = spread / start * (beyond(moved - divider) + beyond(-moved - divider - start))
    return np.clip(share, 0.0, 1.0)


def _ramp(z: FloatArray) -> FloatArray:
    """Return the integral of the normal distribution function up to z."""
    from scipy.special import ndtr  # scipy loads only when outlets are divided

    integral: FloatArray = z * ndtr(z) + np.exp(-0.5 * z**2) / math.sqrt(2.0 * math.pi)
    return integral
