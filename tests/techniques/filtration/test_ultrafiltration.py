"""Ultrafiltration on the bench: what is kept, what is lost and how pure it is, warnings, and wrong input."""

import math
import tomllib
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import DATA
from spins import RNG

from sepsim.errors import InputError
from sepsim.method import check_balance
from sepsim.protocols.protocol_file import dump_protocol, load_protocol, protocol_from_table
from sepsim.samples.metrics import purity, yields
from sepsim.samples.sample_recipe import recipe, sample_from_catalog
from sepsim.techniques.filtration.membranes.membranes import membrane
from sepsim.techniques.filtration.ultrafiltration import Ultrafiltration

SPIN = {"rcf_xg": 4000}
USUAL = {"membrane": "Amicon Ultra-15 100 kDa", "spin_filter": SPIN, "concentrate_to_mL": 0.5}
GENTLE = {
    "membrane": {
        "material": "regenerated cellulose", "mwco_kDa": 100, "rated_with": "protein", "area_cm2": 20,
        "permeability_L_m2_h_bar": 200, "hold_up_mL": 0.2, "max_volume_mL": 50, "max_pressure_bar": 2,
    },
    "tangential_flow": {"pressure_bar": 0.5, "shear_rate_per_s": 4000},
}  # fmt: skip


@cache
def conditioned(volume_mL=15.0, **settings):
    return sample_from_catalog(
        "conditioned medium", volume_mL=volume_mL, temperature_C=20, size_bins=8, density_quantiles=1, **settings
    ).prepare()


def beads(volume_mL=10, *, nm=100, per_mL=1e8, kind="particle", medium="PBS"):
    what = {"name": "beads", "kind": kind, "diameter_nm": nm, "density_g_mL": 1.1, "particles_per_mL": per_mL}
    return recipe({"volume_mL": volume_mL, "temperature_C": 20, "medium": medium, "population": [what]}).prepare()


def uf(sample, *, ideal=False, **given):
    method = Ultrafiltration(**given)
    outcome = (method.ideal() if ideal else method).run(sample, rng=RNG)
    check_balance(sample, outcome)
    return outcome


def kept(sample, outcome):
    return yields(sample, outcome.fractions["retentate"])


def problems(build):
    with pytest.raises(InputError) as caught:
        build()
    return "\n".join(caught.value.problems)


# ---- yield and purity ----------------------------------------------------------------------------------------


@cache
def spun(kDa, ideal=True):
    name = f"Amicon Ultra-15 {kDa} kDa"
    return uf(conditioned(), ideal=ideal, **(USUAL | {"membrane": name}))


def test_ultrafiltration_alone_keeps_vesicles_and_what_is_as_large():
    """The review: high yield, low purity."""
    loaded, outcome = conditioned(), spun(100)
    assert kept(loaded, outcome)["exosome"] > 0.9
    before, after = purity(loaded, loaded, "exosome"), purity(loaded, outcome.fractions["retentate"], "exosome")
    assert after.enrichment["ldl"] == pytest.approx(1, abs=0.01)
    assert after.enrichment["albumin"] > 1.5
    assert after.protein < 3 * before.protein
    assert after.particle == pytest.approx(before.particle, rel=0.1)


def test_a_small_cut_off_barely_purifies():
    loaded = conditioned()
    before = purity(loaded, loaded, "exosome").protein
    assert purity(loaded, spun(10).fractions["retentate"], "exosome").protein == pytest.approx(before, rel=0.05)


def test_larger_cut_offs_let_more_protein_through():
    passed = [yields(conditioned(), spun(kDa).fractions["permeate"]) for kDa in (10, 30, 100)]
    for name in ("albumin", "igg", "hdl", "transferrin"):
        assert passed[0][name] < passed[1][name] < passed[2][name]
    assert all(each["exosome"] < 1e-6 for each in passed)


def test_the_bench_loses_vesicles_that_physics_keeps():
    ideal, bench = kept(conditioned(), spun(100)), kept(conditioned(), spun(100, ideal=False))
    for name, share in bench.items():
        assert share <= ideal[name] * (1 + 1e-6), name
    assert bench["exosome"] < 0.95 * ideal["exosome"]


def test_vesicles_do_not_burst_at_the_usual_cut_off():
    assert spun(100, ideal=False).warnings == ()


