"""The gate on shapes that are compiled once: always on, about as fast as the data is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kg.finding import Finding, Report, Severity
from kg.gate import Origins, Touched, nowhere
from kg.gate.affected import Affected, is_stated
from kg.gate.disagreement import disagreements
from kg.graph import GraphName, Node, Row, Subject, View
from kg.namespaces import RDF, SH
from kg.shacl import Indexed, Result, Select, Shapes, selecting, validate
from kg.shacl.data import SUBCLASS, is_subject
from kg.shacl.paths import read as read_path

_SEVERITY: Final[Mapping[Node, Severity]] = {
    SH.Violation: Severity.VIOLATION,
    SH.Warning: Severity.WARNING,
    SH.Info: Severity.INFO,
}
_NOTHING: Final[Sequence[Node]] = ()
_CLASSES: Final = frozenset({RDF.type, SUBCLASS})
_REMEMBERED: Final = 100_000  # nodes whose classes are known


@dataclass(frozen=True)
class CompiledGate:
    """Shapes of `description/` per source graph, of `reference/` on the merge; both judge what is stated.

    Description shapes look at a node and its classes alone. Reference shapes look at a focus node and at what it points
    to, and so at those that point at one whose class has changed (a test holds them to it).
    """

    shapes: Path
    single_valued: frozenset[NamedNode] = frozenset()  # what sources may disagree about

    @cached_property
    def _description(self) -> Shapes:
        return read(self.shapes / "description")

    @cached_property
    def _reference(self) -> Shapes:
        return read(self.shapes / "reference")

    def check(
        self,
        view: View,
        content: Collection[NamedNode],
        touched: Touched | None = None,
        origins: Origins = nowhere,
    ) -> Report:
        """See `Gate.check`. Shapes with features that are not compiled are left to pySHACL, and a finding says so."""
        if beyond := self._description.beyond | self._reference.beyond:
            from kg.gate.with_pyshacl import PyshaclGate  # takes a second, and is seldom needed

            report = PyshaclGate(self.shapes, self.single_valued).check(view, content, touched, origins)
            return Report.of([*report.findings, _left_to_pyshacl(beyond)])
        changed = None if touched is None else Affected.by(touched, view, content)
        findings: list[Finding] = []
        merge = Stated(view)
        for graph in sorted(content if changed is None else changed.described, key=str):
            nodes = (
                {quad.subject for quad in view.quads(None, None, None, graph)}
                if changed is None
                else changed.described[graph]
            )
            findings += _findings(self._description, Described(view, graph, merge), nodes, origins, graph)
        merged = None if changed is None else changed.merged
        findings += _findings(self._reference, merge, merge.all_subjects() if merged is None else merged, origins, None)
        findings += disagreements(view, content, self.single_valued, merged, origins)
        return Report.of(findings)


def read(folder: Path) -> Shapes:
    """The shapes in all Turtle files of a folder. Raises QueryError."""
    quads = (quad for path in sorted(folder.glob("*.ttl")) for quad in parse(path.read_bytes(), RdfFormat.TURTLE))
    return Shapes(Indexed(quad.triple for quad in quads))


class _OneByOne:
    """Remembers what is said of the node that was asked about last: each is asked about many times in a row."""

    def __init__(self) -> None:
        self._node: Node | None = None
        self._said: Mapping[NamedNode, Sequence[Node]] = {}

    def out(self, node: Node) -> Mapping[NamedNode, Sequence[Node]]:
        if node is not self._node and node != self._node:
            self._said = self._look(node) if is_subject(node) else {}
            self._node = node
        return self._said

    def objects(self, node: Node, property: NamedNode) -> Sequence[Node]:
        if node == self._node:
            return self._said.get(property, _NOTHING)
        return self._values(node, property) if is_subject(node) else _NOTHING

    def _look(self, node: Subject) -> Mapping[NamedNode, Sequence[Node]]:
        raise NotImplementedError

    def _values(self, node: Subject, property: NamedNode) -> Sequence[Node]:
        raise NotImplementedError


class Stated(_OneByOne):
    """The merge of what graphs say, the derived ones apart: what was derived may follow from things that are gone."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self._view = view
        self._classes: dict[Node, Sequence[Node]] = {}
        self._graphs: dict[GraphName, bool] = {}

    def quads(
        self, subject: Subject | None = None, predicate: NamedNode | None = None, object: Node | None = None
    ) -> Iterator[Quad]:
        known = self._graphs
        for quad in self._view.quads(subject, predicate, object, None):
            name = quad.graph_name
            stated = known.get(name)
            if stated is None:
                stated = known[name] = is_stated(name)
            if stated:
                yield quad

    def _look(self, node: Subject) -> Mapping[NamedNode, Sequence[Node]]:
        return _grouped(self.quads(node))

    def _values(self, node: Subject, property: NamedNode) -> Sequence[Node]:
        if property != RDF.type:
            return tuple(dict.fromkeys(quad.object for quad in self.quads(node, property)))
        found = self._classes.get(node)
        if found is None:
            if len(self._classes) > _REMEMBERED:
                self._classes.clear()
            found = self._classes[node] = tuple(dict.fromkeys(quad.object for quad in self.quads(node, property)))
        return found

    def subjects(self, property: NamedNode, object: Node) -> Sequence[Subject]:
        return tuple(dict.fromkeys(quad.subject for quad in self.quads(None, property, object)))

    def pairs(self, property: NamedNode) -> Iterator[tuple[Subject, Node]]:
        yield from dict.fromkeys((quad.subject, quad.object) for quad in self.quads(None, property))

    def all_subjects(self) -> Iterable[Subject]:
        return dict.fromkeys(quad.subject for quad in self.quads())


