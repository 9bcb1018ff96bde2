"""The command convert: what every rotor calculator does, and what the filled tube does."""

from __future__ import annotations

import argparse
import json
import math
from typing import TYPE_CHECKING, Any

from sepsim.errors import InputError

if TYPE_CHECKING:
    from sepsim.equipment.rotors import Rotor

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
    convert.add_argument(
        "--density-g-mL", type=float, default=1.10, metavar="D", help="of the particles (1.10)"
    )
    convert.add_argument("--diameters-nm", type=_diameters, default=SIZES_NM, metavar="D,D", help="sizes to tell of")
    convert.add_argument("--to", metavar="R", help="the other rotor")
    _add_speed(convert, "to-")
    convert.add_argument("--json", action="store_true", help="print JSON instead of text")
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
    answer = _answer(options)
    print(json.dumps(answer, indent=2) if options.json else _text(answer))
    return 0


def _answer(options: argparse.Namespace) -> dict[str, Any]:
    """Return everything that is asked for, in lab units."""
    from sepsim.equipment.catalog import rotor
    from sepsim.equipment.rotors import angular_speed
    from sepsim.units import from_si, to_si

    _check(options)
    chosen = rotor(options.rotor)
    omega = angular_speed(chosen, speed_rpm=options.rpm, rcf_xg=options.rcf, rcf_at=options.at)
    time = to_si("time_min", options.time_min)
    answer: dict[str, Any] = {
        "rotor": chosen.name,
        "kind": chosen.kind,
        "confidence": chosen.confidence,
        "speed_rpm": from_si("speed_rpm", omega),
        "rcf_xg": _rcf(chosen, omega),
        "k_factor": _k_factor(chosen, omega),
        "time_min": options.time_min,
        **_pelleting(options, chosen, omega, time),
    }
    if options.to is not None:
        answer["equivalent"] = _equivalent(options, chosen, omega, time)
    return answer


def _check(options: argparse.Namespace) -> None:
    problems = [
        f"--{key.replace('_', '-')} {value:g}: must be a finite number above 0"
        for key, value in (("time_min", options.time_min), ("density_g_mL", options.density_g_mL))
        if not (math.isfinite(value) and value > 0)
    ]
    problems += [
        f"--diameters-nm {nm:g}: must be a finite number above 0"
        for nm in options.diameters_nm
        if not (math.isfinite(nm) and nm > 0)
    ]
    if not (math.isfinite(options.temperature_C) and 0 <= options.temperature_C <= 60):
        problems.append(f"--temperature-C {options.temperature_C:g}: must be at least 0 and at most 60")
    if options.to is None and any((options.to_rpm, options.to_rcf, options.to_at)):
        problems.append("--to-rpm, --to-rcf and --to-at: name the other rotor with --to")
    if problems:
        raise InputError(*problems)


def _rcf(rotor: Rotor, omega: float) -> dict[str, float | None]:
    from sepsim.equipment.rotor_calculator import rcf
    from sepsim.equipment.rotors import RADII

    known = RADII if rotor.rmin_mm is not None else ("rmax",)
    return {at: rcf(omega, rotor.radius(at)) if at in known else None for at in RADII}


def _k_factor(rotor: Rotor, omega: float) -> float | None:
    from sepsim.equipment.rotor_calculator import k_factor

    return None if rotor.rmin_mm is None else k_factor(rotor, omega)