def test_a_wide_membrane_that_is_spun_bursts_vesicles():
    """A 10 nm pore stands 10 bar from a 50 nm vesicle; 300 kDa with a wide spread has some of 20 nm and more."""
    wide = {
        "material": "regenerated cellulose", "mwco_kDa": 300, "rated_with": "dextran", "geometric_sd": 1.5,
        "area_cm2": 7.6, "permeability_L_m2_h_bar": 300, "max_volume_mL": 15, "max_rcf_xg": 4000,
    }  # fmt: skip
    sample = beads(15, nm=120, kind="vesicle", per_mL=1e9)
    spun = uf(sample, ideal=True, membrane=wide, spin_filter=SPIN, concentrate_to_mL=0.5)
    assert any("where they burst" in told and "beads" in told for told in spun.warnings)
    pumped = uf(
        sample, ideal=True, membrane=wide, tangential_flow={"pressure_bar": 0.5, "shear_rate_per_s": 4000},
        concentrate_to_mL=0.5,
    )  # fmt: skip
    assert pumped.warnings == ()
    assert pumped.trace.burst.sum() < 1e-2 * spun.trace.burst.sum()


def test_more_washes_remove_more():
    sample = conditioned(5.0)
    left = [
        kept(sample, uf(sample, ideal=True, **GENTLE, concentrate_to_mL=2, diavolumes=6, washes=washes))["albumin"]
        for washes in (1, 2, 4, 8)
    ]
    left.append(kept(sample, uf(sample, ideal=True, **GENTLE, concentrate_to_mL=2, diavolumes=6))["albumin"])
    assert np.all(np.diff(left) < 0)
    more = kept(sample, uf(sample, ideal=True, **GENTLE, concentrate_to_mL=2, diavolumes=9))
    assert more["albumin"] < 0.8 * left[-1]
    assert more["exosome"] > 0.999


@given(
    factor=st.floats(1.2, 20), diavolumes=st.none() | st.floats(0.5, 8), washes=st.none() | st.integers(1, 4),
    rinse=st.just(0.0) | st.floats(1e-3, 1), hold_up=st.just(0.0) | st.floats(1e-3, 0.2),
    time=st.none() | st.floats(0.1, 100),
)  # fmt: skip
@settings(max_examples=15, deadline=None)
def test_particles_and_liquid_balance(factor, diavolumes, washes, rinse, hold_up, time):
    sample = conditioned(6.0)
    own = {"concentration_factor": factor, "diavolumes": diavolumes, "rinse_mL": rinse, "hold_up_mL": hold_up}
    if diavolumes is not None:
        own["washes"] = washes
    outcome = uf(sample, **GENTLE, **own, time_min=time)
    total = sum(fraction.volume for fraction in outcome.fractions.values())
    poured = 0.0
    if diavolumes is not None and len(outcome.trace.ends) > 1:
        poured = float(outcome.trace.permeate[-1]) + float(outcome.trace.volume[-1]) - 6e-6
    assert total == pytest.approx(6e-6 + poured + rinse * 1e-6 * (hold_up > 0), rel=1e-9, abs=0)


# ---- volumes and liquids -------------------------------------------------------------------------------------


def test_volumes_of_the_fractions():
    sample = beads(40)
    outcome = uf(sample, **GENTLE, concentrate_to_mL=5, diavolumes=4, final_volume_mL=1.5, hold_up_mL=0.3)
    volumes = {name: fraction.volume * 1e6 for name, fraction in outcome.fractions.items()}
    assert volumes == pytest.approx({"retentate": 1.2, "permeate": 35 + 20 + 3.5, "lost": 0.3}, rel=1e-9)
    assert [stage.name for stage in outcome.trace.stages] == ["concentrate", "diafilter", "concentrate again"]
    assert outcome.duration == outcome.trace.time[-1] > 0


def test_concentration_factor_and_volume_are_two_ways_to_say_the_same():
    sample = beads(40)
    one, other = uf(sample, **GENTLE, concentrate_to_mL=5), uf(sample, **GENTLE, concentration_factor=8)
    for name, fraction in one.fractions.items():
        assert fraction.counts == pytest.approx(other.fractions[name].counts, rel=1e-12)
        assert fraction.volume == pytest.approx(other.fractions[name].volume, rel=1e-12, abs=0)


