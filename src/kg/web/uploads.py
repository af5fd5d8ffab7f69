"""The body of a write: into an unlinked file, no longer than it may be and no slower."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import IO

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from kg.errors import SlowRequestError, StoreError, TooLargeError


async def receive_file(receive: Receive, limit: int, seconds: float, folder: Path | None) -> IO[bytes]:
    """The whole body, at its start. Raises TooLargeError, SlowRequestError, ClientDisconnect, StoreError."""
    try:
        file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (handed on)
    except OSError as error:
        raise StoreError(
            f"the body cannot be kept on the disk ({error.strerror})",
            f"тялото на заявката не може да се запази на диска ({error.strerror})",
        ) from error
    try:
        async with asyncio.timeout(seconds):
            await _copy(receive, file, limit)
    except TimeoutError as error:
        file.close()
        raise SlowRequestError(
            f"the request did not arrive within {seconds:g} seconds",
            f"Заявката не пристигна за {seconds:g} секунди",
        ) from error
    except BaseException:
        file.close()
        raise
    return file


async def _copy(receive: Receive, file: IO[bytes], limit: int) -> None:
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        length += len(part)
        if length > limit:
            raise TooLargeError(
                f"the body is longer than {limit} bytes; send it in parts (POST adds to a graph)",
                f"тялото е по-дълго от {limit} байта; изпратете го на части (POST добавя към граф)",
            )
        file.write(part)
        more = message.get("more_body", False)
    file.flush()


def file_of(content: bytes, folder: Path | None) -> IO[bytes]:
    """Some bytes in an unlinked file."""
    file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (handed on)
    file.write(content)
    file.flush()
    return file
