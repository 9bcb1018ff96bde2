"""The column in steps of time against the exact linear column, stoichiometry and independent integrations."""

import importlib.util
import math
from itertools import pairwise

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from sepsim.techniques.chromatography.kernels import column_steps
from sepsim.techniques.chromatography.kernels.column import (
    BedArrays,
    Injection,
    SpeciesArrays,
    cumulative_elution,
    elution_moments,
)
from sepsim.techniques.chromatography.kernels.column_steps import OK, BindingArrays, even_cells, solve_column

INF = math.inf
GRM = (200, 395, 1.857, 65e-6, 1e-5, 0.4655, 0.4655, 9e-12, 0, 0)
LRMP = (*GRM[:7], INF, 0, 0)
LOSSY = (200, 395, 1.857, 65e-6, 1e-5, 0.4655, 0.9, 9e-12, 1e-3, 2e-3)
OUTSIDE = (200, 50, 1.857, 65e-6, 1e-5, 0, 3, 0, 0, 0)
EXCLUDED = (200, 395, 1.857, 65e-6, 1e-5, 0, 0, 0, 0, 0)
TIMES = np.linspace(0, 1500, 101)

FLOW = 1e-8  # m3/s
OPEN = BedArrays([200.0], [400.0], [2.0], [5e-5])  # a bed with 2 * 200 s * FLOW of beads
BEADS = 2.0 * 200.0 * FLOW
FAST = SpeciesArrays([[1e-3]], 0.5, 0.5, 1e-8)  # a species whose exchange is fast


def column_of(*beds, **injection):
    """Arguments of beds in series, each the numbers of the bed and of one species in it."""
    table = np.array(beds, float)
    return BedArrays(*table[:, :4].T), SpeciesArrays(*table[:, 4:].T[:, :, np.newaxis]), Injection(**injection)


def difference(beds, cells, shells, pulse=60.0, mixing=0.0):
    """Largest difference of the shares to the exact ones."""
    arguments = (*column_of(*beds, pulse=pulse, mixing=mixing), TIMES)
    exact, _ = cumulative_elution(*arguments)
    found = solve_column(*arguments, cells=even_cells(arguments[0].residence, cells), shells=shells)
    assert found.status[0] == OK
    return np.abs(found.shares - exact).max()


def overloaded(species, binding, times, pulse=4000.0, **change):
    """A load of 1e9 into the open bed, by default far more than is bound at once."""
    options = {"cells": [100], "flow": FLOW, "load": [1e9], "binding": binding} | change
    return solve_column(OPEN, species, Injection(pulse), times, **options)


def inside(found):
    """What is in the column or lost."""
    return found.liquid + found.bound.sum(axis=0) + found.lost


# ---- against the exact linear column -------------------------------------------------------------


@pytest.mark.parametrize("bed", [GRM, LRMP, LOSSY, OUTSIDE, EXCLUDED], ids=["GRM", "LRMP", "loss", "outside", "void"])
def test_shares_are_within_two_thousandths_at_400_cells(bed):
    assert difference([bed], 400, 8) < 1e-3


def test_error_falls_with_the_square_of_the_step():
    orders = np.log2([one / other for one, other in pairwise(difference([OUTSIDE], n, 1) for n in (100, 200, 400))])
    assert orders == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize(("bed", "shells"), [(GRM, 24), (LRMP, 1), (LOSSY, 24)], ids=["GRM", "LRMP", "loss"])
def test_a_hundred_cells_are_enough_where_dispersion_balances_the_steps(bed, shells):
    assert difference([bed], 100, shells) < 4e-4


def test_error_falls_with_the_square_of_the_shells():
    errors = [difference([(*GRM[:7], 2e-12, 0, 0)], 400, shells) for shells in (2, 4, 8)]
    assert errors[2] < errors[1] / 2.5 < errors[0] / 2.5**2


