"""Names for blank nodes: as many as there are nodes, and the same whenever the same is written."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)

from kg.errors import DataError
from kg.load.skolem import MAX_ENTANGLED, skolemise
from kg.writes.naming import Naming

GRAPH = NamedNode("http://x/graph/endpoint/g")


def read(text: str) -> list[Triple]:
    turtle = f"PREFIX : <http://x/> {text}"
    return [quad.triple for quad in parse(turtle, RdfFormat.TURTLE)]


def names(triples: list[Triple], naming: Naming | None = None) -> list[Triple]:
    return sorted((naming or Naming())(triples, GRAPH), key=str)


def minted(before: list[Triple], after: list[Triple]) -> set[NamedNode]:
    """The IRIs that are new."""
    ours, theirs = (
        {term for one in some for term in (one.subject, one.object) if isinstance(term, NamedNode)}
        for some in (before, after)
    )
    return theirs - ours


def blank(triples: list[Triple]) -> set[BlankNode]:
    return {term for one in triples for term in (one.subject, one.object) if isinstance(term, BlankNode)}


def renamed(triples: list[Triple], names: Mapping[NamedNode | BlankNode, BlankNode]) -> list[Triple]:
    def term(node: Any) -> Any:
        return names.get(node, node)

    return [Triple(term(one.subject), one.predicate, term(one.object)) for one in triples]


def content(triples: list[Triple]) -> list[str]:
    """The triples, the same for graphs that differ in what blank nodes are called only."""
    dataset = Dataset(Quad(one.subject, one.predicate, one.object) for one in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


nodes = st.integers(0, 4).map(lambda number: BlankNode(f"b{number}"))
iris = st.sampled_from([NamedNode("http://x/a"), NamedNode("http://x/b")])
verbs = st.sampled_from([NamedNode("http://x/p"), NamedNode("http://x/q")])
graphs = st.lists(st.builds(Triple, st.one_of(nodes, iris), verbs, st.one_of(nodes, nodes, iris)), max_size=9)


@given(graphs)
@settings(max_examples=500, deadline=None)
def test_a_graph_with_names_is_the_graph_with_nodes(triples: list[Triple]) -> None:
    named = names(triples)
    new = minted(triples, named)
    assert not blank(named)
    assert len(new) == len(blank(triples))
    assert content(renamed(named, {name: BlankNode() for name in new})) == content(triples)
    assert names(renamed(triples, {node: BlankNode() for node in blank(triples)})) == named


def test_what_is_alone_of_its_like_is_called_as_in_a_file() -> None:
    triples = read(":a :p [ :q 1 ; :r [ :q 2 ] ] , [ :q 2 ] . [] :q 1 . :b :p [ :q 1 ] ; :list ( 1 1 [ :q 1 ] ) .")
    assert names(triples) == sorted(skolemise(triples, GRAPH), key=str)


def test_nodes_that_say_the_same_of_the_same_are_two() -> None:
    assert len(names(read(":a :p [ :q 1 ] , [ :q 1 ] ."))) == 4
    assert len(names(read("[] :q 1 . [] :q 1 . [] :q 1 ."))) == 3
    assert len(names(read(":a :p [ :q [ :r 1 ] , [ :r 1 ] ] , [ :q [ :r 1 ] , [ :r 1 ] ] ."))) == 10


def test_the_order_of_what_is_written_does_not_matter() -> None:
    triples = read(
        """:a :p _:x . :b :p _:x . :c :p _:y . :d :p _:y . _:x :q 1 . _:y :q 1 .
        :a :p [ :q 1 ; :r [ :q 2 ] , [ :q 2 ] ] , [ :q 1 ; :r [ :q 2 ] , [ :q 2 ] ] . [] :q 1 . [] :q 1 ."""
    )
    expected = names(triples)
    order = random.Random(0)
    for _ in range(50):
        order.shuffle(triples)
        assert names(triples) == expected


def test_operations_of_one_write_have_nodes_of_their_own_and_a_second_write_the_same_ones() -> None:
    def write() -> list[list[Triple]]:
        naming = Naming()
        return [
            names(read(text), naming)
            for text in [":a :p [ :q 1 ] .", ":a :p [ :q 1 ] .", "_:x :p _:x .", "_:x :p _:x ."]
        ]

    first, second, third, fourth = write()
    assert not {*first} & {*second}
    assert not {*third} & {*fourth}
    assert write() == [first, second, third, fourth]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (":a :p _:x . :b :p _:x . _:x :q 1 .", ":c :p _:x . :d :p _:x . _:x :q 1 ."),
        ("_:x :p _:y . _:y :p _:x ; :q 1 .", "_:x :p _:y . _:y :p _:x ; :q 2 ."),
    ],
)
def test_nodes_of_different_writes_are_not_taken_for_each_other(one: str, other: str) -> None:
    triples = read(one)
    assert not minted(triples, names(triples)) & minted(read(other), names(read(other)))


def test_graphs_of_one_write_know_nothing_of_each_other() -> None:
    naming = Naming()
    triples = read(":a :p [ :q 1 ] . [] :q 1 .")
    naming(triples, NamedNode("http://x/graph/endpoint/h"))
    assert names(triples, naming) == names(triples)


def test_too_many_nodes_in_circles_are_refused() -> None:
    circle = "".join(
        f"_:n{number} :p _:n{(number + 1) % (MAX_ENTANGLED + 1)} . " for number in range(MAX_ENTANGLED + 1)
    )
    with pytest.raises(DataError) as refused:
        names(read(circle))
    assert "names of their own" in refused.value.findings[0].messages["en"]
