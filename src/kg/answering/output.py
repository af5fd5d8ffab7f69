"""Where a child writes an answer: into memory while it is small, then into a file that the front may read meanwhile."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kg.errors import NotAcceptableError
from kg.formats import JSON, NT, RDF, TTL, XML, Format

INLINE: Final = 64 * 2**10  # an answer up to this size needs no file
_BATCH: Final = 256 * 2**10
_PAUSE: Final = 0.1  # seconds between two reports of how far it has come
_OVERLAP: Final = 64  # more than what is looked for is long

# What XML 1.0 cannot hold in any way (§2.2), and an element name that ends with its colon: the engine writes both.
_NOT_XML: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|</?[^<>\s]{0,40}:[\s/>]")


class FullError(Exception):
    """The answer is larger than one answer may be."""


class NoRoomError(Exception):
    """The file cannot be written; the cause says why."""


class Output:
    """A file object for the engine's serialisers."""

    __slots__ = (
        "_begun",
        "_buffer",
        "_first",
        "_folder",
        "_grown",
        "_offered",
        "_tail",
        "_told",
        "_xml",
        "begins",
        "descriptor",
        "limit",
        "size",
    )

    def __init__(self, format: Format, *, limit: int, folder: Path | None) -> None:
        """`limit`: bytes of the whole; `folder`: of the file, where one is needed."""
        self.size = 0  # bytes written, those in memory included
        self.limit = limit
        self.descriptor = -1
        self.begins = False  # whether `begun` was told
        self._buffer = bytearray()
        self._folder = folder
        self._first: int | None = None
        self._begun: Callable[[int, int], None] | None = None
        self._grown: Callable[[int], None] | None = None
        self._told = 0.0
        self._xml = format is XML or format is RDF
        self._offered = (JSON, TTL) if format is XML else (TTL, NT)
        self._tail = b""

    def begin_at(self, first: int, begun: Callable[[int, int], None], grown: Callable[[int], None]) -> None:
        """`begun` is told descriptor and size once `first` bytes are there, `grown` the size from time to time."""
        self._first, self._begun, self._grown = first, begun, grown

    def write(self, data: bytes) -> int:
        """Raises FullError over the limit, NoRoomError, and NotAcceptableError for what XML cannot hold."""
        if self._xml and b"\r" in data:
            data, length = data.replace(b"\r", b"&#13;"), len(data)  # as it is, a reader takes it for a line feed
        else:
            length = len(data)
        if self.size + len(data) > self.limit:
            room = self.limit - self.size
            self._buffer += data[:room]
            self.size += room
            raise FullError
        self._buffer += data
        self.size += len(data)
        full = len(self._buffer) > (INLINE if self.descriptor < 0 else _BATCH)
        if full or (self.begins and time.monotonic() - self._told > _PAUSE):
            self.spill()
        return length

    def flush(self) -> None:
        """The serialisers call this at their end; what is small stays in memory."""

    def spill(self) -> None:
        """Into the file, which is made when there is none."""
        self._check()
        try:
            if self.descriptor < 0:
                self.descriptor = _unlinked(self._folder)
            view = memoryview(self._buffer)
            while view:
                view = view[os.write(self.descriptor, view) :]
        except OSError as error:
            raise NoRoomError from error
        finally:
            view = memoryview(b"")
        self._buffer = bytearray()
        if self._begun and self._first is not None and not self.begins and self.size >= self._first:
            self.begins = True
            self._told = time.monotonic()
            self._begun(self.descriptor, self.size)
        elif self.begins and self._grown and time.monotonic() - self._told > _PAUSE:
            self._told = time.monotonic()
            self._grown(self.size)

    def finish(self) -> bytes:
        """The whole answer when it is small; else all of it is in the file."""
        if self.descriptor < 0 and self.size <= INLINE:
            self._check()
            return bytes(self._buffer)
        if self._buffer:
            self.spill()
        return b""

    def cut(self, size: int, closing: bytes) -> None:
        """Keeps so many bytes and ends them like this; the limit does not count the ending."""
        if self.descriptor < 0 or self._buffer:
            self.spill()
        os.ftruncate(self.descriptor, size)
        os.lseek(self.descriptor, size, os.SEEK_SET)
        os.write(self.descriptor, closing)
        self.size = size + len(closing)

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def _check(self) -> None:
        if not self._xml:
            return
        if _NOT_XML.search(self._tail + bytes(self._buffer)):
            raise NotAcceptableError(
                "the answer holds characters or names that XML cannot express; ask for JSON or Turtle",
                "Отговорът съдържа знаци или имена, които XML не може да изрази; поискайте JSON или Turtle",
                offered=[format.media_type for format in self._offered],
            )
        self._tail = bytes(self._buffer[-_OVERLAP:])


def _unlinked(folder: Path | None) -> int:
    where = folder or Path(tempfile.gettempdir())
    try:
        return os.open(where, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:  # not every file system has files without a name
        descriptor, path = tempfile.mkstemp(dir=where)
        os.unlink(path)  # noqa: PTH108 (a descriptor beside it)
        return descriptor
