"""Profiles in a spinning tube against what plug flow and the equation of motion demand."""

import numpy as np
import pytest

from sepsim.rotors.rotors import rotor
from sepsim.samples.sample_recipe import SampleRecipe
from sepsim.techniques.centrifugation.spin import Spin, closed_form, speed_profile
from sepsim.techniques.centrifugation.spin_profile import (
    PROFILE_RESOLUTION,
    _behind_front,
    concentration_profile,
    pelleted_over_time,
)
from sepsim.techniques.centrifugation.tubes.chords import Chords, chords

ONE_CHORD = Chords(np.array([0.06]), np.array([0.10]), np.array([1e-4]))
OMEGA, HOUR = 3000.0, 3600.0


def table(*sizes):
    """One population per list of diameters [m]."""
    populations = [
        {
            "name": f"population {index}",
            "kind": "particle",
            "particles_per_mL": 1e6,
            "diameters_nm": [1e9 * diameter for diameter in diameters],
            "weights": [1.0] * len(diameters),
            "density_g_mL": 1.1,
        }
        for index, diameters in enumerate(sizes)
    ]
    return SampleRecipe(volume_mL=1, medium="PBS", population=populations).prepare().particles


def spin(
    s, D=0.0, *, bundle=ONE_CHORD, omega=OMEGA, ramp=0.0, machine="SW 32 Ti", fill=30e-6, particles=None, counts=None
):
    s = np.atleast_1d(np.asarray(s, float))
    profile = speed_profile(omega, HOUR, ramp, ramp)
    diffusion = np.broadcast_to(np.asarray(D, float), s.shape).copy()
    separated = closed_form(bundle, s, diffusion, profile)
    return Spin(
        rotor=rotor(machine),
        tubes=1,
        runs=1,
        fill_volume=fill,
        chords=bundle,
        profile=profile,
        particles=particles or table(*[[1e-7]] * s.size),
        counts=np.ones(s.size) if counts is None else np.asarray(counts, float),
        sedimentation=s,
        diffusion=diffusion,
        pelleted=separated.pelleted,
        floated=separated.floated,
        lamm_classes=0,
    )


def suspended(case, times, points=4001):
    """Share of the load between the ends of the liquid, from the profile, shape (n_populations, n_times)."""
    bundle = case.chords
    if np.ptp(bundle.inner) > 0:
        bundle = chords(case.rotor, case.fill_volume, resolution=PROFILE_RESOLUTION)
    edges = np.linspace(bundle.inner.min(), bundle.outer.max(), points)
    radii, dr = 0.5 * (edges[1:] + edges[:-1]), np.diff(edges)
    area = bundle.area @ ((bundle.inner[:, None] <= radii) & (radii <= bundle.outer[:, None]))
    profile = concentration_profile(case, times, radii)
    assert np.all(np.isnan(profile[:, :, area == 0]))
    return np.nansum(profile * area * dr, axis=2) / bundle.volume


def exponent(share, omega=OMEGA):
    """Sedimentation coefficient for which s W reaches `share` after an hour."""
    return share / (omega**2 * HOUR)


def test_front_stands_where_the_dose_carries_the_meniscus():
    case = spin(exponent(0.2), 1e-14)
    radii = np.linspace(0.06, 0.10, 4001)
    for time in (0.25 * HOUR, 0.5 * HOUR, HOUR):
        relative = concentration_profile(case, [time], radii)[0, 0]
        dose_exponent = 0.2 * time / HOUR
        middle = radii[np.argmax(relative > 0.5 * np.exp(-dose_exponent))]
        assert middle == pytest.approx(0.06 * np.exp(dose_exponent), abs=2e-5)


def test_plateau_falls_as_the_paths_diverge():
    relative = concentration_profile(spin(exponent(0.3), 1e-14), [0.0, HOUR], [0.099])[0, :, 0]
    assert relative == pytest.approx([1.0, np.exp(-0.3)], rel=1e-12)


def test_what_floats_leaves_the_wall_and_crowds():
    radii = np.linspace(0.06, 0.10, 2001)
    relative = concentration_profile(spin(exponent(-0.2), 1e-14), [HOUR], radii)[0, 0]
    front = 0.10 * np.exp(-0.2)
    assert np.all(relative[radii > front + 1e-3] == 0)
    assert relative[radii < front - 1e-3] == pytest.approx(np.exp(0.2), rel=1e-12)


