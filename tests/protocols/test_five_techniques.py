"""The same half millilitre of plasma by five techniques: who is purer, who recovers more, and what the page says."""

import re
from functools import cache

import pytest
from paths import ROOT

import sepsim

PAGE = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
BEADS, GRADIENT, SPIN, KIT = BY_PURITY = (
    "tetraspanin_beads_plasma",
    "plasma_by_gradient",
    "plasma_by_ultracentrifugation",
    "exoquick_plasma",
)
FIVE = (*BY_PURITY, "sec_plasma")

pytestmark = pytest.mark.slow


@cache
def run(name):
    return sepsim.load_example(name).run()


def figures(name):
    """Yields bench and ideal, yield of particles, enrichment over apoB and albumin, purity by protein and number."""
    found, purity = run(name), run(name).purity["bench"]
    return [
        *(100 * found.yields["exosome"][hands] for hands in ("bench", "ideal")),
        100 * found.particle_yields["bench"],
        *(purity.enrichment[who] for who in ("apoB lipoproteins", "albumin")),
        *(100 * share for share in (purity.protein, purity.particle)),
    ]


@pytest.mark.parametrize("name", FIVE)
def test_all_begin_with_the_same_plasma(name):
    assert run(name).loaded.by_population == pytest.approx(run(BEADS).loaded.by_population, rel=1e-9)
    assert run(name).loaded.volume == pytest.approx(0.5e-6)


def test_affinity_beats_density_beats_speed_beats_precipitation():
    """Tang et al. 2021; Van Deun et al. 2014, doi 10.3402/jev.v3.24858, without affinity."""
    for figure in (3, 4, 5):  # apoB lipoproteins, albumin, protein
        values = [figures(name)[figure] for name in BY_PURITY]
        assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("other", [GRADIENT, SPIN])
def test_beads_have_twice_the_vesicle_protein_of_either(other):
    """Tauro et al. 2012, doi 10.1016/j.ymeth.2012.01.002: at least twofold in four proteins, in equal amounts."""
    assert figures(BEADS)[5] > 2 * figures(other)[5]


def test_a_kit_brings_many_more_particles_than_a_spin_and_they_are_less_pure():
    """Helwa 2017 and Tian 2019: 80 to 10,000 times as many."""
    assert figures(KIT)[2] > 80 * figures(SPIN)[2]
    assert figures(KIT)[3] < figures(SPIN)[3]


@pytest.mark.parametrize("name", FIVE)
def test_figures_are_those_of_the_page(name):
    (row,) = re.findall(rf"^\| `{name}` ((?:\| [^|]+ ){{8}})\|$", PAGE, re.MULTILINE)
    assert figures(name) == pytest.approx([float(cell) for cell in row.split("|")[1:8]], rel=0.03)
