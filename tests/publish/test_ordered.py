"""Quads in order, whether they fit into memory or not."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from kg.graph import DEFAULT, quad_key
from kg.publish import ordered as module
from kg.publish.ordered import ordered

names = st.sampled_from([NamedNode(f"urn:{name}") for name in ("a", "ab", "a/b", "б", "a%20b")])
literals = st.builds(Literal, st.text(st.characters(exclude_categories=["Cs"])))
tagged = st.builds(lambda text: Literal(text, language="bg"), st.text('abв \n\t\r"\\', max_size=9))
values = st.one_of(names, literals, tagged)
quads = st.builds(Quad, names, names, values, st.one_of(names, st.just(DEFAULT)))


@given(st.lists(quads, unique=True), st.integers(1, 7), st.randoms())
def test_all_are_there_in_one_order_whatever_the_parts(some: list[Quad], part: int, chance: random.Random) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PART", part)
        found = [*ordered(some)]
        assert sorted(found, key=quad_key) == sorted(some, key=quad_key)
        chance.shuffle(some)
        assert [*ordered(some)] == found
        graphs = [quad.graph_name for quad in found]
        subjects = [(quad.graph_name, quad.subject) for quad in found]
        assert all(len({*runs}) == len(runs) for runs in (_runs(graphs), _runs(subjects)))


def _runs(items: Sequence[object]) -> list[object]:
    return [one for at, one in enumerate(items) if at == 0 or items[at - 1] != one]


def test_nothing_has_an_order_and_blank_nodes_keep_their_names() -> None:
    assert [*ordered([])] == []
    quad = Quad(BlankNode("x"), NamedNode("urn:p"), Literal("1"))
    assert len([*ordered([quad])]) == 1
