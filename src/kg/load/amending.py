"""Amendments: rows that say anew what their sources say of some things; whatever they do not speak of stays.

A row speaks of the fields that its table has columns for, the empty ones too. What it says as it was said before keeps
the evidence that it had; what is new has the row as its evidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from kg.context import Context, Term
from kg.entry import Entry
from kg.graph import Node
from kg.iris import Iris
from kg.load.describe import Batch
from kg.load.minting import digest
from kg.namespaces import MKG, RDF, SCHEMA, XSD

_SPAN = MKG.dateAsStated.value
_START = frozenset({SCHEMA.startDate.value, MKG.startPrecision.value, MKG.startTime.value})
_END = frozenset({SCHEMA.endDate.value, MKG.endPrecision.value, MKG.endTime.value})


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a source: its triples, the IRI of its document, the files it was loaded from."""

    triples: tuple[Triple, ...]
    document: str
    files: tuple[str, ...]


def amended(batch: Batch, by: Batch, iris: Iris, context: Context) -> Batch:
    """The batch with the rows of an amending one in place of what it says of the same things."""
    rows = by_owner(canonical(by.triples), iris)
    held = canonical(batch.triples)
    stays: set[Triple] = set()
    before: dict[str, set[Triple]] = defaultdict(set)
    for triple in held:
        owner = _owner(triple, iris)
        if owner in by.entries:
            before[owner].add(triple)
        else:
            stays.add(triple)
    for owner, triples in rows.items():
        if owner in by.entries:
            stays |= {*_Change(owner, before[owner], triples, by.entries[owner], context, iris).outcome()}
        else:
            stays |= triples
    said_by = batch.files if stays == held else (*batch.files, *by.files)  # who changes nothing says nothing
    return replace(
        batch,
        triples=tuple(sorted(stays, key=str)),
        entries={**batch.entries, **by.entries},
        notes=(*batch.notes, *by.notes),
        files=tuple(sorted({*said_by})),
    )


def canonical(triples: Iterable[Triple]) -> set[Triple]:
    """The triples as the engine keeps them: numbers have one form there."""
    store = Store()
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    return {quad.triple for quad in store}


def by_owner(triples: Iterable[Triple], iris: Iris) -> Mapping[str, set[Triple]]:
    """Triples by the thing that they are about, with all that is nested in it."""
    found: dict[str, set[Triple]] = defaultdict(set)
    for triple in triples:
        found[_owner(triple, iris)].add(triple)
    return found


def _owner(triple: Triple, iris: Iris) -> str:
    """The IRI of the thing that a triple is about, or that what it is about is nested in."""
    subject = triple.subject
    id = iris.id(subject) if isinstance(subject, NamedNode) else None
    return f"{iris.ids}{id}" if id else str(subject)


Value = tuple[Node, frozenset[Triple]]
"""A value, and what is said of it where it is nested."""
Said = Mapping[NamedNode, frozenset[Value]]


