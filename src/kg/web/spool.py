"""Sending a finished answer, however slowly it is read: the worker that made it is free again."""

from __future__ import annotations

from collections.abc import Mapping

import anyio.to_thread
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kg.store.question import Answer

CHUNK = 256 * 2**10


class SpoolResponse(Response):
    """An answer sent chunk by chunk from its file, which is closed whatever happens."""

    def __init__(self, answer: Answer, headers: Mapping[str, str]) -> None:
        super().__init__(None, 200, headers)
        self.answer = answer
        self.raw_headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        self.headers["content-length"] = str(answer.size)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.answer:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            left = 0 if scope["method"] == "HEAD" else self.answer.size
            while left:
                chunk = await anyio.to_thread.run_sync(self.answer.file.read, min(CHUNK, left))
                if not chunk:
                    raise OSError("the spool is shorter than the answer")
                left -= len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": left > 0})
            if scope["method"] == "HEAD" or not self.answer.size:
                await send({"type": "http.response.body", "body": b""})
