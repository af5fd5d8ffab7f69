"""The report as a page: it stands alone, says everything in both languages, and shows what is in the data as text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given
from tests.publish.report.given import HOSTILE, REPORT, reports

from kg.finding import Report
from kg.formats import HTML
from kg.publish.report import render

VOID = {"meta"}
KNOWN = set(
    "html head meta title style body header h1 h2 h3 div p b ul li span main section article dl dt dd table thead "
    "tbody tr th td bdi footer".split()
)


class Page(HTMLParser):
    """What a page holds: its elements, their attributes, its text; complains about what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += "" if self.open[-1:] == ["style"] else data


def page(report: Report, *, notes: bool = False) -> Page:
    return Page(render(report, HTML, notes=notes).decode("utf-8"))


def words(report: Report, *, notes: bool = False) -> str:
    return " ".join(page(report, notes=notes).text.split())


def test_place_value_expected_and_suggestion_are_on_the_page_in_both_languages() -> None:
    text = words(REPORT)
    for told in (
        "събития 2026.xlsx", "Лист 1 – D2", "обученне", "обучение", "на 3 места · in 3 places", "„…“ не е в списъка",
        "is not in the list", "Очаква се · Expected", "one of: training, meeting", "projects.yaml", "ред 5 · line 5",
        "programme/x", "Name a programme that has an entry.",
        "4 грешки · errors", "1 предупреждение · warning", "(празно · empty)",
    ):  # fmt: skip
        assert told in text


def test_what_is_in_the_data_is_text_and_nothing_is_fetched_or_run() -> None:
    found = page(REPORT)
    assert HOSTILE in found.text
    assert {tag for tag, _ in found.elements} <= KNOWN
    assert not [name for _, attributes in found.elements for name in attributes if name.startswith("on")]
    assert not [name for _, attributes in found.elements for name in attributes if name in {"src", "href", "style"}]
    assert "url(" not in render(REPORT, HTML).decode()
    assert "@import" not in render(REPORT, HTML).decode()


def test_an_officer_reads_no_words_of_the_machinery() -> None:
    assert not re.search(r"\b(RDF|IRI|SHACL|YAML|URI|sh:)", words(REPORT, notes=True).replace("projects.yaml", ""))
    assert "ConstraintComponent" not in words(REPORT, notes=True)


def test_notes_are_counted_and_shown_when_asked_for() -> None:
    assert "1 бележка · note" in words(REPORT)
    assert "„НДЕФ“ е organisation/ndef" not in words(REPORT)
    assert "„НДЕФ“ е organisation/ndef" in words(REPORT, notes=True)


def test_a_report_without_errors_says_so() -> None:
    assert "Няма грешки" in words(Report())
    assert "Има грешки" in words(REPORT)


@given(reports)
def test_any_report_is_a_sound_page_of_known_elements(report: Report) -> None:
    raw = render(report, HTML, notes=True).decode("utf-8")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]", raw)
    assert {tag for tag, _ in Page(raw).elements} <= KNOWN
