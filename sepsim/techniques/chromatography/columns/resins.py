"""Resins: porous beads that admit small particles and, if they are made for it, bind some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sepsim.arrays import FloatArray
from sepsim.catalog import Catalog
from sepsim.data import numbers, rows
from sepsim.errors import InputError
from sepsim.settings import Accepts, Settings, Table, number, part, settings, text
from sepsim.techniques.chromatography.columns.partition import CylindricalPore, FibreGel, PartitionLaw, Solid
from sepsim.units import to_si

_COLUMNS = (
    "bead_diameter_um",
    "bead_porosity",
    "pore_diameter_nm",
    "pore_geometric_sd",
    "fibre_radius_nm",
    "fibre_volume_fraction",
    "pore_diffusion",
    "core_capture_per_s",
    "max_velocity_cm_h",
)
_BINDING_COLUMNS = (
    "retention_factor",
    "capacity_per_mL",
    "capture_per_s",
    "eluted_retention_factor",
    "desorption_per_s",
)
_EXAMPLE = "{ ldl = { retention_factor = 50 } }"


@settings
class Binding(Settings):
    """How a resin binds one population.

    Dilute and at equilibrium, binding delays the population by `retention_factor` void volumes beyond what its entry
    into the pores costs: mean volume = V_0 (1 + F K eps_p + k'), where V_0 is the void volume of the bed, F =
    (1 - eps)/eps and eps_p the porosity of the beads; so k' = F (1 - eps_p) H with the Henry constant H. With a
    capacity, sites fill up (Langmuir), shared among all that bind.

    The share K of the sites is in the pores that the population may enter, the rest on the outer surface of the beads;
    a choice by which what hardly enters the pores is bound as what does not.

    Source: Schmidt-Traub 2020 for the definitions; the numbers depend on resin, buffer and particle, and are the
    user's or a stated choice.

    Parameters
    ----------
    retention_factor : float
        k' in the first eluent; 0: not delayed.
    capacity_per_mL : float, optional
        Particles that 1 mL of bed binds when full [1/mL]; left out: unlimited, binding is linear.
    capture_per_s : float
        Rate of irreversible binding, first order in the liquid of the pores [1/s]; what enters no pores is not
        captured. With a capacity it goes without a retention factor.
    eluted_retention_factor : float
        k' in a stronger eluent, where a step elution takes one; 0: all is set free.
    desorption_per_s : float
        Rate at which what is bound comes off [1/s]. The default is fast against an elution of minutes.

    Examples
    --------
    >>> Binding(retention_factor=50).capacity
    inf
    """

    retention_factor: float = number(default=0.0, minimum=0, help="delay by binding, in void volumes of the bed")
    capacity_per_mL: float | None = number(
        default=None, above=0, help="particles that a mL of bed binds; unlimited without"
    )
    capture_per_s: float = number(default=0.0, minimum=0, help="rate of irreversible binding in the pores")
    eluted_retention_factor: float = number(default=0.0, minimum=0, help="delay by binding in a stronger eluent")
    desorption_per_s: float = number(default=0.1, above=0, help="rate at which what is bound comes off")

    @property
    def capacity(self) -> float:
        """Particles bound by a volume of bed when full [1/m3]; infinite if unlimited.

        Examples
        --------
        >>> Binding(retention_factor=50, capacity_per_mL=1e12).capacity
        1e+18
        """
        return float("inf") if self.capacity_per_mL is None else to_si("capacity_per_mL", self.capacity_per_mL)

    def conflicts(self) -> list[str]:
        """Return what does not fit together: a capacity without binding or of both kinds, an eluent that binds more."""
        problems: list[str] = []
        if self.capacity_per_mL is not None and self.retention_factor == 0.0 and self.capture_per_s == 0.0:
            problems.append(
                f"capacity_per_mL = {self.capacity_per_mL:g}: nothing binds; "
                "give a retention_factor or a capture_per_s above 0, or leave it out"
            )
        if self.capacity_per_mL is not None and self.retention_factor > 0.0 and self.capture_per_s > 0.0:
            problems.append(
                f"capture_per_s = {self.capture_per_s:g}: with capacity_per_mL it goes without retention_factor = "
                f"{self.retention_factor:g}, since sites that fill up either release or do not; give capacity_per_mL "
                "with one of the two, or both of them without it"
            )
        if self.eluted_retention_factor > self.retention_factor:
            problems.append(
                f"eluted_retention_factor = {self.eluted_retention_factor:g}: must be at most retention_factor = "
                f"{self.retention_factor:g}; the stronger eluent is the one that sets free"
            )
        return problems


@dataclass(frozen=True, slots=True, eq=False)
class Bindings(Mapping[str, Binding]):
    """What a resin binds, by population; compared by value and hashable, so that a frozen record can hold it.

    Parameters
    ----------
    pairs : tuple of (str, Binding)

    Examples
    --------
    >>> Bindings((("ldl", Binding(retention_factor=50)),)).get("ldl").retention_factor
    50.0
    """

    pairs: tuple[tuple[str, Binding], ...] = ()

    def __getitem__(self, population: str) -> Binding:
        """Return how a population is bound, or raise KeyError."""
        return dict(self.pairs)[population]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the populations."""
        return (population for population, _ in self.pairs)

    def __len__(self) -> int:
        """Return the number of populations that are bound."""
        return len(self.pairs)

    def __hash__(self) -> int:
        """Return a hash that the order does not change, as equality ignores it."""
        return hash(frozenset(self.pairs))


def _bindings(value: Any) -> Bindings:
    if not isinstance(value, Mapping):
        raise InputError(f"must be a table by population, such as {_EXAMPLE}")
    found: list[tuple[str, Binding]] = []
    problems: list[str] = []
    for population, binding in value.items():
        try:
            found.append((str(population), binding if isinstance(binding, Binding) else Binding.from_table(binding)))
        except InputError as error:
            problems.extend(error.within(str(population)).problems)
    if problems:
        raise InputError(*problems)
    return Bindings(tuple(found))


@settings
class Resin(Settings):
    """Porous beads, by exactly one law of their pores, and what they bind.

    The share of a bead that is open to a particle of radius r is bead_porosity * partition(r).

    Parameters
    ----------
    name : str
        Name, as in ``sepsim list resins``.
    bead_diameter_um : float
        Diameter of the beads [um].
    bead_porosity : float
        Share of a bead that is liquid in pores; with a fibre gel, the share that is gel; 0: solid beads, which take
        no law.
    pore_diameter_nm : float, optional
        Diameter of cylindrical pores [nm], their median by volume.
    pore_geometric_sd : float, optional
        Geometric standard deviation of the pore diameter; left out: all pores are equal.
    fibre_radius_nm, fibre_volume_fraction : float, optional
        Radius [nm] and volume share of the fibres of a gel; instead of a pore diameter.
    pore_diffusion : float
        Diffusion in the pores over that in free liquid; the default is a choice.
    core_capture_per_s : float
        Rate at which core beads capture whatever enters their pores [1/s]; 0: none.
    max_velocity_cm_h : float, optional
        Superficial velocity up to which the beads keep their shape [cm/h]; left out: not known.
    binds : mapping of str to Binding or table
        By population.
    confidence : str
        How far the numbers can be trusted: "user", or the catalogue's read, transcribed, computed, unverified.

    Examples
    --------
    >>> own = Resin(bead_diameter_um=90, pore_diameter_nm=42, binds={"ldl": {"retention_factor": 50}})
    >>> round(float(own.partition(3.5e-9)), 3), own.binds["ldl"].retention_factor
    (0.694, 50.0)
    """

    name: str = text(default="resin of the user", help="name of the resin")
    bead_diameter_um: float = number(above=0, help="diameter of the beads")
    bead_porosity: float = number(
        default=0.95, minimum=0, maximum=1, help="share of a bead that is liquid in pores, or gel"
    )
    pore_diameter_nm: float | None = number(default=None, above=0, help="diameter of cylindrical pores")
    pore_geometric_sd: float | None = number(
        default=None, minimum=1, maximum=5, help="geometric sd of the pore diameter"
    )
    fibre_radius_nm: float | None = number(default=None, above=0, help="radius of the fibres of a gel")
    fibre_volume_fraction: float | None = number(default=None, above=0, maximum=0.5, help="volume share of the fibres")
    pore_diffusion: float = number(
        default=0.5, above=0, maximum=1, help="diffusion in the pores over that in free liquid"
    )
    core_capture_per_s: float = number(default=0.0, minimum=0, help="rate at which core beads capture what enters")
    max_velocity_cm_h: float | None = number(default=None, above=0, help="superficial velocity that the beads bear")
    binds: Accepts[Mapping[str, Binding], Mapping[str, Binding | Table]] = part(
        default=Bindings(),
        accept=_bindings,
        dump=lambda binds: {population: binding.to_table() for population, binding in binds.items()},
        allowed=f"a table by population, such as {_EXAMPLE}",
        help="what it binds",
    )
    confidence: str = text(default="user", help="how far the numbers can be trusted")

    @property
    def bead_radius(self) -> float:
        """Radius of the beads [m].

        Examples
        --------
        >>> round(RESINS.get("Sepharose CL-2B").bead_radius, 9)
        6.5e-05
        """
        return 0.5 * to_si("bead_diameter_um", self.bead_diameter_um)

    @property
    def law(self) -> PartitionLaw:
        """The law of the pores.

        Examples
        --------
        >>> round(RESINS.get("Sepharose CL-2B").law.limit * 1e9, 3)  # nm
        37.5
        """
        if self.bead_porosity == 0.0:
            return Solid()
        if self.pore_diameter_nm is not None:
            return CylindricalPore(
                0.5 * to_si("pore_diameter_nm", self.pore_diameter_nm), self.pore_geometric_sd or 1.0
            )
        assert self.fibre_radius_nm is not None
        assert self.fibre_volume_fraction is not None
        return FibreGel(to_si("fibre_radius_nm", self.fibre_radius_nm), self.fibre_volume_fraction)

    def partition(self, radius: float | FloatArray) -> FloatArray:
        """Return the share K of the pores that is open to particles of a radius.

        Parameters
        ----------
        radius : float or array [m]

        Returns
        -------
        array
            Of the same shape, between 0 and 1.

        Examples
        --------
        >>> float(RESINS.get("Sepharose CL-6B").partition(50e-9))
        0.0
        """
        return self.law.partition(radius)

    def conflicts(self) -> list[str]:
        """Return what is wrong with the law of the pores: none, two, half of one, or pores in solid beads."""
        pores = _given(self, "pore_diameter_nm", "pore_geometric_sd")
        gel = _given(self, "fibre_radius_nm", "fibre_volume_fraction")
        if self.bead_porosity == 0.0:
            return [
                f"{text}: solid beads (bead_porosity = 0) have no pores; leave it out"
                for text in {**pores, **gel}.values()
            ]
        if pores and gel:
            return [f"{text}: goes instead of {' and '.join(pores)}; leave one of them out" for text in gel.values()]
        if not pores and not gel:
            return ["pore_diameter_nm: missing; give it, or fibre_radius_nm with fibre_volume_fraction for a gel"]
        if pores:
            return [] if "pore_diameter_nm" in pores else ["pore_diameter_nm: missing; pore_geometric_sd is its spread"]
        return [
            f"{key}: missing; a gel of fibres needs fibre_radius_nm and fibre_volume_fraction"
            for key in ("fibre_radius_nm", "fibre_volume_fraction")
            if key not in gel
        ]


def _given(record: Resin, *keys: str) -> dict[str, str]:
    """Return which of some keys are given, each as it is written."""
    return {key: f"{key} = {value:g}" for key in keys if (value := getattr(record, key)) is not None}


def _from_row(row: dict[str, str]) -> Resin:
    binds = {
        binding["population"]: Binding(**numbers(binding, *_BINDING_COLUMNS)) for binding in _binding_rows(row["resin"])
    }
    return Resin(name=row["resin"], confidence=row["confidence"], binds=binds, **numbers(row, *_COLUMNS))


def _binding_rows(name: str) -> list[dict[str, str]]:
    return [row for row in rows("resin_bindings") if row["resin"] == name]


def _binding_sources(resin: Resin) -> list[str]:
    """Return the bibliography keys behind what a resin of the catalogue binds; none for a resin of the user."""
    if not RESINS.holds(resin):
        return []
    return [key for row in _binding_rows(resin.name) for key in row["source"].split()]


RESINS = Catalog(kind="resin", record=Resin, build=_from_row, part_sources=_binding_sources)
