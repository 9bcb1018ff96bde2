"""Isotope patterns: how the molecules of one formula spread over masses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.constants import DALTON_KG
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.ions.isotopes import Formula, Isotopes, atoms_of, isotopes

_TAIL = 1e-16  # of the largest share; what is cut off from the tails of a pattern


@dataclass(frozen=True, slots=True, eq=False)
class IsotopePattern:
    """The isotopic peaks of a neutral species: all isotopologues of one mass number taken together.

    Attributes
    ----------
    mass_number : ndarray of int, shape (n,) [-]
    mass : ndarray, shape (n,) [kg]
        Mean mass of the isotopologues of each mass number.
    share : ndarray, shape (n,) [-]
        Sums to 1.
    """

    mass_number: npt.NDArray[np.int64]
    mass: FloatArray
    share: FloatArray

    @property
    def mean(self) -> float:
        """Mean mass [kg]: the average mass of the formula."""
        return float(self.mass @ self.share)

    def above(self, least_share: float) -> IsotopePattern:
        """Return the peaks of at least a share of the largest [-], whose shares sum to less than 1."""
        kept = self.share >= least_share * self.share.max()
        return IsotopePattern(self.mass_number[kept], self.mass[kept], self.share[kept])


def isotope_pattern(formula: str | Formula) -> IsotopePattern:
    """Return the isotopic peaks of a neutral species, by mass number.

    The pattern of n atoms is the n-fold convolution of that of one, by repeated squaring; along with the share p of
    each mass number its mean departure from whole steps of mass is carried: (p q)' = p' q + p q'. Every power is a
    distribution of its own and loses tails below 1e-16 of its peak, so that nothing underflows at any size.

    Parameters
    ----------
    formula : str or mapping of str to int
        Of up to 1e8 atoms of an element.

    Returns
    -------
    IsotopePattern
        Peaks in order of mass, about 1.003 Da apart in organic matter.

    Raises
    ------
    InputError
        If it is no formula, or an element is not in the table.

    Notes
    -----
    Isotopologues of one mass number lie within some mDa of one another; `fine_structure` tells them apart.

    Examples
    --------
    >>> chlorine = isotope_pattern("Cl2")
    >>> (chlorine.mass / DALTON_KG).round(3), chlorine.share.round(3)
    (array([69.938, 71.935, 73.932]), array([0.574, 0.367, 0.059]))
    """
    whole = _Peaks(0, np.ones(1), np.zeros(1))
    for symbol, number in atoms_of(formula).items():
        whole = whole.with_atoms(_one_atom(isotopes(symbol)).power(number))
    filled = whole.share > 0
    number_of_mass = whole.first + np.flatnonzero(filled)
    share = whole.share[filled]
    mass = (number_of_mass + whole.departure[filled] / share) * DALTON_KG
    return IsotopePattern(number_of_mass, mass, share / share.sum())


def fine_structure(formula: str | Formula, coverage: float = 0.999) -> tuple[FloatArray, FloatArray]:
    """Return the single isotopologues of a neutral species that together make up a share of it.

    Parameters
    ----------
    formula : str or mapping of str to int
    coverage : float [-]
        Share of all molecules, above 0 and below 1; insulin takes 1300 isotopologues for 0.999.

    Returns
    -------
    mass : ndarray, shape (n,) [kg]
        Rising.
    share : ndarray, shape (n,) [-]

    Raises
    ------
    ImportError
        If IsoSpecPy is not installed; names the extra.
    InputError
        If it is no formula, an element is not in the table, or the coverage lies outside its range.

    Notes
    -----
    By IsoSpec, Lacki et al. 2020, doi 10.1021/acs.analchem.0c00959, with the isotopes of this package.
    """
    if not 0 < coverage < 1:
        raise InputError(f"coverage = {coverage!r}: must be above 0 and below 1")
    atoms = atoms_of(formula)
    try:
        import IsoSpecPy
    except ImportError as error:
        raise ImportError("fine_structure needs IsoSpecPy: pip install 'sepsim[massspec]'") from error
    of_elements = [isotopes(symbol) for symbol in atoms]
    peaks = IsoSpecPy.IsoTotalProb(
        prob_to_cover=coverage,
        atomCounts=list(atoms.values()),
        isotopeMasses=[(of.mass / DALTON_KG).tolist() for of in of_elements],
        isotopeProbabilities=[of.abundance.tolist() for of in of_elements],
    )
    mass, share = np.array(list(peaks.masses)) * DALTON_KG, np.array(list(peaks.probs))
    order = np.argsort(mass)
    return mass[order], share[order]


class _Peaks(NamedTuple):
    """Shares by mass number from `first` on, and share times mean departure of the mass from it [Da]."""

    first: int
    share: FloatArray
    departure: FloatArray

    def with_atoms(self, other: _Peaks) -> _Peaks:
        """Return the pattern of both together."""
        share = np.convolve(self.share, other.share)
        departure = np.convolve(self.share, other.departure) + np.convolve(self.departure, other.share)
        kept = np.flatnonzero(share > _TAIL * share.max())
        window = slice(kept[0], kept[-1] + 1)
        return _Peaks(self.first + other.first + int(kept[0]), share[window], departure[window])

    def power(self, number: int) -> _Peaks:
        """Return the pattern of a number of these atoms."""
        product, square = _Peaks(0, np.ones(1), np.zeros(1)), self
        while number:
            if number & 1:
                product = product.with_atoms(square)
            number >>= 1
            if number:
                square = square.with_atoms(square)
        return product


def _one_atom(of: Isotopes) -> _Peaks:
    first = int(of.mass_number[0])
    share = np.zeros(int(of.mass_number[-1]) - first + 1)
    departure = np.zeros_like(share)
    share[of.mass_number - first] = of.abundance
    departure[of.mass_number - first] = of.abundance * (of.mass / DALTON_KG - of.mass_number)
    return _Peaks(first, share, departure)
