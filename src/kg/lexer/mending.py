"""What the engine reads otherwise than it is specified, written so that it reads it right."""

from __future__ import annotations

from collections.abc import Mapping

from kg.lexer.terminals import TERMINAL

_BOOLEANS = frozenset({"TRUE", "FALSE"})
_TO_MEND = _BOOLEANS | {"GROUP_CONCAT"}


def mended(text: str, normal: Mapping[str, str], found: set[str]) -> str:
    """The text as the engine is to read it; most texts stay as they are.

    `TRUE` is `true` (SPARQL 1.1 §19.8, note 1), and GROUP_CONCAT gives a simple literal (§18.5.1.7) where the engine
    keeps the language that all of its members have.
    """
    if found.isdisjoint(_TO_MEND):
        return text
    parts: list[str] = []
    end = depth = 0
    closing: list[int] = []  # depths at which a GROUP_CONCAT ends
    awaits = False  # its opening bracket
    for match in TERMINAL.finditer(text):
        one = match[1]
        word = normal.get(one)
        if word in _BOOLEANS:
            parts += [text[end : match.start(1)], one.lower()]
            end = match.end(1)
        elif word == "GROUP_CONCAT":
            parts += [text[end : match.start(1)], "STR(", one]
            end, awaits = match.end(1), True
        elif one == "(":
            if awaits:
                closing.append(depth)
            depth, awaits = depth + 1, False
        elif one == ")":
            depth -= 1
            if closing and closing[-1] == depth:
                closing.pop()
                parts += [text[end : match.end(1)], ")"]
                end = match.end(1)
    return "".join([*parts, text[end:]])
