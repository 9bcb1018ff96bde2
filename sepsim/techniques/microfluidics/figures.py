"""Which steps have the figures of microfluidics."""

from __future__ import annotations

from typing import Any


def passes(method: Any) -> bool:
    """Return whether a method lets a sample through a chip.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> passes(Aliquot(volume_mL=1))
    False
    """
    return bool(method.technique == "microfluidics")


def splits(method: Any) -> bool:
    """Return whether a method lets a sample through a chip with a few outlets.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> splits(Aliquot(volume_mL=1))
    False
    """
    return passes(method) and bool(not method.chip.numbered)


def drives_sizes(method: Any) -> bool:
    """Return whether a method lets a sample through such a chip, and what drives particles tells their sizes apart.

    A magnet beside a plain liquid drives beads alone, which are of one size.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> drives_sizes(Aliquot(volume_mL=1))
    False
    """
    if not splits(method) or method.chip.mechanism != "magnetophoresis":
        return splits(method)
    return bool(method.chip.ferrofluid_percent_v_v or method.chip.susceptibility)


def elutes(method: Any) -> bool:
    """Return whether a method lets a sample through a field-flow fractionation.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> elutes(Aliquot(volume_mL=1))
    False
    """
    return passes(method) and bool(method.chip.mechanism == "field-flow fractionation")


def captures(method: Any) -> bool:
    """Return whether a method lets a sample through a chip whose walls capture particles.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> captures(Aliquot(volume_mL=1))
    False
    """
    return passes(method) and bool(method.chip.mechanism == "wall immunocapture")
