"""The named graphs of a directory that is written to, and their merge in the default graph.

The merge holds each triple of any content graph once; graphs that stand apart (meta) are not in it. It is kept
per changed quad: the cost of a change does not depend on the size of the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import NamedNode, Quad, Triple

from kg.columns import Columns
from kg.errors import StoreError
from kg.graph import DEFAULT, Changes, Subject, in_graph
from kg.store.canonical import canonical
from kg.store.changes import Net, ordered
from kg.store.disk import surroundings

BULK = 5_000
"""From this many quads on, writing sorted files is faster than a transaction."""
_REMEMBERED = 50_000
"""Quads that need not be read again, of those that were just written; they take about 25 MB."""
_FEW = 1_000
"""Quads of one step, up to which it is asked of each thing whether it is new."""


class Merged:
    """Writes quads, keeps the merge, the counts and the net difference."""

    def __init__(
        self,
        path: Path,
        *,
        apart: Iterable[NamedNode],
        graphs: Mapping[str, int] | None = None,
        triples: int = 0,
    ) -> None:
        self.path = path
        self.net = Net()
        self.triples = triples
        self._graphs = Counter(graphs or {})
        self._apart = set(apart)
        self._whole = True
        self._written: dict[NamedNode, Collection[Quad]] = {}
        self._columns: dict[NamedNode, Columns] = {}
        self._fresh: dict[Subject, set[Quad]] = {}
        with surroundings(path):
            self._open: ox.Store | None = ox.Store(str(path))

    @property
    def engine(self) -> ox.Store:
        if self._open is None or not self._whole:
            raise StoreError("the draft is closed", "черновата е затворена")
        return self._open

    @property
    def graphs(self) -> dict[str, int]:
        """Quads per named graph; a graph without quads is no graph."""
        return {name: size for name, size in sorted(self._graphs.items()) if size}

    def stand_apart(self, graph: NamedNode) -> None:
        """Leaves one more graph out of the merge; for graphs that have no quads yet."""
        self._apart.add(graph)

    def replace(self, graph: NamedNode, triples: Iterable[Triple]) -> Changes:
        """The graph holds exactly these triples; returns what that changed."""
        engine = self.engine
        wanted = set(canonical(in_graph(triples, graph)))
        self._forget(graph)
        with self._writing():
            size = self._graphs[graph.value]
            added = {quad for quad in wanted if quad not in engine} if size else wanted
            removed: set[Quad] = set()
            if len(wanted) - len(added) < size:  # reading a graph is the slow way, for when something went
                removed = {quad for quad in engine.quads_for_pattern(None, None, None, graph) if quad not in wanted}
            self._write(added, removed)
        if len(wanted) + sum(map(len, self._written.values())) <= _REMEMBERED:
            self._written[graph] = wanted
        return Changes(ordered(added), ordered(removed))

    def written(self, graph: NamedNode) -> Columns | None:
        """What the graph states, when all of it was written here and not too much: then it need not be read."""
        columns = self._columns.get(graph)
        if columns is None and graph in self._written:
            columns = self._columns[graph] = Columns(self._written[graph])
        return columns

    def fresh(self, subject: Subject) -> Collection[Quad] | None:
        """What named graphs say of a thing of which nothing was said before, when it came with few others."""
        return self._fresh.get(subject)

    def apply(self, changes: Changes) -> None:
        """Removes what is there to remove, then adds what is not there yet."""
        engine = self.engine
        coming = set(canonical(changes.added))
        going = set(canonical(changes.removed)) - coming
        for graph in {_graph(quad) for quad in (*coming, *going)}:
            self._forget(graph)
        with self._writing():
            added = {quad for quad in coming if quad not in engine} if self._graphs.total() else coming
            removed = {quad for quad in going if quad in engine}
            self._write(added, removed)

    def close(self) -> None:
        self._open = None
        self._written.clear()
        self._columns.clear()
        self._fresh.clear()

    def _forget(self, graph: NamedNode) -> None:
        self._written.pop(graph, None)
        self._columns.pop(graph, None)

    def _write(self, added: set[Quad], removed: set[Quad]) -> None:
        engine = self.engine
        self._refresh(added, removed)
        for quad in removed:
            engine.remove(quad)
        self._insert(added)
        joining = {_merged(quad) for quad in added if quad.graph_name not in self._apart}
        if self.triples:
            joining = {quad for quad in joining if quad not in engine}
        self._insert(joining)
        leaving = {_merged(quad) for quad in removed if quad.graph_name not in self._apart}
        leaving = {quad for quad in leaving if quad in engine and not self._held(quad)}
        for quad in leaving:
            engine.remove(quad)
        self.triples += len(joining) - len(leaving)
        self.net.take(added, removed)
        self._count(added, removed)

    def _refresh(self, added: set[Quad], removed: set[Quad]) -> None:
        """Keeps what is said of new things. Nothing is written yet."""
        if len(added) > _FEW or len(self._fresh) > _FEW:
            self._fresh.clear()
        else:
            subjects = {quad.subject for quad in added} - self._fresh.keys()
            looked = {one: next(self.engine.quads_for_pattern(one, None, None, None), None) for one in subjects}
            self._fresh.update({one: set() for one, found in looked.items() if found is None})
        for quad in added:
            if (here := self._fresh.get(quad.subject)) is not None:
                here.add(quad)
        for quad in removed:
            if (here := self._fresh.get(quad.subject)) is not None:
                here.discard(quad)

    def _insert(self, quads: Collection[Quad]) -> None:
        if len(quads) >= BULK:
            self.engine.bulk_extend(quads)
        elif quads:
            self.engine.extend(quads)

    def _held(self, quad: Quad) -> bool:
        """Whether a content graph holds the triple of this quad of the merge."""
        found = self.engine.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        return any(isinstance(other.graph_name, NamedNode) and other.graph_name not in self._apart for other in found)

    def _count(self, added: Iterable[Quad], removed: Iterable[Quad]) -> None:
        self._graphs.update(_graph(quad).value for quad in added)
        self._graphs.subtract(_graph(quad).value for quad in removed)
        for name in {_graph(quad) for quad in removed}:
            if not self._graphs[name.value]:
                del self._graphs[name.value]
                self.engine.remove_graph(name)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A step that fails half-way leaves a draft that refuses everything."""
        try:
            with surroundings(self.path):
                yield
        except BaseException:
            self._whole = False
            raise


def _merged(quad: Quad) -> Quad:
    return Quad(quad.subject, quad.predicate, quad.object, DEFAULT)


def _graph(quad: Quad) -> NamedNode:
    assert isinstance(quad.graph_name, NamedNode)
    return quad.graph_name
