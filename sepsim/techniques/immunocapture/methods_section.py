"""What the methods section of a paper says of a capture: beads and antibody, incubation, washes, elution.

What a simulation assumes beyond that, such as bead losses and constants of binding, is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sepsim.media import in_words
from sepsim.text.sentences import as_given, at_temperature, listed, sentences, time_in_words
from sepsim.text.tables import counted, scientific

if TYPE_CHECKING:
    from sepsim.techniques.immunocapture.immunocapture import Immunocapture


def immunocapture_sentences(method: Immunocapture, treated: str) -> str:
    """Return what a methods section says of a capture.

    Parameters
    ----------
    method : Immunocapture
    treated : str
        Such as ``"the sample"``.

    Returns
    -------
    str

    Examples
    --------
    >>> from sepsim.techniques.immunocapture.immunocapture import Immunocapture
    >>> step = Immunocapture(beads="M-280", bead_mg=1, ligand="VHH", antigen="CD81", incubation_min=60)
    >>> immunocapture_sentences(step, "the sample").split(". ")[1]
    'The beads were collected with a tube magnet and washed 3 times with 1 mL of PBS for 5 min each'
    """
    return sentences([_incubation(method, treated), _washing(method), _elution(method)])


def _incubation(method: Immunocapture, treated: str) -> str:
    amount = (
        f"{scientific(method.beads_per_mL)} per mL of"
        if method.beads_per_mL is not None
        else f"{as_given(method.bead_mg or 0.0)} mg of"
    )
    ligand = method.ligand.name
    if method.ligand.target is None:
        ligand = f"{ligand} against {listed(method.captured_antigens)}"
    beads = f"{amount} {method.beads.name!r} beads ({as_given(method.beads.diameter_um)} um) that carried {ligand}"
    time = time_in_words(method.incubation_min)
    return f"{treated} was incubated with {beads} for {time}{at_temperature(method.temperature_C)}{_mixing(method)}"


def _mixing(method: Immunocapture) -> str:
    if method.shear_rate_per_s is not None:
        return f", mixed at a shear rate of {as_given(method.shear_rate_per_s)} per s"
    turning = 20.0 if method.rotation_rpm is None else method.rotation_rpm
    return f", rotating at {as_given(turning)} rpm" if turning else ", without mixing"


def _washing(method: Immunocapture) -> str:
    collected = f"the beads were collected with a {method.magnet.name}"
    if not method.washes:
        return collected
    volume = f"{as_given(method.wash_volume_mL)} mL of {in_words(method.wash_medium)}"
    times = counted(method.washes, "time")
    return f"{collected} and washed {times} with {volume} for {time_in_words(method.wash_min)} each"


def _elution(method: Immunocapture) -> str:
    volume = f"{as_given(method.final_volume_mL)} mL"
    if method.elution is None:
        return f"the beads were taken up in {volume} of {in_words(method.wash_medium)}"
    time = time_in_words(method.elution.time_min)
    return f"bound particles were eluted in {volume} by {method.elution.name!r} for {time}"
