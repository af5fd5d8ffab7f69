"""`kill -9` of workers, of the writer, and of the service itself: what was acknowledged stays, and nothing else."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.hostile.case import GRAPH
from tests.hostile.conftest import Hostile, Serve
from tests.served import BROKEN, CLOSED, Reply

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SIZE = 600  # triples of a write that takes a moment
TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def service(serve: Serve) -> Hostile:
    return serve(query_timeout=20)


@pytest.fixture
def unharmed(service: Hostile) -> Iterator[None]:
    with service.unharmed():
        yield


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def seconds(pid: int) -> float:
    """Processor time of a process; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def busy(service: Hostile, least: float, limit: float = 15) -> int:
    """The child that has worked for so long since now."""
    start = {pid: seconds(pid) for pid in service.children()}
    until = time.monotonic() + limit
    while time.monotonic() < until:
        for pid in service.children():
            if seconds(pid) - start.get(pid, 0.0) >= least:
                return pid
        time.sleep(0.02)
    raise AssertionError(service.processes())


@pytest.mark.usefixtures("unharmed")
def test_an_idle_child_that_is_killed_is_replaced(service: Hostile) -> None:
    for pid in service.children():
        kill(pid)
        service.small()
    assert service.update("INSERT DATA {}").outcome in {200, 204}


@pytest.mark.usefixtures("unharmed")
def test_all_children_killed_at_once_are_replaced(service: Hostile) -> None:
    for _ in range(3):
        for pid in service.children():
            kill(pid)
        service.small()
        assert service.ask("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").outcome == 200


@pytest.mark.usefixtures("unharmed")
def test_a_killed_query_is_told_so_and_hurts_no_other(service: Hostile) -> None:
    for _ in range(3):
        with ThreadPoolExecutor(2) as pool:
            doomed = pool.submit(service.ask, ENDLESS)
            victim = busy(service, 0.5)
            other = pool.submit(service.ask, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?s ?q ?r }")
            kill(victim)
            assert doomed.result(30).outcome == 503
            assert other.result(30).outcome == 200
        service.small()


@pytest.mark.usefixtures("unharmed")
def test_an_answer_whose_worker_is_killed_never_looks_whole(service: Hostile) -> None:
    rows = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with service.connect() as connection, ThreadPoolExecutor(1) as pool:
        reply: Future[Reply] = pool.submit(service.ask, rows)
        kill(busy(service, 0.3))
        assert reply.result(30).outcome in {BROKEN, 503}
        connection.close()


def triples(turn: int) -> str:
    return "\n".join(f"<urn:turn:{turn}:{number}> <urn:p> {number} ." for number in range(SIZE))


def found(service: Hostile) -> dict[int, int]:
    """How many triples of each turn are there."""
    text = f"""SELECT ?turn (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?s <urn:p> ?o }}
      FILTER(STRSTARTS(STR(?g), "{GRAPH}/")) BIND(STRAFTER(STR(?g), "{GRAPH}/") AS ?turn) }} GROUP BY ?turn"""
    reply = service.ask(text)
    assert reply.outcome == 200, reply
    rows = (line.split(b",") for line in reply.body.split()[1:])
    return {int(turn): int(number) for turn, number in rows}


def test_a_writer_killed_at_any_moment_leaves_what_it_acknowledged_and_no_more(service: Hostile) -> None:
    chance = random.Random(20261123)
    acknowledged: set[int] = set()
    for turn in range(8):
        with ThreadPoolExecutor(1) as pool:
            reply = pool.submit(service.put, f"{GRAPH}/{turn}", triples(turn))
            with suppress(AssertionError):
                victim = busy(service, chance.uniform(0.02, 0.4), limit=3)
                if "writer" in service.processes().get(victim, ""):
                    kill(victim)
            outcome = reply.result(60).outcome
        assert outcome in {200, 201, 204, 503}, outcome
        if outcome != 503:
            acknowledged.add(turn)
        assert found(service) == dict.fromkeys(acknowledged, SIZE)
        service.small()
    assert service.put(f"{GRAPH}/99", triples(99)).outcome in {200, 201, 204}


def test_the_service_killed_during_a_write_starts_again_with_what_it_acknowledged(serve: Serve) -> None:
    service = serve()
    others = service.state()[1]
    chance = random.Random(20261124)
    acknowledged: set[int] = set()
    unheard: set[int] = set()  # nobody was told how they ended
    for turn in range(5):
        with ThreadPoolExecutor(1) as pool:
            reply = pool.submit(service.put, f"{GRAPH}/{turn}", triples(turn))
            with suppress(AssertionError):
                busy(service, chance.uniform(0.02, 0.4), limit=3)
            service.kill()
            outcome = reply.result(60).outcome
        assert outcome in {200, 201, 204, CLOSED, BROKEN}
        (unheard if outcome in {CLOSED, BROKEN} else acknowledged).add(turn)
        service.start()
        service.small()
        there = found(service)
        assert acknowledged <= there.keys() <= acknowledged | unheard
        assert set(there.values()) <= {SIZE}
        assert service.state()[1] == others
        unheard -= there.keys()
        acknowledged |= there.keys()
    assert service.put(f"{GRAPH}/99", triples(99)).outcome in {200, 201, 204}
    service.small()
