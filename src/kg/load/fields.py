"""Fields that others name: evidence is for one, and one is permitted to hold personal data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kg.context import Context, Term
from kg.entry import Entry
from kg.load.values import LANGUAGE
from kg.namespaces import RDF


def property_of(
    text: str, entry: Entry, terms: Mapping[str, Term], context: Context, *, nested: bool = False
) -> str | None:
    """The property of a field of the entry by its name, or as a heading has it: „описание.bg“, „бюджет.стойност“.

    With `nested`, also by a name that it has in something nested in the entry, where that is clear.
    """
    first, *rest = [step for step in map(str.strip, text.split(".")) if not step.isdigit()] or [""]
    name = context.field(first)
    if name == "type" and not rest:
        return RDF.type.value
    term = next((term for term in terms.values() if term.name == name), None)
    if term is None:
        found = {*_inside(name, entry, terms, context)} if nested and name and not rest else set()
        return found.pop() if len(found) == 1 else None
    for step in rest:
        if term.language and LANGUAGE.fullmatch(step):
            return term.iri
        inner, class_name = context.field(step), _class_inside(term, context)
        term = context.term(inner, class_name) if inner and class_name else None
        if term is None:
            return None
    return term.iri


def _inside(name: str, entry: Entry, terms: Mapping[str, Term], context: Context) -> Iterator[str]:
    """The properties of fields of this name that stand in something nested in the entry."""
    for outer in terms.values():
        class_name = _class_inside(outer, context)
        term = context.term(name, class_name) if class_name else None
        if term is None:
            continue
        values = [value for written, value in entry.fields.items() if context.field(written) == outer.name]
        for value in values:
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict) and any(context.field(key) == name for key in one):
                    yield term.iri


def _class_inside(term: Term, context: Context) -> str | None:
    """The class of what is nested in a field; None where nothing is, or things of several classes."""
    classes = [context.class_by_iri.get(iri) for iri in context.hints.range(term.iri)]
    return classes[0] if len(classes) == 1 and context.hints.nested(term.iri) else None
