"""What pellets, by size: rotors compared at equal settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import TEXT_PT, grid, own_or_new, tidy, wrapped
from sepsim.drawing.curves import trace_of
from sepsim.drawing.palette import COLORS, MARKERS
from sepsim.errors import InputError
from sepsim.media import Fluid, Medium, fluid
from sepsim.method import StepResult
from sepsim.rotors.rotors import ROTORS, Rotor, angular_speed
from sepsim.settings import Settings, number, settings
from sepsim.techniques.centrifugation.rotor_settings import RotorSettings
from sepsim.techniques.centrifugation.spin import SpeedProfile, Spin, closed_form, speed_profile
from sepsim.techniques.centrifugation.tubes.chords import Chords, chords
from sepsim.techniques.centrifugation.tubes.rotor_calculator import published_pelleted
from sepsim.units import from_si, to_si

AnyRotor = str | Mapping[str, Any] | Rotor

SMALLEST_NM, LARGEST_NM, POINTS = 10.0, 1000.0, 400  # of the axis, which reaches on to the decade of a larger cut-off
RADIUS_SIGNS = {"rmax": "r$_{max}$", "rav": "r$_{av}$", "rmin": "r$_{min}$"}
NAME_WIDTH, TITLE_WIDTH = 36, 60  # letters

Formula = Callable[[Rotor, FloatArray], FloatArray]


@settings
class _Conditions(Settings):
    """What is asked of every rotor, checked as in a protocol file."""

    time_min: float = number(above=0, maximum=1e6, help="time at speed")
    speed_rpm: float | None = number(default=None, above=0, help="speed, or instead")
    rcf_xg: float | None = number(
        default=None, above=0, help="relative centrifugal force, with the radius at which it holds"
    )
    density_g_mL: float = number(minimum=0.5, maximum=25, help="of the particles")
    temperature_C: float = number(minimum=0, maximum=60, help="of the medium")
    fill_volume_mL: float | None = number(default=None, above=0, help="volume in a tube; left out: a full one")


class _SinkingSpheres(NamedTuple):
    """Spheres denser than their liquid: mobility s/d^2 [s/m2], and how the title names them."""

    mobility: float
    text: str


class _Case(NamedTuple):
    """A rotor, how it turns, and the filled tube."""

    rotor: Rotor
    profile: SpeedProfile
    tube: Chords


def pelleted_percentage(
    rotors: AnyRotor | StepResult | Sequence[AnyRotor],
    *,
    time_min: float | None = None,
    speed_rpm: float | Sequence[float] | None = None,
    rcf_xg: float | None = None,
    rcf_at: str | None = None,
    density_g_mL: float = 1.10,
    medium: str | Mapping[str, Any] | Fluid = "PBS",
    temperature_C: float = 20.0,
    fill_volume_mL: float | Sequence[float | None] | None = None,
    formula: Formula | None = None,
    formula_label: str = "published formula",
    ax: Axes | None = None,
) -> Axes:
    """Draw the pelleted percentage of spheres against their diameter, for one rotor or several.

    By plug flow in the filled tube. A marker shows the cut-off diameter, from which on everything pellets.

    Parameters
    ----------
    rotors : str, mapping, Rotor or StepResult, or a sequence of rotors
        Names of the catalogue, rotors of one's own, or a spin: its tubes as they were filled and spun, in its medium;
        then only the density may be given besides.
    time_min : float [min]
        Time at speed.
    speed_rpm : float or sequence of float [rpm]
        Speed, of all rotors or of each; or instead
    rcf_xg : float [x g]
        Relative centrifugal force, with
    rcf_at : "rmax" | "rav" | "rmin"
        the radius at which it holds.
    density_g_mL : float [g/mL]
        Of the particles.
    medium : str, mapping or Fluid
    temperature_C : float [degC]
    fill_volume_mL : float or sequence of float [mL]
        Volume in a tube, of all rotors or of each; default a full one.
    formula : callable
        Takes a rotor and dose exponents s W [-], returns pelleted shares [-], for a thin dashed line beside each
        curve: `rotor_calculator.published_pelleted` is what rotor calculators print.
    formula_label : str
        Of those lines in the legend.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a rotor is unknown or may not turn so fast, a number is out of its range, the tube does not hold the
        volume, or the particles do not sink.

    Examples
    --------
    >>> ax = pelleted_percentage(["Type 45 Ti", "SW 32 Ti"], rcf_xg=100_000, rcf_at="rav", time_min=70)
    >>> ax.get_xlabel()
    'diameter [nm]'
    """
    if isinstance(rotors, StepResult):
        return _pelleted_in_step(rotors, density_g_mL, ax)
    asked = _asked(rotors)
    settings = [
        _Conditions.from_table(
            {
                "time_min": time_min,
                "density_g_mL": density_g_mL,
                "temperature_C": temperature_C,
                **{key: value for key, value in own.items() if value is not None},
            }
        )
        for own in _of_each(len(asked), speed_rpm=speed_rpm, rcf_xg=rcf_xg, fill_volume_mL=fill_volume_mL)
    ]
    liquid = Medium.pure(fluid(medium), to_si("temperature_C", settings[0].temperature_C))
    spheres = _sinking_spheres(settings[0].density_g_mL, liquid)
    cases = [_case(ROTORS.get(value), own, rcf_at) for value, own in zip(asked, settings, strict=True)]
    axes = own_or_new(ax, 10.5, 5.6)
    diameters = _diameters(cases, spheres.mobility)
    for case, color, marker in zip(cases, cycle(COLORS), cycle(MARKERS), strict=False):
        _draw(axes, case, spheres.mobility, diameters, color, marker)
    if formula is not None:
        _draw_formula(axes, cases, spheres.mobility, diameters, formula, formula_label)
    speeds = {_setting(own, rcf_at): None for own in settings}
    equal = f"{next(iter(speeds))}, " if len(speeds) == 1 else ""
    _frame(axes, diameters, f"What pellets: {equal}{settings[0].time_min:g} min\n{spheres.text}")
    return axes


def _of_each(count: int, **given: Any) -> list[dict[str, Any]]:
    """Return settings that are of all rotors, or of each, as one table for each."""
    columns: dict[str, list[Any]] = {}
    for key, value in given.items():
        values = [*value] if isinstance(value, (list, tuple)) else [value] * count
        if len(values) != count:
            raise InputError(f"{key}: {len(values)} values for {count} rotors; give one, or one for each")
        columns[key] = values
    return [{key: values[place] for key, values in columns.items()} for place in range(count)]


def _pelleted_in_step(step: StepResult, density_g_mL: float, ax: Axes | None) -> Axes:
    """Draw what pellets in the tubes of a step, beside the published formula of a full tube."""
    spin = trace_of(step, Spin, "no spin without a gradient")
    assert isinstance(step.method, RotorSettings)  # which alone leaves a Spin
    liquid = step.method.run_medium(step.outcome.fractions["supernatant"].liquid)
    spheres = _sinking_spheres(density_g_mL, liquid)
    case = _Case(spin.rotor, spin.profile, spin.chords)
    axes = own_or_new(ax, 10.5, 5.6)
    diameters = _diameters([case], spheres.mobility)
    _draw(axes, case, spheres.mobility, diameters, COLORS[0], MARKERS[0])
    if spin.rotor.rmin_mm is not None:
        _draw_formula(axes, [case], spheres.mobility, diameters, published_pelleted, "published formula of a full tube")
    _frame(axes, diameters, f"What pellets in step '{wrapped(step.name, TITLE_WIDTH)}'\n{spheres.text}")
    return axes


def _asked(rotors: AnyRotor | Sequence[AnyRotor]) -> Sequence[AnyRotor]:
    asked = [rotors] if isinstance(rotors, (str, Mapping, Rotor)) else rotors
    if not asked:
        raise InputError("rotors: none; name at least one")
    return asked


def _sinking_spheres(density: float, liquid: Medium) -> _SinkingSpheres:
    """Return how spheres of a density [g/mL] sink in a liquid."""
    excess = to_si("density_g_mL", density) - liquid.density
    if excess <= 0:
        raise InputError(f"density_g_mL = {density:g}: must be above {liquid.density * 1e-3:.4g}, the medium's")
    text = (
        f"spheres of {density:g} g/mL in {liquid.density * 1e-3:.3f} g/mL, "
        f"{liquid.viscosity * 1e3:.2f} mPa s, {from_si('temperature_C', liquid.temperature):.3g} °C"
    )
    return _SinkingSpheres(excess / (18.0 * liquid.viscosity), text)


def _setting(conditions: _Conditions, rcf_at: str | None) -> str:
    if conditions.speed_rpm is not None:
        return f"{conditions.speed_rpm:,.0f} rpm"
    return f"{conditions.rcf_xg:,.0f} x g at {RADIUS_SIGNS[rcf_at or '']}"


def _case(rotor: Rotor, conditions: _Conditions, rcf_at: str | None) -> _Case:
    speed = angular_speed(rotor, speed_rpm=conditions.speed_rpm, rcf_xg=conditions.rcf_xg, rcf_at=rcf_at)
    filled = conditions.fill_volume_mL
    volume = rotor.tube.volume if filled is None else to_si("fill_volume_mL", filled)
    return _Case(rotor, speed_profile(speed, to_si("time_min", conditions.time_min), 0.0, 0.0), chords(rotor, volume))


def _cut_off(case: _Case, mobility: float) -> float:
    """Return the diameter [m] from which on every particle meets the wall: mobility d^2 W clears the longest chord."""
    return float(np.sqrt(case.tube.clearing_exponent / (mobility * case.profile.dose)))


def _pelleted(case: _Case, diameters: FloatArray, mobility: float) -> FloatArray:
    sedimentation = mobility * diameters**2
    return closed_form(case.tube, sedimentation, np.zeros_like(diameters), case.profile).pelleted


def _diameters(cases: Sequence[_Case], mobility: float) -> FloatArray:
    """Return the diameters that are drawn [m]."""
    largest_nm = 1e9 * max(_cut_off(case, mobility) for case in cases)
    return np.geomspace(SMALLEST_NM, max(LARGEST_NM, 10.0 ** math.ceil(math.log10(largest_nm))), POINTS) * 1e-9


def _draw(ax: Axes, case: _Case, mobility: float, diameters: FloatArray, color: str, marker: str) -> None:
    cut_off = _cut_off(case, mobility)
    exact = np.sort([*diameters, np.clip(cut_off, diameters[0], diameters[-1])])  # the curve meets its marker
    speed = from_si("speed_rpm", case.profile.omega_squared[0] ** 0.5)
    who = f"{wrapped(case.rotor.name, NAME_WIDTH)}, {case.rotor.kind}"
    name = f"{who}\n{speed:,.0f} rpm; cut-off {float(f'{cut_off * 1e9:.3g}'):,.12g} nm"
    ax.plot(exact * 1e9, 100.0 * _pelleted(case, exact, mobility), color=color, linewidth=2.6, label=f"_{name}")
    ax.plot([cut_off * 1e9], [100.0], color=color, marker=marker, markersize=9, linewidth=2.6, label=name)


def _draw_formula(
    ax: Axes, cases: Sequence[_Case], mobility: float, diameters: FloatArray, formula: Formula, name: str
) -> None:
    style: dict[str, Any] = {"linestyle": "--", "linewidth": 1.4}
    for case, color in zip(cases, cycle(COLORS), strict=False):
        shares = formula(case.rotor, mobility * diameters**2 * case.profile.dose)
        ax.plot(diameters * 1e9, 100.0 * shares, color=color, label="_formula", **style)
    ax.plot([], [], color="#777777", label=name, **style)


def _frame(ax: Axes, diameters: FloatArray, title: str) -> None:
    tidy(ax, title=title, x="diameter [nm]", y="pelleted [%]")
    grid(ax)
    ax.set_xscale("log")
    ax.set_xlim(diameters[0] * 1e9, diameters[-1] * 1e9)
    ax.set_ylim(0.0, 104.0)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.legend(
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        frameon=False,
        fontsize=TEXT_PT,
        handlelength=3.0,
        labelspacing=0.9,
    )
