"""The command new: a commented protocol to start from."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sepsim.errors import InputError, did_you_mean
from sepsim.settings import Setting, toml_value
from sepsim.technique import OwnTable, resolve
from sepsim.techniques import METHODS
from sepsim.text.quoting import quoted

HEADER = """name = "My protocol"
target = "exosome"                       # the population that is wanted

[sample]
source = "conditioned medium"            # see `sepsim list samples`
volume_mL = {volume_mL}
temperature_C = 4                        # of every step that does not say otherwise

# A sample of one's own instead of source: a medium and populations.
# medium = "PBS"                         # or {{ density_g_mL = 1.00, viscosity_mPa_s = 1.55 }}
# [[sample.population]]                  # beside source: replaces the amount of the sample's own population
# name = "ldl"                           # a name of `sepsim list populations` needs an amount only
# particles_per_mL = 1e13
# [[sample.population]]
# name = "small vesicles"
# kind = "vesicle"                       # vesicle | lipoprotein | protein | particle
# particles_per_mL = 1e10                # or mass_mg_per_mL
# median_diameter_nm = 85                # with geometric_sd; or diameter_nm; or mean_diameter_nm with diameter_sd_nm;
# geometric_sd = 1.4                     # or diameters_nm = [..] with weights = [..]; or sizes_csv = "nta.csv"
# density_g_mL = 1.10                    # left out: from the core-shell model of a vesicle; with density_sd_g_mL
# hydration_g_g = 0.35                   # of a vesicle: water bound to solids of the lumen; of a lipoprotein: on it
# osmotic_response = 1                   # of a vesicle: 0 is rigid, 1 shrinks and swells with the osmolality
# corona_thickness_nm = 0                # of a vesicle: shell of adsorbed protein, with corona_density_g_mL
#                                        # a protein: molar_mass_kDa, and stokes_radius_nm or s20w_S
"""

DIFFERENTIAL = """
[[step]]
name = "remove cells"
method = "centrifugation"
rotor = "A-4-81"                         # see `sepsim list rotors`
rcf_xg = 300                             # or speed_rpm
rcf_at = "rmax"                          # "rmax", "rav" or "rmin": required with rcf_xg
time_min = 10
keep = "supernatant"                     # goes on to the next step

[[step]]
name = "pellet exosomes"
method = "centrifugation"
rotor = "Type 45 Ti"
rcf_xg = 100_000
rcf_at = "rav"
time_min = 70
keep = "pellet"
resuspend = { medium = "PBS", volume_mL = 1 }
"""


def add_commands(commands: Any) -> None:
    """Add the command of this group to the parser."""
    new = commands.add_parser("new", help="print a commented protocol to start from")
    start = new.add_mutually_exclusive_group()
    start.add_argument("technique", nargs="?", metavar="TECHNIQUE", help="with every key of this technique")
    start.add_argument("--example", metavar="NAME", help="an example of `sepsim list examples`, as it is")
    new.set_defaults(command=_new)


def _new(options: argparse.Namespace) -> int:
    if options.example is not None:
        from sepsim.protocols.examples import example_text

        print(example_text(options.example), end="")
        return 0
    steps = DIFFERENTIAL if options.technique is None else _step(options.technique)
    volume_mL = 100 if options.technique is None else METHODS[options.technique].sample_volume_mL
    print(HEADER.format(volume_mL=volume_mL) + steps, end="")
    return 0


def _step(technique: str) -> str:
    """Return a step with every key that a technique takes; what has a default is commented out."""
    if technique not in METHODS:
        hint = did_you_mean(technique, METHODS)
        raise InputError(f"technique {quoted(technique)}: must be one of {', '.join(METHODS)}{hint}")
    entry = METHODS[technique]
    lines = ["", "[[step]]", f'name = "{technique}"', f'method = "{technique}"']
    method = entry.load()
    lines += _keys(method, entry.example, method.refused)
    lines += [f'# from = "earlier step.fraction"{"":<9} # or a list of them; left out: what the step before kept']
    lines += [f"keep = {entry.example['keep']}"]
    if entry.own_tables:
        lines += _own_equipment(entry.own_tables)
    return "\n".join(lines) + "\n"


def _keys(record: type, example: Mapping[str, str], apart: Collection[str] = ()) -> Iterator[str]:
    """Yield a line for each key of a record, unless it stands apart; what has a default is commented out."""
    for field in dataclasses.fields(record):
        if field.name in apart:
            continue
        setting: Setting = field.metadata["setting"]
        if field.name in example:
            line = f"{field.name} = {example[field.name]}"
        else:
            line = f"# {field.name} ={_default_text(field.default, setting)}"
        yield f"{line:<40} # {setting.help}; {setting.allowed}"


def _own_equipment(tables: Mapping[str, OwnTable]) -> list[str]:
    """Return commented tables with every key of a piece of equipment; what can be left out is commented twice."""
    key = next(iter(tables)).removeprefix("step.")
    lines = [
        "",
        f"# A {key} of one's own: drop the line {key} = above, and the first # of each line below.",
        "# What then still is a comment can be left out.",
    ]
    for path, table in tables.items():
        lines.append(f"# [{path}]")
        apart = {other.removeprefix(f"{path}.").split(".")[0] for other in tables}
        record = resolve(table.record)
        named = {field.name for field in dataclasses.fields(record)}
        lines += [f"# {key} = {value}" for key, value in table.example.items() if key not in named]
        lines += [f"# {line}" for line in _keys(record, table.example, apart)]
    return lines


def _default_text(default: Any, setting: Setting) -> str:
    if default is None or default is dataclasses.MISSING:
        return ""
    return " " + toml_value(setting.dump(default))
