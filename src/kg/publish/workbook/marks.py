"""Findings as marks in the workbook they are about: coloured cells with comments, and a sheet that lists them all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from openpyxl import Workbook
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from kg.books import anchor, opened, saved, shown, with_values
from kg.books.marks import DOUBTFUL, RESULT, WRONG, clear, mark, seal, sheet_of
from kg.entry import Locator
from kg.finding import Finding, Report, Severity
from kg.gate.personal import COMPONENT as PERSONAL
from kg.publish.report.words import short, visible
from kg.publish.workbook import looks, words
from kg.publish.workbook.columns import Content
from kg.publish.workbook.sheets import put

WRITE: Final = "Напишете: "
EXPECTED: Final = "Очаква се: "
EMPTY: Final = "Изтрийте съдържанието на клетката."
_COLOURS: Final = {Severity.VIOLATION: WRONG, Severity.WARNING: DOUBTFUL}
_SIGNS: Final = {Severity.VIOLATION: "✗", Severity.WARNING: "!"}
_NAMES: Final = {Severity.VIOLATION: "грешка", Severity.WARNING: "предупреждение"}
_HEADINGS: Final = ("", "Лист", "Клетка", "Колона", "В клетката", "Какво не е наред", "Какво да се напише")
_WIDTHS: Final = (15, 18, 9, 26, 36, 70, 50)
_LINE_HEIGHT, _MOST_LINES = 15, 8


@dataclass(frozen=True, slots=True)
class Marked:
    """A workbook with marks, and whether results stand in it in place of formulas."""

    content: bytes
    formulas: bool


def marked(content: bytes, report: Report, file: str, now: datetime) -> Marked:
    """The workbook with the findings about it, `file` is the name that they call it by; earlier marks are gone.

    Raises ParameterError for what cannot be opened.
    """
    book = opened(content)
    formulas = with_values(book, content)
    clear(book)
    findings = [one for one in report.findings if one.severity in _COLOURS]
    cells: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        place = _cell(book, finding.at, file)
        if place is not None:
            cells.setdefault(place, []).append(finding)
    for (title, name), found in cells.items():
        sheet = sheet_of(book, title)
        assert sheet is not None
        wrong = any(one.refuses for one in found)
        said = dict.fromkeys(told(one) for one in sorted(found, key=lambda one: not one.refuses))
        mark(anchor(sheet, name), visible("\n\n".join(said)), WRONG if wrong else DOUBTFUL)
    _list(book, findings, file, now)
    seal(book)
    return Marked(saved(book), formulas)


def told(finding: Finding) -> str:
    """What a comment says of a finding: what is wrong, and what to write, or what would be right."""
    lines = [f"{_SIGNS[finding.severity]} {_sentence(finding.messages.get('bg', ''))}"]
    if finding.suggestion:
        lines.append(f"{WRITE}{finding.suggestion}")
    elif finding.suggestion == "":
        lines.append(EMPTY)
    elif finding.expected and finding.expected.get("bg"):
        lines.append(f"{EXPECTED}{finding.expected['bg']}")
    return "\n".join(lines)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _cell(book: Workbook, at: Locator | None, file: str) -> tuple[str, str] | None:
    """The sheet and the cell to be marked; of a whole row, its first one. None for what is elsewhere."""
    if at is None or at.file != file or sheet_of(book, at.sheet or "") is None or at.sheet is None:
        return None
    if at.cell is not None:
        return at.sheet, at.cell
    return None if at.row is None else (at.sheet, f"A{at.row}")


def _list(book: Workbook, findings: Sequence[Finding], file: str, now: datetime) -> None:
    """The sheet with all findings, those about this workbook with links."""
    sheet = book.create_sheet(words.RESULT, 0)
    counts = {severity: sum(one.severity is severity for one in findings) for severity in _COLOURS}
    put(sheet["A1"], f"{RESULT} на {now:%d.%m.%Y г., %H:%M ч.}", Content.TEXT)
    put(sheet["A2"], _summary(counts), Content.TEXT)
    sheet["A1"].font, sheet["A2"].font = looks.SMALL, looks.HEAD
    for number, (heading, width) in enumerate(zip(_HEADINGS, _WIDTHS, strict=True), 1):
        cell = sheet.cell(4, number, heading)
        cell.fill, cell.font = looks.HEADING
        sheet.column_dimensions[cell.column_letter].width = width
    places = [_cell(book, finding.at, file) for finding in findings]
    private = {place for finding, place in zip(findings, places, strict=True) if finding.component == PERSONAL}
    for row, (finding, place) in enumerate(zip(findings, places, strict=True), 5):
        there = finding.component != PERSONAL and place is not None and finding.at is not None and finding.at.cell
        value = _there(book, place, private) if there and place else short(finding.value) or ""
        _row(sheet, row, finding, file, place, value)
    sheet.freeze_panes = "A5"
    sheet.page_setup.orientation = "landscape"
    book.active = 0
    for each in book.worksheets:
        each.sheet_view.tabSelected = each is sheet


def _there(book: Workbook, place: tuple[str, str], private: Collection[tuple[str, str] | None]) -> str:
    """What stands in a cell; nothing of one with personal data, which no list is to spread."""
    sheet = sheet_of(book, place[0])
    return "" if sheet is None or place in private else shown(anchor(sheet, place[1]))


def _row(sheet: Worksheet, row: int, finding: Finding, file: str, place: tuple[str, str] | None, value: str) -> None:
    at = finding.at
    elsewhere = "" if at is None or (at.file == file and at.sheet is None) else str(at)
    where = place or (elsewhere, "")
    column = (at.column if at else None) or finding.field or ""
    right = finding.suggestion if finding.suggestion else EMPTY if finding.suggestion == "" else ""
    if finding.suggestion is None and finding.expected:
        right = f"{EXPECTED}{finding.expected.get('bg', '')}"
    said = _sentence(finding.messages.get("bg", ""))
    texts = (_NAMES[finding.severity], *where, column, value, said, right)
    for number, text in enumerate(texts, 1):
        cell = sheet.cell(row, number)
        put(cell, text, Content.TEXT)
        cell.alignment = looks.CELL_ALIGNMENT
    lines = max(1 + len(text) // width for text, width in zip(texts, _WIDTHS, strict=True))
    sheet.row_dimensions[row].height = _LINE_HEIGHT * min(lines, _MOST_LINES)
    sheet.cell(row, 1).fill = _COLOURS[finding.severity]
    if place is not None:
        link = sheet.cell(row, 3)
        link.hyperlink = Hyperlink(link.coordinate, location=f"{quote_sheetname(place[0])}!{place[1]}")
        link.style = "Hyperlink"


def _summary(counts: Mapping[Severity, int]) -> str:
    wrong, warned = counts[Severity.VIOLATION], counts[Severity.WARNING]
    if not wrong and not warned:
        return "Няма забележки."
    if not wrong:
        return f"Няма грешки. Предупреждения: {warned}."
    return f"Грешки: {wrong}. Предупреждения: {warned}."
