"""Which steps have the figures of precipitation."""

from __future__ import annotations

from typing import Any


def precipitates(method: Any) -> bool:
    """Return whether a method precipitates.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> precipitates(Aliquot(volume_mL=1))
    False
    """
    return bool(method.technique == "precipitation")
