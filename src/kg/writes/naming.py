"""Names for the blank nodes of one write: a release holds none (DESIGN §3).

A name follows from where a node belongs and what it says (`kg.load.skolem`), so the same write twice is no change. Yet
every blank node is one of its own, new for each solution and each document, however much it says the same as another
(SPARQL 1.1 Update §3.1.3, Query §16.2.1; RDF 1.1 Semantics §4.1): in one write the second of its like is counted, and
a node that several point at is told from others by who they are.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.errors import DataError
from kg.finding import Finding
from kg.load.skolem import EntangledError, skolemise

_APART: Final = NamedNode("urn:uuid:2f9b2c5e-6f0a-4c39-9d0e-6a7c1f4b8e53")
"""A property, and a graph, while names are given; nobody else means it."""

_LOCAL: Final = re.compile(r"[^/#:]*\Z")

_Arcs: TypeAlias = Mapping[BlankNode, Sequence[Triple]]


class Naming:
    """The names of one write, operation by operation (`kg.update.endpoint.Skolemise`)."""

    def __init__(self) -> None:
        self._given: Counter[tuple[str, str, str]] = Counter()  # graph, where a node belongs, what it says

    def __call__(self, triples: Iterable[Triple], graph: NamedNode) -> list[Triple]:
        """The triples of a graph with an IRI in place of every blank node.

        Raises DataError when too many nodes point at each other in circles.
        """
        kept = list(dict.fromkeys(triples))
        marks = self._marks(kept, graph.value)
        try:
            if marks is None:
                return self._circles(skolemise(kept, _APART), graph.value)
            return [triple for triple in skolemise([*kept, *marks], graph) if triple.predicate != _APART]
        except EntangledError as error:
            raise DataError(
                [
                    Finding(
                        {
                            "en": f"{error}; give the nodes names of their own",
                            "bg": f"в безименните възли има кръгове, а са твърде много; дайте им имена ({error})",
                        }
                    )
                ]
            ) from error

    def _marks(self, triples: Sequence[Triple], graph: str) -> list[Triple] | None:
        """What is added to nodes that would be called like others; None when there are circles."""
        outgoing: defaultdict[BlankNode, list[Triple]] = defaultdict(list)
        incoming: defaultdict[BlankNode, list[Triple]] = defaultdict(list)
        for triple in triples:
            if isinstance(triple.subject, BlankNode):
                outgoing[triple.subject].append(triple)
            if isinstance(triple.object, BlankNode):
                incoming[triple.object].append(triple)
        said: dict[BlankNode, str] = {}
        marks: list[Triple] = []
        for node in _inner_first(outgoing, incoming):
            lines = sorted(
                f"{one.predicate} {said[one.object] if isinstance(one.object, BlankNode) else one.object}"
                for one in outgoing.get(node, ())
            )
            content, owners = _digest(lines), incoming.get(node, ())
            belongs = _digest(sorted(map(_shared, owners))) if len(owners) > 1 else "".join(map(_owned, owners))
            mark = belongs if len(owners) > 1 else ""
            if (copy := self._count(graph, belongs, content)) > 1:
                mark += f" {copy}"
            if mark:
                marks.append(Triple(node, _APART, Literal(mark)))
            said[node] = _digest([content, mark])
        return marks if len(said) == len(outgoing.keys() | incoming.keys()) else None

    def _circles(self, named: Iterable[Triple], graph: str) -> list[Triple]:
        """Triples that were numbered apart, now below the graph: a number means something among the same ones only."""
        told = list(named)
        digest = _digest(sorted(map(str, told)))
        copy = self._count(graph, "", digest)
        home = f"{graph}/node/{digest[:16]}" + (f"-{copy}" if copy > 1 else "")

        def placed(term: NamedNode) -> NamedNode:
            number = term.value.removeprefix(f"{_APART.value}/node/")
            return term if number == term.value else NamedNode(f"{home}-{number}")

        return [
            Triple(
                placed(one.subject) if isinstance(one.subject, NamedNode) else one.subject,
                one.predicate,
                placed(one.object) if isinstance(one.object, NamedNode) else one.object,
            )
            for one in told
        ]

    def _count(self, graph: str, belongs: str, content: str) -> int:
        """Which one of its like a node is."""
        self._given[graph, belongs, content] += 1
        return self._given[graph, belongs, content]


def _inner_first(outgoing: _Arcs, incoming: _Arcs) -> Iterator[BlankNode]:
    """Each node behind those it points at; those of a circle, and above one, are left out."""
    waits: dict[BlankNode, set[BlankNode]] = {}
    for node in dict.fromkeys([*outgoing, *incoming]):
        waits[node] = {one.object for one in outgoing.get(node, ()) if isinstance(one.object, BlankNode)}
    ready = deque(node for node, inner in waits.items() if not inner)
    while ready:
        node = ready.popleft()
        yield node
        for above in dict.fromkeys(one.subject for one in incoming.get(node, ())):
            if isinstance(above, BlankNode):
                waits[above].discard(node)
                if not waits[above]:
                    ready.append(above)


def _owned(arc: Triple) -> str:
    """Where a node belongs that one other points at."""
    local = _LOCAL.search(arc.predicate.value)
    return f"{arc.subject} {local[0] if local and local[0] else 'node'}"


def _shared(arc: Triple) -> str:
    return f"{'_:' if isinstance(arc.subject, BlankNode) else arc.subject} {arc.predicate}"


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
