"""The personal data guard: addresses, telephones, personal numbers and names of private persons stay out.

What counts lies in `ontology/personal/`. It is refused wherever it is written, unless the entry itself says that a
field may hold it, and why (`mkg:disclosure`). Findings show it masked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from kg.context import Context
from kg.entry import Locator
from kg.errors import ParameterError
from kg.finding import Finding, Severity
from kg.gate import ID, Origins, Touched, nowhere
from kg.gate.duplicates.naming import sound
from kg.gate.personal import told
from kg.gate.personal.kinds import Words, read_kinds
from kg.gate.personal.text import Found, Official, Searcher
from kg.gate.stated import stated
from kg.graph import Node, Subject, View
from kg.iris import ID as ENTRY
from kg.iris import Slug, slug
from kg.namespaces import DCT, MKG, RDF, SKOS, XSD

COMPONENT = "PersonalData"
_NAMES: Final = frozenset({SKOS.prefLabel, SKOS.altLabel})
_NO_TEXT: Final = frozenset(
    XSD.term(name)
    for name in "boolean integer decimal double float date dateTime time gYear gYearMonth gMonthDay duration".split()
)
_CODES: Final = frozenset({DCT.identifier, MKG.registerCode, MKG.contractNumber, SKOS.notation, MKG.sha256})
_CONTACTS: Final = frozenset({"email", "phone"})
_SEPARATOR: Final = re.compile(r"[_-]+")
_LEAST: Final = 10
"""Characters of a reason that is one."""


class PersonalData:
    """Finds personal data in what is stated."""

    def __init__(self, ontology: Path, context: Context) -> None:
        self._folder = ontology / "personal"
        self._context = context

    @cached_property
    def searcher(self) -> Searcher:
        return Searcher(read_kinds(self._folder / "kinds.yaml"), Words.read(self._folder))

    @cached_property
    def contacts(self) -> frozenset[str]:
        """The fields for the address and telephone of an organisation."""
        return frozenset(self._context.hints.marked(MKG.publicContact))

    def search(self, text: str) -> tuple[Found, ...]:
        """The personal data in a text that is no entry: prose, the reason of a decision."""
        return tuple(self.searcher.search(text))

    def refuse(self, reason: str) -> None:
        """Raises ParameterError for a reason with personal data: reasons stay in the open."""
        for found in self.search(reason):
            kind = found.kind.label
            raise ParameterError(
                f"the reason contains {kind['en']} ({found.masked}) and is kept in the open; write it without",
                f"в мотива има {kind['bg']} ({found.masked}), а той остава видим за всички; напишете го без това",
            )

    def slugs(self, view: View | None) -> Slug:
        """Makes ids from texts without the personal data in them; whoever has an entry in this view may be named."""
        officials: frozenset[Official] | None = None

        def make(kind: str | None, text: str) -> str:
            nonlocal officials
            words = text
            if any(True for _ in self.searcher.search(text)):
                if officials is None:
                    officials = _officials(view) if view is not None else frozenset()
                found = self.searcher.search(text, officials)
                words = _without(text, (one for one in found if not (kind == "person" and one.kind.is_name)))
            made = slug(words)
            start = len(f"{kind}/")
            held = self.searcher.in_id(f"{kind}/{made}", officials or ())
            return slug(_without(f"{kind}/{made}", held)[start:])

        return make

    def describing(
        self, text: str, at: Locator, field: str, *, of: NamedNode, property: NamedNode, view: View
    ) -> Iterator[Finding]:
        """Findings about a text that describes a source: nothing permits personal data there."""
        for found in self._seen(text, view):
            yield _finding(found, told.in_text(found), at=at, field=field, focus_node=of, path=property.value)

    def naming(self, name: str, at: Locator, *, of: NamedNode, view: View) -> Iterator[Finding]:
        """Findings about the name of a source, a file or a sheet, which is kept with what was read there."""
        text, id = _SEPARATOR.sub(" ", name), f"source/{slug(name)}"
        seen = self._seen(text, view)
        for found in seen:
            words = slug(text[found.start : found.end])
            yield _finding(found, told.in_name(found), at=at, focus_node=of, hidden=(words,) if words else ())
        if not seen and any(True for _ in self.searcher.in_id(id)):
            for found in self.searcher.in_id(id, _officials(view)):
                words, severity = id[found.start : found.end], None if found.kind.certain else Severity.WARNING
                cause = told.in_name(found)
                yield _finding(found, cause, at=at, focus_node=of, hidden=(words,), severity=severity)

    def _seen(self, text: str, view: View) -> list[Found]:
        found = list(self.searcher.search(text)) if _worth(text) else []
        return list(self.searcher.search(text, _officials(view))) if found else []

    def check(
        self, view: View, content: Collection[NamedNode], touched: Touched | None, origins: Origins = nowhere
    ) -> Iterator[Finding]:
        """Findings about what was touched; about everything in these graphs, when None."""
        officials: frozenset[Official] | None = None
        for property, value, quads in self._said(view, content, touched):
            text = _text(value)
            if text is None or not _worth(text):
                continue
            if officials is None:
                officials = _officials(view)
            if found := list(self._found(property, text, officials)):
                for quad in quads:
                    seen = [one for one in found if not _named(view, quad, one)]
                    if seen and not _disclosed(view, quad):
                        yield from (self._in_text(quad, text, one, origins) for one in seen)
        for node, graph in _things(view, content, touched):
            id = _id(node)
            if id is None or not self.searcher.suspects(id):
                continue
            if not any(True for _ in view.quads(node, RDF.type, None, graph)):
                continue
            if officials is None:
                officials = _officials(view)
            for one in self.searcher.in_id(id, officials):
                at, field = origins(node.value, ID, graph, None)
                words = (id[one.start : one.end],)
                severity = None if one.kind.certain else Severity.WARNING
                yield _finding(
                    one, told.in_id(one), at=at, field=field, focus_node=node, hidden=words, severity=severity
                )

    def _said(
        self, view: View, content: Collection[NamedNode], touched: Touched | None
    ) -> Iterator[tuple[NamedNode, Node, Iterable[Quad]]]:
        """Properties and values, with the statements that say so, which are read when they are asked for."""
        if touched is None:
            for graph in sorted(content, key=str):
                for property, value in view.values(graph, view.properties(graph)):
                    yield property, value, view.quads(None, property, value, graph)
            return
        for graph, subjects in touched.graphs.items():
            owners = {quad.subject for one in subjects for quad in view.quads(None, MKG.disclosure, one, None)}
            around = {one for owner in owners for one in _nested(view, owner)}
            for subject in sorted(subjects | around, key=str):
                for quad in view.quads(subject, None, None, graph):
                    yield quad.predicate, quad.object, [quad]

    def _found(self, property: NamedNode, text: str, officials: frozenset[Official]) -> Iterator[Found]:
        for found in self.searcher.search(text, officials, code=property in _CODES):
            if not (found.kind.id in _CONTACTS and property.value in self.contacts):
                yield found

    def _in_text(self, quad: Quad, text: str, found: Found, origins: Origins) -> Finding:
        subject = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
        graph = quad.graph_name if isinstance(quad.graph_name, NamedNode) else None
        at, field = origins(subject, quad.predicate.value, graph, quad.object)
        name = field or self._context.label(quad.predicate.value, "bg")
        refused = found.kind.severity is Severity.VIOLATION
        words = slug(text[found.start : found.end])
        return _finding(
            found,
            told.in_text(found),
            told.permission(name, at) if refused else None,
            at=at,
            field=field,
            focus_node=quad.subject,
            path=quad.predicate.value,
            hidden=(words,) if words and words in subject else (),
        )


def _finding(
    found: Found,
    cause: told.Told,
    more: told.Told | None = None,
    *,
    at: Locator | None,
    focus_node: Node,
    field: str | None = None,
    path: str | None = None,
    hidden: tuple[str, ...] = (),
    severity: Severity | None = None,
) -> Finding:
    return Finding(
        {language: text + (more[language] if more else "") for language, text in cause.items()},
        severity or found.kind.severity,
        at=at,
        field=field,
        focus_node=focus_node,
        path=path,
        value=found.masked,
        component=COMPONENT,
        cause=cause,
        hidden=hidden,
    )


def _without(text: str, found: Iterable[Found]) -> str:
    """The text without what was found in it."""
    since, kept = 0, []
    for one in sorted(found, key=lambda one: one.start):
        kept.append(text[since : one.start])
        since = one.end
    return " ".join([*kept, text[since:]])


def _things(
    view: View, content: Collection[NamedNode], touched: Touched | None
) -> Iterator[tuple[NamedNode, NamedNode]]:
    """What may be described, with the graph that says so."""
    if touched is None:
        for graph in sorted(content, key=str):
            for quad in view.quads(None, RDF.type, None, graph):
                if isinstance(quad.subject, NamedNode):
                    yield quad.subject, graph
        return
    for graph, subjects in touched.graphs.items():
        for node in sorted(subjects, key=str):
            if isinstance(node, NamedNode):
                yield node, graph


def _id(node: NamedNode) -> str | None:
    """The `kind/slug` of an entry; None for what is nested in one, and for what is none."""
    _, mark, id = node.value.partition("/id/")
    return id if mark and ENTRY.match(id) else None


def _text(node: Node) -> str | None:
    if isinstance(node, Literal):
        return None if node.datatype in _NO_TEXT else node.value
    if isinstance(node, NamedNode) and ("@" in node.value or node.value.startswith("tel:")):
        return node.value.partition(":")[2]
    return None


def _worth(text: str) -> bool:
    """Whether a text may hold anything: most are too short, or have neither a capital nor a digit in their middle."""
    return (len(text) > 5 and not text.islower()) or any(letter.isdigit() or letter == "@" for letter in text)


def _named(view: View, quad: Quad, found: Found) -> bool:
    """Whether this is the name of someone with an entry: only holders of a public office have one."""
    if quad.predicate not in _NAMES or not found.kind.is_name:
        return False
    return next(stated(view, quad.subject, RDF.type, MKG.Person), None) is not None


def _officials(view: View) -> frozenset[Official]:
    """The names of everyone with an entry."""
    people = {quad.subject for quad in stated(view, None, RDF.type, MKG.Person)}
    names = (quad.object for person in people for one in _NAMES for quad in stated(view, person, one))
    heard = (frozenset(map(sound, name.value.casefold().split())) for name in names if isinstance(name, Literal))
    return frozenset(name for name in heard if len(name) > 1)


def _disclosed(view: View, quad: Quad) -> bool:
    """Whether the entry says that this field may hold personal data, and why."""
    if not isinstance(quad.subject, NamedNode):
        return False
    for owner in _owners(quad.subject):
        for flag in stated(view, owner, MKG.disclosure):
            if not isinstance(flag.object, NamedNode):
                continue
            fields = {one.object for one in stated(view, flag.object, MKG.ofProperty)}
            reasons = [one.object for one in stated(view, flag.object, MKG.reason)]
            if quad.predicate in fields and any(len(getattr(one, "value", "")) >= _LEAST for one in reasons):
                return True
    return False


def _nested(view: View, node: Subject) -> Iterator[Subject]:
    """A node, and what is nested in it."""
    yield node
    if isinstance(node, NamedNode):
        for quad in view.quads(node, None, None, None):
            below = quad.object
            if isinstance(below, NamedNode) and below.value.startswith((f"{node.value}/", f"{node.value}#")):
                yield from _nested(view, below)


def _owners(node: NamedNode) -> Iterator[NamedNode]:
    """A node, and what it is nested in, up to its entry."""
    yield node
    start, mark, rest = node.value.partition("/id/")
    while mark and rest.count("/") + rest.count("#") > 1:
        rest = rest[: max(rest.rfind("/"), rest.rfind("#"))]
        yield NamedNode(f"{start}{mark}{rest}")
