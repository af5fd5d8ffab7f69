"""The server over a plain application, by bytes: what is one request stays one, and nobody holds it up."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from kg.settings import Settings
from kg.web.envelope import Envelope
from kg.web.metrics import Metrics
from kg.web.server import Server

HOST = b"Host: x\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST


class Echo:
    """Says what it was asked; some paths behave in their own way."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bytes]] = []
        self.headers: list[list[tuple[bytes, bytes]]] = []
        self.gone = threading.Event()
        self.entered = threading.Event()
        self.release = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        path = scope["path"]
        if path == "/early":
            await self._reply(send, b"no need")
            return
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone.set()
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.seen.append((f"{scope['method']} {path}", body))
        self.headers.append(scope["headers"])
        if path == "/crash":
            raise RuntimeError("a secret of ours")
        if path == "/halfway":
            start: Message = {"type": "http.response.start", "status": 200, "headers": []}
            await send(start)
            await send({"type": "http.response.body", "body": b"part", "more_body": True})
            raise RuntimeError("midway")
        if path == "/long":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(3):
                await send({"type": "http.response.body", "body": b"part", "more_body": True})
            await send({"type": "http.response.body", "body": b""})
            return
        if path == "/wait":
            self.entered.set()
            while not self.release.is_set():
                await asyncio.sleep(0.01)
        await self._reply(
            send, json.dumps([scope["method"], path, body.decode("latin-1"), scope["client"][0]]).encode()
        )

    async def _reply(self, send: Send, body: bytes) -> None:
        headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Running:
    """The server in a thread."""

    def __init__(self, settings: Settings, connections: int = 0) -> None:
        self.app = Echo()
        self.metrics = Metrics()
        self.envelope = Envelope(self.app, settings, self.metrics)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.server = Server(self.envelope, settings, connections=connections)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]})

    def __enter__(self) -> Running:
        self.thread.start()
        until = time.monotonic() + 30
        while not self.server.started and time.monotonic() < until:
            time.sleep(0.005)
        assert self.server.started
        return self

    def __exit__(self, *_: object) -> None:
        self.app.release.set()
        self.server.should_exit = True
        self.thread.join(30)
        assert not self.thread.is_alive()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 10)

    def say(self, sent: bytes) -> bytes:
        """All that comes back until the server closes; the connection is said to be the last request's."""
        with self.connect() as connection:
            with suppress(ConnectionError):
                connection.sendall(sent)
            return everything(connection)


