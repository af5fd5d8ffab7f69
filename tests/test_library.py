"""Curated queries by name, with parameters read by their declared type."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import NotFoundError, ParameterError
from kg.library import Library, bind
from kg.rq import QueryFile

TEXT = """#+ parameters:
#+   thing: {type: iri}
#+   day: {type: date}
#+   count: {type: integer}
#+   sum: {type: decimal}
#+   name: {type: string, language: bg}
#+   plain: {type: string}
SELECT * WHERE {
  VALUES ?thing { UNDEF } VALUES ?day { UNDEF } VALUES ?count { UNDEF }
  VALUES ?sum { UNDEF } VALUES ?name { UNDEF } VALUES ?plain { UNDEF }
}
"""
IDS, GRAPHS = "http://localhost:8000/id/", "http://localhost:8000/graph/"
XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    for name in ("projects", "events", "events-by-month"):
        (tmp_path / f"{name}.rq").write_text("ASK {}", encoding="utf-8")
    (tmp_path / "README.md").write_text("…", encoding="utf-8")
    return Library(tmp_path)


def test_queries_are_found_by_name_in_order(library: Library) -> None:
    assert list(library) == ["events", "events-by-month", "projects"]
    assert len(library) == 3
    assert library["events"].name == "events"


def test_a_name_that_nearly_fits_is_suggested(library: Library) -> None:
    with pytest.raises(NotFoundError) as refusal:
        library["project"]
    assert "did you mean projects" in refusal.value.messages["en"]
    assert "може би projects" in refusal.value.messages["bg"]
    with pytest.raises(NotFoundError) as other:
        library["xyz"]
    assert "?" not in other.value.messages["en"]


@pytest.mark.parametrize(
    ("name", "text", "term"),
    [
        ("thing", "organisation/ndef", f"<{IDS}organisation/ndef>"),
        ("thing", "report-2023-w26", f"<{GRAPHS}report-2023-w26>"),
        ("thing", "http://e/x", "<http://e/x>"),
        ("day", "2023-06-27", f'"2023-06-27"^^<{XSD}date>'),
        ("count", "3", f'"3"^^<{XSD}integer>'),
        ("sum", "1.5", f'"1.5"^^<{XSD}decimal>'),
        ("name", "Русе", '"Русе"@bg'),
        ("plain", 'а"б', '"а\\"б"'),
    ],
)
def test_a_parameter_is_read_by_its_type(name: str, text: str, term: str) -> None:
    bound = bind(QueryFile.of("q", TEXT), {name: text}, ids=IDS, graphs=GRAPHS)
    assert f"VALUES ?{name} {{ {term} }}" in bound
    assert bound.count("UNDEF") == 5


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("thing", "a b"),
        ("thing", "http://e/a b"),
        ("day", "soon"),
        ("day", "2023-02-30"),
        ("count", "1.5"),
        ("sum", "а"),
    ],
)
def test_a_malformed_parameter_is_refused_in_both_languages(name: str, text: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        bind(QueryFile.of("q", TEXT), {name: text}, ids=IDS, graphs=GRAPHS)
    for message in refusal.value.messages.values():
        assert name in message
        assert text in message


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(ParameterError):
        bind(QueryFile.of("q", TEXT), {"other": "x"}, ids=IDS, graphs=GRAPHS)
