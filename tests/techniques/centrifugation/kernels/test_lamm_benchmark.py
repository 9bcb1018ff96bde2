"""The guards of the benchmark: what they record is what the march holds, and they can fail."""

import copy
import importlib.util
import json
import os
import sys

import pytest
from paths import BENCHMARKS

from sepsim.techniques.centrifugation.kernels import lamm

RECORDED = json.loads((BENCHMARKS / "lamm.json").read_text())


@pytest.fixture(scope="module")
def benchmark():
    """The script as a module; it sets thread counts and a search path, which are put back."""
    before, path = dict(os.environ), [*sys.path]
    spec = importlib.util.spec_from_file_location("lamm_benchmark", BENCHMARKS / "lamm.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    os.environ.clear()
    os.environ.update(before)
    sys.path[:] = path


@pytest.mark.parametrize("name", ["P1", "P2", "P3", "P4"])
def test_lowest_value_is_that_before_lifting_and_as_recorded(benchmark, name):
    problem = benchmark.problems()[name]
    lowest = benchmark.lowest_unlifted(problem, *benchmark.SETTINGS[name])
    assert lowest < 0.0  # the march undershoots; a lifted profile never would
    assert lowest <= benchmark.kernel(problem, *benchmark.SETTINGS[name]).state.min()  # all scans, not only the last
    assert RECORDED["problems"][name]["min_value_unlifted"] == pytest.approx(lowest, rel=1e-3)
    assert -benchmark.CEILINGS[name] <= lowest < -0.3 * benchmark.CEILINGS[name]


def test_looking_leaves_the_kernel_as_it_is(benchmark):
    before = lamm._lift_all
    benchmark.lowest_unlifted(benchmark.problems()["P1"], 0.65, 2.0)
    assert lamm._lift_all is before


def test_a_deeper_undershoot_and_a_lower_ratio_are_named(benchmark):
    assert benchmark.failures(RECORDED) == []
    worse = copy.deepcopy(RECORDED)
    worse["problems"]["P3"]["min_value_unlifted"] = -2e-4
    worse["problems"]["P1"]["lapack"]["ratio"] = 2.0
    assert benchmark.failures(worse) == ["P1: ratio 2.0 < 2.8", "P3: lowest value -2.0e-04 < -1.2e-04"]
    worse["problems"]["P3"]["min_value_unlifted"] = float("nan")
    assert len(benchmark.failures(worse)) == 2