def test_continuous_washing_leaves_the_exponential_of_the_first_liquid():
    sample = beads(10, medium="plasma")
    outcome = uf(sample, **GENTLE, diavolumes=5, hold_up_mL=0)
    inside = {part.name: share for part, share in outcome.fractions["retentate"].medium.components}
    assert inside["plasma"] == pytest.approx(math.exp(-5), rel=1e-9)


def test_hold_up_keeps_its_share_of_the_retentate_and_rinsing_brings_it_back():
    """V_h/V stays in the device; a rinse with V_r recovers V_r/(V_r + V_h) of that."""
    sample, how = beads(10), {**GENTLE, "concentrate_to_mL": 2.0, "adsorbed_coverage": 0.0, "deposit_recovery": 1.0}
    whole = kept(sample, uf(sample, **how, hold_up_mL=0))["beads"]
    for hold_up, rinse in ((0.5, 0.0), (0.5, 1.0), (0.1, 0.3)):
        outcome = uf(sample, **how, hold_up_mL=hold_up, rinse_mL=rinse)
        left = hold_up / 2 * hold_up / (rinse + hold_up)
        assert kept(sample, outcome)["beads"] == pytest.approx(whole * (1 - left), rel=1e-9)
        assert outcome.fractions["retentate"].volume == pytest.approx((2 - hold_up + rinse) * 1e-6, rel=1e-9, abs=0)
        assert outcome.fractions["lost"].volume == pytest.approx(hold_up * 1e-6, rel=1e-9, abs=0)


def test_the_fewest_devices_that_hold_the_sample():
    sample = beads(100)
    outcome = uf(sample, **USUAL | {"concentrate_to_mL": 7})
    assert outcome.trace.devices == 7
    assert outcome.fractions["lost"].volume == pytest.approx(7 * membrane(USUAL["membrane"]).hold_up, rel=1e-9, abs=0)


def test_temperature_of_the_run():
    """Cold liquid is more viscous: 1.567 mPa s at 4 C against 1.002 at 20 C."""
    sample = beads(10, medium="water")
    cold, warm = (uf(sample, **GENTLE, concentrate_to_mL=1, temperature_C=T).duration for T in (4, 20))
    assert cold / warm == pytest.approx(1.567 / 1.002, rel=0.01)


def test_a_device_that_presses_too_little_keeps_all_its_liquid():
    """Proteins of plasma press back with more than 20 x g drive: nothing permeates, nothing is lost."""
    sample = sample_from_catalog("platelet-poor plasma", volume_mL=5, temperature_C=20).prepare()
    for own in ({"spin_filter": {"rcf_xg": 20}}, {"spin_filter": {"rcf_xg": 5}}):
        outcome = uf(sample, membrane="Amicon Ultra-15 10 kDa", concentrate_to_mL=0.5, **own)
        volumes = {name: part.volume for name, part in outcome.fractions.items()}
        assert sum(volumes.values()) == pytest.approx(5e-6, rel=1e-9)
        assert any("the flux has come to an end" in told for told in outcome.warnings)


def test_washing_goes_on_where_a_gel_ended_concentration():
    sample = sample_from_catalog("platelet-poor plasma", volume_mL=5, temperature_C=20, size_bins=6).prepare()
    usual = {"membrane": "Amicon Ultra-15 100 kDa", "spin_filter": {"rcf_xg": 4000}, "concentrate_to_mL": 0.2}
    plain, washed = uf(sample, **usual), uf(sample, **usual, diavolumes=40, washes=4)
    assert all(any("ended early in 'concentrate'" in told for told in each.warnings) for each in (plain, washed))
    assert len(washed.trace.ends) == 5
    assert kept(sample, washed)["albumin"] < 0.7 * kept(sample, plain)["albumin"]


