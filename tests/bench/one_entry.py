"""One entry in a store of any size: the incremental check beside pySHACL over what it read."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg import pipeline
from kg.gate import Touched
from kg.graph import DEFAULT, Changes, Node, View, in_graph
from kg.iris import Iris
from kg.namespaces import DCT, MKG, RDF
from kg.pipeline import Domain
from kg.store.embedded import EmbeddedStore
from tests.bench.noting import Noting, Peer, seconds

ENTRIES = 20
"""Entries of one turn: a turn of pySHACL takes longer than as many of ours."""

TUNED = 3
"""Rounds with pySHACL behind our port, which judges again whatever points at a change."""

Make: TypeAlias = Callable[[View, Iris, int], list[Triple]]


@dataclass(frozen=True)
class Case:
    """A change that an officer may make."""

    name: str
    make: Make


@dataclass(frozen=True)
class Entry:
    """One change in a draft, and what the check of it read."""

    check: Callable[[], object]
    tuned: Callable[[], object]
    read: frozenset[Triple]
    around: frozenset[Triple]  # the same, with all that points at what has another class now
    asked: int


def one_entry(store: EmbeddedStore, domain: Domain, peer: Peer, rounds: int) -> None:
    """Each case in turns: pySHACL once, then ours for several entries, of which the first finds no cache warm."""
    for case in CASES:
        with store.draft() as draft:
            content = pipeline.content(draft, Iris(store.base))
            changes = [Changes(tuple(_quads(draft, store, case, number))) for number in range(ENTRIES)]
            for change in changes:
                draft.apply(change)
            entries = [_entry(draft, domain, content, Touched.of(change.added)) for change in changes]
            _measure(case.name, entries, peer, rounds)


def _measure(name: str, entries: Sequence[Entry], peer: Peer, rounds: int) -> None:
    mine: list[float] = []
    first: list[float] = []
    theirs: dict[str, list[float]] = {}
    for turn in range(rounds):
        at = turn % len(entries)
        entry = entries[at]
        if turn < TUNED:
            theirs.setdefault("pySHACL behind our port", []).append(seconds(entry.tuned))
        for what, some in (("over all that points there, too", "around"), ("over what was read", "read")):
            size = statistics.median(len(getattr(one, some)) for one in entries)
            judge = peer.over(Quad(*triple) for triple in getattr(entry, some))
            theirs.setdefault(f"pySHACL as documented, {what} ({size:.0f} triples)", []).append(seconds(judge))
        own = [seconds(one.check) for one in (*entries[at:], *entries[:at])]
        first.append(own[0])
        mine.append(statistics.median(own))
    asked = statistics.median(entry.asked for entry in entries)
    print(
        f"{name}: {_ms(mine)}, {_ms(first)} right after pySHACL (highest {max(first) * 1000:.2f}), "
        f"{asked:.0f} look-ups",
        flush=True,
    )
    for what, their in theirs.items():
        print(f"  {what}: {_ms(their)}, {_times(mine, their)} times, {_times(first, their)} right after", flush=True)


def _ms(times: Sequence[float]) -> str:
    return f"{statistics.median(times) * 1000:.2f} ms"


def _times(mine: Sequence[float], theirs: Sequence[float]) -> str:
    return f"{statistics.median(b / a for a, b in zip(mine, theirs, strict=False)):.0f}"


def _entry(draft: View, domain: Domain, content: Collection[NamedNode], touched: Touched) -> Entry:
    noting = Noting(draft)
    domain.gate.check(noting, content, touched)
    read = frozenset(quad.triple for quad in noting.read)
    pointing = (quad.triple for node in touched.retyped for quad in draft.quads(None, None, node, DEFAULT))
    return Entry(
        lambda: domain.gate.check(draft, content, touched),
        lambda: domain.reference_gate.check(draft, content, touched),
        read,
        read | frozenset(pointing),
        noting.asked,
    )


def _quads(draft: View, store: EmbeddedStore, case: Case, number: int) -> Iterator[Quad]:
    iris = Iris(store.base)
    return in_graph(case.make(draft, iris, number), iris.graph("bench-projects"))


def _project(view: View, iris: Iris, number: int) -> list[Triple]:
    """A copy of a project and of what is nested in it, under another name."""
    old, new = f"{iris.base}/id/project/bench-{number}", f"{iris.base}/id/project/bench-new-{number}"

    def own(node: Node) -> bool:
        return isinstance(node, NamedNode) and (node.value == old or node.value.startswith((old + "/", old + "#")))

    def renamed(node: Node) -> Node:
        return NamedNode(new + node.value[len(old) :]) if own(node) and isinstance(node, NamedNode) else node

    triples: list[Triple] = []
    todo, seen = [NamedNode(old)], {NamedNode(old)}
    while todo:
        for quad in view.quads(todo.pop(), None, None, iris.graph("bench-projects")):
            triples.append(Triple(renamed(quad.subject), quad.predicate, renamed(quad.object)))  # type: ignore[arg-type]
            if own(quad.object) and isinstance(quad.object, NamedNode) and quad.object not in seen:
                seen.add(quad.object)
                todo.append(quad.object)
    return triples


def _class(view: View, iris: Iris, number: int) -> list[Triple]:
    """A class that nobody has heard of, for a programme to which many refer."""
    return _reclassed(NamedNode(f"{iris.base}/id/programme/bench-{number}"))


def _both(view: View, iris: Iris, number: int) -> list[Triple]:
    """A new project, and the programme that it is funded under has another class from now on."""
    triples = _project(view, iris, number)
    programme = next(one.object for one in triples if one.predicate == MKG.fundedUnder)
    assert isinstance(programme, NamedNode)
    return [*triples, *_reclassed(programme)]


def _reclassed(node: NamedNode) -> list[Triple]:
    return [
        Triple(node, RDF.type, NamedNode("urn:class:own")),
        Triple(node, DCT.term("title"), Literal("Програма", language="bg")),
    ]


CASES = (
    Case("a new project", _project),
    Case("another class for a programme", _class),
    Case("a new project, and another class for its programme", _both),
)
