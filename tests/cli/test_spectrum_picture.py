"""``sepsim run --figure`` draws what a mass spectrometer shows."""

import json

import pytest
from paths import PROTOCOLS
from saved_pictures import check_png, labels

from sepsim.cli import main


def protocol(tmp_path, step):
    file = tmp_path / "ions.toml"
    sample = '[sample]\nsource = "urine"\nvolume_mL = 1\nsize_bins = 3\ndensity_quantiles = 1\n'
    file.write_text(f"{sample}[[step]]\n{step}")
    return str(file)


@pytest.mark.parametrize("mode", ["peptide", "intact"])
def test_peptides_and_whole_particles_are_drawn(tmp_path, mode, saved):
    step = f'method = "mass_spectrometry"\nmode = "{mode}"\nions = 1000\nkeep = "detected"\n'
    picture = tmp_path / "spectrum.png"
    name = {"peptide": "mass_spectrum", "intact": "charge_histogram"}[mode]
    assert main(["run", protocol(tmp_path, step), "--figure", f"{name}={picture}"]) == 0
    (figure,) = saved
    check_png(picture, figure)
    first = {"peptide": "m/z [Da per elementary charge]", "intact": "mass [MDa]"}[mode]
    assert labels(figure)[0].startswith(first)


def test_a_protocol_without_a_spectrometer_has_no_spectrum(tmp_path, capsys):
    step = 'method = "aliquot"\nvolume_mL = 0.5\nkeep = "aliquot"\n'
    assert main(["run", protocol(tmp_path, step), "--figure", f"mass_spectrum={tmp_path}/none.png"]) == 2
    err = capsys.readouterr().err
    assert "is drawn from a step of mass spectrometry of peptides; there are: 1 'step 1' (aliquot)" in err
    assert not (tmp_path / "none.png").exists()


def test_the_example_tells_that_purity_refers_to_ions(capsys):
    assert main(["run", str(PROTOCOLS / "mass_spectrometry.toml"), "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["product"]["step"] == "peptides"
    assert "yield and purity refer to ions, not to recovered vesicles" in json.dumps(out)
