"""Density, protein and motion of particles against published figures and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.constants import AVOGADRO_PER_MOL, BOLTZMANN_J_PER_K
from sepsim.errors import InputError
from sepsim.media import Medium, fluid
from sepsim.particles import catalog
from sepsim.particles.catalog import describe, population, population_names
from sepsim.particles.particle_table import particle_table
from sepsim.particles.protein import sedimentation_coefficient_20w
from sepsim.particles.transport import diffusion_coefficient, sedimentation_coefficient
from sepsim.particles.vesicle import CoreShell

pytestmark = pytest.mark.lowest

# Outer diameter [nm], density [g/mL], protein [ag], mass [fg]: computed independently from the same model statement.
CORE_SHELL = [
    (30, 1.142, 6.7, 0.0161),
    (50, 1.123, 25.1, 0.0735),
    (85, 1.106, 97.2, 0.356),
    (100, 1.102, 148, 0.577),
    (200, 1.089, 923, 4.56),
    (1000, 1.078, 8.63e4, 565),
]


def table_of(**settings):
    return particle_table(
        [("x", "particle", population({"name": "x", "particles_per_mL": 1, **settings}).classes(1, 1))]
    )


@pytest.mark.parametrize(("nm", "density", "protein", "mass"), CORE_SHELL)
def test_core_shell_table(nm, density, protein, mass):
    diameter = np.array(nm * 1e-9)
    model = CoreShell()
    assert model.density(diameter) == pytest.approx(density * 1000, abs=0.6)
    assert model.protein_mass(diameter) * 1e21 == pytest.approx(protein, rel=7e-3)
    assert model.density(diameter) * np.pi / 6 * diameter**3 * 1e18 == pytest.approx(mass, rel=4e-3)


def test_measured_small_vesicles_in_iodixanol():
    # Geeurickx et al. 2019: 1.086-1.119 g/mL at a mean diameter of 108.6 nm.
    assert 1086 < CoreShell().density(np.array(108.6e-9)) < 1119


def test_membrane_and_lumen_hold_equal_protein_at_180_nm():
    # Anchor of the partition of protein between surface and bulk, for a ratio of loads of 4.35 and a 6 nm shell.
    def surplus(nm):
        lumen = (1 - 12 / nm) ** 3
        return 4.35 * (1 - lumen) - lumen

    assert surplus(179.5) > 0 > surplus(180.5)
    both = CoreShell(membrane_protein=435.0, lumen_protein=100.0)
    at_180 = both.protein_mass(np.array(180e-9)) / (np.pi / 6 * 180e-9**3)
    assert at_180 == pytest.approx(2 * 100.0 * (1 - 12 / 180) ** 3, rel=5e-3)


@given(st.floats(20e-9, 2e-6), st.floats(1.01, 3))
def test_larger_vesicles_are_lighter_and_stay_between_membrane_and_lumen(diameter, factor):
    model = CoreShell()
    small, large = model.density(np.array([diameter, diameter * factor]))
    assert model.lumen_density < large <= small <= model.membrane_density


@pytest.mark.parametrize(
    ("name", "low", "high"),
    # Published ranges of s20,w in svedberg.
    [("albumin", 4.3, 4.6), ("igg", 6.6, 7.0), ("fibrinogen", 7.6, 7.9), ("igm", 18, 19)],
)
def test_proteins_have_their_published_sedimentation_coefficients(name, low, high):
    protein = population({"name": name, "mass_mg_per_mL": 1})
    s = sedimentation_coefficient_20w(
        protein.molar_mass_kDa, protein.partial_specific_volume_mL_g * 1e-3, protein.stokes_radius_nm * 1e-9
    )
    assert low <= s * 1e13 <= high


def test_a_protein_given_by_s20w_has_it():
    particles = table_of(kind="protein", molar_mass_kDa=150, s20w_S=6.8)
    water = Medium.pure(fluid("water"), 293.15)
    assert sedimentation_coefficient(particles, water)[0] * 1e13 == pytest.approx(6.8, rel=1e-9)


def test_svedberg_equation():
    # s = M (1 - v rho) D / (R T), the thermodynamic form, with no friction in it.
    particles = table_of(kind="protein", molar_mass_kDa=66.5, stokes_radius_nm=3.5)
    medium = Medium.pure(fluid("PBS"), 277.15)
    s, D = sedimentation_coefficient(particles, medium), diffusion_coefficient(particles, medium)
    gas_constant = BOLTZMANN_J_PER_K * AVOGADRO_PER_MOL
    svedberg = 66.5 * (1 - 0.73e-3 * medium.density) * D / (gas_constant * 277.15)
    assert s == pytest.approx(svedberg, rel=1e-12, abs=0)


def test_stokes_sphere():
    particles = table_of(kind="particle", diameter_nm=100, density_g_mL=1.10)
    medium = Medium.pure(fluid({"density_g_mL": 1.00, "viscosity_mPa_s": 1.55}), 277.15)
    s = sedimentation_coefficient(particles, medium)
    assert s == pytest.approx((100e-9) ** 2 * 100 / (18 * 1.55e-3), rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("name", "medium", "sinks"),
    [
        *((name, medium, False) for name in ("chylomicron", "vldl") for medium in ("water", "PBS", "plasma")),
        ("idl", "plasma", False),
        ("idl", "water", True),
        *(("ldl", medium, True) for medium in ("water", "PBS", "plasma")),
        *(("hdl2", medium, True) for medium in ("water", "PBS", "plasma")),
        ("idl", "30 %", False),
        ("ldl", "30 %", False),
        ("hdl2", "30 %", False),
        ("hdl3", "30 %", True),
    ],
)
def test_lipoproteins_float_or_sink(name, medium, sinks):
    # 30 % w/w sucrose: 1.252 mol/kg with an osmotic coefficient of 1.11
    sucrose = {"density_g_mL": 1.1268, "viscosity_mPa_s": 3.183, "osmolality_mOsm_kg": 1390}
    liquid = sucrose if medium == "30 %" else medium
    particles = particle_table([(name, "lipoprotein", population({"name": name, "particles_per_mL": 1}).classes(1, 1))])
    s = sedimentation_coefficient(particles, Medium.pure(fluid(liquid), 293.15))
    assert (s[0] > 0) == sinks


def test_density_spread_keeps_the_mean_and_has_its_width():
    classes = population(
        {"name": "x", "kind": "particle", "diameter_nm": 100, "density_g_mL": 1.1, "density_sd_g_mL": 0.01,
         "particles_per_mL": 1}
    ).classes(1, 9)  # fmt: skip
    density = classes.mass / classes.volume
    assert density.size == 9
    assert classes.weight @ density == pytest.approx(1100)
    assert np.sqrt(classes.weight @ (density - 1100) ** 2) == pytest.approx(10)


def test_mass_concentration_gives_the_number():
    # 40 mg/mL of albumin of 66.5 kDa are 3.62e17 molecules per mL.
    albumin = population({"name": "albumin", "mass_mg_per_mL": 40})
    assert albumin.concentration(albumin.classes(1, 1)) * 1e-6 == pytest.approx(40e-3 / 66.5e3 * 6.02214076e23)


@pytest.mark.parametrize("name", population_names())
def test_every_catalogue_population_round_trips(name):
    first = population({"name": name, "particles_per_mL": 1e9})
    assert population(describe(first)) == first
    classes = first.classes(40, 5)
    assert classes.weight.sum() == pytest.approx(1)
    assert np.all(classes.mass > 0)
    assert np.all(classes.protein_mass <= classes.mass)


def test_own_sizes_replace_those_of_the_catalogue_whole():
    exosome = population({"name": "exosome", "particles_per_mL": 1, "diameter_nm": 100})
    assert exosome.median_diameter_nm is None
    wider = population({"name": "exosome", "particles_per_mL": 1, "geometric_sd": 1.6})
    assert wider.median_diameter_nm == population({"name": "exosome", "particles_per_mL": 1}).median_diameter_nm


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"particles_per_mL": 1}, "has no name"),
        ({"name": "exosom", "particles_per_mL": 1}, "did you mean 'exosome'"),
        ({"name": "exosome"}, "exactly one of particles_per_mL and mass_mg_per_mL"),
        ({"name": "exosome", "particles_per_mL": 1, "mass_mg_per_mL": 1}, "exactly one of"),
        ({"name": "exosome", "particles_per_mL": -1}, "must be at least 0"),
        ({"name": "exosome", "particles_per_mL": float("nan")}, "finite"),
        ({"name": "x", "kind": "vesicel", "particles_per_mL": 1}, "did you mean 'vesicle'"),
        ({"name": "x", "kind": "vesicle", "particles_per_mL": 1}, "sizes in exactly one way"),
        ({"name": "x", "kind": "vesicle", "particles_per_mL": 1, "median_diameter_nm": 9}, "found: median"),
        ({"name": "x", "kind": "particle", "particles_per_mL": 1, "diameter_nm": 9}, "density_g_mL: missing"),
        (
            {"name": "x", "kind": "protein", "mass_mg_per_mL": 1, "molar_mass_kDa": 9},
            "stokes_radius_nm and s20w_S",
        ),
        (
            {"name": "exosome", "particles_per_mL": 1, "sizes_csv": "a.csv", "diameter_nm": 5},
            "cannot stand beside",
        ),
        (
            {"name": "exosome", "particles_per_mL": 1, "median_diameter": 5},
            "did you mean 'median_diameter_nm'",
        ),
        (
            {"name": "exosome", "particles_per_mL": 1, "diameters_nm": [1, 2], "weights": [1]},
            "one weight for each",
        ),
    ],
)
def test_bad_populations_say_what_to_do(table, message):
    with pytest.raises(InputError, match=message):
        catalog.population(table)


def test_a_complex_counts_only_its_protein_as_protein():
    complex_, protein = (
        population({"name": "x", "kind": "protein", "molar_mass_kDa": 800, "stokes_radius_nm": 10, "mass_mg_per_mL": 1}
                   | extra).classes(1, 1)
        for extra in ({"protein_mass_fraction": 0.85}, {})
    )  # fmt: skip
    assert complex_.protein_mass == pytest.approx(0.85 * protein.protein_mass, abs=0)
    assert complex_.mass == pytest.approx(protein.mass, abs=0)
