"""Dielectrophoresis over electrodes: particles that polarise more than the liquid are pulled down and held.

What happens in the chip: the sample flows over bars of alternating voltage. Where a particle polarises more than the
liquid whose place it takes, it is drawn to the edges of the bars and stays; else it is pushed up and flows on. With the
field off, fresh buffer takes off what was held, as ``captured``.

    v(z) = eps R^2 Re K d<E^2>/dz/(3 eta)                     (`polarisation`, `electrode_field`)

Particles drift and diffuse across the height of the flow, which is marched along the channel (`kernels.cross_stream`);
the floor takes up those that are pulled. What touches it is held for a time that the depth of the trap sets,

    tau = (l^2/D) exp[W/kT],   W = 2 pi eps R^3 Re K <E^2> - (drag of the flow at the floor) l

with l the length over which <E^2> falls by e; of what comes evenly over the run T, (tau/T) (1 - exp(-T/tau)) is held to
the end, and the rest flows on.

The double layers of the electrodes charge below the frequency f_c = sigma lambda_D/(2 pi eps l), and keep the voltage
from the liquid: of <E^2>, 1/[1 + (f_c/f)^2] is left.

Assumptions: dilute, no pearl chains, no heat in the force; vesicles are shells, all else, beads that carry vesicles
too, solid spheres. Two flows are left out, with a warning where they would be strong: electro-osmosis on the
electrodes, below some 30 f_c, and electrothermal flow, of the order of 5e-4 eps sigma V^4/(k eta g T) over gaps
g (Ramos 1998). What chips catch in plasma at 10 kHz they owe to such flows and to what the shells leave out.

Valid range: particles far smaller than bars and gaps; a thin double layer.

Sources: Morgan et al., J. Phys. D 34, 1553 (2001); Ramos et al., J. Phys. D 31, 2338 (1998); Jones (1995). Surface
conductance: 1.29 nS of latex of 200 nm (Bakewell 2015, abstract). Of vesicles, membranes are as of their cells, and the
lumen conducts far less than these do (Chen 2022, abstract).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import BOLTZMANN_J_PER_K, VACUUM_PERMITTIVITY_F_PER_M
from sepsim.errors import InputError
from sepsim.media.electrolyte import conductivity, debye_length
from sepsim.media.permittivity import mixed_permittivity
from sepsim.settings import number, settings
from sepsim.techniques.microfluidics.chips.channel import Channel
from sepsim.techniques.microfluidics.chips.chip import WASTE, Chip
from sepsim.techniques.microfluidics.electrode_field import Electrodes
from sepsim.techniques.microfluidics.electrode_march import Touched, touched
from sepsim.techniques.microfluidics.heating import CONDUCTS_HEAT_W_PER_M_K, electrode_heating, too_warm
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.passage import Liquid, Passage
from sepsim.techniques.microfluidics.polarisation import Dielectric, clausius_mossotti, shell, with_surface
from sepsim.units import to_si

CAPTURED = "captured"
LUMEN_PERMITTIVITY = 60.0  # of cytoplasm
SOLID_PERMITTIVITY = 2.5  # of lipid and latex
OSMOTIC = 30.0  # times the frequency at which electrodes drive most electro-osmosis
ELECTROTHERMAL = 5e-4  # of eps sigma V^4/(k eta g T): Ramos et al. 1998, recalled, an order
LONGEST = 6  # populations in a line
LARGEST = 600.0  # kT, near the largest exponent
STIRS = 0.3  # of the mean speed of the liquid, above which a flow across it matters


class Collection(NamedTuple):
    """What became of a load over electrodes, for pictures.

    Attributes
    ----------
    trap : Trap
    march : Touched
    """

    trap: Trap
    march: Touched


class Trap(NamedTuple):
    """What electrodes do to each class, shape (n,) each.

    Attributes
    ----------
    factor : ndarray [-]
        Real part of the Clausius-Mossotti factor.
    mobility : ndarray [m4/V2/s]
        Speed over the slope of the mean square of the field.
    held : ndarray [-]
        Of what touches the floor, what stays to the end.
    """

    factor: FloatArray
    mobility: FloatArray
    held: FloatArray


@settings
class Dielectrophoresis(Chip):
    """Electrodes on the floor of a channel, interdigitated across the flow.

    Parameters
    ----------
    name, flow_uL_min, buffer_ratio, dead_volume_uL, adsorbed_percent, pressure_limit_bar
        As for `Chip`; the buffer is mixed into the sample before.
    width_mm, height_um, length_mm : float [mm], [um], [mm]
        Of the channel over the electrodes.
    electrode_um, gap_um : float [um]
        Width of a bar, and between two.
    voltage_V : float [V]
        Peak to peak, between neighbours.
    frequency_kHz : float [kHz]
    release_uL : float [uL]
        Of buffer that takes off what was held, from one chip.
    membrane_F_m2 : float [F/m2]
        Capacitance of the membranes of vesicles.
    lumen_S_m : float [S/m]
        Conductivity within them.
    surface_nS : float [nS]
        Conductance along the surface of every particle.

    Examples
    --------
    >>> Dielectrophoresis(flow_uL_min=1, voltage_V=20, frequency_kHz=1000).outlets
    ('captured', 'waste')
    """

    mechanism: ClassVar[str] = "dielectrophoresis"

    width_mm: float = number(default=1.0, above=0, maximum=100, help="of the channel")
    height_um: float = number(default=50.0, above=0, maximum=1000, help="of the channel")
    length_mm: float = number(default=20.0, above=0, maximum=1000, help="of the channel over the electrodes")
    electrode_um: float = number(default=10.0, above=0, maximum=1000, help="width of a bar")
    gap_um: float = number(default=10.0, above=0, maximum=1000, help="between two bars")
    voltage_V: float = number(above=0, maximum=1000, help="peak to peak, between neighbours")
    frequency_kHz: float = number(above=0, maximum=1e6, help="of the voltage")
    release_uL: float = number(default=20.0, above=0, maximum=1e5, help="buffer that takes off what one chip holds")
    membrane_F_m2: float = number(default=0.01, above=0, maximum=1, help="capacitance of the membranes of vesicles")
    lumen_S_m: float = number(default=0.1, minimum=0, maximum=10, help="conductivity within vesicles")
    surface_nS: float = number(default=1.3, minimum=0, maximum=100, help="conductance along the surface of particles")

    @property
    def channel(self) -> Channel:
        """The channel over the electrodes."""
        return Channel(
            width=to_si("width_mm", self.width_mm),
            height=to_si("height_um", self.height_um),
            length=to_si("length_mm", self.length_mm),
        )

    @property
    def electrodes(self) -> Electrodes:
        """The bars on its floor."""
        return Electrodes(
            width=to_si("electrode_um", self.electrode_um),
            gap=to_si("gap_um", self.gap_um),
            voltage=0.25 * self.voltage_V,
        )

    @property
    def frequency(self) -> float:
        """Of the voltage [Hz]."""
        return to_si("frequency_kHz", self.frequency_kHz)

    @property
    def outlets(self) -> tuple[str, ...]:
        """What was held and then taken off, and what flowed on."""
        return (CAPTURED, WASTE)

    @property
    def sources(self) -> tuple[str, ...]:
        """Bibliography keys of its physics."""
        return ("morgan2001", "ramos1998", "jones1995", "irimajiri1979", "okonski1960", "bakewell2015", "chen2022dep")

    def liquids(self, load: Load) -> dict[str, Liquid]:
        """Return what liquid leaves: the sample as waste, fresh buffer with what was held."""
        release = to_si("release_uL", self.release_uL) * load.chips
        return {CAPTURED: Liquid(0.0, release), WASTE: Liquid(1.0, self.buffer_ratio * load.volume)}

    def time(self, load: Load) -> float:
        """Return how long the chips take [s], the release at the same flow included."""
        return super(Dielectrophoresis, self).time(load) + to_si("release_uL", self.release_uL) / load.total_flow

    def heating(self, load: Load) -> float:
        """Return by how much the current heats the liquid over the electrodes [K]."""
        return electrode_heating(self.voltage_V / math.sqrt(8.0), conductivity(load.carrier))

    @property
    def heating_cause(self) -> str:
        """The voltage."""
        return f"voltage_V = {self.voltage_V:g}"

    def refuse(self, load: Load) -> None:
        """Raise if a load cannot pass, or holds particles larger than the channel is high."""
        super(Dielectrophoresis, self).refuse(load)
        largest = float(np.max(load.diameter, where=load.passing, initial=0.0))
        if largest >= to_si("height_um", self.height_um):
            raise InputError(
                f"height_um = {self.height_um:g}: the sample holds particles of {largest * 1e6:.3g} um, which clog the "
                "channel; take them out before"
            )

    def doubts(self, load: Load) -> Iterator[str]:
        """Yield what the model leaves out: heat, and flows that electrodes drive."""
        carrier = load.carrier
        if told := too_warm(carrier.temperature, self.heating(load)):
            yield told
        charging = self.charging(load)
        if self.frequency < OSMOTIC * charging:
            yield (
                f"frequency_kHz = {self.frequency_kHz:g}: below {OSMOTIC * charging * 1e-3:.3g} kHz "
                "electro-osmosis stirs the liquid over the electrodes, which is left out"
            )
        if self.frequency < charging:
            yield (
                f"frequency_kHz = {self.frequency_kHz:g}: below {charging * 1e-3:.3g} kHz the charge on the electrodes "
                "keeps most of the voltage from the liquid, and gas may form; give a higher frequency"
            )
        table, large = load.sample.particles, load.passing & (load.diameter > to_si("gap_um", self.gap_um))
        if names := table.named(large):
            yield f"{', '.join(names)}: larger than gap_um = {self.gap_um:g}; the force on them is that on a point"

    def charging(self, load: Load) -> float:
        """Return the frequency below which charge on the electrodes screens the field [Hz]."""
        carrier = load.carrier
        own = VACUUM_PERMITTIVITY_F_PER_M * mixed_permittivity(carrier)
        return conductivity(carrier) * debye_length(carrier) / (2.0 * math.pi * own * self.electrodes.decay_length)

    def factors(self, load: Load) -> FloatArray:
        """Return the real part of the Clausius-Mossotti factor of each class, shape (n,) [-]."""
        medium = Dielectric(mixed_permittivity(load.carrier), conductivity(load.carrier))
        radius, frequency = load.radius, self.frequency
        table = load.sample.particles
        vesicle = table.of_kind("vesicle")
        if table.variants is not None:
            vesicle &= ~table.variants.carried  # what polarises is the bead
        lumen = Dielectric(LUMEN_PERMITTIVITY, self.lumen_S_m)
        bulk = np.where(
            vesicle,
            shell(radius, lumen, frequency, capacitance=self.membrane_F_m2),
            Dielectric(SOLID_PERMITTIVITY, 0.0).at(frequency),
        )
        surface = to_si("surface_nS", self.surface_nS)
        whole = with_surface(bulk, radius, surface, frequency)
        return np.asarray(clausius_mossotti(whole, medium.at(frequency)).real)

    def trap(self, load: Load) -> Trap:
        """Return what the electrodes do to each class.

        Parameters
        ----------
        load : Load

        Returns
        -------
        Trap
        """
        factor, radius, viscosity = self.factors(load), load.radius, load.carrier.viscosity
        unscreened = 1.0 / (1.0 + (self.charging(load) / self.frequency) ** 2)
        own = VACUUM_PERMITTIVITY_F_PER_M * mixed_permittivity(load.carrier) * unscreened
        length = self.electrodes.decay_length
        drag = 6.0 * math.pi * viscosity * radius**2 * self.channel.wall_shear_rate(load.total_flow)
        pull = 2.0 * math.pi * own * radius**3 * factor * self.electrodes.mean_square(radius)
        depth = (pull - drag * length) / (BOLTZMANN_J_PER_K * load.carrier.temperature)
        stay = length**2 / load.diffusivity * np.exp(np.clip(depth, -LARGEST, LARGEST)) / load.flow_time
        held = np.where(factor > 0.0, -stay * np.expm1(-1.0 / stay), 0.0)
        return Trap(factor, own * radius**2 * factor / (3.0 * viscosity), held)

    def passage(self, load: Load) -> Passage:
        """Return who is held, and who flows on."""
        trap = self.trap(load)
        channel, electrodes = self.channel, self.electrodes
        velocity = channel.mean_velocity(load.total_flow)
        march = touched(channel, electrodes, velocity, trap.mobility, load.diffusivity, load.radius)
        captured = march.share * trap.held
        at_floor = np.abs(trap.mobility * electrodes.slope(load.radius))
        return Passage(
            shares={CAPTURED: captured, WASTE: 1.0 - captured},
            peclet=at_floor * electrodes.decay_length / load.diffusivity,
            heating=self.heating(load),
            error=march.error,
            course=Collection(trap, march),
            remarks=tuple(self._remarks(load, trap)),
            warnings=(*self._pushed(load, trap), *self._warnings(load, velocity)),
        )

    def _remarks(self, load: Load, trap: Trap) -> Iterator[str]:
        """Tell which populations the electrodes pull, and which they push away."""
        table, moving = load.sample.particles, load.moving
        number = table.totals(moving)
        mean = table.totals(trap.factor * moving) / np.maximum(number, 1e-300)
        first = sorted(np.flatnonzero(number > 0), key=lambda index: table.kinds[index] != "vesicle")[:LONGEST]
        told = ", ".join(f"{table.names[index]} {mean[index]:+.2g}" for index in first)
        yield (
            f"Clausius-Mossotti factors in {conductivity(load.carrier):.3g} S/m (above 0 pulled to the electrodes, "
            f"below pushed away): {told}"
        )

    def _pushed(self, load: Load, trap: Trap) -> Iterator[str]:
        """Tell which vesicles the electrodes push away instead of holding them."""
        table, radius = load.sample.particles, load.radius
        moves = load.moving >= 1.0
        for index in [index for index, kind in enumerate(table.kinds) if kind == "vesicle"]:
            of_it = moves & (table.population == index)
            if np.any(of_it) and np.all(trap.factor[of_it] <= 0.0):
                most = 2.0 * to_si("surface_nS", self.surface_nS) / float(np.average(radius[of_it]))
                yield (
                    f"{table.names[index]}: pushed away from the electrodes in {conductivity(load.carrier):.2g} S/m, "
                    f"and not held; bring it into a liquid that conducts less than {most:.2g} S/m, or lower "
                    "frequency_kHz"
                )

    def _warnings(self, load: Load, velocity: float) -> Iterator[str]:
        """Tell where electrothermal flow would stir the liquid."""
        carrier = load.carrier
        own = VACUUM_PERMITTIVITY_F_PER_M * mixed_permittivity(carrier)
        share = own * conductivity(carrier) * (self.voltage_V / math.sqrt(8.0)) ** 4
        driven = (
            ELECTROTHERMAL
            * share
            / (CONDUCTS_HEAT_W_PER_M_K * carrier.viscosity * to_si("gap_um", self.gap_um) * carrier.temperature)
        )
        if driven > STIRS * velocity:
            yield (
                f"heat at the electrodes drives the liquid at some {driven * 1e6:.2g} um/s, beside "
                f"{velocity * 1e6:.2g} um/s along the channel; that stirs particles to and from the electrodes, and is "
                "left out"
            )
