"""Tables as entries: one row, one entry; a heading is a field, dots step into it, „;“ separates a list."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from openpyxl.utils import get_column_letter

from kg import expected
from kg.entry import Entry, Locator, Lookup, Path_, Value
from kg.errors import DataError
from kg.iris import slug
from kg.load.cells import is_error
from kg.load.columns import Column, ColumnMap
from kg.load.numbered import has_numbers, listed, with_first
from kg.load.problems import Problems
from kg.nearest import nearest
from kg.text import fold

DELIMITERS = ";,\t"
Known = Callable[[str], str | None]
"""Tells the English name of a field, and None of what is none."""
MAX_FIELD = 1_000_000


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

    def entries(self, problems: Problems) -> Iterator[Entry]:
        """Each row as an entry; `problems` is told what is wrong in it."""
        for row in self.body:
            self.beyond(row, problems)
            yield self.entry(row, self.headings, problems)

    def entry(self, row: Row, headings: Sequence[Heading], problems: Problems) -> Entry:
        """What a row says below some of the headings."""
        return _Cells(self, row, headings, problems).entry()

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


def read_csv(
    text: str,
    file: str,
    columns: ColumnMap | None,
    known: Known = lambda name: None,
    problems: Problems | None = None,
) -> list[Entry]:
    """Entries of a CSV text. Raises DataError for what is no table; what is wrong in rows is told to `problems`, and
    without them raised, too.
    """
    told = Problems() if problems is None else problems
    delimiter = (columns and columns.delimiter) or _delimiter(text)
    rows: list[Row] = []
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            rows.append(Row(len(rows) + 1, [cell.strip() for cell in cells], start))
            start = reader.line_num + 1
    except csv.Error as error:
        told.add(
            Locator(file, line=start),
            f"the row that starts here cannot be read ({error}); look for a quotation mark that is not closed",
            f"редът, който започва тук, не може да се прочете ({error}); потърсете незатворена кавичка",
        )
        raise DataError(told) from error
    found = table(rows, Locator(file), columns, known)
    entries = [*found.entries(told)] if found else []
    if told and problems is None:
        raise DataError(told)
    return entries


def _delimiter(text: str) -> str:
    """The delimiter that the header line holds most of, outside quotation marks."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=lambda delimiter: (outside.count(delimiter), -DELIMITERS.index(delimiter)))


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
    own = {} if columns else _own([name for name in header.cells if name], known)
    for position, name in enumerate(header.cells):
        if name:
            yield Heading(name, position, columns.columns.get(name) if columns else own[name])
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
            problems.add(
                replace(at, column=None),
                f"column {number} has no header",
                f"колона {number} няма заглавие",
                field=f"{number}",
            )
        elif name in seen:
            problems.add(at, f"the header {name!r} is here twice", f"заглавието „{name}“ се повтаря", field=name)
        elif columns and name not in columns.columns:
            problems.add(
                at,
                f"the column map does not know the column {name!r}; add it, with null to read past it",
                f"картата на колоните не познава „{name}“; добавете я, а за да се пропусне – с null",
                field=name,
            )
        seen.add(name)
    for wanted in dict.fromkeys([*columns.columns, *columns.id_columns] if columns else []):
        if wanted not in seen:
            problems.add(
                table.at(table.header),
                f"the column {wanted!r} is missing from the table",
                f"в таблицата липсва колоната „{wanted}“",
                field=wanted,
            )


class _Cells:
    """A row on its way to an entry."""

    def __init__(self, table: Table, row: Row, headings: Sequence[Heading], problems: Problems) -> None:
        self.table, self.row, self.headings, self.problems = table, row, headings, problems
        self.fields: dict[str, Value] = {}
        self.places: dict[Path_, Locator] = {}
        self.lookups: dict[Path_, Lookup] = {}
        self.exact: set[Path_] = set()

    def entry(self) -> Entry:
        columns = self.table.columns
        if columns:
            self._constants(columns)
        for heading in self.headings:
            if heading.column is not None and self.row.text(heading.position):
                self._read(heading, heading.column)
        for heading in self.headings:
            if heading.column is not None and not self.row.text(heading.position):  # where what is missing belongs
                for depth in range(1, len(heading.column.steps) + 1):
                    self.places.setdefault(heading.column.steps[:depth], self.table.at(self.row, heading))
        heads: dict[Path_, Locator] = {
            heading.column.steps: self.table.at(self.table.header, heading)
            for heading in self.headings
            if heading.column is not None and columns is None
        }
        found = Entry(
            self.fields,
            self.table.at(self.row),
            self.places,
            self.lookups,
            separator=None if columns else ";",
            heads=heads,
            exact=frozenset(self.exact),
        )
        return listed(found) if any(has_numbers(map(str, path)) for path in heads) else found

    def _constants(self, columns: ColumnMap) -> None:
        for name, constant in columns.constants.items():
            _put(self.fields, tuple(name.split(".")), constant)
        if not columns.id:
            return
        named = {heading.name: heading for heading in self.headings}
        slugs = {name: slug(self.row.text(named[name].position)) for name in columns.id_columns}
        empty = [name for name, part in slugs.items() if not part]
        if empty:
            self.problems.add(
                self.table.at(self.row, named[empty[0]]),
                "the cell is empty, and the row's id is made of it",
                "клетката е празна, а от нея се съставя идентификаторът на реда",
                field=empty[0],
            )
        self.fields["id"] = columns.make_id(slugs)

    def _read(self, heading: Heading, column: Column) -> None:
        text, place = self.row.text(heading.position), self.table.at(self.row, heading)
        broken = self.row.broken
        if is_error(text) if broken is None else heading.position in broken:
            self.problems.add(
                place,
                f"the cell holds {text} and no value; mend the formula, or write the value",
                f"клетката съдържа {text}, а не стойност; поправете формулата или напишете стойността",
                field=heading.name,
                value=text,
                kind="NoValue",
            )
            for depth in range(len(column.steps)):
                self.places.setdefault(column.steps[: depth + 1], place)
            return
        if column.values:
            meant = column.values.get(text)
            if meant is None:
                self.problems.add(
                    place,
                    f"{text!r} is not among the values that the column map knows: {', '.join(column.values)}",
                    f"„{text}“ не е сред стойностите в картата на колоните: {', '.join(column.values)}",
                    field=heading.name,
                    value=text,
                    kind="UnknownCode",
                    expected=expected.words([*column.values], [*column.values]),
                    suggestion=_meant(text, column.values),
                )
                return
            text = meant
        path = column.steps
        if not _put(self.fields, path, text):
            self.problems.add(
                place,
                f"{column.path!r} collides with another column",
                f"„{column.path}“ се сблъсква с друга колона",
                field=heading.name,
            )
            return
        self.places[path] = place
        for depth in range(1, len(path)):
            self.places.setdefault(path[:depth], place)
        if column.lookup:
            self.lookups[path] = column.lookup
        if heading.position in self.row.numbers:
            self.exact.add(path)


def _meant(text: str, values: Mapping[str, str]) -> str | None:
    words = {fold(one): one for one in values}
    found = nearest(fold(text), words)
    return words[found] if found else None


def _put(fields: dict[str, Value], path: tuple[str, ...], value: Value) -> bool:
    """Sets a nested field; False when a text already stands on the way or in its place."""
    inner = fields
    for step in path[:-1]:
        below = inner.setdefault(step, {})
        if not isinstance(below, dict):
            return False
        inner = below
    if path[-1] in inner:
        return False
    inner[path[-1]] = value
    return True
