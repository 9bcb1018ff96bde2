"""The command massspec: tables, files, doublets and errors."""

import csv
import json

import pytest
from saved_pictures import check_png, labels, legends

from sepsim.cli import main

PROTOCOL = """
name = "small"
[sample]
source = "urine"
volume_mL = 5
[[step]]
name = "take"
method = "aliquot"
volume_mL = 1
keep = "aliquot"
"""


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(PROTOCOL)
    return str(path)


def test_a_catalogue_sample_gives_peaks(capsys, tmp_path):
    table = tmp_path / "peaks.csv"
    assert main(["massspec", "urine", "--csv", str(table)]) == 0
    out, err = capsys.readouterr()
    assert "albumin LVNEVTEFAK 2+" in out
    assert "10 % valley" in out
    assert "unverified" in err
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert {row["role"] for row in rows} >= {"vesicle", "contaminant"}
    assert max(float(row["relative_abundance"]) for row in rows) == 1


@pytest.mark.parametrize("mode", ["peptide", "intact"])
def test_a_picture_is_drawn(mode, capsys, tmp_path, saved):
    picture = tmp_path / "spectrum.png"
    assert main(["massspec", "urine", "--mode", mode, "--plot", str(picture)]) == 0
    (figure,) = saved
    check_png(picture, figure)
    if mode == "peptide":
        assert any(text.startswith("m/z [Da per elementary charge]") for text in labels(figure))
        assert any(text.get_text().startswith("albumin ") for text in figure.axes[0].texts)
        assert {"of vesicles", "of contaminants"} <= set(legends(figure))
    else:
        assert [text for text in labels(figure) if "[" in text] == [
            "mass [MDa]", "share of ions [%]", "charge [elementary charges]", "share of ions [%]",
            "field times radius [T m]",
        ]  # fmt: skip
    assert "wrote" in capsys.readouterr().err


def test_the_product_of_a_protocol_is_measured(small, capsys):
    ratio = {}
    for name in (small, "urine"):
        assert main(["massspec", name, "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        ratio[name] = answer["vesicle_to_contaminant"]
    assert answer["mode"] == "peptide"
    assert answer["resolving_power"]["fwhm"] > answer["resolving_power"]["valley_10_percent"]
    assert ratio[small] == pytest.approx(ratio["urine"], rel=1e-3)  # an aliquot has the composition of the whole


def test_a_protocol_that_ends_with_a_spectrum_is_taken_as_it_is(small, tmp_path, capsys):
    path = tmp_path / "ms.toml"
    path.write_text(PROTOCOL + '[[step]]\nname = "ms"\nmethod = "mass_spectrometry"\nkeep = "detected"\n')
    assert main(["massspec", str(path), "--json"]) == 0
    with_step = json.loads(capsys.readouterr().out)
    assert main(["massspec", small, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["peaks"] == with_step["peaks"]
    assert main(["massspec", str(path), "--mode", "intact"]) == 2
    assert "change --mode" in capsys.readouterr().err


def test_whole_particles_by_charge_detection(capsys):
    assert main(["massspec", "urine", "--mode", "intact", "--json", "--seed", "4"]) == 0
    answer = json.loads(capsys.readouterr().out)
    exosome = next(row for row in answer["magnets"] if row["population"] == "exosome")
    assert exosome["rigidity_T_m"] > 3  # a real magnet has 0.5
    assert len(answer["mass_histogram"]["edges_Da"]) == len(answer["mass_histogram"]["ions"]) + 1
    assert main(["massspec", "urine", "--mode", "intact"]) == 0
    assert "thought experiment" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("slit", "formulas", "resolved"),
    [("60", ("CO", "N2"), True), ("70", ("CO", "N2"), False), ("1", ("[87Rb]", "[87Sr]"), False)],
)
def test_a_doublet(slit, formulas, resolved, capsys):
    assert main(["massspec", "--doublet", *formulas, "--slit-um", slit, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["resolved"] is resolved
    assert (answer["reached"]["valley_10_percent"] > answer["needed"]) is resolved


def test_a_doublet_in_words(capsys):
    assert main(["massspec", "--doublet", "CO", "N2"]) == 0
    out = capsys.readouterr().out
    assert "2493" in out
    assert "not resolved" in out


def test_the_serum_is_by_the_medium_or_as_given(small, capsys):
    found = {}
    for given in ((), ("--serum", "human"), ("--serum", "bovine")):
        assert main(["massspec", "AMSC conditioned medium", *given, "--json"]) == 0
        found[given] = {peak["protein"] for peak in json.loads(capsys.readouterr().out)["peaks"]}
    assert "bovine_albumin" in found[()] & found["--serum", "bovine"]
    assert "albumin" in found["--serum", "human"] - found[()]
    assert main(["massspec", small, "--serum", "bovine", "--json"]) == 0
    assert "bovine_albumin" in {peak["protein"] for peak in json.loads(capsys.readouterr().out)["peaks"]}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "one of them"),
        (["urine", "--doublet", "CO", "N2"], "one of them"),
        (["urin"], "did you mean 'urine'"),
        (["urine", "--volume-mL", "-1"], "volume_mL"),
        (["urine", "--slit-um", "0"], "--slit-um 0: must be above 0"),
        (["urine", "--seed", "-1"], "--seed"),
        (["urine", "--plot", "spectrum.txt"], "must end in"),
        (["--doublet", "CO", "Qq"], "Qq"),
        (["--doublet", "CO", "CO"], "the ions are equal"),
        (["--doublet", "C2H6O", "CH3OCH3"], "the ions are equal"),
        (["--doublet", "CO", "N2", "--serum", "human"], "--serum: has no meaning"),
        (["urine", "--mode", "intact", "--serum", "human"], "--serum: has no meaning"),
        (["--doublet", "CO", "N2", "--slit-um", "-1"], "--slit-um -1"),
        (["urine", "--slit-um", "-1"], "--slit-um -1: must be above 0"),
        (["urine", "--mode", "intact", "--slit-um", "50"], "--slit-um: has no meaning"),
        (["--doublet", "CO", "N2", "--figure", "focal_plane=x.png"], "is drawn from a step of mass spectrometry with"),
        (["--doublet", "CO", "N2", "--figure", "ion_paths:1=x.png"], "there is no step 1 here"),
        (["nowhere.toml"], "nowhere.toml"),
    ],
)
def test_wrong_use_is_told(arguments, told, capsys):
    assert main(["massspec", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_a_volume_for_a_protocol_is_refused(small, capsys):
    assert main(["massspec", small, "--volume-mL", "3"]) == 2
    assert "volume of its own" in capsys.readouterr().err
