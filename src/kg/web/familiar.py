"""Requests like those that came before, but for their query: asked before they are parsed, and answered without.

A program sends the same header fields each time. Once the parser has made out what they mean, another request with the
same bytes after its first line means the same, and only its query is left to be read. All that is more than a short
answer in a moment is handed to the parser, and to the application after it, together with the evaluation that has
begun: errors, long answers and slow ones, and what a client sends before it has its answer.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from starlette.types import Scope

from kg.errors import KgError
from kg.store.port import Mark
from kg.web.answers import Answers, Begun
from kg.web.asked import Asked, Client, Inquiry, may_be_page
from kg.web.exchange import GONE, Exchange, begin
from kg.web.fields import Fields
from kg.web.parameters import plain
from kg.web.repeats import GET, LONGEST, LONGEST_BODY, MEANS_MORE, PACKET, Tell, answered, whole

_WAIT: Final = 0.03  # seconds; what takes longer needs somebody who watches the client
_REMEMBERED: Final = 256  # ways to ask
_BEFORE, _AFTER = b"GET /sparql?query=", b" HTTP/1.1"
_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_PLAIN: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$'()*+,;:@/?%="
_FRAMES_MORE: Final = frozenset({b"content-length", b"expect", b"transfer-encoding"})


class Manner(NamedTuple):
    """What a request says beside its query."""

    client: Client
    base_iri: str


class Familiar:
    """The ways to ask that have been met twice, by the bytes after the first line."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._manners: OrderedDict[bytes, Manner | None] = OrderedDict()
        self._count = 0

    def gauges(self) -> Mapping[str, float]:
        """For /metrics."""
        return {"familiar_requests": self._count}

    def note(self, scope: Scope, found: dict[bytes, bytes], base_iri: str) -> None:
        """Remember how this request was asked, when it could be another one's way, too."""
        packet: bytes | None = scope.get(PACKET)
        if packet is None or not packet.startswith(_BEFORE) or b"&" in scope["query_string"]:
            return
        way = packet[packet.find(b"\r\n") :]
        if self._manners.get(way) is not None or len(way) > LONGEST:
            return
        manner = None
        if way in self._manners and MEANS_MORE.isdisjoint(found) and _FRAMES_MORE.isdisjoint(found):
            client = Client.of(scope)
            manner = None if may_be_page(client.accept, ()) else Manner(client, base_iri)
        self._manners[way] = manner
        while len(self._manners) > _REMEMBERED:
            self._manners.popitem(last=False)

    def ask(
        self, packet: bytes, peer: tuple[str, int] | None, mark: Mark | None, tell: Tell, always: Callable[[], Fields]
    ) -> Early | bytes | None:
        """The reply when the answer is kept already, an evaluation that has begun, or None: it has to be parsed.

        `always` gives the fields that every reply carries at the moment.
        """
        if len(packet) > LONGEST:
            return None
        end = packet.find(b"\r\n")
        manner = self._manners.get(packet[end:])
        if manner is None or not packet.startswith(_BEFORE) or not packet.endswith(_AFTER, 0, end):
            return None
        value = packet[len(_BEFORE) : end - len(_AFTER)]
        held = self._answers.releases.known(mark)
        self._manners.move_to_end(packet[end:])
        if held is None or not value or value.translate(None, _PLAIN) or _ESCAPE.search(value):
            return None
        told = begin({"client": peer, "headers": ()})
        try:
            told.text = plain(value)
            inquiry = Inquiry.of(Asked(told.text, manner.base_iri, page=True), held, manner.client)
            found = self._answers.begin(inquiry, told)
        except KgError:
            return None
        if found is None:
            return None
        if isinstance(found, Begun):
            self._count += 1
            return Early(self._answers, found, packet, told, tell, always)
        if len(found.body) > LONGEST_BODY:
            return None
        self._count += 1
        variant = self._answers.variant(inquiry, found)
        if held.dated:
            self._answers.cache.name((packet,), None, variant)
        answered(told, variant)
        return whole(variant, GET, told, tell, always())


class Early:
    """An evaluation that began before its request was parsed."""

    __slots__ = ("_always", "_answers", "_begun", "_done", "_tell", "_timer", "_told", "packet")

    def __init__(
        self, answers: Answers, begun: Begun, packet: bytes, told: Exchange, tell: Tell, always: Callable[[], Fields]
    ) -> None:
        self.packet = packet
        self._answers = answers
        self._begun = begun
        self._told = told
        self._tell = tell
        self._always = always
        self._done: Callable[[bytes | None], None] | None = None

    def then(self, done: Callable[[bytes | None], None]) -> None:
        """Calls `done` once, later: with the reply, or with None when the request has to be parsed after all."""
        self._done = done
        self._timer = asyncio.get_running_loop().call_later(_WAIT, self._end, None)
        self._begun.job.future.add_done_callback(self._end)

    def hand_over(self) -> Begun:
        """The evaluation, for whoever parses the request; `then` calls nobody any more."""
        self._done = None
        self._timer.cancel()
        return self._begun

    def abandon(self) -> None:
        """Nobody wants the reply any more."""
        self.hand_over().abandon()
        self._told.status, self._told.cache = GONE, "miss"
        self._tell(GET, self._told)

    def _end(self, future: object) -> None:
        done = self._done
        if done is None:
            return
        kept = self._answers.finish(self._begun, self._told) if future is not None else None
        if kept is None:
            done(None)
            return
        self._done = None
        self._timer.cancel()
        variant = self._answers.variant(self._begun.inquiry, kept)
        done(whole(variant, GET, self._told, self._tell, self._always()))
