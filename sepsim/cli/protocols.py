"""Commands that work on protocol files: run, compare, check, cite."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sepsim.cli.figures import add_figure_options, figures_among, figures_of_run
from sepsim.cli.inputs import check_inputs, load, named
from sepsim.cli.outputs import Output, check_outputs, csv_text, deliver, text_outputs
from sepsim.cli.progress import Progress
from sepsim.errors import LONGEST_PROBLEM, InputError, SepsimError, collected_warnings
from sepsim.plots.figures import OVERVIEW, figures
from sepsim.technique import FigureEntry, resolve
from sepsim.text.quoting import brief, escaped, quoted
from sepsim.text.tables import columns, counted, duration, percent

if TYPE_CHECKING:
    from sepsim.protocols.protocol import Protocol
    from sepsim.protocols.run import Run

HANDS = ("bench", "ideal")


def add_commands(commands: Any) -> None:
    """Add the commands of this group to the parser."""
    run = commands.add_parser("run", help="run protocol files and print yield and purity")
    run.add_argument("files", nargs="+", metavar="FILE", help="protocol files (TOML); - is standard input")
    _add_result_options(run, "one row per step, fraction and population")
    add_figure_options(run, "an overview, where each population went", steps=True)
    run.set_defaults(command=_run)

    compare = commands.add_parser("compare", help="compare protocols: yield against purity, with duration")
    compare.add_argument("files", nargs="+", metavar="FILE", help="two or more protocol files; - is standard input")
    _add_result_options(compare, "one row per protocol")
    add_figure_options(compare, "yield against purity")
    compare.set_defaults(command=_compare)

    check = commands.add_parser(
        "check",
        help="list every error of protocol files without running them",
        description="List every error of protocol files by a dry run with quick models, and the warnings that follow "
        "from settings, media, equipment and sample. What only solving the physics can tell comes with `sepsim run`; a "
        "step that a dry run cannot do ends it, so that later ones are tried when that is mended.",
    )
    check.add_argument("files", nargs="+", metavar="FILE", help="protocol files; - is standard input")
    check.set_defaults(command=_check)

    cite = commands.add_parser("cite", help="print the bibliography of what a protocol uses")
    cite.add_argument("file", metavar="FILE", help="protocol file; - is standard input")
    cite.add_argument("--methods", action="store_true", help="print the methods section of a paper on it first")
    cite.set_defaults(command=_cite)


def _add_result_options(parser: argparse.ArgumentParser, rows: str) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table, one object per FILE")
    parser.add_argument("--json-file", metavar="F", help="write the JSON result to this file; - prints it")
    parser.add_argument("--csv", metavar="F", help=f"write {rows}; - prints it")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of random numbers (default 0)")
    parser.add_argument("--quiet", action="store_true", help="show no progress on the terminal")


def _run(options: argparse.Namespace) -> int:
    wanted = {"--json-file": options.json_file, "--csv": options.csv, "--plot": options.plot}
    wanted |= {"--figure": options.figure, "--figures": options.figures}
    if len(options.files) > 1 and any(wanted.values()):
        raise InputError(f"{', '.join(wanted)}: take one FILE at a time; `sepsim compare` draws several")
    outputs: list[Output] = []

    def prepare(protocols: Sequence[Protocol]) -> None:
        outputs.extend(
            text_outputs(
                json_file=(options.json_file, lambda run: run.to_json() + "\n"),
                csv=(options.csv, lambda run: run.to_csv()),
            )
        )
        problems: list[str] = []
        for protocol in protocols:  # one, if anything is written
            try:
                outputs.extend(figures_of_run(options, protocol, OVERVIEW))
            except InputError as error:
                problems += error.problems
        read = [file for protocol in protocols for file in protocol.files]
        try:
            check_outputs(outputs, [*options.files, *read], json=options.json)
        except InputError as error:
            problems += error.problems
        if problems:
            raise InputError(*problems)

    def report(run: Run) -> int:
        text = json.dumps(run.to_dict(), allow_nan=False) if options.json else run.summary() + "\n"
        return deliver(text, outputs, run)

    return _run_each(options, report, prepare, tells=options.json and len(options.files) > 1)


def _compare(options: argparse.Namespace) -> int:
    if len(options.files) < 2:
        raise InputError(f"compare {options.files[0]}: give two or more FILEs; `sepsim run` takes one")
    outputs = [
        *text_outputs(
            json_file=(options.json_file, lambda runs: json.dumps(_comparison(runs), indent=2) + "\n"),
            csv=(options.csv, lambda runs: csv_text(_flat(row) for row in _comparison(runs))),
        ),
        *figures_among(options, {each.name: _drawn_of_runs(each) for each in figures().values() if each.of_runs}),
    ]
    runs: list[Run] = []

    def prepare(protocols: Sequence[Protocol]) -> None:
        read = [file for protocol in protocols for file in protocol.files]
        check_outputs(outputs, [*options.files, *read], json=options.json)
        if len(protocols) < len(options.files):  # what the others read is not known, and must not be replaced
            for output in outputs:
                print(f"sepsim: error: {output.said}: not written, since a FILE could not be read", file=sys.stderr)
            outputs.clear()

    def keep(run: Run) -> int:
        runs.append(run)
        return 0

    code = _run_each(options, keep, prepare, tells=True)
    if not runs:
        return code
    rows = _comparison(runs)
    text = json.dumps(rows, indent=2) if options.json else _comparison_table(rows)
    return max(code, deliver(text, outputs, runs))


def _drawn_of_runs(figure: FigureEntry) -> Callable[[Sequence[Run]], Any]:
    return lambda runs: resolve(figure.home)(runs)


def _comparison(runs: Sequence[Run]) -> list[dict[str, Any]]:
    return [_comparison_row(run) for run in runs]


def _flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a table within tables as one row, whose columns are called by all keys on the way."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        name = f"{prefix}{key}"
        flat |= _flat(value, f"{name}.") if isinstance(value, Mapping) else {name: value}
    return flat


def _check(options: argparse.Namespace) -> int:
    check_inputs(options.files)
    code = 0
    for path in options.files:
        name = named(path)
        try:
            with collected_warnings() as caught:
                protocol = load(path)
                dry_run = protocol.dry_run()
        except InputError as error:
            print(f"{name}: {counted(len(error.problems), 'problem')}")
            print("".join(f"  - {problem.removeprefix(f'{name}: ')}\n" for problem in error.problems), end="")
            code = 2
        except SepsimError as error:
            print(f"{name}: fails in a dry run\n" + "".join(f"  - {problem}\n" for problem in error.problems), end="")
            code = max(code, 1)
        else:
            print(f"{name}: sound; {counted(len(protocol.steps), 'step')}, target {quoted(protocol.target)}")
            told = (*caught, *dry_run.sample_warnings, *dry_run.step_warnings)
            print("".join(f"  warning: {brief(text, LONGEST_PROBLEM)}\n" for text in told), end="")
    return code


def _cite(options: argparse.Namespace) -> int:
    from sepsim.data import bibliography

    protocol = load(options.file)
    entries = bibliography()
    if options.methods:
        print(escaped(protocol.methods_section()), end="\n\n")
    print("\n\n".join(entries[key] for key in protocol.sources))
    return 0


def _run_each(
    options: argparse.Namespace,
    report: Callable[[Run], int],
    prepare: Callable[[Sequence[Protocol]], None],
    *,
    tells: bool,
) -> int:
    """Run each file; one that fails is reported and does not cost the others their results.

    What prepares the reports sees all protocols that could be read before any is run, and may refuse them. Warnings are
    told here unless the reports tell them.
    """
    check_inputs(options.files)
    if options.seed < 0:
        raise InputError(f"--seed {options.seed}: must be a whole number, at least 0")
    loaded = [_loaded(file) for file in options.files]
    prepare([each for each in loaded if not isinstance(each, InputError)])
    code = 0
    for file, protocol in zip(options.files, loaded, strict=True):
        path = named(file)
        try:
            if isinstance(protocol, InputError):
                raise protocol
            with Progress(path, quiet=options.quiet) as progress:
                run = protocol.run(seed=options.seed, progress=progress)
        except InputError as error:
            place = "" if error.problems[0].startswith(path) else f"{path}: "
            print(*(f"sepsim: error: {place}{text}" for text in error.problems), sep="\n", file=sys.stderr)
            code = 2
        except SepsimError as error:
            print(f"sepsim: error: {path}: {error}", file=sys.stderr)
            code = max(code, 1)
        else:
            for text in run.warnings if tells else ():
                print(f"sepsim: warning: {path}: {brief(text, LONGEST_PROBLEM)}", file=sys.stderr)
            code = max(code, report(run))
    return code


def _loaded(file: str) -> Protocol | InputError:
    """Read a protocol and tell its warnings, or return what is wrong with it."""
    try:
        with collected_warnings() as caught:
            protocol = load(file)
    except InputError as error:
        return error
    for text in caught:
        print(f"sepsim: warning: {named(file)}: {text}", file=sys.stderr)
    return protocol


def _comparison_row(run: Run) -> dict[str, Any]:
    document = run.to_dict()
    return {
        "name": run.name,
        "target": run.target,
        "duration_h": run.duration / 3600.0,
        "yield": document["populations"][run.target]["yield"],
        "purity": document["purity"],
    }


def _comparison_table(rows: Sequence[dict[str, Any]]) -> str:
    enrichments = {name for row in rows for name in row["purity"]["bench"]["enrichment"]}
    contaminants = [name for name in ("apoB lipoproteins", "albumin") if name in enrichments]
    header = ["bench / ideal", "run time", "yield", "protein purity", "particle purity"]
    return columns(
        [*header, *(f"x over {name}" for name in contaminants)],
        [[row["name"], duration(3600.0 * row["duration_h"]), *_compared(row, contaminants)] for row in rows],
    )


def _compared(row: dict[str, Any], contaminants: Sequence[str]) -> list[str]:
    """Return the cells of yield, purities and enrichments, bench and ideal side by side."""

    def ratio(value: float | str | None) -> str:
        return "-" if value is None else value if isinstance(value, str) else f"{value:.3g}"

    purity = row["purity"]
    cells: list[tuple[Callable[[float | None], str], Any]] = [(percent, row["yield"])]
    cells += [(percent, {hands: purity[hands][kind] for hands in HANDS}) for kind in ("protein", "particle")]
    cells += [(ratio, {hands: purity[hands]["enrichment"].get(name) for hands in HANDS}) for name in contaminants]
    return [" / ".join(shown(figures[hands]) for hands in HANDS) for shown, figures in cells]
