"""Columns of a sheet: the fields of a form, stepped into until a cell can hold a value."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kg.context import Context
from kg.form import Field, Form, Need
from kg.namespaces import MKG, XSD

LANGUAGES = ("bg", "en")
Steps = tuple[str, ...]
"""English names of fields, from the entry inwards."""


class Content(StrEnum):
    """What kind of value the cells of a column hold."""

    ID = "id"
    SOURCE = "source"
    ROW = "row"  # which exported row it is, in a hidden column
    TEXT = "text"
    CODE = "code"
    REFERENCE = "reference"
    DATE = "date"
    DECIMAL = "decimal"
    INTEGER = "integer"
    TIME = "time"
    NOTATION = "notation"  # characters that mean what they are: codes of registers, addresses


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, the steps to the value in its cells, and the fields on the way."""

    heading: str
    content: Content
    need: Need
    fields: tuple[Field, ...] = ()  # from the outermost to the one whose values are in the cells
    path: tuple[str | int, ...] = ()  # English names, language tags, positions in lists

    @property
    def last(self) -> Field | None:
        """The field whose values the cells hold; None for ids and sources."""
        return self.fields[-1] if self.fields else None

    @property
    def several(self) -> bool:
        """Whether one cell may hold several values, with „;“ between them."""
        return bool(self.fields) and self.fields[-1].term.multiple and not isinstance(self.path[-1], int)


@dataclass(slots=True)
class Usage:
    """What the rows of a sheet have of a field, and so how many columns it takes."""

    most: int = 0
    languages: set[str] = field(default_factory=set)
    apart: bool = False  # values with a „;“ of their own: each in a cell of its own


def columns(
    form: Form, context: Context, usage: Mapping[Steps, Usage], leave_out: Collection[str] = ()
) -> list[Column]:
    """The columns of a sheet, the needed ones first; with all that its rows use, without those of these headings."""
    used = {steps[0] for steps in usage}
    fields = [one for one in form.own if not one.derived or one.name in used]
    fields += [one for one in form.others if one.name in used]
    fields.sort(key=lambda one: one.need)
    found = [column for one in fields for column in _of(one, context, usage, (), (), ())]
    return [column for column in found if column.heading not in leave_out]


def _of(
    field: Field,
    context: Context,
    usage: Mapping[Steps, Usage],
    steps: Steps,
    path: tuple[str | int, ...],
    above: tuple[Field, ...],
) -> Iterator[Column]:
    steps, fields = (*steps, field.name), (*above, field)
    use = usage.get(steps, Usage())
    positions: Sequence[int | None] = [None]
    several = use.most > 1 if field.part is not None or not field.term.multiple else use.apart
    if several and not field.term.language:
        positions = range(use.most)
    for position in positions:
        here = (*path, field.name, *(() if position is None else (position,)))
        if field.part is not None:
            inner = [one for one in field.part.own if not one.derived or (*steps, one.name) in usage]
            inner += [one for one in field.part.others if (*steps, one.name) in usage]
            for one in inner:
                yield from _of(one, context, usage, steps, here, fields)
        elif field.term.language:
            languages = dict.fromkeys([*LANGUAGES, *sorted(use.languages)]) if not above else sorted(use.languages)
            for language in languages or ["bg"]:
                for number in range(use.most) if use.apart else [None]:
                    inside = (*here, language, *(() if number is None else (number,)))
                    need = field.need if language == LANGUAGES[0] else Need.OPTIONAL
                    yield _column(fields, inside, context, need)
        else:
            yield _column(fields, here, context, field.need)


def _column(fields: tuple[Field, ...], path: tuple[str | int, ...], context: Context, need: Need) -> Column:
    words = [str(step + 1) if isinstance(step, int) else context.aliases.get(step, step) for step in path]
    # What is needed in something that need not be there is not needed in every row.
    whole = need if len(fields) == 1 else max(need, fields[0].need)
    return Column(".".join(words), content(fields[-1]), whole, fields, path)


def together(column: Column, columns: Sequence[Column], form: Form) -> tuple[str, ...]:
    """The headings, this one among them, one of which is to be filled in: those of the languages of a text, and of
    fields that may stand for each other.
    """
    last = column.last
    if last is None or last.need is Need.OPTIONAL:
        return ()
    depth = max(at for at, step in enumerate(column.path) if step == last.name)
    owner = form if len(column.fields) == 1 else column.fields[-2].part
    asked = owner.asked if owner is not None else ()
    names = {last.name}.union(*(one.names for one in asked if last.name in one.names))
    found = [
        one.heading
        for one in columns
        if one.path[:depth] == column.path[:depth] and len(one.path) > depth and one.path[depth] in names
    ]
    return tuple(found) if len(found) > 1 else ()


def content(field: Field) -> Content:
    """What the cells of a field hold."""
    term = field.term
    if term.vocabulary:
        return Content.CODE
    if term.date or term.iri == MKG.dateAsStated.value:
        return Content.DATE
    if term.reference:
        return Content.REFERENCE
    if term.language:
        return Content.TEXT
    plain = {XSD.decimal.value: Content.DECIMAL, XSD.integer.value: Content.INTEGER, XSD.time.value: Content.TIME}
    return plain.get(term.coercion or "", Content.NOTATION)
