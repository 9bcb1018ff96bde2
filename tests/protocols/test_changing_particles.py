"""Protocols whose steps change particles, or need to know their antigens."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

import sepsim
from sepsim.errors import InputError, MassBalanceError
from sepsim.method import Method, Outcome, carried_out, prepared_sample
from sepsim.particles.states import ParticleState
from sepsim.protocols.protocol import Protocol, Step
from sepsim.samples.changes import changed
from sepsim.settings import number, settings

RECIPE = sepsim.sample_from_catalog("urine", volume_mL=10, size_bins=8, density_quantiles=2)
SPIN = sepsim.Centrifugation(
    rotor="SW 32 Ti", rcf_xg=100_000, rcf_at="rav", time_min=20, resuspend={"medium": "PBS", "volume_mL": 1}
)


@settings
class Bursting(Method):
    """Burst a share of the vesicles."""

    technique: ClassVar[str] = "bursting"
    tells_apart: ClassVar[bool] = True

    percent: float = number(default=50.0, minimum=0, maximum=100, help="share that bursts")

    @property
    def fraction_names(self):
        return ("rest",)

    def states(self, sample):
        return (ParticleState(name="burst", kinds=("vesicle",), intact=False),)

    def run(self, sample, *, rng):
        share = np.full(len(sample.particles), self.percent / 100.0)
        return Outcome(fractions={"rest": changed(sample, "burst", share)})


@settings
class Sorting(Method):
    """Take what carries an antigen."""

    technique: ClassVar[str] = "sorting"
    tells_apart: ClassVar[bool] = True

    @property
    def fraction_names(self):
        return ("bound", "unbound")

    @property
    def antigens(self):
        return ("CD81",)

    def run(self, sample, *, rng):
        copies = sample.particles.variants.copies_of("CD81")
        bound, unbound = sample.take((copies > 0).astype(float), 0.0)
        return Outcome(fractions={"bound": bound, "unbound": unbound})


def run(*steps):
    names = [f"step {place}" for place in range(1, len(steps) + 1)]
    return Protocol(
        name="chain",
        target="exosome",
        sample=RECIPE,
        steps=[Step(name=name, method=method, keep=keep) for name, (method, keep) in zip(names, steps, strict=True)],
    ).run()


def test_what_has_burst_is_in_no_yield_and_keeps_its_protein():
    found = run((Bursting(percent=30), "rest"))
    assert found.yields["exosome"]["bench"] == pytest.approx(0.7)
    assert found.yields["albumin"]["bench"] == pytest.approx(1.0)
    assert found.product.protein_by_population == pytest.approx(found.loaded.protein_by_population)


def test_a_spin_parts_strata_and_states_alike():
    plain = run((SPIN, "pellet"))
    burst = run((Bursting(percent=30), "rest"), (SPIN, "pellet"))
    assert burst.yields["exosome"]["ideal"] == pytest.approx(0.7 * plain.yields["exosome"]["ideal"], rel=1e-9)


def test_sorting_twice_by_one_antigen_finds_nothing_more():
    found = run((Sorting(), "unbound"), (Sorting(), "bound"))
    assert found.yields["exosome"]["bench"] == 0
    assert 0 < run((Sorting(), "bound")).yields["exosome"]["bench"] < 1


def test_an_antigen_that_nothing_carries_is_refused():
    with pytest.raises(InputError, match=r"'CD81': no population of the sample carries it.*carried: none"):
        prepared_sample(
            sepsim.SampleRecipe(
                volume_mL=1,
                medium="PBS",
                population=[{"name": "x", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": 1e9}],
            ),
            [Sorting()],
        )


def test_protocols_without_such_steps_have_plain_tables():
    assert run((SPIN, "pellet")).loaded.particles.variants is None


def test_json_of_a_changed_sample_is_finite():
    document = run((Bursting(), "rest"), (SPIN, "pellet")).to_dict()
    assert document["populations"]["exosome"]["yield"]["bench"] > 0
    assert document["steps"][0]["fractions"]["rest"]["populations"]["exosome"] > 0


def test_a_sample_without_the_rows_is_refused():
    with pytest.raises(InputError, match="prepared_sample"):
        Bursting().run(RECIPE.prepare(), rng=None)


def test_the_balance_is_checked_per_origin():
    sample = prepared_sample(RECIPE, [Bursting()])
    assert sample.particles.variants is not None

    class Losing(Bursting):
        def run(self, sample, *, rng):
            whole = super().run(sample, rng=rng)
            return replace(whole, fractions={"rest": whole.fractions["rest"].take(0.9, 0.0)[0]})

    carried_out(Bursting(), sample, np.random.default_rng(0))
    with pytest.raises(MassBalanceError, match="went in"):
        carried_out(Losing(), sample, np.random.default_rng(0))


def test_json_tells_the_states_of_what_is_not_free():
    document = run((Bursting(percent=30), "rest")).to_dict()
    fraction = document["steps"][0]["fractions"]["rest"]
    assert fraction["states"]["burst"]["exosome"] == pytest.approx(3 / 7 * fraction["populations"]["exosome"])
    assert "states" not in run((SPIN, "pellet")).to_dict()["steps"][0]["fractions"]["pellet"]
