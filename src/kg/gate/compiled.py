"""The gate on shapes that are compiled once: always on, about as fast as the data is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kg.finding import Finding, Report, Severity
from kg.gate import Origins, Touched, nowhere
from kg.gate.affected import Affected
from kg.gate.disagreement import disagreements
from kg.gate.stated import Described, Held, Merge, Reading, Said, graphs, merged
from kg.gate.survey import Judge, Survey
from kg.graph import Node, Row, Subject, View
from kg.namespaces import SH
from kg.shacl import Aims, Classes, Indexed, Result, Run, Select, Shapes, above_all, selecting
from kg.shacl.data import is_subject
from kg.shacl.paths import read as read_path
from kg.shacl.shape import Found

_SEVERITY: Final[Mapping[Node, Severity]] = {
    SH.Violation: Severity.VIOLATION,
    SH.Warning: Severity.WARNING,
    SH.Info: Severity.INFO,
}


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

    def is_narrow(self, property: NamedNode) -> bool:
        """Whether what is said with a property is judged value by value, whoever says it and whatever else."""
        return self._reference.aims.alone(property) is not None

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
            return Report.of([*report.findings, _left_to_pyshacl(beyond)])
        check = _Check(self._description, self._reference, view, frozenset(content), origins)
        found = check.everything() if touched is None else check.around(touched)
        told = ((node, check.reading.of(node)) for node in check.apart)
        return Report.of([*found, *disagreements(told, content, self.single_valued, origins)])


class Aimed:
    """Shapes, and what each kind of node is held to."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.aims = Aims(shapes)


class _Check:
    """One look at a dataset."""

    def __init__(
        self, description: Aimed, reference: Aimed, view: View, content: frozenset[NamedNode], origins: Origins
    ) -> None:
        self.reading = Reading(view)
        self.apart: Collection[Subject] = ()  # what several graphs may describe, of what was looked at
        self._view = view
        self._content = content
        self._origins = origins
        self._description = description
        self._reference = reference
        self._merge = Merge(self.reading)
        self._classes = Classes(self._merge)
        self._of_merge = Run(self._merge, self._classes, _around(self._merge))
        self._of_graph: dict[NamedNode, tuple[Described, Run]] = {}

    def everything(self) -> list[Finding]:
        """What a survey has not shown to conform is looked at node by node."""
        survey = Survey(self._view)
        names = graphs(self._view)
        for graph in names:
            judges = [Judge(self._reference.aims, self._merge, self._of_merge)]
            if graph in self._content:
                judges.append(Judge(self._description.aims, *self._about(graph)))
            survey.sort(graph, judges)
        self._merge.told = survey.types
        try:
            return self._closely(survey, names)
        finally:
            self.apart = survey.several.keys()
            self._merge.told = None  # or each would keep the other, until somebody looks for such circles

    def _closely(self, survey: Survey, names: Iterable[NamedNode]) -> list[Finding]:
        found: list[Finding] = []
        for graph in names:
            for node in survey.close(graph):
                said = self.reading.alone(node, graph)
                if graph in self._content:
                    found += self._described(graph, node, said)
                found += self._merged(node, said)
        for node in survey.several:
            by_graph = self.reading.of(node)
            for graph, said in by_graph.items():
                if graph in self._content:
                    found += self._described(graph, node, said)
            found += self._merged(node, merged(by_graph))
        return found

    def around(self, touched: Touched) -> list[Finding]:
        """What was touched, and what depends on it."""
        concerned = self._reference.aims.alone
        affected = Affected.by(touched, self.reading, self._content, lambda property: concerned(property) is not None)
        found: list[Finding] = []
        for graph, nodes in affected.described.items():
            for node in nodes:
                said = self.reading.of(node).get(graph)
                if said is not None:
                    found += self._described(graph, node, said)
        for node in affected.merged:
            found += self._merged(node, merged(self.reading.of(node)))
        self.apart = affected.merged
        self._of_merge.focus = None
        for node, property, value in affected.pointing:
            for shape, check in concerned(property) or ():
                if not check.fits(self._of_merge, value):
                    result = shape.result(node, check.component, Found(value))
                    found.append(_finding(result, self._reference.shapes, self._origins, None))
        return found

    def _about(self, graph: NamedNode) -> tuple[Described, Run]:
        known = self._of_graph.get(graph)
        if known is None:
            data = Described(self.reading, graph, self._merge)
            known = self._of_graph[graph] = data, Run(data, self._classes, _around(data))
        return known

    def _described(self, graph: NamedNode, node: Subject, said: Said) -> list[Finding]:
        data, run = self._about(graph)
        said = data.completed(node, said)
        data.hold(node, said)
        return self._judged(self._description, run, node, said, graph)

    def _merged(self, node: Subject, said: Said) -> list[Finding]:
        self._merge.hold(node, said)
        return self._judged(self._reference, self._of_merge, node, said, None)

    def _judged(self, aimed: Aimed, run: Run, node: Subject, said: Said, graph: NamedNode | None) -> list[Finding]:
        run.focus = node
        counts = frozenset([(property, len(values)) for property, values in said.items()])
        demands = aimed.aims.demands(above_all(self._classes, said), counts)
        if demands is not None and demands.met(run, node, said):
            return []
        return [_finding(result, aimed.shapes, self._origins, graph) for result in aimed.aims.results(run, node, said)]


