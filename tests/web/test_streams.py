"""Long answers, slow readers, and those who leave: nothing that failed looks whole. The engine is scripted."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import json
import os
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from SPARQLWrapper import CSV, SPARQLWrapper

from kg.answering.question import Answer, Question
from kg.answering.spool import Spool
from kg.errors import DeadlineError
from kg.store.embedded import EmbeddedStore

from .conftest import Server, until
from .scripted import Scripted, seen, small

LONG = 5 * 2**20
ADDRESS = "/sparql?query=SELECT+%2A+%7B%7D"
REQUEST = f"GET {ADDRESS} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


class Growing:
    """An engine whose answers a test lets grow, end or fail."""

    def __init__(self, size: int, *, complete: bool = False) -> None:
        self.size = size
        self.complete = complete
        self.spools: list[Spool] = []
        self.workers = Scripted(self)

    def __call__(self, question: Question) -> Answer:
        answer, spool = self.workers.spooled(question, self.size, complete=self.complete)
        self.spools.append(spool)
        return answer


@contextmanager
def serving(
    store: EmbeddedStore, size: int, *, complete: bool = False, **settings: Any
) -> Iterator[tuple[Server, Growing]]:
    engine = Growing(size, complete=complete)
    with Server(store, engine.workers, **settings) as server:
        yield server, engine


def later(server: Server, do: object) -> None:
    """Calls it in the server's loop."""
    assert callable(do)
    server.loop.call_soon_threadsafe(do)


@pytest.mark.parametrize("accepted", ["identity", "gzip"])
def test_a_long_answer_is_whole_and_says_how_long_it_is(store: EmbeddedStore, accepted: str) -> None:
    with serving(store, LONG, complete=True) as (server, engine):
        response = httpx.get(server.url + ADDRESS, headers={"accept-encoding": accepted})
        assert response.content == bytes(LONG)
        assert response.headers["etag"].endswith('-gzip"') is (accepted == "gzip")
        assert ("content-length" in response.headers) is (accepted == "identity")
        until(lambda: engine.workers.closed == 1)
        same = httpx.get(
            server.url + ADDRESS, headers={"accept-encoding": accepted, "if-none-match": response.headers["etag"]}
        )
        assert same.status_code == 304
        assert len(engine.spools) == 1


def test_a_long_answer_begins_before_it_is_complete(store: EmbeddedStore) -> None:
    headers = {"accept-encoding": "identity"}
    with (
        serving(store, LONG) as (server, engine),
        httpx.stream("GET", server.url + ADDRESS, headers=headers) as response,
    ):
        assert "content-length" not in response.headers
        parts = response.iter_raw()
        received = len(next(parts))
        assert not engine.spools[0].complete
        later(server, lambda: engine.spools[0].grow(LONG, complete=True))
        assert received + sum(map(len, parts)) == LONG


@pytest.mark.parametrize("accepted", ["identity", "gzip", "br", "zstd"])
@pytest.mark.parametrize("complete", [True, False])
def test_an_answer_that_breaks_off_is_an_error_for_every_client(
    store: EmbeddedStore, complete: bool, accepted: str
) -> None:
    def broken(question: Question) -> Answer:
        answer, spool = workers.spooled(question, LONG, complete=complete)
        asyncio.get_running_loop().call_later(0.05, spool.fail, DeadlineError("too long", "твърде дълго"))
        if complete:  # as if the file had been cut
            spool.grow(LONG * 100, complete=True)
        return answer

    workers = Scripted(broken)
    with Server(store, workers) as server:
        headers = {"accept-encoding": accepted}
        with pytest.raises(httpx.HTTPError):
            httpx.get(server.url + ADDRESS, headers=headers, timeout=20)
        with pytest.raises((http.client.HTTPException, OSError)):
            urllib.request.urlopen(urllib.request.Request(server.url + ADDRESS, headers=headers), timeout=20).read()
        until(lambda: workers.closed == 2)


