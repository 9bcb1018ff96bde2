"""Ways to take vesicles off beads: bonds open faster, or a share of them is competed or cut away."""

from __future__ import annotations

from sepsim.catalog import Catalog
from sepsim.data import numbers
from sepsim.settings import Settings, flag, number, settings, text

_COLUMNS = ("k_off_factor", "rebinding_factor", "release_percent", "stuck_release_percent", "time_min")


@settings
class Elution(Settings):
    """What sets free what beads have bound.

    Parameters
    ----------
    name : str
        Name, as in ``sepsim list elutions``.
    k_off_factor : float, optional
        By which each bond opens faster [-], as at low pH or in salt; or `release_percent`
    rebinding_factor : float
        By which a contact makes further bonds more slowly [-], with it; 1: as fast as before.
    release_percent : float, optional
        Share of the vesicles that comes off whatever holds them [%], as by competition or cleavage, instead.
    stuck_release_percent : float
        Share of what sticks without antigens that comes off [%].
    time_min : float
        How long it acts [min].
    damages : bool
        Whether it may damage vesicles or antigens; only told.

    Raises
    ------
    InputError
        Unless exactly one of k_off_factor and release_percent is given.

    Examples
    --------
    >>> Elution(release_percent=80).damages
    False
    """

    name: str = text(default="elution of the user", help="name of the way")
    k_off_factor: float | None = number(default=None, minimum=1, maximum=1e12, help="by which bonds open faster")
    rebinding_factor: float = number(default=1.0, above=0, maximum=1, help="by which further bonds form more slowly")
    release_percent: float | None = number(default=None, minimum=0, maximum=100, help="share that comes off, instead")
    stuck_release_percent: float = number(
        default=0.0, minimum=0, maximum=100, help="share that comes off of what sticks without antigens"
    )
    time_min: float = number(default=10.0, above=0, maximum=1e5, help="how long it acts")
    damages: bool = flag(default=False, help="whether it may damage vesicles or antigens")

    def conflicts(self) -> list[str]:
        """Exactly one way."""
        if (self.k_off_factor is None) == (self.release_percent is None):
            return ["give exactly one of k_off_factor and release_percent"]
        return []


def _from_row(row: dict[str, str]) -> Elution:
    return Elution(name=row["elution"], damages=row["damages"] == "yes", **numbers(row, *_COLUMNS))


ELUTIONS = Catalog(kind="elution", record=Elution, build=_from_row)
