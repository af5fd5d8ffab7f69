"""The personal data guard: addresses, telephones, personal numbers and names of private persons stay out.

What counts lies in `ontology/personal/`. It is refused wherever it is written, unless the entry itself says that a
field may hold it, and why (`mkg:disclosure`). Findings show it masked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from kg.context import Context
from kg.errors import ParameterError
from kg.finding import Finding, Severity
from kg.gate import Origins, Touched, nowhere
from kg.gate.duplicates.naming import sound
from kg.gate.personal.kinds import Words, read_kinds
from kg.gate.personal.text import Found, Official, Searcher
from kg.gate.stated import stated
from kg.graph import Node, Subject, View
from kg.namespaces import DCT, MKG, RDF, SKOS, XSD

COMPONENT = "PersonalData"
_NAMES: Final = frozenset({SKOS.prefLabel, SKOS.altLabel})
_NO_TEXT: Final = frozenset(
    XSD.term(name)
    for name in "boolean integer decimal double float date dateTime time gYear gYearMonth gMonthDay duration".split()
)
_CODES: Final = frozenset({DCT.identifier, MKG.registerCode, MKG.contractNumber, SKOS.notation, MKG.sha256})
_CONTACTS: Final = frozenset({"email", "phone"})
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
                f"the reason holds personal data ({kind['en']}: {found.masked}); say it without",
                f"в мотива има лични данни ({kind['bg']}: {found.masked}); напишете го без тях",
            )

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
                        yield from (self._finding(quad, one, origins) for one in seen)

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
            around: Iterable[Subject] = sorted(subjects | owners, key=str)
            for subject in around:
                for quad in view.quads(subject, None, None, graph):
                    yield quad.predicate, quad.object, [quad]

    def _found(self, property: NamedNode, text: str, officials: frozenset[Official]) -> Iterator[Found]:
        for found in self.searcher.search(text, officials, code=property in _CODES):
            if not (found.kind.id in _CONTACTS and property.value in self.contacts):
                yield found

    def _finding(self, quad: Quad, found: Found, origins: Origins) -> Finding:
        subject = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
        graph = quad.graph_name if isinstance(quad.graph_name, NamedNode) else None
        at, field = origins(subject, quad.predicate.value, graph, quad.object)
        kind, name = found.kind, field or self._context.label(quad.predicate.value, "bg")
        cause = {
            "bg": f"В текста има {kind.label['bg']}: {kind.advice['bg']}.",
            "en": f"The text holds: {kind.label['en']}. Please {kind.advice['en']}.",
        }
        keep = {
            "bg": f" Ако трябва да остане, добавете „разрешени лични данни“ за полето „{name}“ с мотив.",
            "en": " If it has to stay, add a “disclosure” for this field with its reason.",
        }
        refused = kind.severity is Severity.VIOLATION
        return Finding(
            {language: text + (keep[language] if refused else "") for language, text in cause.items()},
            kind.severity,
            at=at,
            field=field,
            focus_node=quad.subject,
            path=quad.predicate.value,
            value=found.masked,
            component=COMPONENT,
            cause=cause,
        )


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
    if quad.predicate not in _NAMES or not found.kind.check or "name" not in found.kind.check:
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
    owners = {quad.subject, NamedNode(quad.subject.value.partition("#")[0])}
    for owner in owners:
        for told in stated(view, owner, MKG.disclosure):
            if not isinstance(told.object, NamedNode):
                continue
            fields = {one.object for one in stated(view, told.object, MKG.ofProperty)}
            reasons = [one.object for one in stated(view, told.object, MKG.reason)]
            if quad.predicate in fields and any(len(getattr(one, "value", "")) >= _LEAST for one in reasons):
                return True
    return False
