"""Amendments: rows of an exported workbook that say some fields of what their sources say anew; the rest stays.

What is said anew has the row as its evidence, what stays keeps the evidence that it had. What somebody else has changed
since the workbook was exported is not written over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from pyoxigraph import NamedNode, Triple

from kg.context import Codes, Context
from kg.entry import Amends, Entry, Locator, Path_
from kg.graph import Node
from kg.iris import ID, Iris
from kg.load.book import Added
from kg.load.completed import taken
from kg.load.describe import Batch
from kg.load.exported import FIXED, Key, field_of
from kg.load.minting import digest
from kg.load.names import Names
from kg.load.problems import Problems
from kg.load.provenance import Origin, place
from kg.load.said import Coverage, Field, Said, Value, by_owner, canonical, mark_of, marks, name_of, said
from kg.load.wording import Wording
from kg.namespaces import MKG, OA, RDF

_NOTHING: Final[frozenset[Value]] = frozenset()


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a source: its triples, the files it was loaded from, the workbooks that amended it."""

    triples: tuple[Triple, ...]
    files: tuple[str, ...]
    amended_by: tuple[str, ...] = ()

    def is_from(self, file: str, thing: NamedNode, iris: Iris) -> bool:
        """Whether what is said of a thing has its evidence in this file, and in no other."""
        places = {
            str(getattr(triple.object, "value", "")).partition("#")[0].rpartition("/")[2]
            for triple in self.triples
            if triple.predicate == OA.hasTarget
            and isinstance(triple.subject, NamedNode)
            and iris.id(triple.subject) == iris.id(thing)
        }
        return places == {quote(file)}


def amended(
    batch: Batch,
    by: Batch,
    rows: Mapping[Key, Locator],
    iris: Iris,
    context: Context,
    codes: Codes | None = None,
    names: Names | None = None,
) -> Batch:
    """The batch with what an exported workbook says anew; `rows` is where each of its rows stands now.

    Code lists and names are for telling what is there. Notes refuse what cannot be written: things that are there
    already or no longer, values changed by others since.
    """
    (file,) = by.files
    problems = Problems()
    wording = Wording(context, iris, codes, names)
    held = canonical(batch.triples)
    before = by_owner(held, iris)
    said_anew = by_owner(canonical(by.triples), iris)
    now = {owner: set(triples) for owner, triples in before.items()}
    for owner, entry in by.entries.items():
        assert entry.amends is not None
        change = _Change(
            owner, before.get(owner, set()), said_anew.get(owner, set()), entry, entry.amends, context, iris, wording
        )
        if not change.refused(problems):
            now[owner] = {*change.outcome()}
    for owner in said_anew.keys() - by.entries.keys():
        now.setdefault(owner, set()).update(said_anew[owner])
    graph = batch.graph.value
    for (id, source), at in rows.items():
        if source == batch.source and (triples := now.get(f"{iris.ids}{id}")):
            now[f"{iris.ids}{id}"] = _moved(triples, f"{graph}/{quote(file)}#", place(at, Origin(graph, f"{graph}/")))
    result = {triple for triples in now.values() for triple in triples}
    workbooks = batch.amended_by if result == held else (*batch.amended_by, file)  # who changes nothing says nothing
    return replace(
        batch,
        triples=tuple(sorted(result, key=str)),
        amendments={**batch.amendments, **by.entries},
        notes=(*batch.notes, *by.notes, *problems),
        amended_by=tuple(sorted({*workbooks})),
        given=(*batch.given, file),
    )


def remembered(entries: Iterable[Entry], batch: Batch | None, iris: Iris, context: Context) -> Iterator[Added]:
    """The rows among these that were new in an exported workbook, with what is known of them now."""
    new = [entry for entry in entries if entry.amends is not None and entry.amends.marks is None]
    if batch is None or not new:
        return
    known = by_owner(canonical(batch.triples), iris)
    for entry in new:
        assert entry.amends is not None
        for id in filter(ID.match, taken([entry], context)):
            owner = iris.entity(id)
            told = said(known.get(owner.value, set()), owner)
            class_name = _class_name(entry, context)
            found = marks(told, entry.amends.fields, class_name, context, iris)
            yield Added(id, batch.source, entry.amends.said, found)


def _class_name(entry: Entry, context: Context) -> str:
    types = (value for written, value in entry.fields.items() if context.field(written) == "type")
    return next((context.class_name(one) or "" for one in types if isinstance(one, str)), "")


def _moved(triples: set[Triple], file: str, target: str) -> set[Triple]:
    """The triples with evidence in this file where the row stands now."""
    return {
        Triple(one.subject, OA.hasTarget, NamedNode(target))
        if one.predicate == OA.hasTarget and getattr(one.object, "value", "").startswith(file)
        else one
        for one in triples
    }


