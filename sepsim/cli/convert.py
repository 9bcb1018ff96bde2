"""The command convert: what every rotor calculator does, and what the filled tube does."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sepsim.cli.figures import add_figure_options, figures_among
from sepsim.cli.outputs import check_outputs, csv_text, deliver, text_outputs
from sepsim.errors import InputError, collected_warnings

if TYPE_CHECKING:
    from sepsim.rotors.rotors import Rotor
    from sepsim.techniques.centrifugation.tubes.chords import Chords

LONGEST_MIN, DENSEST_G_ML = 1e6, 25.0  # as in a protocol
SIZES_NM = (30.0, 50.0, 70.0, 100.0, 120.0, 150.0, 200.0, 300.0, 500.0, 1000.0)


def add_commands(commands: Any) -> None:
    """Add the command of this group to the parser."""
    convert = commands.add_parser(
        "convert",
        help="rpm and g, k-factor, cut-off diameter, pelleted percentage, time in another rotor",
        description="A rotor calculator: rpm <-> g, k-factor, cut-off diameter, pelleted percentage by size, and the "
        "time that does the same in another rotor.",
    )
    convert.add_argument("--rotor", required=True, metavar="R", help="name of a rotor, see `sepsim list rotors`")
    _add_speed(convert, "")
    convert.add_argument("--time-min", type=float, default=60.0, metavar="T", help="time at speed (default 60)")
    convert.add_argument("--fill-volume-mL", type=float, metavar="V", help="volume per tube (default: a full tube)")
    convert.add_argument("--medium", default="PBS", metavar="M", help="what the particles float in (default PBS)")
    convert.add_argument("--temperature-C", type=float, default=20.0, metavar="T", help="default 20")
    convert.add_argument("--density-g-mL", type=float, default=1.10, metavar="D", help="of the particles (1.10)")
    convert.add_argument("--diameters-nm", type=_diameters, default=SIZES_NM, metavar="D,D", help="sizes to tell of")
    convert.add_argument("--to", metavar="R", help="the other rotor")
    convert.add_argument("--to-fill-volume-mL", type=float, metavar="V", help="volume per tube of the other rotor")
    _add_speed(convert, "to-")
    convert.add_argument("--json", action="store_true", help="print JSON instead of text")
    convert.add_argument("--json-file", metavar="F", help="write the JSON result to this file; - prints it")
    convert.add_argument(
        "--csv", metavar="F", help="write pelleted percentages, one row per rotor and size; - prints it"
    )
    add_figure_options(convert, "the pelleted percentage by size")
    convert.set_defaults(command=_convert)


def _add_speed(convert: argparse.ArgumentParser, prefix: str) -> None:
    which = "of the other rotor" if prefix else "of the rotor"
    convert.add_argument(f"--{prefix}rpm", type=float, metavar="N", help=f"speed {which}")
    convert.add_argument(f"--{prefix}rcf", type=float, metavar="G", help=f"relative centrifugal force {which}")
    convert.add_argument(f"--{prefix}at", choices=("rmax", "rav", "rmin"), help="radius at which it holds")


def _diameters(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(item) for item in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: must be numbers with commas between, such as 50,100") from None


def _convert(options: argparse.Namespace) -> int:
    outputs = [
        *text_outputs(
            json_file=(options.json_file, lambda answer: json.dumps(answer, indent=2) + "\n"),
            csv=(options.csv, lambda answer: csv_text(_rows(answer))),
        ),
        *figures_among(options, {"pelleted_percentage": lambda answer: _draw(options, answer)}),
    ]
    check_outputs(outputs, (), json=options.json)
    with collected_warnings() as caught:
        answer = _answer(options)
    if answer["cut_off_nm"]["this_tube"] is None and (options.plot or options.figure or options.figures):
        liquid = answer["medium"]
        raise InputError(
            f"--density-g-mL {options.density_g_mL:g}: does not sink in {liquid['name']} of "
            f"{liquid['density_g_mL']:.4g} g/mL, so that nothing pellets; draw denser particles"
        )
    for text in caught:
        print(f"sepsim: warning: {text}", file=sys.stderr)
    return deliver(json.dumps(answer, indent=2) if options.json else _text(answer), outputs, answer)


def _rotors(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what is told of the rotor, and of the other if one is asked for."""
    return [answer, *([answer["equivalent"]] if "equivalent" in answer else [])]