class _Change:
    """One thing before and after a row."""

    def __init__(
        self, owner: str, before: set[Triple], row: set[Triple], entry: Entry, context: Context, iris: Iris
    ) -> None:
        self.owner = NamedNode(owner)
        self.iris = iris
        self.before, self.row = before, row
        old, new = said(before, self.owner), said(row, self.owner)
        covers = Coverage(entry, context)
        kept = {
            property: {value for value in values if not covers(property, value[0])} for property, values in old.items()
        }
        self.old = old
        self.new: Said = {
            property: frozenset({*kept.get(property, ()), *new.get(property, ())}) for property in {*kept, *new}
        }

    def outcome(self) -> Iterator[Triple]:
        """What is said of the thing from now on, with its evidence."""
        if not self.before:
            yield from self.row
            return
        if all(self.new.get(one, frozenset()) == self.old.get(one, frozenset()) for one in {*self.new, *self.old}):
            yield from self.before
            return
        for property, values in self.new.items():
            for value, nested in values:
                yield Triple(self.owner, property, value)
                yield from nested
        yield from self._evidence()

    def _evidence(self) -> Iterator[Triple]:
        stays = {one: self.old.get(one, frozenset()) & self.new.get(one, frozenset()) for one in {*self.old, *self.new}}
        added = {one: values - stays[one] for one, values in self.new.items() if values - stays[one]}
        for evidence in _evidence_of(self.before, self.owner):
            yield from self._narrowed(evidence, {one: values for one, values in stays.items() if values}, added)
        whole = {one for one in added if not stays[one]}
        for evidence in _evidence_of(self.row, self.owner):
            if whole:
                yield from evidence.triples(self.owner, whole, set())
            for one in added.keys() - whole:
                yield from self._apart(evidence, one, {value for value, _ in added[one]})

    def _narrowed(self, evidence: Evidence, stays: Said, added: Said) -> Iterator[Triple]:
        """What the evidence still vouches for, of what stays."""
        properties = (evidence.properties or set(self.old)) & stays.keys()
        if evidence.values:
            held = {value for one in properties for value, _ in stays[one]}
            if evidence.values & held:
                yield from evidence.triples(self.owner, properties, evidence.values & held)
            return
        mixed = properties & added.keys()
        if properties - mixed:
            yield from evidence.triples(self.owner, properties - mixed, set())
        for one in mixed:
            yield from self._apart(evidence, one, {value for value, _ in stays[one]})

    def _apart(self, evidence: Evidence, property: NamedNode, values: set[Node]) -> Iterator[Triple]:
        """The evidence for some values of a property alone."""
        name = digest([*sorted(str(triple.object) for triple in evidence.rest), property.value], self.iris)
        node = NamedNode(f"{self.owner.value}/evidence/{name}")
        yield from replace(evidence, node=node).triples(self.owner, {property}, values)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One Evidence node, apart from the properties and values it is for; without any it is for all."""

    node: Node
    rest: frozenset[Triple]
    properties: frozenset[NamedNode]
    values: frozenset[Node]

    def triples(self, owner: NamedNode, properties: Iterable[NamedNode], values: Iterable[Node]) -> Iterator[Triple]:
        """The node for these properties and values."""
        assert isinstance(self.node, NamedNode)
        yield Triple(owner, MKG.evidence, self.node)
        for triple in self.rest:
            yield Triple(self.node, triple.predicate, triple.object)
        for property in properties:
            yield Triple(self.node, MKG.ofProperty, property)
        for value in values:
            yield Triple(self.node, MKG.ofValue, value)


def _evidence_of(triples: set[Triple], owner: NamedNode) -> Iterator[Evidence]:
    own: dict[Node, set[Triple]] = {
        triple.object: set() for triple in triples if triple.subject == owner and triple.predicate == MKG.evidence
    }
    for triple in triples:
        if triple.subject in own:
            own[triple.subject].add(triple)
    for node, said in sorted(own.items(), key=lambda pair: str(pair[0])):
        yield Evidence(
            node,
            frozenset(one for one in said if one.predicate not in {MKG.ofProperty, MKG.ofValue}),
            frozenset(
                one.object for one in said if one.predicate == MKG.ofProperty and isinstance(one.object, NamedNode)
            ),
            frozenset(one.object for one in said if one.predicate == MKG.ofValue),
        )


def said(triples: set[Triple], owner: NamedNode) -> dict[NamedNode, frozenset[Value]]:
    """What is said of a thing, its evidence apart: by property, each value with all that is nested in it."""
    below: dict[Node, list[Triple]] = defaultdict(list)
    for triple in triples:
        below[triple.subject].append(triple)

    def nested(value: Node) -> frozenset[Triple]:
        found: dict[Triple, None] = {}
        todo = [value]
        while todo:
            for triple in below.get(todo.pop(), ()):
                if triple not in found:
                    found[triple] = None
                    todo.append(triple.object)
        return frozenset(found)

    own: dict[NamedNode, set[Value]] = defaultdict(set)
    for triple in below.pop(owner, ()):
        if triple.predicate != MKG.evidence:
            own[triple.predicate].add((triple.object, nested(triple.object)))
    return {property: frozenset(values) for property, values in own.items()}


class Coverage:
    """Which statements of its thing a row speaks of."""

    def __init__(self, entry: Entry, context: Context) -> None:
        self._context = context
        types = (value for written, value in entry.fields.items() if context.field(written) == "type")
        class_name = next((context.class_name(one) for one in types if isinstance(one, str)), None)
        self._whole: set[str] = {RDF.type.value}
        self._languages: set[tuple[str, str]] = set()
        self._datatypes: set[tuple[str, str]] = set()
        for path in entry.heads:
            name = context.field(str(path[0]))
            term = context.term(name, class_name) if name else None
            if term is not None and not term.reverse:
                self._add(term, str(path[1]) if len(path) > 1 else "bg")

    def _add(self, term: Term, language: str) -> None:
        hints = self._context.hints
        if term.language:
            self._languages.add((term.iri, language))
        elif term.iri == _SPAN:
            self._whole |= {_SPAN, *_START, *_END}
        elif term.date and hints.starts(term.iri):
            self._whole |= {term.iri, *(_START - {SCHEMA.startDate.value})}
        elif term.date and hints.ends(term.iri):
            self._whole |= {term.iri, *(_END - {SCHEMA.endDate.value})}
        elif sum(one.iri == term.iri for one in self._context.terms.values()) > 1:
            self._datatypes.add((term.iri, term.coercion or XSD.string.value))
        else:
            self._whole.add(term.iri)

    def __call__(self, property: NamedNode, value: Node) -> bool:
        if property.value in self._whole:
            return True
        if not isinstance(value, Literal):
            return False
        if value.language:
            return (property.value, value.language) in self._languages
        return (property.value, value.datatype.value) in self._datatypes
