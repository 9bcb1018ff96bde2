"""Isotopes: exact masses of formulas and of their ions.

A formula is a text such as ``C6H12O6``, ``Fe(CO)5`` or ``[13C]CH4``; a bracket fixes the isotope. Masses are in kg,
exact for the isotopes named or the most abundant ones ("monoisotopic"); 1 Da = 1.66053906660e-27 kg.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.constants import DALTON_KG, ELECTRON_MASS_KG, PROTON_MASS_KG
from sepsim.data import rows
from sepsim.errors import InputError, did_you_mean

Formula = Mapping[str, int]

MOST_ATOMS = 10**8  # of one element in a formula
_TOKEN = re.compile(r"\[(\d+)([A-Z][a-z]?)\]|([A-Z][a-z]?)|(\()|(\))")
_COUNT = re.compile(r"\d*")


class Isotopes(NamedTuple):
    """The isotopes of an element, by rising mass number.

    Attributes
    ----------
    mass_number : ndarray of int, shape (n,) [-]
    mass : ndarray, shape (n,) [kg]
        Of the neutral atom.
    abundance : ndarray, shape (n,) [-]
        Share of the atoms in nature; sums to 1.
    """

    mass_number: npt.NDArray[np.int64]
    mass: FloatArray
    abundance: FloatArray


@cache
def isotopes(element: str) -> Isotopes:
    """Return the isotopes of an element; ``"[13C]"`` is an element of one isotope.

    Parameters
    ----------
    element : str
        Symbol, one of those in the table ``isotopes``.

    Returns
    -------
    Isotopes

    Raises
    ------
    InputError
        If the table lacks it.

    Notes
    -----
    Source: NIST, Atomic Weights and Isotopic Compositions with Relative Atomic Masses.

    Examples
    --------
    >>> isotopes("Cl").mass_number
    array([35, 37])
    >>> isotopes("Cl").abundance.round(4)
    array([0.7576, 0.2424])
    """
    labelled = re.fullmatch(r"\[(\d+)([A-Z][a-z]?)\]", element)
    symbol, wanted = (labelled[2], labelled[1]) if labelled else (element, "")
    of_element = [row for row in rows("isotopes") if row["element"] == symbol]
    found = [row for row in of_element if wanted in ("", row["mass_number"])]
    if not of_element:
        known = sorted({row["element"] for row in rows("isotopes")})
        raise InputError(f"element {symbol!r}: no isotopes in the table{did_you_mean(symbol, known)}; it has {known}")
    if not found:
        have = ", ".join(row["mass_number"] for row in of_element)
        raise InputError(f"isotope {element}: not in the table, which has {have} of {symbol}")
    abundance = np.array([float(row["abundance_percent"]) for row in found])
    read = Isotopes(
        np.array([int(row["mass_number"]) for row in found]),
        np.array([float(row["mass_Da"]) for row in found]) * DALTON_KG,
        abundance / abundance.sum(),
    )
    for column in read:
        column.setflags(write=False)
    return read


def parse_formula(text: str) -> dict[str, int]:
    """Read a formula into numbers of atoms.

    Parameters
    ----------
    text : str
        Symbols with counts, groups in round brackets, and isotopes fixed as ``[13C]``; no charge.

    Returns
    -------
    dict of str to int
        Atoms by symbol, in order of appearance; labelled atoms under their label.

    Raises
    ------
    InputError
        If the text is no formula; names the place.

    Examples
    --------
    >>> parse_formula("Fe(CO)5"), parse_formula("[13C]CH4")
    ({'Fe': 1, 'C': 5, 'O': 5}, {'[13C]': 1, 'C': 1, 'H': 4})
    """
    groups: list[Counter[str]] = [Counter()]
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None or (token[5] and len(groups) == 1):
            raise InputError(f"formula {text!r}: cannot be read from {text[place:]!r}; write it as C6H12O6 or [13C]H4")
        place = token.end()
        if token[4]:
            groups.append(Counter())
            continue
        count = _COUNT.match(text, place)
        assert count is not None
        place, times = count.end(), int(count[0] or 1)
        added = groups.pop() if token[5] else Counter({f"[{token[1]}{token[2]}]" if token[1] else token[3]: 1})
        for symbol, number in added.items():
            groups[-1][symbol] += number * times
    if len(groups) > 1 or not any(groups[0].values()):
        raise InputError(f"formula {text!r}: {'a bracket stays open' if len(groups) > 1 else 'holds no atoms'}")
    return _checked({symbol: number for symbol, number in groups[0].items() if number})


def atoms_of(formula: str | Formula) -> dict[str, int]:
    """Return the numbers of atoms of a formula, read and checked.

    Parameters
    ----------
    formula : str or mapping of str to int

    Returns
    -------
    dict of str to int

    Raises
    ------
    InputError
        If it is no formula, or a number of atoms is not whole and positive.

    Examples
    --------
    >>> atoms_of({"N": 2}), atoms_of("N2")
    ({'N': 2}, {'N': 2})
    """
    return parse_formula(formula) if isinstance(formula, str) else _checked(dict(formula))


def monoisotopic_mass(formula: str | Formula) -> float:
    """Return the mass [kg] of a neutral species of which every atom is the most abundant isotope of its element.

    Parameters
    ----------
    formula : str or mapping of str to int

    Returns
    -------
    float [kg]

    Raises
    ------
    InputError
        If it is no formula, or an element is not in the table.

    Examples
    --------
    >>> round(monoisotopic_mass("CO") / DALTON_KG, 6), round(monoisotopic_mass("N2") / DALTON_KG, 6)
    (27.994915, 28.006148)
    """
    return sum(number * _most_abundant(isotopes(symbol)) for symbol, number in atoms_of(formula).items())


def average_mass(formula: str | Formula) -> float:
    """Return the mean mass [kg] of a neutral species of natural isotopic composition.

    Parameters
    ----------
    formula : str or mapping of str to int

    Returns
    -------
    float [kg]

    Raises
    ------
    InputError
        If it is no formula, or an element is not in the table.

    Examples
    --------
    >>> round(average_mass("C254H377N65O75S6") / DALTON_KG, 2)  # insulin
    5733.5
    """
    atoms = atoms_of(formula).items()
    return sum(number * float(isotopes(symbol).mass @ isotopes(symbol).abundance) for symbol, number in atoms)


def cation_mass(neutral_mass: float | FloatArray, charge: float | npt.NDArray[np.int64]) -> FloatArray:
    """Return the mass of a cation that lost electrons, M^(z+): m = M - z m_e.

    The energy that bound the electrons, below 1e-7 Da each, is left out.

    Parameters
    ----------
    neutral_mass : array_like [kg]
    charge : array_like [-]
        Elementary charges z, positive.

    Returns
    -------
    ndarray [kg]

    Raises
    ------
    InputError
        If a mass or a charge is not positive.

    Examples
    --------
    >>> round(float(cation_mass(monoisotopic_mass("N2"), 1)) / DALTON_KG, 6)
    28.005599
    """
    _check_ions(neutral_mass, charge)
    return np.asarray(neutral_mass - charge * ELECTRON_MASS_KG, dtype=np.float64)


def protonated_mass(neutral_mass: float | FloatArray, charge: float | npt.NDArray[np.int64]) -> FloatArray:
    """Return the mass of an ion that carries protons, [M + zH]^(z+): m = M + z m_p.

    Parameters
    ----------
    neutral_mass : array_like [kg]
    charge : array_like [-]
        Number of protons z, positive.

    Returns
    -------
    ndarray [kg]

    Raises
    ------
    InputError
        If a mass or a charge is not positive.

    Examples
    --------
    >>> glucose = protonated_mass(monoisotopic_mass("C6H12O6"), 1)
    >>> round(float(glucose) / DALTON_KG, 4)
    181.0707
    """
    _check_ions(neutral_mass, charge)
    return np.asarray(neutral_mass + charge * PROTON_MASS_KG, dtype=np.float64)


def _most_abundant(of: Isotopes) -> float:
    return float(of.mass[of.abundance.argmax()])


def _checked(atoms: dict[str, Any]) -> dict[str, int]:
    problems = [
        f"formula: {number!r} atoms of {symbol}; must be a whole number, at least 1 and at most {MOST_ATOMS:.0e}"
        for symbol, number in atoms.items()
        if not isinstance(number, int) or not 1 <= number <= MOST_ATOMS
    ]
    if problems or not atoms:
        raise InputError(*problems or ["formula: holds no atoms"])
    return atoms


def _check_ions(mass: float | FloatArray, charge: float | npt.NDArray[np.int64]) -> None:
    if not np.all(np.asarray(mass) > 0):
        raise InputError("mass: every ion must have a mass above 0")
    if not np.all(np.asarray(charge) > 0):
        raise InputError("charge: every ion must carry a charge above 0; an instrument of positive ions is modelled")
