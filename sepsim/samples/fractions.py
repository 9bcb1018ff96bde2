"""Which fractions of a step go on: one by its name, a range of numbered ones, or all within a window.

Techniques that collect from a gradient or a column hand out ``fraction 1`` to ``fraction N``, counted from the end at
which collection starts. Several of them are written as ``fractions 7-10``, by the density of the liquid as
``1.08-1.12 g/mL``, or by the volume from the start of fraction 1 as ``3.5-5 mL``, and are poured together.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sepsim.errors import InputError, collected_warnings, did_you_mean
from sepsim.samples.sample import Sample, pool
from sepsim.units import from_si, to_si

ROUND_OFF = 1e-9  # by which a density, or of all volume the border of a fraction, may miss a window's end
HOW_TO_WRITE = "write 'fraction 7', 'fractions 7-10', '1.08-1.12 g/mL' or '3.5-5 mL'"

_DASH = r"\s*[-\u2013\u2212]\s*"  # hyphen, en dash, minus
_WHOLE = "([0-9]{1,6})"
_DECIMAL = r"([0-9]+(?:\.[0-9]+)?)"
_NAME = re.compile("fraction ([1-9][0-9]*)")
_NUMBERS = re.compile(rf"fractions?\s+{_WHOLE}(?:{_DASH}{_WHOLE})?")
_WINDOW = re.compile(rf"{_DECIMAL}{_DASH}{_DECIMAL}\s*(g/mL|mL)")
_MEANT = re.compile(rf"fractions?\b.*|[0-9.,]+({_DASH}[0-9.,]+)?\s*(g/.*|mL)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NamedFraction:
    """A fraction by its name, such as ``pellet``.

    Parameters
    ----------
    name : str

    Examples
    --------
    >>> str(NamedFraction("pellet"))
    'pellet'
    """

    name: str

    def __str__(self) -> str:
        return self.name

    def choose(self, fractions: Mapping[str, Sample]) -> tuple[str, ...]:
        """Return the name, or raise InputError if no fraction has it."""
        if self.name not in fractions:
            raise InputError(f"there are {among(self.name, fractions)}")
        return (self.name,)


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbered fractions from a first to a last one, both included.

    Parameters
    ----------
    first, last : int
        From 1.

    Raises
    ------
    InputError
        If the first is below 1 or above the last.

    Examples
    --------
    >>> str(NumberRange(7, 10)), str(NumberRange(7, 7))
    ('fractions 7-10', 'fraction 7')
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        """Check the order."""
        if self.first < 1:
            raise InputError(f"fractions are counted from 1; {HOW_TO_WRITE}")
        if self.first > self.last:
            raise InputError(f"the first number is above the last; did you mean 'fractions {self.last}-{self.first}'?")

    def __str__(self) -> str:
        return f"fraction {self.first}" if self.first == self.last else f"fractions {self.first}-{self.last}"

    def choose(self, fractions: Mapping[str, Sample]) -> tuple[str, ...]:
        """Return the names in order, or raise InputError if the last is beyond the number there are."""
        if problem := self.beyond(len(_by_number(fractions))):
            raise InputError(problem)
        return tuple(f"fraction {index}" for index in range(self.first, self.last + 1))

    def beyond(self, count: int) -> str:
        """Return what is wrong if there are `count` numbered fractions, or an empty text."""
        if self.last <= count:
            return ""
        return f"the last fraction is 'fraction {count}'" if count else "no fraction has a number"


@dataclass(frozen=True, slots=True)
class DensityWindow:
    """Every numbered fraction whose liquid has a density within a window, ends included.

    The density is that of the fraction as it is handed out, at its temperature; fractions without a number, such as
    a pellet, are never meant.

    Parameters
    ----------
    lowest, highest : float [kg/m3]

    Raises
    ------
    InputError
        If the lowest density is above the highest.

    Examples
    --------
    >>> str(DensityWindow(1080.0, 1120.0))
    '1.08-1.12 g/mL'
    """

    lowest: float
    highest: float

    def __post_init__(self) -> None:
        """Check the order."""
        if self.lowest > self.highest:
            turned = DensityWindow(self.highest, self.lowest)
            raise InputError(f"the lower density is above the upper one; did you mean '{turned}'?")

    def __str__(self) -> str:
        return f"{_lab(self.lowest)}-{_lab(self.highest)} g/mL"

    def choose(self, fractions: Mapping[str, Sample]) -> tuple[str, ...]:
        """Return the names in order, or raise InputError with all densities if the window holds none."""
        densities = _densities(fractions)
        chosen = tuple(name for name, density in densities.items() if self._distance(density) <= ROUND_OFF * density)
        if not chosen:
            known = ", ".join(f"{name} {from_si('density_g_mL', value):.4f}" for name, value in densities.items())
            raise InputError(
                f"the window holds no fraction; densities [g/mL]: {known}" if known else "no fraction has a number"
            )
        return chosen

    def meets(self, lowest: float, highest: float) -> bool:
        """Return whether a range of densities [kg/m3] has some in common with the window."""
        return self.lowest <= highest and lowest <= self.highest

    def nearest(self, fractions: Mapping[str, Sample]) -> tuple[str, ...]:
        """Return the one numbered fraction that is nearest to the window; none if none has a number."""
        densities = _densities(fractions)
        return tuple(sorted(densities, key=lambda name: self._distance(densities[name]))[:1])

    def _distance(self, density: float) -> float:
        return max(self.lowest - density, density - self.highest, 0.0)


@dataclass(frozen=True, slots=True)
class VolumeWindow:
    """Every numbered fraction within a window of volume, whose ends are borders of fractions.

    Volume is counted from the start of fraction 1 and adds up over the numbered fractions as they are handed out. The
    window may end beyond the last of them by less than one fraction, since nothing is cut there.

    Parameters
    ----------
    start, end : float [m3]

    Raises
    ------
    InputError
        If the window does not end after its start.

    Examples
    --------
    >>> str(VolumeWindow(3.5e-6, 5e-6))
    '3.5-5 mL'
    """

    start: float
    end: float

    def __post_init__(self) -> None:
        """Check the order."""
        if self.start > self.end:
            turned = VolumeWindow(self.end, self.start)
            raise InputError(f"the first volume is above the last; did you mean '{turned}'?")
        if self.start == self.end:
            raise InputError(f"the window is empty; {HOW_TO_WRITE}")

    def __str__(self) -> str:
        return f"{_in_ml(self.start)}-{_in_ml(self.end)} mL"

    def choose(self, fractions: Mapping[str, Sample]) -> tuple[str, ...]:
        """Return the names in order, or raise InputError if the window cuts a fraction or holds none."""
        collected = _by_number(fractions)
        if not collected:
            raise InputError("no fraction has a number")
        borders = [0.0, *itertools.accumulate(sample.volume for sample in collected.values())]
        play = ROUND_OFF * borders[-1]
        widest = max(sample.volume for sample in collected.values())
        if self.start >= borders[-1] - play or self.end >= borders[-1] + widest - play:
            last = tuple(collected)[-1]
            raise InputError(f"the window ends beyond {last!r}, the last, which ends at {_in_ml(borders[-1])} mL")
        spans = dict(zip(collected, itertools.pairwise(borders), strict=True))
        ends = (self.start, self.end)
        cut = [name for name, (start, end) in spans.items() if any(start + play < at < end - play for at in ends)]
        if cut:
            raise InputError(
                f"it cuts {_and(shortened(cut))}; use {self._uncut(borders, play)}, or let fractions end there "
                "(chromatography: fraction_ends_mL)"
            )
        return tuple(
            name for name, (start, end) in spans.items() if start >= self.start - play and end <= self.end + play
        )

    def _uncut(self, borders: Sequence[float], play: float) -> str:
        """Return the nearest windows that cut nothing: around this one, and within it if a fraction lies there."""
        outer = (
            max(border for border in borders if border <= self.start + play),
            min((border for border in borders if border >= self.end - play), default=borders[-1]),
        )
        inner = (
            min(border for border in borders if border >= self.start - play),
            max(border for border in borders if border <= self.end + play),
        )
        return " or ".join(f"'{VolumeWindow(*ends)}'" for ends in (outer, inner) if ends[0] < ends[1])


Selection = NamedFraction | NumberRange | DensityWindow | VolumeWindow


def selection(text: str) -> Selection:
    """Return the fractions that a text means.

    Parameters
    ----------
    text : str
        ``fraction 7``, ``fractions 7-10``, ``1.08-1.12 g/mL``, ``3.5-5 mL``, or else the name of a fraction.

    Returns
    -------
    NamedFraction, NumberRange, DensityWindow or VolumeWindow

    Raises
    ------
    InputError
        If it is meant as numbers, densities or volumes, but is none.

    Examples
    --------
    >>> selection("fractions 7-10")
    NumberRange(first=7, last=10)
    >>> selection("1.08-1.12 g/mL").choose({})
    Traceback (most recent call last):
        ...
    sepsim.errors.InputError: no fraction has a number
    """
    if numbers := _NUMBERS.fullmatch(text):
        first, last = numbers.groups()
        return NumberRange(int(first), int(last or first))
    if window := _WINDOW.fullmatch(text):
        start, end, unit = window.groups()
        if unit == "mL":
            return VolumeWindow(to_si("volume_mL", float(start)), to_si("volume_mL", float(end)))
        return DensityWindow(to_si("density_g_mL", float(start)), to_si("density_g_mL", float(end)))
    if _MEANT.fullmatch(text):
        raise InputError(f"is no number, range or window of fractions; {HOW_TO_WRITE}")
    return NamedFraction(text)


def overlapping(one: Selection, other: Selection) -> bool:
    """Return whether two selections have a fraction in common whatever the fractions are.

    Parameters
    ----------
    one, other : NamedFraction, NumberRange, DensityWindow or VolumeWindow

    Returns
    -------
    bool
        False also where only the fractions will tell: a range and a window, windows of two kinds, or density windows
        neither of which holds the other.

    Examples
    --------
    >>> overlapping(selection("fractions 2-5"), selection("fraction 5"))
    True
    """
    if isinstance(one, NumberRange) and isinstance(other, NumberRange):
        return one.first <= other.last and other.first <= one.last
    if isinstance(one, DensityWindow) and isinstance(other, DensityWindow):
        outer = DensityWindow(min(one.lowest, other.lowest), max(one.highest, other.highest))
        return outer in (one, other)  # a window that holds nothing is an error of its own
    if isinstance(one, VolumeWindow) and isinstance(other, VolumeWindow):
        end = min(one.end, other.end)  # borders of fractions, or no window of these: what lies between is in both
        return end - max(one.start, other.start) > ROUND_OFF * end
    return one == other


def numbered(count: int) -> tuple[str, ...]:
    """Return the names of numbered fractions, counted from the end at which collection starts.

    Parameters
    ----------
    count : int

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> numbered(2)
    ('fraction 1', 'fraction 2')
    """
    return tuple(f"fraction {index}" for index in range(1, count + 1))


def is_numbered(name: str) -> bool:
    """Return whether a fraction has a number for a name.

    Examples
    --------
    >>> is_numbered("fraction 12"), is_numbered("pellet")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None


