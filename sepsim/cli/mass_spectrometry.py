"""The command massspec: peaks of a sample's peptides, its whole particles by charge detection, or a doublet."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sepsim.cli.figures import add_figure_options, figures_among, figures_of_run
from sepsim.cli.inputs import load
from sepsim.cli.outputs import STANDARD, check_outputs, csv_text, deliver, text_outputs
from sepsim.cli.progress import Progress
from sepsim.errors import LONGEST_PROBLEM, InputError, collected_warnings
from sepsim.plots.figures import figure_named, has
from sepsim.technique import resolve
from sepsim.text.quoting import brief
from sepsim.text.tables import columns, percent

if TYPE_CHECKING:
    from sepsim.method import Outcome, StepResult
    from sepsim.protocols.protocol import Protocol
    from sepsim.techniques.mass_spectrometry.ion_spectrum import MassSpectrometryRun
    from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    from sepsim.techniques.mass_spectrometry.whole_ion_spectrum import WholeIonRun

TECHNIQUE = "mass_spectrometry"
SPECTRA = ("mass_spectrum", "charge_histogram")  # figures, of which a spectrum has one
CATALOGUE_ML = 1.0
SLIT_UM = 100.0


def add_commands(commands: Any) -> None:
    """Add the command of this group to the parser."""
    massspec = commands.add_parser(
        "massspec",
        help="mass spectrum of a sample or of a protocol's product; or whether two ions are told apart",
        description="Deflect the signature peptides of a sample in a double-focusing instrument, or weigh its whole "
        "particles by charge detection. With --doublet: resolving power that two ions need, and what is reached.",
    )
    massspec.add_argument("sample", nargs="?", metavar="SAMPLE", help="a catalogue sample, or a protocol FILE")
    massspec.add_argument("--volume-mL", type=float, metavar="V", help="of a catalogue sample (default 1)")
    massspec.add_argument("--mode", choices=("peptide", "intact"), help="peptides (default) or whole particles")
    massspec.add_argument("--slit-um", type=float, metavar="W", help="both slits of a Nier-Johnson instrument")
    massspec.add_argument("--serum", choices=("human", "bovine"), help="whose serum proteins (default: by the sample)")
    massspec.add_argument("--doublet", nargs=2, metavar="FORMULA", help="two formulas, such as CO N2 or [87Rb] [87Sr]")
    massspec.add_argument("--json", action="store_true", help="print JSON instead of the table")
    massspec.add_argument("--json-file", metavar="F", help="write the JSON result to this file; - prints it")
    massspec.add_argument("--csv", metavar="F", help="write the table of peaks, or of the doublet; - prints it")
    add_figure_options(massspec, "the spectrum, the histograms, or the peaks of a doublet", steps=True)
    massspec.add_argument("--seed", type=int, default=0, metavar="N", help="seed of random numbers (default 0)")
    massspec.add_argument("--quiet", action="store_true", help="show no progress on the terminal")
    massspec.set_defaults(command=_massspec)


def _massspec(options: argparse.Namespace) -> int:
    _check(options)
    return _tell_of_sample(options) if options.doublet is None else _tell_of_doublet(options)


def _tell_of_sample(options: argparse.Namespace) -> int:
    file = options.sample if _is_file(options.sample) else None
    with collected_warnings() as caught:
        protocol = _protocol(options, file)
    last = protocol.steps[-1].method
    overview = next(name for name in SPECTRA if has(figure_named(name), last))
    outputs = [
        *text_outputs(
            json_file=(options.json_file, lambda run: _json(run.bench[-1].outcome) + "\n"),
            csv=(options.csv, lambda run: csv_text(_rows(run.bench[-1].outcome))),
        ),
        *figures_of_run(options, protocol, overview),
    ]
    check_outputs(outputs, [file, *protocol.files] if file else [], json=options.json)
    with collected_warnings() as more, Progress(protocol.name, quiet=options.quiet) as progress:
        run = protocol.run(seed=options.seed, progress=progress)
    for warning in dict.fromkeys((*caught, *more, *run.warnings)):
        print(f"sepsim: warning: {warning}", file=sys.stderr)
    result = run.bench[-1]
    return deliver(_json(result.outcome) if options.json else _text(result), outputs, run)


def _tell_of_doublet(options: argparse.Namespace) -> int:
    first, second = options.doublet
    slit_um = SLIT_UM if options.slit_um is None else options.slit_um
    outputs = [
        *text_outputs(
            json_file=(options.json_file, lambda answer: json.dumps(answer, indent=2) + "\n"),
            csv=(options.csv, lambda answer: csv_text([_doublet_row(answer)])),
        ),
        *figures_among(options, _doublet_figures(first, second, slit_um)),
    ]
    check_outputs(outputs, (), json=options.json)
    answer = _doublet(first, second, slit_um)
    return deliver(json.dumps(answer, indent=2) if options.json else _doublet_text(answer), outputs, answer)


def _check(options: argparse.Namespace) -> None:
    """Refuse options that do not go together, before time is spent."""
    problems = []
    if (options.sample is None) == (options.doublet is None):
        problems.append("massspec: give a SAMPLE, a protocol FILE, or --doublet FORMULA FORMULA; one of them")
    if options.doublet is not None:
        given = {"--mode": options.mode, "--volume-mL": options.volume_mL, "--serum": options.serum}
        problems += [f"{option}: has no meaning with --doublet" for option, value in given.items() if value is not None]
    if options.sample is not None and _is_file(options.sample) and options.volume_mL is not None:
        problems.append("--volume-mL: a protocol has a volume of its own")
    if options.mode == "intact":
        given = {"--serum": options.serum, "--slit-um": options.slit_um}
        problems += [f"{key}: has no meaning with --mode intact" for key, value in given.items() if value is not None]
    if options.slit_um is not None and not options.slit_um > 0:
        problems.append(f"--slit-um {options.slit_um:g}: must be above 0")
    if options.seed < 0:
        problems.append(f"--seed {options.seed}: must be a whole number, at least 0")
    if problems:
        raise InputError(*problems)


def _is_file(name: str) -> bool:
    return name == STANDARD or Path(name).suffix == ".toml" or Path(name).is_file()


# ---- a sample -----------------------------------------------------------------------------------------------


def _protocol(options: argparse.Namespace, file: str | None) -> Protocol:
    """Return a protocol that ends with a mass spectrum: that of the file with a step more, or this step alone."""
    from sepsim.protocols.protocol import Step
    from sepsim.protocols.protocol_file import protocol_from_table

    given: dict[str, Any] = {"mode": options.mode} if options.mode else {}
    if options.serum is not None:
        given["digestion"] = {"serum": options.serum}
    if options.slit_um is not None:
        given["nier_johnson"] = _slits(options.slit_um)
    if file is None:
        volume = CATALOGUE_ML if options.volume_mL is None else options.volume_mL
        step = {"name": "mass spectrum", "method": TECHNIQUE, "keep": "detected", **given}
        return protocol_from_table({"sample": {"source": options.sample, "volume_mL": volume}, "step": [step]})
    from dataclasses import replace

    from sepsim.techniques.mass_spectrometry.mass_spectrometry import MassSpectrometry

    protocol = load(file)
    last = protocol.steps[-1]
    if isinstance(last.method, MassSpectrometry):
        if given:
            raise InputError(f"{file}: ends with a mass spectrum; change --mode, --slit-um and --serum in it")
        return protocol
    names = {step.name for step in protocol.steps}
    name = "mass spectrum" if "mass spectrum" not in names else f"mass spectrum of {last.name}"
    return replace(
        protocol, steps=(*protocol.steps, Step(name=name, method=MassSpectrometry(**given), keep="detected"))
    )


def _slits(width_um: float) -> dict[str, Any]:
    return {"source": {"slit_um": width_um}, "detector": {"slit_um": width_um}}


def _rows(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the peaks, or what a magnet would need of each population."""
    from sepsim.constants import DALTON_KG
    from sepsim.techniques.mass_spectrometry.ion_spectrum import MassSpectrometryRun

    trace: MassSpectrometryRun | WholeIonRun = outcome.trace
    if isinstance(trace, MassSpectrometryRun):
        return [
            {
                "protein": peak.protein,
                "peptide": peak.peptide,
                "charge": peak.charge,
                "mz": peak.mz,
                "area": peak.area,
                "relative_abundance": peak.relative_abundance,
                "foreign": peak.foreign,
                "role": peak.role,
                "populations": ", ".join(peak.populations),
            }
            for peak in trace.peaks
        ]
    return [
        {
            "population": need.population,
            "mass_Da": need.mass / DALTON_KG,
            "charge": need.charge,
            "mz": need.mz,
            "rigidity_T_m": need.rigidity,
            "field_T": need.field,
        }
        for need in trace.magnets
    ]


