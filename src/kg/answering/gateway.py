"""The only address that the engine's SERVICE ever sees: a listener on loopback, in the process of the engine.

Its path holds a secret, so nobody else on the machine can use it, and a query cannot name it. It checks what it is
asked for (`allowlist`), asks it (`remote`) and hands the rows over when they are complete: an answer that breaks off
would look whole to a SERVICE SILENT.
"""

from __future__ import annotations

import ctypes
import fcntl
import hmac
import secrets
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from kg.answering import remote
from kg.answering.allowlist import Allow, Refused
from kg.errors import KgError, RemoteError

_NEW_NETWORK: Final = 0x40000000  # CLONE_NEWNET, sched.h
_NEW_USER: Final = 0x10000000  # CLONE_NEWUSER
_SYS_ADMIN: Final = 21  # CAP_SYS_ADMIN, capabilities(7)
_SET_FLAGS: Final = 0x8914  # SIOCSIFFLAGS, netdevice(7)
_UP: Final = 0x1 | 0x40  # IFF_UP | IFF_RUNNING
_STACK: Final = 512 * 2**10
_MAX_QUERY: Final = 2**21
_REMEMBERED: Final = 64  # answers within one query; a variable target asks the same once per row


class Gateway:
    """The listener, and what happened in the query that is being evaluated."""

    def __init__(self, allow: Allow, *, lenient: bool = False, limit: int = 64 * 2**20, seconds: float = 60.0) -> None:
        """`lenient`: SERVICE SILENT of an endpoint off the list finds nothing, as it may; else the query is refused."""
        self.allow = allow
        self.lenient = lenient
        self.isolated = False  # whether the engine's threads can reach nothing but this
        self.refused: list[Refused] = []
        self.failed: list[str] = []
        self._limit = limit
        self._seconds = seconds
        self._path = f"/{secrets.token_urlsafe(24)}/"
        self._server: _Server | None = None
        self._answers: dict[tuple[str, bytes], remote.Reply] = {}

    def start(self, *, isolate: bool = True) -> None:
        """Listen. With `isolate`, threads started after this have a network of their own, where the kernel allows it.

        Call it before any other thread is there, or leave the network as it is.
        """
        ready, bound = threading.Event(), threading.Event()

        def serve() -> None:
            ready.set()
            bound.wait()
            while (server := self._server) is not None:
                server.handle_request()

        if isolate:
            _own_user()
        stack = threading.stack_size(_STACK)
        try:
            self._thread = threading.Thread(target=serve, name="gateway", daemon=True)
            self._thread.start()
        finally:
            threading.stack_size(stack)
        ready.wait()  # the thread keeps the network that we are about to leave
        self.isolated = isolate and _own_network()
        gateway = self

        class Handler(_Handler):
            def ask(self, address: str, query: bytes) -> tuple[int, remote.Reply]:
                return gateway.answer(address, query)

            def secret(self) -> str:
                return gateway._path

        self._server = _Server(("127.0.0.1", 0), Handler)
        bound.set()

    def close(self) -> None:
        """Listen no longer."""
        server, self._server = self._server, None
        if server is not None:
            socket.create_connection(("127.0.0.1", server.server_port)).close()  # it waits for one more
            self._thread.join()
            server.server_close()

    @property
    def address(self) -> str:
        """What the address of an endpoint, percent-encoded, is appended to."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_port}{self._path}"

    def begin(self) -> None:
        """Another query begins: nothing was refused, nothing has failed, nothing is remembered."""
        self.refused, self.failed, self._answers = [], [], {}

    def trouble(self, message: str | None = None) -> KgError | None:
        """What to tell about the last query instead of its rows, or of the engine's message, which may name us.

        `message` is what the engine gave up with; None when it did not: then a refusal that SILENT hid is told.
        """
        if self.refused and (message is not None or not self.lenient):
            return self.refused[0]
        if message is not None and self.address in message:
            reason = self.failed[0] if self.failed else "the endpoint did not answer"
            return RemoteError(
                f"SERVICE {reason}; try again later, or write SERVICE SILENT to go on without it",
                f"SERVICE {reason}; опитайте по-късно или пишете SERVICE SILENT, за да продължите без нея",
            )
        return None

    def answer(self, address: str, query: bytes) -> tuple[int, remote.Reply]:
        """Status and rows of what the engine asks for."""
        key = (address, query)
        if key in self._answers:
            return 200, self._answers[key]
        nothing = remote.Reply("text/plain", b"")
        try:
            reply = remote.ask(self.allow.check(address), query, limit=self._limit, seconds=self._seconds)
        except Refused as error:
            self.refused.append(error)
            return 403, nothing
        except (remote.RemoteFailure, OSError) as error:
            reason = str(error) if isinstance(error, remote.RemoteFailure) else "the name cannot be resolved"
            self.failed.append(f"<{address[:200]}>: {reason}")
            return 502, nothing
        if len(self._answers) < _REMEMBERED and len(reply.content) < self._limit // _REMEMBERED:
            self._answers[key] = reply
        return 200, reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def process_request(self, request: Any, client_address: Any) -> None:
        stack = threading.stack_size(_STACK)  # the engine's thread has asked for a large one
        try:
            super().process_request(request, client_address)
        finally:
            threading.stack_size(stack)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The engine hung up; it knows why."""


class _Handler(BaseHTTPRequestHandler):
    timeout = 60

    def ask(self, address: str, query: bytes) -> tuple[int, remote.Reply]:
        raise NotImplementedError

    def secret(self) -> str:
        raise NotImplementedError

    def do_POST(self) -> None:
        secret = self.secret()
        length = self.headers.get("Content-Length", "")
        known = hmac.compare_digest(self.path[: len(secret)].encode(), secret.encode())
        if not known or not length.isdigit() or int(length) > _MAX_QUERY:
            status, reply = 404, remote.Reply("text/plain", b"")
        else:
            status, reply = self.ask(unquote(self.path[len(secret) :]), self.rfile.read(int(length)))
        self.send_response(status)
        self.send_header("Content-Type", reply.media_type)
        self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        self.wfile.write(reply.content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: what was asked of whom is the reader's affair."""


def _own_user() -> None:
    """Without the right to change networks, a user namespace gives it; only a process of one thread may enter one."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    effective = next(line for line in status.splitlines() if line.startswith("CapEff"))
    if not int(effective.split()[1], 16) >> _SYS_ADMIN & 1:
        ctypes.CDLL(None).unshare(_NEW_USER)


def _own_network() -> bool:
    """Whether this thread now has a network with a loopback interface and nothing else."""
    if ctypes.CDLL(None).unshare(_NEW_NETWORK) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))
    return True
