"""A stopwatch, and a view that keeps what is read from it, so that a peer can be given the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyshacl
import rdflib
from pyoxigraph import NamedNode, Quad, Triple

from kg import resources
from kg.gate.with_pyshacl import _term as term
from kg.graph import CustomFunction, GraphName, Node, Outline, Row, Statement, Subject, View


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


@dataclass
class Noting:
    """A view that keeps what is read from it."""

    view: View
    read: list[Quad] = field(default_factory=list)
    asked: int = 0

    def quads(
        self,
        subject: Subject | None = None,
        predicate: NamedNode | None = None,
        object: Node | None = None,
        graph: GraphName | None = None,
    ) -> Iterator[Quad]:
        self.asked += 1
        for quad in self.view.quads(subject, predicate, object, graph):
            self.read.append(quad)
            yield quad

    def about(self, subject: Subject) -> Iterable[Quad]:
        found = list(self.view.about(subject))
        self.read += found
        self.asked += 1
        return found

    def every(self, property: NamedNode) -> tuple[Quad, ...]:
        found = self.view.every(property)
        self.read += found
        self.asked += 1
        return found

    def holds(self, subject: Subject, predicate: NamedNode, object: Node, graph: NamedNode) -> bool:
        found = self.view.holds(subject, predicate, object, graph)
        self.read += [Quad(subject, predicate, object, graph)] if found else []
        self.asked += 1
        return found

    def graph_names(self) -> Iterator[GraphName]:
        return self.view.graph_names()

    def properties(self, graph: NamedNode) -> list[NamedNode]:
        return self.view.properties(graph)

    def outline(self, graph: NamedNode) -> Outline:
        return self.view.outline(graph)

    def values(self, graph: NamedNode, properties: Sequence[NamedNode]) -> Iterator[tuple[NamedNode, Node]]:
        return self.view.values(graph, properties)

    def pairs(self, graph: NamedNode, property: NamedNode, other: NamedNode) -> Iterator[tuple[Node, Node]]:
        return self.view.pairs(graph, property, other)

    def statements(self, graph: NamedNode, properties: Sequence[NamedNode]) -> Iterator[Statement]:
        return self.view.statements(graph, properties)

    def select(self, query: str) -> Iterator[Row]:
        return self.view.select(query)

    def construct(self, query: str, functions: Mapping[NamedNode, CustomFunction] | None = None) -> Iterator[Triple]:
        return self.view.construct(query, functions)


@dataclass
class Peer:
    """pySHACL as its documentation shows it, over all shapes at once; graphs are parsed beforehand."""

    shapes: rdflib.Graph

    @classmethod
    def of_the_product(cls) -> Peer:
        shapes = rdflib.Graph()
        for path in (resources.ONTOLOGY / "shapes").rglob("*.ttl"):
            shapes.parse(path)
        return cls(shapes)

    def over(self, quads: Iterable[Quad]) -> Callable[[], object]:
        data = rdflib.Graph(bind_namespaces="none")
        for quad in quads:
            data.add((term(quad.subject), term(quad.predicate), term(quad.object)))
        return lambda: pyshacl.validate(data, shacl_graph=self.shapes, inference="none", inplace=True)
