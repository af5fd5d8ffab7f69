"""HTTP/1.1 on one connection: what uvicorn's protocol does, and what keeps strangers from harming others with it.

A head has a time, a size and exactly one meaning (RFC 9112 §6.3 and §11.2: what could be framed in two ways is refused
by the parser, the rest here).
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from kg.web.answers import BEGUN, Begun
from kg.web.cycle import Cycle, cut
from kg.web.familiar import Early
from kg.web.fields import Fields
from kg.web.refused import MAX_URL, refusal
from kg.web.repeats import PACKET

MAX_FIELDS: Final = 100
MAX_FIELD_BYTES: Final = 64 * 2**10
MAX_HEAD: Final = MAX_URL + 2 * MAX_FIELD_BYTES  # that is gathered until the parser has a whole field
MAX_TRAILER: Final = 8 * 2**10
MAX_PIPELINE: Final = 64  # requests that wait for the one before them
_LINGER: Final = 5.0  # seconds in which a client may go on sending what nobody reads, to hear why
_LINGER_BYTES: Final = 64 * 2**20
_VERSIONS: Final = frozenset({"1.0", "1.1"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and numbers that hold for every connection."""

    head_time: float
    keep_alive: float = 30.0
    send_time: float = 60.0  # in which a reader has to take something
    connections: int = 1000


class _RefusedError(Exception):
    """Leaves a callback of the parser; the status is in the protocol by then."""


