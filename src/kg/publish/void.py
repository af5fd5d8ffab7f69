"""What the graph holds, counted, for programs that choose among graphs (VoID, W3C Interest Group Note 2011)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.formats import JSONLD, NT, RDF, TTL, Format
from kg.graph import DEFAULT
from kg.namespaces import DCT, FOAF, MKG, PREFIXES, XSD, Namespace
from kg.namespaces import RDF as RDF_TERMS
from kg.publish import rdf
from kg.publish.resource import Found, Moved, Query, Resource
from kg.rq import QueryFile
from kg.store.port import Release

OFFERED: Final = (TTL, JSONLD, RDF, NT)
PATH: Final = "/void"
WELL_KNOWN: Final = "/.well-known/void"
VOID: Final = Namespace("http://rdfs.org/ns/void#")
_FORMATS: Final = Namespace("http://www.w3.org/ns/formats/")
_EXAMPLES: Final = ("Project", "FundingProgramme", "Municipality", "Event")


class Statistics:
    """The description of the whole graph."""

    def __init__(self, queries: Path) -> None:
        """`queries` is the folder of the system queries."""
        self._classes = QueryFile.read(queries / "portal-classes.rq").text
        self._properties = QueryFile.read(queries / "portal-predicates.rq").text

    def find(self, release: Release, path: str, query: Query) -> Found | None:
        """See `Shelf`."""
        if path == WELL_KNOWN:
            return Moved(PATH)
        return Resource(path, OFFERED, lambda format, language: self._write(release, format)) if path == PATH else None

    def paths(self, release: Release) -> Iterator[str]:
        """See `Shelf`."""
        yield PATH

    def _write(self, release: Release, format: Format) -> bytes:
        return rdf.document(self._triples(release), format, {**PREFIXES, "void": VOID})

    def _triples(self, release: Release) -> Iterator[Triple]:
        base, manifest = release.manifest.base, release.manifest
        document, graph = NamedNode(base + PATH), NamedNode(f"{base}/dataset/graph")
        yield Triple(document, RDF_TERMS.type, VOID.DatasetDescription)
        yield Triple(document, FOAF.primaryTopic, graph)
        yield Triple(graph, RDF_TERMS.type, VOID.Dataset)
        yield Triple(graph, VOID.sparqlEndpoint, NamedNode(f"{base}/sparql"))
        yield Triple(graph, VOID.uriSpace, Literal(f"{base}/id/"))
        yield Triple(graph, VOID.triples, _number(manifest.triples))
        yield Triple(
            graph, DCT.modified, Literal(manifest.created.isoformat(timespec="seconds"), datatype=XSD.dateTime)
        )
        for suffix in ("ttl", "nq"):
            yield Triple(graph, VOID.dataDump, NamedNode(f"{base}/dumps/graph.{suffix}"))
        for name in ("Turtle", "N-Triples", "JSON-LD", "RDF_XML"):
            yield Triple(graph, VOID.feature, _FORMATS.term(name))
        for vocabulary in sorted(PREFIXES.values()):
            yield Triple(graph, VOID.vocabulary, NamedNode(vocabulary))
        for name in _EXAMPLES:
            typed = (quad.subject for quad in release.quads(None, RDF_TERMS.type, MKG.term(name), DEFAULT))
            things = sorted(one.value for one in typed if isinstance(one, NamedNode))
            yield from (Triple(graph, VOID.exampleResource, NamedNode(one)) for one in things[:1])
        yield from _parts(
            release, self._classes, graph, "class", VOID.classPartition, VOID.term("class"), VOID.entities
        )
        yield from _parts(
            release, self._properties, graph, "property", VOID.propertyPartition, VOID.property, VOID.triples
        )


def _parts(
    release: Release,
    query: str,
    graph: NamedNode,
    kind: str,
    partition: NamedNode,
    naming: NamedNode,
    counting: NamedNode,
) -> Iterator[Triple]:
    counts: dict[str, int] = {}
    for row in release.select(query):
        term, count = row.get("term"), row.get("count")
        if isinstance(term, NamedNode) and isinstance(count, Literal):
            counts[term.value] = int(count.value)
    for number, (iri, times) in enumerate(sorted(counts.items()), start=1):
        part = NamedNode(f"{graph.value}#{kind}-{number}")
        yield Triple(graph, partition, part)
        yield Triple(part, naming, NamedNode(iri))
        yield Triple(part, counting, _number(times))
    counted = VOID.classes if kind == "class" else VOID.properties
    yield Triple(graph, counted, _number(len(counts)))


def _number(value: int) -> Literal:
    return Literal(str(value), datatype=XSD.integer)
