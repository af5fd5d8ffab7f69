"""Spellings of one word meet under one key; different words do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.text import fold, mend


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("НДЕФ", "ндеф"),
        ("„Зора“", "Зора"),
        ("Читалище «Зора»", 'Читалище "Зора"'),
        ("Русе – Гюргево", "Русе - Гюргево"),
        ("Русе−Гюргево", "Русе-Гюргево"),
        ("Община\xa0Русе", "  Община   Русе "),
        ("Нaсърчaване", "Насърчаване"),
        ("№ 5", "No 5"),
        ("ﬁnance", "finance"),
    ],
)
def test_spellings_of_one_name_meet(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Русе", "Ruse"), ("COP", "СОР"), ("а", "б"), ("12", "1 2"), ("ИИ", "ЙЙ")])
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("Нaсърчаване на EC", "Насърчаване на EC"),
        ("HДEФ", "НДЕФ"),
        ("Interreg VI-A Румъния", "Interreg VI-A Румъния"),
        ("IT-център", "IT-център"),
        ("ESIFплюс", "ESIFплюс"),
        ("plain", "plain"),
    ],
)
def test_only_cyrillic_words_with_look_alikes_are_mended(text: str, mended: str) -> None:
    assert mend(text) == mended


@given(st.text())
def test_folding_and_mending_twice_change_nothing_more(text: str) -> None:
    assert mend(mend(text)) == mend(text)
    assert fold(fold(text)) == fold(text)
