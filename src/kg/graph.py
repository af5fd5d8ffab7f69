"""What a graph looks like to those who only read it, and the terms it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

Subject: TypeAlias = NamedNode | BlankNode | Triple
Node: TypeAlias = NamedNode | BlankNode | Literal | Triple
GraphName: TypeAlias = NamedNode | BlankNode | DefaultGraph

DEFAULT = DefaultGraph()

Statement: TypeAlias = tuple[Subject, NamedNode, Node]
"""Subject, property and object."""

Row: TypeAlias = Mapping[str, Node | None]
"""One solution: a term, or None where unbound, per variable name."""


CustomFunction: TypeAlias = Callable[..., "Node | None"]
"""A function of terms that a query may call by its IRI."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Quads of named graphs that were added and removed, each set sorted; the merge follows from them."""

    added: tuple[Quad, ...] = ()
    removed: tuple[Quad, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


@dataclass(frozen=True, slots=True)
class Outline:
    """What a named graph says of its things but for the values: which properties each has, how often, which classes."""

    properties: Sequence[NamedNode]  # all but rdf:type
    classes: Sequence[Node]
    things: Iterable[tuple[Subject, str]]  # each once, with places among the properties, then the classes: „0 3 3 17“

    def read(self, places: str) -> tuple[dict[NamedNode, int], tuple[Node, ...]]:
        """Of a text of places: how many values each property has, and the classes."""
        counts: dict[NamedNode, int] = {}
        classes: list[Node] = []
        for place in map(int, places.split()):
            if place < len(self.properties):
                property = self.properties[place]
                counts[property] = counts.get(property, 0) + 1
            else:
                classes.append(self.classes[place - len(self.properties)])
        return counts, tuple(classes)


class View(Protocol):
    """A dataset to read: by pattern and by query. Patterns with `graph=DEFAULT` read the merge of all graphs."""

    def quads(
        self,
        subject: Subject | None = None,
        predicate: NamedNode | None = None,
        object: Node | None = None,
        graph: GraphName | None = None,
    ) -> Iterator[Quad]:
        """Quads that match; None matches anything, and `graph=None` all graphs, the merge included."""

    def about(self, subject: Subject) -> Iterable[Quad]:
        """What named graphs say of a thing."""

    def every(self, property: NamedNode) -> tuple[Quad, ...]:
        """What named graphs say with a property of which there is little; the same tuple as long as it is the same."""

    def holds(self, subject: Subject, predicate: NamedNode, object: Node, graph: NamedNode) -> bool:
        """Whether a named graph says this; in a fraction of the time that it takes to look for what it says."""

    def graph_names(self) -> Iterator[GraphName]:
        """The names of the graphs; one that was emptied may be among them."""

    def properties(self, graph: NamedNode) -> list[NamedNode]:
        """The properties with which a named graph says something."""

    def outline(self, graph: NamedNode) -> Outline:
        """A named graph as it is without its values: a fraction of the terms, where terms are what takes time."""

    def values(self, graph: NamedNode, properties: Sequence[NamedNode]) -> Iterator[tuple[NamedNode, Node]]:
        """What these properties have as values in a named graph, each value of a property once."""

    def pairs(self, graph: NamedNode, property: NamedNode, other: NamedNode) -> Iterator[tuple[Node, Node]]:
        """What things of a named graph have as values of the one property and of the other, each pair once."""

    def statements(self, graph: NamedNode, properties: Sequence[NamedNode]) -> Iterator[Statement]:
        """All that a named graph says with these properties."""

    def select(self, query: str) -> Iterator[Row]:
        """Solutions of a SELECT query over the merge (`GRAPH` reaches the named graphs)."""

    def construct(self, query: str, functions: Mapping[NamedNode, CustomFunction] | None = None) -> Iterator[Triple]:
        """Triples of a CONSTRUCT query, duplicates possible."""


def sort_key(term: Node | GraphName | None) -> str:
    """An order for terms that is the same on every machine: their N-Triples text."""
    return "" if term is None or isinstance(term, DefaultGraph) else str(term)


def quad_key(quad: Quad) -> tuple[str, str, str, str]:
    """An order for quads: graph, subject, predicate, object."""
    return (
        sort_key(quad.graph_name),
        sort_key(quad.subject),
        sort_key(quad.predicate),
        sort_key(quad.object),
    )


def in_graph(triples: Iterable[Triple], graph: GraphName) -> Iterator[Quad]:
    """The triples as quads of one graph."""
    for triple in triples:
        yield Quad(triple.subject, triple.predicate, triple.object, graph)
