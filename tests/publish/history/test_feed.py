"""The feed: whoever follows it holds the merge, whatever happened, and what was once read never changes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Dataset, Literal, NamedNode, Quad, RdfFormat, Triple, parse
from tests.conftest import BASE
from tests.publish.history.conftest import IRIS, Load, Said, triples

from kg.errors import ParameterError
from kg.formats import ATOM, HTML, JSONLD, NQ, TRIG, TTL, Format
from kg.graph import DEFAULT
from kg.namespaces import RDF, RDFS
from kg.publish.history.feed import LDES
from kg.publish.history.pages import AS, PATH, TREE, published
from kg.publish.history.shelf import History
from kg.publish.resource import Resource
from kg.store import erasure
from kg.store.embedded import EmbeddedStore
from kg.store.port import Release

ONE: list[Said] = [("project/a", "name", "А"), ("project/a", "budget", "7"), ("project/b", "name", "Б")]
TWO: list[Said] = [("project/a", "name", "А"), ("project/a", "budget", "8"), ("project/c", "partner", "org/x")]


def written(shelf: History, view: Release, address: str, format: Format, **query: str) -> bytes:
    found = shelf.find(view, address.removeprefix(BASE), query)
    assert isinstance(found, Resource), address
    return found.write(format, "bg")


def graph(body: bytes, format: Format = TRIG) -> Dataset:
    return Dataset(parse(body, format.rdf_engine))


def linked(shelf: History, view: Release, address: str = PATH, **query: str) -> Iterator[Dataset]:
    """The documents that a client finds by following relations, each once."""
    todo, seen = [address], {address}
    while todo:
        here = graph(written(shelf, view, todo.pop(0), TRIG, **query))
        query = {}
        yield here
        for quad in here.quads_for_predicate(TREE.node):
            assert isinstance(quad.object, NamedNode)
            if quad.object.value not in seen:
                seen.add(quad.object.value)
                todo.append(quad.object.value)


def replayed(shelf: History, view: Release, held: dict[str, set[Triple]], **query: str) -> set[Triple]:
    """What a client holds that carries out everything it finds, in the order of times."""
    deeds: list[tuple[str, str, str, set[Triple]]] = []
    for here in linked(shelf, view, **query):
        for member in (quad.object for quad in here.quads_for_predicate(TREE.member)):
            assert isinstance(member, NamedNode)
            said = {quad.predicate: quad.object for quad in here.quads_for_subject(member)}
            moment, object, deed = said[AS.published], said[AS.object], said[RDF.type]
            assert isinstance(object, NamedNode) and isinstance(moment, Literal) and isinstance(deed, NamedNode)
            payload = {quad.triple for quad in here.quads_for_graph_name(member)}
            deeds.append((moment.value, object.value, deed.value.rpartition("#")[2], payload))
    for _, thing, name, payload in sorted(deeds, key=lambda one: one[:2]):
        assert (name == "Create") is (thing not in held)
        assert (name == "Delete") is (not payload)
        held[thing] = payload
        if name == "Delete":
            del held[thing]
    return {triple for payload in held.values() for triple in payload}


def merge(view: Release) -> set[Triple]:
    return {quad.triple for quad in view.quads(None, None, None, DEFAULT)}


FIELDS = st.tuples(
    st.sampled_from(["project/a", "project/a-b", "project/b"]),
    st.sampled_from(["name", "budget"]),
    st.sampled_from(["1", "2", "„три“\n\\"]),
)


@settings(max_examples=40, deadline=None)
@given(loads=st.lists(st.tuples(st.sampled_from(["s", "t"]), st.lists(FIELDS, max_size=4)), min_size=1, max_size=5))
def test_whoever_follows_holds_the_merge_after_every_release(loads: list[tuple[str, list[Said]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore.open(Path(folder) / "home", base=BASE)
        shelf = History(store, store.home.feed)
        follower: dict[str, set[Triple]] = {}
        since = "1970-01-01"
        for source, said in loads:
            with store.draft() as draft:
                draft.replace(IRIS.graph(source), triples(said))
                view = draft.seal(agent="test", activity="load")
            assert replayed(shelf, view, {}) == merge(view)
            assert replayed(shelf, view, follower, modified_since=since) == merge(view)
            since = published(store.manifests())[-1].isoformat()


def test_the_feed_of_the_bundled_data_holds_the_merge(store: EmbeddedStore, release: Release, tmp_path: Path) -> None:
    assert replayed(History(store, tmp_path), release, {}) == merge(release)


def test_what_was_published_never_changes(load: Load, shelf: History, past: EmbeddedStore, tmp_path: Path) -> None:
    first = load("s", ONE)
    before = {format: written(shelf, first, "/feed/1", format) for format in (TRIG, JSONLD, NQ)}
    second = load("s", TWO)
    found = shelf.find(second, "/feed/1", {})
    assert isinstance(found, Resource) and found.lasting
    assert {format: found.write(format, "bg") for format in before} == before
    assert History(past, tmp_path / "anew").find(first, "/feed/2", {}) is None
    again = History(past, tmp_path / "anew")
    assert written(again, second, "/feed/1", NQ) == before[NQ]
    assert graph(before[TRIG]) == graph(before[JSONLD], JSONLD) == graph(before[NQ], NQ)


def test_only_what_the_merge_holds_is_a_change(load: Load, shelf: History, past: EmbeddedStore) -> None:
    load("s", ONE)
    view = load("t", ONE[:1])  # another source says the same
    assert view.number == 2
    assert [*graph(written(shelf, view, "/feed/2", TRIG)).quads_for_predicate(TREE.member)] == []
    view = load("s", TWO)
    told = graph(written(shelf, view, "/feed/3", TRIG))
    deeds = {quad.subject: quad.object for quad in told.quads_for_predicate(RDF.type) if AS in str(quad.object)}
    page = f"{BASE}/feed/3#project/"
    assert {str(node)[len(page) + 1 : -1]: str(deed).rpartition("#")[2][:-1] for node, deed in deeds.items()} == {
        "a": "Update",
        "b": "Delete",
        "c": "Create",
    }
    nested = NamedNode(f"{BASE}/id/project/a#budget")
    assert [str(quad.graph_name) for quad in told.quads_for_subject(nested)] == [f"<{page}a>"]


def test_many_changes_are_told_on_several_pages(load: Load, shelf: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.publish.history.pages.PAGE", 7)
    monkeypatch.setattr("kg.publish.history.activity.PART", 3)
    load("s", ONE)
    view = load("s", [(f"project/p{number}", "name", str(number)) for number in range(20)])
    assert len([*linked(shelf, view)]) == 1 + 1 + 4
    assert replayed(shelf, view, {}) == merge(view)
    assert shelf.find(view, "/feed/2/4", {}) and not shelf.find(view, "/feed/2/5", {})
    for wrong in ("/feed/2/1", "/feed/0", "/feed/3", "/feed/02", "/feed/2/"):
        assert shelf.find(view, wrong, {}) is None
    assert {"/feed", "/feed/1", "/feed/2", "/feed/2/4", "/release/2"} <= set(shelf.paths(view))


def test_the_root_tells_where_to_go_and_leaves_out_what_is_known(load: Load, shelf: History) -> None:
    load("s", ONE)
    view = load("s", TWO)
    whole = graph(written(shelf, view, PATH, TTL), TTL)
    stream = NamedNode(f"{BASE}/feed#stream")
    assert Quad(stream, RDF.type, LDES.EventStream) in whole
    assert Quad(stream, LDES.versionOfPath, AS.object) in whole
    assert Quad(stream, LDES.timestampPath, AS.published) in whole
    assert Quad(stream, TREE.view, NamedNode(f"{BASE}/feed")) in whole
    nodes = {str(quad.object) for quad in whole.quads_for_predicate(TREE.node)}
    assert nodes == {f"<{BASE}/feed/1>", f"<{BASE}/feed/2>"}
    moments = sorted(
        quad.object.value for quad in whole.quads_for_predicate(TREE.value) if isinstance(quad.object, Literal)
    )
    later = graph(written(shelf, view, PATH, TTL, modified_since=moments[0]), TTL)
    assert {str(quad.object) for quad in later.quads_for_predicate(TREE.node)} == {f"<{BASE}/feed/2>"}
    (node,) = {str(quad.object) for quad in later.quads_for_predicate(TREE.view)}
    assert node.startswith(f"<{BASE}/feed?modified_since=") and "%3A" in node
    assert not [
        *graph(written(shelf, view, PATH, TTL, modified_since="2999-01-01"), TTL).quads_for_predicate(TREE.node)
    ]
    with pytest.raises(ParameterError, match="modified_since"):
        shelf.find(view, PATH, {"modified_since": "вчера"})


def test_an_old_release_knows_nothing_of_later_ones(load: Load, shelf: History) -> None:
    first = load("s", ONE)
    load("s", TWO)
    assert replayed(shelf, first, {}) == merge(first)
    assert shelf.find(first, "/release/2", {}) is None and shelf.find(first, "/release/1..2", {}) is None


def test_the_clock_may_be_put_back(load: Load, past: EmbeddedStore) -> None:
    load("s", ONE)
    load("s", TWO)
    manifests = past.manifests()[::-1]  # the later one first
    moments = published(manifests)
    assert moments[0] < moments[1] and moments[0] == manifests[0].created


def test_news_for_readers(load: Load, shelf: History) -> None:
    load("s", ONE)
    view = load("s", TWO)
    space = "{http://www.w3.org/2005/Atom}"
    root = ElementTree.fromstring(written(shelf, view, PATH, ATOM))
    assert root.findtext(f"{space}id") == f"{BASE}/feed"
    entries = root.findall(f"{space}entry")
    told = [
        (one.findtext(f"{space}title"), (one.findtext(f"{space}summary") or "").partition(" · ")[0]) for one in entries
    ]
    assert told == [
        ("А", "Променен запис, издание 2"),
        ("Б", "Премахнат запис, издание 2"),
        ("project/c", "Нов запис, издание 2"),
        ("А", "Нов запис, издание 1"),
        ("Б", "Нов запис, издание 1"),
    ]
    links = [link.attrib["href"] for one in entries for link in one.findall(f"{space}link")]
    assert links[:2] == [f"{BASE}/doc/project/a.html", f"{BASE}/release/2.html"]
    assert len({one.findtext(f"{space}id") for one in entries}) == 5
    assert "/release/2.html" in written(shelf, view, PATH, HTML).decode()


def test_what_is_erased_is_in_no_page(load: Load, shelf: History, past: EmbeddedStore) -> None:
    load("s", [("project/a", "name", "Иван Тайнов"), ("project/b", "name", "Б")])
    view = load("s", ONE)
    assert "Тайнов" in written(shelf, view, "/feed/1", NQ).decode()
    erasure.erase(past, [IRIS.entity("project/a")], agent="test", reason="молба")
    assert not past.home.feed.exists()
    current = past.current()
    assert current is not None
    told = b"".join(written(shelf, current, path, NQ) for path in ("/feed/1", "/feed/2")).decode()
    assert "Тайнов" not in told and "project/a>" not in told and "project/b" in told
    assert replayed(shelf, current, {}) == merge(current)


def test_the_label_of_a_thing_stands_with_what_was_done(load: Load, shelf: History) -> None:
    view = load("s", ONE)
    told = graph(written(shelf, view, "/feed/1", NQ), NQ)
    labels = {quad.object.value for quad in told.quads_for_predicate(RDFS.label) if isinstance(quad.object, Literal)}
    assert labels == {"А", "Б"} and RdfFormat.N_QUADS is NQ.engine
