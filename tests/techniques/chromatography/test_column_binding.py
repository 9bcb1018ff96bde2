"""What resins bind: across the limit of the pores, in steps, by bed, and up to a measured capacity."""

import numpy as np
import pytest

from sepsim.method import check_balance
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.chromatography.chromatography import Chromatography

RNG = np.random.default_rng(0)
LAWS = {
    "cylinders": {"pore_diameter_nm": 24},
    "spread of cylinders": {"pore_diameter_nm": 24, "pore_geometric_sd": 1.5},
    "fibre gel": {"fibre_radius_nm": 2.5, "fibre_volume_fraction": 0.1},
}
AMPLE = {"capacity_per_mL": 1e25, "desorption_per_s": 100}


def loaded(*populations, volume_mL=0.5, **more):
    table = {"volume_mL": volume_mL, "temperature_C": 20, "medium": "PBS", "population": list(populations)}
    return recipe(table | more).prepare()


def particles(*diameters_nm, kind="particle"):
    shape = {"kind": kind, "density_g_mL": 1.05, "particles_per_mL": 1e9}
    return [{"name": f"{diameter:g} nm", "diameter_nm": diameter} | shape for diameter in diameters_nm]


def resin(binds, **pores):
    return {"bead_diameter_um": 90, "bead_porosity": 0.85, "binds": binds} | pores


def bed(*resins):
    table = {"bed_volume_mL": 1, "diameter_mm": 7, "resin": resins[0]}
    return table | ({"underlayer": {"bed_volume_mL": 1, "resin": resins[1]}} if resins[1:] else {})


def run(sample, column, *, fractions=12, **given):
    settings = {"flow_mL_min": 5, "fraction_volume_mL": 0.5, "fractions": fractions, "vesicle_adsorption_percent": 0}
    outcome = Chromatography(column=column, **settings | given).run(sample, rng=RNG)
    check_balance(sample, outcome)
    return outcome


def passed(sample, outcome):
    """Share of each population in the numbered fractions, shape (n_populations, n_fractions)."""
    numbered = [each for name, each in outcome.fractions.items() if name.startswith("fraction ")]
    return np.array([[each.by_population[name] / sample.by_population[name] for each in numbered]
                     for name in sample.by_population])  # fmt: skip


# ---- across the limit of the pores ---------------------------------------------------------------------------


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("how", [{}, AMPLE], ids=["exact", "stepped"])
def test_what_binds_to_beads_binds_whether_it_just_enters_the_pores_or_just_not(law, how):
    """Through the film alone pass exp(-3 k_f F tau/r): it rises with size, without a step where the pores end."""
    diameters = np.array([18, 20, 22, 23, 23.9, 23.99, 24.01, 24.1, 26, 30, 40])
    population = particles(*diameters)
    binds = {each["name"]: {"retention_factor": 100} | how for each in population}
    sample = loaded(*population)
    outcome = run(sample, bed(resin(binds, **LAWS[law])), flow_mL_min=20)
    assert outcome.trace.stepped == bool(how)
    share = passed(sample, outcome).sum(axis=1)
    assert np.all(np.diff(share) > 0)
    assert abs(share[6] - share[5]) < 1e-3
    assert share[6] == pytest.approx(share[3], rel=0.1)


@pytest.mark.parametrize("law", LAWS)
def test_ample_capacity_is_no_limit_for_vesicles_on_both_sides_of_the_pores(law):
    """A lognormal population around the limit of 24 nm: in steps, with sizes put together, as in the exact solution."""
    vesicles = {"name": "v", "kind": "vesicle", "median_diameter_nm": 26, "geometric_sd": 1.2, "density_g_mL": 1.1}
    sample = loaded(vesicles | {"particles_per_mL": 1e9}, volume_mL=0.05, size_bins=13)
    found = []
    for how in ({}, AMPLE):
        column = bed(resin({"v": {"retention_factor": 8} | how}, **LAWS[law]))
        found.append(passed(sample, run(sample, column, flow_mL_min=0.5, fractions=12))[0])
    exact, stepped = found
    assert stepped == pytest.approx(exact, abs=2e-3)


def test_sizes_put_together_have_their_mean_and_stay_on_their_side_of_the_limit():
    from sepsim.media import Medium, fluid
    from sepsim.techniques.chromatography.column_conditions import Conditions, Species
    from sepsim.techniques.chromatography.columns.columns import Column

    spheres = {"name": "v", "kind": "particle", "median_diameter_nm": 26, "geometric_sd": 1.5, "density_g_mL": 1.1}
    sample = loaded(spheres | {"particles_per_mL": 1e9}, size_bins=60)
    column = Column(**bed(resin({"v": {"retention_factor": 8} | AMPLE}, pore_diameter_nm=24)))
    conditions = Conditions(column, 1e-8, Medium.pure(fluid("PBS"), 293.15))
    table = sample.particles
    species = Species.of(table, conditions, sample.counts)
    size = 0.5 * table.diameter
    assert species.radius.size - 1 < len(np.unique(size))  # some are put together; the last species is the liquid
    for index, radius in enumerate(species.radius[:-1]):
        members = species.of_class == index
        assert np.average(size[members], weights=sample.counts[members] + 1e-30) == pytest.approx(radius, rel=1e-9)
        assert len(set(size[members] >= 12e-9)) == 1
        assert species.diffusivity[index] * radius == pytest.approx(species.diffusivity[0] * species.radius[0])


# ---- kinds of binding ----------------------------------------------------------------------------------------


