"""Size distributions: densities that integrate to numbers."""

from dataclasses import replace

import numpy as np
import pytest

from sepsim.plots import number_density, size_distributions


def integral(diameters, density):
    """Integral over log10 d of equal bins."""
    return density.sum() * np.mean(np.diff(np.log10(diameters)))


@pytest.mark.parametrize("name", ["exosome", "ldl", "cell"])
def test_density_integrates_to_the_number(run, name):
    diameters, density = number_density(run.loaded.particles, run.loaded.counts, name)
    assert diameters.size == 10  # the quantiles of density are summed
    free = run.loaded.by_population[name] * (0.99 if name == "ldl" else 1.0)  # a hundredth goes with vesicles
    assert integral(diameters, density) == pytest.approx(free, rel=1e-9)


def curve(ax, label):
    """Density of a population; what is not drawn counts as nothing."""
    return np.nan_to_num(next(line for line in ax.lines if line.get_label() == label).get_ydata())


def test_product_and_load_are_drawn_as_totals(run):
    load, product = size_distributions(run)
    _, before = number_density(run.loaded.particles, run.loaded.counts, "exosome")
    _, after = number_density(run.product.particles, run.product.counts, "exosome")
    assert curve(load, "exosome") == pytest.approx(before)
    assert curve(product, "exosome") == pytest.approx(after)
    assert load.get_xscale() == load.get_yscale() == "log"
    assert load.get_ylim() == product.get_ylim()


def test_one_size_is_named_but_not_drawn(run):
    load = size_distributions(run)[0]
    assert "albumin" not in [line.get_label() for line in load.lines]
    assert "albumin" in load.figure.get_supxlabel()


def test_a_step_shows_what_enters_and_each_fraction(run):
    panels = size_distributions(run.step("100000 x g"))
    assert [ax.get_title(loc="left") for ax in panels] == ["into 100000 x g", "pellet", "supernatant", "lost"]
    parts = sum(curve(ax, "exosome") for ax in panels[1:])
    assert parts == pytest.approx(curve(panels[0], "exosome"))


def test_many_fractions_take_two_panels(collected):
    panels = size_distributions(collected.step("collect"))
    titles = [ax.get_title(loc="left") for ax in panels]
    assert titles == ["into collect", "other fractions", "1.095-1.135 g/mL", "pellet", "lost"]
    parts = sum(curve(ax, "exosome") for ax in panels[1:])
    assert parts == pytest.approx(curve(panels[0], "exosome"))
    _, kept = number_density(collected.loaded.particles, collected.bench[1].kept.counts, "exosome")
    assert curve(panels[2], "exosome") == pytest.approx(kept)


def test_empty_is_not_drawn_as_zero(run):
    empty = run.product.take(run.product.particles.population != run.product.particles.names.index("cell"), 0.0)[0]
    outcome = replace(run.bench[-1].outcome, fractions={"pellet": empty})
    last = replace(run.bench[-1], outcome=outcome, chosen=("pellet",))
    cells = [line for line in size_distributions(last)[1].lines if line.get_label() == "cell"]
    assert all(np.all(np.isnan(line.get_ydata())) for line in cells)
