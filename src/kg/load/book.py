"""Workbooks with the ids that were missing: everything else stays as a person wrote it."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from kg.context import Context
from kg.entry import Entry
from kg.load.from_workbook import is_for_people

ID = "ид"


def opened(content: bytes | Path) -> openpyxl.Workbook:
    """The workbook, to be changed and saved. What openpyxl does not know, such as charts, is not in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells of what it leaves out
        return openpyxl.load_workbook(io.BytesIO(content) if isinstance(content, bytes) else content, rich_text=True)


def saved(book: openpyxl.Workbook) -> bytes:
    """The workbook as a file."""
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def with_ids(path: Path, entries: Iterable[Entry], context: Context) -> bytes:
    """The workbook with the proposed ids in the column for ids, which it gets where it has none."""
    book = opened(path)
    columns: dict[str, int] = {}
    for entry in entries:
        if entry.proposed is None or entry.at.sheet is None or entry.at.row is None:
            continue
        sheet = book[entry.at.sheet]
        assert isinstance(sheet, Worksheet)
        if sheet.title not in columns:
            columns[sheet.title] = _column(sheet, context)
        sheet.cell(entry.at.row, columns[sheet.title], entry.proposed)
    return saved(book)


def _column(sheet: Worksheet, context: Context) -> int:
    """The number of the column for ids."""
    rows = enumerate(sheet.iter_rows(values_only=True), 1)
    number, header = next((at, row) for at, row in rows if any(value is not None for value in row))
    for column, value in enumerate(header, 1):
        if value is not None and context.field(str(value).strip()) == "id":
            return column
    last = max((column for column, value in enumerate(header, 1) if value is not None), default=0)
    sheet.cell(number, last + 1, ID)
    return last + 1


def same(one: bytes, other: bytes) -> bool:
    """Whether two workbooks say the same in the sheets that are loaded: their files tell when they were written."""
    return _values(one) == _values(other)


def _values(content: bytes) -> list[tuple[str, list[list[str]]]] | None:
    """The texts of the cells, by sheet; None for what is no workbook."""
    try:
        book = opened(content)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    found = []
    for sheet in book.worksheets:
        rows = [["" if value is None else str(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        if not is_for_people(rows[0] if rows else ()):
            found.append((sheet.title, [row for row in map(_trimmed, rows) if row]))
    return found


def _trimmed(row: list[str]) -> list[str]:
    """The row without its empty end: a format alone makes a sheet wider."""
    filled = [position for position, text in enumerate(row, 1) if text]
    return row[: filled[-1]] if filled else []
