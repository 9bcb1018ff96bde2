"""What is done to a vessel with a membrane, and how the membrane fouls."""

from __future__ import annotations

from typing import NamedTuple

from sepsim.settings import Settings, number, settings


@settings
class Fouling(Settings):
    """What happens to a membrane while it filters.

    Parameters
    ----------
    blocking : float [-]
        Pores that a deposited particle closes, over those that it covers; those that are wider than it stay open.
    directed : float [-]
        Share of the deposited particles that follow the flow into open pores (complete blocking); the others land
        anywhere (intermediate blocking).
    first_layer : float [-]
        Hydraulic resistance of the layer that closes a pore, over that of a layer of packed spheres.
    constriction : float [-]
        Share of what passes the pores that stays in them (standard blocking).
    sticking : float [-]
        Share of the encounters with the membrane that adsorb a particle, while there is free area.

    Notes
    -----
    The defaults are choices: hard spheres that close what they cover, nothing in the pores, one encounter of a hundred
    sticks. Published values are fitted to one feed and one membrane each.

    Examples
    --------
    >>> Fouling(constriction=0.01).blocking
    1.0
    """

    blocking: float = number(default=1.0, minimum=0, help="pores closed over pores covered by a deposited particle")
    directed: float = number(
        default=1.0, minimum=0, maximum=1, help="share of them that follow the flow into open pores"
    )
    first_layer: float = number(default=1.0, minimum=0, help="resistance of a first layer over that of packed spheres")
    constriction: float = number(default=0.0, minimum=0, maximum=1, help="share of what passes that stays in the pores")
    sticking: float = number(
        default=0.01, minimum=0, maximum=1, help="share of encounters with the membrane that adsorb"
    )


class Stage(NamedTuple):
    """A part of a filtration.

    Attributes
    ----------
    name : str
    poured : float [m3]
        Buffer that is added first, to each device.
    permeate : float [m3]
        Volume that permeates, of each device.
    constant : bool
        Whether buffer replaces what permeates.
    """

    name: str
    poured: float
    permeate: float
    constant: bool
