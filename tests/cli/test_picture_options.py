"""Options that draw: each finds its step, and those that do not fit are told."""

from pathlib import Path

import pytest
from saved_pictures import check_png, labels, legends

from sepsim.cli import main, pictures

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
OF_STEP = {
    "--plot-tube": ("spins", "tube_during_spin"),
    "--plot-fractions": ("has a gradient, a cushion or a column", "fraction_bars"),
    "--plot-column": ("runs through a column", "chromatogram"),
    "--plot-membrane": ("filters through a membrane", "filtration_course"),
    "--plot-washing": ("filters through a membrane", "washing_out"),
    "--animate": ("has a gradient or a cushion", "animate_bands"),
}


@pytest.fixture
def write(tmp_path):
    def protocol(*steps):
        path = tmp_path / "protocol.toml"
        path.write_text(SAMPLE + "".join(steps))
        return str(path)

    return protocol


@pytest.fixture
def drawn(monkeypatch):
    """Which functions were called with which steps; they still draw."""
    from sepsim import plots

    calls = []

    def watch(name):
        draw = getattr(plots, name)
        monkeypatch.setattr(plots, name, lambda step, **more: calls.append((name, step.name)) or draw(step, **more))

    for _, name in OF_STEP.values():
        watch(name)
    return calls


def test_each_picture_finds_the_last_step_that_fits(write, tmp_path, capsys, drawn, saved):
    protocol = write(
        FILTER, COLUMN.replace("0.5\nfractions", "0.4\nfractions"), FILTER.replace("concentrate", "again", 1)
    )
    asked = ["--plot-fractions", "--plot-column", "--plot-membrane", "--plot-washing"]
    paths = {option: tmp_path / f"{option}.png" for option in asked}
    arguments = [str(each) for pair in paths.items() for each in pair]
    assert main(["run", protocol, *arguments]) == 0
    assert drawn == [("fraction_bars", "column"), ("chromatogram", "column"), ("filtration_course", "again"),
                     ("washing_out", "again")]  # fmt: skip
    told = [
        "fraction",
        "volume since the sample entered [mL]",
        "time [min]",
        "concentration factor X of the volume [-]",
    ]
    for path, figure, label in zip(paths.values(), saved, told, strict=True):
        check_png(path, figure)
        assert label in labels(figure)
    assert capsys.readouterr().err.count("sepsim: wrote") == len(asked)


def test_a_step_can_be_named(write, tmp_path, drawn):
    protocol = write(FILTER, COLUMN, FILTER.replace("concentrate", "again", 1))
    assert main(["run", protocol, "--plot-washing", str(tmp_path / "w.svg"), "--step", "concentrate"]) == 0
    assert drawn == [("washing_out", "concentrate")]


def test_a_tube_is_that_of_the_last_spin_although_later_steps_have_traces(write, tmp_path, drawn):
    assert main(["run", write(SPIN, FILTER), "--plot-tube", str(tmp_path / "t.png")]) == 0
    assert drawn == [("tube_during_spin", "spin")]


@pytest.fixture
def unrun(monkeypatch):
    """A protocol that is run fails the test."""
    from sepsim.protocols.protocol import Protocol

    monkeypatch.setattr(Protocol, "run", lambda *_, **__: pytest.fail("was run"))


@pytest.mark.parametrize("option", OF_STEP)
def test_where_no_step_fits_it_is_told_before_the_run(option, write, tmp_path, capsys, unrun):
    aliquot = '[[step]]\nname = "take"\nmethod = "aliquot"\nvolume_mL = 1\nkeep = "aliquot"\n'
    path = tmp_path / f"p{'.gif' if option == '--animate' else '.png'}"
    assert main(["run", write(aliquot), option, str(path)]) == 2
    err = capsys.readouterr().err
    needs = f"{option}: needs a step that {OF_STEP[option][0]}; there are: 'take' (aliquot); --plot draws any protocol"
    assert needs in err
    assert "protocol_flow" not in err
    assert not path.exists()


