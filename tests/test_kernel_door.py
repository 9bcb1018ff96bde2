"""The door to the kernels: it names every public one, loads none too early, and its signatures stay and read well."""

import ast
import inspect
import subprocess
import sys

import pytest
from paths import ROOT

from sepsim import kernels

SIGNATURES = {  # names of arguments that people's scripts rely on
    "WallSpecies": "concentration diffusivity adsorption desorption footprint",
    "WellUptake": "time bound liquid faces mass_error status",
    "SlitUptake": "time bound outlet place along mass_error status",
    "solve_wall_well": "depth duration species cells steps",
    "Walkers": "position diffusivity radius",
    "Walls": "low high uptake",
    "Walked": "position time fate paths status",
    "Estimate": "value error step_error",
    "Walk": "walked coarse share mean variance",
    "estimate": "law fine coarse",
    "rectangle_flow": "width height",
    "streaming_rolls": "wavenumber node low high axis across",
    "post_array_field": "coefficients pitch diameter shift",
    "custom_field": "function",
    "PostFlow": "coefficients pitch diameter shift drag slip",
    "post_flow": "pitch diameter shift",
    "solve_langevin": "walkers fields strength walls step steps seed axes first noise merge frames",
    "walk": "walkers fields strength walls step steps seed axes first noise frames threads",
    "superpose": "rows",
    "uniform_field": "direction",
    "centrifugal_field": "omega_squared inner sector",
    "slit_flow": "height axis low",
    "standing_wave": "wavenumber node axis",
    "polynomial_field": "axis low high coefficients along",
    "exponential_field": "axis origin decay",
    "slit_capture": "zeta damkohler walls",
    "log_slit_left": "zeta walls",
    "graetz_series": "damkohler walls",
    "solve_wall_slit": "height length velocity duration species cells sections steps walls",
    "solve_wall_film": "depth place velocity duration species transfer steps",
    "CrossStream": "outflow taken mass_error status",
    "solve_cross_stream": "faces flow depth length drift diffusivity stirring start uptake steps",
    "solve_lamm_fractions": "inner outer s D omega_squared duration sector absorbing front_resolution step_resolution",
    "solve_lamm_profiles": "inner outer s D omega_squared duration output_times sector absorbing front_resolution "
    "step_resolution weights initial",
    "interpolate_profiles": "mesh profiles x",
    "TubeMesh": "faces areas volumes",
    "GradientSteps": "dose duration density viscosity node",
    "GradientParticles": "mass volume diameter",
    "solve_gradient": "mesh steps particles temperature amounts absorbing walls_catch record",
    "spread_between": "amounts depths before after",
    "Feed": "volume permeate pressure viscosity thermal_energy constant time",
    "MembraneArrays": "area resistance pore_volume share reach cells",
    "Solutes": "convection diffusion lysis blocks diameter diffusivity transfer",
    "FoulingLaw": "packing coverage sticking blocking directed seal constriction",
    "clean_membrane": "n_solutes n_pores",
    "solve_membrane": "numbers feed membrane solutes law state steps",
    "actual_sieving": "convection diffusion drift",
    "osmotic_pressure": "concentration diameter packing thermal_energy",
    "BedArrays": "residence peclet phase_ratio bead_radius",
    "SpeciesArrays": "film pore_share storage pore_diffusivity liquid_loss pore_loss surface",
    "Injection": "pulse mixing",
    "BindingArrays": "adsorption desorption capacity_use surface_adsorption surface_use adsorption_after "
    "desorption_after surface_adsorption_after switch front",
    "cumulative_elution": "beds species injection times",
    "outlet_curve": "beds species injection end points",
    "elution_moments": "beds species injection",
    "even_cells": "residence total",
    "solve_column": "beds species injection times cells shells substeps binding flow load",
    "Lanes": "binding sticking opening covers soils",
    "Captured": "free bound stuck coverage soiling steps status",
    "solve_capture": "lanes times clearing_time tolerance most_steps",
    "free_room": "covered",
    "element": "kind length angle edge_in edge_out index sense gap half_width psi_in psi_out",
    "trace_ions": "table x a y b d g steps",
    "trace_paths": "table x a y b d g points",
    "push_uniform": "state ratio electric magnetic dt steps",
    "push_ions": "table x a y b d g soft refine",
    "Constituents": "volume bulk surface grip excess",
    "Collisions": "matrix brownian shear settling fractal_dimension",
    "solve_aggregation": "pivots start constituents collisions times tolerance most_steps",
    "LammFractions": "pelleted floated suspended mass_error status",
    "LammProfiles": "mesh profiles state pelleted floated suspended mass_error status",
    "GradientDistribution": "amounts pelleted mass_error status history pelleted_history",
    "FoulingState": "open_share deposit narrowing free lingering",
    "FiltrationRecord": "time permeate volume flux pressure wall conductance hindrance",
    "MembraneSolution": "record vessel passed burst adsorbed state status",
    "ColumnBalance": "shares liquid bound lost mass_error status",
    "Image": "x a y b lost",
    "PushedImage": "x a y b gain lost",
    "Aggregation": "shares number radius reached steps status",
}
DOORS = ("caching.py", "compilation.py")  # what compiles kernels
STATUSES = {
    "WALL": {"OK": 0, "UNBALANCED": 1},
    "LANGEVIN": {"OK": 0, "NOT_FINITE": 1, "STEP_TOO_LONG": 2},
    "LAMM": {"OK": 0, "DIFFUSION_RAISED": 1, "STEP_BUDGET_EXCEEDED": 2, "UNBALANCED": 3},
    "GRADIENT": {"OK": 0, "UNBALANCED": 1, "NOT_FINITE": 2},
    "MEMBRANE": {"FINISHED": 0, "OUT_OF_TIME": 1, "STALLED": 2, "CLOGGED": 3},
    "COLUMN": {"OK": 0, "UNBALANCED": 1, "NOT_CONVERGED": -1},
    "AGGREGATION": {"DONE": 0, "TOO_MANY_STEPS": 1, "GELLED": 2},
    "CAPTURE": {"OK": 0, "OUT_OF_STEPS": 1},
}
INNER = ("pushes", "problems")  # of the table of elements: how many pushes, and what is wrong
FUNCTIONS = [name for name in kernels.__all__ if callable(getattr(kernels, name))]


