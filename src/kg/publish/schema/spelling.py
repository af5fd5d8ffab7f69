"""Names and texts as regular expressions of a schema: every spelling that the loader takes for one matches.

The loader tells names by `kg.text.fold`; texts are read without the spaces around them, and some in small letters. A
regular expression says the same of texts in the letters, digits and signs that people type (`_PLAIN`). Of a text with
any other sign nothing is said: it matches whatever it means, for a false alarm is worse than none.

The expressions mean the same in ECMA-262, with the flag `u` and without, and in Python (JSON Schema draft-07 §4.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from kg.text import fold, mend

_QUOTES: Final = "\"'`„“”«»‚‘’"
_DASHES: Final = "‐‑‒–—−"
_PLAIN: Final = r" -~Ѐ-ӿ"
_SPECIAL: Final = frozenset(r"\^$.|?*+()[]{}")
_LETTERS: Final = [chr(code) for code in (*range(0x41, 0x5B), *range(0x61, 0x7B), *range(0x400, 0x500))]
_TOKENS: Final = re.compile(r"\\.|\(\?P<\w+>|\(\?[:=!]|\{\d+(?:,\d*)?\}|\[(?:\\.|[^\]\\])+\]|.", re.DOTALL)
_SMALL: Final = re.compile(r"[^\W\d_]-[^\W\d_]|[^\W\d_]")

STRANGE: Final = f"[^{_PLAIN}{_QUOTES}{_DASHES}]"
"""A sign that texts are not judged by."""
UNSURE: Final = f"[^ !#-&(-_a-~Ѐ-ӿ{_DASHES}]"
"""The same in names: quotation marks may stand anywhere in them, so a name with one is not judged."""
BLANK: Final = r"^[\s\x1c-\x1f\x85]*$"
"""No text: a field that is left empty."""


def sure(words: Iterable[str]) -> str:
    """Matches every spelling of these folded names in signs that names are judged by, and nothing else."""
    return f"^ *(?:{'|'.join(_spelled(word) for word in sorted(words))}) *$"


def named(words: Iterable[str]) -> str:
    """Matches every spelling of these folded names, and what is not judged."""
    return f"{sure(words)}|{UNSURE}"


def headed(words: Iterable[str]) -> str:
    """The same of names that a heading may go on with, behind a point; what follows there is not judged."""
    spelled = "|".join(_spelled(word) for word in sorted(words))
    return f"{named(words)}|^ *(?:{spelled}) *\\."


def code(words: Iterable[str], addresses: Iterable[str]) -> str:
    """The same of codes, which may be written as their addresses, too, or left out."""
    exact = "|".join(map(_literally, addresses))
    return f"{BLANK}|^(?:{exact})$|{named(words)}" if exact else f"{BLANK}|{named(words)}"


def written(pattern: str, *, folded: bool = False) -> str:
    """Matches texts of this form with any spaces around them; with `folded`, the form is of small letters."""
    return f"{BLANK}|^\\s*(?:{any_case(pattern) if folded else pattern})\\s*$|{STRANGE}"


def found(pattern: str) -> str:
    """Matches texts in which a shape's pattern is found (SHACL §4.4.3), whatever spaces are around them."""
    head, tail = ("^" if pattern.startswith("^") else ""), ("$" if pattern.endswith("$") else "")
    inner = pattern.removeprefix("^").removesuffix("$")
    if head and tail and "|" not in _outside(inner):
        return f"{BLANK}|^\\s*(?:{inner})\\s*$|{STRANGE}"
    if head and "|" not in _outside(inner):
        return f"{BLANK}|^\\s*(?:{inner})|{STRANGE}"
    return f"{BLANK}|{pattern}|^\\s|\\s$|{STRANGE}"


def digits(pattern: str) -> int | None:
    """How many digits a number may have to fit a pattern that only digits fit; None where others do."""
    other = re.sub(r"\[0-9\]|\\d|\{\d+(?:,\d*)?\}|[()?+*:0-9]", "", pattern)
    if other != "^$":
        return None
    fitting = [length for length in range(1, 33) if any(re.search(pattern, digit * length) for digit in "0123456789")]
    return max(fitting, default=None)


@cache
def _spelled(word: str) -> str:
    """Every spelling of one folded name."""
    parts = {" ": " +", "-": f"[-{_DASHES}]+"}
    return "".join(parts.get(letter) or _letter(letter) for letter in word)


@cache
def _letter(letter: str) -> str:
    """The letters that are this one when folded: capitals, and Latin ones that look like a Cyrillic one."""
    alike = [
        one for one in _LETTERS if fold(one) == letter or (len(mend(f"б{one}")) == 2 and fold(f"б{one}")[1:] == letter)
    ]
    return f"[{''.join(alike)}]" if len(alike) > 1 else _literally(letter)


def _literally(text: str) -> str:
    return "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in text)


def any_case(pattern: str) -> str:
    """A regular expression of small letters that matches capitals, too; groups have no names."""
    return "".join(map(_piece, _TOKENS.findall(pattern)))


def _piece(piece: str) -> str:
    if piece.startswith("(?P<"):
        return "(?:"
    if len(piece) == 1 and piece.upper() != piece:
        return f"[{piece}{piece.upper()}]"
    if piece.startswith("[") and "\\" not in piece:
        capitals = "".join(one.upper() for one in _SMALL.findall(piece) if one.upper() != one)
        return f"[{capitals}{piece[1:]}"
    return piece


def _outside(pattern: str) -> str:
    """What of a pattern stands in no group and no class."""
    depth, outside = 0, ""
    for part in _TOKENS.findall(pattern):
        depth += part.startswith("(") - (part == ")")
        outside += part if depth == 0 and not part.startswith("[") else ""
    return outside
