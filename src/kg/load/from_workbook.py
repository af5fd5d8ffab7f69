"""Workbooks as entries, sheet after sheet.

A sheet that is called like a class holds entries of it, and needs no column for the type. A sheet that begins with
„Не се зарежда“ is for people, one that begins with „За източника“ says whose the workbook is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kg.context import Context
from kg.entry import Entry, Locator
from kg.errors import DataError
from kg.load.cells import sheets, to_text
from kg.load.columns import ColumnMap
from kg.load.from_table import Row, entries_of
from kg.load.problems import Problems
from kg.text import fold

NOT_LOADED = ("Не се зарежда", "Not loaded")
"""How the first cell of a sheet begins that is read past, in Bulgarian and English."""
ABOUT = ("За източника", "About the source")
"""The first cell of a sheet that says whose the workbook is, in rows of a name and a value."""
_COPIED = re.compile(r"\s*\(\d+\)\Z")


@dataclass(frozen=True, slots=True)
class Book:
    """What a workbook holds: entries, and what it says of the source that it is, each value with its place."""

    entries: list[Entry]
    about: Mapping[str, tuple[str, Locator]]


def read_xlsx(path: Path, columns: ColumnMap | None, context: Context) -> Book:
    """A workbook, sheet after sheet. Raises DataError."""
    problems = Problems()
    entries: list[Entry] = []
    about: dict[str, tuple[str, Locator]] = {}
    seen: list[str] = []
    for sheet in sheets(path):
        seen.append(sheet.name)
        if columns and columns.sheet and sheet.name != columns.sheet:
            continue
        rows = [Row(sheet.first_row + at, [to_text(cell) for cell in cells]) for at, cells in enumerate(sheet.rows)]
        if is_for_people(rows[0].cells if rows else ()):
            continue
        if rows and rows[0].cells and fold(rows[0].cells[0]) in map(fold, ABOUT):
            about |= _about(rows[1:], Locator(path.name, sheet=sheet.name))
            continue
        own = entries_of(rows, Locator(path.name, sheet=sheet.name), columns, problems, context.field)
        entries += own if columns else _typed(own, _COPIED.sub("", sheet.name), context)
    if columns and columns.sheet and columns.sheet not in seen:
        problems.add(
            Locator(path.name, line=1),
            f"there is no sheet {columns.sheet!r}; there are: {', '.join(seen)}",
            f"няма лист „{columns.sheet}“; има: {', '.join(seen)}",
        )
    if not seen:
        problems.add(Locator(path.name, line=1), "the workbook is empty", "таблицата е празна")
    if problems:
        raise DataError(problems)
    return Book(entries, about)


def _about(rows: Sequence[Row], base: Locator) -> Iterator[tuple[str, tuple[str, Locator]]]:
    """What stands beside each name in the second column."""
    for row in rows:
        name, value, *_ = (*row.cells, "", "")
        if name:
            at = replace(base, row=row.number, column=name, cell=f"B{row.number}")
            yield name, (value, at)


def is_for_people(first: Sequence[str]) -> bool:
    """Whether a sheet whose first row this is says that it is not to be loaded."""
    said = fold(first[0]) if first else ""
    return any(said.startswith(fold(word)) for word in NOT_LOADED)


def _typed(entries: Iterator[Entry], sheet: str, context: Context) -> Iterator[Entry]:
    """Entries of the class that the sheet is called by, where it is, and they do not say it themselves."""
    class_name = context.class_name(sheet)
    for entry in entries:
        stated = class_name is None or any(
            context.field(str(path[0])) == "type" for path in (*entry.heads, *entry.places) if len(path) == 1
        )
        yield entry if stated else replace(entry, fields={"type": sheet, **entry.fields})
