"""The graph that is validated, as the checks see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeGuard

from pyoxigraph import Literal, NamedNode, Store, Triple

from kg.graph import DEFAULT, GraphName, Node, Subject
from kg.namespaces import RDF, RDFS

TYPE = RDF.type
SUBCLASS = RDFS.subClassOf
NOTHING: Sequence[Node] = ()


class Data(Protocol):
    """One graph to read. All sequences hold each term once."""

    def out(self, node: Node) -> Mapping[NamedNode, Sequence[Node]]:
        """What is said of a node, by property."""

    def objects(self, node: Node, property: NamedNode) -> Sequence[Node]:
        """The values of one property."""

    def holds(self, node: Node, property: NamedNode, value: Node) -> bool:
        """Whether this is one of the values."""

    def subjects(self, property: NamedNode, object: Node) -> Sequence[Subject]:
        """What has this value."""

    def pairs(self, property: NamedNode) -> Iterator[tuple[Subject, Node]]:
        """All subjects and objects of a property."""


class Stored:
    """A graph of a store."""

    def __init__(self, store: Store, graph: GraphName = DEFAULT) -> None:
        self.store = store
        self.graph = graph

    def out(self, node: Node) -> Mapping[NamedNode, Sequence[Node]]:
        found: dict[NamedNode, list[Node]] = {}
        if is_subject(node):
            for quad in self.store.quads_for_pattern(node, None, None, self.graph):
                found.setdefault(quad.predicate, []).append(quad.object)
        return found

    def objects(self, node: Node, property: NamedNode) -> Sequence[Node]:
        if not is_subject(node):
            return NOTHING
        return [quad.object for quad in self.store.quads_for_pattern(node, property, None, self.graph)]

    def holds(self, node: Node, property: NamedNode, value: Node) -> bool:
        return value in self.objects(node, property)

    def subjects(self, property: NamedNode, object: Node) -> Sequence[Subject]:
        return [quad.subject for quad in self.store.quads_for_pattern(None, property, object, self.graph)]

    def pairs(self, property: NamedNode) -> Iterator[tuple[Subject, Node]]:
        for quad in self.store.quads_for_pattern(None, property, None, self.graph):
            yield quad.subject, quad.object


class Indexed:
    """Triples in memory, as they were written: a store keeps values, and so `"1"^^xsd:boolean` as `true`."""

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        self._out: dict[Node, dict[NamedNode, dict[Node, None]]] = {}
        self._into: dict[NamedNode, dict[Node, dict[Subject, None]]] = {}
        for triple in triples:
            self.add(triple)

    def add(self, triple: Triple) -> None:
        subject, property, object = triple.subject, triple.predicate, triple.object
        self._out.setdefault(subject, {}).setdefault(property, {})[object] = None
        self._into.setdefault(property, {}).setdefault(object, {})[subject] = None

    def triples(self) -> Iterator[Triple]:
        for property, objects in self._into.items():
            for object, subjects in objects.items():
                yield from (Triple(subject, property, object) for subject in subjects)

    def out(self, node: Node) -> Mapping[NamedNode, Sequence[Node]]:
        return {property: tuple(objects) for property, objects in self._out.get(node, {}).items()}

    def objects(self, node: Node, property: NamedNode) -> Sequence[Node]:
        found = self._out.get(node)
        return tuple(found.get(property, ())) if found else NOTHING

    def holds(self, node: Node, property: NamedNode, value: Node) -> bool:
        return value in self._out.get(node, {}).get(property, ())

    def subjects(self, property: NamedNode, object: Node) -> Sequence[Subject]:
        found = self._into.get(property)
        return tuple(found.get(object, ())) if found else ()

    def pairs(self, property: NamedNode) -> Iterator[tuple[Subject, Node]]:
        for object, subjects in self._into.get(property, {}).items():
            yield from ((subject, object) for subject in subjects)


class Hierarchy:
    """Which classes lie above a class: any number of rdfs:subClassOf away."""

    def __init__(self, nearest: Callable[[Node], Iterable[Node]]) -> None:
        self._nearest = nearest
        self._above: dict[Node, frozenset[Node]] = {}

    def above(self, cls: Node) -> frozenset[Node]:
        """The class and all that it is a subclass of."""
        found = self._above.get(cls)
        if found is None:
            seen, todo = {cls}, [cls]
            while todo:
                for one in self._nearest(todo.pop()):
                    if one not in seen:
                        seen.add(one)
                        todo.append(one)
            found = self._above[cls] = frozenset(seen)
        return found


class Classes:
    """Who is an instance of what: rdf:type followed by any number of rdfs:subClassOf (SHACL §1.1)."""

    def __init__(self, data: Data, hierarchy: Hierarchy | None = None) -> None:
        self._data = data
        self.above = (hierarchy or Hierarchy(lambda cls: data.objects(cls, SUBCLASS))).above
        self._below: dict[Node, tuple[Node, ...]] = {}

    def of(self, node: Node) -> Iterator[frozenset[Node]]:
        """For each type of a node, that class and all above it."""
        for cls in self._data.objects(node, TYPE):
            yield self.above(cls)

    def has(self, node: Node, cls: Node) -> bool:
        if self._data.holds(node, TYPE, cls):
            return True
        return any(cls in self.above(one) for one in self._data.objects(node, TYPE))

    def below(self, cls: Node) -> tuple[Node, ...]:
        """The class and all its subclasses."""
        found = self._below.get(cls)
        if found is None:
            seen: dict[Node, None] = {cls: None}
            todo = [cls]
            while todo:
                for one in self._data.subjects(SUBCLASS, todo.pop()):
                    if one not in seen:
                        seen[one] = None
                        todo.append(one)
            found = self._below[cls] = tuple(seen)
        return found

    def instances(self, cls: Node) -> Iterator[Subject]:
        """All instances; one of several subclasses comes several times."""
        for one in self.below(cls):
            yield from self._data.subjects(TYPE, one)


def is_subject(node: Node) -> TypeGuard[Subject]:
    """Whether something can be said of it."""
    return type(node) is not Literal
