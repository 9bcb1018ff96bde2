"""Options that draw and write: each finds its step, and those that do not fit are told."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from saved_pictures import check_png, labels, legends

from sepsim.cli import main
from sepsim.cli.outputs import Output, check_outputs
from sepsim.errors import InputError
from sepsim.plots.figures import figures

SAMPLE = """
target = "exosome"
[sample]
medium = "PBS"
volume_mL = 10
size_bins = 2
density_quantiles = 1
population = [{ name = "exosome", particles_per_mL = 1e9 }, { name = "albumin", mass_mg_per_mL = 1 }]
"""
FILTER = """
[[step]]
name = "concentrate"
method = "ultrafiltration"
membrane = "Amicon Ultra-15 100 kDa"
spin_filter = { rcf_xg = 4000 }
concentrate_to_mL = 0.5
keep = "retentate"
"""
COLUMN = """
[[step]]
name = "column"
method = "chromatography"
column = "Sepharose CL-2B, 10 mL"
flow_mL_min = 0.5
fraction_volume_mL = 0.5
fractions = 26
keep = "fractions 8-11"
"""
SPIN = """
[[step]]
name = "spin"
method = "centrifugation"
rotor = "Type 45 Ti"
rcf_xg = 100_000
rcf_at = "rav"
time_min = 70
fill_volume_mL = 2
keep = "supernatant"
"""


@pytest.fixture
def write(tmp_path):
    def protocol(*steps):
        path = tmp_path / "protocol.toml"
        path.write_text(SAMPLE + "".join(steps))
        return str(path)

    return protocol


def titles(saved):
    """First words of each figure that was saved."""
    return [(figure.get_suptitle() or figure.axes[0].get_title(loc="left")).split("\n")[0] for figure in saved]


def test_a_figure_is_of_the_last_step_that_has_it_or_of_the_one_addressed(write, tmp_path, capsys, saved):
    protocol = write(FILTER, COLUMN, FILTER.replace("concentrate", "again", 1))
    asked = ["fraction_bars", "washing_out", "washing_out:1", 'washing_out:"concentrate"', "washing_out:again"]
    paths = [tmp_path / f"{number}.png" for number in range(len(asked))]
    options = [f"--figure={name}={path}" for name, path in zip(asked, paths, strict=True)]
    assert main(["run", protocol, *options]) == 0
    steps = [title.rpartition(" ")[2] for title in titles(saved)]
    assert steps == ["column", "again", "concentrate", "concentrate", "again"]
    for path, figure in zip(paths, saved, strict=True):
        check_png(path, figure)
    assert capsys.readouterr().err.count("sepsim: wrote") == len(asked)


def test_a_figure_of_the_whole_run_may_be_asked_of_a_step(write, tmp_path, saved):
    protocol = write(SPIN, FILTER)
    for name in ("size_distributions", "size_distributions:1"):
        assert main(["run", protocol, "--figure", f"{name}={tmp_path}/s.svg"]) == 0
    whole, step = ([ax.get_title(loc="left") for ax in figure.axes] for figure in saved)
    assert whole[0] == "load"
    assert step[0] == "into spin"


def test_every_figure_goes_into_a_folder(write, tmp_path, capsys, saved):
    folder = tmp_path / "new" / "all"
    assert main(["run", write(SPIN, FILTER, COLUMN), "--figures", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [
            *("protocol_flow.png", "yield_against_purity.png", "size_distributions.png"),
            *(f"{place}_size_distributions.png" for place in (1, 2, 3)),
            *("1_tube_during_spin.png", "1_pelleted_percentage.png"),
            *("2_filtration_course.png", "2_washing_out.png", "2_sieving_curve.png"),
            *("3_fraction_bars.png", "3_chromatogram.png"),
        ]
    )
    for figure, line in zip(saved, capsys.readouterr().err.splitlines()[-len(saved) :], strict=True):
        path = Path(line.removeprefix("sepsim: wrote "))
        if path.name != "yield_against_purity.png":  # where a single dot leaves quarters empty
            check_png(path, figure)


def test_figures_that_cannot_be_written_are_told_once_and_before_the_run(write, tmp_path, capsys, unrun, monkeypatch):
    protocol = write(FILTER)
    for folder, message in ((f"{protocol}/sub", f"{protocol!r} is a file"), ("-", "do not go to standard output")):
        err = refused(capsys, protocol, "--figures", folder)
        assert err.count(f"--figures {folder}: ") == 1
        assert message in err
    both = refused(capsys, protocol, "--figure", "nope=a.png", "--csv", f"{tmp_path}/none/x.csv")
    assert "no figure is called 'nope'" in both
    assert "none' does not exist" in both
    monkeypatch.setattr("shutil.which", lambda name: None)
    gradient = """
