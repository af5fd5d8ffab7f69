"""Deadlines, crowds and deaths, seen by clients."""

from __future__ import annotations

import gc
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from kg.answering.job import Job
from kg.store.embedded import EmbeddedStore
from kg.web.exchange import Exchange

from .conftest import Server, until

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ENDLESS_ORDER = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } ORDER BY ?a ?d"


def ask(url: str, query: str, **parameters: str) -> httpx.Response:
    return httpx.get(f"{url}/sparql", params={"query": query, **parameters}, timeout=30)


@pytest.mark.parametrize("query", [ENDLESS, ENDLESS_ORDER])
def test_an_endless_query_is_cut_and_a_small_one_follows(url: str, query: str) -> None:
    start = time.monotonic()
    cut = ask(url, query, timeout="0.5")
    assert cut.status_code == 503
    assert cut.json()["type"].endswith("/deadline")
    assert time.monotonic() - start < 3
    start = time.monotonic()
    assert ask(url, "ASK {}").json() == {"head": {}, "boolean": True}
    assert time.monotonic() - start < 1


def test_the_server_s_deadline_holds_whatever_the_client_asks(url: str) -> None:
    start = time.monotonic()
    assert ask(url, ENDLESS, timeout="500").status_code == 503
    assert 2 < time.monotonic() - start < 8


def test_a_killed_worker_is_503_for_its_query_only(server: Server) -> None:
    with ThreadPoolExecutor(1) as pool:
        doomed = pool.submit(ask, server.url, ENDLESS)
        until(server.workers.running)
        os.kill(server.workers.running()[0].pid, signal.SIGKILL)
        assert doomed.result(10).status_code == 503
    assert ask(server.url, "ASK {}").status_code == 200


def test_a_worker_killed_in_the_middle_of_an_answer_breaks_the_connection(store: EmbeddedStore) -> None:
    everything = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    with Server(store, spool_first=2**16, spool_max=2**33, small_time=0.05) as server:
        for accepted in ("identity", "gzip"):
            with (
                pytest.raises(httpx.HTTPError),
                httpx.stream(
                    "GET", f"{server.url}/sparql", params={"query": everything}, headers={"accept-encoding": accepted}
                ) as response,
            ):
                assert response.status_code == 200
                parts = response.iter_raw()
                assert next(parts)
                os.kill(server.workers.running()[0].pid, signal.SIGKILL)
                for _ in parts:
                    pass
        assert ask(server.url, "ASK {}").status_code == 200
        until(lambda: server.workers.running() == ())


def test_when_all_workers_are_busy_the_client_is_told_when_to_return(server: Server) -> None:
    with ThreadPoolExecutor(2) as pool:
        long = [pool.submit(ask, server.url, f"{ENDLESS} # {n}", timeout="2") for n in range(2)]
        until(lambda: sum(one.lane == "large" for one in server.workers.running()) == 2)
        busy = ask(server.url, f"{ENDLESS} # 3")
        assert busy.status_code == 503
        assert busy.headers["retry-after"].isdigit()
        assert busy.json()["type"].endswith("/busy")
        assert ask(server.url, "ASK {} # quick ones have workers of their own").status_code == 200
        assert httpx.get(f"{server.url}/health").status_code == 200
        assert httpx.get(f"{server.url}/").status_code == 200
        assert [one.result(10).status_code for one in long] == [503, 503]
    assert ask(server.url, "ASK {}").status_code == 200


def test_parallel_clients_get_their_own_answers(store: EmbeddedStore) -> None:
    def one(number: int) -> bool:
        query = (
            f"SELECT ?n {{ <http://localhost:8000/id/place/p{number}> <https://w3id.org/municipal-kg/ns#count> ?n }}"
        )
        return ask(server.url, query, format="csv").text == f"n\r\n{number}\r\n"

    with Server(store, queue_wait=20) as server, ThreadPoolExecutor(16) as pool:
        assert all(pool.map(one, range(100)))


def test_a_slow_reader_holds_no_worker(server: Server) -> None:
    parts = urlsplit(server.url)
    request = f"GET /sparql?{urlencode({'query': 'SELECT * { ?s ?p ?o }'})} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    connections = [socket.create_connection((parts.hostname or "", parts.port or 0), 10) for _ in range(6)]
    try:
        for connection in connections:
            connection.sendall(request)
            assert connection.recv(10)
        start = time.monotonic()
        assert ask(server.url, "ASK {}").status_code == 200
        assert time.monotonic() - start < 1
        assert server.workers.running() == ()
    finally:
        for connection in connections:
            connection.close()
    assert ask(server.url, "ASK {}").status_code == 200


@pytest.mark.parametrize("kind", ["malformed", "too large", "late", "long", "elsewhere", "gone"])
def test_what_belonged_to_a_request_goes_with_it(server: Server, kind: str) -> None:
    """Not when somebody looks for garbage: until then a hundred refused bodies of a megabyte would lie about."""

    def left() -> int:
        return sum(isinstance(one, Exchange | Job) for one in gc.get_objects())

    with httpx.Client(base_url=server.url, timeout=30) as client:
        assert client.get("/sparql?query=ASK{}").status_code == 200
        gc.collect()
        gc.disable()
        try:
            before = left()
            for number in range(3):
                match kind:
                    case "malformed":
                        status = client.post("/sparql", data={"query": f"SELECT {number} {{"}).status_code
                        assert status == 400
                    case "too large":
                        text = "SELECT * {" + "() " * (200_000 + number) + "}"
                        assert client.post("/sparql", data={"query": text}).status_code == 413
                    case "late":
                        query = ENDLESS.replace("?n", f"?n{number}")
                        assert client.get("/sparql", params={"query": query, "timeout": "0.3"}).status_code == 503
                    case "long":
                        query = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {2_000 + number}"
                        assert client.get("/sparql", params={"query": query}).status_code == 200
                    case "elsewhere":
                        assert client.put("/graphs?default", content=b"<a:b").status_code == 401
                    case _:
                        with pytest.raises(httpx.ReadTimeout):
                            client.get("/sparql", params={"query": ENDLESS + f" LIMIT {number + 9}"}, timeout=0.4)
            until(lambda: left() <= before + 1)  # the connection knows its last request
        finally:
            gc.enable()
