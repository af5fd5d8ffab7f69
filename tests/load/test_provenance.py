"""Places in a source have fragments of the standards for them."""

from __future__ import annotations

import pytest

from kg.entry import Locator
from kg.load.provenance import Origin, SelectorError, fragment, place

ORIGIN = Origin("http://localhost:8000/id/report/a", "http://localhost:8000/graph/a/")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("194-216", "char=194,216"),
        (" 194 – 216 ", "char=194,216"),
        ("0-1", "char=0,1"),
        ("line 12", "line=11,12"),
        ("ред 12", "line=11,12"),
        ("редове 3–5", "line=2,5"),
        ("page 3", "page=3"),
        ("стр. 3", "page=3"),
        ("Страница 3", "page=3"),
    ],
)
def test_a_written_place_has_a_fragment(written: str, expected: str) -> None:
    assert fragment(written) == expected


@pytest.mark.parametrize(
    "written", ["216-194", "5-5", "", "горе", "194", "-5", "1-2-3", "ред 0", "редове 5-3", "стр. 0", "line x", "١-٢"]
)
def test_what_is_no_place_is_refused(written: str) -> None:
    with pytest.raises(SelectorError) as refusal:
        fragment(written)
    assert "„" in refusal.value.bg


def test_a_span_ends_within_the_text() -> None:
    assert fragment("1-10", 10) == "char=1,10"
    with pytest.raises(SelectorError):
        fragment("1-11", 10)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (Locator("a.yaml", line=12), "a.yaml#line=11,12"),
        (Locator("a.csv", line=14, row=12), "a.csv#row=12"),
        (Locator("а б.xlsx", sheet="Лист 1", row=3), "%D0%B0%20%D0%B1.xlsx#sheet=%D0%9B%D0%B8%D1%81%D1%82%201&row=3"),
        (Locator("a.ttl"), "a.ttl"),
    ],
)
def test_a_place_in_a_file_is_below_its_source(at: Locator, expected: str) -> None:
    assert place(at, ORIGIN) == ORIGIN.files + expected