def test_two_beds_with_a_mixer():
    second = (50, 300, 1.5, 45e-6, 2e-5, 0.3, 2.0, 9e-12, 0, 1e-3)
    assert difference([GRM, second], 400, 8, mixing=20.0) < 1e-3


@pytest.mark.parametrize("pulse", [0.0, 0.3, 60.0, 3000.0])
def test_loads_of_any_length(pulse):
    assert difference([EXCLUDED], 200, 1, pulse=pulse) < 5e-4


def test_well_mixed_beads_need_one_shell():
    arguments = (*column_of(LRMP, pulse=60.0), TIMES)
    one, many = (solve_column(*arguments, cells=[100], shells=shells).shares for shells in (1, 6))
    assert many == pytest.approx(one, rel=0, abs=1e-5)


def test_one_shell_is_the_linear_driving_force():
    """A film of 5 P D / r in series with the film itself, about a well mixed bead (Glueckauf)."""
    film = 1.0 / (1.0 / GRM[4] + GRM[3] / (5.0 * GRM[5] * GRM[7]))
    found = solve_column(*column_of(GRM, pulse=60.0), TIMES, cells=[200], shells=1)
    exact, _ = cumulative_elution(*column_of((*GRM[:4], film, *LRMP[5:]), pulse=60.0), TIMES)
    assert found.shares == pytest.approx(exact, rel=0, abs=1e-3)


def test_mean_time_of_leaving_is_exact_at_few_cells():
    times = np.linspace(0, 6000, 2001)
    arguments = column_of(GRM, pulse=60.0, mixing=9.0)
    found = solve_column(*arguments, times, cells=[20], shells=2)
    mean = np.trapezoid(1.0 - found.shares[0], times)
    assert mean == pytest.approx(elution_moments(*arguments)[0][0], rel=1e-6)


def test_binding_for_good_without_limit_is_first_order_capture():
    rate = 3e-3
    found = solve_column(*column_of(GRM, pulse=60.0), TIMES, cells=[200], binding=BindingArrays(adsorption=rate))
    exact, _ = cumulative_elution(*column_of((*GRM[:9], rate / GRM[5]), pulse=60.0), TIMES)
    assert found.shares == pytest.approx(exact, rel=0, abs=1e-3)
    assert found.bound[0, 0] == pytest.approx(1.0 - exact[0, -1], abs=1e-3)
    assert found.lost[0] == 0.0


def test_kinetic_binding_without_limit_delays_and_spreads():
    """Binding with the constant H = ka / kd delays by tau F H and adds 2 tau F H / kd to the variance."""
    on, off = 0.13, 0.1
    times = np.linspace(0, 6000, 3001)
    variances, binding = [], BindingArrays(adsorption=on, desorption=off)
    as_isotherm = elution_moments(*column_of((*LRMP[:6], LRMP[6] + on / off, *LRMP[7:]), pulse=60.0))
    for cells in (100, 200):
        found = solve_column(*column_of(LRMP, pulse=60.0), times, cells=[cells], shells=1, binding=binding)
        left = 1.0 - found.shares[0]
        mean = np.trapezoid(left, times)
        assert mean == pytest.approx(as_isotherm[0][0], rel=1e-6)
        variances.append(2.0 * np.trapezoid(left * times, times) - mean**2)
    expected = as_isotherm[1][0] + 2 * 200 * 1.857 * on / off / off
    assert (4.0 * variances[1] - variances[0]) / 3.0 == pytest.approx(expected, rel=1e-2)
    assert abs(variances[1] - expected) < 0.06 * expected


# ---- outer surface -------------------------------------------------------------------------------


@pytest.mark.parametrize(("bed", "surface"), [(GRM, 1.3), (LRMP, 0.4), (EXCLUDED, 3.0), (LOSSY, 0.5)])
def test_a_linear_surface_agrees_with_the_exact_column(bed, surface):
    times = np.linspace(0, 4000, 101)
    arguments = (*column_of((*bed, surface), pulse=60.0), times)
    exact, _ = cumulative_elution(*arguments)
    found = solve_column(*arguments, cells=[400], shells=8)
    assert found.shares == pytest.approx(exact, rel=0, abs=1.5e-3)


