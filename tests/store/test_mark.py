"""What tells readers that something has changed."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Triple

from kg.store.erasure import erase
from kg.store.maintenance import rebase

from .conftest import BASE, Open

PERSON = NamedNode(f"{BASE}/id/person/ivan")


def test_before_the_first_release_there_is_none(open_store: Open) -> None:
    assert open_store().mark() is None


def test_it_differs_after_every_change_and_only_then(open_store: Open) -> None:
    store = open_store()
    marks = []
    for text in ("one", "two", "three"):
        with store.draft() as draft:
            draft.replace(NamedNode(f"{BASE}/graph/a"), [Triple(PERSON, NamedNode("http://e/p"), Literal(text))])
            draft.seal(agent="test", activity="load")
        marks.append(store.mark())
        assert store.mark() == open_store().mark() == marks[-1]
    with store.draft() as draft:
        draft.seal(agent="test", activity="nothing")
    assert store.mark() == marks[-1]
    erase(store, [PERSON], agent="test", reason="asked for")
    marks.append(store.mark())
    rebase(store, "https://kg.example", agent="test")
    marks.append(store.mark())
    assert len(set(marks)) == len(marks) == 5
