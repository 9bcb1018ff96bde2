"""Mass spectrometry: ions are deflected in a sector instrument by m/z, or weighed one by one by charge detection.

What happens: in mode "peptide" the sample is lysed and digested, signature peptides of marker proteins become ions,
and a scan of the magnetic field brings one m/z after another onto the collector. In mode "intact" whole particles
become ions, and charge detection measures m/z and charge of each.

Each sector on its own bends slow ions more than fast ones. A double-focusing instrument does not undo this; it is laid
out so that the displacements of both sectors cancel at the detector, where ions of one m/z and different speed meet.

Equation: r_m = sqrt(2 m V / (z e)) / B in the magnet, r_e = 2 V / E in the electric sector whatever the mass;
m/z = B^2 r_m^2 / (2 V). Peaks: `ion_spectrum`; whole ions: `whole_ion_spectrum`.

Whole vesicles do not fit a sector: one of 100 nm needs a field times radius of some 6 T m, a real magnet gives 0.3 to
0.5. In mode "intact" the magnet is a thought experiment.

As a step of a protocol this is a detector: nothing comes back. ``detected`` is the share of each particle class whose
ions are counted; yield and purity refer to ions, not to recovered vesicles.

Assumptions: no separation of peptides before the source, equal response of all, no noise; ions do not repel one
another. Time is not counted. Valid range: ions slow against light, rays near the axis (`kernels.ion_optics`).

Sources: Herzog 1934, Mattauch & Herzog 1934, Bainbridge & Jordan 1936, Johnson & Nier 1953, Wollnik 1987 (optics);
Fernandez de la Mora 2000 (charges); Contino et al. 2013, Keifer et al. 2015 (charge detection).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, TypeVar

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import DALTON_KG
from sepsim.errors import InputError
from sepsim.method import Method, Outcome
from sepsim.particles.markers import SERA, copies_in
from sepsim.samples.sample import Sample
from sepsim.settings import Tabled, integer, number, record, settings, text
from sepsim.techniques.mass_spectrometry.analysers.charge_detection import ChargeDetection
from sepsim.techniques.mass_spectrometry.ion_spectrum import (
    POINTS_PER_PEAK,
    MassSpectrometryRun,
    foreseen,
    measured,
)
from sepsim.techniques.mass_spectrometry.ions.ionisation import Electrospray, IonSource, Maldi
from sepsim.techniques.mass_spectrometry.ions.ions import Ions
from sepsim.techniques.mass_spectrometry.ions.isotopes import protonated_mass
from sepsim.techniques.mass_spectrometry.ions.marker_peptides import peptide_markers
from sepsim.techniques.mass_spectrometry.ions.peptides import peptide_mass
from sepsim.techniques.mass_spectrometry.ions.sample_ions import (
    LUMENS,
    Digestion,
    WholeIons,
    peptide_ions,
    protein_numbers,
    whole_ions,
)
from sepsim.techniques.mass_spectrometry.mass_spectrum import field_of_mz
from sepsim.techniques.mass_spectrometry.optics.rays import ReferenceIon
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import (
    BainbridgeJordan,
    Design,
    MattauchHerzog,
    NierJohnson,
    SingleMagnet,
)
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import BeamSource, Detector, Spectrometer
from sepsim.techniques.mass_spectrometry.whole_ion_spectrum import (
    WholeIonRun,
    detected_shares,
    magnet_radius,
    sampled_shares,
    weighed,
)
from sepsim.text.tables import counted, percent
from sepsim.units import to_si

Measured = TypeVar("Measured", MassSpectrometryRun, WholeIonRun)
STRONGEST_T = 2.0  # of a magnet with an iron core
FEW_RAYS = 4000  # of a dry run
MUCH_PROTEIN = 0.01  # of a sample, from where a population that gives no ions is told
FEW = 0.01  # of the drawn ions, below which the threshold of charge detection is told
SIGMAS = 5.0  # of the noise, that an ion must rise above it
BEST_NOISE = 0.2  # elementary charges, of ions trapped for seconds (Keifer et al. 2015)
TOLD = 4  # names in a warning
COARSE = 5  # points within the width of a peak, below which areas are uncertain
NARROW_SLITS = NierJohnson(
    source=BeamSource(slit_um=30), detector=Detector(slit_um=30), ion=ReferenceIon(mass_Da=1000)
)  # tells isotopes of peptides apart
SOURCES = {
    NierJohnson: "johnson1953",
    SingleMagnet: "herzog1934",
    MattauchHerzog: "mattauch1934",
    BainbridgeJordan: "bainbridge1936",
}


@settings
class MassSpectrometry(Method):
    """Ions of a sample by m/z; hands out ``detected`` and ``lost``, both used up.

    Parameters
    ----------
    mode : str
        "peptide": signature peptides of the lysed sample in a sector instrument; "intact": whole particles by charge
        detection.
    nier_johnson, single_magnet, mattauch_herzog, bainbridge_jordan : mapping or Design
        At most one: the instrument. Left out: a Nier-Johnson instrument with slits of 30 um. Its fields follow the
        scan; of its ion only the voltage counts.
    electrospray, maldi : mapping or IonSource
        At most one: what makes the ions; default electrospray.
    digestion : mapping or Digestion
        Which proteins are looked for, in mode "peptide"; whose serum: left out, as the sample tells.
    lowest_mz, highest_mz : float [Da]
        Of the scan, in mode "peptide".
    points : int
        Of the scan; left out: 40 within the width of a peak at half height.
    ions : int
        Rays of the beam in mode "peptide"; in mode "intact" ions that are weighed, equally many of each population.
    charge_detection : mapping or ChargeDetection
        In mode "intact".
    lumen : str
        Of vesicles in mode "intact": "kept", "dried" or "lost".

    Raises
    ------
    InputError
        With every problem of the settings.

    Notes
    -----
    A class is detected by the share of the ions of its looked-for peptides that lie within the scan, times the
    efficiency of digestion, the ion yield and the transmission; in mode "intact" by the ion yield times the share of
    its charges above the threshold. Classes that carry no looked-for protein are lost.

    Examples
    --------
    >>> MassSpectrometry().fraction_names
    ('detected', 'lost')
    >>> MassSpectrometry(mattauch_herzog={"source": {"slit_um": 20}}).instrument.source.slit_um
    20.0
    """

    technique: ClassVar[str] = "mass_spectrometry"
    tells_apart: ClassVar[bool] = True

    mode: str = text(
        default="peptide", choices=("peptide", "intact"), help="peptides of the lysed sample, or whole particles"
    )
    nier_johnson: Tabled[NierJohnson | None] = record(
        NierJohnson,
        default=None,
        example="{ source = { slit_um = 30 }, detector = { slit_um = 30 } }",
        help="electric sector, then a magnet; or one of the next three",
    )
    single_magnet: Tabled[SingleMagnet | None] = record(
        SingleMagnet, default=None, example="{ radius_mm = 305, angle_deg = 90 }", help="a magnet alone"
    )
    mattauch_herzog: Tabled[MattauchHerzog | None] = record(
        MattauchHerzog, default=None, example="{ source = { slit_um = 20 } }", help="all masses in focus on a plate"
    )
    bainbridge_jordan: Tabled[BainbridgeJordan | None] = record(
        BainbridgeJordan, default=None, example="{ radius_mm = 254 }", help="electric sector and magnet of equal radius"
    )
    electrospray: Tabled[Electrospray | None] = record(
        Electrospray, default=None, example="{ rayleigh_share = 0.85 }", help="ions out of drops; the default"
    )
    maldi: Tabled[Maldi | None] = record(
        Maldi, default=None, example="{ double_percent = 5 }", help="ions by laser, instead"
    )
    digestion: Tabled[Digestion | None] = record(
        Digestion, default=None, example='{ serum = "bovine" }', help="proteins that are looked for; only for peptides"
    )
    lowest_mz: float = number(default=300.0, minimum=1, maximum=1e6, help="lowest m/z of the scan")
    highest_mz: float = number(default=2000.0, minimum=1, maximum=1e6, help="highest m/z of the scan")
    points: int | None = integer(
        default=None, minimum=100, maximum=10_000_000, help="points of the scan; left out: by itself"
    )
    ions: int = integer(default=20_000, minimum=100, maximum=10_000_000, help="rays of the beam, or whole ions weighed")
    charge_detection: Tabled[ChargeDetection | None] = record(
        ChargeDetection,
        default=None,
        example="{ noise_per_passage = 100, passages = 10_000 }",
        help="only for whole ions",
    )
    lumen: str = text(default="kept", choices=LUMENS, help="of vesicles that fly as a whole")

    @property
    def instrument(self) -> Design:
        """The sector instrument."""
        return next((each for each in self._instruments if each is not None), NARROW_SLITS)

    @property
    def _instruments(self) -> tuple[Design | None, ...]:
        return (self.nier_johnson, self.single_magnet, self.mattauch_herzog, self.bainbridge_jordan)

    @property
    def source(self) -> IonSource:
        """What makes the ions."""
        return self.maldi or self.electrospray or Electrospray()

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """Names of the fractions."""
        return ("detected", "lost")

    @property
    def sources(self) -> tuple[str, ...]:
        """Where optics, ions and markers come from."""
        if self.mode == "intact":
            return (*self.source.sources, "contino2013", "keifer2015")
        proteins = (self.digestion or Digestion()).sources
        return (SOURCES[type(self.instrument)], "herzog1934", "wollnik1987", *self.source.sources, *proteins)

    def conflicts(self) -> list[str]:
        """Return what does not fit together."""
        return self.found(self._instrument_problems, self._source_problems, self._scan_problems, self._mode_problems)

    def _instrument_problems(self) -> Iterator[str]:
        if sum(each is not None for each in self._instruments) > 1:
            yield "give one of nier_johnson, single_magnet, mattauch_herzog and bainbridge_jordan, or none of them"

    def _source_problems(self) -> Iterator[str]:
        if self.electrospray is not None and self.maldi is not None:
            yield "electrospray and maldi: give one of them, not both"

    def _scan_problems(self) -> Iterator[str]:
        if not self.lowest_mz < self.highest_mz:
            yield f"lowest_mz = {self.lowest_mz:g}: must be below highest_mz = {self.highest_mz:g}"

    def _mode_problems(self) -> Iterator[str]:
        for key in {"peptide": ("charge_detection",), "intact": ("digestion", "points")}[self.mode]:
            if getattr(self, key) is not None:
                yield f"{key}: has no meaning in mode {self.mode!r}"

    def obstacle(self, fraction: str) -> str:
        """Return why what was lost cannot be kept; ions that were counted may only be the end."""
        return "neither ions nor digests come back" if fraction == "lost" else ""

    def spent(self, fraction: str) -> str:
        """Return why nothing of it can be treated by a later step."""
        return "its particles were lysed or ionised: a spectrometer is the end of a chain"

    def run(self, sample: Sample, *, rng: np.random.Generator) -> Outcome[MassSpectrometryRun | WholeIonRun]:
        """Make ions, deflect or weigh them, and count."""
        if self.mode == "intact":
            ions, detection = self._whole_ions(sample), self._detection
            weighed_ions = weighed(self.instrument.spectrometer, ions, detection, self.ions, rng)
            return self._weighed(sample, weighed_ions, detected_shares(ions, detection))
        digestion, peptides = self._peptides(sample)
        scanned = measured(
            self.instrument.spectrometer,
            peptides,
            (self.lowest_mz, self.highest_mz),
            rays=self.ions,
            points=self.points,
            alkylated=digestion.alkylated,
        )
        return self._scanned(sample, digestion, scanned)

    def dry_run(self, sample: Sample, *, rng: np.random.Generator) -> Outcome[MassSpectrometryRun | WholeIonRun]:
        """Count with few rays to second order and without a spectrum, or weigh few ions.

        Plates and poles are not in the way of the rays. It cannot tell which peaks are not resolved.
        """
        spectrometer, few = self.instrument.spectrometer, min(self.ions, FEW_RAYS)
        if self.mode == "intact":
            ions, detection = self._whole_ions(sample), self._detection
            weighed_ions = weighed(spectrometer, ions, detection, few, rng)
            return self._weighed(sample, weighed_ions, sampled_shares(ions, detection, rng))
        digestion, peptides = self._peptides(sample)
        scan = self.lowest_mz, self.highest_mz
        return self._scanned(sample, digestion, foreseen(spectrometer, peptides, scan, rays=few, points=self.points))

    # ---- peptides ------------------------------------------------------------------------------------------

    def _peptides(self, sample: Sample) -> tuple[Digestion, Ions]:
        """Return how a sample is digested, and the ions of its peptides."""
        _refuse_nothing(sample)
        digestion = (self.digestion or Digestion()).within(sample)
        ions = peptide_ions(sample, self.source, digestion)
        if not ions.number.sum() > 0:
            names = sorted({marker.population for marker in digestion.markers})
            raise InputError(
                "mass_spectrometry: no particle of the sample carries a protein that is looked for; "
                f"markers are of {', '.join(names)}; give digestion = {{ marker = [..] }} of one's own"
            )
        return digestion, ions

    def _scanned(self, sample: Sample, digestion: Digestion, run: MassSpectrometryRun) -> Outcome[MassSpectrometryRun]:
        """Return what is detected of a sample, and what is told of the scan."""
        share = self._peptide_share(sample, digestion) * min(1.0, run.transmission)
        return self._outcome(
            sample,
            share,
            run,
            remarks=tuple(self._told_of_peptides(run, digestion, sample)),
            warnings=(*self._serum_warnings(sample, digestion), *self._peptide_warnings(run, digestion)),
        )

    def _peptide_share(self, sample: Sample, digestion: Digestion) -> FloatArray:
        """Return the share of each class's looked-for peptides that become ions within the scan, shape (n_classes,)."""
        peptides, within = np.zeros((2, sample.counts.size))
        for marker in digestion.markers:
            copies = copies_in(sample.particles, marker)
            peptides += len(marker.peptides) * copies
            within += copies * sum(self._share_in_scan(each, digestion.alkylated) for each in marker.peptides)
        freed = to_si("efficiency_percent", digestion.efficiency_percent) * self.source.ion_yield
        return np.asarray(np.minimum(freed * within / np.where(peptides > 0, peptides, 1.0), 1.0))

    def _share_in_scan(self, sequence: str, alkylated: bool) -> float:
        """Return the share of a peptide's ions whose m/z is scanned [-]."""
        states = self.source.peptide_charges(sequence)
        mass = protonated_mass(peptide_mass(sequence, alkylated), states.charge)
        mz = mass / states.charge / DALTON_KG
        return float(states.share @ ((mz >= self.lowest_mz) & (mz <= self.highest_mz)))

    def _told_of_peptides(self, run: MassSpectrometryRun, digestion: Digestion, sample: Sample) -> Iterator[str]:
        yield f"resolving power {run.power.fwhm:.0f} (width at half height), {run.power.valley:.0f} (10 % valley)"
        yield f"transmission {percent(run.transmission)} of the ions that leave the source slit"
        ratio = run.vesicle_to_contaminant
        if np.isfinite(ratio):
            yield f"peak areas of vesicle markers over those of contaminants: {ratio:.3g}"
        if digestion.marker is None:
            told = sample.particles.serum_species is not None
            why = "as chosen" if self._chosen_serum else "as in the sample" if told else "by default"
            yield f"serum proteins: {digestion.serum}, {why}"
        yield "yield and purity refer to ions, not to recovered vesicles"

    @property
    def _chosen_serum(self) -> bool:
        return self.digestion is not None and self.digestion.serum is not None

    def _serum_warnings(self, sample: Sample, digestion: Digestion) -> Iterator[str]:
        """Tell a serum that nothing decides, and protein of which nothing is looked for."""
        if digestion.marker is not None:
            return
        if not self._chosen_serum and sample.particles.serum_species is None and _holds_serum(sample):
            yield (
                f"serum proteins taken as {digestion.serum}, which the sample does not tell; give "
                'serum_species = "bovine" or "human" in [sample], or digestion = { serum = "bovine" }'
            )
        if unmarked := _unmarked(sample, digestion):
            names = ", ".join(f"{name} {percent(share)}" for name, share in unmarked.items())
            yield (
                f"no protein is looked for in what holds much of the sample's protein, and it gives no ions: {names}; "
                f'with serum = "{digestion.serum}" the catalogue has no marker of it; give one as [[marker]]'
            )

    def _peptide_warnings(self, run: MassSpectrometryRun, digestion: Digestion) -> Iterator[str]:
        yield from digestion.warnings
        scan = f"m/z {self.lowest_mz:g} to {self.highest_mz:g}"
        if not run.peaks:
            reach = f"m/z {run.ions.mz.min():.5g} to {run.ions.mz.max():.5g}"
            yield f"the spectrum is empty: no whole peak lies within {scan}; the ions have {reach}"
        if run.cut:
            yield f"{counted(len(run.cut), 'peak')} cut by the ends of the scan, not read: {_some(run.cut)}"
        if run.outside:
            yield f"{counted(len(run.outside), 'peak')} outside {scan}, not read: {_some(run.outside)}"
        if blurred := [peak for peak in run.peaks if not peak.resolved]:
            worst = max(blurred, key=lambda peak: peak.foreign)
            yield (
                f"{counted(len(blurred), 'peak')} not resolved from neighbours, worst {worst.name}, of which "
                f"{percent(worst.foreign)} are other ions; left out of sums; narrow the slits or take other peptides"
            )
        if unseen := self._outside(run):
            yield (
                f"{counted(len(unseen), 'peptide')} with most ions outside m/z {self.lowest_mz:g} to "
                f"{self.highest_mz:g}: {', '.join(unseen)}; widen lowest_mz or highest_mz"
            )
        yield from self._magnet_warnings(run.spectrometer)
        widths = np.log(self.highest_mz / self.lowest_mz) * run.power.fwhm
        if run.points < COARSE * widths:
            yield (
                f"the scan has {run.points / widths:.2g} points within the width of a peak, areas are rough; "
                f"take {POINTS_PER_PEAK * widths:.0f} points, wider slits or a shorter scan"
            )

    def _outside(self, run: MassSpectrometryRun) -> list[str]:
        """Return the peptides of which the scan misses most ions."""
        found: dict[str, list[float]] = {}
        inside = (run.ions.mz >= self.lowest_mz) & (run.ions.mz <= self.highest_mz)
        for origin, count, seen in zip(run.ions.origins, run.ions.number.tolist(), inside.tolist(), strict=True):
            sums = found.setdefault(f"{origin.protein} {origin.peptide}", [0.0, 0.0])
            sums[seen] += count
        return [name for name, (missed, scanned) in found.items() if missed > scanned]

    def _magnet_warnings(self, spectrometer: Spectrometer) -> Iterator[str]:
        field = float(field_of_mz(self.highest_mz, magnet_radius(spectrometer), spectrometer.ion.voltage))
        if field > STRONGEST_T:
            yield (
                f"highest_mz = {self.highest_mz:g}: would need {field:.2g} T, beyond the {STRONGEST_T:g} T of real "
                "magnets; lower it or the voltage, or take a larger radius"
            )

    # ---- whole particles ---------------------------------------------------------------------------------------

    @property
    def _detection(self) -> ChargeDetection:
        return self.charge_detection or ChargeDetection()

    def _whole_ions(self, sample: Sample) -> WholeIons:
        """Return the particles of a sample as ions."""
        _refuse_nothing(sample)
        return whole_ions(sample, self.source, self.lumen)

    def _weighed(self, sample: Sample, run: WholeIonRun, seen: FloatArray) -> Outcome[WholeIonRun]:
        """Return what is detected of a sample, if of the ions of each class this share is seen."""
        return self._outcome(
            sample,
            self.source.ion_yield * seen,
            run,
            remarks=tuple(self._told_of_whole(run, self._detection)),
            warnings=tuple(self._whole_particle_warnings(run, self._detection)),
        )

    def _whole_particle_warnings(self, run: WholeIonRun, detection: ChargeDetection) -> Iterator[str]:
        """Tell that next to nothing is seen, and what would help."""
        enough = run.drawn.charge >= detection.least_charge
        detected = float(run.measured.detected.mean())
        if enough.mean() < FEW:
            yield (
                f"{percent(float(enough.mean()))} of the drawn ions carry the {detection.least_charge:.3g} charges "
                f"from which they are told from noise; {self._more_charge(run, detection)}"
            )
        elif detected < FEW:
            yield (
                f"{percent(detected)} of the drawn ions are detected, most of the others have "
                f"an m/z outside {detection.lowest_mz:g} to {detection.highest_mz:g}; "
                "change lowest_mz or highest_mz of charge_detection"
            )

    def _more_charge(self, run: WholeIonRun, detection: ChargeDetection) -> str:
        """Return what would bring the threshold of charge detection and the charges together."""
        usual = float(np.median(run.drawn.charge))
        if usual <= SIGMAS * BEST_NOISE:
            source = "electrospray gives more" if self.maldi is not None else "larger particles carry more"
            return f"the usual {usual:.3g} cannot be told from noise however many the passages; {source}"
        return "take more passages" if detection.threshold is None else "lower its threshold"

    def _told_of_whole(self, run: WholeIonRun, detection: ChargeDetection) -> Iterator[str]:
        yield f"charge detection: noise {detection.charge_noise:.3g} e, seen from {detection.least_charge:.3g} e"
        if run.vesicle_shares:
            shares = ", ".join(f"{name} {percent(share)}" for name, share in run.vesicle_shares.items())
            yield f"vesicles among the ions: {shares}; drawn are equally many of each population, and weighted"
        if run.unseen:
            limits = f"m/z {detection.lowest_mz:g} to {detection.highest_mz:g}"
            yield f"not in the histograms, for too few charges or beyond {limits}: {', '.join(run.unseen)}"
        need = run.vesicle_magnet
        yield (
            f"thought experiment: {need.population} ({need.mass / DALTON_KG:.2g} Da, {need.charge:.0f} charges) would "
            f"need B r = {need.rigidity:.3g} T m in a sector, {need.field:.3g} T at the instrument's radius; "
            "real magnets reach about 0.5 T m"
        )
        yield "yield and purity refer to ions, not to recovered vesicles"

    def _outcome(
        self,
        sample: Sample,
        share: FloatArray,
        run: Measured,
        *,
        remarks: tuple[str, ...],
        warnings: tuple[str, ...],
    ) -> Outcome[Measured]:
        detected, lost = sample.take(share, 0.0)  # the liquid is gone with what is lost
        return Outcome(
            fractions={"detected": detected, "lost": lost},
            trace=run,
            remarks=remarks,
            warnings=warnings,
            equipment={"spectrometer": 1},
        )


def _refuse_nothing(sample: Sample) -> None:
    if not sample.counts.sum() > 0:
        raise InputError("mass_spectrometry: the sample holds no particles, so there are no ions")


def _some(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    more = len(names) - TOLD
    return ", ".join(names[:TOLD]) + (f" and {more} more" if more > 0 else "")


def _holds_serum(sample: Sample) -> bool:
    """Whether a sample holds proteins that differ between sera."""
    one, other = (set(peptide_markers(serum)) for serum in SERA)
    return bool(protein_numbers(sample, tuple(one ^ other)).any())


def _unmarked(sample: Sample, digestion: Digestion) -> dict[str, float]:
    """Return the share of the sample's protein in each population without any looked-for one, if it is much."""
    looked_for = digestion.markers
    found = protein_numbers(sample, looked_for)
    marked = {marker.population for marker, molecules in zip(looked_for, found, strict=True) if molecules > 0}
    protein = sample.protein_by_population
    total = sum(protein.values())
    return {
        name: mass / total
        for name, mass in sorted(protein.items(), key=lambda pair: -pair[1])
        if name not in marked and mass > MUCH_PROTEIN * total
    }