def test_lanes_without_a_surface_do_not_see_that_others_have_one():
    species = SpeciesArrays([[1e-5] * 3], [[0.5, 0.5, 0.0]], [[0.5, 0.5, 0.0]], 1e-11)
    with_surface = species._replace(surface=[[0.0, 1.0, 0.0]])
    mixed, plain = (solve_column(OPEN, each, Injection(60.0), TIMES, cells=[60]) for each in (with_surface, species))
    assert mixed.shares[[0, 2]] == pytest.approx(plain.shares[[0, 2]], rel=0, abs=1e-13)
    assert np.abs(mixed.shares[1] - plain.shares[1]).max() > 0.1


def test_a_surface_binds_its_capacity_and_the_pores_theirs():
    binding = BindingArrays(
        adsorption=5.0, capacity_use=BEADS / 0.2e9, surface_adsorption=5.0, surface_use=BEADS / 0.3e9
    )
    found = overloaded(FAST._replace(surface=0.05), binding, [6000.0])
    assert found.bound[0, 0] == pytest.approx(0.5, rel=1e-9)
    assert found.shares[0, 0] == pytest.approx(0.5, rel=1e-9)


def test_what_is_bound_is_told_by_bed():
    beds = BedArrays([100.0, 100.0], 400.0, 2.0, 5e-5)
    species = SpeciesArrays([[1e-3]] * 2, 0.5, 0.5, 1e-8)
    beads = 0.5 * BEADS
    binding = BindingArrays(adsorption=5.0, capacity_use=[[beads / 0.2e9], [beads / 0.5e9]])
    found = solve_column(
        beds, species, Injection(1000.0), [3000.0], cells=[60, 60], binding=binding, flow=FLOW, load=[1e9]
    )
    assert found.bound[:, 0] == pytest.approx([0.2, 0.5], rel=1e-6)


# ---- capacity ------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.3, 10.0, 1e5])
def test_overloaded_beads_bind_their_capacity_and_the_front_is_stoichiometric(rate):
    """Half of the load fits; the front comes when what entered fills the capacity and the liquid."""
    load_time, times = 4000.0, np.linspace(0, 6000, 601)
    binding = BindingArrays(adsorption=rate, capacity_use=BEADS / 0.5e9)
    found = overloaded(FAST, binding, times, load_time)
    assert found.bound[0, 0] == pytest.approx(0.5, rel=1e-9)
    assert found.shares[0, -1] == pytest.approx(0.5, rel=1e-9)
    front = 200.0 * (1 + 2.0 * 0.5) + 0.5 * load_time
    assert times[np.searchsorted(found.shares[0], 0.005)] == pytest.approx(front, abs=0.04 * front)
    while_loading = (times > 1.2 * front) & (times < load_time)
    expected = (times[while_loading] - front) / load_time
    assert found.shares[0, while_loading] == pytest.approx(expected, rel=0, abs=2e-6)


def test_front_sharpens_with_the_rate():
    def early(rate):
        binding = BindingArrays(adsorption=rate, capacity_use=BEADS / 0.5e9)
        return overloaded(FAST, binding, [2000.0, 4000.0]).shares[0, 0]

    assert early(0.003) > 10 * early(0.03) > 100 * early(10.0)


