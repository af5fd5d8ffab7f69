"""What a query looks at is told of its text, and one that looks at its focus node alone can be asked of many."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from kg.graph import DEFAULT, Node, in_graph
from kg.shacl import Classes, Indexed, Run, Shapes, selecting
from kg.shacl.plain import looked_at, opened
from tests.shacl.test_against_pyshacl import HEAD

P, Q = (NamedNode(f"http://x/{name}") for name in "pq")


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        ("SELECT $this WHERE { $this <http://x/p> ?value }", {P}),
        ("PREFIX : <http://x/> SELECT DISTINCT $this ?value WHERE { ?this <http://x/p> ?value . }", {P}),
        ("SELECT $this { $this <http://x/p> ?a . $this <http://x/q> ?b . FILTER (?a < ?b) }", {P, Q}),
        ("SELECT $this { $this <http://x/p> ?a FILTER REGEX(STR(?a), '{9}') BIND (STR(?a) AS ?b) }", {P}),
        ("SELECT $this { FILTER (isIRI($this)) }", set()),
        ("SELECT $this { $this <http://x/p> ?a BIND ((1 + (2)) AS ?b) . $this <http://x/q> 9 }", {P, Q}),
    ],
)
def test_what_looks_at_its_focus_node_alone(text: str, properties: set[NamedNode]) -> None:
    assert looked_at(text) == frozenset(properties)
    parts = opened(text)
    assert parts is not None
    assert parts[0].endswith("{")
    assert "".join(parts) == text


@pytest.mark.parametrize(
    "text",
    [
        "SELECT $this { $this ?property ?value }",
        "SELECT $this { ?other <http://x/p> $this }",
        "SELECT $this { $this <http://x/p> ?value . ?value <http://x/p> ?far }",
        "SELECT $this { $this <http://x/p> ?value ; <http://x/q> ?other }",
        "SELECT $this { $this <http://x/p>/<http://x/q> ?value }",
        "SELECT $this { $this ^<http://x/p> ?value }",
        "SELECT $this { $this :p ?value }",
        "SELECT $this { $this a ?value }",
        "SELECT $this { $this <http://x/p> [] }",
        "SELECT $this { $this <http://x/p> 'a'@bg }",
        "SELECT $this { $this <http://x/p> ?value FILTER NOT EXISTS { $this <http://x/q> ?value } }",
        "SELECT $this { OPTIONAL { $this <http://x/p> ?value } }",
        "SELECT $this { { $this <http://x/p> ?value } UNION { $this <http://x/q> ?value } }",
        "SELECT $this { $this <http://x/p> ?value } LIMIT 1",
        "SELECT $this (COUNT(?value) AS ?n) { $this <http://x/p> ?value } GROUP BY $this",
        "SELECT $this (STR(?value) AS ?text) { $this <http://x/p> ?value }",
        "SELECT * { $this <http://x/p> ?value }",
        "SELECT $this FROM <http://x/g> { $this <http://x/p> ?value }",
        "SELECT $this { $this <http://x/\\u0070> ?value }",
        "SELECT $this { $this <http://x/p> ?value FILTER (?value = 1 }",
        "SELECT $this { $this <http://x/p> ?value FILTER }",
        "SELECT $this",
        "",
    ],
)
def test_what_may_look_further(text: str) -> None:
    assert looked_at(text) is None
    assert opened(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?value { $this <http://x/p> ?value }",
        "SELECT $this { $this <http://x/p> ?value FILTER (?value != $currentShape) }",
    ],
)
def test_what_has_to_be_asked_of_each_node(text: str) -> None:
    assert looked_at(text) == frozenset({P})
    assert opened(text) is None


conditions = st.sampled_from(
    [
        "FILTER (?value > 1)",
        "FILTER (isLiteral(?value) && LANG(?value) = 'bg')",
        "FILTER (isIRI($this) && BOUND(?value))",
        "FILTER (?value = $this)",
        "BIND (STRLEN(STR(?value)) AS ?length) FILTER (?length > 1)",
        "BIND (1 / ?value AS ?part) FILTER (?part < 1)",
        "$this <http://x/q> ?other . FILTER (?value != ?other)",
        "$this <http://x/q> ?value .",
        "",
    ]
)
queries = st.tuples(st.sampled_from(["$PATH", "<http://x/q>"]), st.lists(conditions, max_size=2, unique=True)).map(
    lambda one: f"SELECT $this ?value WHERE {{ $this {one[0]} ?value . {' '.join(one[1])} }}"
)
values = st.sampled_from([":a", ":b", "1", "2", "0", '"2"', '"а"@bg', '"аб"@bg', '"a"@en', "2.5"])
triples = st.tuples(st.sampled_from([":a", ":b", ":c"]), st.sampled_from([":p", ":q", ":r"]), values)


@settings(max_examples=300, deadline=None)
@given(st.lists(triples, max_size=10), queries)
def test_asked_of_many_it_tells_what_it_tells_of_each(data: list[tuple[str, str, str]], query: str) -> None:
    text = f':S sh:targetSubjectsOf :p ; sh:path :p ; sh:sparql [ sh:select """{query}""" ] .'
    shapes = Shapes(Indexed(quad.triple for quad in parse(HEAD + text, RdfFormat.TURTLE)))
    written = "".join(f"{s} {p} {o} .\n" for s, p, o in data)
    graph = Indexed(quad.triple for quad in parse(HEAD + written, RdfFormat.TURTLE))
    store = Store()
    store.extend(in_graph(graph.triples(), DEFAULT))
    run, shape = Run(graph, Classes(graph), selecting(store)), shapes.shape(NamedNode("http://x/S"))
    among = shape.among()
    assert among is not None
    nodes = [NamedNode(f"http://x/{name}") for name in "abc"]
    expected: set[Node] = {node for node in nodes if list(shape.results(run, node))}
    assert set(among({node: graph.out(node) for node in nodes})) == expected