@pytest.mark.parametrize("source", ["serum", "platelet-poor plasma"])
@pytest.mark.parametrize("rcf_xg", [30, 100])
@pytest.mark.parametrize("washes", [1, 3])
def test_a_wash_that_stalls_at_once_ends_early_and_is_told(source, rcf_xg, washes):
    sample = sample_from_catalog(source, volume_mL=10, size_bins=3, density_quantiles=1).prepare()
    own = {"membrane": "Amicon Ultra-15 100 kDa", "spin_filter": {"rcf_xg": rcf_xg}, "concentrate_to_mL": 0.5}
    outcome = uf(sample, **own, diavolumes=washes, washes=washes)
    trace = outcome.trace
    assert any("the flux has come to an end" in told for told in outcome.warnings)
    assert len(trace.ends) <= 1 + washes
    assert trace.ends[-1] == trace.time.size - 1  # what stalled at once still has its moment
    assert np.all(np.diff(trace.time) >= 0)
    assert outcome.duration == trace.time[-1]


@pytest.mark.slow
def test_the_case_that_once_ended_in_an_index_error():
    run = load_protocol(DATA / "cases" / "wash_stalls_at_once.toml").run(seed=1)
    assert any("filtration ended early in 'concentrate'" in told for told in run.warnings)
    assert run.yields["exosome"]["ideal"] > 0.99


def test_equipment_must_fit():
    for own, message in (
        ({"membrane": "Millex-GP 0.22 um", "spin_filter": {"rcf_xg": 1000}}, "comes as a syringe filter"),
        ({"membrane": "Amicon Ultra-15 100 kDa", "dead_end": {"pressure_bar": 1}}, "comes as a spin filter"),
        ({"membrane": "Amicon Ultra-15 100 kDa", "spin_filter": SPIN, "diavolumes": 3}, "washes = 3"),
    ):
        with pytest.raises(InputError, match=message):
            Ultrafiltration(**own, concentrate_to_mL=1)


def test_no_more_passes_than_is_pumped():
    fibres = "hollow fibres 790 cm2, modified polyethersulfone, 500 kDa"
    sample = beads(500)
    with pytest.raises(InputError, match="times the feed of 20 mL/min"):
        uf(sample, membrane=fibres, tangential_flow={"pressure_bar": 1, "flow_mL_min": 20}, concentrate_to_mL=50)
    slow = {"pressure_bar": 0.05, "flow_mL_min": 100}
    told = uf(sample, membrane=fibres, tangential_flow=slow, concentrate_to_mL=50)
    assert any("of the feed passes" in text for text in told.warnings)


def test_what_stops_early_is_told():
    sample = beads(15)
    outcome = uf(sample, **USUAL, time_min=1)
    assert outcome.duration == pytest.approx(60)
    assert any(
        "filtration ended early in 'concentrate': the time is over; after 1 min" in told for told in outcome.warnings
    )
    assert outcome.fractions["retentate"].volume > 1e-6


# ---- protocol path -------------------------------------------------------------------------------------------


def test_a_protocol_runs_bench_and_ideal():
    table = {
        "target": "exosome",
        "sample": {
            "source": "conditioned medium", "volume_mL": 15, "size_bins": 5, "density_quantiles": 1,
        },
        "step": [{"name": "concentrate", "method": "ultrafiltration", "keep": "retentate", **USUAL}],
    }  # fmt: skip
    protocol = protocol_from_table(table)
    again = protocol_from_table(tomllib.loads(dump_protocol(protocol)))
    run = protocol.run(seed=1)
    found = run.to_dict()["populations"]["exosome"]["yield"]
    assert found["ideal"] > 0.9
    assert 0.3 < found["bench"] < found["ideal"]
    assert again.steps[0].method == protocol.steps[0].method


def test_settings_return_from_their_table():
    for own in (USUAL, GENTLE | {"diavolumes": 4, "washes": 2, "fouling": {"blocking": 0.1}}):
        method = Ultrafiltration(**own)
        assert Ultrafiltration.from_table(method.to_table()) == method
    assert "vergauwen2017" in Ultrafiltration(**USUAL).sources
    assert "churchill1975" in Ultrafiltration(**USUAL).sources


