"""Which steps have the figures of chromatography."""

from __future__ import annotations

from typing import Any


def elutes(method: Any) -> bool:
    """Return whether a method runs a sample through a column.

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
    return bool(method.technique == "chromatography")
