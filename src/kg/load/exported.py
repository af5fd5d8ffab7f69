"""Rows of a workbook that `kg export` wrote, held to what stood in them then: a cell speaks only where it was changed.

The workbook keeps what was exported in a hidden sheet for each one to fill in. Whatever is done to the others – rows
sorted or deleted, columns moved or taken out – an untouched cell says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, TypeAlias

from kg.context import Context
from kg.entry import Amends, Entry, Locator, Path_
from kg.load import rows as rows_of
from kg.load.columns import Column
from kg.load.problems import Problems
from kg.load.table import Heading, Row, Table, steps
from kg.text import fold

EXPORTED: Final = ("Не се зарежда: изнесени стойности", "Not loaded: exported values")
"""How the first cell of such a hidden sheet begins; the release that it comes from stands beside it."""
FROM_SOURCE: Final = ("от източник", "from source")
"""The heading of the column that names the source of each row."""
MARKS: Final = "състояние"
"""The heading of the hidden column that tells how the values were known; „id“ and source stand before it."""
FIXED: Final = "!"
"""The mark of a value that a cell cannot hold as it is."""
Key: TypeAlias = tuple[str, str]
"""An id, and a source."""


@dataclass(frozen=True, slots=True)
class Was:
    """A row as it was exported: its texts by heading, and how the values of each field were known."""

    texts: Mapping[str, str]
    marks: Mapping[str, str]


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

    @classmethod
    def read(cls, sheets: Sequence[Sequence[Row]]) -> Exported:
        """What the hidden sheets hold."""
        release = 0
        rows: dict[Key, Was] = {}
        for head, names, *body in sheets:
            release = max(release, int(head.text(1) or 0))
            for row in body:
                texts = dict(zip(names.cells, row.cells, strict=False))
                id, source, marks = (row.text(position) for position in range(3))
                told = dict(mark.rpartition("=")[::2] for mark in marks.split())
                rows[id, source] = Was({name: text for name, text in texts.items() if name != MARKS}, told)
        return cls(release, rows)

    def amendments(
        self, table: Table, context: Context, problems: Problems
    ) -> Iterator[tuple[Key, Locator, Entry | None]]:
        """For each row its key, its place, and what it amends; None where it says what it said."""
        id_at = next((one for one in table.headings if one.column and context.field(one.column.steps[0]) == "id"), None)
        source_at = next((one for one in table.headings if fold(one.name) in FROM_SOURCE), None)
        own = [one for one in table.headings if one is not source_at]
        for row in table.body:
            table.beyond(row, problems)
            id = row.text(id_at.position) if id_at else ""
            stated = row.text(source_at.position) if source_at else ""
            sources = self.sources.get(id, [])
            source = stated or (sources[0] if len(sources) == 1 else "")
            if id and not stated and len(sources) > 1:
                if any(not _differing(row, own, self.rows[id, one], context) for one in sources):
                    continue
                problems.add(
                    table.at(row, source_at or id_at),
                    f"it is not said which source the row is of; there are: {', '.join(sources)}",
                    f"не е казано от кой източник е редът; има: {', '.join(sources)}",
                    value=id,
                )
                continue
            was = self.rows.get((id, source))
            if was is None:
                entry = rows_of.entry(table, row, own, problems)
                yield (id, source), table.at(row), replace(entry, amends=Amends(source, (), None))
                continue
            yield (id, source), table.at(row), _changed(table, row, own, source, was, context, problems)


def _changed(
    table: Table,
    row: Row,
    headings: Sequence[Heading],
    source: str,
    was: Was,
    context: Context,
    problems: Problems,
) -> Entry | None:
    """The fields in which a row says something else than it did, whole: with what their other cells say, or said."""
    changed = _differing(row, headings, was, context)
    if not changed:
        return None
    here = {fold(heading.name) for heading in headings}
    cells, known = [*row.cells], [*headings]
    for name, text in was.texts.items():
        if fold(name) not in here and fold(name) not in FROM_SOURCE:  # a column that was taken out says what it said
            known.append(Heading(name, len(cells), Column(name, steps=steps(name, context.field))))
            cells.append(text)
    speaking = [
        heading
        for heading in known
        if heading.column is not None
        and (context.field(heading.column.steps[0]) == "id" or field_of(heading.column.steps, context) in changed)
    ]
    entry = rows_of.entry(table, replace(row, cells=cells), speaking, problems)
    silent: dict[Path_, Locator] = {}
    for heading in headings:
        for depth in range(len(heading.column.steps) if heading.column else 0):
            assert heading.column is not None
            silent.setdefault(heading.column.steps[: depth + 1], table.at(row, heading))
    return replace(entry, places={**silent, **entry.places}, amends=Amends(source, tuple(changed), was.marks))


def _differing(row: Row, headings: Sequence[Heading], was: Was, context: Context) -> list[tuple[str, ...]]:
    """The fields in whose cells something else stands than was exported."""
    then = {fold(name): text for name, text in was.texts.items()}
    changed = (
        field_of(heading.column.steps, context)
        for heading in headings
        if heading.column is not None and row.text(heading.position) != then.get(fold(heading.name), "")
    )
    return [*dict.fromkeys(changed)]


def field_of(steps: Sequence[str | int], context: Context) -> tuple[str, ...]:
    """The field of a heading by its English name, with the language where it is of texts."""
    name = context.field(str(steps[0])) or str(steps[0])
    term = context.terms.get(name)
    if term is not None and term.language:
        return name, str(steps[1]) if len(steps) > 1 else "bg"
    return (name,)