# ---- wrong input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"spin_filter": None}, "give exactly one of spin_filter, stirred_cell, dead_end and tangential_flow"),
        ({"dead_end": {"pressure_bar": 1}}, "give exactly one of spin_filter, stirred_cell"),
        ({"concentrate_to_mL": None}, "give concentrate_to_mL, concentration_factor or diavolumes"),
        ({"concentration_factor": 10}, "concentrate_to_mL and concentration_factor: give one of them"),
        ({"washes": 3}, "washes: only with diavolumes"),
        ({"final_volume_mL": 0.3}, "final_volume_mL: only with diavolumes"),
        ({"spin_filter": {"rcf_xg": 5000}}, "rcf_xg = 5000: membrane .* bears at most 4000 x g"),
        ({"time_min": -1}, "time_min = -1: must be above 0"),
        ({"time_min": math.nan}, "time_min"),
        ({"concentrate_to_mL": math.nan}, "concentrate_to_mL"),
        ({"diavolumes": 0}, "diavolumes = 0: must be above 0"),
        ({"diavolumes": 2, "washes": 0}, "washes = 0: must be a whole number, at least 1"),
        ({"deposit_recovery": 1.5}, "deposit_recovery = 1.5: must be at least 0 and at most 1"),
        ({"membrane": "Amicon Ultra-15 101 kDa"}, "unknown membrane 'Amicon Ultra-15 101 kDa'; did you mean"),
        ({"membrane": {"material": "polysulfone", "mwco_kDa": 100, "area_cm2": 5, "permeability_L_m2_h_bar": 100}},
         "rated_with: missing; say \"protein\" or \"dextran\""),
        ({"spin_filter": {"rcf": 4000}}, "did you mean 'rcf_xg'"),
    ],
)  # fmt: skip
def test_wrong_settings(changes, expected):
    given = {key: value for key, value in (USUAL | changes).items() if value is not None}
    with pytest.raises(InputError, match=expected):
        Ultrafiltration(**given)


def test_pressure_above_the_limit_of_the_membrane():
    told = problems(lambda: Ultrafiltration(**GENTLE | {"tangential_flow": {"pressure_bar": 3, "shear_rate_per_s": 1}},
                                            diavolumes=1))  # fmt: skip
    assert "pressure_bar = 3: membrane 'membrane of the user' bears at most 2 bar" in told


def test_a_spin_filter_that_is_not_full_presses_less():
    """50 mL would press with 2.9 bar at 1000 g, 20 mL with 1.2."""
    own = {"membrane": GENTLE["membrane"], "spin_filter": {"rcf_xg": 1000}, "concentrate_to_mL": 2}
    assert uf(beads(20), **own).trace.pressure.max() < 2e5
    assert "fill less" in problems(lambda: uf(beads(50), **own))


@pytest.mark.parametrize(
    ("volume", "own", "expected"),
    [
        (0.4, {}, "concentrate_to_mL = 0.5: there are only 0.4 mL; give a smaller volume"),
        (0.5, {}, "concentrate_to_mL = 0.5: there are only 0.5 mL"),
        (15, {"concentrate_to_mL": 0.05}, r"concentrate_to_mL = 0\.05: all of the 0\.05 mL would stay in the 0\.05 mL"),
        (30, {"concentrate_to_mL": 0.1}, "0.1 mL of hold-up of 2 device"),
        (15, {"concentrate_to_mL": None, "concentration_factor": 1000}, "concentration_factor = 1000: all of the"),
        (
            15,
            {"diavolumes": 5, "washes": 1, "final_volume_mL": 0.04},
            "final_volume_mL = 0.04: all of the 0.04 mL would stay",
        ),
        (15, {"diavolumes": 5, "washes": 1, "final_volume_mL": 0.6}, r"final_volume_mL = 0\.6: there are only 0\.5 mL"),
        (15, {"diavolumes": 50, "washes": 1}, r"washes = 1: 25 mL of buffer on 0\.5 mL do not fit into the 15 mL"),
        (40, {"devices": 2}, r"devices = 2: 40 mL do not fit into 2 .* use at least 3"),
    ],
)
def test_what_does_not_fit_the_sample(volume, own, expected):
    given = {key: value for key, value in (USUAL | own).items() if value is not None}
    with pytest.raises(InputError, match=expected):
        uf(beads(volume), **given)


def test_a_dry_sample():
    _, dry = beads(1).take(0.0, 1e-6)
    with pytest.raises(InputError, match=r"there are only 0 mL|no liquid"):
        uf(dry, **USUAL)
    with pytest.raises(InputError, match="no liquid"):
        uf(dry, **GENTLE, diavolumes=2)
