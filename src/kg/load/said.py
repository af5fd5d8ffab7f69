"""What is said of a thing, by field: the statements that a field speaks of, and how they are known again."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from kg.context import Context, Term
from kg.graph import Node
from kg.iris import Iris
from kg.namespaces import MKG, SCHEMA, XSD

Field = tuple[str, ...]
"""The English name of a field, with the language where it is of texts."""
Value = tuple[Node, frozenset[Triple]]
"""A value, and what is said of it where it is nested."""
Said = Mapping[NamedNode, frozenset[Value]]
_SPAN: Final = MKG.dateAsStated.value
_START: Final = frozenset({SCHEMA.startDate.value, MKG.startPrecision.value, MKG.startTime.value})
_END: Final = frozenset({SCHEMA.endDate.value, MKG.endPrecision.value, MKG.endTime.value})


def canonical(triples: Iterable[Triple]) -> set[Triple]:
    """The triples as the engine keeps them: numbers have one form there."""
    store = Store()
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    return {quad.triple for quad in store}


def by_owner(triples: Iterable[Triple], iris: Iris) -> Mapping[str, set[Triple]]:
    """Triples by the thing that they are about, with all that is nested in it."""
    found: dict[str, set[Triple]] = defaultdict(set)
    for triple in triples:
        subject = triple.subject
        id = iris.id(subject) if isinstance(subject, NamedNode) else None
        found[f"{iris.ids}{id}" if id else str(subject)].add(triple)
    return found


def marks(said: Said, fields: Iterable[Field], class_name: str, context: Context, iris: Iris) -> Mapping[str, str]:
    """How the values of each of these fields are known again, whatever the base; without those that have none."""
    found = {}
    for one in dict.fromkeys(fields):
        mark = mark_of(said, Coverage([one], class_name, context), iris)
        if mark:
            found[name_of(one)] = mark
    return found


def name_of(field: Field) -> str:
    """The field as one word."""
    return ".".join(field)


def mark_of(said: Said, covers: Coverage, iris: Iris) -> str:
    """A short digest of the statements that are covered, whatever the base; nothing where there are none."""
    lines = [
        str(line)
        for property, values in said.items()
        for value, nested in values
        if covers(property, value)
        for line in (f"{property} {value}", *nested)
    ]
    text = "\n".join(sorted(lines)).replace(iris.base, "")
    return hashlib.sha256(text.encode()).hexdigest()[:10] if lines else ""


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
    """Which statements of a thing some fields speak of."""

    def __init__(self, fields: Iterable[Field], class_name: str, context: Context) -> None:
        self._context = context
        self._whole: set[str] = set()
        self._languages: set[tuple[str, str]] = set()
        self._datatypes: set[tuple[str, str]] = set()
        for name, *language in fields:
            term = context.term(name, class_name)
            if term is not None and not term.reverse:
                self._add(term, language[0] if language else "bg")

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