def test_competition_in_excess_shares_the_capacity_by_rate():
    """Irreversible, well mixed, both in great excess: bound in the ratio of rate times concentration."""
    bed, species = BedArrays([2.0], [1.0], [2.0], [5e-5]), SpeciesArrays([[1e-3] * 2], 0.5, 0.5, INF)
    binding = BindingArrays(adsorption=[[0.002, 0.003]], capacity_use=2.0 * 2.0 * FLOW / 1e6)
    found = solve_column(bed, species, Injection(4000.0), [4000.0], cells=[4], shells=1, binding=binding, flow=FLOW,
                         load=[1e9, 2e9])  # fmt: skip
    bound = found.bound[0] * [1e9, 2e9]
    assert bound.sum() == pytest.approx(1e6, rel=1e-9)
    assert bound[1] / bound[0] == pytest.approx(0.03 * 2 / 0.02, rel=1e-2)


def test_langmuir_equilibrium_at_the_end_of_a_long_load():
    """The column comes to equilibrium with the feed: q = K c / (1 + a K c)."""
    load, duration = 1e9, 20000.0
    feed = load / (duration * FLOW)
    K = 3.0
    use = 0.5 / (K * feed)  # a K c = 0.5
    binding = BindingArrays(adsorption=0.3, desorption=0.1, capacity_use=use)
    found = overloaded(FAST, binding, [0.99 * duration], duration, cells=[50])
    assert found.bound[0, 0] * load == pytest.approx(BEADS * K * feed / 1.5, rel=1e-5)
    assert found.liquid[0] * load == pytest.approx(feed * FLOW * 200.0 * (1 + 2.0 * 0.5), rel=1e-5)


def test_non_linear_error_falls_with_the_square_of_the_step():
    species = SpeciesArrays([[1e-4] * 2], 0.5, 0.5, [[1e-10, 3e-11]])
    binding = BindingArrays([[1.0, 0.3]], [[0.02, 0.01]], capacity_use=[[1.5 * BEADS / 1e9, BEADS / 5e8]])
    times = np.linspace(0, 1500, 31)
    found = [
        overloaded(species, binding, times, 150.0, cells=[cells], shells=4, load=[1e9, 5e8]).shares
        for cells in (40, 80, 160, 320)
    ]
    steps = [np.abs(one - other).mean() for one, other in pairwise(found)]
    assert steps[0] / steps[1] > 2.8
    assert steps[1] / steps[2] > 2.8


def bind(pores, bound, on, off, use, step, parts=1):
    """What one shell has bound after so many steps."""
    pores, bound = np.array(pores, float), np.array(bound, float)
    for _ in range(parts):
        column_steps._bind(pores, bound, np.array(on), np.array(off), np.array(use), True, step / parts)
    return pores, bound


def test_binding_in_a_shell_is_of_second_order():
    start, on, off, use = np.array([1.0, 0.6, 0.1, 0.3]), [2.0, 0.7], [0.3, 0.05], [0.8, 0.4]

    def rate(_, y):
        free = 1.0 - np.dot(use, y[2:])
        bound = np.array(on) * y[:2] * free - np.array(off) * y[2:]
        return np.concatenate((-bound, bound))

    exact = solve_ivp(rate, (0.0, 1.0), start, rtol=1e-11, atol=1e-13).y[:, -1]
    errors = [
        np.abs(np.concatenate(bind(start[:2], start[2:], on, off, use, 1.0, parts)) - exact).max()
        for parts in (4, 8, 16)
    ]
    assert errors[0] < 5e-3
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.15)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.15)


def test_binding_from_an_excess_is_exact():
    """Where the liquid hardly changes, the free capacity decays exponentially, in a step of any length."""
    for step in (1e-3, 1.0, 30.0):
        _, bound = bind([1e6], [0.0], [1e-6], [0.0], [1.0], step)
        assert bound[0] == pytest.approx(-math.expm1(-step), rel=2e-6)


AMOUNT = st.floats(0, 1e3)
RATE = st.just(0.0) | st.floats(1e-9, 1e6)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(AMOUNT, AMOUNT, RATE, RATE, st.just(0.0) | st.floats(1e-6, 10)), min_size=1, max_size=4),
       st.floats(1e-3, 100))  # fmt: skip