def plain(name):
    thing = getattr(kernels, name)
    return getattr(thing, "py_func", thing)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arguments_stay(name):
    assert " ".join(inspect.signature(plain(name)).parameters) == SIGNATURES[name]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_signature_reads_well(name):
    signature = inspect.signature(plain(name))
    for parameter in signature.parameters.values():
        assert len(str(parameter)) <= 60
    assert "ndarray" not in str(signature)
    assert ">>>" in plain(name).__doc__ or inspect.isclass(plain(name))


@pytest.mark.parametrize("prefix", STATUSES)
def test_statuses_have_names_of_their_own(prefix):
    named = {name for name in kernels.__all__ if name.startswith(f"{prefix}_")}
    assert named == {f"{prefix}_{status}" for status in STATUSES[prefix]}
    for status, value in STATUSES[prefix].items():
        assert getattr(kernels, f"{prefix}_{status}") == value


def test_every_public_kernel_and_record_is_named():
    public = set()
    shared = {*(ROOT / "sepsim" / "kernels").glob("[a-z]*.py")} - {ROOT / "sepsim" / "kernels" / each for each in DOORS}
    for path in [*(ROOT / "sepsim" / "techniques").glob("*/kernels/*.py"), *shared]:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                public.add(node.name)
    assert public - set(kernels.__all__) == set(INNER)


def test_the_index_in_the_docs_names_every_kernel():
    index = (ROOT / "docs" / "kernels.md").read_text()
    assert [name for name in kernels.__all__ if f"`{name}`" not in index] == []


def test_the_door_loads_nothing_before_it_is_used():
    code = "import sys, sepsim.kernels; dir(sepsim.kernels); print('numba' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_an_unknown_kernel_is_an_attribute_error():
    with pytest.raises(AttributeError, match="solve_everything"):
        _ = kernels.solve_everything
