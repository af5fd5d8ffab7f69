"""Writes to a store of the suite mode, where everything may be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kg.errors import ForbiddenError
from kg.graph import GraphName
from kg.lexer import outline
from kg.store.suite import SuiteDraft, SuiteStore
from kg.writes import Outcome, Session


@dataclass(frozen=True)
class Free:
    """See `Writes`."""

    store: SuiteStore

    @property
    def base(self) -> str:
        return self.store.base

    def look(self, text: str) -> str:
        """See `Writes`; LOAD is the evaluation's business here."""
        try:
            return outline(text, "update").text
        except ForbiddenError:
            return text

    @contextmanager
    def session(self, agent: str, mark: str) -> Iterator[Session]:
        """See `Writes`."""
        with self.store.change(agent=agent) as draft:
            yield _Session(draft, mark)


@dataclass(frozen=True)
class _Session:
    target: SuiteDraft
    mark: str

    @property
    def number(self) -> int:
        return self.target.number

    def replaceable(self, graph: GraphName) -> None:
        """See `Session`: every graph is."""

    def keep(self, graph: GraphName) -> None:
        """See `Session`."""
        self.target.keep(graph)

    def seal(self, activity: str, *, created: bool = False) -> Outcome:
        """See `Session`."""
        added, removed = self.target.difference
        manifest = self.target.seal(activity=activity, extra={"mark": self.mark}).manifest
        return Outcome(manifest.number, manifest.digest, added, removed, created)
