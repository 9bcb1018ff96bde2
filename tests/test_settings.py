import pytest

from sepsim import units
from sepsim.errors import InputError, did_you_mean
from sepsim.settings import Settings, integer, number, settings, text
from sepsim.techniques.centrifugation.centrifugation import Centrifugation
from sepsim.techniques.centrifugation.density_gradient import DensityGradient
from sepsim.techniques.filtration.filtration import Filtration


@settings
class Kettle(Settings):
    time_min: float = number(above=0, help="how long")
    power: float | None = number(default=None, minimum=0, maximum=3, help="how hard")
    cups: int = integer(default=1, minimum=1, maximum=9, help="how many")
    lid: str = text(default="on", choices=("on", "off"), help="where")
    whistle: str = text(default="loud", choices=("loud", "none"), help="sound")

    def conflicts(self):
        return ["a whistle needs the lid on"] if self.whistle == "loud" and self.lid == "off" else []


def problems(**settings):
    with pytest.raises(InputError) as caught:
        Kettle(**settings)
    return caught.value.problems


def test_good_values_are_kept_as_floats():
    assert Kettle(time_min=3).time_min == 3.0
    assert isinstance(Kettle(time_min=3).time_min, float)


def test_every_problem_is_reported_at_once():
    found = problems(time_min=-1, power=9, cups=0, lid="of", whistle=1)
    assert len(found) == 5
    assert found[0] == "time_min = -1: must be above 0"
    assert "at least 0 and at most 3" in found[1]
    assert "did you mean 'off'" in found[3]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "3", True, None])
def test_what_is_not_a_finite_number_is_refused(value):
    assert "number" in problems(time_min=value)[0]


def test_conflicts_come_after_sound_fields():
    assert problems(time_min=1, lid="off") == ("a whistle needs the lid on",)
    assert Kettle(time_min=1, lid="off", whistle="none").lid == "off"


def test_tables_name_unknown_missing_and_wrong_keys():
    with pytest.raises(InputError) as caught:
        Kettle.from_table({"time": 3, "cups": 0, "colour": "red"})
    found = caught.value.problems
    assert "time: unknown key; did you mean 'time_min'?" in found
    assert any(text.startswith("colour: unknown key; allowed: time_min") for text in found)
    assert not any(text.startswith("time_min") for text in found)  # it is what "time" meant
    assert any(text.startswith("cups = 0") for text in found)


def test_a_missing_key_says_what_it_must_be():
    with pytest.raises(InputError, match="time_min: missing; it must be above 0"):
        Kettle.from_table({"cups": 2})


def test_the_wrong_unit_names_the_right_one():
    with pytest.raises(InputError, match="time_h: unknown key; did you mean 'time_min'"):
        Kettle.from_table({"time_h": 3})


def test_tables_round_trip():
    kettle = Kettle(time_min=3, lid="off", whistle="none")
    assert Kettle.from_table(kettle.to_table()) == kettle
    assert "power" not in kettle.to_table()


@pytest.mark.parametrize(
    ("key", "lab", "si"),
    [
        ("time_min", 70, 4200),
        ("volume_mL", 1, 1e-6),
        ("temperature_C", 4, 277.15),
        ("speed_rpm", 60, 6.283185307179586),
        ("density_g_mL", 1.1, 1100),
        ("viscosity_mPa_s", 1, 1e-3),
        ("molar_mass_kDa", 66.5, 66.5),
        ("partial_specific_volume_mL_g", 0.73, 0.73e-3),
        ("particles_per_mL", 1, 1e6),
        ("mass_mg_per_mL", 40, 40),
        ("s20w_S", 4.3, 4.3e-13),
        ("diameter_nm", 100, 1e-7),
    ],
)
def test_lab_units(key, lab, si):
    assert units.to_si(key, lab) == pytest.approx(si, rel=1e-14)
    assert units.from_si(key, si) == pytest.approx(lab, rel=1e-12)


def test_a_key_without_a_unit_is_refused():
    with pytest.raises(InputError, match="carries no unit suffix"):
        units.to_si("time", 3)


def test_hints():
    assert did_you_mean("exosom", ["exosome", "ldl"]) == "; did you mean 'exosome'?"
    assert did_you_mean("zzz", ["exosome", "ldl"]) == ""


def test_given_leaves_out_numbers_and_records_at_their_default():
    into = {"medium": "PBS", "volume_mL": 1}
    spin = Centrifugation(rotor="A-4-81", rcf_xg=300, rcf_at="rmax", time_min=10, resuspend=into)
    assert spin.given() == {
        "rotor": "A-4-81",
        "rcf_xg": 300.0,
        "rcf_at": "rmax",
        "time_min": 10.0,
        "resuspend": {"medium": "PBS", "volume_mL": 1.0},
    }
    assert Kettle(time_min=3, cups=1, lid="on").given() == {"time_min": 3.0}


def test_given_keeps_equipment_and_media_by_name_and_shortens_lists():
    filtered = Filtration(pressure_bar=0.5)
    assert filtered.given() == {"membrane": filtered.membrane.name, "pressure_bar": 0.5}
    layers = [{"volume_mL": 5, "sucrose_percent_w_w": percent} for percent in (10, 60)]
    spin = DensityGradient(rotor="SW 41 Ti", speed_rpm=35_000, time_min=60, layers=layers, fractions=6)
    assert spin.given()["layers"][1] == {
        "volume_mL": 5.0,
        "medium": {"sucrose_percent_w_w": 60.0, "diluent": "water"},
    }


def test_settings_show_themselves_as_a_table():
    shown = Kettle(time_min=3)._repr_html_()
    assert '>Kettle</th><th style="text-align: left">value</th>' in shown
    assert '>time_min</td><td style="text-align: left">3.0</td>' in shown
    assert "power" not in shown
    assert "&quot;loud&quot;" in shown
