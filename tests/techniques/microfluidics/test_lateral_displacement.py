"""Lateral displacement as a step: what is bumped, what clogs, how long it takes, what lowers the critical diameter."""

from dataclasses import replace

import numpy as np
import pytest
from paths import PROTOCOLS

import sepsim
from sepsim import InputError, Microfluidics
from sepsim.techniques.microfluidics.lateral_displacement import LateralDisplacement

ARRAY = {
    "flow_uL_min": 8.5e-5,
    "dead_volume_uL": 0.0,
    "adsorbed_percent": 0,
    "gap_nm": 235,
    "pitch_nm": 400,
    "row_shift": 0.1,
    "depth_nm": 400,
    "array_width_um": 20,
    "array_length_um": 200,
}
RIGID = {"kind": "particle", "density_g_mL": 1.05}


def sample(*diameters_nm, number=1e4, volume_uL=1e-3, medium="PBS", **kind):
    kind = kind or RIGID
    populations = [
        {"name": f"{d} nm", "particles_per_mL": number / volume_uL * 1e3, "diameter_nm": d, **kind}
        for d in diameters_nm
    ]
    table = {"volume_mL": volume_uL * 1e-3, "medium": medium, "temperature_C": 25, "population": populations}
    return sepsim.SampleRecipe.from_table(table).prepare()


def step(method=None, **keys):
    return Microfluidics(chip=LateralDisplacement(**{**ARRAY, **keys}), **(method or {}))


def shares(outcome, outlet="target outlet"):
    total = outcome.trace.load.sample.by_population
    return {name: number / total[name] for name, number in outcome.fractions[outlet].by_population.items()}


def bumped(outcome):
    return outcome.trace.passage.course.bumped


def test_nano_dld_bumps_110_nm_half_and_lets_20_nm_zigzag():
    # the middle of the stream enters at 5 % of the width, and half a full bump takes it to 55 %
    outcome = step(buffer_ratio=9, divider=0.55).run(sample(20, 110, 200), rng=None)
    small, middle, large = bumped(outcome)
    assert small < 0.2 < 0.4 < middle < 0.6 < 0.95 < large
    leaving = shares(outcome)
    assert leaving["20 nm"] < 0.01
    assert 0.2 < leaving["110 nm"] < 0.8
    assert leaving["200 nm"] > 0.99


def test_the_outlets_part_more_sharply_than_the_mean_angle():
    outcome = step(buffer_ratio=9).run(sample(80, 140), rng=None)
    low, high = bumped(outcome)
    leaving = shares(outcome)
    assert leaving["80 nm"] < low
    assert leaving["140 nm"] > high


def test_a_sample_that_fills_the_array_is_concentrated_at_the_wall():
    outcome = step(divider=0.8).run(sample(20, 200), rng=None)
    leaving = shares(outcome)
    assert outcome.fractions["target outlet"].volume == pytest.approx(0.2e-12)
    assert leaving["20 nm"] == pytest.approx(0.2 + bumped(outcome)[0], abs=0.05)
    assert leaving["200 nm"] > 0.95


def test_the_other_outlet_can_be_the_target():
    one, other = (step(buffer_ratio=4, target=target).run(sample(20, 200), rng=None) for target in ("bumped", "zigzag"))
    assert shares(one) == pytest.approx(shares(other, "waste"))
    assert one.fractions["target outlet"].volume == pytest.approx(other.fractions["waste"].volume)


def test_speed_sharpens_rigid_spheres_until_pressure_limits_it():
    def width(flow):
        return np.ptp(bumped(step(flow_uL_min=flow, pressure_limit_bar=1e4).run(sample(90, 130), rng=None)))

    assert width(8.5e-5) < width(8.5e-4) < width(8.5e-3)
    with pytest.raises(InputError, match="and the chip holds 10 bar"):
        step(flow_uL_min=0.85).run(sample(90), rng=None)


def test_shear_flattens_vesicles_so_that_speed_bumps_fewer():
    vesicles = sample(130, kind="vesicle", density_g_mL=1.1)
    slow, fast = (step(flow_uL_min=flow, pressure_limit_bar=1e4).run(vesicles, rng=None) for flow in (8.5e-5, 8.5e-2))
    assert bumped(fast)[0] < 0.5 < bumped(slow)[0]
    assert any("shear flattens the vesicles" in text for text in fast.warnings)
    assert not any("shear" in text for text in slow.warnings)


def test_a_soft_vesicle_is_bumped_like_a_smaller_one():
    vesicles = sample(130, kind="vesicle", density_g_mL=1.1)
    rigid, soft = (bumped(step(softness=softness).run(vesicles, rng=None))[0] for softness in (1.0, 0.8))
    assert rigid > 0.5 > soft


def test_pressure_is_that_of_slots_in_series():
    chip = LateralDisplacement(**{**ARRAY, "depth_nm": 1e5, "gap_nm": 200})
    speed = chip.channel.mean_velocity(1e-15)
    assert chip.channel.pressure_drop(1e-15, 1e-3) == pytest.approx(
        12 * 1e-3 * speed * 500 * 200e-9 / (200e-9) ** 2, rel=0.01
    )
    assert chip.gaps == 50


def test_the_residence_that_is_told_is_that_of_the_liquid_between_all_posts():
    outcome = step().run(sample(100), rng=None)
    free = 20e-6 * 200e-6 * 400e-9 * (1 - np.pi / 4 * (165 / 400) ** 2)
    assert outcome.trace.residence == pytest.approx(free / (8.5e-14 / 60))
    assert outcome.duration == pytest.approx(1e-12 / (8.5e-14 / 60) + outcome.trace.residence)


