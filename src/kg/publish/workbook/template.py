"""An empty workbook for entries of some classes."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl import Workbook

from kg.context import Codes, Context
from kg.form import Forms, Need
from kg.publish.workbook import words
from kg.publish.workbook.columns import Column, Content, columns
from kg.publish.workbook.lists import Choices
from kg.publish.workbook.sheets import Book

ID = Column(words.ID, Content.ID, Need.OPTIONAL, path=("id",))


def template(classes: Sequence[str], forms: Forms, context: Context, codes: Codes, choices: Choices) -> Workbook:
    """The workbook with a sheet for each of the classes, given by their English names."""
    book = Book(context, codes, choices)
    for name in classes:
        form = forms.of(name)
        book.sheet(form, [ID, *columns(form, context, {})])
    return book.finish(exported=False)
