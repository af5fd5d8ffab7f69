"""A report in each of its formats, and the words that all of them share."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, parse
from tests.publish.report.given import REPORT

import kg.load
from kg.entry import Locator
from kg.finding import Finding
from kg.formats import GRAPHS, Format
from kg.load.problems import READING
from kg.namespaces import CODE, RDF, SH
from kg.publish.report import render
from kg.publish.report.kinds import KINDS
from kg.publish.report.words import cell, rule, short, sound, visible


@pytest.mark.parametrize("format", GRAPHS, ids=lambda format: format.name)
def test_a_report_is_a_validation_report_in_every_syntax(format: Format) -> None:
    quads = [*parse(render(REPORT, format), format=format.rdf_engine)]
    (whole,) = [quad.subject for quad in quads if quad.object == SH.ValidationReport]
    results = {quad.object for quad in quads if quad.subject == whole and quad.predicate == SH.result}
    assert len(results) == len(REPORT.findings)
    assert {quad.subject for quad in quads if quad.predicate == RDF.type} == {whole, *results}
    texts = {quad.object for quad in quads if quad.predicate == SH.resultMessage}
    assert Literal("Add the status.", language="en") in texts


def test_every_kind_of_mistake_that_a_reader_names_is_described_in_both_languages() -> None:
    named = {
        keyword.value.value
        for path in Path(kg.load.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant)
    }
    assert len(named) > 10
    assert {*named, READING} <= KINDS.keys()
    assert all(set(told) == {"bg", "en"} and all(told.values()) for told in KINDS.values())


@pytest.mark.parametrize(
    ("at", "named"),
    [
        (Locator("a.xlsx", sheet="Лист1", row=7, cell="C7"), "Лист1!C7"),
        (Locator("a.xlsx", sheet="Лист 1", row=7, cell="C7"), "'Лист 1'!C7"),
        (Locator("a.xlsx", sheet="О'Хара", row=7), "'О''Хара'!7:7"),
        (Locator("a.csv", line=3, row=2, column="сума"), None),
    ],
)
def test_a_cell_is_called_as_a_spreadsheet_calls_it(at: Locator, named: str | None) -> None:
    assert cell(at) == named


def test_values_are_short_as_people_write_them() -> None:
    assert short(NamedNode("http://localhost:8000/id/project/p")) == "project/p"
    assert short(NamedNode(f"{CODE}status/running")) == "status/running"
    assert short(Literal("5")) == "5"
    assert short(None) is None


def test_a_rule_is_the_shape_else_the_kind() -> None:
    assert rule(Finding({}, shape="https://e/shapes#Link-x", component="ClassConstraintComponent")) == "Link-x"
    assert rule(Finding({}, shape="_:b0 x", component="ClassConstraintComponent")) == "ClassConstraintComponent"
    assert rule(Finding({})) == "Finding"


@given(st.text(st.characters()))
def test_any_text_is_made_fit_to_be_written(text: str) -> None:
    sound(text).encode("utf-8")
    assert visible(text).replace("\n", "").replace("\t", "").replace("\r", "").count("\x00") == 0
    if text.isprintable():
        assert visible(text) == sound(text) == text
