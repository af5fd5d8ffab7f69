"""The gate: what may enter a release, and what a person must do about the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from pyoxigraph import NamedNode, Quad

from kg.entry import Locator
from kg.finding import Report
from kg.graph import Node, Subject, View
from kg.namespaces import RDF, RDFS, SKOS

ID: Final = "@id"
"""The path by which an entry's own id is asked for, as JSON-LD calls it."""
Origin = tuple[Locator | None, str | None]
"""A place, and the field's name as its author wrote it; None for what no file stands behind."""


class Origins(Protocol):
    """Where things were written."""

    def __call__(
        self, subject: str, path: str | None, graph: NamedNode | None = None, value: Node | None = None
    ) -> Origin:
        """The place of a subject's property, in this graph and of this value where they are told."""


def nowhere(subject: str, path: str | None, graph: NamedNode | None = None, value: Node | None = None) -> Origin:
    """The origins of data that no file stands behind, such as an update."""
    return None, None


CLASSING: Final = frozenset({RDF.type, RDFS.subClassOf, SKOS.inScheme})
"""What shapes look at in what a focus node points to."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What changed: subjects per named graph, and those among them whose class or code list changed."""

    graphs: dict[NamedNode, set[Subject]] = field(default_factory=dict)
    retyped: frozenset[Subject] = frozenset()
    became: Mapping[Subject, frozenset[tuple[NamedNode, Node]]] | None = None
    """With which classes and code lists that is; None when it is not known, or classes have others above them now."""

    @classmethod
    def of(cls, quads: Iterable[Quad]) -> Touched:
        """What these quads of named graphs touch, that were added or removed."""
        graphs: dict[NamedNode, set[Subject]] = {}
        became: dict[Subject, set[tuple[NamedNode, Node]]] = {}
        for quad in quads:
            assert isinstance(quad.graph_name, NamedNode)
            graphs.setdefault(quad.graph_name, set()).add(quad.subject)
            if quad.predicate in CLASSING:
                became.setdefault(quad.subject, set()).add((quad.predicate, quad.object))
        known = not any(property == RDFS.subClassOf for some in became.values() for property, _ in some)
        told = {subject: frozenset(some) for subject, some in became.items()} if known else None
        return cls(graphs, frozenset(became), told)

    @property
    def subjects(self) -> set[Subject]:
        return set().union(*self.graphs.values()) if self.graphs else set()


class Gate(Protocol):
    """Judges a dataset. Description shapes see one source at a time, reference shapes the merge of all."""

    def check(
        self,
        view: View,
        content: Collection[NamedNode],
        touched: Touched | None = None,
        origins: Origins = nowhere,
    ) -> Report:
        """Findings about what was touched (about everything, when None), sorted; conforming data gives none.

        `content` names the graphs of sources and of the endpoint.
        """
