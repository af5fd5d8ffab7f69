"""Which shapes a node is to be validated against, and which of their checks can find anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import NamedNode

from kg.graph import Node
from kg.namespaces import SH
from kg.shacl.components import Count, Each
from kg.shacl.data import NOTHING, TYPE, Classes
from kg.shacl.paths import Property
from kg.shacl.reading import Shapes
from kg.shacl.shape import Check, Result, Run, Shape

_KINDS: Final = 4096

ByNode = dict[Node, dict[Node, None]]
Classed = frozenset[Node]
"""The classes of a node and all above them."""


@dataclass(frozen=True, slots=True)
class Step:
    """The checks of a property shape that can find something in nodes of one kind."""

    shape: Shape
    property: NamedNode
    each: tuple[tuple[Callable[[Run, Node], bool], Check], ...]
    together: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How nodes of one kind are validated: those of the same classes with the same properties."""

    steps: tuple[Step, ...] = ()
    rest: tuple[Shape, ...] = ()  # as they come

    def results(self, run: Run, focus: Node, said: Mapping[NamedNode, Sequence[Node]]) -> Iterator[Result]:
        """What the shapes have against a node of which this is said."""
        for step in self.steps:
            values = said.get(step.property, NOTHING)
            for fits, check in step.each:
                for value in values:
                    if not fits(run, value):
                        for found in check.found(run, focus, (value,)):
                            yield step.shape.result(focus, check.component, found)
            for check in step.together:
                for found in check.found(run, focus, values):
                    yield step.shape.result(focus, check.component, found)
        for shape in self.rest:
            yield from shape.results(run, focus)


class Aims:
    """The targets of all shapes, asked from the other side: of one node (SHACL §2.1.3).

    Nodes of the same kind have the same plan, in whichever run.
    """

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._plans: dict[tuple[tuple[Classed, ...], tuple[NamedNode, ...]], Plan] = {}
        self._alone: dict[NamedNode, Plan | None] = {}
        self._by: dict[Node, ByNode] = {}
        for node, targets in shapes.targets.items():
            for target in targets:
                self._by.setdefault(target.kind, {}).setdefault(target.node, {})[node] = None
        self._named = self._by.get(SH.targetNode, {})
        pointed = self._by.get(SH.targetObjectsOf, {})
        self._pointed = {one: shapes for one, shapes in pointed.items() if isinstance(one, NamedNode)}

    def plan(self, above: tuple[Classed, ...], properties: tuple[NamedNode, ...]) -> Plan:
        """For nodes that have these classes, one entry for each type, and these properties."""
        found = self._plans.get((above, properties))
        if found is None:
            if len(self._plans) >= _KINDS:
                self._plans.clear()
            found = self._plans[above, properties] = _plan(
                [self._shapes.shape(one) for one in self._aiming(above, properties)], frozenset(properties)
            )
        return found

    def alone(self, property: NamedNode) -> Plan | None:
        """What each value of a property is held to by itself, in whoever has the property. None when that cannot be
        told without looking at more of them; a plan without steps when no shape looks at these values.
        """
        if property not in self._alone:
            self._alone[property] = self._judging(property)
        return self._alone[property]

    def _judging(self, property: NamedNode) -> Plan | None:
        looking = [node for node in self._shapes.targets if self._mentions(node, property)]
        own = self._by.get(SH.targetSubjectsOf, {}).get(property, {})
        if any(node not in own or len(self._shapes.targets[node]) > 1 for node in looking):
            return None
        plan = _plan([self._shapes.shape(one) for one in looking], frozenset({property}))
        counts = all(isinstance(check, Count) for step in plan.steps for check in step.together)
        if plan.rest or not counts or any(step.property != property for step in plan.steps):
            return None
        return Plan(tuple([replace(step, together=()) for step in plan.steps]))

    def _mentions(self, node: Node, property: NamedNode) -> bool:
        mentioned = self._shapes.mentioned(node)
        return mentioned is None or property in mentioned

    def results(self, run: Run, node: Node, said: Mapping[NamedNode, Sequence[Node]], plan: Plan) -> Iterator[Result]:
        """What the shapes that have this node among their focus nodes have against it."""
        yield from plan.results(run, node, said)
        if self._named or self._pointed:
            known = set(self._aiming(above_all(run.classes, said), tuple(said)))
            for one in self._besides(run, node):
                if one not in known:
                    yield from self._shapes.shape(one).results(run, node)

    def _besides(self, run: Run, node: Node) -> dict[Node, None]:
        found = dict(self._named.get(node, {}))
        for property, shapes in self._pointed.items():
            if run.data.subjects(property, node):
                found |= shapes
        return found

    def _aiming(self, above: tuple[Classed, ...], properties: tuple[NamedNode, ...]) -> dict[Node, None]:
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


def _plan(shapes: Sequence[Shape], properties: frozenset[NamedNode]) -> Plan:
    steps: list[Step] = []
    rest: list[Shape] = []
    for shape in shapes:
        own = [shape] if shape.path is not None else shape.properties
        if shape.deactivated:
            continue
        if (shape.path is None and shape.checks) or not all(isinstance(one.path, Property) for one in own):
            rest.append(shape)
            continue
        for one in own:
            if not one.deactivated:
                assert isinstance(one.path, Property)
                some = one.path.iri in properties
                if one.properties and some:
                    rest.append(one)
                    continue
                checks = [check for check in one.checks if not check.is_idle(some)]
                each = tuple((check.fits, check) for check in checks if isinstance(check, Each))
                together = tuple(check for check in checks if not isinstance(check, Each))
                if checks:
                    steps.append(Step(one, one.path.iri, each, together))
    return Plan(tuple(steps), tuple(rest))
