"""Findings as marks in the workbook they are about: coloured cells with comments, and a sheet that lists them all.

Marks are known by the first line of their comments, and taken off before others are put on. What they cover – a comment
or a colour of the person's own – comes back then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.styles.colors import Color
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from kg.entry import Locator
from kg.finding import Finding, Report, Severity
from kg.load.book import opened, saved
from kg.publish.report.words import short, visible
from kg.publish.workbook import looks, words
from kg.publish.workbook.columns import Content
from kg.publish.workbook.sheets import comment, put

WRITE: Final = "Напишете: "
EXPECTED: Final = "Очаква се: "
EMPTY: Final = "Изтрийте съдържанието на клетката."
_COLOURS: Final = {Severity.VIOLATION: looks.fill("FFFFC7CE"), Severity.WARNING: looks.fill("FFFFEB9C")}
_SIGNS: Final = {Severity.VIOLATION: "✗", Severity.WARNING: "!"}
_NAMES: Final = {Severity.VIOLATION: "грешка", Severity.WARNING: "предупреждение"}
_LINE: Final = "──── проверка ────"
_MARKED: Final = re.compile(rf"(?:\n\n)?{_LINE}(?: \[(?P<colour>[^\]]*)\])?\n.*\Z", re.DOTALL)
_HEADINGS: Final = ("", "Лист", "Клетка", "Колона", "В клетката", "Какво не е наред", "Какво да се напише")
_WIDTHS: Final = (15, 18, 9, 26, 36, 70, 50)
_LINE_HEIGHT, _MOST_LINES = 15, 8
_OTHERS: Final = ("xl/charts/", "xl/media/", "xl/pivotTables/", "xl/slicers/", "xl/vbaProject.bin")


def marked(content: bytes, report: Report, file: str, now: datetime) -> bytes:
    """The workbook with the findings about it, `file` is the name that they call it by; earlier marks are gone."""
    book = opened(content)
    clear(book)
    findings = [one for one in report.findings if one.severity in _COLOURS]
    cells: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        place = _cell(book, finding.at, file)
        if place is not None:
            cells.setdefault(place, []).append(finding)
    for (sheet, name), found in cells.items():
        cell = book[sheet][name]
        assert isinstance(cell, Cell)
        _mark(cell, found)
    _list(book, findings, file, now)
    return saved(book)


def clear(book: Workbook) -> None:
    """Takes all marks off a workbook."""
    if words.RESULT in book.sheetnames and _is_ours(book[words.RESULT]):
        del book[words.RESULT]
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell, Cell) and cell.comment is not None:
                    _unmark(cell, cell.comment)


def lost(names: Iterable[str]) -> bool:
    """Whether a workbook of these parts has something that cannot be kept: charts, pictures, macros."""
    return any(name.startswith(_OTHERS) for name in names)


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
    if at is None or at.file != file or at.sheet is None or at.sheet not in book.sheetnames:
        return None
    if at.cell is not None:
        return at.sheet, at.cell
    return None if at.row is None else (at.sheet, f"A{at.row}")


def _mark(cell: Cell, findings: Sequence[Finding]) -> None:
    gravest = Severity.VIOLATION if any(one.refuses for one in findings) else Severity.WARNING
    own = cell.comment.text if cell.comment is not None else ""
    colour = _code(copy(cell.fill))
    line = f"{_LINE} [{colour}]" if colour else _LINE
    said = "\n\n".join(dict.fromkeys(told(one) for one in sorted(findings, key=lambda one: not one.refuses)))
    cell.comment = comment(visible("\n\n".join(part for part in (own, f"{line}\n{said}") if part)))
    cell.fill = _COLOURS[gravest]


def _unmark(cell: Cell, there: Comment) -> None:
    found = _MARKED.search(there.text)
    if found is None:
        cell.comment = comment(there.text)  # a comment that is read has lost its size
        return
    cell.fill = _fill(found["colour"] or "")
    own = there.text[: found.start()]
    cell.comment = comment(own) if own else None


def _code(fill: object) -> str:
    """A plain background as a few characters; nothing for none."""
    if not isinstance(fill, PatternFill) or fill.fill_type != "solid":
        return ""
    colour = fill.fgColor
    if colour.type == "theme":
        return f"theme {colour.theme} {colour.tint}"
    return f"{colour.type} {colour.rgb if colour.type == 'rgb' else colour.indexed}"


def _fill(code: str) -> PatternFill:
    kind, _, value = code.partition(" ")
    if kind == "theme":
        theme, _, tint = value.partition(" ")
        return PatternFill("solid", fgColor=Color(theme=int(theme), tint=float(tint)))
    if kind == "rgb":
        return PatternFill("solid", fgColor=value)
    if kind == "indexed":
        return PatternFill("solid", fgColor=Color(indexed=int(value)))
    return PatternFill()


def _is_ours(sheet: Worksheet | object) -> bool:
    return isinstance(sheet, Worksheet) and str(sheet["A1"].value).startswith(words.MARK)


def _list(book: Workbook, findings: Sequence[Finding], file: str, now: datetime) -> None:
    """The sheet with all findings, those about this workbook with links."""
    sheet = book.create_sheet(words.RESULT, 0)
    counts = {severity: sum(one.severity is severity for one in findings) for severity in _COLOURS}
    put(sheet["A1"], f"{words.MARK}: резултат от проверката на {now:%d.%m.%Y г., %H:%M ч.}", Content.TEXT)
    put(sheet["A2"], _summary(counts), Content.TEXT)
    sheet["A1"].font, sheet["A2"].font = looks.SMALL, looks.HEAD
    for number, (heading, width) in enumerate(zip(_HEADINGS, _WIDTHS, strict=True), 1):
        cell = sheet.cell(4, number, heading)
        cell.fill, cell.font = looks.HEADING
        sheet.column_dimensions[cell.column_letter].width = width
    for row, finding in enumerate(findings, 5):
        _row(sheet, row, finding, file, _cell(book, finding.at, file))
    sheet.freeze_panes = "A5"
    sheet.page_setup.orientation = "landscape"
    book.active = 0
    for each in book.worksheets:
        each.sheet_view.tabSelected = each is sheet


def _row(sheet: Worksheet, row: int, finding: Finding, file: str, place: tuple[str, str] | None) -> None:
    at = finding.at
    elsewhere = "" if at is None or (at.file == file and at.sheet is None) else str(at)
    where = place or (elsewhere, "")
    column = (at.column if at else None) or finding.field or ""
    right = finding.suggestion if finding.suggestion else EMPTY if finding.suggestion == "" else ""
    if finding.suggestion is None and finding.expected:
        right = f"{EXPECTED}{finding.expected.get('bg', '')}"
    said = _sentence(finding.messages.get("bg", ""))
    texts = (_NAMES[finding.severity], *where, column, short(finding.value) or "", said, right)
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