class Described(_OneByOne):
    """What one graph says, and the classes that any gives."""

    def __init__(self, view: View, graph: NamedNode, merge: Stated) -> None:
        super().__init__()
        self._view = view
        self._graph = graph
        self._merge = merge

    def _look(self, node: Subject) -> Mapping[NamedNode, Sequence[Node]]:
        found = _grouped(self._view.quads(node, None, None, self._graph))
        if found and (classes := self._merge.objects(node, RDF.type)):
            found[RDF.type] = classes
        return found

    def _values(self, node: Subject, property: NamedNode) -> Sequence[Node]:
        if property in _CLASSES:
            return self._merge.objects(node, property)
        return tuple(quad.object for quad in self._view.quads(node, property, None, self._graph))

    def subjects(self, property: NamedNode, object: Node) -> Sequence[Subject]:
        if property in _CLASSES:
            return self._merge.subjects(property, object)
        return tuple(quad.subject for quad in self._view.quads(None, property, object, self._graph))

    def pairs(self, property: NamedNode) -> Iterator[tuple[Subject, Node]]:
        for quad in self._view.quads(None, property, None, self._graph):
            yield quad.subject, quad.object


def _grouped(quads: Iterable[Quad]) -> dict[NamedNode, Sequence[Node]]:
    found: dict[NamedNode, dict[Node, None]] = {}
    for quad in quads:
        found.setdefault(quad.predicate, {})[quad.object] = None
    return {property: tuple(values) for property, values in found.items()}


def _findings(
    shapes: Shapes, data: Stated | Described, nodes: Iterable[Subject], origins: Origins, graph: NamedNode | None
) -> Iterator[Finding]:
    """What the shapes have against these nodes."""
    for result in validate(shapes, data, _around(data), nodes):
        yield _finding(result, shapes, origins, graph)


def _around(data: Stated | Described) -> Select:
    """Queries over a node and what it points to: no shape looks further."""

    def select(text: str, bound: Mapping[str, Node]) -> Iterator[Row]:
        near, store = bound["this"], Store()
        for node in dict.fromkeys([near, *(value for values in data.out(near).values() for value in values)]):
            if is_subject(node):
                store.extend(
                    Quad(node, property, value) for property, values in data.out(node).items() for value in values
                )
        return selecting(store)(text, bound)

    return select


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
