"""How a filter is driven and stirred: spin filter, stirred cell, dead-end filter, tangential flow.

A module says with which pressure the liquid is pressed through its membrane and how fast particles that pile up at the
membrane are carried back into the liquid, as the mass-transfer coefficient k [m/s] of film theory.
"""

from __future__ import annotations

import math
import warnings
from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import STANDARD_GRAVITY_M_PER_S2
from sepsim.errors import InputError, ModelRangeWarning
from sepsim.settings import Settings, number, settings
from sepsim.techniques.filtration.membranes.membranes import Membrane
from sepsim.units import from_si, to_si

_WATER = 1000.0  # kg/m3
_FULL_COLUMN = 0.030  # m, height of the liquid in a full spin filter
_USUAL_BORE = 0.025  # m, of a spin filter of unknown volume
_STIRRED_REYNOLDS = (8e3, 3.2e4)
_LAMINAR = 2100.0  # largest Reynolds number of laminar flow in a tube
_SHEAR_DIFFUSION = 0.03  # D = 0.03 shear a^2


class FilterModule(Settings, ABC):
    """What drives the liquid and stirs it; a subclass is a frozen record of its settings."""

    __slots__ = ()

    kind: ClassVar[str]
    devices: ClassVar[tuple[str, ...]]  # kinds of device that it drives
    sources: ClassVar[tuple[str, ...]]

    @abstractmethod
    def pressure(self, volume: float, density: float, membrane: Membrane) -> float:
        """Return the highest pressure across the membrane [Pa] with a volume [m3] of a density [kg/m3] above it."""

    def driving(self, volume: float, density: float, membrane: Membrane) -> float:
        """Return the mean pressure over the area of the membrane [Pa], which drives the flux; that of `pressure`."""
        return self.pressure(volume, density, membrane)

    def feed(self, membrane: Membrane) -> float:
        """Return the liquid that is pumped along a membrane [m3/s]; infinite where it stands above it."""
        return math.inf

    def misfit(self, membrane: Membrane) -> str:
        """Return that a membrane comes in a device that this does not drive, or an empty text."""
        if membrane.device is None or membrane.device in self.devices:
            return ""
        return (
            f"membrane {membrane.name!r} comes as a {membrane.device}, which {self.kind} does not drive; take one that "
            f"comes as a {' or '.join(self.devices)}, or drive it otherwise"
        )

    @abstractmethod
    def mass_transfer(
        self, diffusivity: FloatArray, diameter: FloatArray, density: float, viscosity: float, membrane: Membrane
    ) -> FloatArray:
        """Return the mass-transfer coefficients [m/s] of particles.

        Parameters
        ----------
        diffusivity : ndarray (n,) [m2/s]
        diameter : ndarray (n,) [m]
        density : float [kg/m3]
        viscosity : float [Pa s]
        membrane : Membrane

        Returns
        -------
        ndarray (n,) [m/s]
        """

    @abstractmethod
    def limit_problem(self, membrane: Membrane, volume: float | None = None, density: float = _WATER) -> str:
        """Return how the membrane is driven beyond its limits, or an empty text.

        A spin filter presses the harder the fuller it is: with `volume` [m3] of `density` [kg/m3], by default a full
        device of water. The others do not need them.
        """


class _ConstantPressure(FilterModule):
    """Modules whose pressure is a setting."""

    __slots__ = ()

    pressure_bar: float

    def pressure(self, volume: float, density: float, membrane: Membrane) -> float:
        """Return the set pressure [Pa]."""
        return to_si("pressure_bar", self.pressure_bar)

    def limit_problem(self, membrane: Membrane, volume: float | None = None, density: float = _WATER) -> str:
        """Return that the pressure is above the membrane's limit, or an empty text."""
        limit = membrane.max_pressure_bar
        if limit is None or self.pressure_bar <= limit:
            return ""
        return (
            f"pressure_bar = {self.pressure_bar:g}: membrane {membrane.name!r} bears at most {limit:g} bar; lower "
            "pressure_bar or take another membrane"
        )


