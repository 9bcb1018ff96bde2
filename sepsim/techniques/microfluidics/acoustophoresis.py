"""Acoustophoresis: sound stands across a channel, and drives particles to its pressure nodes, or fat to its antinodes.

What happens in the chip: the sample flows in beside buffer, and what is large enough crosses over into it before the
outlets divide the stream. A transducer below the channel makes half waves that fit between its walls; comb electrodes
on a piezoelectric floor make surface waves of a wavelength of their own, whose lines may be tilted against the flow, so
that a particle that is held slides along them over many wavelengths (`tilted_wave`).

Drift and streaming are those of `acoustic_force`. Rolls carry what is at the walls outward, at up to u_s, and sound
holds it back at v; what is left is marched as a stirring across, that vanishes at nodes and antinodes:

    E(y) = m (u_s - |v|) (lambda/4) |sin 2 k y|,   0 where v is the faster

with m about 1, so that a turn of a roll mixes its width. From the diameter on at which v is as fast as the rolls they
undo nothing, whatever the strength of the sound. Against Brownian particles in Rayleigh's rolls (`streaming_rolls`, 0.4
lambda/4 to either side) the share within the inner half is within 0.07 for u_s/v of 0.1 to 10 at u_s lambda/4 = 1000 D;
at 30 D, where diffusion between the rolls weakens them, it is up to 0.32 too low (at u_s = 2.5 v).

Assumptions: a plane wave, of one strength over the length; no attraction between particles; streaming between plates.
Under a tilt the stirring counts as diffusion across the lines.

Valid range: radii below a tenth of the wavelength; warned beyond. Energy densities are 1 to 1000 J/m3 in chips that do
not overheat: few papers tell theirs.

Sources: those of `acoustic_force`; Spigarelli et al., Electrophoresis 41 (2020), for what streaming does in chips
(recalled).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.settings import flag, number, settings
from sepsim.techniques.microfluidics.acoustic_force import (
    CONSTANTS,
    PSI,
    Sound,
    acoustic_cut_offs,
    compressibility,
    contrast_factor,
    radiation_force,
    sound_in,
)
from sepsim.techniques.microfluidics.chips.sheath_chip import SheathFlowChip
from sepsim.techniques.microfluidics.cross_stream import Crossing, Movers
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.tilted_wave import held_back
from sepsim.units import to_si

LARGEST = 0.1  # radius over wavelength
MISFIT = 0.05  # of the width from that of whole half waves
STRONG = 1000.0  # J/m3, beyond which transducers overheat
SMALLEST_CONTRAST = 1e-3
VELOCITIES, FASTEST = 65, 2.2  # at which slipping is tabulated, up to so many times the mean


@settings
class Acoustophoresis(SheathFlowChip):
    """A channel in which sound stands across the flow.

    Parameters
    ----------
    name, flow_uL_min, buffer_ratio, dead_volume_uL, adsorbed_percent, pressure_limit_bar
        As for `Chip`.
    width_um, height_um, length_mm, channels, sample_at, target_at, target_percent
        As for `SheathFlowChip`.
    frequency_MHz : float [MHz]
    energy_density_J_m3 : float [J/m3]
        Of the wave; or instead
    pressure_MPa : float [MPa]
        Its amplitude at an antinode.
    node_in_centre : bool
        Whether a pressure node lies in the middle of the channel, or an antinode.
    resonator : bool
        Whether the wave stands between the walls, whose distance is whole half waves, or comes from surface waves.
    tilt_deg : float [deg]
        Between the lines of the wave and the flow; towards the right wall.
    streaming : bool
        Whether the wave stirs the liquid.
    roll_mixing : float [-]
        Diffusivity of the rolls over the speed at which they carry outward times their width.
    warming_K : float [K]
        Of the liquid by the transducer, as measured; 0: cooled.

    Raises
    ------
    InputError
        With every problem of the settings.

    Examples
    --------
    >>> chip = Acoustophoresis(
    ...     flow_uL_min=50, buffer_ratio=1, width_um=375, height_um=150, length_mm=30, frequency_MHz=2,
    ...     energy_density_J_m3=100,
    ... )
    >>> chip.outlets
    ('target outlet', 'waste')
    """

    mechanism: ClassVar[str] = "acoustophoresis"

    frequency_MHz: float = number(above=0, maximum=1000, help="frequency of the sound")
    energy_density_J_m3: float | None = number(default=None, above=0, maximum=1e5, help="of the wave")
    pressure_MPa: float | None = number(default=None, above=0, maximum=100, help="amplitude of the wave, instead")
    node_in_centre: bool = flag(default=True, help="whether a pressure node lies in the middle, or an antinode")
    resonator: bool = flag(default=True, help="whether the wave stands between the walls, or is a surface wave")
    tilt_deg: float = number(default=0.0, minimum=0, maximum=45, help="of the lines of the wave, towards the right")
    streaming: bool = flag(default=True, help="whether the wave stirs the liquid")
    roll_mixing: float = CONSTANTS.setting("roll_mixing", "of streaming", minimum=0, maximum=10)
    warming_K: float = number(default=0.0, minimum=0, maximum=80, help="of the liquid by the transducer")

    def conflicts(self) -> list[str]:
        """Return what does not fit together: strengths, and a tilt of what stands between walls."""
        return self.found(self._strength_problems, self._tilt_problems)

    def _strength_problems(self) -> Iterator[str]:
        if (self.energy_density_J_m3 is None) == (self.pressure_MPa is None):
            yield "give exactly one of energy_density_J_m3 and pressure_MPa"

    def _tilt_problems(self) -> Iterator[str]:
        if self.tilt_deg > 0 and self.resonator:
            yield f"tilt_deg = {self.tilt_deg:g}: a wave between the walls has no tilt; give resonator = false"

    @property
    def sources(self) -> tuple[str, ...]:
        """Bibliography keys of its physics."""
        tilted = ("stratonovich1967", "riaud2019") if self.tilt_deg > 0 else ()
        return ("settnes2012", "muller2012", "barnkob2012", "marczak1997", "mitaku1978", *tilted)

    def sound(self, load: Load) -> Sound:
        """Return the sound in the liquid of a load."""
        return sound_in(load.carrier, to_si("frequency_MHz", self.frequency_MHz))

    def energy_density(self, sound: Sound) -> float:
        """Return that of the wave [J/m3]."""
        if self.energy_density_J_m3 is not None:
            return self.energy_density_J_m3
        return sound.energy_density(to_si("pressure_MPa", self.pressure_MPa or 0.0))

    def contrast(self, load: Load) -> FloatArray:
        """Return the acoustic contrast of each class, shape (n,) [-]."""
        return contrast_factor(load.radius, load.density, compressibility(load), self.sound(load))

    def amplitude(self, load: Load) -> FloatArray:
        """Return the fastest drift of each class in the wave, shape (n,) [m/s]; negative towards antinodes."""
        sound = self.sound(load)
        force = radiation_force(self.contrast(load), load.particle_volume, self.energy_density(sound), sound.wavenumber)
        speed: FloatArray = force / (3.0 * math.pi * load.carrier.viscosity * load.diameter)
        return speed

    def roll_speed(self, load: Load) -> float:
        """Return the speed of the streaming [m/s]; 0 if there is none."""
        sound = self.sound(load)
        return sound.streaming_speed(self.energy_density(sound)) if self.streaming else 0.0

    def roll_diffusivity(self, load: Load) -> FloatArray:
        """Return the largest diffusivity of the rolls for each class, shape (n,) [m2/s]."""
        quarter = 0.5 * math.pi / self.sound(load).wavenumber
        outward = np.maximum(self.roll_speed(load) - np.abs(self.amplitude(load)), 0.0)
        stirring: FloatArray = self.roll_mixing * outward * quarter
        return stirring

    def phase(self, load: Load, y: FloatArray) -> FloatArray:
        """Return sin 2 k (y - y0) from a pressure node y0 in or beside the middle, shape as `y` [-]."""
        turned = 2.0 * self.sound(load).wavenumber * (y - 0.5 * self.channel.width)
        wave: FloatArray = np.sin(turned) if self.node_in_centre else -np.sin(turned)
        return wave

    def drift(self, load: Load, rows: IntArray, y: FloatArray) -> FloatArray:
        """Return the drift to nodes or antinodes; under a tilt that at the mean velocity of the flow."""
        if self.tilt_deg > 0:
            velocity = np.array([self.channel.mean_velocity(load.total_flow)])
            return np.tile(self._slide(load, velocity)[rows], (1, y.size))
        return -self.amplitude(load)[rows, None] * self.phase(load, y)

    def movers(self, load: Load) -> Movers:
        """Return how the particles of a load move: under a tilt their drift follows the flow at each depth."""
        across = super(Acoustophoresis, self).movers(load)
        if self.tilt_deg == 0:
            return across
        channel, mean = self.channel, self.channel.mean_velocity(load.total_flow)
        velocities = np.linspace(0.0, FASTEST * mean, VELOCITIES)
        slides = self._slide(load, velocities)

        def slide(rows: IntArray, y: FloatArray, z: float) -> FloatArray:
            place = mean * channel.profile(y / channel.width, z) / velocities[1]
            below = np.minimum(place.astype(int), VELOCITIES - 2)
            chosen: FloatArray = slides[np.ix_(rows, below)] * (1.0 + below - place)
            chosen += slides[np.ix_(rows, below + 1)] * (place - below)
            return chosen

        return replace(across, drift=slide)

    def _slide(self, load: Load, velocity: FloatArray) -> FloatArray:
        """Return the drift across the flow of what slides along tilted lines, shape (n, velocities)."""
        tilt = math.radians(self.tilt_deg)
        spread = 2.0 * self.sound(load).wavenumber * (load.diffusivity + self.roll_diffusivity(load))
        back = held_back(math.sin(tilt) * velocity, self.amplitude(load)[:, None], spread[:, None])
        slid: FloatArray = math.cos(tilt) * back
        return slid

    def stirring(self, load: Load, rows: IntArray, y: FloatArray) -> FloatArray:
        """Return what the rolls add to the diffusivity; under a tilt they count in the drift."""
        if self.tilt_deg > 0:
            return np.zeros((rows.size, y.size))
        return np.multiply.outer(self.roll_diffusivity(load)[rows], np.abs(self.phase(load, y)))

    def peclet(self, load: Load) -> FloatArray:
        """Return drift over a quarter wavelength over diffusivity of each class, shape (n,) [-]."""
        quarter = 0.5 * math.pi / self.sound(load).wavenumber
        number: FloatArray = np.abs(self.amplitude(load)) * quarter / load.diffusivity
        return number

    def heating(self, load: Load) -> float:
        """Return the warming by the transducer [K]."""
        return self.warming_K

    @property
    def heating_cause(self) -> str:
        """The transducer."""
        return f"warming_K = {self.warming_K:g}"

    def doubts(self, load: Load) -> Iterator[str]:
        """Yield where the wave does not fit, is too strong, or is short beside particles."""
        yield from super(Acoustophoresis, self).doubts(load)
        sound = self.sound(load)
        wavelength, energy = 2.0 * math.pi / sound.wavenumber, self.energy_density(sound)
        halves = 2.0 * self.channel.width / wavelength
        fitting = 2 * round(0.5 * (halves - 1)) + 1 if self.node_in_centre else 2 * max(round(0.5 * halves), 1)
        if self.resonator and abs(halves / fitting - 1.0) > MISFIT:
            yield (
                f"frequency_MHz = {self.frequency_MHz:g}: {halves:.3g} half waves lie across the channel, and "
                f"{fitting} would stand between its walls, at {self.frequency_MHz * fitting / halves:.3g} MHz"
            )
        if not self.streaming and (contrast := self._contrast_of_vesicles(load)) is not None:
            least = math.sqrt(12.0 * PSI / max(abs(contrast), SMALLEST_CONTRAST)) * sound.boundary_layer
            yield (
                "streaming is left out; rolls such as those between hard walls would keep vesicles below "
                f"{least * 1e9:.3g} nm from being sorted"
            )
        if energy > STRONG:
            yield f"an energy density of {energy:.3g} J/m3 heats transducer and liquid; few chips stand it"
        table = load.sample.particles
        if names := table.named(load.passing & (load.radius > LARGEST * wavelength)):
            yield (
                f"particles of {', '.join(names)} are no points in a wave of {wavelength * 1e6:.3g} um, and feel "
                "another force than that of the model"
            )

    def told(self, load: Load, crossing: Crossing) -> dict[str, Any]:
        """Return the course, and what limits the wave for the vesicles."""
        return {"course": crossing, "remarks": (*self._strengths(load), *self._limits(load), *self._backwards(load))}

    def _strengths(self, load: Load) -> Iterator[str]:
        sound, rolls = self.sound(load), self.roll_speed(load)
        streaming = f"streaming at {rolls * 1e6:.3g} um/s" if rolls > 0 else "no streaming"
        yield (
            f"energy density {self.energy_density(sound):.3g} J/m3, wavelength "
            f"{2e6 * math.pi / sound.wavenumber:.3g} um, {streaming}"
        )

    def _contrast_of_vesicles(self, load: Load) -> float | None:
        """Return the mean contrast of the vesicles; None without any."""
        table = load.sample.particles
        vesicles = table.of_kind("vesicle") * load.moving
        return float(np.average(self.contrast(load), weights=vesicles)) if vesicles.any() else None

    def _limits(self, load: Load) -> Iterator[str]:
        mean = self._contrast_of_vesicles(load)
        if mean is None:
            return
        limits = self.limits(load, mean)
        told = ", ".join(f"{cause} {diameter * 1e9:.3g} nm" for cause, diameter in limits.items())
        yield f"contrast of vesicles {mean:.2g}; the wave moves them above the largest of: {told}"

    def limits(self, load: Load, contrast: float) -> dict[str, float]:
        """Return the diameters of a contrast below which the wave does not sort, by what limits it [m].

        Parameters
        ----------
        load : Load
        contrast : float [-]

        Returns
        -------
        dict of str to float [m]
            As `acoustic_cut_offs`; of a tilted wave, ``locking`` where it is as fast as the flow across its lines,
            instead of ``transit``.
        """
        sound = self.sound(load)
        energy, size = self.energy_density(sound), max(abs(contrast), SMALLEST_CONTRAST)
        time = self.channel.residence_time(load.total_flow)
        found = acoustic_cut_offs(size, energy, time, sound, load.carrier.temperature)
        if not self.streaming:
            del found["streaming"]
        if self.tilt_deg > 0:
            del found["transit"]
            across = self.channel.mean_velocity(load.total_flow) * math.sin(math.radians(self.tilt_deg))
            found["locking"] = math.sqrt(6.0 * sound.viscosity * across / (size * sound.wavenumber * energy))
        return found

    def _backwards(self, load: Load) -> Iterator[str]:
        table = load.sample.particles
        driven = (self.contrast(load) < 0.0) & (self.peclet(load) > 1.0) & (load.moving >= 1.0)
        if names := table.named(driven):
            yield f"the contrast of {', '.join(names)} is negative: they go to pressure antinodes"
