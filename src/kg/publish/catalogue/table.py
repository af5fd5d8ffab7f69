"""The things of a dataset as one table: a row for each, a column for each property in each language."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

from pyoxigraph import Literal, NamedNode, Quad

from kg.graph import Node, sort_key
from kg.iris import Iris
from kg.namespaces import MKG, RDF, RDFS, XSD

SEPARATOR: Final = " | "
"""Between the values of one cell."""

_LEFT: Final = frozenset({MKG.evidence})

_Cells = Mapping[str, Sequence[Node]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the property whose values stand in it, the language or the datatype of all of them."""

    name: str
    property: NamedNode
    language: str | None = None
    datatype: NamedNode | None = None  # None for IRIs
    several: bool = False


@dataclass(frozen=True)
class Table:
    """Columns in the order of the context, and rows by id; cells are as RDF has them, without datatype and language."""

    columns: Sequence[Column]
    rows: Sequence[tuple[str, _Cells]]

    def write(self, output: IO[bytes]) -> None:
        """CSV by RFC 4180, in UTF-8, with a header."""
        text = io.TextIOWrapper(output, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text)
        writer.writerow(["id", *(column.name for column in self.columns)])
        for id, cells in self.rows:
            row = (SEPARATOR.join(map(_text, cells.get(column.name, ()))) for column in self.columns)
            writer.writerow([id, *row])
        text.flush()
        text.detach()

    def metadata(self, address: str, titles: Mapping[str, Mapping[str, str]]) -> bytes:
        """What the columns mean (CSV on the Web); `titles` are the names of properties by language."""
        id = {"name": "id", "titles": "id", "datatype": "anyURI", "required": True, "suppressOutput": True}
        columns: list[Mapping[str, Any]] = [id]
        for column in self.columns:
            told: dict[str, Any] = {"name": column.name.replace("@", "_").replace(".", "_"), "titles": column.name}
            names = titles.get(column.property.value)
            if names:
                told["dc:description"] = {tag: names[tag] for tag in sorted(names) if tag}
            told["propertyUrl"] = column.property.value
            if column.language:
                told["lang"] = column.language
            if column.datatype is None:
                told |= {"datatype": "anyURI", "valueUrl": f"{{+{told['name']}}}"}
            else:
                told["datatype"] = _DATATYPES.get(column.datatype, "string")
            if column.several:
                told["separator"] = SEPARATOR
            columns.append(told)
        schema = {"aboutUrl": "{+id}", "primaryKey": "id", "columns": columns}
        whole = {
            "@context": "http://www.w3.org/ns/csvw",
            "url": address,
            "dialect": {"encoding": "utf-8", "header": True},
            "tableSchema": schema,
        }
        return json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n"


_DATATYPES: Final[Mapping[NamedNode, str]] = {
    XSD.date: "date",
    XSD.dateTime: "dateTime",
    XSD.decimal: "decimal",
    XSD.integer: "integer",
    XSD.boolean: "boolean",
    XSD.gYear: "gYear",
    XSD.gYearMonth: "gYearMonth",
}


def table(quads: Iterable[Quad], iris: Iris, names: Mapping[str, str]) -> Table:
    """The table of all entities in the quads; `names` are those of properties, in the order of columns.

    What is nested in an entity stands in its row, under „property.property“.
    """
    about: dict[NamedNode, dict[NamedNode, set[Node]]] = {}
    for quad in quads:
        if isinstance(quad.subject, NamedNode):
            about.setdefault(quad.subject, {}).setdefault(quad.predicate, set()).add(quad.object)
    things = [node for node in about if iris.id(node) is not None and node.value == f"{iris.ids}{iris.id(node)}"]
    rows: list[tuple[str, dict[str, list[Node]]]] = []
    columns: dict[str, Column] = {}
    for node in sorted(things, key=sort_key):
        cells: dict[str, list[Node]] = {}
        for name, property, value in _cells(node, about, names, ""):
            column = _column(name, property, value)
            cells.setdefault(column.name, []).append(value)
            known = columns.get(column.name)
            if known is None:
                columns[column.name] = column
            elif known.datatype != column.datatype:
                columns[column.name] = Column(column.name, property, None, XSD.string)
        rows.append((node.value, cells))
    for _, cells in rows:
        for name, values in cells.items():
            values.sort(key=sort_key)
            if len(values) > 1 and not columns[name].several:
                one = columns[name]
                columns[name] = Column(one.name, one.property, one.language, one.datatype, several=True)
    order = {name: place for place, name in enumerate(names.values())}
    places = sorted(columns, key=lambda name: (_place(name, order), name))
    return Table([columns[name] for name in places], rows)


def _cells(
    node: NamedNode, about: Mapping[NamedNode, Mapping[NamedNode, set[Node]]], names: Mapping[str, str], above: str
) -> Iterator[tuple[str, NamedNode, Node]]:
    for property, values in about[node].items():
        if property in _LEFT or (property not in {RDF.type, RDFS.label} and property.value not in names):
            continue
        name = above + {RDF.type: "type", RDFS.label: "label"}.get(property, names.get(property.value, ""))
        for value in values:
            nested = isinstance(value, NamedNode) and value.value.startswith((f"{node.value}/", f"{node.value}#"))
            if nested and value in about and not above:
                assert isinstance(value, NamedNode)
                yield from _cells(value, about, names, f"{name}.")
            elif not nested and not (above and property == RDF.type):
                yield name, property, value


def _column(name: str, property: NamedNode, value: Node) -> Column:
    if not isinstance(value, Literal):
        return Column(name, property)
    if value.language:
        return Column(f"{name}@{value.language}", property, value.language, XSD.string)
    return Column(name, property, None, value.datatype)


def _place(name: str, order: Mapping[str, int]) -> tuple[int, ...]:
    plain = name.partition("@")[0]
    if plain in {"type", "label"}:
        return (-2 if plain == "type" else -1,)
    return tuple(order.get(step, len(order)) for step in plain.split("."))


def _text(value: Node) -> str:
    return value.value if isinstance(value, (Literal, NamedNode)) else str(value)
