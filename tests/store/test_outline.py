"""A graph read by its columns is the graph: from a draft's memory, from the engine, and counted by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Triple
from tests.memory import Memory

from kg.graph import Changes, Node, Subject, View, in_graph
from kg.namespaces import RDF, XSD
from kg.store import merge
from kg.store.embedded import EmbeddedStore

from .conftest import BASE, Open

A, B = (NamedNode(f"{BASE}/graph/{name}") for name in "ab")
THINGS = [NamedNode(f"http://e/{name}") for name in "xyz"]
PROPERTIES = [NamedNode(f"http://e/{name}") for name in "pqr"]
TYPE = RDF.type
VALUES: list[Node] = [
    *THINGS,
    Literal('"кавички" и \\ ред\nи още'),
    Literal("a", language="bg"),
    Literal("a", language="en"),
    Literal("2.50", datatype=XSD.decimal),
    Literal("2026-02-30", datatype=XSD.date),
    Triple(THINGS[0], PROPERTIES[0], Literal('в „скоби“ "', language="bg")),
]
statements = st.builds(Triple, st.sampled_from(THINGS), st.sampled_from([TYPE, *PROPERTIES]), st.sampled_from(VALUES))
graphs = st.lists(statements, max_size=20)

Outlined = dict[Subject, tuple[dict[NamedNode, int], Counter[Node]]]


def outlined(view: View, graph: NamedNode) -> Outlined:
    outline = view.outline(graph)
    found = [(thing, *outline.read(places)) for thing, places in outline.things]
    assert len({thing for thing, _, _ in found}) == len(found)
    return {thing: (counts, Counter(classes)) for thing, counts, classes in found}


def alike(one: View, other: View, graph: NamedNode) -> None:
    def same(a: Iterable[object], b: Iterable[object]) -> None:
        assert Counter(a) == Counter(b)

    asked = [PROPERTIES[1], TYPE, PROPERTIES[0]]
    same(one.properties(graph), other.properties(graph))
    assert outlined(one, graph) == outlined(other, graph)
    same(one.values(graph, asked), other.values(graph, asked))
    same(one.statements(graph, asked), other.statements(graph, asked))
    same(one.pairs(graph, *PROPERTIES[:2]), other.pairs(graph, *PROPERTIES[:2]))
    same(one.pairs(graph, PROPERTIES[0], PROPERTIES[0]), other.pairs(graph, PROPERTIES[0], PROPERTIES[0]))


def counted(quads: Iterable[Quad]) -> Memory:
    memory = Memory()
    memory.apply(Changes(tuple(quads)))
    return memory


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(one=graphs, other=graphs, more=graphs)
def test_every_way_to_read_a_graph_tells_the_same(
    store: EmbeddedStore, one: list[Triple], other: list[Triple], more: list[Triple]
) -> None:
    with store.draft() as draft:
        draft.replace(A, one)
        draft.replace(B, other)
        for graph in (A, B):
            assert draft.merged.written(graph) is not None
            alike(draft, counted(draft.quads(None, None, None, graph)), graph)
        draft.apply(Changes(added=tuple(in_graph(more, A)), removed=tuple(in_graph(other, B))))
        for graph in (A, B):
            alike(draft, counted(draft.quads(None, None, None, graph)), graph)
        draft.replace(A, other)
        alike(draft, counted(draft.quads(None, None, None, A)), A)
        release = draft.seal(agent="test", activity="load")
    for graph in (A, B):
        alike(release, counted(release.quads(None, None, None, graph)), graph)


def test_what_a_draft_keeps_in_memory_has_a_limit(open_store: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "_REMEMBERED", 3)
    with open_store().draft() as draft:
        triples = [Triple(thing, PROPERTIES[0], Literal(number)) for number, thing in enumerate(THINGS)]
        draft.replace(A, triples)
        draft.replace(B, triples[:1])
        assert draft.merged.written(A) is not None
        assert draft.merged.written(B) is None
        draft.replace(A, triples[1:])
        draft.replace(B, triples[:1])
        assert draft.merged.written(B) is not None
        alike(draft, counted(draft.quads(None, None, None, A)), A)