@settings
class SpinFilter(FilterModule):
    """A centrifugal filter: the liquid column above the membrane presses in the field, and falls as it drains.

    p = rho omega^2 (r^2 - r_in^2) / 2, r_in = r_out - h, omega^2 = rcf g / r_out; the filtrate side is at the pressure
    of the air. The membrane stands upright, so that the flux is driven by the mean over its height, in which what
    stands above the level counts nothing. The layer that piles up on it is denser than the liquid and slides down:
    free convection along a vertical plate of height L in the field a = rcf g,

    Sh = {0.825 + 0.387 Ra^(1/6) / [1 + (0.492 / Sc)^(9/16)]^(8/27)}^2, Ra = a L^3 contrast / (nu D), Sc = nu / D.

    The correlation is tested up to Ra = 1e12, with heat. Here Ra is usually 1e14 to 1e17, where it is an extrapolation:
    k then goes with (a contrast / nu)^(1/3) D^(2/3) and no longer depends on L.

    Parameters
    ----------
    rcf_xg : float
        At the lower end of the membrane [x g].
    radius_mm : float
        Distance of the lower end of the membrane from the axis [mm].
    bore_mm : float, optional
        Inner diameter of a cylinder of liquid [mm], h = V/(pi bore^2/4). Left out, the vessel is a wedge between two
        membranes that holds a column of 30 mm when it is full, h = 30 mm (V/V_full)^(1/2); or, of unknown volume, a
        cylinder of 25 mm.
    membrane_height_mm : float
        Height of the membrane along the field [mm].
    density_contrast : float
        By how much the layer at the membrane is denser than the liquid, relative; a choice, enters as the third root.

    Examples
    --------
    >>> from sepsim.techniques.filtration.membranes.membranes import membrane
    >>> spin = SpinFilter(rcf_xg=4000)
    >>> round(spin.pressure(15e-6, 1000.0, membrane("Amicon Ultra-15 100 kDa")) / 1e5, 2)  # bar
    10.59

    References
    ----------
    Churchill, S. W., Chu, H. H. S., Int. J. Heat Mass Transfer 18, 1323 (1975).
    """

    kind: ClassVar[str] = "spin filter"
    devices: ClassVar[tuple[str, ...]] = ("spin filter",)
    sources: ClassVar[tuple[str, ...]] = ("churchill1975",)

    rcf_xg: float = number(above=0, help="centrifugal force at the lower end of the membrane")
    radius_mm: float = number(default=150, above=0, help="distance of the membrane's lower end from the axis")
    bore_mm: float | None = number(
        default=None, above=0, help="diameter of a cylinder of liquid; left out: a wedge of 30 mm"
    )
    membrane_height_mm: float = number(default=30, above=0, help="height of the membrane along the field")
    density_contrast: float = number(default=0.05, above=0, maximum=1, help="relative excess density at the membrane")

    def pressure(self, volume: float, density: float, membrane: Membrane) -> float:
        """Return the pressure at the lower end of the membrane [Pa] under a volume [m3] of a density [kg/m3].

        Raises
        ------
        InputError
            If the column would reach the axis.
        """
        outer, height = to_si("radius_mm", self.radius_mm), self._column(volume, membrane)
        return 0.5 * density * self._acceleration / outer * height * (2.0 * outer - height)

    def _column(self, volume: float, membrane: Membrane) -> float:
        """Return how high a volume stands [m]; it may not reach the axis."""
        height = self._height(volume, membrane)
        if height > to_si("radius_mm", self.radius_mm):
            raise InputError(
                f"radius_mm = {self.radius_mm:g}: {from_si('volume_mL', volume):.4g} mL stand {1e3 * height:.4g} mm "
                "high and reach the axis; fill less, wash with less, or give a wider bore_mm"
            )
        return height

    def driving(self, volume: float, density: float, membrane: Membrane) -> float:
        """Return the mean pressure over the height of the membrane [Pa], nothing above the level.

        Raises
        ------
        InputError
            If the column would reach the axis.
        """
        outer, tall = to_si("radius_mm", self.radius_mm), to_si("membrane_height_mm", self.membrane_height_mm)
        level = outer - self._column(volume, membrane)
        top = max(level, outer - tall)
        squares = (outer**3 - top**3) / 3.0 - level**2 * (outer - top)
        return 0.5 * density * self._acceleration / outer * squares / tall

    def mass_transfer(
        self, diffusivity: FloatArray, diameter: FloatArray, density: float, viscosity: float, membrane: Membrane
    ) -> FloatArray:
        """Return the coefficients [m/s] of free convection; `diameter` and `membrane` do not enter."""
        length, momentum = to_si("membrane_height_mm", self.membrane_height_mm), viscosity / density
        rayleigh = self._acceleration * length**3 * self.density_contrast / (momentum * diffusivity)
        schmidt = momentum / diffusivity
        sherwood = (0.825 + 0.387 * rayleigh ** (1 / 6) / (1.0 + (0.492 / schmidt) ** (9 / 16)) ** (8 / 27)) ** 2
        coefficient: FloatArray = sherwood * diffusivity / length
        return coefficient

    def limit_problem(self, membrane: Membrane, volume: float | None = None, density: float = _WATER) -> str:
        """Return that the membrane is spun too fast or pressed too hard, or an empty text."""
        if self.rcf_xg > membrane.max_rcf * (1 + 1e-9):
            return (
                f"rcf_xg = {self.rcf_xg:g}: membrane {membrane.name!r} bears at most {membrane.max_rcf:g} x g; lower "
                "rcf_xg or take another device"
            )
        filled = membrane.max_volume if volume is None else volume
        if math.isinf(membrane.max_pressure) or math.isinf(filled):
            return ""
        reached = self.pressure(filled, density, membrane)
        if reached <= membrane.max_pressure:
            return ""
        allowed = self.rcf_xg * membrane.max_pressure / reached
        return (
            f"rcf_xg = {self.rcf_xg:g}: {from_si('volume_mL', filled):.4g} mL press with {reached / 1e5:.3g} bar; "
            f"membrane {membrane.name!r} bears at most {membrane.max_pressure_bar:g} bar; spin at up to "
            f"{math.floor(allowed)} x g or fill less"
        )

    @property
    def _acceleration(self) -> float:
        return self.rcf_xg * STANDARD_GRAVITY_M_PER_S2

    def _height(self, volume: float, membrane: Membrane) -> float:
        if self.bore_mm is None and math.isfinite(membrane.max_volume):
            return _FULL_COLUMN * math.sqrt(volume / membrane.max_volume)
        bore = _USUAL_BORE if self.bore_mm is None else to_si("bore_mm", self.bore_mm)
        return 4.0 * volume / (math.pi * bore**2)