def _pelleting(options: argparse.Namespace, rotor: Rotor, omega: float, time: float) -> dict[str, Any]:
    """Return cut-off diameters and pelleted percentages, by the published formula and for the tube as it is filled."""
    from sepsim.equipment import rotor_calculator as calculator
    from sepsim.equipment.chords import chords, pelleted_fraction
    from sepsim.media import Medium, fluid
    from sepsim.units import to_si

    medium = Medium.pure(fluid(options.medium), to_si("temperature_C", options.temperature_C))
    difference = to_si("density_g_mL", options.density_g_mL) - medium.density
    fill = rotor.tube.volume if options.fill_volume_mL is None else to_si("volume_mL", options.fill_volume_mL)
    bundle = chords(rotor, fill)
    dose = omega**2 * time
    s = calculator.sphere_sedimentation_coefficient(
        [nm * 1e-9 for nm in options.diameters_nm], density_difference=difference, viscosity=medium.viscosity
    )
    bucket = rotor.kind == "swinging bucket"
    formula = calculator.swinging_bucket_pelleted if bucket else calculator.fixed_angle_pelleted_constant_field
    clearing = calculator.swinging_bucket_clearing if bucket else calculator.fixed_angle_clearing_constant_field
    published = None if rotor.rmin_mm is None else (100 * formula(rotor, s * dose)).tolist()

    def cut_off_nm(exponent: float) -> float | None:
        return 1e9 * math.sqrt(18 * medium.viscosity * exponent / (difference * dose)) if difference > 0 else None

    return {
        "medium": {
            "name": medium.name,
            "temperature_C": options.temperature_C,
            "density_g_mL": medium.density * 1e-3,
            "viscosity_mPa_s": medium.viscosity * 1e3,
        },
        "density_g_mL": options.density_g_mL,
        "fill_volume_mL": fill * 1e6,
        "cut_off_nm": {
            "published_formula": None if rotor.rmin_mm is None else cut_off_nm(clearing(rotor)),
            "this_tube": cut_off_nm(bundle.clearing_exponent),
        },
        "pelleted_percent": {
            "diameter_nm": list(options.diameters_nm),
            "published_formula": published,
            "this_tube": (100 * pelleted_fraction(bundle, s * dose).pelleted).tolist(),
        },
    }


def _equivalent(options: argparse.Namespace, rotor: Rotor, omega: float, time: float) -> dict[str, Any]:
    """Return the time in the other rotor, by default at the same g at the same radius."""
    from sepsim.equipment import catalog
    from sepsim.equipment.rotor_calculator import equivalent_time, rcf
    from sepsim.equipment.rotors import angular_speed
    from sepsim.units import from_si

    other = catalog.rotor(options.to)
    speed, force, at = options.to_rpm, options.to_rcf, options.to_at
    if speed is None and force is None:
        at = at or options.at or "rav"
        force = rcf(omega, rotor.radius(at))
    other_omega = angular_speed(other, speed_rpm=speed, rcf_xg=force, rcf_at=at)
    times = equivalent_time(time, rotor, omega, other=other, other_angular_speed=other_omega)
    return {
        "rotor": other.name,
        "kind": other.kind,
        "speed_rpm": from_si("speed_rpm", other_omega),
        "rcf_xg": _rcf(other, other_omega),
        "k_factor": _k_factor(other, other_omega),
        "time_min_by_k_factor": times.by_k_factor / 60,
        "time_min_by_cut_off": times.by_cut_off / 60,
        "warning": times.warning,
    }


def _text(answer: dict[str, Any]) -> str:
    from sepsim.text_table import columns

    medium, cut_off = answer["medium"], answer["cut_off_nm"]
    parts = [
        _rotor_text(answer),
        f"\nspheres of {answer['density_g_mL']:g} g/mL in {medium['name']} at {medium['temperature_C']:g} C "
        f"({medium['density_g_mL']:.4f} g/mL, {medium['viscosity_mPa_s']:.3f} mPa s), {answer['time_min']:g} min, "
        f"{answer['fill_volume_mL']:.3g} mL per tube",
        f"cut-off diameter: {_nm(cut_off['published_formula'])} by the published formula of a full tube, "
        f"{_nm(cut_off['this_tube'])} in this tube\n",
    ]
    table = answer["pelleted_percent"]
    formula = table["published_formula"] or [None] * len(table["diameter_nm"])
    rows = zip(table["diameter_nm"], formula, table["this_tube"], strict=True)
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
            f"time that does the same: {other['time_min_by_k_factor']:.1f} min by k-factor, "
            f"{other['time_min_by_cut_off']:.1f} min by equal cut-off diameter",
        ]
        parts += [f"warning: {other['warning']}"] if other["warning"] else []
    return "\n".join(parts)


def _rotor_text(entry: dict[str, Any]) -> str:
    forces = ", ".join(f"{value:,.0f} x g at {at}" for at, value in entry["rcf_xg"].items() if value is not None)
    factor = "unknown (no r_min)" if entry["k_factor"] is None else f"{entry['k_factor']:.4g}"
    doubt = "; radii unverified" if entry.get("confidence") == "unverified" else ""
    return f"{entry['rotor']} ({entry['kind']}{doubt})\n{entry['speed_rpm']:.0f} rpm: {forces}; k-factor {factor}"


def _nm(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f} nm"
