"""The gate on shapes that are compiled once: always on, about as fast as the data is read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyoxigraph import NamedNode, Quad

from kg.finding import Report
from kg.gate import Origins, Touched, nowhere
from kg.gate.affected import Affected
from kg.gate.aimed import Aimed, Looks, read
from kg.gate.check import Check
from kg.gate.disagreement import disagreements
from kg.gate.stated import Hints, Merge, Reading, is_stated
from kg.gate.telling import left_to_pyshacl
from kg.graph import Node, View
from kg.shacl import Classes, Hierarchy
from kg.shacl.data import NOTHING, SUBCLASS


@dataclass(frozen=True)
class CompiledGate:
    """Shapes of `description/` per source graph, of `reference/` on the merge; both judge what is stated.

    Description shapes look at a node and its classes alone. Reference shapes look at a focus node and at what it points
    to, and so at those that point at one whose class has changed (a test holds them to it).
    """

    shapes: Path
    single_valued: frozenset[NamedNode] = frozenset()  # what sources may disagree about

    @cached_property
    def _description(self) -> Aimed:
        return Aimed(read(self.shapes / "description"))

    @cached_property
    def _reference(self) -> Aimed:
        return Aimed(read(self.shapes / "reference"))

    @cached_property
    def _hints(self) -> Hints:
        return {}

    @cached_property
    def _remembered(self) -> list[tuple[tuple[Quad, ...], Hierarchy]]:
        return []

    def _hierarchy(self, view: View) -> Hierarchy:
        """What is stated of classes: as it was, as long as it is the same."""
        quads, known = view.every(SUBCLASS), self._remembered
        if not known or known[0][0] is not quads:
            above: dict[Node, list[Node]] = {}
            for quad in quads:
                if is_stated(quad.graph_name):
                    above.setdefault(quad.subject, []).append(quad.object)
            known[:] = [(quads, Hierarchy(lambda cls: above.get(cls, NOTHING)))]
        return known[0][1]

    def is_narrow(self, property: NamedNode) -> bool:
        """Whether what is said with a property is judged value by value, whoever says it and whatever else."""
        return self._reference.aims.alone(property) is not None

    def affected(self, view: View, content: Collection[NamedNode], touched: Touched) -> Affected:
        """What `check` has findings about."""
        reading = Reading(view)
        return Affected.by(touched, reading, content, Looks(self._reference, Classes(Merge(reading))))

    def check(
        self,
        view: View,
        content: Collection[NamedNode],
        touched: Touched | None = None,
        origins: Origins = nowhere,
    ) -> Report:
        """See `Gate.check`. Shapes with features that are not compiled are left to pySHACL, and a finding says so."""
        if beyond := self._description.shapes.beyond | self._reference.shapes.beyond:
            from kg.gate.with_pyshacl import PyshaclGate  # takes a second, and is seldom needed

            report = PyshaclGate(self.shapes, self.single_valued).check(view, content, touched, origins)
            return Report.of([*report.findings, left_to_pyshacl(beyond)])
        reading = Reading(view, self._hints)
        check = Check(self._description, self._reference, reading, self._hierarchy(view), frozenset(content), origins)
        found = check.everything() if touched is None else check.around(touched)
        told = ((node, reading.of(node)) for node in check.apart)
        return Report.of([*found, *disagreements(told, content, self.single_valued, origins, view)])
