"""What a named graph states, in memory and by property."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import NamedNode, Quad

from kg.graph import Node, Outline, Statement, Subject
from kg.namespaces import RDF

_TYPE = RDF.type


class Columns:
    """Answers what `View` is asked about a whole named graph."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._by: dict[NamedNode, tuple[list[Subject], list[Node]]] = {}
        for quad in quads:
            property = quad.predicate
            column = self._by.get(property)
            if column is None:
                column = self._by[property] = [], []
            column[0].append(quad.subject)
            column[1].append(quad.object)

    def _column(self, property: NamedNode) -> tuple[list[Subject], list[Node]]:
        return self._by.get(property, ([], []))

    def properties(self) -> list[NamedNode]:
        return list(self._by)

    def outline(self) -> Outline:
        properties = [property for property in self._by if property != _TYPE]
        places: dict[Subject, list[str]] = {}
        for place, property in enumerate(properties):
            mark = str(place)
            for thing in self._by[property][0]:
                places.setdefault(thing, []).append(mark)
        things, types = self._column(_TYPE)
        classes = list(dict.fromkeys(types))
        marks = {cls: str(place) for place, cls in enumerate(classes, len(properties))}
        for thing, cls in zip(things, types, strict=True):
            places.setdefault(thing, []).append(marks[cls])
        return Outline(properties, classes, ((thing, " ".join(some)) for thing, some in places.items()))

    def values(self, properties: Sequence[NamedNode]) -> Iterator[tuple[NamedNode, Node]]:
        return ((property, value) for property in properties for value in dict.fromkeys(self._column(property)[1]))

    def pairs(self, property: NamedNode, other: NamedNode) -> Iterator[tuple[Node, Node]]:
        beside: dict[Subject, list[Node]] = {}
        for thing, value in zip(*self._column(other), strict=True):
            beside.setdefault(thing, []).append(value)
        here = zip(*self._column(property), strict=True)
        return iter(dict.fromkeys((value, one) for thing, value in here for one in beside.get(thing, ())))

    def statements(self, properties: Sequence[NamedNode]) -> Iterator[Statement]:
        for property in properties:
            for thing, value in zip(*self._column(property), strict=True):
                yield thing, property, value
