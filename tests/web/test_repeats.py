"""Requests answered by their bytes: what they mean decides, never that they look alike."""

from __future__ import annotations

import socket

import httpx
import pytest

from kg.store.embedded import EmbeddedStore

from .conftest import Server, write
from .lines import BODY, HOST, Line, lines, repeated
from .scripted import Scripted, small

GET = b"GET /sparql?query=ASK+%7B%7D HTTP/1.1\r\n" + HOST + b"\r\n"
POST = (
    b"POST /sparql HTTP/1.1\r\n" + HOST + b"Content-Type: application/sparql-query\r\nContent-Length: 6\r\n\r\nASK {}"
)


@pytest.mark.parametrize("packet", [GET, POST], ids=["GET", "POST"])
def test_the_same_bytes_get_the_same_reply_under_a_new_id(own_store: EmbeddedStore, packet: bytes) -> None:
    with lines(own_store, 2) as (server, workers, (one, two)):
        replies = [line.ask(packet) for line in (one, one, one, one, two, two)]
        assert repeated(server) == 3
        assert len(workers.asked) == 1
        assert {body for _, _, body in replies} == {BODY}
        assert len({headers.pop("x-request-id") for _, headers, _ in replies}) == 6
        for _, headers, _ in replies:
            assert headers.pop("date")
        assert all(headers == replies[0][1] for _, headers, _ in replies)
        told = httpx.get(server.url + "/metrics").text
        method = packet.split()[0].decode()
        assert f'kg_requests_total{{method="{method}",route="/sparql",status="2xx"}} 6.0' in told
        assert 'kg_cache_lookups_total{result="hit"} 5.0' in told


def test_bytes_that_come_in_parts_or_together_are_parsed(own_store: EmbeddedStore) -> None:
    with lines(own_store) as (_, _, (line,)):
        for _ in range(3):
            assert line.ask(GET[:20], GET[20:])[2] == BODY
            line.send(GET * 3)
            assert [line.reply()[2] for _ in range(3)] == [BODY] * 3
            line.send(GET + GET[:30])
            assert line.reply()[2] == BODY
            line.send(GET[30:])
            assert line.reply()[2] == BODY
        assert line.ask(b"GET / HTTP/1.1\r\n" + HOST + b"X: y\r\n" + GET[GET.index(b"\r\n\r\n") + 2 :])[0] == 200


def test_a_known_request_behind_half_of_another_is_part_of_that(own_store: EmbeddedStore) -> None:
    with lines(own_store) as (server, workers, (line,)):
        for _ in range(4):
            assert line.ask(GET)[2] == BODY
        before = repeated(server)
        head = (
            b"POST /sparql HTTP/1.1\r\n"
            + HOST
            + b"Content-Type: application/sparql-query\r\nContent-Length: %d\r\n\r\n"
        )
        status, _, _ = line.ask(head % len(GET), GET)
        assert status == 200
        assert workers.asked[-1].text == GET.decode()
        line.send(b"GET /nothing HTTP/1.1\r\n" + HOST + b"X: ")
        assert line.ask(GET)[0] == 400  # a field that holds a request line is none
        assert repeated(server) == before


@pytest.mark.parametrize(
    "field",
    [
        b"If-None-Match: %b",
        b"If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT",
        b"X-Request-Id: mine",
        b"Authorization: Bearer secret",
        b"X-Forwarded-For: 10.0.0.1",
        b"Connection: close",
    ],
)
def test_what_a_request_says_besides_is_heeded_every_time(own_store: EmbeddedStore, field: bytes) -> None:
    with lines(own_store, 5) as (server, _, opened):
        tag = opened[0].ask(GET)[1]["etag"].encode()
        packet = GET[:-2] + (field % tag if b"%" in field else field) + b"\r\n\r\n"
        for line in opened[1:]:
            status, headers, body = line.ask(packet)
            assert (status, body) == ((304, b"") if field.startswith(b"If") else (200, BODY))
            assert (headers["x-request-id"] == "mine") is field.startswith(b"X-Request")
            assert ("connection" in headers) is field.startswith(b"Connection")
        assert repeated(server) == 0


def test_head_has_no_body_however_often(own_store: EmbeddedStore) -> None:
    with lines(own_store) as (_, _, (line,)):
        for _ in range(4):
            assert line.ask(GET)[2] == BODY
            status, headers, _ = line.ask(GET.replace(b"GET", b"HEAD", 1), head=True)
            assert (status, headers["content-length"]) == (200, str(len(BODY)))
            assert line.ask(GET)[2] == BODY


def test_a_new_release_is_seen_at_once(own_store: EmbeddedStore) -> None:
    with lines(own_store) as (_, workers, (line,)):
        for release in ("1", "2", "3"):
            assert {line.ask(GET)[1]["x-release"] for _ in range(5)} == {release}
            write(own_store, f"after {release}")
        assert len(workers.asked) == 3


def test_a_long_answer_waits_for_its_reader(own_store: EmbeddedStore) -> None:
    workers = Scripted(small(b"x" * 200_000))
    with Server(own_store, workers) as server:
        line = Line(server)
        for _ in range(5):
            assert len(line.ask(GET)[2]) == 200_000
        line.socket.close()
        assert repeated(server) == 0


def test_who_reads_nothing_is_not_answered_on_and_on(own_store: EmbeddedStore) -> None:
    workers = Scripted(small(b"x" * 60_000))
    with Server(own_store, workers) as server:
        line = Line(server)
        with line.socket:
            for _ in range(4):
                assert len(line.ask(GET)[2]) == 60_000
            line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            line.socket.settimeout(0.5)
            with pytest.raises(OSError):  # it is not read on, or cut off
                for _ in range(10**4):
                    line.socket.sendall(GET * 1000)
        assert repeated(server) * 60_000 < 32 * 2**20
