"""The physics of density gradients: limits, conservation, where particles band, what is separated from what."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spins import RNG

from sepsim.media import Medium, fluid
from sepsim.method import check_balance
from sepsim.particles.osmosis import isopycnic_density
from sepsim.protocols.protocol_file import protocol_from_table
from sepsim.rotors.rotors import Rotor, Tube
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.centrifugation import density_gradient
from sepsim.techniques.centrifugation.centrifugation import Centrifugation
from sepsim.techniques.centrifugation.density_gradient import DensityGradient
from sepsim.techniques.centrifugation.gradient import gradient_spin

BEYOND_DATA = pytest.mark.filterwarnings("ignore::sepsim.errors.ModelRangeWarning")  # iodixanol gathers at the bottom

SW41 = dict(rotor="SW 41 Ti", rcf_xg=100_000, rcf_at="rav")
SW55 = dict(rotor="SW 55 Ti", rcf_xg=100_000, rcf_at="rav")


def bead(nm, density, name=None):
    name = name or f"{nm:g} nm of {density:g}"
    return {"name": name, "kind": "particle", "diameter_nm": nm, "density_g_mL": density, "particles_per_mL": 1e6}


def vesicle(nm, **more):
    return {"name": f"{nm:g} nm", "kind": "vesicle", "diameter_nm": nm, "particles_per_mL": 1e6, **more}


def protein(name, kDa, s20w, specific_volume=0.73, **more):
    amount = more or {"particles_per_mL": 1e6}
    shape = {"molar_mass_kDa": kDa, "s20w_S": s20w, "partial_specific_volume_mL_g": specific_volume}
    return {"name": name, "kind": "protein", **shape, **amount}


def loaded(*population, volume=0.5, medium="PBS", **more):
    table = {"volume_mL": volume, "temperature_C": 4, "medium": medium, "population": list(population)}
    return recipe(table | more).prepare()


def spin(sample, **given):
    return DensityGradient(**given).run(sample, rng=RNG)


def iodixanol(*percents, volume_mL=3.0, diluent="PBS"):
    return [{"volume_mL": volume_mL, "iodixanol_percent_w_v": each, "diluent": diluent} for each in percents]


def graded(top, bottom, volume_mL, **more):
    return {"shape": "linear", "top": {**top, **more}, "bottom": {**bottom, **more}, "volume_mL": volume_mL}


def sucrose(top, bottom, volume_mL=11.0):
    return graded({"sucrose_percent_w_w": top}, {"sucrose_percent_w_w": bottom}, volume_mL)


def shares(sample, outcome, name):
    """Share of each class in a fraction."""
    return outcome.fractions[name].counts / sample.counts


def collected(outcome):
    """The numbered fractions in order."""
    return [each for name, each in outcome.fractions.items() if name.startswith("fraction")]


def within(sample, outcome, low, high):
    """Share of each population in the fractions of a density window [kg/m3]."""
    found = [each.by_population for each in collected(outcome) if low <= each.medium.density <= high]
    return {name: sum(each[name] for each in found) / total for name, total in sample.by_population.items()}


# ---- where things end ----------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@given(
    nm=st.floats(150, 500),
    light=st.floats(0.93, 1.03),
    heavy=st.floats(1.27, 2.0),
    load=st.sampled_from(["top", "bottom", 2]),
    frozen=st.booleans(),
)
def test_the_lightest_float_and_the_heaviest_pellet(nm, light, heavy, load, frozen):
    """Lighter than the top layer: fraction 1. Heavier than the bottom: pelleted. Wherever they are loaded."""
    medium = {"iodixanol_percent_w_v": 45, "diluent": "PBS"} if load == "bottom" else "PBS"
    sample = loaded(bead(nm, light), bead(nm, heavy), medium=medium)
    outcome = spin(
        sample,
        **SW41,
        time_min=1200,
        layers=iodixanol(12, 24, 40),
        load=load,
        fractions=10,
        frozen_gradient=frozen,
        wall="slides",
        residual_volume_mL=0,
    )
    first = shares(sample, outcome, "fraction 1")
    assert first[0] == pytest.approx(1.0, abs=1e-6)
    settled = shares(sample, outcome, "pellet") + shares(sample, outcome, "fraction 10")
    assert settled[1] == pytest.approx(1.0, abs=1e-6)


def test_the_heaviest_are_in_the_pellet_and_not_above_it():
    sample = loaded(bead(200, 1.6))
    outcome = spin(sample, **SW41, time_min=300, layers=iodixanol(10, 20, 40), fractions=10)
    assert outcome.trace.pelleted[0] == pytest.approx(1.0, abs=1e-9)
    assert shares(sample, outcome, "pellet")[0] == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("load", ["top", "bottom"])
def test_a_particle_ends_in_the_fraction_of_its_density(load):
    sample = loaded(
        *(bead(200, density) for density in (1.05, 1.08, 1.12, 1.16)),
        medium="PBS" if load == "top" else {"iodixanol_percent_w_v": 42, "diluent": "PBS"},
    )
    gradient = graded({"iodixanol_percent_w_v": 5}, {"iodixanol_percent_w_v": 40}, 11.0, diluent="PBS")
    outcome = spin(sample, **SW41, time_min=960, gradient=gradient, load=load, fractions=46)
    densities = [each.medium.density for each in collected(outcome)]
    for index, density in enumerate((1050, 1080, 1120, 1160)):
        peak = int(np.argmax([each.counts[index] for each in collected(outcome)]))
        assert densities[max(peak - 1, 0)] < density < densities[peak + 1]


# ---- a uniform medium is centrifugation ----------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@given(
    rotor=st.sampled_from(["SW 41 Ti", "SW 55 Ti", "SW 28"]),
    filled=st.floats(0.4, 0.95),
    rcf=st.floats(2e4, 1e5),
    frozen=st.booleans(),
    ramp=st.sampled_from([0.0, 0.3]),
)
def test_a_uniform_medium_is_plug_flow(rotor, filled, rcf, frozen, ramp):
    """Exact until the last particles are in the rounded bottom, which cells resolve to 1e-4 of the load."""
    run = dict(rotor=rotor, rcf_xg=rcf, rcf_at="rav", time_min=0.5, acceleration_min=ramp, braking_min=ramp)
    tube = Centrifugation(**run).loaded_rotor.tube
    population = [bead(nm, 1.15) for nm in (400, 600, 800, 1200)] + [bead(600, 0.95)]
    total = filled * tube.volume_mL
    whole = loaded(*population, volume=total)
    expected = Centrifugation(**run, solver="closed_form").run(whole, rng=RNG).trace
    stirred = loaded(*population, volume=0.3 * total)
    layers = [{"volume_mL": 0.7 * total, "medium": "PBS"}]
    given = dict(layers=layers, load=1, fractions=5, frozen_gradient=frozen, wall="catches")
    found = spin(stirred, **run, **given).trace
    last = found.column.faces[0] * np.exp(expected.sedimentation * expected.profile.dose)
    cylinder = last < found.column.faces[-1] - tube.radius - 1e-3
    assert found.pelleted[cylinder] == pytest.approx(expected.pelleted[cylinder], abs=1e-6)
    assert found.pelleted == pytest.approx(expected.pelleted, abs=2e-4)


def test_a_protein_in_a_uniform_medium_follows_the_lamm_equation():
    """In a flat tube, where both solve the same equation: plug flow is off by more than a hundredth here."""
    tube = Tube(inner_diameter_mm=12.5, length_mm=47.7, volume_mL=np.pi * 39.0625e-3 * 47.7, bottom="flat")
    flat = Rotor(name="flat", angle_deg=90, rmax_mm=108.5, rmin_mm=60.8, tube=tube)
    run = dict(rotor=flat, rcf_xg=100_000, rcf_at="rav", time_min=3000)
    albumin = protein("albumin", 66, 4.3)
    exact, plug = (
        Centrifugation(**run, solver=solver).run(loaded(albumin, volume=5.8), rng=RNG).trace.pelleted[0]
        for solver in ("lamm", "closed_form")
    )
    stirred = loaded(albumin, volume=1.0)
    layers = [{"volume_mL": 4.8, "medium": "PBS"}]
    found = spin(stirred, **run, layers=layers, load=1, fractions=5).trace
    assert plug - exact > 1e-2
    assert found.pelleted[0] == pytest.approx(exact, abs=3e-4)
    assert found.pelleted[0] == pytest.approx(exact, abs=2 * found.error[0])


# ---- nothing is gained or lost -------------------------------------------------------------------------------


def dissolved(outcome):
    """Mass of each solute in all fractions [kg]."""
    total = {}
    for each in outcome.fractions.values():
        for solute, mass in each.medium.solutes:
            total[solute.name] = total.get(solute.name, 0.0) + mass * each.volume
    return total


@settings(max_examples=25, deadline=None)
@given(
    percents=st.lists(st.integers(2, 58), min_size=1, max_size=4, unique=True).map(sorted),
    load=st.sampled_from(["top", 1]),
    collect_from=st.sampled_from(["top", "bottom"]),
    mixing=st.sampled_from([0.0, 0.05, 0.6]),
    fractions=st.sampled_from([{"fractions": 7}, {"fraction_volume_mL": 0.9}]),
    wall=st.sampled_from(["catches", "slides"]),
    recovery=st.floats(0, 1),
    residual=st.floats(0, 0.3),
    rotor=st.sampled_from(["SW 41 Ti", "VTi 65.1", "Type 70.1 Ti"]),
)
def test_particles_solutes_and_volume_are_conserved(
    percents, load, collect_from, mixing, fractions, wall, recovery, residual, rotor
):
    sample = loaded(bead(300, 1.3), bead(80, 1.1), bead(60, 0.97), protein("p", 66, 4.3), vesicle(90), volume=1.0)
    method = DensityGradient(
        rotor=rotor,
        speed_rpm=35_000,
        time_min=90,
        layers=iodixanol(*percents, volume_mL=8.0 / len(percents), diluent="0.25 M sucrose buffer"),
        load=load,
        collect_from=collect_from,
        fraction_mixing_mL=mixing,
        wall=wall,
        pellet_recovery=recovery,
        residual_volume_mL=residual,
        **fractions,
    )
    with patch.object(density_gradient, "CELLS", 60), patch.object(gradient_spin, "STEPS", 24):  # any mesh will do
        outcome = method.run(sample, rng=RNG)
    check_balance(sample, outcome)
    total = np.sum([each.counts for each in outcome.fractions.values()], axis=0)
    assert total == pytest.approx(sample.counts, rel=1e-10)
    tubes = outcome.trace.tubes
    assert sum(each.volume for each in outcome.fractions.values()) == pytest.approx(1e-6 + tubes * 8e-6, rel=1e-12)
    poured = {}
    for stretch in method._poured(sample.medium.temperature):
        for solute, mass in stretch.top.solutes:
            poured[solute.name] = poured.get(solute.name, 0.0) + tubes * stretch.volume * mass
    assert set(poured) == {"iodixanol", "sucrose"}
    assert dissolved(outcome) == pytest.approx(poured, rel=1e-10)


@pytest.mark.parametrize("collect_from", ["top", "bottom"])
def test_fractions_count_from_the_end_at_which_they_are_drawn(collect_from):
    sample = loaded(bead(200, 0.95), bead(200, 1.15))
    outcome = spin(
        sample,
        **SW41,
        time_min=300,
        layers=iodixanol(10, 20, 40),
        fraction_volume_mL=1,
        collect_from=collect_from,
        residual_volume_mL=0,
    )
    volumes = [each.volume * 1e6 for each in collected(outcome)]
    assert volumes == pytest.approx([1.0] * 9 + [0.5])
    rise = np.diff([each.medium.density for each in collected(outcome)])
    assert np.all(rise >= -0.1 if collect_from == "top" else rise <= 0.1)  # kg/m3; along a layer hardly any
    floating = "fraction 1" if collect_from == "top" else "fraction 10"
    assert shares(sample, outcome, floating)[0] == pytest.approx(1.0, abs=1e-6)


# ---- what must not matter ------------------------------------------------------------------------------------


def test_seed_and_order_of_populations_and_division_of_a_class_do_not_matter():
    population = [bead(100, 1.1, "a"), bead(60, 1.15, "b"), protein("c", 66, 4.3), vesicle(90)]
    given = dict(**SW41, time_min=600, layers=iodixanol(8, 16, 32), fractions=12)
    whole = loaded(*population, protein_association_percent=0)
    first = spin(whole, **given)
    again = DensityGradient(**given).run(whole, rng=np.random.default_rng(7))
    turned = loaded(*population[::-1], protein_association_percent=0)
    backwards = spin(turned, **given)
    halves = [{**each, "name": each["name"] + half, "particles_per_mL": 5e5} for each in population for half in "12"]
    divided = spin(loaded(*halves, protein_association_percent=0), **given)
    for name, fraction in first.fractions.items():
        assert np.array_equal(fraction.counts, again.fractions[name].counts)
        assert fraction.by_population == pytest.approx(backwards.fractions[name].by_population, rel=1e-12)
        parts = divided.fractions[name].counts.reshape(-1, 2)
        assert np.array_equal(parts[:, 0], parts[:, 1])
        assert parts.sum(axis=1) == pytest.approx(fraction.counts, rel=1e-12)
    assert divided.trace.stability == pytest.approx(first.trace.stability, rel=1e-9)


def test_hands_do_not_change_the_spin():
    sample = loaded(bead(100, 1.1), bead(300, 1.4))
    method = DensityGradient(
        **SW41, time_min=300, layers=iodixanol(8, 16, 32), fractions=12, fraction_mixing_mL=0.4, pellet_recovery=0.2
    )
    bench, ideal = (each.run(sample, rng=RNG) for each in (method, method.ideal()))
    assert np.array_equal(bench.trace.shares, ideal.trace.shares)
    assert np.array_equal(bench.trace.error, ideal.trace.error)
    peak = [max(each.counts[0] for each in collected(outcome)) for outcome in (bench, ideal)]
    assert peak[0] < 0.9 * peak[1]  # mixing widens what is drawn


def test_several_tubes_are_one_tube_several_times():
    given = dict(**SW41, time_min=300, layers=iodixanol(8, 16, 32), fractions=12, load_volume_mL=0.5)
    one = spin(loaded(bead(100, 1.1), volume=0.5), **given)
    three = spin(loaded(bead(100, 1.1), volume=1.5), **given)
    assert three.trace.tubes == 3
    for name, fraction in one.fractions.items():
        assert three.fractions[name].counts == pytest.approx(3 * fraction.counts, rel=1e-12)
        assert three.fractions[name].volume == pytest.approx(3 * fraction.volume, rel=1e-12)


# ---- vesicles, lipoproteins ----------------------------------------------------------------------------------


def banding(outcome, name_index):
    """Density of the cell in which a class has its peak [kg/m3]."""
    trace = outcome.trace
    return trace.gradients[-1].density[int(np.argmax(trace.shares[name_index]))]


SUCROSE_BAND = graded({"sucrose_M": 0.25}, {"sucrose_M": 2.0}, 11.0)
IODIXANOL_BAND = graded({"iodixanol_percent_w_v": 5}, {"iodixanol_percent_w_v": 40}, 11.0, diluent="PBS")


@BEYOND_DATA
@pytest.mark.parametrize(
    "made_of",
    [{}, {"hydration_g_g": 0.2}, {"hydration_g_g": 0.5}, {"lumen_molar_mass_kDa": 66.5}, {"osmotic_response": 0.8}],
)
def test_one_vesicle_bands_where_it_is_found_in_sucrose_and_in_iodixanol(made_of):
    """Published: 1.13-1.19 g/mL in sucrose and 1.08-1.12 in iodixanol."""
    sample = loaded(vesicle(100, **made_of))
    in_sucrose = spin(sample, **SW41, time_min=2880, gradient=SUCROSE_BAND, fractions=12)
    in_iodixanol = spin(sample, **SW41, time_min=1440, gradient=IODIXANOL_BAND, fractions=12)
    assert 1130 < banding(in_sucrose, 0) < 1190
    assert 1080 < banding(in_iodixanol, 0) < 1120


@BEYOND_DATA
def test_small_vesicles_are_the_denser_in_iodixanol_and_all_are_alike_in_sucrose():
    sample = loaded(*(vesicle(nm) for nm in (60, 100, 200)))
    in_sucrose = spin(sample, **SW41, time_min=2880, gradient=SUCROSE_BAND, fractions=12)
    in_iodixanol = spin(sample, **SW41, time_min=1440, gradient=IODIXANOL_BAND, fractions=12)
    # Another calculation with bound water and hard spheres: 1.163-1.168 g/mL from 50 to 200 nm.
    assert [banding(in_sucrose, index) for index in range(3)] == pytest.approx([1165] * 3, abs=5)
    assert banding(in_iodixanol, 0) > banding(in_iodixanol, 1) + 5 > banding(in_iodixanol, 2) + 10


@BEYOND_DATA
@pytest.mark.parametrize("gradient", [SUCROSE_BAND, IODIXANOL_BAND], ids=["sucrose", "iodixanol"])
def test_bands_lie_at_the_isopycnic_density(gradient):
    sample = loaded(*(vesicle(nm) for nm in (80, 100, 200)))
    outcome = spin(sample, **SW41, time_min=4000, gradient=gradient, fractions=12)
    cells = outcome.trace.gradients[-1]
    osmolality = cells.blend.osmolality(cells.shares, cells.solutes)
    expected = isopycnic_density(sample.particles, cells.density, osmolality)
    assert [banding(outcome, index) for index in range(3)] == pytest.approx(expected, abs=2.0)


@BEYOND_DATA
def test_a_rigid_vesicle_keeps_its_density_in_any_gradient():
    sample = loaded(vesicle(100, density_g_mL=1.11, osmotic_response=0))
    for gradient in (SUCROSE_BAND, IODIXANOL_BAND):
        outcome = spin(sample, **SW41, time_min=2400, gradient=gradient, fractions=12)
        assert banding(outcome, 0) == pytest.approx(1110, abs=1.5)


def test_a_vesicle_floats_up_in_iodixanol_and_lags_behind_in_sucrose():
    """Loaded at the bottom, overnight: sucrose of the same density is the more viscous, and dehydrates."""
    sample = {
        name: loaded(vesicle(100), medium=medium)
        for name, medium in (
            ("sucrose", {"sucrose_percent_w_w": 62}),
            ("iodixanol", {"iodixanol_percent_w_v": 42, "diluent": "PBS"}),
        )
    }
    gradients = {"sucrose": SUCROSE_BAND, "iodixanol": IODIXANOL_BAND}
    found = {}
    for name in sample:
        trace = spin(sample[name], **SW41, time_min=960, gradient=gradients[name], load="bottom", fractions=12).trace
        found[name] = trace.shares[0] @ trace.column.centres
    assert found["iodixanol"] < found["sucrose"] - 10e-3


@pytest.mark.slow
@BEYOND_DATA
def test_hdl_is_found_with_vesicles_and_other_lipoproteins_are_not():
    """Loaded in the middle layer, so that nothing must travel far: HDL stays at 1.08-1.12 g/mL, LDL and VLDL leave."""
    names = ("exosome", "vldl", "ldl", "hdl")
    sample = loaded(*({"name": name, "particles_per_mL": 1e6} for name in names), size_bins=6, density_quantiles=3)
    for hours in (18, 72):
        outcome = spin(sample, **SW41, time_min=60 * hours, layers=iodixanol(8, 20, 36), load=2, fractions=24)
        kept = within(sample, outcome, 1080, 1120)
        assert kept["exosome"] > 0.7
        assert kept["hdl"] > 0.25
        assert kept["ldl"] < 0.01
        assert kept["vldl"] < 0.01


CLEAR = {"method": "centrifugation", "rotor": "Type 45 Ti", "rcf_xg": 10_000, "rcf_at": "rav", "time_min": 30}
PELLET = CLEAR | {"rcf_xg": 100_000, "time_min": 70, "resuspend": {"medium": "PBS", "volume_mL": 0.5}}


@pytest.mark.slow
def test_a_gradient_purifies_what_a_pellet_holds_and_costs_yield():
    pelleting = [{"name": "clear", **CLEAR, "keep": "supernatant"}, {"name": "pellet", **PELLET, "keep": "pellet"}]
    gradient = {
        "name": "gradient",
        "method": "density_gradient",
        **SW41,
        "time_min": 1080,
        "layers": iodixanol(5, 10, 20, 40, volume_mL=2.9, diluent="0.25 M sucrose buffer"),
        "fraction_volume_mL": 0.5,
        "keep": "1.08-1.12 g/mL",
    }
    sample = {
        "source": "conditioned medium",
        "volume_mL": 90,
        "temperature_C": 4,
        "lipoprotein_association_percent": 0,
        "protein_association_percent": 0,
        "size_bins": 6,
        "density_quantiles": 2,
    }
    pellet, banded = (
        protocol_from_table({"name": "x", "target": "exosome", "sample": sample, "step": steps}).run(seed=1)
        for steps in (pelleting, [*pelleting, gradient])
    )
    for hands in ("bench", "ideal"):
        assert 0.5 < banded.yields["exosome"][hands] / pellet.yields["exosome"][hands] < 1.0
        assert banded.purity[hands].protein > pellet.purity[hands].protein
        assert banded.purity[hands].particle > pellet.purity[hands].particle
        for contaminant in ("idl", "ldl", "vldl", "albumin", "igg", "transferrin"):
            assert banded.yields[contaminant][hands] <= 1e-3 * pellet.yields[contaminant][hands]
        assert banded.yields["hdl"][hands] < pellet.yields["hdl"][hands]


# ---- the gradient moves --------------------------------------------------------------------------------------


@BEYOND_DATA
def test_a_frozen_gradient_piles_particles_up_at_an_interface_and_a_moving_one_spreads_them():
    """1.13 to 1.19 g/mL lie between 20 and 40 % iodixanol: one place if the step stays, as many as densities if not."""
    sample = loaded(*(bead(100, density) for density in (1.13, 1.15, 1.17, 1.19)))
    given = dict(**SW41, time_min=1080, layers=[*iodixanol(10, 20), *iodixanol(40, volume_mL=4)], fractions=21)
    frozen, moving = (spin(sample, **given, frozen_gradient=each).trace for each in (True, False))
    means = [trace.shares @ trace.column.centres for trace in (frozen, moving)]
    interface = frozen.column.radius_at(6.5e-6)
    assert means[0] == pytest.approx(np.full(4, interface), abs=3e-4)
    assert np.all(np.diff(means[1]) > 5e-4)
    densities = [float(np.interp(each, moving.column.centres, moving.gradients[-1].density)) for each in means[1]]
    assert densities == pytest.approx([1130, 1150, 1170, 1190], abs=2.0)


# ---- rate-zonal ----------------------------------------------------------------------------------------------


MARKERS = (("BSA", 66.5, 4.3, 0.734), ("ADH", 150, 7.5, 0.74), ("catalase", 250, 11.3, 0.73), ("Tg", 670, 19.3, 0.72))


@pytest.mark.parametrize("hours", [5, 9, 13])
def test_markers_move_in_proportion_to_their_s(hours):
    """5-20 % sucrose is nearly isokinetic: one line through the origin (Martin & Ames)."""
    sample = loaded(*(protein(*each) for each in MARKERS), volume=0.2, medium="water")
    outcome = spin(sample, **(SW41 | {"rcf_xg": 190_000}), time_min=60 * hours, gradient=sucrose(5, 20), fractions=24)
    trace = outcome.trace
    assert np.all(trace.pelleted < 1e-6)
    start = (trace.populations[0] @ trace.column.centres) / trace.populations[0].sum(axis=1)
    moved = trace.shares @ trace.column.centres - start
    s20w = np.array([each[2] for each in MARKERS])
    assert moved[-1] > 20e-3
    assert moved / s20w == pytest.approx(np.full(4, (moved @ s20w) / (s20w @ s20w)), rel=0.06)


@pytest.mark.parametrize(
    ("ends", "highest", "lowest"), [((5, 20), 1.146, 1.033), ((5, 25), 1.048, 0.735), ((10, 30), 1.022, 0.625)]
)
def test_how_nearly_isokinetic_sucrose_gradients_are(ends, highest, lowest):
    """(rho_p - rho) r/eta along SW 41, % w/w linear in r, relative to the top; particles of 1/0.73 g/mL, 4 degC."""
    radii = np.linspace(67.4, 153.1, 201)
    media = [
        Medium.pure(fluid({"sucrose_percent_w_w": float(each)}), 277.15) for each in np.linspace(*ends, radii.size)
    ]
    speed = np.array([(1e3 / 0.73 - each.density) * r / each.viscosity for each, r in zip(media, radii, strict=True)])
    assert (speed / speed[0]).max() == pytest.approx(highest, abs=0.005)
    assert speed[-1] / speed[0] == pytest.approx(lowest, abs=0.005)


# ---- stability -----------------------------------------------------------------------------------------------


def heavy(milligrams, **more):
    return loaded(protein("BSA", 66.5, 4.3, 0.734, mass_mg_per_mL=milligrams), medium="water", **more)


def test_a_gradient_carries_what_its_first_step_exceeds_the_load_by():
    """At the start, c (1 - v rho) of the protein may be as much as the step from water to 5 % sucrose."""
    water, top = (Medium.pure(fluid(each), 277.15) for each in ("water", {"sucrose_percent_w_w": 5.0}))
    brief = dict(**SW41, time_min=1e-3, layers=[{"volume_mL": 11, "sucrose_percent_w_w": 5}], fractions=5)
    carried = spin(heavy(1.0), **brief).trace.stability.carried
    assert carried == pytest.approx((top.density - water.density) / (1 - 0.734e-3 * water.density), rel=0.03)


def test_twice_the_load_is_carried_about_half_as_often():
    """Not exactly: protein thickens the liquid that it spreads in."""
    given = dict(**SW41, time_min=600, gradient=sucrose(5, 20), fractions=12)
    light, twice, over = (spin(heavy(each), **given) for each in (2.0, 4.0, 200.0))
    assert light.trace.stability.carried == pytest.approx(2 * twice.trace.stability.carried, rel=0.02)
    assert over.trace.stability.carried < twice.trace.stability.carried / 10
    assert light.warnings == ()
    assert any("turns over" in text for text in over.warnings)
    just = 2.0 * light.trace.stability.carried
    below, above = (spin(heavy(factor * just), **given).warnings for factor in (0.8, 1.2))
    assert not any("turns over" in text for text in below)
    assert any("turns over" in text for text in above)


def test_a_light_load_rises_stably_from_below():
    """Loaded at the bottom in dense liquid, protein makes it denser still: nothing turns over at the start."""
    sample = loaded(protein("BSA", 66.5, 4.3, 0.734, mass_mg_per_mL=40.0), medium={"sucrose_percent_w_w": 30})
    outcome = spin(sample, **SW41, time_min=60, gradient=sucrose(5, 25), load="bottom", fractions=12)
    assert not any("turns over" in text for text in outcome.warnings)


# ---- other rotors --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rotor", ["VTi 50", "VTi 65.1", "NVT 65", "Type 70 Ti", "Type 50.2 Ti"])
def test_leaning_tubes_hand_out_the_layers_in_their_order(rotor):
    sample = loaded(bead(100, 1.12), bead(60, 1.3), bead(200, 0.95), volume=1.0)
    volume = (
        0.25
        * DensityGradient(
            rotor=rotor, speed_rpm=30_000, time_min=1, layers=iodixanol(1, volume_mL=1), fractions=2
        ).loaded_rotor.tube.volume_mL
    )
    pelleted, banded = {}, {}
    for wall in ("catches", "slides"):
        outcome = spin(
            sample,
            rotor=rotor,
            speed_rpm=30_000,
            time_min=90,
            layers=iodixanol(10, 20, 40, volume_mL=volume),
            fractions=10,
            wall=wall,
            residual_volume_mL=0,
        )
        volumes = [each.volume for each in collected(outcome)]
        assert volumes == pytest.approx([(3 * volume + 1.0) * 1e-7] * 10, rel=1e-9)
        assert np.all(np.diff([each.medium.density for each in collected(outcome)]) > 0)
        assert shares(sample, outcome, "fraction 1")[2] == pytest.approx(1.0, abs=1e-3)
        pelleted[wall], banded[wall] = outcome.trace.pelleted, outcome.trace.shares
    assert np.all(pelleted["catches"] >= pelleted["slides"] - 1e-12)
    assert pelleted["catches"][1] > 0.1  # heavier than all of it


@BEYOND_DATA
def test_a_vertical_rotor_bands_sooner_than_a_bucket():
    """The way is the tube's diameter: at the same field a band is nearer to its density after the same time."""
    sample = loaded(bead(100, 1.13), volume=1.0)
    off = {}
    for rotor, volume in (("VTi 65.1", 11.0), ("SW 41 Ti", 11.0)):
        outcome = spin(
            sample,
            rotor=rotor,
            rcf_xg=50_000,
            rcf_at="rav",
            time_min=60,
            gradient=graded({"iodixanol_percent_w_v": 5}, {"iodixanol_percent_w_v": 40}, volume, diluent="PBS"),
            fractions=12,
            wall="slides",
        )
        trace = outcome.trace
        off[rotor] = 1130 - trace.shares[0] @ trace.gradients[-1].density
    assert 0 <= off["VTi 65.1"] < 0.2 * off["SW 41 Ti"]
