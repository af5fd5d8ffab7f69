"""Statements in a syntax of RDF, the same bytes for the same statements in the same order."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import IO, Final

from pyoxigraph import Quad, Triple, serialize

from kg.formats import TRIG, TTL, Format
from kg.namespaces import PREFIXES

_PREFIXED: Final = (TTL, TRIG)


def document(triples: Iterable[Triple], format: Format, prefixes: Mapping[str, str] = PREFIXES) -> bytes:
    """All of the triples, in order and each once."""
    return write(sorted(set(triples), key=str), format, prefixes)


def write(
    statements: Iterable[Triple] | Iterable[Quad], format: Format, prefixes: Mapping[str, str] = PREFIXES
) -> bytes:
    """The statements in the order given."""
    output = io.BytesIO()
    stream(statements, output, format, prefixes)
    return output.getvalue()


def stream(
    statements: Iterable[Triple] | Iterable[Quad],
    output: IO[bytes],
    format: Format,
    prefixes: Mapping[str, str] = PREFIXES,
) -> None:
    """The same, written as it comes; prefixes are for those syntaxes that people read."""
    if format not in _PREFIXED:
        serialize(statements, output, format.rdf_engine)
        return
    head = _Head(output)
    serialize(statements, head, format.rdf_engine, prefixes=dict(prefixes))  # type: ignore[arg-type]  # it has `write`
    head.close()


class _Head:
    """Puts the prefixes in order, which the engine declares in an order of its own each time."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._kept: bytes | None = b""

    def write(self, data: bytes) -> int:
        if self._kept is None:
            self._output.write(data)
        else:
            self._kept += bytes(data)
            *lines, rest = self._kept.split(b"\n")
            if (rest and not b"@prefix".startswith(rest[:7])) or any(not line.startswith(b"@prefix") for line in lines):
                self.close()
        return len(data)

    def flush(self) -> None:
        """Nothing is ready before its order is known."""

    def close(self) -> None:
        """Writes what was kept."""
        if self._kept is not None:
            lines = self._kept.split(b"\n")
            head = next((at for at, line in enumerate(lines) if not line.startswith(b"@prefix")), len(lines))
            self._output.write(b"\n".join([*sorted(lines[:head]), *lines[head:]]))
            self._kept = None
