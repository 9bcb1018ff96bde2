"""Energy focus, peak shapes and the focal plane agree with closed formulas and an independent program."""

import re
from dataclasses import replace

import numpy as np
import pytest

from sepsim.errors import InputError
from sepsim.plots import energy_focus, focal_plane, peak_shapes, with_and_without
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import (
    MattauchHerzog,
    NierJohnson,
    SingleMagnet,
)

NEEDED = {("CO", "N2"): 2493, ("N2", "C2H4"): 1114, ("CO", "C2H4"): 770}  # m / dm of tabulated masses


def slope(line):
    x, y = line.get_data()
    middle = x.size // 2
    return (y[middle + 5] - y[middle - 5]) / (x[middle + 5] - x[middle - 5])


def test_the_electric_sector_takes_the_slope_away():
    left, _ = energy_focus()
    both, alone, wrong = map(slope, left.lines)  # mm per per cent
    magnet = 5 / 6 * 304.8 / 100  # of the 90 and 60 degree instrument with r_e = 1.25 r_m
    assert both == pytest.approx(0, abs=1e-4)
    assert alone == pytest.approx(magnet, rel=1e-3)
    assert wrong == pytest.approx(-2 * magnet, rel=1e-3)
    texts = [text.get_text() for text in left.get_legend().get_texts()]
    assert [re.search(r"= (.*)$", text)[1] for text in texts] == ["0", "254 mm", "−508 mm"]


def test_what_is_left_is_of_second_order():
    (curve,) = energy_focus(spread_percent=0.2)[1].lines
    energy, place = curve.get_data()
    even = 0.5 * (place + place[::-1])  # um
    assert even[::20] == pytest.approx(0.1727 * 304.8e3 * (1e-2 * energy[::20]) ** 2, rel=2e-3, abs=1e-6)


def test_instruments_of_ones_own():
    left, right = energy_focus({"5$": SingleMagnet(radius_mm=300)}, spread_percent=0.5)
    assert slope(left.lines[0]) == pytest.approx(3.0, rel=1e-3)  # (x|d) = r of a symmetric magnet
    assert left.get_xlim() == pytest.approx((-0.5, 0.5))
    assert [text.get_text() for text in right.texts] == ["none does"]
    for wrong, match in (({"instruments": {}}, "name at least one"), ({"spread_percent": 0}, "spread_percent = 0")):
        with pytest.raises(InputError, match=match):
            energy_focus(**wrong)
    with pytest.raises(InputError, match="order = 'BE'"):
        with_and_without(NierJohnson(order="BE"))


def told(ax):
    """Resolving power by the 10 % valley and at half maximum, and whether it is called resolved."""
    text = ax.texts[0].get_text()
    valley, fwhm = (float(re.search(rf"(\d+) \({name}\)", text)[1]) for name in ("10 % valley", "half maximum"))
    return valley, fwhm, "not resolved" not in text


@pytest.mark.parametrize("ions", NEEDED)
def test_a_doublet_is_resolved_when_the_valley_says_so(ions):
    slits = [400, 200, 140, 100, 80, 66, 60, 30]
    panels = peak_shapes(NierJohnson(), ions, slits_um=slits)
    assert f"= {NEEDED[ions]} is needed" in panels[0].get_title(loc="left")
    for slit, ax in zip(slits, panels, strict=True):
        valley, fwhm, resolved = told(ax)
        assert resolved == (valley >= NEEDED[ions])
        assert valley == pytest.approx(1588 * 100 / slit, rel=0.01)  # traced with 2e5 rays by an independent program
        assert fwhm == pytest.approx(2549 * 100 / slit, rel=0.01)


def test_the_valley_that_is_drawn_is_the_one_that_is_told():
    for ax in peak_shapes(NierJohnson(), slits_um=[66, 30]):
        (line,) = ax.lines
        held, signal = line.get_data()
        between = (held > 27.99437) & (held < 28.0056)
        tells = float(re.search(r"valley (\d+) %", ax.texts[0].get_text())[1])
        assert 100 * signal[between].min() / signal.max() == pytest.approx(tells, abs=0.6)


def test_isobars_beyond_reach_stay_one_peak():
    (ax,) = peak_shapes(NierJohnson(), ("[87Rb]", "[87Sr]"), slits_um=[5])
    assert "not resolved, valley 100 %" in ax.texts[0].get_text()


def test_energy_spread_blurs_a_magnet_alone():
    both, alone, _ = with_and_without().values()
    powers = [told(peak_shapes(each, slits_um=[30])[0])[0] for each in (both, alone)]
    assert powers[0] > 5000
    assert powers[1] < 1000  # at dE/E = 1e-3, m/dm cannot exceed some 1000
    calm = replace(alone, source=replace(alone.source, energy_spread_eV=0.0))
    assert told(peak_shapes(calm, slits_um=[30])[0])[0] == pytest.approx(powers[0], rel=0.01)


def test_doublets_that_cannot_be_drawn():
    with pytest.raises(InputError, match="the ions are equal"):
        peak_shapes(NierJohnson(), ("CO", "OC"))
    with pytest.raises(InputError, match="tilted by 45 deg"):
        peak_shapes(MattauchHerzog())
    with pytest.raises(InputError, match="at least one width"):
        peak_shapes(NierJohnson(), slits_um=[])


def test_all_masses_stand_sharp_on_the_plate_at_their_own_radius():
    masses = (4, 7, 28, 112)
    calm = {"slit_um": 1, "half_angle_mrad": 0.2, "energy_spread_eV": 1.0}
    instrument, plate = focal_plane(MattauchHerzog(magnet_radius_mm=200, source=calm), masses)
    images = [line.get_data() for line in plate.lines if line.get_label() == "_image"]
    for mass, (place, extent) in zip(masses, images, strict=True):
        radius = 200 * np.sqrt(mass / 28)
        assert place == pytest.approx([np.sqrt(2) * radius] * 2, rel=1e-9)
        assert np.ptp(extent) < 5 * np.sqrt(mass / 28)  # um: with (s|d) = r a spread of 1e-4 would give 20 and more
    ends = np.array([[line.get_xdata()[-1], line.get_ydata()[-1]] for line in instrument.lines[: 9 * len(masses)]])
    (plate_line,) = (line for line in instrument.lines if line.get_label() == "_plate")
    (x0, x1), (y0, y1) = plate_line.get_data()
    away = ((x1 - x0) * (ends[:, 1] - y0) - (y1 - y0) * (ends[:, 0] - x0)) / np.hypot(x1 - x0, y1 - y0)
    assert away == pytest.approx(0, abs=1e-9)  # all ends lie on one straight line


def test_masses_of_the_plate_are_checked():
    for masses in ((), (28, -1)):
        with pytest.raises(InputError, match="each above 0"):
            focal_plane(masses_Da=masses)
