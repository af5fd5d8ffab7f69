"""Cells of a spreadsheet as text, in one place; workbooks are looked at before they are opened."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import openpyxl
import python_calamine
from openpyxl.cell.read_only import EmptyCell

from kg.entry import Locator
from kg.errors import DataError
from kg.load.problems import problem

MAX_UNPACKED = 500 * 2**20
MAX_RATIO = 200
MAX_PARTS = 10_000
MAX_CELLS = 5_000_000
_CHUNK = 2**20
_FILLED = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["'][^>]*(?<!/)>""")

Cell: TypeAlias = "int | float | str | bool | time | date | datetime | timedelta | None"
Area: TypeAlias = tuple[int, int, int, int]
"""Merged cells: the first row and column, the last row and column, counted from 1."""
_ERRORS = frozenset({"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"})
_FORMULA = re.compile(r"=[A-Za-zА-я0-9(+'$@-]")
_NO_VALUE = re.compile(rb"""\st\s*=\s*["']e["']|<f(?:\s[^>]*)?/>|</f>\s*(?:<v\s*/>|<v></v>)?\s*</c>""")


def to_text(cell: Cell | Broken) -> str:
    """What a person sees in the cell: whole numbers without a fraction, days as ISO dates, hours as 17:00."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "да" if cell else "не"
    if isinstance(cell, float):
        return _digits(cell)
    if isinstance(cell, datetime):
        whole = cell.time() == time(0)
        return cell.date().isoformat() if whole else cell.isoformat(timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat(timespec="minutes")
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell).strip()


def _digits(number: float) -> str:
    """The digits that a spreadsheet keeps of a number: fifteen. What it works out may differ behind them."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    short = f"{number:.15g}"
    return format(Decimal(short), "f") if "e-" in short else short


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell without a value: an error such as #REF!, or a formula that nobody has worked out."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name and its rows as text; rows count from 1 as in the spreadsheet."""

    name: str
    rows: Sequence[Sequence[Cell | Broken]]
    first_row: int = 1
    merged: Sequence[Area] = ()


def sheets(path: Path) -> Iterator[Sheet]:
    """The sheets of a workbook that hold anything. Raises DataError for what is no sound workbook."""
    at = Locator(path.name, line=1)
    broken = _inspect(path, at)
    try:
        lost = _lost(path) if broken else {}
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        with workbook:
            for name in workbook.sheet_names:
                sheet = workbook.get_sheet_by_name(name)
                rows: list[list[Cell | Broken]] = [[*row] for row in sheet.to_python(skip_empty_area=False)]
                for (row, column), text in lost.get(name, {}).items():
                    rows += [[] for _ in range(row - len(rows))]
                    cells = rows[row - 1]
                    cells += [""] * (column - len(cells))
                    cells[column - 1] = cells[column - 1] or Broken(text)
                if rows:
                    areas = sheet.merged_cell_ranges or ()
                    merged = [(y + 1, x + 1, bottom + 1, right + 1) for (y, x), (bottom, right) in areas]
                    yield Sheet(name, rows, merged=merged)
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError, LookupError, TypeError) as error:
        raise DataError(
            [
                problem(
                    at,
                    f"the workbook cannot be read ({error}); open it and save it again as .xlsx",
                    f"таблицата не може да се прочете ({error}); отворете я и я запишете отново като .xlsx",
                )
            ]
        ) from error


def is_error(text: str) -> bool:
    """Whether the text is a spreadsheet's error value such as #REF!, or a formula that nobody has worked out."""
    return text in _ERRORS or bool(_FORMULA.match(text))


def _lost(path: Path) -> dict[str, dict[tuple[int, int], str]]:
    """What the quick reader passes over as empty, by sheet, row and column: error values, formulas without a result."""
    found: dict[str, dict[tuple[int, int], str]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, read_only=True)
        for sheet in book.worksheets:
            found[sheet.title] = {
                (cell.row, cell.column): str(cell.value)
                for row in sheet.iter_rows()
                for cell in row
                if not isinstance(cell, EmptyCell) and cell.data_type in {"e", "f"} and cell.value is not None
            }
        book.close()
    return found


def _inspect(path: Path, at: Locator) -> bool:
    """Refuses what would take more room than it weighs, before anything unpacks it.

    Tells whether cells hold errors, or formulas that may lack a result.
    """
    broken = False

    def refuse(en: str, bg: str) -> DataError:
        return DataError([problem(at, en, bg)])

    try:
        size = path.stat().st_size
        if not size:
            raise refuse("the file is empty", "файлът е празен")
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MAX_PARTS:
                raise refuse(
                    f"the workbook has {len(parts)} parts, which no real one does; it is not opened",
                    f"таблицата се състои от {len(parts)} части, което не е нормално; не се отваря",
                )
            if unpacked > MAX_UNPACKED or (unpacked > 2**20 and unpacked > size * MAX_RATIO):
                raise refuse(
                    f"the workbook unpacks to {unpacked // 2**20} MiB, which no real one does; it is not opened",
                    f"таблицата се разгръща до {unpacked // 2**20} MiB, което не е нормално; не се отваря",
                )
            encrypted = any(part.flag_bits & 1 for part in parts)
            if encrypted or "xl/workbook.xml" not in archive.namelist():
                raise refuse(
                    "this is not an .xlsx workbook, or it is protected by a password; save it again as .xlsx",
                    "това не е таблица .xlsx или е защитена с парола; запишете я отново като .xlsx",
                )
            for part in parts:
                height, width, errors = _extent(archive, part)
                broken |= errors
                if height * width > MAX_CELLS:
                    raise refuse(
                        f"a sheet spans {height} × {width} cells, and most are empty or there are too many; "
                        "delete what stands far away from the table, or split it",
                        f"лист заема {height} × {width} клетки – повечето са празни или са твърде много; "
                        "изтрийте написаното далеч от таблицата или я разделете",
                    )
    except FileNotFoundError:
        raise refuse("there is no such file", "няма такъв файл") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise refuse(
            f"this is not an .xlsx workbook ({error}), or it has a password; save it again as .xlsx",
            f"това не е таблица .xlsx ({error}) или е защитена с парола; запишете я отново като .xlsx",
        ) from error
    return broken


def _extent(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int, bool]:
    """The last row and column in which a part has a filled cell, and whether a cell lacks its value.

    The reader takes room for all cells before the last.
    """
    if not part.filename.endswith(".xml"):
        return 0, 0, False
    height, width, broken = 0, 0, False
    with archive.open(part) as file:
        rest = b""
        while chunk := file.read(_CHUNK):
            chunk = rest + chunk
            whole, mark, rest = chunk.rpartition(b"<")
            rest = mark + rest
            if len(rest) > 2 * _CHUNK:
                raise ValueError(f"{part.filename} has a tag without an end")
            cells = _FILLED.findall(whole)
            height = max([height, *(int(row) for _, row in cells)])
            width = max([width, *(_column(letters) for letters in {letters for letters, _ in cells})])
            broken = broken or bool(_NO_VALUE.search(whole))
    return height, width, broken


def _column(letters: bytes) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
