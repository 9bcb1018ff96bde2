"""How a sentence writes numbers, times and lists: settings as they were given, derived numbers rounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LONGEST_MIN = 120.0  # from here on a time is written in hours


def as_given(value: float) -> str:
    """Return a number as it was given, with thousands separated.

    Examples
    --------
    >>> as_given(100_000.0), as_given(0.25)
    ('100,000', '0.25')
    """
    return f"{value:,.10g}"


def rounded(value: float) -> str:
    """Return a derived number: whole from 100 on, below by its first three figures.

    Examples
    --------
    >>> rounded(35_780.6), rounded(8.4567)
    ('35,781', '8.46')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def time_in_words(minutes: float) -> str:
    """Return a time as it was given, in hours and minutes from two hours on.

    Parameters
    ----------
    minutes : float [min]

    Returns
    -------
    str

    Examples
    --------
    >>> time_in_words(70), time_in_words(1080), time_in_words(125)
    ('70 min', '18 h', '2 h 5 min')
    """
    if minutes < LONGEST_MIN:
        return f"{as_given(minutes)} min"
    hours, rest = divmod(round(minutes, 6), 60.0)
    return f"{as_given(hours)} h {as_given(rest)} min" if rest else f"{as_given(hours)} h"


def at_temperature(temperature_C: float | None) -> str:
    """Return at which temperature, after a space; nothing if there is none.

    Parameters
    ----------
    temperature_C : float or None [degC]

    Returns
    -------
    str

    Examples
    --------
    >>> at_temperature(4.0), at_temperature(None)
    (' at 4 °C', '')
    """
    return "" if temperature_C is None else f" at {as_given(temperature_C)} °C"


def listed(items: Sequence[str]) -> str:
    """Return items as a sentence lists them.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def sentences(texts: Iterable[str]) -> str:
    """Return texts as sentences, each with a capital and a full stop; empty ones are left out.

    Examples
    --------
    >>> sentences(["the sample was spun", "", "the pellet was kept"])
    'The sample was spun. The pellet was kept.'
    """
    return " ".join(f"{text[0].upper()}{text[1:]}." for text in texts if text)
