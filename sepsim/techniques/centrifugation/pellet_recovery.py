"""How much of a pellet comes back into suspension.

Two things hold it back. Vesicles attach to the wall of the tube, in one layer, as far as protein has not covered it
before; and the field presses what lies on the wall together until pipetting does not disperse all of it.

    sites     = 0.547 A (1 - covered),                  covered = 1 - exp(-m_protein/(monolayer A))
    on wall   = g sites (1 - exp(-a/sites))/a,          g = 1/(1 + d/d_c),    a = sum of g pi d2/4
    clumped   = g loss p/(p + yield stress),            p = w2 r (sum of buoyant masses)/A_projected
    recovered = (1 - on wall)(1 - clumped)

A dilute pellet in clean buffer is thus lost on the wall, one of plasma in its clumps, and a washed one loses little.

Sources: Geeurickx et al. 2019, doi 10.1038/s41467-019-11182-0, for the recoveries behind the constants; Feder 1980,
J. Theor. Biol. 87, 237, for the jamming of discs that adsorb at random.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.particles.osmosis import state_at
from sepsim.samples.crowding import JAMMING_COVERAGE
from sepsim.samples.sample import Sample
from sepsim.techniques.centrifugation.pellet_model import PelletModel
from sepsim.techniques.centrifugation.wall_layer import TubeWall, mean_decay
from sepsim.units import to_si


class Held(NamedTuple):
    """Shares of the pellet that resuspension leaves behind.

    Attributes
    ----------
    on_wall : ndarray, shape (n_classes,) [-]
        On the wall of the tube.
    clumped : ndarray, shape (n_classes,) [-]
        Of the rest, in clumps.
    """

    on_wall: FloatArray
    clumped: FloatArray

    @property
    def recovered(self) -> FloatArray:
        """Share of each class that comes back into suspension, shape (n_classes,) [-]."""
        return (1.0 - self.on_wall) * (1.0 - self.clumped)


def covered_share(spun: Sample, wall: TubeWall, model: PelletModel) -> float:
    """Return the share of the wall that soluble protein has covered before vesicles arrive.

    Parameters
    ----------
    spun : Sample
        What was spun.
    wall : TubeWall
    model : PelletModel

    Returns
    -------
    float [-]

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> plasma = sample_from_catalog("platelet-poor plasma", volume_mL=1).prepare()
    >>> round(covered_share(plasma, TubeWall(tubes=1, projected=1e-4, area=2e-4, radius=0.1), PelletModel()), 6)
    1.0
    """
    protein = float((spun.counts * spun.particles.protein_mass) @ spun.particles.dissolved) / wall.tubes
    return float(-np.expm1(-protein / (to_si("protein_monolayer_mg_m2", model.protein_monolayer_mg_m2) * wall.area)))


def held_back(solid: Sample, wall: TubeWall, *, field: float, covered: float, model: PelletModel) -> Held:
    """Return what resuspension leaves behind of the pellets of all tubes.

    Parameters
    ----------
    solid : Sample
        The pelleted particles.
    wall : TubeWall
    field : float [m/s2]
        w2 r at the wall.
    covered : float [-]
        As `covered_share` gives it.
    model : PelletModel

    Returns
    -------
    Held

    Notes
    -----
    Continuous in amounts, sizes and speed. The constants are calibrated together on four recoveries
    (``docs/validation.md``), and each has a band of its own in ``data/pellet_model.csv``.

    Examples
    --------
    A few vesicles in a clean tube stay on its wall; in one that protein has covered they come back:

    >>> from sepsim.samples.sample_recipe import recipe
    >>> few = recipe({"volume_mL": 1, "medium": "PBS", "population": [
    ...     {"name": "small", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": 1e7}]}).prepare()
    >>> wall = TubeWall(tubes=1, projected=1e-4, area=2e-4, radius=0.1)
    >>> [round(float(held_back(few, wall, field=1e6, covered=share, model=PelletModel()).recovered[0]), 2)
    ...  for share in (0.0, 1.0)]
    [0.09, 1.0]
    """
    particles, per_tube = solid.particles, solid.particles.moving(solid.counts) / wall.tubes
    state = state_at(particles, solid.medium.osmolality)
    grip = holding_on(state.diameter, model)
    landed = grip * np.pi / 4.0 * state.diameter**2
    sites = JAMMING_COVERAGE * (1.0 - covered) * wall.area
    taken = mean_decay(np.array(per_tube @ landed / sites)) if sites > 0 else 0.0
    excess = per_tube @ (state.mass - state.volume * solid.medium.density).clip(min=0.0)
    pressure = field * float(excess) / wall.projected
    loss = to_si("compacted_loss_percent", model.compacted_loss_percent)
    compaction = pressure / (pressure + to_si("yield_stress_Pa", model.yield_stress_Pa))
    return Held(grip * taken, grip * loss * compaction)


def holding_on(diameter: FloatArray, model: PelletModel) -> FloatArray:
    """Return the share of particles that shear does not tear off a wall, or off one another, 1/(1 + d/d_c).

    Parameters
    ----------
    diameter : ndarray of any shape [m]
    model : PelletModel

    Returns
    -------
    ndarray, same shape [-]

    Notes
    -----
    Adhesion grows with the diameter, the drag of a flow along the wall with its square (O'Neill 1968).
    """
    share: FloatArray = 1.0 / (1.0 + diameter / to_si("detachment_diameter_nm", model.detachment_diameter_nm))
    return share


def stirred_up(diameter: FloatArray, model: PelletModel) -> FloatArray:
    """Return the share of a pellet that goes off with the supernatant when it is decanted.

    Parameters
    ----------
    diameter : ndarray, shape (n_classes,) [m]
    model : PelletModel

    Returns
    -------
    ndarray, shape (n_classes,) [-]
        Between that of small and that of large particles.

    Examples
    --------
    >>> stirred_up(np.array([100e-9, 2.4e-6]), PelletModel()).round(3).tolist()
    [0.038, 0.094]
    """
    small, large = (
        to_si("stirred_percent", model.stirred_percent),
        to_si("stirred_percent", model.stirred_large_percent),
    )
    return large + (small - large) * holding_on(diameter, model)
