"""One request and what became of it, told to the log, the figures and the audit."""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Container, MutableMapping
from typing import Any, Final

GONE: Final = 499
"""The status in log and figures when the client left before there was a reply."""

_KEY: Final = "kg.exchange"
_MAPPED: Final = "::ffff:"  # before IPv4 addresses, on a socket that listens for both
_SAFE: Final = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,64}")
_BOOT: Final = os.urandom(4).hex()
_NUMBERS: Final = itertools.count(1)


class Exchange:
    """What the endpoints fill in about the request that they answer."""

    __slots__ = (
        "agent",
        "broken",
        "bytes",
        "cache",
        "client",
        "form",
        "id",
        "reason",
        "release",
        "seconds",
        "shape",
        "started",
        "status",
        "text",
        "truncated",
    )

    def __init__(self, id: str, client: str) -> None:
        self.id = id  # of the request: the client's X-Request-Id, or one of ours
        self.client = client  # address; behind a proxy that is believed, the one it forwards for
        self.started = time.time()
        self.cache = ""  # "hit", "miss", or "" where no cache is asked
        self.shape = ""  # fingerprint of the query without its constants
        self.form = ""  # SELECT, ASK, …, UPDATE
        self.text = ""  # of the query; goes into the log of slow queries only
        self.release = 0  # number
        self.seconds = 0.0  # engine time; of a query that failed, the time until then
        self.agent = ""  # name of the token
        self.truncated = False
        self.reason = ""  # slug of the error that ended the query
        self.broken = False  # the error came when a part of the answer had been sent
        self.status = 0  # these two by the envelope
        self.bytes = 0


def exchange(scope: MutableMapping[str, Any]) -> Exchange:
    """The exchange of a request; a new one outside of the envelope."""
    found = scope.get(_KEY)
    return found if isinstance(found, Exchange) else begin(scope)


def begin(scope: MutableMapping[str, Any], proxies: Container[str] = ()) -> Exchange:
    """A new exchange, kept in the scope. X-Forwarded-For and -Proto are believed when one of `proxies` sends them."""
    peer = scope.get("client")
    client = peer[0].removeprefix(_MAPPED) if peer else ""
    id = ""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SAFE.fullmatch(value):
            id = value.decode("ascii")
    if client in proxies:
        client = _forwarded(scope, client, proxies)
    begun = scope[_KEY] = Exchange(id or f"{_BOOT}-{next(_NUMBERS):x}", client)
    return begun


def _forwarded(scope: MutableMapping[str, Any], peer: str, proxies: Container[str]) -> str:
    """The last address that none of our proxies has: what stands before it anybody may have written."""
    addresses: list[str] = []
    for name, value in scope["headers"]:
        if name == b"x-forwarded-for":
            addresses += [one.strip() for one in value.decode("latin-1").split(",")]
        elif name == b"x-forwarded-proto" and value in {b"http", b"https"}:
            scope["scheme"] = value.decode("ascii")
    for address in reversed(addresses):
        if address not in proxies:
            return address[:64] or peer
    return peer
