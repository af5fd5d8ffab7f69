"""What is found around a change, with what was found elsewhere before, is what is found in the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse
from tests.conftest import BASE
from tests.memory import Memory
from tests.shacl.mended import mended

from kg import pipeline
from kg.entry import Locator
from kg.finding import Report
from kg.gate import CLASSING, Gate, Origin, Touched
from kg.gate.affected import Affected
from kg.gate.compiled import CompiledGate
from kg.gate.stated import Reading
from kg.gate.with_pyshacl import PyshaclGate
from kg.graph import Changes, Node, in_graph
from kg.iris import Iris
from kg.namespaces import MKG, PREFIXES, RDF, RDFS

IRIS = Iris(BASE)
GRAPHS = [IRIS.graph(name) for name in ("register", "report", "endpoint/notes")]
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + (
    f"@base <{BASE}/id/> .\n@prefix code: <https://w3id.org/municipal-kg/code/> .\n"
)
# Whole and broken, of one class and of several, pointed at and pointing; a class and a code of a source's own.
POOL = [
    quad.triple
    for quad in parse(
        HEAD
        + """
        <class/Fund> rdfs:subClassOf mkg:Organisation , <class/Payer> .
        <class/Payer> rdfs:subClassOf mkg:Place .
        <organisation/ndef> a mkg:Organisation , mkg:Place , <class/Fund> ; skos:prefLabel "НДЕФ"@bg , "Фондът"@bg ;
            mkg:kind <https://w3id.org/municipal-kg/code/organisation-kind/fund> , <code/own> ;
            mkg:registerCode "176789478"^^mkg:EIK , "176789479"^^mkg:EIK .
        <municipality/rse27> a mkg:Municipality ; skos:prefLabel "Община Русе"@bg ; mkg:kind code:x .
        <code/own> skos:inScheme <https://w3id.org/municipal-kg/code/organisation-kind> ; a skos:Concept .
        <project/p> a mkg:Project ; dct:title "П"@bg , "Проект"@bg ; mkg:fundedBy <organisation/ndef> ;
            mkg:lead <municipality/rse27> , <person/a> ; mkg:statusChange <project/p/status/s> ;
            schema:startDate "2023-06-27"^^xsd:date , "2023-02-30"^^xsd:date ;
            schema:endDate "2022-06-27"^^xsd:date ; mkg:budget <project/p#budget> .
        <project/p#budget> a mkg:Amount ; mkg:value 10.5 , -1 ;
            mkg:currency <http://publications.europa.eu/resource/authority/currency/EUR> .
        <project/p/status/s> a mkg:StatusChange ; schema:startDate "2023-06-27"^^xsd:date ;
            mkg:toStatus <https://w3id.org/municipal-kg/code/status/running> , <code/own> .
        <person/a> a mkg:Person ; foaf:name "А"@bg .
        <event/e> a mkg:Event ; dct:title "С"@bg ; mkg:withinProject <project/p> ; mkg:organiser <organisation/ndef> ;
            schema:startDate "2023-06-28"^^xsd:date ; mkg:produced <person/a> , <class/Fund> .
        """,
        RdfFormat.TURTLE,
    )
]
Stated: TypeAlias = frozenset[tuple[Triple, NamedNode]]
Told: TypeAlias = tuple[str, ...]

ALL = [(triple, graph) for triple in POOL for graph in GRAPHS]
statements = st.sampled_from(ALL)
classing = st.sampled_from(
    [one for one in ALL if one[0].predicate.value.endswith(("#type", "#subClassOf", "#inScheme"))]
)
datasets = st.integers(0, 2 ** len(ALL) - 1).map(  # about half of all, which a list of samples seldom comes to
    lambda bits: frozenset(one for number, one in enumerate(ALL) if bits >> number & 1)
)
edits = st.one_of(
    st.frozensets(classing, min_size=1, max_size=2), st.frozensets(statements, min_size=1, max_size=4), datasets
)


@pytest.fixture(scope="module")
def system(domain: pipeline.Domain) -> Memory:
    """The ontology and the code lists."""
    memory = Memory()
    for name, triples in domain.system.items():
        memory.replace(name, triples)
    return memory


def change(memory: Memory, before: Stated, after: Stated) -> Touched:
    """From the one to the other; what that touches."""
    changes = Changes(quads(after - before), quads(before - after))
    memory.apply(changes)
    return Touched.of((*changes.added, *changes.removed))


def quads(stated: Stated) -> tuple[Quad, ...]:
    return tuple(quad for triple, graph in stated for quad in in_graph([triple], graph))


def where(subject: str, path: str | None, graph: NamedNode | None = None, value: Node | None = None) -> Origin:
    """The graph, so that findings of several graphs are told apart."""
    return (None if graph is None else Locator(graph.value)), None


def found(gate: Gate, memory: Memory, touched: Touched | None = None) -> Counter[Told]:
    report: Report = gate.check(memory, GRAPHS, touched, where)
    return Counter(
        tuple(
            map(
                str,
                (
                    one.at or "",
                    one.focus_node,
                    one.path,
                    one.component,
                    one.value,
                    one.severity,
                    one.shape,
                    one.messages,
                ),
            )
        )
        for one in report.findings
    )


def about(found: Counter[Told], affected: Affected) -> Counter[Told]:
    """Of these findings those about affected nodes."""
    merged = set(map(str, affected.merged))
    described = {
        (str(Locator(graph.value)), str(node)) for graph, nodes in affected.described.items() for node in nodes
    }
    pointing = {(property.value, str(value)) for property, value in affected.pointing}
    return Counter(
        {
            one: n
            for one, n in found.items()
            if (one[:2] in described if one[0] else one[1] in merged or (one[2], one[4]) in pointing)
        }
    )


def holds(gate: Gate, memory: Memory, before: Stated, after: Stated) -> None:
    change(memory, frozenset(), before)
    try:
        old = found(gate, memory)
        touched = change(memory, before, after)
        part, whole = found(gate, memory, touched), found(gate, memory)
        if isinstance(gate, CompiledGate):
            affected = gate.affected(memory, GRAPHS, touched)
        else:
            affected = Affected.by(touched, Reading(memory), GRAPHS)
        gone = about(old, affected) + Counter(
            {one: n for one, n in old.items() if not one[0] and one[1] in map(str, touched.subjects)}
        )
        assert part == about(whole, affected)
        assert whole == (old - gone) + part
    finally:
        change(memory, after, frozenset())


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=datasets, edit=edits)
def test_the_products_shapes(domain: pipeline.Domain, system: Memory, before: Stated, edit: Stated) -> None:
    assert isinstance(domain.gate, CompiledGate)
    holds(domain.gate, system, before, before ^ edit)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=datasets, edit=edits)
def test_the_products_shapes_on_pyshacl(domain: pipeline.Domain, system: Memory, before: Stated, edit: Stated) -> None:
    assert isinstance(domain.reference_gate, PyshaclGate)
    with mended():  # it cannot compare two dates of which one is none
        holds(domain.reference_gate, system, before, before ^ edit)


@pytest.mark.parametrize("apart", [(), (MKG.Organisation, MKG.Place)], ids=["all", "by a class of their own"])
def test_each_class_and_each_code_list_that_comes_or_goes(
    domain: pipeline.Domain, system: Memory, apart: Collection[NamedNode]
) -> None:
    stated = frozenset((one, GRAPHS[0]) for one in POOL if one.predicate != RDF.type or one.object not in apart)
    one_by_one = [one for one in stated if one[0].predicate in CLASSING]
    assert len(one_by_one) >= 12
    for one in one_by_one:
        holds(domain.gate, system, stated, stated - {one})
        holds(domain.gate, system, stated - {one}, stated)


def test_the_pool_breaks_shapes_of_both_kinds(domain: pipeline.Domain, system: Memory) -> None:
    all_of_it = frozenset((triple, graph) for triple in POOL for graph in GRAPHS)
    change(system, frozenset(), all_of_it)
    said = found(domain.gate, system)
    change(system, all_of_it, frozenset())
    assert len({one[6] for one in said if one[0]}) > 5
    assert len({one[6] for one in said if not one[0]}) > 5


def nodes(found: Collection[object]) -> set[str]:
    return {str(one) for one in found}


class AtFunders:
    """Looks at who funds things, value by value, and at classes."""

    def concerned(self, became: object) -> Collection[NamedNode]:
        return {MKG.fundedBy, RDF.type, RDFS.subClassOf}

    def is_narrow(self, property: NamedNode) -> bool:
        return property == MKG.fundedBy


def test_what_a_class_of_its_own_becomes_reaches_those_who_refer_to_its_instances(system: Memory) -> None:
    stated = frozenset(
        (triple, GRAPHS[0])
        for triple in POOL
        if not (triple.predicate.value.endswith("subClassOf") and "Fund" in str(triple.subject))
    )
    change(system, frozenset(), stated)
    fund = next((triple, GRAPHS[1]) for triple in POOL if "Fund" in str(triple.subject))
    touched = change(system, stated, stated | {fund})
    affected = Affected.by(touched, Reading(system), GRAPHS)
    narrowed = Affected.by(touched, Reading(system), GRAPHS, AtFunders())
    change(system, stated | {fund}, frozenset())
    assert nodes(affected.merged) >= {f"<{BASE}/id/organisation/ndef>", f"<{BASE}/id/project/p>"}
    assert nodes(affected.described[GRAPHS[0]]) == {f"<{BASE}/id/organisation/ndef>"}
    assert f"<{BASE}/id/project/p>" not in nodes(narrowed.merged)
    assert list(narrowed.pointing) == [(MKG.fundedBy, IRIS.entity("organisation/ndef"))]


def test_most_links_of_the_product_are_judged_value_by_value(domain: pipeline.Domain) -> None:
    gate = domain.gate
    assert isinstance(gate, CompiledGate)
    assert all(gate.is_narrow(property) for property in (MKG.fundedBy, MKG.fundedUnder, MKG.lead, MKG.withinProject))
    assert not gate.is_narrow(MKG.kind)  # which of its lists is the right one depends on the class


def test_what_something_became_is_told_unless_classes_have_others_above_them_now() -> None:
    all_of_it = list(in_graph(POOL, GRAPHS[0]))
    typed = [quad for quad in all_of_it if quad.predicate == RDF.type]
    above = next(quad for quad in all_of_it if quad.predicate == RDFS.subClassOf)
    ndef = IRIS.entity("organisation/ndef")
    told = Touched.of(typed)
    assert told.became is not None
    assert (RDF.type, MKG.Place) in told.became[ndef]
    assert told.became.keys() == told.retyped
    assert Touched.of([*typed, above]).became is None