def test_binding_keeps_amounts_and_capacity(lanes, step):
    pores, bound, on, off, use = np.array(lanes).T
    bound = bound / max(1.0, 1.0000001 * (use @ bound))
    after, held = bind(pores, bound, on, off, use, step)
    assert after + held == pytest.approx(pores + bound, rel=1e-13, abs=1e-25)
    assert min(after.min(), held.min()) >= 0.0
    assert use @ held <= 1.0 + 1e-9


# ---- step elution --------------------------------------------------------------------------------


def test_step_elution_releases_everything():
    times = [1000.0, 3000.0]
    held = BindingArrays(adsorption=5.0, capacity_use=BEADS / 2e9, switch=1000.0)
    found = overloaded(FAST, held._replace(desorption_after=0.5), times, 200.0)
    assert found.shares[0, 0] < 1e-6
    assert found.shares[0, 1] == pytest.approx(1.0, abs=1e-6)
    found = overloaded(FAST, held._replace(adsorption_after=5.0), times, 200.0)
    assert found.bound[0, 0] == pytest.approx(1.0, abs=1e-6)


def mean_time_of_elution(desorption=50.0, **when):
    """Mean time at which a load leaves that the top of the second bed held until the switch."""
    beds, species = BedArrays([100.0, 100.0], 4000.0, 0.5, 5e-5), SpeciesArrays([[1e-3]] * 2, 0.5, 0.5, 1e-7)
    binding = BindingArrays(adsorption=[[0.0], [50.0]], desorption_after=[[0.0], [desorption]], **when)
    times = np.linspace(0, 2500, 2001)
    found = solve_column(beds, species, Injection(20.0), times, cells=[100, 100], shells=2, binding=binding)
    assert found.shares[0, -1] == pytest.approx(1.0, abs=1e-9)
    return np.trapezoid(1.0 - found.shares[0], times)


def test_a_front_takes_its_time_to_the_second_bed():
    passage = 100.0 * (1 + 0.5 * 0.5)
    at_once = mean_time_of_elution(switch=1000.0)
    assert at_once == pytest.approx(1000.0 + passage, abs=6.0)  # bound on the first few seconds of the bed
    assert mean_time_of_elution(switch=1000.0, front=[100.0, 0.0]) - at_once == pytest.approx(100.0, abs=0.1)


def test_a_switch_within_a_step_counts_from_there_on():
    shift = 0.3  # of a step
    early, late = (mean_time_of_elution(0.02, switch=switch) for switch in (1000.0, 1000.0 + shift))
    assert late - early == pytest.approx(shift, rel=0.05)


# ---- properties ----------------------------------------------------------------------------------

BEDS = st.tuples(
    st.floats(20, 300),
    st.floats(2, 2000),
    st.just(0.0) | st.floats(0.01, 3),
    st.floats(1e-5, 1e-4),
    st.just(INF) | st.floats(1e-7, 1e-3),
    st.just(0.0) | st.floats(1e-3, 1),
    st.just(0.0) | st.floats(1e-3, 5),
    st.just(INF) | st.floats(1e-13, 1e-9),
    st.floats(0, 1e-2),
    st.floats(0, 1e-2),
).map(lambda bed: (*bed[:6], bed[5] + bed[6], *bed[7:]))


@settings(max_examples=50, deadline=None)
@given(BEDS, st.floats(0, 500), st.sampled_from([0.0, 30.0]), RATE, RATE, st.just(0.0) | st.floats(1e-3, 100),
       st.floats(0, 800), st.floats(1, 2000))  # fmt: skip
def test_everything_that_entered_is_somewhere(bed, pulse, mixing, on, off, use, switch, end):
    binding = BindingArrays(on, off, capacity_use=use * FLOW * bed[0] / 1e9, switch=switch, adsorption_after=0.5 * on,
                            desorption_after=2 * off)  # fmt: skip
    found = solve_column(*column_of(bed, pulse=pulse, mixing=mixing), [0.5 * end, end], cells=[20], shells=3,
                         binding=binding, flow=FLOW, load=[1e9])  # fmt: skip
    assert found.status[0] == OK
    assert min(found.shares.min(), found.liquid[0], found.bound.min(), found.lost[0]) >= 0.0
    assert found.shares[0, 0] <= found.shares[0, 1]
    if end > pulse + bed[0] / 10:
        assert found.shares[0, -1] + inside(found)[0] == pytest.approx(1.0, abs=1e-10)


