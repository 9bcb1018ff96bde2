"""How far a current heats the liquid that carries it.

    between walls that are cooled, of a distance h       h^2 sigma E^2/(8 k)      (warmest, halfway)
    above electrodes side by side                        sigma V_rms^2/(8 k)      (Ramos et al. 1998)

Assumptions: steady; the chip around the liquid stays as cold as it enters; nothing is carried away by the flow. The
conductivity is that of the liquid as it enters: it rises by 2 % per kelvin, so that the true heating is larger by a
tenth for each 5 K.

Source: Ramos, Morgan, Green & Castellanos, J. Phys. D 31, 2338 (1998).
"""

from __future__ import annotations

CONDUCTS_HEAT_W_PER_M_K = 0.6  # water at 25 degC
DENATURES_K = 318.15  # 45 degC, above which proteins of blood begin to unfold


def channel_heating(field: float, conductivity: float, height: float) -> float:
    """Return by how much a field across a flat channel heats its middle.

    Parameters
    ----------
    field : float [V/m]
    conductivity : float [S/m]
    height : float [m]
        Between the cooled walls, the shorter side of the channel.

    Returns
    -------
    float [K]

    Examples
    --------
    100 V/cm in buffered saline, 50 um deep:

    >>> round(channel_heating(1e4, 1.55, 50e-6), 3)
    0.081
    """
    return height**2 * conductivity * field**2 / (8.0 * CONDUCTS_HEAT_W_PER_M_K)


def electrode_heating(voltage: float, conductivity: float) -> float:
    """Return by how much electrodes side by side heat the liquid above them, whatever their size.

    Parameters
    ----------
    voltage : float [V]
        Between neighbours, the root of its mean square.
    conductivity : float [S/m]

    Returns
    -------
    float [K]

    Examples
    --------
    20 V peak to peak in buffered saline and in 10 mS/m:

    >>> [round(electrode_heating(20 / 8**0.5, sigma), 2) for sigma in (1.55, 0.01)]
    [16.15, 0.1]
    """
    return conductivity * voltage**2 / (8.0 * CONDUCTS_HEAT_W_PER_M_K)


def too_warm(temperature: float, heating: float) -> str:
    """Return a warning that proteins may unfold, or an empty text.

    Parameters
    ----------
    temperature, heating : float [K]
        As the liquid enters, and by how much it is heated.

    Examples
    --------
    >>> too_warm(298.15, 5.0), too_warm(310.15, 9.0)
    ('', 'the liquid reaches 46 degC in the field, and proteins begin to unfold above 45 degC')
    """
    hottest = temperature + heating
    if hottest <= DENATURES_K:
        return ""
    return f"the liquid reaches {hottest - 273.15:.3g} degC in the field, and proteins begin to unfold above 45 degC"
