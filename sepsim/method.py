"""What every method is, and what came of a step: settings checked on construction, a pure function of a sample."""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self

import numpy as np

from sepsim.errors import MassBalanceError
from sepsim.particles.states import ParticleState
from sepsim.samples.changes import by_origin, merged, varied
from sepsim.samples.fractions import among, poured, shortened
from sepsim.samples.sample import Sample
from sepsim.samples.sample_recipe import SampleRecipe
from sepsim.settings import Settings
from sepsim.text.quoting import quoted
from sepsim.text.tables import counted, cut, duration

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    Trace = TypeVar("Trace", covariant=True, default=Any)
else:
    from typing import TypeVar  # knows defaults from Python 3.13 on

    Trace = TypeVar("Trace", covariant=True)

BALANCE_TOLERANCE = 1e-9
LONGEST_LIST, LONGEST_NAME = 80, 40  # letters of the fractions and of a step in a line


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Outcome(Generic[Trace]):
    """What a method hands out.

    Attributes
    ----------
    fractions : mapping of str to Sample
        Every particle that entered is in exactly one of them; what sticks, breaks or is discarded is ``lost``.
        Numbered ones are called ``fraction 1``, ``fraction 2`` ... without a gap.
    duration : float [s]
        How long it takes on the bench.
    trace : object
        What plots need, of a type of each technique, or None.
    warnings : tuple of str
        What makes this outcome less certain.
    remarks : tuple of str
        What else is worth telling, such as a flux or where volumes are counted from.
    equipment : mapping of str to int
        How many of what the step took, such as ``{"tube": 6, "run": 2}``.
    volumes_open : bool
        Of a dry run: whether a run may hand out other volumes, since settings do not fix them.

    Examples
    --------
    >>> import sepsim
    >>> urine = sepsim.sample_from_catalog("urine", volume_mL=10).prepare()
    >>> outcome = sepsim.Aliquot(volume_mL=1).run(urine, rng=None)
    >>> {name: round(fraction.volume * 1e6) for name, fraction in outcome.fractions.items()}  # mL
    {'aliquot': 1, 'rest': 9}
    """

    fractions: Mapping[str, Sample]
    duration: float = 0.0
    trace: Trace = None  # type: ignore[assignment]
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    equipment: Mapping[str, int] = field(default_factory=dict)
    volumes_open: bool = False

    def __repr__(self) -> str:
        names = cut(", ".join(shortened(self.fractions)), LONGEST_LIST)
        return f"Outcome({names}; {duration(self.duration)}, {counted(len(self.warnings), 'warning')})"


class Method(Settings, ABC):
    """A technique: frozen settings and `run`.

    A subclass is a record, under `sepsim.settings.settings`, that names its `technique`, lists its fractions and runs.

    Examples
    --------
    A method of one's own, which gives half of everything away:

    >>> from typing import ClassVar
    >>> from sepsim.settings import settings
    >>> @settings
    ... class Halving(Method):
    ...     technique: ClassVar[str] = "halving"
    ...
    ...     @property
    ...     def fraction_names(self):
    ...         return ("left", "right")
    ...
    ...     def run(self, sample, *, rng):
    ...         left, right = sample.take(0.5, 0.5 * sample.volume)
    ...         return Outcome(fractions={"left": left, "right": right})
    >>> Halving().fraction_names
    ('left', 'right')
    """

    __slots__ = ()

    technique: ClassVar[str]
    without_losses: ClassVar[Mapping[str, Any]] = MappingProxyType({})  # settings of ideal handling
    refused: ClassVar[tuple[str, ...]] = ()  # settings that its kin have and it does not
    tells_apart: ClassVar[bool] = False  # rows that move alike; those of others are merged before they run

    @property
    @abstractmethod
    def fraction_names(self) -> tuple[str, ...]:
        """Names of the fractions that `run` will hand out."""

    @abstractmethod
    def run(self, sample: Sample, *, rng: np.random.Generator) -> Outcome:
        """Treat a sample; pure, so that equal samples and seeds give equal outcomes."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Bibliography keys of the physics and of the equipment."""
        return ()

    @property
    def antigens(self) -> tuple[str, ...]:
        """Antigens whose copies on each particle it needs to know."""
        return ()

    def states(self, sample: Sample) -> tuple[ParticleState, ...]:
        """Return the states that it can bring particles into.

        Parameters
        ----------
        sample : Sample
            The load of the protocol, all of it free.

        Returns
        -------
        tuple of ParticleState
            None by default: what a method only moves stays as it is.
        """
        return ()

    def keep_problem(self, keep: str) -> str:
        """Return why what is to go on is nothing that `run` will hand out, or an empty text.

        A technique that hands out numbered fractions overrides it by `sepsim.samples.fractions.collector_problem`.
        """
        names = self.fraction_names
        return "" if keep in names else f"method {self.technique!r} hands out {among(keep, names)}"

    def obstacle(self, fraction: str) -> str:
        """Return why a fraction can be neither kept nor treated further, or an empty text."""
        return ""

    def spent(self, fraction: str) -> str:
        """Return why a fraction cannot be treated by a later step, although it may be the product, or an empty text."""
        return self.obstacle(fraction)

    def product_remark(self, fraction: str) -> str:
        """Return what is worth telling of a fraction that is the product, or an empty text."""
        return ""

    def fraction_densities(self, sample: Sample, dry: Outcome) -> tuple[float, float]:
        """Return between which densities numbered fractions of a run surely lie, as far as settings tell.

        Parameters
        ----------
        sample : Sample
            What is treated.
        dry : Outcome
            Of the `dry_run`.

        Returns
        -------
        (float, float) [kg/m3]
            Least and greatest; 0 and infinity where only a run tells.
        """
        return 0.0, math.inf

    def dry_run(self, sample: Sample, *, rng: np.random.Generator) -> Outcome:
        """Meet the obstacles of a run at the least cost, without a kernel.

        It hands out fractions of the same names, and of the same volumes where settings fix them (elsewhere it sets
        `Outcome.volumes_open`); what they hold and how dense they are may differ. What settings, volumes, media and
        equipment forbid or put in doubt is told as a run tells it; what only solved physics can know need not be.
        """
        return self.run(sample, rng=rng)

    def ideal(self) -> Self:
        """Return the same method with perfect hands."""
        return dataclasses.replace(self, **self.without_losses)  # type: ignore[type-var]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class StepResult:
    """One step as it was carried out.

    Attributes
    ----------
    name : str
        Of the step.
    method : Method
        With the settings as they were carried out.
    target : str
        The population that the protocol wants.
    keep : str
        What goes on, as the step says it.
    treated : tuple of (str, str)
        What went in: earlier steps and which of their fractions, poured together; none for the load.
    outcome : Outcome
        What it handed out.
    chosen : tuple of str
        Names of the fractions that `keep` means.

    Examples
    --------
    >>> import sepsim
    >>> step = {"name": "take", "method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
    >>> run = sepsim.protocol_from_table({"sample": {"source": "urine", "volume_mL": 10}, "step": [step]}).run()
    >>> run.step(1).technique, run.step("take").method.volume_mL, round(run.step(1).kept.volume * 1e6, 12)
    ('aliquot', 1.0, 1.0)
    """

    name: str
    method: Method
    target: str
    keep: str
    treated: tuple[tuple[str, str], ...]
    outcome: Outcome
    chosen: tuple[str, ...]

    def __repr__(self) -> str:
        return (
            f"StepResult({quoted(self.name, LONGEST_NAME)}: {self.technique}, keeps {quoted(self.keep, LONGEST_NAME)} "
            f"of {self.outcome!r})"
        )

    @property
    def technique(self) -> str:
        """Name of the method."""
        return self.method.technique

    @property
    def kept(self) -> Sample:
        """What is kept: one fraction as it is, or several poured together."""
        return poured([self.outcome.fractions[name] for name in self.chosen])


