"""What the entries and triples of files call themselves, so that others may refer to them by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import NamedNode

from kg.context import Context
from kg.iris import Iris
from kg.load.files import Loaded
from kg.load.minting import stand_in
from kg.load.names import LABEL, NOTATION, Named
from kg.namespaces import DCT, MKG, SKOS

LABELS = frozenset({SKOS.prefLabel, SKOS.altLabel, DCT.term("title"), DCT.alternative, MKG.acronym})
SHOWN_BY = frozenset({SKOS.prefLabel, DCT.term("title")})
"""Of a thing's names, those that it is shown by."""
NOTATIONS = frozenset({SKOS.notation, MKG.registerCode, MKG.contractNumber, DCT.identifier})


def names_in(one: Loaded, iris: Iris, context: Context) -> Iterable[Named]:
    """What the entries of a file call themselves."""
    for entry in one.entries:
        fields = {context.field(written): value for written, value in entry.fields.items()}
        id, type_ = fields.get("id"), fields.get("type")
        class_name = context.class_name(type_) if isinstance(type_, str) else None
        id = (id.strip() if isinstance(id, str) else "") or entry.proposed or ""
        classes = context.hints.superclasses(context.classes[class_name]) if class_name else context.hints.classes
        subject = stand_in(entry, id, iris)
        for name, value in fields.items():
            term = context.term(name, class_name) if name else None
            if term is None:
                continue
            by = next((by for by, iri in _NAMING if term.iri in iri), None)
            if by:
                for language, text in _texts(value):
                    yield Named(subject, classes, text, by, language if NamedNode(term.iri) in SHOWN_BY else "")
    for triples in one.triples.values():
        types: dict[str, set[str]] = defaultdict(set)
        for triple in triples:
            if triple.predicate.value.endswith("#type"):
                types[str(triple.subject)] |= context.hints.superclasses(getattr(triple.object, "value", ""))
        for triple in triples:
            by = next((by for by, iri in _NAMING if triple.predicate.value in iri), None)
            if by and hasattr(triple.subject, "value"):
                text, language = (getattr(triple.object, name, None) or "" for name in ("value", "language"))
                shown = language if triple.predicate in SHOWN_BY else ""
                yield Named(triple.subject.value, frozenset(types[str(triple.subject)]), text, by, shown)


_NAMING = (
    (LABEL, frozenset(term.value for term in LABELS)),
    (NOTATION, frozenset(term.value for term in NOTATIONS)),
)


def _texts(value: object, language: str = "bg") -> Iterable[tuple[str, str]]:
    """Languages and texts; a text that does not say its language is Bulgarian."""
    if isinstance(value, str):
        yield language, value
    elif isinstance(value, dict):
        for tag, inner in value.items():
            yield from _texts(inner, str(tag))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, language)
