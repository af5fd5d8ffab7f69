"""One request and its reply on a connection; a reply that was not completed ends with a reset."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_FRAMING: Final = frozenset({b"content-length", b"connection"})
_WITHOUT_BODY: Final = frozenset({204, 304})


class Cycle(RequestResponseCycle):
    """One request and its reply."""

    head = b""  # of the reply, kept until there is something of its body
    ends_with_connection = False  # the body of the reply, for a client that knows no chunks

    async def run_asgi(self, app: Any) -> None:
        """The application has caught its own errors; what it leaves unfinished is cut off."""
        try:
            await app(self.scope, self.receive, self.send)
        finally:
            self.on_response = _nothing
            if not self.response_complete and not self.disconnected:
                cut(self.transport)

    async def send(self, message: Any) -> None:
        """As uvicorn's, with one write for a short reply. Raises RuntimeError for what cannot be sent as it is."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if not self.response_started:
            self.response_started = True
            self.waiting_for_100_continue = False
            self.head = self._head(message["status"], message["headers"])
        elif not self.response_complete:
            self._body(message.get("body", b""), message.get("more_body", False))
        else:
            raise RuntimeError("the reply is complete already")

    def _head(self, status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
        fields = [*self.default_headers, *headers]
        self.expected_content_length = 0
        for name, value in fields:
            if name in _FRAMING:
                if name == b"content-length":
                    self.chunked_encoding, self.expected_content_length = False, int(value)
                elif name == b"connection" and b"close" in value.lower():
                    self.keep_alive = False
        if not self.keep_alive:
            fields.append((b"connection", b"close"))
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in _WITHOUT_BODY:
            self.chunked_encoding = self.scope["http_version"] != "1.0"
            self.ends_with_connection = not self.chunked_encoding
            if self.chunked_encoding:
                fields.append((b"transfer-encoding", b"chunked"))
        head = STATUS_LINE[status] + b"\r\n".join([b": ".join(field) for field in fields]) + b"\r\n\r\n"
        lines = len(fields) + 2
        if head.count(b"\n") != lines or head.count(b"\r") != lines or b"\0" in head:
            raise RuntimeError("a header field holds a line break")
        return head

    def _body(self, body: bytes, more: bool) -> None:
        head, self.head = self.head, b""
        if self.scope["method"] == "HEAD":
            body = b""
            self.expected_content_length = 0
        elif self.ends_with_connection:
            pass
        elif self.chunked_encoding:
            body = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            if not more:
                body += b"0\r\n\r\n"
        else:
            self.expected_content_length -= len(body)
        if self.expected_content_length < 0 or (not more and self.expected_content_length):
            raise RuntimeError("the reply is not as long as its Content-Length")
        if head or body:
            self.transport.write(head + body)
        if not more:
            self.response_complete = True
            self.message_event.set()
            if not self.keep_alive:
                self.transport.close()
            self.on_response()


def cut(transport: asyncio.Transport) -> None:
    """Ends the connection with a reset; what is on its way is lost, and cannot be taken for all there is."""
    opened = transport.get_extra_info("socket")
    if opened is not None:
        with contextlib.suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _nothing() -> None:
    """Nobody waits for the reply any more."""
