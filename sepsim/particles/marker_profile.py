"""Marker profiles: which antigens stand together on the vesicles of one population, and in how many copies.

A population is a mixture of at most eight strata. In each the antigens are present or absent together, in copies that
grow with the area of a particle; vesicles without any marker are a stratum of their own. Antigens are therefore
correlated: what one antibody takes changes what is left for the next.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self

from sepsim.catalog import Catalog
from sepsim.data import rows
from sepsim.errors import InputError
from sepsim.settings import as_float, unknown_key
from sepsim.text.quoting import quoted

MOST_STRATA = 8
MOST_ANTIGENS = 100
MOST_COPIES = 1e5  # at 100 nm: a third of a square nanometre each, less than any lipid takes
REFERENCE_DIAMETER = 100e-9  # [m], of a particle that carries the copies of a profile
SHARE_TOLERANCE = 1e-5  # by which shares may miss 1, as thirds do that are written with six digits
OWN_NAME = "marker profile of the user"
FORM = (
    "a name of `sepsim list marker_profiles`, or a table such as "
    "{ strata = [{ share = 0.4, CD81 = 20, CD9 = 10 }, { share = 0.6 }] }"
)


@dataclass(frozen=True, slots=True)
class Stratum:
    """Particles of a population that carry the same antigens.

    Parameters
    ----------
    share : float [-]
        Of the particles.
    copies : tuple of float [-]
        Mean copies of each antigen on a particle of 100 nm, in an order that is told beside it.
    """

    share: float
    copies: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerProfile:
    """Antigens of a population as a mixture of strata.

    On a particle of diameter d stand n(d) = n (d / 100 nm)^2 copies.

    Parameters
    ----------
    name : str
    antigens : tuple of str
        What is known of: an antigen without a copy is known to be absent.
    mixture : tuple of Stratum
        At most eight, whose shares add up to 1; copies in the order of `antigens`.

    Notes
    -----
    Shares and copies of the catalogue are choices, named unverified; which antigens a population carries is read where
    its row says so.

    Examples
    --------
    >>> plasma = MARKER_PROFILES.get("plasma")
    >>> plasma.positive_share("CD81") < plasma.positive_share("CD63") < plasma.positive_share("CD9")
    True
    """

    name: str
    antigens: tuple[str, ...]
    mixture: tuple[Stratum, ...]

    def strata(self, antigens: Sequence[str]) -> tuple[Stratum, ...]:
        """Return the strata that some antigens tell apart; those that agree in all of them are one.

        Parameters
        ----------
        antigens : sequence of str
            One of which nothing is known has no copies.

        Returns
        -------
        tuple of Stratum
            Copies in the order of `antigens`, at 100 nm [-].

        Examples
        --------
        >>> mixture = [{"share": 0.3, "CD9": 5}, {"share": 0.2, "CD63": 8}, {"share": 0.5}]
        >>> MarkerProfile.from_table({"strata": mixture}).strata(["CD9"])
        (Stratum(share=0.3, copies=(5.0,)), Stratum(share=0.7, copies=(0.0,)))
        """
        shares: dict[tuple[float, ...], list[float]] = {}
        for stratum in self.mixture:
            copies = tuple(self._copies(stratum, antigen) for antigen in antigens)
            shares.setdefault(copies, []).append(stratum.share)
        return tuple(Stratum(math.fsum(parts), copies) for copies, parts in shares.items())

    def mean_copies(self, antigen: str) -> float:
        """Return the copies of an antigen on a particle of 100 nm, averaged over all strata [-].

        Examples
        --------
        >>> round(MARKER_PROFILES.get("cultured cells").mean_copies("CD81"), 6)
        10.0
        """
        return math.fsum(stratum.share * self._copies(stratum, antigen) for stratum in self.mixture)

    def positive_share(self, antigen: str) -> float:
        """Return the share of the particles that carry an antigen [-].

        Examples
        --------
        >>> round(MARKER_PROFILES.get("cultured cells").positive_share("CD9"), 6)
        0.55
        """
        return math.fsum(stratum.share for stratum in self.mixture if self._copies(stratum, antigen) > 0)

    def _copies(self, stratum: Stratum, antigen: str) -> float:
        return stratum.copies[self.antigens.index(antigen)] if antigen in self.antigens else 0.0

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Build a profile from a table: ``strata``, each with its ``share`` and the copies of each antigen.

        Parameters
        ----------
        table : mapping
            Of an antigen that a stratum does not name it has no copies.

        Returns
        -------
        MarkerProfile

        Raises
        ------
        InputError
            With every problem of the table.

        Examples
        --------
        >>> own = MarkerProfile.from_table({"strata": [{"share": 0.4, "CD81": 20, "CD9": 10}, {"share": 0.6}]})
        >>> own.antigens, own.mean_copies("CD81")
        (('CD81', 'CD9'), 8.0)
        """
        if not isinstance(table, Mapping):
            raise InputError(f"must be {FORM}")
        problems = [unknown_key(str(key), ("name", "strata")) for key in table if key not in ("name", "strata")]
        name = table.get("name", OWN_NAME)
        if not isinstance(name, str) or not name.strip():
            problems.append(f"name = {quoted(name)}: must be a text")
        listed = table.get("strata")
        if not isinstance(listed, (list, tuple)) or not 1 <= len(listed) <= MOST_STRATA:
            found = f"; {len(listed)} are given" if isinstance(listed, (list, tuple)) else ""
            raise InputError(*problems, f"strata: must be a list of at least 1 and at most {MOST_STRATA} tables{found}")
        read = [*map(_read, listed)]
        problems += [f"stratum {place}: {problem}" for place, (_, _, found) in enumerate(read, 1) for problem in found]
        total = math.fsum(share for share, _, _ in read)
        if not problems and abs(total - 1.0) > SHARE_TOLERANCE:
            problems.append(
                f"strata: their shares add up to {total:.6g}; must add up to 1, those without a marker included"
            )
        antigens = tuple(dict.fromkeys(antigen for _, copies, _ in read for antigen in copies))
        if len(antigens) > MOST_ANTIGENS:
            problems.append(f"strata: {len(antigens)} antigens; must be at most {MOST_ANTIGENS}")
        if problems:
            raise InputError(*problems)
        mixture = [
            Stratum(share / total, tuple(copies.get(each, 0.0) for each in antigens)) for share, copies, _ in read
        ]
        return cls(name=name, antigens=antigens, mixture=tuple(mixture))

    def to_table(self) -> dict[str, Any]:
        """Return the table from which `from_table` builds the same profile.

        Examples
        --------
        >>> MARKER_PROFILES.get("platelet").to_table()["strata"]
        [{'share': 1.0, 'CD9': 70.0, 'CD63': 2.0, 'CD41': 130.0, 'CD81': 0.0, 'CD45': 0.0}]
        """
        first = self.mixture[0]
        return {
            "name": self.name,
            "strata": [
                {"share": stratum.share}
                | {
                    antigen: copies
                    for antigen, copies in zip(self.antigens, stratum.copies, strict=True)
                    if copies > 0 or stratum is first
                }
                for stratum in self.mixture
            ],
        }


