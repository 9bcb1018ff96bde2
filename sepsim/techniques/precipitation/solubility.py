"""How much of small solutes stays dissolved: proteins, and lipoproteins too small for depletion.

With w the polymer in % w/v, I the ionic strength of ammonium sulfate, eps the permittivity and r the Stokes radius::

    log10 S = beta - K w - Ks I - A (1/eps - 1/eps_water),    S in g/L
    K  = K_albumin (r/3.5 nm)^p,     K_albumin = 0.09 to 0.27 per % w/v of 400 to 20,000 g/mol
    Ks = Ks_albumin (r/3.5 nm)^q,    A = A_albumin (r/3.5 nm)^p
    beta = beta_neutral + b |pH - pI| + s sign(pH - pI) log10(I_salt/0.15 M)

K does not depend on pH, salt or temperature, and dilution moves the midpoint of a curve and not its slope, as is
measured (Atha & Ingham 1981; Ingham 1978). What comes down of a population of concentration c is max(0, 1 - S/c).

Sources: Atha & Ingham 1981, J. Biol. Chem. 256, 12108; Ingham 1978, Arch. Biochem. Biophys. 186, 106; Cohn 1925 for the
law of salting out. The other constants are choices with bands (``data/precipitation_model.csv``).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.media import Polymer
from sepsim.media.electrolyte import SALINE
from sepsim.techniques.precipitation.precipitation_model import PrecipitationModel
from sepsim.units import to_si

ALBUMIN_RADIUS_M = 3.5e-9
SLOPES = ((400.0, 0.09), (20_000.0, 0.27))  # per % w/v, at g/mol: Atha & Ingham 1981, abstract
CHARGED_REACH = 4.0  # units of pH away from the isoelectric point, beyond which charge counts no more


class Brine(NamedTuple):
    """What lowers solubilities in a liquid.

    Attributes
    ----------
    pH : float [-]
    ionic_strength : float [mol/m3]
        Of all salts.
    salting_out : float [mol/m3]
        Ionic strength of ammonium sulfate alone.
    inverse_permittivity : float [-]
        1/eps less that of water.
    polymer : Polymer or None
    concentration : float [kg/m3]
        Of the polymer.
    """

    pH: float
    ionic_strength: float
    salting_out: float = 0.0
    inverse_permittivity: float = 0.0
    polymer: Polymer | None = None
    concentration: float = 0.0


def albumin_slope(molar_mass: float) -> float:
    """Return by how much log10 of the solubility of albumin falls for each % w/v of polyethylene glycol.

    Linear in the logarithm of the molar mass between the two ends that were measured, and beyond them constant.

    Parameters
    ----------
    molar_mass : float [kg/mol]
        Of the polymer.

    Returns
    -------
    float [1/(% w/v)]

    Examples
    --------
    >>> [round(albumin_slope(mass), 3) for mass in (0.4, 6.0, 20.0)]
    [0.09, 0.215, 0.27]
    """
    masses, slopes = zip(*SLOPES, strict=True)
    return float(np.interp(math.log(1e3 * molar_mass), np.log(masses), slopes))


def log_solubility(radius: FloatArray, isoelectric: FloatArray, brine: Brine, model: PrecipitationModel) -> FloatArray:
    """Return the logarithm to base ten of the solubility in g/L.

    Parameters
    ----------
    radius, isoelectric : ndarray, shape (n,) [m], [-]
        Stokes radius and isoelectric point of each solute.
    brine : Brine
    model : PrecipitationModel

    Returns
    -------
    ndarray, shape (n,) [-]

    Examples
    --------
    Albumin and IgG in 10 % w/v of PEG 6000 at pH 7.4: one stays, the other comes down.

    >>> peg = Brine(pH=7.4, ionic_strength=150.0, polymer=Polymer("PEG", 6.0), concentration=100.0)
    >>> found = log_solubility(np.array([3.5e-9, 5.3e-9]), np.array([4.6, 7.0]), peg, PrecipitationModel())
    >>> (10**found).round(1).tolist()
    [567.5, 0.5]
    """
    away = brine.pH - isoelectric
    charge = model.charge_log_solubility * np.minimum(np.abs(away), CHARGED_REACH)
    screening = model.salt_log_solubility * np.sign(away) * math.log10(max(brine.ionic_strength, 1.0) / SALINE)
    size = radius / ALBUMIN_RADIUS_M
    slope = 0.0
    if brine.polymer is not None:
        percent = brine.concentration / to_si("peg_percent_w_v", 1.0)
        slope = model.albumin_slope_factor * albumin_slope(brine.polymer.molar_mass) * percent
    solvent = model.solvent_log_per_permittivity * max(brine.inverse_permittivity, 0.0)
    salt = to_si("salting_out_per_M", model.salting_out_per_M) * brine.salting_out
    lowered = (slope + solvent) * size**model.size_exponent + salt * size**model.salting_out_exponent
    solubility: FloatArray = model.neutral_log_solubility + charge + screening - lowered
    return solubility


def precipitated_share(log_solubility: FloatArray, concentration: FloatArray) -> FloatArray:
    """Return the share that comes down of solutes of a concentration.

    Parameters
    ----------
    log_solubility : ndarray, shape (n,) [-]
        To base ten, of g/L.
    concentration : ndarray, shape (n,) [kg/m3]

    Returns
    -------
    ndarray, shape (n,) [-]

    Examples
    --------
    >>> precipitated_share(np.array([0.0, 0.0]), np.array([0.5, 4.0])).tolist()
    [0.0, 0.75]
    """
    dissolved = 10.0 ** np.clip(log_solubility, -300.0, 300.0)
    share: FloatArray = 1.0 - np.divide(dissolved, concentration, out=np.ones_like(dissolved), where=concentration > 0)
    return share.clip(min=0.0)
