"""The terminals of SPARQL 1.1 §19.8, told apart by one regular expression."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# The engine reads one run of dots inside a local name, where the grammar has many: what stands behind a second one
# must not be hidden in the name.
# PN_CHARS and friends; other characters beyond ASCII end the engine's tokens too, but as errors.
_WORD = r"A-Za-z0-9_\-·\u0080-\U0010FFFF"
_START = r"A-Za-z_\u0080-\U0010FFFF"
_VARNAME = r"A-Za-z0-9_·\u0080-\U0010FFFF"
_FIRST = rf"(?:[{_VARNAME}:]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%])"
_LOCAL = rf"(?:[{_WORD}:]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%])"
IRI = r'<(?:[^\x00-\x20<>"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>'
TERMINAL = re.compile(
    rf"""
    (?:[ \t\r\n]++ | \#[^\r\n]*+)*+
    ( [?$][{_VARNAME}]+
    | [{{}}()\[\];,] | \.(?![0-9])
    | {IRI}
    | _:[{_VARNAME}][{_WORD}]*+(?:\.++[{_WORD}]++)*+
    | (?:[{_START}][{_WORD}.]{{0,255}}+)?:(?:{_FIRST}{_LOCAL}*+(?:\.++{_LOCAL}++)?+)?
    | [{_START}][A-Za-z0-9_]*
    | \"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*+\"\"\" | '''(?:'{{0,2}}(?:[^'\\]|\\.))*+'''
    | "(?:[^"\\\r\n]|\\.)*+" | '(?:[^'\\\r\n]|\\.)*+'
    | (?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?
    | @[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[a-z]+)?
    | <<|>>|\|\||&&|\^\^|<=|>=|!=|.
    | \Z )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A terminal of the grammar: what kind, which text, where it starts."""

    kind: str  # var, iri, name, blank, word, string, tag, number, mark
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def edited(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """The text with other words from one place to another; places do not overlap."""
    parts, done = [], 0
    for start, end, fresh in sorted(edits, key=lambda edit: edit[:2]):
        parts += [text[done:start], fresh]
        done = end
    return "".join([*parts, text[done:]])


def kind(text: str) -> str:
    """The kind of a terminal, from its text."""
    first = text[0]
    if first in "?$":
        return "var" if len(text) > 1 else "mark"
    if first == "<":
        return "iri" if len(text) > 1 and text[-1] == ">" else "mark"
    if first in "\"'":
        return "string" if len(text) > 1 else "mark"
    if first == "_" and text[1:2] == ":" and len(text) > 2:
        return "blank"
    if first in "0123456789" or (first == "." and len(text) > 1):
        return "number"
    if first == "@":
        return "tag" if len(text) > 1 else "mark"
    if ":" in text:
        return "name"
    return "word" if first == "_" or first.isalpha() or (first >= "\x80" and first != "·") else "mark"


def tokens(text: str) -> Iterator[Token]:
    """Terminals in order, without white space and comments. Every other character belongs to one."""
    for match in TERMINAL.finditer(text):
        if one := match[1]:
            yield Token(kind(one), one, match.start(1))
