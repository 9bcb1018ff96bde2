"""The constants of what becomes of a pellet: what stays at the wall, what is stirred up, what comes back.

They are calibrated on published recoveries, not measured one by one: each has a default, a lower and an upper value in
``data/pellet_model.csv``.
"""

from __future__ import annotations

from sepsim.model_constants import ModelConstants
from sepsim.settings import Settings, settings

CONSTANTS = ModelConstants("pellet_model")
_constant = CONSTANTS.setting


@settings
class PelletModel(Settings):
    """How particles hold on to the wall of a tube and to one another.

    Parameters
    ----------
    attachment_per_s : float [1/s]
        Rate k at which a particle attaches that is pressed into a layer as thin as it is large: in a layer of thickness
        D/(s w2 r) it is k d s w2 r/D.
    protein_monolayer_mg_m2 : float [mg/m2]
        Soluble protein that covers the wall, so that no vesicle attaches to it.
    detachment_diameter_nm : float [nm]
        Size at which a particle is as easily torn off the wall as it holds on: adhesion grows with the diameter, drag
        with its square.
    compacted_loss_percent : float [%]
        Share of a strongly compacted pellet of small particles that resuspension does not disperse.
    yield_stress_Pa : float [Pa]
        Pressure of the pellet on the wall at which half of that is lost: what pipetting still disperses.
    stirred_percent, stirred_large_percent : float [%]
        Share of a pellet that decanting stirs up: of particles far smaller, and far larger, than that size.

    Examples
    --------
    >>> PelletModel().yield_stress_Pa
    1.0
    """

    attachment_per_s: float = _constant(
        "attachment_per_s", "rate at which what is pressed on the wall attaches", minimum=0
    )
    protein_monolayer_mg_m2: float = _constant(
        "protein_monolayer_mg_m2", "protein that covers the wall", above=0, maximum=1000
    )
    detachment_diameter_nm: float = _constant("detachment_diameter_nm", "size at which shear detaches half", above=0)
    compacted_loss_percent: float = _constant(
        "compacted_loss_percent", "loss from a compacted pellet", minimum=0, maximum=100
    )
    yield_stress_Pa: float = _constant("yield_stress_Pa", "pressure at which half of that is lost", above=0)
    stirred_percent: float = _constant("stirred_percent", "of a pellet, on decanting", minimum=0, maximum=100)
    stirred_large_percent: float = _constant(
        "stirred_large_percent", "the same of large particles", minimum=0, maximum=100
    )
