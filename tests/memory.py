"""A dataset in memory with the read and write protocol of a draft, for tests that need no disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyoxigraph import NamedNode, Quad, QuerySolutions, QueryTriples, Store, Triple

from kg.graph import DEFAULT, Changes, CustomFunction, GraphName, Node, Outline, Row, Statement, Subject
from kg.namespaces import RDF


class Memory:
    """Named graphs and their merge as the default graph; graphs below `/graph/meta` stay out of the merge."""

    def __init__(self) -> None:
        self.store = Store()

    def quads(
        self,
        subject: Subject | None = None,
        predicate: NamedNode | None = None,
        object: Node | None = None,
        graph: GraphName | None = None,
    ) -> Iterator[Quad]:
        return iter(list(self.store.quads_for_pattern(subject, predicate, object, graph)))

    def about(self, subject: Subject) -> Iterable[Quad]:
        return [quad for quad in self.quads(subject) if quad.graph_name != DEFAULT]

    def every(self, property: NamedNode) -> tuple[Quad, ...]:
        return tuple(quad for quad in self.quads(None, property) if quad.graph_name != DEFAULT)

    def holds(self, subject: Subject, predicate: NamedNode, object: Node, graph: NamedNode) -> bool:
        return Quad(subject, predicate, object, graph) in self.store

    def graph_names(self) -> Iterator[GraphName]:
        return self.store.named_graphs()

    def properties(self, graph: NamedNode) -> list[NamedNode]:
        return list(dict.fromkeys(quad.predicate for quad in self.quads(None, None, None, graph)))

    def outline(self, graph: NamedNode) -> Outline:
        quads = list(self.quads(None, None, None, graph))
        properties = [property for property in self.properties(graph) if property != RDF.type]
        classes = list(dict.fromkeys(quad.object for quad in quads if quad.predicate == RDF.type))
        places: dict[Subject, list[int]] = {}
        for quad in quads:
            typed = quad.predicate == RDF.type
            place = len(properties) + classes.index(quad.object) if typed else properties.index(quad.predicate)
            places.setdefault(quad.subject, []).append(place)
        return Outline(properties, classes, ((thing, " ".join(map(str, some))) for thing, some in places.items()))

    def values(self, graph: NamedNode, properties: Sequence[NamedNode]) -> Iterator[tuple[NamedNode, Node]]:
        return iter(dict.fromkeys((property, value) for _, property, value in self.statements(graph, properties)))

    def pairs(self, graph: NamedNode, property: NamedNode, other: NamedNode) -> Iterator[tuple[Node, Node]]:
        first, second = (list(self.quads(None, one, None, graph)) for one in (property, other))
        return iter(dict.fromkeys((a.object, b.object) for a in first for b in second if a.subject == b.subject))

    def statements(self, graph: NamedNode, properties: Sequence[NamedNode]) -> Iterator[Statement]:
        for property in properties:
            for quad in self.quads(None, property, None, graph):
                yield quad.subject, property, quad.object

    def select(self, query: str) -> Iterator[Row]:
        solutions = self.store.query(query)
        assert isinstance(solutions, QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        for solution in solutions:
            yield {name: solution[name] for name in names}

    def construct(self, query: str, functions: Mapping[NamedNode, CustomFunction] | None = None) -> Iterator[Triple]:
        results = self.store.query(query, custom_functions=dict(functions or {}))
        assert isinstance(results, QueryTriples)
        return iter(list(results))

    def replace(self, graph: NamedNode, triples: Iterable[Triple]) -> Changes:
        new = {Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples}
        old = set(self.quads(None, None, None, graph))
        changes = Changes(tuple(new - old), tuple(old - new))
        self.apply(changes)
        return changes

    def apply(self, changes: Changes) -> None:
        for quad in changes.removed:
            self.store.remove(quad)
            merged = Quad(quad.subject, quad.predicate, quad.object, DEFAULT)
            others = [q for q in self.quads(quad.subject, quad.predicate, quad.object) if _content(q)]
            if not others:
                self.store.remove(merged)
        for quad in changes.added:
            self.store.add(quad)
            if _content(quad):
                self.store.add(Quad(quad.subject, quad.predicate, quad.object, DEFAULT))


def _content(quad: Quad) -> bool:
    return quad.graph_name != DEFAULT and not str(quad.graph_name).endswith("/graph/meta>")
