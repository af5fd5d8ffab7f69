"""Workbooks opened to be changed, by openpyxl. What it does not know, such as shapes and macros, is not kept."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Final

import openpyxl
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from kg.errors import ParameterError

_NOT_KEPT: Final = (
    "xl/drawings/drawing",
    "xl/media/",
    "xl/pivotTables/",
    "xl/slicers/",
    "xl/threadedComments/",
    "xl/vbaProject.bin",
)


_FORMAT: Final = re.compile(r"(?P<grouped>#,##)?0(?P<decimals>\.0+)?")
"""Number formats that say no more than how a number is grouped and rounded."""


def opened(content: bytes) -> Workbook:
    """The workbook. Raises ParameterError for what cannot be opened without a loss of values."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            book = openpyxl.load_workbook(io.BytesIO(content), rich_text=True)
        except Exception as error:
            raise _unopened(str(error)) from error
    for warning in told:
        if "outside the limits" in str(warning.message):  # of a date: openpyxl makes it an error value
            raise _unopened(str(warning.message))
    return book


def _unopened(why: str) -> ParameterError:
    return ParameterError(
        f"no copy of the workbook can be made ({why}); open it in a spreadsheet program and save it again",
        f"от таблицата не може да се направи копие ({why}); отворете я с програма за таблици и я запишете отново",
    )


def saved(book: Workbook) -> bytes:
    """The workbook as a file."""
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def not_kept(content: bytes) -> bool:
    """Whether the workbook has something that a copy may lack: pictures, shapes, charts, macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(name.startswith(_NOT_KEPT) for name in archive.namelist())
    except zipfile.BadZipFile:
        return False


def filled(sheet: Worksheet) -> Iterator[Cell]:
    """The cells that a sheet has something in, be it a format, row by row: it may span a million rows, and have ten."""
    for _, cell in sorted(sheet._cells.items()):
        if isinstance(cell, Cell):
            yield cell


def anchor(sheet: Worksheet, name: str) -> Cell:
    """The cell of this name; of merged ones, the one that shows."""
    cell = sheet[name]
    if isinstance(cell, MergedCell):
        area = next(one for one in sheet.merged_cells.ranges if name in one)
        cell = sheet.cell(area.min_row, area.min_col)
    assert isinstance(cell, Cell)
    return cell


def shown(cell: Cell) -> str:
    """What a person sees in a cell, as a Bulgarian spreadsheet shows it: 15.03.2024, 300 000,00."""
    value = cell.value
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y}" if value.time() == time(0) else f"{value:%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, bool):
        return "да" if value else "не"
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    return "" if value is None else str(value)


def _number(value: float, number_format: str) -> str:
    """Grouped and with as many decimals as the format says, where it is a plain one."""
    form = _FORMAT.fullmatch(number_format)
    if form is None:
        return f"{value:.15g}".replace(".", ",")
    text = f"{value:,.{len(form['decimals'] or '.') - 1}f}"
    return text.replace(",", " " if form["grouped"] else "").replace(".", ",")


def with_values(book: Workbook, content: bytes) -> bool:
    """Puts the results in place of the formulas, which cannot be saved together; whether there were any.

    A formula that has never been worked out stays.
    """
    results: Workbook | None = None
    for sheet in book.worksheets:
        for cell in filled(sheet):
            if cell.data_type != "f":
                continue
            if results is None:
                results = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
            value = results[sheet.title].cell(cell.row, cell.column).value
            if value is not None:
                cell.value = value
    return results is not None
