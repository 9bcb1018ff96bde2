"""How a gradient moves: diffusion, sedimentation equilibrium, conservation, convergence."""

import csv
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import DATA
from scipy.interpolate import CubicSpline
from scipy.special import erf

from sepsim.errors import ProtocolError
from sepsim.media import ConstantFluid, Medium
from sepsim.rotors.rotors import rotor
from sepsim.rotors.tubes import TUBES
from sepsim.techniques.centrifugation.gradient import gradient_evolution
from sepsim.techniques.centrifugation.gradient.gradient import Layer, pour
from sepsim.techniques.centrifugation.gradient.gradient_evolution import evolve, evolve_in_strides
from sepsim.techniques.centrifugation.spin import speed_profile
from sepsim.techniques.centrifugation.tubes.liquid_column import LiquidColumn, liquid_column

COLD, WARM = 277.15, 298.15


class Tracer:
    """A solute that weighs and thickens nothing: the equation with constant coefficients."""

    name, sources, molar_mass, crystallises = "tracer", (), 1.0, False

    def __init__(self, diffusion, per_diffusion=0.0):
        self._diffusion, self._per_diffusion = diffusion, per_diffusion

    def volume(self, c, temperature):
        return 0.0 * c

    specific_volume = volume

    def relative_viscosity(self, c, temperature):
        return 1.0 + 0.0 * c

    def osmolality(self, mass_ratio):
        return 0.0 * mass_ratio

    def diffusion(self, temperature):
        return self._diffusion

    def spreading_factor(self, mass_ratio):
        return 1.0 + 0.0 * mass_ratio

    def sedimentation_per_diffusion(self, c, density, mass_ratio, temperature):
        return self._per_diffusion + 0.0 * c

    def highest_concentration(self, temperature):
        return 1e6

    def refractive_increment(self, c, temperature):
        return 0.0 * c


def pipe(cells, length=0.08, inner=0.07):
    faces = np.linspace(inner, inner + length, cells + 1)
    return LiquidColumn(faces, np.full(cells + 1, 1e-4), 1e-4 * (faces - inner))


def of_tracer(tracer, content, temperature=COLD):
    from sepsim.media import Blend
    from sepsim.techniques.centrifugation.gradient.gradient import Gradient

    still = ConstantFluid(density_g_mL=1.0, viscosity_mPa_s=1e3 * viscosity_of_water(temperature))
    return Gradient(Blend((still,), (tracer,), temperature), content[None], np.ones((1, content.size)))


def viscosity_of_water(temperature):
    from sepsim.media.water import viscosity

    return viscosity(temperature)


def test_a_step_spreads_as_the_error_function():
    column, diffusion, time = pipe(800), 1e-10, 3600.0 * 5
    start = np.where(column.centres < 0.11, 1.0, 3.0)
    end = evolve(of_tracer(Tracer(diffusion), start), column, speed_profile(0.0, time, 0, 0), np.array([0.0, time]))[-1]
    exact = 2.0 + erf((column.centres - 0.11) / math.sqrt(4.0 * diffusion * time))
    assert end.solutes[0] == pytest.approx(exact, abs=1e-4 * 2.0)  # of the step


def test_the_mesh_converges_in_second_order():
    diffusion, time, errors = 1e-10, 3600.0 * 5, []
    for cells in (50, 100, 200):
        column = pipe(cells)
        width = math.sqrt(4.0 * diffusion * (time + 3600.0 * 20))
        before = math.sqrt(4.0 * diffusion * 3600.0 * 20)

        def means(w, column=column):
            z = (column.faces - 0.11) / w
            return np.diff(w * (z * erf(z) + np.exp(-(z**2)) / math.sqrt(math.pi))) / np.diff(column.faces)

        end = evolve(
            of_tracer(Tracer(diffusion), 2.0 + means(before)), column, speed_profile(0.0, time, 0, 0), np.array([time])
        )[-1]
        errors.append(np.abs(end.solutes[0] - 2.0 - means(width)).max())
    order = np.log2(np.array(errors[:-1]) / errors[1:])
    assert order == pytest.approx([2.0, 2.0], abs=0.3)


