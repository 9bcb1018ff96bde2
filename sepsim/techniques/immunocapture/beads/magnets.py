"""What brings beads out of the liquid: a magnet beside the tube, a column in a magnet, or a spin."""

from __future__ import annotations

from sepsim.catalog import Catalog
from sepsim.data import numbers
from sepsim.settings import Settings, number, settings, text

_COLUMNS = ("gradient_T_m", "path_mm", "rcf_xg")


@settings
class Magnet(Settings):
    """What pulls on the beads, and how far they have to go.

    Parameters
    ----------
    name : str
        Name, as in ``sepsim list magnets``.
    gradient_T_m : float
        Gradient of the magnetic field [T/m], strong enough to saturate the beads.
    path_mm : float, optional
        Width of the round bore that the beads cross [mm]; left out: that of the tube.
    rcf_xg : float
        Of a spin instead of a magnet [x g].

    Raises
    ------
    InputError
        If nothing pulls.

    Examples
    --------
    >>> Magnet(gradient_T_m=50).path_mm is None
    True
    """

    name: str = text(default="magnet of the user", help="name of the magnet")
    gradient_T_m: float = number(default=0.0, minimum=0, maximum=1e6, help="gradient of the field")
    path_mm: float | None = number(default=None, above=0, maximum=1000, help="that beads cross; left out: the bore")
    rcf_xg: float = number(default=0.0, minimum=0, maximum=1e6, help="of a spin instead")

    def conflicts(self) -> list[str]:
        """Let something pull."""
        if not self.gradient_T_m and not self.rcf_xg:
            return ["gradient_T_m and rcf_xg: nothing pulls on the beads; give one of them"]
        return []


def _from_row(row: dict[str, str]) -> Magnet:
    return Magnet(name=row["magnet"], **numbers(row, *_COLUMNS))


MAGNETS = Catalog(kind="magnet", record=Magnet, build=_from_row)
