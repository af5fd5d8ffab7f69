"""Quads in order, however many: sorted in parts that fit into memory, which are merged from files."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Final, cast

from pyoxigraph import Quad, RdfFormat, parse

from kg.graph import DEFAULT, sort_key

PART: Final = 50_000
"""Quads that are sorted at once: some 15 MB."""

_BLOCK: Final = 2**16  # bytes


def ordered(quads: Iterable[Quad]) -> Iterator[Quad]:
    """The quads by graph, subject, property and object, as their N-Quads texts compare; the default graph first."""
    rest = iter(quads)
    first = sorted(_lines(islice(rest, PART)))
    second = sorted(_lines(islice(rest, PART)))
    if not second:
        yield from _read(iter(first))
        return
    files: list[IO[bytes]] = []
    try:
        while first:
            file = tempfile.TemporaryFile()  # noqa: SIM115 (closed below)
            files.append(file)
            file.writelines(first)
            file.seek(0)
            first, second = second, sorted(_lines(islice(rest, PART)))
        yield from _read(heapq.merge(*files))
    finally:
        for one in files:
            one.close()


def _lines(quads: Iterable[Quad]) -> Iterator[bytes]:
    """The graph, then the triple; nothing in an IRI or in an N-Quads text is a line feed, and no IRI has a space."""
    for quad in quads:
        graph = "" if quad.graph_name == DEFAULT else sort_key(quad.graph_name)
        yield f"{graph} {quad.triple} .\n".encode()


def _read(lines: Iterator[bytes]) -> Iterator[Quad]:
    return parse(cast(IO[bytes], _Text(map(_turned, lines))), RdfFormat.N_QUADS)


def _turned(line: bytes) -> bytes:
    """As N-Quads have it."""
    graph, _, triple = line.partition(b" ")
    return triple if not graph else triple[:-2] + graph + b" .\n"


class _Text:
    """Lines as a file to read from."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self._rest = lines, b""

    def read(self, size: int = -1) -> bytes:
        wanted = size if size > 0 else _BLOCK
        parts, length = [self._rest], len(self._rest)
        while length < wanted and (line := next(self._lines, None)) is not None:
            parts.append(line)
            length += len(line)
        whole = b"".join(parts)
        self._rest = whole[wanted:]
        return whole[:wanted]
