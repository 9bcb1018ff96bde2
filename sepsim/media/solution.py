"""A solution as it is written on a bottle, so much of a solute over a diluent, and the look-up of any fluid.

The two stand together because they call one another: a diluent is any fluid, and a fluid may be a solution.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

import numpy as np

from sepsim.errors import InputError, collected_warnings, did_you_mean
from sepsim.media.amounts import AMOUNTS, density_quoted_at
from sepsim.media.blend import Blend
from sepsim.media.catalog import FluidRecord, fluids
from sepsim.media.fluid import ConstantFluid, Dissolved, Fluid, Shares, Water, composition
from sepsim.media.iodixanol import Iodixanol
from sepsim.media.polymer import Polymer
from sepsim.media.precipitant import AMMONIUM_SULFATE, Precipitant
from sepsim.media.salt import SALTS, Salt
from sepsim.media.solute import Solute
from sepsim.media.sucrose import Sucrose
from sepsim.media.tabulated import TabulatedSolute
from sepsim.settings import Named, Settings, Tabled, declared, number, part, record, settings, text
from sepsim.text.quoting import brief, quoted
from sepsim.text.tables import rounded_down, rounded_up
from sepsim.units import from_si, to_si

MOST = 1e5  # kg/m3 or mol/m3; no solution holds as much
SOLUTE_WORDS = {  # how the key of an amount may begin
    "iodixanol": "iodixanol",
    "optiprep": "iodixanol",
    "sucrose": "sucrose",
    "cscl": "cscl",
    "kbr": "kbr",
    "nabr": "nabr",
    "ammonium": "ammonium_sulfate",
    "peg": "peg",
    "dextran": "dextran",
    "solute": "solute",
}
SALT_OF_KEY: Mapping[str, Solute] = {
    **{name.lower(): Salt(name) for name in SALTS},
    "ammonium": Precipitant(AMMONIUM_SULFATE),
}
USUAL_POLYMER_KDA = {"peg": 6.0, "dextran": 40.0}
FLUID_FORMS = (
    "a name from `sepsim list media`, or { density_g_mL, viscosity_mPa_s }, or a solution such as "
    '{ iodixanol_percent_w_v = 30, diluent = "PBS" } or { sucrose_percent_w_w = 30 }'
)
TABLE_EXAMPLE = (
    '{ name = "Nycodenz", percent_w_v = [..], density_g_mL = [..], viscosity_mPa_s = [..], molar_mass_kDa = 0.82, '
    "stokes_radius_nm = 0.6 }"
)


@settings
class Solution(Settings):
    """One solute over a diluent, as a fluid.

    Give exactly one amount. "% w/v" and mol/L are per volume of the final solution at `prepared_at_C`; what stays
    constant with temperature is the mass of solute per mass of solvent.

    Iodixanol is added as the stock of 60 % w/v in water: the diluent makes up 1 - c / 60 of the volume, its own salts
    and solutes are diluted by that, and water of the stock comes in. All other solutes are dissolved as solids: the
    diluent fills what their apparent volume leaves.

    Parameters
    ----------
    iodixanol_percent_w_v : float [% w/v]
        Grams of iodixanol in 100 mL, at most 60; or instead
    sucrose_percent_w_w : float [% w/w]
        Grams of sucrose in 100 g, at most 75; or
    sucrose_percent_w_v : float [% w/v]
        Grams of sucrose in 100 mL; or
    sucrose_M : float [mol/L]
        Moles of sucrose in 1 L; or
    cscl_percent_w_w : float [% w/w]
        Grams of CsCl in 100 g; or
    cscl_M : float [mol/L]
        Moles of CsCl in 1 L; or
    cscl_g_mL : float [g/mL]
        Density of the CsCl solution at 25 degC; or
    kbr_percent_w_w, nabr_percent_w_w : float [% w/w]
        Grams of KBr, or of NaBr, in 100 g; or
    kbr_M, nabr_M : float [mol/L]
        Moles of it in 1 L; or
    kbr_g_mL, nabr_g_mL : float [g/mL]
        Density of its solution at `prepared_at_C`; or
    ammonium_sulfate_percent_w_v : float [% w/v]
        Grams of it in 100 mL; or
    ammonium_sulfate_M : float [mol/L]
        Moles of it in 1 L; or
    peg_percent_w_v : float [% w/v]
        Grams of polyethylene glycol in 100 mL, of
    peg_molar_mass_kDa : float [kDa]
        0.4-35; default 6; or
    dextran_percent_w_v : float [% w/v]
        Grams of dextran in 100 mL, of
    dextran_molar_mass_kDa : float [kDa]
        1-500; default 40; or
    solute : TabulatedSolute or mapping
        A solute of the user, with
    solute_percent_w_v : float [% w/v]
    diluent : str, mapping or Fluid
        What it is dissolved in or diluted with; may itself be a solution of another solute. Default water.
    prepared_at_C : float [degC]
        At which the volume was measured, 0-40; default 20.
    viscosity_factor : float [-]
        Of `Iodixanol`, for studies of uncertainty; default 1.
    name : str
        Default: what it consists of.

    Raises
    ------
    InputError
        If there is no amount or more than one, or it exceeds the solubility.

    Examples
    --------
    >>> layer = Solution(iodixanol_percent_w_v=20, diluent="0.25 M sucrose buffer")
    >>> layer.name, round(layer.density(293.15))
    ('20 % w/v iodixanol in 0.25 M sucrose buffer', 1127)
    >>> round(Solution(sucrose_percent_w_w=30).density(293.15), 1)
    1126.8
    """

    iodixanol_percent_w_v: float | None = number(
        default=None, minimum=0, maximum=60, help="grams of iodixanol in 100 mL of solution"
    )
    sucrose_percent_w_w: float | None = number(
        default=None, minimum=0, maximum=75, help="grams of sucrose in 100 g of solution"
    )
    sucrose_percent_w_v: float | None = number(default=None, minimum=0, help="grams of sucrose in 100 mL of solution")
    sucrose_M: float | None = number(default=None, minimum=0, help="moles of sucrose in 1 L of solution")
    cscl_percent_w_w: float | None = number(
        default=None, minimum=0, maximum=90, help="grams of CsCl in 100 g of solution"
    )
    cscl_M: float | None = number(default=None, minimum=0, help="moles of CsCl in 1 L of solution")
    cscl_g_mL: float | None = number(default=None, above=0, maximum=5, help="density of the CsCl solution at 25 degC")
    kbr_percent_w_w: float | None = number(
        default=None, minimum=0, maximum=90, help="grams of KBr in 100 g of solution"
    )
    kbr_M: float | None = number(default=None, minimum=0, help="moles of KBr in 1 L of solution")
    kbr_g_mL: float | None = number(default=None, above=0, maximum=5, help="density of the KBr solution as prepared")
    nabr_percent_w_w: float | None = number(
        default=None, minimum=0, maximum=90, help="grams of NaBr in 100 g of solution"
    )
    nabr_M: float | None = number(default=None, minimum=0, help="moles of NaBr in 1 L of solution")
    nabr_g_mL: float | None = number(default=None, above=0, maximum=5, help="density of the NaBr solution as prepared")
    ammonium_sulfate_percent_w_v: float | None = number(
        default=None, minimum=0, help="grams of ammonium sulfate in 100 mL of solution"
    )
    ammonium_sulfate_M: float | None = number(
        default=None, minimum=0, help="moles of ammonium sulfate in 1 L of solution"
    )
    peg_percent_w_v: float | None = number(
        default=None, minimum=0, help="grams of polyethylene glycol in 100 mL of solution"
    )
    peg_molar_mass_kDa: float | None = number(
        default=None, minimum=0.4, maximum=35, help="molar mass of the polyethylene glycol; left out: 6"
    )
    dextran_percent_w_v: float | None = number(default=None, minimum=0, help="grams of dextran in 100 mL of solution")
    dextran_molar_mass_kDa: float | None = number(
        default=None, minimum=1, maximum=500, help="molar mass of the dextran; left out: 40"
    )
    solute: Tabled[TabulatedSolute | None] = record(
        TabulatedSolute,
        default=None,
        example=TABLE_EXAMPLE,
        help="a solute of your own, as a table of its solutions in water",
    )
    solute_percent_w_v: float | None = number(
        default=None, minimum=0, help="grams of that solute in 100 mL of solution"
    )
    diluent: Named[Fluid] = part(
        default=Water(),
        accept=lambda value: fluid(value),
        dump=lambda value: describe(value),
        allowed='a name from `sepsim list media`, or a table such as { sucrose_M = 0.25, diluent = "Tris buffer" }',
        help="what it is dissolved in",
    )
    prepared_at_C: float = number(
        default=20.0, minimum=0, maximum=40, help="temperature at which the volume was measured"
    )
    viscosity_factor: float = number(
        default=1.0, above=0, maximum=3, help="multiplies ln(relative viscosity) of iodixanol"
    )
    name: str = text(default=None, help="what the solution is called")

    def __post_init__(self) -> None:
        """Check the settings and name the solution."""
        Settings.__post_init__(self)
        if not self.name:
            object.__setattr__(self, "name", self._readable)

    def conflicts(self) -> list[str]:
        """Exactly one amount, of a solute that the diluent does not hold, up to its solubility."""
        amount = self.found(self._amount_problems)
        return amount or self.found(self._factor_problems, self._polymer_problems, self._solute_problems)

    def _amount_problems(self) -> Iterator[str]:
        given = [key for key in AMOUNTS if getattr(self, key) is not None]
        if (self.solute is None) != (self.solute_percent_w_v is None):
            yield "give solute and solute_percent_w_v together: the table of the solute, and how much of it"
        elif len(given) != 1:
            found = f"; got {' and '.join(given)}" if given else ""
            yield f"give exactly one of {', '.join(AMOUNTS)}{found}"

    def _factor_problems(self) -> Iterator[str]:
        if self.viscosity_factor != 1.0 and self.iodixanol_percent_w_v is None:
            yield "viscosity_factor: only with iodixanol_percent_w_v"

    def _polymer_problems(self) -> Iterator[str]:
        for polymer in USUAL_POLYMER_KDA:
            mass, amount = f"{polymer}_molar_mass_kDa", f"{polymer}_percent_w_v"
            if getattr(self, mass) is not None and getattr(self, amount) is None:
                yield f"{mass}: only with {amount}"

    def _solute_problems(self) -> Iterator[str]:
        held = [solute for solute, _ in composition(self.diluent, self._prepared_at)[1]]
        if any(type(solute) is type(self.main) and solute.name == self.main.name for solute in held):
            yield (
                f"diluent {quoted(self.diluent.name)} holds {brief(self.main.name)} already; give the total "
                f"{self._key} over a diluent without it"
            )
        elif self._of_density and self._least_density > to_si(self._key, getattr(self, self._key)):
            least = rounded_up(from_si(self._key, self._least_density))
            yield f"{self._key} = {getattr(self, self._key):g}: must be at least that of its diluent, {least}"
        else:
            yield from self._limit_problems(self._key)

    @property
    def main(self) -> Solute:
        """The solute that is added to the diluent."""
        if self.solute is not None:
            return self.solute
        if self.iodixanol_percent_w_v is not None:
            return Iodixanol(viscosity_factor=self.viscosity_factor)
        word = self._key.partition("_")[0]
        if word in USUAL_POLYMER_KDA:
            mass = getattr(self, f"{word}_molar_mass_kDa") or USUAL_POLYMER_KDA[word]
            return Polymer("PEG" if word == "peg" else word, to_si("molar_mass_kDa", mass))
        return SALT_OF_KEY.get(word) or Sucrose()

    def composition(self, temperature: float) -> tuple[Shares, Dissolved]:
        """Return the volume shares of the solvent and the concentrations [kg/m3] at a temperature [K]."""
        return _composition(self, temperature)

    def density(self, temperature: float) -> float:
        """Return the density [kg/m3] at a temperature [K]."""
        return float(self._blended(temperature, "density"))

    def viscosity(self, temperature: float) -> float:
        """Return the viscosity [Pa s] at a temperature [K]."""
        return float(self._blended(temperature, "viscosity"))

    @property
    def osmolality(self) -> float:
        """Osmolality [osm/kg]."""
        return float(self._blended(self._prepared_at, "osmolality"))

    @property
    def refractive_index(self) -> float:
        """Refractive index at 20 degC, sodium D line [-]; nan if that of a part is unknown."""
        return float(self._blended(self._prepared_at, "refractive_index"))

    def interdiffusion(self, temperature: float) -> float:
        """Return how fast what distinguishes its diluent from water spreads [m2/s] at a temperature [K]."""
        return self.diluent.interdiffusion(temperature)

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography."""
        return tuple(dict.fromkeys([*self.main.sources, *self.diluent.sources]))

    def to_table(self) -> dict[str, Any]:
        """Return the solution as a table of lab values; a name that only repeats it is left out."""
        return self._without_derived_name(Settings.to_table(self))

    def given(self) -> dict[str, Any]:
        """Return the table without what is left at its default, such as a name that only repeats it."""
        return self._without_derived_name(Settings.given(self))

    def _without_derived_name(self, table: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in table.items() if key != "name" or value != self._readable}

    @property
    def _key(self) -> str:
        return next(key for key in AMOUNTS if getattr(self, key) is not None)

    @property
    def _prepared_at(self) -> float:
        return to_si("prepared_at_C", self.prepared_at_C)

    @property
    def amount(self) -> str:
        """How much of which solute it holds, in words."""
        return f"{getattr(self, self._key):g} {AMOUNTS[self._key][1]} {self.main.name}"

    @property
    def _readable(self) -> str:
        return f"{self.amount} in {self.diluent.name}"

    def _blended(self, temperature: float, quantity: str) -> Any:
        shares, solutes = self.composition(temperature)
        blend = Blend(tuple(fluid for fluid, _ in shares), tuple(solute for solute, _ in solutes), temperature)
        amounts = (np.array([amount for _, amount in parts], dtype=np.float64) for parts in (shares, solutes))
        return getattr(blend, quantity)(*amounts)

    @property
    def _of_density(self) -> bool:
        """Whether the amount is given as the density of the solution."""
        return self._key.endswith("_g_mL")

    @property
    def _least_density(self) -> float:
        """Density of the diluent where that of the solution is quoted [kg/m3]."""
        return self.diluent.density(density_quoted_at(self._key, self._prepared_at))

    def _limit_problems(self, key: str) -> Iterator[str]:
        convert = AMOUNTS[key][0]
        value, main, temperature = to_si(key, getattr(self, key)), self.main, self._prepared_at
        highest = main.highest_concentration(temperature) * (1.0 + 1e-6)
        if convert(value, main, self.diluent, temperature) <= highest:
            return
        least = self._least_density if self._of_density else 0.0
        low, high = least, min(value, MOST)
        for _ in range(60):  # bisection: the largest amount that dissolves
            middle = 0.5 * (low + high)
            dissolves = convert(middle, main, self.diluent, temperature) <= highest
            low, high = (middle, high) if dissolves else (low, middle)
        given, most = f"{key} = {getattr(self, key):g}", rounded_down(low / to_si(key, 1.0))
        if least > 0 and low <= least * (1.0 + 1e-6):
            others = key.replace("g_mL", "percent_w_w"), key.replace("g_mL", "M")
            yield f"{given}: {main.name} makes a diluent of {most} g/mL no denser; give {' or '.join(others)}"
        else:
            yield (
                f"{given}: at most {most} at {self.prepared_at_C:g} degC, where the solubility of {brief(main.name)} "
                "or the data on it end"
            )


