"""Variables that are bound beforehand (SHACL §5.3.1). The engine has no such thing: it is written into the text.

An IRI is written where the variable stands. Of what else a node may be, a text has no name: it comes from a function
that is called at the start of each group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pyoxigraph import NamedNode

from kg.graph import Node
from kg.lexer import Token, tokens

_FUNCTION: Final = "urn:municipal-kg:bound:"


@dataclass(frozen=True, slots=True)
class Bound:
    """A query, and the functions it calls."""

    text: str
    functions: Mapping[NamedNode, Callable[..., Node]]


@dataclass(slots=True)
class _Level:
    """A pair of braces, or the query itself."""

    clause: bool  # outside of a group: a SELECT clause, or what follows WHERE { … }
    brackets: int = 0


def bound(text: str, values: Mapping[str, Node]) -> Bound:
    """The query in which these variables have these values."""
    mentioned = _mentioned(text) & values.keys()
    written = frozenset(name for name in mentioned if isinstance(values[name], NamedNode))
    called = {name: NamedNode(_FUNCTION + name) for name in sorted(mentioned - written)}
    parts = _parts(text, written, tuple(called))
    return Bound(
        "".join([str(values[part.name]) if isinstance(part, _Place) else part for part in parts]),
        {iri: _giving(values[name]) for name, iri in called.items()},
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the value of a variable is written."""

    name: str


@lru_cache(maxsize=256)
def _mentioned(text: str) -> frozenset[str]:
    return frozenset(token.text[1:] for token in _read(text) if token.kind == "var")


@lru_cache(maxsize=256)
def _parts(text: str, written: frozenset[str], called: tuple[str, ...]) -> tuple[str | _Place, ...]:
    """The text with places for what is written; what is called is bound at the start of each group."""
    start = "".join(f" BIND(<{_FUNCTION}{name}>() AS ?{name})" for name in called)
    parts: list[str | _Place] = []
    done = 0
    for begin, end, fresh in _edits(_read(text), written, start):
        parts += [text[done:begin], " ", fresh, " "]
        done = end
    return (*parts, text[done:])


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[Token, ...]:
    return tuple(tokens(text))


def _giving(node: Node) -> Callable[..., Node]:
    return lambda: node


def _edits(terminals: Sequence[Token], written: frozenset[str], start: str) -> Iterator[tuple[int, int, str | _Place]]:
    """From where to where something else stands, from the start of the text to its end."""
    levels = [_Level(clause=True)]
    place = 0
    while place < len(terminals):
        token, level = terminals[place], levels[-1]
        word = token.text.upper() if token.kind == "word" else ""
        if token.text == "{" and token.kind == "mark":
            levels.append(_Level(clause=False))
            selects = terminals[place + 1 : place + 2] and terminals[place + 1].text.upper() == "SELECT"
            if start and not selects:
                yield token.end, token.end, start
        elif token.text == "}" and token.kind == "mark" and len(levels) > 1:
            levels.pop()
        elif word == "SELECT":
            level.clause = True
        elif token.kind == "mark" and token.text in "()":
            level.brackets += 1 if token.text == "(" else -1
        elif word == "BOUND" and _is_bound(terminals, place, written):
            yield token.start, terminals[place + 3].end, "(true)"
            place += 3
        elif token.kind == "var" and token.text[1:] in written and (level.brackets or not level.clause):
            yield token.start, token.end, _Place(token.text[1:])
        place += 1


def _is_bound(terminals: Sequence[Token], place: int, written: frozenset[str]) -> bool:
    following = terminals[place + 1 : place + 4]
    return len(following) == 3 and following[0].text == "(" and following[1].text[1:] in written
