"""The spectrum that a sector instrument takes of the ions of peptides, and what is read off it.

The magnetic field is scanned over a range of m/z, and the electric field stays. At each m/z the beam through the
instrument is the same, so that one peak profile, found ray by ray, serves all peaks; a peak is this profile, stretched
with m/z.

Equation: I(M) = sum of N_i S(-D (m_i / M - 1)), with N the ions of each isotopic peak, S the profile and D = (x|g).
The area of the monoisotopic peak over ln(m/z), over that of a unit peak and over the share of ions that are
monoisotopic, gives N back.

Assumptions: dispersion linear over the width of a peak; a detector without noise that counts each ion; peaks are
integrated over their whole width and not unmixed, so that foreign ions within it count. Peaks of which these make up
more than a tenth are told, and left out of sums.

Source: geometry; Murray et al. 2013 for the terms.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.ion_beam import beam, fly
from sepsim.techniques.mass_spectrometry.ions.ions import Ions
from sepsim.techniques.mass_spectrometry.ions.sample_ions import with_isotopes
from sepsim.techniques.mass_spectrometry.mass_spectrum import Spectrum, peak_areas, scan
from sepsim.techniques.mass_spectrometry.peak_profile import PeakProfile, ResolvingPower, ray_profile
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import Design
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import Spectrometer

POINTS_PER_PEAK = 40  # of a scan, within the width at half height
MOST_POINTS = 4_000_000
RAREST = 1e-9  # isotopologues over the most frequent one: those of albumin reach up to the peaks of vesicles
FOREIGN = 0.1  # share of a peak's area from where it counts as not resolved from its neighbours


@dataclass(frozen=True, eq=False)
class InstrumentPeak:
    """What a beam of one m/z looks like in an instrument.

    Attributes
    ----------
    profile : PeakProfile
        Share of the source's ions within the collector, against where it stands.
    dispersion : float [m]
        Shift on the detector for a relative change of mass, (x|g).
    losses : dict of str to float [-]
        Share of the ions lost in each element that stops any.
    """

    profile: PeakProfile
    dispersion: float
    losses: dict[str, float]

    @cached_property
    def power(self) -> ResolvingPower:
        """Resolving power by both definitions: width at half height, and 10 % valley."""
        return self.profile.resolving_power(self.dispersion)

    @property
    def transmission(self) -> float:
        """Share of the source's ions that the collector catches at the top of a peak [-]."""
        return self.profile.height

    def window(self, mz: float) -> tuple[float, float]:
        """Return the lowest and the highest m/z set on which ions of an m/z reach the collector."""
        ends = [mz / (1.0 - place / self.dispersion) for place in self.profile.position[[0, -1]].tolist()]
        return min(ends), max(ends)


def instrument_peak(instrument: Spectrometer | Design, rays: int = 20_000) -> InstrumentPeak:
    """Return the peak of an instrument, from rays through the exact maps of its elements.

    Parameters
    ----------
    instrument : Spectrometer or design
        A detector without a slit is a plate, which is read through a window as wide as the image of the source slit.
    rays : int
        Evenly spread; shares and widths are good to about 10 / rays.

    Returns
    -------
    InstrumentPeak

    Raises
    ------
    InputError
        If no ray arrives.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> peak = instrument_peak(NierJohnson())
    >>> [round(power, -2) for power in peak.power], round(peak.transmission, 3)
    ([2500.0, 1600.0], 1.0)
    """
    spectrometer = instrument.spectrometer if isinstance(instrument, Design) else instrument
    found = fly(spectrometer, beam(spectrometer, rays))
    losses = {place: lost / rays for place, lost in found.losses.items()}
    return _peak_of(spectrometer, found.x[found.arrived], rays, losses)


def sketched_peak(spectrometer: Spectrometer, rays: int = 4000) -> InstrumentPeak:
    """Return the peak of an instrument from a few random rays, to second order; quick, without kernels.

    Slits stop rays; plates and poles are not in the way, so that the transmission is an upper bound.

    Parameters
    ----------
    spectrometer : Spectrometer
    rays : int
        Shares are good to about 1 / sqrt(rays).

    Returns
    -------
    InstrumentPeak

    Raises
    ------
    InputError
        If no ray arrives.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> [round(power, -2) for power in sketched_peak(NierJohnson().spectrometer).power]
    [2500.0, 1600.0]
    """
    found = spectrometer.trace_to_second_order(beam(spectrometer, rays, np.random.default_rng(0)))
    return _peak_of(spectrometer, found.x[np.isfinite(found.x)], rays, {})


