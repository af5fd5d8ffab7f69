"""Clients that are slow, that leave, and that come in crowds."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.hostile.case import GRAPH, Request
from tests.hostile.conftest import LIMITS, Hostile, Serve
from tests.served import BROKEN, CLOSED, TOKEN, Replies

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
PAIRS = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 150000"  # some 45 MB
CROWD = 200
ADMIN = ("Authorization", f"Bearer {TOKEN}")


@pytest.fixture(scope="module")
def service(serve: Serve) -> Hostile:
    """The deadline is far away, so what ends early was ended for another reason."""
    return serve(query_timeout=60)


@pytest.fixture(autouse=True)
def unharmed(service: Hostile) -> Iterator[None]:
    with service.unharmed():
        yield


def running(service: Hostile) -> list[dict[str, object]]:
    reply = service.send(Request("GET", "/queries/running", (ADMIN,)).written("localhost", "localhost"))
    assert reply.outcome == 200, reply
    found = json.loads(reply.body)
    return list(found["running"] if isinstance(found, dict) else found)


def wait_for(service: Hostile, number: int, seconds: float = 10) -> None:
    """Until so many queries run."""
    until = time.monotonic() + seconds
    while (found := running(service)) is not None and len(found) != number:
        assert time.monotonic() < until, found
        time.sleep(0.02)


def written(text: str, **headers: str) -> bytes:
    named = (("Content-Type", "application/sparql-query"), *headers.items())
    return Request("POST", "/sparql", named, text.encode()).written("localhost", "localhost")


@contextmanager
def crowd(service: Hostile, number: int, start: bytes = b"") -> Iterator[list[socket.socket]]:
    """Connections that have said the same."""
    with ExitStack() as stack:
        connections = [stack.enter_context(service.connect(20)) for _ in range(number)]
        for connection in connections:
            connection.sendall(start)
        yield connections


def hung_up(connection: socket.socket) -> bool:
    """Whether the service ends the connection; a reply may come first. Raises TimeoutError when it does not."""
    with suppress(ConnectionError):
        while connection.recv(65536):
            pass
    return True


HALVES = {
    "half a line": b"GET /spar",
    "half a head": b"POST /sparql HTTP/1.1\r\nHost: x\r\n",
    "half a query": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    b"Content-Length: 99\r\n\r\nASK",
    "half a chunk": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n63\r\nASK",
    "half an update": b"POST /update HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-update\r\n"
    b"Content-Length: 99\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\n\r\nCLEAR",
    "half a graph": f"PUT /graphs?graph={GRAPH} HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\n".encode()
    + b"Content-Length: 99\r\nAuthorization: Bearer "
    + TOKEN.encode()
    + b"\r\n\r\n<urn:s>",
}


@pytest.mark.parametrize("sent", HALVES.values(), ids=HALVES.keys())
def test_who_stops_in_the_middle_is_hung_up_on(sent: bytes, service: Hostile) -> None:
    with crowd(service, 30, sent) as connections:
        service.small()
        for connection in connections:
            assert hung_up(connection)


@pytest.mark.parametrize("sent", HALVES.values(), ids=HALVES.keys())
def test_who_sends_a_letter_at_a_time_gains_nothing(sent: bytes, service: Hostile) -> None:
    limit = LIMITS["header_time"] + LIMITS["body_time"] + 6
    until = time.monotonic() + limit
    with service.connect(0.2) as connection, suppress(ConnectionError):
        connection.sendall(sent)
        while time.monotonic() < until:
            connection.sendall(b"x")
            with suppress(TimeoutError):
                if not connection.recv(65536):
                    return
        pytest.fail(f"still listening after {limit} seconds")


@pytest.mark.parametrize("sent", HALVES.values(), ids=HALVES.keys())
def test_who_leaves_in_the_middle_leaves_nothing(sent: bytes, service: Hostile) -> None:
    with crowd(service, 50, sent):
        pass


def test_a_query_ends_when_its_client_leaves(service: Hostile) -> None:
    with crowd(service, 1, written(ENDLESS)):
        wait_for(service, 1)
    wait_for(service, 0)


def test_waiting_queries_are_forgotten_with_their_clients(service: Hostile) -> None:
    with crowd(service, 40, written(ENDLESS)):
        until = time.monotonic() + 10
        while not running(service) and time.monotonic() < until:
            time.sleep(0.02)
        service.small()
    wait_for(service, 0)


def test_an_answer_ends_when_its_reader_leaves(service: Hostile) -> None:
    for _ in range(5):
        with crowd(service, 4, written(PAIRS)) as connections:
            for connection in connections:
                assert connection.recv(1000)
    wait_for(service, 0)


def test_an_update_whose_client_leaves_is_whole_or_nothing(service: Hostile) -> None:
    triples = " ".join(f"<urn:left:{number}> <urn:p> {number} ." for number in range(3000))
    text = f"INSERT DATA {{ GRAPH <{GRAPH}> {{ {triples} }} }}"
    headers = (("Content-Type", "application/sparql-update"), ADMIN)
    sent = Request("POST", "/update", headers, text.encode()).written("localhost", "localhost")
    with crowd(service, 1, sent):
        pass
    count = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}"
    last = f"ASK {{ GRAPH <{GRAPH}> {{ <urn:left:last> ?p ?o }} }}"
    assert service.update(f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <urn:left:last> <urn:p> 1 }} }}").outcome in {200, 204}
    assert b"true" in service.ask(last, format="json").body  # writers take turns: the one before has ended
    assert service.ask(count).body in {b"n\r\n1\r\n", b"n\r\n3001\r\n"}
    service.forget()


def test_readers_that_read_nothing_hold_no_worker_and_are_hung_up_on(service: Hostile) -> None:
    with crowd(service, 6, written(PAIRS)) as connections:
        for connection in connections:
            assert connection.recv(100, socket.MSG_PEEK)
        wait_for(service, 0, 30)
        service.small()
        before = service.memory()
        assert before < 1.5 * service.start_memory
        until = time.monotonic() + LIMITS["send_time"] + 10
        while (left := established(service)) and time.monotonic() < until:
            time.sleep(0.1)
        assert not left
        for connection in connections:
            assert Replies(connection).next("POST").outcome == BROKEN  # what the kernel had for them


def established(service: Hostile) -> int:
    """How many connections the service holds, by the kernel's account."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return sum(row[1].endswith(f":{service.port:04X}") and row[3] == "01" for row in rows)


