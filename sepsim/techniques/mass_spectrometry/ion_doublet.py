"""Whether an instrument tells two ions of nearly one mass apart, such as CO and N2."""

from __future__ import annotations

import math
from typing import NamedTuple

from sepsim.constants import DALTON_KG
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.ion_spectrum import instrument_peak
from sepsim.techniques.mass_spectrometry.ions.isotopes import cation_mass, monoisotopic_mass
from sepsim.techniques.mass_spectrometry.mass_spectrum import doublet
from sepsim.techniques.mass_spectrometry.peak_profile import ResolvingPower
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import Design
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import Spectrometer

SAME_MASS = 1e-12  # relative difference of masses that are sums of the same isotopes in another order


class IonDoublet(NamedTuple):
    """Two equally abundant ions in an instrument.

    Attributes
    ----------
    mz : tuple of two float [Da]
    needed : float [-]
        Resolving power m / dm that would just do, with m the heavier.
    reached : ResolvingPower
        By both definitions; that of the 10 % valley is to be compared with what is needed.
    valley : float [-]
        Lowest signal between the peaks over the height of the lower one; 1 if there is one peak only.
    resolved : bool
        Whether the valley is at most 10 %.
    """

    mz: tuple[float, float]
    needed: float
    reached: ResolvingPower
    valley: float
    resolved: bool


def doublet_mz(first: str, second: str) -> tuple[float, float]:
    """Return the m/z of the singly charged cations of two formulas.

    Parameters
    ----------
    first, second : str
        Formulas of the neutral molecules, of which one electron is taken.

    Returns
    -------
    tuple of two float [Da]

    Raises
    ------
    InputError
        If a formula is wrong, or both weigh the same.

    Examples
    --------
    >>> [round(mz, 4) for mz in doublet_mz("CO", "N2")]
    [27.9944, 28.0056]
    """
    one, other = (float(cation_mass(monoisotopic_mass(formula), 1)) / DALTON_KG for formula in (first, second))
    if math.isclose(one, other, rel_tol=SAME_MASS):
        raise InputError(f"{first!r} and {second!r}: the ions are equal, of m/z {one:.6f}; give two that differ")
    return one, other


def ion_doublet(first: str, second: str, instrument: Spectrometer | Design) -> IonDoublet:
    """Return whether an instrument tells the singly charged cations of two formulas apart.

    Parameters
    ----------
    first, second : str
        Formulas of the neutral molecules, such as ``CO`` or ``[87Rb]``, of which one electron is taken.
    instrument : Spectrometer or design

    Returns
    -------
    IonDoublet

    Raises
    ------
    InputError
        If a formula is wrong, both weigh the same, or no ion reaches the detector.

    Examples
    --------
    >>> import sepsim
    >>> narrow = sepsim.NierJohnson(source={"slit_um": 30}, detector={"slit_um": 30})
    >>> [round(ion_doublet("CO", "N2", each).valley, 2) for each in (sepsim.NierJohnson(), narrow)]
    [0.97, 0.0]
    """
    mz = doublet_mz(first, second)
    peak = instrument_peak(instrument)
    found = doublet(*mz, peak.profile, peak.dispersion)
    return IonDoublet(mz, found.needed, peak.power, found.valley, found.resolved)
