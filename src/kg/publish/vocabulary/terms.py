"""Classes and properties as their documentation tells of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pyoxigraph import NamedNode, Triple

from kg.graph import Node, View
from kg.namespaces import MKG, OWL, PROJECT, RDF, RDFS, SCHEMA, SKOS
from kg.publish.labels import Texts, by_language
from kg.publish.pages.templating import short

GRAPH: Final = NamedNode(f"{PROJECT}ns")
"""The named graph that holds the ontology in each release."""

_PROPERTY: Final = frozenset({OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDF.Property})
_MATCHES: Final = (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch)


@dataclass(frozen=True, slots=True)
class Term:
    """A class or a property."""

    iri: NamedNode
    labels: Texts
    definitions: Texts
    above: tuple[NamedNode, ...]  # superclasses or superproperties
    matches: tuple[NamedNode, ...]
    domain: tuple[NamedNode, ...] = ()  # of a property: the classes it is for
    range: tuple[NamedNode, ...] = ()

    @property
    def name(self) -> str:
        """The part of the IRI after the namespace."""
        return self.iri.value.rpartition("#")[2].rpartition("/")[2]

    @property
    def anchor(self) -> str:
        """Its place in the page: the name by which its own address leads there, or one that no other term has."""
        return self.name if self.own else re.sub(r"[^A-Za-z0-9]+", "-", short(self.iri.value))

    @property
    def own(self) -> bool:
        return self.iri.value.startswith(MKG)


class Vocabulary:
    """The terms of the ontology, in the order of their IRIs."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._said: dict[NamedNode, dict[NamedNode, list[Node]]] = {}
        for one in triples:
            if isinstance(one.subject, NamedNode):
                self._said.setdefault(one.subject, {}).setdefault(one.predicate, []).append(one.object)

    @classmethod
    def of(cls, view: View) -> Vocabulary:
        return cls(quad.triple for quad in view.quads(None, None, None, GRAPH))

    @cached_property
    def classes(self) -> Sequence[Term]:
        return tuple(self._terms({OWL.Class}))

    @cached_property
    def properties(self) -> Sequence[Term]:
        return tuple(self._terms(_PROPERTY))

    @cached_property
    def by_iri(self) -> Mapping[NamedNode, Term]:
        return {term.iri: term for term in (*self.classes, *self.properties)}

    @cached_property
    def subclasses(self) -> Mapping[NamedNode, tuple[NamedNode, ...]]:
        """Own classes right below a class."""
        return {cls.iri: tuple(one.iri for one in self.classes if cls.iri in one.above) for cls in self.classes}

    def fields(self, cls: NamedNode) -> Sequence[Term]:
        """The properties that are for a class itself."""
        return [term for term in self.properties if cls in term.domain]

    def pointing(self, cls: NamedNode) -> Sequence[Term]:
        """The properties whose values are of a class."""
        return [term for term in self.properties if cls in term.range]

    def about(self, property: NamedNode) -> Texts:
        """What is said of the ontology itself with a property."""
        return by_language(self._said.get(NamedNode(MKG), {}).get(property, ()))

    def _terms(self, types: Iterable[NamedNode]) -> Iterator[Term]:
        for iri, said in sorted(self._said.items(), key=lambda one: (not one[0].value.startswith(MKG), one[0].value)):
            if not set(types).isdisjoint(said.get(RDF.type, ())):
                yield Term(
                    iri,
                    by_language(said.get(RDFS.label, ())),
                    by_language(said.get(SKOS.definition, ())),
                    _nodes(said, RDFS.subClassOf, RDFS.subPropertyOf),
                    _nodes(said, *_MATCHES),
                    _nodes(said, SCHEMA.domainIncludes, RDFS.domain),
                    _nodes(said, SCHEMA.rangeIncludes, RDFS.range),
                )


def _nodes(said: Mapping[NamedNode, Sequence[Node]], *properties: NamedNode) -> tuple[NamedNode, ...]:
    found = {one for property in properties for one in said.get(property, ()) if isinstance(one, NamedNode)}
    return tuple(sorted(found, key=lambda node: (not node.value.startswith(MKG), node.value)))
