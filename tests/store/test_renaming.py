"""Addresses without the words that have to go."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.graph import Changes
from kg.store.embedded import EmbeddedStore
from kg.store.erasure import erase
from kg.store.maintenance import verify
from kg.store.renaming import Renaming

from .conftest import BASE

P, GRAPH = NamedNode("http://e/p"), NamedNode(f"{BASE}/graph/a")


def node(path: str) -> NamedNode:
    return NamedNode(f"{BASE}/id/{path}")


def learned(*paths: str, texts: tuple[str, ...] = ("Иван Стоянов Петров",), erased: str = "person/x") -> Renaming:
    renaming = Renaming.of(texts)
    quads = tuple(Quad(node(path), P, Literal("x"), GRAPH) for path in paths)
    renaming.learn([Changes(quads)], [BASE], [node(erased)])
    return renaming


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("event/2024-06-01-sreshta-s-ivan-stoyanov-petrov", "event/2024-06-01-sreshta-s"),
        ("event/ivan-stoyanov-petrov-govori", "event/govori"),
        ("project/ivan-stoyanov-petrov", "project/1"),
        (
            "event/sreshta-po-vaprosa-za-alejata-i-parka-s-ivan-stoyanov",
            "event/sreshta-po-vaprosa-za-alejata-i-parka-s",
        ),
    ],
)
def test_the_name_goes_from_an_id(old: str, new: str) -> None:
    assert learned(old).ids == {old: new}


@pytest.mark.parametrize(
    "path", ["event/ivan-stoyanov-petrovski", "event/s-ivan-stoyanov", "event/stoivan-stoyanov-petrov"]
)
def test_another_name_stays(path: str) -> None:
    assert learned(path).ids == {}


def test_of_a_name_of_two_words_the_one_behind_it_goes_too() -> None:
    assert learned("event/s-ivan-stoyanov-petrov-v-ruse", texts=("Иван Стоянов",)).ids == {
        "event/s-ivan-stoyanov-petrov-v-ruse": "event/s-v-ruse"
    }


def test_addresses_and_numbers_go_as_names_do() -> None:
    found = learned("project/za-ivan-abv-bg", "project/na-0888123456", texts=("ivan@abv.bg", "0888123456"))
    assert found.ids == {"project/na-0888123456": "project/na", "project/za-ivan-abv-bg": "project/za"}


def test_no_two_things_get_one_address() -> None:
    name = "ivan-stoyanov-petrov"
    old = [f"event/a-{name}", f"event/{name}-a", "event/a", f"event/a-{name}/part/{name}-b", f"event/a-{name}/part/b"]
    renaming = learned(*old)
    new = [renaming.paths.get(path, path) for path in old]
    assert len(set(new)) == len(old)
    assert not any(name in path for path in new)
    assert renaming.paths[f"event/a-{name}/part/b"].startswith(f"{renaming.ids[f'event/a-{name}']}/part/")


def test_what_is_nested_in_others_goes_as_well() -> None:
    renaming = learned("project/x/participation/ivan-stoyanov-petrov-leader#note", "project/x")
    assert renaming.ids == {}
    quad = Quad(node("project/x"), P, node("project/x/participation/ivan-stoyanov-petrov-leader#note"), GRAPH)
    assert renaming.turn(quad).object == node("project/x/participation/leader#note")
    inside = Quad(node("project/x"), P, Triple(quad.object, P, quad.object), GRAPH)  # type: ignore[arg-type]
    assert "ivan" not in str(renaming.turn(inside))


def test_people_files_and_pages_are_told_and_left() -> None:
    renaming = Renaming.of(["Иван Стоянов Петров"])
    held = [node("person/ivan-stoyanov-petrov-2"), NamedNode("https://example.bg/ivan-stoyanov-petrov")]
    held.append(
        NamedNode(
            f"{BASE}/graph/a/%D0%98%D0%B2%D0%B0%D0%BD%20%D0%A1%D1%82%D0%BE%D1%8F%D0%BD%D0%BE%D0%B2%20%D0%9F%D0%B5%D1%82%D1%80%D0%BE%D0%B2.xlsx#row=5"
        )
    )
    quads = tuple(Quad(node("project/x"), P, one, GRAPH) for one in held)
    renaming.learn([Changes(quads)], [BASE], [node("person/ivan-stoyanov-petrov")])
    assert renaming.held == tuple(sorted(one.value.partition("#")[0] for one in held))
    assert renaming.ids == {}
    assert [renaming.turn(quad) for quad in quads] == list(quads)


def test_what_is_erased_is_neither_renamed_nor_told() -> None:
    renaming = learned(
        "person/ivan-stoyanov-petrov", "person/ivan-stoyanov-petrov/evidence/1", erased="person/ivan-stoyanov-petrov"
    )
    assert (renaming.ids, renaming.held) == ({}, ())


def test_all_releases_say_the_same_of_it_by_its_new_name(store: EmbeddedStore) -> None:
    person, event = node("person/ivan"), node("event/s-ivan-stoyanov-petrov")
    texts = ["one", "two"]
    for text in texts:
        with store.draft() as draft:
            draft.replace(GRAPH, [Triple(event, P, Literal(text)), Triple(event, P, person), Triple(person, P, event)])
            draft.seal(agent="test", activity="load event/s-ivan-stoyanov-petrov")
    renaming = Renaming.of(["Иван Стоянов Петров"])
    assert erase(store, [person], agent="test", reason="молба", renaming=renaming) == (1, 2)
    for number, text in enumerate(texts, start=1):
        release = store.release(number)
        verify(release)
        assert {quad.triple for quad in release.quads(None, None, None, GRAPH)} == {
            Triple(node("event/s"), P, Literal(text))
        }
        assert release.manifest.activity == "load event/s"
    assert "event/s" in store.erased().values()
