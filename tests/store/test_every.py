"""What is remembered of a release and of a draft is what they hold."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad
from tests.memory import Memory

from kg.graph import Changes, View
from kg.store import merge, releases
from kg.store.embedded import EmbeddedStore

from .conftest import BASE, Open

GRAPHS = [NamedNode(f"{BASE}/graph/{name}") for name in ("a", "b", "meta")]
THINGS = [NamedNode(f"http://e/{name}") for name in "uvwxyz"]
P, Q = (NamedNode(f"http://e/{name}") for name in "pq")
quads = st.builds(
    Quad,
    st.sampled_from(THINGS),
    st.sampled_from([P, Q]),
    st.sampled_from([*THINGS[:2], Literal("a", language="bg")]),
    st.sampled_from(GRAPHS),
)
changes = st.tuples(st.frozensets(quads, max_size=6), st.frozensets(quads, max_size=6))


def alike(view: View, memory: Memory) -> None:
    for property in (P, Q):
        assert Counter(view.every(property)) == Counter(memory.every(property))
    for thing in THINGS:
        assert Counter(view.about(thing)) == Counter(memory.about(thing))
        for graph in GRAPHS:
            held = {one for one in THINGS[:2] if view.holds(thing, P, one, graph)}
            assert held == {one for one in THINGS[:2] if memory.holds(thing, P, one, graph)}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=st.lists(st.lists(changes, min_size=1, max_size=3), min_size=1, max_size=4), little=st.booleans())
def test_what_is_remembered_is_what_is_there(
    open_store: Open, history: list[list[tuple[frozenset[Quad], frozenset[Quad]]]], little: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if little:  # the limits are reached
            patch.setattr(merge, "_FEW", 2)
            patch.setattr(releases, "KEPT", 2)
        store, memory = open_store(), Memory()
        with store.draft() as draft:  # the home is that of the example before
            draft.apply(
                Changes(removed=tuple(quad for graph in GRAPHS for quad in draft.quads(None, None, None, graph)))
            )
            draft.seal(agent="test", activity="load")
        for step in history:
            with store.draft() as draft:
                for added, removed in step:
                    change = Changes(tuple(added), tuple(removed - added))
                    draft.apply(change)
                    memory.apply(change)
                    alike(draft, memory)
                release = draft.seal(agent="test", activity="load")
            alike(release, memory)
            alike(open_store().current() or release, memory)


def test_what_nobody_changed_stays_the_same_tuple(store: EmbeddedStore) -> None:
    with store.draft() as draft:
        draft.apply(Changes(added=(Quad(THINGS[0], P, THINGS[1], GRAPHS[0]), Quad(THINGS[0], Q, THINGS[1], GRAPHS[0]))))
        first = draft.seal(agent="test", activity="load")
    kept = first.every(P)
    with store.draft() as draft:
        draft.apply(Changes(added=(Quad(THINGS[2], Q, THINGS[1], GRAPHS[0]),)))
        assert draft.every(P) is kept
        second = draft.seal(agent="test", activity="load")
    assert second.every(P) is kept
    with store.draft() as draft:
        draft.apply(Changes(added=(Quad(THINGS[2], P, THINGS[1], GRAPHS[0]),)))
        assert len(draft.every(P)) == 2
        third = draft.seal(agent="test", activity="load")
    assert len(third.every(P)) == 2
    assert second.every(P) is kept
