"""What a spreadsheet makes of a cell: nothing but what stands in it."""

from __future__ import annotations

import csv
import io
import sys
import unicodedata

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.answering.excel import cell
from kg.namespaces import XSD

SKIPPED = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in {"Cc", "Cf", "Zs"}]
BLANK = ["\u034f", "\u115f", "\u3164", "\ufe0f", "\uffa0", "\u2028", "\u2029", "\U000e0001"]


def shown(text: str) -> str:
    """A text literal as a reader of CSV finds it."""
    line = io.StringIO(f"{cell(Literal(text))};\r\n", newline="")
    ((found, _),) = csv.reader(line, delimiter=";")
    return found


def test_there_is_much_that_a_spreadsheet_passes_over() -> None:
    assert {
        "\ufeff",
        "\u200b",
        "\u200e",
        "\u2060",
        "\u00ad",
        "\0",
        "\x0b",
        "\x1f",
        "\x7f",
        "\u00a0",
        "\u3000",
        " ",
    } <= {*SKIPPED}
    assert len(SKIPPED) > 200


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠"])
def test_what_stands_before_a_formula_does_not_hide_it(start: str) -> None:
    for skipped in [*SKIPPED, *BLANK]:
        for text in (f"{skipped}{start}1+1", f"{skipped}{skipped} \ufeff{start}1+1"):
            assert cell(Literal(text)).lstrip('"')[0] == "'", ascii(text)
    for skipped in ("\ufeff", "\u200b", "\u00a0", "\x01"):
        assert shown(f"{skipped}{start}1") == f"'{skipped}{start}1"


@pytest.mark.parametrize(
    "text",
    ["", " ", "\ufeff", "\u200b\u00a0", "дата", " а=1", "\u00a0Русе - Гюргево", "1=1", "'=1", "\u200bа@b.bg", "*"],
)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    ("written", "type", "expected"),
    [
        ("-2.5", "decimal", "-2,5"),
        ("+7", "integer", "+7"),
        ("-1.5E3", "double", "-1,5E3"),
        (".5", "decimal", ",5"),
        ("-3", "int", "-3"),
        ("\ufeff-3", "integer", "'\ufeff-3"),
        (" -3", "integer", "' -3"),
        ("-3+1", "integer", "'-3+1"),
        ("-INF", "double", "'-INF"),
    ],
)
def test_numbers_stay_numbers_and_only_numbers(written: str, type: str, expected: str) -> None:
    assert cell(Literal(written, datatype=XSD.term(type))) == expected


@pytest.mark.parametrize("text", ["a,=1+1", "a\t=1+1", 'a",=1', "a;=1+1", "a\n=1+1"])
def test_no_formula_begins_behind_a_sign_that_another_locale_parts_cells_at(text: str) -> None:
    assert cell(Literal(text)) == f'"{text.replace(chr(34), chr(34) * 2)}"'


def test_iris_nodes_and_triples_are_texts_too() -> None:
    assert cell(NamedNode("urn:a")) == "urn:a"
    assert cell(BlankNode("n")) == "_:n"
    assert cell(Triple(NamedNode("urn:a"), NamedNode("urn:b"), Literal("=1"))) == '"<urn:a> <urn:b> ""=1"""'
