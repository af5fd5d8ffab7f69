"""Rows of a workbook that `kg export` wrote, held to what stood in them then: a cell speaks only where it was changed.

The workbook keeps what was exported in a hidden sheet for each one to fill in, and beside each row, in a hidden column,
which one it is. Whatever is done to the others – rows sorted or deleted, columns moved or taken out – an untouched cell
says nothing. Rows that were new when a completed copy was made are kept in hidden sheets of their own: they still say
all that they say, to a source whose own files do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, TypeAlias

from kg.context import Context
from kg.entry import Amends, Entry, Locator, Path_
from kg.load import rows as rows_of
from kg.load import sources as register
from kg.load.columns import Column
from kg.load.problems import Problems
from kg.load.table import Heading, Row, Table, steps
from kg.text import fold

EXPORTED: Final = ("Не се зарежда: изнесени стойности", "Not loaded: exported values")
"""How the first cell of such a hidden sheet begins; the release that it comes from stands beside it."""
ADDED: Final = ("Не се зарежда: добавени редове", "Not loaded: added rows")
"""How the first cell of a hidden sheet begins that keeps the rows which were new."""
FROM_SOURCE: Final = ("от източник", "from source")
"""The heading of the column that names the source of each row."""
ROW: Final = ("изнесен ред", "exported row")
"""The heading of the hidden column that tells which of the exported rows each one is: its id and its source."""
MARKS: Final = "състояние"
"""The heading of the hidden column that tells how the values were known; „id“ and source stand before it."""
FIXED: Final = "!"
"""The mark of a value that a cell cannot hold as it is."""
Key: TypeAlias = tuple[str, str]
"""An id, and a source."""
ID: Final = ("id",)


@dataclass(frozen=True, slots=True)
class Was:
    """A row as it was exported: its texts by heading, and how the values of each field were known."""

    texts: Mapping[str, str]
    marks: Mapping[str, str]
    added: bool = False  # it was no exported row then, but a new one


def named(key: Key) -> str:
    """What the hidden column says of a row."""
    return " ".join(key)


@dataclass(frozen=True)
class Exported:
    """Everything that was exported into a workbook."""

    release: int
    rows: Mapping[Key, Was]

    @cached_property
    def sources(self) -> Mapping[str, list[str]]:
        """The sources that speak of a thing, by its id."""
        found: dict[str, list[str]] = {}
        for id, source in self.rows:
            found.setdefault(id, []).append(source)
        return found

    @cached_property
    def keys(self) -> Mapping[str, Key]:
        """The rows by what the hidden column says of them."""
        return {named(key): key for key in self.rows}

    @classmethod
    def read(cls, sheets: Sequence[Sequence[Row]]) -> Exported:
        """What the hidden sheets hold."""
        release = 0
        rows: dict[Key, Was] = {}
        for head, names, *body in sheets:
            release = max(release, int(head.text(1) or 0))
            added = fold(head.text(0)).startswith((*map(fold, ADDED),))
            for row in body:
                texts = {name: text for name, text in zip(names.cells, row.cells, strict=False) if name != MARKS}
                id, source, marks = (row.text(position) for position in range(3))
                told = dict(mark.rpartition("=")[::2] for mark in marks.split())
                before = rows.get((id, source), Was({}, {}))  # one thing may stand in the sheets of two classes
                rows[id, source] = Was({**before.texts, **texts}, {**before.marks, **told}, added)
        return cls(release, rows)

    def amendments(
        self, table: Table, context: Context, problems: Problems
    ) -> Iterator[tuple[Key, Locator, Entry | None]]:
        """For each row its key, its place, and what it amends; None where it says what it said."""
        sheet = _Sheet.of(self, table, context)
        seen: dict[Key, Row] = {}
        for row in table.body:
            table.beyond(row, problems)
            known = sheet.known_as(row)
            if known is not None:
                row = sheet.restored(row, known, problems)
            id, source = sheet.id(row), sheet.source(row)
            if source is None:
                if not sheet.says_what_one_said(row):
                    _ask_for_source(sheet, row, known, problems)
                continue
            if source and not register.is_id(source):
                _refuse_source(sheet, row, source, problems)
                continue
            key = id, source
            if id and (first := seen.setdefault(key, row)) is not row:
                if sheet.texts(first) != sheet.texts(row):
                    _refuse_second(sheet, row, first, problems)
                continue
            was = self.rows.get(key)
            if was is not None:
                yield key, table.at(row), _changed(sheet, row, source, was, problems)
                continue
            if known is not None and not id:  # its id was emptied
                entry = _changed(sheet, row, source, self.rows[known], problems)
                yield known, table.at(row), replace(entry, proposed=known[0]) if entry else None
                continue
            entry = rows_of.entry(table, row, sheet.own, problems)
            yield key, table.at(row), replace(entry, amends=Amends(source, sheet.fields, None, said=sheet.texts(row)))


@dataclass(frozen=True)
class _Sheet:
    """A table of rows some of which were exported."""

    exported: Exported
    table: Table
    context: Context
    id_at: Heading | None
    source_at: Heading | None
    key_at: Heading | None
    own: Sequence[Heading]  # those that fields stand below, and the id
    _keys: dict[Key, int] = field(default_factory=dict)  # by row of the export, the row that it is now

    @classmethod
    def of(cls, exported: Exported, table: Table, context: Context) -> _Sheet:
        id_at = next((one for one in table.headings if one.column and context.field(one.column.steps[0]) == "id"), None)
        source_at, key_at = (
            next((one for one in table.headings if fold(one.name) in names), None) for names in (FROM_SOURCE, ROW)
        )
        own = [one for one in table.headings if one is not source_at and one is not key_at]
        found = cls(exported, table, context, id_at, source_at, key_at, own)
        found._tell_copies_apart()
        return found

    def _tell_copies_apart(self) -> None:
        """Of rows that say that they are one and the same finds the one that is; the others were copied from it."""
        for row in self.table.body:
            key = self.exported.keys.get(_text(row, self.key_at))
            if key is None or not self._holds_something_of(row, key):
                continue
            same = self.id(row) == key[0] and (self.source_at is None or _text(row, self.source_at) == key[1])
            if key not in self._keys or same:
                self._keys[key] = row.number

    def _holds_something_of(self, row: Row, key: Key) -> bool:
        """Whether anything of what was exported is still there; else something else was written over it."""
        then = {fold(name): text for name, text in self.exported.rows[key].texts.items()}
        texts = {fold(one.name): row.text(one.position) for one in self.own if one is not self.id_at}
        filled = {name for name, text in then.items() if text and name not in FROM_SOURCE and name in texts}
        return self.id(row) == key[0] or any(texts[name] == then[name] for name in filled)

    def known_as(self, row: Row) -> Key | None:
        """Which of the exported rows it is by the hidden column; None where that does not tell."""
        key = self.exported.keys.get(_text(row, self.key_at))
        return key if key is not None and self._keys.get(key) == row.number else None

    def restored(self, row: Row, key: Key, problems: Problems) -> Row:
        """The row with the id and the source that it was exported with, where others stand now, which is told."""
        cells = [*row.cells]
        for heading, was in ((self.id_at, key[0]), (self.source_at, key[1])):
            now = _text(row, heading)
            if heading is None or not now or now == was:
                continue
            _refuse_another(self, row, heading, now, was, problems)
            cells[heading.position] = was
        return replace(row, cells=cells)

    def id(self, row: Row) -> str:
        """The id of a row; where the column was taken out, the one that it was exported with."""
        if self.id_at is not None:
            return _text(row, self.id_at)
        return self.exported.keys.get(_text(row, self.key_at), ("", ""))[0]

    def source(self, row: Row) -> str | None:
        """The source of a row: the one that it names, else the only one that it can be of; None of several."""
        stated = _text(row, self.source_at)
        known = self.known_as(row)
        if stated or (known and (self.source_at is None or not self.id(row))):
            return stated or (known[1] if known else "")
        sources = self.exported.sources.get(self.id(row), [])
        return sources[0] if len(sources) == 1 else None if sources else ""

    def says_what_one_said(self, row: Row) -> bool:
        """Whether it says what one of its sources said."""
        id = self.id(row)
        return any(not self.changed(row, self.exported.rows[id, one]) for one in self.exported.sources.get(id, ()))

    def changed(self, row: Row, was: Was) -> list[Heading]:
        """The headings below which something else stands than was exported."""
        then = {fold(name): text for name, text in was.texts.items()}
        return [
            heading
            for heading in self.own
            if heading.column is not None
            and heading is not self.id_at
            and row.text(heading.position) != then.get(fold(heading.name), "")
        ]

    def texts(self, row: Row) -> Mapping[str, str]:
        """What stands in a row, by heading."""
        return {one.name: text for one in self.own if (text := row.text(one.position))}

    @property
    def fields(self) -> tuple[tuple[str, ...], ...]:
        """The fields that its columns are of."""
        found = (field_of(one.column.steps, self.context) for one in self.own if one.column is not None)
        return tuple(one for one in dict.fromkeys(found) if one != ID)


def _text(row: Row, heading: Heading | None) -> str:
    return row.text(heading.position) if heading else ""


def _refuse_another(sheet: _Sheet, row: Row, heading: Heading, now: str, was: str, problems: Problems) -> None:
    name = heading.name
    problems.add(
        sheet.table.at(row, heading),
        f"„{name}“ of an exported row is not to be changed; write what was exported, „{was}“, again, and describe "
        "anything new in an empty row below",
        f"„{name}“ на изнесен ред не се променя; върнете написаното при изнасянето – „{was}“, а ново нещо опишете "
        "в празен ред отдолу",
        field=name,
        value=now,
        kind="AnotherRow",
        suggestion=was,
    )


def _refuse_source(sheet: _Sheet, row: Row, source: str, problems: Problems) -> None:
    known = sheet.exported.sources.get(sheet.id(row), [])
    problems.add(
        sheet.table.at(row, sheet.source_at),
        f"„{source}“ is no source; leave what the export wrote, or an empty cell for a new row",
        f"„{source}“ не е източник; оставете написаното при изнасянето, а за нов ред – празна клетка",
        value=source,
        kind="NoSource",
        suggestion=known[0] if len(known) == 1 else None if known else "",
    )


def _ask_for_source(sheet: _Sheet, row: Row, known: Key | None, problems: Problems) -> None:
    id = sheet.id(row)
    sources = ", ".join(sheet.exported.sources[id])
    problems.add(
        sheet.table.at(row, sheet.source_at or sheet.id_at),
        f"it is not said which source the row is of; there are: {sources}",
        f"не е казано от кой източник е редът; има: {sources}",
        value=id,
        suggestion=known[1] if known and sheet.source_at else None,
    )


def _refuse_second(sheet: _Sheet, row: Row, first: Row, problems: Problems) -> None:
    id = sheet.id(row)
    at = sheet.table.at(first)
    problems.add(
        sheet.table.at(row, sheet.id_at),
        f"{id} is already described at {at}; put the two together, or empty the cell if this is something new",
        f"„{id}“ вече е описано на {at}; обединете двата реда, а ако този е за ново нещо, изпразнете клетката",
        field="id",
        value=id,
        kind="DescribedTwice",
    )


def _changed(sheet: _Sheet, row: Row, source: str, was: Was, problems: Problems) -> Entry | None:
    """The fields in which a row says something else than it did, whole: with what their other cells say, or said.

    None where there are none, and its id is there. What was new before is all there, for a source that lacks it.
    """
    context, table = sheet.context, sheet.table
    differing = [one.column.steps for one in sheet.changed(row, was) if one.column is not None]
    changed = [*dict.fromkeys(field_of(one, context) for one in differing)]
    if not changed and not was.added and sheet.id(row):
        return None
    here = {fold(heading.name) for heading in sheet.own}
    cells, known = [*row.cells], [*sheet.own]
    for name, text in was.texts.items():
        gone = fold(name) not in here and fold(name) not in FROM_SOURCE
        if gone and not (sheet.id_at and context.field(name) == "id"):  # a column that was taken out says what it said
            known.append(Heading(name, len(cells), Column(name, steps=steps(name, context.field))))
            cells.append(text)
    speaking = [
        heading
        for heading in known
        if heading.column is not None and (was.added or field_of(heading.column.steps, context) in (ID, *changed))
    ]
    entry = rows_of.entry(table, replace(row, cells=cells), speaking, problems)
    silent: dict[Path_, Locator] = {}
    for heading in sheet.own:
        for depth in range(len(heading.column.steps) if heading.column else 0):
            assert heading.column is not None
            silent.setdefault(heading.column.steps[: depth + 1], table.at(row, heading))
    amends = Amends(source, tuple(changed), was.marks, tuple(differing), was.added)
    return replace(entry, places={**silent, **entry.places}, amends=amends)


def field_of(steps: Sequence[str | int], context: Context) -> tuple[str, ...]:
    """The field of a heading by its English name, with the language where it is of texts."""
    name = context.field(str(steps[0])) or str(steps[0])
    term = context.terms.get(name)
    if term is not None and term.language:
        return name, str(steps[1]) if len(steps) > 1 else "bg"
    return (name,)
