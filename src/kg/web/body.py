"""The body of a request, no longer than it may be and no slower."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from kg.errors import BusyError, SlowRequestError, StoreError, TooLargeError

ROOM = 64 * 2**20
"""Bytes of all queries and updates that are being read or answered."""

_SMALL = 2**16  # bytes that there is always room for
FORM_MAX = 3 * 2**20 + 2**16
"""Bytes of a query or an update that is sent as a form: each of its own may be written as three."""


class Room:
    """Memory for the bodies of all requests that are under way."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0

    async def read(self, receive: Receive, limit: int, seconds: float) -> bytes:
        """The whole body; whoever has it gives its bytes back with `give`.

        Raises TooLargeError, SlowRequestError, BusyError, ClientDisconnect.
        """
        parts: list[bytes] = []
        held = 0

        def keep(part: bytes) -> None:
            nonlocal held
            self.taken += len(part)
            held += len(part)
            if self.taken > self.limit and held > _SMALL:
                raise BusyError(
                    "too many large requests at a time; try again in a few seconds",
                    "Твърде много големи заявки наведнъж; опитайте след няколко секунди",
                )
            parts.append(part)

        try:
            await _take(receive, keep, limit, seconds)
        except BaseException:
            self.give(held)
            raise
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def give(self, size: int) -> None:
        """So many bytes are needed no longer."""
        self.taken -= size


async def receive_file(receive: Receive, limit: int, seconds: float, folder: Path | None) -> IO[bytes]:
    """The whole body in an unlinked file. Raises TooLargeError, SlowRequestError, ClientDisconnect, StoreError."""
    try:
        file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (handed on)
    except OSError as error:
        raise StoreError(
            f"the body cannot be kept on the disk ({error.strerror})",
            f"Тялото на заявката не може да се запази на диска ({error.strerror})",
        ) from error
    try:
        await _take(receive, file.write, limit, seconds)
        file.flush()
    except BaseException:
        file.close()
        raise
    return file


def file_of(content: bytes, folder: Path | None) -> IO[bytes]:
    """Some bytes in an unlinked file."""
    file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (handed on)
    file.write(content)
    file.flush()
    return file


async def _take(receive: Receive, keep: Callable[[bytes], object], limit: int, seconds: float) -> None:
    length, more = 0, True
    try:
        async with asyncio.timeout(seconds):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                part = message.get("body", b"")
                length += len(part)
                if length > limit:
                    raise TooLargeError(
                        f"the body of the request is longer than {limit} bytes; send it in parts",
                        f"Тялото на заявката е по-дълго от {limit} байта; изпратете го на части",
                    )
                keep(part)
                more = message.get("more_body", False)
    except TimeoutError as error:
        raise SlowRequestError(
            f"the request did not arrive within {seconds:g} seconds",
            f"Заявката не пристигна за {seconds:g} секунди",
        ) from error
