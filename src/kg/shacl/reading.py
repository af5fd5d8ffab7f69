"""From a shapes graph to shapes and their targets (SHACL §2)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.errors import QueryError
from kg.graph import Node
from kg.namespaces import RDFS, SH
from kg.shacl import sparql
from kg.shacl.components import CORE, TRUE
from kg.shacl.data import TYPE, Classes, Data
from kg.shacl.paths import closure, items
from kg.shacl.paths import read as read_path
from kg.shacl.shape import Run, Shape

_TARGETS: Final = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
_PAIRS: Final = (SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals)
BEYOND: Final = frozenset({SH.target, SH.expression, SH.js})
"""Of SHACL's advanced features, what changes the result: somebody else has to judge it."""


@dataclass(frozen=True, slots=True)
class Target:
    """Focus nodes of a shape (§2.1.3)."""

    kind: NamedNode
    node: Node

    def nodes(self, run: Run) -> Iterator[Node]:
        """Some may come twice."""
        if self.kind == SH.targetNode:
            yield self.node
        elif self.kind == SH.targetClass:
            yield from run.classes.instances(self.node)
        else:
            assert isinstance(self.node, NamedNode)
            place = int(self.kind == SH.targetObjectsOf)
            for pair in run.data.pairs(self.node):
                yield pair[place]