def test_what_a_lower_bed_binds_reversibly_is_not_lost_with_what_the_upper_one_captures():
    vesicle = particles(100, kind="vesicle")
    name = vesicle[0]["name"]
    sample = loaded(*vesicle, volume_mL=0.05)
    captures = resin({name: {"capture_per_s": 0.001, "capacity_per_mL": 1e20}}, pore_diameter_nm=400)
    binds = resin({name: {"retention_factor": 1000, "capacity_per_mL": 1e20}}, pore_diameter_nm=400)
    idle = resin({}, pore_diameter_nm=400)
    lost = []
    for below in (binds, idle):
        outcome = run(sample, bed(captures, below), flow_mL_min=0.5)
        lost.append(outcome.fractions["lost"].by_population[name] / sample.by_population[name])
    assert lost[0] == pytest.approx(lost[1], rel=1e-3)
    assert 0.01 < lost[0] < 0.1


def test_linear_capture_and_retention_act_together():
    """As in a bed of the same passage: capture takes its share, retention delays what is left."""
    vesicle = particles(100, kind="vesicle")
    name = vesicle[0]["name"]
    sample = loaded(*vesicle, volume_mL=0.05)
    both, one = (
        run(sample, bed(resin({name: binding}, pore_diameter_nm=400)), flow_mL_min=0.5, fractions=40)
        for binding in ({"retention_factor": 8, "capture_per_s": 0.01}, {"capture_per_s": 0.01})
    )
    shares = [passed(sample, each)[0] for each in (both, one)]
    centres = 0.5 * np.arange(40) + 0.25
    means = [share @ centres / share.sum() for share in shares]
    assert shares[0].sum() == pytest.approx(shares[1].sum(), abs=5e-3)
    assert shares[0].sum() < 0.9
    assert means[0] - means[1] > 1.0  # mL


def test_a_fibre_tip_breaks_through_where_it_was_measured():
    """Jackson 2020, abstract: about 7e11 vesicles at 50 % breakthrough on a tip of about 5 uL."""
    load, volume, parts = 1.5e12, 0.1, 20
    sample = loaded({"name": "exosome", "particles_per_mL": load / volume}, volume_mL=volume, size_bins=6)
    outcome = run(
        sample, "hydrophobic fibre tip, 5 uL", flow_mL_min=0.05, fraction_volume_mL=volume / parts, fractions=parts
    )
    feed = passed(sample, outcome)[0] * parts  # concentration at the outlet over that of the load
    through = np.interp(0.5, np.maximum.accumulate(feed), (np.arange(parts) + 0.5) / parts * load)
    assert 0.5 * 7e11 < through < 2.0 * 7e11
    assert 0.5 * 7e11 < outcome.fractions["column"].by_population["exosome"] < 2.0 * 7e11


@pytest.mark.parametrize("volume", [1, 20, 50])
def test_an_anion_exchanger_holds_the_vesicles_of_large_loads(volume):
    sample = loaded({"name": "exosome", "particles_per_mL": 1e10}, volume_mL=volume, size_bins=4)
    outcome = run(sample, "anion exchange column, 1 mL", flow_mL_min=1, fraction_volume_mL=1.5 * volume, fractions=1)
    assert passed(sample, outcome)[0, 0] < 0.01


def test_the_error_of_steps_is_told_and_not_below_what_it_is():
    sample = loaded(*particles(8, 12, 30))
    column = bed(resin({}, pore_diameter_nm=24))
    for model in ("general rate", "equilibrium dispersive"):
        exact, stepped = (
            run(sample, column, flow_mL_min=0.5, model=model, solver=solver) for solver in (None, "stepped")
        )
        error = np.abs(passed(sample, stepped) - passed(sample, exact)).max()
        assert error <= stepped.trace.stepping_error + 1e-3  # of the shells
        assert exact.trace.stepping_error == 0.0


def test_a_narrow_peak_is_drawn_as_high_as_it_is():
    """Dispersion of 4e-10 m2/s on 1 mL: the curve holds what the fractions hold, by the trapezoidal rule."""
    sample = loaded(*particles(100), volume_mL=0.005)
    column = bed(resin({}, pore_diameter_nm=24))
    outcome = run(sample, column, flow_mL_min=0.5, axial_dispersion_m2_s=4e-10, fractions=24)
    trace = outcome.trace
    assert trace.volumes.size > 1025
    assert np.trapezoid(trace.concentration[0], trace.volumes) == pytest.approx(
        sample.counts.sum() * trace.collected.shares.sum(), rel=1e-3, abs=0
    )


def test_a_peak_too_sharp_to_draw_is_drawn_by_what_leaves_in_intervals():
    """Hundreds of void volumes: the fractions converge, the series of the curve does not."""
    sample = loaded(*particles(8), volume_mL=1)
    fibre = {"bead_diameter_um": 40, "bead_porosity": 0, "binds": {"8 nm": {"retention_factor": 1}}}
    tip = {"bed_volume_mL": 0.005, "diameter_mm": 0.8, "resin": fibre, "void_fraction": 0.5}
    outcome = run(sample, tip, flow_mL_min=0.1, fraction_volume_mL=1.5, fractions=3)
    trace = outcome.trace
    assert np.trapezoid(trace.concentration[0], trace.volumes) == pytest.approx(sample.counts.sum(), rel=1e-2, abs=0)
    plateau = trace.concentration[0, (trace.volumes > 0.2e-6) & (trace.volumes < 0.9e-6)]
    assert plateau == pytest.approx(np.full(plateau.shape, 1e15), rel=1e-6)
