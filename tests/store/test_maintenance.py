"""Going back, moving house, keeping copies."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.errors import BaseError, ConflictError, GoneError, NotFoundError, RequestError, StoreError
from kg.graph import DEFAULT, Changes
from kg.store.disk import write as write_file
from kg.store.embedded import EmbeddedStore
from kg.store.home import Home
from kg.store.maintenance import backup, rebase, restore, rollback, verify
from kg.store.releases import EmbeddedRelease

from .conftest import BASE, Clock, Open

A, B, META = (NamedNode(f"{BASE}/graph/{name}") for name in ("a", "b", "meta"))
P = NamedNode("http://e/p")


def thing(name: str, base: str = BASE) -> NamedNode:
    return NamedNode(f"{base}/id/event/{name}")


def write(store: EmbeddedStore, *names: str, graph: NamedNode = A) -> EmbeddedRelease:
    with store.draft() as draft:
        draft.replace(graph, [Triple(thing(name), P, Literal(name)) for name in names])
        return draft.seal(agent="test", activity="load")


def content(release: EmbeddedRelease) -> set[Quad]:
    return set(release.quads())


# Rollback


def test_rolling_back_makes_a_new_release_with_the_old_content(store: EmbeddedStore) -> None:
    first = write(store, "x")
    write(store, "y", graph=B)
    write(store, "x", "z")
    back = rollback(store, 1, agent="Мария")
    assert back.number == 4
    assert content(back) == content(first)
    told = back.manifest
    assert (told.activity, told.agent, told.extra) == ("rollback to 1", "Мария", {"rolledBackTo": "1"})
    assert (told.digest, told.quads, told.triples) == (
        first.manifest.digest,
        first.manifest.quads,
        first.manifest.triples,
    )
    assert (told.added, told.removed) == (0, 2)
    verify(back)
    assert not store.diff(1, 4)


def test_rolling_back_to_a_pruned_release_goes_through_the_records(open_store: Open, clock: Clock) -> None:
    store = open_store(keep_days=1)
    write(store, "x", "y")
    for name in "uvw":
        clock.pass_days(2)
        write(store, name)
    clock.pass_days(2)
    store = open_store(keep_days=1)
    write(store, "last")
    with pytest.raises(GoneError):
        store.release(1)
    back = rollback(store, 1, agent="test")
    assert back.manifest.digest == store.manifest(1).digest
    verify(back)


def test_rolling_back_to_the_same_content_makes_no_release(store: EmbeddedStore) -> None:
    write(store, "x")
    assert rollback(store, 1, agent="test").number == 1
    write(store, "y")
    write(store, "x")
    assert rollback(store, 1, agent="test").number == 3


def test_rolling_back_to_nowhere_is_not_found(store: EmbeddedStore) -> None:
    write(store, "x")
    with pytest.raises(NotFoundError):
        rollback(store, 2, agent="test")


def test_rolling_back_over_a_change_of_base_is_refused(store: EmbeddedStore) -> None:
    write(store, "x")
    rebase(store, "https://kg.ruse.example", agent="test")
    with pytest.raises(BaseError, match=f"kg rebase {BASE}"):
        rollback(store, 1, agent="test")


# Rebase


def test_rebase_rewrites_every_iri_below_the_old_base_and_no_other(store: EmbeddedStore) -> None:
    new = "https://kg.ruse.example"
    beside = NamedNode(f"{BASE}0/id/event/x")
    with store.draft() as draft:
        draft.replace(
            A,
            [
                Triple(thing("x"), NamedNode(f"{BASE}/ns#p"), thing("y")),
                Triple(beside, P, Literal(f"{BASE}/id/event/x")),
                Triple(beside, P, Triple(thing("x"), P, Literal("1", datatype=NamedNode(f"{BASE}/type")))),
            ],
        )
        draft.replace(META, [Triple(A, P, Literal("meta"))])
        draft.replace(NamedNode("https://w3id.org/municipal-kg/ns"), [Triple(P, P, P)])
        draft.seal(agent="test", activity="load")
    release = rebase(store, f"{new}/", agent="Мария")
    a = NamedNode(f"{new}/graph/a")
    assert {quad for quad in content(release) if quad.graph_name != DEFAULT} == {
        Quad(thing("x", new), NamedNode(f"{new}/ns#p"), thing("y", new), a),
        Quad(beside, P, Literal(f"{BASE}/id/event/x"), a),
        Quad(beside, P, Triple(thing("x", new), P, Literal("1", datatype=NamedNode(f"{new}/type"))), a),
        Quad(a, P, Literal("meta"), NamedNode(f"{new}/graph/meta")),
        Quad(P, P, P, NamedNode("https://w3id.org/municipal-kg/ns")),
    }
    assert release.number == 2
    assert release.manifest.extra == {"rebasedFrom": BASE}
    assert release.manifest.base == store.base == new
    assert release.manifest.triples == 4
    verify(release)
    verify(store.release(1))
    assert write(store, "z", graph=a).number == 3


def test_rebase_serves_a_store_that_was_opened_for_the_old_base(open_store: Open) -> None:
    store = open_store(base=BASE)
    write(store, "x")
    rebase(store, "https://kg.ruse.example", agent="test")
    assert store.base == "https://kg.ruse.example"
    with store.draft():
        pass
    with pytest.raises(BaseError):
        open_store(base=BASE)


def test_rebase_of_data_without_own_iris_still_records_the_base(store: EmbeddedStore) -> None:
    with store.draft() as draft:
        draft.replace(P, [Triple(P, P, P)])
        draft.seal(agent="test", activity="load")
    assert rebase(store, "https://kg.ruse.example", agent="test").number == 2
    assert store.base == "https://kg.ruse.example"


def test_rebase_to_the_same_base_is_refused(store: EmbeddedStore) -> None:
    write(store, "x")
    with pytest.raises(RequestError, match="already"):
        rebase(store, BASE, agent="test")
    with pytest.raises(RequestError, match="not an http address"):
        rebase(store, "ftp://x", agent="test")


def test_rebase_of_nothing_is_not_found(store: EmbeddedStore) -> None:
    with pytest.raises(NotFoundError):
        rebase(store, "https://kg.ruse.example", agent="test")


# Backup and restore


def test_a_backup_restores_release_and_history(store: EmbeddedStore, tmp_path: Path) -> None:
    write(store, "x")
    write(store, "x", "y")
    original = write(store, "y")
    assert backup(store, tmp_path / "copy", agent="test") == 3
    assert sorted(entry.name for entry in (tmp_path / "copy").iterdir()) == ["current", "history", "releases"]
    other = EmbeddedStore.open(tmp_path / "other")
    restored = restore(other, tmp_path / "copy", agent="test")
    assert content(restored) == content(original)
    assert other.manifests() == store.manifests()
    assert other.diff(0, 2) == store.diff(0, 2)
    assert list(other.kept()) == [3]
    assert write(other, "z").number == 4
    assert content(original) == content(store.release(3))


def test_a_backup_shares_no_file_with_the_home(store: EmbeddedStore, tmp_path: Path) -> None:
    release = write(store, "x")
    backup(store, tmp_path / "copy", agent="test")
    ours = {path.stat().st_ino for path in release.path.iterdir()}
    assert ours.isdisjoint(path.stat().st_ino for path in Home(tmp_path / "copy").release(1).iterdir())


def test_a_backup_is_not_written_over_something(store: EmbeddedStore, tmp_path: Path, home: Path) -> None:
    write(store, "x")
    (tmp_path / "copy").mkdir()
    backup(store, tmp_path / "copy", agent="test")
    with pytest.raises(ConflictError, match="not an empty folder"):
        backup(store, tmp_path / "copy", agent="test")
    (tmp_path / "file").write_text("")
    with pytest.raises(ConflictError, match="not an empty folder"):
        backup(store, tmp_path / "file", agent="test")
    with pytest.raises(RequestError, match="inside the home"):
        backup(store, home / "copy", agent="test")


def test_a_backup_of_nothing_is_not_found(store: EmbeddedStore, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        backup(store, tmp_path / "copy", agent="test")


def test_restoring_over_releases_is_refused(store: EmbeddedStore, tmp_path: Path) -> None:
    write(store, "x")
    backup(store, tmp_path / "copy", agent="test")
    with pytest.raises(ConflictError, match="already has releases"):
        restore(store, tmp_path / "copy", agent="test")


def test_restoring_for_another_base_is_refused(store: EmbeddedStore, tmp_path: Path) -> None:
    write(store, "x")
    backup(store, tmp_path / "copy", agent="test")
    other = EmbeddedStore.open(tmp_path / "other", base="https://kg.ruse.example")
    with pytest.raises(BaseError):
        restore(other, tmp_path / "copy", agent="test")
    assert other.current() is None


@pytest.mark.parametrize("damage", ["current", "history/1", "history/1/manifest.json", "releases/1", "digest"])
def test_an_incomplete_or_damaged_backup_is_refused_and_leaves_the_home_empty(
    store: EmbeddedStore, tmp_path: Path, damage: str
) -> None:
    write(store, "x")
    copy = tmp_path / "copy"
    backup(store, copy, agent="test")
    if damage == "digest":
        path = Home(copy).manifest(1)
        told = store.manifest(1).digest
        write_file(path, path.read_bytes().replace(told.encode(), f"{1:064x}".encode()))
    else:
        (copy / damage).rename(tmp_path / "away")
    other = EmbeddedStore.open(tmp_path / "other")
    with pytest.raises(StoreError):
        restore(other, copy, agent="test")
    assert other.current() is None
    assert write(other, "y").number == 1


def test_verify_notices_what_is_not_in_the_manifest(store: EmbeddedStore, tmp_path: Path) -> None:
    release = write(store, "x", "y")
    verify(release)
    with store.draft() as draft:
        draft.apply(Changes(added=(Quad(P, P, P, B),)))
        other = draft.seal(agent="test", activity="load")
    path = store.home.manifest(2)
    path.write_bytes(path.read_bytes().replace(other.manifest.digest.encode(), f"{1:064x}".encode()))
    with pytest.raises(StoreError, match="damaged"):
        verify(store.release(2))
