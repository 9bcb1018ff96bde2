from pathlib import Path

import numpy as np
import pytest
from paths import DATA

from sepsim.errors import InputError, ModelRangeWarning
from sepsim.particles.size_file import read_sizes

NANOSIGHT = DATA / "nanosight_nta32_beads.csv"


def test_nanosight_summary_agrees_with_its_own_results():
    # The instrument's own averages, printed in the same file: 1.47e9 particles/mL, D10 84.7, D50 96.4, D90 113.3 nm,
    # mode 95.3 nm. Averages of percentiles are not percentiles of the average, hence 2 nm.
    with pytest.warns(ModelRangeWarning, match="dilution is not recorded"):
        diameters, concentrations = read_sizes(NANOSIGHT)
    assert concentrations.sum() == pytest.approx(1.47e9 * 1e6, rel=0.01)
    cumulative = np.cumsum(concentrations) / concentrations.sum()
    d10, d50, d90 = np.interp([0.1, 0.5, 0.9], cumulative, diameters * 1e9)
    assert (d10, d50, d90) == pytest.approx((84.7, 96.4, 113.3), abs=2)
    assert diameters[np.argmax(concentrations)] * 1e9 == pytest.approx(95.3, abs=2)
    assert diameters.size == 1000


def test_plain_table(tmp_path):
    path = tmp_path / "sizes.csv"
    path.write_text("diameter_nm,particles_per_mL\n50,1e9\n\n100,3e9\n")
    diameters, concentrations = read_sizes(path)
    assert diameters.tolist() == pytest.approx([50e-9, 100e-9])
    assert concentrations.tolist() == pytest.approx([1e15, 3e15])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("diameter_nm,particles_per_mL\n50,many\n", r"line 2: particles_per_mL is not a number"),
        (
            "diameter_nm,particles_per_mL\n50,1\n60,nan\n",
            r"line 3: particles_per_mL = nan: must be at least 0 and at",
        ),
        ("diameter_nm,particles_per_mL\n50\n", r"line 2: 1 cells; 2 are needed"),
        ("diameter_nm,particles_per_mL\n50,0\n", "holds no particles"),
        ("diameter_nm,particles_per_mL\n0,5\n", r"line 2: diameter_nm = 0: must be at least 0.1 and at most 1e\+06"),
        ("diameter_nm,particles_per_mL\n50,5\n1e300,5\n", "line 3: diameter_nm = 1e300: must be at least 0.1"),
        ("diameter_nm,particles_per_mL\n1e-100,5\n", "line 2: diameter_nm = 1e-100: must be at least 0.1"),
        ("diameter_nm,particles_per_mL\n50,inf\n", "line 2: particles_per_mL = inf: must be at least 0"),
        ("diameter_nm,particles_per_mL\n50,1e300\n", "line 2: particles_per_mL = 1e300: must be at least 0"),
        ("size,count\n50,1\n", "has 2 columns, none of them known; it must be 'diameter_nm,particles_per_mL'"),
        ("diameter_nm,count\n50,1\n", "has 2 columns, of which one is diameter_nm; it must be"),
        ("diameter_nm;particles_per_mL\n50;1\n", "has one column; commas must divide columns"),
        ("", "the first line is empty"),
        ("NTA Experiment Summary File\n", "without a line 'Bin centre"),
    ],
)
def test_bad_files_say_where_and_what(tmp_path, text, message):
    path = tmp_path / "sizes.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_sizes(path)


@pytest.mark.parametrize(
    "secret",
    [
        "root:x:0:0:root:/root:/bin/bash",
        "API_KEY=sk-123456789,other",
        "sesame",
        '{"token": "abc", "user": "me"}',
        "2024-01-01,hunter2",
        f"name,{'opensesame' * 10}",
    ],
)
def test_a_file_that_is_no_table_is_not_repeated(tmp_path, secret):
    path = tmp_path / "sizes.csv"
    path.write_text(secret + "\n")
    with pytest.raises(InputError, match="the first line has") as caught:
        read_sizes(path)
    told = str(caught.value).removeprefix(str(path))
    for word in ("root", "bash", "sk-", "sesame", "token", "abc", "hunter2", "other"):
        assert word not in told


@pytest.mark.parametrize("digits", [5000, 100_000])
def test_numbers_of_many_digits_are_refused_in_a_short_line(tmp_path, digits):
    path = tmp_path / "sizes.csv"
    path.write_text(f"diameter_nm,particles_per_mL\n50,{'9' * digits}\n")
    with pytest.raises(InputError, match="at most") as caught:
        read_sizes(path)
    assert len(str(caught.value)) < 400


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a file without an end")
def test_a_file_without_an_end_is_refused():
    with pytest.raises(InputError, match="is longer than 1,000,000 characters"):
        read_sizes("/dev/zero")


def test_missing_and_binary_files(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_sizes(tmp_path / "nothing.csv")
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        read_sizes(path)


def test_a_summary_of_one_measurement_has_no_average(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text(
        "NTA Experiment Summary File,\n[Size Data],\nFilename,first_00\n"
        "Bin centre (nm),Concentration (particles / ml)\n0.5,0\n1.5,7\n,\n"
    )
    assert read_sizes(path).concentrations.tolist() == pytest.approx([0, 7e6])


def test_what_the_instrument_warns_of_is_passed_on(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text(
        "NTA Experiment Summary File,\n[Results],\nDilution factor,100\n[Concentration Warnings],\n"
        "Validity of concentration measurement,Too high\n[Size Data],\nFilename,first_00\n"
        "Bin centre (nm),Concentration (particles / ml)\n1.5,7\n,\n"
    )
    with pytest.warns(ModelRangeWarning, match="calls its concentration Too high"):
        read_sizes(path)
