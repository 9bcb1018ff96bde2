"""Filtrations of samples: time, sieving and washing against plain equations, and where every particle goes."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp, trapezoid

from sepsim.errors import InputError
from sepsim.media import fluid
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.filtration import fouling_vessel
from sepsim.techniques.filtration.fouling import Fouling, Stage
from sepsim.techniques.filtration.fouling_vessel import FoulingVessel
from sepsim.techniques.filtration.membrane_run import run_membrane
from sepsim.techniques.filtration.membranes.filter_modules import DeadEnd, SpinFilter, StirredCell, TangentialFlow
from sepsim.techniques.filtration.membranes.hindrance import hindered_convection, hindered_diffusion
from sepsim.techniques.filtration.membranes.membranes import Membrane
from sepsim.techniques.filtration.sieving import VesicleSkin
from sepsim.techniques.filtration.vessel import MembraneConditions

PBS = fluid("PBS")
G = 9.80665
K = 1.380649e-23


def population(name, diameter_nm, *, per_mL=1e3, kind="particle", **more):
    return {
        "name": name, "kind": kind, "diameter_nm": diameter_nm, "particles_per_mL": per_mL, "density_g_mL": 1.1, **more
    }  # fmt: skip


def load(*populations, volume=10, medium="PBS"):
    return recipe(
        {"volume_mL": volume, "temperature_C": 20, "medium": medium, "population": list(populations)}
    ).prepare()


def membrane(**changes):
    own = {
        "material": "regenerated cellulose", "mwco_kDa": 100, "rated_with": "protein", "area_cm2": 5.0,
        "permeability_L_m2_h_bar": 200.0,
    }  # fmt: skip
    return Membrane(**{key: value for key, value in (own | changes).items() if value is not None})


STIRRED = StirredCell(pressure_bar=0.2, stirring_rpm=1200, cell_diameter_mm=25)


def march(sample, *stages, module=STIRRED, walls=None, devices=1, time=math.inf, coverage=0.0, **fouling):
    setting = MembraneConditions(
        membrane=walls or membrane(), module=module, fouling=Fouling(**fouling), skin=VesicleSkin(), coverage=coverage
    )
    return run_membrane(FoulingVessel(sample, setting, PBS, devices, time), stages)


def down_to(left_mL, start_mL=10):
    return Stage("concentrate", 0.0, (start_mL - left_mL) * 1e-6, constant=False)


def washed(diavolumes, volume_mL=10):
    return Stage("diafilter", 0.0, diavolumes * volume_mL * 1e-6, constant=True)


def gone_to(run):
    return run.retained + run.permeated + run.burst + run.adsorbed + run.deposited


# ---- time and pressure ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rcf", "left"), [(1000, 0.5), (4000, 2.0), (4000, 0.1)])
def test_the_level_of_a_spin_filter_falls_as_its_pressure_drives_it(rcf, left):
    """dV/dt = -A p / (mu R), p the mean over the membrane of rho omega^2 [r^2 - r_in^2] / 2 below the level."""
    sample = load(population("tracer", 100))
    run = march(sample, down_to(left), module=SpinFilter(rcf_xg=rcf, radius_mm=150, bore_mm=20))
    density, viscosity = sample.medium.density, sample.medium.viscosity
    cross, outer = math.pi / 4 * 0.02**2, 0.15

    def pressure(volume):
        level = outer - volume / cross
        heights = np.linspace(outer - 0.03, outer, 3001)
        local = 0.5 * density * rcf * G / outer * np.clip(heights**2 - level**2, 0.0, None)
        return trapezoid(local, heights) / 0.03

    resistance = 1 / (1.0016e-3 * 200e-3 / 3600 / 1e5)  # of 200 L m-2 h-1 bar-1 to water at 20 C

    def slope(volume, _):
        return [-1 / (5e-4 * pressure(volume) / (viscosity * resistance))]

    time = solve_ivp(slope, (10e-6, left * 1e-6), [0.0], rtol=1e-10, atol=1e-6).y[0, -1]
    assert run.time[-1] == pytest.approx(time, rel=2e-3)
    assert run.pressure[0] == pytest.approx(pressure(10e-6), rel=1e-6)
    assert run.pressure[-1] == pytest.approx(pressure(left * 1e-6), rel=0.05)
    assert np.all(np.diff(run.pressure[1:]) < 0)


def test_constant_pressure_filters_at_the_permeability():
    """200 L m-2 h-1 bar-1 at 0.2 bar through 5 cm2 are 20 mL/h of water."""
    run = march(load(population("tracer", 100), medium="water"), down_to(1.0))
    assert run.time[-1] / 3600 == pytest.approx(9 / 20, rel=2e-3)
    assert run.flux == pytest.approx(np.full(run.flux.size, 40e-3 / 3600), rel=2e-3)


def test_time_is_kept():
    whole = march(load(population("tracer", 100)), down_to(1.0))
    run = march(load(population("tracer", 100)), down_to(1.0), washed(3, 1), time=0.4 * whole.time[-1])
    assert run.stopped.endswith("the time is over")
    assert run.time[-1] == pytest.approx(0.4 * whole.time[-1], rel=1e-9)
    assert run.permeate[-1] == pytest.approx(0.4 * 9e-6, rel=1e-3, abs=0)
    assert len(run.ends) == 1
    assert whole.stopped == ""


# ---- sieving -------------------------------------------------------------------------------------------------


def observed_sieving(diameter, walls, pressure=2e4, viscosity=None, density=None, temperature=293.15):
    """Hindered transport in each pore, with its own velocity p r^2/(8 mu L) over its length L, behind a film."""
    radius = np.exp(np.linspace(-8, 8, 4001) * math.log(walls.geometric_sd)) * walls.pores.flow_median_radius
    share = np.exp(-0.5 * (np.log(radius / walls.pores.flow_median_radius) / math.log(walls.geometric_sd)) ** 2)
    share /= share.sum()
    D = K * temperature / (3 * math.pi * viscosity * diameter)
    ratio = 0.5 * diameter / radius
    W, H = hindered_convection(ratio), hindered_diffusion(ratio)
    inside = W > 0
    peclet = W[inside] / H[inside] * pressure * radius[inside] ** 2 / (8 * viscosity * D)
    actual = np.sum(share[inside] * W[inside] / (1 - (1 - W[inside]) * np.exp(-peclet)))
    momentum = viscosity / density
    k = 0.23 * (1200 * 2 * math.pi / 60 * 0.0125**2 / momentum) ** 0.567 * (momentum / D) ** 0.33 * D / 0.0125
    flux = pressure / viscosity * 1.0016e-3 * 200e-3 / 3600 / 1e5
    return actual / (actual + (1 - actual) * math.exp(-flux / k))


@pytest.mark.parametrize("diameter", [2.0, 5.0, 8.0, 11.0])
@pytest.mark.parametrize("spread", [1.2, 1.5])
def test_what_passes_follows_pores_and_film(diameter, spread):
    """X^-S and exp(-N S) with the observed sieving coefficient; the film is thin."""
    sample, walls = load(population("solute", diameter)), membrane(geometric_sd=spread)
    S = observed_sieving(
        diameter * 1e-9, walls, viscosity=sample.medium.viscosity, density=sample.medium.density
    )  # fmt: skip
    concentrated, diafiltered = march(sample, down_to(2.0), walls=walls), march(sample, washed(4), walls=walls)
    for run, expected in ((concentrated, 5**-S), (diafiltered, math.exp(-4 * S))):
        assert run.permeated[0] / sample.counts[0] == pytest.approx(1 - expected, rel=0.01)


def test_larger_cut_offs_pass_more_and_larger_particles_less():
    sizes = [3, 6, 12, 25, 50]
    sample = load(*(population(f"{nm} nm", nm) for nm in sizes))
    shares = np.array([
        march(sample, down_to(1.0), walls=membrane(mwco_kDa=cut, thickness_um=0.1)).permeated / sample.counts
        for cut in (10, 30, 100, 300)
    ])  # fmt: skip
    seen = shares > 1e-300
    assert np.all((np.diff(shares, axis=0) > 0)[seen[1:]])
    assert np.all((np.diff(shares, axis=1) < 0)[seen[:, :-1]])
    assert seen.sum() > 15
    assert shares[0, -1] < 1e-9
    assert shares[-1, 0] > 0.5


def test_dextran_rated_membranes_pass_more_than_protein_rated_ones():
    sample = load(population("ldl", 24))
    protein, dextran = (
        march(sample, down_to(1.0), walls=membrane(mwco_kDa=300, rated_with=rating)).permeated[0]
        for rating in ("protein", "dextran")
    )
    assert dextran > 100 * protein


def test_density_does_not_matter():
    sample = recipe({
        "volume_mL": 10, "medium": "PBS", "density_quantiles": 5,
        "population": [population("beads", 12, density_sd_g_mL=0.02)],
    }).prepare()  # fmt: skip
    run = march(sample, down_to(1.0))
    assert sample.counts.size == 5
    assert np.ptp(run.permeated / sample.counts) < 1e-14


# ---- washing -------------------------------------------------------------------------------------------------


def test_first_liquid_is_washed_out_exponentially():
    run = march(load(population("tracer", 100), medium="plasma"), washed(3))
    inside, outside = ({part.name: share for part, share in medium.components} for medium in run.liquids)
    left = math.exp(-3)
    assert inside["plasma"] == pytest.approx(left, rel=1e-9)
    assert inside["PBS"] == pytest.approx(1 - left, rel=1e-9)
    assert outside["plasma"] == pytest.approx((1 - left) / 3, rel=1e-9)
    assert run.diavolumes[-1] == pytest.approx(3, rel=1e-12)


def test_liquids_of_concentration_and_washes_balance():
    wash = [Stage(f"wash {i}", 4e-6, 4e-6, constant=False) for i in (1, 2)]
    run = march(load(population("tracer", 100), medium="plasma"), down_to(2.0), *wash)
    inside, outside = ({part.name: share for part, share in medium.components} for medium in run.liquids)
    assert inside["plasma"] == pytest.approx(1 / 9, rel=1e-9)
    assert run.volume[-1] == pytest.approx(2e-6, rel=1e-9, abs=0)
    assert run.permeate[-1] == pytest.approx(16e-6, rel=1e-9, abs=0)
    assert inside["plasma"] * 2 + outside["plasma"] * 16 == pytest.approx(10, rel=1e-9)
    assert outside["PBS"] * 16 + inside["PBS"] * 2 == pytest.approx(8, rel=1e-9)
    assert run.diavolumes[-1] == pytest.approx(4, rel=1e-9)
    assert [run.permeate[end] * 1e6 for end in run.ends] == pytest.approx([8, 12, 16], rel=1e-9)


@pytest.mark.parametrize("nm", [3.0, 8.0])
def test_many_small_washes_tend_to_continuous_washing(nm):
    """n washes leave (1 + N/n)^(-n S); the rest falls short of exp(-N S) by a term in 1/n."""
    sample = load(population("solute", nm))
    continuous = -math.log(march(sample, washed(3)).retained[0] / sample.counts[0])
    short = []
    for n in (1, 2, 4, 8, 16):
        wash = [Stage(f"wash {i}", 30e-6 / n, 30e-6 / n, constant=False) for i in range(n)]
        short.append(continuous + math.log(march(sample, *wash).retained[0] / sample.counts[0]))
    assert np.all(np.diff(short) < 0)
    assert short[-1] == pytest.approx(continuous * (1 - 16 / 3 * math.log(1 + 3 / 16)), rel=0.05)


# ---- balance and numerics ------------------------------------------------------------------------------------

MIXTURE = (
    population("albumin-like", 7, per_mL=1e15), population("beads", 100, per_mL=1e11),
    population("vesicles", 150, per_mL=1e10, kind="vesicle"), population("cells", 8000, per_mL=1e4),
)  # fmt: skip
MODULES = {
    "spin": SpinFilter(rcf_xg=3000),
    "stirred": STIRRED,
    "dead end": DeadEnd(pressure_bar=1),
    "tangential": TangentialFlow(pressure_bar=0.5, shear_rate_per_s=3000),
}


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("open_membrane", [False, True])
def test_every_particle_is_somewhere(module, open_membrane):
    sample = load(*MIXTURE)
    pores = {"mwco_kDa": None, "rated_with": None, "pore_diameter_nm": 110, "thickness_um": 10}
    walls = membrane(**pores) if open_membrane else membrane()
    run = march(
        sample, down_to(2.0), washed(2, 2), module=MODULES[module], walls=walls, coverage=0.1, constriction=1e-3
    )
    assert run.stopped == ""
    assert gone_to(run) == pytest.approx(sample.counts, rel=1e-9, abs=0)
    for where in (run.retained, run.permeated, run.burst, run.adsorbed, run.deposited):
        assert np.all(where >= 0)
    assert run.vessel[0] == pytest.approx(sample.particles.totals(sample.counts), rel=1e-12)
    assert run.vessel[-1] == pytest.approx(sample.particles.totals(run.retained), rel=1e-9)
    assert run.passed[-1] == pytest.approx(sample.particles.totals(run.permeated), rel=1e-9)
    assert np.all(np.diff(run.time) > 0)
    assert np.all(np.diff(run.passed, axis=0) >= 0)
    covered = np.sum(run.adsorbed[1:] * math.pi / 4 * sample.particles.diameter[1:] ** 2)
    assert covered <= 0.1 * 5e-4 + np.sum(1e-3 * run.permeated[1:] * sample.particles.diameter[1:] ** 2)


@pytest.mark.parametrize("module", ["spin", "dead end"])
def test_finer_steps_change_little(module, monkeypatch):
    sample = load(*MIXTURE)
    usual = march(sample, down_to(1.0), module=MODULES[module], coverage=0.1)
    monkeypatch.setattr(fouling_vessel, "STEPS", 40)
    monkeypatch.setattr(FoulingVessel, "pieces", 40)
    fine = march(sample, down_to(1.0), module=MODULES[module], coverage=0.1)
    assert usual.time[-1] == pytest.approx(fine.time[-1], rel=5e-3)
    for name in ("retained", "permeated", "adsorbed", "deposited"):
        shares = [getattr(run, name) / sample.counts for run in (usual, fine)]
        assert shares[0] == pytest.approx(shares[1], abs=5e-3), name


def test_devices_side_by_side_share_the_sample():
    one = march(load(*MIXTURE), down_to(1.0))
    double = march(load(*MIXTURE, volume=20), down_to(1.0), devices=2)
    assert double.retained == pytest.approx(2 * one.retained, rel=1e-9, abs=0)
    assert double.deposited == pytest.approx(2 * one.deposited, rel=1e-9, abs=0)
    assert double.time[-1] == pytest.approx(one.time[-1], rel=1e-12)


def test_adsorption_takes_no_more_than_the_coverage():
    sample = load(population("beads", 100, per_mL=1e11))
    run = march(sample, washed(5), coverage=0.2, sticking=1.0, module=SpinFilter(rcf_xg=1000, bore_mm=20))
    assert run.adsorbed[0] == pytest.approx(0.2 * 5e-4 / (math.pi / 4 * 1e-14), rel=1e-3)
    assert march(sample, washed(5), coverage=0.0, sticking=1.0).adsorbed[0] == 0


def test_without_stirring_all_that_is_held_back_lies_down():
    """The liquid carries 90 % of them to the membrane; a thin film holds some of those."""
    sample = load(population("beads", 1000, per_mL=1e9))
    run = march(sample, down_to(1.0), module=DeadEnd(pressure_bar=1))
    assert run.deposited[0] / sample.counts[0] == pytest.approx(0.9, rel=0.01)
    assert run.deposited[0] < 0.9 * sample.counts[0]


# ---- wrong input ---------------------------------------------------------------------------------------------


def test_there_must_be_liquid():
    sample = load(population("beads", 100))
    _, left = sample.take(0.0, sample.volume)
    assert left.volume == 0
    with pytest.raises(InputError, match="there is no liquid to filter"):
        march(left, down_to(1.0))


def test_a_wash_that_presses_too_hard():
    """5 mL press with 2.0 bar, 15 mL with more than the membrane bears."""
    spin, walls = SpinFilter(rcf_xg=1000, bore_mm=25), membrane(max_pressure_bar=2.5)
    sample = load(population("beads", 100), volume=5)
    assert march(sample, down_to(1.0, 5), module=spin, walls=walls).stopped == ""
    with pytest.raises(InputError, match=r"bears at most 2\.5 bar; spin at up to"):
        march(sample, down_to(1.0, 5), Stage("wash", 14e-6, 14e-6, constant=False), module=spin, walls=walls)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"blocking": -1}, "blocking = -1: must be at least 0"),
        ({"directed": 1.1}, "directed = 1.1: must be at least 0 and at most 1"),
        ({"constriction": 2}, "constriction = 2: must be at least 0 and at most 1"),
        ({"sticking": math.nan}, "sticking"),
        ({"first_layer": math.inf}, "first_layer"),
    ],
)
def test_wrong_fouling(given, expected):
    with pytest.raises(InputError, match=expected):
        Fouling(**given)
