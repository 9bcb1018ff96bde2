"""The constants of capture that nobody has measured on vesicles: each has a default, a lower and an upper value.

They stand in ``data/capture_model.csv``.
"""

from __future__ import annotations

from sepsim.model_constants import ModelConstants
from sepsim.settings import Settings, settings
from sepsim.units import to_si

CONSTANTS = ModelConstants("capture_model")
_constant = CONSTANTS.setting


@settings
class CaptureModel(Settings):
    """How particles take hold of a bead.

    Parameters
    ----------
    accessible_fraction : float [-]
        Share of all pairs of ligand and antigen that can meet.
    rebinding_per_s : float [1/s]
        Rate at which a free pair of a contact binds, while another bond holds.
    reach_nm : float [nm]
        Length of ligand and antigen together: how near the membrane must be.
    association_bound_percent : float [%]
        Of the lipoproteins and proteins that go with vesicles (`lipoprotein_association_percent` of a sample): bound to
        them, and taken by beads as they are. The rest is as large as vesicles, and carries no antigen.
    sticking_probability : float [-]
        That a particle stays after an encounter with the bare surface, without any antigen.

    Examples
    --------
    >>> CaptureModel().rebinding_per_s
    1.0
    """

    accessible_fraction: float = _constant(
        "accessible_fraction", "share of pairs of ligand and antigen that can meet", above=0, maximum=1
    )
    rebinding_per_s: float = _constant(
        "rebinding_per_s", "rate at which a contact makes a further bond", above=0, maximum=1e6
    )
    reach_nm: float = _constant("reach_nm", "length of ligand and antigen together", above=0, maximum=100)
    association_bound_percent: float = _constant(
        "association_bound_percent", "of what goes with vesicles: bound to them", minimum=0, maximum=100
    )
    sticking_probability: float = _constant(
        "sticking_probability", "that a particle without antigen stays after an encounter", minimum=0, maximum=1
    )

    @property
    def reach(self) -> float:
        """Length of ligand and antigen together [m]."""
        return to_si("reach_nm", self.reach_nm)
