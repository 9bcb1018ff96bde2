"""Ligands: antibodies and nanobodies, how fast they bind an antigen and how soon they let go."""

from __future__ import annotations

from sepsim.catalog import Catalog
from sepsim.data import numbers
from sepsim.particles.marker_profile import antigen_name
from sepsim.settings import Settings, integer, number, settings, text
from sepsim.units import to_si


@settings
class Ligand(Settings):
    """What on a bead binds the antigen.

    Parameters
    ----------
    name : str
        Name, as in ``sepsim list ligands``.
    k_on_per_M_s : float
        Association rate constant [1/(M s)].
    k_off_per_s : float
        Dissociation rate constant of one bond [1/s].
    binding_sites : int
        Of a molecule: 2 of an antibody, 1 of a nanobody. Soluble antigen must fill them all.
    antigen : str, optional
        That it binds; left out: any, as the step says.

    Examples
    --------
    >>> own = Ligand(k_on_per_M_s=2e5, k_off_per_s=1e-4)
    >>> f"{own.dissociation_constant * 1e6:.2g} nM"
    '0.5 nM'
    """

    name: str = text(default="ligand of the user", help="name of the ligand")
    k_on_per_M_s: float = number(above=0, maximum=1e9, help="association rate constant")
    k_off_per_s: float = number(above=0, maximum=1e3, help="dissociation rate constant of one bond")
    binding_sites: int = integer(default=2, minimum=1, maximum=10, help="of a molecule: 2 of an antibody")
    antigen: str | None = text(default=None, help="that it binds; left out: as the step says")

    @property
    def target(self) -> str | None:
        """Antigen that it binds, as the catalogue spells it; None: any, as the step says."""
        return None if self.antigen is None else antigen_name(self.antigen)

    def misfit(self, antigens: tuple[str, ...]) -> str | None:
        """Return why it cannot bind some antigens, None if it can.

        Parameters
        ----------
        antigens : tuple of str
            As the catalogue spells them.

        Returns
        -------
        str or None
        """
        if self.target is None or antigens == (self.target,):
            return None
        return f"the ligand {self.name!r} binds {self.target}"

    @property
    def k_on(self) -> float:
        """Association rate constant [m3/mol/s]."""
        return to_si("k_on_per_M_s", self.k_on_per_M_s)

    @property
    def k_off(self) -> float:
        """Dissociation rate constant [1/s]."""
        return self.k_off_per_s

    @property
    def dissociation_constant(self) -> float:
        """Of one bond [mol/m3]."""
        return self.k_off / self.k_on


def _from_row(row: dict[str, str]) -> Ligand:
    return Ligand(
        name=row["ligand"],
        antigen=row["antigen"] or None,
        binding_sites=int(row["binding_sites"]),
        **numbers(row, "k_on_per_M_s", "k_off_per_s"),
    )


LIGANDS = Catalog(kind="ligand", record=Ligand, build=_from_row)
