"""Kits: how much reagent, how long, how cold, and how hard they spin.

No kit tells its polymer. The amount of reagent bounds it: a stock of polymer saturates at some 55 % w/v, so that a
ratio r of reagent to sample brings at most 55 r/(1 + r) % w/v. The catalogue assumes polyethylene glycol of 6 kg/mol at
8 % w/v wherever that is possible.
"""

from __future__ import annotations

from sepsim.catalog import Catalog, listed_aliases
from sepsim.media import Polymer
from sepsim.settings import Settings, number, settings, text
from sepsim.units import from_si, to_si

USUAL_PERCENT, USUAL_KDA = 8.0, 6.0


@settings
class Kit(Settings):
    """A kit, by what its instructions say; the polymer is a choice.

    Parameters
    ----------
    name : str
    reagent_per_sample : float [-]
        Volume of reagent over that of the sample.
    peg_percent_w_v : float [% w/v]
        Polyethylene glycol in the mixture; default 8.
    peg_molar_mass_kDa : float [kDa]
        Default 6.
    proteinase_K_per_sample : float [-]
        Volume of proteinase K that comes before the reagent, over that of the sample; default 0, none. It strips
        vesicles of what an antibody or an aptamer binds.
    proteinase_K_min : float [min]
        How long it acts; default 10.
    temperature_C, incubation_min : float [degC], [min]
        Default 4 and 30.
    rcf_xg, time_min, second_spin_min : float [x g], [min], [min]
        Of the spin, and of a second short one.
    take_up_per_sample : float [-]
        Volume in which the pellet is taken up over that of the sample; left out: not told.
    least_sample_mL, most_sample_mL : float [mL]
        For which there are instructions.

    Examples
    --------
    >>> Kit(name="mine", reagent_per_sample=0.2, rcf_xg=1500, time_min=30).most_percent
    9.17
    """

    name: str = text(default="own kit", help="name of the kit")
    reagent_per_sample: float = number(above=0, maximum=10, help="volume of reagent over that of the sample")
    peg_percent_w_v: float = number(
        default=USUAL_PERCENT, above=0, maximum=55, help="polyethylene glycol in the mixture: a choice"
    )
    peg_molar_mass_kDa: float = number(default=USUAL_KDA, minimum=0.4, maximum=35, help="its molar mass: a choice")
    proteinase_K_per_sample: float = number(
        default=0.0, minimum=0, maximum=1, help="volume of proteinase K over that of the sample"
    )
    proteinase_K_min: float = number(default=10.0, above=0, maximum=1e4, help="how long it acts")
    temperature_C: float = number(default=4.0, minimum=0, maximum=60, help="of incubation and spin")
    incubation_min: float = number(default=30.0, minimum=0, maximum=1e5, help="before the spin")
    rcf_xg: float = number(above=0, maximum=1e6, help="of the spin, at r_max")
    time_min: float = number(above=0, maximum=1e6, help="of the spin")
    second_spin_min: float | None = number(default=None, above=0, help="of a second short spin")
    take_up_per_sample: float | None = number(
        default=None, above=0, help="volume of the taken up pellet over that of the sample"
    )
    least_sample_mL: float | None = number(default=None, minimum=0, help="for which there are instructions")
    most_sample_mL: float | None = number(default=None, above=0, help="for which there are instructions")

    def conflicts(self) -> list[str]:
        """Return whether the reagent cannot hold so much polymer."""
        return self.found(self._polymer_problems)

    def _polymer_problems(self) -> list[str]:
        if self.peg_percent_w_v <= self.most_percent:
            return []
        return [
            f"peg_percent_w_v = {self.peg_percent_w_v:g}: {self.reagent_per_sample:g} volumes of a saturated stock "
            f"bring at most {self.most_percent:g} % w/v"
        ]

    @property
    def polymer(self) -> Polymer:
        """What is assumed to be in the reagent."""
        return Polymer("PEG", to_si("molar_mass_kDa", self.peg_molar_mass_kDa))

    @property
    def most_percent(self) -> float:
        """Most polymer that the reagent can bring into the mixture [% w/v]."""
        saturated = from_si("peg_percent_w_v", self.polymer.highest_concentration(293.15))
        return float(f"{saturated * self.reagent_per_sample / (1.0 + self.poured_per_sample):.3g}")

    @property
    def poured_per_sample(self) -> float:
        """Volume of all that is poured in over that of the sample [-]."""
        return self.reagent_per_sample + self.proteinase_K_per_sample


def _from_row(row: dict[str, str]) -> Kit:
    numbers = {key: float(row[key]) for key in Kit.__dataclass_fields__ if key != "name" and row[key]}
    return Kit(name=row["kit"], **numbers)


KITS = Catalog(kind="kit", record=Kit, build=_from_row, aliases=listed_aliases)
