"""The right to erasure."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest
import zstandard
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.errors import NotFoundError, StoreError
from kg.graph import DEFAULT
from kg.store import erasure
from kg.store.embedded import EmbeddedStore
from kg.store.erasure import erase, mentions
from kg.store.home import Home
from kg.store.leftovers import leftovers
from kg.store.maintenance import rebase, verify

from .conftest import BASE, Clock, Open

A, B = (NamedNode(f"{BASE}/graph/{name}") for name in "ab")
P = NamedNode("http://e/p")
PERSON = NamedNode(f"{BASE}/id/person/ivan")
NEAR = NamedNode(f"{BASE}/id/person/ivan-petrov")
OTHER = NamedNode(f"{BASE}/id/event/x")


def about(text: str, subject: NamedNode = OTHER) -> Triple:
    return Triple(subject, P, Literal(text))


def history(store: EmbeddedStore) -> None:
    """Six releases: without the person, with, nested, in two graphs, removed, and later ones."""
    contents: list[dict[NamedNode, list[Triple]]] = [
        {A: [about("one")]},
        {A: [about("one"), about("Иван Таен", PERSON), about("стои", NEAR)]},
        {B: [Triple(OTHER, P, PERSON), about("адрес", NamedNode(f"{PERSON.value}#address")), about("b")]},
        {B: [about("Иван Таен", PERSON), Triple(OTHER, P, NamedNode(f"{PERSON.value}/evidence/1"))]},
        {A: [about("one")], B: [about("b")]},
        {A: [about("one"), about("two")]},
    ]
    for graphs in contents:
        with store.draft() as draft:
            for graph, triples in graphs.items():
                draft.replace(graph, triples)
            draft.seal(agent="test", activity="load person/ivan", extra={"note": f"{PERSON.value} {NEAR.value}"})


def everything(home: Path) -> bytes:
    """All bytes of a home, records unpacked."""
    out = b""
    for path in sorted(home.rglob("*")):
        if path.suffix == ".zst":
            out += zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
        elif path.is_file():
            out += path.read_bytes()
    return out


def expected(store: EmbeddedStore, number: int) -> set[Quad]:
    test = mentions([PERSON])
    return {quad for quad in store.release(number).quads() if quad.graph_name != DEFAULT and not test(quad)}


def test_erasing_removes_an_iri_from_all_releases_and_records(store: EmbeddedStore, home: Path) -> None:
    history(store)
    wanted = {number: expected(store, number) for number in store.kept()}
    untouched = store.home.release(1).stat().st_ino
    store.forget()
    touched = erase(store, [PERSON], agent="Мария", reason="молба от 2.11.2026")
    assert touched == (1, 2, 3, 4, 5, 6)  # the first and the last for what their manifests say
    assert list(store.kept()) == [1, 2, 3, 4, 5, 6]
    content: set[Quad] = set()
    for number in store.kept():
        release = store.release(number)
        verify(release)
        held = {quad for quad in release.quads() if quad.graph_name != DEFAULT}
        assert held == wanted[number]
        step = store.changes(number)
        content = (content - set(step.removed)) | set(step.added)
        assert content == held
        assert (release.manifest.added, release.manifest.removed) == (len(step.added), len(step.removed))
    assert store.home.release(1).stat().st_ino != untouched
    left = everything(home)
    assert "Иван Таен".encode() not in left
    assert PERSON.value.encode() + b">" not in left
    assert b"person/ivan " not in left
    assert NEAR.value.encode() in left


def test_the_texts_were_there_before(store: EmbeddedStore, home: Path) -> None:
    history(store)
    assert "Иван Таен".encode() in everything(home)


def test_a_tombstone_tells_when_who_and_why_but_not_whom(store: EmbeddedStore, clock: Clock) -> None:
    history(store)
    erase(store, [PERSON], agent="Мария", reason="молба")
    erase(store, [NEAR], agent="Мария", reason="молба")
    first, second = map(json.loads, store.home.erasures.read_text().splitlines())
    assert first == {
        "time": clock.now.isoformat(timespec="seconds"),
        "agent": "Мария",
        "reason": "молба",
        "sha256": hashlib.sha256(PERSON.value.encode()).hexdigest(),
        "id": hashlib.sha256(f"/id/{PERSON.value.partition('/id/')[2]}".encode()).hexdigest(),
    }
    assert second["sha256"] == hashlib.sha256(NEAR.value.encode()).hexdigest()


def test_releases_before_the_first_mention_are_left_alone(store: EmbeddedStore) -> None:
    for triple in (about("one"), about("two"), about("three", PERSON)):
        with store.draft() as draft:
            draft.replace(A, [triple])
            draft.seal(agent="test", activity="load")
    before = [store.home.release(number).stat().st_ino for number in (1, 2, 3)]
    assert erase(store, [PERSON], agent="test", reason="молба") == (3,)
    after = [store.home.release(number).stat().st_ino for number in (1, 2, 3)]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, False]


def test_rebuilt_releases_share_files_again(store: EmbeddedStore) -> None:
    history(store)
    erase(store, [PERSON], agent="test", reason="молба")
    assert any(path.stat().st_nlink > 1 for path in store.release(6).path.glob("*.sst"))


def test_erasing_reaches_pruned_releases_and_other_bases(open_store: Open, clock: Clock) -> None:
    store = open_store(keep_days=1)
    history(store)
    clock.pass_days(3)
    rebase(store, "https://kg.ruse.example", agent="test")
    clock.pass_days(3)
    store = open_store(keep_days=1)
    with store.draft() as draft:
        draft.replace(NamedNode("https://kg.ruse.example/graph/c"), [about("last", PERSON)])
        draft.seal(agent="test", activity="load")
    assert len(store.kept()) < 8
    moved = NamedNode("https://kg.ruse.example/id/person/ivan")
    erase(store, [PERSON, moved], agent="test", reason="молба")
    test = mentions([PERSON, moved])
    for number in range(1, 9):
        step = store.changes(number)
        assert not [quad for quad in (*step.added, *step.removed) if test(quad)]
    for number in store.kept():
        verify(store.release(number))
    assert store.manifest(8).quads == len(store.diff(0, 8).added)


def test_a_graph_may_be_erased_by_name(store: EmbeddedStore) -> None:
    with store.draft() as draft:
        draft.replace(A, [about("both"), about("a")])
        draft.replace(B, [about("both")])
        draft.seal(agent="test", activity="load")
    erase(store, [A], agent="test", reason="молба")
    release = store.release(1)
    verify(release)
    assert (release.manifest.triples, dict(release.manifest.graphs)) == (1, {B.value: 1})


def test_what_nobody_mentions_cannot_be_erased(store: EmbeddedStore) -> None:
    with pytest.raises(NotFoundError):
        erase(store, [PERSON], agent="test", reason="молба")
    history(store)
    before = store.manifests()
    with pytest.raises(NotFoundError):
        erase(store, [NamedNode(f"{BASE}/id/person/iva")], agent="test", reason="молба")
    assert store.manifests() == before
    assert not store.home.erasures.exists()


def test_a_literal_of_an_erased_datatype_and_a_triple_term_are_mentions() -> None:
    test = mentions([PERSON])
    assert test(Quad(OTHER, P, Literal("1", datatype=PERSON), A))
    assert test(Quad(OTHER, P, Triple(OTHER, P, PERSON), A))
    assert test(Quad(OTHER, PERSON, OTHER, A))
    assert not test(Quad(OTHER, P, Literal(PERSON.value), A))
    assert not test(Quad(NEAR, P, OTHER, A))


def test_a_home_that_does_not_fit_its_records_is_not_erased(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    history(store)
    monkeypatch.setattr(erasure, "_without", lambda manifest, *rest: manifest)
    with pytest.raises(StoreError, match="nothing was erased"):
        erase(store, [PERSON], agent="test", reason="молба")
    assert PERSON in {quad.subject for quad in store.release(2).quads()}


def test_a_crash_in_the_middle_is_completed_at_the_next_opening(
    open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every rename of the last step fails once; whoever comes next finishes."""
    store = open_store()
    history(store)
    chance = random.Random(7)
    genuine = Path.rename
    left = 3

    class PowerCut(BaseException):
        pass

    def rename(self: Path, target: Path) -> Path:
        nonlocal left
        if self.parent.parent.name == "pending":
            left -= 1
            if not left:
                left = chance.randint(1, 5)
                raise PowerCut
        return genuine(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    cuts = 0
    try:
        erase(store, [PERSON], agent="test", reason="молба")
    except PowerCut:
        cuts += 1
    while True:
        try:
            store = open_store()
            break
        except PowerCut:
            cuts += 1
    assert cuts > 1
    for number in range(1, 7):
        verify(store.release(number))
        assert PERSON not in {quad.subject for quad in store.release(number).quads()}
    assert len(store.home.erasures.read_text().splitlines()) == 1
    assert not Home(store.home.root).pending.exists()


def test_a_text_goes_from_every_literal_and_from_the_logs(store: EmbeddedStore, home: Path) -> None:
    history(store)
    audit = home / "audit.jsonl"
    audit.write_text('{"agent": "Иван  таен"}\n{"agent": "Мария"}\n', encoding="utf-8")
    erase(store, [PERSON], agent="test", reason="молба", texts=["Иван Таен"])
    for number in store.kept():
        verify(store.release(number))
        assert "Иван Таен" not in str([*store.release(number).quads()])
    assert audit.read_text(encoding="utf-8") == '{"agent": "(erased)"}\n{"agent": "Мария"}\n'


def test_the_files_for_the_public_are_made_again(store: EmbeddedStore) -> None:
    history(store)
    file = store.home.dumps / "2-x" / "graph" / "graph.nt"
    file.parent.mkdir(parents=True)
    file.write_text(str(PERSON))
    erase(store, [PERSON], agent="clerk", reason="чл. 17 ОРЗД")
    assert not store.home.dumps.exists()


def test_what_cannot_be_erased_is_named_with_its_file(store: EmbeddedStore, home: Path) -> None:
    history(store)
    (home / "notes.json").write_text("първи ред\nИван Таен\n", encoding="utf-8")
    with pytest.raises(StoreError, match=r"notes\.json:2") as caught:
        erase(store, [PERSON], agent="test", reason="молба", texts=["Иван Таен"])
    assert "notes.json:2" in caught.value.messages["bg"]
    assert not any(mentions([PERSON])(quad) for quad in store.release(store.kept()[-1]).quads())


def test_leftovers_are_found_in_compressed_records(store: EmbeddedStore, home: Path) -> None:
    history(store)
    found = leftovers(home, [PERSON], ["Иван Таен"])
    assert [place for place in found if place.endswith("changes.nq.zst")]
    assert [place for place in found if place.startswith("releases")]
    erase(store, [PERSON], agent="test", reason="молба", texts=["Иван Таен"])
    assert leftovers(home, [PERSON], ["Иван Таен"]) == []
