"""Workbooks with the ids that were missing: everything else stays as a person wrote it, but for formulas and marks.

A workbook that was exported remembers the rows that were new, so that they can be changed like those that were not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.utils import column_index_from_string
from openpyxl.utils.cell import coordinate_from_string
from openpyxl.worksheet.worksheet import Worksheet

from kg.books import anchor, filled, opened, saved, with_values
from kg.books.marks import clear, sheet_of
from kg.context import Context
from kg.entry import Entry
from kg.load.exported import ADDED, FROM_SOURCE, MARKS, ROW, named
from kg.load.table import is_for_people
from kg.text import fold

ID: Final = "ид"
_KEPT: Final = "Добавени"


@dataclass(frozen=True, slots=True)
class Added:
    """A new row of an exported workbook: what is in it, and how the values of each field are known again."""

    id: str
    source: str
    texts: Mapping[str, str]
    marks: Mapping[str, str]


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
            number, row = _column(entry, sheet, context)
            columns[sheet.title] = number
            if sheet.cell(row, number).value is None:
                sheet.cell(row, number).value = ID
        cell = sheet.cell(entry.at.row, columns[sheet.title])
        if isinstance(cell, MergedCell):
            name = cell.coordinate
            sheet.unmerge_cells(next(str(area) for area in sheet.merged_cells.ranges if name in area))
            cell = sheet.cell(entry.at.row, columns[sheet.title])
        cell.value = entry.proposed
        _name(sheet, entry, context)
    return saved(book)


def _name(sheet: Worksheet, entry: Entry, context: Context) -> None:
    """Notes beside a new row of an exported table which one it is from now on."""
    if entry.amends is None or entry.at.row is None or entry.proposed is None:
        return
    _, heads = _column(entry, sheet, context)
    key = entry.proposed, entry.amends.source
    for cell in sheet[heads]:
        told = key[1] if fold(str(cell.value or "")) in FROM_SOURCE else None
        told = named(key) if fold(str(cell.value or "")) in ROW else told
        beside = anchor(sheet, f"{cell.column_letter}{entry.at.row}") if isinstance(cell, Cell) else None
        if told is not None and beside is not None:
            beside.value = told


def remember(content: bytes, release: int, rows: Sequence[Added], context: Context) -> bytes:
    """The workbook with these rows in a hidden sheet, as those that were exported are."""
    book = opened(content)
    sheet = book.create_sheet(_KEPT)
    sheet.sheet_state = "veryHidden"
    names = [*dict.fromkeys(name for row in rows for name in row.texts if context.field(name) != "id")]
    told = [[ADDED[0], str(release)], [ID, FROM_SOURCE[0], MARKS, *names]]
    for row in rows:
        state = " ".join(f"{name}={mark}" for name, mark in sorted(row.marks.items()))
        told.append([row.id, row.source, state, *(row.texts.get(name, "") for name in names)])
    for at, texts in enumerate(told, 1):
        for number, text in enumerate(texts, 1):
            if text:
                cell = sheet.cell(at, number)
                cell.value, cell.data_type = ILLEGAL_CHARACTERS_RE.sub("", text), "s"
    return saved(book)


def _column(entry: Entry, sheet: Worksheet, context: Context) -> tuple[int, int]:
    """The numbers of the column for ids and of the row of headings; the column is a new one where there is none."""
    headings = {path: at for path, at in entry.heads.items() if at.cell is not None}
    row = next((at.row for at in headings.values() if at.row is not None), 1)
    for path, at in headings.items():
        letters, _ = coordinate_from_string(at.cell or "A1")
        if context.field(str(path[0])) == "id":
            return column_index_from_string(letters), row
    return max((cell.column for cell in sheet[row] if cell.value not in (None, "")), default=0) + 1, row


def same(one: bytes, other: bytes) -> bool:
    """Whether two workbooks say the same in the sheets that are loaded: their files tell when they were written."""
    return _texts(opened(one)) == _texts(opened(other))


def completes(copy: bytes, content: bytes, context: Context) -> bool:
    """Whether a copy says what a workbook says, and besides only what belongs to missing ids."""
    book = opened(content)
    with_values(book, content)
    clear(book)
    whole, own = _texts(opened(copy)), _texts(book)
    return whole.keys() == own.keys() and all(_adds_ids(whole[title], own[title], context) for title in whole)


def _adds_ids(whole: Mapping[str, str], own: Mapping[str, str], context: Context) -> bool:
    """Whether a sheet has the texts of another and more only below the headings of ids and of what rows are."""
    if any(whole.get(name) != text for name, text in own.items()):
        return False
    heads: dict[str, str] = {}
    for name, text in whole.items():
        heads.setdefault(coordinate_from_string(name)[0], text)
    told = {heads[coordinate_from_string(name)[0]] for name in whole.keys() - own.keys()}
    return all(context.field(head) == "id" or fold(head) in (*FROM_SOURCE, *ROW) for head in told)


def _texts(book: Workbook) -> dict[str, dict[str, str]]:
    """The texts of the cells, by sheet."""
    found = {}
    for sheet in book.worksheets:
        texts = {cell.coordinate: str(cell.value) for cell in filled(sheet) if cell.value not in (None, "")}
        first, *others = texts or [""]
        row = coordinate_from_string(first)[1] if first else 0
        alone = not any(coordinate_from_string(name)[1] == row for name in others) or sheet.sheet_state == "veryHidden"
        if not (alone and is_for_people(texts.get(first, ""))):  # else it begins with a column for people
            found[sheet.title] = texts
    return found