def _peak_of(spectrometer: Spectrometer, places: FloatArray, rays: int, losses: dict[str, float]) -> InstrumentPeak:
    """Return the peak that rays make which arrive at some places [m], of so many that were sent."""
    image, collector = spectrometer.image, spectrometer.detector.width
    if math.isinf(collector):
        collector = abs(image.coefficient("x|x")) * spectrometer.source.width
    return InstrumentPeak(ray_profile(places, collector, sent=rays), image.coefficient("x|g"), losses)


def resolving_power(instrument: Spectrometer | Design) -> ResolvingPower:
    """Return the resolving power of an instrument by both definitions, from rays through the exact maps.

    Parameters
    ----------
    instrument : Spectrometer or design
        With the slits, angles and energies of its source.

    Returns
    -------
    ResolvingPower
        ``fwhm``, from the width at half height, and ``valley``, at which two equal peaks leave a valley of 10 %.

    Raises
    ------
    InputError
        If no ray arrives.

    Examples
    --------
    >>> import sepsim
    >>> [round(power, -2) for power in resolving_power(sepsim.NierJohnson())]
    [2500.0, 1600.0]
    """
    return instrument_peak(instrument).power


class Peak(NamedTuple):
    """A peak of a spectrum, by the ions that it stands for.

    Attributes
    ----------
    protein, peptide, role : str
        Of the marker; the role is "vesicle", "negative" or "contaminant".
    populations : tuple of str
        That carry the protein; their ions are the same.
    charge : int [-]
    mz : float [Da]
        Monoisotopic.
    area : float [-]
        Ions of the source, of all isotopologues, as the area of the monoisotopic peak tells.
    relative_abundance : float [-]
        Area over that of the largest peak.
    foreign : float [-]
        Share of the area that other ions have brought into it.
    """

    protein: str
    peptide: str
    role: str
    populations: tuple[str, ...]
    charge: int
    mz: float
    area: float
    relative_abundance: float
    foreign: float

    @property
    def name(self) -> str:
        """Protein, peptide and charge."""
        return _peak_name(self.protein, self.peptide, self.charge)

    @property
    def resolved(self) -> bool:
        """Whether at most a tenth of the area is foreign."""
        return self.foreign <= FOREIGN


@dataclass(frozen=True, eq=False)
class MassSpectrometryRun:
    """What the instrument shows of the peptides of a sample.

    Attributes
    ----------
    spectrometer : Spectrometer
    instrument : InstrumentPeak
    ions : Ions
        Of the peptides, at their monoisotopic masses.
    points : int [-]
        Of the scan.
    spectrum : Spectrum
        m/z [Da] and intensity: ions of the source times the share that is caught [-].
    peaks : tuple of Peak
        By rising m/z; those that are outside the scan or cut by its ends are left out.
    outside : tuple of str
        Names of the peaks that lie wholly outside the scan.
    cut : tuple of str
        Names of the peaks that reach over an end of the scan.
    """

    spectrometer: Spectrometer
    instrument: InstrumentPeak
    ions: Ions
    points: int
    spectrum: Spectrum
    peaks: tuple[Peak, ...]
    outside: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()

    @property
    def power(self) -> ResolvingPower:
        """Resolving power by both definitions: width at half height, and 10 % valley."""
        return self.instrument.power

    @property
    def transmission(self) -> float:
        """Share of the source's ions that the collector catches at the top of a peak [-]."""
        return self.instrument.transmission

    def area(self, role: str) -> float:
        """Return the areas of the resolved peaks of a role together [-]; one that is not resolved tells nothing."""
        return math.fsum(peak.area for peak in self.peaks if peak.role == role and peak.resolved)

    @property
    def vesicle_to_contaminant(self) -> float:
        """Areas of the markers of vesicles over those of contaminants, resolved peaks alone [-]; nan without."""
        contaminants = self.area("contaminant")
        return self.area("vesicle") / contaminants if contaminants > 0 else math.nan


