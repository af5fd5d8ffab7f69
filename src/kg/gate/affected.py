"""Which nodes have to be judged again after a change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.gate import Touched
from kg.gate.stated import Reading
from kg.graph import Node, Subject
from kg.namespaces import RDF, RDFS


@dataclass(frozen=True, slots=True)
class Affected:
    """Nodes whose findings may be others now: per source graph for description shapes, on the merge for the rest."""

    described: Mapping[NamedNode, Collection[Subject]]
    merged: Collection[Subject]
    pointing: Collection[tuple[Subject, NamedNode, Node]] = ()  # of others, what they say of those with another class

    @classmethod
    def by(
        cls,
        touched: Touched,
        reading: Reading,
        content: Collection[NamedNode],
        narrow: Callable[[NamedNode], bool] = lambda property: False,
    ) -> Affected:
        """Those that were touched and are still there, those that have another class now, and what points at them.

        Of what points with a property that is `narrow`, only that value can be judged otherwise.
        """
        described = {graph: set(nodes) for graph, nodes in touched.graphs.items()}
        merged = {node for node in touched.subjects if reading.of(node)}
        pointing: dict[tuple[Subject, NamedNode, Node], None] = {}
        todo, retyped = list(touched.retyped), set(touched.retyped)
        while todo:
            for quad in reading.quads(None, None, todo.pop()):
                subject, property = quad.subject, quad.predicate
                if property in _HANDS_DOWN:
                    merged.add(subject)
                    if subject not in retyped:
                        retyped.add(subject)
                        todo.append(subject)
                elif narrow(property):
                    pointing[subject, property, quad.object] = None
                else:
                    merged.add(subject)
        for node in retyped:
            for graph in reading.of(node):
                if graph in content:
                    described.setdefault(graph, set()).add(node)
        return cls(described, merged, [one for one in pointing if one[0] not in merged])


_HANDS_DOWN = frozenset({RDF.type, RDFS.subClassOf})
"""Whoever says this of itself has the classes of what it says."""