[[step]]
method = "density_gradient"
rotor = "SW 41 Ti"
speed_rpm = 9000
time_min = 1
fractions = 5
layers = [{ volume_mL = 9, sucrose_percent_w_w = 40 }]
keep = "fraction 1"
"""
    film = refused(capsys, write(gradient), "--figure", "bands_forming=b.mp4")
    assert "--figure bands_forming=b.mp4: needs the program ffmpeg" in film


def test_a_figure_without_anything_to_show_is_left_out_of_a_folder(write, tmp_path, capsys):
    dense = SAMPLE.replace('medium = "PBS"', "medium = { density_g_mL = 1.15, viscosity_mPa_s = 1.5 }")
    path = tmp_path / "dense.toml"
    path.write_text(dense + SPIN)
    assert main(["run", str(path), "--figures", str(tmp_path / "all")]) == 0
    assert "left out" in (err := capsys.readouterr().err)
    assert "1_pelleted_percentage.png: density_g_mL = 1.1: must be above 1.15, the medium's" in err
    assert (tmp_path / "all" / "1_tube_during_spin.png").exists()
    assert main(["run", str(path), "--figure", f"pelleted_percentage={tmp_path}/p.png"]) == 1
    assert "cannot be written (density_g_mL = 1.1" in capsys.readouterr().err


@pytest.fixture
def unrun(monkeypatch):
    """A protocol that is run fails the test."""
    from sepsim.protocols.protocol import Protocol

    monkeypatch.setattr(Protocol, "run", lambda *_, **__: pytest.fail("was run"))


def refused(capsys, *arguments):
    assert main(["run", *arguments]) == 2
    return capsys.readouterr().err


OF_STEP = {name: figure for name, figure in figures().items() if figure.fits and name != "size_distributions"}


@pytest.mark.parametrize("name", OF_STEP)
def test_where_no_step_has_it_it_is_told_before_the_run(name, write, tmp_path, capsys, unrun):
    aliquot = '[[step]]\nname = "take"\nmethod = "aliquot"\nvolume_mL = 1\nkeep = "aliquot"\n'
    path = tmp_path / f"p{OF_STEP[name].endings[0]}"
    err = refused(capsys, write(aliquot), "--figure", f"{name}={path}")
    assert f"--figure {name}={path}: is drawn from {OF_STEP[name].needs}; there are: 1 'take' (aliquot)" in err
    err = refused(capsys, write(aliquot), "--figure", f"{name}:1={path}")
    assert f"is drawn from {OF_STEP[name].needs}; this is step 1 'take' (aliquot)" in err
    assert not path.exists()


def test_all_that_is_wrong_with_figures_is_told_at_once(write, tmp_path, capsys, unrun):
    asked = ["chromatogramm=a.png", "washing_out:concentrat=b.png", "washing_out:3=c.png", "gradient_tube=d.png"]
    err = refused(capsys, write(FILTER), *(f"--figure={each}" for each in asked))
    assert "--figure chromatogramm=a.png: no figure is called 'chromatogramm'; did you mean 'chromatogram'" in err
    assert "step 'concentrat': no such step; did you mean 'concentrate'?" in err
    assert "step '3': no such step; there are: 1 'concentrate'" in err
    assert "gradient_tube=d.png: is drawn from a step with a gradient or a cushion" in err


@pytest.mark.parametrize("text", ["chromatogram", "=a.png", "chromatogram=", ":2=a.png"])
def test_what_is_no_request_is_told_with_an_example(text, write, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["run", write(FILTER), "--figure", text])
    assert caught.value.code == 2
    assert "such as chromatogram:2=c.png" in capsys.readouterr().err


@pytest.mark.parametrize("figure", figures().values(), ids=lambda figure: figure.name)
def test_a_file_of_another_kind_is_refused(figure):
    ending = ", ".join(figure.endings)
    output = Output("--figure", "x.txt", lambda _: None, figure.endings)
    with pytest.raises(InputError, match=f"must end in {ending}"):
        check_outputs([output], [])


@pytest.mark.slow
def test_a_spin_on_a_cushion_has_a_gradient_and_one_without_has_none(write, tmp_path, capsys, saved):
    cushion = 'keep = "cushion"\ncushion = { volume_mL = 4, sucrose_percent_w_w = 30 }\n'
    spin = SPIN.replace("fill_volume_mL = 2\n", "").replace("Type 45 Ti", "SW 41 Ti")
    request = f"--figure=fraction_bars={tmp_path}/f.png"
    assert main(["run", write(spin.replace('keep = "supernatant"\n', cushion)), request]) == 0
    assert titles(saved) == ["Fractions of spin"]
    assert "1 'spin' (centrifugation)" in refused(capsys, write(spin), request)


@pytest.mark.slow
def test_bands_form_in_a_moving_picture(write, tmp_path):
    gradient = """