class Protocol(HttpToolsProtocol):
    """One connection; `deadline` is when it is to be closed, by the clock of its loop."""

    limits = Limits(10.0)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.in_head = True  # the next thing to come is a head, or more of one
        self.begun = 0  # requests
        self.head_bytes = 0
        self.field_bytes = 0
        self.lingering = 0
        self.early: Early | None = None  # what is answered without having been parsed
        self.ending = False  # what still comes is not read
        self.stuck = math.inf  # when a reader has taken nothing for too long
        self.refusal = 400
        self.deadline = self.loop.time() + self.limits.head_time
        if len(self.connections) > self.limits.connections and not self._make_room():
            self.refuse(503)

    def _make_room(self) -> bool:
        """Ends the connection that has been idle longest; False when all have something to do."""
        idle = [one for one in self.connections if isinstance(one, Protocol) and one.idle and one is not self]
        if not idle:
            return False
        min(idle, key=lambda one: one.deadline).transport.close()
        return True

    @property
    def idle(self) -> bool:
        """Whether nothing has been asked that is not answered."""
        return self.early is None and (self.cycle is None or self.cycle.response_complete)

    def expire(self, now: float) -> None:
        """Close the connection when its time is over; at once when nobody takes what is still to be sent."""
        if now < min(self.deadline, self.stuck) or self.transport is None:
            return
        if self.ending or now >= self.stuck or self.transport.is_closing():
            cut(self.transport)
        elif self.in_head and self.head_bytes:
            self.refuse(408)
        else:
            self.transport.close()
            self.deadline = now + self.limits.send_time

    def pause_writing(self) -> None:
        super().pause_writing()
        self.stuck = self.loop.time() + self.limits.send_time

    def resume_writing(self) -> None:
        super().resume_writing()
        self.stuck = math.inf

    def data_received(self, data: bytes) -> None:
        if self.ending:
            self.lingering += len(data)
            if self.lingering > _LINGER_BYTES:
                self.transport.abort()
            return
        if self.early is not None:  # requests are answered in their order
            self._parse_early()
        between = self._between
        if not between or not self._at_once(data):
            self._parse(data, between)

    def _parse(self, data: bytes, between: bool, early: Begun | None = None) -> None:
        """`between`: it is the first of a request; `early`: what has been begun of it."""
        begun = self.begun
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.ending = True  # the request is answered as if it had not asked; nothing after it is one
        except httptools.HttpParserCallbackError as error:
            if not isinstance(error.__context__, _RefusedError):
                self.refusal = 400
            self.refuse(self.refusal)
        except httptools.HttpParserError:
            self.refuse(400)
        else:
            if self.in_head:
                self.head_bytes += len(data)
                if self.head_bytes > MAX_HEAD:
                    self.refuse(431)
            elif between and self.begun == begun + 1 and self.cycle.keep_alive and not self.cycle.more_body:
                scope = cast(dict[str, Any], self.scope)
                scope[PACKET] = data
                if early is not None:
                    scope[BEGUN] = early
                    return
        if early is not None:
            early.abandon()

    @property
    def _between(self) -> bool:
        """Whether what comes next is the first byte of a request, and all before it is answered."""
        if self.cycle is None:
            return self.in_head and not self.head_bytes
        return not self.in_head and self.cycle.response_complete and not self.cycle.more_body

    def _at_once(self, data: bytes) -> bool:
        """Whether this is one whole request like others before, and has its reply now or soon."""
        at_once = getattr(self.config.app, "at_once", None)
        if at_once is None or self.flow.write_paused:
            return False
        reply = at_once(data, self.client, self._always)
        if reply is None:
            return False
        if isinstance(reply, bytes):
            self._reply(reply)
        else:
            self.early, self.deadline = reply, math.inf
            reply.then(self._reply)
        return True

    def _always(self) -> Fields:
        return self.server_state.default_headers

    def _reply(self, reply: bytes | None) -> None:
        """A whole reply to what was not parsed; without one, it is parsed now."""
        if reply is None:
            self._parse_early()
            return
        self.early = None
        self.server_state.total_requests += 1
        self._rest()
        self.transport.write(reply)

    def _parse_early(self) -> None:
        early, self.early = self.early, None
        assert early is not None
        self._parse(early.packet, True, early.hand_over())

    def connection_lost(self, exc: Exception | None) -> None:
        if self.early is not None:
            self.early.abandon()
            self.early = None
        super().connection_lost(exc)

    def shutdown(self) -> None:
        if self.early is not None:
            self._parse_early()
        super().shutdown()

    def on_message_begin(self) -> None:
        self.begun += 1
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self.in_head = True
        self.head_bytes = 1
        self.field_bytes = 0
        self.deadline = self.loop.time() + self.limits.head_time

    def on_url(self, url: bytes) -> None:
        self.url += url
        if len(self.url) > MAX_URL:
            self._give_up(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.field_bytes += len(name) + len(value)
        if self.field_bytes > (MAX_FIELD_BYTES if self.in_head else MAX_TRAILER):
            self._give_up(431)
        if not self.in_head:
            return  # a trailer (RFC 9112 §7.1.2), which nobody here reads
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))
        if len(self.headers) > MAX_FIELDS:
            self._give_up(431)

    def on_headers_complete(self) -> None:
        parser = self.parser
        version = parser.get_http_version()
        self._check_framing(version)
        parsed = httptools.parse_url(self.url)
        raw_path = parsed.path
        path = raw_path.decode("ascii")
        self.in_head = False
        self.field_bytes = 0
        self.deadline = math.inf
        self.scope = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": version,
            "method": parser.get_method().decode("ascii"),
            "scheme": self.scheme or "http",
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": parsed.query or b"",
            "root_path": "",
            "headers": self.headers,
            "client": self.client,
            "server": self.server,
            "state": self.app_state.copy(),
        }
        before = self.cycle
        cycle = self.cycle = Cycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version == "1.1" and parser.should_keep_alive() and not parser.should_upgrade(),
            on_response=self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._run(cycle)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def _run(self, cycle: RequestResponseCycle) -> None:
        task = self.loop.create_task(cycle.run_asgi(self.app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def _check_framing(self, version: str) -> None:
        if version not in _VERSIONS:
            self._give_up(505)
        if len(self.pipeline) >= MAX_PIPELINE:
            self._give_up(400)
        hosts = 0
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
            elif name == b"transfer-encoding":
                if version != "1.1":
                    self._give_up(400)
                if value.lower() != b"chunked":
                    self._give_up(501)
        if hosts > 1 or (hosts == 0 and version == "1.1"):  # RFC 9112 §3.2
            self._give_up(400)

    def _give_up(self, status: int) -> None:
        self.refusal = status
        raise _RefusedError

    def on_body(self, body: bytes) -> None:
        cycle = self.cycle
        if cycle.response_complete:
            self.lingering += len(body)
            if self.lingering > _LINGER_BYTES:
                self.transport.abort()
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        cycle = self.cycle
        cycle.more_body = False
        if cycle.response_complete:
            self._rest()
        else:
            cycle.message_event.set()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._run(self.pipeline.pop()[0])
        elif self.cycle.more_body:
            self.deadline = self.loop.time() + _LINGER
        else:
            self._rest()

    def _rest(self) -> None:
        self.lingering = 0
        self.deadline = self.loop.time() + self.limits.keep_alive

    def refuse(self, status: int) -> None:
        """Answer what is no request, after what was one, and end the connection."""
        if self.transport.is_closing():
            return
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self.in_head:  # what came before it on the same connection is still being answered
                last = self.pipeline[0][0] if self.pipeline else cycle
                last.keep_alive = False
                self.ending = True
                return
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                cut(self.transport)
                return
        told = getattr(self.config.app, "refused", None)
        if told is not None:
            told(self.client[0] if self.client else "", status)
        self.transport.write(refusal(status, self.server_state.default_headers))
        self.ending = True
        self.deadline = self.loop.time() + _LINGER
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()  # and what still comes is taken for a moment, else it would destroy the reply
        else:
            self.transport.close()
