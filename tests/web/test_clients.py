"""Other people's programs."""

from __future__ import annotations

from typing import Any

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, GET, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TURTLE, URLENCODED, XML, SPARQLWrapper

SELECT = "PREFIX mkg: <https://w3id.org/municipal-kg/ns#> SELECT ?n { ?s mkg:count ?n FILTER (?n < 3) } ORDER BY ?n"
CONSTRUCT = "CONSTRUCT WHERE { ?s a <https://w3id.org/municipal-kg/ns#Project> ; ?p ?o }"


def converted(client: SPARQLWrapper) -> Any:
    """The answer in whatever form the library gives it."""
    return client.queryAndConvert()


def wrapper(url: str, query: str, format: str, method: str = GET, way: str = URLENCODED) -> SPARQLWrapper:
    client = SPARQLWrapper(f"{url}/sparql")
    client.setQuery(query)
    client.setReturnFormat(format)
    client.setMethod(method)
    client.setRequestMethod(way)
    return client


def test_sparqlwrapper_selects_by_get_and_post(url: str) -> None:
    for method, way in ((GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)):
        answer = converted(wrapper(url, SELECT, JSON, method, way))
        assert [row["n"]["value"] for row in answer["results"]["bindings"]] == ["0", "1", "2"]


def test_sparqlwrapper_reads_xml_and_csv(url: str) -> None:
    document = converted(wrapper(url, SELECT, XML))
    assert len(document.getElementsByTagName("result")) == 3
    assert converted(wrapper(url, SELECT, CSV)) == b"n\r\n0\r\n1\r\n2\r\n"


def test_sparqlwrapper_asks(url: str) -> None:
    assert converted(wrapper(url, "ASK { ?s ?p ?o }", JSON))["boolean"] is True


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # theirs
def test_sparqlwrapper_constructs(url: str) -> None:
    for format in (RDFXML, JSONLD):
        graph = converted(wrapper(url, CONSTRUCT, format))
        assert isinstance(graph, rdflib.Graph)
        assert len(graph) == 3
    for format in (TURTLE, N3):
        text = converted(wrapper(url, CONSTRUCT, format, POST))
        assert len(rdflib.Graph().parse(data=text, format="turtle")) == 3


def test_rdflib_s_store_reads_it(url: str) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{url}/sparql"))
    rows = [int(row[0]) for row in graph.query(SELECT)]  # type: ignore[index, arg-type]
    assert rows == [0, 1, 2]
    kind = rdflib.URIRef("https://w3id.org/municipal-kg/ns#Project")
    assert [str(subject) for subject in graph.subjects(rdflib.RDF.type, kind)] == [
        "http://localhost:8000/id/project/menergers"
    ]
