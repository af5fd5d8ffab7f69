"""Back from a finding to the place that caused it: the field as its author wrote it, its line or cell."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode, Quad

from kg.context import Context, Term
from kg.entry import Entry, Locator, Path_, Value
from kg.gate import ID, Origin
from kg.graph import Node, View
from kg.iris import Iris, slug
from kg.load import Load
from kg.load.describe import Batch
from kg.namespaces import MKG, OA, RDF, SCHEMA

_STARTS = frozenset({SCHEMA.startDate.value, MKG.startPrecision.value, MKG.startTime.value})
_ENDS = frozenset({SCHEMA.endDate.value, MKG.endPrecision.value, MKG.endTime.value})
_SEGMENT = re.compile(r"[^/#]*")
_PLACE = re.compile(r"(?P<file>[^#]+)#(?:line=\d+,(?P<line>\d+)|(?:sheet=(?P<sheet>[^&]+)&)?row=(?P<row>\d+))\Z")


@dataclass(frozen=True)
class Written:
    """Origins of what a load brings; of what was there before, the file and where its entry begins."""

    load: Load
    context: Context
    iris: Iris
    before: View

    def __call__(
        self, subject: str, path: str | None, graph: NamedNode | None = None, value: Node | None = None
    ) -> Origin:
        """The field's place, else its entry's, else its file."""
        nearest: Origin | None = None
        for batch in self.load.batches:
            if graph is not None and batch.graph != graph:
                continue
            for entry in batch.told_by(subject):
                at, field = self._within(batch, entry, subject, path, value)
                if field is not None:
                    return at, field
                nearest = nearest or (at, None)
        return nearest or (self._recorded(subject, graph, path), None)

    def statement(self, subject: str, path: str, graph: NamedNode | None = None) -> Statement | None:
        """How a property of something in this load was written; None of what it does not bring."""
        nearest: Statement | None = None
        for batch in self.load.batches:
            for entry in batch.told_by(subject) if graph is None or batch.graph == graph else ():
                node = self._node(batch, entry, subject)
                field = self._field(node, path)
                name = self.context.field(field) if field else self.context.by_iri.get(path)
                term = self.context.term(name, node.class_name) if name else None
                found = Statement(entry, term, node.fields[field] if field else None)
                if field is not None:
                    return found
                nearest = nearest or found
        return nearest

    def _within(self, batch: Batch, entry: Entry, subject: str, path: str | None, value: Node | None) -> Origin:
        node = self._node(batch, entry, subject)
        field = self._field(node, path) if path else None
        if field is None:
            empty = self._empty(entry, node, path) if path else None
            if empty is not None:
                return empty, empty.column
            around = [step for step in node.steps if isinstance(step, str)]
            at = entry.place(node.steps)
            return at, at.column or around[-1] if around else None
        steps: Path_ = (*node.steps, field)
        inside = node.fields[field]
        if isinstance(inside, list):
            chosen = _alike(inside, _forms([value]) if value is not None else set())
            steps = (*steps, chosen) if chosen is not None else steps
        elif isinstance(inside, dict) and isinstance(value, Literal) and value.language in inside:
            steps = (*steps, value.language)
        at = entry.place(steps)
        return at, at.column or field

    def _node(self, batch: Batch, entry: Entry, subject: str) -> _Node:
        """The fields that say something of the subject: the entry's, or those of something nested in it."""
        node = _Node(entry.fields, self._class_name(entry.fields), ())
        below = subject.removeprefix(self.iris.ids + (self.iris.id(subject) or ""))
        while below and (inner := self._inner(node, below, batch, subject)):
            node, below = inner
        return node

    def _empty(self, entry: Entry, node: _Node, path: str) -> Locator | None:
        """The cell that was left empty and belongs to the property; else that of the date which it follows from."""
        following: Locator | None = None
        for steps, at in entry.places.items():
            if at.column is None or steps[: len(node.steps)] != node.steps or len(steps) != len(node.steps) + 1:
                continue
            name = self.context.field(str(steps[-1]))
            term = self.context.term(name, node.class_name) if name else None
            if term is not None and term.iri == path:
                return at
            if term is not None and term.iri == MKG.dateAsStated.value and path in _STARTS | _ENDS:
                following = at
        return following

    def _class_name(self, fields: Mapping[str, Value]) -> str | None:
        types = [value for name, value in fields.items() if self.context.field(name) == "type"]
        return self.context.class_name(types[0]) if types and isinstance(types[0], str) else None

    def _terms(self, node: _Node) -> Iterator[tuple[str, Term]]:
        for written in node.fields:
            name = self.context.field(written)
            term = self.context.term(name, node.class_name) if name else None
            if term is not None:
                yield written, term

    def _field(self, node: _Node, path: str) -> str | None:
        """The field that says this property, or from which the reader took it."""
        if path == ID:
            return next((name for name in node.fields if self.context.field(name) == "id"), None)
        if path == RDF.type.value:
            return next((name for name in node.fields if self.context.field(name) == "type"), None)
        terms = list(self._terms(node))
        exact = [written for written, term in terms if term.iri == path]
        if not exact and path in _STARTS | _ENDS:
            side = self.context.hints.starts if path in _STARTS else self.context.hints.ends
            exact = [written for written, term in terms if term.date and side(term.iri)]
            exact += [written for written, term in terms if term.iri == MKG.dateAsStated.value]
        return exact[0] if exact else None

    def _inner(self, node: _Node, below: str, batch: Batch, subject: str) -> tuple[_Node, str] | None:
        """The nested fields that a nested node comes from, and what is left of its name."""
        for written, term in self._terms(node):
            template = self.context.hints.nested(term.iri)
            if template is None:
                continue
            head = template.partition("{")[0]
            head = head if head.startswith("#") else f"/{head}"
            if not below.startswith(head):
                continue
            segment = _SEGMENT.match(below, len(head))
            rest = below[segment.end() if segment else len(head) :]
            inside = node.fields[written]
            steps: Path_ = (*node.steps, written)
            if isinstance(inside, list):
                said = self._said(batch)[subject.removesuffix(rest)]
                chosen = _alike(inside, said)
                if chosen is None:
                    return None
                inside, steps = inside[chosen], (*steps, chosen)
            if isinstance(inside, dict):
                range_ = sorted(self.context.hints.range(term.iri))
                names = [self.context.class_by_iri.get(iri) for iri in range_]
                return _Node(inside, names[0] if len(names) == 1 else None, steps), rest
        return None

    @cached_property
    def _index(self) -> dict[NamedNode, Mapping[str, set[str]]]:
        return {}

    def _said(self, batch: Batch) -> Mapping[str, set[str]]:
        """What a batch says of each subject, as people may have written it."""
        if batch.graph not in self._index:
            index: dict[str, set[str]] = defaultdict(set)
            for triple in batch.triples:
                if isinstance(triple.subject, NamedNode):
                    index[triple.subject.value] |= _forms([triple.object])
            self._index[batch.graph] = index
        return self._index[batch.graph]

    def _recorded(self, subject: str, graph: NamedNode | None, path: str | None) -> Locator | None:
        """Where something stands that this load does not bring: as the evidence for this property says, else any."""
        id = self.iris.id(subject)
        if id is None:
            return None
        owner = self.iris.entity(id)
        evidence = list(self.before.quads(owner, MKG.evidence, None, graph))
        evidence.sort(key=lambda quad: not self._is_of(quad, path))
        for quad in evidence:
            name = quad.graph_name
            if not isinstance(name, NamedNode) or not isinstance(quad.object, NamedNode):
                continue
            for target in self.before.quads(quad.object, OA.hasTarget, None, name):
                text = getattr(target.object, "value", "")
                if match := _PLACE.match(text.removeprefix(f"{name.value}/")):
                    row = int(match["row"]) if match["row"] else None
                    line = int(match["line"]) if match["line"] else None if match["sheet"] else row
                    sheet = unquote(match["sheet"]) if match["sheet"] else None
                    return Locator(unquote(match["file"]), line=line, sheet=sheet, row=row)
        holding = {quad.graph_name for quad in self.before.quads(owner, None, None, graph)}
        for name in sorted((name for name in holding if isinstance(name, NamedNode)), key=str):
            for file in self.before.quads(name, MKG.file, None, self.iris.meta):
                return Locator(getattr(file.object, "value", ""))
        return None

    def _is_of(self, link: Quad, path: str | None) -> bool:
        """Whether evidence names a property."""
        assert isinstance(link.object, NamedNode)
        return path is not None and any(
            True for _ in self.before.quads(link.object, MKG.ofProperty, NamedNode(path), link.graph_name)
        )


