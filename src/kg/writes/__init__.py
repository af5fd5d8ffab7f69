"""Writes over HTTP, each as a whole or not at all: what to do, whatever kind of store it is done to (DESIGN §2, §3)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from pyoxigraph import NamedNode, Triple

from kg.dataset import Using
from kg.errors import NotFoundError, PreconditionError
from kg.finding import Report
from kg.graph import DEFAULT, GraphName, in_graph
from kg.iris import Iris
from kg.update.evaluation import Target, evaluate
from kg.update.operations import Request


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold when the write begins (RFC 9110 §13.1.1, §13.1.2)."""

    release: int | None = None  # the current one is still this
    exists: bool | None = None  # whether the graph holds something

    def __bool__(self) -> bool:
        return self.release is not None or self.exists is not None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The release a write ended in, and what it did to the graphs that may be written."""

    number: int
    digest: str
    added: int = 0
    removed: int = 0
    created: bool = False  # there is a graph now that was not there before
    graphs: tuple[str, ...] = ()
    report: Report = field(default_factory=Report)


class Session(Protocol):
    """A draft that is written to."""

    @property
    def target(self) -> Target: ...
    @property
    def number(self) -> int:
        """Of the release that the draft began as."""

    def replaceable(self, graph: GraphName) -> None:
        """Raises ConflictError for a graph that can be added to, but not replaced or emptied as a whole."""

    def keep(self, graph: GraphName) -> None:
        """The graph is there from now on, where empty graphs are recorded."""

    def seal(self, activity: str, *, created: bool = False) -> Outcome:
        """The next release, or the current one when nothing has changed. Raises DataError, ConflictError."""


class Writes(Protocol):
    """Where writes go."""

    @property
    def base(self) -> str: ...
    def look(self, text: str) -> str:
        """An update text as the engine is to read it. Raises an error when it must not even parse it."""

    def session(self, agent: str, mark: str) -> AbstractContextManager[Session]:
        """A draft under the write lock; `mark` is kept with the release. Raises BusyError."""


def update(
    writes: Writes,
    request: Request,
    *,
    agent: str,
    mark: str = "",
    base_iri: str | None = None,
    using: Using | None = None,
    scope: NamedNode | None = None,
    condition: Condition | None = None,
) -> Outcome:
    """The release after an update request; `scope` is the graph that it is about when it names none."""
    with writes.session(agent, mark) as session:
        _require(session, scope, condition)
        if scope is not None:
            session.target.writable(scope)
        evaluate(request, session.target, base_iri=base_iri, using=using, scope=scope)
        return session.seal("update" if scope is None else f"patch {scope.value}")


def put(
    writes: Writes,
    triples: Mapping[GraphName, Sequence[Triple]],
    *,
    agent: str,
    mark: str = "",
    condition: Condition | None = None,
) -> Outcome:
    """The release in which these graphs hold exactly this (Graph Store Protocol §5.3).

    What is put says DROP, then INSERT DATA; so where empty graphs are not recorded, one that is put empty is gone, and
    nothing was created.
    """
    with writes.session(agent, mark) as session:
        target = session.target
        _require(session, next(iter(triples), None), condition)
        absent = _absent(session, triples)
        for graph, wanted in triples.items():
            session.replaceable(graph)
            target.writable(graph)
            before = list(in_graph(target.triples(graph), graph))
            target.change(before, list(in_graph(wanted, graph)), None)
            session.keep(graph)
        return session.seal(f"put {_names(triples)}", created=absent != _absent(session, absent))


def post(
    writes: Writes,
    triples: Mapping[GraphName, Sequence[Triple]],
    *,
    agent: str,
    mark: str = "",
    condition: Condition | None = None,
) -> Outcome:
    """The release in which these graphs hold this too (Graph Store Protocol §5.5).

    To add nothing creates nothing, where empty graphs are recorded too.
    """
    with writes.session(agent, mark) as session:
        _require(session, next(iter(triples), None), condition)
        absent = _absent(session, triples)
        for graph, more in triples.items():
            session.target.writable(graph)
            session.target.change((), list(in_graph(more, graph)), None)
        return session.seal(f"post {_names(triples)}", created=absent != _absent(session, absent))


def delete(
    writes: Writes, graph: GraphName, *, agent: str, mark: str = "", condition: Condition | None = None
) -> Outcome:
    """The release without what a graph holds (Graph Store Protocol §5.4). Raises NotFoundError when it is not there."""
    with writes.session(agent, mark) as session:
        target = session.target
        _require(session, graph, condition)
        session.replaceable(graph)
        target.writable(graph)
        if graph != DEFAULT and not _there(session, graph):
            raise NotFoundError("there is no such graph", "няма такъв граф")
        target.change(list(in_graph(target.triples(graph), graph)), (), None)
        return session.seal(f"delete {_names([graph])}")


def fresh(writes: Writes) -> NamedNode:
    """The IRI of a graph that nobody has named yet."""
    return Iris(writes.base).endpoint(secrets.token_hex(8))


def _there(session: Session, graph: GraphName) -> bool:
    return graph == DEFAULT or graph in session.target.graphs()


def _absent(session: Session, graphs: Iterable[GraphName]) -> list[GraphName]:
    return [graph for graph in graphs if not _there(session, graph)]


def _names(graphs: Iterable[GraphName]) -> str:
    return ", ".join(graph.value if isinstance(graph, NamedNode) else "default" for graph in graphs)


def _require(session: Session, graph: GraphName | None, condition: Condition | None) -> None:
    if not condition:
        return
    changed = condition.release is not None and condition.release != session.number
    if changed or (graph is not None and condition.exists not in (None, _there(session, graph))):
        raise PreconditionError
