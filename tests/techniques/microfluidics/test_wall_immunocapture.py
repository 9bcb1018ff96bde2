"""Capture on the walls of a chip: limits of transport and reaction, monotony, room, states, and what it refuses."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sepsim
from sepsim import InputError, Microfluidics
from sepsim.kernels import slit_capture
from sepsim.techniques.immunocapture.wall_capture import wall_footprint
from sepsim.techniques.microfluidics.chips.chips import CHIPS

SIZE = {"mechanism": "wall immunocapture", "width_mm": 4, "height_um": 50, "length_mm": 20, "antigen": "CD63"}
FIRM = {"k_on_per_M_s": 1e5, "k_off_per_s": 1e-9}
CLEAN = {"sticking_probability": 0.0}
RIDGES = {"herringbone": {"cycle_mm": 1}}


def vesicles(copies=50.0, diameter=100.0, per_mL=1e7, **more):
    profile = {"strata": [{"share": 1, "CD63": copies}]}
    return {
        "name": "vesicles", "kind": "vesicle", "particles_per_mL": per_mL, "diameter_nm": diameter,
        "marker_profile": profile, **more,
    }  # fmt: skip


def step(flow=1.0, **chip):
    given_ = {"ligand": FIRM, "capture_model": CLEAN, "dead_volume_uL": 0, "wash_flow_uL_min": 2, **chip}
    return Microfluidics(chip={**SIZE, "flow_uL_min": flow, **given_})


def run(flow=1.0, population=None, volume_mL=0.02, **chip):
    method = step(flow, **chip)
    recipe = sepsim.SampleRecipe(medium="PBS", volume_mL=volume_mL, population=[population or vesicles()])
    return method.run(sepsim.prepared_sample(recipe, [method]), rng=None)


def share(*args, **keys):
    """Of all vesicles, handed out as captured."""
    outcome = run(*args, **keys)
    return float(outcome.fractions["captured"].counts.sum() / outcome.trace.load.sample.counts.sum())


def transport(outcome):
    """zeta of the first row, and the channel as it was run."""
    load, channel = outcome.trace.load, outcome.trace.chip.channel
    diffusivity = load.diffusivity[load.moving > 0][0]
    velocity = channel.mean_velocity(load.flow)
    return channel.length * diffusivity / (velocity * channel.height**2), diffusivity, channel


# ---- limits ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("walls", [1, 2])
@pytest.mark.parametrize("flow", [0.5, 5.0, 50.0])
def test_a_wall_that_keeps_all_takes_what_graetz_allows(flow, walls):
    outcome = run(flow, vesicles(copies=2000.0), walls=walls, ligands_per_um2=1e6, drains=True)
    zeta, _, _ = transport(outcome)
    found = outcome.trace.passage.shares["captured"][outcome.trace.load.moving > 0][0]
    assert found == pytest.approx(float(slit_capture(zeta, walls=walls)), rel=0.01)
    assert outcome.trace.passage.error < 5e-3


def test_a_slow_wall_takes_what_reacts():
    """1 - exp(-zeta Da), Da = k h/D far below 1: k L/(U h), whatever the diffusivity."""
    weak = {"k_on_per_M_s": 20.0, "k_off_per_s": 1e-9}
    outcome = run(1.0, ligand=weak)
    _, diffusivity, channel = transport(outcome)
    speed = 0.02 * 2500e12 * 50 * 0.5 / 6.02214e23  # k_on sigma n g/N_A
    assert speed * channel.height / diffusivity < 0.05
    expected = -math.expm1(-speed * channel.length / (channel.mean_velocity(outcome.trace.load.flow) * 50e-6))
    found = outcome.trace.passage.shares["captured"][outcome.trace.load.moving > 0][0]
    assert found == pytest.approx(expected, rel=0.02)


def test_what_carries_no_antigen_is_not_held():
    """Poisson: exp(-mu) of the vesicles carry none."""
    assert share(0.02, vesicles(copies=1.0), ligands_per_um2=1e5, walls=2) == pytest.approx(-math.expm1(-1), rel=2e-3)
    assert share(1.0, vesicles(copies=1e-9)) < 1e-8


# ---- what must be seen -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("flow", [0.3, 1.0, 3.0, 10.0, 30.0])
def test_a_herringbone_takes_more_than_a_flat_wall_and_less_than_all(flow):
    assert share(flow) < share(flow, **RIDGES) < 1.0


@pytest.mark.parametrize("chip", [{}, RIDGES], ids=["flat", "herringbone"])
def test_capture_falls_with_the_flow_with_leveques_power(chip):
    """In the entrance the share goes with the flow to the power -2/3, of a stirred or a reacting wall too or faster."""
    shares = [share(flow, ligands_per_um2=25000, **chip) for flow in (1.0, 10.0, 100.0)]
    assert shares == sorted(shares, reverse=True)
    assert 0.60 < math.log10(shares[1] / shares[2]) < 1.0


@pytest.mark.slow
@given(
    flow=st.floats(0.3, 30.0), factor=st.floats(1.1, 8.0), ridges=st.booleans(), walls=st.sampled_from([1, 2]),
    copies=st.floats(2.0, 60.0),
)  # fmt: skip
@settings(max_examples=12, deadline=None)
def test_capture_is_bounded_and_monotonous(flow, factor, ridges, walls, copies):
    chip = {"walls": walls, **(RIDGES if ridges else {})}
    population = vesicles(copies=copies)
    taken = share(flow, population, **chip)
    assert 0.0 <= taken <= 1.0
    assert share(flow * factor, population, **chip) <= taken + 1e-6
    assert share(flow, population, length_mm=20 * factor, **chip) >= taken - 1e-6
    assert share(flow, population, ligands_per_um2=2500 * factor, **chip) >= taken - 1e-6
    assert share(flow, vesicles(copies=copies * factor), **chip) >= taken - 1e-6


def test_a_wall_that_drains_and_is_porous_takes_more():
    plain, drained = (
        share(3.0, population=vesicles(copies=5.0)),
        share(3.0, population=vesicles(copies=5.0), drains=True),
    )
    assert plain < drained < share(3.0, population=vesicles(copies=5.0), drains=True, area_factor=4)


def test_a_faint_sample_is_taken_in_the_numbers_that_were_detected():
    """10 per uL in 20 uL is 200 vesicles (Zhang 2019, abstract): the chip must hold some dozens to tell them."""
    outcome = run(0.5, vesicles(copies=10.0, per_mL=1e4), **RIDGES, area_factor=4, drains=True)
    assert outcome.trace.load.sample.counts.sum() == pytest.approx(200, rel=1e-6)
    assert 50 < outcome.fractions["captured"].counts.sum() < 200


# ---- room, wash and elution ------------------------------------------------------------------------------------


@pytest.mark.parametrize("chip", [{}, RIDGES], ids=["flat", "herringbone"])
def test_walls_fill_and_say_so(chip):
    few, many = (run(1.0, vesicles(per_mL=number), **chip) for number in (1e8, 1e12))
    assert not any("walls fill" in each for each in few.warnings)
    assert any("walls fill" in each for each in many.warnings)
    area = 4e-3 * 20e-3
    radius = many.trace.load.radius[many.trace.load.moving > 0][0]
    assert many.fractions["captured"].counts.sum() <= area / wall_footprint(radius) * (1 + 1e-9)
    assert many.trace.passage.course.uptake.covered_most <= 1 + 1e-9
    lost = few.fractions["captured"].counts.sum() / 1e8 - many.fractions["captured"].counts.sum() / 1e12
    assert lost > 0


def test_single_bonds_open_in_a_long_wash():
    """Of one bond each exp(-t k_off) is left: 900 uL more at 10 uL/min and 1e-4 per s."""
    weak, model = {"k_on_per_M_s": 1e5, "k_off_per_s": 1e-4}, {"sticking_probability": 0.0, "rebinding_per_s": 1e-6}
    keys = {"ligand": weak, "capture_model": model, "wash_flow_uL_min": 10}
    short, long = (share(10.0, vesicles(copies=0.01), wash_uL=volume, **keys) for volume in (100, 1000))
    assert long / short == pytest.approx(math.exp(-900 / 10 * 60 * 1e-4), rel=2e-2)


def test_what_is_captured_stays_on_the_chip_where_no_counter_sees_it():
    outcome = run(1.0)
    captured = outcome.fractions["captured"]
    variants = captured.particles.variants
    on_chip = variants.carried
    assert [state.name for state in variants.states] == ["on the chip"]
    assert captured.counts[on_chip].sum() > 0
    assert captured.counts[~on_chip].sum() < 1e-6 * captured.counts.sum()
    assert captured.particles.moving(captured.counts).sum() < 1e-6 * captured.counts.sum()
    method = step()
    assert "elution" in method.spent("captured")
    assert "no counter" in method.product_remark("captured")
    assert method.spent("waste") == method.product_remark("waste") == ""
    assert captured.volume == pytest.approx(4e-9)


def test_an_elution_sets_free_what_the_wall_held():
    cut = {"release_percent": 90, "time_min": 10}
    held, eluted = run(1.0), run(1.0, elution=cut, elution_uL=100)
    ratio = eluted.fractions["captured"].counts.sum() / held.fractions["captured"].counts.sum()
    assert ratio == pytest.approx(0.9, rel=1e-6)
    assert eluted.fractions["captured"].particles.variants.states == ()
    assert eluted.fractions["captured"].volume == pytest.approx(100e-9)
    assert step(elution=cut).spent("captured") == ""
    assert any("sets free 90" in each for each in eluted.remarks)
    assert any("may damage" in each for each in run(1.0, elution="low pH").warnings)
    assert eluted.duration == pytest.approx(held.duration + 600 + 100 / 2 * 60)


@pytest.mark.parametrize("elution", [None, "low pH"])
@pytest.mark.parametrize("wash", [0.0, 3.0, 100.0])
def test_every_particle_and_every_drop_is_somewhere(elution, wash):
    chip = {**SIZE, "flow_uL_min": 2, "antigen": ["CD63", "CD81"], "wash_uL": wash, "elution": elution}
    method = Microfluidics(chip=chip, chips=3)
    sample = sepsim.prepared_sample(sepsim.sample_from_catalog("urine", volume_mL=0.05, size_bins=4), [method])
    outcome = method.run(sample, rng=None)
    total = sum(fraction.counts.sum() for fraction in outcome.fractions.values())
    assert total == pytest.approx(sample.counts.sum(), rel=1e-12)
    assert all(fraction.counts.min() >= 0 for fraction in outcome.fractions.values())
    added = 3 * (wash + (0.0 if elution is None else 50.0 - 4.0 * math.exp(-wash / 4.0))) * 1e-9
    volume = sum(fraction.volume for fraction in outcome.fractions.values())
    assert volume == pytest.approx(sample.volume + added, rel=1e-5)


def test_an_unwashed_chip_holds_the_sample_that_fills_it():
    sample = run(1.0, vesicles(copies=1e-9), wash_uL=0)
    assert sample.fractions["captured"].counts.sum() / 2e5 == pytest.approx(4 / 20, rel=1e-6)


# ---- cells, and what it refuses --------------------------------------------------------------------------------


CELL = vesicles(copies=1e4, diameter=15000.0, per_mL=1e4)
LONG = {"length_mm": 50, "height_um": 100}


def test_the_stream_pulls_cells_off_and_no_vesicle():
    """Of cells capture drops sharply above a stress (Cheung 2010, abstract), before they fail to land."""
    flows = (2.0, 5.0, 10.0, 20.0, 40.0)
    keys = {"ligand": "monoclonal antibody", **LONG}
    cells = [run(flow, CELL, **keys) for flow in flows]
    shares = [each.trace.passage.shares["captured"][each.trace.load.moving > 0][0] for each in cells]
    stress = [each.trace.wall_stress for each in cells]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.99
    assert shares[-1] < 0.01
    assert 0.003 < np.interp(-0.5, -np.array(shares), stress) < 0.4  # Pa
    held = share(40.0, CELL, load_factor=0, **keys)
    assert held > 0.9
    assert share(1000.0, CELL, wash_uL=500, load_factor=10, bond_length_nm=1, **keys) < 1e-6
    assert any("pulls contacts of vesicles open" in each for each in cells[-1].warnings)
    assert any("settle" in each for each in cells[0].warnings)
    assert not any("pulls contacts" in each for each in run(2000.0, height_um=100).warnings)
    assert share(40.0, **keys) == pytest.approx(share(40.0, load_factor=0, **keys), rel=1e-3)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"antigen": None}, "antigen: missing"),
        ({"ligand": "hA33"}, "binds A33"),
        ({"walls": 3}, "walls"),
        ({"height_um": 0}, "height_um"),
        ({"buffer_ratio": 2}, "buffer_ratio"),
        ({"herringbone": {"cycle_mm": 0}}, "cycle_mm"),
        ({"area_factor": 0.5}, "area_factor"),
    ],
)
def test_settings_that_cannot_be_are_told(keys, message):
    with pytest.raises(InputError, match=message):
        step(**keys)


def test_a_particle_larger_than_the_channel_clogs_it():
    with pytest.raises(InputError, match="clog a channel"):
        run(1.0, vesicles(diameter=15000.0, per_mL=1e5), height_um=10)


def test_a_sample_without_strata_is_refused():
    bare = sepsim.sample_from_catalog("urine", volume_mL=0.05, size_bins=3).prepare()
    with pytest.raises(InputError, match="prepared"):
        step().run(bare, rng=None)


def test_a_narrow_channel_is_no_slit():
    assert any("no slit" in each for each in run(1.0, width_mm=0.1).warnings)


def test_nothing_to_bind_is_told():
    load = run(1.0).trace.load.sample
    outcome = step().run(dataclasses.replace(load, counts=0.0 * load.counts), rng=None)
    assert any("nothing in the sample carries" in each for each in outcome.remarks)
    assert outcome.fractions["captured"].counts.sum() == 0


def test_chips_of_the_catalogue_compare_as_they_should():
    """The nano-herringbone takes more than the flat chip of its size, from the same sample."""
    found = {}
    for name in ("nano-herringbone", "flat chip"):
        method = Microfluidics(chip={**CHIPS.get(name).to_table(), "antigen": "CD63", "flow_uL_min": 2})
        recipe = sepsim.SampleRecipe(medium="PBS", volume_mL=0.02, population=[vesicles(copies=5.0)])
        outcome = method.run(sepsim.prepared_sample(recipe, [method]), rng=None)
        found[name] = outcome.fractions["captured"].counts.sum()
    assert found["nano-herringbone"] > 1.2 * found["flat chip"]
    assert np.isfinite([*found.values()]).all()


def test_a_product_on_the_chip_is_told_to_be_uncounted():
    table = {
        "target": "vesicles",
        "sample": {"medium": "PBS", "volume_mL": 0.02, "population": [vesicles()]},
        "step": [{"name": "chip", "method": "microfluidics", "chip": {**SIZE, "flow_uL_min": 1}, "keep": "captured"}],
    }
    run_ = sepsim.protocol_from_table(table).run()
    assert any("on beads or walls, where no particle counter sees it" in each for each in run_.warnings)
    table["step"].append({"name": "take", "method": "aliquot", "volume_mL": 0.001, "keep": "aliquot"})
    with pytest.raises(InputError, match="on the walls of the chip"):
        sepsim.protocol_from_table(table).run()


def test_ridges_that_renew_nothing_within_the_channel_are_a_flat_wall():
    wide = {"herringbone": {"cycle_mm": 20, "renewal_cycles": 1}}
    for copies in (1.0, 10.0):
        flat, ridged = (share(1.0, vesicles(copies=copies), **chip) for chip in ({}, wide))
        assert ridged == pytest.approx(flat, rel=1e-12)


@pytest.mark.parametrize("elution", [None, "low pH"])
@pytest.mark.parametrize("chip", [{"wash_uL": 0}, {"length_mm": 1e4, "width_mm": 1e3}], ids=["unwashed", "vast"])
def test_a_sample_that_does_not_fill_the_channels_passes_and_is_told(chip, elution):
    outcome = run(1.0, volume_mL=0.002, elution=elution, **chip)
    assert any("do not fill the channels" in each for each in outcome.warnings)
    assert any("wash with several times that" in each for each in outcome.warnings)
    assert all(np.isfinite(fraction.counts).all() for fraction in outcome.fractions.values())
    assert not any("fill the channels" in each or "several times" in each for each in run(1.0).warnings)


@pytest.mark.parametrize(("flow", "said"), [(5e5, "Reynolds"), (2e5, "bar")])
def test_a_wash_that_is_too_fast_is_refused(flow, said):
    with pytest.raises(InputError, match=f"wash_flow_uL_min = .*{said}"):
        run(1.0, wash_flow_uL_min=flow)


def test_damkohler_numbers_are_those_of_what_the_wall_binds():
    """Vesicles without the antigen do not lower the mean: two strata, of which one carries it."""
    half = {"strata": [{"share": 0.5, "CD63": 50.0}, {"share": 0.5, "CD63": 0.0}]}
    said = [
        next(each for each in run(1.0, population).remarks if "Damkohler" in each)
        for population in (vesicles(), vesicles(marker_profile=half))
    ]
    assert said[0] == said[1]


def test_the_liquid_of_the_wash_pulls_at_contacts_not_that_of_the_sample():
    """Five times as thick it pulls five times as hard, and takes off cells that stay in a thin one."""
    method = step(wash_flow_uL_min=3000, wash_uL=2000, bond_length_nm=1)
    cells = vesicles(copies=300.0, diameter=8000.0, per_mL=1e5, density_g_mL=1.06)
    recipe = sepsim.SampleRecipe(medium="PBS", volume_mL=0.02, population=[cells])
    sample = sepsim.prepared_sample(recipe, [method])
    thin, thick = (
        dataclasses.replace(method, buffer=sepsim.media.fluid(buffer)).run(sample, rng=None).fractions["captured"]
        for buffer in ("PBS", {"density_g_mL": 1.005, "viscosity_mPa_s": 5.0})
    )
    assert thin.counts.sum() > 0.99 * 2000
    assert thick.counts.sum() < 0.01 * 2000