def test_species_without_shared_capacity_do_not_affect_one_another():
    species = [[1e-5, 1e-4, 1e-6]], [[0.5, 0.0, 0.7]], [[0.9, 0.0, 0.7]], [[1e-11, 0.0, INF]], [[0.0, 1e-3, 0.0]]
    rates = [[0.1, 0.0, 0.3]], [[0.02, 0.0, 0.0]]
    found, again = (
        solve_column(OPEN, SpeciesArrays(*(np.array(each)[:, order] for each in species)), Injection(60.0), TIMES,
                     cells=[60], binding=BindingArrays(*(np.array(each)[:, order] for each in rates)))
        for order in ([0, 1, 2], [2, 0, 1])
    )  # fmt: skip
    assert np.array_equal(again.shares, found.shares[[2, 0, 1]])
    assert np.array_equal(again.lost, found.lost[[2, 0, 1]])


def test_dispersion_of_a_short_bed_mirrors_more_than_once():
    """The wider the spread, the more images; a Peclet number of 0.05 is a stirred tank."""
    times = np.linspace(0, 1000, 21)
    arguments = (*column_of((100, 0.05, 0, 5e-5, 0, 0, 0, 0, 0, 0)), times)
    found = solve_column(*arguments, cells=[40])
    exact, _ = cumulative_elution(*arguments)
    assert found.status[0] == OK
    assert found.shares[0, 1:] == pytest.approx(exact[0, 1:], rel=0, abs=2e-2)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(20, 500), min_size=1, max_size=2), st.integers(200, 600))
def test_cells_fit_the_residence_times(residence, total):
    cells = even_cells(residence, total)
    assert total <= cells.sum() <= 4 * total // 3 + 1
    step = sum(residence) / cells.sum()
    assert cells * step == pytest.approx(residence, rel=column_steps.UNEVEN / 2)


def test_plain_python_agrees():
    spec = importlib.util.spec_from_file_location("column_steps_plain", column_steps.__file__)
    plain = importlib.util.module_from_spec(spec)
    numba.config.DISABLE_JIT = True
    try:
        spec.loader.exec_module(plain)
    finally:
        numba.config.DISABLE_JIT = False
    assert not hasattr(plain._solve, "py_func")
    beds = BedArrays([60.0, 30.0], [40.0, 20.0], [2.0, 1.0], [5e-5, 3e-5])
    species = SpeciesArrays([[1e-5, 1e-4]] * 2, [[0.5, 0.3]] * 2, [[0.9, 0.3]] * 2, [[1e-11, INF]] * 2, 1e-3, 1e-3,
                            [[0.1, 0.0], [0.2, 0.1]])  # fmt: skip
    binding = BindingArrays([[0.5, 0.2], [0, 0]], 0.01, BEADS / 1e9, [[0.4, 0.0], [0.0, 0.2]], BEADS / 3e8,
                            switch=155.0, desorption_after=0.3)  # fmt: skip
    options = {"cells": [6, 3], "shells": 2, "binding": binding, "flow": FLOW, "load": [1e9, 2e9]}
    arguments = (beds, species, Injection(60.0, 5.0), [100.0, 304.0])
    fast, slow = (which.solve_column(*arguments, **options) for which in (column_steps, plain))
    for one, other in zip(fast, slow, strict=True):
        assert np.asarray(other) == pytest.approx(np.asarray(one), rel=1e-11, abs=1e-12)


