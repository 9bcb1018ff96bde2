"""Figures by name: records that are true, light until they draw, and the same for Python and the command line."""

import ast
import subprocess
import sys

import pytest
from paths import PROTOCOLS, ROOT

import sepsim
from sepsim import plots
from sepsim.plots.figures import drawing, drawings, figures
from sepsim.technique import resolve
from sepsim.techniques import techniques


@pytest.mark.parametrize("figure", figures().values(), ids=lambda figure: figure.name)
def test_a_record_is_true(figure):
    assert getattr(plots, figure.name) is resolve(figure.home)
    assert resolve(figure.home).__doc__.startswith("Draw ")
    assert not figure.fits or callable(resolve(figure.fits))
    assert figure.of_run or figure.fits


def test_names_are_told_apart():
    names = [figure.name for technique in techniques() for figure in technique.figures]
    assert len(names) == len(set(names)) > 15
    assert set(names) <= set(dir(plots))
    with pytest.raises(AttributeError, match="no attribute 'chromatogramm'"):
        plots.chromatogramm  # noqa: B018


def test_the_stub_tells_type_checkers_the_same():
    tree = ast.parse((ROOT / "sepsim" / "plots" / "__init__.pyi").read_text())
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    found = {alias.asname: node.module for node in imports for alias in node.names}
    homes = {name: resolve(figure.home).__module__ for name, figure in figures().items()}
    assert found == {**plots._HOMES, **homes}


def test_nothing_heavy_loads_before_a_figure_is_drawn():
    code = "import sys; from sepsim.plots.figures import figures; import sepsim.plots; figures(); dir(sepsim.plots)"
    code += "; print({'matplotlib', 'numba', 'scipy'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


DRAWN = {
    "differential": {"tube_during_spin", "pelleted_percentage"},
    "optiprep_plasma": {"gradient_tube", "density_and_bands", "bands_forming", "fraction_bars"},
    "cushion_double_ultracentrifugation": {"gradient_tube", "density_and_bands", "bands_forming", "fraction_bars"},
    "sec_plasma": {"chromatogram", "fraction_bars"},
    "tff_diafiltration": {"filtration_course", "washing_out", "sieving_curve"},
    "exoquick_plasma": {"cluster_growth", "precipitation_curve"},
    "mass_spectrometry": {"mass_spectrum", "ion_paths", "energy_focus", "peak_shapes"},
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_protocol_has_the_figures_of_its_techniques(name):
    protocol = sepsim.load_protocol(PROTOCOLS / f"{name}.toml")
    found = drawings(protocol)
    assert DRAWN[name] <= {each.figure.name for each in found if each.place is not None}
    assert {each.figure.name for each in found if each.place is None} == {
        *("protocol_flow", "yield_against_purity", "size_distributions"),
    }
    files = [each.file_name(len(protocol.steps)) for each in found]
    assert len(files) == len(set(files))
    for each in found:
        assert drawing(protocol, each.figure.name, None if each.place is None else str(each.place)) == each


def mass_spectrum(**settings):
    urine = {"source": "urine", "volume_mL": 1, "size_bins": 2, "density_quantiles": 1}
    step = {"method": "mass_spectrometry", "ions": 1000, "keep": "detected", **settings}
    return sepsim.protocol_from_table({"sample": urine, "step": [step]})


INSTRUMENTS = {
    "nier_johnson": {"order": "BE"},
    "single_magnet": {"radius_mm": 305, "angle_deg": 90},
    "bainbridge_jordan": {},
    "mattauch_herzog": {},
}


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_instrument_draws_the_figures_that_it_has(name):
    protocol = mass_spectrum(**{name: INSTRUMENTS[name]})
    run = protocol.run(seed=1)
    drawn = {each.figure.name: each.draw(run) for each in drawings(protocol) if each.figure.fits}
    plate = name == "mattauch_herzog"
    assert ("focal_plane" in drawn, "peak_shapes" in drawn) == (plate, not plate)
    assert {"ion_paths", "energy_focus", "mass_spectrum"} <= drawn.keys()


def test_whole_particles_have_histograms_and_no_sector():
    protocol = mass_spectrum(mode="intact")
    assert [each.figure.name for each in drawings(protocol) if each.place] == [
        *("size_distributions", "charge_histogram"),
    ]


def test_a_chromatogram_marks_what_the_protocol_wants():
    protocol = sepsim.load_protocol(PROTOCOLS / "sec_plasma.toml")
    run = sepsim.Protocol(name="x", target="hdl", sample=protocol.sample, steps=protocol.steps).run(seed=1)
    lines = plots.chromatogram(run.step(1), ["hdl", "exosome"]).lines
    widths = {line.get_label(): line.get_linewidth() for line in lines}
    assert widths["HDL"] > widths["exosome"]


OTHERS = {
    "protocol_flow": "give a run",
    "chromatogram": "is no elution",
    "ion_paths": "deflects no ions",
    "focal_plane": "deflects no ions",
    "sieving_curve": "has no membrane",
    "pelleted_percentage": "is no spin",
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_figure_refuses_a_step_that_does_not_have_it(name, aliquot):
    with pytest.raises(sepsim.InputError, match=OTHERS[name]):
        getattr(plots, name)(aliquot.step(1))
