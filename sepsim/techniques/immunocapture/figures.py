"""Which steps have the figures of immunocapture."""

from __future__ import annotations

from typing import Any


def captures(method: Any) -> bool:
    """Return whether a method captures particles on beads.

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
    return bool(method.technique == "immunocapture")


def washes(method: Any) -> bool:
    """Return whether a method captures particles on beads and washes them.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> washes(Aliquot(volume_mL=1))
    False
    """
    return captures(method) and method.washes > 0 and method.wash_min > 0
