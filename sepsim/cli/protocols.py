"""Commands that work on protocol files: run, compare, check, cite."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sepsim.errors import InputError, SepsimError, collected_warnings

if TYPE_CHECKING:
    from sepsim.run import Run

PICTURES = (".png", ".pdf", ".svg")
HANDS = ("bench", "ideal")


def add_commands(commands: Any) -> None:
    """Add the commands of this group to the parser."""
    run = commands.add_parser("run", help="run protocol files and print yield and purity")
    run.add_argument("files", nargs="+", metavar="FILE", help="protocol files (TOML)")
    run.add_argument("--json", action="store_true", help="print JSON instead of the table, one object per protocol")
    run.add_argument("--json-file", metavar="F", help="write the JSON result to this file as well")
    run.add_argument("--csv", metavar="F", help="write one row per step, fraction and population")
    run.add_argument("--plot", metavar="F", help="draw where each population went (png, pdf or svg)")
    run.add_argument("--seed", type=int, default=0, metavar="N", help="seed of random numbers (default 0)")
    run.set_defaults(command=_run)

    compare = commands.add_parser("compare", help="compare protocols: yield against purity, with duration")
    compare.add_argument("files", nargs="+", metavar="FILE", help="two or more protocol files")
    compare.add_argument("--json", action="store_true", help="print JSON instead of the table")
    compare.add_argument("--plot", metavar="F", help="draw yield against purity (png, pdf or svg)")
    compare.add_argument("--seed", type=int, default=0, metavar="N", help="seed of random numbers (default 0)")
    compare.set_defaults(command=_compare)

    check = commands.add_parser("check", help="list every error of protocol files without running them")
    check.add_argument("files", nargs="+", metavar="FILE", help="protocol files")
    check.set_defaults(command=_check)

    cite = commands.add_parser("cite", help="print the bibliography of what a protocol uses")
    cite.add_argument("file", metavar="FILE", help="protocol file")
    cite.set_defaults(command=_cite)


def _run(options: argparse.Namespace) -> int:
    outputs = [options.json_file, options.csv, options.plot]
    if len(options.files) > 1 and any(outputs):
        raise InputError("--json-file, --csv and --plot: take one FILE at a time; `sepsim compare` draws several")
    _check_outputs(outputs, options.plot)

    def report(run: Run) -> None:
        print(json.dumps(run.to_dict(), allow_nan=False) if options.json else run.summary() + "\n", flush=True)
        _write(options.json_file, run.to_json)
        _write(options.csv, run.to_csv)
        if options.plot:
            from sepsim import plots

            _draw(options.plot, lambda: plots.protocol_flow(run))

    return _run_each(options.files, options.seed, report)


def _compare(options: argparse.Namespace) -> int:
    _check_outputs([options.plot], options.plot)
    runs: list[Run] = []
    code = _run_each(options.files, options.seed, runs.append)
    if not runs:
        return code
    rows = [_comparison_row(run) for run in runs]
    print(json.dumps(rows, indent=2) if options.json else _comparison_table(rows))
    if options.plot:
        from sepsim import plots

        _draw(options.plot, lambda: plots.yield_against_purity(runs))
    return code


def _check(options: argparse.Namespace) -> int:
    from sepsim.protocol_file import load_protocol

    code = 0
    for path in options.files:
        try:
            protocol = load_protocol(path)
            protocol.rehearse()
        except InputError as error:
            print(f"{path}: {len(error.problems)} problem{'s' if len(error.problems) > 1 else ''}")
            print("".join(f"  - {problem.removeprefix(f'{path}: ')}\n" for problem in error.problems), end="")
            code = 2
        else:
            print(f"{path}: sound; {len(protocol.steps)} steps, target {protocol.target!r}")
    return code


def _cite(options: argparse.Namespace) -> int:
    from sepsim.data import bibliography
    from sepsim.protocol_file import load_protocol

    protocol = load_protocol(options.file)
    entries = bibliography()
    print("\n\n".join(entries[key] for key in protocol.sources))
    return 0


def _run_each(files: Sequence[str], seed: int, report: Callable[[Run], None]) -> int:
    """Run each file; one that fails is reported and does not cost the others their results."""
    from sepsim.protocol_file import load_protocol

    if seed < 0:
        raise InputError(f"--seed {seed}: must be a whole number, at least 0")
    code = 0
    for path in files:
        try:
            with collected_warnings() as doubts:
                protocol = load_protocol(path)
            for text in doubts:
                print(f"sepsim: warning: {path}: {text}", file=sys.stderr)
            run = protocol.run(seed=seed, progress=_Progress(path))
        except InputError as error:
            place = "" if error.problems[0].startswith(path) else f"{path}: "
            print(*(f"sepsim: error: {place}{text}" for text in error.problems), sep="\n", file=sys.stderr)
            code = 2
        except SepsimError as error:
            print(f"sepsim: error: {path}: {error}", file=sys.stderr)
            code = max(code, 1)
        else:
            for text in run.warnings if len(files) > 1 else ():
                print(f"sepsim: warning: {path}: {text}", file=sys.stderr)
            report(run)
    return code


class _Progress:
    """Tells on stderr how far a run is, once it takes longer than a second."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._start = time.monotonic()

    def __call__(self, done: int, total: int, step: str) -> None:
        if time.monotonic() - self._start > 1.0:
            print(f"sepsim: {self._name}: {done} of {total} done, now {step}", file=sys.stderr, flush=True)


def _check_outputs(paths: Sequence[str | None], picture: str | None) -> None:
    """Refuse output that cannot be written before time is spent on computing it."""
    problems = [
        f"{path}: the folder {str(Path(path).parent)!r} does not exist; create it first"
        for path in paths
        if path and not Path(path).parent.is_dir()
    ]
    if picture and Path(picture).suffix.lower() not in PICTURES:
        problems.append(f"--plot {picture}: must end in {', '.join(PICTURES)}")
    if problems:
        raise InputError(*problems)


def _write(path: str | None, write: Callable[[str], Any]) -> None:
    if path:
        replaced = Path(path).exists()
        write(path)
        print(f"sepsim: {'replaced' if replaced else 'wrote'} {path}", file=sys.stderr)


def _draw(path: str, draw: Callable[[], Any]) -> None:
    def save(target: str) -> None:
        draw().figure.savefig(target, dpi=150)

    _write(path, save)


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
    from sepsim.text_table import columns

    enrichments = {name for row in rows for name in row["purity"]["bench"]["enrichment"]}
    contaminants = [name for name in ("apoB lipoproteins", "albumin") if name in enrichments]
    header = ["bench / ideal", "hours", "yield", "protein purity", "particle purity"]
    return columns(
        [*header, *(f"x over {name}" for name in contaminants)],
        [[row["name"], f"{row['duration_h']:.1f}", *_compared(row, contaminants)] for row in rows],
    )


def _compared(row: dict[str, Any], contaminants: Sequence[str]) -> list[str]:
    """Return the cells of yield, purities and enrichments, bench and ideal side by side."""
    from sepsim.text_table import percent

    def ratio(value: float | None) -> str:
        return "-" if value is None else f"{value:.3g}"

    purity = row["purity"]
    cells: list[tuple[Callable[[float | None], str], Any]] = [(percent, row["yield"])]
    cells += [(percent, {hands: purity[hands][kind] for hands in HANDS}) for kind in ("protein", "particle")]
    cells += [(ratio, {hands: purity[hands]["enrichment"].get(name) for hands in HANDS}) for name in contaminants]
    return [" / ".join(shown(figures[hands]) for hands in HANDS) for shown, figures in cells]