class _Change:
    """One thing before and after a row."""

    def __init__(
        self,
        owner: str,
        before: set[Triple],
        row: set[Triple],
        entry: Entry,
        amends: Amends,
        context: Context,
        iris: Iris,
        wording: Wording,
    ) -> None:
        self.owner = NamedNode(owner)
        self.wording = wording
        self.iris, self.context = iris, context
        self.before, self.row = before, row
        self.entry, self.amends = entry, amends
        self.class_name = _class_name(entry, context)
        self.old = said(before, self.owner)
        covers = Coverage(amends.fields, self.class_name, context)
        row_said: Said = said(row, self.owner)
        if amends.added and before:  # of what is told whole, only what is told anew counts
            row_said = {
                property: frozenset(value for value in values if covers(property, value[0]))
                for property, values in row_said.items()
            }
        new: dict[NamedNode, set[Value]] = {
            property: {value for value in values if not covers(property, value[0])}
            for property, values in self.old.items()
        }
        for property, values in row_said.items():
            if property != RDF.type:
                new.setdefault(property, set()).update(values)
        self.new: Said = {property: frozenset(values) for property, values in new.items() if values}

    def refused(self, problems: Problems) -> bool:
        """Tells what keeps the row from being written."""
        told = len(problems)
        if self.amends.marks is None:
            if self.before and self.new != self.old:  # who says what is there already says nothing
                self._refuse_known(problems)
        elif not self.before:
            if self.amends.added:
                return False
            problems.add(
                self.entry.at,
                "what this row was exported from is no longer there; export the table anew",
                "записът, от който е изнесен редът, вече го няма; изнесете таблицата наново",
                kind="ChangedSince",
            )
        else:
            for field in self.amends.fields:
                self._refuse_changed(field, self.amends.marks, problems)
        return len(problems) > told

    def _refuse_known(self, problems: Problems) -> None:
        id = self.iris.id(self.owner)
        problems.add(
            self._place(("id",)),
            f"{id} is described already; export it to change it, or give this row another id",
            f"„{id}“ вече е описан; изнесете го, за да го промените, или дайте на реда друг идентификатор",
            field="id",
            value=id,
            kind="DescribedTwice",
        )

    def _refuse_changed(self, field: Field, known: Mapping[str, str], problems: Problems) -> None:
        covers = Coverage([field], self.class_name, self.context)
        mark, (cell, at) = known.get(name_of(field), ""), self._cell(field)
        name = at.column or self.context.aliases.get(field[0], field[0])
        if mark == FIXED:
            problems.add(
                at,
                f"what „{name}“ holds cannot be written in a cell; change it in the file that it comes from",
                f"стойността на „{name}“ не може да се запише в клетка; променете я във файла, от който е",
                field=name,
                kind="FixedValue",
            )
            return
        now = mark_of(self.old, covers, self.iris)
        if now in {mark, mark_of(self.new, covers, self.iris)}:
            return
        en, bg = (self.wording.of(self.old, cell, self.class_name, language) or "–" for language in ("en", "bg"))
        problems.add(
            at,
            f"„{name}“ has been changed elsewhere since the table was exported (now: {en}); export it anew and repeat "
            "the change",
            f"„{name}“ е променено другаде, след като таблицата е изнесена (сега: {bg}); изнесете я наново "
            "и повторете промяната",
            field=name,
            kind="ChangedSince",
        )

    def _place(self, field: Field) -> Locator:
        """The cell in which a field stands; the row, where there is none."""
        return self._cell(field)[1]

    def _cell(self, field: Field) -> tuple[Path_, Locator]:
        """The cell in which a field stands, one that was changed before others, and the path to it; else the row."""
        for path in (*self.amends.cells, *self.entry.places):
            at = self.entry.places.get(path)
            same = self.context.field(str(path[0])) == field[0]
            whole = len(field) == 1 or field_of(path, self.context) == field
            if same and whole and at is not None and at.column is not None:
                return path, at
        return field, self.entry.at

    def outcome(self) -> Iterator[Triple]:
        """What is said of the thing from now on, with its evidence."""
        if not self.before:
            yield from self.row
            return
        if self.new == self.old:
            yield from self.before
            return
        for property, values in self.new.items():
            for value, nested in values:
                yield Triple(self.owner, property, value)
                yield from nested
        yield from self._evidence()

    def _evidence(self) -> Iterator[Triple]:
        stays = {one: self.old.get(one, _NOTHING) & self.new.get(one, _NOTHING) for one in {*self.old, *self.new}}
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
    for node, told in sorted(own.items(), key=lambda pair: str(pair[0])):
        yield Evidence(
            node,
            frozenset(one for one in told if one.predicate not in {MKG.ofProperty, MKG.ofValue}),
            frozenset(
                one.object for one in told if one.predicate == MKG.ofProperty and isinstance(one.object, NamedNode)
            ),
            frozenset(one.object for one in told if one.predicate == MKG.ofValue),
        )
