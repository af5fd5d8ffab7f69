"""The 30 competency questions over HTTP: of a graph that holds only the report, of all data, of all data by source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode
from SPARQLWrapper import JSON, POST, SPARQLWrapper

from kg import resources
from kg.library import Library, bind
from kg.store.embedded import EmbeddedStore
from tests.queries.answers import BASE, short
from tests.queries.test_competency import ASKS, COMPETENCY
from tests.web.conftest import Server

LIBRARY = Library(resources.QUERIES / "public")


def serve(home: Path) -> Iterator[str]:
    with Server(EmbeddedStore.open(home)) as server:
        yield f"{server.url}/sparql"


@pytest.fixture(scope="module")
def everything(bundled_home: Path) -> Iterator[str]:
    yield from serve(bundled_home)


@pytest.fixture(scope="module")
def only_report(report_home: Path) -> Iterator[str]:
    yield from serve(report_home)


def rows(endpoint: str, ask: dict[str, Any], more: dict[str, str]) -> list[list[str | None]]:
    """What SPARQLWrapper gets for an ask, in the short form of the expectations."""
    query = LIBRARY[ask["query"]]
    client = SPARQLWrapper(endpoint)
    client.setQuery(bind(query, {**ask.get("parameters", {}), **more}, ids=f"{BASE}id/", graphs=f"{BASE}graph/"))
    client.setMethod(POST)
    client.setReturnFormat(JSON)
    with client.query().response as response:
        answer = json.load(response)
    found = [[value(row.get(column)) for column in ask["columns"]] for row in answer["results"]["bindings"]]
    return [list(row) for row in dict.fromkeys(map(tuple, found))][: ask.get("first")]


def value(binding: dict[str, str] | None) -> str | None:
    if binding is None:
        return None
    return short(NamedNode(binding["value"])) if binding["type"] == "uri" else binding["value"]


@pytest.mark.parametrize(("question", "ask"), ASKS)
def test_the_report_as_the_only_source_gives_the_seed_answer(
    question: str, ask: dict[str, Any], everything: str
) -> None:
    assert rows(everything, ask, {"source": COMPETENCY["source"]}) == ask["report"]


@pytest.mark.parametrize(("question", "ask"), ASKS)
def test_all_sources_give_the_second_answer(question: str, ask: dict[str, Any], everything: str) -> None:
    assert rows(everything, ask, {}) == ask["all"]


@pytest.mark.parametrize(("question", "ask"), ASKS)
def test_a_graph_of_nothing_but_the_report_gives_the_seed_answer(
    question: str, ask: dict[str, Any], only_report: str
) -> None:
    assert rows(only_report, ask, {}) == ask.get("alone", ask["report"])