def _json(outcome: Outcome) -> str:
    return json.dumps(_answer(outcome), indent=2, allow_nan=False)


def _answer(outcome: Outcome) -> dict[str, Any]:
    """Return what JSON shows."""
    from sepsim.constants import DALTON_KG
    from sepsim.techniques.mass_spectrometry.ion_spectrum import MassSpectrometryRun

    trace: MassSpectrometryRun | WholeIonRun = outcome.trace
    rows = _rows(outcome)
    told = {"remarks": list(outcome.remarks), "warnings": list(outcome.warnings)}
    if isinstance(trace, MassSpectrometryRun):
        ratio = trace.vesicle_to_contaminant
        return {
            "mode": "peptide",
            "resolving_power": {"fwhm": trace.power.fwhm, "valley_10_percent": trace.power.valley},
            "transmission": trace.transmission,
            "vesicle_to_contaminant": None if math.isnan(ratio) else ratio,
            "peaks": rows,
            **told,
        }
    mass, charge = trace.mass_histogram, trace.charge_histogram
    return {
        "mode": "intact",
        "mass_histogram": {"edges_Da": (mass.edges / DALTON_KG).tolist(), "ions": mass.number.tolist()},
        "charge_histogram": {"edges": charge.edges.tolist(), "ions": charge.number.tolist()},
        "magnets": rows,
        **told,
    }


