"""The draft of the next release: a private copy that is written to and read back before it is sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox
from pyoxigraph import NamedNode, Quad, Triple

from kg.dataset import MergeLimitError, merged, rows
from kg.errors import StoreError, TooLargeError
from kg.graph import Changes, Node, Outline, Row, Statement, Subject
from kg.iris import Iris
from kg.store.merge import Merged
from kg.store.releases import KEPT, EmbeddedRelease, EngineView

MERGE_MAX = 200_000
"""Statements in the several graphs of USING."""


class Seal(Protocol):
    """What makes a release of a draft."""

    def __call__(
        self,
        draft: EmbeddedDraft,
        *,
        agent: str,
        activity: str,
        sources: Sequence[str],
        extra: Mapping[str, str],
    ) -> EmbeddedRelease: ...


class EmbeddedDraft(EngineView):
    """A clone under the write lock."""

    def __init__(self, merged: Merged, parent: EmbeddedRelease | None, base: str, seal: Seal) -> None:
        self.merged = merged
        self.base = base
        self._parent = parent
        self._seal = seal
        self._sealed = False

    @property
    def path(self) -> Path:
        return self.merged.path

    @property
    def parent(self) -> EmbeddedRelease | None:
        return self._parent

    @property
    def changes(self) -> Changes:
        """Net difference to the parent so far."""
        return self.merged.net.changes()

    @property
    def changed(self) -> bool:
        """Whether sealing makes a release; the first one is made even when it is empty."""
        parent = self._parent
        return parent is None or bool(self.merged.net) or self.base != parent.manifest.base

    def replace(self, graph: NamedNode, triples: Iterable[Triple]) -> Changes:
        """Makes the graph hold exactly these triples; returns what that changed.

        Raises ValueError for a blank node.
        """
        return self.merged.replace(graph, triples)

    def apply(self, changes: Changes) -> None:
        """Adds and removes single quads. Raises ValueError for a blank node and for a quad of the merge."""
        self.merged.apply(changes)

    def about(self, subject: Subject) -> Iterable[Quad]:
        """What named graphs say of a thing; of one that is new it is known without reading."""
        fresh = self.merged.fresh(subject)
        return super().about(subject) if fresh is None else fresh

    def every(self, property: NamedNode) -> tuple[Quad, ...]:
        """What the parent says with a property, and what has changed since."""
        net, parent = self.merged.net, self._parent
        if parent is None or len(net.added) + len(net.removed) > KEPT:
            return super().every(property)
        kept = parent.every(property)
        added = [quad for quad in net.added if quad.predicate == property]
        removed = {quad for quad in net.removed if quad.predicate == property}
        return (*(quad for quad in kept if quad not in removed), *added) if added or removed else kept

    def properties(self, graph: NamedNode) -> list[NamedNode]:
        written = self.merged.written(graph)
        return super().properties(graph) if written is None else written.properties()

    def outline(self, graph: NamedNode) -> Outline:
        written = self.merged.written(graph)
        return super().outline(graph) if written is None else written.outline()

    def values(self, graph: NamedNode, properties: Sequence[NamedNode]) -> Iterator[tuple[NamedNode, Node]]:
        written = self.merged.written(graph)
        return super().values(graph, properties) if written is None else written.values(properties)

    def pairs(self, graph: NamedNode, property: NamedNode, other: NamedNode) -> Iterator[tuple[Node, Node]]:
        written = self.merged.written(graph)
        return super().pairs(graph, property, other) if written is None else written.pairs(property, other)

    def statements(self, graph: NamedNode, properties: Sequence[NamedNode]) -> Iterator[Statement]:
        written = self.merged.written(graph)
        return super().statements(graph, properties) if written is None else written.statements(properties)

    def rebase(self, base: str) -> None:
        """The release will be recorded with this base, and the meta graph below it stands apart too."""
        self.merged.stand_apart(Iris(base).meta)
        self.base = base

    def seal(
        self,
        *,
        agent: str,
        activity: str,
        sources: Sequence[str] = (),
        extra: Mapping[str, str] | None = None,
    ) -> EmbeddedRelease:
        """The next release, made current; or the parent when nothing has changed.

        Raises ConflictError when `current` no longer names the parent.
        """
        if self._sealed:
            raise StoreError("the draft is sealed already", "черновата вече е запечатана")
        release = self._seal(self, agent=agent, activity=activity, sources=sources, extra=extra or {})
        self._sealed = True
        self.merged.close()
        return release

    @property
    def graphs(self) -> Sequence[NamedNode]:
        """The named graphs that hold something."""
        return [NamedNode(name) for name in self.merged.graphs]

    def solutions(
        self,
        query: str,
        *,
        base_iri: str | None = None,
        default: Sequence[NamedNode] | None = None,
        named: Sequence[NamedNode] | None = None,
    ) -> Iterator[Row]:
        """Solutions of a SELECT query of a stranger over these graphs; None: over the merge, over all named graphs.

        Raises QueryError, and TooLargeError when several default graphs are too large to be merged.
        """
        engine, graphs = self._engine, default
        if default is not None and len(default) > 1:
            try:
                engine, graphs = merged(engine, default, self.graphs if named is None else named, MERGE_MAX), None
            except MergeLimitError as cause:
                raise TooLargeError(
                    f"the graphs of USING hold more than {MERGE_MAX} statements; use fewer, or write GRAPH",
                    f"графите в USING съдържат повече от {MERGE_MAX} твърдения; намалете ги или пишете GRAPH",
                ) from cause
        return self._told(rows(engine, query, base_iri, graphs, named))

    def close(self) -> None:
        self.merged.close()

    @property
    def _engine(self) -> ox.Store:
        return self.merged.engine
