"""Connections on which requests are sent byte by byte, and replies are read one by one."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from kg.store.embedded import EmbeddedStore

from .conftest import Server
from .scripted import Script, Scripted, small

BODY = b'{"head":{},"boolean":true}'
HOST = b"Host: kg.example\r\n"


class Line:
    """One connection; replies are read by their Content-Length."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), 20)
        self._left = b""

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.socket.sendall(part)

    def reply(self, *, head: bool = False) -> tuple[int, dict[str, str], bytes]:
        while b"\r\n\r\n" not in self._left:
            self._more()
        raw, _, self._left = self._left.partition(b"\r\n\r\n")
        lines = raw.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        assert len(headers) == len(lines) - 1
        length = 0 if head else int(headers.get("content-length", 0))
        while len(self._left) < length:
            self._more()
        body, self._left = self._left[:length], self._left[length:]
        return int(lines[0].split()[1]), headers, body

    def ask(self, *parts: bytes, head: bool = False) -> tuple[int, dict[str, str], bytes]:
        self.send(*parts)
        return self.reply(head=head)

    def _more(self) -> None:
        part = self.socket.recv(65536)
        assert part, "the connection has ended"
        self._left += part


@contextmanager
def lines(
    store: EmbeddedStore, number: int = 1, script: Script | None = None
) -> Iterator[tuple[Server, Scripted, list[Line]]]:
    """A server of scripted answers, and so many connections to it."""
    workers = Scripted(script or small(BODY))
    with Server(store, workers) as server:
        opened = [Line(server) for _ in range(number)]
        try:
            yield server, workers, opened
        finally:
            for line in opened:
                line.socket.close()


def repeated(server: Server) -> int:
    """How many requests were answered without being parsed, because their bytes had come before."""
    return _counted(server, "repeated")


def familiar(server: Server) -> int:
    """How many were asked, or answered, without being parsed, because the like had come before."""
    return _counted(server, "familiar")


def _counted(server: Server, name: str) -> int:
    told = httpx.get(server.url + "/metrics").text
    found = re.search(rf"^kg_{name}_requests ([0-9.]+)$", told, re.MULTILINE)
    assert found
    return int(float(found[1]))