def test_sedimentation_equilibrium_is_exponential_and_holds_the_mass():
    """c ~ exp(M(1 - v rho) w^2 r^2/(2 R T)) in a tube of constant section; mass exact."""
    column, omega, per_diffusion = pipe(400, length=0.01), 2000.0, 4e-4
    tracer = Tracer(1e-9, per_diffusion)
    end = evolve(of_tracer(tracer, np.ones(400)), column, speed_profile(omega, 3e6, 0, 0), np.array([3e6]))[-1]
    shape = np.exp(0.5 * per_diffusion * omega**2 * column.centres**2)
    shape *= column.volumes.sum() / (shape @ column.volumes)
    assert end.solutes[0] == pytest.approx(shape, rel=2e-4)
    assert end.solutes[0] @ column.volumes == pytest.approx(column.volumes.sum(), rel=1e-12)


@pytest.mark.parametrize("rho", [1.2, 1.4, 1.5, 1.7])
def test_caesium_chloride_forms_the_gradient_of_its_activities(rho):
    """drho/dr = w^2 r/beta(rho) with the table of the reference, which is not ours; mass fixes where it lies."""
    speed, inner, length = 2 * math.pi * 25_000 / 60, 0.06, 0.01
    column = pipe(200, length=length, inner=inner)
    salt = Layer.from_table({"volume_mL": column.depths[-1] * 1e6, "cscl_g_mL": rho})
    start = pour([salt.stretch(WARM)], column.depths)
    end = evolve(start, column, speed_profile(speed, 1e6, 0, 0), np.array([1e6]))[-1]
    with (DATA / "cscl_beta.csv").open() as file:
        table = [{key: row[key] for key in ("rho25_g_mL", "beta_1e9_cgs", "trust")} for row in csv.DictReader(file)]
    densities, betas, trusts = (np.array([float(row[key]) for row in table]) for key in table[0])
    middle = 0.5 * (end.density[1:] + end.density[:-1])
    slope = np.diff(end.density) / np.diff(column.centres)
    beta = 1e9 * np.exp(CubicSpline(densities, np.log(betas))(middle / 1e3)) * 1e-7
    trust = np.interp(middle / 1e3, densities, trusts)
    assert np.all(np.abs(slope * beta / (speed**2 * column.faces[1:-1]) - 1.0) < trust)


@pytest.mark.filterwarnings("ignore::sepsim.errors.ModelRangeWarning")  # the bottom may grow too dense for the data
@settings(max_examples=15, deadline=None)
@given(
    percents=st.lists(st.floats(1, 55), min_size=2, max_size=5),
    hours=st.floats(0.1, 40),
    speed=st.floats(100, 4200),
    kind=st.sampled_from(["sucrose_percent_w_w", "iodixanol_percent_w_v"]),
)
def test_solutes_are_conserved_and_never_negative(percents, hours, speed, kind):
    stack = [Layer.from_table({"volume_mL": 2, kind: c, "diluent": "PBS"}) for c in sorted(percents)]
    column = liquid_column(rotor("SW 41 Ti"), 2e-6 * len(stack), 60)
    start = pour([layer.stretch(COLD) for layer in stack], column.depths)
    profile = speed_profile(speed, 3600 * hours, 300.0, 600.0)
    states = evolve(start, column, profile, np.linspace(0, profile.clock, 4))
    for cells in states:
        assert cells.solutes @ column.volumes == pytest.approx(start.solutes @ column.volumes, rel=1e-10)
        assert cells.solutes.min() > -1e-4
        filled = cells.diluents.sum(axis=0) + 1 - cells.blend.solvent_volume(cells.solutes.clip(min=0))
        assert filled == pytest.approx(np.ones(60), abs=1e-6)


def test_at_rest_nothing_sinks():
    stack = [Layer.from_table({"volume_mL": 4, "sucrose_percent_w_w": c}) for c in (20, 20)]
    column = liquid_column(rotor("SW 41 Ti"), 8e-6, 60)
    start = pour([layer.stretch(COLD) for layer in stack], column.depths)
    end = evolve(start, column, speed_profile(0.0, 1e5, 0, 0), np.array([1e5]))[-1]
    assert end.solutes == pytest.approx(start.solutes, rel=1e-8)


