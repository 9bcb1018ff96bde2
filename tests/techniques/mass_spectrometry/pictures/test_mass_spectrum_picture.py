"""Mass spectra and charge histograms: lines at masses computed elsewhere, names beside one another, honest magnets."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from sepsim.errors import InputError
from sepsim.plots import charge_histogram, mass_spectrum
from sepsim.protocols.protocol_file import protocol_from_table
from sepsim.techniques.mass_spectrometry.pictures.mass_spectrum import ROLE_COLORS, spread

SMALL = {"volume_mL": 1, "size_bins": 4, "density_quantiles": 1}
BEADS = {"name": "beads", "kind": "particle", "diameter_nm": 100, "density_g_mL": 1.1, "particles_per_mL": 1e9}


def step_of(sample, **settings):
    step = {"method": "mass_spectrometry", "ions": 5000, "keep": "detected", **settings}
    target = {} if "source" in sample else {"target": sample["population"][0]["name"]}
    return protocol_from_table({"sample": {**SMALL, **sample}, "step": [step], **target}).run(seed=1).bench[0]


@pytest.fixture(scope="module")
def plasma():
    return step_of({"source": "platelet-poor plasma"})


@pytest.fixture(scope="module")
def medium():
    return step_of({"source": "AMSC conditioned medium"}, digestion={"serum": "bovine"})


@pytest.fixture(scope="module")
def intact():
    return step_of({"medium": "PBS", "population": [BEADS]}, mode="intact", electrospray={"rayleigh_share": 1.0})


def stems(ax, role=None):
    """m/z and height of the coloured lines."""
    lines = [one for one in ax.collections if one.get_label() == "_peak"]
    if role is not None:
        wanted = ROLE_COLORS[role]
        lines = [one for one in lines if np.allclose(one.get_colors()[0, :3], _rgb(wanted))]
    return np.array([one.get_segments()[0][1] for one in lines])


def _rgb(color):
    return [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]


def test_lines_stand_at_the_masses_of_the_peptides(plasma):
    contaminants = stems(mass_spectrum(plasma), "contaminant")[:, 0]
    assert np.abs(contaminants - 700.8383).min() < 1e-4  # DYVSQFEGSALGK 2+ of apoA-I, by an independent library
    assert np.abs(contaminants - 1400.6693).min() < 2e-4  # 1+: 1399.6620 and a proton


def test_heights_are_over_the_highest_line(plasma):
    ax = mass_spectrum(plasma)
    heights = stems(ax)[:, 1]
    assert heights.max() == pytest.approx(1, rel=1e-6)
    assert heights.min() > 0
    numbers = {}
    for role in ("vesicle", "contaminant"):
        numbers[role] = stems(ax, role)[:, 1].sum()
    assert numbers["vesicle"] < 1e-3 * numbers["contaminant"]  # plasma drowns vesicles


def test_faint_markers_get_a_logarithmic_axis(plasma, medium):
    assert mass_spectrum(medium).get_yscale() == "log"
    assert mass_spectrum(medium, log_scale=False).get_yscale() == "linear"
    clean = step_of({"medium": "PBS", "population": [{"name": "exosome", "particles_per_mL": 1e9}]})
    ax = mass_spectrum(clean)
    assert ax.get_yscale() == "linear"
    assert "no markers of contaminants" in ax.get_xlabel()
    assert not stems(ax, "contaminant").size
    assert mass_spectrum(plasma, log_scale=True).get_ylabel() == "relative abundance\n[% of the highest line]"


def test_each_protein_is_named_once_and_no_two_names_overlap(plasma, medium):
    for step in (plasma, medium):
        ax = mass_spectrum(step)
        ax.figure.draw_without_rendering()
        names = [text.get_text().strip("()").rsplit(" ", 1)[0] for text in ax.texts]
        assert sorted(names) == sorted({peak.protein.replace("_", " ") for peak in step.outcome.trace.peaks})
        boxes = [text.get_window_extent() for text in ax.texts]
        assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
        assert not any(box.overlaps(ax.get_window_extent()) for box in boxes)
        title = ax._left_title.get_window_extent()
        assert not any(box.overlaps(title) for box in boxes)
        assert max(title.y1, *(box.y1 for box in boxes)) <= ax.figure.bbox.y1
        assert max(box.x1 for box in boxes) <= ax.figure.bbox.x1


def test_names_are_those_of_the_strongest_resolved_line(medium):
    peaks = medium.outcome.trace.peaks
    for text in mass_spectrum(medium).texts:
        name = text.get_text()
        protein, charge = name.strip("()").rsplit(" ", 1)
        mine = [peak for peak in peaks if peak.protein.replace("_", " ") == protein]
        assert name.startswith("(") != any(peak.resolved for peak in mine)
        candidates = [peak for peak in mine if peak.resolved] or mine
        strongest = max(candidates, key=lambda peak: peak.area)
        best = [peak for peak in candidates if peak.area > 0.8 * strongest.area]  # heights differ a little from areas
        assert any(f"{peak.charge}+" == charge for peak in best)


def test_both_resolving_powers_are_named(medium):
    run, text = medium.outcome.trace, mass_spectrum(medium).get_xlabel()
    assert f"R = {run.power.fwhm:.0f} (half maximum), {run.power.valley:.0f} (10 % valley)" in text
    assert f"vesicle over contaminant areas: {run.vesicle_to_contaminant:.2g}" in text


def test_a_run_of_the_instrument_is_drawn_into_given_axes(medium):
    ax = Figure(layout="constrained").add_subplot()
    assert mass_spectrum(medium.outcome.trace, ax=ax) is ax


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40).map(sorted), st.floats(0.001, 0.2))
def test_spread_names_keep_their_order_and_distance(wanted, apart):
    places = spread(np.array(wanted), apart)
    gap = min(apart, 1 / max(len(wanted) - 1, 1))
    assert np.all(np.diff(places) >= gap - 1e-9)
    assert places[0] >= -1e-9
    assert places[-1] <= 1 + 1e-9
    if np.all(np.diff(wanted) >= gap):
        assert places == pytest.approx(wanted, abs=1e-9)


def test_other_steps_are_refused(run, medium, intact):
    with pytest.raises(InputError, match=r"no spectrum of peptides; draw it with protocol_flow"):
        mass_spectrum(run.bench[-1])
    with pytest.raises(InputError, match="no spectrum of peptides"):
        mass_spectrum(intact)
    with pytest.raises(InputError, match="no weighing of whole ions"):
        charge_histogram(medium)


def test_a_scan_past_all_peptides_cannot_be_drawn():
    with pytest.raises(InputError, match="no peak lies within the scan; widen lowest_mz"):
        mass_spectrum(step_of({"source": "urine"}, lowest_mz=1995, highest_mz=1999))


def test_masses_and_charges_of_whole_particles(intact):
    mass, charge, _ = charge_histogram(intact)
    beads = 1100 * math.pi / 6 * 1e-21 / 1.66053907e-27 / 1e6  # MDa
    for ax, expected, spare in ((mass, beads, 0.03), (charge, 1400, 0.03)):  # 1400: Rayleigh limit of a 100 nm sphere
        (bars,) = ax.patches
        values, edges, _ = bars.get_data()
        lowest = values.min()
        shares = np.where(values > lowest, values, 0.0)
        middle = np.exp((shares @ np.log(edges[1:] * edges[:-1]) / 2) / shares.sum())
        assert middle == pytest.approx(expected, rel=spare)
        assert shares.sum() == pytest.approx(100, abs=0.5)
        assert ax.get_ylabel() == "share of ions [%]"


def test_the_magnet_that_whole_particles_would_need(intact):
    magnet = charge_histogram(intact)[2]
    names = [text.get_text() for text in magnet.get_yticklabels()]
    places = {line.get_ydata()[0]: line.get_xdata()[0] for line in magnet.lines}
    found = {name: places[row] for name, row in zip(names, magnet.get_yticks(), strict=True)}
    assert found["beads"] == pytest.approx(6.41, rel=5e-3)  # T m, 347 MDa with 1400 charges at 8 kV
    assert found["a peptide, m/z 750"] == pytest.approx(0.394 * math.sqrt(8 / 10), rel=2e-3)  # 0.394 m at 10 kV, 1 T
    (strip,) = magnet.patches
    assert strip.get_x() + strip.get_width() < found["beads"] / 10
    assert strip.get_x() < found["a peptide, m/z 750"] < strip.get_x() + strip.get_width()
    assert "Thought experiment" in magnet.get_title(loc="left")
