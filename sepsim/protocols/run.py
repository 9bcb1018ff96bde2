"""A run: every outcome of a protocol, with its provenance, and the ways to write it down."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.errors import LONGEST_PROBLEM, collected_warnings
from sepsim.method import StepResult
from sepsim.protocols.run_checks import whole_warnings
from sepsim.protocols.step_address import find_step
from sepsim.protocols.whole_files import write_whole
from sepsim.samples import metrics
from sepsim.samples.fractions import is_numbered, selection, shortened
from sepsim.samples.metrics import Purity
from sepsim.samples.sample import Sample
from sepsim.text.quoting import brief, quoted
from sepsim.text.tables import (
    LONGEST_CELL,
    columns,
    counted,
    cut,
    duration,
    html_paragraph,
    html_table,
    percent,
    scientific,
)

if TYPE_CHECKING:
    import pandas
    import xarray

SCHEMA = "sepsim.run/1"
GIST = 50  # letters that tell warnings apart
FIGURES = re.compile(r"[\d.,]+(e[+-]?\d+)?")
LONGEST_NAME = 50  # letters in a line
NOTED_SHARE = 1e-3  # of the target in a state
CSV_COLUMNS = (
    "handling",
    "step",
    "fraction",
    "volume_mL",
    "density_g_mL",
    "refractive_index",
    "population",
    "particles",
    "mass_ug",
    "protein_ug",
    "rna_ug",
    "yield",
)


@dataclass(frozen=True, kw_only=True, repr=False)
class Run:
    """The result of a protocol, carried out with the losses of the bench and with ideal hands.

    Attributes
    ----------
    name, target : str
        Of the protocol.
    loaded : Sample
        The sample at the start.
    bench, ideal : tuple of StepResult
        The steps, with handling losses and without.
    protocol : mapping
        The resolved protocol as a table, from which it can be loaded again.
    seed : int
    sample_warnings : tuple of str
        About the sample itself; `warnings` holds those of all steps as well.
    sources : tuple of str
        Bibliography keys of what was used.
    version : str
        Of sepsim.

    Examples
    --------
    >>> import sepsim
    >>> step = {"name": "take", "method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
    >>> run = sepsim.protocol_from_table({"sample": {"source": "urine", "volume_mL": 10}, "step": [step]}).run()
    >>> run
    Run('protocol': exosome yield 10.0 % bench, 10.0 % ideal; print(run.summary()) shows all)
    >>> run.to_dict()["product"]
    {'step': 'take', 'fraction': 'aliquot', 'volume_mL': 1.0}
    """

    name: str
    target: str
    loaded: Sample
    bench: tuple[StepResult, ...]
    ideal: tuple[StepResult, ...]
    protocol: Mapping[str, Any]
    seed: int
    sample_warnings: tuple[str, ...]
    sources: tuple[str, ...]
    version: str

    def __repr__(self) -> str:
        figures = self.yields[self.target]
        return (
            f"Run({quoted(self.name, LONGEST_NAME)}: {cut(self.target, LONGEST_NAME)} yield "
            f"{percent(figures['bench'])} bench, {percent(figures['ideal'])} ideal; print(run.summary()) shows all)"
        )

    def _repr_html_(self) -> str:
        with collected_warnings():  # as in to_dict
            return _html(self)

    def step(self, address: int | str) -> StepResult:
        """Return a step as it was carried out, with handling losses.

        Parameters
        ----------
        address : int or str
            Its place, counted from 1, or its name.

        Returns
        -------
        StepResult

        Raises
        ------
        InputError
            If there is no such step; tells which there are.
        """
        return self.bench[find_step([step.name for step in self.bench], address)]

    @property
    def product(self) -> Sample:
        """What the last step keeps, with handling losses."""
        return self.bench[-1].kept

    @property
    def ideal_product(self) -> Sample:
        """What the last step keeps, without handling losses."""
        return self.ideal[-1].kept

    @property
    def duration(self) -> float:
        """Time that the steps take [s]."""
        return sum(step.outcome.duration for step in self.bench)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes the run less certain: about the sample, of all steps, and of the whole."""
        return (
            *self.sample_warnings,
            *self.step_warnings,
            *whole_warnings(self.target, self.loaded, self.bench, self.ideal),
        )

    @property
    def step_warnings(self) -> tuple[str, ...]:
        """What steps add to those about the sample, led by their names; of ideal hands what the bench has not."""
        return tuple(
            f"{place}: {text}"
            for bench, ideal in zip(self.bench, self.ideal, strict=True)
            for place, texts in (
                (brief(bench.name), bench.outcome.warnings),
                (f"{brief(bench.name)} (ideal)", _news(bench, ideal)),
            )
            for text in texts
            if text not in self.sample_warnings
        )

    @cached_property
    def yields(self) -> dict[str, dict[str, float]]:
        """Yield of each population, ``bench`` and ``ideal`` [-]."""
        bench = metrics.yields(self.loaded, self.product)
        ideal = metrics.yields(self.loaded, self.ideal_product)
        return {name: {"bench": bench[name], "ideal": ideal[name]} for name in bench}

    @cached_property
    def particle_yields(self) -> dict[str, float]:
        """Recovery of all particles of at least 30 nm, whatever they are, ``bench`` and ``ideal`` [-]."""
        return {
            "bench": metrics.particle_yield(self.loaded, self.product),
            "ideal": metrics.particle_yield(self.loaded, self.ideal_product),
        }

    @cached_property
    def purity(self) -> dict[str, Purity]:
        """Purity of the product, ``bench`` and ``ideal``."""
        return {
            "bench": metrics.purity(self.loaded, self.product, self.target),
            "ideal": metrics.purity(self.loaded, self.ideal_product, self.target),
        }

    def summary(self) -> str:
        """Return the table that the command line prints."""
        return _summary(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the run as plain values, in the schema ``sepsim.run/1``.

        Undefined figures are None, infinite ones the text ``"inf"``.
        """
        with collected_warnings():  # warnings about densities are already among those of the steps
            document: dict[str, Any] = _marked(_as_dict(self))
        return document

    def to_json(self, path: str | Path | None = None) -> str:
        """Return the run as JSON text, and write it to a file if one is named, whole or not at all."""
        text = json.dumps(self.to_dict(), indent=2, allow_nan=False)
        if path is not None:
            write_whole(path, text + "\n")
        return text

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return one row per handling, step, fraction and population, and write it to a file if one is named.

        Undefined figures are left empty. The file is written whole or not at all.
        """
        file = io.StringIO()
        writer = csv.DictWriter(file, CSV_COLUMNS, lineterminator="\n")
        writer.writeheader()
        with collected_warnings():  # as in to_dict
            writer.writerows({key: _or_empty(value) for key, value in row.items()} for row in _rows(self))
        if path is not None:
            write_whole(path, file.getvalue())
        return file.getvalue()

    def to_xarray(self) -> xarray.Dataset:
        """Return the rows of `to_csv` as a labelled data set over handling, step, fraction and population.

        Raises
        ------
        ImportError
            If pandas or xarray is not installed; names the extra.
        """
        try:
            import xarray
        except ImportError as error:
            raise ImportError("to_xarray needs xarray: pip install 'sepsim[data]'") from error
        index = ["handling", "step", "fraction", "population"]
        return xarray.Dataset.from_dataframe(self.to_dataframe().set_index(index))

    def to_dataframe(self) -> pandas.DataFrame:
        """Return the rows of `to_csv` as a pandas table.

        Raises
        ------
        ImportError
            If pandas is not installed; names the extra.
        """
        try:
            import pandas
        except ImportError as error:
            raise ImportError("to_dataframe needs pandas: pip install 'sepsim[data]'") from error
        with collected_warnings():  # as in to_dict
            rows = list(_rows(self))
        return pandas.DataFrame(rows, columns=list(CSV_COLUMNS))


def _news(bench: StepResult, ideal: StepResult) -> Iterator[str]:
    """Yield warnings of ideal hands that the bench has not, not even with other figures or other populations."""
    known = {_gist(text) for text in bench.outcome.warnings}
    return (text for text in ideal.outcome.warnings if _gist(text) not in known)


def _gist(warning: str) -> str:
    """Return the beginning of a warning without its figures, which says what it is about."""
    return FIGURES.sub("", warning)[:GIST]


def _as_dict(run: Run) -> dict[str, Any]:
    before, bench, ideal = (sample.by_population for sample in (run.loaded, run.product, run.ideal_product))
    last = run.bench[-1]
    return {
        "schema": SCHEMA,
        "sepsim_version": run.version,
        "seed": run.seed,
        "protocol": dict(run.protocol),
        "duration_s": run.duration,
        "target": run.target,
        "product": {"step": last.name, "fraction": last.keep, "volume_mL": run.product.volume * 1e6},
        "populations": {
            name: {
                "input": before[name],
                "output": {"bench": bench[name], "ideal": ideal[name]},
                "yield": run.yields[name],
            }
            for name in before
        },
        "purity": {handling: asdict(purity) for handling, purity in run.purity.items()},
        "steps": [
            {
                "name": step.name,
                "method": step.technique,
                "duration_s": step.outcome.duration,
                "equipment": dict(step.outcome.equipment),
                "remarks": list(step.outcome.remarks),
                "warnings": list(step.outcome.warnings),
                "fractions": {
                    name: {
                        **_liquid(sample),
                        "populations": sample.by_population,
                        **({"states": states} if (states := sample.by_state) else {}),
                    }
                    for name, sample in step.outcome.fractions.items()
                },
            }
            for step in run.bench
        ],
        "sources": list(run.sources),
        "warnings": list(run.warnings),
    }


def _liquid(sample: Sample) -> dict[str, float]:
    """Return volume, density and refractive index of a sample's liquid."""
    return {
        "volume_mL": sample.volume * 1e6,
        "density_g_mL": sample.liquid.density * 1e-3,
        "refractive_index": sample.medium.refractive_index,
    }


def _marked(value: Any) -> Any:
    """Replace nan by None and infinite by a text, at any depth: JSON knows neither."""
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_marked(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def _or_empty(value: Any) -> Any:
    """Replace nan by an empty text."""
    return "" if isinstance(value, float) and math.isnan(value) else value


def _own_mass(loaded: Sample) -> FloatArray:
    """Return the mass of a particle of each class [kg]; of what rides on a vesicle the mean of the free ones."""
    particles = loaded.particles
    own = np.arange(len(particles)) if particles.variants is None else particles.variants.origin
    mass, rides = particles.mass[own], particles.rides[own]
    free = loaded.counts * ~rides
    mean = particles.totals(free * mass) / np.maximum(particles.totals(free), 1e-300)
    return np.where(rides, mean[particles.population], mass)


def _rows(run: Run) -> Iterator[dict[str, Any]]:
    loaded, own_mass = run.loaded.by_population, _own_mass(run.loaded)
    for handling, steps in (("bench", run.bench), ("ideal", run.ideal)):
        for step in steps:
            for fraction, sample in step.outcome.fractions.items():
                particles = sample.particles
                mass = particles.totals(sample.counts * own_mass)
                protein = particles.totals(sample.counts * particles.protein_mass)
                rna = particles.totals(sample.counts * particles.rna_mass)
                numbers = sample.by_population
                for index, population in enumerate(particles.names):
                    number = numbers[population]
                    yield {
                        "handling": handling,
                        "step": step.name,
                        "fraction": fraction,
                        **_liquid(sample),
                        "population": population,
                        "particles": number,
                        "mass_ug": float(mass[index]) * 1e9,
                        "protein_ug": float(protein[index]) * 1e9,
                        "rna_ug": float(rna[index]) * 1e9,
                        "yield": number / loaded[population] if loaded[population] else math.nan,
                    }


def _summary(run: Run) -> str:
    table = columns(
        ["population", "loaded", "product", "yield bench", "yield ideal", "enrichment bench", "enrichment ideal"],
        _population_rows(run),
    )
    figures = columns(_purity_header(run), _purity_rows(run))
    notes = "".join(f"\n{text}" for text in _notes(run))
    steps = columns(_step_header(run), [*_step_rows(run)])
    name = brief(run.name, LONGEST_CELL)
    return "\n\n".join([f"{name}\n{_headline(run)}", table, figures, steps, *_fraction_table(run)]) + notes


def _html(run: Run) -> str:
    numbers = ["population", "input [particles]", "output bench [particles]"]
    ratios = ["yield bench", "yield ideal", "enrichment bench", "enrichment ideal"]
    return "\n".join(
        [
            html_paragraph(_headline(run), title=run.name),
            html_table([*numbers, *ratios], _population_rows(run)),
            html_table(_purity_header(run), _purity_rows(run)),
            html_table(_step_header(run), _step_rows(run), texts=4),
            *map(html_paragraph, _notes(run)),
        ]
    )


def _headline(run: Run) -> str:
    last = run.bench[-1]
    chosen = ", ".join(shortened(last.chosen))
    which = "" if chosen == str(selection(last.keep)) else f" ({chosen})"
    return (
        f"{counted(len(run.bench), 'step')}, {duration(run.duration)} of run time; product: {brief(last.keep)} of "
        f"{quoted(last.name)}{which}, {run.product.volume * 1e6:.3g} mL"
    )


def _population_rows(run: Run) -> list[list[str]]:
    before, after = run.loaded.by_population, run.product.by_population
    return [
        [
            name,
            scientific(before[name]),
            scientific(after[name]),
            percent(figures["bench"]),
            percent(figures["ideal"]),
            *(
                "target" if name == run.target else _times(run.purity[handling].enrichment[name])
                for handling in ("bench", "ideal")
            ),
        ]
        for name, figures in run.yields.items()
    ]


def _purity_header(run: Run) -> list[str]:
    return [f"purity of {run.target}", "bench", "ideal"]


def _purity_rows(run: Run) -> list[list[str]]:
    bench, ideal = run.purity["bench"], run.purity["ideal"]
    return [
        ["by number, particles >= 30 nm", percent(bench.particle), percent(ideal.particle)],
        ["by protein mass", percent(bench.protein), percent(ideal.protein)],
        [f"by mass of RNA, of {_micrograms(bench.rna_ug)} on the bench", percent(bench.rna), percent(ideal.rna)],
        *(
            [f"enrichment over {name}", _times(bench.enrichment[name]), _times(ideal.enrichment[name])]
            for name in bench.enrichment
            if name not in run.yields
        ),
        ["yield of all particles >= 30 nm", *(percent(run.particle_yields[hands]) for hands in ("bench", "ideal"))],
        [
            "particles per ug protein",
            scientific(bench.particles_per_ug_protein),
            scientific(ideal.particles_per_ug_protein),
        ],
    ]


def _micrograms(mass: float) -> str:
    return f"{mass:.3g} ug"


def _step_header(run: Run) -> list[str]:
    return ["step", "method", "equipment", "keeps", "run time", "volume [mL]", f"{run.target} bench, of the load"]


def _step_rows(run: Run) -> Iterator[list[str]]:
    loaded = run.loaded.by_population[run.target]
    for step in run.bench:
        kept = step.kept
        yield [
            step.name,
            step.technique,
            ", ".join(counted(number, noun) for noun, number in step.outcome.equipment.items()) or "-",
            step.keep,
            duration(step.outcome.duration),
            f"{kept.volume * 1e6:.3g}",
            percent(kept.by_population[run.target] / loaded if loaded else math.nan),
        ]


def _notes(run: Run) -> list[str]:
    return [
        *_about_states(run),
        *(_of_step(step, text) for step in run.bench for text in step.outcome.remarks),
        *(f"warning: {text}" for text in run.warnings),
    ]


def _about_states(run: Run) -> Iterator[str]:
    """Yield which share of the target of the product is not free."""
    particles = run.product.particles
    total = particles.totals(run.product.counts)[particles.names.index(run.target)]
    for name, numbers in run.product.by_state.items():
        if (number := numbers.get(run.target, 0.0)) > NOTED_SHARE * total:
            yield f"of the {brief(run.target)} of the product {percent(number / total)} is {name}"


def _of_step(step: StepResult, text: str) -> str:
    """Return what is told of a step, led by its name."""
    return f"{brief(step.name)}: {brief(text, LONGEST_PROBLEM)}"


def _fraction_table(run: Run) -> Iterator[str]:
    """Yield a table of the numbered fractions of the last step, if it has any."""
    fractions = {name: sample for name, sample in run.bench[-1].outcome.fractions.items() if is_numbered(name)}
    if not fractions:
        return
    with collected_warnings():  # as in to_dict
        table = {
            "fraction, * kept": [f"{name} *" if name in run.bench[-1].chosen else name for name in fractions],
            "mL": [f"{sample.volume * 1e6:.3g}" for sample in fractions.values()],
            "g/mL": [f"{sample.liquid.density * 1e-3:.4f}" for sample in fractions.values()],
            **_refraction([sample.medium.refractive_index for sample in fractions.values()]),
            **_shares_of_load(run, fractions.values()),
        }
    note = f"{brief(run.target)}, all protein: share of what was loaded at the start"
    yield f"{columns([*table], [*zip(*table.values(), strict=True)])}\n{note}"


def _refraction(indices: Sequence[float]) -> dict[str, list[str]]:
    """Return a column of refractive indices, if they tell fractions apart."""
    shown = ["-" if math.isnan(index) else f"{index:.4f}" for index in indices]
    return {"refractive index": shown} if len({*shown} - {"-"}) > 1 else {}


def _shares_of_load(run: Run, samples: Collection[Sample]) -> dict[str, list[str]]:
    """Return columns of the target and of all protein, over what was loaded."""
    loaded, protein = run.loaded.by_population[run.target], sum(run.loaded.protein_by_population.values())
    return {
        run.target: [percent(sample.by_population[run.target] / loaded if loaded else math.nan) for sample in samples],
        "all protein": [
            percent(sum(sample.protein_by_population.values()) / protein if protein else math.nan) for sample in samples
        ],
    }


def _times(ratio: float) -> str:
    return f"{ratio:.3g} x" if math.isfinite(ratio) else "-" if math.isnan(ratio) else "inf"
