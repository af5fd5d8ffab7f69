"""Paths of length zero, against their definition (SPARQL 1.1 §18.4)."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Quad, QuerySolutions, Store

from kg.answering.closures import written_out
from kg.errors import QueryError
from tests.answering.asking import ask, node, run, workers

BASE = "http://x/"


@pytest.fixture(scope="module")
def store() -> Store:
    """b p c; and a q b in another graph only."""
    store = Store()
    store.add(Quad(node("b"), node("p"), node("c"), DefaultGraph()))
    store.add(Quad(node("a"), node("q"), node("b"), node("g")))
    return store


def rows(store: Store, pattern: str) -> list[list[str | None]]:
    text = f"PREFIX : <{BASE}> SELECT * {{ {pattern} }}"
    solutions = store.query(written_out(store, text, BASE), base_iri=BASE)
    assert isinstance(solutions, QuerySolutions)
    names = sorted(variable.value for variable in solutions.variables)
    return sorted([str(row[name]).removeprefix(f"<{BASE}").rstrip(">") for name in names] for row in solutions)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (":none :p* ?o", [["none"]]),
        ("?s :p* :none", [["none"]]),
        (":none :p? ?o", [["none"]]),
        ("?s :p? <none>", [["none"]]),
        (":none (:p/:q)* ?o", [["none"]]),
        (":none :p*/^:q? ?o", [["none"]]),
        (":none (:p|:q*) ?o", [["none"]]),
        (":none ^(:p+|(a|!:q)?) ?o .", [["none"]]),
        (":none :p*/:q ?o", []),
        (":none :p+ ?o", []),
        (":none !(:p|^:q)/:p* ?o", []),
        (":none :p|:q ?o", []),
        (":b :p* ?o", [["b"], ["c"]]),
        ("?s :p* :c", [["b"], ["c"]]),
        (":a :p* ?o", [["a"]]),
        ("?x :p ?y . :none :p* ?o . ?x ?q ?y", [["none", "p", "b", "c"]]),
        (":none :p* ?o FILTER(?o != :none)", []),
        (":none :p* ?o OPTIONAL { ?o :p ?x }", [["none", "None"]]),
        ("OPTIONAL { :none :p* ?o }", [["none"]]),
        ("{ :none :p* ?o } UNION { ?o :p* :other }", [["none"], ["other"]]),
        ("VALUES ?o { :none :b } :none :p* ?o", [["none"]]),
        ("{ SELECT ?o { :none :p* ?o } }", [["none"]]),
        ("FILTER EXISTS { :none :p* ?z } :b :p ?o", [["c"]]),
    ],
)
def test_a_path_of_length_zero_needs_no_data(store: Store, pattern: str, expected: list[list[str]]) -> None:
    assert rows(store, pattern) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        ":none :p* ?o ; :q ?x",  # not alone
        ":none :p* ?o , ?x",
        "_:x :p ?o . :none :p* ?y . _:x :p ?z",  # a blank node's patterns must stay together
        ":none :p* :other",
        ":b :p* ?o",
        "?s :p* ?o",
        "?s :p ?o . FILTER(?s * 2 = 4)",
    ],
)
def test_what_is_not_understood_stays_as_it_is(store: Store, pattern: str) -> None:
    text = f"PREFIX : <{BASE}> SELECT * {{ {pattern} }}"
    assert written_out(store, text, BASE) is text


def test_workers_answer_so(release: Path) -> None:
    async def check() -> str:
        async with workers(release) as pool:
            return await ask(pool, release, "SELECT * { <none> <p>* ?o . ?s <q>? <x:y> }")

    assert run(check()) == "o,s\r\nhttp://base/none,x:y\r\n"


def test_a_syntax_error_is_placed_in_the_text_as_it_was_sent(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            text = "SELECT (GROUP_CONCAT(?x) AS ?y) { ?s ?p }"
            with pytest.raises(SyntaxError) as engine:
                Store().query(text)
            column = str(engine.value).split(":")[1]
            with pytest.raises(QueryError, match=f"line 1, column {column}:"):
                await ask(pool, release, text)

    run(check())
