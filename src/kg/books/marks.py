"""Marks in a workbook: coloured cells with a comment each, which can be taken off again.

A mark is known by the lines around it; a hidden sheet keeps what colour each one covers. What a person adds to it,
writes beside it or changes of its colour is hers, and stays.
"""

from __future__ import annotations

import hashlib
import re
from copy import copy
from dataclasses import dataclass, field
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.packaging.custom import CustomPropertyList, StringProperty
from openpyxl.styles import PatternFill
from openpyxl.styles.colors import Color
from openpyxl.worksheet.worksheet import Worksheet

from kg.books import filled

RESULT: Final = "Не се зарежда: резултат от проверката"
"""How the first cell of the sheet begins that lists the findings."""
_COVERED: Final = "Не се зарежда: цветове на отбелязаните клетки"
"""How the first cell of the hidden sheet begins; below it, each mark's sheet, cell, print and colour."""
_COLOURS: Final = "Цветове"
WRONG: Final = PatternFill("solid", fgColor="FFFFC7CF")
DOUBTFUL: Final = PatternFill("solid", fgColor="FFFFEB9D")
"""Nobody else's shades, so that a mark without its comment is known."""
_SHADES: Final = frozenset({WRONG.fgColor.rgb, DOUBTFUL.fgColor.rgb})
_LINE, _END = "──── проверка ────", "──────────────────"
_MARK: Final = re.compile(rf"(?:\n\n)?{_LINE}(?: \[(?P<colour>[^\]\n]*)\])?\n.*?(?:\n{_END}|\Z)", re.DOTALL)
_AUTHOR: Final = "kg"
_PRINT: Final = "kg-check"
_WIDTH, _LINE_HEIGHT, _LINE_LENGTH = 380, 16, 52


def mark(cell: Cell, text: str, fill: PatternFill) -> None:
    """Marks a cell; a comment that is there stays above the mark. A background that is no plain colour stays, too."""
    there = cell.comment
    own = there.text if there is not None else ""
    code = _code(copy(cell.fill))
    mark = f"{_LINE}\n{text}\n{_END}"
    cell.comment = comment("\n\n".join(part for part in (own, mark) if part), there.author if there else _AUTHOR)
    if code is not None:
        cell.fill = fill
    if code:
        _remember(cell, mark, code)


def clear(book: Workbook) -> None:
    """Takes all marks off, and the sheets that list them."""
    covered = _Covered()
    for sheet in [one for one in book.worksheets if str(one["A1"].value or "").startswith((RESULT, _COVERED))]:
        if str(sheet["A1"].value).startswith(_COVERED):
            covered.read(sheet)
        del book[sheet.title]
    for sheet in book.worksheets:
        for cell in filled(sheet):
            if cell.comment is not None:
                _unmark(cell, cell.comment, covered)
            elif _is_shade(cell):
                cell.fill = PatternFill()


def comment(text: str, author: str = _AUTHOR) -> Comment:
    """A comment that is large enough to be read."""
    lines = sum(1 + len(line) // _LINE_LENGTH for line in text.split("\n"))
    return Comment(text, author, width=_WIDTH, height=_LINE_HEIGHT * (lines + 1))


def seal(book: Workbook) -> None:
    """Notes what the workbook says, so that it can be told whether somebody has worked on it since."""
    properties = _properties(book)
    if _PRINT in properties.names:
        del properties[_PRINT]
    properties.append(StringProperty(name=_PRINT, value=_print(book)))


def is_untouched(book: Workbook) -> bool:
    """Whether nobody has worked on a workbook since it was sealed."""
    properties = _properties(book)
    return _PRINT in properties.names and properties[_PRINT].value == _print(book)


def _properties(book: Workbook) -> CustomPropertyList[StringProperty]:
    properties = vars(book)["custom_doc_props"]  # which openpyxl's types do not know
    assert isinstance(properties, CustomPropertyList)
    return properties


def _print(book: Workbook) -> str:
    """A digest of the values and comments of all sheets."""
    total = hashlib.sha256()
    for sheet in book.worksheets:
        total.update(f"{sheet.title}\n".encode())
        for cell in filled(sheet):
            said = cell.comment.text if cell.comment is not None else ""
            if cell.value not in (None, "") or said:
                total.update(f"{cell.coordinate}\t{cell.value}\t{said}\n".encode())
    return total.hexdigest()


def _remember(cell: Cell, mark: str, code: str) -> None:
    """Keeps the colour under a mark."""
    sheet, book = cell.parent, cell.parent.parent
    assert book is not None
    kept = next((one for one in book.worksheets if str(one["A1"].value or "").startswith(_COVERED)), None)
    if kept is None:
        kept = book.create_sheet(_COLOURS)
        kept.sheet_state = "veryHidden"
        kept["A1"] = _COVERED
    kept.append([sheet.title, cell.coordinate, _text_print(mark), code])


@dataclass(slots=True)
class _Covered:
    """The colours under marks, by the sheet and what the mark says: rows may have been sorted since."""

    colours: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def read(self, sheet: Worksheet) -> None:
        for title, name, said, code in sheet.iter_rows(min_row=2, max_col=4, values_only=True):
            self.colours.setdefault((str(title), str(said)), {})[str(name)] = str(code)

    def under(self, cell: Cell, mark: str) -> str:
        """The colour under a mark; nothing where it had none, or may be that of either of two."""
        known = self.colours.get((cell.parent.title, _text_print(mark)), {})
        if cell.coordinate in known:
            return known[cell.coordinate]
        return next(iter(known.values())) if len({*known.values()}) == 1 else ""


def _text_print(text: str) -> str:
    """A digest of a text but for its spaces, which spreadsheet programs change."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:16]


def _unmark(cell: Cell, there: Comment, covered: _Covered) -> None:
    found = _MARK.search(there.text)
    if found is None:
        cell.comment = comment(there.text, there.author)  # a comment that is read has lost its size
        return
    if _is_shade(cell):
        cell.fill = _fill(found["colour"] or covered.under(cell, found[0]))
    own = (there.text[: found.start()] + there.text[found.end() :]).strip("\n")
    cell.comment = comment(own, there.author) if own else None


def _is_shade(cell: Cell) -> bool:
    fill = copy(cell.fill)
    return isinstance(fill, PatternFill) and fill.fill_type == "solid" and fill.fgColor.rgb in _SHADES


def _code(fill: object) -> str | None:
    """A plain background as a few characters; nothing for none. None for a pattern or a gradient."""
    if not isinstance(fill, PatternFill) or fill.fill_type not in (None, "solid"):
        return None
    colour = fill.fgColor
    if fill.fill_type is None or colour.type == "auto":
        return ""
    if colour.type == "theme":
        return f"theme {colour.theme} {colour.tint}"
    return f"{colour.type} {colour.rgb if colour.type == 'rgb' else colour.indexed}"


def _fill(code: str) -> PatternFill:
    kind, *values = code.split() or [""]
    if kind == "rgb" and len(values) == 1:
        return PatternFill("solid", fgColor=values[0])
    if kind == "theme" and len(values) == 2:
        return PatternFill("solid", fgColor=Color(theme=int(values[0]), tint=float(values[1])))
    if kind == "indexed" and len(values) == 1:
        return PatternFill("solid", fgColor=Color(indexed=int(values[0])))
    return PatternFill()


def sheet_of(book: Workbook, title: str) -> Worksheet | None:
    """The sheet of this name, if it is one of cells."""
    return next((one for one in book.worksheets if one.title == title), None)
