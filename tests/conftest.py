"""What tests of all folders share: small runs that every picture can draw, and a technique of the tests' own."""

from dataclasses import replace
from types import MappingProxyType

import pytest
from collecting import Collecting
from hypothesis import HealthCheck, settings
from matplotlib.figure import Figure

from sepsim.handling import Aliquot, Pooling
from sepsim.protocols import protocol_file
from sepsim.protocols.protocol import Protocol, Source, Step
from sepsim.samples.sample_recipe import sample_from_catalog
from sepsim.technique import MethodEntry
from sepsim.techniques.centrifugation.centrifugation import Centrifugation

# `make soak`: fifty times as many samples of every property that does not state its own number.
settings.register_profile("soak", max_examples=5000, deadline=None, suppress_health_check=[*HealthCheck])

TO_PBS = {"medium": "PBS", "volume_mL": 1}


def spin(rcf, keep, minutes=70):
    method = Centrifugation(rotor="Type 45 Ti", rcf_xg=rcf, rcf_at="rav", time_min=minutes, resuspend=TO_PBS)
    return Step(name=f"{rcf} x g", method=method, keep=keep)


def conditioned_medium(**settings):
    return sample_from_catalog("conditioned medium", volume_mL=60, size_bins=10, density_quantiles=2, **settings)


def protocol(name, *steps, sample=None):
    return Protocol(name=name, target="exosome", sample=sample or conditioned_medium(), steps=steps)


@pytest.fixture(scope="session")
def run():
    """Two spins: large vesicles out, exosomes down."""
    return protocol("two spins", spin(10_000, "supernatant", 30), spin(100_000, "pellet")).run(seed=1)


@pytest.fixture(scope="session")
def branched():
    """The pellets of both spins, poured together."""
    both = (Source("10000 x g", "pellet"), Source("100000 x g", "pellet"))
    together = Step(name="pool", method=Pooling(), keep="pool", sources=both)
    return protocol("both pellets", spin(10_000, "supernatant", 30), spin(100_000, "pellet"), together).run(seed=1)


@pytest.fixture(scope="session")
def gathered():
    """Three spins, whose pellets wait until they are poured together."""
    spins = (spin(300, "supernatant", 10), spin(10_000, "supernatant", 30), spin(100_000, "pellet"))
    pellets = tuple(Source(step.name, "pellet") for step in spins)
    together = Step(name="pool", method=Pooling(), keep="pool", sources=pellets)
    return protocol("all pellets", *spins, together).run(seed=1)


@pytest.fixture(scope="session")
def aliquot():
    """No spin at all, and a population that is not there."""
    absent = {"name": "platelet", "particles_per_mL": 0.0}
    sample = conditioned_medium(population=[absent])
    step = Step(name="take", method=Aliquot(volume_mL=15), keep="aliquot")
    return protocol("a quarter", step, sample=sample).run(seed=1)


@pytest.fixture(scope="session")
def renamed(run):
    """Make copies of a run under other names."""
    return lambda name: replace(run, name=name)


@pytest.fixture(scope="session")
def collected():
    """A spin, then 24 fractions of rising density, of which four go on and two wait for a branch."""
    steps = (
        spin(10_000, "supernatant", 30),
        Step(name="collect", method=Collecting(count=24, step_g_mL=0.01), keep="1.095-1.135 g/mL"),
        Step(name="take", method=Aliquot(volume_mL=5), keep="aliquot"),
        Step(
            name="pool",
            method=Pooling(),
            keep="pool",
            sources=(Source("take", "aliquot"), Source("collect", "fractions 1-2")),
        ),
    )
    return protocol("24 fractions", *steps).run(seed=1)


@pytest.fixture
def saved(monkeypatch):
    """The figures that are saved, in their order; they are saved as ever."""
    figures, save = [], Figure.savefig

    def watched(figure, *arguments, **settings):
        figures.append(figure)
        return save(figure, *arguments, **settings)

    monkeypatch.setattr(Figure, "savefig", watched)
    return figures


@pytest.fixture
def with_collecting(monkeypatch):
    """Let protocol files call the technique that hands out numbered fractions."""
    entry = MethodEntry(name=Collecting.technique, home="collecting:Collecting", summary="", example={})
    known = {**protocol_file.METHODS, Collecting.technique: entry}
    monkeypatch.setattr(protocol_file, "METHODS", MappingProxyType(known))
