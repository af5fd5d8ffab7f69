"""Requests that came before, byte for byte, answered without being parsed.

Programs that ask again send the same bytes. A request that is whole in one piece, arrives between two messages and
means nothing beyond the query (no condition, no id, nobody's name) is an answer's name like any other
(`kg.web.cache`): what the parser once made of it, it would make of it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.types import Scope

from kg.store.port import Mark
from kg.web.cache import Cache, Variant
from kg.web.exchange import Exchange, begin
from kg.web.fields import Fields
from kg.web.headers import COMMON, NAMES, complete

PACKET = "kg.packet"
"""Where a request's bytes stand in its scope, when they came in one piece."""

LONGEST = 8 * 2**10  # bytes of a request
LONGEST_BODY = 64 * 2**10  # of its answer; a longer one waits for its reader
MEANS_MORE = frozenset(
    {
        b"authorization",
        b"if-modified-since",
        b"if-none-match",
        b"x-forwarded-for",
        b"x-forwarded-proto",
        b"x-request-id",
    }
)
_REMEMBERED = 4096
GET: Scope = {"method": "GET", "path": "/sparql"}
_POST: Scope = {"method": "POST", "path": "/sparql"}
_COMMON = b"".join(b"%b: %b\r\n" % field for field in COMMON)
Tell = Callable[[Scope, Exchange], None]


class Repeats:
    """The answers in a cache, by packets."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._once: dict[int, None] = {}
        self._count = 0

    def gauges(self) -> Mapping[str, float]:
        """For /metrics."""
        return {"repeated_requests": self._count}

    def note(self, scope: Scope, found: dict[bytes, bytes], variant: Variant) -> None:
        """Let the answer be found by the request's packet from its second time on: many packets come only once."""
        packet = scope.get(PACKET)
        if (
            packet is None
            or scope["method"] == "HEAD"
            or len(variant.body) > LONGEST_BODY
            or not MEANS_MORE.isdisjoint(found)
        ):
            return
        seen = hash(packet)
        if seen not in self._once:
            if len(self._once) >= _REMEMBERED:
                self._once.clear()
            self._once[seen] = None
            return
        del self._once[seen]
        self._cache.name((packet,), None, variant)

    def reply(
        self, packet: bytes, peer: tuple[str, int] | None, mark: Mark | None, tell: Tell, always: Fields
    ) -> bytes | None:
        """The whole reply to a packet that arrived between two messages, told already; None when it has to be read."""
        if len(packet) > LONGEST:
            return None
        variant = self._cache.find(mark, (packet,), None)
        if variant is None:
            return None
        self._count += 1
        told = begin({"client": peer, "headers": ()})
        answered(told, variant)
        return whole(variant, _POST if packet.startswith(b"P") else GET, told, tell, always)


def whole(variant: Variant, scope: Scope, told: Exchange, tell: Tell, always: Fields) -> bytes:
    """The reply to a request of this method and path, told; `always`: fields of every reply at this moment."""
    told.status, told.bytes = 200, len(variant.body)
    tell(scope, told)
    head = variant.head or _head(variant)
    if told.cache == "hit":  # from the second time on it is worth its room
        variant.head = head
    moment = b"".join([b"%b: %b\r\n" % field for field in always])
    return b"%b%bx-request-id: %b\r\n\r\n%b" % (head, moment, told.id.encode("ascii"), variant.body)


def answered(told: Exchange, variant: Variant) -> None:
    """Tell that a kept answer was sent."""
    kept = variant.kept
    told.cache, told.form, told.shape, told.release = "hit", kept.form, kept.shape, kept.release


def _head(variant: Variant) -> bytes:
    """The status line and what every reply of these bytes says."""
    common = _COMMON if NAMES.isdisjoint([name for name, _ in variant.headers]) else b""
    fields = variant.headers if common else complete(variant.headers)
    return b"HTTP/1.1 200 OK\r\n" + b"".join([b"%b: %b\r\n" % field for field in fields]) + common