def test_a_slow_reader_that_goes_on_gets_it_all(service: Hostile) -> None:
    with crowd(service, 1, written(PAIRS, Accept="text/csv")) as (connection,):
        file, size = connection.makefile("rb"), 0
        while part := file.read1(262144):
            size += len(part)
            last = part
            time.sleep(0.005)
    assert size > 20_000_000
    assert last.endswith(b"0\r\n\r\n")


def test_idle_connections_keep_nobody_out(service: Hostile) -> None:
    with crowd(service, 300):
        service.small()
    with crowd(service, 300, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"):
        service.small()


def test_two_hundred_at_once_get_their_own_answers(service: Hostile) -> None:
    def one(number: int) -> tuple[int, bytes, set[int]]:
        kind = number % 10
        if kind == 0:
            reply = service.ask(
                f"SELECT ({number} AS ?x) (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }}", timeout="0.5"
            )
            return reply.outcome, b"", {503}
        if kind == 1:
            return service.ask("(" * 5000 + str(number)).outcome, b"", {400}
        if kind == 2:
            return (
                service.send(b"GET /nothing/here HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").outcome,
                b"",
                {404},
            )
        if kind == 3:
            reply = service.ask(f"SELECT ?a ({number} AS ?x) {{ ?a ?b ?c }} ORDER BY ?a LIMIT 2000")
            assert reply.body.count(b",%d\r\n" % number) == 2000
            return reply.outcome, b"", {200}
        if kind == 4:
            with service.connect() as connection:
                connection.sendall(written(f"SELECT * {{ ?a ?b ?c . ?d ?e {number} }}"))
            return CLOSED, b"", {CLOSED}
        reply = service.ask(f"SELECT ({number} AS ?n) {{ }}")
        return reply.outcome, reply.body.removeprefix(b"n\r\n%d\r\n" % number), {200}

    with ThreadPoolExecutor(CROWD) as pool:
        for number, (outcome, rest, right) in enumerate(pool.map(one, range(CROWD))):
            assert outcome in right, (number, outcome)
            assert not rest


def test_writers_in_a_crowd_all_have_their_turn(service: Hostile) -> None:
    def one(number: int) -> int:
        return service.update(f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <urn:crowd> <urn:p> {number} }} }}").outcome

    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(one, range(12)))
    assert set(outcomes) <= {200, 204, 503}
    kept = service.ask(f"SELECT ?o {{ GRAPH <{GRAPH}> {{ <urn:crowd> <urn:p> ?o }} }} ORDER BY ?o").body.split()[1:]
    assert kept == [b"%d" % number for number, outcome in enumerate(outcomes) if outcome != 503]
    service.forget()
