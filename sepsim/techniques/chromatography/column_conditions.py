"""How a column is run, and what that makes of its beds for each solute: transport coefficients and binding."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sepsim.arrays import BoolArray, FloatArray, IntArray
from sepsim.media import Medium
from sepsim.particles.osmosis import state_at
from sepsim.particles.particle_table import ParticleTable
from sepsim.particles.transport import diffusion_coefficient
from sepsim.techniques.chromatography.columns.columns import Bed, Column
from sepsim.techniques.chromatography.columns.resins import Binding

if TYPE_CHECKING:
    from sepsim.techniques.chromatography.kernels.column import BedArrays, Injection, SpeciesArrays

MODELS = ("general rate", "lumped rate with pores", "equilibrium dispersive")
LIQUID_DIFFUSIVITY_M2_S = 1e-9  # of the salts of the sample; a choice
SIZE_STEP = 0.2  # in the logarithm of the size: what is nearer may be stepped as one
PARTITION_STEP = 0.05  # in the partition coefficient; the same
TINY_NUMBER = 1e-30  # of particles
FILM_RANGE = (0.0016, 55.0)  # Reynolds numbers
DISPERSION_RANGE = (1e-3, 1e3)


def reynolds_number(bed: Bed, flow: float, eluent: Medium) -> float:
    """Return the Reynolds number of the beads, Re = rho (Q/A) d_p/eta, with the superficial velocity.

    Parameters
    ----------
    bed : Bed
    flow : float [m3/s]
    eluent : Medium

    Returns
    -------
    float [-]
    """
    kinematic = eluent.viscosity / eluent.density
    return float(flow / bed.cross_section * 2.0 * bed.resin.bead_radius / kinematic)


def film_coefficient(bed: Bed, flow: float, diffusivity: FloatArray) -> FloatArray:
    """Return the mass-transfer coefficient of the liquid film about the beads.

    Sh = k_f d_p/D = (1.09/eps) (Re Sc)^(1/3), in which viscosity and density cancel: Re Sc = (Q/A) d_p/D.

    Parameters
    ----------
    bed : Bed
    flow : float [m3/s]
    diffusivity : ndarray of any shape [m2/s]

    Returns
    -------
    ndarray [m/s]
        Of the shape of `diffusivity`.

    Notes
    -----
    Valid for 0.0016 < Re < 55 and void fractions of 0.35 to 0.75; measured up to Schmidt numbers of 7e4, which
    particles above some 30 nm exceed. Wilson & Geankoplis 1966.
    """
    diameter = 2.0 * bed.resin.bead_radius
    peclet = flow / bed.cross_section * diameter / diffusivity
    coefficient: FloatArray = 1.09 / bed.void_fraction * np.cbrt(peclet) * diffusivity / diameter
    return coefficient


def axial_dispersion(bed: Bed, flow: float, eluent: Medium) -> float:
    """Return the coefficient of axial dispersion, D_ax = u d_p eps/(0.2 + 0.011 Re^0.48), u the interstitial velocity.

    Parameters
    ----------
    bed : Bed
    flow : float [m3/s]
    eluent : Medium

    Returns
    -------
    float [m2/s]

    Notes
    -----
    Valid for 1e-3 < Re < 1e3; without molecular diffusion, which is far smaller for particles. Well packed columns
    disperse less, hand-packed ones more. Chung & Wen 1968, doi 10.1002/aic.690140608.
    """
    superficial = flow / bed.cross_section
    drag = 0.2 + 0.011 * reynolds_number(bed, flow, eluent) ** 0.48
    return float(superficial * 2.0 * bed.resin.bead_radius / drag)


class StrongerEluent(NamedTuple):
    """An eluent that takes over in the course of an elution.

    Attributes
    ----------
    after : float [m3]
        Liquid that has entered the column before it.
    medium : Medium
    released : float [-]
        Share of the vesicles taken up by the resin that it sets free.
    """

    after: float
    medium: Medium
    released: float = 0.0


class Conditions(NamedTuple):
    """How a column is run.

    Attributes
    ----------
    column : Column
    flow : float [m3/s]
    eluent : Medium
    model : str
        One of `MODELS`.
    solver : "exact" | "stepped" or None
        None: exact, unless binding saturates or the stronger eluent changes it.
    dispersion : float [m2/s] or None
        Coefficient of axial dispersion, of all beds; None: by `axial_dispersion`.
    adsorption : float [-]
        Share of the vesicles that the resin of the first bed takes up on the way through.
    stronger : StrongerEluent or None
    """

    column: Column
    flow: float
    eluent: Medium
    model: str = MODELS[0]
    solver: str | None = None
    dispersion: float | None = None
    adsorption: float = 0.0
    stronger: StrongerEluent | None = None


def needs_steps(binding: Binding, *, step_elution: bool) -> bool:
    """Return whether a binding is beyond linear theory: it saturates, or a stronger eluent changes it.

    Parameters
    ----------
    binding : Binding
    step_elution : bool
        Whether a stronger eluent comes.

    Returns
    -------
    bool

    Examples
    --------
    >>> needs_steps(Binding(retention_factor=5), step_elution=False)
    False
    >>> needs_steps(Binding(retention_factor=5), step_elution=True)
    True
    """
    changed = step_elution and binding.eluted_retention_factor != binding.retention_factor
    return math.isfinite(binding.capacity) or changed


class Species(NamedTuple):
    """Solutes that differ in what a column sees; classes that share a size and are bound alike are one.

    The last one is the liquid of the sample.

    Attributes
    ----------
    radius : ndarray, shape (n_species,) [m]
    diffusivity : ndarray, shape (n_species,) [m2/s]
    population : ndarray of int, shape (n_species,)
        One that some resin binds, by its index; -1 where it does not matter.
    adsorbs : ndarray, shape (n_species,) [-]
        1 for vesicles that the resin takes up, else 0.
    of_class : ndarray of int, shape (n_classes,)
        The species of each particle class.
    """

    radius: FloatArray
    diffusivity: FloatArray
    population: IntArray
    adsorbs: FloatArray
    of_class: IntArray

    @classmethod
    def of(cls, particles: ParticleTable, conditions: Conditions, counts: FloatArray) -> Species:
        """Return the species of a particle table, each of the mean size of its classes by number."""
        bindings = [(name, each) for bed in conditions.column.beds for name, each in bed.resin.binds.items()]
        step = conditions.stronger is not None
        bound_as = _bound_as(particles, counts)
        binds = _among(particles, {name for name, _ in bindings})[bound_as]
        stepped = _among(particles, {name for name, each in bindings if needs_steps(each, step_elution=step)})[bound_as]
        diameter = state_at(particles, conditions.eluent.osmolality).diameter
        vesicle = particles.of_kind("vesicle") | particles.rides
        rows = np.column_stack(
            [
                np.where(stepped[:, np.newaxis], _coarse(diameter, conditions.column), diameter[:, np.newaxis]),
                np.where(binds, bound_as, -1),
                vesicle & (conditions.adsorption > 0),
            ]
        )
        _, first, of_class = np.unique(rows, axis=0, return_index=True, return_inverse=True)
        of_class = of_class.reshape(-1)
        weights = counts + TINY_NUMBER  # so that what is not loaded has a size as well
        mean = np.bincount(of_class, weights * diameter) / np.bincount(of_class, weights)
        diffusivity = diffusion_coefficient(particles, conditions.eluent) * diameter  # the same for every size
        return cls(
            radius=np.append(0.5 * mean, 0.0),
            diffusivity=np.append(diffusivity[first] / mean, LIQUID_DIFFUSIVITY_M2_S),
            population=np.append(rows[first, -2], -1).astype(np.int64),
            adsorbs=np.append(rows[first, -1], 0.0),
            of_class=of_class,
        )

    def numbers(self, particles: ParticleTable, per_class: FloatArray) -> FloatArray:
        """Sum a quantity of the classes by population and species, shape (n_populations, n_species)."""
        sums = np.zeros((len(particles.names), self.radius.size))
        np.add.at(sums, (particles.population, self.of_class), per_class)
        return sums


def _bound_as(particles: ParticleTable, counts: FloatArray) -> IntArray:
    """Return as which population each class is bound: its own, and what rides on vesicles as most vesicles are."""
    if not particles.rides.any():
        return particles.population
    vesicle = np.array([kind == "vesicle" for kind in particles.kinds])
    host = int(np.argmax(np.where(vesicle, particles.totals(counts), -1.0)))
    return np.where(particles.rides, host, particles.population)


def _among(particles: ParticleTable, names: set[str]) -> BoolArray:
    """Return which populations have one of some names."""
    return np.array([name in names for name in particles.names])


def _coarse(diameter: FloatArray, column: Column) -> FloatArray:
    """Return steps of size, and of the partition in each bed, (n_classes, 1 + n_beds); what they share is like.

    A size that pores do not admit shares a step with none that they do.
    """
    laws = [bed.resin.law for bed in column.beds]
    size = np.floor(np.log(diameter) / SIZE_STEP)
    steps = [np.ceil(law.partition(0.5 * diameter) / PARTITION_STEP) for law in laws]
    return np.column_stack([size, *steps])


class InBed(NamedTuple):
    """What one bed is to the liquid, and to each species; its fields are those of the kernels' arrays.

    Attributes
    ----------
    residence, peclet, phase_ratio, bead_radius : float [s, -, -, m]
        Time in which the liquid passes, velocity times length over axial dispersion, volume of beads per volume of the
        liquid between them, and radius of the beads.
    film, pore_share, storage, pore_diffusivity : ndarray, shape (n_species,) [m/s, -, -, m2/s]
        Film coefficient, share of a bead that is pore liquid open to a species, that and what linear binding holds in
        the pores, and diffusivity in them; coefficient and diffusivity may be infinite.
    liquid_loss, pore_loss : ndarray, shape (n_species,) [1/s]
        Uptake of first order from the liquid between the beads, and from that in the pores.
    surface : ndarray, shape (n_species,) [-]
        What linear binding holds on the outer surface of the beads.
    """

    residence: float
    peclet: float
    phase_ratio: float
    bead_radius: float
    film: FloatArray
    pore_share: FloatArray
    storage: FloatArray
    pore_diffusivity: FloatArray
    liquid_loss: FloatArray
    pore_loss: FloatArray
    surface: FloatArray


class Coefficients(NamedTuple):
    """What the kernels take of a column.

    Attributes
    ----------
    beds : BedArrays
    species : SpeciesArrays
        What each bed is to each species.
    """

    beds: BedArrays
    species: SpeciesArrays

    def of(self, chosen: BoolArray) -> Coefficients:
        """Return those of some species."""
        kept = (np.ascontiguousarray(each[:, chosen]) for each in self.species)
        return self._replace(species=type(self.species)(*kept))


class Load(NamedTuple):
    """A plug of species that enters a column.

    Attributes
    ----------
    conditions : Conditions
    species : Species
    names : tuple of str
        The populations.
    numbers : ndarray, shape (n_populations, n_species) [-]
        Particles loaded.
    pulse : float [s]
        Time in which they enter.
    """

    conditions: Conditions
    species: Species
    names: tuple[str, ...]
    numbers: FloatArray
    pulse: float

    @property
    def mixing(self) -> float:
        """Mean time in the liquid outside of the beds, which is mixed [s]."""
        return self.conditions.column.extra_volume / self.conditions.flow

    @property
    def injection(self) -> Injection:
        """How the plug enters, and is mixed in the liquid outside of the beds."""
        from sepsim.techniques.chromatography.kernels import column as kernel  # numba loads only when it is solved

        return kernel.Injection(self.pulse, mixing=self.mixing)

    @property
    def switch(self) -> float | None:
        """When the stronger eluent enters [s]."""
        stronger = self.conditions.stronger
        return None if stronger is None else stronger.after / self.conditions.flow

    @property
    def stepped(self) -> BoolArray:
        """Which species have to be stepped through time, shape (n_species,)."""
        if self.conditions.solver == "stepped":
            return np.full(self.species.radius.size, True)
        step = self.conditions.stronger is not None
        chosen = np.full(self.species.radius.size, False)
        for bed in self.conditions.column.beds:
            chosen |= np.array([needs_steps(each, step_elution=step) for each in self.bindings(bed)])
        return chosen

    def bindings(self, bed: Bed) -> list[Binding]:
        """Return how the resin of a bed binds each species."""
        free, binds = Binding(), bed.resin.binds
        return [binds.get(self.names[index], free) if index >= 0 else free for index in self.species.population]

    def inside(self, bed: Bed) -> FloatArray:
        """Return the share of what a resin holds that is bound in the pores of a bed, shape (n_species,).

        It is the share K of the pores that a species may enter; the rest is bound on the outer surface of the beads, so
        that what hardly enters the pores is bound as what does not. How the sites divide is a choice.
        """
        share = bed.resin.partition(self.species.radius)
        share[-1] = 1.0  # the liquid goes wherever there is liquid
        return share

    def coefficients(self, *, eluted: bool = False) -> Coefficients:
        """Return what the kernels take; if eluted, with the binding in the stronger eluent."""
        from sepsim.techniques.chromatography.kernels import column as kernel

        beds = self.in_beds(eluted=eluted)

        def stacked(field: str) -> FloatArray:
            return np.array([getattr(bed, field) for bed in beds], dtype=np.float64)

        return Coefficients(
            kernel.BedArrays(*map(stacked, kernel.BedArrays._fields)),
            kernel.SpeciesArrays(*map(stacked, kernel.SpeciesArrays._fields)),
        )

    def in_beds(self, *, eluted: bool = False) -> list[InBed]:
        """Return what each bed is to the species; if eluted, with the binding in the stronger eluent."""
        first, *others = (self._in_bed(bed, eluted=eluted) for bed in self.conditions.column.beds)
        no_uptake = np.zeros_like(first.liquid_loss)  # the first bed alone takes vesicles up
        return [first, *(each._replace(liquid_loss=no_uptake) for each in others)]

    def _in_bed(self, bed: Bed, *, eluted: bool) -> InBed:
        conditions, species, resin = self.conditions, self.species, bed.resin
        flow = conditions.flow
        residence = bed.void_volume / flow
        dispersion = conditions.dispersion or axial_dispersion(bed, flow, conditions.eluent)
        inside = self.inside(bed)
        pore_share = resin.bead_porosity * inside
        bindings = self.bindings(bed)
        factors = [each.eluted_retention_factor if eluted else each.retention_factor for each in bindings]
        retained = np.array(factors) / bed.phase_ratio
        pore_diffusivity = resin.pore_diffusion * species.diffusivity
        film = film_coefficient(bed, flow, species.diffusivity)
        unlimited = np.full_like(film, np.inf)
        capture = np.array([each.capture_per_s for each in bindings]) + resin.core_capture_per_s
        capture[-1] = 0.0
        return InBed(
            residence=residence,
            peclet=flow / bed.cross_section / bed.void_fraction * bed.length / dispersion,
            phase_ratio=bed.phase_ratio,
            bead_radius=resin.bead_radius,
            film=unlimited if conditions.model == MODELS[2] else film,
            pore_share=pore_share,
            storage=pore_share + inside * retained,
            pore_diffusivity=pore_diffusivity if conditions.model == MODELS[0] else unlimited,
            liquid_loss=-math.log1p(-conditions.adsorption) / residence * species.adsorbs,
            pore_loss=capture,
            surface=(1.0 - inside) * retained,
        )


class ElutionProfile(NamedTuple):
    """How each species leaves a column, and what of it does not.

    Attributes
    ----------
    left : ndarray, shape (n_species, n_marks) [-]
        Share that has left the column by each of some times.
    remaining, captured : ndarray, shape (n_species,) [-]
        Share that more eluent would still bring out, and share that the resin keeps.
    rate : ndarray, shape (n_species, n_points) [1/s]
        Share that leaves per time, at each point of a grid of times.
    """

    left: FloatArray
    remaining: FloatArray
    captured: FloatArray
    rate: FloatArray


class Departure(NamedTuple):
    """How everything leaves a column, solved or estimated.

    Attributes
    ----------
    profile : ElutionProfile
        Of each species; what has left by the borders of the fractions, and rates at `volumes`.
    volumes : ndarray, shape (n_points,) [m3]
        Of liquid that has left the column since the sample enters.
    stronger : ndarray, shape (n_fractions,) [m3]
        Liquid of the stronger eluent in each fraction.
    stepped : bool
        Whether the solution was stepped through time.
    stepping_error : float [-]
        Estimated error of a fraction, of what is loaded of a population; 0 where nothing was stepped.
    """

    profile: ElutionProfile
    volumes: FloatArray
    stronger: FloatArray
    stepped: bool = False
    stepping_error: float = 0.0
