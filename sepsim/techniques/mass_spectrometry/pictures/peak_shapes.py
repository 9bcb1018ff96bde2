"""Two neighbouring masses at several widths of the slits: what resolving power means, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, SMALL_PT, TEXT_PT, TITLE_PT, grid, new_figure, tidy
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.ion_doublet import doublet_mz
from sepsim.techniques.mass_spectrometry.mass_spectrum import Doublet, doublet, scan
from sepsim.techniques.mass_spectrometry.optics.rays import Rays
from sepsim.techniques.mass_spectrometry.peak_profile import PeakProfile, ResolvingPower, ray_profile, source_rays
from sepsim.techniques.mass_spectrometry.pictures.instrument import Instrument, spectrometer_of
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import Detector, Spectrometer

COLORS = ("#0072B2", "#D55E00")
RAYS, POINTS = 20_000, 1601
HEADROOM = 1.45  # above the peaks, for what is written
ROOM = 1.3  # of the picture beyond each peak, in distances of the peaks or widths of the widest peak


@dataclass(frozen=True, slots=True, eq=False)
class DoubletPeaks:
    """A doublet through slits of one width.

    Parameters
    ----------
    slit_um : float [um]
        Of the source and the collector.
    profile : PeakProfile
    power : ResolvingPower
    pair : Doublet
    dispersion : float [m]
    """

    slit_um: float
    profile: PeakProfile
    power: ResolvingPower
    pair: Doublet
    dispersion: float

    @classmethod
    def of(cls, spectrometer: Spectrometer, slit_um: float, masses: tuple[float, float]) -> DoubletPeaks:
        """Return what rays through the exact maps give at a width of both slits [um], for two m/z."""
        narrowed = replace(
            spectrometer,
            source=replace(spectrometer.source, slit_um=slit_um),
            detector=replace(spectrometer.detector, slit_um=slit_um),
        )
        source = narrowed.source
        start = source_rays(RAYS, slit=source.width, half_angle=source.half_angle, energy_fwhm=narrowed.energy_spread)
        landed = narrowed.trace(Rays(x=start.x, a=start.a, d=start.d)).x
        profile = ray_profile(landed[np.isfinite(landed)], narrowed.detector.width, sent=RAYS)
        dispersion = narrowed.image.coefficient("x|g")
        pair = doublet(*masses, profile, dispersion)
        return cls(slit_um, profile, profile.resolving_power(dispersion), pair, dispersion)


def peak_shapes(
    instrument: Instrument,
    ions: tuple[str, str] = ("CO", "N2"),
    *,
    slits_um: Sequence[float] = (100.0, 60.0, 30.0),
    figure: Figure | None = None,
) -> NDArray[np.object_]:
    """Draw the scan over two equally abundant ions, at several widths of the slits, by rays through the exact maps.

    Each panel names the resolving power that the slits reach by both definitions, m/dm with the full width at half
    maximum and with the width at 5 % of the height, at which two equal peaks leave a valley of 10 %. The second is to
    be compared with what the doublet needs. Signals are shares of the ions that pass the source slit; a narrower source
    slit also lets fewer of them in, in proportion to its width where the beam is wider.

    Parameters
    ----------
    instrument : Spectrometer, design or StepResult
        Its source gives angles and energies; the field is scanned.
    ions : tuple of two str
        Formulas of the neutral molecules, of which one electron is taken.
    slits_um : sequence of float
        Widths of source and collector slit, one panel each [um].
    figure : Figure, optional
        Where to draw; a new one without.

    Returns
    -------
    ndarray of Axes, shape (panels,)

    Raises
    ------
    InputError
        If a formula is wrong or both ions weigh the same, a width does not fit the instrument, the detector is a tilted
        plate, or there is no width.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> wide, narrow = peak_shapes(NierJohnson(), slits_um=[100, 30])
    >>> "not resolved" in wide.texts[0].get_text(), "not resolved" in narrow.texts[0].get_text()
    (True, False)
    """
    spectrometer = spectrometer_of(instrument)
    masses = doublet_mz(*ions)
    _check(spectrometer.detector, slits_um)
    settings = [DoubletPeaks.of(spectrometer, slit, masses) for slit in slits_um]
    fig = new_figure(10.0, 1.4 + 2.1 * len(settings)) if figure is None else figure
    axes: NDArray[np.object_] = fig.subplots(len(settings), 1, sharex=True, squeeze=False)[:, 0]
    held = _held(masses, settings)
    for ax, setting in zip(axes, settings, strict=True):
        _draw(ax, setting, held, masses)
        tidy(ax, title="", x="", y="")
        grid(ax)
        ax.set_ylim(0.0, HEADROOM * setting.profile.height)
    _name(axes, ions, settings[0].pair.needed)
    for ion, mass, color in zip(ions, masses, COLORS, strict=True):
        top, side = settings[0].profile.height, "right" if mass == min(masses) else "left"
        axes[0].text(mass, 1.04 * top, _formula(ion), color=color, ha=side, va="bottom", fontsize=TEXT_PT)
    return axes


def _check(detector: Detector, slits_um: Sequence[float]) -> None:
    if not len(slits_um):
        raise InputError("slits_um: none; give at least one width")
    if detector.tilt_deg != 0.0:
        raise InputError(f"instrument: its detector is a plate, tilted by {detector.tilt_deg:g} deg, and has no slit")


def _held(masses: tuple[float, float], settings: Sequence[DoubletPeaks]) -> FloatArray:
    """Return the m/z that the field is set on, one after another."""
    low, high = sorted(masses)
    widest = max(setting.profile.width(0.01) / abs(setting.dispersion) for setting in settings)
    room = ROOM * max(high - low, 0.5 * widest * high)
    return np.linspace(low - room, high + room, POINTS)


def _draw(ax: Axes, setting: DoubletPeaks, held: FloatArray, masses: tuple[float, float]) -> None:
    parts = [scan(held, [mass], [1.0], setting.profile, setting.dispersion).intensity for mass in masses]
    for part, color in zip(parts, COLORS, strict=True):
        ax.fill_between(held, part, color=color, alpha=0.35, linewidth=0)
    ax.plot(held, np.sum(parts, axis=0), color=INK, linewidth=1.8, label="sum")
    verdict = "resolved" if setting.pair.resolved else "not resolved"
    text = (
        f"slits {setting.slit_um:g} µm: {verdict}, valley {100 * setting.pair.valley:.0f} %\n"
        f"reached: R = {_rounded(setting.power.valley)} (10 % valley)\n"
        f"              {_rounded(setting.power.fwhm)} (half maximum)"
    )
    ax.text(0.01, 0.97, text, transform=ax.transAxes, va="top", fontsize=SMALL_PT, color=INK)


def _rounded(power: float) -> str:
    return f"{power:.3g}" if power < 1000 else f"{round(power, -1):.0f}"


def _name(axes: NDArray[np.object_], ions: tuple[str, str], needed: float) -> None:
    first, second = (_formula(one) for one in ions)
    axes[0].set_title(
        f"{first} and {second}: R = m/Δm = {needed:.0f} is needed", fontsize=TITLE_PT, color=INK, loc="left"
    )
    axes[len(axes) // 2].set_ylabel("share of the ions that pass the source slit [-]", fontsize=TEXT_PT, color=INK)
    axes[-1].set_xlabel("m/z that the field is set on [-]", fontsize=TEXT_PT, color=INK)


def _formula(text: str) -> str:
    """Return the formula of a cation with its numbers lowered, ready to be drawn."""
    spelled = "".join(
        f"$_{{{letter}}}$" if letter.isdigit() and before not in " [" else letter
        for before, letter in pairwise(f" {text}")
    )
    return f"{spelled}$^+$"