@lru_cache(maxsize=256)
def _composition(solution: Solution, temperature: float) -> tuple[Shares, Dissolved]:
    prepared = solution._prepared_at
    key, main, diluent = solution._key, solution.main, solution.diluent
    c = AMOUNTS[key][0](to_si(key, getattr(solution, key)), main, diluent, prepared)
    shares, solutes = composition(diluent, prepared)
    if isinstance(main, Iodixanol):
        stock = c / main.highest_concentration(prepared)
        kept = 1.0 - stock
        shares = _with_water_of_stock(shares, solutes, stock, main, prepared)
    else:
        kept = 1.0 - float(main.volume(c, prepared))
    dissolved = {solute: kept * held for solute, held in solutes} | {main: c}
    fluids, kinds = tuple(fluid for fluid, _ in shares), tuple(dissolved)
    volumes = np.array([share for _, share in shares])
    with collected_warnings():  # a cache would tell only once; whoever reads a property of the mixture is told
        ratios = Blend(fluids, kinds, prepared).mass_ratios(volumes, np.array([*dissolved.values()]))
        found = Blend(fluids, kinds, temperature).concentrations(volumes, ratios)
    return shares, tuple((solute, float(value)) for solute, value in zip(kinds, found, strict=True) if value > 0.0)


def _with_water_of_stock(
    shares: Shares, solutes: Dissolved, stock: float, main: Iodixanol, temperature: float
) -> Shares:
    taken = sum(float(solute.volume(c, temperature)) for solute, c in solutes)
    water = stock * (1.0 - float(main.volume(main.highest_concentration(temperature), temperature)))
    solvent = (1.0 - stock) * (1.0 - taken)
    volumes = {fluid: share * solvent for fluid, share in shares}
    volumes[Water()] = volumes.get(Water(), 0.0) + water
    total = sum(volumes.values())
    return tuple((fluid, volume / total) for fluid, volume in volumes.items() if volume > 0.0)