@settings
class StirredCell(_ConstantPressure):
    """A pressurised cell with a stirrer over a flat membrane.

    Sh = k r / D = 0.23 Re^0.567 Sc^0.33 with Re = omega r^2 / nu and r the radius of the cell; for Re of 8000 to
    32 000, outside which it warns.

    Parameters
    ----------
    pressure_bar : float
        Across the membrane [bar].
    stirring_rpm : float
        Speed of the stirrer [rpm].
    cell_diameter_mm : float
        Inner diameter of the cell [mm].

    Examples
    --------
    Albumin at 25 C: how much liquid may pass per hour and area before it piles up e-fold.

    >>> from sepsim.techniques.filtration.membranes.membranes import membrane
    >>> cell, disc = StirredCell(pressure_bar=1, stirring_rpm=600, cell_diameter_mm=25), membrane("Nuclepore 50 nm")
    >>> k = cell.mass_transfer(np.array([7e-11]), np.array([7e-9]), 997.0, 0.89e-3, disc)
    >>> round(float(k[0]) * 3.6e6, 1)  # L m-2 h-1
    20.5

    References
    ----------
    Colton, C. K., Smith, K. A., AIChE J. 18, 958 (1972), for the form; the coefficients are those in common use.
    """

    kind: ClassVar[str] = "stirred cell"
    devices: ClassVar[tuple[str, ...]] = ("disc",)
    sources: ClassVar[tuple[str, ...]] = ("colton1972",)

    pressure_bar: float = number(above=0, help="pressure across the membrane")
    stirring_rpm: float = number(above=0, help="speed of the stirrer")
    cell_diameter_mm: float = number(above=0, help="inner diameter of the cell")

    def mass_transfer(
        self, diffusivity: FloatArray, diameter: FloatArray, density: float, viscosity: float, membrane: Membrane
    ) -> FloatArray:
        """Return the coefficients [m/s] under the stirrer; `diameter` and `membrane` do not enter."""
        radius, momentum = 0.5 * to_si("cell_diameter_mm", self.cell_diameter_mm), viscosity / density
        reynolds = to_si("stirring_rpm", self.stirring_rpm) * radius**2 / momentum
        lowest, highest = _STIRRED_REYNOLDS
        if not lowest <= reynolds <= highest:
            message = (
                f"mass transfer in a stirred cell: used at Re = {reynolds:.3g}, outside its range of {lowest:g} to "
                f"{highest:g}"
            )
            warnings.warn(message, ModelRangeWarning, stacklevel=2)
        sherwood = 0.23 * reynolds**0.567 * (momentum / diffusivity) ** 0.33
        coefficient: FloatArray = sherwood * diffusivity / radius
        return coefficient


@settings
class DeadEnd(_ConstantPressure):
    """A filter without stirring, such as a syringe filter: what is held back stays at the membrane.

    Parameters
    ----------
    pressure_bar : float
        Across the membrane [bar].

    Examples
    --------
    >>> DeadEnd(pressure_bar=1).kind
    'dead end'
    """

    kind: ClassVar[str] = "dead end"
    devices: ClassVar[tuple[str, ...]] = ("syringe filter", "disc")
    sources: ClassVar[tuple[str, ...]] = ()

    pressure_bar: float = number(above=0, help="pressure across the membrane")

    def mass_transfer(
        self, diffusivity: FloatArray, diameter: FloatArray, density: float, viscosity: float, membrane: Membrane
    ) -> FloatArray:
        """Return zeros [m/s]: nothing carries particles back."""
        return np.zeros_like(diffusivity)


