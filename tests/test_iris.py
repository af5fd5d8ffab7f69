"""Addresses are minted and taken apart in one place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from kg.errors import RequestError
from kg.iris import ID, SLUG_LENGTH, Iris, slug, transliterate

IRIS = Iris("https://data.ruse.bg")


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("София", "Sofia"),
        ("СОФИЯ", "SOFIA"),
        ("Мария Иванова", "Maria Ivanova"),
        ("приятел", "priyatel"),
        ("България", "Bulgaria"),
        ("Щръклево", "Shtraklevo"),
        ("ЩРЪКЛЕВО", "SHTRAKLEVO"),
        ("Кюстендил", "Kyustendil"),
        ("Айтос", "Aytos"),
        ("Жълтица, цех, чай, шал", "Zhaltitsa, tseh, chay, shal"),
        ("шофьор", "shofyor"),
        ("Ruse 2023 №", "Ruse 2023 №"),
    ],
)
def test_bulgarian_is_transliterated_by_the_act(text: str, latin: str) -> None:
    assert transliterate(text) == latin


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Община Русе", "obshtina-ruse"),
        ("BG-RRP-7.008-0006", "bg-rrp-7-008-0006"),
        ("  „Зора“ – ДГ №5 ", "zora-dg-5"),
        ("Timișoara", "timisoara"),
        ("—", ""),
        ("a" * 80, "a" * 60),
    ],
)
def test_a_slug_is_small_latin_letters_digits_and_hyphens(text: str, expected: str) -> None:
    assert slug(text) == expected


@given(st.text())
def test_any_text_gives_a_slug_that_makes_an_id(text: str) -> None:
    made = slug(text)
    assert len(made) <= SLUG_LENGTH
    assert slug(made) == made
    assert not made or ID.match(f"event/{made}")


def test_a_long_slug_ends_with_a_whole_word() -> None:
    assert slug("дума " * 30) == "-".join(["duma"] * 12)


@pytest.mark.parametrize("id", ["event/2023-06-27-innoair", "place/bg", "a-b/1"])
def test_an_entity_has_its_id_back(id: str) -> None:
    assert IRIS.id(IRIS.entity(id)) == id
    assert IRIS.id(f"{IRIS.entity(id).value}#budget") == id
    assert IRIS.id(f"{IRIS.entity(id).value}/participation/x#share") == id


@pytest.mark.parametrize(
    "id", ["event", "event/", "event/A", "event/a b", "event/a:b", "event/a/b", "/a", "event/a\n", ""]
)
def test_what_is_no_id_is_refused(id: str) -> None:
    with pytest.raises(RequestError):
        IRIS.entity(id)


@pytest.mark.parametrize(
    "iri", ["https://other.bg/id/event/a", "https://data.ruse.bg/graph/a", "https://data.ruse.bg/id/x"]
)
def test_other_addresses_have_no_id(iri: str) -> None:
    assert IRIS.id(NamedNode(iri)) is None


def test_graphs_lie_below_the_base() -> None:
    assert IRIS.graph("a").value == "https://data.ruse.bg/graph/a"
    assert IRIS.derived("status").value == "https://data.ruse.bg/graph/derived/status"
    assert IRIS.endpoint().value == "https://data.ruse.bg/graph/endpoint/default"
    assert IRIS.meta.value == "https://data.ruse.bg/graph/meta"


@pytest.mark.parametrize("base", ["data.ruse.bg", "https://data.ruse.bg/", "ftp://x", "http://", ""])
def test_a_base_that_is_none_is_refused_in_both_languages(base: str) -> None:
    with pytest.raises(RequestError) as refusal:
        Iris(base)
    assert "базовият адрес" in refusal.value.messages["bg"]


@pytest.mark.parametrize(
    ("name", "known"),
    [("default", True), ("a/b.c_d-1", True), ("A", True), ("x" * 200, True), ("x" * 201, False), ("", False)]
    + [(name, False) for name in ("..", "a/../b", "a//b", "/a", "a/", ".a", "-a", "a b", "а", "a%20b", "a#b", "a?b")],
)
def test_graphs_of_the_endpoint_have_plain_names(name: str, known: bool) -> None:
    iris = Iris("http://localhost:8000")
    assert iris.endpoint_name(iris.endpoint("x").value.removesuffix("x") + name) == (name if known else None)
    assert iris.endpoint_name(f"http://localhost:8001/graph/endpoint/{name}") is None