def everything(connection: socket.socket) -> bytes:
    parts = []
    with suppress(ConnectionError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def statuses(raw: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", raw)]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "log.jsonl"


@pytest.fixture(scope="module")
def server(log: Path) -> Iterator[Running]:
    with Running(Settings(log=str(log), header_time=1.5)) as running:
        yield running


@pytest.fixture(autouse=True)
def forget(server: Running) -> None:
    server.app.seen.clear()
    server.app.headers.clear()
    server.app.gone.clear()


def test_a_request_is_answered_and_named(server: Running) -> None:
    raw = server.say(GET + b"X-Request-Id: mine-1\r\nConnection: close\r\n\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert statuses(raw) == [200]
    assert b"x-request-id: mine-1" in head
    assert b"x-content-type-options: nosniff" in head
    assert b"access-control-allow-origin: *" in head
    assert b"server:" not in head
    assert json.loads(body) == ["GET", "/", "", "127.0.0.1"]


@pytest.mark.parametrize("name", ["a b", "x" * 65, "<script>", "\u0431".encode().decode("latin-1"), ""])
def test_an_id_that_may_not_be_safe_is_not_repeated(name: str, server: Running) -> None:
    raw = server.say(GET + b"X-Request-Id: " + name.encode("latin-1") + b"\r\nConnection: close\r\n\r\n")
    found = re.search(rb"x-request-id: (\S+)", raw)
    assert found is not None
    assert re.fullmatch(rb"[0-9a-f]{8}-[0-9a-f]+", found[1])


def test_requests_in_one_packet_are_answered_in_order(server: Running) -> None:
    sent = b"".join(b"GET /%d HTTP/1.1\r\n" % number + HOST + b"\r\n" for number in range(20))
    raw = server.say(sent + GET + b"Connection: close\r\n\r\n")
    assert statuses(raw) == [200] * 21
    assert [what for what, _ in server.app.seen] == [*(f"GET /{number}" for number in range(20)), "GET /"]


def test_too_many_requests_in_one_packet_are_answered_in_part(server: Running) -> None:
    raw = server.say((GET + b"\r\n") * 2000)
    assert set(statuses(raw)) == {200}
    assert 1 < len(statuses(raw)) < 2000


def test_a_body_comes_in_pieces_and_in_chunks(server: Running) -> None:
    with server.connect() as connection:
        for piece in (b"POST / HTTP/1.1\r\nHo", b"st: x\r\nContent-Le", b"ngth: 6\r\n\r\nAS", b"K ", b"{}"):
            connection.sendall(piece)
            time.sleep(0.01)
        assert b'"ASK {}"' in connection.recv(65536)
        connection.sendall(
            b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nASK\r\n3;x=y\r\n {}\r\n0\r\n\r\n"
        )
        assert b'"ASK {}"' in connection.recv(65536)


POST = b"POST / HTTP/1.1\r\n" + HOST
HIDDEN = b"GET /hidden HTTP/1.1\r\n" + HOST + b"\r\n"
SMUGGLED = {
    "a length and chunks": POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks and a length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": POST + b"Content-Length: 6\r\nContent-Length: 60\r\n\r\nASK {}" + HIDDEN,
    "a list of lengths": POST + b"Content-Length: 6, 6\r\n\r\nASK {}" + HIDDEN,
    "a length with a sign": POST + b"Content-Length: +6\r\n\r\nASK {}" + HIDDEN,
    "another coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two codings": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a chunk that is no number": POST + b"Transfer-Encoding: chunked\r\n\r\nG\r\nASK\r\n0\r\n\r\n" + HIDDEN,
    "a chunk in 0x": POST + b"Transfer-Encoding: chunked\r\n\r\n0x3\r\nASK\r\n0\r\n\r\n" + HIDDEN,
    "a chunk too long": POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nASK\r\n0\r\n\r\n" + HIDDEN,
    "a length in a trailer": POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 99\r\n\r\n" + HIDDEN,
    "a space before a colon": POST + b"Content-Length : 6\r\n\r\nASK {}" + HIDDEN,
    "a folded header": POST + b"X: a\r\n Content-Length: 6\r\n\r\nASK {}" + HIDDEN,
    "line feeds": b"GET / HTTP/1.1\nHost: x\n\n" + HIDDEN,
    "no host": b"GET / HTTP/1.1\r\n\r\n" + HIDDEN,
    "two hosts": GET + HOST + b"\r\n" + HIDDEN,
    "HTTP/0.9": b"GET /\r\n\r\n" + HIDDEN,
    "HTTP/2": b"GET / HTTP/2.0\r\nHost: x\r\n\r\n" + HIDDEN,
    "a prior HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + HIDDEN,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),
    "an upgrade": GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + HIDDEN,
    "a close": GET + b"Connection: close\r\n\r\n" + HIDDEN,
}


@pytest.mark.parametrize("sent", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_no_request_hides_in_another(sent: bytes, server: Running) -> None:
    raw = server.say(sent)
    assert len(statuses(raw)) <= 1, raw
    assert "GET /hidden" not in {what for what, _ in server.app.seen}
    assert statuses(server.say(GET + b"Connection: close\r\n\r\n")) == [200]


def test_a_refused_request_is_a_problem(server: Running, log: Path) -> None:
    raw = server.say(POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert statuses(raw) == [501]
    assert b"application/problem+json" in head
    assert b"connection: close" in head
    assert set(json.loads(body)["messages"]) == {"bg", "en"}
    assert server.app.seen == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"x" * 300_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
        (GET + b"".join(b"X-%d: y\r\n" % number for number in range(200)) + b"\r\n", 431),
        (GET + b"X: " + b"y" * 500_000 + b"\r\n\r\n", 431),
        (GET + b"X: " + b"y" * 500_000, 431),
    ],
)
def test_a_head_has_a_size(sent: bytes, status: int, server: Running) -> None:
    assert statuses(server.say(sent)) == [status]


def test_what_follows_a_body_is_no_header(server: Running) -> None:
    trailer = b"Authorization: Bearer x\r\n"
    server.say(POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n" + trailer + b"\r\n")
    ((_, body),) = server.app.seen
    assert body == b""
    assert b"authorization" not in dict(server.app.headers[0])
    endless = b"".join(b"X-%d: y\r\n" % number for number in range(3000))
    raw = server.say(POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + endless + b"\r\n")
    assert statuses(raw) in ([431], [400])


def test_after_a_bad_request_the_ones_before_it_are_answered(server: Running) -> None:
    raw = server.say(GET + b"\r\n" + GET + b"\r\n" + b"NONSENSE\r\n\r\n" + HIDDEN)
    assert statuses(raw) == [200, 200]
    assert [what for what, _ in server.app.seen] == ["GET /", "GET /"]


def test_a_head_has_a_time(server: Running) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert statuses(everything(connection)) == [408]
    with server.connect() as connection:
        assert everything(connection) == b""


def test_letters_do_not_buy_time(server: Running) -> None:
    with server.connect() as connection:
        connection.sendall(GET)
        ended = threading.Event()

        def listen() -> None:
            everything(connection)
            ended.set()

        thread = threading.Thread(target=listen)
        thread.start()
        until = time.monotonic() + 20
        while not ended.is_set() and time.monotonic() < until:
            with suppress(OSError):
                connection.sendall(b"X")
            ended.wait(0.05)
        assert ended.is_set()
        thread.join()


def test_a_reply_before_the_body_is_heard(server: Running) -> None:
    with server.connect() as connection:
        connection.sendall(b"PUT /early HTTP/1.1\r\n" + HOST + b"Content-Length: 3000000\r\n\r\n")
        assert b"no need" in connection.recv(65536)
        connection.sendall(b"x" * 3_000_000)  # read and thrown away
        connection.sendall(GET + b"Connection: close\r\n\r\n")
        assert statuses(everything(connection)) == [200]


def test_a_body_that_nobody_waits_for_is_cut_off(server: Running) -> None:
    with server.connect() as connection:
        connection.sendall(b"PUT /early HTTP/1.1\r\n" + HOST + b"Content-Length: 3000000000\r\n\r\n")
        assert b"no need" in connection.recv(65536)
        with pytest.raises(ConnectionError):
            while True:
                connection.sendall(b"x" * 1_000_000)


def test_a_client_that_leaves_is_noticed(server: Running) -> None:
    with server.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\nhalf")
        time.sleep(0.05)
    assert server.app.gone.wait(5)


def test_a_crash_is_a_problem_without_our_insides(server: Running, caplog: pytest.LogCaptureFixture) -> None:
    raw = server.say(b"GET /crash HTTP/1.1\r\n" + HOST + b"X-Request-Id: crash-1\r\nConnection: close\r\n\r\n")
    assert statuses(raw) == [500]
    assert b"secret" not in raw
    assert json.loads(raw.partition(b"\r\n\r\n")[2])["requestId"] == "crash-1"
    assert "a secret of ours" in caplog.text


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_what_broke_midway_does_not_look_whole(version: bytes, server: Running) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET /halfway HTTP/" + version + b"\r\n" + HOST + b"\r\n")
        with pytest.raises(ConnectionResetError):
            while connection.recv(65536):
                pass


def test_a_client_that_knows_no_chunks_reads_to_the_end(server: Running) -> None:
    raw = server.say(b"GET /long HTTP/1.0\r\n\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head
    assert body == b"part" * 3
    raw = server.say(b"GET /long HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert raw.endswith(b"\r\n\r\n" + b"4\r\npart\r\n" * 3 + b"0\r\n\r\n")


def test_idle_connections_make_room_for_others() -> None:
    with Running(Settings(log=""), connections=10) as running:
        idle = [running.connect() for _ in range(30)]
        assert statuses(running.say(GET + b"Connection: close\r\n\r\n")) == [200]
        for connection in idle:
            connection.close()


def test_the_end_waits_for_answers_and_hangs_up_on_the_idle() -> None:
    running = Running(Settings(log=""))
    with running, running.connect() as idle, running.connect() as busy:
        busy.sendall(b"GET /wait HTTP/1.1\r\n" + HOST + b"\r\n")
        assert running.app.entered.wait(5)
        running.server.should_exit = True
        assert everything(idle) == b""
        running.app.release.set()
        assert statuses(everything(busy)) == [200]


def test_every_request_is_a_line_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with Running(Settings(log=str(log))) as running:
        running.say(b"GET /a%22b%0a%00\xd1 HTTP/1.1\r\n" + HOST + b"\r\n")
        running.say(
            b"GET /a%22b%0a?query=secret&access_token=secret HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
        )
        running.say(b"GET /crash HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        with running.connect() as connection:
            connection.sendall(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n")
            time.sleep(0.05)
        assert running.app.gone.wait(5)
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert "secret" not in "".join(json.dumps(line) for line in lines if "trace" not in line)
    told = [line for line in lines if "path" in line]
    assert [(line["path"], line["status"]) for line in told] == [('/a"b\n', 200), ("/crash", 500), ("/", 499)]
    assert told[0]["client"] == "127.0.0.1"
    assert told[0]["bytes"] > 0
    (traced,) = [line for line in lines if "trace" in line]
    assert "a secret of ours" in traced["trace"]
    assert [line["status"] for line in lines if line.get("refused")] == [400]
