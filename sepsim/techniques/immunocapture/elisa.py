"""A sandwich assay on a plate (ELISA): the wall of a well captures vesicles, labelled antibodies tell how many.

What happens in the well: vesicles diffuse to the bottom and to the wetted side, both coated with antibodies, and bind
by their antigens. After washes a second antibody with an enzyme binds what antigens they show, and the enzyme makes a
dye:

    labels = sum over vesicles of (antigens for detection) p,    p = c/(c + K_D) (1 - exp(-(k_on c + k_off) t))
    S = S_max x/(x + x_half),    x = labels + labels that stick without vesicles

Detection by the antigen that captures finds only what the contact has not used. The limit of detection is the
concentration whose signal is the mean blank and three standard deviations. The curve saturates because the wall fills
(Langmuir), because transport ends with the incubation, and because the reader does.

Assumptions: liquid at rest, as thick as its volume over the wetted area, where diffusion reaches far less than the well
is wide; vesicles that do not settle (those above some 300 nm do, which a warning tells); copies by Poisson about the
mean of each stratum; what carries none of the captured antigens does not stick. No hook: the second antibody comes
after a wash.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sepsim import media
from sepsim.arrays import FloatArray, IntArray
from sepsim.constants import STANDARD_GRAVITY_M_PER_S2
from sepsim.errors import InputError
from sepsim.media import Fluid, Medium
from sepsim.particles.osmosis import state_at
from sepsim.particles.transport import diffusion_coefficient, sedimentation_coefficient
from sepsim.samples.changes import varied
from sepsim.samples.sample import Sample
from sepsim.samples.sample_recipe import SampleRecipe
from sepsim.techniques.immunocapture.bodies import antigens_of_bodies
from sepsim.techniques.immunocapture.copies import antigen_bins
from sepsim.techniques.immunocapture.plates import ElisaPlate
from sepsim.techniques.immunocapture.wall_capture import damkohler, depleted_layer
from sepsim.units import to_si

DILUTIONS = tuple(np.geomspace(1.0, 1e-6, 25))
CELLS, STEPS = 50, 80  # of the liquid, and of the incubation: within half a percent
ALIKE = 0.02  # in the logarithm of size and antigens, within which particles of a population count as one
TINY = 1e-12
TOLD_SHARE = 0.1  # of the labels, by particles that settle


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ElisaReading:
    """What a plate tells of dilutions of a sample.

    Attributes
    ----------
    plate : ElisaPlate
    dilution : ndarray, shape (n,) [-]
        Share of the sample in what a well takes; rising.
    vesicles_per_mL : ndarray, shape (n,) [1/mL]
        Intact vesicles of all kinds in it, with and without the antigens; not those on beads.
    bound : dict of str to ndarray, shape (n,) [-]
        Particles on the wall of a well after the washes, by population.
    labels : ndarray, shape (n,) [-]
        On them.
    signal : ndarray, shape (n,) [-]
        Absorbance.
    captured_share : ndarray, shape (n,) [-]
        Of the particles with a captured antigen, bound after the incubation.
    damkohler : float [-]
        Uptake over diffusion of the vesicles on average: far above 1 the transport is the limit.
    detection_limit_per_mL : float [1/mL]
        Vesicles of this composition whose signal is the mean blank and three of its standard deviations; below the
        smallest dilution labels are in proportion to vesicles. Infinite if no dilution has that signal.
    warnings : tuple of str

    Examples
    --------
    >>> import sepsim
    >>> urine = sepsim.sample_from_catalog("urine", volume_mL=1, size_bins=6)
    >>> reading = elisa(urine, ElisaPlate(antigen="CD81", detection="CD63"), [0.01, 1])
    >>> reading.captured_share.round(1), sorted(reading.bound)
    (array([0.2, 0.2]), ['apoptotic_body', 'cell', 'exosome', 'microvesicle'])
    """

    plate: ElisaPlate
    dilution: FloatArray
    vesicles_per_mL: FloatArray
    bound: dict[str, FloatArray]
    labels: FloatArray
    signal: FloatArray
    captured_share: FloatArray
    damkohler: float
    detection_limit_per_mL: float
    warnings: tuple[str, ...]

    @property
    def blank(self) -> float:
        """Mean signal without vesicles [-]."""
        return self.plate.reader.blank

    @property
    def blank_sd(self) -> float:
        """Its standard deviation [-]."""
        return self.plate.reader.blank_sd


def elisa(
    sample: Sample | SampleRecipe,
    plate: ElisaPlate,
    dilutions: ArrayLike = DILUTIONS,
    diluent: str | Fluid = "PBS",
) -> ElisaReading:
    """Return what a sandwich assay tells of a sample and of its dilutions.

    Parameters
    ----------
    sample : Sample or SampleRecipe
        A fraction of a run needs the rows of the antigens: one of its steps must ask for them, as the ``follow`` of an
        immunocapture does.
    plate : ElisaPlate
    dilutions : array_like [-]
        Shares of the sample in what a well takes, above 0 and at most 1.
    diluent : str or Fluid

    Returns
    -------
    ElisaReading

    Raises
    ------
    InputError
        If nothing free in the sample carries an antigen, its rows do not tell, or it is dry.

    Notes
    -----
    Wells are read once each; the sample is not used up.

    Examples
    --------
    >>> import sepsim
    >>> plasma = sepsim.sample_from_catalog("platelet-poor plasma", volume_mL=1, size_bins=10)
    >>> reading = elisa(plasma, ElisaPlate(antigen="CD9", detection="CD63"))
    >>> bool(reading.signal[-1] > reading.blank), 1e7 < reading.detection_limit_per_mL < 1e11
    (True, True)
    """
    shares = np.unique(np.atleast_1d(np.asarray(dilutions, dtype=float)))
    if not shares.size or not np.all((shares > 0) & (shares <= 1)):
        raise InputError("dilutions: must be at least one number, each above 0 and at most 1")
    told = _told_apart(sample, plate)
    if plate.temperature_C is not None:
        told = told.at(to_si("temperature_C", plate.temperature_C))
    lanes = _lanes(told, plate)
    buffer = Medium.pure(media.fluid(diluent), told.medium.temperature)
    wells = [_well(told, plate, lanes, float(share), buffer) for share in shares]
    labels = np.array([well.labels.sum() for well in wells])
    vesicles = shares * _vesicles(told) / told.volume * 1e-6
    return ElisaReading(
        plate=plate,
        dilution=shares,
        vesicles_per_mL=vesicles,
        bound=_by_population(told, lanes, [well.bound for well in wells]),
        labels=labels,
        signal=plate.reader.signal(labels),
        captured_share=np.array([well.captured_share for well in wells]),
        damkohler=wells[-1].damkohler,
        detection_limit_per_mL=_detection_limit(vesicles, labels, plate.reader.labels_at_limit),
        warnings=tuple(_doubts(told, plate, lanes, wells[-1])),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Lanes:
    """Particles that are alike in a well: of one size and population, with so many antigens."""

    population: IntArray
    row: IntArray  # of the table, that stands for all
    radius: FloatArray
    concentration: FloatArray  # [1/m3], undiluted
    antigens: FloatArray
    shown: FloatArray  # antigens for detection on a particle that is bound


@dataclass(frozen=True, slots=True, eq=False)
class _Well:
    bound: FloatArray  # particles of each lane, after the washes
    labels: FloatArray
    captured_share: float
    damkohler: float


def _told_apart(sample: Sample | SampleRecipe, plate: ElisaPlate) -> Sample:
    if isinstance(sample, SampleRecipe):
        return varied(sample.prepare(), sample.strata(plate.antigens), plate.antigens, ())
    variants = sample.particles.variants
    if sample.volume == 0:
        raise InputError("the sample has no liquid; resuspend it first")
    missing = [each for each in plate.antigens if variants is None or each not in variants.antigens]
    if missing:
        raise InputError(
            f"the rows of the sample do not tell who carries {', '.join(missing)}; let a step of its protocol ask for "
            "them, as an immunocapture with follow does, or give the recipe of a sample"
        )
    return sample


def _lanes(sample: Sample, plate: ElisaPlate) -> _Lanes:
    """Return the particles that carry a captured antigen, those that are alike together."""
    table = sample.particles
    moving = table.moving(sample.counts) / sample.volume
    caught = antigens_of_bodies(sample, plate.antigen)
    shown = antigens_of_bodies(sample, [plate.detected])
    radius = 0.5 * state_at(table, sample.medium.osmolality).diameter
    (carriers,) = np.nonzero((moving > 0) & (caught > 0))
    if not carriers.size:
        raise InputError(
            f"nothing that carries {' or '.join(plate.antigen)} is free in the sample; elute what is on beads first"
        )
    quantities = np.array([radius[carriers], caught[carriers], shown[carriers]])
    key = np.column_stack([table.population[carriers], *np.round(np.log(np.maximum(quantities, TINY)) / ALIKE)])
    _, first, group = np.unique(key, axis=0, return_index=True, return_inverse=True)
    group = group.reshape(-1)
    numbers = np.bincount(group, weights=moving[carriers])
    mean_radius, mean_caught, mean_shown = (
        np.bincount(group, weights=moving[carriers] * each) / numbers for each in quantities
    )
    bins = antigen_bins(mean_caught)
    some = bins.antigens > 0
    of, antigens = bins.row[some], bins.antigens[some]
    showing = mean_shown[of]
    if plate.detected in plate.antigen:
        used = np.minimum(plate.wall.bonds(mean_radius[of], antigens), antigens)
        showing = showing / mean_caught[of] * (antigens - used)
    row = carriers[first[of]]
    return _Lanes(
        population=table.population[row],
        row=row,
        radius=mean_radius[of],
        concentration=numbers[of] * bins.share[some],
        antigens=antigens,
        shown=showing,
    )


def _well(sample: Sample, plate: ElisaPlate, lanes: _Lanes, share: float, buffer: Medium) -> _Well:
    """Return what one well holds of a dilution."""
    from sepsim.kernels.wall_capture import solve_wall_well

    liquid = sample.dilute(sample.volume * (1.0 / share - 1.0), buffer).liquid
    diffusivity = diffusion_coefficient(sample.particles, liquid)[lanes.row]
    time = to_si("incubation_min", plate.incubation_min)
    species = plate.wall.species(lanes.radius, share * lanes.concentration, lanes.antigens, diffusivity)
    taken = solve_wall_well(plate.depth, time, species, CELLS, STEPS).bound[-1] * plate.area
    kept = taken * np.exp(-species.desorption * to_si("wash_min", plate.wash_min))
    offered = share * lanes.concentration * to_si("volume_mL", plate.volume_mL)
    numbers = damkohler(species.adsorption, depleted_layer(diffusivity, time), diffusivity)
    return _Well(
        bound=kept,
        labels=kept * lanes.shown * plate.labelled,
        captured_share=float(taken.sum() / offered.sum()),
        damkohler=float(numbers @ offered / offered.sum()),
    )


def _detection_limit(vesicles: FloatArray, labels: FloatArray, needed: float) -> float:
    """Return the number of vesicles per volume that have the labels needed, in the unit of those given."""
    if needed > labels.max():
        return math.inf
    if needed < labels[0]:
        return float(vesicles[0] * needed / labels[0])
    rising = np.maximum.accumulate(labels)  # a crowded wall may carry fewer labels than a less crowded one
    return float(np.exp(np.interp(math.log(needed), np.log(rising), np.log(vesicles))))


def _vesicles(sample: Sample) -> float:
    table, variants = sample.particles, sample.particles.variants
    assert variants is not None
    vesicle = table.of_kind("vesicle")
    return float((sample.counts * vesicle * (variants.intact & ~variants.carried)).sum())


def _by_population(sample: Sample, lanes: _Lanes, bound: Sequence[FloatArray]) -> dict[str, FloatArray]:
    """Return the numbers bound of each population that has lanes."""
    found = np.array(
        [np.bincount(lanes.population, weights=each, minlength=len(sample.particles.names)) for each in bound]
    )
    return {sample.particles.names[index]: found[:, index] for index in np.unique(lanes.population)}


def _doubts(sample: Sample, plate: ElisaPlate, lanes: _Lanes, well: _Well) -> Iterator[str]:
    """Yield what makes a reading less certain."""
    yield (
        "antigens per vesicle and the constants of plate and dye are unverified choices: compare samples on one plate, "
        "and read a limit of detection as an order of magnitude"
    )
    time = to_si("incubation_min", plate.incubation_min)
    liquid = sample.liquid
    fall = np.abs(sedimentation_coefficient(sample.particles, liquid)[lanes.row]) * STANDARD_GRAVITY_M_PER_S2 * time
    settles = fall > depleted_layer(diffusion_coefficient(sample.particles, liquid)[lanes.row], time)
    if well.labels[settles].sum() > TOLD_SHARE * well.labels.sum():
        yield "particles that settle on the bottom faster than they diffuse carry much of the signal: clear them first"
