"""Whose serum a sample holds, where nobody says so: by the name of its medium."""

from __future__ import annotations

from sepsim.media import Medium

HUMAN_FLUIDS = ("plasma", "serum", "urine", "cerebrospinal", "milk", "saliva")


def serum_of(medium: Medium) -> str | None:
    """Return whose serum proteins a medium holds, by its name and the names of its fluids.

    What a sample is prepared in decides once, and its particles keep it. Conditioned medium and other media with serum
    are taken to hold that of a calf; plasma, serum, urine and other fluids of the body to be human.

    Parameters
    ----------
    medium : Medium
        Of a mixture the fluid with the largest share that tells decides.

    Returns
    -------
    str or None
        "human", "bovine", or None if no name tells.

    Examples
    --------
    >>> from sepsim.media import fluid
    >>> [serum_of(Medium.pure(fluid(name), 293.15)) for name in ("conditioned medium with serum", "serum", "PBS")]
    ['bovine', 'human', None]
    """
    for name in (medium.label, *(each.name for each, _ in medium.components)):
        words = name.casefold()
        if "serum-free" in words:
            continue
        if any(sign in words for sign in ("conditioned medium", "bovine", "calf")) or (
            "medium" in words and "serum" in words
        ):
            return "bovine"
        if any(sign in words for sign in HUMAN_FLUIDS):
            return "human"
    return None
