"""Turtle and TriG with our prefixes, the same bytes for the same statements in the same order."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import IO

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from kg.namespaces import PREFIXES


def write(
    statements: Iterable[Triple] | Iterable[Quad],
    format: RdfFormat = RdfFormat.TURTLE,
    prefixes: Mapping[str, str] = PREFIXES,
) -> bytes:
    """The document, statements in the order given."""
    output = io.BytesIO()
    stream(statements, output, format, prefixes)
    return output.getvalue()


def stream(
    statements: Iterable[Triple] | Iterable[Quad],
    output: IO[bytes],
    format: RdfFormat = RdfFormat.TURTLE,
    prefixes: Mapping[str, str] = PREFIXES,
) -> None:
    """The same, written as it comes."""
    head = _Head(output)
    serialize(statements, head, format, prefixes=dict(prefixes))  # type: ignore[arg-type]  # whatever can be written to
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
