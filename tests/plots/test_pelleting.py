"""Pelleted percentage by size."""

import numpy as np
import pytest

from sepsim.equipment import rotor_calculator
from sepsim.equipment.catalog import rotor
from sepsim.equipment.chords import chords
from sepsim.equipment.rotors import angular_speed
from sepsim.errors import InputError
from sepsim.media import Medium, fluid
from sepsim.plots import pelleted_percentage

SETTING = {"rcf_xg": 10_000, "rcf_at": "rav", "time_min": 30}


def curve(ax, index=0):
    solid = [line for line in ax.lines if line.get_linestyle() == "-" and len(line.get_xdata()) > 1]
    return solid[index].get_data()


def cut_offs(ax):
    return [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1]


def test_curve_rises_to_all_at_the_cut_off():
    ax = pelleted_percentage("Type 45 Ti", **SETTING)
    diameters, percent = curve(ax)
    (cut_off,) = cut_offs(ax)
    assert np.all(np.diff(percent) >= 0)
    assert percent[diameters < 0.999 * cut_off].max() < 100
    assert percent[diameters >= cut_off * (1 + 1e-9)] == pytest.approx(100, abs=1e-9)


def test_cut_off_is_where_the_longest_chord_is_cleared():
    spun, medium = rotor("SW 32 Ti"), Medium.pure(fluid("PBS"), 293.15)
    ax = pelleted_percentage(spun, fill_volume_mL=30, density_g_mL=1.12, **SETTING)
    dose = angular_speed(spun, rcf_xg=10_000, rcf_at="rav") ** 2 * 1800
    exponent = chords(spun, 30e-6).clearing_exponent
    diameter = np.sqrt(18 * medium.viscosity * exponent / ((1120 - medium.density) * dose))
    assert cut_offs(ax) == pytest.approx([diameter * 1e9])


def test_several_rotors_and_the_simple_formula():
    ax = pelleted_percentage(["Type 45 Ti", "SW 32 Ti"], formula=rotor_calculator.pelleted, **SETTING)
    dashed = [line for line in ax.lines if line.get_linestyle() == "--" and len(line.get_xdata()) > 1]
    assert len(dashed) == 2
    for index, line in enumerate(dashed):
        diameters, percent = line.get_data()
        full = np.interp(diameters, *curve(ax, index))
        assert percent == pytest.approx(full, abs=15)
        assert np.abs(percent - full).max() > 0.1
    assert [text.get_text().split(",")[0] for text in ax.get_legend().get_texts()][:2] == ["Type 45 Ti", "SW 32 Ti"]


def test_longer_runs_pellet_smaller_particles():
    short, long = (cut_offs(pelleted_percentage("SW 32 Ti", speed_rpm=20_000, time_min=t))[0] for t in (30, 120))
    assert long == pytest.approx(short / 2)


def test_particles_that_float_are_refused():
    with pytest.raises(InputError, match="must be above"):
        pelleted_percentage("SW 32 Ti", density_g_mL=0.98, **SETTING)
