"""A query on its way to a worker, and its answer on the way back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from kg.answering.spool import Spool
from kg.errors import TooLargeError
from kg.formats import Format

PLACES: Final = ("", "memory")


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs that a request names, as IRIs (SPARQL 1.1 Protocol §2.1.4)."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


class Question(NamedTuple):
    """A query as it was sent, the release it is about, and what its answer is to be written in."""

    text: str
    release: Path  # sealed directory
    accept: str = ""  # Accept header lines joined by commas; empty takes anything
    formats: tuple[str, ...] = ()  # what `?format=` says; the first that is known wins, over `accept`
    base_iri: str | None = None
    dataset: Dataset | None = None  # from the protocol; it overrides FROM in the text
    prefixes: Mapping[str, str] = MappingProxyType({})  # for Turtle, TriG and RDF/XML
    excel: str | None = None  # „bg“: CSV that a Bulgarian spreadsheet opens
    partial: bool = False  # cut at the cap and say so, instead of refusing
    page: bool = False  # HTML may be chosen; the answer itself is then JSON or Turtle


class Seen(NamedTuple):
    """What looking at a text tells."""

    form: str  # SELECT, ASK, CONSTRUCT, DESCRIBE
    volatile: bool  # two evaluations over one release may differ
    shape: str  # the same for queries that differ in constants only; hexadecimal
    format: Format  # the chosen one; HTML when the question allows a page
    place: str = ""  # where rows came from: another place has them in another order; one of PLACES


@dataclass(frozen=True, slots=True)
class Running:
    """A query that is being evaluated now."""

    id: int
    text: str
    shape: str  # empty while nobody has looked at the text
    client: str
    lane: str
    started: float  # time.time()
    seconds: float
    pid: int


class Answer:
    """An answer, whole or still growing; whoever holds it closes it."""

    __slots__ = ("body", "rows", "seconds", "seen", "spool", "truncated")

    def __init__(
        self,
        seen: Seen,
        seconds: float,
        *,
        body: bytes | None = None,
        spool: Spool | None = None,
        truncated: bool = False,
        rows: int | None = None,
    ) -> None:
        assert (body is None) != (spool is None)
        self.seen = seen
        self.seconds = seconds  # of the engine; 0 while the answer is being written
        self.body = body  # the whole answer when it is small, else read chunks
        self.spool = spool
        self.truncated = truncated
        self.rows = rows  # when cheaply known

    @property
    def size(self) -> int | None:
        """Bytes of the whole answer; None while it is being written."""
        if self.spool is None:
            return len(self.body or b"")
        return self.spool.size if self.spool.complete else None

    async def chunks(self, size: int = 262144) -> AsyncIterator[bytes]:
        """The answer from its start. Ends only when it is whole; raises KgError when the engine failed midway."""
        if self.spool is None:
            if self.body:
                yield self.body
            return
        async for chunk in self.spool.chunks(size):
            yield chunk

    async def read(self, limit: int | None = None) -> bytes:
        """The whole answer. Raises TooLargeError when it is longer than the limit."""
        parts, length = [], 0
        async for chunk in self.chunks():
            parts.append(chunk)
            length += len(chunk)
            if limit is not None and length > limit:
                raise TooLargeError(
                    f"the answer is longer than {limit} bytes; ask for less with LIMIT",
                    f"Отговорът е по-дълъг от {limit} байта; поискайте по-малко с LIMIT",
                )
        return b"".join(parts)

    def close(self) -> None:
        """Ends an evaluation that still goes on, and frees the file; again is no error."""
        if self.spool is not None:
            self.spool.close()