def test_a_named_step_that_does_not_fit_or_is_not_there(write, tmp_path, capsys, unrun):
    protocol, path = write(FILTER), str(tmp_path / "p.png")
    assert main(["run", protocol, "--plot-column", path, "--step", "concentrate"]) == 2
    assert "needs a step that runs through a column; 'concentrate' is ultrafiltration" in capsys.readouterr().err
    assert main(["run", protocol, "--plot-membrane", path, "--step", "concentrat"]) == 2
    assert "no step of this name; did you mean 'concentrate'?" in capsys.readouterr().err


def test_all_pictures_that_find_no_step_are_told_at_once(write, tmp_path, capsys, unrun):
    paths = [str(tmp_path / name) for name in ("a.png", "b.png", "c.gif")]
    asked = zip(("--plot-column", "--plot-tube", "--animate"), paths, strict=True)
    assert main(["run", write(FILTER), *(word for pair in asked for word in pair)]) == 2
    err = capsys.readouterr().err
    assert all(f"{option}: needs a step" in err for option in ("--plot-column", "--plot-tube", "--animate"))


def test_a_step_is_named_for_a_picture_of_a_step_alone(write, tmp_path, capsys, unrun):
    for more in ([], ["--plot", str(tmp_path / "p.png")], ["--csv", str(tmp_path / "p.csv")]):
        assert main(["run", write(FILTER), "--step", "concentrate", *more]) == 2
        err = capsys.readouterr().err
        assert "--step 'concentrate': says which step to draw; give it with one of --plot-tube" in err
        assert all(option in err for option in OF_STEP)


def test_membranes_are_those_of_the_last_ultrafiltration_or_else_of_a_filtration(write, tmp_path, drawn):
    clear = '[[step]]\nname = "{}"\nmethod = "filtration"\nkeep = "permeate"\n'
    path = str(tmp_path / "m.png")
    assert main(["run", write(clear.format("a"), FILTER, clear.format("b")), "--plot-membrane", path]) == 0
    assert main(["run", write(clear.format("a"), clear.format("b")), "--plot-membrane", path]) == 0
    assert [name for _, name in drawn] == ["concentrate", "b"]


def test_a_spin_on_a_cushion_has_a_gradient_and_one_without_has_none(write, tmp_path, capsys, drawn):
    cushion = 'keep = "cushion"\ncushion = { volume_mL = 4, sucrose_percent_w_w = 30 }\n'
    path = str(tmp_path / "f.png")
    spin = SPIN.replace("fill_volume_mL = 2\n", "").replace("Type 45 Ti", "SW 41 Ti")
    assert main(["run", write(spin.replace('keep = "supernatant"\n', cushion)), "--plot-fractions", path]) == 0
    assert drawn == [("fraction_bars", "spin")]
    assert main(["run", write(spin), "--plot-fractions", path]) == 2
    assert "'spin' (centrifugation)" in capsys.readouterr().err


@pytest.mark.parametrize("picture", pictures.OF_RUN, ids=lambda picture: picture.option)
def test_every_picture_is_an_option_with_its_endings(picture, write, tmp_path, capsys):
    wrong = tmp_path / "picture.txt"
    assert main(["run", write(FILTER), picture.option, str(wrong)]) == 2
    assert f"{picture.option} {wrong}: must end in {', '.join(picture.endings)}" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    assert f"{picture.option} F" in capsys.readouterr().out


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
    assert "--plot: a rotor has no picture" in capsys.readouterr().err
    assert main(["show", "membrane", "Amicon Ultra-15 100 kDa", "--plot", str(tmp_path / "s.gif")]) == 2
    assert "must end in .png, .pdf, .svg" in capsys.readouterr().err
    assert not other.exists()
    assert [*Path(tmp_path).iterdir()] == [path]
