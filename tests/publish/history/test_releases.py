"""Releases and the differences between them, for programs and for people."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pyoxigraph import Dataset, NamedNode, Quad
from tests.conftest import BASE
from tests.publish.history.conftest import Load, Said
from tests.publish.history.test_feed import ONE, TWO, graph, written

from kg.errors import TooLargeError
from kg.formats import HTML, JSONLD, NQ, NT, TRIG, TTL
from kg.namespaces import DCT, PROV
from kg.publish.history import difference
from kg.publish.history.pages import AS
from kg.publish.history.shelf import History
from kg.publish.resource import Moved, Resource
from kg.store.embedded import EmbeddedStore
from kg.store.port import Release

THREE: list[Said] = [*TWO, ("project/d", "name", "Д")]


def named(view: Release) -> set[Quad]:
    return {quad for quad in view.quads() if isinstance(quad.graph_name, NamedNode)}


def carried_out(before: set[Quad], told: Dataset) -> set[Quad]:
    """What the difference makes of a release."""
    after = set(before)
    for deed in (AS.Remove, AS.Add):
        for quad in told.quads_for_object(deed):
            change = quad.subject
            assert isinstance(change, NamedNode)
            place = AS.origin if deed == AS.Remove else AS.target
            (graph,) = (one.object for one in told.quads_for_subject(change) if one.predicate == place)
            assert isinstance(graph, NamedNode)
            quads = {Quad(one.subject, one.predicate, one.object, graph) for one in told.quads_for_graph_name(change)}
            if deed == AS.Remove:
                assert quads <= after
                after -= quads
            else:
                assert not quads & after
                after |= quads
    return after


@pytest.mark.parametrize("ends", [(1, 3), (2, 3), (3, 1), (0, 2), (2, 2)])
def test_a_difference_leads_from_one_release_to_the_other(
    load: Load, past: EmbeddedStore, shelf: History, ends: tuple[int, int]
) -> None:
    load("s", ONE)
    load("t", ONE[:1])
    view = load("s", THREE)
    older, newer = ends
    address = f"/release/{older}..{newer}"
    before = named(past.release(older)) if older else set()
    for format in (TRIG, JSONLD, NQ):
        told = graph(written(shelf, view, address, format), format)
        assert carried_out(before, told) == named(past.release(newer))
    sources = {
        quad.object.value
        for quad in told.quads_for_predicate(PROV.wasDerivedFrom)
        if isinstance(quad.object, NamedNode)
    }
    assert sources == {f"{BASE}/release/{one}" for one in ends if one}


def test_a_difference_is_told_thing_by_thing(load: Load, shelf: History) -> None:
    load("s", ONE)
    view = load("s", TWO)
    for language in ("bg", "en"):
        found = shelf.find(view, "/release/1..2", {})
        assert isinstance(found, Resource)
        page = found.write(HTML, language).decode()
        assert "<del>7</del>" in page.replace("\n", "") and "<ins>8</ins>" in page.replace("\n", "")
        assert 'href="/doc/project/a.' in page
        assert page.count("<h3>") == 3
    assert "няма разлика" in written(shelf, view, "/release/2..2", HTML).decode()


def test_a_release_tells_when_it_was_made_and_what_of(load: Load, shelf: History, past: EmbeddedStore) -> None:
    load("s", ONE)
    view = load("s", TWO)
    told = graph(written(shelf, view, "/release/2", TTL), TTL)
    node = NamedNode(f"{BASE}/release/2")
    said = {quad.predicate: quad.object for quad in told.quads_for_subject(node)}
    assert said[PROV.wasRevisionOf] == NamedNode(f"{BASE}/release/1")
    assert said[DCT.source] == NamedNode(f"{BASE}/graph/s")
    assert set(told) == set(graph(written(shelf, view, "/release/2", NT), NT))
    page = written(shelf, view, "/release/2", HTML).decode()
    for text in ("Нови записи", "Променени записи", "Премахнати записи", "<del>7</del>", "Издание 1"):
        assert text in page.replace("\n", "")
    assert "test" not in page.partition("<main")[2].partition("</main>")[0]  # who did it is nobody's business
    first = written(shelf, view, "/release/1", HTML).decode()
    assert "Издание 2" in first and "<del>" not in first
    assert isinstance(shelf.find(view, "/release", {}), Moved)
    for wrong in ("/release/0", "/release/3", "/release/01", "/release/1..3", "/release/1..", "/release/x"):
        assert shelf.find(view, wrong, {}) is None


def test_the_record_is_enough_when_releases_are_no_longer_kept(load: Load, past: EmbeddedStore, tmp_path: Path) -> None:
    load("s", ONE)
    load("s", TWO)
    view = load("s", THREE)
    shelf = History(past, past.home.feed)
    whole = {path: written(shelf, view, path, NQ) for path in ("/release/0..1", "/release/1..2", "/feed/1", "/feed/2")}
    shutil.rmtree(past.home.release(1))
    shutil.rmtree(past.home.feed)
    fresh = History(EmbeddedStore.open(past.home.root), past.home.feed)
    assert {path: written(fresh, view, path, NQ) for path in whole} == whole


def test_too_large_a_difference_is_refused(load: Load, shelf: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difference, "MOST", 3)
    view = load("s", ONE)
    found = shelf.find(view, "/release/0..1", {})
    assert isinstance(found, Resource)
    with pytest.raises(TooLargeError, match="feed"):
        found.write(TRIG, "bg")
    assert "Нови записи" in written(shelf, view, "/release/1", HTML).decode()
