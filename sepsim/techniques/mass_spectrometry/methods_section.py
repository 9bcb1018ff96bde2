"""What the methods section of a paper says of mass spectrometry: digestion, ion source, instrument, range.

What a simulation assumes beyond that, such as yields of ions or how many of them it follows, is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sepsim.techniques.mass_spectrometry.analysers.charge_detection import ChargeDetection
from sepsim.techniques.mass_spectrometry.ions.sample_ions import Digestion
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import (
    BainbridgeJordan,
    Design,
    MattauchHerzog,
    NierJohnson,
    SingleMagnet,
)
from sepsim.text.sentences import as_given, listed, rounded, sentences

if TYPE_CHECKING:
    from sepsim.techniques.mass_spectrometry.mass_spectrometry import MassSpectrometry

DESIGNS: dict[type[Design], str] = {
    NierJohnson: "double-focusing Nier-Johnson spectrometer",
    SingleMagnet: "single-focusing magnetic sector spectrometer",
    MattauchHerzog: "double-focusing Mattauch-Herzog spectrometer",
    BainbridgeJordan: "double-focusing Bainbridge-Jordan spectrometer",
}
RADII = {"radius_mm": "radius", "magnet_radius_mm": "magnet radius", "electric_radius_mm": "electric radius"}


def mass_spectrometry_sentences(method: MassSpectrometry, treated: str) -> str:
    """Return what a methods section says of a mass spectrometry.

    Parameters
    ----------
    method : MassSpectrometry
    treated : str
        Such as ``"the sample"``.

    Returns
    -------
    str

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.mass_spectrometry import MassSpectrometry
    >>> mass_spectrometry_sentences(MassSpectrometry(), "the sample").partition(". ")[0]
    'The sample was lysed, alkylated and digested with trypsin'
    """
    source = f"ionised by {'electrospray' if method.maldi is None else 'matrix-assisted laser desorption'}"
    if method.mode == "intact":
        detection = _detection(method.charge_detection or ChargeDetection())
        return sentences(
            [f"the whole particles of {treated} were {source} and weighed one by one by charge detection ({detection})"]
        )
    digestion = method.digestion or Digestion()
    scan = f"from m/z {as_given(method.lowest_mz)} to {as_given(method.highest_mz)}"
    return sentences(
        [
            f"{treated} was lysed{', alkylated' if digestion.alkylated else ''} and digested with trypsin",
            f"signature peptides of {_proteins(digestion)} were {source} and measured {scan} in a "
            f"{_instrument(method.instrument)}",
        ]
    )


def _proteins(digestion: Digestion) -> str:
    """Return which proteins are looked for."""
    if digestion.marker is not None:
        return listed([*dict.fromkeys(marker.protein for marker in digestion.marker)])
    serum = "serum" if digestion.serum is None else f"{digestion.serum} serum"
    return f"marker proteins of vesicles and of {serum}"


def _instrument(design: Design) -> str:
    radii = [
        f"{name} {as_given(getattr(design, key))} mm"
        for key, name in RADII.items()
        if getattr(design, key, None) is not None
    ]
    slits = {"source": design.source.slit_um, "collector": design.detector.slit_um}
    widths = [f"{name} slit {as_given(width)} um" for name, width in slits.items() if width is not None]
    return f"{DESIGNS[type(design)]} ({', '.join([*radii, *widths])}, {as_given(design.ion.voltage_kV)} kV)"


def _detection(detection: ChargeDetection) -> str:
    passages, noise = as_given(detection.passages), as_given(detection.noise_per_passage)
    threshold = f"at least {rounded(detection.least_charge)} elementary charges"
    scan = f"m/z {as_given(detection.lowest_mz)} to {as_given(detection.highest_mz)}"
    return f"{passages} passages with a noise of {noise} elementary charges each, {threshold}, {scan}"
