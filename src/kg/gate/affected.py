"""Which nodes have to be judged again after a change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.gate import Touched
from kg.gate.stated import Reading
from kg.graph import Subject
from kg.namespaces import RDF, RDFS


@dataclass(frozen=True, slots=True)
class Affected:
    """Nodes whose findings may be others now: per source graph for description shapes, on the merge for the rest."""

    described: Mapping[NamedNode, Collection[Subject]]
    merged: Collection[Subject]

    @classmethod
    def by(cls, touched: Touched, reading: Reading, content: Collection[NamedNode]) -> Affected:
        """Those that were touched and are still there, those that have another class now, and what points at them."""
        described = {graph: set(nodes) for graph, nodes in touched.graphs.items()}
        merged = {node for node in touched.subjects if reading.of(node)}
        todo, retyped = list(touched.retyped), set(touched.retyped)
        while todo:
            for quad in reading.quads(None, None, todo.pop()):
                merged.add(quad.subject)
                if quad.predicate in _HANDS_DOWN and quad.subject not in retyped:
                    retyped.add(quad.subject)
                    todo.append(quad.subject)
        for node in retyped:
            for graph in reading.of(node):
                if graph in content:
                    described.setdefault(graph, set()).add(node)
        return cls(described, merged)


_HANDS_DOWN = frozenset({RDF.type, RDFS.subClassOf})
"""Whoever says this of itself has the classes of what it says."""
