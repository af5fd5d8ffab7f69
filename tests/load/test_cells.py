"""Cells are read as a person sees them, and a workbook that would take the machine down is not opened."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from tests.load.conftest import refused
from tests.malformed.books import packed, skeleton, workbook

from kg.load import cells
from kg.load.cells import Cell, is_error, sheets, to_text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (26.0, "26"),
        (26, "26"),
        (469794.74, "469794.74"),
        (0.1, "0.1"),
        (1e20, "1e+20"),
        (True, "да"),
        (False, "не"),
        (date(2023, 6, 28), "2023-06-28"),
        (datetime(2023, 6, 28), "2023-06-28"),
        (datetime(2023, 6, 28, 17), "2023-06-28T17:00"),
        (time(9, 30), "09:30"),
        (timedelta(hours=26), "1 day, 2:00:00"),
        ("  Русе ", "Русе"),
        ("00702", "00702"),
    ],
)
def test_a_cell_is_the_text_that_a_person_sees(cell: Cell, text: str) -> None:
    assert to_text(cell) == text


def test_a_workbook_reads_back(tmp_path: Path) -> None:
    rows = [
        ("id", "дата", "час", "сума", "брой", "код", "да"),
        ("event/a", date(2023, 6, 28), time(17), 469794.74, 26, "00702", True),
        (None, None, None, None, None, None, None),
        ("event/b", datetime(2023, 6, 28, 9, 30), None, 0.5, -3, "NO", False),
    ]
    (tmp_path / "a.xlsx").write_bytes(workbook(rows, more={"Празен": [], "Още": [("id",), ("event/c",)]}))
    first, second = sheets(tmp_path / "a.xlsx")
    assert [[to_text(cell) for cell in row] for row in first.rows] == [
        ["id", "дата", "час", "сума", "брой", "код", "да"],
        ["event/a", "2023-06-28", "17:00", "469794.74", "26", "00702", "да"],
        [""] * 7,
        ["event/b", "2023-06-28T09:30", "", "0.5", "-3", "NO", "не"],
    ]
    assert (first.name, second.name, first.first_row) == ("Лист1", "Още", 1)


def test_errors_and_formulas_without_a_result_are_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbook([("a", "b", "c"), ("#REF!", "=A1&B1", "x"), ("y", None, "#N/A")]))
    (sheet,) = sheets(tmp_path / "a.xlsx")
    assert [[to_text(cell) for cell in row] for row in sheet.rows[1:]] == [["#REF!", "=A1&B1", "x"], ["y", "", "#N/A"]]
    assert [is_error(text) for text in ("#REF!", "#N/A", "=A1&B1", "#1 в света", "= равно", "")] == [True] * 3 + [
        False
    ] * 3


def test_a_formula_with_a_result_is_its_result(tmp_path: Path) -> None:
    row = '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="e"><v>#N/A</v></c></row>'
    (tmp_path / "a.xlsx").write_bytes(packed(skeleton(row)))
    (sheet,) = sheets(tmp_path / "a.xlsx")
    assert [to_text(cell) for cell in sheet.rows[0]] == ["2", "#N/A"]


def test_a_cell_far_away_is_found_wherever_the_text_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = '<row r="{0}"><c r="{1}" s="1" t="inlineStr"><is><t>x</t></is></c></row>'
    (tmp_path / "a.xlsx").write_bytes(packed(skeleton(cell.format(1, "A1") + cell.format(9000, "ZZ9000"))))
    for size in (64, 97, 4096):
        monkeypatch.setattr(cells, "_CHUNK", size)
        (finding,) = refused(lambda: list(sheets(tmp_path / "a.xlsx")))
        assert "9000 × 702" in finding.messages["bg"]


def test_formatted_cells_without_a_value_do_not_count(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    (tmp_path / "a.xlsx").write_bytes(packed(skeleton(rows)))
    (sheet,) = sheets(tmp_path / "a.xlsx")
    assert [[to_text(cell) for cell in row] for row in sheet.rows] == [["1"]]
