"""A service over the mayor's report with narrow limits, and what has to hold after every attack."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.hostile.case import GRAPH, Request
from tests.served import BASE, KG, TOKEN, Reply, Served

LIMITS = {
    "query_timeout": 2,
    "worker_memory": 512 * 2**20,
    "spool_first": 2**20,
    "spool_max": 64 * 2**20,
    "spool_total": 256 * 2**20,
    "body_max": 16 * 2**20,
    "cache_bytes": 4 * 2**20,
    "header_time": 1,
    "body_time": 1,
    "send_time": 2,
    "write_timeout": 60,
    "queue_wait": 30,
}
KEPT = f"{BASE}/graph/endpoint/kept"
STATE = f"""SELECT ?g ?s ?p ?o {{
  GRAPH ?g {{ ?s ?p ?o }}
  FILTER(STRSTARTS(STR(?g), "{BASE}/graph/endpoint/") || STRSTARTS(STR(?g), "urn:"))
}} ORDER BY ?g ?s ?p ?o"""
OTHERS = f"""SELECT ?g (COUNT(*) AS ?n) {{
  GRAPH ?g {{ ?s ?p ?o }}
  FILTER(!STRSTARTS(STR(?g), "{BASE}/graph/endpoint/") && ?g != <{BASE}/graph/meta>)
}} GROUP BY ?g ORDER BY ?g"""
State = tuple[bytes, bytes]


class Listener:
    """An address that nobody may call, and how often it was called."""

    def __init__(self) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


class Hostile(Served):
    """The service as attackers and their victims see it."""

    listener: Listener
    tokens: dict[str, str]
    start_memory: int
    _number = 0

    def attack(self, request: Request) -> Reply:
        raw = request.written(f"127.0.0.1:{self.port}", self.listener.host)
        for role, token in self.tokens.items():
            raw = raw.replace(f"@{role}@".encode(), token.encode())
        return self.send(raw)

    def ask(self, text: str, patience: float = 30, **parameters: str) -> Reply:
        target = f"/sparql?{urlencode({'format': 'csv', **parameters})}"
        headers = (("Content-Type", "application/sparql-query"),)
        request = Request("POST", target, headers, text.encode())
        return self.send(request.written("localhost", "localhost"), patience)

    def write(self, method: str, target: str, body: str = "", media_type: str = "text/turtle") -> Reply:
        headers = (("Content-Type", media_type), ("Authorization", f"Bearer {TOKEN}"))
        return self.send(Request(method, target, headers, body.encode()).written("localhost", "localhost"))

    def put(self, graph: str, body: str) -> Reply:
        return self.write("PUT", f"/graphs?graph={quote(graph, safe='')}", body)

    def update(self, text: str) -> Reply:
        return self.write("POST", "/update", text, "application/sparql-update")

    def forget(self) -> None:
        """Takes back what an attack was allowed to write."""
        assert self.write("DELETE", f"/graphs?graph={quote(GRAPH, safe='')}").outcome in {200, 204, 404}

    def state(self) -> State:
        """What is in the graphs of the endpoint, and how much in those of others."""
        endpoint, others = self.ask(STATE), self.ask(OTHERS)
        assert (endpoint.outcome, others.outcome) == (200, 200), (endpoint, others)
        return endpoint.body, others.body

    def small(self) -> None:
        """A small query that nobody has asked before is answered within a second."""
        self._number += 1
        start = time.monotonic()
        reply = self.ask(f"SELECT ({self._number} AS ?n) {{}}", patience=5)
        seconds = time.monotonic() - start
        assert reply.outcome == 200, reply
        assert reply.body == b"n\r\n%d\r\n" % self._number
        assert seconds < 1, f"{seconds:.2f} s"

    def slim(self) -> None:
        """Its memory is back within a fifth of what it was at the start."""
        until = time.monotonic() + 15
        while (memory := self.memory()) > 1.2 * self.start_memory and time.monotonic() < until:
            time.sleep(0.05)
        start = self.start_memory
        if memory > 1.2 * start:
            self.start_memory = memory  # the tests that follow are not to blame
        assert memory <= 1.2 * start, f"{start >> 20} MiB → {memory >> 20} MiB"

    @contextmanager
    def unharmed(self) -> Iterator[None]:
        """Afterwards a small query is answered, memory is back, nobody was called, and nothing is written or lost."""
        before = self.state()
        yield
        self.small()
        self.slim()
        assert self.listener.calls == 0
        assert self.state() == before

    def warm(self) -> None:
        """Each kind of request until processes hold what they hold after a day of work; then memory is measured.

        A process keeps its last two releases open, and what it has read of them, so one of each kind is not enough.
        """
        endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        much = "".join(f"<urn:s{number}> <urn:p> {number} .\n" for number in range(5_000))
        for _ in range(4):
            assert self.put(GRAPH, much).outcome in {200, 201, 204}
            self.forget()
            assert self.put(KEPT, "<urn:kept> <urn:p> 1, 2, 3 .").outcome in {200, 201, 204}
            assert self.update("INSERT DATA { <urn:kept> <urn:p> <urn:o> }").outcome in {200, 204}
            for _ in range(4):
                assert self.ask(f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {20000 + self._number}").outcome == 200
                self.state()
                self.small()
        assert self.ask(endless, timeout="0.5").outcome == 503
        self.state()
        self.start_memory = self._settled()

    def _settled(self) -> int:
        """Memory when it has stood still for three seconds, as long as a release takes to be thought idle."""
        memory, since = self.memory(), time.monotonic()
        until = since + 30
        while time.monotonic() < min(since + 3, until):
            time.sleep(0.1)
            if abs((now := self.memory()) - memory) > memory // 50:
                memory, since = now, time.monotonic()
        return memory


Serve = Callable[..., Hostile]


@pytest.fixture(scope="module")
def serve(report_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts a service over a copy of the report's home."""
    started: list[Hostile] = []

    def start(**settings: object) -> Hostile:
        folder = tmp_path_factory.mktemp("hostile")
        shutil.copytree(report_home, folder / "home", symlinks=True)
        service = Hostile(folder / "home", folder / "log.txt", **{**LIMITS, **settings})
        service.listener = Listener()
        service.start()
        started.append(service)
        service.tokens = {"reader": _token(service, "read-drafts"), "writer": _token(service, "write")}
        service.warm()
        return service

    yield start
    for service in started:
        service.listener.close()
        service.stop()


def _token(service: Served, role: str) -> str:
    """A token as an administrator hands it out."""
    done = subprocess.run(
        [*KG, "token", "add", f"{role}-of-the-tests", "--role", role],
        env=service.environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found = re.search(r"(?<![\w-])[\w-]{40,}(?![\w-])", done.stdout)
    assert found, done.stdout
    return found[0]