def _read(table: Any) -> tuple[float, dict[str, float], list[str]]:
    """Return the share of a stratum, its copies by antigen, and what is wrong with it."""
    if not isinstance(table, Mapping):
        return 0.0, {}, [f"{quoted(table)}: must be a table of its share and the copies of each antigen"]
    problems: list[str] = []
    share = as_float(table.get("share"))
    if "share" not in table:
        problems.append("share: missing; which share of the particles it is, above 0 and at most 1")
    elif share is None or not 0 < share <= 1:
        problems.append(f"share = {quoted(table['share'])}: must be a number above 0 and at most 1")
    copies: dict[str, float] = {}
    for key, value in table.items():
        if key == "share":
            continue
        number, antigen = as_float(value), antigen_name(str(key))
        if number is None or not 0 <= number <= MOST_COPIES:
            problems.append(f"{quoted(key)} = {quoted(value)}: copies must be at least 0 and at most {MOST_COPIES:g}")
        elif antigen in copies:
            problems.append(f"{quoted(key)}: given twice")
        else:
            copies[antigen] = number
    return share or 0.0, copies, problems


def antigen_name(written: str) -> str:
    """Return an antigen as the catalogue spells it, whatever its case, spaces and hyphens.

    What the catalogue has not stays as it is written, but for spaces around it.

    Examples
    --------
    >>> antigen_name("epcam"), antigen_name("PDL1"), antigen_name(" my antigen ")
    ('EpCAM', 'PD-L1', 'my antigen')
    """
    return _spellings().get(_letters(written), written.strip())


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


@cache
def _spellings() -> dict[str, str]:
    return {_letters(row["antigen"]): row["antigen"] for row in rows("marker_profile_antigens")}


def antigen_rows(profile: str) -> Iterator[dict[str, str]]:
    """Yield the lines of the antigens of a profile of the catalogue.

    Examples
    --------
    >>> [row["antigen"] for row in antigen_rows("AMSC") if row["copies"] == "0 0 0 0 0 0"]
    ['CD3', 'CD19', 'CD45']
    """
    return (row for row in rows("marker_profile_antigens") if row["marker_profile"] == profile)


def _from_row(row: dict[str, str]) -> MarkerProfile:
    copies = {line["antigen"]: [*map(float, line["copies"].split())] for line in antigen_rows(row["marker_profile"])}
    shares = [*map(float, row["shares"].split())]
    strata = [
        {"share": share} | {antigen: each[place] for antigen, each in copies.items()}
        for place, share in enumerate(shares)
    ]
    return replace(MarkerProfile.from_table({"strata": strata}), name=row["marker_profile"])


def _antigen_sources(profile: MarkerProfile) -> list[str]:
    """Return the bibliography keys behind the antigens of a profile of the catalogue; none for one of the user."""
    return [*_sources_of_antigens(profile, profile.antigens)]


def _sources_of_antigens(profile: MarkerProfile, antigens: Collection[str]) -> Iterator[str]:
    if MARKER_PROFILES.holds(profile):
        for row in antigen_rows(profile.name):
            if row["antigen"] in antigens:
                yield from row["source"].split()


MARKER_PROFILES = Catalog(kind="marker_profile", record=MarkerProfile, build=_from_row, part_sources=_antigen_sources)


def marker_sources(profile: MarkerProfile, antigens: Collection[str]) -> tuple[str, ...]:
    """Return the bibliography keys behind what a profile says of some antigens; none for a profile of the user.

    Examples
    --------
    >>> marker_sources(MARKER_PROFILES.get("plasma"), ["CD81"])
    ('karimi2022', 'sepsim_choice')
    """
    return tuple(dict.fromkeys(_sources_of_antigens(profile, antigens)))


def default_profile(population: str) -> MarkerProfile:
    """Return the profile of populations of a name, such as an exosome or a platelet; of a name of one's own: none.

    Examples
    --------
    >>> default_profile("exosome").name, default_profile("small vesicles").name
    ('cultured cells', 'none')
    """
    names = {row["population"]: row["marker_profile"] for row in rows("populations")}
    return MARKER_PROFILES.get(names.get(population) or "none")
