"""Where an answer that reached the cap can be cut, so that what is left is whole rows and well formed."""

from __future__ import annotations

import os
import re
from typing import Final

from kg.formats import CSV, JSON, NQ, NT, TSV, XML, Format

FORMATS: Final = frozenset({JSON, XML, CSV, TSV, NT, NQ})
_WINDOW: Final = 2**20

_JSON_ROW: Final = re.compile(rb'\},(?=\{"[^"\\:,}\]])')  # within a string the quote would have a backslash before it
_XML_ROW: Final = b"</result>"


def place(descriptor: int, size: int, format: Format) -> tuple[int, bytes] | None:
    """How much to keep of the file, and what to put after it; None when not even one row is whole."""
    if format is JSON:
        return _behind(_last(descriptor, size, _json), 1, b"]}}")
    if format is XML:
        return _behind(_last(descriptor, size, _xml), len(_XML_ROW), b"</results></sparql>")
    if format is CSV:
        return _behind(_csv(descriptor, size), 0, b"")
    return _behind(_last(descriptor, size, _line), 1, b"")


def _behind(found: int | None, length: int, closing: bytes) -> tuple[int, bytes] | None:
    return None if found is None else (found + length, closing)


def _json(window: bytes) -> int:
    return max((match.start() for match in _JSON_ROW.finditer(window)), default=-1)


def _xml(window: bytes) -> int:
    return window.rfind(_XML_ROW)


def _line(window: bytes) -> int:
    return window.rfind(b"\n")


def _last(descriptor: int, size: int, find: object) -> int | None:
    """The last place that `find` sees, looking back window by window."""
    assert callable(find)
    end = size
    while end > 0:
        start = max(0, end - _WINDOW)
        found = find(os.pread(descriptor, min(end + 64, size) - start, start))
        if found >= 0:
            return start + int(found)
        end = start
    return None


def _csv(descriptor: int, size: int) -> int | None:
    """Behind the last line end that stands outside of quotes: that depends on every quote before it."""
    quoted, last = False, None
    position = 0
    while position < size:
        window = os.pread(descriptor, min(_WINDOW, size - position), position)
        if not window:
            break
        for place, part in _parts(window):
            if not quoted and (found := part.rfind(b"\n")) >= 0:
                last = position + place + found + 1
            quoted ^= place + len(part) < len(window)
        position += len(window)
    return last


def _parts(window: bytes) -> list[tuple[int, bytes]]:
    """What stands between the quotes, and where."""
    parts, place = [], 0
    for part in window.split(b'"'):
        parts.append((place, part))
        place += len(part) + 1
    return parts
