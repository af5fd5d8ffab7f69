"""Requests whose parts do not fit together: nobody's request hides in another's, and the service goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from tests.hostile.conftest import Hostile, Serve
from tests.served import CLOSED, TOKEN, Replies, Reply

HIDDEN = b"GET /health HTTP/1.1\r\nHost: hidden\r\n\r\n"
LINE = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
GET = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n"
HOST = b"Host: x\r\n"
CLOSE = b"Connection: close\r\n"
BAD = {400, 501, CLOSED}  # refused, or hung up on
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@dataclass(frozen=True, slots=True)
class Framing:
    """Bytes of a connection, the outcomes of the first reply, and how many replies there may be."""

    name: str
    sent: bytes
    outcomes: Collection[int]
    replies: int = 1

    def __str__(self) -> str:
        return self.name


def _length(name: str, *values: bytes, outcomes: Collection[int] = BAD) -> Framing:
    """Lengths that are none: ASK {}, and a request behind it."""
    head = b"".join(b"Content-Length: %s\r\n" % value for value in values)
    return Framing(name, LINE + head + b"\r\nASK {}" + HIDDEN, outcomes)


def _coding(name: str, value: bytes, outcomes: Collection[int] = BAD) -> Framing:
    """Codings that are none, in front of a chunked body."""
    return Framing(name, LINE + value + b"\r\n6\r\nASK {}\r\n0\r\n\r\n", outcomes)


def _chunk(name: str, body: bytes, outcomes: Collection[int] = BAD, replies: int = 1) -> Framing:
    return Framing(name, LINE + CHUNKED + b"\r\n" + body + HIDDEN, outcomes, replies)


FRAMINGS = (
    Framing("a length and chunks", LINE + b"Content-Length: 6\r\n" + CHUNKED + b"\r\n0\r\n\r\n" + HIDDEN, BAD),
    Framing("chunks and a length", LINE + CHUNKED + b"Content-Length: 6\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n", BAD),
    Framing("chunks and a length of nothing", LINE + CHUNKED + b"Content-Length: 0\r\n\r\n0\r\n\r\n" + HIDDEN, BAD),
    _length("two lengths", b"6", b"60"),
    _length("two lengths, the longer first", b"60", b"6"),
    _length("two lengths in one line", b"6, 60"),
    _length("a length with a sign", b"+6"),
    _length("a negative length", b"-6"),
    _length("a length in hexadecimal", b"0x6"),
    _length("a length with a space", b"6 0"),
    _length("a length with a letter", b"6a"),
    _length("a length with an underline", b"0_6"),
    _length("a length of nothing", b""),
    _length("a length beyond numbers", b"9" * 40, outcomes={*BAD, 413}),
    _length("a length of 2⁶⁴", b"18446744073709551616", outcomes={*BAD, 413}),
    _length("a length of 2⁶⁴+6", b"18446744073709551622", outcomes={*BAD, 413}),
    _length("a length of a terabyte", b"1099511627776", outcomes={*BAD, 408, 413}),
    _coding("a coding that is none", b"Transfer-Encoding: xchunked\r\n"),
    _coding("chunks that are not last", b"Transfer-Encoding: chunked, identity\r\n"),
    _coding("chunks and gzip", b"Transfer-Encoding: gzip, chunked\r\n", {*BAD, 415}),
    _coding("chunks twice", CHUNKED * 2, {200, *BAD}),
    _coding("chunks and nothing", CHUNKED + b"Transfer-Encoding: identity\r\n"),
    _coding("chunks behind a vertical tab", b"Transfer-Encoding: \x0bchunked\r\n"),
    _coding("chunks with a quality", b"Transfer-Encoding: chunked;q=1\r\n"),
    _coding("chunks with a space before the colon", b"Transfer-Encoding : chunked\r\n"),
    _coding("chunks on the next line", b"Transfer-Encoding:\r\n chunked\r\n", {200, *BAD}),
    _chunk("a chunk of no number", b"G\r\nASK {}\r\n0\r\n\r\n"),
    _chunk("a chunk of a negative number", b"-6\r\nASK {}\r\n0\r\n\r\n"),
    _chunk("a chunk in 0x", b"0x6\r\nASK {}\r\n0\r\n\r\n"),
    _chunk("a chunk beyond numbers", b"FFFFFFFFFFFFFFFF6\r\nASK {}\r\n0\r\n\r\n"),
    _chunk("a chunk shorter than it says", b"8\r\nASK {}\r\n0\r\n\r\n"),
    _chunk("a chunk longer than it says", b"3\r\nASK {}\r\n0\r\n\r\n"),
    _chunk("a chunk without its end", b"6\r\nASK {}0\r\n\r\n"),
    _chunk("a chunk with a line feed only", b"6\nASK {}\n0\n\n"),
    _chunk(
        "a chunk with an endless extension",
        b"6;" + b"x" * 1_000_000 + b"\r\nASK {}\r\n0\r\n\r\n",
        {200, *BAD, 413, 431},
        replies=2,
    ),
    _chunk("a hundred thousand chunks", b"1\r\n \r\n" * 100_000 + b"0\r\n\r\n", {400}, 2),
    Framing("a trailer", LINE + CHUNKED + b"\r\n6\r\nASK {}\r\n0\r\nContent-Length: 99\r\n\r\n", {200, *BAD}),
    Framing(
        "endless trailers",
        LINE + CHUNKED + b"\r\n6\r\nASK {}\r\n0\r\n" + b"A: b\r\n" * 100_000,
        {*BAD, 200, 408, 413, 431},
    ),
    Framing("more than it says", LINE + b"Content-Length: 6\r\n\r\nASK {}" + b"noise" * 100, {200}, replies=2),
    Framing("less than it says", LINE + b"Content-Length: 60\r\n\r\nASK {}", {408, CLOSED}),
    Framing("no host", GET + b"\r\n", {400, CLOSED}),
    Framing("two hosts", GET + HOST * 2 + CLOSE + b"\r\n", {200, 400, CLOSED}),
    Framing("line feeds only", GET.replace(b"\r", b"") + b"Host: x\nConnection: close\n\n", {200, *BAD}),
    Framing("carriage returns only", GET.replace(b"\n", b"") + b"Host: x\r\r", {*BAD, 408}),
    Framing("a carriage return within a header", GET + HOST + b"A: b\rContent-Length: 9\r\n\r\n", {200, *BAD}),
    Framing("a line that is no header", GET + HOST + b"nonsense\r\n\r\n", BAD),
    Framing("a header without a name", GET + HOST + b": x\r\n\r\n", BAD),
    Framing("no version", b"GET /sparql?query=ASK%7B%7D\r\n" + HOST + b"\r\n", {200, *BAD, 505}),
    Framing("version 9", b"GET / HTTP/9.9\r\n" + HOST + b"\r\n", {*BAD, 505}),
    Framing("version 2 without an agreement", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {*BAD, 404, 405, 505}),
    Framing("spaces in the address", b"GET /sparql?query=ASK {} HTTP/1.1\r\n" + HOST + b"\r\n", BAD),
    Framing("empty lines first", b"\r\n" * 10_000 + GET + HOST + CLOSE + b"\r\n", {200, *BAD, 408}),
    Framing("a greeting of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), {*BAD, 408}),
    Framing("a greeting of SSH", b"SSH-2.0-OpenSSH_9.2\r\n", {*BAD, 408}),
    Framing("a proxy's line", b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + GET + HOST + b"\r\n", BAD),
    Framing("noise", bytes(range(256)) * 40, {*BAD, 408}),
    Framing("nothing", b"", {408, CLOSED}),
    Framing("half a line", b"GET /spar", {408, CLOSED}),
    Framing("half a head", GET + HOST, {408, CLOSED}),
    Framing(
        "an expectation", LINE + b"Expect: 100-continue\r\nContent-Length: 6\r\n" + CLOSE + b"\r\nASK {}", {100, 200}, 2
    ),
    Framing("an unknown expectation", GET + HOST + CLOSE + b"Expect: everything\r\n\r\n", {200, 417}),
    Framing("a hundred requests at once", (GET + HOST + b"\r\n") * 99 + GET + HOST + CLOSE + b"\r\n", {200}, 100),
    Framing("a body of a GET", GET + HOST + CLOSE + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN, {200, 400}),
    Framing(
        "a write behind a query",
        LINE
        + b"Content-Length: 0\r\n"
        + CHUNKED
        + b"\r\n0\r\n\r\nPOST /update HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
        + TOKEN.encode()
        + b"\r\nContent-Type: application/sparql-update\r\nContent-Length: 39\r\n\r\n"
        + b"INSERT DATA { <urn:s> <urn:p> <urn:o> }",
        BAD,
    ),
)


def _more(replies: Replies) -> Iterator[Reply]:
    """What else comes, until the service closes the connection or waits for another request."""
    with suppress(TimeoutError):
        while (reply := replies.next()).outcome != CLOSED:
            yield reply


@pytest.fixture(scope="module")
def service(serve: Serve) -> Hostile:
    return serve()


@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_it_is_one_request_or_none(framing: Framing, service: Hostile) -> None:
    with service.unharmed(), service.connect(10) as connection:
        with suppress(ConnectionError):  # refused while it was being sent
            connection.sendall(framing.sent)
        replies = Replies(connection)
        first = replies.next()
        assert first.outcome in framing.outcomes, first
        connection.settimeout(1)
        assert first.outcome == CLOSED or len(list(_more(replies))) < framing.replies
