"""Pelleted percentage by size."""

from dataclasses import replace

import numpy as np
import pytest

from sepsim.errors import InputError
from sepsim.media import Medium, fluid
from sepsim.plots import pelleted_percentage
from sepsim.rotors.rotors import Tube, angular_speed, rotor
from sepsim.techniques.centrifugation.tubes import rotor_calculator
from sepsim.techniques.centrifugation.tubes.chords import chords

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


def dashes(ax):
    return [line for line in ax.lines if line.get_linestyle() == "--" and len(line.get_xdata()) > 1]


def names(ax):
    return [text.get_text().split(",")[0] for text in ax.get_legend().get_texts()]


def test_published_formula_gives_the_published_percentages():
    """Livshits et al. 2015, Table 2, Type 45 Ti, with tubes as wide inside as outside."""
    wide = Tube(inner_diameter_mm=38, length_mm=102, volume_mL=94)
    medium = {"density_g_mL": 1.00, "viscosity_mPa_s": 1.55}
    formula = rotor_calculator.published_pelleted
    spun = replace(rotor("Type 45 Ti"), tube=wide)
    ax = pelleted_percentage(spun, density_g_mL=1.15, medium=medium, formula=formula, **SETTING)
    (line,) = dashes(ax)
    assert np.interp([150, 120, 100, 70], *line.get_data()) == pytest.approx([62, 41, 29, 14], abs=1)
    assert names(ax) == ["Type 45 Ti", "published formula"]


def test_several_rotors_and_a_formula_of_another_name():
    spun, medium = ["Type 45 Ti", "SW 32 Ti"], {"density_g_mL": 1.00, "viscosity_mPa_s": 1.55}
    formula = {"formula": rotor_calculator.pelleted, "formula_label": "one section"}
    ax = pelleted_percentage(spun, density_g_mL=1.15, medium=medium, **formula, **SETTING)
    for name, line in zip(spun, dashes(ax), strict=True):
        diameters, percent = line.get_data()
        spheres = {"density_difference": 150, "viscosity": 1.55e-3}
        s = rotor_calculator.sphere_sedimentation_coefficient(diameters * 1e-9, **spheres)
        dose = angular_speed(rotor(name), rcf_xg=10_000, rcf_at="rav") ** 2 * 1800
        assert percent == pytest.approx(100 * rotor_calculator.pelleted(rotor(name), s * dose))
    assert names(ax) == ["Type 45 Ti", "SW 32 Ti", "one section"]


def test_no_rotor_is_refused():
    with pytest.raises(InputError, match="at least one"):
        pelleted_percentage([], **SETTING)


def test_longer_runs_pellet_smaller_particles():
    short, long = (cut_offs(pelleted_percentage("SW 32 Ti", speed_rpm=20_000, time_min=t))[0] for t in (30, 120))
    assert long == pytest.approx(short / 2)


def test_particles_that_float_are_refused():
    with pytest.raises(InputError, match="must be above"):
        pelleted_percentage("SW 32 Ti", density_g_mL=0.98, **SETTING)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"time_min": 0}, "time_min = 0: must be above 0"),
        ({"time_min": -1}, "time_min = -1: must be above 0"),
        ({"time_min": np.nan}, "time_min = nan: must be a finite number, above 0"),
        ({"time_min": "30"}, "time_min = '30': must be a number, above 0"),
        ({"density_g_mL": np.nan}, "density_g_mL = nan: must be a finite number"),
        ({"density_g_mL": np.inf}, "density_g_mL = inf: must be a finite number"),
        ({"temperature_C": 99}, "temperature_C = 99: must be at least 0 and at most 60"),
        ({"temperature_C": np.nan}, "temperature_C = nan: must be a finite number"),
        ({"fill_volume_mL": 0}, "fill_volume_mL = 0: must be above 0"),
        ({"rcf_xg": -5}, "rcf_xg = -5: must be above 0"),
        ({"rcf_xg": "10k"}, "rcf_xg = '10k': must be a number"),
        ({"rcf_xg": None, "rcf_at": None, "speed_rpm": np.nan}, "speed_rpm = nan: must be a finite number"),
    ],
)
def test_bad_numbers_are_named_with_what_is_allowed(given, message):
    with pytest.raises(InputError) as caught:
        pelleted_percentage("SW 32 Ti", **{**SETTING, **given})
    assert message in str(caught.value)


def test_all_bad_numbers_are_named_at_once():
    with pytest.raises(InputError) as caught:
        pelleted_percentage("SW 32 Ti", speed_rpm=20_000, time_min=0, density_g_mL=np.nan)
    assert len(caught.value.problems) == 2
