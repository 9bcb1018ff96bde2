"""Who comes down of what is added: the share of each population against the amount of precipitant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, SMALL_PT, grid, own_or_new, tidy, wrapped
from sepsim.drawing.curves import chosen, draw_lines, legend_beside, loaded, own_lines
from sepsim.drawing.palette import looks
from sepsim.errors import collected_warnings
from sepsim.method import StepResult
from sepsim.samples.sample import Sample
from sepsim.techniques.precipitation.pictures.fates import share_by_population
from sepsim.techniques.precipitation.pictures.precipitate_drawn import precipitate_of

if TYPE_CHECKING:
    from sepsim.techniques.precipitation.precipitation import Precipitation

POINTS, ROUNDS = 21, 2  # at even distances, and of points in between
STEEP = 0.15  # change of a share, between which a point is put
POLYMER_PERCENT, SULFATE_M, SOLVENT_PERCENT = 20.0, 4.0, 90.0  # least that an axis reaches, if the step can
BEYOND = 1.5  # times the amount of the step, that an axis reaches
BELOW_STOCK = 0.98  # of the stock of polymer
BURST = "#F6E6E6"


class Amount(NamedTuple):
    """How much precipitant a step adds, and how much it might.

    Attributes
    ----------
    key : str
        Of the setting.
    name : str
        For the axis, with the unit.
    value, most : float [unit of the axis]
        Of the step, and at the end of the axis.
    """

    key: str
    name: str
    value: float
    most: float


def amount_of(method: Precipitation) -> Amount:
    """Return the amount of precipitant of a step.

    Parameters
    ----------
    method : Precipitation

    Returns
    -------
    Amount

    Examples
    --------
    >>> from sepsim.techniques.precipitation.precipitation import Precipitation
    >>> amount_of(Precipitation(kit="ExoQuick", rotor="SX4750"))
    Amount(key='peg_percent_w_v', name='PEG 6000 in the mixture [% w/v]', value=8.0, most=11.1)
    """
    polymer, percent = method.polymer
    if polymer is not None:
        limit = BELOW_STOCK * method.stock if method.kit is None else method.kit.most_percent
        most = min(max(POLYMER_PERCENT, BEYOND * percent), limit)
        key = f"{polymer.kind.lower()}_percent_w_v"
        return Amount(key, f"{polymer.name} in the mixture [% w/v]", percent, most)
    if method.solvent is not None and method.solvent_percent_v_v is not None:
        return Amount("solvent_percent_v_v", f"{method.solvent} [% v/v]", method.solvent_percent_v_v, SOLVENT_PERCENT)
    molar = method.ammonium_sulfate_M or 0.0
    return Amount("ammonium_sulfate_M", "ammonium sulfate in the mixture [mol/L]", molar, max(SULFATE_M, molar))


def precipitation_curve(
    step: StepResult, populations: str | Sequence[str] | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw the share of each population that wants to come down against the amount of precipitant.

    All else is as in the step: sample, salt, pH, temperature, and the liquid that is poured in with the precipitant and
    dilutes. Circles stand at the amount of the step. What wants to come down is what solubility and bonds leave out of
    solution; whether it reaches the bottom is up to time, the size of clusters and the spin (`cluster_growth`).

    Parameters
    ----------
    step : StepResult
        Of precipitation.
    populations : str or sequence of str, optional
        Which to draw; default all, with one line for those that look alike, at most eight lines, and the rest in grey.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the step is no precipitation, or a population was not there.

    Examples
    --------
    >>> import sepsim
    >>> step = {"method": "precipitation", "peg_percent_w_v": 8, "incubation_min": 60, "rotor": "SX4750",
    ...         "rcf_xg": 3200, "rcf_at": "rmax", "time_min": 60, "keep": "pellet"}
    >>> urine = {"source": "urine", "volume_mL": 10, "size_bins": 3, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [step]}).run()
    >>> ax = precipitation_curve(run.bench[0])
    >>> ax.get_xlabel()
    'PEG 6000 in the mixture [% w/v]'
    """
    given = precipitate_of(step).given
    method: Precipitation = step.method  # type: ignore[assignment]
    there = loaded(given.particles, given.counts)
    asked = chosen(populations, there, there)
    amount = amount_of(method)
    along, shares = _curves(method, amount, given)
    curves = {name: 100.0 * shares[:, given.particles.names.index(name)] for name in asked}
    lines = own_lines(
        {name: 0.01 * curve for name, curve in curves.items()}, apart=populations is not None, target=step.target
    )
    axes = own_or_new(ax, 10.5, 5.6)
    draw_lines(axes, along, curves, lines, given.particles.names, step.target)
    tidy(
        axes,
        title=f"What comes out of solution: {wrapped(step.name, 50)}",
        x=amount.name,
        y="wants to come down\n[% of the particles]",
    )
    axes.set_xlim(0.0, amount.most)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_ylim(-2.0, 104.0)
    grid(axes)
    _mark_step(axes, amount, method)
    every = looks(given.particles.names)
    for names in lines.own:
        height = float(np.interp(amount.value, along, curves[names[0]]))
        axes.plot(
            [amount.value], [height], "o", color=every[names[0]].color, markeredgecolor="white", markersize=9,
            zorder=4, label="_of the step", clip_on=False,
        )  # fmt: skip
    legend_beside(axes, axes.get_legend_handles_labels()[0])
    return axes


def _curves(method: Precipitation, amount: Amount, given: Sample) -> tuple[FloatArray, FloatArray]:
    """Return amounts, that of the step among them, and the share of each population that each pulls out.

    Amounts lie closer together where shares change.
    """
    from sepsim.techniques.precipitation.precipitation import equilibrated

    def shares(value: float) -> FloatArray:
        changes: dict[str, Any] = {amount.key: value}
        wanted = equilibrated(replace(method, **changes), given)[1]
        return share_by_population(given.particles, given.counts, wanted.share)

    with collected_warnings():  # the step has told its own
        found = {value: shares(value) for value in {*np.linspace(0.0, amount.most, POINTS).tolist(), amount.value}}
        for _ in range(ROUNDS):
            for start, end in pairwise(sorted(found)):
                if np.max(np.abs(found[end] - found[start])) > STEEP:
                    middle = 0.5 * (start + end)
                    found[middle] = shares(middle)
    along = sorted(found)
    return np.array(along), np.array([found[value] for value in along])


def _mark_step(ax: Axes, amount: Amount, method: Precipitation) -> None:
    """Draw where the step stands, and where a solvent bursts vesicles."""
    guess = " (its polymer is a guess)" if method.kit is not None and method.peg_percent_w_v is None else ""
    ax.axvline(amount.value, color=INK, linewidth=1.2, linestyle=(0, (2, 2)), zorder=1)
    top = ax.secondary_xaxis("top")
    top.set_xticks([amount.value], [f"this step{guess}"])
    top.tick_params(length=0, labelsize=SMALL_PT, colors=INK)
    top.spines[:].set_visible(False)
    begins = method.model.burst_solvent_percent_v_v
    if method.solvent is not None and begins < amount.most:
        ax.axvspan(begins, amount.most, color=BURST, linewidth=0, zorder=0, label="solvent bursts vesicles")
