"""The service description (SPARQL 1.1 Service Description): what the endpoint is, in RDF."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple, serialize

from kg.formats import GRAPHS, RESULTS, Format
from kg.namespaces import PREFIXES, RDF, XSD, Namespace
from kg.store.port import Release

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")
W3_FORMATS = Namespace("http://www.w3.org/ns/formats/")
_FORMAT_NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "nt": "N-Triples",
    "nq": "N-Quads",
    "trig": "TriG",
    "jsonld": "JSON-LD",
    "rdf": "RDF_XML",
}


def triples(endpoint: str, release: Release, *, federates: bool) -> Iterator[Triple]:
    """The description of the query service and of the one for updates, with nodes below their address."""
    service = NamedNode(endpoint)
    dataset, default = NamedNode(endpoint + "#dataset"), NamedNode(endpoint + "#default-graph")
    yield Triple(service, RDF.type, SD.Service)
    yield Triple(service, SD.endpoint, service)
    yield Triple(service, SD.supportedLanguage, SD.SPARQL11Query)
    if federates:
        yield Triple(service, SD.feature, SD.BasicFederatedQuery)
    for format in (*RESULTS, *GRAPHS):
        yield Triple(service, SD.resultFormat, W3_FORMATS.term(_FORMAT_NAMES[format.name]))
    yield Triple(service, SD.defaultDataset, dataset)
    writing = NamedNode(endpoint.removesuffix("/sparql") + "/update")
    yield Triple(writing, RDF.type, SD.Service)
    yield Triple(writing, SD.endpoint, writing)
    yield Triple(writing, SD.supportedLanguage, SD.SPARQL11Update)
    yield Triple(writing, SD.defaultDataset, dataset)
    yield Triple(dataset, RDF.type, SD.Dataset)
    yield Triple(dataset, SD.defaultGraph, default)
    yield Triple(default, RDF.type, SD.Graph)
    yield Triple(default, VOID.triples, _count(release.manifest.triples))
    for name in sorted(release.manifest.graphs):
        graph, escaped = NamedNode(name), quote(name, safe="")
        named, described = NamedNode(f"{endpoint}#graph={escaped}"), NamedNode(f"{endpoint}#content={escaped}")
        yield Triple(dataset, SD.namedGraph, named)
        yield Triple(named, RDF.type, SD.NamedGraph)
        yield Triple(named, SD.term("name"), graph)
        yield Triple(named, SD.graph, described)
        yield Triple(described, RDF.type, SD.Graph)
        yield Triple(described, VOID.triples, _count(release.manifest.graphs[name]))


def write(endpoint: str, release: Release, format: Format, *, federates: bool = False) -> bytes:
    """The description in one of the graph formats."""
    prefixes = {"sd": SD, "void": VOID, "rdf": PREFIXES["rdf"], "formats": W3_FORMATS}
    text = serialize(
        triples(endpoint, release, federates=federates),
        format=format.rdf_engine,
        prefixes=prefixes if format.name in {"ttl", "trig", "rdf"} else None,
    )
    assert text is not None
    return text


def _count(number: int) -> Literal:
    return Literal(str(number), datatype=XSD.integer)
