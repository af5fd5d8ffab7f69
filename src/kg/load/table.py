"""A table: rows of texts below headings, each of which says where the cells below it belong in an entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from openpyxl.utils import get_column_letter

from kg.entry import Locator
from kg.errors import DataError
from kg.load.columns import Column, ColumnMap
from kg.load.numbered import with_first
from kg.load.problems import Problems
from kg.text import fold

NOT_LOADED: Final = ("Не се зарежда", "Not loaded")
"""How the first cell of a sheet begins that is read past, or a heading whose column is, in Bulgarian and English."""
Known = Callable[[str], str | None]
"""Tells the English name of a field, and None of what is none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of texts: its number among the rows, and in a text file the line it starts on."""

    number: int
    cells: Sequence[str]
    line: int | None = None  # where the row starts in a text file; cells may hold several lines
    numbers: frozenset[int] = frozenset()  # positions of cells that are numbers, in a spreadsheet
    broken: frozenset[int] | None = None  # positions of cells without a value; None: their texts tell

    def text(self, position: int) -> str:
        """What the cell at a position says; nothing beyond the last."""
        return self.cells[position] if 0 <= position < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading: its position in the row, and what the cells below it mean; None: they are read past."""

    name: str
    position: int
    column: Column | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below their headings."""

    base: Locator  # the file, and the sheet
    header: Row
    headings: Sequence[Heading]
    body: Sequence[Row]
    columns: ColumnMap | None = None

    def at(self, row: Row, heading: Heading | None = None) -> Locator:
        """The place of a cell, or of a row."""
        in_sheet = self.base.sheet is not None and heading is not None and heading.position >= 0
        cell = f"{get_column_letter(heading.position + 1)}{row.number}" if in_sheet and heading else None
        name = heading.name if heading else None
        return replace(self.base, line=row.line, row=row.number, column=name, cell=cell)

    def beyond(self, row: Row, problems: Problems) -> None:
        """Tells `problems` of a cell without a heading."""
        known = {heading.position for heading in self.headings}
        over = next((position for position, text in enumerate(row.cells) if text and position not in known), None)
        if over is None:
            return
        if self.base.sheet is not None:
            place = replace(self.at(row), cell=f"{get_column_letter(over + 1)}{row.number}")
            problems.add(
                place,
                "this cell has no heading above it; give its column one, or empty the cell",
                "над тази клетка няма заглавие; дайте заглавие на колоната или изпразнете клетката",
                value=row.text(over),
            )
            return
        problems.add(
            self.at(row),
            f"the row has {len(row.cells)} cells and the header {len(self.headings)}; "
            "put a text that holds the delimiter in quotation marks",
            f"редът има {len(row.cells)} клетки, а заглавният ред – {len(self.headings)}; "
            "оградете с кавички текста, който съдържа разделителя",
        )


def is_for_people(text: str) -> bool:
    """Whether a sheet or a column that begins with this text says that it is not to be loaded."""
    said = fold(text)
    return any(said.startswith(fold(word)) for word in NOT_LOADED)


def table(rows: Sequence[Row], base: Locator, columns: ColumnMap | None, known: Known) -> Table | None:
    """The rows below the first that holds anything; None of an empty sheet. Raises DataError for its headings."""
    filled = [row for row in rows if any(row.cells)]
    if not filled:
        return None
    header, *body = filled
    found = Table(base, header, [*_headings(header, body, columns, known)], body, columns)
    problems = Problems()
    _check(found, problems)
    if problems:
        raise DataError(problems)
    return found


def _headings(header: Row, body: Sequence[Row], columns: ColumnMap | None, known: Known) -> Iterator[Heading]:
    """The headings, without those of columns that hold nothing at all."""
    own = {} if columns else _own([name for name in header.cells if name and not is_for_people(name)], known)
    for position, name in enumerate(header.cells):
        if name:
            yield Heading(name, position, columns.columns.get(name) if columns else own.get(name))
        elif any(header.cells[position:]) and any(row.text(position) for row in body):
            yield Heading("", position, None)


def _own(names: Sequence[str], known: Known) -> Mapping[str, Column]:
    """What headings of ours mean. One field is spelt one way: „заглавие.bg“ and „title.en“ are parts of the same."""
    spelt: dict[str, str] = {}
    found = []
    for name in names:
        first, *rest = steps(name, known)
        found.append((spelt.setdefault(known(first) or first, first), *rest))
    return {name: Column(name, steps=parts) for name, parts in zip(names, with_first(found), strict=True)}


def steps(heading: str, known: Known) -> tuple[str, ...]:
    """The parts between the dots of a heading; a dot inside of a field's own name divides nothing."""
    parts = heading.split(".")
    found: list[str] = []
    while parts:
        whole = next((n for n in range(len(parts), 1, -1) if known(".".join(parts[:n])) is not None), 1)
        found.append(".".join(parts[:whole]))
        parts = parts[whole:]
    return tuple(found)


def _check(table: Table, problems: Problems) -> None:
    seen: set[str] = set()
    columns = table.columns
    for heading in table.headings:
        name, at, number = heading.name, table.at(table.header, heading), heading.position + 1
        if not name:
            called = get_column_letter(number) if table.base.sheet is not None else f"{number}"
            problems.add(
                replace(at, column=None),
                f"column {called} has no header",
                f"колона {called} няма заглавие",
                field=called,
            )
        elif name in seen:
            problems.add(at, f"the header „{name}“ is here twice", f"заглавието „{name}“ се повтаря", field=name)
        elif columns and name not in columns.columns:
            problems.add(
                at,
                f"the column map does not know the column „{name}“; add it, with null to read past it",
                f"картата на колоните не познава „{name}“; добавете я, а за да се пропусне – с null",
                field=name,
            )
        seen.add(name)
    for wanted in dict.fromkeys([*columns.columns, *columns.id_columns] if columns else []):
        if wanted not in seen:
            problems.add(
                table.at(table.header),
                f"the column „{wanted}“ is missing from the table",
                f"в таблицата липсва колоната „{wanted}“",
                field=wanted,
            )
