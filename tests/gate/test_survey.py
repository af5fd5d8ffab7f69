"""What is found after a survey is what is found node by node, of shapes and graphs that nobody has thought of."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, parse
from tests.conftest import BASE
from tests.memory import Memory
from tests.shacl.test_against_pyshacl import CLASSES, HEAD, LITERALS, NODES, PROPERTIES, shapes

from kg.entry import Locator
from kg.gate import Origin
from kg.gate.aimed import Aimed
from kg.gate.compiled import CompiledGate
from kg.graph import DEFAULT, Changes, Node, in_graph
from kg.iris import Iris
from kg.namespaces import RDF, RDFS
from kg.shacl import Classes, Indexed, Run, Shapes, selecting
from kg.shacl.paths import read as read_path

IRIS = Iris(BASE)
SOURCES = [IRIS.graph(name) for name in ("one", "two")]
SYSTEM, DERIVED = NamedNode("http://x/system"), IRIS.derived("rule")
STATED = [*SOURCES, SYSTEM]
CLASSING = {RDF.type, RDFS.subClassOf}

statements = st.one_of(
    st.tuples(st.sampled_from(NODES), st.sampled_from(PROPERTIES), st.sampled_from([*NODES, *LITERALS])),
    st.tuples(st.sampled_from(NODES), st.just("a"), st.sampled_from(CLASSES)),
)
graphs = st.sampled_from([*SOURCES, *SOURCES, SYSTEM, DERIVED])
datasets = st.lists(st.tuples(statements, graphs), min_size=1, max_size=16)
Told = tuple[str, str, str, str, str, str]


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging.getLogger("rdflib.term"), "disabled", True)
        yield


def read(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(HEAD + text, RdfFormat.TURTLE)]


def gate(description: Shapes, reference: Shapes) -> CompiledGate:
    made = CompiledGate(Path("nowhere"))
    vars(made).update(_description=Aimed(description), _reference=Aimed(reference))
    return made


def where(subject: str, path: str | None, graph: NamedNode | None = None, value: Node | None = None) -> Origin:
    return (None if graph is None else Locator(graph.value)), None


def surveyed(memory: Memory, gate: CompiledGate) -> set[Told]:
    return {
        (
            one.at.file if one.at else "",
            str(one.focus_node),
            (one.path or "").strip("<>"),
            one.component or "",
            str(one.value),
            one.severity,
        )
        for one in gate.check(memory, SOURCES, None, where).findings
    }


def one_by_one(memory: Memory, shapes: Shapes, graph: NamedNode | None) -> set[Told]:
    """What is found in a graph, with the classes that any gives; None is the merge of what is stated."""
    stated: Sequence[Quad] = [quad for one in STATED for quad in memory.quads(None, None, None, one)]
    data = Indexed(one.triple for one in stated if graph in (None, one.graph_name) or one.predicate in CLASSING)
    here = {one.subject for one in stated if graph in (None, one.graph_name)}
    store = Store()
    store.extend(in_graph(data.triples(), DEFAULT))
    run = Run(data, Classes(data), selecting(store))
    aimed = {
        (node, shape)
        for shape, targets in shapes.targets.items()
        for target in targets
        for node in target.nodes(run)
        if node in here
    }
    return {
        (
            "" if graph is None else graph.value,
            str(one.focus),
            "" if one.path is None else str(read_path(shapes.graph, one.path)).strip("<>"),
            one.component.value.rpartition("#")[2],
            str(one.value),
            one.severity.value.rpartition("#")[2],
        )
        for node, shape in aimed
        for one in shapes.shape(shape).results(run, node)
    }


@settings(max_examples=800, deadline=None, suppress_health_check=list(HealthCheck))
@given(datasets, shapes, shapes)
def test_a_survey_overlooks_nothing(
    dataset: list[tuple[tuple[str, str, str], NamedNode]], description: str, reference: str
) -> None:
    memory = Memory()
    quads = list(in_graph(read(""), SYSTEM))
    for (subject, property, value), graph in dataset:
        quads += in_graph(read(f"{subject} {property} {value} .")[-1:], graph)
    memory.apply(Changes(tuple(quads)))
    described, referred = (Shapes(Indexed(read(text))) for text in (description, reference))
    expected = one_by_one(memory, referred, None)
    for graph in SOURCES:
        expected |= one_by_one(memory, described, graph)
    assert surveyed(memory, gate(described, referred)) == expected


def test_what_was_looked_at_in_part_is_not_taken_for_the_whole() -> None:
    """:a is judged by its names alone, and then as what :b points to, by something else that it says."""
    memory = Memory()
    quads = [
        *in_graph(read(':a a :C ; :p "a"@bg , "b"@en ; :r 1 .'), SOURCES[0]),
        *in_graph(read(":b :q :a ."), SOURCES[1]),
    ]
    memory.apply(Changes(tuple(quads)))
    shapes = Shapes(
        Indexed(
            read(
                ":S a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; sh:uniqueLang true ] ."
                ":T a sh:PropertyShape ; sh:targetSubjectsOf :q ; sh:path :q ; sh:node [ sh:path :r ; sh:maxCount 0 ] ."
            )
        )
    )
    (found,) = surveyed(memory, gate(Shapes(Indexed(read(""))), shapes))
    assert found[1:4] == ("<http://x/b>", "http://x/q", "NodeConstraintComponent")
