"""Dry runs of mass spectrometry against real runs: what is detected, told and refused."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import ROOT

from sepsim.errors import InputError
from sepsim.method import check_balance
from sepsim.samples.sample_recipe import recipe, sample_from_catalog
from sepsim.techniques.mass_spectrometry.ion_spectrum import instrument_peak, sketched_peak
from sepsim.techniques.mass_spectrometry.mass_spectrometry import MassSpectrometry
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import (
    BainbridgeJordan,
    MattauchHerzog,
    NierJohnson,
    SingleMagnet,
)

SOLVED = ("not resolved from neighbours",)  # warnings that only a spectrum can give
SHARE = 0.06  # of the transmission, from four thousand random rays


def sample(source="AMSC conditioned medium"):
    return sample_from_catalog(source, volume_mL=1, size_bins=4, density_quantiles=1).prepare()


def both(what, **given):
    """Dry run and run, of one seed."""
    method = MassSpectrometry(**given)
    dry, run = (treat(what, rng=np.random.default_rng(0)) for treat in (method.dry_run, method.run))
    check_balance(what, dry)
    assert list(dry.fractions) == list(run.fractions)
    assert [each.volume for each in dry.fractions.values()] == [each.volume for each in run.fractions.values()]
    return dry, run


def told(outcome):
    return [text for text in outcome.warnings if not any(words in text for words in SOLVED)]


@pytest.mark.parametrize(
    "design",
    [
        NierJohnson(),
        NierJohnson(energy_slit_mm=0.2),
        SingleMagnet(radius_mm=254),
        MattauchHerzog(source={"slit_um": 20}),
        BainbridgeJordan(radius_mm=254),
    ],
    ids=["Nier-Johnson", "energy slit", "magnet", "Mattauch-Herzog", "Bainbridge-Jordan"],
)
def test_a_sketch_has_the_width_and_the_height_of_the_peak(design):
    sketch, peak = sketched_peak(design.spectrometer), instrument_peak(design.spectrometer)
    assert sketch.transmission == pytest.approx(peak.transmission, abs=SHARE)
    assert sketch.power.fwhm == pytest.approx(peak.power.fwhm, rel=0.1, abs=0)
    assert sketch.power.valley == pytest.approx(peak.power.valley, rel=0.1, abs=0)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"digestion": {"serum": "bovine"}, "lowest_mz": 500, "highest_mz": 700},
        {"nier_johnson": {"energy_slit_mm": 0.2}, "highest_mz": 3000},
        {"single_magnet": {"radius_mm": 305}, "points": 1000},
        {"mattauch_herzog": {"source": {"slit_um": 20}}, "maldi": {}},
    ],
    ids=str,
)
@pytest.mark.parametrize("source", ["AMSC conditioned medium", "urine", "platelet-poor plasma"])
def test_peptides(source, given):
    what = sample(source)
    dry, run = both(what, **given)
    held = what.counts > 0
    detected = [outcome.fractions["detected"].counts[held] / what.counts[held] for outcome in (dry, run)]
    assert detected[0] == pytest.approx(detected[1], rel=SHARE, abs=1e-12)
    assert (dry.trace.outside, dry.trace.cut) == (run.trace.outside, run.trace.cut)
    assert [peak.name for peak in dry.trace.peaks] == [peak.name for peak in run.trace.peaks]
    rough = [[text.split(" points")[0].split("has")[0] for text in told(outcome)] for outcome in (dry, run)]
    assert rough[0] == rough[1]


@pytest.mark.parametrize(
    "given", [{}, {"maldi": {}}, {"charge_detection": {"passages": 100}}, {"lumen": "lost"}], ids=str
)
def test_whole_particles(given):
    what = sample()
    dry, run = both(what, mode="intact", **given)
    detected = [outcome.fractions["detected"].by_population for outcome in (dry, run)]
    ions = 0.01  # share of particles that become ions
    for who, number in what.by_population.items():
        assert detected[0][who] == pytest.approx(detected[1][who], abs=0.1 * ions * number)
    assert len(told(dry)) == len(told(run))


@given(
    lowest=st.floats(1, 2000),
    width=st.floats(1, 3000),
    slit=st.floats(1, 900),
    mode=st.sampled_from(["peptide", "intact"]),
)
@settings(max_examples=30, deadline=None)
def test_everything_is_detected_or_lost(lowest, width, slit, mode):
    what = sample("urine")
    instrument = {"source": {"slit_um": slit}, "detector": {"slit_um": slit}}
    method = MassSpectrometry(mode=mode, lowest_mz=lowest, highest_mz=lowest + width, nier_johnson=instrument)
    outcome = method.dry_run(what, rng=np.random.default_rng(0))
    check_balance(what, outcome)
    assert min(each.counts.min() for each in outcome.fractions.values()) >= 0


def test_what_has_no_ions_is_refused_in_the_same_words():
    liposomes = recipe(
        {
            "volume_mL": 1,
            "medium": "PBS",
            "population": [{"name": "liposome", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": 1e9}],
        }
    ).prepare()
    nothing = liposomes.take(0.0, 0.0)[0]
    for what, mode in ((liposomes, "peptide"), (nothing, "peptide"), (nothing, "intact")):
        method, problems = MassSpectrometry(mode=mode), []
        for treat in (method.run, method.dry_run):
            with pytest.raises(InputError) as error:
                treat(what, rng=np.random.default_rng(0))
            problems.append(error.value.problems)
        assert problems[0] == problems[1]


@pytest.mark.parametrize("mode", ["peptide", "intact"])
def test_it_loads_no_heavy_library(mode):
    script = (
        "import sys, numpy as np\n"
        "from sepsim.samples.sample_recipe import sample_from_catalog\n"
        "from sepsim.techniques.mass_spectrometry.mass_spectrometry import MassSpectrometry\n"
        "urine = sample_from_catalog('urine', volume_mL=1).prepare()\n"
        f"MassSpectrometry(mode={mode!r}).dry_run(urine, rng=np.random.default_rng(0))\n"
        "print(sorted({'numba', 'scipy', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
