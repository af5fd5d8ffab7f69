"""What the front and its children say to each other: a JSON object, and bytes beside it."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, TypeAlias

import orjson

Header: TypeAlias = dict[str, Any]
FORGET: Final = "forget"  # takes so many frames back that were sent before it and nobody has begun with

_HEAD: Final = struct.Struct(">II")  # bytes of the JSON, bytes beside it
_LIMIT: Final = 4 * 2**20
_PIECE: Final = 2**16


class BrokenFrameError(Exception):
    """The other side does not keep to the protocol."""


def pack(header: Header, body: bytes | bytearray = b"") -> bytes:
    """One frame."""
    head = orjson.dumps(header)
    return b"".join((_HEAD.pack(len(head), len(body)), head, body))


class Frames:
    """Puts frames together from what arrives."""

    __slots__ = ("_parts", "_wanted")

    def __init__(self) -> None:
        self._parts: list[bytes] = []  # of a frame that is not whole
        self._wanted = 0  # bytes that are missing before it is worth another look

    def feed(self, data: bytes) -> Iterator[tuple[Header, bytes]]:
        """The frames that are whole now. Raises BrokenFrameError."""
        if self._parts:
            self._parts.append(data)
            self._wanted -= len(data)
            if self._wanted > 0:
                return
            data = b"".join(self._parts)
            self._parts = []
        start, end = 0, len(data)
        self._wanted = _HEAD.size - end
        while end - start >= _HEAD.size:
            head, body = _HEAD.unpack_from(data, start)
            if head > _LIMIT or body > _LIMIT:
                raise BrokenFrameError
            middle = start + _HEAD.size + head
            if middle + body > end:
                self._wanted = middle + body - end
                break
            try:
                header = orjson.loads(data[start + _HEAD.size : middle])
            except ValueError as error:
                raise BrokenFrameError from error
            yield header, data[middle : middle + body]
            start = middle + body
            self._wanted = _HEAD.size - (end - start)
        if start < end:
            self._parts.append(data[start:])


class Inbox:
    """The frames that arrive at a blocking socket, one after the other; one that is taken back says FORGET."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._frames = Frames()
        self._whole: deque[tuple[Header, bytes]] = deque()
        self._view = memoryview(bytearray(_PIECE))  # one for all, or each receipt would map and unmap its own

    def __len__(self) -> int:
        """How many frames have arrived and were not taken."""
        return len(self._whole)

    def get(self) -> tuple[Header, bytes]:
        """The next frame, waited for. Raises EOFError when the other side has hung up."""
        while not self._whole:
            self._take(self._connection.recv_into(self._view))
        return self._whole.popleft()

    def look(self) -> None:
        """Takes in what has arrived, without waiting. Raises EOFError when the other side has hung up."""
        with contextlib.suppress(BlockingIOError):
            self._take(self._connection.recv_into(self._view, 0, socket.MSG_DONTWAIT))

    def _take(self, size: int) -> None:
        if not size:
            raise EOFError
        for frame in self._frames.feed(bytes(self._view[:size])):
            if FORGET not in frame[0]:
                self._whole.append(frame)
                continue
            for header, _ in islice(reversed(self._whole), frame[0][FORGET]):
                header[FORGET] = True
