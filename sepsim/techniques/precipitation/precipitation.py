"""Precipitation: a polymer, a salt or a solvent makes particles stick together, and a slow spin brings clusters down.

What happens in the tube: the precipitant is mixed in. Proteins come down as far as their solubility falls, vesicles and
lipoproteins as far as the polymer pushes them together; they meet, and clusters grow while the mixture stands, and once
more when they sink past one another in the spin. What has grown large enough lands at the bottom, through a liquid that
the polymer has made viscous.

Equations: `solubility` (log S = beta - K w), `pair_potential` (depletion, van der Waals, charges, hydration),
`aggregation` (population balance of Smoluchowski), `growth` (plug flow of fractal clusters in the spin).

Assumptions: the mixture is even at once; what wants to come down is known before clusters grow, and stays; clusters do
not break; protein comes down in grains at once; particles that stay dispersed sediment alone, by the Lamm equation
where it matters; of the pellet not the clusters but the particles hold on to the wall of the tube, as in
`Centrifugation`, and what does not disperse there is lost, here it stays in the product in clusters.

Valid range: dilute particles, polymer up to some 20 % w/v, kits by a guess at their polymer.

Sources: Atha & Ingham 1981, J. Biol. Chem. 256, 12108; Ingham 1978, Arch. Biochem. Biophys. 186, 106; Asakura & Oosawa
1958; Fuchs 1934; von Smoluchowski 1917.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.media import Medium
from sepsim.method import Method, Outcome
from sepsim.particles.osmosis import state_at
from sepsim.particles.states import ParticleState
from sepsim.particles.transport import diffusion_coefficient, sedimentation_coefficient
from sepsim.rotors.rotors import ROTORS
from sepsim.samples.changes import changed
from sepsim.samples.sample import Sample
from sepsim.settings import number, settings
from sepsim.techniques.centrifugation.gradient.gradient import Stretch
from sepsim.techniques.centrifugation.pellet import Pellet, decant, pellet_remarks, resuspend
from sepsim.techniques.centrifugation.pellet_recovery import covered_share, held_back, stirred_up
from sepsim.techniques.centrifugation.rotor_settings import WITHOUT_LOSSES, RotorSettings
from sepsim.techniques.centrifugation.spin import Spin, automatic, closed_form
from sepsim.techniques.centrifugation.spin_validity import spin_warnings
from sepsim.techniques.centrifugation.tubes.chords import Chords, chords
from sepsim.techniques.centrifugation.wall_layer import TubeWall, WallLayer, tube_wall
from sepsim.techniques.precipitation.clusters import BURST, cluster_states, clustered, shares_of_sizes
from sepsim.techniques.precipitation.equilibrium import Wanting, wanting
from sepsim.techniques.precipitation.growth import Landed, bench, brought_down, incubated, primaries
from sepsim.techniques.precipitation.kits.kits import KITS, Kit
from sepsim.techniques.precipitation.precipitate import Precipitate
from sepsim.techniques.precipitation.precipitation_model import PrecipitationModel
from sepsim.techniques.precipitation.precipitation_validity import mixture_warnings, precipitation_remarks
from sepsim.techniques.precipitation.reagent import Mixture, ReagentSettings
from sepsim.units import to_si

if TYPE_CHECKING:
    from sepsim.techniques.precipitation.aggregation import Aggregates, Conditions, Primaries

    _Clusters = tuple[Conditions | None, Primaries | None, Aggregates | None, Landed | None]

SECOND_SPIN_LEAVES = 0.3  # of the liquid on a pellet, when it is spun again and drawn off: a choice
_NO_CLUSTERS = (None, None, None, None)
OF_KIT = ("temperature_C", "incubation_min", "time_min", "second_spin_min")


@settings
class Precipitation(ReagentSettings, Method):
    """Precipitate a sample and spin it; hands out ``pellet``, ``supernatant`` and ``lost``.

    Parameters
    ----------
    kit : str, mapping or Kit
        A name of the catalogue, or a kit of one's own: its reagent, and what is left out of times, temperature and
        speed. Or instead
    peg_percent_w_v : float [% w/v]
        Polyethylene glycol in the mixture (with a kit: what is assumed in place of the kit's own), of
    peg_molar_mass_kDa : float [kDa]
        0.4-35; default 6. Or instead
    dextran_percent_w_v, dextran_molar_mass_kDa : float [% w/v], [kDa]
        Dextran in the mixture; default 40 kDa. Or instead
    ammonium_sulfate_M : float [mol/L]
        Dissolved dry. Or instead
    solvent : "methanol" | "ethanol" | "acetone"
        Poured in, up to
    solvent_percent_v_v : float [% v/v]
        Of the volumes before they are mixed.
    stock_percent_w_v : float [% w/v]
        Of the stock of polymer that is poured in; default 50.
    nacl_M : float [mol/L]
        Sodium chloride that is added, dissolved dry.
    pH : float [-]
        Of the mixture, 1-14; default 7.4.
    incubation_min : float [min]
        From mixing to the spin; left out: that of the kit.
    shear_rate_per_s : float [1/s]
        While the mixture is mixed, all through the incubation; default 0. Some 10 on a rotator.
    model : mapping or PrecipitationModel
        What pulls particles out of solution, and how clusters behave.
    second_spin_min : float [min]
        A short second spin after which the rest of the liquid is drawn off; left out: none, or that of the kit.
    rotor, tube, tubes, speed_rpm, rcf_xg, rcf_at, acceleration_min, braking_min
        As for `Centrifugation`; without speed the kit's, at r_max.
    time_min : float [min]
        Time at speed; left out: that of the kit.
    temperature_C : float [degC]
        Of incubation and spin; left out: that of the kit, or of the sample.
    pellet_recovery, residual_volume_mL, residual_film_um, waiting_min, pellet_model, pellet_disturbed, resuspend
        As for `Centrifugation`; what decanting stirs up is by the size of clusters.

    Raises
    ------
    InputError
        With every problem of the settings.

    Examples
    --------
    >>> step = Precipitation(peg_percent_w_v=8, incubation_min=960, rotor="SX4750", rcf_xg=3200, rcf_at="rmax",
    ...                      time_min=60, temperature_C=4, resuspend={"medium": "PBS", "volume_mL": 1})
    >>> step.fraction_names
    ('pellet', 'supernatant', 'lost')
    >>> kit = Precipitation(kit="ExoQuick", rotor="SX4750")
    >>> kit.incubation_min, kit.rcf_xg, kit.time_min, kit.second_spin_min
    (30.0, 1500.0, 30.0, 5.0)
    """

    technique: ClassVar[str] = "precipitation"
    tells_apart: ClassVar[bool] = True
    without_losses: ClassVar[Mapping[str, Any]] = MappingProxyType({**WITHOUT_LOSSES, "pellet_disturbed": 0.0})

    incubation_min: float | None = number(
        default=None, minimum=0, maximum=1e5, help="from mixing to the spin; left out: that of the kit"
    )
    shear_rate_per_s: float = number(default=0.0, minimum=0, maximum=1e4, help="while it is incubated, if it is mixed")
    time_min: float = number(default=None, above=0, maximum=1e6, help="time at speed; left out: that of the kit")
    second_spin_min: float | None = number(default=None, above=0, maximum=1e4, help="of a second short spin")
    pellet_disturbed: float | None = number(
        default=None, minimum=0, maximum=1, help="share of the pellet lost to the supernatant; left out: by size"
    )

    def __post_init__(self) -> None:
        """Take from the kit what is left out, then check."""
        if (kit := _known_kit(getattr(self, "kit", None))) is not None:
            for key in OF_KIT:
                if getattr(self, key, 0.0) is None:
                    object.__setattr__(self, key, getattr(kit, key))
            if all(getattr(self, key, 0.0) is None for key in ("speed_rpm", "rcf_xg", "rcf_at")):
                object.__setattr__(self, "rcf_xg", kit.rcf_xg)
                object.__setattr__(self, "rcf_at", "rmax")
        super(Precipitation, self).__post_init__()

    def conflicts(self) -> list[str]:
        """Return what is wrong with what is added, with times, and with the spin."""
        return [*self.found(self.reagent_problems, self._time_problems), *RotorSettings.conflicts(self)]

    def _time_problems(self) -> Iterator[str]:
        for key, example in (("incubation_min", "960"), ("time_min", "60")):
            if getattr(self, key) is None:
                yield f"{key}: missing; give minutes, such as {example}, or a kit that tells them"

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """Names of the fractions."""
        return ("pellet", "supernatant", "lost")

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the physics, the reagent and the rotor's radii come from."""
        polymer = self.polymer[0]
        return tuple(
            dict.fromkeys(
                [
                    *("atha1981", "ingham1978", "asakura1958", "fuchs1934", "sabin2007", "geeurickx2019"),
                    *(() if polymer is None else polymer.sources),
                    *(() if self.kit is None else KITS.sources(self.kit)),
                    *ROTORS.sources(self.rotor),
                    *(() if self.resuspend is None else self.resuspend.medium.sources),
                ]
            )
        )

    def states(self, sample: Sample) -> tuple[ParticleState, ...]:
        """Return clusters, as dense as what comes down of the load, and burst vesicles in a solvent."""
        mixture, wanted = _equilibrated(self, sample)
        state = state_at(sample.particles, mixture.sample.medium.osmolality)
        out = sample.counts * wanted.share * ~sample.particles.rides
        volume = float(out @ state.volume)
        density = float(out @ state.mass) / volume if volume > 0 else mixture.sample.medium.density
        states = cluster_states(density, self.model.fractal_dimension)
        return (*states, BURST) if self.solvent is not None else states

    def run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[Precipitate]:
        """Mix, let stand, spin, decant and resuspend as the settings say."""
        return self._decanted(sample, _brought_down(self.ideal(), sample))

    def dry_run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[Precipitate]:
        """Bring down all that wants to, and spin the rest in plug flow; clusters do not grow."""
        return self._decanted(sample, self._precipitate(sample, dry=True))

    def _decanted(self, sample: Sample, made: Precipitate) -> Outcome[Precipitate]:
        """Pour off the supernatant, and take the pellet up."""
        spin, loaded = made.spin, _burst(made.mixture, self.model)
        wall = tube_wall(spin.rotor, spin.tubes, float(spin.chords.area.sum()))
        residual = self.residual_volume(spin.fill_volume, wall)
        if self.second_spin_min is not None:
            residual *= SECOND_SPIN_LEAVES
        in_clusters = _in_clusters(made)
        decanted = decant(
            loaded,
            spin.pelleted,
            spin.floated,
            _layer(self.settled(loaded.particles, made.mixture.sample.medium, wall, residual), in_clusters),
            residual_volume=residual,
            disturbed=self._disturbed(loaded, made, in_clusters),
        )
        pellet, back = decanted.pellet, []
        taken_up, lost = pellet.as_it_lies(), loaded.take(0.0, 0.0)[0]
        if self.resuspend is not None:
            covered = covered_share(loaded, wall, self.pellet_model)
            back.append(self.recovered(pellet, wall, covered))
            taken_up, lost = resuspend(pellet, self.resuspend, back[-1])
            taken_up = self._still_clustered(taken_up, pellet.solid, made, in_clusters * back[-1])
        clock = spin.runs * spin.profile.clock + to_si("time_min", self.second_spin_min or 0.0)
        return Outcome(
            fractions={"pellet": taken_up, "supernatant": decanted.supernatant, "lost": lost},
            duration=to_si("time_min", self.incubation_min or 0.0) + clock,
            trace=made,
            equipment={"tube": spin.tubes, "run": spin.runs},
            remarks=(
                *precipitation_remarks(made, loaded, pellet, taken_up if self.resuspend is not None else None),
                *pellet_remarks(loaded, pellet.solid, back),
            ),
            warnings=(
                *mixture_warnings(made, self.kit, sample.volume, self.resuspend, self.model),
                *spin_warnings(loaded, spin, made.mixture.sample.medium),
                *self.pellet_warnings(),
            ),
        )

    def recovered(self, pellet: Pellet, wall: TubeWall, covered: float) -> FloatArray:
        """Return the share of each class of a pellet that comes back into suspension, shape (n_classes,) [-].

        In clean liquid nothing pushes particles together any more: what does not disperse is handed out in clusters
        (`still_clustered_percent`), and only what holds on to the wall of the tube stays behind.
        """
        if self.pellet_recovery is not None:
            return RotorSettings.recovered(self, pellet, wall, covered)
        field = self.omega**2 * wall.radius
        return 1.0 - held_back(pellet.solid, wall, field=field, covered=covered, model=self.pellet_model).on_wall

    def _precipitate(self, sample: Sample, *, dry: bool) -> Precipitate:
        """Mix, let stand and spin."""
        mixture, wanted = _equilibrated(self, self._tempered(sample))
        loaded = mixture.sample
        tubes, runs = self.tubes_and_runs(loaded.volume, self.loaded_rotor.tube.volume)
        filling, profile = loaded.volume / tubes, self.profile
        bundle = chords(self.loaded_rotor, filling)
        dispersed = replace(loaded, counts=loaded.counts * (1.0 - wanted.share))
        liquid = dispersed.liquid
        self.refuse_unsafe_speed([Stretch(filling, liquid, liquid)])
        s, D = sedimentation_coefficient(loaded.particles, liquid), diffusion_coefficient(loaded.particles, liquid)
        alone = (closed_form if dry else automatic)(bundle, s, D, profile)
        clusters = _NO_CLUSTERS if dry else self._clusters(loaded, wanted, liquid, bundle)
        conditions, parts, grown, landed = clusters
        of_clusters = np.ones(len(loaded.particles)) if landed is None else landed.share
        free = 1.0 - wanted.share
        spin = Spin(
            rotor=self.loaded_rotor,
            tubes=tubes,
            runs=runs,
            fill_volume=filling,
            chords=bundle,
            profile=profile,
            particles=loaded.particles,
            counts=loaded.counts,
            sedimentation=s,
            diffusion=D,
            pelleted=(wanted.share * of_clusters + free * alone.pelleted).clip(0.0, 1.0),
            floated=free * alone.floated,
            lamm_classes=alone.lamm_classes,
        )
        return Precipitate(
            mixture=mixture,
            wanting=wanted,
            conditions=conditions,
            parts=parts,
            grown=grown,
            landed=landed,
            spin=spin,
        )

    def _clusters(self, loaded: Sample, wanted: Wanting, liquid: Medium, bundle: Chords) -> _Clusters:
        """Let clusters grow and sink; none where nothing wants to come down."""
        parts = primaries(loaded, wanted, to_si("floc_grain_nm", self.model.floc_grain_nm))
        if not parts.number.any():
            return _NO_CLUSTERS
        conditions = bench(liquid, self.shear_rate_per_s, self.model)
        grown = incubated(parts, conditions, to_si("time_min", self.incubation_min or 0.0))
        landed = brought_down(parts, conditions, grown, bundle, self.profile, self.model.flow_capture)
        return conditions, parts, grown, landed

    def _disturbed(self, loaded: Sample, made: Precipitate, in_clusters: FloatArray) -> FloatArray:
        """Return the share of the pellet that goes off with the supernatant: by the size of clusters in it."""
        if self.pellet_disturbed is not None:
            return np.full(len(loaded.particles), self.pellet_disturbed)
        alone = stirred_up(loaded.particles.diameter, self.pellet_model)
        if made.landed is None:
            return alone
        of_bins = stirred_up(made.landed.diameter, self.pellet_model)
        held = made.landed.by_bin.sum(axis=1)
        together: FloatArray = alone.copy()
        np.divide(made.landed.by_bin @ of_bins, held, out=together, where=held > 0)
        return in_clusters * together + (1.0 - in_clusters) * alone

    def _still_clustered(self, taken_up: Sample, solid: Sample, made: Precipitate, recovered: FloatArray) -> Sample:
        """Return the suspension with what is still in clusters."""
        still = to_si("still_clustered_percent", self.model.still_clustered_percent)
        if made.landed is None or still == 0.0:
            return taken_up
        amount = still * solid.counts * recovered
        share = np.divide(amount, taken_up.counts, out=np.zeros_like(amount), where=taken_up.counts > 0)
        if (variants := taken_up.particles.variants) is not None:
            share = share * (variants.intact & ~variants.carried)  # what has burst or is on beads stays so
        return clustered(taken_up, share.clip(0.0, 1.0), shares_of_sizes(made.landed.by_bin, made.landed.diameter))

    def _tempered(self, sample: Sample) -> Sample:
        return sample if self.temperature_C is None else sample.at(to_si("temperature_C", self.temperature_C))


def _known_kit(value: Any) -> Kit | None:
    """Return the kit that is meant, None if there is none or it is wrong."""
    if value is None:
        return None
    try:
        return KITS.get(value)
    except InputError:
        return None


def _equilibrated(method: Precipitation, sample: Sample) -> tuple[Mixture, Wanting]:
    """Return the mixture, and what wants to come down in it."""
    mixture = method.mixed(sample)
    return mixture, wanting(mixture.sample, mixture.before, mixture.after, mixture.brine, method.model)


@lru_cache(maxsize=2)
def _brought_down(method: Precipitation, sample: Sample) -> Precipitate:
    """Precipitate a sample; kept, since bench and ideal handling part only when the pellet is taken."""
    return method._precipitate(sample, dry=False)


def _burst(mixture: Mixture, model: PrecipitationModel) -> Sample:
    """Return the mixture with the vesicles that its solvent has burst."""
    share = burst_share(mixture.solvent_share, model)
    if share == 0.0:
        return mixture.sample
    return changed(mixture.sample, BURST.name, np.full(len(mixture.sample.particles), share))


def burst_share(solvent_share: float, model: PrecipitationModel) -> float:
    """Return the share of vesicles that an organic solvent has burst, which rises between a volume and twice of it.

    Parameters
    ----------
    solvent_share : float [-]
        Of the volume.
    model : PrecipitationModel

    Returns
    -------
    float [-]

    Examples
    --------
    >>> [round(burst_share(share, PrecipitationModel()), 2) for share in (0.2, 0.45, 0.8)]
    [0.0, 0.25, 0.5]
    """
    begins = to_si("solvent_percent_v_v", model.burst_solvent_percent_v_v)
    most = to_si("burst_percent", model.burst_percent)
    return most * float(np.clip((solvent_share - begins) / begins, 0.0, 1.0))


def _in_clusters(made: Precipitate) -> FloatArray:
    """Return the share of what has pelleted that did so in clusters, shape (n_classes,)."""
    pelleted = made.spin.pelleted
    landed = made.wanting.share * (1.0 if made.landed is None else made.landed.share)
    share: FloatArray = np.zeros_like(pelleted)
    np.divide(landed, pelleted, out=share, where=pelleted > 0)
    share.clip(max=1.0, out=share)
    return share


def _layer(layer: WallLayer, in_clusters: FloatArray) -> WallLayer:
    """Return what stays at the wall: clusters do, and of the rest what does by itself."""
    alone = 1.0 - in_clusters
    return WallLayer(in_clusters + alone * layer.attached, alone * layer.in_film)
