"""A sandwich assay: what reaches the wall, what stays, what is labelled, and what the signal tells."""

import math

import numpy as np
import pytest
from captures import captured, step
from scipy.optimize import curve_fit

import sepsim
from sepsim.errors import InputError
from sepsim.techniques.immunocapture.capacity import JAMMING
from sepsim.techniques.immunocapture.wall_capture import depleted_layer

BOTH = {"strata": [{"share": 0.5, "CD81": 30, "CD9": 20}, {"share": 0.5}]}
EVEN = np.geomspace(1.0, 1e-6, 13)


def vesicles(per_mL=1e10, profile=BOTH, **own):
    population = {"name": "small", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": per_mL}
    return sepsim.SampleRecipe(
        volume_mL=1, temperature_C=25, medium="PBS", population=[{**population, "marker_profile": profile, **own}]
    )


def plate(antigen="CD81", detection="CD9", **settings):
    return sepsim.ElisaPlate(antigen=antigen, detection=detection, **settings)


# ---- what reaches the wall -------------------------------------------------------------------------------------


def test_a_well_is_a_layer_of_its_volume_over_its_wetted_area():
    well = plate(volume_mL=0.1, well_diameter_mm=6.4)
    height = 100.0 / (math.pi * 3.2**2)  # mm
    area = math.pi * 3.2**2 + 2 * math.pi * 3.2 * height
    assert well.area == pytest.approx(area * 1e-6)
    assert well.depth == pytest.approx(100.0 / area * 1e-3)


@pytest.mark.parametrize("incubation_min", [15, 60, 120])
def test_diffusion_limits_what_a_well_at_rest_takes(incubation_min):
    """Cottrell, 2 c sqrt(D t/pi), with D of 100 nm in PBS at 25 degC."""
    reading = sepsim.elisa(vesicles(), plate(incubation_min=incubation_min), [1e-3])
    viscosity = sepsim.Medium.pure(sepsim.fluid("PBS"), 298.15).viscosity
    diffusivity = 1.380649e-23 * 298.15 / (3 * math.pi * viscosity * 100e-9)
    reached = depleted_layer(diffusivity, 60 * incubation_min) / plate().depth
    assert reading.damkohler > 30
    assert reading.captured_share[0] == pytest.approx(reached, rel=0.03)


def test_a_slow_antibody_takes_in_proportion_to_its_rate():
    shares = [
        sepsim.elisa(vesicles(), plate(ligand={"k_on_per_M_s": rate, "k_off_per_s": 1e-9}), [1e-3]).captured_share[0]
        for rate in (1.0, 2.0)
    ]
    assert shares[1] / shares[0] == pytest.approx(2.0, rel=0.02)
    well = plate()
    speed = 1e-3 * 2.5e15 * 0.5 / 6.02214076e23 * 30.0  # k_on sigma g/N_A n, at 1 per M and s
    assert shares[0] == pytest.approx(speed * 7200 / well.depth, rel=0.03)


def test_the_wall_holds_no_more_than_jams():
    reading = sepsim.elisa(vesicles(5e13), plate())
    most = JAMMING * plate().area / (math.pi * 50e-9**2)
    assert np.all(reading.bound["small"] <= most * (1 + 1e-6))
    assert reading.bound["small"][-1] == pytest.approx(most, rel=1e-3)


def test_vesicles_without_the_antigen_are_never_captured():
    found = sepsim.elisa(
        vesicles(profile={"strata": [{"share": 0.1, "CD81": 30, "CD9": 5}, {"share": 0.9, "CD9": 30}]}), plate()
    )
    whole = sepsim.elisa(vesicles(1e9, {"strata": [{"share": 1, "CD81": 30, "CD9": 5}]}), plate())
    assert found.bound["small"] == pytest.approx(whole.bound["small"], rel=1e-6)


# ---- what stays and what is labelled ---------------------------------------------------------------------------


def test_a_single_bond_opens_in_the_wash_and_several_hold():
    """exp(-t/T_1) with T_1 = 1/k_off of one bond."""
    few = {"strata": [{"share": 1, "CD81": 1e-3, "CD9": 20}]}
    quick = {"k_on_per_M_s": 1e5, "k_off_per_s": 1e-3}
    for profile, expected in ((few, math.exp(-1e-3 * 600)), (BOTH, 1.0)):
        washed, fresh = (
            sepsim.elisa(vesicles(profile=profile), plate(ligand=quick, wash_min=minutes), [1.0]) for minutes in (10, 0)
        )
        assert washed.bound["small"][0] / fresh.bound["small"][0] == pytest.approx(expected, rel=1e-3)


def test_labels_are_the_antigens_shown_times_the_share_that_is_filled():
    well = plate(detection_nM=5, detection_min=1e5, detection_ligand={"k_on_per_M_s": 1e5, "k_off_per_s": 5e-4})
    assert well.labelled == pytest.approx(0.5, rel=1e-6)  # as concentrated as K_D = 5 nM
    reading = sepsim.elisa(vesicles(), well, [1e-2, 1.0])
    assert reading.labels == pytest.approx(reading.bound["small"] * 20 * 0.5, rel=1e-3)


def test_one_antigen_cannot_be_held_and_labelled_at_once():
    few = vesicles(profile={"strata": [{"share": 1, "CD81": 1e-3}]})
    many = vesicles(profile={"strata": [{"share": 1, "CD81": 100}]})
    none, some = (sepsim.elisa(each, plate(detection="CD81"), [1.0]) for each in (few, many))
    assert none.labels[0] < 1e-3 * none.bound["small"][0]
    reach = 2 * math.pi * 50e-9 * 10e-9 * 2.5e15
    assert some.labels[0] / some.bound["small"][0] == pytest.approx((100 - reach) * plate().labelled, rel=0.02)


# ---- what the signal tells -------------------------------------------------------------------------------------


def test_dilute_wells_are_in_proportion():
    reading = sepsim.elisa(vesicles(), plate(), [1e-4, 1e-3, 1e-2])
    assert reading.labels / reading.dilution == pytest.approx(reading.labels[0] / 1e-4, rel=1e-3)
    assert reading.vesicles_per_mL == pytest.approx([1e6, 1e7, 1e8])


def test_the_limit_of_detection_has_the_signal_of_three_deviations():
    reading = sepsim.elisa(vesicles(1e11), plate())
    limit = reading.detection_limit_per_mL
    assert 1e7 < limit < 1e10
    there = sepsim.elisa(vesicles(1e11), plate(), [limit / 1e11])
    assert there.signal[0] == pytest.approx(reading.blank + 3 * reading.blank_sd, rel=1e-3)
    below = sepsim.elisa(vesicles(1e11), plate(), [0.5, 1.0])
    assert below.detection_limit_per_mL == pytest.approx(limit, rel=0.2)


def test_a_sample_below_the_limit_has_none():
    assert sepsim.elisa(vesicles(1e5), plate()).detection_limit_per_mL == math.inf


def test_the_curve_is_nearly_one_of_four_parameters():
    """Not imposed: it comes of diffusion, of the room on the wall, and of the reader."""
    reading = sepsim.elisa(vesicles(1e13), plate(), np.geomspace(1, 1e-6, 40))

    def four(log_c, low, high, middle, slope):
        return low + (high - low) / (1 + np.exp(-slope * (log_c - middle)))

    log_c = np.log(reading.vesicles_per_mL)
    found, _ = curve_fit(four, log_c, reading.signal, p0=(reading.blank, reading.signal[-1], np.log(1e11), 1.0))
    scatter = reading.signal - four(log_c, *found)
    assert np.abs(scatter).max() < 0.04 * np.ptp(reading.signal)
    assert 0.7 < found[3] < 1.6
    assert np.all(np.diff(reading.signal) > -1e-9)


def test_noise_and_a_dirty_blank_raise_the_limit():
    limits = [
        sepsim.elisa(vesicles(1e12), plate(reader=reader)).detection_limit_per_mL
        for reader in ({}, {"reader_sd": 0.03}, {"blank_labels": 2e9})
    ]
    assert limits[0] < min(limits[1:])


@pytest.mark.parametrize("label", ["MHC-I", None])
def test_the_rarest_tetraspanin_of_plasma_has_the_highest_limit(label):
    """Karimi et al. 2022: CD81 is the rarest, CD9 the most frequent in EDTA plasma."""
    concentrated = vesicles(1e12, "plasma")
    limits = {
        each: sepsim.elisa(concentrated, plate(each, label)).detection_limit_per_mL for each in ("CD9", "CD63", "CD81")
    }
    assert limits["CD9"] < limits["CD63"] < limits["CD81"]


# ---- fractions of a run, and bad input -------------------------------------------------------------------------


def test_a_fraction_of_a_run_can_be_read_if_a_step_asked_for_its_antigens():
    recipe = sepsim.sample_from_catalog("AMSC serum-free conditioned medium", volume_mL=1, size_bins=8)
    step = {"beads": "M-280", "beads_per_mL": 1e8, "antigen": "CD81", "follow": ["CD9"], "incubation_min": 60}
    table = {
        "name": "beads", "target": "exosome", "sample": recipe.to_table(),
        "step": [{"name": "beads", "method": "immunocapture", "keep": "unbound", **step}],
    }  # fmt: skip
    run = sepsim.protocol_from_table(table).run(seed=1)
    left = run.bench[0].outcome.fractions["unbound"]
    before, after = (sepsim.elisa(each, plate(), [1.0]).labels[0] for each in (recipe, left))
    assert after < 0.5 * before
    with pytest.raises(InputError, match="do not tell who carries CD63"):
        sepsim.elisa(left, plate(detection="CD63"))


def test_an_antigen_that_nothing_carries_is_told():
    with pytest.raises(InputError, match=r"no population of the sample carries it.*carried: CD81, CD9"):
        sepsim.elisa(vesicles(), plate(detection="CD3"))


@pytest.mark.parametrize("dilutions", [[0.0], [2.0], [-1.0], [], [math.nan]])
def test_dilutions_that_are_none_are_told(dilutions):
    with pytest.raises(InputError, match="dilutions: must be"):
        sepsim.elisa(vesicles(), plate(), dilutions)


def test_particles_that_settle_are_told():
    large = vesicles(diameter_nm=1500, density_g_mL=1.1)
    assert any("settle" in warning for warning in sepsim.elisa(large, plate(), [1.0]).warnings)
    assert not any("settle" in warning for warning in sepsim.elisa(vesicles(), plate(), [1.0]).warnings)


@pytest.mark.parametrize(("fraction", "told"), [("bound", "elute what is on beads"), ("lost", "resuspend")])
def test_vesicles_on_beads_and_dry_fractions_are_refused(fraction, told):
    (done,) = captured(step(residual_volume_mL=0))
    with pytest.raises(InputError, match=told):
        sepsim.elisa(done.outcome.fractions[fraction], sepsim.ElisaPlate(antigen="CD81"))


@pytest.mark.parametrize("key", ["ligand", "detection_ligand"])
def test_an_antibody_against_something_else_is_told(key):
    with pytest.raises(InputError, match=f"{key}: the ligand 'anti-A33 hA33' binds A33"):
        sepsim.ElisaPlate(antigen="CD81", **{key: "hA33"})
    assert sepsim.ElisaPlate(antigen="A33", **{key: "hA33"}).detected == "A33"


def test_a_plate_is_rebuilt_from_its_table():
    well = plate(["CD9", "CD63"], None, reader={"reader_sd": 0.01}, ligand="VHH")
    assert sepsim.ElisaPlate.from_table(well.to_table()) == well
