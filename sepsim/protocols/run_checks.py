"""What only a whole run can tell: figures that contradict what is expected, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sepsim.method import StepResult
from sepsim.samples.metrics import counted_by_population
from sepsim.samples.sample import Sample
from sepsim.text.quoting import brief, quoted
from sepsim.text.tables import percent

LOST = "lost"
NOTICED = 0.01  # relative, by which an ideal yield or purity falls below that of the bench


def whole_warnings(
    target: str, loaded: Sample, bench: Sequence[StepResult], ideal: Sequence[StepResult]
) -> Iterator[str]:
    """Yield what is wrong with a run as a whole.

    Parameters
    ----------
    target : str
        The population that is wanted.
    loaded : Sample
    bench, ideal : sequence of StepResult
        All steps, with the losses of handling and without.

    Yields
    ------
    str
        One warning each: nothing of the target in the product, a target on beads, which no counter sees, and an ideal
        yield, or an ideal share of the protein or of the particles, below that of the bench.

    Examples
    --------
    >>> import sepsim
    >>> step = {"name": "take", "method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
    >>> run = sepsim.protocol_from_table({"sample": {"source": "urine", "volume_mL": 10}, "step": [step]}).run()
    >>> [*whole_warnings("exosome", run.loaded, run.bench, run.ideal)]
    []
    """
    at_start = loaded.by_population[target]
    product, ideal_product = (steps[-1].kept.by_population[target] for steps in (bench, ideal))
    if product < 1.0 <= at_start:
        yield _about_nothing(target, bench)
    if ideal_product < (1.0 - NOTICED) * product:
        yield _about_ideal(
            target,
            bench,
            ideal,
            f"{percent(ideal_product / at_start)}, than on the bench, {percent(product / at_start)}",
        )
    ours, theirs = bench[-1].kept, ideal[-1].kept
    yield from _about_uncounted(target, ours)
    yield from _about_impurity(target, "protein", ours.protein_by_population, theirs.protein_by_population)
    yield from _about_impurity(target, "particles", counted_by_population(ours), counted_by_population(theirs))


def _about_uncounted(target: str, product: Sample) -> Iterator[str]:
    """Say that numbers of particles tell nothing of a target on beads, or on the walls of a chip."""
    variants = product.particles.variants
    if variants is None:
        return
    held = product.counts * (product.particles.population == product.particles.names.index(target))
    share = float(held @ variants.carried) / max(float(held.sum()), 1e-300)
    if share > NOTICED:
        yield (
            f"{percent(share)} of the {brief(target)} of the product is on beads or walls, where no particle counter "
            "sees it: purity by number, yield of all particles and particles per ug protein are those of what is free"
        )


def _about_impurity(target: str, of_what: str, ours: Mapping[str, float], theirs: Mapping[str, float]) -> Iterator[str]:
    """Say which population makes a product less pure with ideal hands, by its amount per that of the target."""
    if min(ours[target], theirs[target]) <= 0:
        return
    worse = {name: theirs[name] / theirs[target] - ours[name] / ours[target] for name in theirs if name != target}
    if sum(worse.values()) <= NOTICED * sum(ours.values()) / ours[target]:
        return
    most = max(worse, key=lambda name: worse[name])
    kept, kept_target = (percent(ours[name] / theirs[name]) for name in (most, target))
    pure, pure_ideal = (percent(amounts[target] / sum(amounts.values())) for amounts in (ours, theirs))
    why = (
        f"which keeps more of the {brief(target)}"
        if theirs[target] < ours[target]
        else f"whose handling leaves {kept} of the {brief(most)} and {kept_target} of the {brief(target)}"
    )
    yield (
        f"the product is less pure with ideal hands: {brief(target)} is {pure_ideal} of its {of_what}, and {pure} on "
        f"the bench, {why}"
    )


def _about_nothing(target: str, steps: Sequence[StepResult]) -> str:
    """Say where the last of the target went, by the fraction that holds most of it and could have been kept."""
    going_on = _going_on(steps)
    on_the_way = [step for step in steps if going_on[step.name]]
    lost_it = [step for step in on_the_way if _number(going_on[step.name], target) < 1.0 <= _entered(step, target)]
    where = lost_it[-1] if lost_it else steps[-1]
    held = {name: sample.by_population[target] for name, sample in where.outcome.fractions.items()}
    most = max(held, key=lambda name: (held[name] >= 1.0 and name != LOST, held[name]))
    return (
        f"the product holds no {brief(target)}: {quoted(where.name)} lets {quoted(where.keep)} go on, but it is in "
        f"{most!r}; yield and purity tell nothing"
    )


def _about_ideal(target: str, steps: Sequence[StepResult], ideal_steps: Sequence[StepResult], yields: str) -> str:
    """Say at which step ideal hands keep a smaller part of the target than the bench, and what that step warns of."""
    told = f"the yield of {brief(target)} is lower with ideal hands, {yields}"
    going_on, going_on_ideal = _going_on(steps), _going_on(ideal_steps)
    for bench, ideal in zip(steps, ideal_steps, strict=True):
        kept, kept_ideal = (
            _number(going[step.name], target) / (_entered(step, target) or 1.0)
            for step, going in ((bench, going_on), (ideal, going_on_ideal))
        )
        if kept_ideal < (1.0 - NOTICED) * kept:
            more = [text for text in ideal.outcome.warnings if text not in bench.outcome.warnings]
            why = f": {more[0]}" if more else ", since it keeps what ideal hands leave behind or take away"
            return (
                f"{told}; {quoted(bench.name)} keeps {percent(kept_ideal)} of what reaches it with ideal hands and "
                f"{percent(kept)} on the bench{why}"
            )
    return told


def _going_on(steps: Sequence[StepResult]) -> dict[str, list[Sample]]:
    """Return by step the fractions of it that are on the way to the product; none of a branch that ends."""
    going: dict[str, list[Sample]] = {step.name: [] for step in steps} | {steps[-1].name: [steps[-1].kept]}
    fractions = {step.name: step.outcome.fractions for step in steps}
    for step in reversed(steps):
        for earlier, fraction in step.treated if going[step.name] else ():  # a branch that ends takes nothing further
            going[earlier].append(fractions[earlier][fraction])
    return going


def _number(samples: Iterable[Sample], target: str) -> float:
    return sum(sample.by_population[target] for sample in samples)


def _entered(step: StepResult, target: str) -> float:
    """Return the number of the target that a step treated."""
    return _number(step.outcome.fractions.values(), target)