class Shapes:
    """The shapes of a graph, compiled."""

    def __init__(self, graph: Data) -> None:
        """Raises QueryError for shapes that are ill-formed."""
        self.graph = graph
        self.targets: dict[Node, tuple[Target, ...]] = {}
        self.beyond: set[NamedNode] = set()  # what is used of BEYOND
        self._shapes: dict[Node, Shape] = {}
        self._mentioned: dict[Node, frozenset[Node] | None] = {}
        classes = Classes(graph)
        self._components = tuple(sparql.components(graph, classes))
        for node in self._with_targets(classes):
            if not self.shape(node).deactivated:
                self.targets[node] = tuple(self._targets(node, classes))
        for property in BEYOND:
            if any(True for _ in graph.pairs(property)):
                self.beyond.add(property)
        self._refuse_circles()

    def shape(self, node: Node) -> Shape:
        """The shape of this node. Raises QueryError."""
        found = self._shapes.get(node)
        if found is None:
            found = self._shapes[node] = self._begin(node)
            if not found.deactivated:
                self._complete(found)
        return found

    def siblings(self, shape: Node) -> list[Shape]:
        """See `kg.shacl.components.Reader`."""
        graph = self.graph
        own = set(graph.objects(shape, SH.qualifiedValueShape))
        others = dict.fromkeys(
            wanted
            for parent in graph.subjects(SH.property, shape)
            for sibling in graph.objects(parent, SH.property)
            for wanted in graph.objects(sibling, SH.qualifiedValueShape)
            if wanted not in own
        )
        return [self.shape(one) for one in others]

    def mentioned(self, node: Node) -> frozenset[Node] | None:
        """The properties at which a shape, or one that it refers to, may look; None when it may look at any: with a
        query, or because it is closed.
        """
        if node not in self._mentioned:
            self._mentioned[node] = self._mentions(node)
        return self._mentioned[node]

    def _mentions(self, node: Node) -> frozenset[Node] | None:
        found: set[Node] = set()
        for one in self._within(node):
            said = self.graph.out(one)
            checks = self._shapes[one].checks if one in self._shapes else []
            if TRUE in said.get(SH.closed, ()) or any(isinstance(check, sparql.Decided) for check in checks):
                return None
            for constraint in (check for check in checks if isinstance(check, sparql.Constraint)):
                if (properties := constraint.looked_at) is None:
                    return None
                found.update(properties)
            for path in said.get(SH.path, ()):
                found.update(self._parts(path))
            for parameter in _PAIRS:
                found.update(said.get(parameter, ()))
        return frozenset(found)

    def _parts(self, path: Node) -> Iterator[NamedNode]:
        """The properties of a path."""
        for part in (path, *(triple.object for triple in closure(self.graph, path))):
            if isinstance(part, NamedNode):
                yield part

    def _within(self, node: Node) -> Iterator[Node]:
        """A shape and all that it refers to."""
        todo, seen = [node], {node}
        while todo:
            yield (one := todo.pop())
            apart = TRUE in self.graph.objects(one, SH.qualifiedValueShapesDisjoint)
            others = [sibling.node for sibling in self.siblings(one)] if apart else []
            for inner in (*self._referred(one), *others):
                if inner not in seen:
                    seen.add(inner)
                    todo.append(inner)

    def compared(self, node: Node, properties: Collection[NamedNode]) -> frozenset[Node] | None:
        """The classes, and the values of these properties, by which a shape judges what a node points to; None when it
        may judge by any.
        """
        mentioned = self.mentioned(node)
        if mentioned is None:
            return None
        found: set[Node] = set()
        for one in self._within(node):
            said = self.graph.out(one)
            found.update(said.get(SH.term("class"), ()))
            looked_at: set[Node] = {part for path in said.get(SH.path, ()) for part in self._parts(path)}
            looked_at.update(other for parameter in _PAIRS for other in said.get(parameter, ()))
            if looked_at.isdisjoint(properties):
                continue
            if len(looked_at) > 1 or self.shape(one).members() is None:
                return None
            found.update(said.get(SH.hasValue, ()))
        return frozenset(found)

    def _begin(self, node: Node) -> Shape:
        graph = self.graph
        paths = graph.objects(node, SH.path)
        if len(paths) > 1:
            raise QueryError(f"the shape {node} has several paths", f"Формата {node} има няколко пътя")
        severities = graph.objects(node, SH.severity)
        return Shape(
            node,
            severities[0] if severities and isinstance(severities[0], NamedNode) else SH.Violation,
            read_path(graph, paths[0]) if paths else None,
            paths[0] if paths else None,
            sparql.texts(graph, node),
            TRUE in graph.objects(node, SH.deactivated),
        )

    def _complete(self, shape: Shape) -> None:
        said = self.graph.out(shape.node)
        for parameter, compile in CORE.items():
            if parameter in said:
                shape.checks.extend(compile(self, shape, said[parameter]))
        shape.checks.extend(sparql.constraints(self.graph, shape))
        for component in self._components:
            shape.checks.extend(component.checks(self.graph, shape))
        for inner in said.get(SH.property, ()):
            property = self.shape(inner)
            if property.path is None:
                raise QueryError(
                    f"{inner} is given as a property shape and has no path", f"{inner} е форма на свойство без път"
                )
            shape.properties.append(property)

    def _with_targets(self, classes: Classes) -> list[Node]:
        graph = self.graph
        found: dict[Node, None] = {}
        for kind in _TARGETS:
            found.update((subject, None) for subject, _ in graph.pairs(kind))
        for cls in (SH.NodeShape, SH.PropertyShape):
            for node in graph.subjects(TYPE, cls):
                if classes.has(node, RDFS.Class):
                    found[node] = None
        return list(found)

    def _targets(self, node: Node, classes: Classes) -> Iterator[Target]:
        said = self.graph.out(node)
        for kind in _TARGETS:
            for target in said.get(kind, ()):
                if kind != SH.targetNode and isinstance(target, Literal):
                    raise QueryError(f"{target} is no target", f"{target} не може да бъде цел")
                yield Target(kind, target)
        if any(one in (SH.NodeShape, SH.PropertyShape) for one in said.get(TYPE, ())) and classes.has(node, RDFS.Class):
            yield Target(SH.targetClass, node)

    def _refuse_circles(self) -> None:
        """Shapes that refer to themselves have no defined meaning (§3.4.3)."""
        inner = {node: [*self._referred(node)] for node in self._shapes}
        open_: set[Node] = set()
        done: set[Node] = set()

        def visit(node: Node) -> None:
            if node in done:
                return
            if node in open_:
                raise QueryError(
                    f"the shape {node} refers to itself, which SHACL leaves undefined (§3.4.3)",
                    f"Формата {node} препраща към себе си, което SHACL не определя (§3.4.3)",
                )
            open_.add(node)
            for one in inner.get(node, ()):
                visit(one)
            open_.discard(node)
            done.add(node)

        for node in inner:
            visit(node)

    def _referred(self, node: Node) -> Iterator[Node]:
        said = self.graph.out(node)
        for parameter in (SH.property, SH.node, SH.term("not"), SH.qualifiedValueShape):
            yield from said.get(parameter, ())
        for parameter in (SH.term("and"), SH.term("or"), SH.xone):
            for head in said.get(parameter, ()):
                yield from items(self.graph, head)
