"""Cells of a spreadsheet as text, in one place; workbooks are looked at before they are opened."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeAlias

import python_calamine

from kg.entry import Locator
from kg.errors import DataError
from kg.load.problems import problem

MAX_UNPACKED = 500 * 2**20
MAX_RATIO = 200
MAX_PARTS = 10_000
MAX_CELLS = 20_000_000

Cell: TypeAlias = "int | float | str | bool | time | date | datetime | timedelta | None"
_ERRORS = frozenset({"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"})


def to_text(cell: Cell) -> str:
    """What a person sees in the cell: whole numbers without a fraction, days as ISO dates, hours as 17:00."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "да" if cell else "не"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
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


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name and its rows as text; rows count from 1 as in the spreadsheet."""

    name: str
    rows: Sequence[Sequence[Cell]]
    first_row: int = 1


def sheets(path: Path) -> Iterator[Sheet]:
    """The sheets of a workbook that hold anything. Raises DataError for what is no sound workbook."""
    at = Locator(path.name, line=1)
    _inspect(path, at)
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        with workbook:
            for name in workbook.sheet_names:
                sheet = workbook.get_sheet_by_name(name)
                height, width = sheet.total_height, sheet.total_width
                if height * width > MAX_CELLS:
                    raise DataError(
                        [
                            problem(
                                Locator(path.name, sheet=name, row=1),
                                f"the sheet spans {height} × {width} cells; delete what is empty, or split it",
                                f"листът заема {height} × {width} клетки; изтрийте празните или го разделете",
                            )
                        ]
                    )
                rows = sheet.to_python(skip_empty_area=False)
                if rows:
                    yield Sheet(name, rows)
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
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
    """Whether the text is a spreadsheet's error value such as #REF!."""
    return text in _ERRORS


def _inspect(path: Path, at: Locator) -> None:
    """Refuses what unpacks to far more than it weighs, before anything unpacks it."""
    try:
        size = path.stat().st_size
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            names = {part.filename for part in parts}
            encrypted = any(part.flag_bits & 1 for part in parts)
    except FileNotFoundError:
        raise DataError([problem(at, "there is no such file", "няма такъв файл")]) from None
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise DataError(
            [
                problem(
                    at,
                    f"this is not an .xlsx workbook ({error}), or it has a password; save it again as .xlsx",
                    f"това не е таблица .xlsx ({error}) или е защитена с парола; запишете я отново като .xlsx",
                )
            ]
        ) from error
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or (unpacked > 2**20 and unpacked > size * MAX_RATIO):
        raise DataError(
            [
                problem(
                    at,
                    f"the workbook unpacks to {unpacked // 2**20} MiB, which no real one does; it is not opened",
                    f"таблицата се разгръща до {unpacked // 2**20} MiB, което не е нормално; не се отваря",
                )
            ]
        )
    if encrypted or "xl/workbook.xml" not in names:
        raise DataError(
            [
                problem(
                    at,
                    "this is not an .xlsx workbook, or it is protected by a password; save it again as .xlsx",
                    "това не е таблица .xlsx или е защитена с парола; запишете я отново като .xlsx",
                )
            ]
        )
