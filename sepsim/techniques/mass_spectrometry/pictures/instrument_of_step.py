"""Pictures of the sector instrument that a step used."""

from __future__ import annotations

from matplotlib.axes import Axes

from sepsim.drawing.canvas import NOT_A_STEP, AxesArray
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.techniques.mass_spectrometry.mass_spectrometry import MassSpectrometry
from sepsim.techniques.mass_spectrometry.pictures.energy_focus import energy_focus, with_and_without
from sepsim.techniques.mass_spectrometry.pictures.focal_plane import focal_plane
from sepsim.techniques.mass_spectrometry.pictures.ion_paths import ion_paths
from sepsim.techniques.mass_spectrometry.pictures.peak_shapes import peak_shapes
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import (
    Design,
    MattauchHerzog,
    NierJohnson,
)


def paths_in_step(step: StepResult) -> Axes:
    """Draw the paths of ions through the instrument of a step.

    Parameters
    ----------
    step : StepResult

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the step is of another technique.
    """
    return ion_paths(_instrument(step))


def peaks_in_step(step: StepResult) -> AxesArray:
    """Draw the scan of the instrument of a step over the doublet of CO and N2.

    Parameters
    ----------
    step : StepResult

    Returns
    -------
    ndarray of Axes

    Raises
    ------
    InputError
        If the step is of another technique.
    """
    return peak_shapes(_instrument(step))


def focus_in_step(step: StepResult) -> AxesArray:
    """Draw how the instrument of a step focuses energies, beside its magnet alone if there is an electric sector first.

    Parameters
    ----------
    step : StepResult

    Returns
    -------
    ndarray of Axes

    Raises
    ------
    InputError
        If the step is of another technique.
    """
    design = _instrument(step)
    if isinstance(design, NierJohnson) and design.order == "EB":
        return energy_focus(with_and_without(design))
    return energy_focus({"instrument of this step": design})


def plate_in_step(step: StepResult) -> AxesArray:
    """Draw the focal plane of the Mattauch-Herzog instrument of a step.

    Parameters
    ----------
    step : StepResult

    Returns
    -------
    ndarray of Axes

    Raises
    ------
    InputError
        If the step is of another technique, or the instrument of another design.
    """
    design = _instrument(step)
    if not isinstance(design, MattauchHerzog):
        raise InputError(f"step {step.name!r}: a {type(design).__name__} has no plate; draw it with ion_paths")
    return focal_plane(design)


def _instrument(step: StepResult) -> Design:
    if not isinstance(step, StepResult):
        raise InputError(NOT_A_STEP)
    if not isinstance(step.method, MassSpectrometry):
        raise InputError(f"step {step.name!r}: {step.technique} has no spectrometer; choose mass spectrometry")
    return step.method.instrument
