"""Rows of a table as entries: cells are put where their headings say, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kg import expected
from kg.entry import Entry, Locator, Lookup, Path_, Value
from kg.iris import slug
from kg.load.cells import is_error
from kg.load.columns import Column, ColumnMap
from kg.load.numbered import has_numbers, listed
from kg.load.problems import Problems
from kg.load.table import Heading, Row, Table
from kg.nearest import nearest
from kg.text import fold


def entries(table: Table, problems: Problems) -> Iterator[Entry]:
    """Each row of a table as an entry; `problems` is told what is wrong in it."""
    for row in table.body:
        table.beyond(row, problems)
        yield entry(table, row, table.headings, problems)


def entry(table: Table, row: Row, headings: Sequence[Heading], problems: Problems) -> Entry:
    """What a row says below some of the headings."""
    return _Cells(table, row, headings, problems).entry()


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
                    f"„{text}“ is not among the values that the column map knows: {', '.join(column.values)}",
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
                f"„{column.path}“ collides with another column",
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
