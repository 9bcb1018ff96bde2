"""Commands that show the catalogues: list and show."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from sepsim.cli.figures import figure_of_name
from sepsim.cli.outputs import check_outputs, deliver
from sepsim.errors import InputError
from sepsim.technique import Catalogue, resolve
from sepsim.techniques import METHODS, core_first


def catalogues() -> dict[str, Catalogue]:
    """Return what can be listed, of the core and of all techniques, by topic."""
    return {catalogue.topic: catalogue for technique in core_first() for catalogue in technique.catalogues}


def listed_methods() -> list[dict[str, str]]:
    """Return the methods of all techniques, without loading them."""
    return [{"technique": method.name, "what it does": method.summary} for method in METHODS.values()]


def add_commands(commands: Any) -> None:
    """Add the commands of this group to the parser."""
    listing = commands.add_parser("list", help="list what the catalogues hold")
    listing.add_argument(
        "topic", nargs="?", type=_as_topic, choices=sorted(catalogues()), help="which catalogue; left out: all of them"
    )
    listing.add_argument("--json", action="store_true", help="print JSON instead of the table")
    listing.set_defaults(command=_list)

    show = commands.add_parser("show", help="show one entry of a catalogue with its sources")
    show.add_argument(
        "kind",
        type=_as_kind,
        choices=sorted(each.kind for each in catalogues().values() if each.entry),
        help="what kind of entry",
    )
    show.add_argument("name", help="its name")
    show.add_argument("--json", action="store_true", help="print JSON instead of text")
    drawn = ", ".join(f"a {each.kind}" for each in catalogues().values() if each.figure)
    show.add_argument("--plot", metavar="F", help=f"draw it (png, pdf or svg): {drawn}")
    show.set_defaults(command=_show)


def _as_topic(text: str) -> str:
    """Return the name of a catalogue, which may be written as one of its entries."""
    return next((each.topic for each in catalogues().values() if each.kind == text), text)


def _as_kind(text: str) -> str:
    """Return the name of a kind of entry, which may be written as many."""
    return next((each.kind for each in catalogues().values() if each.topic == text), text)


def _list(options: argparse.Namespace) -> int:
    from sepsim.text.tables import columns

    if options.topic is None:
        _list_topics(json_wanted=options.json)
        return 0
    catalogue = catalogues()[options.topic]
    rows = resolve(catalogue.rows)()
    if options.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    header = list(rows[0])
    print(columns(header, [[row[key] for key in header] for row in rows]))
    if catalogue.note:
        print(f"\n{catalogue.note}")
    if any(row.get("confidence") == "unverified" for row in rows):
        print("\nunverified: usable, but check the numbers against your own equipment or literature")
    return 0


def _list_topics(*, json_wanted: bool) -> None:
    """Print what can be listed."""
    topics = {each.topic: each.summary for each in catalogues().values()}
    if json_wanted:
        print(json.dumps([{"topic": topic, "lists": summary} for topic, summary in topics.items()], indent=2))
    else:
        print(f"{_in_rows(topics)}\n\nsepsim list TOPIC lists one of them; sepsim show tells more of an entry")


def _show(options: argparse.Namespace) -> int:
    catalogue = next(each for each in catalogues().values() if each.kind == options.kind)
    if options.plot and not catalogue.figure:
        raise InputError(f"--plot {options.plot}: a {options.kind} has no figure; leave --plot out")
    outputs = figure_of_name(options.plot, catalogue.figure) if options.plot else []
    check_outputs(outputs, (), json=options.json)
    entry = resolve(catalogue.entry)(options.name)
    text = json.dumps(entry, indent=2, ensure_ascii=False) if options.json else _in_rows(entry)
    return deliver(text, outputs, options.name)


def _in_rows(entry: Mapping[str, Any]) -> str:
    """Return an entry of a catalogue as text, the keys in a column of their own."""
    width = max(map(len, entry))
    rows = []
    for key, value in entry.items():
        lines = value if isinstance(value, list) else [value]
        rows += [f"{'' if number else key:<{width}}  {line}" for number, line in enumerate(lines)]
    return "\n".join(rows)
