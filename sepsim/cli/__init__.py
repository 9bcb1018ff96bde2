"""The command line: one file per group of commands.

Human text goes to stdout, messages and progress to stderr. Exit codes: 0 done, 1 failed while running, 2 bad input.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn

from sepsim import __version__
from sepsim.cli import catalog, protocols, templates
from sepsim.cli.progress import CLEAR
from sepsim.errors import LONGEST_PROBLEM, InputError, SepsimError
from sepsim.technique import resolve
from sepsim.techniques import techniques
from sepsim.text.quoting import brief


class _Parser(argparse.ArgumentParser):
    """A parser that repeats arguments in one line."""

    def error(self, message: str) -> NoReturn:
        """Print usage and message, and exit with 2."""
        super().error(brief(message, LONGEST_PROBLEM))


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = _Parser(
        prog="sepsim",
        description="Simulate from physics how extracellular vesicles are separated: yield and purity of a protocol.",
        epilog="Start with: sepsim new > my.toml; sepsim check my.toml; sepsim run my.toml --plot my.png",
    )
    top.add_argument("--version", action="version", version=f"sepsim {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    protocols.add_commands(commands)
    catalog.add_commands(commands)
    for technique in techniques():
        for address in technique.commands:
            try:
                resolve(address)(commands)
            except (argparse.ArgumentError, ValueError) as error:  # it is there already
                fault = f"{error}; mend or uninstall the technique"
                raise InputError(f"technique {technique.name!r}: its command cannot be added ({fault})") from error
    templates.add_commands(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads that wait for small matrices cost half of a check
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 must not cost a result
    try:
        options = parser().parse_args(arguments)
        with warnings.catch_warnings():
            warnings.showwarning = _warn
            return int(options.command(options))
    except InputError as error:
        _complain(error.problems)
        return 2
    except SepsimError as error:
        _complain(error.problems)
        return 1
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            # The reader has gone (`| head`); keep the interpreter from flushing into the closed pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        _complain([str(error)])
        return 1
    except Exception as error:  # a defect of ours is still no traceback for a user
        _complain([f"internal error, please report it: {type(error).__name__}: {error}"])
        return 1
    except KeyboardInterrupt:
        print("sepsim: interrupted", file=sys.stderr)
        return 130


def _warn(message: Warning | str, *_: Any, **__: Any) -> None:
    """Tell a warning in one line, without the line of code that raised it; it takes that of the progress."""
    print(f"{CLEAR if sys.stderr.isatty() else ''}sepsim: warning: {message}", file=sys.stderr)


def _complain(problems: Sequence[str]) -> None:
    for problem in problems:
        print(f"sepsim: error: {brief(problem, LONGEST_PROBLEM)}", file=sys.stderr)
