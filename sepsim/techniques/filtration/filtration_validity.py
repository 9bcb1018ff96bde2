"""When a filtration is not what was asked for, or not what the model holds for: a sentence each."""

from __future__ import annotations

from collections.abc import Iterator

from sepsim.samples.sample import Sample
from sepsim.techniques.filtration.membrane_run import MembraneRun
from sepsim.text.tables import percent
from sepsim.units import from_si

LARGEST_CONVERSION = 0.3  # of a feed, in one pass along the membrane
TOLD_SHARE = 0.01  # of a population that bursts


def filtration_warnings(sample: Sample, run: MembraneRun) -> Iterator[str]:
    """Yield what a user should know about a filtration before trusting it, a sentence each.

    Parameters
    ----------
    sample : Sample
        What was filled in.
    run : MembraneRun
        What became of it.

    Yields
    ------
    str
    """
    yield from _about_end(run)
    yield from _about_conversion(run)
    yield from _about_bursting(sample, run)


def feed_problem(run: MembraneRun) -> str:
    """Return why more cannot pass a membrane than is fed along it, or an empty text.

    Parameters
    ----------
    run : MembraneRun

    Returns
    -------
    str
    """
    if run.conversion <= 1.0:
        return ""
    feed = from_si("flow_mL_min", run.module.feed(run.membrane))
    return (
        f"tangential_flow: {run.conversion:.4g} times the feed of {feed:.4g} mL/min would pass the membrane; lower "
        "pressure_bar, or raise the feed (shear_rate_per_s or flow_mL_min)"
    )


def _about_end(run: MembraneRun) -> Iterator[str]:
    if run.stopped:
        yield (
            f"filtration ended early in {run.stopped}; after {run.time[-1] / 60.0:.3g} min there were "
            f"{from_si('volume_mL', float(run.volume[-1]) * run.devices):.3g} mL in the vessel; "
            "give it more time or pressure, more devices, or a less concentrated sample"
        )


def _about_conversion(run: MembraneRun) -> Iterator[str]:
    if LARGEST_CONVERSION < run.conversion <= 1.0:
        yield (
            f"up to {percent(run.conversion)} of the feed passes the membrane, so that the liquid is concentrated "
            "along the fibres, which is not modelled; lower pressure_bar, or raise the feed"
        )


def _about_bursting(sample: Sample, run: MembraneRun) -> Iterator[str]:
    before, burst = (sample.particles.totals(counts) for counts in (sample.counts, run.burst))
    shares = {
        name: b / n for name, b, n in zip(sample.particles.names, burst, before, strict=True) if b > TOLD_SHARE * n
    }
    if shares:
        told = ", ".join(f"{share:.2g} of {name}" for name, share in shares.items())
        yield (
            f"{run.pressure.max() / 1e5:.3g} bar is above the pressure that draws vesicles into the wider pores, "
            f"where they burst: {told}; use a lower pressure or a smaller cut-off"
        )
