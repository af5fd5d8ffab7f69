"""Fields of a class: what the loader reads in them, held to what the shapes refuse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from kg.expected import Told
from kg.form import Field, Form
from kg.form.limits import Limit, Limits
from kg.namespaces import XSD
from kg.publish.schema import spelling
from kg.publish.schema.parts import OBJECT, Schema, blank, every, numbers, once, ref, refuse, snippet, text
from kg.publish.schema.telling import Telling
from kg.publish.schema.values import SPAN, Values

_NUMBERS: Final = frozenset({XSD.decimal.value, XSD.integer.value})
_EXACT: Final = 15  # digits that a number of an editor keeps
_BEYOND: Final[Told] = {"bg": "стойността не е допустима", "en": "the value is not allowed"}
"""Said where a shape says nothing."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Defines each field once per class that asks other things of it."""

    values: Values
    telling: Telling

    def of(self, field: Field, form: Form, language: str) -> Schema:
        """A field under its name in this language: one value, or a list of them."""
        told = self.telling
        schema: Schema = {
            "title": told.title(field.name, language),
            "description": told.of_field(field, form),
        }
        if field.limits.never:
            schema |= blank(field.limits.never.told or _BEYOND)
        else:
            schema["anyOf"] = [self.values.of(field.term, language)]
            if field.part is not None:
                schema |= self._nested(field, field.part, language)
            if limits := self._limits(field):
                schema["allOf"] = limits
        name = f"{field.name}.{language}"
        return self.values.definitions.share((name, f"{name}.{form.class_name}"), schema)

    def _nested(self, field: Field, part: Form, language: str) -> Schema:
        """What an editor writes behind the name of a field with fields of its own: those, or a list of such."""
        if not field.single:
            return {"items": ref(f"{self.values.part(part.class_name, language)}.node")}
        return {"defaultSnippets": [snippet(self.telling.skeleton(part, language))]}

    def _limits(self, field: Field) -> list[Schema]:
        term, limits = field.term, field.limits
        checks: list[Schema] = []
        if term.language:
            checks += _texts(limits)
        elif limits.once and not (term.date or term.iri == SPAN):  # of dates the loader itself takes one
            checks.append(once(limits.once.told or _BEYOND))
        if field.part is not None or term.language or term.vocabulary or term.date or term.iri == SPAN:
            return checks
        if term.coercion in _NUMBERS:
            return [*checks, *([every(_not_below(limits.least))] if limits.least else [])]
        return [*checks, *_forms(limits)]


def _texts(limits: Limits) -> list[Schema]:
    """Texts by language: which languages, and how many in each."""
    checks: list[Schema] = []
    if single := limits.once_per_language or limits.once:
        check = once(single.told or _BEYOND)
        checks.append({**check, "else": {"if": OBJECT, "then": {"additionalProperties": check}}})
    if limits.languages:
        told = next(iter(limits.languages.values())).told or _BEYOND
        tags = "|".join(map(re.escape, limits.languages))
        known: Schema = {f"^(?:{tags})(?:-[A-Za-z0-9]{{1,8}})*$": {}}
        checks.append({"if": OBJECT, "then": {"patternProperties": known, "additionalProperties": blank(told)}})
    return checks


def _forms(limits: Limits) -> list[Schema]:
    checks: list[Schema] = []
    for limit in limits.patterns:
        told = limit.told or _BEYOND
        check = [text(spelling.found(limit.value), told)]
        if (most := spelling.digits(limit.value)) is not None:
            at_most = {"maximum": 10**most - 1} if most <= _EXACT else {}
            check.append(numbers({"type": "integer", "minimum": 0, **at_most}, told))
        checks.append(every(*check))
    if limits.shortest:
        enough = rf"{spelling.BLANK}|^[\s\S]{{{limits.shortest.value},}}$|{spelling.STRANGE}"
        checks.append(every(text(enough, limits.shortest.told or _BEYOND)))
    return checks


def _not_below(limit: Limit) -> Schema:
    told = limit.told or _BEYOND
    check: Schema = {"if": {"type": "number"}, "then": {"if": {"minimum": float(limit.value)}, "else": refuse(told)}}
    if float(limit.value) == 0:
        check |= text(r"^(?!\s*-[^1-9]*[1-9])", told)
    return check
