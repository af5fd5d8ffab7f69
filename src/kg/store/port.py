"""What a store promises to the pipeline, the pages and the endpoint, whatever engine is behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import IO, NamedTuple, Protocol

from pyoxigraph import NamedNode, Triple

from kg.formats import Format
from kg.graph import Changes as Changes
from kg.graph import View


class Owner(StrEnum):
    """Who may change a graph: recorded as mkg:owner in the meta graph."""

    SOURCE = "source"  # only `kg load`
    ENDPOINT = "endpoint"  # SPARQL Update and Graph Store
    DERIVED = "derived"  # nobody: follows from the rest
    SYSTEM = "system"  # nobody: ontology, code lists, meta


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a release without opening it."""

    number: int
    parent: int | None
    base: str
    created: datetime  # UTC
    agent: str  # who wrote it
    activity: str  # „load“, „rollback to 3“, „withdraw …“
    sources: tuple[str, ...]  # ids of the sources that this release changed
    quads: int  # in named graphs
    triples: int  # in the merge
    graphs: Mapping[str, int]  # quads per named graph
    added: int
    removed: int
    digest: str  # of the set of quads: sum of SHA-256 of each quad's N-Quads line, modulo 2**256, as hex
    software: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


class Release(View, Protocol):
    """A sealed, numbered state. Reading needs no lock."""

    @property
    def manifest(self) -> Manifest: ...
    @property
    def number(self) -> int: ...
    def answer(self, query: str, format: Format, output: IO[bytes]) -> None:
        """Writes the answer of a trusted query.

        Raises QueryError, and NotAcceptableError when the format cannot hold this kind of answer.
        """

    def close(self) -> None: ...


class Draft(View, Protocol):
    """A private copy of the current release; nobody sees it before `seal`. It is its own view."""

    @property
    def parent(self) -> Release | None:
        """The release it was cloned from; None for the first."""

    def replace(self, graph: NamedNode, triples: Iterable[Triple]) -> Changes:
        """Make the graph hold exactly these triples; returns what that changed. The merge follows."""

    def apply(self, changes: Changes) -> None:
        """Add and remove single quads of named graphs. The merge follows."""

    @property
    def changes(self) -> Changes:
        """Net difference to the parent so far."""

    @property
    def changed(self) -> bool:
        """Whether sealing makes a release."""

    def seal(
        self,
        *,
        agent: str,
        activity: str,
        sources: Sequence[str] = (),
        extra: Mapping[str, str] | None = None,
    ) -> Release:
        """The next release, made current; or the parent itself when nothing has changed.

        Raises ConflictError when `current` no longer names the parent.
        """


class Mark(NamedTuple):
    """Differs whenever another release is current, or kept ones were rewritten (an erasure)."""

    identity: int
    time: int  # nanoseconds since 1970: when it became so


class Store(Protocol):
    """Sealed releases to read, one draft at a time to write the next."""

    @property
    def base(self) -> str: ...
    def mark(self) -> Mark | None:
        """What is read in microseconds and tells whether anything has changed; None before the first release.

        Read before `current`, it never tells of more than what is then found there.
        """

    def current(self) -> Release | None: ...
    def release(self, number: int) -> Release:
        """A kept release. Raises NotFoundError, or GoneError naming the nearest kept one."""

    def manifests(self) -> Sequence[Manifest]:
        """All ever sealed, oldest first, pruned ones included."""

    def kept(self) -> Sequence[int]: ...
    def changes(self, number: int) -> Changes: ...
    def record(self, number: int) -> Iterator[tuple[bool, bytes]]:
        """The N-Quads lines of one release's change record, sorted: first what was removed, then what was added (True).

        However many there are, none is held.
        """

    def diff(self, older: int, newer: int) -> Changes:
        """Net difference from one release to another, from their change records."""

    def erased(self) -> Mapping[str, str | None]:
        """What must never come back: the SHA-256 of each IRI that was erased, and of its path.

        With each stands the id that the thing has now, where it was only called by what had to go.
        """

    def draft(self) -> AbstractContextManager[Draft]:
        """A draft under the write lock; left unsealed it leaves no trace.

        Raises BusyError naming the holder.
        """
