"""Commands that show the catalogues: list and show."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from sepsim.cli import pictures
from sepsim.cli.outputs import check_outputs, print_and_draw
from sepsim.errors import InputError, did_you_mean

Rows = list[dict[str, str]]


def add_commands(commands: Any) -> None:
    """Add the commands of this group to the parser."""
    listing = commands.add_parser("list", help="list what the catalogues hold")
    listing.add_argument("topic", type=_as_topic, choices=sorted(LISTS), help="which catalogue")
    listing.add_argument("--json", action="store_true", help="print JSON instead of the table")
    listing.set_defaults(command=_list)

    show = commands.add_parser("show", help="show one entry of a catalogue with its sources")
    show.add_argument("kind", type=_as_kind, choices=sorted(KINDS), help="what kind of entry")
    show.add_argument("name", help="its name")
    show.add_argument("--json", action="store_true", help="print JSON instead of text")
    show.add_argument("--plot", metavar="F", help="draw which sizes pass a membrane (png, pdf or svg)")
    show.set_defaults(command=_show)


def _as_topic(text: str) -> str:
    """Return the name of a catalogue, which may be written as one of its entries."""
    return PLURALS.get(text, text)


def _as_kind(text: str) -> str:
    """Return the name of a kind of entry, which may be written as many."""
    return next((one for one, many in PLURALS.items() if many == text), text)


def _list(options: argparse.Namespace) -> int:
    from sepsim.text_table import columns

    rows = LISTS[options.topic]()
    if options.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    header = list(rows[0])
    print(columns(header, [[row[key] for key in header] for row in rows]))
    if options.topic in NOTES:
        print(f"\n{NOTES[options.topic]}")
    if any(row.get("confidence") == "unverified" for row in rows):
        print("\nunverified: usable, but check the numbers against your own equipment or literature")
    return 0


def _show(options: argparse.Namespace) -> int:
    if options.plot and options.kind != "membrane":
        raise InputError(f"--plot: a {options.kind} has no picture; of a membrane, which sizes pass is drawn")
    outputs = {"--plot": options.plot}
    check_outputs(outputs, (), {"--plot": pictures.PICTURES})
    entry = KINDS[options.kind](options.name)
    text = json.dumps(entry, indent=2, ensure_ascii=False) if options.json else _in_rows(entry)
    return print_and_draw(text, outputs, lambda _, path: pictures.save_membrane(options.name, path))


def _in_rows(entry: Mapping[str, Any]) -> str:
    """Return an entry of a catalogue as text, the keys in a column of their own."""
    width = max(map(len, entry))
    rows = []
    for key, value in entry.items():
        lines = value if isinstance(value, list) else [value]
        rows += [f"{'' if number else key:<{width}}  {line}" for number, line in enumerate(lines)]
    return "\n".join(rows)


def _rotors() -> Rows:
    from sepsim.rotors.rotors import ROTORS

    return [
        {
            "rotor": name,
            "manufacturer": row["manufacturer"],
            "kind": ROTORS.get(name).kind,
            "max_rpm": row["max_rpm"],
            "rmin_mm": row["rmin_mm"],
            "rmax_mm": row["rmax_mm"],
            "tubes": f"{row['n_tubes']} x {ROTORS.get(name).tube.volume_mL:g} mL",
            "confidence": row["confidence"],
        }
        for name, row in ROTORS.rows.items()
    ]


def _columns() -> Rows:
    from sepsim.techniques.chromatography.columns.columns import COLUMNS

    return [
        {
            "column": name,
            "resin": " over ".join(bed.resin.name for bed in COLUMNS.get(name).beds),
            "bed_volume_mL": " over ".join(filter(None, [row["bed_volume_mL"], row["underlayer_volume_mL"]])),
            "diameter_mm": row["diameter_mm"],
            "void_volume_mL": f"{COLUMNS.get(name).void_volume * 1e6:.4g}",
            "confidence": row["confidence"],
        }
        for name, row in COLUMNS.rows.items()
    ]


def _resins() -> Rows:
    from sepsim.techniques.chromatography.columns.resins import RESINS

    return [
        {
            "resin": name,
            "bead_diameter_um": row["bead_diameter_um"],
            "pore_diameter_nm": row["pore_diameter_nm"],
            "binds": ", ".join(RESINS.get(name).binds),
            "confidence": row["confidence"],
        }
        for name, row in RESINS.rows.items()
    ]


def _membranes() -> Rows:
    from sepsim.data import rows

    return [
        {
            "membrane": row["membrane"],
            "rating": _rating(row),
            "area_cm2": row["area_cm2"],
            "max_volume_mL": row["max_volume_mL"],
            "limit": f"{row['max_rcf_xg']} x g" if row["max_rcf_xg"] else f"{row['max_pressure_bar']} bar",
            "confidence": row["confidence"],
        }
        for row in rows("membranes")
    ]


def _rating(row: Mapping[str, str]) -> str:
    return f"{row['mwco_kDa']} kDa, {row['rated_with']}" if row["mwco_kDa"] else f"{row['pore_diameter_nm']} nm"


def _table(name: str, *keys: str) -> Callable[[], Rows]:
    def read() -> Rows:
        from sepsim.data import rows

        return [{key: row[key] for key in keys} for row in rows(name)]

    return read


def _media() -> Rows:
    from sepsim.media import fluid_records

    return [
        {
            "medium": record.fluid.name,
            "g/mL at 4 C": f"{record.fluid.density(277.15) * 1e-3:.4f}",
            "g/mL at 20 C": f"{record.fluid.density(293.15) * 1e-3:.4f}",
            "mPa s at 4 C": f"{record.fluid.viscosity(277.15) * 1e3:.3f}",
            "mPa s at 20 C": f"{record.fluid.viscosity(293.15) * 1e3:.3f}",
            "confidence": record.confidence,
        }
        for record in fluid_records()
    ]


def _techniques() -> Rows:
    from sepsim.techniques import ENTRIES

    return [{"technique": name, "what it does": entry.summary} for name, entry in ENTRIES.items()]


LISTS: Mapping[str, Callable[[], Rows]] = {
    "rotors": _rotors,
    "tubes": _table("tubes", "tube", "inner_diameter_mm", "length_mm", "volume_mL", "bottom", "confidence"),
    "columns": _columns,
    "membranes": _membranes,
    "resins": _resins,
    "materials": _table("membrane_materials", "material", "adsorbed_coverage", "confidence"),
    "media": _media,
    "samples": _table("samples", "sample", "medium", "confidence", "description"),
    "populations": _table(
        "populations", "population", "kind", "median_diameter_nm", "density_g_mL", "confidence", "description"
    ),
    "techniques": _techniques,
}

NOTES = {
    "materials": "of membranes; adsorbed_coverage: share of the area that adsorbed particles cover at saturation;\n"
    "another material goes with an adsorbed_coverage of your own",
    "media": "dissolve in any of them: iodixanol_percent_w_v; sucrose_percent_w_w, sucrose_percent_w_v or sucrose_M; "
    "cscl_percent_w_w,\ncscl_M or cscl_g_mL; or a solute of your own; such as "
    '{ iodixanol_percent_w_v = 30, diluent = "PBS" }',
}


def _show_rotor(name: str) -> dict[str, Any]:
    from sepsim.rotors.rotors import ROTORS

    return _filled(ROTORS.row(name))


def _show_membrane(name: str) -> dict[str, Any]:
    from sepsim.techniques.filtration.membranes.membranes import MEMBRANES

    return _filled(MEMBRANES.row(name))


def _show_column(name: str) -> dict[str, Any]:
    from sepsim.techniques.chromatography.columns.columns import COLUMNS

    return _filled(COLUMNS.row(name))


def _show_resin(name: str) -> dict[str, Any]:
    from sepsim.data import rows
    from sepsim.techniques.chromatography.columns.resins import RESINS

    entry = _filled(RESINS.row(name))
    bindings = [row for row in rows("resin_bindings") if row["resin"] == entry["resin"]]
    if bindings:
        entry["binds"] = [
            f"{row['population']:<16}retention factor {row['retention_factor']}"
            + f", eluted {row['eluted_retention_factor']}"
            + (f", at most {row['capacity_per_mL']} per mL" if row["capacity_per_mL"] else "")
            + f"  ({row['confidence']})"
            for row in bindings
        ]
    return entry


def _show_medium(name: str) -> dict[str, Any]:
    from sepsim.media import fluid, fluid_records

    wanted = fluid(name)
    record = next(record for record in fluid_records() if record.fluid == wanted)
    return {
        "medium": wanted.name,
        "description": record.description,
        "density_g_mL": [f"{wanted.density(273.15 + t) * 1e-3:.4f} at {t} C" for t in (4, 20, 25, 37)],
        "viscosity_mPa_s": [f"{wanted.viscosity(273.15 + t) * 1e3:.3f} at {t} C" for t in (4, 20, 25, 37)],
        "osmolality_mOsm_kg": f"{wanted.osmolality * 1e3:.4g}",
        "refractive_index": "unknown" if math.isnan(wanted.refractive_index) else f"{wanted.refractive_index:.4f}",
        "confidence": record.confidence,
        "source": " ".join(wanted.sources),
        "note": list(record.notes),
    }


def _show_row(table: str, column: str, topic: str | None = None) -> Callable[[str], dict[str, Any]]:
    def find(name: str) -> dict[str, Any]:
        from sepsim.data import rows

        for row in rows(table):
            if row[column].casefold() == name.casefold():
                return _filled(row)
        hint = did_you_mean(name, [row[column] for row in rows(table)])
        raise InputError(f"{column} {name!r}: unknown{hint}; see `sepsim list {topic or table}`")

    return find


def _show_sample(name: str) -> dict[str, Any]:
    from sepsim.data import rows

    entry = _show_row("samples", "sample")(name)
    parts = [row for row in rows("sample_populations") if row["sample"] == entry["sample"]]
    entry["population"] = [
        f"{row['population']:<22}"
        + (f"{row['particles_per_mL']} per mL" if row["particles_per_mL"] else f"{row['mass_mg_per_mL']} mg/mL")
        + f"  ({row['confidence']})"
        for row in parts
    ]
    return entry


def _filled(row: Mapping[str, str]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value}


KINDS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "rotor": _show_rotor,
    "tube": _show_row("tubes", "tube"),
    "column": _show_column,
    "membrane": _show_membrane,
    "resin": _show_resin,
    "material": _show_row("membrane_materials", "material", "materials"),
    "medium": _show_medium,
    "sample": _show_sample,
    "population": _show_row("populations", "population"),
}

PLURALS = {**{kind: f"{kind}s" for kind in (*KINDS, "technique")}, "medium": "media"}
