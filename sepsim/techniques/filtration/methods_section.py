"""What the methods section of a paper says of a filtration: membrane, what drives it, volumes, washes, buffer.

What a simulation assumes beyond that, such as fouling or what comes off the membrane, is not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sepsim.media import in_words
from sepsim.rotors.rotors import angular_speed_for_rcf
from sepsim.text.sentences import as_given, at_temperature, listed, rounded, sentences, time_in_words
from sepsim.units import from_si, to_si

if TYPE_CHECKING:
    from sepsim.techniques.filtration.filter_settings import FilterSettings
    from sepsim.techniques.filtration.filtration import Filtration
    from sepsim.techniques.filtration.membranes.filter_modules import SpinFilter, TangentialFlow
    from sepsim.techniques.filtration.membranes.membranes import Membrane
    from sepsim.techniques.filtration.ultrafiltration import Ultrafiltration

MICRO_NM = 100.0  # from here on a pore size is written in um


def ultrafiltration_sentences(method: Ultrafiltration, treated: str) -> str:
    """Return what a methods section says of an ultrafiltration.

    Parameters
    ----------
    method : Ultrafiltration
    treated : str
        Such as ``"the sample"``.

    Returns
    -------
    str

    Examples
    --------
    >>> from sepsim.techniques.filtration.ultrafiltration import Ultrafiltration
    >>> step = Ultrafiltration(membrane="Nuclepore 50 nm", dead_end={"pressure_bar": 1}, concentration_factor=10)
    >>> ultrafiltration_sentences(step, "the sample").partition(" through ")[0]
    'The sample was ultrafiltered at 1 bar without stirring'
    """
    rinse = f"each device was rinsed with {as_given(method.rinse_mL)} mL of {in_words(method.buffer)}"
    return sentences(
        [
            f"{treated} was ultrafiltered {_drive(method)} through {_filter(method)}",
            f"it was {listed([*_aims(method)])}",
            rinse if method.rinse_mL > 0 else "",
        ]
    )


def filtration_sentences(method: Filtration, treated: str) -> str:
    """Return what a methods section says of a filtration.

    Parameters
    ----------
    method : Filtration
    treated : str
        Such as ``"the sample"``.

    Returns
    -------
    str

    Examples
    --------
    >>> from sepsim.techniques.filtration.filtration import Filtration
    >>> filtration_sentences(Filtration(pressure_bar=0.5), "the sample").partition(" (")[0]
    "The sample was filtered at 0.5 bar through the membrane 'syringe filter 33 mm, polyethersulfone, 0.22 um'"
    """
    return sentences([f"{treated} was filtered at {as_given(method.pressure_bar)} bar through {_filter(method)}"])


def _filter(method: FilterSettings) -> str:
    """Return through which membrane, in how many devices, at which temperature and for how long."""
    devices = "" if method.devices is None else f" in {method.devices} devices side by side"
    time = "" if method.time_min is None else f" for at most {time_in_words(method.time_min)}"
    return f"{_membrane(method.membrane)}{devices}{at_temperature(method.temperature_C)}{time}"


def _membrane(membrane: Membrane) -> str:
    known = [membrane.device, membrane.material, _rating(membrane), f"{as_given(membrane.area_cm2)} cm2"]
    return f"the membrane {membrane.name!r} ({', '.join(filter(None, known))})"


def _rating(membrane: Membrane) -> str:
    """Return the cut-off with what it was rated by, or the pore size."""
    if membrane.mwco_kDa is not None:
        return f"molecular-weight cut-off {as_given(membrane.mwco_kDa)} kDa, rated with {membrane.rated_with}"
    pores = membrane.pore_diameter_nm or 0.0
    return f"pore size {as_given(pores / 1000.0)} um" if pores >= MICRO_NM else f"pore size {as_given(pores)} nm"


def _drive(method: Ultrafiltration) -> str:
    """Return what drives the liquid."""
    if method.spin_filter is not None:
        return _spin(method.spin_filter)
    if (cell := method.stirred_cell) is not None:
        stirred = f"stirred at {as_given(cell.stirring_rpm)} rpm"
        return f"at {as_given(cell.pressure_bar)} bar in a cell of {as_given(cell.cell_diameter_mm)} mm {stirred}"
    if method.dead_end is not None:
        return f"at {as_given(method.dead_end.pressure_bar)} bar without stirring"
    assert method.tangential_flow is not None  # by `conflicts`
    return _tangential(method.tangential_flow)


def _spin(spin: SpinFilter) -> str:
    speed = angular_speed_for_rcf(spin.rcf_xg, to_si("radius_mm", spin.radius_mm))
    radius = f"at a radius of {as_given(spin.radius_mm)} mm ({rounded(from_si('speed_rpm', speed))} rpm)"
    return f"in a spin filter at {as_given(spin.rcf_xg)} x g {radius}"


def _tangential(flow: TangentialFlow) -> str:
    if flow.flow_mL_min is not None:
        feed = f"a feed of {as_given(flow.flow_mL_min)} mL/min"
    else:
        feed = f"a shear rate of {as_given(flow.shear_rate_per_s or 0.0)} 1/s at the wall"
    fibres = f"fibres {as_given(flow.fibre_diameter_mm)} mm wide and {as_given(flow.fibre_length_mm)} mm long"
    pressure = f"a mean transmembrane pressure of {as_given(flow.pressure_bar)} bar"
    return f"by tangential flow in {fibres} at {pressure} and {feed}"


def _aims(method: Ultrafiltration) -> Iterator[str]:
    """Yield what was done to the volume, in order."""
    if method.concentrate_to_mL is not None:
        yield f"concentrated to {as_given(method.concentrate_to_mL)} mL"
    if method.concentration_factor is not None:
        yield f"concentrated {as_given(method.concentration_factor)}-fold"
    if method.diavolumes is not None:
        how = "continuously" if method.washes is None else f"in {method.washes} equal portions"
        yield f"washed {how} with {as_given(method.diavolumes)} diavolumes of {in_words(method.buffer)}"
    if method.final_volume_mL is not None:
        yield f"concentrated again to {as_given(method.final_volume_mL)} mL"