def test_ramps_count_as_their_dose():
    ramped = spin(exponent(0.2), 1e-14, ramp=600.0)
    relative = concentration_profile(ramped, [ramped.profile.clock], [0.0999])[0, 0, 0]
    assert relative == pytest.approx(np.exp(-0.2 * (HOUR + 400.0) / HOUR), rel=1e-12)


@pytest.mark.parametrize("omega", [0.0, OMEGA])
def test_uniform_where_nothing_moves(omega):
    s = exponent(0.2) if omega == 0 else 0.0
    relative = concentration_profile(spin(s, 6e-11, omega=omega), [0.0, HOUR], np.linspace(0.06, 0.10, 101))
    assert relative == pytest.approx(1.0, abs=1e-12)


def test_fluffy_front_keeps_what_is_there():
    """A protein whose front is as wide as its displacement: suspended and pelleted still add up."""
    case = spin(exponent(0.02), 6e-11)
    times = [0.1 * HOUR, 0.5 * HOUR, HOUR]
    assert suspended(case, times) + pelleted_over_time(case, times) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(("machine", "fill"), [("SW 32 Ti", 30e-6), ("Type 45 Ti", 60e-6), ("VTi 50", 36e-6)])
@pytest.mark.parametrize("most", [0.05, 0.4, -0.1])
def test_balance_of_tube_and_pellet(machine, fill, most):
    bundle = chords(rotor(machine), fill)
    case = spin(exponent(most), 1e-13, bundle=bundle, machine=machine, fill=fill)
    times = np.linspace(0.0, HOUR, 4)
    floated = [closed_form(bundle, case.sedimentation, case.diffusion, case.profile.until(t)).floated for t in times]
    total = suspended(case, times) + pelleted_over_time(case, times) + np.transpose(floated)
    assert total == pytest.approx(1.0, abs=1e-3)


def test_pelleted_over_time_is_the_closed_form_and_grows():
    case = spin([exponent(0.2), exponent(0.5)])
    times = np.linspace(0.0, HOUR, 20)
    shares = pelleted_over_time(case, times)
    assert np.all(shares[:, 0] == 0)
    assert np.all(np.diff(shares) >= 0)
    assert shares[:, -1] == pytest.approx(case.pelleted, rel=1e-12)
    assert pelleted_over_time(case, [5 * HOUR])[:, 0] == pytest.approx(case.pelleted, rel=1e-12)


def test_populations_are_weighted_by_number_and_may_be_absent():
    particles = table([1e-7, 1e-7], [1e-7])
    case = spin([exponent(0.1), exponent(10.0), exponent(0.1)], 1e-14, particles=particles, counts=[3.0, 1.0, 0.0])
    relative = concentration_profile(case, [HOUR], [0.099])[:, 0, 0]
    assert relative[0] == pytest.approx(0.75 * np.exp(-0.1), rel=1e-9)
    assert np.isnan(relative[1])
    assert np.isnan(pelleted_over_time(case, [HOUR])[1, 0])


def test_bins_of_diameter_show_no_steps():
    diameters = np.geomspace(50e-9, 200e-9, 12)
    case = spin(exponent(0.5) * (diameters / 200e-9) ** 2, 1e-14, particles=table(diameters))
    relative = concentration_profile(case, [HOUR], np.linspace(0.065, 0.0995, 400))[0, 0]
    assert np.max(np.diff(relative)) < 0.02  # a step would be a twelfth


def test_front_solves_the_equation_of_diffusion_in_a_field():
    """c_t + v c_y = D c_yy with no flux at y = 0, in scaled units v = D = 1."""
    y, t, step = np.linspace(0.05, 6.0, 80), 1.3, 1e-3

    def c(distance, time):
        return _behind_front(distance, np.full_like(distance, time), np.full_like(distance, 2.0 * np.sqrt(time)))

    in_time = (c(y, t + step) - c(y, t - step)) / (2 * step)
    slope = (c(y + step, t) - c(y - step, t)) / (2 * step)
    bend = (c(y + step, t) - 2 * c(y, t) + c(y - step, t)) / step**2
    assert in_time + slope == pytest.approx(bend, abs=1e-5)
    wall = np.array([0.0])
    assert c(wall, t) == pytest.approx((c(wall + step, t) - c(wall, t)) / step, abs=1e-3)
