"""`kg serve` as users start it: a process of its own on a free loopback port, seen from outside only."""

from __future__ import annotations

import contextlib
import http.client
import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

KG = (sys.executable, "-c", "from kg.cli import main; main()")
BASE = "http://localhost:8000"  # of the homes that tests build
TOKEN = "bootstrap-admin-token-of-the-tests"
BROKEN, CLOSED = 0, -1  # a reply that ended early; a connection that ended without one


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status of a whole reply, else BROKEN or CLOSED."""

    outcome: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


class Served:
    """The service over a home, with settings by their names without `KG_`, and a port that the base may need."""

    def __init__(self, home: Path, log: Path, **settings: object) -> None:
        self.home = home
        self.log = log
        self.port = int(str(settings.pop("port", 0))) or free_port()
        self.settings = {"base": BASE, "token": TOKEN, "log": str(log.with_suffix(".jsonl")), **settings}
        self._family: set[_Process] = set()  # orphans are known by having been seen with their parents
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def environment(self) -> Mapping[str, str]:
        """What a command of `kg` needs to work on the same home."""
        ours = {f"KG_{name.upper()}": str(value) for name, value in self.settings.items()}
        others = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}
        return {**others, **ours, "KG_HOME": str(self.home)}

    def start(self) -> None:
        """Returns when the service answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*KG, "serve", "--port", str(self.port)],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + 60
        while self.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").outcome != 200:
            assert self._process.poll() is None and time.monotonic() < until, self.log.read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends it as an administrator would, and every process of it has to go."""
        if self._process is not None:
            self.processes()
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            finally:
                left = self._gone()
            assert not left, left

    def kill(self) -> None:
        """`kill -9` of the serving process; its children have to notice."""
        assert self._process is not None
        self.processes()
        self._process.kill()
        self._process.wait()
        left = self._gone()
        assert not left, left

    def _gone(self) -> Mapping[int, str]:
        """Waits for the last process of the service; the ones that stay are returned, and ended."""
        until = time.monotonic() + 10
        while (left := self.processes()) and time.monotonic() < until:
            time.sleep(0.02)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process = None
        return left

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def processes(self) -> Mapping[int, str]:
        """Command lines by process: the serving one and all that descend from it, orphans too."""
        there = {one.pid: one for one in _all()}
        self._family = {one for one in self._family if there.get(one.pid) == one}
        parents = {one.pid for one in self._family} | {self.pid}
        while young := {one for one in there.values() if one.parent in parents and one.pid not in parents}:
            parents |= {one.pid for one in young}
        self._family = {there[pid] for pid in parents if pid in there}
        return {one.pid: one.command for one in self._family if one.alive}

    def children(self) -> Mapping[int, str]:
        return {pid: command for pid, command in self.processes().items() if pid != self.pid}

    def memory(self) -> int:
        """Bytes of memory of all processes; what they share is counted once (proportional set size)."""
        total = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
                total += int(found[1]) * 1024 if found else 0
        return total

    def connect(self, timeout: float = 30) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def send(self, request: bytes, timeout: float = 30) -> Reply:
        """The reply to a request that is sent as these bytes, whatever they are."""
        try:
            connection = self.connect(timeout)
        except ConnectionError:
            return Reply(CLOSED)
        with connection:
            with contextlib.suppress(ConnectionError):  # refused while it was being sent; the reply may be there
                connection.sendall(request)
            return Replies(connection).next(request.partition(b" ")[0].decode("latin-1"))

    def __repr__(self) -> str:
        return f"Served({self.url})"


class Replies:
    """The replies on a connection, one after the other."""

    def __init__(self, connection: socket.socket) -> None:
        self._file = _Open(connection.makefile("rb", buffering=0))

    def next(self, method: str = "GET") -> Reply:
        response = http.client.HTTPResponse(self, method=method)  # type: ignore[arg-type]
        try:
            response.begin()
        except (ConnectionError, http.client.HTTPException):
            return Reply(CLOSED)
        headers = tuple(response.getheaders())
        try:
            return Reply(response.status, headers, response.read())
        except http.client.IncompleteRead as half:
            return Reply(BROKEN, headers, half.partial)
        except ConnectionError:
            return Reply(BROKEN, headers)

    def makefile(self, mode: str) -> io.BufferedReader:
        """What a reply is read from; none of them may close it, nor keep what belongs to the next."""
        return self._file


class _Open(io.BufferedReader):
    def close(self) -> None:
        """The connection is closed by whom it belongs to."""


def chunks(connection: socket.socket) -> Iterator[bytes]:
    """What arrives, until the other side closes."""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            yield part


@dataclass(frozen=True, slots=True)
class _Process:
    """A process by its number and start, which are never given twice."""

    pid: int
    start: int
    parent: int = field(compare=False)
    alive: bool = field(compare=False)
    command: str = field(compare=False)


def _all() -> Iterator[_Process]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            yield _Process(int(folder.name), int(fields[19]), int(fields[1]), fields[0] not in "ZX", command)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