def measured(
    spectrometer: Spectrometer,
    ions: Ions,
    mz_range: tuple[float, float],
    *,
    rays: int = 20_000,
    points: int | None = None,
    alkylated: bool = True,
) -> MassSpectrometryRun:
    """Scan the magnetic field over a range of m/z, and integrate the peaks.

    Parameters
    ----------
    spectrometer : Spectrometer
    ions : Ions
        Of peptides, at their monoisotopic masses.
    mz_range : tuple of float [Da]
        Lowest and highest m/z.
    rays : int
        Of the beam.
    points : int, optional
        Of the scan, evenly spread over ln(m/z); left out: 40 within the width of a peak at half height.
    alkylated : bool
        Whether cysteines are alkylated.

    Returns
    -------
    MassSpectrometryRun

    Raises
    ------
    InputError
        If there are no ions.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> from sepsim.techniques.mass_spectrometry.ions.sample_ions import peptide_ions
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> ions = peptide_ions(sample_from_catalog("urine", volume_mL=1).prepare())
    >>> run = measured(NierJohnson().spectrometer, ions, (300, 2000), rays=5000)
    >>> run.area("vesicle") < run.area("contaminant")
    True
    """
    species = _distinct(ions)
    instrument = instrument_peak(spectrometer, rays)
    count = points or _enough(mz_range, instrument)
    isotopic = with_isotopes(species, alkylated, RAREST)
    spectrum = _scan(np.geomspace(*mz_range, count), isotopic, instrument)
    inside, outside = _places(species, instrument, mz_range)
    return MassSpectrometryRun(
        spectrometer,
        instrument,
        species,
        count,
        spectrum,
        peaks=_integrated(spectrum, species, isotopic, instrument, np.flatnonzero(inside)),
        outside=_names(species, outside),
        cut=_names(species, ~inside & ~outside),
    )


def foreseen(
    spectrometer: Spectrometer,
    ions: Ions,
    mz_range: tuple[float, float],
    *,
    rays: int = 4000,
    points: int | None = None,
) -> MassSpectrometryRun:
    """Return which peaks a scan of the magnetic field will show, without the scan.

    Peaks have the areas of their own ions, as if no others came into them; the spectrum is left empty, at 0 between the
    ends of the range.

    Parameters
    ----------
    spectrometer : Spectrometer
    ions : Ions
        Of peptides, at their monoisotopic masses.
    mz_range : tuple of float [Da]
        Lowest and highest m/z.
    rays : int
        As for `sketched_peak`.
    points : int, optional
        As for `measured`.

    Returns
    -------
    MassSpectrometryRun

    Raises
    ------
    InputError
        If there are no ions.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> from sepsim.techniques.mass_spectrometry.ions.sample_ions import peptide_ions
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> ions = peptide_ions(sample_from_catalog("urine", volume_mL=1).prepare())
    >>> len(foreseen(NierJohnson().spectrometer, ions, (300, 2000)).outside)
    2
    """
    species = _distinct(ions)
    instrument = sketched_peak(spectrometer, rays)
    inside, outside = _places(species, instrument, mz_range)
    rows = np.flatnonzero(inside)
    return MassSpectrometryRun(
        spectrometer,
        instrument,
        species,
        points or _enough(mz_range, instrument),
        Spectrum(np.array(mz_range), np.zeros(2)),
        peaks=_peaks(species, rows, species.number[rows], np.zeros(rows.size)),
        outside=_names(species, outside),
        cut=_names(species, ~inside & ~outside),
    )


def _peak_name(protein: str, peptide: str, charge: int) -> str:
    return f"{protein} {peptide} {charge}+"


def _names(species: Ions, which: NDArray[np.bool_]) -> tuple[str, ...]:
    """Return the names of the peaks of some species, those of most ions first."""
    rows = sorted(np.flatnonzero(which).tolist(), key=lambda row: -species.number[row])
    return tuple(
        _peak_name(species.origins[row].protein, species.origins[row].peptide, round(species.charge[row]))
        for row in rows
    )


