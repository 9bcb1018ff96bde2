"""The spinning tube: curves are those of the physics."""

import numpy as np
import pytest

from sepsim.drawing.palette import label
from sepsim.errors import InputError
from sepsim.plots import tube_during_spin
from sepsim.techniques.centrifugation.spin_profile import concentration_profile, pelleted_over_time


def test_profiles_and_pellet_are_those_of_the_spin(run):
    spin = run.bench[1].outcome.trace
    panels = tube_during_spin(spin, ["exosome", "ldl"], times_min=[0, 20, 70])
    assert len(panels) == 3
    radii = panels[0].lines[1].get_xdata() * 1e-3
    expected = concentration_profile(spin, [1200.0], radii)[spin.particles.names.index("exosome"), 0]
    assert panels[0].lines[1].get_ydata() == pytest.approx(100 * expected, nan_ok=True)
    pellet = next(line for line in panels[2].lines if line.get_label() == "LDL")
    shares = pelleted_over_time(spin, pellet.get_xdata() * 60)[spin.particles.names.index("ldl")]
    assert pellet.get_ydata() == pytest.approx(100 * shares)


def test_later_is_darker(run):
    lines = tube_during_spin(run.bench[1], ["exosome"])[0].lines[:5]
    strengths = [sum(int(line.get_color()[k : k + 2], 16) for k in (1, 3, 5)) for line in lines]
    assert strengths == sorted(strengths, reverse=True)


def test_absent_populations_are_not_offered(run):
    spin = run.bench[1].outcome.trace
    loaded = spin.particles.totals(spin.counts)
    there = {label(name) for name, number in zip(spin.particles.names, loaded, strict=True) if number > 0}
    panels = tube_during_spin(run.bench[1])[:-1]
    assert len(panels) > 1
    assert {ax.get_title(loc="left") for ax in panels} <= there
    for ax in panels:
        assert np.isfinite(ax.lines[0].get_ydata()).all()
    with pytest.raises(InputError, match="was not in this tube"):
        tube_during_spin(run.bench[1], ["platelet"])


def test_a_step_without_a_spin_is_refused(aliquot):
    with pytest.raises(InputError, match="aliquot is not a spin"):
        tube_during_spin(aliquot.bench[0])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"populations": []}, "populations = []: name at least one, or leave it out; there are: exosome"),
        ({"populations": ["exosom"]}, "did you mean 'exosome'"),
        ({"populations": "exosom"}, "populations: 'exosom' was not in this tube; did you mean 'exosome'"),
        ({"populations": [1]}, "populations: 1 was not in this tube"),
        ({"times_min": []}, "times_min = []: must be one or more finite numbers"),
        ({"times_min": [np.nan]}, "times_min = [nan]: must be"),
        ({"times_min": [0, -30]}, "times_min = [0, -30]: must be"),
        ({"times_min": [np.inf]}, "each at least 0"),
        ({"times_min": "30"}, "times_min = '30': must be"),
    ],
)
def test_bad_choices_are_named_with_what_is_allowed(run, given, message):
    with pytest.raises(InputError) as caught:
        tube_during_spin(run.bench[1], **given)
    assert message in str(caught.value)


def test_one_name_and_one_time_stand_for_themselves(run):
    panels = tube_during_spin(run.bench[1], "ldl", times_min=20)
    assert [ax.get_title(loc="left") for ax in panels[:-1]] == ["LDL"]
    assert [line.get_label() for line in panels[0].lines if not line.get_label().startswith("_")] == ["20 min"]


def test_times_are_drawn_in_their_order(run):
    early, late = tube_during_spin(run.bench[1], "exosome", times_min=[70, 0])[0].lines[:2]
    assert (early.get_label(), late.get_label()) == ("0 min", "70 min")