def shortened(names: Iterable[str]) -> tuple[str, ...]:
    """Return names with numbered neighbours drawn together.

    Parameters
    ----------
    names : iterable of str

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> shortened(["fraction 1", "fraction 2", "fraction 5", "pellet"])
    ('fractions 1-2', 'fraction 5', 'pellet')
    """
    drawn: list[Selection] = []
    for name in names:
        this = NumberRange(number, number) if (number := _number(name)) else NamedFraction(name)
        last = drawn[-1] if drawn else None
        if isinstance(last, NumberRange) and isinstance(this, NumberRange) and this.first == last.last + 1:
            drawn[-1] = NumberRange(last.first, this.last)
        else:
            drawn.append(this)
    return tuple(map(str, drawn))


def poured(samples: Sequence[Sample]) -> Sample:
    """Return samples of one run poured together; a single one as it is.

    Parameters
    ----------
    samples : sequence of Sample
        At least one.

    Returns
    -------
    Sample
    """
    return samples[0] if len(samples) == 1 else pool(samples)


def among(name: str, fractions: Iterable[str]) -> str:
    """Return the fractions that there are, and which of them a wrong name may mean.

    Parameters
    ----------
    name : str
    fractions : iterable of str

    Returns
    -------
    str

    Examples
    --------
    >>> among("pelet", ["fraction 1", "fraction 2", "pellet"])
    "'fractions 1-2', 'pellet'; did you mean 'pellet'?"
    """
    known = tuple(fractions)
    hint = did_you_mean(name, [item for item in known if not is_numbered(item)]) or "; choose one of them"
    return f"{', '.join(map(repr, shortened(known)))}{hint}"


