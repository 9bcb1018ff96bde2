"""The spectrometer of which a picture is drawn: itself, its design, or the step that used it."""

from __future__ import annotations

from typing import Any

from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.techniques.mass_spectrometry.mass_spectrometry import MassSpectrometry
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import Design
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import Spectrometer

Instrument = Spectrometer | Design | StepResult


def design_of(instrument: Any) -> Any:
    """Return an instrument, or that which a step used.

    Parameters
    ----------
    instrument : Spectrometer, design or StepResult

    Returns
    -------
    Spectrometer or design

    Raises
    ------
    InputError
        If it is nothing of these, or a step of another technique.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> design_of(NierJohnson()).order
    'EB'
    """
    if not isinstance(instrument, StepResult):
        if not isinstance(instrument, (Spectrometer, Design)):
            raise InputError(f"{type(instrument).__name__}: must be a spectrometer, its design or a step with one")
        return instrument
    if not isinstance(instrument.method, MassSpectrometry) or instrument.method.mode != "peptide":
        raise InputError(f"step {instrument.name!r}: deflects no ions; choose mass spectrometry of peptides")
    return instrument.method.instrument


def spectrometer_of(instrument: Any) -> Spectrometer:
    """Return the spectrometer of an instrument.

    Parameters
    ----------
    instrument : Spectrometer, design or StepResult

    Returns
    -------
    Spectrometer

    Raises
    ------
    InputError
        As `design_of`.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> len(spectrometer_of(NierJohnson()).elements) > 3
    True
    """
    design = design_of(instrument)
    found: Spectrometer = design.spectrometer if isinstance(design, Design) else design
    return found
