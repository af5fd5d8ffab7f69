from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from kg.errors import StoreError
from kg.graph import DEFAULT
from kg.store.embedded import EmbeddedStore
from kg.store.suite import SuiteStore

A, B, G = NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:g")


def quads(store: SuiteStore) -> set[Quad]:
    release = store.current()
    assert release is not None
    return set(release.quads())


def test_it_begins_empty_and_keeps_what_is_written(tmp_path: Path) -> None:
    store = SuiteStore.open(tmp_path)
    assert quads(store) == set()
    with store.change() as draft:
        draft.change([], [Quad(A, B, BlankNode("x")), Quad(A, B, Literal("1"), G)], None)
        release = draft.seal(activity="update", extra={"mark": "m"})
    assert (release.number, release.manifest.graphs, release.manifest.triples) == (2, {G.value: 1}, 1)
    assert release.manifest.extra == {"mark": "m"}
    assert len(quads(SuiteStore.open(tmp_path))) == 2


def test_what_is_left_unsealed_leaves_no_trace(tmp_path: Path) -> None:
    store = SuiteStore.open(tmp_path)
    with pytest.raises(KeyError), store.change() as draft:
        draft.change([], [Quad(A, B, A)], None)
        raise KeyError
    with store.change() as draft:
        draft.change([], [Quad(A, B, B)], None)
        assert draft.difference == (1, 0)
        draft.seal(activity="update")
    assert quads(store) == {Quad(A, B, B)}


def test_an_emptied_graph_is_none_unless_it_is_kept(tmp_path: Path) -> None:
    store = SuiteStore.open(tmp_path)
    with store.change() as draft:
        draft.change([], [Quad(A, B, A, G)], None)
        draft.change([Quad(A, B, A, G)], [Quad(A, B, A)], None)
        assert list(draft.graphs()) == []
        draft.keep(G)
        draft.keep(DEFAULT)
        release = draft.seal(activity="put")
    assert release.manifest.graphs == {G.value: 0}


def test_only_the_last_releases_are_kept(tmp_path: Path) -> None:
    store = SuiteStore.open(tmp_path)
    for number in range(8):
        with store.change() as draft:
            draft.change([], [Quad(A, B, Literal(str(number)))], None)
            draft.seal(activity="update")
    assert list(store.kept()) == [7, 8, 9]
    assert len(quads(store)) == 8


def test_a_home_with_real_releases_is_refused(report_home: Path) -> None:
    with pytest.raises(StoreError, match="KG_HOME"):
        SuiteStore.open(report_home)
    assert EmbeddedStore.open(report_home).current() is not None


def test_there_are_no_other_drafts(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        SuiteStore.open(tmp_path).draft()