def fluid(value: str | Mapping[str, Any] | Fluid) -> Fluid:
    """Return the fluid that a name, a table or a fluid stands for.

    Parameters
    ----------
    value : str, mapping or Fluid
        A name of `fluid_names`, in any case; or a table of `density_g_mL`, `viscosity_mPa_s` and optionally
        `name` and `osmolality_mOsm_kg`; or a table of `Solution`, such as one of `iodixanol_percent_w_v` and
        `diluent`; or a fluid.

    Returns
    -------
    Fluid

    Raises
    ------
    InputError
        If the name is unknown (with the nearest names) or the table is not sound.

    Examples
    --------
    >>> fluid("pbs").name
    'PBS'
    >>> fluid({"density_g_mL": 1.00, "viscosity_mPa_s": 1.55}).density(277.15)
    1000.0
    >>> fluid({"iodixanol_percent_w_v": 30, "diluent": "PBS"}).name
    '30 % w/v iodixanol in PBS'
    """
    if isinstance(value, str):
        return _named(value)
    if isinstance(value, Mapping):
        return _solution(value) if any(map(_of_a_solution, value)) else ConstantFluid.from_table(value)
    if isinstance(value, Fluid):
        return value
    raise InputError(f"medium = {quoted(value)}: must be a name, a table or a fluid")


