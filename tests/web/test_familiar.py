"""Requests asked before they are parsed: what a client gets is what the parser's way would have given."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import quote

import httpx
import pytest

from kg.answering.question import Answer, Question
from kg.errors import DeadlineError
from kg.store.embedded import EmbeddedStore

from .conftest import Server, write
from .lines import HOST, Line, familiar, lines
from .scripted import Scripted, seen, small

FIELDS = HOST + b"Accept: application/sparql-results+json\r\nUser-Agent: x/1\r\n"
OTHERS = b"User-Agent: x/1\r\nAccept: application/sparql-results+json\r\n" + HOST  # the same, met for the first time


def get(query: str, fields: bytes = FIELDS, before: str = "GET /sparql?query=") -> bytes:
    return f"{before}{quote(query, safe='')} HTTP/1.1\r\n".encode() + fields + b"\r\n"


def echo(question: Question) -> Answer:
    return Answer(seen(question), 0.01, body=question.text.encode())


async def _later(question: Question, seconds: float) -> Answer:
    await asyncio.sleep(seconds)
    return echo(question)


def slow(question: Question) -> Answer | asyncio.Future[Answer]:
    """Those that say so take their time, or fail."""
    if "fails" in question.text:
        raise DeadlineError("too slow", "Твърде бавно")
    seconds = 0.3 if "slow" in question.text else 0.005 if "later" in question.text else 0
    return asyncio.ensure_future(_later(question, seconds)) if seconds else echo(question)


def metrics(server: Server) -> str:
    return httpx.get(server.url + "/metrics").text


def acquaint(line: Line) -> None:
    for number in range(2):
        assert line.ask(get(f"ASK {{ {number} }}"))[0] == 200


@pytest.mark.parametrize("query", ["ASK { 'x' }", 'SELECT * { <http://a/%20> ?ж "+&#=%" }', "SELECT * { } # slow"])
def test_the_reply_is_the_one_that_parsing_gives(own_store: EmbeddedStore, query: str) -> None:
    with lines(own_store, 1, slow) as (_, _, (line,)):
        parsed = line.ask(get(query, OTHERS))
    with lines(own_store, 1, slow) as (server, workers, (line,)):
        acquaint(line)
        assert familiar(server) == 0
        early = line.ask(get(query))
        assert familiar(server) == 1
        assert workers.asked[-1].base_iri == "http://kg.example/sparql"
        assert len(workers.asked) == 3
        again = line.ask(get(query))
        assert line.ask(get(query, OTHERS))[2] == early[2]
        assert len(workers.asked) == 3
    for status, headers, body in (early, again):
        assert headers.pop("x-request-id") != parsed[1].get("x-request-id")
        headers.pop("date")
        assert (status, body) == (parsed[0], parsed[2])
        assert headers == {name: value for name, value in parsed[1].items() if name not in {"x-request-id", "date"}}


def test_log_and_figures_tell_of_it(own_store: EmbeddedStore) -> None:
    with lines(own_store, 1, echo) as (server, _, (line,)):
        acquaint(line)
        for number in range(10):
            assert line.ask(get(f"ASK {{ {number} }}"))[0] == 200
        assert familiar(server) == 10
        told = metrics(server)
        assert 'kg_requests_total{method="GET",route="/sparql",status="2xx"} 12.0' in told
        assert 'kg_cache_lookups_total{result="hit"} 2.0' in told
        assert 'kg_cache_lookups_total{result="miss"} 10.0' in told


@pytest.mark.parametrize("query", ["ASK {} # fails", "ASK {} # fails slow", "ASK {} # volatile", "ASK {} # later"])
def test_what_goes_beyond_is_evaluated_once_all_the_same(own_store: EmbeddedStore, query: str) -> None:
    with lines(own_store, 2, slow) as (server, workers, (line, other)):
        acquaint(line)
        parsed, asked = other.ask(get(query, OTHERS)), len(workers.asked)
        write(own_store, "another release")
        acquaint(line)
        early = line.ask(get(query))
        assert (early[0], early[1]["content-type"]) == (parsed[0], parsed[1]["content-type"])
        assert len(workers.asked) == asked + 3
        assert line.ask(get("ASK { 'next' }"))[0] == 200
        assert familiar(server) >= 2


def test_a_slow_answer_comes_and_who_leaves_ends_it(own_store: EmbeddedStore) -> None:
    with lines(own_store, 3, slow) as (_, workers, opened):
        for line in opened:
            acquaint(line)
        begun = time.monotonic()
        opened[0].send(get("ASK { 'slow' }"))
        for line, after in ((opened[1], 0.0), (opened[2], 0.1)):
            line.send(get(f"ASK {{ 'slow', {after} }}"))
            time.sleep(after)
            line.socket.close()
        assert opened[0].reply()[2] == b"ASK { 'slow' }"
        assert time.monotonic() - begun > 0.25
        while workers.cancelled < 2:
            time.sleep(0.01)


def test_who_leaves_is_in_the_figures(own_store: EmbeddedStore) -> None:
    with lines(own_store, 1, slow) as (server, _, (line,)):
        acquaint(line)
        line.send(get("ASK { 'slow' }"))
        time.sleep(0.01)
        line.socket.close()
        deadline = time.monotonic() + 5
        while 'kg_requests_total{method="GET",route="/sparql",status="4xx"} 1.0' not in metrics(server):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_reply_that_has_no_date_yet_is_not_kept_for_its_bytes(own_store: EmbeddedStore) -> None:
    with lines(own_store, 1, echo) as (_, _, (line,)):
        acquaint(line)
        write(own_store, "another, in this second")
        packet = get("ASK { 'x' }")
        replies = [line.ask(packet)[1] for _ in range(3)]
        time.sleep(2)
        assert "last-modified" in line.ask(packet)[1]
        assert {reply["x-release"] for reply in replies} == {"2"}


def test_more_requests_on_the_way_are_answered_in_order(own_store: EmbeddedStore) -> None:
    with lines(own_store, 1, slow) as (_, workers, (line,)):
        acquaint(line)
        for kind in ("later", "slow", "now"):
            for number in range(4):
                line.send(get(f"ASK {{ '{kind}', {number} }}"))
                time.sleep(0.001)
            assert [line.reply()[2] for _ in range(4)] == [f"ASK {{ '{kind}', {n} }}".encode() for n in range(4)]
        line.send(get("ASK { 'later' }"))
        line.send(b"nonsense\r\n\r\n")
        assert line.reply()[2] == b"ASK { 'later' }"
        assert len(workers.asked) == 15


def test_a_new_release_is_asked_anew(own_store: EmbeddedStore) -> None:
    with lines(own_store, 1, slow) as (_, workers, (line,)):
        acquaint(line)
        line.send(get("ASK { 'slow' }"))
        time.sleep(0.01)
        write(own_store, "another")
        assert line.reply()[1]["x-release"] in {"1", "2"}
        assert line.ask(get("ASK { 'slow' }"))[1]["x-release"] == "2"
        assert line.ask(get("ASK { 'x' }"))[1]["x-release"] == "2"
        assert [one.release.name for one in workers.asked][-1] == "2"


@pytest.mark.parametrize(
    "target",
    [
        b"GET /sparql?query=ASK%20%7B%7D&format=xml",
        b"GET /sparql?query=ASK%20%7B%7D&query=ASK%20%7B%7D",
        b"GET /sparql?query=ASK%20%7B%7D#x",
        b"GET /sparql?query=ASK%FF",
        b"GET /sparql?query=ASK%00",
        b"GET /sparql?query=ASK%2",
        b"GET /sparql?query=",
        b"GET /sparql?query=ASK\x7f",
        b"GET /sparql?query=ASK {}",
        b"GET /sparql?query=ASK\xd0\x96",
        b"GET /sparql/?query=ASK%20%7B%7D",
        b"HEAD /sparql?query=ASK%20%7B%7D",
    ],
)
def test_any_other_target_is_left_to_the_parser(own_store: EmbeddedStore, target: bytes) -> None:
    replies = []
    for known in (False, True):
        with lines(own_store, 1, echo) as (server, _, (line,)):
            if known:
                acquaint(line)
            line.send(target + b" HTTP/1.1\r\n" + FIELDS + b"\r\n")
            status, headers, body = line.reply(head=target.startswith(b"HEAD"))
            replies.append((status, headers["content-type"], len(body)))
            assert familiar(server) == 0
    assert replies[0] == replies[1]


@pytest.mark.parametrize(
    "field",
    [
        b"If-None-Match: *",
        b"X-Request-Id: mine",
        b"Authorization: Bearer secret",
        b"X-Forwarded-For: 10.0.0.1",
        b"Connection: close",
        b"Content-Length: 0",
        b"Expect: 100-continue",
        b"Accept: text/html",
    ],
)
def test_a_request_that_says_more_is_never_familiar(own_store: EmbeddedStore, field: bytes) -> None:
    with lines(own_store, 4, echo) as (server, _, opened):
        for number, line in enumerate(opened):
            line.send(get(f"ASK {{ {number} }}", HOST + field + b"\r\n"))
            line.reply()
        assert familiar(server) == 0


def test_the_same_query_on_many_connections_is_evaluated_once(own_store: EmbeddedStore) -> None:
    with lines(own_store, 8, slow) as (_, workers, opened):
        for line in opened:
            acquaint(line)
        before = len(workers.asked)
        for kind in ("later", "slow", "fails slow"):
            for line in opened:
                line.send(get(f"ASK {{ '{kind}' }}"))
            assert len({line.reply()[0] for line in opened}) == 1
        assert len(workers.asked) - before <= 2 + len(opened)  # a failure is told to each who did not wait for it


def test_the_end_of_the_server_waits_for_what_has_begun(own_store: EmbeddedStore) -> None:
    with Server(own_store, Scripted(slow)) as server:
        line = Line(server)
        acquaint(line)
        line.send(get("ASK { 'slow' }"))
        time.sleep(0.01)
    with line.socket:
        assert line.reply()[2] == b"ASK { 'slow' }"


def test_only_so_many_ways_to_ask_are_remembered(own_store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.web.familiar._REMEMBERED", 2)
    with lines(own_store, 1, small(b"{}")) as (server, _, (line,)):
        for number in range(20):
            line.ask(get(f"ASK {{ {number} }}", HOST + b"X-Way: %d\r\n" % (number % 5)))
        assert familiar(server) == 0
