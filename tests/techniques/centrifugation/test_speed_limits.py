"""Speeds that dense liquids and salts allow: against an integration of one's own, and one check in every method."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spins import RNG, spin, vesicles

from sepsim.cli import main
from sepsim.errors import InputError
from sepsim.rotors.rotors import rotor
from sepsim.techniques.centrifugation.density_gradient import DensityGradient
from sepsim.techniques.centrifugation.gradient.gradient import Layer
from sepsim.techniques.centrifugation.speed_limits import speed_limits

# beta(rho) of CsCl at 25 degC [cgs, 1e9], from Pitzer activities to 11 mol/kg (doi 10.1021/je2009329) and the density
# of Novotny & Sohnel; saturated at 1.91 g/mL
DENSITIES = np.array([0.997, 1.1, 1.2, 1.3, 1.35, 1.4, 1.45, 1.5, 1.6, 1.7, 1.8])
PER_BETA = 1 / np.array([np.inf, 3.50, 2.01, 1.545, 1.425, 1.343, 1.286, 1.248, 1.209, 1.206, 1.225])
SATURATED = 1.91


def rpm(speed):
    return speed * 60 / (2 * math.pi)


def salt(volume_mL, density, temperature=298.15):
    return [Layer.from_table({"volume_mL": volume_mL, "cscl_g_mL": density}).stretch(temperature)]


def limits(name, volume_mL, density):
    return [rpm(limit.speed) for limit in speed_limits(rotor(name), salt(volume_mL, density))]


def mean_density_with_crystals_at_the_bottom(rpm, r_max, bore, volume):
    """Return the mean density [g/mL] of a bucket at equilibrium whose bottom is just saturated; cm, mL.

    drho/dr = w^2 r/beta(rho) by small steps inwards from the bottom of a cylinder on a hemisphere.
    """
    R, omega, density = bore / 2, rpm * 2 * math.pi / 60, SATURATED
    filled = held = height = 0.0
    step = 2e-3
    while filled < volume:
        width = R if height > R else math.sqrt(max(R**2 - (R - height) ** 2, 0.0))
        slice_ = min(math.pi * width**2 * step, volume - filled)
        filled, held, height = filled + slice_, held + slice_ * density, height + step
        density -= omega**2 * (r_max - height) * 1e-9 * np.interp(density, DENSITIES, PER_BETA) * step
    return held / volume


def crystals_by_hand(density):
    low, high = 1e3, 1e5
    for _ in range(40):
        middle = 0.5 * (low + high)
        stays = mean_density_with_crystals_at_the_bottom(middle, 15.31, 1.395, 13.2) > density
        low, high = (middle, high) if stays else (low, middle)
    return low


@pytest.mark.parametrize(("density", "known"), [(1.3, 39_000), (1.4, 33_700), (1.5, 28_800), (1.7, 19_200)])
def test_crystals_in_a_full_sw_41_tube(density, known):
    by_hand = crystals_by_hand(density)
    assert by_hand == pytest.approx(known, rel=0.08)
    assert limits("SW 41 Ti", 13.2, density)[1] == pytest.approx(by_hand, rel=0.1)


def test_caesium_chloride_of_1_70_in_an_sw_41_at_41000_rpm():
    derated, crystals = limits("SW 41 Ti", 13.2, 1.70)
    assert derated == pytest.approx(41_000 * math.sqrt(1.2 / 1.70), rel=1e-3)
    assert crystals == pytest.approx(19_200, rel=0.1)


@settings(max_examples=20)
@given(density=st.floats(1.15, 1.75), volume=st.floats(4, 13))
def test_more_salt_and_fuller_tubes_are_slower(density, volume):
    crystals = limits("SW 41 Ti", volume, density)[1]
    assert limits("SW 41 Ti", volume, density + 0.05)[1] < crystals
    assert limits("SW 41 Ti", volume - 1, density)[1] > crystals


def test_solutes_that_no_run_brings_to_equilibrium_are_limited_by_weight_alone():
    heavy = Layer.from_table({"volume_mL": 13, "sucrose_percent_w_w": 60}).stretch(293.15)
    only = speed_limits(rotor("SW 41 Ti"), [heavy])
    assert [rpm(limit.speed) for limit in only] == pytest.approx([41_000 * math.sqrt(1.2 / 1.2865)], rel=2e-3)


def test_mean_density_of_layers_counts_and_not_the_densest():
    layers = [Layer.from_table({"volume_mL": v, "cscl_g_mL": d}).stretch(298.15) for v, d in ((9, 1.1), (3, 1.6))]
    weight, _ = speed_limits(rotor("SW 41 Ti"), layers)
    assert rpm(weight.speed) == pytest.approx(41_000 * math.sqrt(1.2 / ((9 * 1.1 + 3 * 1.6) / 12)), rel=1e-3)


def dense_run(**changes):
    conditions = dict(rotor="SW 41 Ti", speed_rpm=41_000, time_min=1200, temperature_C=25, load=1, fraction_volume_mL=1)
    return DensityGradient(**conditions | {"layers": [{"volume_mL": 12, "cscl_g_mL": 1.75}]} | changes)


@pytest.mark.parametrize("act", ["run", "dry_run"])
def test_gradients_are_refused_with_the_allowed_speed_the_reason_and_the_remedy(act):
    with pytest.raises(InputError, match=r"speed_rpm = 41000: a tube holds 1\.7.* g/mL") as refused:
        getattr(dense_run(), act)(vesicles(0.8, medium="PBS"), rng=RNG)
    weight, crystals = refused.value.problems
    assert "lower the speed, or take a lighter liquid" in weight
    assert re.search(r"CsCl crystallises .* at most \d{5} rpm, which is \d+ g at rmax; lower the speed", crystals)
    allowed = min(int(re.search(r"at most (\d+) rpm", problem).group(1)) for problem in (weight, crystals))
    dense_run(speed_rpm=allowed).dry_run(vesicles(0.8, medium="PBS"), rng=RNG)
    with pytest.raises(InputError, match="CsCl crystallises"):
        dense_run(speed_rpm=allowed + 1).dry_run(vesicles(0.8, medium="PBS"), rng=RNG)


def test_a_force_is_refused_with_the_allowed_force():
    force = dense_run(speed_rpm=None, rcf_xg=200_000, rcf_at="rav")
    with pytest.raises(InputError, match=r"rcf_xg = 200000 at rav: 40277 rpm: .* g at rav; lower the speed"):
        force.dry_run(vesicles(0.8, medium="PBS"), rng=RNG)


@pytest.mark.parametrize("act", ["run", "dry_run"])
def test_a_plain_spin_in_a_dense_medium_is_refused(act):
    sample = vesicles(12, medium={"density_g_mL": 1.3, "viscosity_mPa_s": 1.0})
    conditions = dict(rotor="SW 41 Ti", speed_rpm=41_000, time_min=10)
    with pytest.raises(InputError, match=r"a tube holds 1\.3 g/mL on average, .* at most 39391 rpm"):
        spin(sample, **conditions)
    assert spin(sample, **conditions | {"speed_rpm": 39_391}).fractions


def test_a_plain_spin_in_salt_is_refused():
    with pytest.raises(InputError, match="CsCl crystallises at the bottom"):
        spin(vesicles(12, medium={"cscl_g_mL": 1.5}), rotor="SW 41 Ti", speed_rpm=36_000, time_min=10)


def test_a_cushion_counts_with_its_volume():
    sample = vesicles(8, medium="PBS")
    conditions = dict(rotor="SW 41 Ti", speed_rpm=41_000, time_min=10)
    light = {"volume_mL": 1, "cscl_g_mL": 1.7}
    heavy = {"volume_mL": 5, "cscl_g_mL": 1.7}
    assert spin(sample, **conditions, cushion=light).fractions
    with pytest.raises(InputError, match=r"a tube holds 1\.27 g/mL on average"):
        spin(sample, **conditions, cushion=heavy)


def test_vertical_rotors_carry_the_self_forming_example_at_full_speed():
    weight, crystals = speed_limits(rotor("NVT 65"), salt(12, 1.37))
    assert rpm(weight.speed) == pytest.approx(65_000)
    assert rpm(crystals.speed) > 60_000


def test_a_rotor_without_a_largest_speed_is_limited_by_crystals_alone():
    unlimited = replace(rotor("SW 41 Ti"), max_rpm=None)
    weight, crystals = speed_limits(unlimited, salt(12, 1.6))
    assert weight.speed == math.inf
    assert crystals.speed < 4000


@pytest.mark.parametrize("command", ["check", "run"])
def test_the_command_line_tells_of_it(command, tmp_path, capsys):
    text = """
        name = "dense"
        target = "capsid"
        [sample]
        volume_mL = 1
        medium = "PBS"
        temperature_C = 20
        [[sample.population]]
        name = "capsid"
        kind = "particle"
        particles_per_mL = 1e12
        diameter_nm = 25
        density_g_mL = 1.41
        [[step]]
        name = "salt"
        method = "density_gradient"
        rotor = "SW 41 Ti"
        speed_rpm = 41_000
        time_min = 1200
        layers = [{ volume_mL = 12, cscl_g_mL = 1.70 }]
        load = 1
        fraction_volume_mL = 0.5
        keep = "fraction 3"
    """
    protocol = tmp_path / "dense.toml"
    protocol.write_text(text)
    assert main([command, str(protocol)]) == 2
    told = "".join(capsys.readouterr())
    assert "step 'salt': speed_rpm = 41000: CsCl crystallises" in told
    assert "step 'salt': speed_rpm = 41000: a tube holds 1.6" in told