def fluid_names() -> tuple[str, ...]:
    """Return the names of the catalogue, in its order.

    Examples
    --------
    >>> fluid_names()[:2]
    ('water', 'PBS')
    """
    return tuple(_catalogue())


def fluid_records() -> tuple[FluidRecord, ...]:
    """Return every fluid of the catalogue with its description and confidence.

    Examples
    --------
    >>> fluid_records()[1].confidence
    'computed'
    """
    return tuple(_catalogue().values())


def describe(value: Fluid) -> str | dict[str, Any]:
    """Return the name or the table from which `fluid` builds the same fluid again.

    Parameters
    ----------
    value : Fluid

    Returns
    -------
    str or dict
        A name if the catalogue holds an equal fluid, else a table of lab values.

    Raises
    ------
    InputError
        If the fluid is neither in the catalogue nor one that can be written as a table.

    Examples
    --------
    >>> describe(fluid("pbs"))
    'PBS'
    """
    record = _catalogue().get(value.name)
    if record is not None and record.fluid == value:
        return value.name
    if isinstance(value, (ConstantFluid, Solution)):
        return value.to_table()
    raise InputError(f"medium {quoted(value.name)}: not in the catalogue, and cannot be written as a table")


def in_words(value: Fluid) -> str:
    """Return what a sentence calls a fluid: its name, and of one that is not in the catalogue what it consists of.

    Parameters
    ----------
    value : Fluid

    Returns
    -------
    str

    Examples
    --------
    >>> in_words(fluid("pbs")), in_words(fluid({"density_g_mL": 1.04, "viscosity_mPa_s": 1.1}))
    ('PBS', 'a fluid of 1.04 g/mL and 1.1 mPa s')
    >>> in_words(fluid({"name": "cushion", "sucrose_M": 1, "diluent": "PBS"}))
    'cushion (1 M sucrose in PBS)'
    """
    record = _catalogue().get(value.name)
    listed = record is not None and record.fluid == value
    if listed or not isinstance(value, (ConstantFluid, Solution)):
        return value.name
    named = "name" in value.given()
    if isinstance(value, Solution):
        consists = f"{value.amount} in {in_words(value.diluent)}"
        return f"{value.name} ({consists})" if named else consists
    weighs = f"{value.density_g_mL:g} g/mL and {value.viscosity_mPa_s:g} mPa s"
    return f"{value.name} ({weighs})" if named else f"a fluid of {weighs}"


