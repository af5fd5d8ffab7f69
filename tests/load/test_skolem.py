"""Blank nodes get names that hang on what they say, and on nothing else."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.load.skolem import MAX_ENTANGLED, MAX_NAME, EntangledError, skolemise

GRAPH = NamedNode("http://localhost:8000/graph/a")
OWNERS = [NamedNode(f"http://localhost:8000/id/event/{name}") for name in "ab"]
PROPERTIES = [NamedNode(f"https://w3id.org/municipal-kg/ns#{name}") for name in ("about", "share")]
Made = tuple[int, int, int]  # subject, property, object; above the owners are blank nodes, below zero literals


def _graph(made: list[Made], label: list[str]) -> list[Triple]:
    def node(number: int) -> NamedNode | BlankNode:
        return OWNERS[number] if number < len(OWNERS) else BlankNode(label[number])

    return [
        Triple(node(s), PROPERTIES[p], Literal(str(o)) if o < 0 else node(o))  # the rest is what it says
        for s, p, o in made
    ]


TREES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 1), st.integers(-3, 9)).filter(
        lambda made: made[2] < 0 or made[0] < made[2]
    ),
    max_size=14,
)
KNOTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1), st.integers(-2, 6)), max_size=9)


@given(TREES | KNOTS, st.integers(0, 10_000))
def test_renamed_and_shuffled_blank_nodes_get_the_same_names(made: list[Made], seed: int) -> None:
    labels = [f"b{n}" for n in range(10)]
    first = skolemise(_graph(made, labels), GRAPH)
    random.Random(seed).shuffle(labels)
    shuffled = list(made)
    random.Random(seed).shuffle(shuffled)
    second = skolemise(_graph(shuffled, labels), GRAPH)
    assert set(first) == set(second)
    assert not any(isinstance(term, BlankNode) for triple in first for term in (triple.subject, triple.object))


@given(TREES | KNOTS)
def test_what_is_named_already_keeps_its_name(made: list[Made]) -> None:
    once = skolemise(_graph(made, [f"b{n}" for n in range(10)]), GRAPH)
    assert skolemise(once, GRAPH) == once
    named = {triple for triple in _graph(made, ["x"] * 10) if not isinstance(triple.subject, BlankNode)}
    assert {triple for triple in named if not isinstance(triple.object, BlankNode)} <= set(once)


def test_a_node_is_named_below_its_owner() -> None:
    node = BlankNode()
    named = skolemise([Triple(OWNERS[0], PROPERTIES[1], node), Triple(node, PROPERTIES[0], Literal("x"))], GRAPH)
    (below,) = {triple.object for triple in named if triple.subject == OWNERS[0]}
    assert str(below).startswith("<http://localhost:8000/id/event/a/share/")


def test_two_owners_with_the_same_content_keep_two_nodes() -> None:
    first, second = BlankNode(), BlankNode()
    graph = [Triple(OWNERS[0], PROPERTIES[1], first), Triple(OWNERS[1], PROPERTIES[1], second)]
    graph += [Triple(node, PROPERTIES[0], Literal("x")) for node in (first, second)]
    assert len(skolemise(graph, GRAPH)) == 4


def test_too_large_a_knot_is_refused() -> None:
    nodes = [BlankNode() for _ in range(MAX_ENTANGLED + 1)]
    ring = [Triple(one, PROPERTIES[0], other) for one, other in zip(nodes, [*nodes[1:], nodes[0]], strict=True)]
    with pytest.raises(EntangledError):
        skolemise(ring, GRAPH)


def test_a_long_list_gets_names_of_a_bounded_length() -> None:
    nodes = [BlankNode() for _ in range(3000)]
    made = [Triple(OWNERS[0], PROPERTIES[0], nodes[0])]
    made += [Triple(before, PROPERTIES[1], after) for before, after in itertools.pairwise(nodes)]
    names = {triple.object.value for triple in skolemise(made, GRAPH) if isinstance(triple.object, NamedNode)}
    assert len(names) == 3000
    assert max(map(len, names)) <= MAX_NAME
