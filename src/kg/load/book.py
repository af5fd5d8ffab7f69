"""Workbooks with the ids that were missing: everything else stays as a person wrote it, but for formulas and marks."""

from __future__ import annotations

from collections.abc import Iterable

from openpyxl.cell.cell import MergedCell
from openpyxl.utils import column_index_from_string
from openpyxl.utils.cell import coordinate_from_string
from openpyxl.worksheet.worksheet import Worksheet

from kg.books import filled, opened, saved, with_values
from kg.books.marks import clear, sheet_of
from kg.context import Context
from kg.entry import Entry
from kg.load.table import is_for_people

ID = "ид"


def with_ids(content: bytes, entries: Iterable[Entry], context: Context) -> bytes:
    """The workbook with the proposed ids in the column for ids, which it gets where it has none.

    Formulas have become their results, and the marks of a check are gone. Raises ParameterError where no copy can be
    made.
    """
    book = opened(content)
    with_values(book, content)
    clear(book)
    columns: dict[str, int] = {}
    for entry in entries:
        sheet = sheet_of(book, entry.at.sheet or "")
        if entry.proposed is None or sheet is None or entry.at.row is None:
            continue
        if sheet.title not in columns:
            number, row = _column(entry, context, sheet)
            columns[sheet.title] = number
            if sheet.cell(row, number).value is None:
                sheet.cell(row, number).value = ID
        cell = sheet.cell(entry.at.row, columns[sheet.title])
        if isinstance(cell, MergedCell):
            name = cell.coordinate
            sheet.unmerge_cells(next(str(area) for area in sheet.merged_cells.ranges if name in area))
            cell = sheet.cell(entry.at.row, columns[sheet.title])
        cell.value = entry.proposed
    return saved(book)


def _column(entry: Entry, context: Context, sheet: Worksheet) -> tuple[int, int]:
    """The numbers of the column for ids and of the row of headings; the column is a new one where there is none."""
    headings = {path: at for path, at in entry.heads.items() if at.cell is not None}
    row = next((at.row for at in headings.values() if at.row is not None), 1)
    used = []
    for path, at in headings.items():
        letters, _ = coordinate_from_string(at.cell or "A1")
        used.append(column_index_from_string(letters))
        if context.field(str(path[0])) == "id":
            return used[-1], row
    number = max(used, default=0) + 1
    while sheet.cell(row, number).value not in (None, ""):  # a column for people
        number += 1
    return number, row


def same(one: bytes, other: bytes) -> bool:
    """Whether two workbooks say the same in the sheets that are loaded: their files tell when they were written."""
    return _values(one) == _values(other)


def _values(content: bytes) -> dict[str, dict[str, str]]:
    """The texts of the cells, by sheet."""
    found = {}
    for sheet in opened(content).worksheets:
        texts = {cell.coordinate: str(cell.value) for cell in filled(sheet) if cell.value not in (None, "")}
        first, *others = texts or [""]
        row = coordinate_from_string(first)[1] if first else 0
        alone = not any(coordinate_from_string(name)[1] == row for name in others)
        if not (alone and is_for_people(texts.get(first, ""))):  # else it begins with a column for people
            found[sheet.title] = texts
    return found
