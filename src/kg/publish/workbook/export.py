"""What is known of some classes as a workbook that can be changed and loaded again.

A row is what one source says of one thing. Beside each sheet stands a hidden one with what was exported, by which a
load knows the cells that were changed since, and what somebody else has changed. The workbook is read once as if it had
been typed: what would be taken for something else than the graph says is fixed, and cannot be changed in a table.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from kg.books import saved
from kg.context import Codes, Context
from kg.entry import Entry, Value
from kg.form import Form, Forms, Need
from kg.graph import sort_key
from kg.iris import Iris
from kg.load.describe import Describer
from kg.load.exported import FIXED, Key, field_of, named
from kg.load.from_workbook import read_xlsx
from kg.load.provenance import Origin
from kg.load.said import Field, by_owner, canonical, marks, name_of, said
from kg.publish.workbook import words
from kg.publish.workbook.columns import Column, Content, Steps, Usage, columns
from kg.publish.workbook.entries import Graph, Writer
from kg.publish.workbook.lists import Choices
from kg.publish.workbook.sheets import Book, Row
from kg.publish.workbook.template import ID

SOURCE = Column(words.SOURCE, Content.SOURCE, Need.OPTIONAL, path=("source",))
ROW = Column(words.ROW, Content.ROW, Need.OPTIONAL)


@dataclass(frozen=True, slots=True)
class Exported:
    """The workbook's content, how many rows it has, and what it cannot do."""

    content: bytes
    rows: int
    fixed: Mapping[str, Sequence[str]]  # fields with values that a cell cannot hold as they are, by sheet
    left_out: int  # things that cannot be named in a workbook: they are of other hosts


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet in the making."""

    form: Form
    title: str
    columns: Sequence[Column]
    rows: Mapping[Key, Row]

    def fields(self, context: Context) -> list[Field]:
        """The fields that its columns are of."""
        return [*dict.fromkeys(field_of(one.path, context) for one in self.columns if one.fields)]


@dataclass(frozen=True)
class Export:
    """Makes workbooks of what the sources of a release say."""

    forms: Forms
    context: Context
    codes: Codes
    choices: Choices
    iris: Iris
    release: int
    sources: Mapping[str, Sequence[Triple]]

    def of(self, classes: Sequence[str]) -> Exported:
        """The workbook with a sheet for each of the classes, given by their English names."""
        graphs = {source: Graph.of(triples) for source, triples in sorted(self.sources.items())}
        sheets = [self._sheet(name, graphs) for name in classes]
        book = Book(self.context, self.codes, self.choices)
        for sheet in sheets:
            rows = [{**row, words.ROW: named(key)} for key, row in sheet.rows.items()]
            book.sheet(sheet.form, [*sheet.columns, ROW], rows)
        typed = self._typed(saved(book.book))
        fixed: dict[str, Sequence[str]] = {}
        for sheet in sheets:
            told = self._marks(sheet, typed)
            book.keep(sheet.title, self.release, sheet.columns, [(row, told[key]) for key, row in sheet.rows.items()])
            names = {name for known in told.values() for name, mark in known.items() if mark == FIXED}
            fixed[sheet.title] = sorted(self._called(name) for name in names)
        found = {
            node for name in classes for graph in graphs.values() for node in graph.instances(self.forms.of(name).iri)
        }
        return Exported(
            saved(book.finish(exported=True)),
            sum(len(sheet.rows) for sheet in sheets),
            {title: names for title, names in fixed.items() if names},
            sum(self.iris.id(node) is None for node in found),
        )

    def _is_own(self, node: NamedNode) -> bool:
        id = self.iris.id(node)
        return id is not None and node == self.iris.entity(id)

    def _called(self, name: str) -> str:
        field, *language = name.split(".")
        return ".".join([self.context.aliases.get(field, field), *language])

    def _sheet(self, name: str, graphs: Mapping[str, Graph]) -> Sheet:
        form = self.forms.of(name)
        entries = [*self._entries(form, graphs)]
        usage: dict[Steps, Usage] = {}
        for _, _, fields in entries:
            _count(fields, (), usage)
        own = [one for one in columns(form, self.context, usage) if not any(field.term.reverse for field in one.fields)]
        told = [ID, SOURCE, *own]
        rows = {
            (id, source): {column.heading: _cell({**fields, "id": id, "source": source}, column) for column in told}
            for id, source, fields in entries
        }
        return Sheet(form, self.context.aliases.get(name, name), told, rows)

    def _entries(self, form: Form, graphs: Mapping[str, Graph]) -> Iterator[tuple[str, str, dict[str, Value]]]:
        """Ids, sources and fields; what several sources describe stands together."""
        writer = Writer(self.forms, self.context, self.choices)
        found = [(node, source) for source, graph in graphs.items() for node in graph.instances(form.iri)]
        for node, source in sorted(found, key=lambda pair: (sort_key(pair[0]), pair[1])):
            if self._is_own(node):
                yield self.iris.id(node) or "", source, writer.fields(node, form, graphs[source])

    def _typed(self, content: bytes) -> Mapping[str, Mapping[str, set[Triple]]]:
        """What the workbook would say if somebody had typed it, by source and thing."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.xlsx"
            path.write_bytes(content)
            book = read_xlsx(path, None, self.context, whole=True)
        entries: dict[str, list[Entry]] = defaultdict(list)
        for entry in book.entries:
            if entry.amends is not None:
                entries[entry.amends.source].append(entry)
        describer = Describer(self.context, self.codes, self.iris, self.choices.names)
        found: dict[str, Mapping[str, set[Triple]]] = {}
        for source, own in entries.items():
            graph = self.iris.graph(source)
            batch = describer.describe(source, own, Origin(graph.value, f"{graph.value}/"))
            found[source] = by_owner(canonical(batch.triples), self.iris)
        return found

    def _marks(self, sheet: Sheet, typed: Mapping[str, Mapping[str, set[Triple]]]) -> Mapping[Key, Mapping[str, str]]:
        """For each row how its values are known again; of those that would be read as something else, that."""
        fields, name = sheet.fields(self.context), sheet.form.class_name
        found: dict[Key, Mapping[str, str]] = {}
        for source in {source for _, source in sheet.rows}:
            stated = by_owner(self.sources[source], self.iris)
            for id in (id for id, one in sheet.rows if one == source):
                node = self.iris.entity(id)
                here, there = (
                    marks(said(of.get(node.value, set()), node), fields, name, self.context, self.iris)
                    for of in (stated, typed.get(source, {}))
                )
                names = dict.fromkeys(name_of(one) for one in fields)
                found[id, source] = {
                    one: here.get(one, "") if here.get(one) == there.get(one) else FIXED
                    for one in names
                    if one in here or one in there
                }
        return found


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