def test_the_log_tells_of_an_answer_that_broke_off(store: EmbeddedStore, tmp_path: Path) -> None:
    def broken(question: Question) -> Answer:
        answer, spool = workers.spooled(question, LONG, complete=False)
        asyncio.get_running_loop().call_later(0.05, spool.fail, DeadlineError("too long", "твърде дълго"))
        return answer

    workers, log = Scripted(broken), tmp_path / "log"
    with (
        Server(store, workers, log=str(log), slow_query=0.04) as server,
        pytest.raises(httpx.HTTPError),
    ):
        httpx.get(server.url + ADDRESS, timeout=20)
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    (access,) = [line for line in lines if "path" in line]
    (slow,) = [line for line in lines if line.get("slow")]
    assert access["broken"] is True
    assert (slow["reason"], slow["form"], slow["shape"]) == ("deadline", "SELECT", "shape")


def test_sparqlwrapper_sees_that_an_answer_broke_off(store: EmbeddedStore) -> None:
    with serving(store, LONG) as (server, engine):

        def fail(question: Question) -> Answer:
            answer = engine(question)
            asyncio.get_running_loop().call_later(0.05, engine.spools[-1].fail, DeadlineError("too long"))
            return answer

        engine.workers.script = fail
        client = SPARQLWrapper(server.url + "/sparql")
        client.setQuery("SELECT * {}")
        client.setReturnFormat(CSV)
        with pytest.raises((http.client.HTTPException, OSError)):
            client.queryAndConvert()