@cache
def _catalogue() -> Mapping[str, FluidRecord]:
    water = Water()
    return fluids(water, Solution(sucrose_M=0.25, diluent=water, name="0.25 M sucrose buffer"))


def _of_a_solution(key: Any) -> bool:
    return key == "diluent" or (isinstance(key, str) and key.partition("_")[0].casefold() in SOLUTE_WORDS)


def _solution(table: Mapping[str, Any]) -> Solution:
    known = declared(Solution)
    unclear = [key for key in table if key not in known and _of_a_solution(key)]
    if not unclear:
        return Solution.from_table(table)
    draft = Solution.draft({key: value for key, value in table.items() if key not in unclear}, AMOUNTS)
    raise InputError(
        *(f"{brief(key)}: which measure? Write {' or '.join(_measures(key))}" for key in unclear), *draft.problems
    )


def _measures(key: str) -> list[str]:
    solute = SOLUTE_WORDS[key.partition("_")[0].casefold()]
    known = declared(Solution)
    return [f"{name} ({known[name].help})" for name in AMOUNTS if name.startswith(solute)]


def _named(name: str) -> Fluid:
    by_folded = {known.casefold(): record.fluid for known, record in _catalogue().items()}
    found = by_folded.get(name.strip().casefold())
    if found is None:
        if (solute := name.strip().casefold()) in SOLUTE_WORDS:
            raise InputError(
                f"medium = {quoted(name)}: how much of it? Write a table with {' or '.join(_measures(solute))}"
            )
        hint = did_you_mean(name, fluid_names())
        raise InputError(f"medium = {quoted(name)}: unknown{hint}; known: {', '.join(fluid_names())}")
    return found