def test_plasma_spreads_slowly_and_salt_water_fast():
    """After a day plasma over a buffer has spread as albumin does, heavy water over a buffer as water does."""
    column, day, widths = pipe(400), 86_400.0, {}
    for upper in ("plasma", "D2O"):
        lower = {"volume_mL": 4, "medium": "PBS"}
        stack = [Layer.from_table({"volume_mL": 4, "medium": upper}), Layer.from_table(lower)]
        start = pour([layer.stretch(COLD) for layer in stack], column.depths)
        end = evolve(start, column, speed_profile(0.0, day, 0, 0), np.array([day]))[-1]
        share = end.shares[[fluid.name for fluid in end.blend.diluents].index(upper)]
        widths[upper] = np.interp([0.16, 0.84], share[::-1], column.centres[::-1]) @ [0.5, -0.5]
    assert 1e-3 < widths["plasma"] < 4e-3
    assert widths["D2O"] > 3 * widths["plasma"]


def test_ramps_count_as_a_third_of_their_time():
    """Sedimentation follows the integral of w^2: a ramp of 30 min moves as much as 10 min at speed."""
    column, omega = pipe(100, length=0.02), 4000.0
    tracer = Tracer(1e-11, 1e-3)
    ramped, plain = (
        evolve(of_tracer(tracer, np.ones(100)), column, profile, np.array([profile.clock]))[-1].solutes[0]
        for profile in (speed_profile(omega, 600.0, 1800.0, 0.0), speed_profile(omega, 1200.0, 0.0, 0.0))
    )
    assert ramped @ column.centres == pytest.approx(plain @ column.centres, rel=1e-5)


@pytest.mark.filterwarnings("ignore::sepsim.errors.ModelRangeWarning")
def test_several_solutes_move_at_once():
    stack = [
        Layer.from_table({"volume_mL": 4, "iodixanol_percent_w_v": c, "diluent": "0.25 M sucrose buffer"})
        for c in (10, 40)
    ]
    column = liquid_column(rotor("SW 41 Ti"), 8e-6, 100)
    start = pour([layer.stretch(COLD) for layer in stack], column.depths)
    end = evolve(start, column, speed_profile(2000.0, 3600.0 * 10, 0, 0), np.array([36_000.0]))[-1]
    names = [solute.name for solute in end.blend.solutes]
    assert sorted(names) == ["iodixanol", "sucrose"]
    sharp = np.abs(np.diff(start.solutes)).max(axis=1)
    assert np.all(np.abs(np.diff(end.solutes)).max(axis=1) < 0.3 * sharp)
    assert Medium.pure(stack[0].medium, COLD).density < end.pooled(column.volumes).density


THREE_LIQUIDS = [
    {"volume_mL": 1, "medium": "plasma"},
    {"volume_mL": 5, "sucrose_percent_w_w": 20, "diluent": "water"},
    {"volume_mL": 5, "medium": "D2O"},
]


@pytest.mark.filterwarnings("ignore::sepsim.errors.ModelRangeWarning")
def test_every_liquid_is_conserved_and_stays_where_it_can_be():
    """Plasma spreads slowly, water and D2O fast; none appears where it has not come to."""
    stack = [Layer.from_table(layer) for layer in THREE_LIQUIDS]
    column = liquid_column(rotor("SW 41 Ti"), 11e-6, 120)
    start = pour([layer.stretch(COLD) for layer in stack], column.depths)
    profile = speed_profile(3000.0, 36_000.0, 0.0, 0.0)
    for cells in evolve(start, column, profile, np.linspace(0.0, profile.clock, 6)):
        assert cells.diluents @ column.volumes == pytest.approx(start.diluents @ column.volumes, rel=1e-9)
        filled = cells.diluents.sum(axis=0) / cells.blend.solvent_volume(cells.solutes.clip(min=0.0))
        assert filled == pytest.approx(np.ones(120), abs=2e-3)
        heavy = cells.diluents[[fluid.name for fluid in cells.blend.diluents].index("D2O")]
        assert heavy[column.depths[1:] < 2e-6].max() < 1e-3


