"""What the serving benchmark rests on: its data, its queries, and that it sees a difference between two answers."""

from __future__ import annotations

import random
from itertools import chain

import pyoxigraph as ox
import pytest
from pyoxigraph import Quad, QueryResultsFormat, QuerySolutions

from kg.iris import Iris
from tests.bench import answers, triples
from tests.bench.clients import SMALL, TEN_THOUSAND, small_text, varied
from tests.bench.questions import GRAPH, ROWS, Question, analyst
from tests.bench.triples import Size

QUESTIONS = analyst(Size(20_000))


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    merge = chain.from_iterable(triples.graphs(20_000).values())
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in merge)
    return store


def test_the_data_is_the_same_every_time() -> None:
    assert triples.graphs(5_000) == triples.graphs(5_000)
    assert triples.graphs(5_000) != triples.graphs(5_000, seed=2)


def test_the_data_is_of_the_size_asked_for(store: ox.Store) -> None:
    assert len(store) == pytest.approx(20_000, rel=0.15)


def test_sources_say_the_same_in_part() -> None:
    graphs = triples.graphs(5_000)
    register = graphs[Iris(triples.BASE).graph("bench-register")]
    assert register and set(register) <= set(graphs[Iris(triples.BASE).graph("bench-projects")])


def test_there_are_twenty_analyst_queries() -> None:
    assert len(QUESTIONS) == 20


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_an_analyst_query_has_an_answer(question: Question, store: ox.Store) -> None:
    assert next(iter(store.query(question.file.text)), None) is not None  # type: ignore[arg-type]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_no_query_is_asked_twice(question: Question) -> None:
    chance = random.Random(1)
    texts = [question.text(chance) for _ in range(300)]
    assert len(set(texts)) == 300 and question.file.text not in texts


def test_small_queries_find_their_project(store: ox.Store) -> None:
    for number in (0, 17, 5_000_000):
        assert list(store.query(small_text(number, Size(20_000).projects)))  # type: ignore[arg-type]
    assert small_text(1, 425) != small_text(426, 425)


@pytest.mark.parametrize(("text", "parts"), [(SMALL, 3), (TEN_THOUSAND, 2)])
def test_numbers_are_found_in_the_target(text: str, parts: int) -> None:
    assert len(varied(f"/sparql?query={text}")) == parts


def test_order_and_spelling_make_no_difference(store: ox.Store) -> None:
    def body(order: str) -> bytes:
        found = store.query(f"SELECT ?s ?v {{ ?s <https://w3id.org/municipal-kg/ns#value> ?v }} ORDER BY {order}")
        assert isinstance(found, QuerySolutions)
        return found.serialize(format=QueryResultsFormat.JSON) or b""

    one, other = answers.rows(body("?v"), ROWS), answers.rows(body("DESC(?v)"), ROWS)
    assert one == other and answers.same(one, other)
    assert not answers.same(one, other[1:])
    assert not answers.same(one, [(row[0], ("", row[1][1] + 1)) for row in other])


def test_graphs_are_compared_too() -> None:
    left = b'<urn:a> <urn:b> "1.0"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n<urn:a> <urn:b> <urn:c> .\n'
    right = b'<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    assert answers.same(answers.rows(left, GRAPH), answers.rows(right, GRAPH))
    assert not answers.same(answers.rows(left, GRAPH), answers.rows(b"<urn:a> <urn:b> <urn:d> .\n" + left, GRAPH))
