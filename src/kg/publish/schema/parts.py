"""Pieces that schemas are put together from: small JSON Schemas, and what an editor says when one does not fit.

A keyword of JSON Schema judges values of one type only: `pattern` texts, `minimum` numbers, `items` lists. So most of
what is here judges what it is about and lets everything else pass, and several are put together by `allOf`.
`errorMessage` is no keyword of the standard; language servers for YAML and JSON show it instead of words of their own.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from kg.expected import Told
from kg.publish.schema.spelling import BLANK

Schema: TypeAlias = dict[str, Any]

LIST: Final[Schema] = {"type": "array"}
OBJECT: Final[Schema] = {"type": "object"}
_FLAT: Final[Told] = {"bg": "в списъка стоят отделни стойности, а не други списъци", "en": "a list holds single values"}
_EMPTY: Final[Schema] = {"type": ["string", "null"], "pattern": BLANK}


def said(told: Told) -> str:
    """One text in both languages, the Bulgarian one first."""
    return f"{told['bg']} · {told['en']}"


def ref(name: str) -> Schema:
    """What is defined under this name."""
    return {"$ref": f"#/definitions/{name}"}


def whole(*checks: Schema) -> Schema:
    """All checks as one."""
    return checks[0] if len(checks) == 1 else {"allOf": [*checks]}


def refuse(told: Told) -> Schema:
    """Nothing but texts; for values that are none."""
    return {"type": "string", "errorMessage": said(told)}


def text(pattern: str, told: Told) -> Schema:
    """Texts that match."""
    return {"pattern": pattern, "errorMessage": said(told)}


def no(types: str | list[str], told: Told) -> Schema:
    """No values of these types, which text is not among."""
    return {"if": {"type": types}, "then": refuse(told)}


def numbers(fit: Schema, told: Told) -> Schema:
    """Numbers that fit."""
    return {"if": {"type": "number"}, "then": {"if": fit, "else": refuse(told)}}


def every(*checks: Schema) -> Schema:
    """A value, or each of a list, that passes all checks."""
    return whole(*checks, {"if": LIST, "then": {"items": whole(*checks, no("array", _FLAT))}})


def blank(told: Told) -> Schema:
    """Nothing: an empty text, or a list of such."""
    return every(text(BLANK, told), no(["number", "boolean", "object"], told))


def once(told: Told, *, at_all: bool = False) -> Schema:
    """No list of several different values; one that is empty does not count, unless `at_all`."""
    several: Schema = {"type": "array", "minItems": 2}
    if not at_all:
        several |= {"uniqueItems": True, "not": {"contains": _EMPTY}}
    return {"if": several, "then": refuse(told)}


def asked(names: list[str], pattern: str, told: Told) -> Schema:
    """An object with one of these fields, or with one whose name matches; editors show the message of the first."""
    exactly = [{"required": [name], "errorMessage": said(told)} for name in names]
    return {"anyOf": [*exactly, with_key(pattern)]}


def snippet(names: list[str]) -> Schema:
    """These fields as an editor writes them at once. No keyword of the standard, and no check."""
    return {"label": ", ".join(names), "body": {name: f"${number}" for number, name in enumerate(names, 1)}}


def with_key(pattern: str) -> Schema:
    """Objects with a field whose name matches."""
    return {"not": {"propertyNames": {"not": {"pattern": pattern}}}}
