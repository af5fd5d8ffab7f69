"""Which shapes a node is to be validated against, and what they demand of nodes like it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, TypeAlias

from pyoxigraph import NamedNode

from kg.graph import Node
from kg.namespaces import SH
from kg.shacl.checks import Count, Each
from kg.shacl.data import NOTHING, TYPE, Classes
from kg.shacl.kinds import Classed, Demands, Kind, together
from kg.shacl.paths import Property
from kg.shacl.reading import Shapes
from kg.shacl.shape import Result, Run, Shape

_KINDS: Final = 4096

Counts: TypeAlias = frozenset[tuple[NamedNode, int]]
"""Properties, each with how many values it has."""

ByNode = dict[Node, dict[Node, None]]


class Aims:
    """The targets of all shapes, asked from the other side: of one node (SHACL §2.1.3).

    Nodes of the same kind have the same demands to meet, in whichever run.
    """

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._demands: dict[tuple[tuple[Classed, ...], Counts], Demands | None] = {}
        self._alone: dict[NamedNode, tuple[tuple[Shape, Each], ...] | None] = {}
        self._by: dict[Node, ByNode] = {}
        for node, targets in shapes.targets.items():
            for target in targets:
                self._by.setdefault(target.kind, {}).setdefault(target.node, {})[node] = None
        self._named = self._by.get(SH.targetNode, {})
        pointed = self._by.get(SH.targetObjectsOf, {})
        self._pointed = {one: shapes for one, shapes in pointed.items() if isinstance(one, NamedNode)}

    def demands(self, above: tuple[Classed, ...], counts: Counts) -> Demands | None:
        """What it takes for no shape to find anything in nodes that have these classes, one entry for each type, and so
        many values of each property; None when shapes may look at anything.
        """
        key = above, counts
        if key not in self._demands:
            if len(self._demands) >= _KINDS:
                self._demands.clear()
            self._demands[key] = self._demanded(Kind(above, dict(counts)))
        return self._demands[key]

    def _demanded(self, kind: Kind) -> Demands | None:
        if self._named or self._pointed:
            return None
        parts: list[Demands | None] = []
        for node in self._aiming(kind.above, kind.counts):
            shape = self._shapes.shape(node)
            apart = shape.properties if shape.path is None and not shape.checks else [shape]
            parts += [self._told(one, one.demands(kind)) for one in apart]
        return together(parts)

    def _told(self, shape: Shape, demands: Demands | None) -> Demands | None:
        """Demands of a shape; when they have to be seen node by node, that nodes conform to it."""
        if demands is None and self._shapes.mentioned(shape.node) is not None:
            return Demands(shapes=(shape,))
        return demands

    def looked_at(self, shape: Shape) -> frozenset[Node]:
        """The properties at which a shape may look that stands in demands."""
        return self._shapes.mentioned(shape.node) or frozenset()

    def alone(self, property: NamedNode) -> tuple[tuple[Shape, Each], ...] | None:
        """What each value of a property is held to by itself, in whoever has the property; nothing, when no shape looks
        at these values. None when that cannot be told without looking at more of them.
        """
        if property not in self._alone:
            self._alone[property] = self._judging(property)
        return self._alone[property]

    def _judging(self, property: NamedNode) -> tuple[tuple[Shape, Each], ...] | None:
        own = self._by.get(SH.targetSubjectsOf, {}).get(property, {})
        found: list[tuple[Shape, Each]] = []
        for node, targets in self._shapes.targets.items():
            if not self._mentions(node, property):
                continue
            shape = self._shapes.shape(node)
            if node not in own or len(targets) > 1 or (shape.path is None and shape.checks):
                return None
            for one in (shape,) if shape.path is not None else shape.properties:
                if one.path != Property(property) or one.properties:
                    return None
                for check in () if one.deactivated else one.checks:
                    if isinstance(check, Each):
                        found.append((one, check))
                    elif not isinstance(check, Count):
                        return None
        return tuple(found)

    @cached_property
    def properties(self) -> frozenset[NamedNode] | None:
        """All at which the shapes look; None when they may look at any."""
        mentioned = [self._shapes.mentioned(node) for node in self._shapes.targets]
        if None in mentioned:
            return None
        return frozenset(one for some in mentioned for one in some or () if isinstance(one, NamedNode))

    def judged_by(self, property: NamedNode, by: Collection[NamedNode]) -> frozenset[Node] | None:
        """The classes, and the values of `by`, on which it depends how a property's values are judged; None: on any."""
        looking = [node for node in self._shapes.targets if self._mentions(node, property)]
        compared = [self._shapes.compared(node, by) for node in looking]
        return None if None in compared else frozenset(one for some in compared for one in some or ())

    def _mentions(self, node: Node, property: NamedNode) -> bool:
        mentioned = self._shapes.mentioned(node)
        return mentioned is None or property in mentioned

    def results(self, run: Run, node: Node, said: Mapping[NamedNode, Sequence[Node]]) -> Iterator[Result]:
        """What the shapes that have this node among their focus nodes have against it."""
        aiming = self._aiming(above_all(run.classes, said), said)
        for one in aiming:
            yield from self._shapes.shape(one).results(run, node)
        for one in self._besides(run, node):
            if one not in aiming:
                yield from self._shapes.shape(one).results(run, node)

    def _besides(self, run: Run, node: Node) -> dict[Node, None]:
        found = dict(self._named.get(node, {}))
        for property, shapes in self._pointed.items():
            if run.data.subjects(property, node):
                found |= shapes
        return found

    def _aiming(self, above: tuple[Classed, ...], properties: Mapping[NamedNode, object]) -> dict[Node, None]:
        found: dict[Node, None] = {}
        for classes in above:
            for cls in classes:
                found |= self._by.get(SH.targetClass, {}).get(cls, {})
        for property in properties:
            found |= self._by.get(SH.targetSubjectsOf, {}).get(property, {})
        return found


def above_all(classes: Classes, said: Mapping[NamedNode, Sequence[Node]]) -> tuple[Classed, ...]:
    """The classes that a node has, and those above them, type by type."""
    return tuple([classes.above(cls) for cls in said.get(TYPE, NOTHING)])
