"""Figures of results; matplotlib loads when the first is drawn.

Each function takes a result, draws into the axes or figure given or else into a new figure, and returns the axes.
In a notebook the axes show their figure when they are the value of a cell. No window opens and no global setting is
touched: save with ``ax.figure.savefig("picture.png", dpi=150)``. `sepsim list figures` names all that the command line
draws; those of techniques of other distributions are here as well.
"""

from __future__ import annotations

from typing import Any

from sepsim.technique import resolve

_HOMES = {
    "PARTICLES_PER_UG": "sepsim.plots.comparison",
    "PARTICLE_PURITY": "sepsim.plots.comparison",
    "PROTEIN_PURITY": "sepsim.plots.comparison",
    "PurityFigure": "sepsim.plots.comparison",
    "enrichment_over": "sepsim.plots.comparison",
    "number_density": "sepsim.plots.sizes",
    "Look": "sepsim.drawing.palette",
    "label": "sepsim.drawing.palette",
    "look": "sepsim.drawing.palette",
    "looks": "sepsim.drawing.palette",
    "MovingPicture": "sepsim.drawing.moving",
    "elisa_curve": "sepsim.techniques.immunocapture.pictures.elisa_curve",
    "with_and_without": "sepsim.techniques.mass_spectrometry.pictures.energy_focus",
}


def __getattr__(name: str) -> Any:
    """Import a figure, or what goes with figures, when it is first used."""
    from sepsim.plots.figures import figures

    if name in _HOMES:
        return resolve(f"{_HOMES[name]}:{name}")
    if (known := figures()) and name in known:
        return resolve(known[name].home)
    raise AttributeError(f"module 'sepsim.plots' has no attribute {name!r}")


def __dir__() -> list[str]:
    from sepsim.plots.figures import figures

    return sorted([*_HOMES, *figures()])
