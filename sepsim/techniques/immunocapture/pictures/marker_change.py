"""Antigens of vesicles before and after capture: beads change the profile of what they take and what they leave."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import AxesArray, grid, new_figure, tidy, together, wrapped
from sepsim.drawing.palette import COLORS, label
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.samples.sample import Sample
from sepsim.techniques.immunocapture.pictures.capture_course import capture_of
from sepsim.text.sentences import listed

Measure = Callable[[FloatArray, FloatArray], float]  # of copies and numbers of the rows


def marker_change(step: StepResult, population: str | None = None) -> AxesArray:
    """Draw the antigens of a population in the load, in what the beads took, and in what they left.

    On the left the share of the particles in strata that carry each antigen, on the right the mean copies per particle.
    Give `follow` to a step to see more antigens than those that its beads bind.

    Parameters
    ----------
    step : StepResult
        Of immunocapture.
    population : str, optional
        Default the target.

    Returns
    -------
    ndarray of Axes, shape (2,)

    Raises
    ------
    InputError
        If the step captures nothing on beads, or the population was not there.

    Examples
    --------
    >>> import sepsim
    >>> beads = {"method": "immunocapture", "beads": "M-280", "beads_per_mL": 1e8, "antigen": "CD9",
    ...          "incubation_min": 30, "follow": ["CD63"], "keep": "bound"}
    >>> urine = {"source": "urine", "volume_mL": 1, "size_bins": 3, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [beads]}).run()
    >>> [text.get_text() for text in marker_change(run.bench[0])[0].get_xticklabels()]
    ['CD9', 'CD63']
    """
    done = capture_of(step)
    name = population or step.target
    if not done.load.by_population.get(name):
        raise InputError(f"population = {name!r}: was not loaded; there are: {', '.join(done.load.by_population)}")
    taken = step.method.fraction_names[0]
    shown = {"load": done.load, taken: step.outcome.fractions[taken], "unbound": step.outcome.fractions["unbound"]}
    antigens = step.method.antigens
    figure = new_figure(11.5, 5.0)
    axes = [figure.add_subplot(1, 2, place) for place in (1, 2)]
    _bars(axes[0], shown, antigens, name, _carriers)
    _bars(axes[1], shown, antigens, name, _copies)
    title = f"{label(name).capitalize()}, beads against {listed(done.antigens)}: {wrapped(step.name, 40)}"
    tidy(axes[0], title=title, x="antigen", y="in strata that carry it [%]")
    tidy(axes[1], title="", x="antigen", y="mean copies per particle [-]")
    axes[0].set_ylim(0.0, 104.0)
    axes[1].legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=12)
    return together(axes)


def _bars(ax: Axes, shown: dict[str, Sample], antigens: tuple[str, ...], population: str, measure: Measure) -> None:
    width = 0.8 / len(shown)
    for place, ((name, sample), color) in enumerate(zip(shown.items(), COLORS, strict=False)):
        variants, counts = sample.particles.variants, _of(sample, population)
        assert variants is not None  # by `capture`
        heights = [measure(variants.copies_of(antigen), counts) for antigen in antigens]
        ax.bar(np.arange(len(antigens)) + (place - 1) * width, heights, width, color=color, label=name)
    ax.set_xticks(range(len(antigens)), antigens)
    grid(ax)


def _of(sample: Sample, population: str) -> FloatArray:
    """Return the numbers of one population, shape (n_classes,)."""
    table = sample.particles
    numbers: FloatArray = sample.counts * (table.population == table.names.index(population))
    return numbers


def _carriers(copies: FloatArray, counts: FloatArray) -> float:
    return 100.0 * float(counts @ (copies > 0)) / max(float(counts.sum()), 1e-300)


def _copies(copies: FloatArray, counts: FloatArray) -> float:
    return float(counts @ copies) / max(float(counts.sum()), 1e-300)
