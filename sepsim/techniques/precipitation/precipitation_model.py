"""The constants of what comes down and what becomes of the pellet.

Each has a default, a lower and an upper value in ``data/precipitation_model.csv``, with its source; most are choices.
"""

from __future__ import annotations

from sepsim.model_constants import ModelConstants
from sepsim.settings import Settings, settings

CONSTANTS = ModelConstants("precipitation_model")
_constant = CONSTANTS.setting


@settings
class PrecipitationModel(Settings):
    """What pulls particles and proteins out of solution, and how clusters behave.

    Parameters
    ----------
    size_exponent : float [-]
        Power of the Stokes radius with which polymer lowers the logarithm of a solubility.
    albumin_slope_factor : float [-]
        Multiplies the measured slope of albumin.
    neutral_log_solubility : float [-]
        log10 of the solubility in g/L at the isoelectric point, without precipitant.
    charge_log_solubility : float [-]
        By which it rises for each unit of pH away from there.
    salt_log_solubility : float [-]
        By which it rises for each factor of ten in ionic strength above the isoelectric point, and falls below it.
    coprecipitation : float [-]
        Of dissolved protein that comes down with all of the other protein.
    salting_out_per_M : float [per M]
        By which log10 of the solubility of albumin falls with the ionic strength of ammonium sulfate.
    salting_out_exponent : float [-]
        Power of the Stokes radius with which that rises.
    solvent_log_per_permittivity : float [-]
        By which log10 of the solubility of albumin falls for each unit of 1/permittivity.
    hamaker_zJ : float [zJ]
    hydration_pressure_MPa, hydration_length_nm : float [MPa], [nm]
        Of the repulsion of hydration between surfaces.
    floc_grain_nm : float [nm]
        Diameter of the grains in which protein comes down.
    fractal_dimension : float [-]
        Of clusters.
    flow_capture : float [-]
        Of what lies in the path of a cluster, as it settles or the liquid shears, that touches it.
    still_clustered_percent : float [%]
        Of what resuspension brings back, in clusters still.
    burst_solvent_percent_v_v : float [% v/v]
        Of an organic solvent, at which vesicles begin to burst.
    burst_percent : float [%]
        Of vesicles that have burst at twice as much of it, and beyond.

    Examples
    --------
    >>> PrecipitationModel(size_exponent=1).coprecipitation
    0.3
    """

    size_exponent: float = _constant("size_exponent", "power of the Stokes radius in a slope", minimum=0, maximum=3)
    albumin_slope_factor: float = _constant("albumin_slope_factor", "multiplies the slope of albumin", minimum=0)
    neutral_log_solubility: float = _constant("neutral_log_solubility", "log10 of g/L at the isoelectric point")
    charge_log_solubility: float = _constant("charge_log_solubility", "rise for each unit of pH away", minimum=0)
    salt_log_solubility: float = _constant("salt_log_solubility", "rise for each factor of ten of salt", minimum=0)
    coprecipitation: float = _constant(
        "coprecipitation", "of protein that comes down with all of the other", minimum=0, maximum=1
    )
    salting_out_per_M: float = _constant("salting_out_per_M", "slope of albumin in ammonium sulfate", minimum=0)
    salting_out_exponent: float = _constant("salting_out_exponent", "power of the Stokes radius in it", minimum=0)
    solvent_log_per_permittivity: float = _constant(
        "solvent_log_per_permittivity", "slope of albumin over 1/permittivity", minimum=0
    )
    hamaker_zJ: float = _constant("hamaker_zJ", "constant of van der Waals attraction", minimum=0, maximum=100)
    hydration_pressure_MPa: float = _constant("hydration_pressure_MPa", "of hydration at contact", minimum=0)
    hydration_length_nm: float = _constant("hydration_length_nm", "over which it decays", above=0, maximum=5)
    floc_grain_nm: float = _constant("floc_grain_nm", "diameter of grains of protein", minimum=10, maximum=1000)
    fractal_dimension: float = _constant("fractal_dimension", "of clusters", above=1, maximum=3)
    flow_capture: float = _constant("flow_capture", "of what lies in the path of a cluster", minimum=0, maximum=1)
    still_clustered_percent: float = _constant(
        "still_clustered_percent", "of what comes back of the pellet", minimum=0, maximum=100
    )
    burst_solvent_percent_v_v: float = _constant(
        "burst_solvent_percent_v_v", "of solvent, at which vesicles begin to burst", above=0, maximum=100
    )
    burst_percent: float = _constant("burst_percent", "of vesicles that burst in twice as much", minimum=0, maximum=100)
