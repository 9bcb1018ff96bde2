"""Which steps have the figures of filtration."""

from __future__ import annotations

from typing import Any


def filters(method: Any) -> bool:
    """Return whether a method drives a sample through a membrane.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.techniques.filtration.filtration import Filtration
    >>> filters(Filtration())
    True
    """
    return method.technique in ("ultrafiltration", "filtration")
