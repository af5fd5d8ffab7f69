"""The merge of the named graphs, kept per changed quad."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from kg.errors import StoreError
from kg.graph import DEFAULT, Changes
from kg.namespaces import XSD
from kg.store import merge
from kg.store.changes import digest
from kg.store.merge import Merged

META = NamedNode("http://e/graph/meta")
GRAPHS = [NamedNode(f"http://e/graph/{name}") for name in "abc"] + [META]
P = NamedNode("http://e/p")


def triple(number: int) -> Triple:
    return Triple(NamedNode(f"http://e/s{number % 3}"), P, Literal(str(number), datatype=XSD.integer))


def quad(graph: NamedNode, number: int) -> Quad:
    spoken = triple(number)
    return Quad(spoken.subject, spoken.predicate, spoken.object, graph)


def content(merged: Merged) -> dict[NamedNode, set[Triple]]:
    held: dict[NamedNode, set[Triple]] = {}
    for each in merged.engine:
        if isinstance(each.graph_name, NamedNode):
            held.setdefault(each.graph_name, set()).add(each.triple)
    return held


def check(merged: Merged, expected: dict[NamedNode, set[Triple]]) -> None:
    held = content(merged)
    assert held == {graph: triples for graph, triples in expected.items() if triples}
    union = set().union(*(triples for graph, triples in held.items() if graph != META))
    merge = [each.triple for each in merged.engine.quads_for_pattern(None, None, None, DEFAULT)]
    assert set(merge) == union
    assert merged.triples == len(merge) == len(union)
    assert merged.graphs == {graph.value: len(triples) for graph, triples in sorted(held.items(), key=str)}
    assert set(merged.engine.named_graphs()) == set(held)
    named = {each for each in merged.engine if each.graph_name != DEFAULT}
    assert merged.net.added == named
    assert not merged.net.removed
    assert digest(merged.net.added) == digest(named)


numbers = st.sets(st.integers(0, 6))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("replace"), st.sampled_from(GRAPHS), numbers, numbers),
        st.tuples(st.just("apply"), st.sampled_from(GRAPHS), numbers, numbers),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(steps, st.sampled_from([1, 3, 1000]))
def test_the_merge_is_the_union_of_the_content_graphs_after_any_steps(
    plan: list[tuple[str, NamedNode, set[int], set[int]]], bulk: int
) -> None:
    expected: dict[NamedNode, set[Triple]] = {graph: set() for graph in GRAPHS}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(merge, "BULK", bulk)
        merged = Merged(Path(folder, "engine"), apart=[META])
        for kind, graph, first, second in plan:
            if kind == "replace":
                before = set(expected[graph])
                expected[graph] = {triple(number) for number in first}
                changes = merged.replace(graph, [triple(number) for number in first])
                assert {each.triple for each in changes.added} == expected[graph] - before
                assert {each.triple for each in changes.removed} == before - expected[graph]
            else:
                other = GRAPHS[(GRAPHS.index(graph) + 1) % len(GRAPHS)]
                merged.apply(
                    Changes(
                        tuple(quad(graph, number) for number in first),
                        tuple(quad(name, number) for name in (graph, other) for number in second),
                    )
                )
                for name in (graph, other):
                    expected[name] -= {triple(number) for number in second}
                expected[graph] |= {triple(number) for number in first}
        check(merged, expected)
        merged.close()


def test_the_engines_union_counts_a_triple_twice_and_the_merge_does_not(tmp_path: Path) -> None:
    """The trap that the merge is for: the union flag counts every graph, and the merge once more."""
    merged = Merged(tmp_path / "engine", apart=[META])
    five = Literal("5", datatype=XSD.integer)
    shared, single = Triple(NamedNode("http://e/s"), P, five), Triple(NamedNode("http://e/t"), P, five)
    merged.replace(GRAPHS[0], [shared, single])
    merged.replace(GRAPHS[1], [shared])

    def totals(*, union: bool) -> list[str]:
        solutions = merged.engine.query(
            "SELECT (COUNT(*) AS ?n) (SUM(?v) AS ?sum) { ?s ?p ?v }", use_default_graph_as_union=union
        )
        assert isinstance(solutions, ox.QuerySolutions)
        (solution,) = solutions
        return [str(solution["n"].value), str(solution["sum"].value)]

    assert totals(union=False) == ["2", "10"]
    assert totals(union=True) == ["5", "25"]


def test_meta_is_not_in_the_merge(tmp_path: Path) -> None:
    merged = Merged(tmp_path / "engine", apart=[META])
    merged.replace(META, [triple(1), triple(2)])
    merged.replace(GRAPHS[0], [triple(2)])
    assert [each.triple for each in merged.engine.quads_for_pattern(None, None, None, DEFAULT)] == [triple(2)]
    merged.replace(GRAPHS[0], [])
    assert merged.triples == 0
    assert merged.graphs == {META.value: 2}


def test_a_refused_quad_leaves_the_draft_as_it_was(tmp_path: Path) -> None:
    merged = Merged(tmp_path / "engine", apart=[META])
    merged.replace(GRAPHS[0], [triple(1)])
    with pytest.raises(ValueError, match="blank"):
        merged.replace(GRAPHS[0], [triple(2), Triple(BlankNode("b"), P, P)])
    with pytest.raises(ValueError, match="blank"):
        merged.apply(Changes(added=(Quad(P, P, BlankNode("b"), GRAPHS[0]),)))
    check(merged, {GRAPHS[0]: {triple(1)}})


def test_a_step_that_fails_half_way_closes_the_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    merged = Merged(tmp_path / "engine", apart=[META])

    def fail(self: Merged, quads: object) -> None:
        raise OSError("IO error: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Merged, "_insert", fail)
        with pytest.raises(StoreError, match="no space left"):
            merged.replace(GRAPHS[0], [triple(1)])
    with pytest.raises(StoreError, match="closed"):
        merged.replace(GRAPHS[0], [triple(1)])
