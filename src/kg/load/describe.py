"""Entries become triples: read one by one, with their evidence, and typed by the context."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from kg.context import Codes, Context
from kg.entry import Entry, Locator
from kg.finding import Finding
from kg.iris import Iris, Slug, plain
from kg.load import evidence
from kg.load.minting import renamed, stand_in
from kg.load.names import Names
from kg.load.problems import Problems
from kg.load.provenance import Origin
from kg.load.reading import Reading, called
from kg.load.values import Json, Values


@dataclass(frozen=True, slots=True)
class Batch:
    """What one source says: its triples, and the entry behind each subject."""

    source: str
    graph: NamedNode
    triples: tuple[Triple, ...]
    entries: Mapping[str, Entry] = field(default_factory=dict)  # by the subject's IRI
    notes: tuple[Finding, ...] = ()  # what is wrong or worth saying
    files: tuple[str, ...] = ()
    amendments: Mapping[str, Entry] = field(default_factory=dict)  # the rows that say some of it anew
    amended_by: tuple[str, ...] = ()  # the workbooks of these rows
    given: tuple[str, ...] = ()  # all workbooks that were to amend it
    unread: frozenset[str] = frozenset()  # IRIs of entries that could not be described

    def entry(self, subject: str) -> Entry | None:
        """The entry of a subject, or of the thing it is nested in."""
        while subject:
            if subject in self.entries:
                return self.entries[subject]
            cut = max(subject.rfind("#"), subject.rfind("/"))
            subject = subject[:cut] if cut > 0 else ""
        return None

    def told_by(self, subject: str) -> tuple[Entry, ...]:
        """The entries that speak of a subject, or of what it is nested in; one that says some of it anew is first."""
        found = [_nearest(self.amendments, subject), self.entry(subject)]
        return tuple(one for one in found if one is not None)


def _nearest(entries: Mapping[str, Entry], subject: str) -> Entry | None:
    while subject:
        if subject in entries:
            return entries[subject]
        cut = max(subject.rfind("#"), subject.rfind("/"))
        subject = subject[:cut] if cut > 0 else ""
    return None


@dataclass(slots=True)
class Describer:
    """Turns entries of one source into triples; the context, the code lists and the known names decide."""

    context: Context
    codes: Codes
    iris: Iris
    names: Names
    slug_of: Slug = plain  # makes ids from texts

    def describe(
        self,
        source: str,
        entries: Sequence[Entry],
        origin: Origin,
        period: str | None = None,
        head: Mapping[str, Locator] = MappingProxyType({}),
    ) -> Batch:
        """The batch of a source: what could be read of its entries, and among the notes everything that is wrong.

        `head` tells where period and basis stand.
        """
        problems = Problems()
        values = Values(self.context, self.codes, self.iris, self.names, problems, slug_of=self.slug_of)
        top = Locator(entries[0].at.file, line=1)
        if period:
            values.period = values.interval(period, head.get("period", top), "period")
        basis = self.context.terms["basis"]
        values.code(basis, origin.basis, head.get("basis", top), "basis")
        documents: list[Json] = []
        by_subject: dict[str, Entry] = {}
        unread: set[str] = set()
        for entry in entries:
            reading = Reading(values, entry)
            document = reading.document()
            named = stand_in(entry, reading.keyword("id") or entry.proposed or "", self.iris)
            subject = str(document["id"]) if document else ""
            if subject != named:
                unread.add(named)
            if document is None:
                continue
            evidence.attach(document, reading, origin)
            if subject in by_subject:
                first = by_subject[subject].at
                problems.add(
                    reading.place("id"),
                    f"{self.iris.id(subject)} is already described at {first}; put the two together",
                    f"„{self.iris.id(subject)}“ вече е описано на {first}; обединете двата записа",
                    field=called(entry, "id", self.context),
                    value=self.iris.id(subject),
                    kind="DescribedTwice",
                )
                again = f"{subject}-{len(by_subject)}"  # what else is wrong with it is told, too
                document, subject = renamed(document, subject, again), again
            by_subject[subject] = entry
            documents.append(document)
        triples = tuple(self._triples(documents))
        described = {triple.subject.value for triple in triples if isinstance(triple.subject, NamedNode)}
        lost = by_subject.keys() - described
        assert not lost, f"entries without a triple: {sorted(lost)[:3]}"
        files = tuple(sorted({entry.at.file for entry in entries}))
        graph, notes = self.iris.graph(source), tuple(problems)
        return Batch(source, graph, triples, by_subject, notes, files, unread=frozenset(unread))

    def _triples(self, documents: Sequence[Json]) -> Iterator[Triple]:
        context = self.context.part(_names(documents))
        text = json.dumps({**context, "@graph": documents}, ensure_ascii=False)
        seen: set[Triple] = set()
        for quad in parse(text, RdfFormat.JSON_LD, base_iri=self.iris.ids):
            if quad.triple not in seen:
                seen.add(quad.triple)
                yield quad.triple


def _names(documents: Sequence[Json]) -> set[str]:
    """The fields and classes that stand in these nodes."""
    names: set[str] = set()
    todo: list[Json] = [*documents]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            names.update(node)
            if isinstance(type_ := node.get("type"), str):
                names.add(type_)
            todo += node.values()
        elif isinstance(node, list):
            todo += node
    return names