def collector_problem(keep: str, count: int | None, named: Sequence[str]) -> str:
    """Return why a technique that hands out numbered fractions cannot hand on some of them, or an empty text.

    Parameters
    ----------
    keep : str
        What is to go on.
    count : int or None
        How many numbered ones there will be; None if only the run tells.
    named : sequence of str
        Fractions without a number.

    Returns
    -------
    str

    Examples
    --------
    >>> collector_problem("fractions 5-9", 8, ["pellet"])
    "the last fraction is 'fraction 8'"
    >>> collector_problem("fractions 5-9", None, ["pellet"])
    ''
    """
    try:
        wanted = selection(keep)
    except InputError as error:
        return str(error)
    if isinstance(wanted, NamedFraction) and wanted.name not in named:
        last = "..." if count is None else f"to 'fraction {count}'"
        windows = "density windows such as '1.08-1.12 g/mL', volume windows such as '3.5-5 mL'"
        return f"there are 'fraction 1' {last}, {windows}, and {among(keep, named)}"
    if isinstance(wanted, NumberRange) and count is not None:
        return wanted.beyond(count)
    return ""


def _number(name: str) -> int:
    """Return the number of a fraction, 0 if it has none."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else 0


def _by_number(fractions: Mapping[str, Sample]) -> dict[str, Sample]:
    """Return the numbered ones, in the order of their numbers."""
    return {name: fractions[name] for name in sorted(filter(is_numbered, fractions), key=_number)}


def _densities(fractions: Mapping[str, Sample]) -> dict[str, float]:
    """Return the density [kg/m3] of each numbered fraction, in order."""
    with collected_warnings():  # warnings about densities stand among those of the step
        return {name: sample.liquid.density for name, sample in _by_number(fractions).items()}


def _and(names: Sequence[str]) -> str:
    """Return names as a sentence lists them, 'fraction 8 and fraction 11' as 'fractions 8 and 11'."""
    return f"fractions {' and '.join(name.split()[-1] for name in names)}" if len(names) > 1 else names[0]


def _lab(density: float) -> str:
    return f"{from_si('density_g_mL', density):.10g}"


def _in_ml(volume: float) -> str:
    return f"{from_si('volume_mL', volume):.10g}"
