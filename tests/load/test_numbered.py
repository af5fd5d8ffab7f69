"""Numbered headings make lists; every value keeps its place."""

from __future__ import annotations

import pytest

from kg.load.from_table import read_csv
from kg.load.numbered import has_numbers


def test_numbers_in_headings_are_items_in_their_order() -> None:
    text = "id,участия.2.роля,участия.1.роля,участия.1.дял.стойност,алт.bg.10,алт.bg.9\nproject/a,две,едно,5,б; в,а\n"
    (entry,) = read_csv(text, "a.csv", None)
    assert entry.fields == {
        "id": "project/a",
        "участия": [{"роля": "едно", "дял": {"стойност": "5"}}, {"роля": "две"}],
        "алт": {"bg": ["а", "б; в"]},
    }
    assert entry.place(("участия", 0, "роля")).column == "участия.1.роля"
    assert entry.place(("участия", 1, "роля")).column == "участия.2.роля"
    assert entry.place(("алт", "bg", 1)).column == "алт.bg.10"
    assert [head for _, head in entry.naming(("участия", 0, "дял"))] == ["участия.1.дял.стойност"]


def test_an_item_without_a_value_is_left_out() -> None:
    text = "id,участия.1.роля,участия.2.роля,участия.2.дял\nproject/a,,две,\nproject/b,,,\n"
    first, second = read_csv(text, "a.csv", None)
    assert first.fields["участия"] == [{"роля": "две"}]
    assert first.place(("участия", 0, "роля")).column == "участия.2.роля"
    assert first.place(("участия", 0, "дял")).column == "участия.2.дял"  # where what is missing belongs
    assert "участия" not in second.fields


def test_numbers_beside_names_stay_names() -> None:
    (entry,) = read_csv("id,x.1,x.име\na,б,в\n", "a.csv", None)
    assert entry.fields["x"] == {"1": "б", "име": "в"}


@pytest.mark.parametrize(("heading", "numbered"), [("участия.1.роля", True), ("nuts3", False), ("а.1б", False)])
def test_a_number_is_a_whole_part(heading: str, numbered: bool) -> None:
    assert has_numbers(heading.split(".")) is numbered