def _rows(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what pellets of each size in each rotor."""
    return [
        {
            "rotor": entry["rotor"],
            "speed_rpm": entry["speed_rpm"],
            "time_min": answer["time_min"],
            "diameter_nm": diameter,
            "pelleted_percent_published_formula": published,
            "pelleted_percent_this_tube": here,
        }
        for entry in _rotors(answer)
        for diameter, published, here in _pelleted(entry["pelleted_percent"])
    ]


def _pelleted(table: Mapping[str, Any]) -> list[tuple[float, float | None, float]]:
    """Return diameter, percentage by the published formula if it is known, and percentage in the filled tube."""
    formula = table["published_formula"] or [None] * len(table["diameter_nm"])
    return [*zip(table["diameter_nm"], formula, table["this_tube"], strict=True)]


def _draw(options: argparse.Namespace, answer: Mapping[str, Any]) -> Any:
    """Draw what pellets in each rotor, beside the published formula where every r_min is known."""
    from sepsim.plots import pelleted_percentage
    from sepsim.techniques.centrifugation.tubes.rotor_calculator import published_pelleted

    rotors = _rotors(answer)
    known = all(entry["pelleted_percent"]["published_formula"] is not None for entry in rotors)
    return pelleted_percentage(
        [entry["rotor"] for entry in rotors],
        time_min=options.time_min,
        speed_rpm=[entry["speed_rpm"] for entry in rotors],
        density_g_mL=options.density_g_mL,
        medium=options.medium,
        temperature_C=options.temperature_C,
        fill_volume_mL=[entry["fill_volume_mL"] for entry in rotors],
        formula=published_pelleted if known else None,
    )


def _answer(options: argparse.Namespace) -> dict[str, Any]:
    """Return everything that is asked for, in lab units."""
    from sepsim.rotors.rotors import ROTORS, angular_speed

    _check(options)
    chosen = ROTORS.get(options.rotor)
    omega = angular_speed(chosen, speed_rpm=options.rpm, rcf_xg=options.rcf, rcf_at=options.at)
    bundle = _bundle(chosen, options.fill_volume_mL)
    answer = {
        **_of_rotor(chosen, omega),
        "time_min": options.time_min,
        **_pelleting(options, chosen, bundle, omega),
    }
    if options.to is not None:
        answer["equivalent"] = _equivalent(options, chosen, bundle, omega)
    return answer


def _bundle(rotor: Rotor, fill_volume_mL: float | None) -> Chords:
    """Return the chords of a tube that is filled as asked, or full."""
    from sepsim.techniques.centrifugation.tubes.chords import chords
    from sepsim.units import to_si

    return chords(rotor, rotor.tube.volume if fill_volume_mL is None else to_si("fill_volume_mL", fill_volume_mL))


def _of_rotor(rotor: Rotor, omega: float) -> dict[str, Any]:
    """Return speed, g and k-factor of a rotor; what needs r_min is None without it."""
    from sepsim.rotors.rotors import RADII, rcf
    from sepsim.techniques.centrifugation.tubes.rotor_calculator import k_factor
    from sepsim.units import from_si

    known = RADII if rotor.rmin_mm is not None else ("rmax",)
    return {
        "rotor": rotor.name,
        "kind": rotor.kind,
        "confidence": rotor.confidence,
        "speed_rpm": from_si("speed_rpm", omega),
        "rcf_xg": {at: rcf(omega, rotor.radius(at)) if at in known else None for at in RADII},
        "k_factor": None if rotor.rmin_mm is None else k_factor(rotor, omega),
    }


def _check(options: argparse.Namespace) -> None:
    from sepsim.particles.population import LARGEST_NM

    given = [
        ("time-min", options.time_min, LONGEST_MIN),
        ("density-g-mL", options.density_g_mL, DENSEST_G_ML),
        *(("diameters-nm", diameter, LARGEST_NM) for diameter in options.diameters_nm),
    ]
    problems = [
        f"--{key} {value:g}: must be above 0 and at most {most:g}"
        for key, value, most in given
        if not 0 < value <= most
    ]
    if not 0 <= options.temperature_C <= 60:
        problems.append(f"--temperature-C {options.temperature_C:g}: must be at least 0 and at most 60")
    of_other = (options.to_rpm, options.to_rcf, options.to_at, options.to_fill_volume_mL)
    if options.to is None and any(value is not None for value in of_other):
        problems.append("--to-rpm, --to-rcf, --to-at and --to-fill-volume-mL: name the other rotor with --to")
    if problems:
        raise InputError(*problems)


def _pelleting(options: argparse.Namespace, rotor: Rotor, bundle: Chords, omega: float) -> dict[str, Any]:
    """Return cut-off diameters and pelleted percentages, by the published formula and for the tube as it is filled."""
    from sepsim.media import Medium, fluid
    from sepsim.techniques.centrifugation.tubes import rotor_calculator as calculator
    from sepsim.techniques.centrifugation.tubes.chords import pelleted_fraction
    from sepsim.units import to_si

    medium = Medium.pure(fluid(options.medium), to_si("temperature_C", options.temperature_C))
    liquid = {
        "density_difference": to_si("density_g_mL", options.density_g_mL) - medium.density,
        "viscosity": medium.viscosity,
    }
    dose = omega**2 * to_si("time_min", options.time_min)
    sizes = [nm * 1e-9 for nm in options.diameters_nm]
    exponent = calculator.sphere_sedimentation_coefficient(sizes, **liquid) * dose
    known, sinks = rotor.rmin_mm is not None, liquid["density_difference"] > 0

    def cut_off_nm(exponent: float) -> float:
        return 1e9 * calculator.cut_off_diameter(exponent, dose, **liquid)

    return {
        "medium": {
            "name": medium.name,
            "temperature_C": options.temperature_C,
            "density_g_mL": medium.density * 1e-3,
            "viscosity_mPa_s": medium.viscosity * 1e3,
        },
        "density_g_mL": options.density_g_mL,
        "fill_volume_mL": bundle.volume * 1e6,
        "cut_off_nm": {
            "published_formula": cut_off_nm(calculator.published_clearing_exponent(rotor)) if known and sinks else None,
            "this_tube": cut_off_nm(bundle.clearing_exponent) if sinks else None,
        },
        "pelleted_percent": {
            "diameter_nm": list(options.diameters_nm),
            "published_formula": (100 * calculator.published_pelleted(rotor, exponent)).tolist() if known else None,
            "this_tube": (100 * pelleted_fraction(bundle, exponent).pelleted).tolist(),
        },
    }


def _equivalent(options: argparse.Namespace, rotor: Rotor, bundle: Chords, omega: float) -> dict[str, Any]:
    """Return the time in the other rotor, by default at the same g at the same radius."""
    from sepsim.rotors.rotors import ROTORS, angular_speed, rcf
    from sepsim.techniques.centrifugation.tubes.rotor_calculator import (
        equivalent_time,
        k_factor_warning,
        swinging_bucket_clearing,
    )

    other = ROTORS.get(options.to)
    both_known = rotor.rmin_mm is not None and other.rmin_mm is not None
    speed, force, at = options.to_rpm, options.to_rcf, options.to_at
    if speed is None and force is None:
        at = at or options.at or ("rav" if both_known else "rmax")
        force = rcf(omega, rotor.radius(at))
    other_omega = angular_speed(other, speed_rpm=speed, rcf_xg=force, rcf_at=at)
    bundle_of_other = _bundle(other, options.to_fill_volume_mL)
    paths = {"time_min_by_cut_off": [tube.clearing_exponent for tube in (bundle, bundle_of_other)]}
    if both_known:
        paths["time_min_by_k_factor"] = [swinging_bucket_clearing(one) for one in (rotor, other)]
    times = {
        name: equivalent_time(options.time_min, here, omega, other_path=there, other_angular_speed=other_omega)
        for name, (here, there) in paths.items()
    }
    return {
        **_of_rotor(other, other_omega),
        **_pelleting(options, other, bundle_of_other, other_omega),
        "time_min_by_k_factor": times.get("time_min_by_k_factor"),
        "time_min_by_cut_off": times["time_min_by_cut_off"],
        "warning": k_factor_warning(rotor, other),
    }


def _text(answer: dict[str, Any]) -> str:
    from sepsim.text.tables import columns

    medium, cut_off = answer["medium"], answer["cut_off_nm"]
    parts = [
        _rotor_text(answer),
        f"\nspheres of {answer['density_g_mL']:g} g/mL in {medium['name']} at {medium['temperature_C']:g} C "
        f"({medium['density_g_mL']:.4f} g/mL, {medium['viscosity_mPa_s']:.3f} mPa s), {answer['time_min']:g} min, "
        f"{answer['fill_volume_mL']:.3g} mL per tube",
        f"cut-off diameter: {_nm(cut_off['published_formula'])} by the published formula of a full tube, "
        f"{_nm(cut_off['this_tube'])} in this tube\n",
    ]
    rows = _pelleted(answer["pelleted_percent"])
    parts.append(
        columns(
            ["diameter nm", "published formula, % pelleted", "this tube, % pelleted"],
            [[f"{nm:g}", "-" if plain is None else f"{plain:.1f}", f"{full:.1f}"] for nm, plain, full in rows],
        )
    )
    if "equivalent" in answer:
        other = answer["equivalent"]
        parts += [
            "\n" + _rotor_text(other),
            f"time that does the same: {_minutes(other['time_min_by_k_factor'])} by k-factor, "
            f"{_minutes(other['time_min_by_cut_off'])} by equal cut-off diameter in the tubes as they are filled",
        ]
        parts += [f"warning: {other['warning']}"] if other["warning"] else []
    return "\n".join(parts)


def _rotor_text(entry: dict[str, Any]) -> str:
    forces = ", ".join(f"{value:,.0f} x g at {at}" for at, value in entry["rcf_xg"].items() if value is not None)
    factor = "unknown (no r_min)" if entry["k_factor"] is None else f"{entry['k_factor']:.4g}"
    caution = "; radii unverified" if entry.get("confidence") == "unverified" else ""
    return f"{entry['rotor']} ({entry['kind']}{caution})\n{entry['speed_rpm']:.0f} rpm: {forces}; k-factor {factor}"


def _minutes(value: float | None) -> str:
    return "unknown (no r_min)" if value is None else f"{value:.1f} min"


def _nm(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f} nm"