@dataclass(frozen=True, slots=True)
class Statement:
    """How a property was written: in which entry, as which field, and what stands there (None: nothing)."""

    entry: Entry
    term: Term | None
    value: Value | None

    def item(self, node: Node) -> str | None:
        """The text that says this value."""
        items = self.entry.split(self.value) if self.value is not None else []
        if isinstance(items, str):
            return items
        chosen = _alike(items, _forms([node])) if isinstance(items, list) else None
        text = items[chosen] if isinstance(items, list) and chosen is not None else None
        return text if isinstance(text, str) else None

    def whole(self, item: str, instead: str) -> str:
        """What the cell or field holds when one item of it is another."""
        items = self.entry.split(self.value) if isinstance(self.value, str) else None
        if not isinstance(items, list) or item not in items:
            return instead
        return "; ".join(instead if one == item else str(one) for one in items)


@dataclass(frozen=True, slots=True)
class _Node:
    """The fields of an entry, or of something nested in it."""

    fields: Mapping[str, Value]
    class_name: str | None
    steps: Path_


def _forms(nodes: Collection[Node]) -> set[str]:
    """How a person may have written these values: the text, the address, the id, the last word of the address."""
    forms: set[str] = set()
    for node in nodes:
        text = getattr(node, "value", "")
        forms.add(text)
        if isinstance(node, NamedNode):
            forms |= {text.rpartition("/")[2], "/".join(text.rsplit("/", 2)[1:])}
    return forms


def _alike(items: list[Value], forms: Collection[str]) -> int | None:
    """The item that says most of this; None when none does, or two as much."""
    scores = [sum(text in forms or slug(text) in forms for text in _texts(item)) for item in items]
    best = max(scores, default=0)
    return scores.index(best) if best and scores.count(best) == 1 else None


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value.strip()
    else:
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
