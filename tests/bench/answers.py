"""Whether two servers gave the same answer: rows as a multiset, numbers by value, joined texts in any order."""

from __future__ import annotations

import json
import math
from typing import TypeAlias

from pyoxigraph import Literal, RdfFormat, parse

from tests.bench.questions import GRAPH

Cell: TypeAlias = tuple[str, float]  # a number is ("", value), everything else (text, 0)
JOIN = " | "


def rows(body: bytes, accept: str) -> list[tuple[Cell, ...]]:
    """The answer in an order of its own. Raises ValueError when it is none."""
    if accept == GRAPH:
        found = [
            (_cell(quad.subject.value), _cell(quad.predicate.value), _object(quad.object))
            for quad in parse(body, RdfFormat.N_TRIPLES)
        ]
        return sorted(set(found))
    document = json.loads(body)
    names = document["head"]["vars"]
    return sorted(
        tuple(_term(binding[name]) if name in binding else _cell("") for name in names)
        for binding in document["results"]["bindings"]
    )


def same(left: list[tuple[Cell, ...]], right: list[tuple[Cell, ...]]) -> bool:
    """Equal but for the last digits of numbers."""
    return len(left) == len(right) and all(
        len(one) == len(other) and all(_close(a, b) for a, b in zip(one, other, strict=True))
        for one, other in zip(left, right, strict=True)
    )


def _close(one: Cell, other: Cell) -> bool:
    return one[0] == other[0] and math.isclose(one[1], other[1], rel_tol=1e-6)


def _term(term: dict[str, str]) -> Cell:
    return _cell(term["value"], term.get("datatype", ""), term["type"] == "uri")


def _object(term: object) -> Cell:
    if isinstance(term, Literal):
        return _cell(term.value, term.datatype.value)
    return _cell(getattr(term, "value", ""))


def _cell(text: str, datatype: str = "", iri: bool = True) -> Cell:
    if datatype.rpartition("#")[2] in ("integer", "decimal", "double", "float", "int", "long"):
        return "", float(text)
    if not iri and JOIN in text:
        text = JOIN.join(sorted(text.split(JOIN)))
    return text, 0.0