def test_a_solute_that_spreads_makes_room_for_itself():
    """Sucrose over water alone: liquid moves the other way, as much as the sucrose takes up."""
    stack = [Layer.from_table({"volume_mL": 4, "medium": name}) for name in ("PBS", "0.25 M sucrose buffer")]
    column = liquid_column(rotor("SW 41 Ti"), 8e-6, 100)
    start = pour([layer.stretch(COLD) for layer in stack], column.depths)
    end = evolve(start, column, speed_profile(0.0, 2e5, 0.0, 0.0), np.array([2e5]))[-1]
    filled = end.diluents.sum(axis=0) + 1.0 - end.blend.solvent_volume(end.solutes.clip(min=0.0))
    assert filled == pytest.approx(np.ones(100), abs=1e-4)


def test_a_gradient_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(gradient_evolution, "MOST_EVALUATIONS", 20)
    column = pipe(50)
    with pytest.raises(ProtocolError, match="moves too fast to be followed"):
        evolve(of_tracer(Tracer(1e-10), column.centres), column, speed_profile(9e3, 1e5, 0, 0), np.array([1e5]))


# ---- in strides ----------------------------------------------------------------------------------------------

STEPS_OF_IODIXANOL = [{"volume_mL": 3, "iodixanol_percent_w_v": c, "diluent": "PBS"} for c in (5, 10, 20, 40)]
CESIUM = [{"volume_mL": 11, "cscl_g_mL": 1.4}]
GROWING = np.expm1(np.linspace(0.0, 3.0, 15)) / np.expm1(3.0)


def poured_into(name, stack, cells):
    """Layers in a tube of a rotor, in few cells or many."""
    stretches = [Layer.from_table(each).stretch(COLD) for each in stack]
    column = liquid_column(rotor(name), sum(each.volume for each in stretches), cells)
    return pour(stretches, column.depths), column


@pytest.mark.filterwarnings("ignore::sepsim.errors.ModelRangeWarning")
@pytest.mark.parametrize(
    ("name", "stack"),
    [("SW 41 Ti", STEPS_OF_IODIXANOL), ("NVT 65", CESIUM), ("SW 41 Ti", THREE_LIQUIDS)],
    ids=["iodixanol", "self-forming", "three liquids"],
)
@pytest.mark.parametrize("hours", [1, 20])
def test_fourteen_strides_give_the_density_of_a_twelfth_of_the_liquid_to_4_kg_m3(name, stack, hours):
    """Much nearer than the gradient as poured, which is off by 20 to 200 kg/m3 after 20 h."""
    profile = speed_profile(4000.0, 3600.0 * hours, 300.0, 600.0)
    few, column = poured_into(name, stack, 64)
    rough = evolve_in_strides(few, column, profile, profile.clock * GROWING)[-1]
    many, fine_column = poured_into(name, stack, 384)
    fine = evolve(many, fine_column, profile, np.array([profile.clock]))[-1]
    totals = rough.solutes @ column.volumes, rough.diluents @ column.volumes
    assert totals[0] == pytest.approx(few.solutes @ column.volumes, rel=1e-12)
    assert totals[1] == pytest.approx(few.diluents @ column.volumes, rel=1e-3)
    borders = np.linspace(0.0, column.depths[-1], 13)
    densities = [
        np.diff(np.interp(borders, each.depths, np.append(0.0, np.cumsum(cells.density * each.volumes))))
        for each, cells in ((column, rough), (fine_column, fine))
    ]
    assert densities[0] / np.diff(borders) == pytest.approx(densities[1] / np.diff(borders), abs=4.0)


def test_a_stride_of_any_length_ends_at_equilibrium():
    """One step over a time in which everything has settled: sedimentation equilibrium, c'/c = a r."""
    column, per_diffusion, omega = pipe(60), 2e-3, 400.0
    start = of_tracer(Tracer(1e-9, per_diffusion), np.ones(60))
    end = evolve_in_strides(start, column, speed_profile(omega, 1e9, 0, 0), np.array([0.0, 1e9]))[-1]
    slope = np.diff(np.log(end.solutes[0])) / np.diff(column.centres)
    assert slope == pytest.approx(per_diffusion * omega**2 * column.faces[1:-1], rel=3e-3)


