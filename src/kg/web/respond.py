"""An answer on its way to the client: in one piece when it is small, else block by block as fast as it is read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from kg.answering.question import Answer
from kg.errors import KgError
from kg.web.cache import Variant
from kg.web.coding import IDENTITY, Coding, Stream
from kg.web.conditional import Condition
from kg.web.exchange import exchange
from kg.web.fields import Fields
from kg.web.watch import Watch

BLOCK = 256 * 2**10  # bytes
_UNCHANGED = {b"vary", b"cache-control", b"last-modified", b"x-release", b"content-location"}

log = logging.getLogger("kg.web")
_compressors = ThreadPoolExecutor(2, "compress")


async def send_variant(scope: Scope, send: Send, variant: Variant, condition: Condition) -> None:
    """A kept answer, or that the client has it already."""
    if condition:
        had = condition.had((variant.tag,), variant.kept.modified)
        if had is not None:
            await send_unchanged(send, variant.headers, had or variant.tag)
            return
    await send_whole(scope, send, variant.headers, variant.body)


async def send_whole(scope: Scope, send: Send, headers: Fields, body: bytes) -> None:
    """A reply in one piece; its headers are complete. What is longer than a block waits for its reader in between."""
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["method"] == "HEAD":
        body = b""
    while len(body) > BLOCK:
        await send({"type": "http.response.body", "body": body[:BLOCK], "more_body": True})
        body = body[BLOCK:]
    await send({"type": "http.response.body", "body": body})


async def send_unchanged(send: Send, headers: Fields, tagged: bytes) -> None:
    """304: the client has it already (RFC 9110 §15.4.5)."""
    kept = [(name, value) for name, value in headers if name in _UNCHANGED]
    if tagged:
        kept.append((b"etag", tagged))
    await send({"type": "http.response.start", "status": 304, "headers": kept})
    await send({"type": "http.response.body", "body": b""})


async def send_stream(
    scope: Scope, receive: Receive, send: Send, answer: Answer, headers: Fields, coding: Coding
) -> None:
    """A long answer, in constant memory; whoever calls closes it.

    An engine that fails midway leaves the reply incomplete, which ends the connection with a reset (`kg.web.cycle`), so
    that no client takes a part for the whole. Raises ClientDisconnect then, and when the client goes away or reads no
    more.
    """
    if coding is not IDENTITY:
        headers = [*headers, (b"content-encoding", coding.name.encode())]
    elif answer.size is not None:
        headers = [*headers, (b"content-length", b"%d" % answer.size)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["method"] != "HEAD":
        try:
            with Watch(receive, 0):
                async for block in _coded(_blocks(answer), coding):
                    await send({"type": "http.response.body", "body": block, "more_body": True})
        except KgError as error:
            log.warning("%s: the answer broke off: %s", exchange(scope).id, error)
            raise ClientDisconnect from error
    await send({"type": "http.response.body", "body": b""})


async def _blocks(answer: Answer) -> AsyncIterator[bytes]:
    """Blocks of one size and the rest, however the engine came along: the same answer is coded alike every time."""
    parts: list[bytes] = []
    length = 0
    async for chunk in answer.chunks(BLOCK):
        parts.append(chunk)
        length += len(chunk)
        while length >= BLOCK:
            joined = b"".join(parts) if len(parts) > 1 else parts[0]
            yield joined if length == BLOCK else joined[:BLOCK]
            length -= BLOCK
            parts = [joined[BLOCK:]] if length else []
    if length:
        yield b"".join(parts)


async def _coded(blocks: AsyncIterator[bytes], coding: Coding) -> AsyncIterator[bytes]:
    if coding is IDENTITY:
        async for block in blocks:
            yield block
        return
    stream: Stream = coding.stream()
    loop = asyncio.get_running_loop()
    async for block in blocks:
        yield await loop.run_in_executor(_compressors, stream.block, block)
    yield stream.end()
