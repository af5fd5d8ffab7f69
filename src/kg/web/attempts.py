"""Attempts that were refused: a client's first ones are lines of the audit, of the rest it has the number."""

from __future__ import annotations

import threading
import time
import weakref
from collections import OrderedDict, deque
from contextlib import suppress
from dataclasses import replace
from typing import Final

from kg.answering.job import group
from kg.errors import StoreError
from kg.web.audit import Audit, Event

_FEW: Final = 20  # of one client …
_WINDOW: Final = 60.0  # … in so many seconds, then it is told to come back later
_CLIENTS: Final = 10_000  # that are remembered for it
_MANY: Final = "too-many-attempts"


class Attempts:
    """How often clients were refused in the last minute, and what the audit hears of it."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._rest = _Rest(audit)
        weakref.finalize(self, self._rest.tell)

    def note(self, event: Event) -> bool:
        """Whether the client has made too many, this one included. What cannot be noted is refused all the same."""
        count = self._count(event.client)
        if count > _FEW:
            self._rest.add(event.client)
            return True
        with suppress(StoreError):
            self._audit.append(event if count < _FEW else replace(event, reason=_MANY), durable=False)
        return False

    def _count(self, client: str) -> int:
        """The attempts of this client in the last minute, with one more."""
        now, key = time.monotonic(), group(client)
        times = self._times.setdefault(key, deque(maxlen=_FEW + 1))
        self._times.move_to_end(key)
        while len(self._times) > _CLIENTS:
            self._times.popitem(last=False)
        while times and times[0] < now - _WINDOW:
            times.popleft()
        times.append(now)
        return len(times)


class _Rest:
    """Attempts that are no lines of their own: one line a minute has their number, and one at the end."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._lock = threading.Lock()
        self._attempts = 0
        self._clients: set[str] = set()

    def add(self, client: str) -> None:
        with self._lock:
            self._attempts += 1
            if len(self._clients) < _CLIENTS:
                self._clients.add(group(client))
            first = self._attempts == 1
        if first:
            timer = threading.Timer(_WINDOW, self.tell)
            timer.daemon = True
            timer.start()

    def tell(self) -> None:
        with self._lock:
            attempts, clients = self._attempts, self._clients
            self._attempts, self._clients = 0, set()
        if attempts:
            one = next(iter(clients)) if len(clients) == 1 else ""
            event = Event(
                action="authorize", status=None, client=one, reason=_MANY, attempts=attempts, clients=len(clients)
            )
            with suppress(StoreError):
                self._audit.append(event, durable=False)