@settings
class TangentialFlow(_ConstantPressure):
    """Liquid pumped along the inside of hollow fibres, a little of it through their walls.

    The layer at the wall grows along the fibre (Leveque): Sh = k d / D = 1.62 (Re Sc d / L)^(1/3), Re Sc = u d / D,
    with the mean speed u = shear d / 8 in laminar flow; for Re Sc d / L above about 100. Shear makes particles of
    radius a push one another about, which adds 0.03 shear a^2 to D: as much as Brownian motion at a diameter of about
    0.4 um, and more above. Warns above Re = 2100, where the flow is turbulent and carries away faster.

    Parameters
    ----------
    pressure_bar : float
        Mean pressure across the membrane [bar].
    shear_rate_per_s : float, optional
        At the wall of the fibres [1/s]; this or `flow_mL_min`.
    flow_mL_min : float, optional
        Feed through all fibres together [mL/min].
    fibre_diameter_mm, fibre_length_mm : float
        Of the inside of the fibres [mm]; their number follows from the membrane's area.

    Examples
    --------
    >>> from sepsim.techniques.filtration.membranes.membranes import membrane
    >>> module = TangentialFlow(pressure_bar=0.5, flow_mL_min=80)
    >>> round(module.shear_rate(membrane("hollow fibres 115 cm2, modified polyethersulfone, 500 kDa")))  # 1/s
    2968

    References
    ----------
    Leveque, A., Ann. Mines 13, 201 (1928); Zydney, A. L., Colton, C. K., Chem. Eng. Commun. 47, 1 (1986).
    """

    kind: ClassVar[str] = "tangential flow"
    devices: ClassVar[tuple[str, ...]] = ("hollow fibres",)
    sources: ClassVar[tuple[str, ...]] = ("leveque1928", "zydney1986")

    pressure_bar: float = number(above=0, help="mean pressure across the membrane")
    shear_rate_per_s: float | None = number(default=None, above=0, help="shear rate at the wall; this or flow_mL_min")
    flow_mL_min: float | None = number(default=None, above=0, help="feed through all fibres; this or shear_rate_per_s")
    fibre_diameter_mm: float = number(default=0.5, above=0, help="inner diameter of the fibres")
    fibre_length_mm: float = number(default=200, above=0, help="length of the fibres")

    def conflicts(self) -> list[str]:
        """Return that shear and feed are both given, or none."""
        if (self.shear_rate_per_s is None) == (self.flow_mL_min is None):
            return ["shear_rate_per_s or flow_mL_min: give exactly one of them"]
        return []

    @property
    def fibre_diameter(self) -> float:
        """Inner diameter of the fibres [m]."""
        return to_si("fibre_diameter_mm", self.fibre_diameter_mm)

    @property
    def fibre_length(self) -> float:
        """Length of the fibres [m]."""
        return to_si("fibre_length_mm", self.fibre_length_mm)

    def fibre_count(self, membrane: Membrane) -> float:
        """Return the number of fibres that a membrane's area makes, area / (pi d L); it need not be whole."""
        return membrane.area / (math.pi * self.fibre_diameter * self.fibre_length)

    def feed(self, membrane: Membrane) -> float:
        """Return the feed through all fibres [m3/s]: as set, or shear n pi d^3 / 32."""
        return self.shear_rate(membrane) * self.fibre_count(membrane) * math.pi * self.fibre_diameter**3 / 32.0

    def shear_rate(self, membrane: Membrane) -> float:
        """Return the shear rate at the wall [1/s]: as set, or 32 Q / (n pi d^3) of the feed."""
        if self.flow_mL_min is None:
            return self.shear_rate_per_s or 0.0
        flow = to_si("flow_mL_min", self.flow_mL_min)
        return 32.0 * flow / (self.fibre_count(membrane) * math.pi * self.fibre_diameter**3)

    def mass_transfer(
        self, diffusivity: FloatArray, diameter: FloatArray, density: float, viscosity: float, membrane: Membrane
    ) -> FloatArray:
        """Return the coefficients [m/s] in the fibres, by Brownian and shear-induced diffusion."""
        bore, length = self.fibre_diameter, self.fibre_length
        shear = self.shear_rate(membrane)
        speed = shear * bore / 8.0
        reynolds = speed * bore * density / viscosity
        if reynolds > _LAMINAR:
            message = f"mass transfer in hollow fibres: used at Re = {reynolds:.3g}, above {_LAMINAR:g}: turbulent flow"
            warnings.warn(message, ModelRangeWarning, stacklevel=2)
        mixing = diffusivity + _SHEAR_DIFFUSION * shear * (0.5 * diameter) ** 2
        coefficient: FloatArray = 1.62 * np.cbrt(speed * bore / mixing * bore / length) * mixing / bore
        return coefficient
