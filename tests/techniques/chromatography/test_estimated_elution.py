"""Elutions in closed forms: moments, plugs and fronts against the solved equations, and dry runs against runs."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import ROOT
from scipy.special import ndtr
from spins import RNG

from sepsim.errors import InputError
from sepsim.media import Medium, fluid
from sepsim.method import check_balance
from sepsim.protocols.protocol_file import load_protocol
from sepsim.samples.sample_recipe import recipe, sample_from_catalog
from sepsim.techniques.chromatography.chromatography import Chromatography
from sepsim.techniques.chromatography.column_conditions import MODELS, Conditions, Load, Species
from sepsim.techniques.chromatography.columns.columns import COLUMNS, Column
from sepsim.techniques.chromatography.estimated_elution import Passage, left_by, passage, uptake
from sepsim.techniques.chromatography.kernels import column as kernel
from sepsim.techniques.chromatography.kernels import column_steps
from sepsim.techniques.chromatography.stepped_elution import MOST_STEPS

MEDIUM, PLASMA = "conditioned medium", "platelet-poor plasma"
STRONG = {"density_g_mL": 1.04, "viscosity_mPa_s": 1.1}
CORE = {"bed_volume_mL": 5, "diameter_mm": 10, "resin": "core beads, 700 kDa shell"}
BINDS = {
    "bead_diameter_um": 50,
    "bead_porosity": 0.8,
    "pore_diameter_nm": 60,
    "binds": {"ldl": {"retention_factor": 3}},
}
ION_EXCHANGE = "anion exchange column, 1 mL"
FEW = {"fraction_volume_mL": 0.5, "fractions": 26}


def run_through(column, *, flow_mL_min=0.5, **settings):
    return Chromatography(column=column, flow_mL_min=flow_mL_min, **settings)


CASES = {
    "size exclusion": (PLASMA, 0.5, run_through("Sepharose CL-2B, 10 mL", **FEW)),
    "counted from the void volume": (
        PLASMA, 0.5, run_through("SEC column 70 nm, 0.5 mL load", **FEW | {"fractions": 12}, count_from="void")
    ),
    "lumped": (PLASMA, 0.5, run_through("Sepharose CL-4B, 10 mL", **FEW, model=MODELS[1])),
    "dispersive": (PLASMA, 0.5, run_through("Sepharose CL-4B, 10 mL", **FEW, model=MODELS[2])),
    "large load": (MEDIUM, 2.5, run_through("Sepharose CL-2B, 10 mL", fraction_ends_mL=[3, 6, 12])),
    "too few fractions": (MEDIUM, 0.5, run_through("Sepharose CL-2B, 10 mL", fraction_ends_mL=[3, 4.5])),
    "two beds": (PLASMA, 0.5, run_through("dual-mode column", **FEW)),
    "core beads": (PLASMA, 0.5, run_through(CORE, **FEW)),
    "own resin": (PLASMA, 0.5, run_through({"bed_volume_mL": 4, "diameter_mm": 8, "resin": BINDS}, **FEW)),
    "ion exchange": (
        MEDIUM, 1, run_through(ION_EXCHANGE, **FEW, step_elution={"after_mL": 6, "eluent": STRONG})
    ),
}  # fmt: skip
SHARE = 0.15  # of a population in a fraction, by which a dry run may miss


def load(source, volume_mL):
    return sample_from_catalog(
        source, volume_mL=volume_mL, temperature_C=20, size_bins=8, density_quantiles=1
    ).prepare()


@cache
def both(case):
    source, volume, method = CASES[case]
    sample = load(source, volume)
    return sample, method.run(sample, rng=RNG), method.dry_run(sample, rng=RNG)


# ---- dry runs and runs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_fractions_are_those_of_a_run(case):
    sample, run, dry = both(case)
    check_balance(sample, dry)
    assert [*dry.fractions] == [*run.fractions]
    assert dry.duration == run.duration
    for name, fraction in run.fractions.items():
        assert dry.fractions[name].volume == fraction.volume
        assert dry.fractions[name].medium.density == pytest.approx(fraction.medium.density, rel=1e-3)


@pytest.mark.parametrize("case", CASES)
def test_contents_are_about_those_of_a_run(case):
    sample, run, dry = both(case)
    loaded = sample.particles.totals(sample.counts)
    for name, fraction in run.fractions.items():
        difference = sample.particles.totals(dry.fractions[name].counts - fraction.counts)
        assert np.all(np.abs(difference) <= SHARE * loaded), name


def shares_left_out(texts):
    return [re.sub(r"\d+% of \w+,? ", "", text) for text in texts]


@pytest.mark.parametrize("case", CASES)
def test_warnings_are_those_of_a_run(case):
    _, run, dry = both(case)
    assert shares_left_out(dry.warnings) == shares_left_out(run.warnings)


@pytest.mark.parametrize("name", ["sec_plasma", "flushing_separation"])
def test_examples_end_as_their_runs(name):
    protocol = load_protocol(ROOT / "examples" / "protocols" / f"{name}.toml")
    few = replace(protocol, sample=replace(protocol.sample, size_bins=8, density_quantiles=1))
    run, dry = few.run(), few.dry_run()
    assert dry.warnings == run.warnings
    assert dry.bench[-1].chosen == run.bench[-1].chosen
    assert dry.bench[-1].kept.volume == run.bench[-1].kept.volume
    for hands in ("bench", "ideal"):
        assert dry.yields["exosome"][hands] == pytest.approx(run.yields["exosome"][hands], rel=0.1)


# ---- closed forms ------------------------------------------------------------------------------------------------


def beads(*diameters_nm, kind="particle"):
    population = [
        {"name": f"{nm:g} nm", "kind": kind, "diameter_nm": nm, "density_g_mL": 1.05, "particles_per_mL": 1e9}
        for nm in diameters_nm
    ]
    return recipe({"volume_mL": 1, "temperature_C": 20, "medium": "PBS", "population": population}).prepare()


def loaded(column, sample, pulse=60.0, **change):
    conditions = Conditions(column, flow=0.5e-6 / 60.0, eluent=Medium.pure(fluid("PBS"), 293.15), **change)
    species = Species.of(sample.particles, conditions, sample.counts)
    numbers = species.numbers(sample.particles, sample.counts)
    return Load(conditions, species, sample.particles.names, numbers, pulse)


@pytest.mark.parametrize(
    "name", ["Sepharose CL-2B, 10 mL", "Boing 2014", "dual-mode column", "hydrophobic fibre tip, 5 uL"]
)
@pytest.mark.parametrize("model", MODELS)
def test_moments_are_those_of_the_solved_equations(name, model):
    column = replace(COLUMNS.get(name), extra_volume_mL=0.01)
    load = loaded(column, load_of_sizes(), model=model)
    found = passage(load.in_beds(), load.mixing)
    mean, variance, _ = kernel.elution_moments(*load.coefficients(), load.injection._replace(pulse=0.0))
    assert found.mean == pytest.approx(mean, rel=1e-12)
    assert found.sd**2 == pytest.approx(variance, rel=1e-12)


def load_of_sizes():
    return beads(2, 7, 20, 40, 100, 400)


@pytest.mark.parametrize("rate", [0.0, 1e-4, 0.01, 0.1])
@pytest.mark.parametrize("model", MODELS)
def test_uptake_is_about_that_of_the_solved_equations(rate, model):
    """The linear driving force takes a bead for well mixed, which a fast uptake does not leave it."""
    resin = {"bead_diameter_um": 85, "pore_diameter_nm": 14, "core_capture_per_s": rate}
    column = Column(bed_volume_mL=2, diameter_mm=10, resin=resin)
    load = loaded(column, beads(2, 5, 7, 10, 100), model=model, adsorption=0.4)
    (bed,) = load.in_beds()
    *_, recovered = kernel.elution_moments(*load.coefficients(), kernel.Injection())
    assert np.exp(-uptake(bed)) == pytest.approx(recovered, rel=0.02, abs=0.05)


def test_vesicles_are_taken_up_in_the_first_bed_alone():
    load = loaded(COLUMNS.get("dual-mode column"), beads(100, kind="vesicle"), adsorption=0.4)
    first, second = (np.exp(-uptake(bed))[0] for bed in load.in_beds())
    assert first == pytest.approx(0.6, rel=1e-12)
    assert second == 1.0


@given(
    plug=st.floats(0, 1e4),
    mean=st.floats(1, 1e4),
    sd=st.floats(0.01, 1e4),
    times=st.lists(st.floats(-1e4, 1e5), min_size=2, max_size=9),
)
def test_a_plug_leaves_once(plug, mean, sd, times):
    share = left_by(np.sort(times), plug, Passage(np.array([mean]), np.array([sd])))[0]
    assert np.all((share >= 0) & (share <= 1) & (np.append(np.diff(share), 0) >= 0))
    end = left_by(np.array([-1e9, 1e9]), plug, Passage(np.array([mean]), np.array([sd])))[0]
    assert end == pytest.approx([0, 1], abs=1e-11)


def test_a_short_plug_is_normal_and_a_long_one_a_ramp():
    times = np.linspace(50, 400, 71)
    short = left_by(times, 0.0, Passage(np.array([200.0]), np.array([20.0])))[0]
    assert short == pytest.approx(ndtr((times - 200) / 20), abs=1e-3)
    long = left_by(times, 100.0, Passage(np.array([200.0]), np.array([0.1])))[0]
    assert long == pytest.approx(np.clip((times - 200) / 100, 0, 1), abs=1e-3)


@settings(deadline=None)
@given(
    counts=st.lists(st.just(0.0) | st.floats(1e-9, 1e15), min_size=4, max_size=4),
    volume=st.floats(0.05, 2),
    adsorbed=st.floats(0, 99),
    released=st.floats(0, 100),
    fraction=st.floats(0.1, 2),
    retained=st.floats(0, 1e5),
    model=st.sampled_from(MODELS),
)
def test_every_particle_is_somewhere(counts, volume, adsorbed, released, fraction, retained, model):
    resin = BINDS | {"binds": {"20 nm": {"retention_factor": retained, "eluted_retention_factor": 0.1 * retained}}}
    method = Chromatography(
        column={"bed_volume_mL": 2, "diameter_mm": 8, "resin": resin, "extra_volume_mL": 0.1},
        flow_mL_min=0.5,
        fraction_volume_mL=fraction,
        fractions=40,
        step_elution={"after_mL": 3, "eluent": STRONG, "released_percent": released},
        vesicle_adsorption_percent=adsorbed,
        model=model,
    )
    sample = beads(15, 20, 60, 300, kind="vesicle")
    sample = replace(sample, volume=1e-6 * volume, counts=np.array(counts))
    outcome = method.dry_run(sample, rng=RNG)
    check_balance(sample, outcome)
    assert all(np.all(fraction.counts >= 0) for fraction in outcome.fractions.values())
    assert sum(fraction.volume for fraction in outcome.fractions.values()) == pytest.approx(40e-6 * fraction)


# ---- a stronger eluent -------------------------------------------------------------------------------------------


def test_what_a_stronger_eluent_releases_leaves_about_where_it_does_in_a_run():
    """Half of what was taken up on the way comes back, between the entry of the eluent and the exit of its front."""
    method = run_through(
        {"bed_volume_mL": 4, "diameter_mm": 8, "resin": BINDS},
        fraction_ends_mL=[4, 8, 9.5, 10.5, 12, 14],
        step_elution={"after_mL": 8, "eluent": STRONG, "released_percent": 50},
    )
    sample = beads(100, kind="vesicle")
    run, dry = (treat(sample, rng=RNG).fractions for treat in (method.run, method.dry_run))
    shares, found = (np.array([each.counts[0] for each in one.values()]) / 1e9 for one in (run, dry))
    assert found == pytest.approx(shares, abs=0.02)
    assert found[-1] == pytest.approx(0.2, abs=1e-3)


def test_binding_is_taken_as_far_from_saturation():
    """A run lets through what finds no room; a dry run does not know."""
    resin = BINDS | {"binds": {"100 nm": {"retention_factor": 100, "capacity_per_mL": 1e8}}}
    method = run_through(
        {"bed_volume_mL": 4, "diameter_mm": 8, "resin": resin},
        fraction_ends_mL=[8, 14],
        step_elution={"after_mL": 8, "eluent": STRONG},
        vesicle_adsorption_percent=0,
    )
    run, dry = (treat(beads(100), rng=RNG) for treat in (method.run, method.dry_run))
    through, bound = (run.fractions[f"fraction {number}"].counts[0] / 1e9 for number in (1, 2))
    assert through > 0.5
    assert 0.2 < bound < 0.4
    assert dry.fractions["fraction 2"].counts[0] == pytest.approx(1e9, rel=0.01)
    assert [text for text in run.warnings if "of what 'resin of the user' binds" in text]
    assert dry.warnings == run.warnings


# ---- refusals ----------------------------------------------------------------------------------------------------

REFUSED = {
    "more than the bed of 10 mL": (12, run_through("Sepharose CL-2B, 10 mL", **FEW)),
    "there is no liquid to load": (0, run_through("Sepharose CL-2B, 10 mL", **FEW)),
    "the last fraction ends 0.8 mL": (
        1, run_through("Sepharose CL-2B, 10 mL", fraction_volume_mL=0.4, fractions=2)
    ),
    "let it come later": (
        1, run_through(ION_EXCHANGE, **FEW, step_elution={"after_mL": 0.5, "eluent": STRONG})
    ),
    "more than can be stepped through": (
        0.001,
        run_through("hydrophobic fibre tip, 5 uL", fraction_volume_mL=1, fractions=40, solver="stepped"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("told", REFUSED)
def test_refusals_are_those_of_a_run(told):
    volume, method = REFUSED[told]
    sample = replace(beads(100), volume=volume * 1e-6)
    refusals = []
    for treat in (method.run, method.dry_run):
        with pytest.raises(InputError, match=re.escape(told)) as caught:
            treat(sample, rng=RNG)
        refusals.append(str(caught.value))
    assert refusals[0] == refusals[1]


def test_the_most_steps_are_those_of_the_kernel():
    assert MOST_STEPS == column_steps.MAX_STEPS