[[step]]
name = "gradient"
method = "density_gradient"
rotor = "SW 41 Ti"
speed_rpm = 35_000
time_min = 30
load_volume_mL = 1
layers = [{ volume_mL = 5, sucrose_percent_w_w = 10 }, { volume_mL = 5, sucrose_percent_w_w = 50 }]
fractions = 6
keep = "fraction 3"
"""
    protocol = write(gradient)
    Path(protocol).write_text(Path(protocol).read_text().replace("volume_mL = 10\n", "volume_mL = 1\n", 1))
    assert main(["run", protocol, "--figure", f"bands_forming={tmp_path}/b.gif"]) == 0
    with Image.open(tmp_path / "b.gif") as movie:
        assert movie.n_frames > 5


# ---- standard input and output ------------------------------------------------------------------------------


def standard_input(text, encoding="latin-1"):
    """Standard input of a terminal whose encoding is another than that of protocols."""
    return io.TextIOWrapper(io.BytesIO(text if isinstance(text, bytes) else text.encode()), encoding=encoding)


def test_standard_input_is_utf_8_whatever_the_terminal_says(write, monkeypatch, capsys):
    text = 'name = "Größe"\n' + Path(write(FILTER)).read_text()
    monkeypatch.setattr("sys.stdin", standard_input(text))
    assert main(["run", "-"]) == 0
    assert capsys.readouterr().out.startswith("Größe\n")
    monkeypatch.setattr("sys.stdin", standard_input(b"name = '\xff'", "utf-8"))
    assert main(["check", "-"]) == 2
    assert "standard input: 1 problem\n  - cannot be read as a text file" in capsys.readouterr().out


def test_a_dash_reads_and_prints(write, monkeypatch, capsys):
    text = Path(write(FILTER)).read_text()
    for option, start in (("--csv", "handling,step"), ("--json-file", '{\n  "schema"')):
        monkeypatch.setattr("sys.stdin", standard_input(text))
        assert main(["run", "-", option, "-"]) == 0
        out = capsys.readouterr().out
        assert out.startswith(start)
        assert "yield bench" not in out  # nothing stands beside what a program reads
    monkeypatch.setattr("sys.stdin", standard_input(text))
    assert main(["check", "-"]) == 0
    assert capsys.readouterr().out.startswith("standard input: sound")
    monkeypatch.setattr("sys.stdin", standard_input("name = "))
    assert main(["run", "-"]) == 2
    assert "standard input: is not valid TOML" in capsys.readouterr().err


def test_a_picture_goes_to_standard_output(write, tmp_path):
    command = [sys.executable, "-m", "sepsim", "run", write(FILTER), "--plot", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    with Image.open(io.BytesIO(done.stdout)) as picture:
        assert picture.format == "PNG"


def test_standard_input_and_output_serve_once(write, capsys, unrun):
    protocol = write(FILTER)
    assert "standard output is where --csv - goes" in refused(capsys, protocol, "--csv", "-", "--plot", "-")
    assert "standard output is where --json goes" in refused(capsys, protocol, "--csv", "-", "--json")
    assert "standard input can be read only once" in refused(capsys, "-", "-")


def test_a_device_is_written_to_and_not_replaced(write):
    assert main(["run", write(FILTER), "--csv", "/dev/null"]) == 0
    assert Path("/dev/null").is_char_device()


# ---- other commands -----------------------------------------------------------------------------------------


def read_csv(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_compare_writes_what_it_prints(write, tmp_path, capsys, saved):
    protocol = write(FILTER)
    names = {"--csv": tmp_path / "c.csv", "--json-file": tmp_path / "c.json"}
    options = [
        *(str(each) for pair in names.items() for each in pair),
        f"--figure=yield_against_purity={tmp_path}/c.png",
    ]
    assert main(["compare", protocol, protocol, "--json", *options]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert json.loads(names["--json-file"].read_text()) == rows
    table = read_csv(names["--csv"])
    assert [float(row["yield.bench"]) for row in table] == [row["yield"]["bench"] for row in rows]
    assert float(table[0]["purity.bench.enrichment.albumin"]) == rows[0]["purity"]["bench"]["enrichment"]["albumin"]
    check_png(tmp_path / "c.png", *saved)
    assert main(["compare", protocol, protocol, "--figure", "protocol_flow=x.png"]) == 2
    assert "is drawn from a run; here: yield_against_purity" in capsys.readouterr().err


def test_convert_writes_what_it_prints_and_draws_it(tmp_path, capsys, saved):
    arguments = ["convert", "--rotor", "Type 45 Ti", "--rpm", "35000", "--diameters-nm", "50,100"]
    paths = [tmp_path / name for name in ("c.csv", "c.json", "c.png")]
    options = ["--csv", str(paths[0]), "--json-file", str(paths[1]), f"--figure=pelleted_percentage={paths[2]}"]
    assert main([*arguments, "--json", *options]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert json.loads(paths[1].read_text()) == answer
    rows = read_csv(paths[0])
    assert [float(row["pelleted_percent_this_tube"]) for row in rows] == answer["pelleted_percent"]["this_tube"]
    (figure,) = saved
    check_png(paths[2], figure)
    (curve,) = [line for line in figure.axes[0].lines if line.get_label().startswith("_Type 45 Ti")]
    drawn = np.interp([50, 100], curve.get_xdata(), curve.get_ydata())
    assert drawn == pytest.approx(answer["pelleted_percent"]["this_tube"], abs=0.3)


def test_convert_tells_of_both_rotors_in_every_form(tmp_path, capsys, saved):
    arguments = ["convert", "--rotor", "Type 45 Ti", "--rpm", "35000", "--to", "SW 32 Ti", "--diameters-nm", "60"]
    path = tmp_path / "c.csv"
    assert main([*arguments, "--json", "--csv", str(path), "--plot", str(tmp_path / "c.png")]) == 0
    other = json.loads(capsys.readouterr().out)["equivalent"]
    rows = read_csv(path)
    assert [row["rotor"] for row in rows] == ["Type 45 Ti", "SW 32 Ti"]
    assert float(rows[1]["pelleted_percent_this_tube"]) == other["pelleted_percent"]["this_tube"][0]
    drawn = " ".join(legends(saved[0]))
    assert f"SW 32 Ti, swinging bucket {other['speed_rpm']:,.0f} rpm" in drawn
    assert "Type 45 Ti, fixed angle 35,000 rpm" in drawn


def test_convert_refuses_to_draw_what_does_not_sink(tmp_path, capsys):
    arguments = ["convert", "--rotor", "SW 28", "--rpm", "20000", "--density-g-mL", "0.95"]
    assert main([*arguments, "--plot", str(tmp_path / "c.png")]) == 2
    assert "--density-g-mL 0.95: does not sink in PBS" in capsys.readouterr().err
    assert main([*arguments, "--to-rpm", "0"]) == 2
    assert "name the other rotor with --to" in capsys.readouterr().err


def test_a_doublet_is_drawn(tmp_path, capsys, saved):
    written = ["--figures", str(tmp_path), "--csv", str(tmp_path / "d.csv")]
    assert main(["massspec", "--doublet", "CO", "N2", *written]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        *("peak_shapes.png", "ion_paths.png", "energy_focus.png", "d.csv"),
    }
    (row,) = read_csv(tmp_path / "d.csv")
    assert float(row["needed"]) == pytest.approx(28.0 / 0.01123, rel=1e-3)
    assert row["resolved"] == "False"


def test_show_draws_a_membrane_and_nothing_else(tmp_path, capsys, saved):
    path = tmp_path / "sieving.png"
    assert main(["show", "membrane", "Amicon Ultra-15 100 kDa", "--plot", str(path)]) == 0
    out, err = capsys.readouterr()
    assert "spin filter 15 mL, regenerated cellulose, 100 kDa" in out
    assert f"sepsim: wrote {path}" in err
    (figure,) = saved
    check_png(path, figure)
    assert labels(figure) == ["particle diameter [nm]", "intrinsic sieving coefficient [-], without polarisation"]
    assert legends(figure)[0] == "spin filter 15 mL, regenerated cellulose, 100 kDa"
    other = tmp_path / "rotor.png"
    assert main(["show", "rotor", "Type 45 Ti", "--plot", str(other)]) == 2
    assert f"--plot {other}: a rotor has no figure; leave --plot out" in capsys.readouterr().err
    assert main(["show", "membrane", "Amicon Ultra-15 100 kDa", "--plot", str(tmp_path / "s.gif")]) == 2
    assert "must end in .png, .pdf, .svg" in capsys.readouterr().err
    assert not other.exists()
    assert [*Path(tmp_path).iterdir()] == [path]
