"""What a graph looks like to those who only read it, and the terms it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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

    def graph_names(self) -> Iterator[GraphName]:
        """The names of the graphs; one that was emptied may be among them."""

    def statements(self, graph: NamedNode) -> Iterator[Statement]:
        """All of a named graph: quicker than by pattern, and a subject comes in one piece where the store can do so."""

    def types(self, graph: NamedNode) -> Iterator[tuple[Subject, Node]]:
        """The things in a named graph that have a class, each with it."""

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