def prepared_sample(recipe: SampleRecipe, methods: Iterable[Method]) -> Sample:
    """Return the sample of a recipe with the rows that some methods need.

    Parameters
    ----------
    recipe : SampleRecipe
    methods : iterable of Method
        That will treat it.

    Returns
    -------
    Sample
        As `SampleRecipe.prepare` returns it if no method asks for antigens or can change the state of particles.

    Raises
    ------
    InputError
        If the sample is empty, or nothing in it carries an antigen.

    Examples
    --------
    >>> import sepsim
    >>> urine = sepsim.sample_from_catalog("urine", volume_mL=10)
    >>> prepared_sample(urine, [sepsim.Aliquot(volume_mL=1)]).particles.variants is None
    True
    """
    methods = tuple(methods)
    sample = recipe.prepare()
    antigens = tuple(dict.fromkeys(antigen for method in methods for antigen in method.antigens))
    states = {state.name: state for method in reversed(methods) for state in method.states(sample)}
    if not antigens and not states:
        return sample
    return varied(sample, recipe.strata(antigens), antigens, tuple(states.values()))


def carried_out(method: Method, sample: Sample, rng: np.random.Generator, *, dry: bool = False) -> Outcome:
    """Return what a method makes of a sample, its balance checked.

    A method that does not tell apart rows that move alike runs on the merged rows.

    Parameters
    ----------
    method : Method
    sample : Sample
    rng : Generator
    dry : bool
        Whether it only goes through the motions.

    Returns
    -------
    Outcome
        Of the rows of the sample.

    Raises
    ------
    InputError
        If it cannot be done.
    MassBalanceError
        If particles are missing.
    """
    treat = method.dry_run if dry else method.run
    if method.tells_apart or sample.particles.variants is None:
        outcome = treat(sample, rng=rng)
    else:
        alike = merged(sample)
        outcome = treat(alike.sample, rng=rng)
        fractions = {name: alike.told_apart(fraction) for name, fraction in outcome.fractions.items()}
        outcome = dataclasses.replace(outcome, fractions=fractions)
    check_balance(sample, outcome)
    return outcome


def check_balance(sample: Sample, outcome: Outcome) -> None:
    """Raise unless the fractions hold exactly the particles of the sample, origin by origin.

    Parameters
    ----------
    sample : Sample
        What went in.
    outcome : Outcome
        What came out.

    Raises
    ------
    MassBalanceError
        If the particles of an origin are off by more than 1e-9 of their number; names the worst population.
    """
    before = by_origin(sample, sample.counts)
    total = by_origin(sample, np.sum([fraction.counts for fraction in outcome.fractions.values()], axis=0))
    excess = np.abs(total - before)
    wrong = excess > BALANCE_TOLERANCE * before
    if np.any(wrong):
        worst = int(np.argmax(np.where(wrong, excess / np.maximum(before, 1e-300), 0.0)))
        population = sample.particles.names[sample.particles.population[worst]]
        raise MassBalanceError(
            f"{population}: {before[worst]:g} particles of one class went in and {total[worst]:g} came out"
        )
