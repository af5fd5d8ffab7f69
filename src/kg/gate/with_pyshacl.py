"""The gate on pySHACL: exact and slow. It is shown only what the shapes can see from the touched nodes."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyshacl
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store
from rdflib.namespace import SH

from kg.finding import Finding, Report, Severity
from kg.gate import Origins, Touched, nowhere
from kg.gate.affected import Affected
from kg.gate.disagreement import disagreements
from kg.gate.stated import Reading, stated
from kg.graph import Node, Subject, View
from kg.namespaces import RDF, RDFS, XSD
from kg.shacl.reading import BEYOND

_SEVERITY = {SH.Violation: Severity.VIOLATION, SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}


@dataclass(frozen=True)
class PyshaclGate:
    """Shapes of `description/` per source graph, of `reference/` on the merge.

    Reference shapes look at a focus node and at the class and the scheme of what it points to, description shapes at
    the node alone (a test holds them to it), so the merge is cut down to that neighbourhood. Both judge what is
    stated: what was derived of the last release follows from things that may be gone.
    """

    shapes: Path
    single_valued: frozenset[NamedNode] = frozenset()  # what sources may disagree about

    @cached_property
    def _description(self) -> Shapes:
        return Shapes.read(self.shapes / "description")

    @cached_property
    def _reference(self) -> Shapes:
        return Shapes.read(self.shapes / "reference")

    def check(
        self,
        view: View,
        content: Collection[NamedNode],
        touched: Touched | None = None,
        origins: Origins = nowhere,
    ) -> Report:
        """See `Gate.check`."""
        reading = Reading(view)
        changed = None if touched is None else Affected.by(touched, reading, content)
        described = dict.fromkeys(content) if changed is None else changed.described
        apart = Apart()
        findings = list(self._description.validate(apart.quads(view, described), None, origins, apart))
        nodes = None if changed is None else set(changed.merged)
        if nodes is None or nodes:
            findings += self._reference.validate(_around(view, nodes), nodes, origins)
        told = ((node, reading.of(node)) for node in (_in_several(view, content) if nodes is None else nodes))
        findings += disagreements(told, content, self.single_valued, origins, view)
        return Report.of(findings)


@dataclass(frozen=True)
class Shapes:
    """The shapes of one folder. Checks in SPARQL are asked of the engine: pySHACL parses them for every node."""

    graph: rdflib.Graph
    queries: tuple[Query, ...]
    advanced: bool = False

    @classmethod
    def read(cls, folder: Path) -> Shapes:
        """All Turtle files of the folder."""
        graph = rdflib.Graph()
        for path in sorted(folder.glob("*.ttl")):
            graph.parse(path, format="turtle")
        queries = tuple(Query.of(graph, shape) for shape in sorted(set(graph.subjects(SH.sparql)), key=str))
        for query in queries:
            graph.remove((query.shape, SH.sparql, None))
        _aim(graph)
        return cls(graph, queries, any((None, rdflib.URIRef(one.value), None) in graph for one in BEYOND))

    def validate(
        self,
        quads: Iterable[Quad],
        focus: Collection[Subject] | None,
        origins: Origins,
        apart: Apart | None = None,
    ) -> Iterator[Finding]:
        """Findings about the focus nodes (about all, when None) in these quads, read as one graph."""
        apart = apart or Apart()
        data, store = rdflib.Graph(bind_namespaces="none"), Store()
        for quad in quads:
            data.add((_term(quad.subject), _term(quad.predicate), _term(quad.object)))
            if self.queries:
                store.add(Quad(quad.subject, quad.predicate, quad.object))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rdflib warns when it compares a date that is none
            _, results, _ = pyshacl.validate(
                data,
                shacl_graph=self.graph,
                inference="none",
                do_owl_imports=False,
                inplace=True,
                advanced=self.advanced,
            )
        assert isinstance(results, rdflib.Graph)
        # pySHACL's own focus_nodes compares every node with every other; what was looked at beyond the focus is
        # cut off at its edge, so its results mean nothing and are dropped.
        for result in results.subjects(rdflib.RDF.type, SH.ValidationResult):
            finding = _finding(results, result, origins, apart)
            if focus is None or finding.focus_node in focus:
                yield finding
        for query in self.queries:
            for finding in query.findings(store, origins, apart):
                if focus is None or finding.focus_node in focus:
                    yield finding


@dataclass(frozen=True)
class Query:
    """One SPARQL-based constraint (SHACL §5.2) of a shape with sh:targetSubjectsOf, asked once per graph."""

    shape: rdflib.term.Node
    path: str
    target: str
    text: str
    severity: Severity
    messages: Mapping[str, str]

    @classmethod
    def of(cls, graph: rdflib.Graph, shape: rdflib.term.Node) -> Query:
        constraint = graph.value(shape, SH.sparql)
        head = "".join(
            f"PREFIX {graph.value(each, SH.prefix)}: <{graph.value(each, SH.namespace)}>\n"
            for each in graph.objects(constraint, SH.prefixes / SH.declare)
        )
        path = str(graph.value(shape, SH.path))
        severity = graph.value(shape, SH.severity)
        return cls(
            shape,
            path,
            str(graph.value(shape, SH.targetSubjectsOf)),
            head + str(graph.value(constraint, SH.select)).replace("$PATH", f"<{path}>"),
            _SEVERITY[severity] if isinstance(severity, rdflib.URIRef) else Severity.VIOLATION,
            _messages(graph, shape) or _messages(graph, constraint),
        )

    def findings(self, store: Store, origins: Origins, apart: Apart) -> Iterator[Finding]:
        targets = {quad.subject for quad in store.quads_for_pattern(None, NamedNode(self.target), None, None)}
        rows = store.query(self.text)
        assert isinstance(rows, QuerySolutions)
        named = {variable.value for variable in rows.variables}
        for row in rows:
            if row["this"] not in targets:
                continue
            focus = apart.own(row["this"])
            assert isinstance(focus, NamedNode)
            value = apart.own(row["value"]) if "value" in named else None
            at, field = origins(focus.value, self.path, apart.graph(row["this"]), value)
            yield Finding(
                self.messages,
                self.severity,
                at=at,
                field=field,
                focus_node=focus,
                path=self.path,
                value=value,
                shape=str(self.shape),
                component="SPARQLConstraintComponent",
            )


def _aim(graph: rdflib.Graph) -> None:
    """Gives property shapes the targets of their node shapes; says the same (SHACL §2.1.3, §4.6.1), ten times faster.

    pySHACL walks the property shapes of a node shape once for every focus node, but takes a shape's own targets
    all at once.
    """
    for target in (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf):
        for owner, aim in list(graph.subject_objects(target)):
            for inner in graph.objects(owner, SH.property):
                graph.add((inner, target, aim))
    for owner, inner in list(graph.subject_objects(SH.property)):
        if (owner, SH.targetClass | SH.targetNode | SH.targetSubjectsOf | SH.targetObjectsOf, None) in graph:
            graph.remove((owner, SH.property, inner))


class Apart:
    """Several graphs as one in which they stay apart: the same subject has another name in each.

    A run of pySHACL costs more than what it is run on, so the sources go through it together.
    """

    def __init__(self) -> None:
        self._own: dict[Node, tuple[Node, NamedNode]] = {}

    def quads(self, view: View, graphs: Mapping[NamedNode, Collection[Subject] | None]) -> Iterator[Quad]:
        """What each graph says of these subjects (of all, when None), and the classes that any source gives them."""
        yield from stated(view, None, RDFS.subClassOf)
        for number, graph in enumerate(sorted(graphs, key=str)):
            subjects = graphs[graph]
            if subjects is None:
                subjects = {quad.subject for quad in view.quads(None, None, None, graph)}
            names: dict[Node, NamedNode] = {}
            for subject in subjects:
                assert isinstance(subject, NamedNode)
                names[subject] = NamedNode(f"urn:graph:{number}:{subject.value}")
                self._own[names[subject]] = subject, graph
            for subject, name in ((subject, names[subject]) for subject in subjects):
                for quad in view.quads(subject, None, None, graph):
                    yield Quad(name, quad.predicate, names.get(quad.object, quad.object))
                for quad in stated(view, subject, RDF.type):
                    yield Quad(name, RDF.type, quad.object)

    def own(self, node: Node | None) -> Node | None:
        """The node's own name."""
        return node if node is None else self._own.get(node, (node, None))[0]

    def graph(self, node: Node | None) -> NamedNode | None:
        """The graph that the node was taken from; None when it stands for all."""
        return None if node is None else self._own.get(node, (node, None))[1]


