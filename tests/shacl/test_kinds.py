"""What is told of a node by its kind holds: where its demands are met, the shapes find nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, event, given, settings
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from kg.graph import DEFAULT, in_graph
from kg.shacl import Aims, Classes, Indexed, Run, Shapes, above_all, selecting
from kg.shacl.kinds import Demands
from tests.shacl.test_against_pyshacl import HEAD, graphs, shapes


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging.getLogger("rdflib.term"), "disabled", True)
        yield


def indexed(text: str) -> Indexed:
    return Indexed(quad.triple for quad in parse(HEAD + text, RdfFormat.TURTLE))


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs, shapes)
def test_met_demands_leave_nothing_to_be_found(data: str, shapes: str) -> None:
    graph, aims = indexed(data), Aims(Shapes(indexed(shapes)))
    store = Store()
    store.extend(in_graph(graph.triples(), DEFAULT))
    run = Run(graph, Classes(graph), selecting(store))
    for node in dict.fromkeys(triple.subject for triple in graph.triples()):
        said = graph.out(node)
        counts = frozenset((property, len(values)) for property, values in said.items())
        demands = aims.demands(above_all(run.classes, said), counts)
        found = list(aims.results(run, node, said))
        if demands is None:
            event("to be seen")
        elif demands.met(run, node, said):
            event("met")
            assert found == []
        else:
            event("not met")


def demands(data: str, shape: str) -> tuple[Demands | None, bool]:
    """What a node shape for the class :C demands of :a, and whether that is met."""
    graph = indexed(f":a a :C ; {data} .")
    aims, classes = Aims(Shapes(indexed(f":S a sh:NodeShape ; sh:targetClass :C ; {shape} ."))), Classes(graph)
    node = NamedNode("http://x/a")
    said = graph.out(node)
    told = aims.demands(above_all(classes, said), frozenset((one, len(values)) for one, values in said.items()))
    return told, told is None or told.met(Run(graph, classes, selecting(Store())), node, said)


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (":p 1", "sh:property [ sh:path :p ; sh:maxCount 1 ]"),
        (":p 1", "sh:property [ sh:path :p ; sh:minCount 1 ]"),
        (":q 1", "sh:property [ sh:path :p ; sh:datatype xsd:date ; sh:hasValue 2 ; sh:deactivated true ]"),
        (":q 1", "sh:property [ sh:path :p ; sh:datatype xsd:date ; sh:disjoint :q ]"),
        (':p "a"@bg', "sh:property [ sh:path :p ; sh:uniqueLang true ]"),
        (":p 1", "sh:property [ sh:path :p ; sh:lessThan :q ]"),
        (":q 1", "sh:property [ sh:path :p ; sh:lessThanOrEquals :q ]"),
        ("a :E", "sh:class :D"),
        (":p 1", "sh:or ( [ sh:class :E ] [ sh:path :p ; sh:minCount 1 ] )"),
        ("a :D ; :p 1", "sh:and ( [ sh:class :D ] [ sh:path :p ; sh:minCount 1 ] )"),
        ("a :D", "sh:node [ sh:class :D ; sh:property [ sh:path :p ; sh:maxCount 0 ] ]"),
        (":q 1", "sh:not [ sh:path :p ; sh:minCount 1 ]"),
        (":q 1", "sh:not [ sh:path :p ; sh:hasValue 1 ]"),
    ],
)
def test_what_a_kind_settles_needs_no_value(data: str, shape: str) -> None:
    told, _ = demands(data, shape)
    assert told is not None
    assert not told


@pytest.mark.parametrize(
    ("good", "bad", "shape"),
    [
        (":p 1", ":p 1 , 2", "sh:property [ sh:path :p ; sh:maxCount 1 ]"),
        (":p 1", ":q 1", "sh:property [ sh:path :p ; sh:minCount 1 ]"),
        (":p 1", ":p 1 , true", "sh:property [ sh:path :p ; sh:datatype xsd:integer ]"),
        (':p "a"@bg , "a"@en', ':p "a"@bg , "b"@bg', "sh:property [ sh:path :p ; sh:uniqueLang true ]"),
        (":p 1 ; :q 2", ":p 1 ; :q 1", "sh:property [ sh:path :p ; sh:disjoint :q ]"),
        (":p 1 ; :q 1", ":p 1", "sh:property [ sh:path :p ; sh:equals :q ]"),
        (":p 1 ; :q 2 , 3", ":p 1 ; :q 2 , 1", "sh:property [ sh:path :p ; sh:lessThan :q ]"),
        (":p 1 , 2", ":p 1 , 3", "sh:property [ sh:path :p ; sh:hasValue 2 ]"),
        (":p 1", ":p 1 ; :q 1", "sh:not [ sh:path :q ; sh:minCount 1 ]"),
        (":p 1", ":p 1 , 2", "sh:not [ sh:path :p ; sh:hasValue 2 ]"),
        (":p 1", ":q 1", "sh:or ( [ sh:class :E ] [ sh:path :p ; sh:minCount 1 ] )"),
        ("a :E ; :p 1", "a :E", "sh:and ( [ sh:class :E ] [ sh:path :p ; sh:minCount 1 ] )"),
        (":p 1", ":p 1 ; :q 1", "sh:xone ( [ sh:path :p ; sh:minCount 1 ] [ sh:path :q ; sh:minCount 1 ] )"),
        (":p 1 ; :q 2", ":q 2", "sh:property [ sh:path [ sh:alternativePath ( :p :r ) ] ; sh:minCount 1 ]"),
    ],
)
def test_what_is_wrong_meets_no_demands(good: str, bad: str, shape: str) -> None:
    assert demands(good, shape)[1]
    told, met = demands(bad, shape)
    assert told is None or not met


@pytest.mark.parametrize(
    "shape",
    [
        "sh:closed true",
        "sh:property [ sh:path :p ; sh:node [ sh:closed true ] ]",
        "sh:sparql [ sh:select 'SELECT $this WHERE { $this ?p ?o FILTER(?o = 9) }' ]",
    ],
)
def test_what_may_look_at_anything_demands_to_see_the_node(shape: str) -> None:
    told, _ = demands(":p 1", shape)
    assert told is None or told.each