def _text(result: StepResult) -> str:
    """Return the table for the terminal, with what is worth telling."""
    from sepsim.techniques.mass_spectrometry.ion_spectrum import MassSpectrometryRun

    rows = _rows(result.outcome)
    if isinstance(result.outcome.trace, MassSpectrometryRun):
        header = ["peak", "m/z", "area", "relative", "other ions", "role"]
        body = [
            [
                f"{row['protein']} {row['peptide']} {row['charge']}+",
                f"{row['mz']:.4f}",
                f"{row['area']:.3g}",
                percent(row["relative_abundance"]),
                percent(row["foreign"]),
                row["role"],
            ]
            for row in rows
        ]
    else:
        header = ["population", "Da", "charges", "m/z", "B r, T m", "field, T"]
        keys = ("mass_Da", "charge", "mz", "rigidity_T_m", "field_T")
        body = [[row["population"], *(f"{row[key]:.3g}" for key in keys)] for row in rows]
    remarks = (brief(remark, LONGEST_PROBLEM) for remark in result.outcome.remarks)
    return "\n".join([columns(header, body), "", *remarks])


# ---- a doublet ----------------------------------------------------------------------------------------------


def _doublet(first: str, second: str, slit_um: float) -> dict[str, Any]:
    """Return whether the singly charged cations of two formulas are told apart behind slits of a width [um]."""
    from sepsim.techniques.mass_spectrometry.ion_doublet import ion_doublet

    instrument = _instrument(slit_um)
    try:
        found = ion_doublet(first, second, instrument)
    except InputError as error:
        raise error.within("--doublet") from None
    return {
        "ions": [f"{first}+", f"{second}+"],
        "mz": list(found.mz),
        "slit_um": slit_um,
        "needed": found.needed,
        "reached": {"fwhm": found.reached.fwhm, "valley_10_percent": found.reached.valley},
        "valley": found.valley,
        "resolved": found.resolved,
    }


def _doublet_figures(first: str, second: str, slit_um: float) -> dict[str, Callable[[Any], Any]]:
    """Return what can be drawn of the instrument of a doublet, its peaks first."""
    from sepsim.plots.figures import figures

    def of_instrument(name: str, **more: Any) -> Callable[[Any], Any]:
        return lambda _: resolve(figures()[name].home)(_instrument(slit_um), **more)

    return {
        "peak_shapes": of_instrument("peak_shapes", ions=(first, second), slits_um=[slit_um]),
        "ion_paths": of_instrument("ion_paths"),
        "energy_focus": of_instrument("energy_focus"),
    }


def _instrument(slit_um: float) -> NierJohnson:
    """Return the Nier-Johnson instrument with both slits of a width."""
    from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson

    try:
        return NierJohnson.from_table(_slits(slit_um))
    except InputError as error:
        raise InputError(*(f"--slit-um {slit_um:g}: {problem}" for problem in error.problems)) from None


def _doublet_row(answer: Mapping[str, Any]) -> dict[str, Any]:
    (first, second), (low, high) = answer["ions"], answer["mz"]
    reached = {f"reached_{kind}": power for kind, power in answer["reached"].items()}
    told = {key: answer[key] for key in ("slit_um", "needed", "valley", "resolved")}
    return {"ion_1": first, "ion_2": second, "mz_1": low, "mz_2": high, **told, **reached}


def _doublet_text(answer: dict[str, Any]) -> str:
    (first, second), (low, high) = answer["ions"], answer["mz"]
    reached = answer["reached"]
    return "\n".join(
        [
            f"{first} m/z {low:.6f}, {second} m/z {high:.6f}",
            f"needed resolving power, 10 % valley: {answer['needed']:.0f}",
            f"reached with slits of {answer['slit_um']:g} um: {reached['valley_10_percent']:.0f} (10 % valley), "
            f"{reached['fwhm']:.0f} (width at half height)",
            f"valley between the peaks: {percent(answer['valley'])}; {'' if answer['resolved'] else 'not '}resolved",
        ]
    )
