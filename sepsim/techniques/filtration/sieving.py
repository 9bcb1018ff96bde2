"""How particles meet the pores of a membrane: sieved, pressed in, burst, or closing the mouth.

A rigid particle that is smaller than a pore is hindered; one that is larger closes it. A vesicle becomes a narrower
capsule of the same volume as its membrane stretches, as far as the pressure and the tension of lysis allow, and is
hindered as that capsule. Where even this does not fit, the vesicle is drawn into the mouth as into a micropipette; if
the tension there reaches that of lysis, it bursts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.settings import Settings, number, settings
from sepsim.techniques.filtration.membranes.hindrance import hindered_convection, hindered_diffusion
from sepsim.techniques.filtration.membranes.pores import PoreDistribution
from sepsim.units import to_si

PORE_SIZES = 60  # that a run tells apart
NODES = 6  # in each, for the means of the hindrance

_RATIOS = np.linspace(1.0, 0.2, 4001)  # radius of a capsule over that of the sphere
_STRAINS = 2.0 / (3.0 * _RATIOS) + _RATIOS**2 / 3.0 - 1.0


@settings
class VesicleSkin(Settings):
    """How the membrane of vesicles gives way.

    Parameters
    ----------
    lysis_tension_mN_m : float [mN/m]
        At which it breaks; 3 to 10 are published, 6 is a choice.
    stretch_modulus_mN_m : float [mN/m]
        Tension over relative growth of the area; 240 is that of fluid phosphatidylcholine bilayers.
    thickness_nm : float [nm]
        Of the shell; the tension acts in its middle. 6, as in the core-shell model of density.
    spare_area_percent : float [%]
        Area beyond that of a sphere, which costs no tension; 0 by default.

    Notes
    -----
    Rawicz et al. 2000, doi 10.1016/S0006-3495(00)76295-3.

    Examples
    --------
    >>> round(VesicleSkin(lysis_tension_mN_m=9).lysis_tension, 6)
    0.009
    """

    lysis_tension_mN_m: float = number(default=6.0, above=0, help="tension at which a vesicle bursts")
    stretch_modulus_mN_m: float = number(default=240.0, above=0, help="tension over relative growth of its area")
    thickness_nm: float = number(default=6.0, minimum=0, help="thickness of the shell, half of which narrows a pore")
    spare_area_percent: float = number(default=0.0, minimum=0, maximum=100, help="area beyond that of a sphere")

    @property
    def lysis_tension(self) -> float:
        """Tension of lysis [N/m]."""
        return to_si("lysis_tension_mN_m", self.lysis_tension_mN_m)

    @property
    def stretch_modulus(self) -> float:
        """Tension over relative growth of the area [N/m]."""
        return to_si("stretch_modulus_mN_m", self.stretch_modulus_mN_m)

    @property
    def middle(self) -> float:
        """Depth of the middle of the shell [m]."""
        return 0.5 * to_si("thickness_nm", self.thickness_nm)

    @property
    def spare_area(self) -> float:
        """Area beyond that of a sphere, over it [-]."""
        return to_si("spare_area_percent", self.spare_area_percent)


class PorePassage(NamedTuple):
    """What happens to particles in each pore size; arrays of shape (n particles, m pore sizes) [-].

    Attributes
    ----------
    convection, diffusion : ndarray
        Hindrance coefficients W and H.
    lysis : ndarray
        Share of what comes to the mouth that bursts.
    blocks : ndarray
        Share of the pores that a particle closes.
    """

    convection: FloatArray
    diffusion: FloatArray
    lysis: FloatArray
    blocks: FloatArray


class FlowPassage(NamedTuple):
    """What happens to particles in the mean over the flow; arrays of shape (n particles,) [-].

    Attributes
    ----------
    convection : ndarray
        Hindrance coefficient W.
    lysis, blocks : ndarray
        Shares of what comes to the mouths that burst, and that close their pores.
    """

    convection: FloatArray
    lysis: FloatArray
    blocks: FloatArray


def capsule_ratio(strain: FloatArray) -> FloatArray:
    """Return how narrow a sphere becomes as a capsule of the same volume whose area is larger by a strain.

    2/(3x) + x^2/3 = 1 + strain, with x the radius of the capsule over that of the sphere: a cylinder with round ends.

    Parameters
    ----------
    strain : ndarray [-]
        At least 0; up to 2.3.

    Returns
    -------
    ndarray, same shape [-]

    Notes
    -----
    Bertrand & Joos 2012, doi 10.1103/PhysRevE.85.011910: volume and largest area set the size after extrusion.

    Examples
    --------
    >>> round(float(capsule_ratio(np.array(0.03))), 3)
    0.837
    """
    return np.interp(np.sqrt(strain), np.sqrt(_STRAINS), _RATIOS)


def entry_pressure(tension: float, pore_radius: FloatArray, radius: FloatArray) -> FloatArray:
    """Return the pressure that draws a vesicle into a narrower pore at a tension: 2 T (1/r_p - 1/R).

    Parameters
    ----------
    tension : float [N/m]
    pore_radius, radius : ndarray [m]

    Returns
    -------
    ndarray [Pa]
        0 where the vesicle is the narrower one.

    Notes
    -----
    The law of Laplace at both ends of a vesicle that is drawn into a pipette.

    Examples
    --------
    >>> round(float(entry_pressure(6e-3, np.array(10e-9), np.array(50e-9))) / 1e5, 1)  # bar
    9.6
    """
    return np.maximum(2.0 * tension * (1.0 / pore_radius - 1.0 / radius), 0.0)


def squeezed(radius: FloatArray, pressure: float, skin: VesicleSkin) -> FloatArray:
    """Return the radius of the narrowest capsule into which a pressure can squeeze vesicles without bursting them.

    A capsule of x times the radius R has the tension T(x) = K (2/(3x) + x^2/3 - 1 - spare), which holds the pressure
    2 T (1/x - 1)/R. It becomes as narrow as the pressure or the tension of lysis allows.

    Parameters
    ----------
    radius : ndarray, shape (n,) [m]
    pressure : float [Pa]
    skin : VesicleSkin

    Returns
    -------
    ndarray, shape (n,) [m]
        Rises with the radius.

    Examples
    --------
    >>> vesicle = np.array([100e-9])
    >>> [round(1e9 * float(squeezed(vesicle, p, VesicleSkin())[0]), 1) for p in (0.0, 1e3, 1e6)]
    [100.0, 94.3, 85.0]
    """
    tension = skin.stretch_modulus * np.maximum(_STRAINS - skin.spare_area, 0.0)
    held = 2.0 * tension * (1.0 / _RATIOS - 1.0)  # pressure times radius
    by_pressure = np.interp(pressure * radius, held, _RATIOS)
    by_tension = capsule_ratio(np.array(skin.lysis_tension / skin.stretch_modulus + skin.spare_area))
    return radius * np.maximum(by_pressure, by_tension)


def pore_passage(
    radius: FloatArray, vesicle: npt.NDArray[np.bool_], pores: PoreDistribution, pressure: float, skin: VesicleSkin
) -> PorePassage:
    """Return what happens to particles in each of `PORE_SIZES` pore sizes under a pressure.

    Parameters
    ----------
    radius : ndarray, shape (n,) [m]
        Hydrodynamic radius.
    vesicle : ndarray of bool, shape (n,) [-]
        Which particles stretch.
    pores : PoreDistribution
    pressure : float [Pa]
        Across the membrane.
    skin : VesicleSkin

    Returns
    -------
    PorePassage
    """
    ratio, burst, closed, share = _met(radius, vesicle, pores, pressure, skin)
    return PorePassage(
        *(_means(values, share) for values in (hindered_convection(ratio), hindered_diffusion(ratio), burst, closed))
    )


def flow_passage(
    radius: FloatArray, vesicle: npt.NDArray[np.bool_], pores: PoreDistribution, pressure: float, skin: VesicleSkin
) -> FlowPassage:
    """Return what happens to particles under a pressure in the mean over the flow through all pores.

    Parameters
    ----------
    radius : ndarray, shape (n,) [m]
        Hydrodynamic radius.
    vesicle : ndarray of bool, shape (n,) [-]
        Which particles stretch.
    pores : PoreDistribution
    pressure : float [Pa]
        Across the membrane.
    skin : VesicleSkin

    Returns
    -------
    FlowPassage

    Examples
    --------
    >>> equal = PoreDistribution(median_radius=50e-9)
    >>> found = flow_passage(np.array([25e-9, 60e-9]), np.array([False, False]), equal, 1e5, VesicleSkin())
    >>> found.convection.round(3).tolist(), found.blocks.round(3).tolist()
    ([0.336, 0.0], [0.0, 1.0])
    """
    ratio, burst, closed, share = _met(radius, vesicle, pores, pressure, skin)
    return FlowPassage(hindered_convection(ratio) @ share, burst @ share, closed @ share)


def _met(
    radius: FloatArray, vesicle: npt.NDArray[np.bool_], pores: PoreDistribution, pressure: float, skin: VesicleSkin
) -> tuple[FloatArray, npt.NDArray[np.bool_], npt.NDArray[np.bool_], FloatArray]:
    """Return how particles meet the pores at all nodes: ratio of radii, what bursts, what closes, share of the flow."""
    fine, share = pores.bins(PORE_SIZES * NODES)
    pore, size = fine[None, :], radius[:, None]
    ratio = np.where(vesicle, squeezed(radius, pressure, skin), radius)[:, None] / pore
    stuck = vesicle[:, None] & (ratio >= 1.0) & (pore > skin.middle)
    least = entry_pressure(
        skin.lysis_tension, np.maximum(pore - skin.middle, 1e-12), np.maximum(size - skin.middle, 1e-12)
    )
    burst = stuck & (least <= pressure)
    return ratio, burst, (ratio >= 1.0) & ~burst, share


def flow_shares(pores: PoreDistribution) -> tuple[FloatArray, FloatArray]:
    """Return radius [m] and share of the flow [-] of the pore sizes, each of shape (`PORE_SIZES`,).

    Parameters
    ----------
    pores : PoreDistribution

    Returns
    -------
    radius, share : ndarray
    """
    fine, share = pores.bins(PORE_SIZES * NODES)
    total = share.reshape(PORE_SIZES, NODES).sum(axis=1)
    return np.exp(_means(np.log(fine)[None, :], share)[0]), total


def _means(values: FloatArray | npt.NDArray[np.bool_], share: FloatArray) -> FloatArray:
    """Return the flow-weighted mean over the nodes of each pore size."""
    shape = (values.shape[0], PORE_SIZES, NODES)
    weighted = np.reshape(values * share, shape).sum(axis=2)
    return np.ascontiguousarray(weighted / share.reshape(PORE_SIZES, NODES).sum(axis=1))
