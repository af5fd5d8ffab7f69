"""The body of a request, no longer than it may be and no slower."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from kg.errors import SlowRequestError, TooLargeError


async def read(receive: Receive, limit: int, seconds: float) -> bytes:
    """The whole body. Raises TooLargeError, SlowRequestError, ClientDisconnect."""
    parts: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                part = message.get("body", b"")
                length += len(part)
                if length > limit:
                    raise TooLargeError(
                        f"the request is longer than {limit} bytes", f"Заявката е по-дълга от {limit} байта"
                    )
                parts.append(part)
                if not message.get("more_body", False):
                    return parts[0] if len(parts) == 1 else b"".join(parts)
    except TimeoutError as error:
        raise SlowRequestError(
            f"the request did not arrive within {seconds:g} seconds",
            f"Заявката не пристигна за {seconds:g} секунди",
        ) from error
