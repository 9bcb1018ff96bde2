"""Which steps of mass spectrometry have which figures, by their settings."""

from __future__ import annotations

from typing import Any


def deflects(method: Any) -> bool:
    """Return whether a method deflects the ions of peptides in a sector instrument.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.mass_spectrometry import MassSpectrometry
    >>> deflects(MassSpectrometry())
    True
    """
    return bool(method.technique == "mass_spectrometry" and method.mode == "peptide")


def scans(method: Any) -> bool:
    """Return whether peaks pass over a slit, and not onto a plate.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.mass_spectrometry import MassSpectrometry
    >>> scans(MassSpectrometry(mattauch_herzog={}))
    False
    """
    return deflects(method) and method.mattauch_herzog is None


def records_on_plate(method: Any) -> bool:
    """Return whether all masses are in focus on a plate.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.mass_spectrometry import MassSpectrometry
    >>> records_on_plate(MassSpectrometry(mattauch_herzog={}))
    True
    """
    return deflects(method) and method.mattauch_herzog is not None


def weighs(method: Any) -> bool:
    """Return whether a method weighs whole particles by charge detection.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.mass_spectrometry import MassSpectrometry
    >>> weighs(MassSpectrometry(mode="intact"))
    True
    """
    return bool(method.technique == "mass_spectrometry" and method.mode == "intact")
