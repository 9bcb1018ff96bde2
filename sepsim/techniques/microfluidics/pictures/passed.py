"""What the pictures of chips share: whose step it is, and values of a population by its diameters."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.drawing.curves import trace_of
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.techniques.microfluidics.chip_run import ChipRun
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.passage import Passage

DIGITS = 4  # to which diameters are the same


def run_of(step: StepResult) -> ChipRun:
    """Return the trace of a step of microfluidics, or raise InputError."""
    return trace_of(step, ChipRun, "no flow through a chip")


def passage_of(step: StepResult) -> tuple[ChipRun, Passage]:
    """Return the trace of a step of microfluidics with its passage, or raise InputError if it was not computed."""
    done = run_of(step)
    if done.passage is None:
        raise InputError(f"step {step.name!r}: a dry run computes no passage; run the protocol")
    return done, done.passage


class BySize(NamedTuple):
    """Values of a population by its diameters.

    Attributes
    ----------
    diameter : ndarray, shape (n,) [m]
        Rising.
    values : ndarray, shape (..., n)
        Means over what has a diameter, by number.
    """

    diameter: FloatArray
    values: FloatArray


def by_size(load: Load, population: str, values: FloatArray) -> BySize:
    """Return the means of values of the classes over what has one diameter.

    Parameters
    ----------
    load : Load
    population : str
    values : ndarray, shape (..., n_classes) [any unit]

    Returns
    -------
    BySize
    """
    table = load.sample.particles
    (rows,) = np.nonzero((table.population == table.names.index(population)) & (load.moving > 0))
    rounded = np.exp(np.round(np.log(load.diameter[rows]), DIGITS))
    diameter, of = np.unique(rounded, return_inverse=True)
    weights = np.zeros((rows.size, diameter.size))
    weights[np.arange(rows.size), of.reshape(-1)] = load.moving[rows]
    return BySize(diameter, values[..., rows] @ weights / weights.sum(axis=0))
