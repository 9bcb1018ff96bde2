"""Whole particles as ions: what charge detection shows of them, and the magnet that a sector would need.

A vesicle of 100 nm weighs some 3e8 Da and carries about a thousand charges. No sector bends it: the field times the
radius, B r = sqrt(2 m V / (z e)), is some 6 T m at 8 kV, while a magnet of 0.3 m and 1 T gives 0.3 T m. Charge
detection weighs single ions instead. The magnet is told as a thought experiment, and only as that.

Sources: as for `sepsim.techniques.mass_spectrometry.analysers.charge_detection`; the rigidity from the Lorentz force.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import DALTON_KG, PROTON_MASS_KG
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.analysers.charge_detection import ChargeDetection, MeasuredIons
from sepsim.techniques.mass_spectrometry.ions.ionisation import ChargeStates, IonSource
from sepsim.techniques.mass_spectrometry.ions.ions import Ions, magnetic_rigidity
from sepsim.techniques.mass_spectrometry.ions.sample_ions import WholeIons
from sepsim.techniques.mass_spectrometry.optics.magnetic_sector import MagneticSector
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import Spectrometer

BINS = 80  # of a histogram
DRAWN = 100  # ions of each class, for quick shares
MANY = 2000  # charges, beyond which they are not counted one by one


class MagnetNeed(NamedTuple):
    """The magnet that would bend the ions of a population, taken at the median of their rigidity.

    Attributes
    ----------
    population : str
    mass : float [kg]
    charge : float [-]
        Mean, in elementary charges.
    rigidity : float [T m]
        Field times radius.
    field : float [T]
        At the radius of the instrument's magnet.
    """

    population: str
    mass: float
    charge: float
    rigidity: float
    field: float

    @property
    def mz(self) -> float:
        """Mass over charge [Da]."""
        return self.mass / DALTON_KG / self.charge


class Histogram(NamedTuple):
    """Numbers of ions between edges, evenly spread over the logarithm.

    Attributes
    ----------
    edges : ndarray, shape (bins + 1,) [kg or -]
    number : ndarray, shape (bins,) [-]
        Ions of the sample that the drawn ones stand for.
    """

    edges: FloatArray
    number: FloatArray


@dataclass(frozen=True, eq=False)
class WholeIonRun:
    """What charge detection shows of the whole particles of a sample.

    Attributes
    ----------
    spectrometer : Spectrometer
        The sector instrument of the thought experiment.
    ions : WholeIons
        All ions, by particle class.
    drawn : Ions
        Single ions, equally many of each population; the number of each is how many ions of the sample it stands for.
    measured : MeasuredIons
        Of those that were drawn.
    magnets : tuple of MagnetNeed
        By population.
    """

    spectrometer: Spectrometer
    ions: WholeIons
    drawn: Ions
    measured: MeasuredIons
    magnets: tuple[MagnetNeed, ...]

    @property
    def populations(self) -> tuple[str, ...]:
        """Population of each drawn ion."""
        return tuple(origin.population for origin in self.drawn.origins)

    @property
    def vesicle_shares(self) -> dict[str, float]:
        """Share of each population of vesicles in the ions of the sample [-], without those of none."""
        totals = self.ions.particles.totals(self.ions.number)
        return {
            name: float(total / totals.sum())
            for name, kind, total in zip(self.ions.particles.names, self.ions.particles.kinds, totals, strict=True)
            if kind == "vesicle" and total > 0
        }

    @property
    def unseen(self) -> tuple[str, ...]:
        """Populations of which no drawn ion is detected: too few charges, or m/z out of range."""
        seen = {name for name, told in zip(self.populations, self.measured.detected.tolist(), strict=True) if told}
        return tuple(name for name in dict.fromkeys(self.populations) if name not in seen)

    @property
    def vesicle_magnet(self) -> MagnetNeed:
        """What exosomes need; without exosomes, the lightest vesicles; without vesicles, the lightest of all."""
        needs = {need.population: need for need in self.magnets}
        vesicles = [needs[name] for name in self.vesicle_shares]
        return needs.get("exosome") or min(vesicles or self.magnets, key=lambda need: need.mass)

    @property
    def mass_histogram(self) -> Histogram:
        """Detected ions by measured mass [kg]; empty if none was detected."""
        return self._histogram(self.measured.mass)

    @property
    def charge_histogram(self) -> Histogram:
        """Detected ions by measured charge [-]; empty if none was detected."""
        return self._histogram(self.measured.charge)

    def _histogram(self, values: FloatArray) -> Histogram:
        told = self.measured.detected & (values > 0)
        seen = values[told]
        if not seen.size:
            return Histogram(np.empty(0), np.empty(0))
        edges = np.geomspace(0.999 * seen.min(), 1.001 * seen.max(), BINS + 1)
        return Histogram(edges, np.histogram(seen, edges, weights=self.drawn.number[told])[0])


def weighed(
    spectrometer: Spectrometer, ions: WholeIons, detection: ChargeDetection, number: int, rng: np.random.Generator
) -> WholeIonRun:
    """Draw single whole ions, equally many of each population, and weigh them by charge detection.

    Parameters
    ----------
    spectrometer : Spectrometer
        Of the thought experiment; it must have a magnet.
    ions : WholeIons
    detection : ChargeDetection
    number : int
        Of ions that are drawn.
    rng : numpy.random.Generator

    Returns
    -------
    WholeIonRun

    Raises
    ------
    InputError
        If there are no ions.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> from sepsim.techniques.mass_spectrometry.ions.sample_ions import whole_ions
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> ions = whole_ions(sample_from_catalog("urine", volume_mL=1).prepare())
    >>> run = weighed(NierJohnson().spectrometer, ions, ChargeDetection(), 1000, np.random.default_rng(0))
    >>> next(need for need in run.magnets if need.population == "exosome").field > 10  # no magnet has it, in tesla
    True
    """
    drawn = ions.draw(number, rng)
    measured = detection.measure(drawn.mass, drawn.charge, rng=rng)
    return WholeIonRun(spectrometer, ions, drawn, measured, _magnets(spectrometer, ions))


def detected_shares(ions: WholeIons, detection: ChargeDetection) -> FloatArray:
    """Return the share of the ions of each class that charge detection sees, over all their charges.

    Parameters
    ----------
    ions : WholeIons
    detection : ChargeDetection

    Returns
    -------
    ndarray, shape (n_classes,) [-]

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.ions.sample_ions import whole_ions
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> ions = whole_ions(sample_from_catalog("urine", volume_mL=1).prepare())
    >>> single = detected_shares(ions, ChargeDetection(passages=1))  # noise of 100 charges
    >>> bool((single <= detected_shares(ions, ChargeDetection())).all())
    True
    """
    lowest, highest = detection.mz_range
    shares = np.zeros(ions.mass.size)
    for index in np.flatnonzero(ions.number > 0).tolist():
        states = _charges(ions.source, float(ions.radius[index]))
        mz = (ions.mass[index] / states.charge + PROTON_MASS_KG) / DALTON_KG
        taken = (mz >= lowest) & (mz <= highest)
        shares[index] = (states.share * taken) @ detection.detected_share(states.charge)
    return np.clip(shares, 0.0, 1.0)


def sampled_shares(ions: WholeIons, detection: ChargeDetection, rng: np.random.Generator) -> FloatArray:
    """Return the share of the ions of each class that charge detection sees, of a hundred that are drawn of each.

    Parameters
    ----------
    ions : WholeIons
    detection : ChargeDetection
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (n_classes,) [-]

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.ions.sample_ions import whole_ions
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> ions = whole_ions(sample_from_catalog("urine", volume_mL=1).prepare())
    >>> drawn = sampled_shares(ions, ChargeDetection(), np.random.default_rng(0))
    >>> free = ~ions.particles.rides
    >>> bool(np.abs(drawn - detected_shares(ions, ChargeDetection()))[free].max() < 0.2)
    True
    """
    charge = ions.source.draw_charges(np.tile(ions.radius, (DRAWN, 1)), rng)
    measured = detection.measure(ions.mass + charge * PROTON_MASS_KG, charge, rng=rng)
    return np.asarray(measured.detected.mean(axis=0))


def _charges(source: IonSource, radius: float) -> ChargeStates:
    """Return the charge states of a particle of a radius [m]; beyond MANY charges those of a smaller one, stretched.

    So many are as good as continuous, and their spread is in proportion to the mean.
    """
    mean = float(source.mean_charge(np.asarray(radius)))
    if mean <= MANY:
        return source.particle_charges(radius)
    smaller = radius * (MANY / mean) ** (2.0 / 3.0)
    states = source.particle_charges(smaller)
    stretched = states.charge * (mean / float(source.mean_charge(np.asarray(smaller))))
    return ChargeStates(np.rint(stretched).astype(np.int64), states.share)


def magnet_radius(spectrometer: Spectrometer) -> float:
    """Return the radius of the axis in the magnet [m].

    Parameters
    ----------
    spectrometer : Spectrometer

    Returns
    -------
    float [m]

    Raises
    ------
    InputError
        If it has no magnet.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> magnet_radius(NierJohnson().spectrometer)
    0.3048
    """
    for element in spectrometer.elements:
        if isinstance(element, MagneticSector):
            return element.radius
    raise InputError("elements: none is a magnetic sector, whose field could be scanned")


def _magnets(spectrometer: Spectrometer, ions: WholeIons) -> tuple[MagnetNeed, ...]:
    """Return the magnet at the median rigidity of each population that has ions."""
    table, found = ions.particles, []
    charge = ions.mean_charge
    rigidity = magnetic_rigidity(ions.mass + charge * PROTON_MASS_KG, charge, spectrometer.ion.voltage)
    radius = magnet_radius(spectrometer)
    for which, population in enumerate(table.names):
        mine = np.flatnonzero((table.population == which) & (ions.number > 0))
        if mine.size:
            mine = mine[np.argsort(rigidity[mine], kind="stable")]
            total = np.cumsum(ions.number[mine])
            middle = mine[np.searchsorted(total, 0.5 * total[-1])]
            need = float(rigidity[middle])
            found.append(MagnetNeed(population, float(ions.mass[middle]), float(charge[middle]), need, need / radius))
    return tuple(found)
