"""Where ions of one mass land, against their energy: what the electric sector is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import cycle

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sepsim.drawing.canvas import INK, SMALL_PT, grid, new_figure, plain, tidy
from sepsim.drawing.palette import DASHDOT, DASHED, SOLID
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.optics.magnetic_sector import MagneticSector
from sepsim.techniques.mass_spectrometry.optics.rays import Rays
from sepsim.techniques.mass_spectrometry.pictures.instrument import Instrument, design_of
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import Design, NierJohnson, SingleMagnet
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import Spectrometer
from sepsim.units import from_si

COLORS, LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7"), (SOLID, DASHED, DASHDOT, SOLID)
POINTS = 201
FOCUSED = 1e-6  # (x|d) over (x|g), below which energies are in focus


def with_and_without(design: NierJohnson | None = None) -> dict[str, Spectrometer]:
    """Return an instrument, its magnet alone with the same distances, and the instrument with its magnet turned round.

    Parameters
    ----------
    design : NierJohnson, optional
        Electric sector first (EB).

    Returns
    -------
    dict of str to Spectrometer

    Raises
    ------
    InputError
        If the magnet comes first: without the electric sector there is no image.

    Examples
    --------
    >>> both, alone, wrong = (each.image.coefficient("x|d") for each in with_and_without().values())
    >>> abs(both) < 1e-12, round(alone, 3), round(wrong, 3)
    (True, 0.254, -0.508)
    """
    chosen = NierJohnson() if design is None else design
    if chosen.order != "EB":
        raise InputError(f"order = {chosen.order!r}: must be 'EB' to take away the electric sector in front")
    both = chosen.spectrometer
    magnet = next(element for element in both.elements if isinstance(element, MagneticSector))
    place = both.elements.index(magnet)
    alone = SingleMagnet(
        radius_mm=magnet.radius_mm,
        angle_deg=magnet.angle_deg,
        entrance_edge_deg=magnet.entrance_edge_deg,
        exit_edge_deg=magnet.exit_edge_deg,
        object_mm=from_si("length_mm", both.elements[place - 1].axis(np.ones(1))[0, 0]),
        sense=magnet.sense,
        source=chosen.source,
        detector=chosen.detector,
        ion=chosen.ion,
    )
    wrong = tuple(replace(one, sense=-one.sense) if one is magnet else one for one in both.elements)
    return {
        "electric and magnetic sector": both,
        "magnetic sector alone": alone.spectrometer,
        "magnet bending the wrong way": replace(both, elements=wrong),
    }


def energy_focus(
    instruments: Mapping[str, Spectrometer | Design] | Instrument | None = None,
    *,
    spread_percent: float = 1.0,
    figure: Figure | None = None,
) -> NDArray[np.object_]:
    """Draw where ions of one mass land on the detector against their energy, by the exact maps.

    An ion that is displaced by its energy passes for one of another mass: along the right of the left panel the shift
    stands as a relative mass of the first instrument. The right panel shows, enlarged, those that focus energies: what
    is left is of second order.

    Parameters
    ----------
    instruments : mapping of str to Spectrometer or design, or one instrument or StepResult, optional
        By the names in the legend. Of one instrument `with_and_without`, if it is a Nier-Johnson instrument with the
        electric sector first; that is the default.
    spread_percent : float
        Largest energy above and below that of the axis [%].
    figure : Figure, optional
        Where to draw; a new one without.

    Returns
    -------
    ndarray of Axes, shape (2,)

    Raises
    ------
    InputError
        If there is no instrument, or the spread does not lie between 0 and 100 %.

    Examples
    --------
    >>> left, right = energy_focus()
    >>> len(left.lines), len(right.lines)
    (3, 1)
    """
    shown = instruments if isinstance(instruments, Mapping) else _compared(instruments)
    if not shown:
        raise InputError("instruments: none; name at least one")
    if not 0.0 < spread_percent < 100.0:
        raise InputError(f"spread_percent = {spread_percent:g}: must be above 0 and below 100")
    energies = np.linspace(-1e-2, 1e-2, POINTS) * spread_percent
    fig = new_figure(13.0, 5.6) if figure is None else figure
    axes: NDArray[np.object_] = fig.subplots(1, 2, width_ratios=(1.35, 1.0))
    dispersion = 0.0
    for (name, instrument), color, line in zip(shown.items(), cycle(COLORS), cycle(LINES), strict=False):
        spectrometer = instrument.spectrometer if isinstance(instrument, Design) else instrument
        landed = spectrometer.trace(Rays(d=energies)).x
        first = spectrometer.image.coefficient("x|d")
        mass = spectrometer.image.coefficient("x|g")
        dispersion = dispersion or mass
        style = {"color": color, "linestyle": line, "linewidth": 2.6}
        axes[0].plot(1e2 * energies, 1e3 * landed, label=f"{plain(name)},\n(x|d) = {_mm(first)}", **style)
        if abs(first) < FOCUSED * abs(mass):
            axes[1].plot(1e2 * energies, 1e6 * landed, label=plain(name), **style)
    _frame(axes, dispersion)
    return axes


def _compared(instrument: Instrument | None) -> Mapping[str, Spectrometer | Design]:
    """Return an instrument by a name, beside its magnet alone where that can be taken apart."""
    design = NierJohnson() if instrument is None else design_of(instrument)
    if isinstance(design, NierJohnson) and design.order == "EB":
        return with_and_without(design)
    return {"instrument": design}


def _mm(metres: float) -> str:
    return f"{1e3 * metres:.0f} mm".replace("-", "\N{MINUS SIGN}") if abs(metres) > 5e-7 else "0"


def _frame(axes: NDArray[np.object_], dispersion: float) -> None:
    left, right = axes
    energy = "energy above that of the axis [%]"
    tidy(left, title="Ions of one mass at the detector", x=energy, y="image position [mm]")
    tidy(right, title="Enlarged: energies in focus", x=energy, y="image position [µm]")
    for ax in axes:
        grid(ax)
        ax.set_xlim(left.lines[0].get_xdata()[[0, -1]])
    if not right.lines:
        right.text(0.5, 0.5, "none does", transform=right.transAxes, ha="center", color=INK)
    top = left.secondary_yaxis("right", functions=(lambda x: x / (10.0 * dispersion), lambda m: m * 10.0 * dispersion))
    top.set_ylabel("as a heavier mass, in the first, by [%]", fontsize=SMALL_PT, color=INK)
    top.tick_params(labelsize=SMALL_PT, colors=INK)
    left.legend(loc="best", frameon=False, fontsize=SMALL_PT, handlelength=3.0)
