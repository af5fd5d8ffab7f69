"""The word that is meant: near enough, nearer than any other, and never a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.nearest import Nearby, nearest
from kg.text import fold

WORDS = {
    fold(word): meaning
    for word, meaning in {
        "обучение": "training",
        "среща": "meeting",
        "Община Русе": "ruse",
        "Русе": "ruse",
        "НДЕФ": "ndef",
        "Национален доверителен екофонд": "ndef",
        "Основно училище № 2": "school-2",
        "Основно училище № 3": "school-3",
        "юни": 6,
        "юли": 7,
    }.items()
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("обучение", "обучение"),
        ("обученне", "обучение"),
        ("обучния", "обучение"),
        ("Русе, община", "община русе"),
        ("НДФ", "ндеф"),
        ("Национален доверителен фонд", "национален доверителен екофонд"),
        ("Основно учлище № 3", "основно училище № 3"),
    ],
)
def test_a_slip_is_told_from_another_word(written: str, meant: str) -> None:
    assert nearest(fold(written), WORDS) == fold(meant)


@pytest.mark.parametrize("written", ["", "о", "концерт", "Основно училище № 4", "Основно училище", "юти", "Варна"])
def test_what_is_near_to_nothing_or_to_two_is_left_unknown(written: str) -> None:
    assert nearest(fold(written), WORDS) is None


def test_two_words_for_the_same_thing_are_no_doubt() -> None:
    assert nearest("сградаа", {"сграда": 1, "сгради": 1, "сградка": 1}) is not None
    assert nearest("сградаа", {"сграда": 1, "сградка": 2, "сградна": 3}) == "сграда"
    assert nearest("сгрди", {"сграда": 1, "сгради": 1}) == "сгради"
    assert nearest("къщ", {"къща": 1, "къщи": 2}) is None


@given(st.text(max_size=20), st.dictionaries(st.text(max_size=20), st.integers(0, 3), max_size=8))
def test_only_a_known_word_is_meant_whatever_is_asked(word: str, meanings: dict[str, int]) -> None:
    found = nearest(word, meanings)
    assert found is None or found in meanings
    if word in meanings:
        assert found == word


@given(st.text("абвгд 12", max_size=12), st.lists(st.text("абвгд 12", max_size=12), max_size=6))
def test_the_order_in_which_words_are_known_does_not_matter(word: str, known: list[str]) -> None:
    assert nearest(word, {one: one for one in known}) == nearest(word, {one: one for one in reversed(known)})


def test_near_words_are_looked_for_only_so_often() -> None:
    asked: list[int] = []

    def words() -> list[str]:
        asked.append(1)
        return ["заглавие", "тема"]

    nearby = Nearby(limit=2)
    for _ in range(3):
        assert nearby.find("заглавиа", words, n=1, cutoff=0.6) == ("заглавие",)
        assert nearby.find("заглавиа", lambda: ["заглавя"], n=1, cutoff=0.6, scope="other") == ("заглавя",)
        assert nearby.find("теми", words, n=1, cutoff=0.6) == ()
    assert len(asked) == 1
    nearby.forget()
    assert nearby.find("теми", words, n=1, cutoff=0.6) == ("тема",)
