"""What a standing wave of sound does to small particles, and what the liquid does meanwhile.

With the energy density E = p^2/(4 rho c^2), the wavenumber k = 2 pi f/c and the distance y from a pressure antinode,

    v(y) = (2 Phi/(3 eta)) k R^2 E sin(2 k y),    Phi = f1/3 + Re(f2)/2
    f1 = 1 - kappa_p/kappa,   f2 = 2(1 - g)(s - 1)/(2 s + 1 - 3 g),   s = rho_p/rho
    g  = -(3/2)[1 + i(1 + t)] t,   t = delta/R,   delta = (2 eta/(rho omega))^(1/2)        (Settnes & Bruus 2012)

A positive contrast Phi drives to pressure nodes, a negative one, that of fat, to antinodes. Sound also drags liquid
along the walls: Rayleigh's rolls, a quarter of a wavelength wide, of the speed Psi 4 E/(rho c) with Psi = 3/8 between
plates. Three limits bound what a standing wave can focus (`acoustic_cut_offs`):

    thermal    d = (8 kT/(pi Phi E))^(1/3)             a well 4 kT deep
    transit    d = (6 eta/(Phi E t))^(1/2)/k           two e-folds of approach within the time t
    streaming  d = (12 Psi/Phi)^(1/2) delta            as fast as the rolls, whatever E

Assumptions: R << wavelength, any R/delta; a plane wave; dilute. Bodies of several materials are spheres of the mean
compressibility, by volume.

Sources: Settnes & Bruus, Phys. Rev. E 85, 016327 (2012); Muller et al., Lab Chip 12, 4617 (2012); Barnkob et al.,
Phys. Rev. E 86, 056307 (2012). Speed of sound: Marczak, J. Acoust. Soc. Am. 102, 2776 (1997), 0-95 degC.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import BOLTZMANN_J_PER_K, ZERO_CELSIUS_K
from sepsim.media import Medium
from sepsim.media.water import kell_1975
from sepsim.model_constants import ModelConstants
from sepsim.techniques.microfluidics.load import Load

CONSTANTS = ModelConstants("acoustic_model")
PSI = 3.0 / 8.0  # of rolls between plates a quarter wavelength apart or less: Rayleigh 1884
DEPTH_KT = 4.0  # of a well that holds particles
E_FOLDS = 2.0  # of an approach that counts as focused
PER_TPA = 1e-12  # 1/Pa
PROTEIN_VOLUME = 0.73e-3  # m3/kg
OIL_DENSITY, BILAYER_DENSITY = 910.0, 1010.0  # kg/m3, of the lipids of lipoproteins
SMALLEST_SHARE = 1e-6
MARCZAK = (1.402385e3, 5.038813, -5.799136e-2, 3.287156e-4, -1.398845e-6, 2.787860e-9)  # degC


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A liquid in which sound of one frequency stands.

    Parameters
    ----------
    frequency : float [Hz]
    density : float [kg/m3]
    speed : float [m/s]
        Of sound.
    viscosity : float [Pa s]

    Examples
    --------
    >>> water = Sound(frequency=2e6, density=997.0, speed=1497.0, viscosity=1e-3)
    >>> f"{1e9 * water.boundary_layer:.1f} nm, {water.energy_density(0.5e6):.2f} J/m3"
    '399.5 nm, 27.97 J/m3'
    """

    frequency: float
    density: float
    speed: float
    viscosity: float

    @property
    def wavenumber(self) -> float:
        """2 pi over the wavelength [1/m]."""
        return 2.0 * math.pi * self.frequency / self.speed

    @property
    def compressibility(self) -> float:
        """Of the liquid [1/Pa]."""
        return 1.0 / (self.density * self.speed**2)

    @property
    def boundary_layer(self) -> float:
        """Of the oscillation, delta [m]."""
        return math.sqrt(self.viscosity / (self.density * math.pi * self.frequency))

    def energy_density(self, pressure: float) -> float:
        """Return that of a pressure amplitude [Pa] [J/m3]."""
        return pressure**2 / (4.0 * self.density * self.speed**2)

    def streaming_speed(self, energy_density: float) -> float:
        """Return the fastest speed of Rayleigh's rolls outside the boundary layers [m/s]."""
        return PSI * 4.0 * energy_density / (self.density * self.speed)


def sound_in(medium: Medium, frequency: float) -> Sound:
    """Return the sound of a frequency [Hz] in a medium.

    Water follows Marczak; what is dissolved makes it stiffer as it makes it denser, 2.5-fold by choice.

    Parameters
    ----------
    medium : Medium
    frequency : float [Hz]

    Returns
    -------
    Sound

    Examples
    --------
    >>> from sepsim.media import fluid
    >>> f"{sound_in(Medium.pure(fluid('water'), 298.15), 2e6).speed:.1f} m/s"
    '1496.7 m/s'
    """
    celsius = medium.temperature - ZERO_CELSIUS_K
    speed = sum(factor * celsius**power for power, factor in enumerate(MARCZAK))
    water, density = float(kell_1975(medium.temperature)), medium.density
    stiffening = CONSTANTS.bounds("solute_stiffening")[0]
    compressibility = 1.0 / (water * speed**2) * math.exp(-stiffening * (density / water - 1.0))
    return Sound(
        frequency=frequency,
        density=density,
        speed=1.0 / math.sqrt(density * compressibility),
        viscosity=medium.viscosity,
    )


