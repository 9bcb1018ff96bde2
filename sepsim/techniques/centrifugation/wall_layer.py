"""What stays where it met the wall of a tube, and what spreads back into the liquid once the rotor stands still.

In the spin a particle at the wall is confined to a layer of thickness D/(s w2 r): 75 nm for a vesicle of 100 nm at
100,000 x g, 0.1 mm for albumin. While it is pressed on the wall it may attach. What has not attached spreads by
diffusion when the field is gone; what leaves the film of liquid that decanting leaves on the wall goes off with the
supernatant.

Sources: the layer is the sedimentation equilibrium of Mason & Weaver 1924; the film, diffusion out of a slab with one
closed wall (Carslaw & Jaeger 1959, section 3.4). The rate of attachment is a calibration.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.media import Medium
from sepsim.particles.particle_table import ParticleTable
from sepsim.particles.transport import diffusion_coefficient, sedimentation_coefficient
from sepsim.rotors.rotors import Rotor
from sepsim.techniques.centrifugation.pellet_model import PelletModel
from sepsim.techniques.centrifugation.spin import SpeedProfile
from sepsim.units import to_si

SHORTEST_TIME = 0.01  # D t/h2, below which nothing has left a film (3e-12)
TERMS = 32
NO_FILM_M = 1e-9


class TubeWall(NamedTuple):
    """The wall on which particles land, in all tubes of a spin.

    Attributes
    ----------
    tubes : int
    projected, area : float [m2]
        Of one tube: across the field, and along the wall.
    radius : float [m]
        Distance from the rotor's axis.
    """

    tubes: int
    projected: float
    area: float
    radius: float


class Mobility(NamedTuple):
    """How particles move in a medium, shape (n_classes,) each.

    Attributes
    ----------
    sedimentation, diffusion : ndarray [s], [m2/s]
    """

    sedimentation: FloatArray
    diffusion: FloatArray


class WallLayer(NamedTuple):
    """What becomes of the particles of each class that met the wall, shape (n_classes,) [-].

    Attributes
    ----------
    attached : ndarray
        Share that stays.
    in_film : ndarray
        Share that is loose, and still in the film of liquid that is left on the wall. The rest has spread into the
        supernatant.
    """

    attached: FloatArray
    in_film: FloatArray


def mobility(particles: ParticleTable, medium: Medium) -> Mobility:
    """Return how particles move in a medium."""
    return Mobility(sedimentation_coefficient(particles, medium), diffusion_coefficient(particles, medium))


def tube_wall(rotor: Rotor, tubes: int, projected: float) -> TubeWall:
    """Return the wall on which particles land.

    A swinging bucket is met at its bottom: of a round one a cap, which the liquid may fill in part. Elsewhere the outer
    half of a cylinder is met, pi/2 times its projection.

    Parameters
    ----------
    rotor : Rotor
        With its tube.
    tubes : int
    projected : float [m2]
        Cross-section of the liquid of one tube, across the field.

    Returns
    -------
    TubeWall

    Examples
    --------
    The bottom of a swinging bucket, a hemisphere of 24.5 mm:

    >>> import math
    >>> from sepsim.rotors.rotors import Rotor
    >>> tube = {"name": "bucket", "inner_diameter_mm": 24.5, "length_mm": 89, "volume_mL": 38}
    >>> bucket = Rotor(angle_deg=90, rmax_mm=161, rmin_mm=75.3, max_rpm=28000, tube=tube)
    >>> round(1e4 * tube_wall(bucket, 1, math.pi * bucket.tube.radius**2).area, 1)  # cm2
    9.4
    """
    tube = rotor.tube
    if rotor.angle_deg < 90:
        outer_rim = rotor.mouth_radius + tube.radius * np.cos(rotor.angle)
        return TubeWall(tubes, projected, np.pi / 2.0 * projected, 0.5 * (rotor.r_max + outer_rim))
    if tube.bottom == "round":
        covered = min(projected / (np.pi * tube.radius**2), 1.0)
        curvature = 2.0 / (1.0 + np.sqrt(1.0 - covered))
    else:
        curvature = np.hypot(1.0, tube.bottom_height / tube.radius)
    return TubeWall(tubes, projected, float(curvature) * projected, rotor.r_max)


def wall_layer(
    particles: ParticleTable,
    mobility: Mobility,
    profile: SpeedProfile,
    radius: float,
    *,
    waiting: float,
    film: float,
    model: PelletModel,
) -> WallLayer:
    """Return what stays at the wall, and what has left it when the tube is decanted.

    A particle attaches at the rate k d/l in the layer l = D/(s w2 r). Of those that arrive evenly over a spin of dose W

        attached = 1 - (1 - exp(-x))/x,    x = k d s r W/D

    The loose ones leave a film of thickness h by diffusion, from the layer l and over the time t until decanting:

        in the film = (4/pi) sum (-1)^n/(2n + 1) exp(-(2n + 1)^2 pi^2 T/4),    T = (D t + l^2)/h^2

    Parameters
    ----------
    particles : ParticleTable
    mobility : Mobility
        At the wall.
    profile : SpeedProfile
    radius : float [m]
        Of the wall from the rotor's axis.
    waiting : float [s]
        From stand-still until the liquid is off; the brake comes on top.
    film : float [m]
        Thickness of the liquid that is left on the wall.
    model : PelletModel

    Returns
    -------
    WallLayer

    Notes
    -----
    Continuous in size, speed and time, and independent of the amount. Dissolved protein does not attach; what of it
    goes with vesicles is a share of the sample. What leaves the film does not come back: beyond it the liquid is
    stirred when the tube is turned.

    Examples
    --------
    Albumin and a vesicle of 100 nm after 70 min at 100,000 x g, and ten minutes under 0.2 mm of liquid:

    >>> from sepsim.samples.sample_recipe import recipe
    >>> from sepsim.techniques.centrifugation.spin import speed_profile
    >>> sample = recipe({"volume_mL": 1, "medium": "PBS", "temperature_C": 4, "density_quantiles": 1,
    ...     "protein_association_percent": 0, "population": [
    ...     {"name": "albumin", "mass_mg_per_mL": 1},
    ...     {"name": "small", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": 1e9},
    ... ]}).prepare()
    >>> spin = speed_profile(3130.0, 4200.0, 0.0, 0.0)
    >>> moving = mobility(sample.particles, sample.medium)
    >>> layer = wall_layer(sample.particles, moving, spin, 0.1, waiting=600, film=2e-4, model=PelletModel())
    >>> layer.attached.round(2).tolist(), layer.in_film.round(2).tolist()
    ([0.0, 1.0], [0.11, 0.0])
    """
    s, D = mobility
    per_dose = np.maximum(s, 0.0) * radius / D
    contacts = to_si("attachment_per_s", model.attachment_per_s) * particles.diameter * per_dose * profile.dose
    loose = np.where(particles.dissolved, 1.0, mean_decay(contacts))
    pressed = per_dose * profile.top_speed**2
    layer = np.divide(1.0, pressed, out=np.full_like(pressed, np.inf), where=pressed > 0)
    spread = D * (profile.braking + waiting) + layer**2
    return WallLayer(1.0 - loose, loose * still_in_film(spread / max(film, NO_FILM_M) ** 2))


def mean_decay(exponent: FloatArray) -> FloatArray:
    """Return (1 - exp(-x))/x, the mean of exp(-x u) over u from 0 to 1.

    Parameters
    ----------
    exponent : ndarray of any shape [-]
        At least 0.

    Returns
    -------
    ndarray, same shape [-]

    Examples
    --------
    >>> mean_decay(np.array([0.0, 1.0])).round(3).tolist()
    [1.0, 0.632]
    """
    decay: FloatArray = np.divide(-np.expm1(-exponent), exponent, out=np.ones_like(exponent), where=exponent > 0)
    return decay


def still_in_film(spread: FloatArray) -> FloatArray:
    """Return the share that has not left a film by diffusion, from the closed wall on which it began.

    Parameters
    ----------
    spread : ndarray of any shape [-]
        D t/h2.

    Returns
    -------
    ndarray, same shape [-]

    Examples
    --------
    >>> still_in_film(np.array([0.0, 0.5, np.inf])).round(3).tolist()
    [1.0, 0.371, 0.0]
    """
    order = 2 * np.arange(TERMS) + 1
    signs = np.where(order % 4 == 1, 1.0, -1.0)
    late = np.maximum(spread, SHORTEST_TIME)[..., None]
    share: FloatArray = 4.0 / np.pi * (signs / order * np.exp(-(order**2) * np.pi**2 * late / 4.0)).sum(axis=-1)
    return np.where(spread > SHORTEST_TIME, share, 1.0).clip(0.0, 1.0)
