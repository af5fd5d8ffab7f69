"""Turtle and TriG with our prefixes, the same bytes for the same statements in the same order."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from kg.namespaces import PREFIXES


def write(statements: Iterable[Triple] | Iterable[Quad], format: RdfFormat = RdfFormat.TURTLE) -> bytes:
    """The document, statements in the order given."""
    text = serialize(statements, format=format, prefixes=dict(PREFIXES)) or b""
    # The engine declares prefixes in an order of its own each time.
    lines = text.split(b"\n")
    head = 0
    while head < len(lines) and lines[head].startswith(b"@prefix"):
        head += 1
    return b"\n".join([*sorted(lines[:head]), *lines[head:]])
