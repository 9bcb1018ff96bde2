"""Which steps have the figures of microfluidics."""

from __future__ import annotations

from typing import Any


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
    return bool(method.technique == "microfluidics" and not method.chip.numbered)
