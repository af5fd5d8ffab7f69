"""Queries of shapes over a node and what it points to: no shape looks further."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyoxigraph import Quad, Store

from kg.gate.stated import Held
from kg.graph import Node, Row
from kg.shacl import Select, selecting
from kg.shacl.data import is_subject


def nearby(data: Held) -> Select:
    """Asks them of `$this`; the surroundings of the last one stay, because a shape may have several queries."""
    last: list[tuple[Node, Select]] = []

    def select(text: str, bound: Mapping[str, Node]) -> Iterator[Row]:
        near = bound["this"]
        if not last or last[0][0] != near:
            last[:] = [(near, selecting(_surroundings(data, near)))]
        return last[0][1](text, bound)

    return select


def _surroundings(data: Held, near: Node) -> Store:
    store = Store()
    for node in dict.fromkeys([near, *(value for values in data.out(near).values() for value in values)]):
        if is_subject(node):
            store.extend(Quad(node, property, value) for property, values in data.out(node).items() for value in values)
    return store
