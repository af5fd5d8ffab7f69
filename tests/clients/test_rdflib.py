"""rdflib's SPARQLStore and SPARQLUpdateStore: a remote graph used as if it were here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rdflib import RDF, Dataset, Graph, Literal, URIRef
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID as DEFAULT
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore

from tests.clients.questions import ASK, BROKEN, CONSTRUCT, FAILING, NS, PROJECTS, ROWS, SELECT
from tests.served import BASE, TOKEN, Served

S, P = URIRef("urn:rdflib:s"), URIRef("urn:rdflib:p")
PROJECT = URIRef(f"{NS}Project")


@pytest.fixture
def graph(endpoint: str) -> Graph:
    return Graph(SPARQLStore(endpoint))


@pytest.fixture(params=["form", "direct"])
def store(service: Served, request: pytest.FixtureRequest) -> Iterator[SPARQLUpdateStore]:
    store = SPARQLUpdateStore(
        f"{service.url}/sparql",
        f"{service.url}/update",
        headers={"Authorization": f"Bearer {TOKEN}"},
        postAsEncoded=request.param == "form",
        method="POST",
    )
    yield store
    store.close()


def test_it_selects(graph: Graph) -> None:
    rows: list[Any] = list(graph.query(SELECT))
    assert [(str(row.project), str(row.title)) for row in rows] == ROWS


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["xml", "json", "csv", "tsv"])
def test_it_selects_in_every_way(method: str, form: str, endpoint: str) -> None:
    store = SPARQLStore(endpoint, method=method, returnFormat=form)
    rows: list[Any] = list(Graph(store).query(SELECT))
    assert [(str(row.project), str(row.title)) for row in rows] == ROWS


def test_it_asks_and_constructs(graph: Graph) -> None:
    assert graph.query(ASK).askAnswer is True
    built = graph.query(CONSTRUCT).graph
    assert built is not None
    assert {str(subject) for subject in built.subjects()} == PROJECTS


def test_it_walks_the_graph(graph: Graph) -> None:
    assert {str(subject) for subject in graph.subjects(RDF.type, PROJECT)} == PROJECTS
    assert (URIRef(ROWS[0][0]), RDF.type, PROJECT) in graph
    assert len(graph) > 1000


def test_it_raises_for_a_broken_query(graph: Graph) -> None:
    with pytest.raises(Exception, match="your SPARQL query"):  # what it says of a 400
        graph.query(BROKEN)


@pytest.mark.parametrize("form", ["xml", "json", "csv", "tsv"])
def test_it_raises_when_an_answer_breaks_off(form: str, endpoint: str) -> None:
    store = SPARQLStore(endpoint, returnFormat=form)
    with pytest.raises(Exception, match=r"IncompleteRead|Connection reset"):
        list(Graph(store).query(FAILING))


def test_it_writes_and_reads_a_named_graph(store: SPARQLUpdateStore) -> None:
    graph = Graph(store, identifier=URIRef(f"{BASE}/graph/endpoint/rdflib"))
    graph.add((S, P, Literal("„Дунав мост“", lang="bg")))
    graph.addN([(S, P, Literal(number), graph) for number in (1, 2)])
    assert set(graph.objects(S, P)) == {Literal("„Дунав мост“", lang="bg"), Literal(1), Literal(2)}
    graph.remove((S, P, Literal(1)))
    assert set(graph.objects(S, P)) == {Literal("„Дунав мост“", lang="bg"), Literal(2)}
    graph.remove((None, None, None))
    assert len(graph) == 0


def test_it_writes_the_default_graph(store: SPARQLUpdateStore) -> None:
    graph = Graph(store, identifier=DEFAULT)
    graph.add((S, P, Literal("по подразбиране")))
    assert (S, P, Literal("по подразбиране")) in graph
    graph.remove((S, P, None))
    assert (S, P, None) not in graph


def test_it_writes_several_graphs_of_a_dataset(store: SPARQLUpdateStore) -> None:
    dataset = Dataset(store, default_union=True)
    names = [URIRef(f"{BASE}/graph/endpoint/dataset-{number}") for number in (1, 2)]
    for number, name in enumerate(names):
        dataset.graph(name).add((S, P, Literal(number)))
    there = {graph.identifier for graph in dataset.graphs((S, P, None))}  # type: ignore[arg-type]
    assert there >= set(names)
    for name in names:
        dataset.remove_graph(name)
    assert (S, P, None) not in Graph(store, identifier=DEFAULT)


def test_it_writes_nothing_that_was_rolled_back(service: Served) -> None:
    store = SPARQLUpdateStore(
        f"{service.url}/sparql",
        f"{service.url}/update",
        headers={"Authorization": f"Bearer {TOKEN}"},
        autocommit=False,
    )
    graph = Graph(store, identifier=URIRef(f"{BASE}/graph/endpoint/rolled-back"))
    graph.add((S, P, Literal("забравено")))
    store.rollback()
    graph.add((S, P, Literal("запазено")))
    store.commit()
    assert list(graph.objects(S, P)) == [Literal("запазено")]


def test_it_raises_without_a_token(service: Served) -> None:
    store = SPARQLUpdateStore(f"{service.url}/sparql", f"{service.url}/update")
    with pytest.raises(Exception, match="401"):
        Graph(store, identifier=DEFAULT).add((S, P, Literal("никога")))
    assert (S, P, Literal("никога")) not in Graph(store, identifier=DEFAULT)


def test_it_raises_for_the_graph_of_a_source(store: SPARQLUpdateStore) -> None:
    graph = Graph(store, identifier=URIRef(f"{BASE}/graph/report-2023-w26"))
    before = len(graph)
    with pytest.raises(Exception, match="409"):
        graph.remove((None, None, None))
    assert len(graph) == before
