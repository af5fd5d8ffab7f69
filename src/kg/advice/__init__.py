"""Findings of the gate completed: what belongs in the place, and the nearest valid value where one is clear.

The gate says what is wrong. This says what would be right, from the shape, the context, the code lists and the names of
what is known; what none of these tell stays unknown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg import expected
from kg.context import Codes, Context, Term
from kg.entry import Locator
from kg.expected import Told
from kg.finding import Finding
from kg.form.wanted import Reader, Wanted
from kg.graph import Node
from kg.iris import Iris
from kg.load import slips
from kg.load.names import Names
from kg.namespaces import SH, XSD
from kg.nearest import nearest
from kg.origins import Statement, Written
from kg.shacl import Indexed
from kg.text import fold

_MISSING: Final = frozenset({"MinCountConstraintComponent", "QualifiedMinCountConstraintComponent"})
_CONSTRAINT: Final = "ConstraintComponent"
_ORDERED: Final[Mapping[str | None, tuple[NamedNode, Told]]] = {
    "LessThanConstraintComponent": (
        SH.lessThan,
        {"bg": "по-късно (повече) от „{}“", "en": "later (more) than “{}”"},
    ),
    "LessThanOrEqualsConstraintComponent": (
        SH.lessThanOrEquals,
        {"bg": "не по-рано (не по-малко) от „{}“", "en": "not earlier (not less) than “{}”"},
    ),
}
"""How two fields are held to an order, and what that means for the second."""
_LATIN: Final = str.maketrans("АВСЕНКМОРТХУавсенкмортху", "ABCEHKMOPTXYabcehkmoptxy")


@dataclass(frozen=True)
class Advice:
    """What is known that helps to mend a finding."""

    shapes: Callable[[], Indexed]  # read when there is something to mend
    context: Context
    codes: Codes
    names: Names
    iris: Iris
    written: Written
    _ids: dict[frozenset[str], Mapping[str, frozenset[str]]] = field(default_factory=dict)

    def complete(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings, each with what can be said beyond what it says; whoever said more already is left alone."""
        reader: Reader | None = None
        known: dict[str | None, Wanted | None] = {None: None}
        for finding in map(self._at_what_changed, findings):
            if not (finding.component or "").endswith(_CONSTRAINT):
                yield finding
                continue
            reader = reader or Reader(self.shapes(), self.context, self.codes)
            if finding.shape not in known:
                known[finding.shape] = reader.wanted(finding.shape or "")
            yield self._completed(finding, known[finding.shape])

    def _completed(self, finding: Finding, wanted: Wanted | None) -> Finding:
        focus = finding.focus_node.value if isinstance(finding.focus_node, NamedNode) else ""
        statement = self.written.statement(focus, finding.path) if finding.path else None
        name = self.context.by_iri.get(finding.path or "")
        term = statement.term if statement and statement.term else self.context.term(name) if name else None
        missing = finding.component in _MISSING
        told = wanted.told if wanted and finding.path and not missing else None  # else it is about the whole thing
        if told is not None and wanted is not None:
            told = self._as_written(told, wanted, focus)
        if told is None and term is not None:
            told = self._takes(self._in_cell(finding.at, statement) or term)
        if told == expected.TEXT:
            told = None  # which everybody knows
        meant = self._meant(finding.value, wanted, statement, term) if wanted and not missing else None
        if wanted is not None and wanted.empty:
            meant = ""
        called = finding.field
        if called is None and term is not None:
            called = self.context.aliases.get(term.name, term.name)
        return replace(
            finding,
            field=called,
            expected=finding.expected or told,
            suggestion=finding.suggestion if finding.suggestion is not None else meant,
        )

    def _at_what_changed(self, finding: Finding) -> Finding:
        """Of two fields at odds in a row that amends what was there, the finding is about the one that was changed."""
        if finding.component not in _ORDERED or finding.shape is None or not isinstance(finding.focus_node, NamedNode):
            return finding
        order, told = _ORDERED[finding.component]
        focus, path = finding.focus_node.value, finding.path or ""
        for other in self.shapes().objects(NamedNode(finding.shape), order):
            first, second = (self.written.statement(focus, one) for one in (path, getattr(other, "value", "")))
            if first is None or second is None or second.value is None or second.entry.amends is None:
                continue
            if first.entry is second.entry and first.value is not None:
                continue  # both were changed
            at, field = self.written(focus, getattr(other, "value", ""))
            name = self.context.aliases.get(first.term.name, first.term.name) if first.term else path
            value = second.value if isinstance(second.value, str) else None
            expected_now = {language: text.format(name) for language, text in told.items()}
            return replace(finding, at=at, field=field, value=value, expected=expected_now)
        return finding

    def _as_written(self, told: Told, wanted: Wanted, focus: str) -> Told:
        """With the names of other fields as their author wrote them."""
        for iri, called in wanted.others.items():
            _, field = self.written(focus, iri)
            if field is not None:
                told = {
                    "bg": told["bg"].replace(f"„{called['bg']}“", f"„{field}“"),
                    "en": told["en"].replace(f"“{called['en']}”", f"“{field}”"),
                }
        return told

    def _in_cell(self, at: Locator | None, statement: Statement | None) -> Term | None:
        """The field whose value belongs in a cell, where that is a part of something."""
        if at is None or at.column is None or statement is None:
            return None
        heads = statement.entry.heads.items()
        steps = next((steps for steps, head in heads if head.column == at.column), ())
        class_name, found = None, None
        for step in steps:
            name = self.context.field(str(step))
            term = self.context.term(name, class_name) if name else None
            if term is not None:
                found = term
                range_ = sorted(self.context.hints.range(term.iri))
                class_name = self.context.class_by_iri.get(range_[0]) if len(range_) == 1 else None
        return found

    def _takes(self, term: Term) -> Told:
        if self.context.hints.nested(term.iri):
            range_ = sorted(self.context.hints.range(term.iri))
            return expected.parts(self.context, self.context.class_by_iri.get(range_[0]) if range_ else None)
        return expected.term(self.context, self.codes, term)

    def _meant(
        self, value: Node | str | None, wanted: Wanted, statement: Statement | None, term: Term | None
    ) -> str | None:
        """The nearest valid text for the whole cell or field."""
        if value is None or isinstance(value, str):
            return None
        item = statement.item(value) if statement else None
        found = self._nearest(value, item or self._text(value), wanted, term)
        if found is None or found == item:
            return None
        return statement.whole(item, found) if statement and item else found

    def _nearest(self, value: Node, text: str, wanted: Wanted, term: Term | None) -> str | None:
        for vocabulary in sorted(wanted.vocabularies):
            label = self.codes.label(getattr(value, "value", ""), "bg")
            return self.codes.nearest(vocabulary, label or text)
        if wanted.classes:
            return self._known(text, wanted.classes)
        if wanted.values:
            by_text = {fold(self._text(one)): self._text(one) for one in wanted.values}
            near = nearest(fold(text), by_text)
            return by_text[near] if near else None
        if term is not None and term.vocabulary:
            return self.codes.nearest(term.vocabulary, text)
        if wanted.patterns and isinstance(value, Literal):
            return _fitting(text, wanted.patterns)
        if XSD.date.value in wanted.datatypes:
            return slips.date(text)
        if XSD.decimal.value in wanted.datatypes and not wanted.patterns and _no_number(text):
            return slips.number(text)
        return None

    def _known(self, text: str, classes: set[str]) -> str | None:
        """The id or name of a known thing of one of these classes that is meant."""
        kind, slash, tail = text.partition("/")
        if not (slash and kind.isascii()):
            return self.names.nearest(text, classes)
        by_tail = self._by_tail(frozenset(classes))
        found = nearest(tail, by_tail)
        return min(by_tail[found]) if found and len(by_tail[found]) == 1 else None

    def _by_tail(self, classes: frozenset[str]) -> Mapping[str, frozenset[str]]:
        """Ids of known things of these classes by what follows their kind."""
        if classes not in self._ids:
            found: dict[str, set[str]] = defaultdict(set)
            for iri in self.names.ids(classes):
                id = self.iris.id(iri)
                if id and iri == f"{self.iris.ids}{id}":
                    found[id.partition("/")[2]].add(id)
            self._ids[classes] = {tail: frozenset(ids) for tail, ids in found.items()}
        return self._ids[classes]

    def _text(self, value: Node) -> str:
        """A value as a person writes it: an id, a code, a text."""
        text = getattr(value, "value", str(value))
        if isinstance(value, NamedNode):
            return self.iris.id(value) or text.rpartition("/")[2]
        return text


def _no_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(?:\.\d+)?", text) is None


def _fitting(text: str, patterns: Iterable[re.Pattern[str]]) -> str | None:
    """The text in the wanted form, where it differs by spaces, case or the alphabet of its letters only."""
    compact = re.sub(r"\s+", "", text)
    for proposed in (compact, compact.upper(), compact.translate(_LATIN), compact.upper().translate(_LATIN)):
        if all(pattern.search(proposed) for pattern in patterns):
            return proposed
    return None
