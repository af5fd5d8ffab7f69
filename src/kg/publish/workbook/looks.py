"""How workbooks look: colours, fonts, widths."""

from __future__ import annotations

from typing import Final

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from kg.form import Need
from kg.publish.workbook.columns import Column, Content


def fill(colour: str) -> PatternFill:
    """A plain background."""
    return PatternFill("solid", fgColor=colour)


FONT: Final = "Calibri"
HEADINGS: Final = {
    Need.REQUIRED: (fill("FF1F4E79"), Font(name=FONT, bold=True, color="FFFFFFFF")),
    Need.RECOMMENDED: (fill("FF9DC3E6"), Font(name=FONT, bold=True, color="FF000000")),
    Need.OPTIONAL: (fill("FFE7E6E6"), Font(name=FONT, color="FF000000")),
}
"""By how much a column is needed. Dark enough beside each other to be told apart in grey."""
HEADING: Final = HEADINGS[Need.REQUIRED]
HEADING_ALIGNMENT: Final = Alignment(wrap_text=True, vertical="top")
CELL_ALIGNMENT: Final = Alignment(wrap_text=True, vertical="top")
HEADING_BORDER: Final = Border(bottom=Side("thin", color="FF7F7F7F"))
TITLE: Final = Font(name=FONT, bold=True, size=16)
HEAD: Final = Font(name=FONT, bold=True, size=13)
PLAIN: Final = Font(name=FONT, size=11)
SMALL: Final = Font(name=FONT, italic=True, size=10, color="FF595959")
MONO: Final = Font(name="Consolas", size=11)

FORMATS: Final = {Content.DECIMAL: "#,##0.00", Content.INTEGER: "0", Content.TEXT: "General"}
"""Number formats; all other cells are text, so that a spreadsheet leaves what is typed as it is."""
TEXT_FORMAT: Final = "@"
_WIDTHS: Final = {Content.ID: 30, Content.SOURCE: 20, Content.TEXT: 44, Content.REFERENCE: 32, Content.CODE: 22}
_WIDTH: Final = 17


def number_format(column: Column) -> str:
    return FORMATS.get(column.content, TEXT_FORMAT)


def width(column: Column) -> int:
    """In characters."""
    return _WIDTHS.get(column.content, _WIDTH)