def contrast_factor(radius: FloatArray, density: FloatArray, compressibility: FloatArray, sound: Sound) -> FloatArray:
    """Return the acoustic contrast of spheres, with the friction of the liquid around them.

    Parameters
    ----------
    radius, density, compressibility : ndarray of any one shape [m], [kg/m3], [1/Pa]
    sound : Sound

    Returns
    -------
    ndarray of the same shape [-]

    Examples
    --------
    >>> sound = Sound(frequency=2e6, density=997.0, speed=1497.0, viscosity=1e-3)
    >>> stiff = 1 / (1100.0 * 1600.0**2)
    >>> contrast_factor(np.array([50e-9]), np.array([1100.0]), np.array([stiff]), sound).round(6)
    array([0.103292])
    """
    ratio = density / sound.density
    layer = sound.boundary_layer / radius
    gamma = -1.5 * (1.0 + 1j * (1.0 + layer)) * layer
    monopole = 1.0 - compressibility / sound.compressibility
    dipole = 2.0 * (1.0 - gamma) * (ratio - 1.0) / (2.0 * ratio + 1.0 - 3.0 * gamma)
    contrast: FloatArray = monopole / 3.0 + 0.5 * dipole.real
    return contrast


def radiation_force(contrast: FloatArray, volume: FloatArray, energy_density: float, wavenumber: float) -> FloatArray:
    """Return the largest force of the wave, 3 V Phi k E, which is 4 pi Phi k R^3 E of a sphere.

    Parameters
    ----------
    contrast, volume : ndarray of any one shape [-], [m3]
    energy_density : float [J/m3]
    wavenumber : float [1/m]

    Returns
    -------
    ndarray of the same shape [N]
        Negative of a negative contrast.
    """
    force: FloatArray = 3.0 * contrast * volume * wavenumber * energy_density
    return force


def acoustic_cut_offs(
    contrast: float, energy_density: float, time: float, sound: Sound, temperature: float
) -> dict[str, float]:
    """Return the diameters below which a standing wave does not focus, by what limits it.

    Parameters
    ----------
    contrast : float [-]
        Of the particles; its size counts.
    energy_density : float [J/m3]
    time : float [s]
        In the wave.
    sound : Sound
    temperature : float [K]

    Returns
    -------
    dict of str to float [m]
        ``thermal``, ``transit`` and ``streaming``; the largest rules.

    Examples
    --------
    >>> sound = Sound(frequency=2e6, density=997.0, speed=1497.0, viscosity=0.89e-3)
    >>> {cause: f"{d * 1e9:.0f} nm" for cause, d in acoustic_cut_offs(0.107, 100.0, 1.0, sound, 298.15).items()}
    {'thermal': '99 nm', 'transit': '2661 nm', 'streaming': '2444 nm'}
    """
    size = abs(contrast)
    return {
        "thermal": (2.0 * DEPTH_KT * BOLTZMANN_J_PER_K * temperature / (math.pi * size * energy_density))
        ** (1.0 / 3.0),
        "transit": math.sqrt(3.0 * E_FOLDS * sound.viscosity / (size * energy_density * time)) / sound.wavenumber,
        "streaming": math.sqrt(12.0 * PSI / size) * sound.boundary_layer,
    }


def compressibility(load: Load) -> FloatArray:
    """Return that of what moves, by the volumes of what it is made of.

    Vesicles are lipid, protein and the water of their lumen; lipoproteins are protein, oil and
    other lipid, as their density tells; proteins are protein; all else is protein in water, or polystyrene if it holds
    no protein. What beads carry is solid.

    Parameters
    ----------
    load : Load

    Returns
    -------
    ndarray, shape (n,) [1/Pa]

    Notes
    -----
    Compressibilities are unverified but that of the bilayer; see ``sepsim list acoustic_model``.
    """
    of = {name: CONSTANTS.bounds(f"{name}_per_TPa")[0] * PER_TPA for name in MATERIALS}
    table, whole = load.sample.particles, load.particle_volume
    kinds = np.array(table.kinds)[table.population]
    members = np.ones(len(table)) if table.variants is None else table.variants.members
    protein = np.clip(members * table.protein_mass * PROTEIN_VOLUME / whole, 0.0, 1.0)
    protein = np.where(kinds == "protein", 1.0, protein)
    lost = table.volume - whole  # what osmosis takes is water
    water = np.where(kinds == "vesicle", np.clip((table.osmotic_water.water - lost) / whole, 0.0, 1.0 - protein), 0.0)
    fat = (load.density - protein / PROTEIN_VOLUME) / np.maximum(1.0 - protein, SMALLEST_SHARE)
    oil = np.clip((BILAYER_DENSITY - fat) / (BILAYER_DENSITY - OIL_DENSITY), 0.0, 1.0)
    liquid = sound_in(load.carrier, 1.0).compressibility
    rest = np.select(
        [kinds == "vesicle", kinds == "lipoprotein", protein > 0.0],
        [of["lipid"], of["lipid"] + oil * (of["oil"] - of["lipid"]), liquid],
        of["solid"],
    )
    mean: FloatArray = protein * of["protein"] + water * liquid + (1.0 - protein - water) * rest
    if table.variants is not None:
        mean = np.where(table.variants.carried, of["solid"], mean)
    return mean


MATERIALS = ("lipid", "oil", "protein", "solid")