def _distinct(ions: Ions) -> Ions:
    """Put together what no instrument tells apart: the same peptide from several populations."""
    if not ions.number.sum() > 0:
        raise InputError("ions: there are none, so there is no spectrum")
    groups: dict[tuple[str, str, str, float], list[int]] = defaultdict(list)
    for index, (origin, charge) in enumerate(zip(ions.origins, ions.charge.tolist(), strict=True)):
        if ions.number[index] > 0:
            groups[origin.protein, origin.peptide, origin.role, charge].append(index)
    first = [members[0] for members in groups.values()]
    names = [", ".join(dict.fromkeys(ions.origins[index].population for index in group)) for group in groups.values()]
    return Ions(
        ions.mass[first],
        ions.charge[first],
        np.array([ions.number[members].sum() for members in groups.values()]),
        [ions.origins[index]._replace(population=name) for index, name in zip(first, names, strict=True)],
    )


def _enough(mz_range: tuple[float, float], instrument: InstrumentPeak) -> int:
    """Return how many points of a scan show its peaks well."""
    lowest, highest = mz_range
    widths = math.log(highest / lowest) * instrument.power.fwhm
    return min(MOST_POINTS, 2 + math.ceil(POINTS_PER_PEAK * widths))


def _places(
    species: Ions, instrument: InstrumentPeak, mz_range: tuple[float, float]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which peaks lie wholly within a range of m/z, and which wholly outside."""
    windows = np.array([instrument.window(mz) for mz in species.mz.tolist()])
    lowest, highest = mz_range
    inside = (windows[:, 0] >= lowest) & (windows[:, 1] <= highest)
    return inside, (windows[:, 1] <= lowest) | (windows[:, 0] >= highest)


def _scan(held: FloatArray, ions: Ions, instrument: InstrumentPeak) -> Spectrum:
    """Return the spectrum; each ion is looked for only where it can reach the collector."""
    intensity = np.zeros_like(held)
    for mz, number in zip(ions.mz.tolist(), ions.number.tolist(), strict=True):
        first, last = np.searchsorted(held, instrument.window(mz))
        near = slice(first, last)
        intensity[near] += scan(held[near], [mz], [number], instrument.profile, instrument.dispersion).intensity
    return Spectrum(mz=held, intensity=intensity)


def _integrated(
    spectrum: Spectrum, species: Ions, isotopic: Ions, instrument: InstrumentPeak, inside: NDArray[np.intp]
) -> tuple[Peak, ...]:
    """Integrate the monoisotopic peak of each species that lies within the scan."""
    if not inside.size:
        return ()
    mono = _monoisotopic(species, isotopic)[inside]
    windows = np.array([instrument.window(mz) for mz in species.mz[inside].tolist()])
    found = peak_areas(spectrum, windows, instrument.profile, instrument.dispersion)
    foreign = [_share(max(0.0, each - own), each) for each, own in zip(found.tolist(), mono.tolist(), strict=True)]
    return _peaks(species, inside, found * species.number[inside] / mono, np.array(foreign))


def _peaks(species: Ions, inside: NDArray[np.intp], area: FloatArray, foreign: FloatArray) -> tuple[Peak, ...]:
    """Return the peaks of some species with their areas, and the shares of these that are foreign."""
    return tuple(
        Peak(
            protein=origin.protein,
            peptide=origin.peptide,
            role=origin.role,
            populations=tuple(origin.population.split(", ")),
            charge=round(species.charge[index]),
            mz=float(species.mz[index]),
            area=float(area[row]),
            relative_abundance=_share(float(area[row]), float(area.max())),
            foreign=float(foreign[row]),
        )
        for row, index in sorted(enumerate(inside.tolist()), key=lambda pair: species.mz[pair[1]])
        for origin in [species.origins[index]]
    )


def _share(part: float, whole: float) -> float:
    """Return a share of what may be nothing, where a coarse scan has missed a peak."""
    return part / whole if whole > 0 else 0.0


def _monoisotopic(species: Ions, isotopic: Ions) -> FloatArray:
    """Return how many ions of each species are monoisotopic, shape (n,) [-]."""
    numbers: dict[object, tuple[float, float]] = {}
    for mz, number, charge, origin in zip(
        isotopic.mz.tolist(), isotopic.number.tolist(), isotopic.charge.tolist(), isotopic.origins, strict=True
    ):
        numbers[origin, charge] = min(numbers.get((origin, charge), (math.inf, 0.0)), (mz, number))
    return np.array([numbers[key][1] for key in zip(species.origins, species.charge.tolist(), strict=True)])