def _around(view: View, nodes: set[Subject] | None) -> Iterator[Quad]:
    if nodes is None:
        yield from stated(view)
        return
    yield from stated(view, None, RDFS.subClassOf)
    seen: set[Node] = set()
    for node in nodes:
        for quad in stated(view, node):
            yield quad
            far = quad.object
            if isinstance(far, NamedNode) and far not in seen and far not in nodes:
                seen.add(far)
                yield from stated(view, far)


def _in_several(view: View, content: Collection[NamedNode]) -> set[Subject]:
    """What more than one graph describes."""
    once: set[Subject] = set()
    several: set[Subject] = set()
    for graph in content:
        here = {quad.subject for quad in view.quads(None, None, None, graph)}
        several |= once & here
        once |= here
    return several


def _messages(graph: rdflib.Graph, node: rdflib.term.Node | None) -> dict[str, str]:
    return _texts(graph.objects(node, SH.message))


def _texts(messages: Iterable[rdflib.term.Node]) -> dict[str, str]:
    """By language tag, in an order that is the same everywhere."""
    return dict(sorted((one.language or "en", str(one)) for one in messages if isinstance(one, rdflib.Literal)))


def _finding(results: rdflib.Graph, result: rdflib.term.Node, origins: Origins, apart: Apart) -> Finding:
    named = _node(results.value(result, SH.focusNode))
    focus, value = apart.own(named), apart.own(_node(results.value(result, SH.value)))
    path = results.value(result, SH.resultPath)
    path_text = str(path) if isinstance(path, rdflib.URIRef) else None
    at, field = origins(focus.value if isinstance(focus, NamedNode) else "", path_text, apart.graph(named), value)
    severity = results.value(result, SH.resultSeverity)
    return Finding(
        _texts(results.objects(result, SH.resultMessage)),
        _SEVERITY[severity] if isinstance(severity, rdflib.URIRef) else Severity.VIOLATION,
        at=at,
        field=field,
        focus_node=focus,
        path=path_text,
        value=value,
        shape=str(results.value(result, SH.sourceShape) or ""),
        component=str(results.value(result, SH.sourceConstraintComponent) or "").rpartition("#")[2],
    )


def _term(node: object) -> rdflib.term.Identifier:
    if isinstance(node, NamedNode):
        return rdflib.URIRef(node.value)
    if isinstance(node, Literal):
        datatype = None if node.language or node.datatype == XSD.string else rdflib.URIRef(node.datatype.value)
        return rdflib.Literal(node.value, lang=node.language, datatype=datatype, normalize=False)
    assert isinstance(node, BlankNode)
    return rdflib.BNode(node.value)


def _node(term: object) -> Node | None:
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return Literal(str(term), language=term.language)
        return Literal(str(term), datatype=NamedNode(str(term.datatype)) if term.datatype else XSD.string)
    return None
