"""The header fields of a request that decide how it is answered."""

from __future__ import annotations

from starlette.types import Scope

Fields = list[tuple[bytes, bytes]]

_KEY = "kg.fields"


def fields(scope: Scope) -> dict[bytes, bytes]:
    """The fields by lower-case name; several lines of one name are one list (RFC 9110 §5.3)."""
    known: dict[bytes, bytes] | None = scope.get(_KEY)
    if known is not None:
        return known
    lines: Fields = scope["headers"]
    found = dict(lines)
    if len(found) != len(lines):
        found = {}
        for name, value in lines:
            found[name] = b"%b, %b" % (found[name], value) if name in found else value
    scope[_KEY] = found
    return found


def text(found: dict[bytes, bytes], name: bytes) -> str:
    """A field as text; empty without it."""
    return found.get(name, b"").decode("latin-1")
