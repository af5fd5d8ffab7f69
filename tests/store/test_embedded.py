"""Releases and drafts in a folder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from kg.errors import (
    BaseError,
    BusyError,
    ConflictError,
    GoneError,
    NotFoundError,
    QueryError,
    StoreError,
)
from kg.graph import DEFAULT, Changes
from kg.namespaces import XSD
from kg.store.changes import digest
from kg.store.embedded import EmbeddedStore
from kg.store.maintenance import verify
from kg.store.port import Draft, Release, Store
from kg.store.releases import EmbeddedRelease

from .conftest import BASE, Clock, Open

A, B, META = (NamedNode(f"{BASE}/graph/{name}") for name in ("a", "b", "meta"))
P = NamedNode("http://e/p")


def triples(*texts: str) -> list[Triple]:
    return [Triple(NamedNode(f"http://e/{text}"), P, Literal(text)) for text in texts]


def write(store: EmbeddedStore, *texts: str, graph: NamedNode = A) -> EmbeddedRelease:
    with store.draft() as draft:
        draft.replace(graph, triples(*texts))
        return draft.seal(agent="test", activity="load", sources=("a",))


def texts(release: Release, graph: NamedNode = A) -> list[str]:
    found = (quad.object for quad in release.quads(None, None, None, graph))
    return sorted(term.value for term in found if isinstance(term, Literal))


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in folder.iterdir()
    }


def test_the_store_keeps_what_the_port_promises(store: EmbeddedStore) -> None:
    port: Store = store
    assert port.current() is None
    with port.draft() as draft:
        told: Draft = draft
        assert told.parent is None
        told.replace(A, triples("x"))
        assert port.current() is None
        release: Release = told.seal(agent="test", activity="load")
    assert release.number == 1
    assert port.kept() == [1]


def test_a_home_without_a_release_is_empty(store: EmbeddedStore) -> None:
    assert store.current() is None
    assert list(store.manifests()) == []
    assert list(store.kept()) == []
    with pytest.raises(NotFoundError):
        store.release(1)


def test_a_sealed_draft_is_the_current_release(store: EmbeddedStore, clock: Clock) -> None:
    release = write(store, "x", "y")
    current = store.current()
    assert current is not None
    assert texts(current) == ["x", "y"]
    told = current.manifest
    assert (told.number, told.parent, told.base, told.agent, told.activity) == (1, None, BASE, "test", "load")
    assert (told.sources, told.created, told.added, told.removed) == (("a",), clock.now, 2, 0)
    assert (told.quads, told.triples, dict(told.graphs)) == (2, 2, {A.value: 2})
    assert told.digest == digest(current.quads(graph=A))
    assert told.software.startswith("municipal-kg")
    assert release.path == store.home.release(1)
    verify(current)


def test_an_unsealed_draft_leaves_no_trace(store: EmbeddedStore, home: Path) -> None:
    write(store, "x")
    with store.draft() as draft:
        draft.replace(A, triples("y"))
    with pytest.raises(ZeroDivisionError), store.draft() as draft:
        draft.replace(A, triples("z"))
        raise ZeroDivisionError
    current = store.current()
    assert current is not None
    assert texts(current) == ["x"]
    assert list((home / "drafts").iterdir()) == []
    with pytest.raises(StoreError, match="closed"):
        list(draft.quads())


def test_an_iterator_that_outlives_its_draft_does_no_harm(store: EmbeddedStore, home: Path) -> None:
    with store.draft() as draft:
        draft.replace(A, triples("x", "y"))
        left = draft.quads()
        next(left)
        draft.seal(agent="test", activity="load")
    assert write(store, "z").number == 2
    del left
    assert list((home / "drafts").iterdir()) == []


def test_an_identical_reload_makes_no_release(store: EmbeddedStore) -> None:
    values = [
        Literal("007", datatype=XSD.integer),
        Literal("12.50", datatype=XSD.decimal),
        Literal("1.0E2", datatype=XSD.double),
        Literal("1", datatype=XSD.boolean),
        Literal("2023-06-27+00:00", datatype=XSD.date),
        Literal("2023-06-27T10:00:00.500+03:00", datatype=XSD.dateTime),
        Literal("PT90M", datatype=XSD.duration),
        Literal("Русе", language="bg-BG"),
    ]
    loaded = [Triple(NamedNode("http://e/s"), P, value) for value in values]
    for _ in range(2):
        with store.draft() as draft:
            draft.replace(A, loaded)
            release = draft.seal(agent="test", activity="load")
    assert release.number == 1
    assert release.manifest.added == len(values)
    assert [folder.name for folder in store.home.history.iterdir()] == ["1"]
    with store.draft() as draft:
        assert not draft.replace(A, loaded)
        assert not draft.changed


def test_added_and_removed_again_is_no_release(store: EmbeddedStore) -> None:
    write(store, "x")
    with store.draft() as draft:
        assert not draft.changed
        draft.replace(B, triples("y"))
        assert draft.changes.added == (Quad(NamedNode("http://e/y"), P, Literal("y"), B),)
        draft.replace(B, [])
        assert not draft.changes
        release = draft.seal(agent="test", activity="load")
    assert release.number == 1


def test_a_draft_is_its_own_view(store: EmbeddedStore) -> None:
    with store.draft() as draft:
        draft.replace(A, triples("x"))
        draft.replace(META, triples("m"))
        assert list(draft.select("SELECT ?s ?none { ?s ?p ?o }")) == [{"s": NamedNode("http://e/x"), "none": None}]
        assert list(draft.construct("CONSTRUCT { ?s ?p 1 } { GRAPH ?g { ?s ?p 'm' } }")) == [
            Triple(NamedNode("http://e/m"), P, Literal("1", datatype=XSD.integer))
        ]
        assert len(list(draft.quads(graph=DEFAULT))) == 1
        assert len(list(draft.quads())) == 3


def test_a_construct_may_call_functions(store: EmbeddedStore) -> None:
    release = write(store, "x")
    name = NamedNode("http://e/fn/loud")
    query = "CONSTRUCT { ?s ?p ?loud } { ?s ?p ?o BIND(<http://e/fn/loud>(?o) AS ?loud) }"
    (made,) = release.construct(query, {name: lambda text: Literal(text.value.upper())})
    assert made.object == Literal("X")


@pytest.mark.parametrize("query", ["SELECT", "ASK {}", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"])
def test_what_is_not_a_select_query_is_a_query_error(store: EmbeddedStore, query: str) -> None:
    with pytest.raises(QueryError):
        write(store, "x").select(query)


def test_what_is_not_a_construct_query_is_a_query_error(store: EmbeddedStore) -> None:
    with pytest.raises(QueryError):
        write(store, "x").construct("SELECT * {}")


def test_a_blank_node_is_refused(store: EmbeddedStore) -> None:
    with store.draft() as draft, pytest.raises(ValueError, match="blank"):
        draft.replace(A, [Triple(BlankNode("b"), P, P)])


def test_sealing_twice_is_refused(store: EmbeddedStore) -> None:
    with store.draft() as draft:
        draft.replace(A, triples("x"))
        draft.seal(agent="test", activity="load")
        with pytest.raises(StoreError, match="sealed already"):
            draft.seal(agent="test", activity="load")


def test_the_first_release_may_be_empty(store: EmbeddedStore) -> None:
    with store.draft() as draft:
        assert draft.seal(agent="test", activity="start").number == 1
    assert store.manifests()[0].quads == 0


def test_the_sealed_directory_stays_untouched_when_its_clone_is_written(store: EmbeddedStore) -> None:
    first = write(store, *map(str, range(500)))
    before = fingerprint(first.path)
    for number in range(3):
        write(store, *map(str, range(number, 400)))
    assert fingerprint(store.release(1).path) == before
    assert texts(store.release(1)) == sorted(map(str, range(500)))


def test_a_clone_shares_the_files_of_its_parent(store: EmbeddedStore) -> None:
    for number in range(500, 504):
        last = write(store, *map(str, range(number)))
    assert any(path.stat().st_nlink > 1 for path in last.path.glob("*.sst"))


def test_readers_are_opened_once_and_closed_apart(store: EmbeddedStore) -> None:
    write(store, "x")
    one, two = store.current(), store.current()
    assert one is not None
    assert two is not None
    one.close()
    assert texts(two) == ["x"]
    with pytest.raises(StoreError, match="closed"):
        texts(one)
    assert texts(store.release(1)) == ["x"]


def test_many_threads_read_while_one_writes(store: EmbeddedStore) -> None:
    write(store, "0")
    wrong: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            current = store.current()
            if current is None or texts(current) != [str(current.number - 1)]:
                wrong.append(current)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(1, 6):
        write(store, str(number))
    done.set()
    for thread in threads:
        thread.join()
    assert not wrong


def test_another_store_on_the_same_home_sees_the_new_release(open_store: Open) -> None:
    writer, reader = open_store(), open_store()
    write(writer, "x")
    assert reader.current() is not None
    write(writer, "y")
    current = reader.current()
    assert current is not None
    assert texts(current) == ["y"]


def test_a_second_writer_is_told_who_writes(open_store: Open) -> None:
    first, second = open_store(agent="Мария"), open_store(agent="Иван", lock_timeout=0.05)
    with first.draft(), pytest.raises(BusyError, match="Мария"), second.draft():
        pass
    with second.draft():
        pass


def test_a_pointer_that_moved_is_a_conflict_and_nothing_is_overwritten(store: EmbeddedStore) -> None:
    write(store, "x")
    write(store, "y")
    with store.draft() as draft:
        draft.replace(A, triples("z"))
        store.home.pointer.write_text("1\n")
        with pytest.raises(ConflictError):
            draft.seal(agent="test", activity="load")
        store.home.pointer.write_text("2\n")
    current = store.current()
    assert current is not None
    assert texts(current) == ["y"]
    assert list(store.kept()) == [1, 2]


def test_a_half_made_release_is_cleared_and_its_number_used_again(store: EmbeddedStore) -> None:
    write(store, "x")
    write(store, "y")
    store.home.pointer.write_text("1\n")  # as if the crash had come before the pointer
    assert [told.number for told in store.manifests()] == [1]
    assert list(store.kept()) == [1]
    with pytest.raises(NotFoundError):
        store.release(2)
    second = write(store, "z")
    assert second.number == 2
    assert texts(second) == ["z"]
    assert store.manifests()[1].digest == second.manifest.digest


def test_only_half_of_a_half_made_release_is_cleared_too(store: EmbeddedStore) -> None:
    write(store, "x")
    shutil.copytree(store.home.release(1), store.home.release(2))
    assert write(store, "z").number == 2


def test_what_a_dead_writer_left_is_gone_after_the_next_write(store: EmbeddedStore, home: Path) -> None:
    left = home / "drafts" / "dead" / "store"
    left.mkdir(parents=True)
    (left / "000001.sst").write_bytes(b"x")
    write(store, "x")
    assert list((home / "drafts").iterdir()) == []


def test_a_lost_pointer_never_costs_a_release(store: EmbeddedStore) -> None:
    for text in "xyz":
        write(store, text)
    for content in ("", "x", "0", "-1", "1\n"):
        store.home.pointer.write_text(content)
        with pytest.raises(StoreError, match="does not name the last release"):
            write(store, "w")
    store.home.pointer.unlink()
    with pytest.raises(StoreError, match="does not name the last release"):
        write(store, "w")
    store.home.pointer.write_text("3\n")
    assert write(store, "w").number == 4


def test_a_missing_directory_says_what_to_do(store: EmbeddedStore) -> None:
    write(store, "x")
    store.forget()
    shutil.rmtree(store.home.release(1))
    with pytest.raises(StoreError, match="kg restore") as refusal:
        store.current()
    assert "kg restore" in refusal.value.messages["bg"]


def test_a_damaged_directory_says_what_to_do(store: EmbeddedStore) -> None:
    write(store, *map(str, range(100)))
    store.forget()
    for path in store.home.release(1).glob("*.sst"):
        path.write_bytes(bytes(byte ^ 255 for byte in path.read_bytes()))
    with pytest.raises(StoreError, match="kg restore"):
        list((store.current() or pytest.fail()).quads())


def test_a_damaged_manifest_and_record_say_what_to_do(store: EmbeddedStore) -> None:
    write(store, "x")
    store.forget()
    store.home.record(1).write_bytes(b"")
    with pytest.raises(StoreError, match="kg restore"):
        store.changes(1)
    store.home.manifest(1).write_bytes(b"")
    with pytest.raises(StoreError, match="kg restore"):
        store.current()


def test_a_manifest_of_the_future_is_refused_at_opening(open_store: Open) -> None:
    store = open_store()
    write(store, "x")
    path = store.home.manifest(1)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99, "software": "municipal-kg 9.9"}))
    with pytest.raises(StoreError, match=r"municipal-kg 9\.9"):
        open_store()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_home_that_may_not_be_written_is_a_store_error(open_store: Open, home: Path) -> None:
    home.mkdir()
    home.chmod(0o500)
    with pytest.raises(StoreError, match="permission"):
        open_store()


def test_a_home_that_is_a_file_is_a_store_error(open_store: Open, home: Path) -> None:
    home.write_text("")
    with pytest.raises(StoreError):
        open_store()


def test_a_full_disk_while_sealing_leaves_the_current_release(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, "x")

    def full(path: Path, *rest: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("kg.store.changes.write", full)
        with pytest.raises(StoreError, match="KG_KEEP_BYTES"):
            write(store, "y")
    current = store.current()
    assert current is not None
    assert texts(current) == ["x"]
    assert write(store, "y").number == 2


def test_a_network_file_system_is_refused_aloud(open_store: Open, tmp_path: Path) -> None:
    mounts = tmp_path / "nfs"
    mounts.write_text("1 0 0:44 / / rw - nfs4 server:/ rw\n")
    with pytest.raises(StoreError, match="network file system"):
        open_store(mounts=mounts)


# The base


def test_the_base_is_recorded_with_the_first_release(open_store: Open) -> None:
    store = open_store(base="https://kg.ruse.example")
    assert store.base == "https://kg.ruse.example"
    write(store, "x")
    assert open_store().base == "https://kg.ruse.example"
    assert open_store(base="https://kg.ruse.example").base == "https://kg.ruse.example"


def test_without_a_word_about_it_the_base_is_the_default(store: EmbeddedStore) -> None:
    assert store.base == BASE


def test_another_base_is_refused_with_the_two_ways_out(open_store: Open) -> None:
    write(open_store(base="https://old.example"), "x")
    with pytest.raises(BaseError) as refusal:
        open_store(base="https://new.example")
    for language in ("bg", "en"):
        assert "KG_BASE=https://old.example" in refusal.value.messages[language]
        assert "kg rebase https://new.example" in refusal.value.messages[language]


def test_a_writer_that_was_opened_before_the_first_release_is_refused_too(open_store: Open) -> None:
    one, two = open_store(base="https://one.example"), open_store(base="https://two.example")
    write(one, "x")
    with pytest.raises(BaseError):
        write(two, "y")


def test_meta_below_the_base_stays_out_of_the_merge(open_store: Open) -> None:
    store = open_store(base="https://kg.ruse.example")
    write(store, "m", graph=NamedNode("https://kg.ruse.example/graph/meta"))
    release = write(store, "x")
    assert (release.manifest.quads, release.manifest.triples) == (2, 1)
    verify(release)


# What changed


def test_a_diff_is_net_and_goes_both_ways(store: EmbeddedStore) -> None:
    for content in (["x"], ["x", "y"], ["y", "z"], ["x", "z"]):
        write(store, *content)

    def told(changes: Changes) -> tuple[list[str], list[str]]:
        return (
            [quad.subject.value[-1] for quad in changes.added if isinstance(quad.subject, NamedNode)],
            [quad.subject.value[-1] for quad in changes.removed if isinstance(quad.subject, NamedNode)],
        )

    assert told(store.diff(1, 4)) == (["z"], [])
    assert told(store.diff(4, 1)) == ([], ["z"])
    assert told(store.diff(2, 3)) == told(store.changes(3)) == (["z"], ["x"])
    assert told(store.diff(0, 2)) == (["x", "y"], [])
    assert not store.diff(3, 3)
    with pytest.raises(NotFoundError):
        store.diff(1, 5)
    with pytest.raises(NotFoundError):
        store.changes(0)


states = st.lists(st.dictionaries(st.sampled_from([A, B, META]), st.sets(st.sampled_from("uvwxyz"))), max_size=5)


@settings(max_examples=15, deadline=None)
@given(states, st.data())
def test_any_history_is_told_exactly(plan: list[dict[NamedNode, set[str]]], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore.open(Path(folder, "home"))
        contents: list[set[Quad]] = [set()]
        for step in plan:
            with store.draft() as draft:
                for graph, names in step.items():
                    draft.replace(graph, triples(*names))
                release = draft.seal(agent="test", activity="load")
            verify(release)
            held = {quad for quad in release.quads() if quad.graph_name != DEFAULT}
            assert digest(held) == release.manifest.digest
            if release.number == len(contents):
                contents.append(held)
            assert held == contents[-1]
        a, b = (data.draw(st.integers(0, len(contents) - 1)) for _ in "ab")
        changes = store.diff(a, b)
        assert (contents[a] - set(changes.removed)) | set(changes.added) == contents[b]
        assert set(changes.added) == contents[b] - contents[a]
        assert set(changes.removed) == contents[a] - contents[b]


# What is kept


def test_a_pruned_release_is_gone_and_its_history_stays(open_store: Open, clock: Clock) -> None:
    store = open_store(keep_days=1)
    for text in "vwxyz":
        write(store, text)
        clock.pass_days(2)
    write(store, "nearly")
    write(store, "last")
    assert list(store.kept()) == [6, 7]
    with pytest.raises(GoneError, match="nearest kept one is 6") as refusal:
        store.release(2)
    assert "6" in refusal.value.messages["bg"]
    assert [told.number for told in store.manifests()] == [1, 2, 3, 4, 5, 6, 7]
    assert len(store.diff(0, 4).added) == 1
    with pytest.raises(NotFoundError):
        store.release(8)


def test_the_end_of_a_month_is_kept(open_store: Open, clock: Clock) -> None:
    store = open_store(keep_days=1)
    for text in "vwxyz":  # 2, 12, 22 November; 2, 12 December
        write(store, text)
        clock.pass_days(10)
    write(store, "nearly")
    write(store, "last")
    assert list(store.kept()) == [3, 6, 7]


def test_a_release_in_use_stays_until_it_is_not(open_store: Open, clock: Clock) -> None:
    store = open_store(keep_days=0, keep_bytes=0)
    used = write(store, *map(str, range(50)))
    for text in "xyz":
        clock.pass_days(1)
        write(store, text)
    assert 1 in store.kept()
    assert len(texts(used)) == 50
    used.close()
    clock.pass_days(1)
    write(store, "last")
    assert 1 not in store.kept()


def test_short_space_keeps_the_current_release(open_store: Open) -> None:
    store = open_store(keep_bytes=0)
    for text in "wxyz":
        write(store, text)
    assert store.kept()[-1] == 4
    assert len(store.kept()) <= 2  # the parent of the last one was still open while that was sealed


def test_pruning_that_fails_does_not_undo_the_release(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*anything: object, **more: object) -> None:
        raise OSError

    monkeypatch.setattr("kg.store.embedded.keep", fail)
    assert write(store, "x").number == 1
