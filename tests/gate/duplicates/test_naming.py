"""Under one key meet all spellings of a name, and what differs in a number never does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import resources
from kg.gate.duplicates.naming import Naming, sound, without_article
from kg.iris import transliterate

NAMING = Naming.read(resources.ONTOLOGY / "names")
WORDS = st.text("абвгдежзийклмнопрстуфхцчшщъюя", min_size=3, max_size=12)
NAMES = st.lists(WORDS, min_size=1, max_size=4).filter(lambda words: set(words) != {"във"}).map(" ".join)
"""Of nothing but „във“ there is no name: it is the one word in this alphabet that does not count."""


def key(text: str) -> str:
    name = NAMING.name(text)
    assert name is not None
    return name.key


@given(NAMES)
def test_case_and_quotation_marks_do_not_count(text: str) -> None:
    assert key(text) == key(f"„{text.title()}“")


@given(NAMES)
def test_a_name_and_its_legal_transliteration_sound_alike(text: str) -> None:
    left, right = NAMING.name(text), NAMING.name(transliterate(text))
    assert left is not None and right is not None
    assert sorted(sound(word) for word in text.split()) == sorted(sound(transliterate(word)) for word in text.split())


@given(NAMES, st.integers(1, 2100), st.integers(1, 2100))
def test_names_with_different_numbers_never_meet(text: str, one: int, other: int) -> None:
    assert (key(f"{text} {one}") == key(f"{text} {other}")) is (one == other)


@given(st.text(max_size=40))
def test_any_text_has_a_name_or_none(text: str) -> None:
    name = NAMING.name(text)
    assert name is None or name.words


@pytest.mark.parametrize(
    ("word", "without"),
    [("отделът", "отдел"), ("градът", "град"), ("дирекцията", "дирекция"), ("националният", "национален"),
     ("русенският", "русенски"), ("новият", "нов"), ("училището", "училище"), ("място", "място"), ("кът", "кът")],
)  # fmt: skip
def test_the_article_is_taken_off_where_it_is_one(word: str, without: str) -> None:
    assert without_article(word) == without


@pytest.mark.parametrize(
    ("one", "other"),
    [("Фаза I", "Фаза 1"), ("Фаза ІI", "Фаза 2"), ("СУ № 07", "СУ № 7"), ("Втори етап", "Втората етап")],
)
def test_numbers_are_read_however_they_are_written(one: str, other: str) -> None:
    assert key(one) == key(other)
