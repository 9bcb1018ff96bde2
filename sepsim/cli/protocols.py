"""Commands that work on protocol files: run, compare, check, cite."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sepsim.cli import pictures
from sepsim.cli.outputs import check_outputs, print_and_draw, write
from sepsim.errors import InputError, SepsimError, collected_warnings
from sepsim.text_table import columns, counted, duration, percent

if TYPE_CHECKING:
    from sepsim.protocols.protocol import Protocol
    from sepsim.protocols.run import Run

HANDS = ("bench", "ideal")
ENDINGS = {picture.option: picture.endings for picture in pictures.OF_RUN}
PATIENCE_S = 1.0


def add_commands(commands: Any) -> None:
    """Add the commands of this group to the parser."""
    run = commands.add_parser("run", help="run protocol files and print yield and purity")
    run.add_argument("files", nargs="+", metavar="FILE", help="protocol files (TOML)")
    run.add_argument("--json", action="store_true", help="print JSON instead of the table, one object per protocol")
    run.add_argument("--json-file", metavar="F", help="write the JSON result to this file as well")
    run.add_argument("--csv", metavar="F", help="write one row per step, fraction and population")
    for picture in pictures.OF_RUN:
        run.add_argument(picture.option, metavar="F", help=picture.help)
    run.add_argument(
        "--step",
        metavar="NAME",
        help="step that the --plot-... options and --animate draw; left out: the last that fits",
    )
    run.add_argument("--seed", type=int, default=0, metavar="N", help="seed of random numbers (default 0)")
    run.set_defaults(command=_run)

    compare = commands.add_parser("compare", help="compare protocols: yield against purity, with duration")
    compare.add_argument("files", nargs="+", metavar="FILE", help="two or more protocol files")
    compare.add_argument("--json", action="store_true", help="print JSON instead of the table")
    compare.add_argument("--plot", metavar="F", help="draw yield against purity (png, pdf or svg)")
    compare.add_argument("--seed", type=int, default=0, metavar="N", help="seed of random numbers (default 0)")
    compare.set_defaults(command=_compare)

    check = commands.add_parser(
        "check",
        help="list every error of protocol files without running them",
        description="List every error of protocol files by a dry run with quick models, and the warnings that follow "
        "from settings, media, equipment and sample. What only solving the physics can tell comes with `sepsim run`.",
    )
    check.add_argument("files", nargs="+", metavar="FILE", help="protocol files")
    check.set_defaults(command=_check)

    cite = commands.add_parser("cite", help="print the bibliography of what a protocol uses")
    cite.add_argument("file", metavar="FILE", help="protocol file")
    cite.set_defaults(command=_cite)


def _run(options: argparse.Namespace) -> int:
    drawn = {picture.option: _asked(options, picture.option) for picture in pictures.OF_RUN}
    outputs = {"--json-file": options.json_file, "--csv": options.csv, **drawn}
    if len(options.files) > 1 and any(outputs.values()):
        raise InputError(f"{', '.join(outputs)}: take one FILE at a time; `sepsim compare` draws several")
    check_outputs(outputs, options.files, ENDINGS)
    asked = [picture for picture in pictures.OF_RUN if drawn[picture.option]]
    if options.step is not None and not any(picture.needs for picture in asked):
        of_step = ", ".join(picture.option for picture in pictures.OF_RUN if picture.needs)
        raise InputError(f"--step {options.step!r}: says which step to draw; give it with one of {of_step}")
    steps: dict[str, str] = {}

    def find_steps(protocol: Protocol) -> None:
        steps.update(pictures.steps_to_draw(asked, protocol, options.step))

    def report(run: Run) -> int:
        code = max(write("--json-file", options.json_file, run.to_json), write("--csv", options.csv, run.to_csv))
        text = json.dumps(run.to_dict(), allow_nan=False) if options.json else run.summary() + "\n"
        writers = {picture.option: picture.draw for picture in asked}
        return max(code, print_and_draw(text, drawn, lambda option, path: writers[option](run, steps[option], path)))

    return _run_each(options.files, options.seed, report, find_steps)


def _asked(options: argparse.Namespace, option: str) -> str | None:
    """Return the file that an option names, or None."""
    path: str | None = getattr(options, option.removeprefix("--").replace("-", "_"))
    return path


def _compare(options: argparse.Namespace) -> int:
    if len(options.files) < 2:
        raise InputError(f"compare {options.files[0]}: give two or more FILEs; `sepsim run` takes one")
    check_outputs({"--plot": options.plot}, options.files, ENDINGS)
    runs: list[Run] = []

    def keep(run: Run) -> int:
        runs.append(run)
        return 0

    code = _run_each(options.files, options.seed, keep)
    if not runs:
        return code

    def draw(_: str, path: str) -> str:
        return pictures.save_comparison(runs, path)

    rows = [_comparison_row(run) for run in runs]
    text = json.dumps(rows, indent=2) if options.json else _comparison_table(rows)
    return max(code, print_and_draw(text, {"--plot": options.plot}, draw))


def _check(options: argparse.Namespace) -> int:
    from sepsim.protocols.protocol_file import load_protocol

    code = 0
    for path in options.files:
        try:
            with collected_warnings() as caught:
                protocol = load_protocol(path)
                dry_run = protocol.dry_run()
        except InputError as error:
            print(f"{path}: {counted(len(error.problems), 'problem')}")
            print("".join(f"  - {problem.removeprefix(f'{path}: ')}\n" for problem in error.problems), end="")
            code = 2
        else:
            print(f"{path}: sound; {counted(len(protocol.steps), 'step')}, target {protocol.target!r}")
            print("".join(f"  warning: {text}\n" for text in (*caught, *dry_run.warnings)), end="")
    return code


def _cite(options: argparse.Namespace) -> int:
    from sepsim.data import bibliography
    from sepsim.protocols.protocol_file import load_protocol

    protocol = load_protocol(options.file)
    entries = bibliography()
    print("\n\n".join(entries[key] for key in protocol.sources))
    return 0


def _run_each(
    files: Sequence[str], seed: int, report: Callable[[Run], int], prepare: Callable[[Protocol], None] | None = None
) -> int:
    """Run each file; one that fails is reported and does not cost the others their results.

    What prepares a report sees the protocol before it is run, and may refuse it.
    """
    from sepsim.protocols.protocol_file import load_protocol

    if seed < 0:
        raise InputError(f"--seed {seed}: must be a whole number, at least 0")
    code = 0
    for path in files:
        try:
            with collected_warnings() as caught:
                protocol = load_protocol(path)
            for text in caught:
                print(f"sepsim: warning: {path}: {text}", file=sys.stderr)
            if prepare is not None:
                prepare(protocol)
            with _Progress(path) as progress:
                run = protocol.run(seed=seed, progress=progress)
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
            code = max(code, report(run))
    return code


class _Progress:
    """Tells on stderr how far a run is, once it takes longer than a second."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._where = ""
        self._late = threading.Event()
        self._timer = threading.Timer(PATIENCE_S, self._speak_up)

    def __enter__(self) -> _Progress:
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def __call__(self, done: int, total: int, step: str) -> None:
        self._where = f"{done} of {total} done, now {step}"
        if self._late.is_set():
            self._tell()

    def _speak_up(self) -> None:
        self._late.set()
        self._tell()

    def _tell(self) -> None:
        print(f"sepsim: {self._name}: {self._where}", file=sys.stderr, flush=True)


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

    def ratio(value: float | None) -> str:
        return "-" if value is None else f"{value:.3g}"

    purity = row["purity"]
    cells: list[tuple[Callable[[float | None], str], Any]] = [(percent, row["yield"])]
    cells += [(percent, {hands: purity[hands][kind] for hands in HANDS}) for kind in ("protein", "particle")]
    cells += [(ratio, {hands: purity[hands]["enrichment"].get(name) for hands in HANDS}) for name in contaminants]
    return [" / ".join(shown(figures[hands]) for hands in HANDS) for shown, figures in cells]
