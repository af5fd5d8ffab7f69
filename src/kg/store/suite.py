"""A store for the public conformance suites: a dataset as the specification has it, and nothing of ours.

No owners, no gate, no merge, no metadata; blank nodes, and a default graph of its own. What it shares with the real
one is everything around it: the endpoints, the evaluation of updates, and workers that read sealed directories. It is
fast and forgetful: only the last releases are kept, and nothing is forced to the disk.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store, Triple

from kg.dataset import Using, merged, rows
from kg.errors import StoreError
from kg.graph import DEFAULT, GraphName, Row
from kg.iris import Iris
from kg.settings import DEFAULT_BASE
from kg.store import manifests
from kg.store.disk import discard, surroundings
from kg.store.home import Home
from kg.store.lock import held
from kg.store.pin import retire
from kg.store.port import Draft, Manifest
from kg.store.reading import Releases
from kg.store.releases import EmbeddedRelease

_MERGE_MAX = 200_000
_KEPT = 3
_SOFTWARE = "suite mode"


class SuiteDataset:
    """A dataset to read and change in place (`kg.update.evaluation.Target`)."""

    passes_over_load = True

    def __init__(self, engine: Store) -> None:
        self.engine = engine

    def solutions(self, query: str, base_iri: str | None, using: Using) -> Iterator[Row]:
        """Solutions of a SELECT query; all of them, since what it reads may be changed by what is made of them."""
        engine, default, named = self.engine, using.default, using.named
        if default is not None and len(default) > 1:
            engine = merged(engine, default, self.graphs() if named is None else named, _MERGE_MAX)
            default = None
        return iter(list(rows(engine, query, base_iri, default, named)))

    def graphs(self) -> Sequence[NamedNode]:
        return [graph for graph in self.engine.named_graphs() if isinstance(graph, NamedNode)]

    def triples(self, graph: GraphName) -> Iterator[Triple]:
        return (quad.triple for quad in self.engine.quads_for_pattern(None, None, None, graph))

    def writable(self, graph: GraphName) -> None:
        """Every graph is."""

    def change(self, removed: Iterable[Quad], added: Iterable[Quad], scope: NamedNode | None) -> None:
        """Removes, then adds; a graph that is left empty is none."""
        emptied: set[GraphName] = set()
        for quad in removed:
            placed = _placed(quad, scope)
            self.engine.remove(placed)
            emptied.add(placed.graph_name)
        self.engine.extend(_placed(quad, scope) for quad in added)
        for graph in emptied - {DEFAULT}:
            if not any(True for _ in self.triples(graph)):
                self.engine.remove_graph(graph)


def _placed(quad: Quad, scope: NamedNode | None) -> Quad:
    if scope is None or quad.graph_name != DEFAULT:
        return quad
    return Quad(quad.subject, quad.predicate, quad.object, scope)


class SuiteStore(Releases):
    """Releases that follow each other without a trace. One process writes."""

    def __init__(self, home: Home, base: str, lock_timeout: float = 30.0) -> None:
        super().__init__(home)
        self.base = base
        self._lock_timeout = lock_timeout
        self._engine: Store | None = None
        self._at = -1

    @classmethod
    def open(cls, home: Path, *, base: str | None = None, lock_timeout: float = 30.0) -> SuiteStore:
        """The store of a home, with an empty release 1 when it is new. Raises StoreError on a home with real data."""
        store = cls(Home(home), base or DEFAULT_BASE, lock_timeout)
        store.home.create()
        Iris(store.base)
        number = store.home.current()
        if number and store.manifest(number).software != _SOFTWARE:
            raise StoreError(
                f"{home} holds releases; suite mode empties what it is given, so give it another KG_HOME",
                f"В {home} има издания; режимът за изпитване изтрива всичко, затова му дайте друга папка (KG_HOME)",
            )
        if not number:
            with store.change() as draft:
                draft.seal(activity="start")
            store._engine = None  # another process writes from now on
        return store

    def draft(self) -> AbstractContextManager[Draft]:
        """Nothing is drafted here. Raises StoreError."""
        raise StoreError("suite mode takes writes over HTTP only", "режимът за изпитване приема записи само през HTTP")

    @contextmanager
    def change(self, *, agent: str = "suite") -> Iterator[SuiteDraft]:
        """The dataset to change, under the write lock; left unsealed it leaves no trace."""
        with held(self.home.lock, agent=agent, now=_now(), timeout=self._lock_timeout):
            number = self.home.current()
            if self._engine is None or self._at != number:
                self._engine = self._working(number)
            self._at = -1  # until it is sealed
            before = {str(quad) for quad in self._engine} if number else set()
            draft = SuiteDraft(self, self._engine, number, before)
            yield draft
            if draft.sealed or not draft.touched:
                self._at = draft.number

    def seal(self, engine: Store, number: int, activity: str, extra: Mapping[str, str]) -> EmbeddedRelease:
        """The next release, made current."""
        counts = Counter(quad.graph_name for quad in engine)
        graphs = {graph.value: counts[graph] for graph in engine.named_graphs() if isinstance(graph, NamedNode)}
        text = "\n".join(sorted(map(str, engine)))
        manifest = Manifest(
            number=number,
            parent=number - 1 or None,
            base=self.base,
            created=_now(),
            agent="suite",
            activity=activity,
            sources=(),
            quads=counts.total() - counts[DefaultGraph()],
            triples=counts[DefaultGraph()],
            graphs=graphs,
            added=0,
            removed=0,
            digest=hashlib.sha256(f"{number}\n{text}".encode()).hexdigest(),
            software=_SOFTWARE,
            extra=extra,
        )
        with surroundings(self.home.root):
            engine.flush()
            discard(self.home.release(number))
            engine.backup(str(self.home.release(number)))
            self.home.manifest(number).parent.mkdir(exist_ok=True)
            self.home.manifest(number).write_bytes(manifests.dump(manifest))
            fresh = self.home.pointer.with_name("current.new")
            fresh.write_text(f"{number}\n")
            fresh.replace(self.home.pointer)
        self._forget(number)
        return self.release(number)

    def _working(self, number: int) -> Store:
        """A directory of its own to write to, with what the release holds."""
        for folder in self.home.drafts.iterdir():
            discard(folder)
        folder = self.home.workplace() / "store"
        with surroundings(folder):
            if number:
                self.release(number).clone(folder)
            return Store(str(folder))

    def _forget(self, number: int) -> None:
        for old in self.home.kept():
            if old <= number - _KEPT:
                with suppress(OSError):
                    target = self.home.drafts.parent / "gone"
                    discard(target)
                    if retire(self.home.release(old), target):
                        discard(target)
                        discard(self.home.manifest(old).parent)


class SuiteDraft(SuiteDataset):
    """The dataset while it is being changed."""

    def __init__(self, store: SuiteStore, engine: Store, number: int, before: set[str]) -> None:
        super().__init__(engine)
        self.store = store
        self.number = number
        self.sealed = False
        self.touched = False
        self._before = before

    def change(self, removed: Iterable[Quad], added: Iterable[Quad], scope: NamedNode | None) -> None:
        self.touched = True
        super().change(removed, added, scope)

    def keep(self, graph: GraphName) -> None:
        """The graph is there from now on, even without a triple."""
        if isinstance(graph, NamedNode | BlankNode):
            self.touched = True
            self.engine.add_graph(graph)

    @property
    def difference(self) -> tuple[int, int]:
        """Quads added and removed so far."""
        now = {str(quad) for quad in self.engine}
        return len(now - self._before), len(self._before - now)

    def seal(self, *, activity: str, extra: Mapping[str, str] | None = None) -> EmbeddedRelease:
        """The next release, made current."""
        release = self.store.seal(self.engine, self.number + 1, activity, extra or {})
        self.number, self.sealed = release.number, True
        return release


def _now() -> datetime:
    return datetime.now(UTC)
