"""What the methods section of a paper says of a spin.

Rotor and tube, speed and force with their radius, time, ramps, what is layered, taken off and taken up. What a
simulation assumes beyond that, such as the recovery of a pellet, is not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sepsim.media import Fluid, in_words
from sepsim.rotors.rotors import ROTORS, Rotor, rcf
from sepsim.rotors.tubes import TUBES, Tube
from sepsim.techniques.centrifugation.gradient.gradient import AnyLayer, GradedLayer
from sepsim.techniques.centrifugation.tubes.rotor_calculator import k_factor
from sepsim.text.sentences import as_given, at_temperature, listed, rounded, sentences, time_in_words
from sepsim.text.tables import counted
from sepsim.units import from_si

if TYPE_CHECKING:
    from sepsim.techniques.centrifugation.centrifugation import Centrifugation
    from sepsim.techniques.centrifugation.density_gradient import DensityGradient
    from sepsim.techniques.centrifugation.flotation import Flotation
    from sepsim.techniques.centrifugation.pellet import Wash
    from sepsim.techniques.centrifugation.rotor_settings import RotorSettings

RADIUS_NAMES = {"rmax": "r_max", "rav": "r_av", "rmin": "r_min"}
TIMES = {1: "once", 2: "twice"}


def centrifugation_sentences(method: Centrifugation, treated: str) -> str:
    """Return what a methods section says of a spin.

    Parameters
    ----------
    method : Centrifugation
    treated : str
        Such as ``"the sample"``.

    Returns
    -------
    str

    Examples
    --------
    >>> from sepsim.techniques.centrifugation.centrifugation import Centrifugation
    >>> spin = Centrifugation(rotor="SX4750", rcf_xg=300, rcf_at="rmax", time_min=10)
    >>> centrifugation_sentences(spin, "the sample").partition(" in the ")[2]
    'swinging-bucket rotor SX4750 (Beckman Coulter Allegra X-12) at 300 x g at r_max (1,136 rpm) for 10 min.'
    """
    run = f"centrifuged {run_in_words(method, _filling(method))}"
    cushion, skimmed = method.cushion, method.skimmed_volume_mL
    below = "" if cushion is None else f"layered on a cushion of {_layer(cushion)} in each tube and "
    told = [f"{treated} was {below}{run}"]
    if cushion is not None and cushion.collected_mL is not None:
        told.append(f"the lowest {as_given(cushion.collected_mL)} mL of each tube was taken off as the cushion")
    if skimmed is not None:
        told.append(f"the upper {as_given(skimmed)} mL of each tube was skimmed off")
    return sentences([*told, *_residue(method), *_washing(method.wash), *_taking_up(method)])


def flotation_sentences(method: Flotation, treated: str) -> str:
    """Return what a methods section says of a flotation.

    Parameters
    ----------
    method : Flotation
    treated : str
        Such as ``"the sample"``.

    Returns
    -------
    str

    Examples
    --------
    >>> from sepsim.techniques.centrifugation.flotation import Flotation
    >>> step = Flotation(rotor="SW 41 Ti", speed_rpm=39_000, time_min=60, skimmed_volume_mL=1)
    >>> flotation_sentences(step, "the sample").split(". ")[1]
    'The upper 1 mL of each tube was skimmed off; all below it was mixed with what had sunk.'
    """
    return sentences(
        [
            f"{treated} was centrifuged {run_in_words(method)}",
            f"the upper {as_given(method.skimmed_volume_mL)} mL of each tube was skimmed off; all below it was mixed "
            "with what had sunk",
        ]
    )


def gradient_sentences(method: DensityGradient, treated: str) -> str:
    """Return what a methods section says of a spin in a gradient.

    Parameters
    ----------
    method : DensityGradient
    treated : str
        Such as ``"the sample"``.

    Returns
    -------
    str

    Examples
    --------
    >>> from sepsim.techniques.centrifugation.density_gradient import DensityGradient
    >>> step = DensityGradient(
    ...     rotor="SX4750", speed_rpm=3000, time_min=60, gradient={"shape": "linear", "top": {"sucrose_M": 0.2},
    ...     "bottom": {"sucrose_M": 2}, "volume_mL": 40}, fractions=10,
    ... )
    >>> gradient_sentences(step, "the sample").split(". ")[0]
    'Each tube was filled with 40 mL of a linear gradient from 0.2 M sucrose in water to 2 M sucrose in water'
    """
    if method.fraction_volume_mL is None:
        fractions = counted(method.fractions or 0, "equal fraction")
    else:
        fractions = f"fractions of {as_given(method.fraction_volume_mL)} mL"
    return sentences(
        [
            f"each tube was filled with {_poured(method)}",
            f"{treated} was {_loaded(method)}",
            f"the gradient was centrifuged {run_in_words(method)}",
            f"it was collected from the {method.collect_from} in {fractions}",
            *_residue(method),
            *_taking_up(method),
        ]
    )


def run_in_words(method: RotorSettings, filling: str = "") -> str:
    """Return in which rotor and tubes, how fast, how long and at which temperature.

    Parameters
    ----------
    method : RotorSettings
    filling : str
        How full each tube is, in words.

    Returns
    -------
    str
    """
    return (
        f"in the {_rotor(method.rotor)}{_tubes(method, filling)} at {_speed(method)} "
        f"for {time_in_words(method.time_min)}{at_temperature(method.temperature_C)}{_ramps(method)}"
    )


def _rotor(rotor: Rotor) -> str:
    """Return a rotor with its maker, or one of the user with its radii."""
    kind = f"{rotor.kind.replace(' ', '-')} rotor"
    if ROTORS.holds(rotor):
        return f"{kind} {rotor.name} ({ROTORS.row(rotor.name)['manufacturer']})"
    radii = [f"r_max {as_given(rotor.rmax_mm)} mm"]
    if rotor.rmin_mm is not None:
        radii.append(f"r_min {as_given(rotor.rmin_mm)} mm")
    return f"{kind} {rotor.name!r} ({', '.join(radii)}, angle {as_given(rotor.angle_deg)}°)"


def _tubes(method: RotorSettings, filling: str) -> str:
    """Return in which tubes, how many and how full, as far as that is set."""
    if method.tubes is None and method.tube is None and not filling:
        return ""
    number = "tubes" if method.tubes is None else counted(method.tubes, "tube")
    return f", in {number}{'' if method.tube is None else f' {_tube(method.tube)}'}{filling},"


def _tube(tube: Tube) -> str:
    """Return a tube by its name, or one of the user with its size."""
    if TUBES.holds(tube):
        return repr(tube.name)
    size = f"{as_given(tube.inner_diameter_mm)} x {as_given(tube.length_mm)} mm inside, {as_given(tube.volume_mL)} mL"
    return f"{tube.name!r} ({size})"


def _filling(method: Centrifugation) -> str:
    if method.fill_volume_mL is not None:
        return f" with at most {as_given(method.fill_volume_mL)} mL in each"
    return "" if method.meniscus_mm is None else f" filled up to a radius of {as_given(method.meniscus_mm)} mm"


def _speed(method: RotorSettings) -> str:
    """Return the speed or force that is set, then what follows from it: rpm, forces, adjusted k-factor."""
    rotor, omega = method.rotor, method.omega
    others = [at for at in ("rmax", "rav") if at != method.rcf_at and (at == "rmax" or rotor.rmin_mm is not None)]
    derived = [f"{rounded(rcf(omega, rotor.radius(at)))} x g at {RADIUS_NAMES[at]}" for at in others]
    if method.rcf_xg is None or method.rcf_at is None:
        given = f"{as_given(method.speed_rpm or 0.0)} rpm"
    else:
        given = f"{as_given(method.rcf_xg)} x g at {RADIUS_NAMES[method.rcf_at]}"
        derived.insert(0, f"{rounded(from_si('speed_rpm', omega))} rpm")
    if rotor.rmin_mm is not None:
        derived.append(f"adjusted k-factor {rounded(k_factor(rotor, omega))}")
    return f"{given} ({'; '.join(derived)})"


def _ramps(method: RotorSettings) -> str:
    ramps = {"acceleration": method.acceleration_min, "braking": method.braking_min}
    told = [f"{time_in_words(time)} of {name}" for name, time in ramps.items() if time > 0]
    return f", plus {listed(told)}" if told else ""


def _residue(method: RotorSettings) -> Iterator[str]:
    if method.residual_volume_mL is not None:
        yield f"in each tube {as_given(method.residual_volume_mL)} mL was left on the pellet"


def pellet_in_words(method: RotorSettings) -> list[str]:
    """Return what was left on a pellet, and what it was taken up in.

    Parameters
    ----------
    method : RotorSettings

    Returns
    -------
    list of str
    """
    return [*_residue(method), *_taking_up(method)]


def _washing(wash: Wash | None) -> Iterator[str]:
    if wash is not None:
        often = TIMES.get(wash.times, f"{wash.times} times")
        taken_up = f"it was resuspended in {_volume(wash.volume_mL, wash.medium)}"
        yield f"the pellet was washed {often}: {taken_up} and centrifuged as before"


def _taking_up(method: RotorSettings) -> Iterator[str]:
    if (resuspend := method.resuspend) is not None:
        volume = as_given(resuspend.volume_mL)
        yield f"the pellet was resuspended in {in_words(resuspend.medium)} to a final volume of {volume} mL"


def _poured(method: DensityGradient) -> str:
    """Return of what the gradient was made, in the order of the list."""
    layers = [_layer(each) for each in method.layers or [method.gradient] if each is not None]
    order = "top to bottom" if method.layers_from == "top" else "bottom to top"
    return layers[0] if len(layers) == 1 else f"layers from {order}: {listed(layers)}"


def _layer(layer: AnyLayer) -> str:
    if not isinstance(layer, GradedLayer):
        return _volume(layer.volume_mL, layer.medium)
    chambers = "" if layer.chamber_ratio is None else f" (chambers {as_given(layer.chamber_ratio)} to 1)"
    ends = f"from {in_words(layer.top)} to {in_words(layer.bottom)}"
    return f"{as_given(layer.volume_mL)} mL of a {layer.shape} gradient{chambers} {ends}"


def _loaded(method: DensityGradient) -> str:
    """Return where the sample went, and how much of it into a tube if that is limited."""
    most = "" if method.load_volume_mL is None else f", at most {as_given(method.load_volume_mL)} mL in each tube"
    if isinstance(method.load, str):
        return f"layered {'on top' if method.load == 'top' else 'below'}{most}"
    if len(method.layers or ()) < 2:
        return f"mixed in{most}"
    return f"mixed into layer {method.load} from the {method.layers_from}{most}"


def _volume(volume_mL: float, medium: Fluid) -> str:
    return f"{as_given(volume_mL)} mL of {in_words(medium)}"