def test_a_gradient_without_solutes_and_of_one_liquid_stays():
    water = ConstantFluid(density_g_mL=1.0, viscosity_mPa_s=1.5)
    still, column = poured_into("SW 41 Ti", [{"volume_mL": 5, "medium": water}], 20)
    end = evolve_in_strides(still, column, speed_profile(3e3, 1e4, 0, 0), np.array([0.0, 1e4]))[-1]
    assert end.density == pytest.approx(still.density, rel=1e-15)


# ---- crystals ------------------------------------------------------------------------------------------------

CONE = "50 mL conical"


def spun_cushion(name, tube, stack, hours, speed, cells=60):
    """Layers in a tube of one's choice, spun for so long."""
    stretches = [Layer.from_table(each).stretch(COLD) for each in stack]
    bucket = rotor(name) if tube is None else replace(rotor(name), tube=TUBES.get(tube))
    column = liquid_column(bucket, sum(each.volume for each in stretches), cells)
    profile = speed_profile(speed, 3600.0 * hours, 0.0, 0.0)
    return evolve(pour(stretches, column.depths), column, profile, np.linspace(0.0, profile.clock, 5))


def test_sucrose_in_a_cone_keeps_to_its_equilibrium_however_long():
    """M(1 - v rho) w^2 r L/(R T) is some percent over the cushion: in the end it is nearly even, in the tip too."""
    stack = [{"volume_mL": 8, "medium": "water"}, {"volume_mL": 8, "sucrose_percent_w_v": 79, "diluent": "water"}]
    end = spun_cushion("A-4-81", CONE, stack, 10_000, 400.0, cells=400)[-1]
    assert end.solutes[0].max() < 1.15 * end.solutes[0].min()
    assert np.all(np.diff(end.density) > 0.0)


@pytest.mark.filterwarnings("ignore::sepsim.errors.ModelRangeWarning")
@pytest.mark.parametrize(("rho", "rpm"), [(1.4, 33_700), (1.5, 28_800), (1.7, 19_200)])
def test_caesium_chloride_crystallises_at_the_speed_that_its_equilibrium_gives(rho, rpm):
    """Full tube of an SW 41 at 25 degC, computed from the reference's beta and a solubility of 1.91 g/mL, to 12 %."""
    bucket = rotor("SW 41 Ti")
    column = liquid_column(bucket, bucket.tube.volume, 100)
    start = pour(
        [Layer.from_table({"volume_mL": 1e6 * bucket.tube.volume, "cscl_g_mL": rho}).stretch(WARM)], column.depths
    )
    slow, fast = (speed_profile(share * rpm * math.pi / 30, 3e6, 0, 0) for share in (0.88, 1.12))
    evolve(start, column, slow, np.array([slow.clock]))
    with pytest.raises(ProtocolError, match=r"CsCl would crystallise .* mL below the meniscus after .* min: more than"):
        evolve(start, column, fast, np.array([fast.clock]))


@pytest.mark.filterwarnings("ignore::sepsim.errors.ModelRangeWarning")
@settings(max_examples=12, deadline=None)
@given(
    place=st.sampled_from([("A-4-81", CONE, 300.0), ("SW 41 Ti", None, 4200.0), ("VTi 90", None, 8000.0)]),
    amount=st.sampled_from(
        [{"sucrose_percent_w_v": 79}, {"sucrose_percent_w_v": 40}, {"iodixanol_percent_w_v": 60}, {"cscl_g_mL": 1.75}]
    ),
    hours=st.floats(0.1, 3000.0),
)
def test_no_spin_is_so_long_that_a_concentration_is_no_number(place, amount, hours):
    """A run ends with numbers, or with words that say why it cannot."""
    name, tube, speed = place
    volume = 2.0 if name == "VTi 90" else 4.0
    stack = [{"volume_mL": volume / 2, "medium": "water"}, {"volume_mL": volume / 2, **amount, "diluent": "water"}]
    try:
        states = spun_cushion(name, tube, stack, hours, speed)
    except ProtocolError as error:
        told, states = str(error), []
    else:
        told = "cannot be followed"
    assert any(reason in told for reason in ("crystallise", "cannot be followed", "too fast"))
    for cells in states:
        assert np.all(np.isfinite(cells.solutes))
        for solute, held in zip(cells.blend.solutes, cells.solutes, strict=True):
            assert not solute.crystallises or held.max() <= 1.002 * solute.highest_concentration(COLD)
