"""Which nodes have to be judged again after a change."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad

from kg.gate import Touched
from kg.graph import GraphName, Node, Subject, View
from kg.namespaces import RDF, RDFS


@dataclass(frozen=True, slots=True)
class Affected:
    """Nodes whose findings may be others now: per source graph for description shapes, on the merge for the rest."""

    described: Mapping[NamedNode, Collection[Subject]]
    merged: Collection[Subject]

    @classmethod
    def by(cls, touched: Touched, view: View, content: Collection[NamedNode]) -> Affected:
        """Those that were touched and are still there, those that have another class now, and what points at them."""
        described = {graph: set(nodes) for graph, nodes in touched.graphs.items()}
        merged = {node for node in touched.subjects if next(stated(view, node), None) is not None}
        todo, retyped = list(touched.retyped), set(touched.retyped)
        while todo:
            for quad in stated(view, None, None, todo.pop()):
                merged.add(quad.subject)
                if quad.predicate in _HANDS_DOWN and quad.subject not in retyped:
                    retyped.add(quad.subject)
                    todo.append(quad.subject)
        for node in retyped:
            for graph in {quad.graph_name for quad in stated(view, node)}:
                if isinstance(graph, NamedNode) and graph in content:
                    described.setdefault(graph, set()).add(node)
        return cls(described, merged)


_HANDS_DOWN = frozenset({RDF.type, RDFS.subClassOf})
"""Whoever says this of itself has the classes of what it says."""


def stated(
    view: View, subject: Subject | None = None, predicate: NamedNode | None = None, object: Node | None = None
) -> Iterator[Quad]:
    """What graphs of the merge say, the derived ones apart: what was derived may follow from things that are gone."""
    return (quad for quad in view.quads(subject, predicate, object, None) if is_stated(quad.graph_name))


def is_stated(graph: GraphName) -> bool:
    """Whether a source, the endpoint or the system stands behind a graph."""
    if not isinstance(graph, NamedNode):
        return False
    return "/graph/derived/" not in graph.value and not graph.value.endswith("/graph/meta")
