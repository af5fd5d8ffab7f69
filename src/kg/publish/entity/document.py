"""A description as a document of its own: what is said, names for all that is mentioned, and whose words it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.graph import View, sort_key
from kg.iris import Iris
from kg.namespaces import DC, DCT, FOAF, MKG, RDF, RDFS, Namespace
from kg.publish.entity.description import Description
from kg.publish.labels import Texts, labels

HYDRA: Final = Namespace("http://www.w3.org/ns/hydra/core#")
_OF_SOURCES: Final = (DC.publisher, DCT.license, MKG.licenceNotStated, FOAF.homepage)


def triples(description: Description, view: View, iris: Iris) -> list[Triple]:
    """All of the document, sorted and each once."""
    names = labels(view, iris, description.mentioned.union(_OF_SOURCES))
    return sorted({*_stated(description), *_named(names), *_document(description, view, iris)}, key=str)


def _stated(description: Description) -> Iterator[Triple]:
    for part in description.walk():
        for property, values in part.statements.items():
            yield from (Triple(part.node, property, said.value) for said in values)
    for pointer in description.pointers:
        yield Triple(pointer.subject, pointer.property, description.node)


def _named(names: Mapping[NamedNode, Texts]) -> Iterator[Triple]:
    for node, texts in names.items():
        for language, text in texts.items():
            yield Triple(node, RDFS.label, Literal(text, language=language) if language else Literal(text))


def _document(description: Description, view: View, iris: Iris) -> Iterator[Triple]:
    document = iris.document(description.node)
    yield Triple(document, RDF.type, FOAF.Document)
    yield Triple(document, FOAF.primaryTopic, description.node)
    for graph in sorted(description.graphs, key=sort_key):
        told = [quad for property in _OF_SOURCES for quad in view.quads(graph, property, None, iris.meta)]
        if told:  # a source; what is derived has nobody behind it
            yield Triple(document, DCT.source, graph)
            yield from (quad.triple for quad in told)
    if description.page < description.pages:
        yield Triple(document, HYDRA.next, iris.document(description.node, description.page + 1))