@pytest.mark.parametrize("fails", [False, True])
def test_an_old_client_is_reset_when_it_fails(store: EmbeddedStore, fails: bool) -> None:
    """HTTP/1.0 has no chunks: an orderly end of the connection says that the answer is whole."""

    def growing(question: Question) -> Answer:
        answer, spool = workers.spooled(question, LONG, complete=False)
        end = partial(spool.fail, DeadlineError("too long")) if fails else partial(spool.grow, LONG + 1, complete=True)
        asyncio.get_running_loop().call_later(0.05, end)
        return answer

    workers = Scripted(growing)
    with Server(store, workers) as server, socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(f"GET {ADDRESS} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        received = b""
        with pytest.raises(ConnectionResetError) if fails else nullcontext():
            while part := connection.recv(65536):
                received += part
        if not fails:
            head, _, body = received.partition(b"\r\n\r\n")
            assert b"transfer-encoding" not in head
            assert len(body) == LONG + 1


def test_who_leaves_while_it_is_evaluated_ends_the_evaluation(store: EmbeddedStore) -> None:
    async def endless(question: Question) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    workers = Scripted(endless)
    with Server(store, workers) as server:
        connection = socket.create_connection(("127.0.0.1", server.port), 20)
        connection.sendall(REQUEST)
        until(lambda: workers.asked)
        connection.close()
        until(lambda: workers.cancelled == 1)
        until(lambda: server.under_way == 0)


def test_who_waits_for_the_same_goes_on_when_the_first_one_leaves(store: EmbeddedStore) -> None:
    go_on = asyncio.Event()

    async def slow(question: Question) -> Answer:
        await go_on.wait()
        return Answer(seen(question), 0.01, body=b"{}")

    workers = Scripted(slow)
    with Server(store, workers) as server:
        first, *others = (socket.create_connection(("127.0.0.1", server.port), 20) for _ in range(4))
        first.sendall(REQUEST)
        until(lambda: server.under_way == 1 and workers.asked)
        for other in others:
            other.sendall(REQUEST)
        until(lambda: server.under_way == 4)
        first.close()
        until(lambda: len(workers.asked) == 2)
        later(server, go_on.set)
        for other in others:
            with other:
                assert other.recv(65536).startswith(b"HTTP/1.1 200")
        assert (workers.cancelled, len(workers.asked)) == (1, 2)


def test_who_leaves_in_the_middle_of_an_answer_frees_it(store: EmbeddedStore) -> None:
    with serving(store, LONG) as (server, engine):
        connection = socket.create_connection(("127.0.0.1", server.port), 20)
        connection.sendall(REQUEST)
        assert connection.recv(65536)
        connection.close()
        until(lambda: engine.workers.closed == 1)
        until(lambda: server.under_way == 0)


def test_head_of_a_long_answer_reads_nothing_of_it(store: EmbeddedStore) -> None:
    with serving(store, LONG, complete=True) as (server, engine):
        response = httpx.head(server.url + ADDRESS, headers={"accept-encoding": "identity"})
        assert (response.headers["content-length"], response.content) == (str(LONG), b"")
        until(lambda: engine.workers.closed == 1)


def memory() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("accepted", ["identity", "gzip"])
def test_a_reader_that_stops_is_dropped_and_nothing_piles_up(store: EmbeddedStore, accepted: str) -> None:
    large = 2**29
    request = f"GET {ADDRESS} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {accepted}\r\n\r\n".encode()
    with serving(store, large, complete=True, send_time=1.5) as (server, engine):
        assert httpx.get(server.url + "/health").status_code == 200
        before = memory()
        connections = [socket.create_connection(("127.0.0.1", server.port), 20) for _ in range(6)]
        for connection in connections:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(request)
        for connection in connections:
            assert connection.recv(16)
        until(lambda: len(engine.spools) == 6)
        assert httpx.get(server.url + "/health").status_code == 200
        assert memory() - before < 100 * 2**20
        if accepted == "identity":  # zeros compress so well that all of them may be on their way
            until(lambda: engine.workers.closed == 6)
            until(lambda: server.under_way == 0)
            for connection in connections:
                with pytest.raises(ConnectionResetError):
                    while connection.recv(2**20):
                        pass
        for connection in connections:
            connection.close()
        until(lambda: engine.workers.closed == 6)


def test_a_coded_answer_is_the_same_however_it_grew(store: EmbeddedStore) -> None:
    bodies = set()
    for steps in (1, 7):
        with (
            serving(store, LONG) as (server, engine),
            httpx.stream("GET", server.url + ADDRESS, headers={"accept-encoding": "gzip"}) as response,
        ):
            for step in range(1, steps + 1):
                grow = partial(engine.spools[0].grow, LONG + step * 1_000_003 // steps, complete=step == steps)
                later(server, grow)
            bodies.add(b"".join(response.iter_raw()))
    assert len(bodies) == 1
    assert gzip.decompress(bodies.pop()) == bytes(LONG + 1_000_003)


@pytest.mark.parametrize("length", [None, 30 * 2**20])
def test_a_body_that_is_too_long_is_refused_aloud(store: EmbeddedStore, length: int | None) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(30):
            yield b"x" * 2**20

    with Server(store, Scripted(small(b"{}"))) as server, httpx.Client(base_url=server.url) as client:
        headers = {"content-type": "application/sparql-query"} | ({"content-length": str(length)} if length else {})
        response = client.post("/sparql", content=parts(), headers=headers)
        assert response.status_code == 413
        assert response.json()["type"].endswith("/too-large")
        assert client.get(ADDRESS).status_code == 200


def test_a_body_that_does_not_come_is_given_up(store: EmbeddedStore) -> None:
    with Server(store, Scripted(small(b"{}")), body_time=0.3) as server:
        with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
            connection.sendall(
                b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
                b"Content-Length: 100\r\n\r\nASK"
            )
            received = b""
            while part := connection.recv(65536):
                received += part
        assert received.startswith(b"HTTP/1.1 408")
        assert b"problem+json" in received


def test_who_leaves_during_the_upload_leaves_no_trace(store: EmbeddedStore, caplog: pytest.LogCaptureFixture) -> None:
    workers = Scripted(small(b"{}"))
    with Server(store, workers) as server:
        connection = socket.create_connection(("127.0.0.1", server.port), 20)
        connection.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
            b"Content-Length: 100\r\n\r\nASK"
        )
        until(lambda: server.under_way == 1)
        connection.close()
        until(lambda: server.under_way == 0)
        assert httpx.get(server.url + ADDRESS).status_code == 200
    assert len(workers.asked) == 1
    assert not caplog.records
