import json
import re

import pytest

from sepsim.cli import main
from sepsim.rotors.rotors import rotor


def convert(capsys, *arguments):
    assert main(["convert", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_rpm_and_g_are_inverse(capsys):
    forwards = convert(capsys, "--rotor", "SW 28", "--rpm", 28_000)
    assert forwards["rcf_xg"]["rmax"] == pytest.approx(141_100, rel=1e-3)  # the catalogue's rated g
    assert forwards["rcf_xg"]["rmax"] == pytest.approx(1.1182e-6 * 161.0 * 28_000**2, rel=1e-4)
    back = convert(capsys, "--rotor", "SW 28", "--rcf", forwards["rcf_xg"]["rav"], "--at", "rav")
    assert back["speed_rpm"] == pytest.approx(28_000)


@pytest.mark.parametrize(("name", "rpm", "k"), [("SW 41 Ti", 41_000, 124), ("Type 45 Ti", 45_000, 133)])
def test_k_factor_of_the_maker(name, rpm, k, capsys):
    assert convert(capsys, "--rotor", name, "--rpm", rpm)["k_factor"] == pytest.approx(k, rel=0.005)


def test_published_cut_off_and_percentages(tmp_path, capsys):
    """Livshits et al. 2015, Table 2, SW 28: 308 nm; 31, 21, 15 and 7 % of 150, 120, 100 and 70 nm."""
    answer = convert(
        capsys, "--rotor", "SW 28", "--rcf", 10_000, "--at", "rav", "--time-min", 30, "--medium", "water",
        "--temperature-C", 4.4, "--density-g-mL", 1.15, "--diameters-nm", "150,120,100,70",
    )  # fmt: skip
    assert answer["medium"]["viscosity_mPa_s"] == pytest.approx(1.55, abs=0.01)  # the paper's value
    assert answer["cut_off_nm"]["published_formula"] == pytest.approx(308, abs=1.5)
    assert answer["pelleted_percent"]["published_formula"] == pytest.approx([31, 21, 15, 7], abs=1)


def test_equivalent_times_warn_where_k_misleads(capsys):
    buckets = convert(capsys, "--rotor", "SW 40 Ti", "--rpm", 30_000, "--to", "SW 28", "--to-rpm", 25_000)
    assert buckets["equivalent"]["warning"] == ""
    # Nearly the same: the tubes are filled to a little below r_min.
    assert buckets["equivalent"]["time_min_by_k_factor"] == pytest.approx(
        buckets["equivalent"]["time_min_by_cut_off"], rel=0.15
    )
    angled = convert(capsys, "--rotor", "SW 40 Ti", "--rpm", 30_000, "--to", "Type 45 Ti")
    assert "the k-factor misleads" in angled["equivalent"]["warning"]
    assert angled["equivalent"]["time_min_by_cut_off"] < 0.7 * angled["equivalent"]["time_min_by_k_factor"]
    assert angled["equivalent"]["rcf_xg"]["rav"] == pytest.approx(angled["rcf_xg"]["rav"])


def test_the_time_of_equal_cut_off_knows_the_filling(capsys):
    words = ["--rotor", "Type 45 Ti", "--rpm", 30_000, "--to", "SW 32 Ti"]
    full, part = convert(capsys, *words), convert(capsys, *words, "--to-fill-volume-mL", 10)
    assert part["equivalent"]["time_min_by_cut_off"] < 0.7 * full["equivalent"]["time_min_by_cut_off"]
    assert part["equivalent"]["time_min_by_k_factor"] == full["equivalent"]["time_min_by_k_factor"]
    # The same size is the last to be cleared after that time in the other tube.
    time = part["equivalent"]["time_min_by_cut_off"]
    there = convert(
        capsys, "--rotor", "SW 32 Ti", "--rpm", part["equivalent"]["speed_rpm"], "--time-min", time,
        "--fill-volume-mL", 10,
    )  # fmt: skip
    assert there["cut_off_nm"]["this_tube"] == pytest.approx(part["cut_off_nm"]["this_tube"], rel=1e-9)


def test_rotors_without_r_min_have_a_time_of_equal_cut_off(capsys):
    answer = convert(capsys, "--rotor", "SW 28", "--rpm", 3_000, "--to", "A-4-81", "--to-rpm", 4_000)["equivalent"]
    assert answer["time_min_by_k_factor"] is None
    assert answer["time_min_by_cut_off"] > 0


def test_text_shows_all_of_it(capsys):
    assert main(["convert", "--rotor", "Type 45 Ti", "--rcf", "1e5", "--at", "rav", "--to", "SW 32 Ti"]) == 0
    out = capsys.readouterr().out
    for piece in ("x g at rmax", "cut-off diameter", "% pelleted", "warning: the k-factor"):
        assert piece in out
    this, other = (float(k) for k in re.findall(r"k-factor (\d+\.\d)", out))
    assert this == pytest.approx(133 * (45_000 / 35_781) ** 2, rel=5e-3)  # the maker's, at the largest speed
    assert other == pytest.approx(204 * (32_000 / 28_558) ** 2, rel=5e-3)
    by_k, by_cut_off = re.search(r"same: (\d+\.\d) min by k-factor, (\d+\.\d) min by equal cut-off", out).groups()
    assert float(by_k) == pytest.approx(60 * other / this, rel=2e-3)
    assert float(by_cut_off) > 1.4 * float(by_k)
    pelleted = [float(share) for share in re.findall(r"^\d+ +([\d.]+) +[\d.]+$", out, re.MULTILINE)]
    assert pelleted == sorted(pelleted)
    assert 0 < pelleted[0] < pelleted[-1] == 100


def test_a_rotor_without_r_min_still_pellets(capsys):
    answer = convert(capsys, "--rotor", "A-4-81", "--rcf", 2000, "--at", "rmax")
    assert rotor("A-4-81").rmin_mm is None
    assert answer["k_factor"] is None
    assert answer["pelleted_percent"]["published_formula"] is None
    assert 0 < answer["pelleted_percent"]["this_tube"][5] < 100


def test_lighter_particles_have_no_cut_off(capsys):
    answer = convert(capsys, "--rotor", "SW 28", "--rpm", 20_000, "--density-g-mL", 0.98)
    assert answer["cut_off_nm"]["this_tube"] is None
    assert set(answer["pelleted_percent"]["this_tube"]) == {0.0}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rotor", "SW 82", "--rpm", "100"], "did you mean"),
        (["--rotor", "SW 28"], "one of them is required"),
        (["--rotor", "SW 28", "--rcf", "100"], "rcf_at is missing"),
        (["--rotor", "SW 28", "--rpm", "99999"], "exceeds the limit"),
        (["--rotor", "SW 28", "--rpm", "100", "--rcf", "5", "--at", "rav"], "not both"),
        (["--rotor", "SW 28", "--rpm", "-5"], "above 0"),
        (["--rotor", "SW 28", "--rpm", "nan"], "above 0"),
        (["--rotor", "SW 28", "--rpm", "100", "--time-min", "-1"], "--time-min -1: must be"),
        (["--rotor", "SW 28", "--rpm", "100", "--temperature-C", "99"], "at most 60"),
        (["--rotor", "SW 28", "--rpm", "100", "--time-min", "1e300"], "--time-min 1e+300: must be above 0 and at most"),
        (["--rotor", "SW 28", "--rpm", "100", "--density-g-mL", "1e300"], "--density-g-mL 1e+300: must be above 0"),
        (["--rotor", "SW 28", "--rpm", "100", "--temperature-C", "nan"], "--temperature-C nan: must be at least 0"),
        (["--rotor", "SW 28", "--rpm", "100", "--diameters-nm", "0"], "above 0"),
        (["--rotor", "SW 28", "--rpm", "100", "--diameters-nm", "50,nan"], "--diameters-nm nan: must be above 0"),
        (["--rotor", "SW 28", "--rpm", "100", "--diameters-nm", "1e300"], "above 0 and at most 1e+06"),
        (["--rotor", "SW 28", "--rpm", "100", "--to-rpm", "5"], "with --to"),
        (["--rotor", "SW 28", "--rpm", "100", "--fill-volume-mL", "500"], "at most 38.5 mL"),
        (["--rotor", "A-4-81", "--rcf", "100", "--at", "rav"], "no rmin_mm"),
    ],
)
def test_bad_input(arguments, message, capsys):
    assert main(["convert", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_largest_sizes_and_longest_times_still_have_an_answer(capsys):
    extremes = ["--time-min", 1e6, "--density-g-mL", 25, "--diameters-nm", "1e6,1e-300"]
    answer = convert(capsys, "--rotor", "SW 28", "--rpm", 28_000, *extremes)["pelleted_percent"]
    assert answer["this_tube"] == answer["published_formula"] == [100.0, 0.0]


def test_text_among_the_diameters(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["convert", "--rotor", "SW 28", "--rpm", "100", "--diameters-nm", "50,big"])
    assert stop.value.code == 2
    assert "must be numbers with commas" in capsys.readouterr().err