def test_few_large_particles_clog_gaps_and_are_lost():
    few = step(arrays=1000).run(sample(100, 300, number=500), rng=None)
    assert shares(few, "lost")["300 nm"] == pytest.approx(1.0)
    assert any("500 of 300 nm are larger than the gaps" in text for text in few.warnings)


@pytest.mark.parametrize(("keys", "method"), [({}, None), ({"depth_nm": 250}, {"chips": 2})])
def test_a_chip_with_half_its_gaps_clogged_is_refused(keys, method):
    with pytest.raises(InputError, match="larger than the gaps and clog the chip, which has 50 of them"):
        step(method, **keys).run(sample(100, 300, number=100), rng=None)


def test_a_flat_array_clogs_by_its_depth():
    with pytest.raises(InputError, match="clog the chip"):
        step(depth_nm=90).run(sample(100), rng=None)


def test_a_week_is_told():
    outcome = step(arrays=1).run(sample(100, volume_uL=1.0), rng=None)
    assert outcome.duration > 7 * 86400
    assert any("chips side by side take a day" in text for text in outcome.warnings)


def test_plug_flow_and_low_salt_lower_the_critical_diameter_but_not_ten_fold():
    charged = {"kind": "vesicle", "density_g_mL": 1.1}
    saline, water = (sample(70, medium=medium, **charged) for medium in ("PBS", "water"))
    plain = bumped(step().run(saline, rng=None))[0]
    plug = step(drive="electroosmosis").run(saline, rng=None)
    assert plug.trace.passage.course.critical == pytest.approx(47e-9)
    assert plug.trace.pressure == 0.0
    method = {"buffer": "water"}
    salty, fresh = (
        step(given, post_zeta_mV=-50).run(treated, rng=None).trace.passage.course.met[0]
        for given, treated in ((None, saline), (method, water))
    )
    assert bumped(plug)[0] > plain
    assert salty < fresh


def test_a_field_across_holds_particles_off_the_posts():
    plain, held = (bumped(step(held_off_nm=off).run(sample(40), rng=None))[0] for off in (0, 49))
    assert plain < 0.3
    assert held > 0.6


def test_slow_flow_tells_no_sizes_apart():
    told = step(flow_uL_min=1e-6).run(sample(60, kind="vesicle", density_g_mL=1.1), rng=None).warnings
    assert any("posts tell no sizes apart" in text for text in told)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"gap_nm": 400}, "must be above gap_nm"),
        ({"array_length_um": 0.3}, "holds no row of posts"),
        ({"row_shift": 0}, "row_shift"),
        ({"divider": 1}, "divider"),
        ({"target": "sideways"}, "target"),
    ],
)
def test_an_array_that_cannot_be_is_refused(keys, message):
    with pytest.raises(InputError, match=message):
        LateralDisplacement(**{**ARRAY, **keys})


def test_an_unusual_shift_is_told():
    told = step(row_shift=0.006, arrays=100).run(sample(20), rng=None).warnings
    assert any("was fitted for 0.01 to 0.5" in text for text in told)


def test_nothing_is_made_or_lost_and_buffer_goes_where_its_streams_go():
    treated = sample(50, 110, 150)
    for ratio in (0.0, 0.5, 9.0):
        for divider in (0.1, 0.5, 0.9):
            outcome = step(buffer_ratio=ratio, divider=divider).run(treated, rng=None)
            parts = [outcome.fractions[name] for name in ("target outlet", "waste")]
            assert sum(part.counts for part in parts) == pytest.approx(treated.counts)
            volumes = [part.volume / (treated.volume * (1 + ratio)) for part in parts]
            assert volumes == pytest.approx([1 - divider, divider])


def example(membrane):
    """Return the protocol of urine, of few classes, behind a filter of this pore size."""
    loaded = sepsim.load_protocol(PROTOCOLS / "nano_dld_urine.toml")
    clear, filtering, array = loaded.steps
    filtering = replace(
        filtering, method=replace(filtering.method, membrane=f"track-etched 25 mm, polycarbonate, {membrane}")
    )
    return replace(loaded, sample=replace(loaded.sample, size_bins=12), steps=(clear, filtering, array))


def test_the_example_needs_its_filter_and_parts_vesicles_from_protein():
    with pytest.raises(InputError, match="larger than the gaps and clog the chip"):
        example("200 nm").run(seed=1)
    run = example("100 nm").run(seed=1)
    loaded, kept = run.loaded.by_population, run.ideal[-1].kept.by_population
    share = {name: kept[name] / loaded[name] for name in ("exosome", "albumin", "ago2_complex")}
    # what is not bumped leaves with the fifth of the liquid that its outlet takes
    assert share["albumin"] == pytest.approx(0.2, abs=0.02)
    assert 0.25 < share["exosome"] < 0.7


def test_beads_clog_the_gaps_like_any_particle():
    beads = {"name": "beads", "method": "immunocapture", "beads": "M-280", "bead_mg": 0.1, "antigen": "CD9"}
    beads |= {"incubation_min": 60, "keep": "bound"}
    array = {"name": "array", "method": "microfluidics", "chip": "nano-DLD 235 nm", "keep": "target outlet"}
    table = {"sample": {"source": "urine", "volume_mL": 0.2, "size_bins": 2}, "step": [beads, array]}
    with pytest.raises(InputError, match="larger than the gaps and clog the chip"):
        sepsim.protocol_from_table(table).run()
