"""A release as a document: when it was made, of what, and which things are otherwise since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.formats import HTML
from kg.graph import Changes, Node, View
from kg.iris import Iris
from kg.namespaces import DCT, FOAF, PROV, RDF, RDFS, XSD
from kg.publish.history.activity import Deed
from kg.publish.history.difference import SHOWN, Edited, edited
from kg.publish.history.feed import Step
from kg.publish.history.pages import Entry, address, stamp
from kg.publish.labels import Texts, labels
from kg.publish.pages.templating import short
from kg.publish.resource import form

LISTED: Final = 200
"""Things that a page lists of each sort."""


def path(number: int) -> str:
    return f"/release/{number}"


def triples(step: Step) -> list[Triple]:
    """What is known of it, and where the rest is."""
    manifest = step.manifest
    base = manifest.base
    node, feed = NamedNode(base + path(manifest.number)), NamedNode(base + address(manifest.number))
    told = [
        Triple(node, RDF.type, PROV.Entity),
        Triple(node, DCT.identifier, Literal(str(manifest.number))),
        Triple(node, DCT.isVersionOf, NamedNode(f"{base}/dataset/graph")),
        Triple(node, PROV.generatedAtTime, Literal(stamp(step.moment), datatype=XSD.dateTime)),
        Triple(node, DCT.hasPart, feed),
        Triple(node, FOAF.page, NamedNode(base + form(path(manifest.number), HTML))),
    ]
    if manifest.parent is not None:
        told.append(Triple(node, PROV.wasRevisionOf, NamedNode(base + path(manifest.parent))))
    told += (Triple(node, DCT.source, Iris(base).graph(source)) for source in manifest.sources)
    return told


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, or a thing, as it is shown."""

    texts: Texts
    fallback: str
    address: str | None = None  # the path of its document


@dataclass(frozen=True, slots=True)
class Row:
    """What is said with one property of a thing, or of what is nested in it."""

    part: str  # which nested one, „“ for the thing itself
    property: Cell
    removed: Sequence[Cell]
    added: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Block:
    """A thing with what is said otherwise."""

    thing: Cell
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Group:
    """Things to which the same was done."""

    deed: str
    things: Sequence[Cell]
    more: int  # that are not listed


class Reading:
    """Shows what changed, by the names that a release has for things."""

    def __init__(self, view: View, base: str, bases: Iterable[str]) -> None:
        self._view, self._iris, self._bases = view, Iris(base), sorted({base, *bases})

    def groups(self, entries: Iterable[Entry]) -> list[Group]:
        """Things that have documents, by what was done to them; those of the language of the graph are left out."""
        by: dict[Deed, list[Cell]] = {deed: [] for deed in Deed}
        for entry in entries:
            id = next((id for base in self._bases if (id := Iris(base).id(entry.object)) is not None), None)
            if id is not None:
                address = None if entry.deed is Deed.DELETE else f"/doc/{id}"
                by[entry.deed].append(Cell(entry.names, id, address))
        return [Group(deed.value, cells[:LISTED], max(0, len(cells) - LISTED)) for deed, cells in by.items() if cells]

    def blocks(self, changes: Changes, among: Collection[str] | None = None) -> tuple[list[Block], int]:
        """Things that are described otherwise, and how many more there are; only those `among` some."""
        every = [one for one in edited(changes, self._bases) if among is None or one.thing in among]
        some = every[:SHOWN]
        names = {**_labels(changes.removed), **self._names(some)}
        return [self._block(one, names) for one in some], len(every) - len(some)

    def _block(self, one: Edited, names: Mapping[NamedNode, Texts]) -> Block:
        rows = [
            Row(
                edit.subject.value.removeprefix(one.thing).lstrip("#/"),
                self._cell(edit.property, names),
                [self._cell(value, names) for value in edit.removed],
                [self._cell(value, names) for value in edit.added],
            )
            for edit in one.edits
        ]
        return Block(self._cell(NamedNode(one.thing), names), rows)

    def _cell(self, value: Node, names: Mapping[NamedNode, Texts]) -> Cell:
        if isinstance(value, NamedNode):
            id = self._iris.id(value)
            there = any(quad.graph_name != self._iris.meta for quad in self._view.about(value)) if id else False
            shown = short(value.value).removeprefix(self._iris.ids)
            return Cell(names.get(value, {}), shown, f"/doc/{id}" if there else None)
        if isinstance(value, Literal) and value.language:
            return Cell({value.language: value.value}, value.value)
        return Cell({}, value.value if isinstance(value, Literal) else str(value))

    def _names(self, some: Iterable[Edited]) -> Mapping[NamedNode, Texts]:
        nodes: set[NamedNode] = set()
        for one in some:
            nodes.add(NamedNode(one.thing))
            for edit in one.edits:
                nodes.add(edit.property)
                nodes |= {value for value in (*edit.removed, *edit.added) if isinstance(value, NamedNode)}
        return labels(self._view, self._iris, nodes)


def _labels(quads: Iterable[Quad]) -> Mapping[NamedNode, Texts]:
    """What things were called that are called nothing any more."""
    found: dict[NamedNode, dict[str, str]] = {}
    for quad in quads:
        if quad.predicate == RDFS.label and isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
            found.setdefault(quad.subject, {})[quad.object.language or ""] = quad.object.value
    return found
