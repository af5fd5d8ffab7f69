"""A question while it is being answered."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.answering.frames import Header
from kg.answering.question import Answer, Question, Seen
from kg.answering.spool import Spool
from kg.errors import KgError

if TYPE_CHECKING:
    from kg.answering.lane import Lane
    from kg.answering.pool import Pool
    from kg.answering.worker import Worker


class Job:
    """One question: who asked, what is to be sent, and how far it has come."""

    __slots__ = (
        "answer",
        "asked",
        "cancelled",
        "client",
        "disk",
        "form",
        "future",
        "group",
        "id",
        "lane",
        "late",
        "limit",
        "orphaned",
        "pool",
        "prefixes",
        "release",
        "retried",
        "seconds",
        "shape",
        "spool",
        "started",
        "text",
        "timer",
        "worker",
    )

    def __init__(
        self,
        id: int,
        question: Question,
        future: asyncio.Future[Answer | Seen],
        seconds: float,
        client: str,
        look: bool,
    ) -> None:
        self.id = id
        self.text = question.text
        self.release: Path = question.release
        self.asked = {"id": id, **_asked(question, look)}
        self.prefixes: Mapping[str, str] = question.prefixes
        self.future = future
        self.seconds = seconds
        self.limit = seconds  # where it is now
        self.client = client
        self.group = group(client)  # among whom it takes turns
        self.form = ""
        self.shape = ""
        self.started = 0.0
        self.disk = False  # reads more than a copy in memory holds
        self.retried = False
        self.orphaned = 0  # times that it lost its child with a whole nursery
        self.cancelled = False
        self.late = False  # has outlived its time among the small ones
        self.lane: Lane | None = None
        self.pool: Pool | None = None
        self.worker: Worker | None = None
        self.spool: Spool | None = None
        self.answer: Answer | None = None  # that has begun
        self.timer: asyncio.TimerHandle | None = None

    @property
    def over(self) -> bool:
        """Whether nobody waits for anything any more."""
        return self.future.done() and (self.spool is None or self.spool.complete or self.spool.closed)

    def fail(self, error: KgError) -> None:
        """The caller, or whoever reads what has begun, gets the error."""
        error.form, error.shape = self.form, self.shape
        if not self.future.done():
            self.future.set_exception(error)
        elif self.spool is not None and not self.spool.complete:
            self.spool.fail(error)

    def stop_clock(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


@lru_cache(maxsize=4096)
def group(client: str) -> str:
    """Who shares the turns of a client: of IPv6, of which one machine has a whole /64 network, all in that."""
    if ":" not in client:
        return client
    try:
        return str(ipaddress.ip_network((client.partition("%")[0], 64), strict=False))
    except ValueError:
        return client


def _asked(question: Question, look: bool) -> Header:
    """What the child is told beside the text; what is usual is left out."""
    asked: dict[str, Any] = {"release": str(question.release), "accept": question.accept}
    if question.formats:
        asked["formats"] = question.formats
    if question.base_iri is not None:
        asked["base"] = question.base_iri
    if question.dataset is not None:
        asked["dataset"] = {
            "default": [_written(iri) for iri in question.dataset.default],
            "named": [_written(iri) for iri in question.dataset.named],
        }
    if question.excel is not None:
        asked["excel"] = question.excel
    if question.partial:
        asked["partial"] = True
    if question.page:
        asked["page"] = True
    if look:
        asked["look"] = True
    return asked


def _written(iri: str) -> str:
    """As a query writes it; `<…>` already may stand around it."""
    return iri if iri.startswith("<") else f"<{iri}>"
