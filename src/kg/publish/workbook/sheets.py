"""Sheets: headings with comments, typed columns with drop-downs, rows; instructions, and the lists to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from kg.books.marks import comment
from kg.context import Codes, Context
from kg.form import Form
from kg.publish.report.words import visible
from kg.publish.workbook import looks, words
from kg.publish.workbook.columns import Column, Content, together
from kg.publish.workbook.lists import Choices

Row = Mapping[str, str]
"""The texts of a row by their headings."""
ROOM: Final = 2000
"""Rows that are made ready to be filled in."""
_PROMPT, _TITLE = 255, 32
_READ_LENGTH = 95
_FLUSH = frozenset({"title", "head", "small"})
_LISTED = 3
_SHEET_TITLE = 31
_PRECISE = 15


@dataclass
class Book:
    """A workbook in the making."""

    context: Context
    codes: Codes
    choices: Choices
    book: Workbook = field(default_factory=Workbook)
    _lists: dict[tuple[str, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first = self.book.active
        assert isinstance(first, Worksheet)
        self._instructions = first
        first.title = words.INSTRUCTIONS

    def sheet(self, form: Form, columns: Sequence[Column], rows: Sequence[Row] = ()) -> None:
        """A sheet for the entries of a class."""
        sheet = self.book.create_sheet(self.context.aliases.get(form.class_name, form.class_name))
        for number, column in enumerate(columns, 1):
            self._heading(sheet, number, column, together(column, columns, form), form.kind)
            self._column(sheet, number, column, max(ROOM, len(rows) + ROOM // 2))
        for at, row in enumerate(rows, 2):
            for number, column in enumerate(columns, 1):
                if text := row.get(column.heading, ""):
                    cell = sheet.cell(at, number)
                    put(cell, text, column.content)
                    cell.alignment = looks.CELL_ALIGNMENT
        named = next(
            number
            for number, column in enumerate(columns)
            if column.content not in {Content.ID, Content.SOURCE, Content.ROW}
        )
        sheet.freeze_panes = f"{get_column_letter(named + 2)}2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{max(2, len(rows) + 1)}"
        sheet.row_dimensions[1].height = 48
        sheet.page_setup.orientation = "landscape"
        sheet.print_title_rows = "1:1"

    def keep(
        self, title: str, release: int, columns: Sequence[Column], rows: Sequence[tuple[Row, Mapping[str, str]]]
    ) -> None:
        """A hidden sheet with what was exported, and how the values of each field are known again."""
        sheet = self.book.create_sheet(f"{words.EXPORTED} {title}"[:_SHEET_TITLE])
        sheet.sheet_state = "veryHidden"
        put(sheet.cell(1, 1), words.KEPT, Content.NOTATION)
        put(sheet.cell(1, 2), str(release), Content.NOTATION)
        first, others = [*columns[:2]], [*columns[2:]]
        headings = [*(one.heading for one in first), words.STATE, *(one.heading for one in others)]
        for number, heading in enumerate(headings, 1):
            put(sheet.cell(2, number), heading, Content.NOTATION)
        for at, (row, marks) in enumerate(rows, 3):
            state = " ".join(f"{name}={mark}" for name, mark in sorted(marks.items()))
            put(sheet.cell(at, 3), state, Content.NOTATION)
            for number, column in ((1, first[0]), (2, first[1]), *enumerate(others, 4)):
                if text := row.get(column.heading, ""):
                    put(sheet.cell(at, number), text, column.content)

    def finish(self, *, exported: bool) -> Workbook:
        """The workbook with its instructions first and the lists last, opened at the first sheet to fill in."""
        sheets = [
            sheet.title
            for sheet in self.book.worksheets
            if sheet is not self._instructions and sheet.sheet_state == "visible"
        ]
        self._write_instructions(words.instructions(sheets, exported))
        self._write_origin(exported)
        self._write_lists()
        self.book.active = 1
        for sheet in self.book.worksheets:
            sheet.sheet_view.tabSelected = sheet.title == sheets[0]
        return self.book

    def _heading(self, sheet: Worksheet, number: int, column: Column, either: Sequence[str], kind: str | None) -> None:
        cell = sheet.cell(1, number)
        put(cell, column.heading, Content.TEXT)
        cell.fill, cell.font = looks.HEADINGS[column.need]
        cell.alignment, cell.border = looks.HEADING_ALIGNMENT, looks.HEADING_BORDER
        cell.comment = comment(words.about(column, either, kind, self.context, self.codes))

    def _column(self, sheet: Worksheet, number: int, column: Column, last: int) -> None:
        letter = get_column_letter(number)
        look = sheet.column_dimensions[letter]
        look.width = looks.width(column)
        look.hidden = column.content is Content.ROW
        look.number_format = looks.number_format(column)
        look.alignment = looks.CELL_ALIGNMENT
        validation = self._validation(column)
        if validation is not None:
            validation.add(f"{letter}2:{letter}{last}")
            sheet.add_data_validation(validation)

    def _validation(self, column: Column) -> DataValidation | None:
        choices = self.choices.of(column)
        told = words.prompt(column, self.context, self.codes, listed=bool(choices))
        if choices:
            found = DataValidation("list", formula1=self._named(choices), allow_blank=True)
            found.errorStyle = "stop" if column.content is Content.CODE else "warning"
            found.showErrorMessage = not column.several
        elif column.content in {Content.DECIMAL, Content.INTEGER}:
            limit = 10**_PRECISE
            found = DataValidation(
                type="decimal" if column.content is Content.DECIMAL else "whole",
                operator="between",
                formula1=str(-limit),
                formula2=str(limit),
                allow_blank=True,
            )
            found.showErrorMessage = True
        elif told:
            found = DataValidation(allow_blank=True)
        else:
            return None
        found.error = words.WRONG.get(column.content)
        found.errorTitle = column.heading[:_TITLE]
        if told:
            found.prompt, found.promptTitle = told[:_PROMPT], column.heading[:_TITLE]
            found.showInputMessage = True
        return found

    def _named(self, choices: tuple[str, ...]) -> str:
        """The defined name of a list: spreadsheets keep drop-downs that refer to one, whoever saves the file."""
        if choices not in self._lists:
            name = f"list_{len(self._lists) + 1}"
            letter, last = get_column_letter(len(self._lists) + 1), _LISTED + len(choices) - 1
            place = f"{quote_sheetname(words.LISTS)}!${letter}${_LISTED}:${letter}${last}"
            self.book.defined_names[name] = DefinedName(name, attr_text=place)
            self._lists[choices] = name
        return self._lists[choices]

    def _write_origin(self, exported: bool) -> None:
        sheet = self.book.create_sheet(words.ORIGIN)
        for letter, width in {"A": 24, "B": 60, "C": 90}.items():
            sheet.column_dimensions[letter].width = width
        for at, texts in enumerate(words.origins(exported), 1):
            for number, text in enumerate(texts, 1):
                cell = sheet.cell(at, number)
                put(cell, text, Content.NOTATION)
                cell.font = looks.SMALL if number == len(texts) else looks.HEAD if at == 1 else looks.PLAIN
                cell.alignment = looks.CELL_ALIGNMENT

    def _write_lists(self) -> None:
        if not self._lists:
            return
        sheet = self.book.create_sheet(words.LISTS)
        put(sheet.cell(1, 1), f"{words.MARK}: списъци, от които се избира", Content.TEXT)
        sheet.cell(1, 1).font = looks.HEAD
        for number, choices in enumerate(self._lists, 1):
            sheet.column_dimensions[get_column_letter(number)].width = min(60, max(map(len, choices)) + 2)
            for at, text in enumerate(choices, _LISTED):
                put(sheet.cell(at, number), text, Content.NOTATION)
        sheet.freeze_panes = f"A{_LISTED}"

    def _write_instructions(self, lines: Sequence[tuple[str, str]]) -> None:
        sheet = self._instructions
        sheet.column_dimensions["A"].width = 100
        sheet.sheet_view.showGridLines = False
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        styles = {"title": looks.TITLE, "head": looks.HEAD, "code": looks.MONO, "small": looks.SMALL}
        headings = {need.name.lower(): look for need, look in looks.HEADINGS.items()}
        for at, (look, text) in enumerate(lines, 1):
            cell = sheet.cell(at, 1)
            put(cell, text, Content.TEXT)
            cell.alignment = Alignment(wrap_text=True, vertical="center", indent=0 if look in _FLUSH else 1)
            sheet.row_dimensions[at].height = 4 + (24 if look == "title" else 16) * (1 + len(text) // _READ_LENGTH)
            if look in styles:
                cell.font = styles[look]
            elif look in headings:
                cell.fill, cell.font = headings[look]


def put(cell: Cell | object, text: str, content: Content) -> None:
    """Writes a text into a cell: as a number where it is one, never as a formula."""
    assert isinstance(cell, Cell)
    number = _number(text) if content in {Content.DECIMAL, Content.INTEGER} else None
    cell.value = visible(text) if number is None else number
    if number is None:
        cell.data_type = "s"
        if text.startswith(("=", "+", "-", "@")):
            cell.quotePrefix = True
    cell.number_format = looks.FORMATS.get(content, looks.TEXT_FORMAT) if number is not None else looks.TEXT_FORMAT


def _number(text: str) -> float | int | None:
    """The number that a spreadsheet keeps as exactly this text; None where it would round it."""
    try:
        number = int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        return None
    same = str(number) == text or repr(float(number)) == text
    return number if same and len(text.strip("-0.")) <= _PRECISE else None
