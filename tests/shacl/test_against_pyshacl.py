"""Our validator and pySHACL say the same of shapes and graphs that nobody has thought of.

Where pySHACL departs from the specification, `tests/shacl/mended.py` names the clause and mends it for the comparison.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pyshacl
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Store, parse
from rdflib.namespace import SH

from kg.graph import DEFAULT, in_graph
from kg.shacl import Indexed, Shapes, selecting, validate
from kg.shacl.paths import read as read_path
from tests.shacl.mended import mended

HEAD = """@prefix : <http://x/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:D rdfs:subClassOf :C . :E rdfs:subClassOf :D .
"""
NODES = [":a", ":b", ":c", ":d"]
CLASSES = [":C", ":D", ":E"]
PROPERTIES = [":p", ":q", ":r"]
LITERALS = [
    "1",
    "2",
    "10",
    "2.5",
    '"1.0"^^xsd:double',
    '"1"',
    '"a"',
    '"ab"',
    '"б"@bg',
    '"b"@en',
    '"c"@en',
    '"d"@en-GB',
    "true",
    "false",
    '"2026-05-01"^^xsd:date',
    '"2026-05-02"^^xsd:date',
    '"2026-13-01"^^xsd:date',
    '"2026-05-01T10:00:00"^^xsd:dateTime',
    '"x"^^xsd:integer',
    '"300"^^xsd:byte',
    '"v"^^:own',
]
LIMITS = ["1", "2", "2.5", '"2026-05-01"^^xsd:date']
DATATYPES = [
    "xsd:string",
    "xsd:integer",
    "xsd:decimal",
    "xsd:date",
    "xsd:boolean",
    "rdf:langString",
    "xsd:byte",
    ":own",
]
KINDS = ["sh:IRI", "sh:Literal", "sh:BlankNode", "sh:BlankNodeOrIRI", "sh:IRIOrLiteral", "sh:BlankNodeOrLiteral"]
KEY = tuple[str, str, str, str, str]

nodes = st.sampled_from([*NODES, "_:x", "_:y"])
values = st.one_of(nodes, st.sampled_from(LITERALS))
triples = st.one_of(
    st.tuples(nodes, st.sampled_from(PROPERTIES), values),
    st.tuples(nodes, st.just("a"), st.sampled_from(CLASSES)),
)
graphs = st.lists(triples, min_size=1, max_size=14).map(lambda rows: "".join(f"{s} {p} {o} .\n" for s, p, o in rows))

paths: st.SearchStrategy[str] = st.recursive(
    st.sampled_from(PROPERTIES),
    lambda inner: st.one_of(
        inner.map(lambda one: f"[ sh:inversePath {one} ]"),
        inner.map(lambda one: f"[ sh:zeroOrMorePath {one} ]"),
        inner.map(lambda one: f"[ sh:oneOrMorePath {one} ]"),
        inner.map(lambda one: f"[ sh:zeroOrOnePath {one} ]"),
        st.tuples(inner, inner).map(lambda pair: f"( {pair[0]} {pair[1]} )"),
        st.tuples(inner, inner).map(lambda pair: f"[ sh:alternativePath ( {pair[0]} {pair[1]} ) ]"),
    ),
    max_leaves=3,
)
numbers = st.integers(0, 3)


def listed(items: list[str]) -> str:
    return f"( {' '.join(items)} )"


plain = st.one_of(
    st.sampled_from(CLASSES).map(lambda one: f"sh:class {one}"),
    st.sampled_from(DATATYPES).map(lambda one: f"sh:datatype {one}"),
    st.sampled_from(KINDS).map(lambda one: f"sh:nodeKind {one}"),
    st.tuples(
        st.sampled_from(["minInclusive", "maxInclusive", "minExclusive", "maxExclusive"]), st.sampled_from(LIMITS)
    ).map(lambda pair: f"sh:{pair[0]} {pair[1]}"),
    numbers.map(lambda one: f"sh:minLength {one}"),
    numbers.map(lambda one: f"sh:maxLength {one}"),
    st.sampled_from(['"^a"', '"b$"', '"[0-9]"', '"A" ; sh:flags "i"']).map(lambda one: f"sh:pattern {one}"),
    st.sampled_from(['("en")', '("bg" "en-GB")']).map(lambda one: f"sh:languageIn {one}"),
    st.sampled_from(PROPERTIES).map(lambda one: f"sh:equals {one}"),
    st.sampled_from(PROPERTIES).map(lambda one: f"sh:disjoint {one}"),
    values.filter(lambda one: not one.startswith("_")).map(lambda one: f"sh:hasValue {one}"),
    st.lists(values.filter(lambda one: not one.startswith("_")), min_size=1, max_size=3)
    .map(listed)
    .map(lambda one: f"sh:in {one}"),
)
for_properties = st.one_of(
    plain,
    numbers.map(lambda one: f"sh:minCount {one}"),
    numbers.map(lambda one: f"sh:maxCount {one}"),
    st.just("sh:uniqueLang true"),
    st.sampled_from(PROPERTIES).map(lambda one: f"sh:lessThan {one}"),
    st.sampled_from(PROPERTIES).map(lambda one: f"sh:lessThanOrEquals {one}"),
)


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner.map(lambda one: f"[ {one} ]"), min_size=1, max_size=3).map(listed)
    return st.one_of(
        inner.map(lambda one: f"sh:not [ {one} ]"),
        inner.map(lambda one: f"sh:node [ {one} ]"),
        st.tuples(st.sampled_from(["and", "or", "xone"]), several).map(lambda pair: f"sh:{pair[0]} {pair[1]}"),
        st.tuples(paths, for_properties).map(lambda pair: f"sh:property [ sh:path {pair[0]} ; {pair[1]} ]"),
        st.tuples(paths, inner, st.sampled_from(["Min", "Max"]), numbers).map(
            lambda one: (
                f"sh:property [ sh:path {one[0]} ; sh:qualifiedValueShape [ {one[1]} ] ; "
                f"sh:qualified{one[2]}Count {one[3]} ]"
            )
        ),
        st.tuples(paths, inner, inner, numbers).map(
            lambda one: " , ".join(
                f"{start} [ sh:path {one[0]} ; sh:qualifiedValueShape [ {inner} ] ; "
                f"sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMaxCount {one[3]} ]"
                for start, inner in (("sh:property", one[1]), ("", one[2]))
            )
        ),
        st.just("sh:closed true ; sh:ignoredProperties ( rdf:type ) ; sh:property [ sh:path :p ]"),
    )


bodies = st.recursive(plain, combined, max_leaves=3)
targets = st.one_of(
    st.sampled_from(NODES).map(lambda one: f"sh:targetNode {one}"),
    st.sampled_from(CLASSES).map(lambda one: f"sh:targetClass {one}"),
    st.sampled_from(PROPERTIES).map(lambda one: f"sh:targetSubjectsOf {one}"),
    st.sampled_from(PROPERTIES).map(lambda one: f"sh:targetObjectsOf {one}"),
)
severities = st.sampled_from(["", "", "sh:severity sh:Warning ;", "sh:severity sh:Info ;", "sh:deactivated true ;"])
shapes = st.lists(
    st.one_of(
        st.tuples(targets, severities, bodies).map(
            lambda one: f"a sh:NodeShape ; {' ; '.join([one[0]])} ; {one[1]} {one[2]}"
        ),
        st.tuples(targets, severities, paths, st.one_of(for_properties, bodies)).map(
            lambda one: f"a sh:PropertyShape ; {one[0]} ; {one[1]} sh:path {one[2]} ; {one[3]}"
        ),
    ),
    min_size=1,
    max_size=3,
).map(lambda all: "".join(f":S{number} {one} .\n" for number, one in enumerate(all)))


def ours(data: str, shapes: str) -> set[KEY]:
    graph = Indexed(quad.triple for quad in parse(HEAD + data, RdfFormat.TURTLE))
    compiled = Shapes(Indexed(quad.triple for quad in parse(HEAD + shapes, RdfFormat.TURTLE)))
    store = Store()
    store.extend(in_graph(graph.triples(), DEFAULT))
    return {
        (
            name(one.focus),
            "" if one.path is None else str(read_path(compiled.graph, one.path)),
            one.component.value,
            name(one.value),
            one.severity.value,
        )
        for one in validate(compiled, graph, selecting(store))
    }


def name(term: Any) -> str:
    """The same for both libraries; blank nodes are not told apart."""
    if term is None:
        return ""
    return "_" if type(term).__name__ == "BlankNode" else str(term)


def theirs(data: str, shapes: str) -> set[KEY]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = [rdflib.Graph().parse(data=HEAD + text, format="turtle") for text in (data, shapes)]
        _, report, text = pyshacl.validate(read[0], shacl_graph=read[1], inplace=True, do_owl_imports=False)
    assert isinstance(report, rdflib.Graph), text
    copied = Indexed(quad.triple for quad in parse(report.serialize(format="nt"), RdfFormat.N_TRIPLES))
    found = set()
    for _, one in copied.pairs(NamedNode(str(SH.result))):
        said = copied.out(one)

        def first(property: rdflib.URIRef, said: Any = said) -> Any:
            return next(iter(said.get(NamedNode(str(property)), ())), None)

        path = first(SH.resultPath)
        found.add(
            (
                name(first(SH.focusNode)),
                "" if path is None else str(read_path(copied, path)),
                first(SH.sourceConstraintComponent).value,
                name(first(SH.value)),
                first(SH.resultSeverity).value,
            )
        )
    return found


@pytest.fixture(scope="module", autouse=True)
def as_written() -> Iterator[None]:
    """Literals stay what they are, and rdflib keeps to itself that some of them are ill-formed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rdflib, "NORMALIZE_LITERALS", False)
        patch.setattr(logging.getLogger("rdflib.term"), "disabled", True)
        yield


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs, shapes)
def test_the_same_is_found(data: str, shapes: str) -> None:
    with mended():
        expected = theirs(data, shapes)
    assert ours(data, shapes) == expected


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (':a :p "2026-05-01"^^xsd:date .', "sh:path :p ; sh:maxInclusive 1"),
        (':a :p "2026-13-01"^^xsd:date .', "sh:path :p ; sh:maxExclusive 2.5"),
        (":a :p :b ; :q :c .", "sh:path :p ; sh:lessThan :q"),
        (":a :p :b ; :q :b .", "sh:path :p ; sh:lessThanOrEquals :q"),
        (":b :q :a . :c :p :b .", "sh:path [ sh:inversePath ( :p :q ) ] ; sh:maxCount 0"),
        (":a :p _:x .", "sh:path :p ; sh:minLength 0"),
    ],
)
def test_what_is_mended_is_a_fault(data: str, shape: str) -> None:
    """Without the mending pySHACL finds nothing here. Once it does, the mending goes."""
    shapes = f":S sh:targetNode :a ; {shape} ."
    with mended():
        expected = theirs(data, shapes)
    assert expected
    assert ours(data, shapes) == expected
    assert theirs(data, shapes) == set()
