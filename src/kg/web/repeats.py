"""Requests that came before, byte for byte, answered without being parsed.

Programs that ask again send the same bytes. A request that is whole in one piece, arrives between two messages and
means nothing beyond the query (no condition, no id, nobody's name) is an answer's name like any other
(`kg.web.cache`): what the parser once made of it, it would make of it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.types import Scope

from kg.errors import StoreError
from kg.store.port import Store
from kg.web.cache import Cache, Variant
from kg.web.exchange import Exchange, begin
from kg.web.fields import Fields
from kg.web.headers import complete

PACKET = "kg.packet"
"""Where a request's bytes stand in its scope, when they came in one piece."""

LONGEST = 8 * 2**10  # bytes of a request
LONGEST_BODY = 64 * 2**10  # of its answer; a longer one waits for its reader
_MEANS_MORE = frozenset(
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
_GET: Scope = {"method": "GET", "path": "/sparql"}
_POST: Scope = {"method": "POST", "path": "/sparql"}
Tell = Callable[[Scope, Exchange], None]


class Repeats:
    """The answers in a cache, by packets."""

    def __init__(self, store: Store, cache: Cache) -> None:
        self._store = store
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
            or not _MEANS_MORE.isdisjoint(found)
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

    def reply(self, packet: bytes, peer: tuple[str, int] | None, always: Fields, tell: Tell) -> bytes | None:
        """The whole reply to a packet that arrived between two messages, told already; None when it has to be read."""
        if len(packet) > LONGEST:
            return None
        try:
            variant = self._cache.find(self._store.mark(), (packet,), None)
        except StoreError:
            return None
        if variant is None:
            return None
        self._count += 1
        told = begin({"client": peer, "headers": ()})
        answered(told, variant)
        told.status, told.bytes = 200, len(variant.body)
        tell(_POST if packet.startswith(b"P") else _GET, told)
        moment = b"".join([b"%b: %b\r\n" % field for field in always])
        return b"%b%bx-request-id: %b\r\n\r\n%b" % (_head(variant), moment, told.id.encode("ascii"), variant.body)


def answered(told: Exchange, variant: Variant) -> None:
    """Tell that a kept answer was sent."""
    kept = variant.kept
    told.cache, told.form, told.shape, told.release = "hit", kept.form, kept.shape, kept.release


def _head(variant: Variant) -> bytes:
    """The status line and what every reply of these bytes says."""
    if not variant.head:
        fields = complete(variant.headers)
        variant.head = b"HTTP/1.1 200 OK\r\n" + b"".join([b"%b: %b\r\n" % field for field in fields])
    return variant.head
