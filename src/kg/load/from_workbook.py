"""Workbooks as entries, sheet after sheet.

A sheet that is called like a class holds entries of it, and needs no column for the type. A sheet that begins with
„Не се зарежда“ is for people, one that begins with „За източника“ says whose the workbook is. In a workbook that was
exported, rows amend what they were exported from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from kg import expected
from kg.context import Context
from kg.entry import Entry, Locator
from kg.errors import DataError
from kg.load import merged
from kg.load import rows as rows_of
from kg.load.cells import Broken, Cell, sheets, to_text
from kg.load.columns import ColumnMap
from kg.load.exported import ADDED, EXPORTED, Exported, Key
from kg.load.merged import Merged
from kg.load.problems import Problems
from kg.load.table import NOT_LOADED, Row, Table, is_for_people, steps, table
from kg.text import fold

ABOUT: Final = ("За източника", "About the source")
"""The first cell of a sheet that says whose the workbook is, in rows of a name and a value."""
_NUMBERED: Final = re.compile(r"[\s\d._–-]+(?:г\.?)?\Z")
_COPIED: Final = re.compile(r"(?:\s*\(\d+\)|_\d+)\Z")


@dataclass(frozen=True, slots=True)
class Book:
    """What a workbook holds: entries, what it says of the source that it is, and what is wrong in single rows."""

    entries: list[Entry]
    about: Mapping[str, tuple[str, Locator]]
    problems: Problems = field(default_factory=Problems)
    exported: Exported | None = None
    rows: Mapping[Key, Locator] = field(default_factory=dict)  # where each exported thing stands now


def read_xlsx(path: Path, columns: ColumnMap | None, context: Context, *, whole: bool = False) -> Book:
    """A workbook; `whole` takes what was exported as if it had been typed. Raises DataError for what is no table."""
    wrong = Problems()
    about: dict[str, tuple[str, Locator]] = {}
    kept: list[list[Row]] = []
    tables: list[tuple[Table, list[Merged]]] = []
    seen: list[str] = []
    for sheet in sheets(path):
        seen.append(sheet.name)
        if columns and columns.sheet and sheet.name != columns.sheet:
            continue
        base = Locator(path.name, sheet=sheet.name)
        rows = [row for at, cells in enumerate(sheet.rows) if any((row := _row(sheet.first_row + at, cells)).cells)]
        first = fold(next((text for text in rows[0].cells if text), "")) if rows else ""
        if first.startswith((*map(fold, (*EXPORTED, *ADDED)),)):
            kept.append(rows)
        elif first.startswith((*map(fold, ABOUT),)):
            about |= _about(rows[1:], base)
        elif not is_for_people(first) or any(
            context.field(steps(text, context.field)[0]) for text in rows[0].cells[1:]
        ):
            try:
                found = table(rows, base, columns, context.field)
                if found is not None and columns is None:
                    _headless(found, context, wrong)
                tables += [(found, [Merged(*area) for area in sheet.merged])] if found else []
            except DataError as error:
                wrong += error.findings
    if columns and columns.sheet and columns.sheet not in seen:
        wrong.add(
            Locator(path.name, line=1),
            f"there is no sheet „{columns.sheet}“; there are: {', '.join(seen)}",
            f"няма лист „{columns.sheet}“; има: {', '.join(seen)}",
        )
    if not seen:
        wrong.add(Locator(path.name, line=1), "the workbook is empty", "таблицата е празна")
    if wrong:
        raise DataError(wrong)
    problems = Problems()
    exported = Exported(0, {}) if whole else Exported.read(kept) if kept else None
    places: dict[Key, Locator] = {}
    book = Book([], about, problems, exported, places)
    for one, areas in tables:
        merged.tell(one, areas, problems)
        if exported is None:
            entries: Iterator[Entry] = rows_of.entries(one, problems)
        else:
            entries = _amending(exported, one, context, problems, places)
        book.entries.extend(entries if columns else _typed(entries, one, context, problems))
    return book


def _headless(table: Table, context: Context, problems: Problems) -> None:
    """Tells of a single row that is no row of headings: it would be read past without a word."""
    if table.body or any(context.field(one.column.steps[0]) for one in table.headings if one.column):
        return
    problems.add(
        table.at(table.header),
        "the row of headings is missing, so nothing below it is read; put it back as kg template writes it, or begin "
        f"the sheet with „{NOT_LOADED[1]}“ if it is not to be loaded",
        "липсва редът със заглавията и нищо не се чете; върнете го, както е в таблицата от kg template, а ако листът "
        f"не е за зареждане, започнете го с „{NOT_LOADED[0]}“",
        kind="NoHeadings",
    )


def _row(number: int, cells: Sequence[Cell | Broken]) -> Row:
    return Row(
        number,
        [to_text(cell) for cell in cells],
        numbers=frozenset(at for at, cell in enumerate(cells) if isinstance(cell, int | float) and cell is not True),
        broken=frozenset(at for at, cell in enumerate(cells) if isinstance(cell, Broken)),
    )


def _amending(
    exported: Exported, table: Table, context: Context, problems: Problems, places: dict[Key, Locator]
) -> Iterator[Entry]:
    for key, at, entry in exported.amendments(table, context, problems):
        if key in exported.rows:
            places[key] = at
        if entry is not None:
            yield entry


def _about(rows: Sequence[Row], base: Locator) -> Iterator[tuple[str, tuple[str, Locator]]]:
    """What stands beside each name in the second column."""
    for row in rows:
        if name := row.text(0):
            at = replace(base, row=row.number, column=name, cell=f"B{row.number}")
            yield name, (row.text(1), at)


def _typed(entries: Iterator[Entry], table: Table, context: Context, problems: Problems) -> Iterator[Entry]:
    """Entries of the class that the sheet is called by, where they do not say their type themselves.

    A sheet that is called otherwise is told of once, and its entries read as what it must be meant to be called.
    """
    if any(one.column and context.field(one.column.steps[0]) == "type" for one in table.headings):
        yield from entries
        return
    sheet = _COPIED.sub("", table.base.sheet or "")
    if context.class_name(sheet) is None:
        meant = context.nearest(sheet, classes=True) or context.nearest(_NUMBERED.sub("", sheet), classes=True)
        told_en, told_bg = (f"; call it „{meant}“", f"; наречете го „{meant}“") if meant else ("", "")
        problems.add(
            table.at(table.header),
            f"the sheet „{table.base.sheet}“ is not called like a type of entries, and has no column for the type",
            f"листът „{table.base.sheet}“ не е наречен като тип записи и няма колона „тип“",
            hint=(told_en, told_bg),
            kind="MissingType",
            expected=expected.classes(context),
        )
        if meant is None:
            return
        sheet = meant
    for entry in entries:
        yield replace(entry, fields={"type": sheet, **entry.fields})