# ---- bad cases -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"cells": [0]}, "cells"), ({"shells": 0}, "shells"), ({"flow": 0.0}, "flow"), ({"load": [1.0, 2.0]}, "load"),
        ({"cells": [100.7]}, "cells must be whole"), ({"cells": [20, 20]}, r"cells must have the shape \(1,\)"),
        ({"cells": [math.nan]}, "cells"), ({"cells": ["a"]}, "cells must be numbers"), ({"shells": 1.5}, "shells must"),
        ({"substeps": math.nan}, "substeps must"), ({"load": [[1.0], [1.0, 2.0]]}, "load must be numbers"),
        ({"binding": (1.0,)}, "binding must be a sepsim.kernels.BindingArrays"),
    ],
)  # fmt: skip
def test_bad_options_are_named(change, name):
    with pytest.raises(ValueError, match=name):
        solve_column(*column_of(GRM), TIMES, **{"cells": [20], **change})


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"adsorption": -1.0}, "adsorption"), ({"capacity_use": math.nan}, "capacity_use"),
        ({"front": [1.0, 2.0]}, "front"), ({"desorption_after": INF}, "desorption_after"),
        ({"surface_adsorption": 1.0}, "surface above 0"), ({"switch": math.nan}, "switch"), ({"switch": "a"}, "switch"),
        ({"switch": [1.0, 2.0]}, "switch"),
    ],
)  # fmt: skip
def test_bad_binding_is_named(change, name):
    with pytest.raises(ValueError, match=name):
        solve_column(*column_of(GRM), TIMES, cells=[20], binding=BindingArrays(**change))


def test_bad_columns_are_named():
    with pytest.raises(ValueError, match="even_cells"):
        solve_column(*column_of(GRM, (*GRM[:1], *GRM[1:])), TIMES, cells=[20, 21])
    with pytest.raises(ValueError, match="storage"):
        solve_column(*column_of((*GRM[:6], 0.1, *GRM[7:])), TIMES, cells=[20])
    with pytest.raises(ValueError, match="surface"):
        solve_column(*column_of((*GRM, -1.0)), TIMES, cells=[20])
    with pytest.raises(ValueError, match="film"):
        solve_column(BedArrays([1.0], 1.0, 1.0, 1.0), SpeciesArrays([1.0], 0, 0, 0), Injection(), [1.0], cells=[20])
    with pytest.raises(ValueError, match="times"):
        solve_column(*column_of(GRM), [0.0], cells=[20])
    with pytest.raises(ValueError, match="steps"):
        solve_column(*column_of(GRM), [1e9], cells=[20])
    with pytest.raises(ValueError, match="times must be numbers"):
        solve_column(*column_of(GRM), ["a"], cells=[20])
    with pytest.raises(ValueError, match=r"times must have the shape \(4,\), and not \(2, 2\)"):
        solve_column(*column_of(GRM), [[1.0, 2.0], [3.0, 4.0]], cells=[20])


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (0, "beds must be a sepsim.kernels.BedArrays: a tuple has no residence"),
        (1, "species must be a sepsim.kernels.SpeciesArrays: a tuple has no film"),
        (2, "injection must be a sepsim.kernels.Injection: a tuple has no pulse"),
    ],
)
def test_a_plain_tuple_is_told_which_record_to_be(place, message):
    arguments = [*column_of(GRM)]
    arguments[place] = tuple(arguments[place])
    with pytest.raises(ValueError, match=message):
        solve_column(*arguments, TIMES, cells=[20])


@pytest.mark.parametrize(
    ("residence", "total", "name"),
    [([], 10, "residence"), ([0.0], 10, "residence"), (["a"], 10, "residence"), ([1.0], 10.5, "total")],
)
def test_cells_of_bad_beds_are_refused(residence, total, name):
    with pytest.raises(ValueError, match=name):
        even_cells(residence, total)


def test_many_beds_have_the_cells_asked_for_at_least():
    assert even_cells([1.0] * 10, 11).sum() >= 11
