"""Dry runs of protocols in which a step depends on a volume that settings do not fix."""

import pytest

from sepsim.errors import InputError
from sepsim.protocols.protocol_file import protocol_from_table

SAMPLE = {"source": "conditioned medium", "volume_mL": 15, "size_bins": 8, "density_quantiles": 2}
SPIN = {
    "name": "concentrate", "method": "ultrafiltration", "membrane": "Amicon Ultra-15 100 kDa",
    "spin_filter": {"rcf_xg": 4000}, "concentrate_to_mL": 0.5, "keep": "retentate",
}  # fmt: skip
IN_TIME = SPIN | {"time_min": 2}
GRADIENT = {
    "name": "gradient", "method": "density_gradient", "rotor": "SW 41 Ti", "rcf_xg": 100_000, "rcf_at": "rav",
    "time_min": 60, "fractions": 10, "keep": "1.08-1.12 g/mL",
    "gradient": {
        "shape": "linear", "volume_mL": 10, "top": {"iodixanol_percent_w_v": 10, "diluent": "PBS"},
        "bottom": {"iodixanol_percent_w_v": 40, "diluent": "PBS"},
    },
}  # fmt: skip
POOLS = [{"name": f"pool {n}", "method": "pooling", "keep": "pool"} for n in (1, 2)]


def take(volume, name="take"):
    return {"name": name, "method": "aliquot", "volume_mL": volume, "keep": "aliquot"}


def protocol(*steps, **sample):
    return protocol_from_table({"target": "exosome", "sample": SAMPLE | sample, "step": list(steps)})


@pytest.mark.parametrize("between", [[], POOLS])
def test_what_time_may_leave_is_not_refused(between):
    sound = protocol(IN_TIME, *between, take(3), take(1, "again"))
    assert sound.run().bench[-1].kept.volume == pytest.approx(1e-6)
    dry = sound.dry_run()
    assert [step.name for step in dry.bench] == ["concentrate", *(step["name"] for step in between)]
    told = "a run may find: step 'take': volume_mL = 3: the sample has only 0.45 mL; take less; the dry run ends here"
    assert [text for text in dry.warnings if told in text] == [f"{dry.bench[-1].name}: {told}"]


def test_what_a_flux_that_comes_to_an_end_leaves_is_not_refused():
    spin = SPIN | {"spin_filter": {"rcf_xg": 1000}, "concentration_factor": 20}
    del spin["concentrate_to_mL"]
    stalls = protocol(spin, take(3), source="platelet-poor plasma")
    assert any("the flux has come to an end" in text for text in stalls.run().warnings)
    assert any("a run may find: step 'take'" in text for text in stalls.dry_run().warnings)


def test_hands_that_end_at_different_steps_are_told_alike():
    dry = protocol(IN_TIME, take(0.47), POOLS[0]).dry_run()  # 0.45 mL on the bench, 0.5 mL with ideal hands
    assert len(dry.bench) == len(dry.ideal) == 1
    assert any("a run may find: step 'take'" in text for text in dry.warnings)


def test_what_settings_fix_is_refused():
    for steps in (
        [SPIN | {"concentrate_to_mL": 2.5}, take(3)],
        [take(1), take(2, "more"), IN_TIME | {"from": "1.rest"}],
    ):
        with pytest.raises(InputError, match="the sample has only"):
            protocol(*steps).dry_run()


def test_how_many_fractions_a_density_window_holds_is_open():
    dry = protocol(GRADIENT, take(8), volume_mL=1).dry_run()
    assert any("a run may find: step 'take': volume_mL = 8" in text for text in dry.warnings)
