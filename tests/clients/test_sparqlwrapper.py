"""SPARQLWrapper: queries in all its ways, updates, and errors."""

from __future__ import annotations

import http.client
from typing import Any

import pytest
import rdflib
from SPARQLWrapper import CSV, GET, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, URLENCODED, XML
from SPARQLWrapper import SPARQLWrapper as Wrapper
from SPARQLWrapper.SPARQLExceptions import EndPointInternalError, QueryBadFormed, Unauthorized

from tests.clients.questions import ASK, BROKEN, CONSTRUCT, FAILING, FAILING_GRAPH, PROJECTS, ROWS, SELECT
from tests.served import BASE, TOKEN, Served

WAYS = ((GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY))
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def wrapper(address: str, text: str, format: str = JSON, method: str = GET, way: str = URLENCODED) -> Wrapper:
    client = Wrapper(address)
    client.setQuery(text)
    client.setReturnFormat(format)
    client.setMethod(method)
    client.setRequestMethod(way)
    return client


def converted(client: Wrapper) -> Any:
    """The answer in whatever form the library gives it."""
    return client.queryAndConvert()


@pytest.mark.parametrize(("method", "way"), WAYS)
def test_it_selects(method: str, way: str, endpoint: str) -> None:
    answer = converted(wrapper(endpoint, SELECT, JSON, method, way))
    rows = [(row["project"]["value"], row["title"]["value"]) for row in answer["results"]["bindings"]]
    assert rows == ROWS


def test_it_reads_xml_csv_and_tsv(endpoint: str) -> None:
    document = converted(wrapper(endpoint, SELECT, XML))
    assert [one.firstChild.data for one in document.getElementsByTagName("literal")] == [title for _, title in ROWS]
    csv = converted(wrapper(endpoint, SELECT, CSV)).decode()
    assert csv.split("\r\n") == ["project,title", *(f"{iri},{title}" for iri, title in ROWS), ""]
    tsv = converted(wrapper(endpoint, SELECT, TSV)).decode()
    assert tsv.split("\n")[1] == f'<{ROWS[0][0]}>\t"{ROWS[0][1]}"@bg'


@pytest.mark.parametrize(("method", "way"), WAYS)
def test_it_asks(method: str, way: str, endpoint: str) -> None:
    assert converted(wrapper(endpoint, ASK, JSON, method, way))["boolean"] is True


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # theirs
@pytest.mark.parametrize("format", [RDFXML, JSONLD])
def test_it_constructs_graphs(format: str, endpoint: str) -> None:
    graph = converted(wrapper(endpoint, CONSTRUCT, format))
    assert {str(subject) for subject in graph.subjects()} == PROJECTS


@pytest.mark.parametrize("format", [TURTLE, N3])
def test_it_constructs_texts(format: str, endpoint: str) -> None:
    text = converted(wrapper(endpoint, CONSTRUCT, format, POST))
    assert {str(subject) for subject in rdflib.Graph().parse(data=text, format="turtle").subjects()} == PROJECTS


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_it_describes(endpoint: str) -> None:
    graph = converted(wrapper(endpoint, f"DESCRIBE <{ROWS[1][0]}>", RDFXML))
    assert (rdflib.URIRef(ROWS[1][0]), rdflib.RDF.type, None) in graph


@pytest.mark.parametrize(("method", "way"), WAYS)
def test_it_raises_for_a_broken_query(method: str, way: str, endpoint: str) -> None:
    with pytest.raises(QueryBadFormed):
        wrapper(endpoint, BROKEN, JSON, method, way).query()


def test_it_raises_for_a_query_that_takes_too_long(endpoint: str) -> None:
    client = wrapper(endpoint, ENDLESS)
    client.addParameter("timeout", "0.2")
    with pytest.raises((EndPointInternalError, OSError)):  # a 503 is an HTTPError to it
        client.query()


@pytest.mark.parametrize(("text", "format"), [(FAILING, JSON), (FAILING, XML), (FAILING, CSV), (FAILING_GRAPH, TURTLE)])
def test_it_raises_when_an_answer_breaks_off(text: str, format: str, endpoint: str) -> None:
    answer = wrapper(endpoint, text, format).query()
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        answer.convert()


def test_it_updates_and_reads_what_it_wrote(service: Served) -> None:
    graph = f"<{BASE}/graph/endpoint/sparqlwrapper>"
    for method in (URLENCODED, POSTDIRECTLY):
        client = wrapper(
            f"{service.url}/update", f"INSERT DATA {{ GRAPH {graph} {{ <urn:s> <urn:p> <urn:{method}> }} }}"
        )
        client.setMethod(POST)
        client.setRequestMethod(method)
        client.addCustomHttpHeader("Authorization", f"Bearer {TOKEN}")
        assert client.query().response.status in {200, 204}
        asked = wrapper(f"{service.url}/sparql", f"ASK {{ GRAPH {graph} {{ <urn:s> <urn:p> <urn:{method}> }} }}")
        assert converted(asked)["boolean"] is True


def test_it_raises_without_a_token(service: Served) -> None:
    client = wrapper(f"{service.url}/update", "INSERT DATA { <urn:s> <urn:p> <urn:never> }", JSON, POST)
    with pytest.raises(Unauthorized):
        client.query()
    assert converted(wrapper(f"{service.url}/sparql", "ASK { ?s ?p <urn:never> }"))["boolean"] is False
