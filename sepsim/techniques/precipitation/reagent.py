"""What is added to make vesicles come down, and what the sample becomes by it.

Exactly one of: a kit, polyethylene glycol, dextran, ammonium sulfate, or an organic solvent. Sodium chloride may be
added to any of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sepsim.media import Polymer, Precipitant
from sepsim.media.electrolyte import ionic_strength, of_salts
from sepsim.media.permittivity import mixed_permittivity, permittivity
from sepsim.media.precipitant import AMMONIUM_SULFATE, ORGANIC_SOLVENTS, SODIUM_CHLORIDE
from sepsim.samples.sample import Sample
from sepsim.settings import Named, Tabled, number, part, record, settings, text
from sepsim.techniques.centrifugation.rotor_settings import RotorSettings
from sepsim.techniques.precipitation.kits.kits import KITS, USUAL_KDA, Kit
from sepsim.techniques.precipitation.mixing import dissolved, held_polymer, stock_volume, with_solvent, with_stock
from sepsim.techniques.precipitation.pair_potential import Surroundings
from sepsim.techniques.precipitation.precipitation_model import PrecipitationModel
from sepsim.techniques.precipitation.solubility import Brine
from sepsim.units import to_si

USUAL_STOCK_PERCENT = 50.0
USUAL_DEXTRAN_KDA = 40.0
NEUTRAL_PH = 7.4
AMOUNTS = ("peg_percent_w_v", "dextran_percent_w_v", "ammonium_sulfate_M", "solvent_percent_v_v")


class Mixture(NamedTuple):
    """A sample with what precipitates it.

    Attributes
    ----------
    sample : Sample
    added : float [m3]
        Volume of liquid that was poured in.
    before, after : Surroundings
        Of particles, in the sample as it was and in the mixture.
    brine : Brine
        In which solutes are dissolved.
    solvent_share : float [-]
        Organic solvent, of the volumes before they are mixed.
    """

    sample: Sample
    added: float
    before: Surroundings
    after: Surroundings
    brine: Brine
    solvent_share: float


@settings
class ReagentSettings(RotorSettings):
    """Settings of what is added, before those of the spin.

    Parameters
    ----------
    kit, peg_percent_w_v, peg_molar_mass_kDa, dextran_percent_w_v, dextran_molar_mass_kDa, stock_percent_w_v
        As for `Precipitation`.
    ammonium_sulfate_M, solvent, solvent_percent_v_v, nacl_M, pH, model
        As for `Precipitation`.
    rotor, tube, tubes, speed_rpm, rcf_xg, rcf_at, time_min, acceleration_min, braking_min, temperature_C
        As for `Precipitation`.
    pellet_recovery, residual_volume_mL, residual_film_um, waiting_min, pellet_model, resuspend
        As for `Precipitation`.
    """

    kit: Named[Kit | None] = part(
        default=None,
        accept=KITS.get,
        dump=KITS.describe,
        allowed="a name from `sepsim list kits`, or a table { name, reagent_per_sample, rcf_xg, time_min }",
        help="reagent, times and speed of a kit",
    )
    peg_percent_w_v: float | None = number(
        default=None, minimum=0, maximum=55, help="polyethylene glycol in the mixture; left out with a kit: the kit's"
    )
    peg_molar_mass_kDa: float | None = number(
        default=None, minimum=0.4, maximum=35, help="its molar mass; left out: that of the kit, or 6"
    )
    dextran_percent_w_v: float | None = number(
        default=None, minimum=0, maximum=50, help="dextran in the mixture, instead"
    )
    dextran_molar_mass_kDa: float | None = number(
        default=None, minimum=1, maximum=500, help="its molar mass; left out: 40"
    )
    stock_percent_w_v: float | None = number(
        default=None, above=0, maximum=55, help="of the polymer stock; left out: 50, or what a kit needs"
    )
    ammonium_sulfate_M: float | None = number(
        default=None, minimum=0, maximum=4.5, help="ammonium sulfate in the mixture, instead"
    )
    solvent: str | None = text(default=None, choices=ORGANIC_SOLVENTS, help="an organic solvent, instead")
    solvent_percent_v_v: float | None = number(
        default=None, minimum=0, maximum=90, help="of the volumes before they are mixed"
    )
    nacl_M: float | None = number(
        default=None, minimum=0, maximum=5, help="sodium chloride that is added, in the mixture"
    )
    pH: float = number(default=NEUTRAL_PH, minimum=1, maximum=14, help="of the mixture")
    model: Tabled[PrecipitationModel] = record(
        PrecipitationModel,
        default=PrecipitationModel(),
        example="{ size_exponent = 1.5 }",
        help="what pulls particles out of solution",
    )

    def reagent_problems(self) -> Iterator[str]:
        """Yield what is wrong with what is added."""
        given = [key for key in AMOUNTS if getattr(self, key) is not None]
        if self.kit is not None and set(given) - {"peg_percent_w_v"}:
            yield f"{' and '.join(given)}: not with a kit, which brings its own reagent"
        elif self.kit is None and len(given) != 1:
            found = f"; got {' and '.join(given)}" if given else ""
            yield f"give kit, or exactly one of {', '.join(AMOUNTS)}{found}"
        if (self.solvent is None) != (self.solvent_percent_v_v is None):
            yield "give solvent and solvent_percent_v_v together"
        if self.dextran_molar_mass_kDa is not None and self.dextran_percent_w_v is None:
            yield "dextran_molar_mass_kDa: only with dextran_percent_w_v"
        if self.peg_molar_mass_kDa is not None and self.peg_percent_w_v is None and self.kit is None:
            yield "peg_molar_mass_kDa: only with peg_percent_w_v or a kit"
        yield from self._stock_problems()

    def _stock_problems(self) -> Iterator[str]:
        polymer, percent = self.polymer
        if polymer is None:
            if self.stock_percent_w_v is not None:
                yield "stock_percent_w_v: only with a polymer"
        elif self.kit is not None:
            if self.stock_percent_w_v is not None:
                yield "stock_percent_w_v: not with a kit, whose reagent has a volume of its own"
            elif percent > self.kit.most_percent * (1.0 + 1e-9):
                yield (
                    f"peg_percent_w_v = {percent:g}: {self.kit.reagent_per_sample:g} volumes of reagent of "
                    f"{self.kit.name!r} bring at most {self.kit.most_percent:g} % w/v, as a saturated stock"
                )
        elif percent >= self.stock:
            yield f"stock_percent_w_v = {self.stock:g}: must be above the {percent:g} % w/v of the mixture"

    @property
    def polymer(self) -> tuple[Polymer | None, float]:
        """What polymer the mixture holds, and how much of it [% w/v]."""
        if self.dextran_percent_w_v is not None:
            mass = self.dextran_molar_mass_kDa or USUAL_DEXTRAN_KDA
            return Polymer("dextran", to_si("molar_mass_kDa", mass)), self.dextran_percent_w_v
        percent = self.peg_percent_w_v
        if self.kit is None and percent is None:
            return None, 0.0
        usual = USUAL_KDA if self.kit is None else self.kit.peg_molar_mass_kDa
        if percent is None:
            assert self.kit is not None
            percent = self.kit.peg_percent_w_v
        return Polymer("PEG", to_si("molar_mass_kDa", self.peg_molar_mass_kDa or usual)), percent

    @property
    def stock(self) -> float:
        """Concentration of the polymer stock [% w/v]."""
        return USUAL_STOCK_PERCENT if self.stock_percent_w_v is None else self.stock_percent_w_v

    def mixed(self, sample: Sample) -> Mixture:
        """Return a sample with what is added to it.

        Parameters
        ----------
        sample : Sample
            At the temperature of the incubation.

        Returns
        -------
        Mixture
        """
        mixture, added, solvent_share = sample, 0.0, 0.0
        polymer, percent = self.polymer
        if polymer is not None and percent > 0:
            concentration, stock = to_si("peg_percent_w_v", percent), to_si("peg_percent_w_v", self.stock)
            if self.kit is not None:
                added = self.kit.poured_per_sample * sample.volume
                stock = concentration * (sample.volume + added) / added
            else:
                added = stock_volume(sample, polymer, concentration, stock)
            mixture = with_stock(sample, polymer, stock, added) if added > 0 else sample
        if self.solvent is not None and self.solvent_percent_v_v:
            solvent_share = to_si("solvent_percent_v_v", self.solvent_percent_v_v)
            mixture, added = with_solvent(mixture, Precipitant(self.solvent), solvent_share)
        for name, molar in ((AMMONIUM_SULFATE, self.ammonium_sulfate_M), (SODIUM_CHLORIDE, self.nacl_M)):
            if molar:
                salt = Precipitant(name)
                mixture = dissolved(mixture, salt, to_si("ammonium_sulfate_M", molar) * salt.molar_mass)
        return Mixture(
            sample=mixture,
            added=added,
            before=self._surroundings(sample),
            after=self._surroundings(mixture),
            brine=self._brine(mixture),
            solvent_share=solvent_share,
        )

    def _surroundings(self, sample: Sample) -> Surroundings:
        """Return what acts between particles of a sample."""
        polymer, concentration = held_polymer(sample.medium)
        return Surroundings(
            temperature=sample.medium.temperature,
            ionic_strength=ionic_strength(sample.medium),
            permittivity=mixed_permittivity(sample.medium),
            hamaker=to_si("hamaker_zJ", self.model.hamaker_zJ),
            hydration_pressure=to_si("hydration_pressure_MPa", self.model.hydration_pressure_MPa),
            hydration_length=to_si("hydration_length_nm", self.model.hydration_length_nm),
            polymer=polymer,
            concentration=concentration,
        )

    def _brine(self, sample: Sample) -> Brine:
        polymer, concentration = held_polymer(sample.medium)
        warmth = sample.medium.temperature
        return Brine(
            pH=self.pH,
            ionic_strength=ionic_strength(sample.medium),
            salting_out=dict(of_salts(sample.medium)).get(AMMONIUM_SULFATE, 0.0),
            inverse_permittivity=1.0 / mixed_permittivity(sample.medium) - 1.0 / permittivity("water", warmth),
            polymer=polymer,
            concentration=concentration,
        )
