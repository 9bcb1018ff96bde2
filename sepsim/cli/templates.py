"""The command new: a commented protocol to start from."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sepsim.errors import InputError, did_you_mean
from sepsim.settings import Setting, toml_value

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
# osmotic_response = 1                   # of a vesicle: 0 is rigid, 1 gives off all its water to a hyperosmotic medium
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
    new.add_argument("technique", nargs="?", metavar="TECHNIQUE", help="with every key of this technique")
    new.set_defaults(command=_new)


def _new(options: argparse.Namespace) -> int:
    steps = DIFFERENTIAL if options.technique is None else _step(options.technique)
    print(HEADER.format(volume_mL=SAMPLE_VOLUMES_ML.get(options.technique, 100)) + steps, end="")
    return 0


def _step(technique: str) -> str:
    """Return a step with every key of a technique; what has a default is commented out."""
    from sepsim.techniques import TECHNIQUES

    if technique not in TECHNIQUES:
        hint = did_you_mean(technique, TECHNIQUES)
        raise InputError(f"technique {technique!r}: must be one of {', '.join(TECHNIQUES)}{hint}")
    method = TECHNIQUES[technique]
    example = EXAMPLES[technique]
    lines = ["", "[[step]]", f'name = "{technique}"', f'method = "{technique}"']
    lines += _keys(method, example)
    lines += [f'# from = "earlier step.fraction"{"":<9} # or a list of them; left out: what the step before kept']
    lines += [f"keep = {example['keep']}"]
    if technique in OWN_EQUIPMENT:
        lines += _own_equipment(*OWN_EQUIPMENT[technique])
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


def _own_equipment(key: str, tables: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return commented tables with every key of a piece of equipment; what can be left out is commented twice."""
    lines = [
        "",
        f"# A {key} of one's own: drop the line {key} = above, and the first # of each line below.",
        "# What then still is a comment can be left out.",
    ]
    records = _records()
    for path, example in tables.items():
        lines.append(f"# [{path}]")
        apart = {other.removeprefix(f"{path}.").split(".")[0] for other in tables}
        lines += [f"# {line}" for line in _keys(records[path], example, apart)]
    return lines


def _records() -> dict[str, type]:
    """Return the records that the tables of a step's equipment fill."""
    from sepsim.techniques.chromatography.columns.columns import Column
    from sepsim.techniques.chromatography.columns.resins import Binding, Resin
    from sepsim.techniques.filtration.membranes.membranes import Membrane

    return {
        "step.membrane": Membrane,
        "step.column": Column,
        "step.column.resin": Resin,
        "step.column.resin.binds.ldl": Binding,
    }


def _default_text(default: Any, setting: Setting) -> str:
    if default is None or default is dataclasses.MISSING:
        return ""
    return " " + toml_value(setting.dump(default))


OWN_MEMBRANE = {
    "step.membrane": {
        "name": '"my membrane"',
        "material": '"regenerated cellulose"',
        "mwco_kDa": "100",
        "rated_with": '"protein"',
        "area_cm2": "7.6",
        "permeability_L_m2_h_bar": "200",
        "hold_up_mL": "0.2",
        "max_volume_mL": "15",
    }
}
OWN_FILTER = {
    "step.membrane": {
        "name": '"my filter"',
        "material": '"polyethersulfone"',
        "pore_diameter_nm": "220",
        "area_cm2": "4.5",
        "permeability_L_m2_h_bar": "20_000",
        "hold_up_mL": "0.1",
    }
}
OWN_COLUMN = {
    "step.column": {"name": '"my column"', "bed_volume_mL": "10", "diameter_mm": "16"},
    "step.column.resin": {"name": '"my resin"', "bead_diameter_um": "90", "pore_diameter_nm": "42"},
    "step.column.resin.binds.ldl": {"retention_factor": "50"},
}
OWN_EQUIPMENT: Mapping[str, tuple[str, Mapping[str, Mapping[str, str]]]] = {
    "ultrafiltration": ("membrane", OWN_MEMBRANE),
    "filtration": ("membrane", OWN_FILTER),
    "chromatography": ("column", OWN_COLUMN),
}

SAMPLE_VOLUMES_ML = {  # not 100
    "density_gradient": 1,
    "ultrafiltration": 15,
    "filtration": 30,
    "chromatography": 0.5,
    "mass_spectrometry": 1,
}

EXAMPLES = {
    "ultrafiltration": {
        "membrane": '"spin filter 15 mL, regenerated cellulose, 100 kDa"',
        "spin_filter": "{ rcf_xg = 4000 }",
        "concentrate_to_mL": "0.5",
        "keep": '"retentate"',
    },
    "filtration": {
        "membrane": '"syringe filter 33 mm, polyethersulfone, 0.22 um"',
        "pressure_bar": "0.5",
        "keep": '"permeate"',
    },
    "chromatography": {
        "column": '"Sepharose CL-2B, 10 mL"',
        "eluent": '"PBS"',
        "flow_mL_min": "0.5",
        "fraction_volume_mL": "0.5",
        "fractions": "24",
        "keep": '"fractions 8-11"',
    },
    "mass_spectrometry": {"keep": '"detected"'},
    "density_gradient": {
        "rotor": '"SW 41 Ti"',
        "rcf_xg": "100_000",
        "rcf_at": '"rav"',
        "time_min": "1080",
        "layers": "["
        + ", ".join(
            f'{{ volume_mL = 3, iodixanol_percent_w_v = {percent}, diluent = "0.25 M sucrose buffer" }}'
            for percent in (10, 20, 40)
        )
        + "]",
        "fraction_volume_mL": "1",
        "keep": '"1.08-1.13 g/mL"',
    },
    "centrifugation": {
        "rotor": '"Type 45 Ti"',
        "rcf_xg": "100_000",
        "rcf_at": '"rav"',
        "time_min": "70",
        "resuspend": '{ medium = "PBS", volume_mL = 1 }',
        "keep": '"pellet"',
    },
    "dilution": {"medium": '"PBS"', "factor": "4", "keep": '"diluted"'},
    "pooling": {"keep": '"pool"'},
    "aliquot": {"volume_mL": "1", "keep": '"aliquot"'},
}
