"""Queries that look at a focus node alone: one group of `$this <property> ?value`, FILTER and BIND, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from pyoxigraph import NamedNode

from kg.lexer import Token, tokens

_HEAD: Final = frozenset({"PREFIX", "SELECT", "DISTINCT", "WHERE"})
_OTHERS: Final = frozenset({"shapesGraph", "currentShape"})  # what is bound beforehand beside the focus node
_OBJECTS: Final = frozenset({"var", "iri", "name", "number"})


@lru_cache(maxsize=256)
def looked_at(text: str) -> frozenset[NamedNode] | None:
    """The properties of the focus node that a query reads; None when it may read more."""
    found = list(tokens(text))
    braces = [place for place, token in enumerate(found) if token.kind == "mark" and token.text in "{}"]
    if len(braces) != 2 or braces[1] != len(found) - 1:
        return None
    head, body = found[: braces[0]], found[braces[0] + 1 : braces[1]]
    if any(token.kind not in {"var", "name", "iri"} and token.text.upper() not in _HEAD for token in head):
        return None
    properties: set[NamedNode] = set()
    place = 0
    while place < len(body):
        token = body[place]
        if token.kind == "word" and token.text.upper() in {"FILTER", "BIND"}:
            end = _closed(body, place + 1)
            if end is None:
                return None
        else:
            property = _pattern(body[place : place + 3])
            if property is None:
                return None
            properties.add(property)
            end = place + 3
        place = end + (body[end : end + 1] != [] and body[end].text == ".")
    return frozenset(properties)


@lru_cache(maxsize=256)
def opened(text: str) -> tuple[str, str] | None:
    """The query in two parts between which stands of which focus nodes it is asked, when it can be asked of many."""
    if looked_at(text) is None:
        return None
    found = list(tokens(text))
    start = next(place for place, token in enumerate(found) if token.text == "{")
    told = {token.text[1:] for token in found[:start] if token.kind == "var"}
    named = {token.text[1:] for token in found if token.kind == "var"}
    if "this" not in told or not named.isdisjoint(_OTHERS):
        return None
    return text[: found[start].end], text[found[start].end :]


def _closed(body: Sequence[Token], place: int) -> int | None:
    """Where the brackets end that begin here, after the name of a function perhaps."""
    if body[place : place + 1] and body[place].kind in {"word", "name", "iri"}:
        place += 1
    depth = 0
    for end in range(place, len(body)):
        if body[end].kind == "mark" and body[end].text in "()":
            depth += 1 if body[end].text == "(" else -1
        if depth == 0:
            return end + 1 if end > place else None
    return None


def _pattern(three: Sequence[Token]) -> NamedNode | None:
    """The property of a pattern that is about the focus node."""
    if len(three) < 3 or three[0].kind != "var" or three[0].text[1:] != "this" or three[2].kind not in _OBJECTS:
        return None
    property = three[1]
    return NamedNode(property.text[1:-1]) if property.kind == "iri" and "\\" not in property.text else None
