"""What users wrote, as messages and tables repeat it: in one line, shortened, and safe to print on a terminal."""

from __future__ import annotations

import unicodedata

LONGEST_QUOTED = 80  # characters of a name or of a value
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # categories of characters that are not drawn
_JOINERS = "\u200c\u200d"  # not drawn either, but part of words in Persian and in scripts of India


def escaped(text: str) -> str:
    r"""Return a text with escapes for what would move the cursor, colour a terminal or turn the direction of writing.

    Letters of all scripts and spaces stay as they are.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> print(escaped("größe 大小"), escaped("red \x1b[31m"))
    größe 大小 red \x1b[31m
    """
    if text.isprintable():
        return text
    return "".join(each.encode("unicode_escape").decode() if unseen(each) else each for each in text)


def unseen(character: str) -> bool:
    """Return whether a character is not drawn, but does something to what is around it.

    Parameters
    ----------
    character : str

    Returns
    -------
    bool

    Examples
    --------
    >>> unseen("\N{RIGHT-TO-LEFT OVERRIDE}"), unseen("ü"), unseen(" ")
    (True, False, False)
    """
    return unicodedata.category(character) in _UNSEEN and character not in _JOINERS


def brief(text: str, length: int = LONGEST_QUOTED) -> str:
    """Return a text in one line, with its middle left out where it is longer than so many characters.

    Parameters
    ----------
    text : str
    length : int

    Returns
    -------
    str

    Examples
    --------
    >>> brief("a name that goes on and on", 12), brief("urine")
    ('a name t… on', 'urine')
    """
    if len(text) > length:
        tail = length // 4
        text = f"{text[: length - 1 - tail]}…{text[-tail:]}"
    return escaped(text)


def quoted(value: object, length: int = LONGEST_QUOTED) -> str:
    """Return what a user wrote as messages repeat it: a text in quotes, anything long shortened.

    Parameters
    ----------
    value : object
    length : int
        Most characters of it.

    Returns
    -------
    str

    Examples
    --------
    >>> print(quoted("Zellkultur-Überstand"), quoted([1, "a"]), quoted(1 << 20_000))
    'Zellkultur-Überstand' [1, 'a'] what is too long to show
    """
    if not isinstance(value, str):
        try:
            return brief(repr(value), length)
        except (ValueError, RecursionError):  # Python writes neither numbers of so many digits nor tables so deep
            return "what is too long to show"
    text = brief(value, length)
    if "'" in text and '"' not in text:
        return f'"{text}"'
    return "'{}'".format(text.replace("'", "\\'"))
