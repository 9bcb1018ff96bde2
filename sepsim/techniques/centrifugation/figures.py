"""Which steps of centrifugation have which figures, by their settings."""

from __future__ import annotations

from typing import Any


def spins_plainly(method: Any) -> bool:
    """Return whether a method spins without a gradient or a cushion.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.techniques.centrifugation.centrifugation import Centrifugation
    >>> spins_plainly(Centrifugation(rotor="SW 28", speed_rpm=20_000, time_min=60))
    True
    """
    return method.technique == "centrifugation" and method.cushion is None


def spins_in_gradient(method: Any) -> bool:
    """Return whether a method spins in a gradient or on a cushion.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.techniques.centrifugation.centrifugation import Centrifugation
    >>> spins_in_gradient(Centrifugation(rotor="SW 28", speed_rpm=20_000, time_min=60))
    False
    """
    return method.technique == "density_gradient" or (
        method.technique == "centrifugation" and method.cushion is not None
    )
