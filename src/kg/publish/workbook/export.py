"""What is known of some classes as a workbook that can be changed and loaded again.

A row is what one source says of one thing. Before anyone gets the workbook, it is read as a load would read it: columns
whose cells would be taken for something else than the graph says are left out, so loading it unchanged changes nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from kg.context import Codes, Context
from kg.entry import Entry, Locator, Path_, Value
from kg.errors import StoreError
from kg.form import Form, Forms, Need
from kg.graph import Node, sort_key
from kg.iris import Iris
from kg.load import Load
from kg.load.amending import Coverage, Kept, by_owner, canonical, said
from kg.load.book import saved
from kg.publish.workbook import words
from kg.publish.workbook.columns import Column, Content, Steps, Usage, columns
from kg.publish.workbook.entries import Graph, Writer
from kg.publish.workbook.lists import Choices
from kg.publish.workbook.sheets import Book, Row
from kg.publish.workbook.template import ID

SOURCE = Column(words.SOURCE, Content.SOURCE, Need.OPTIONAL, path=("source",))


@dataclass(frozen=True)
class Exported:
    """The workbook's content, how many rows it has, and the columns that are left out, by sheet."""

    content: bytes
    rows: int
    left_out: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Export:
    """Makes workbooks of what sources say; `read` loads a file as `kg load` would, without writing."""

    forms: Forms
    context: Context
    codes: Codes
    choices: Choices
    iris: Iris
    sources: Mapping[str, Kept]
    read: Callable[[Path], Load]

    def of(self, classes: Sequence[str]) -> Exported:
        """The workbook with a sheet for each of the classes, given by their English names.

        Raises StoreError where it would not be read again.
        """
        graphs = {source: Graph.of(kept.triples) for source, kept in sorted(self.sources.items())}
        entries = {name: [*self._entries(self.forms.of(name), graphs)] for name in classes}
        left_out: dict[str, list[str]] = {name: [] for name in classes}
        while True:
            sheets = [self._sheet(name, entries[name], left_out[name]) for name in classes]
            book = Book(self.context, self.codes, self.choices)
            for sheet in sheets:
                book.sheet(self.forms.of(sheet.class_name), sheet.columns, sheet.rows)
            content = saved(book.finish(exported=True))
            wrong = self._misread(content, sheets) if any(sheet.rows for sheet in sheets) else []
            if not wrong:
                total = sum(len(sheet.rows) for sheet in sheets)
                return Exported(content, total, {sheet.title: left_out[sheet.class_name] for sheet in sheets})
            for sheet, column in wrong:
                left_out[sheet.class_name].append(column.heading)

    def _sheet(
        self, name: str, entries: Sequence[tuple[str, str, Mapping[str, Value]]], left_out: Sequence[str]
    ) -> Sheet:
        usage: dict[Steps, Usage] = {}
        for _, _, fields in entries:
            _count(fields, (), usage)
        own = [ID, SOURCE, *columns(self.forms.of(name), self.context, usage, left_out)]
        rows = [
            {column.heading: _cell({**fields, "id": id, "source": source}, column) for column in own}
            for id, source, fields in entries
        ]
        return Sheet(name, self.context.aliases.get(name, name), own, rows)

    def _entries(self, form: Form, graphs: Mapping[str, Graph]) -> Iterator[tuple[str, str, dict[str, Value]]]:
        """Ids, sources and fields; what several sources describe stands together."""
        writer = Writer(self.forms, self.context, self.choices)
        found = [(node, source) for source, graph in graphs.items() for node in graph.instances(form.iri)]
        for node, source in sorted(found, key=lambda pair: (sort_key(pair[0]), pair[1])):
            id = self.iris.id(node)
            if id and node == self.iris.entity(id):
                yield id, source, writer.fields(node, form, graphs[source])

    def _misread(self, content: bytes, sheets: Sequence[Sheet]) -> list[tuple[Sheet, Column]]:
        """The columns that would not be read as what the graph says."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.xlsx"
            path.write_bytes(content)
            load = self.read(path)
        wrong: dict[tuple[str, str], tuple[Sheet, Column]] = {}
        for batch in load.batches:
            before = by_owner(canonical(self.sources[batch.source].triples), self.iris)
            after = by_owner(canonical(batch.triples), self.iris)
            for owner, entry in batch.entries.items():
                sheet = next(one for one in sheets if one.title == entry.at.sheet)
                for property, value in _differing(owner, before.get(owner, set()), after.get(owner, set())):
                    for column in sheet.covering(property, value, entry, self.context):
                        wrong[sheet.title, column.heading] = sheet, column
        for note in load.refusals:
            places = ((sheet, sheet.at(note.at)) for sheet in sheets)
            found = next(((sheet, column) for sheet, column in places if column is not None), None)
            if found is None:
                raise StoreError(f"the workbook would be refused: {note.messages['en']}", note.messages["bg"])
            wrong[found[0].title, found[1].heading] = found
        return [*wrong.values()]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet in the making."""

    class_name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]

    def at(self, at: Locator | None) -> Column | None:
        """The column in which a place is."""
        if at is None or at.sheet != self.title:
            return None
        return next((one for one in self.columns if one.heading == at.column), None)

    def covering(self, property: NamedNode, value: Node, entry: Entry, context: Context) -> Iterator[Column]:
        """The columns that speak of a statement."""
        for column in self.columns:
            heads: dict[Path_, Locator] = {column.path: entry.at}
            if Coverage(replace(entry, heads=heads), context)(property, value) and column.fields:
                yield column


def _differing(owner: str, before: set[Triple], after: set[Triple]) -> Iterator[tuple[NamedNode, Node]]:
    """Statements about a thing that only one of the two sides has."""
    one, other = said(before, NamedNode(owner)), said(after, NamedNode(owner))
    for property in {*one, *other}:
        for value, _ in one.get(property, frozenset()) ^ other.get(property, frozenset()):
            yield property, value


def _count(fields: Mapping[str, Value], steps: Steps, usage: dict[Steps, Usage]) -> None:
    """Notes what an entry has of each field."""
    for name, value in fields.items():
        here = (*steps, name)
        use = usage.setdefault(here, Usage())
        if isinstance(value, dict):
            use.languages |= value.keys()
            for texts in value.values():
                _count_items(texts if isinstance(texts, list) else [], here, use, usage)
        else:
            _count_items(value if isinstance(value, list) else [value], here, use, usage)


def _count_items(items: Sequence[Value], steps: Steps, use: Usage, usage: dict[Steps, Usage]) -> None:
    use.most = max(use.most, len(items))
    for item in items:
        if isinstance(item, dict):
            _count(item, steps, usage)
        elif ";" in item:
            use.apart = True


def _cell(fields: Mapping[str, Value], column: Column) -> str:
    """What an entry has in a column."""
    value: Value = {**fields}
    for step in column.path:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return ""
            value = value[step]
            continue
        if isinstance(value, list):
            value = value[0] if value else {}
        value = value.get(step, "") if isinstance(value, dict) else ""
    if isinstance(value, list):
        return "; ".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""
