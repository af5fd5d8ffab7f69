"""Which nodes have to be judged again after a change."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from pyoxigraph import NamedNode

from kg.gate import Touched
from kg.gate.stated import Reading
from kg.graph import DEFAULT, Node, Subject
from kg.namespaces import RDF, RDFS

_FEW: Final = 1
"""So many statements that point at a node are read; where there are more, it is asked for one property at a time."""


class Looking(Protocol):
    """How shapes look at what a node points to."""

    def concerned(self, became: Collection[tuple[NamedNode, Node]] | None) -> Collection[NamedNode] | None:
        """The properties whose values may be judged otherwise because they became this, or no more are; None: any."""

    def is_narrow(self, property: NamedNode) -> bool:
        """Whether each value of a property is judged by itself."""


@dataclass(frozen=True, slots=True)
class Affected:
    """Nodes whose findings may be others now: per source graph for description shapes, on the merge for the rest."""

    described: Mapping[NamedNode, Collection[Subject]]
    merged: Collection[Subject]
    pointing: Collection[tuple[NamedNode, Node]] = ()  # of others, what they say of those with another class

    @classmethod
    def by(
        cls, touched: Touched, reading: Reading, content: Collection[NamedNode], looking: Looking | None = None
    ) -> Affected:
        """Those that were touched and are still there, those that have another class now, and what points at them."""
        described = {graph: set(nodes) for graph, nodes in touched.graphs.items()}
        merged = {node for node in touched.subjects if reading.of(node)}
        pointing: dict[tuple[NamedNode, Node], None] = {}
        todo, retyped = list(touched.retyped), set(touched.retyped)
        while todo:
            node = todo.pop()
            became = None if touched.became is None else touched.became.get(node)
            for property, near in _pointing(reading, node, looking.concerned(became) if looking else None):
                hands_down = property in _HANDS_DOWN
                if looking is not None and looking.is_narrow(property) and not hands_down:
                    pointing[property, node] = None
                elif hands_down or not near or not merged.issuperset(near):
                    subjects = {quad.subject for quad in reading.quads(None, property, node)}
                    merged |= subjects
                    if hands_down:
                        todo += subjects - retyped
                        retyped |= subjects
        for node in retyped:
            for graph in reading.of(node):
                if graph in content:
                    described.setdefault(graph, set()).add(node)
        return cls(described, merged, list(pointing))


def _pointing(
    reading: Reading, node: Subject, concerned: Collection[NamedNode] | None
) -> Iterator[tuple[NamedNode, Collection[Subject]]]:
    """With which of these properties something points at a node, and what does, unless that is too much.

    The merge is asked, which takes one look-up: some of it may be derived.
    """
    if concerned is not None and not concerned:
        return
    found = reading.view.quads(None, None, node, DEFAULT)
    few = list(islice(found, _FEW + 1))
    if concerned is None or len(few) <= _FEW:
        near: dict[NamedNode, list[Subject]] = {}
        for quad in (*few, *found):
            near.setdefault(quad.predicate, []).append(quad.subject)
        yield from ((one, subjects) for one, subjects in near.items() if concerned is None or one in concerned)
        return
    for property in concerned:
        if next(reading.view.quads(None, property, node, DEFAULT), None) is not None:
            yield property, ()


_HANDS_DOWN = frozenset({RDF.type, RDFS.subClassOf})
"""Whoever says this of itself has the classes of what it says."""