def read(folder: Path) -> Shapes:
    """The shapes in all Turtle files of a folder. Raises QueryError."""
    quads = (quad for path in sorted(folder.glob("*.ttl")) for quad in parse(path.read_bytes(), RdfFormat.TURTLE))
    return Shapes(Indexed(quad.triple for quad in quads))


def _around(data: Held) -> Select:
    """Queries over a node and what it points to: no shape looks further."""
    last: list[tuple[Node, Select]] = []

    def select(text: str, bound: Mapping[str, Node]) -> Iterator[Row]:
        near = bound["this"]
        if not last or last[0][0] != near:
            last[:] = [(near, selecting(_surroundings(data, near)))]
        return last[0][1](text, bound)

    return select


def _surroundings(data: Held, near: Node) -> Store:
    store = Store()
    for node in dict.fromkeys([near, *(value for values in data.out(near).values() for value in values)]):
        if is_subject(node):
            store.extend(Quad(node, property, value) for property, values in data.out(node).items() for value in values)
    return store


def _finding(result: Result, shapes: Shapes, origins: Origins, graph: NamedNode | None) -> Finding:
    path = None if result.path is None else read_path(shapes.graph, result.path)
    named = result.path.value if isinstance(result.path, NamedNode) else None
    focus = result.focus.value if isinstance(result.focus, NamedNode) else ""
    at, field = origins(focus, named, graph, result.value)
    component = result.component.value.rpartition("#")[2]
    return Finding(
        {text.language or "en": text.value for text in result.messages} or _plain(component),
        _SEVERITY.get(result.severity, Severity.VIOLATION),
        at=at,
        field=field,
        focus_node=result.focus,
        path=named or (None if path is None else str(path)),
        value=result.value,
        shape=result.shape.value if isinstance(result.shape, NamedNode) else str(result.shape),
        component=component,
    )


def _left_to_pyshacl(beyond: Iterable[NamedNode]) -> Finding:
    names = ", ".join(sorted(f"sh:{one.value.rpartition('#')[2]}" for one in beyond))
    return Finding(
        {
            "bg": f"Проверено е с pySHACL, което е по-бавно: формите ползват {names}.",
            "en": f"This was checked with pySHACL, which is slower: the shapes use {names}.",
        },
        Severity.INFO,
        component="Engine",
    )


def _plain(component: str) -> Mapping[str, str]:
    """What is said where a shape says nothing itself."""
    name = component.removesuffix("ConstraintComponent")
    return {"bg": f"Стойността не отговаря на изискването „{name}“.", "en": f"The value does not meet „{name}“."}
