"""What workers answer, and what they refuse."""

from __future__ import annotations

import asyncio
import json
import math
import os
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.answering.question import Dataset, Question
from kg.errors import ForbiddenError, NotAcceptableError, QueryError, StoreError, TooLargeError
from kg.formats import HTML, JSON
from tests.answering.asking import SUM, X, ask, build, node, run, workers


def one(release: Path, text: str, format: str = "csv", **more: Any) -> str:
    """The answer of workers that live for this question."""
    settings = more.pop("settings", {})

    async def answer() -> str:
        async with workers(**settings) as pool:
            return await ask(pool, release, text, format, **more)

    return run(answer())


def test_an_answer_is_complete_and_says_what_it_is(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            question = Question("SELECT ?o { ?s <http://x/is> ?o } ORDER BY ?o", release, accept="application/json")
            answer = await pool.answer(question)
            assert answer.body is not None
            assert (answer.seen.form, answer.seen.format, answer.size) == ("SELECT", JSON, len(answer.body))
            assert not (answer.truncated or answer.seen.volatile)
            assert 0 < answer.seconds < 20
            assert answer.body.count(b'"value"') == 200
            assert b"".join([chunk async for chunk in answer.chunks()]) == await answer.read() == answer.body
            with pytest.raises(TooLargeError):
                await answer.read(100)
            answer.close()
            answer.close()

    run(check())


def test_a_query_is_looked_at_without_being_evaluated(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            seen = await pool.look(Question("SELECT (NOW() AS ?x) { ?s ?p 1 }", release, accept="text/csv"))
            assert (seen.form, seen.volatile, seen.format.name) == ("SELECT", True, "csv")
            other = await pool.look(Question("select (now() as ?x) { ?s ?p 'two' }", release, formats=("json",)))
            assert (other.shape, other.format) == (seen.shape, JSON)
            page = await pool.look(Question("DESCRIBE <x:y>", release, accept="text/html", page=True))
            assert (page.form, page.volatile, page.format) == ("DESCRIBE", False, HTML)
            with pytest.raises(NotAcceptableError):
                await pool.look(Question("ASK {}", release, accept="text/html"))

    run(check())


def test_a_page_is_written_as_json_or_turtle(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            rows = await pool.answer(Question("SELECT (1 AS ?x) {}", release, accept="text/html", page=True))
            assert rows.seen.format is HTML
            assert json.loads(await rows.read())["head"] == {"vars": ["x"]}
            graph = await pool.answer(
                Question("CONSTRUCT { <x:a> <x:b> 1 } {}", release, page=True, formats=("html",), prefixes={"x": "x:"})
            )
            assert await graph.read() == b"@prefix x: <x:> .\nx:a x:b 1 .\n"

    run(check())


@pytest.mark.parametrize(
    ("text", "accept", "formats", "format"),
    [
        ("ASK {}", "", (), "json"),
        ("ASK {}", "text/csv;q=0.5, application/sparql-results+xml", (), "xml"),
        ("ASK {}", "text/csv", ("nonsense", "tsv"), "tsv"),
        ("CONSTRUCT {} {}", "*/*", (), "ttl"),
        ("CONSTRUCT {} {}", "application/n-triples", (), "nt"),
        ("CONSTRUCT {} {}", "", ("json",), "jsonld"),
    ],
)
def test_the_format_is_what_was_asked_for(
    release: Path, text: str, accept: str, formats: tuple[str, ...], format: str
) -> None:
    async def check() -> str:
        async with workers() as pool:
            answer = await pool.answer(Question(text, release, accept=accept, formats=formats))
            return answer.seen.format.name

    assert run(check()) == format


def test_a_format_that_there_is_not_is_refused_with_what_is_offered(release: Path) -> None:
    async def check() -> None:
        async with workers() as pool:
            for more in ({"accept": "image/png"}, {"formats": ("png",)}, {"formats": ("ttl",)}):
                with pytest.raises(NotAcceptableError) as caught:
                    await pool.answer(Question("ASK {}", release, **more))
                assert "application/sparql-results+json" in caught.value.offered

    run(check())


def test_relative_iris_stand_below_the_request(release: Path) -> None:
    assert one(release, "CONSTRUCT { <s> <p> 1 } WHERE {}", "ttl") == "<http://base/s> <http://base/p> 1 .\n"


@pytest.mark.parametrize("text", ["SELECT * {", "SELECT (1 AS ?x) (2 AS ?x) {}", "ASK { ?s }"])
def test_what_is_not_sparql_is_the_client_s_error(release: Path, text: str) -> None:
    with pytest.raises(QueryError) as caught:
        one(release, text)
    assert caught.value.status == 400
    assert "ред 1, знак" in caught.value.messages["bg"]


def test_an_unknown_function_is_an_error_of_its_expression(release: Path) -> None:
    """SPARQL 1.1 §17.6: the query goes on, the row has no value."""
    text = "SELECT (<x:f>(1) AS ?y) (COALESCE(<x:g>(?s, <x:f>(2)), 'none') AS ?z) {}"
    assert one(release, text) == "y,z\r\n,none\r\n"
    assert one(release, "SELECT * { VALUES ?x { 1 2 } FILTER(<x:f>(?x) || ?x = 2) }") == "x\r\n2\r\n"


def test_booleans_are_read_in_any_case(release: Path) -> None:
    """SPARQL 1.1 §19.8, note 1; texts and names stay what they are."""
    text = "PREFIX TRUE: <x:> SELECT (TRUE AS ?a) (False AS ?b) ('TRUE' AS ?c) (TRUE:True AS ?d) {} # TRUE"
    assert one(release, text) == "a,b,c,d\r\ntrue,false,TRUE,x:True\r\n"


def test_a_release_that_is_not_there_is_the_store_s_error(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            with pytest.raises(StoreError):
                await ask(pool, release.parent / "none", "ASK {}")
            assert await ask(pool, release, "ASK {}") == "true"

    run(check())


@pytest.mark.parametrize("service", ["<http://127.0.0.1:9/>", "SILENT <http://127.0.0.1:9/>", "?x"])
def test_service_is_forbidden(release: Path, service: str) -> None:
    with pytest.raises(ForbiddenError):
        one(release, f"SELECT * {{ VALUES ?x {{ <http://x/> }} SERVICE {service} {{ ?a ?b ?c }} }}")


def test_the_engine_s_own_union_counts_twice_and_ours_once(release: Path) -> None:
    """The trap: two default graphs that share a triple. RDF merge (SPARQL 1.1 §13.1) has it once."""
    store = Store.read_only(str(release))
    graphs: list[NamedNode | DefaultGraph] = [node("g1"), node("g2")]
    row = next(iter(store.query(SUM, default_graph=graphs)))  # type: ignore[arg-type]
    assert [row[0].value, row[1].value] == ["3", "17"]
    assert one(release, SUM, dataset=Dataset(("http://x/g1", "http://x/g2"))) == "n,sum\r\n2,12\r\n"
    text = SUM.replace("{", "FROM <http://x/g1> FROM <http://x/g2> {", 1)
    assert one(release, text) == "n,sum\r\n2,12\r\n"


@pytest.mark.parametrize(
    ("clauses", "counts"),
    [
        ("", "202,203"),
        ("FROM <http://x/g2>", "2,0"),
        ("FROM <http://x/g2> FROM <http://x/g2>", "2,0"),
        ("FROM NAMED <http://x/g2>", "0,2"),
        ("FROM <http://x/g1> FROM NAMED <http://x/g2>", "1,2"),
        ("FROM <http://x/g1> FROM <http://x/g2> FROM NAMED <http://x/g1>", "2,1"),
        ("FROM <http://x/g1> FROM <http://x/none>", "1,0"),
        ("FROM <g1> FROM x:g2 FROM NAMED x:g2", "2,2"),
    ],
)
def test_from_clauses_make_the_dataset(release: Path, clauses: str, counts: str) -> None:
    text = f"""BASE <http://x/> PREFIX x: <http://x/>
        SELECT (SUM(?d) AS ?default) (SUM(?n) AS ?named) {clauses}
        {{ {{ ?s ?p ?o BIND(1 AS ?d) BIND(0 AS ?n) }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} BIND(0 AS ?d) BIND(1 AS ?n) }}
           UNION {{ BIND(0 AS ?d) BIND(0 AS ?n) }} }}"""
    assert one(release, text) == f"default,named\r\n{counts}\r\n"


def test_the_protocol_s_dataset_overrides_the_text_s(release: Path) -> None:
    """SPARQL 1.1 Protocol §2.1.4."""
    text = SUM.replace("{", "FROM <http://x/g3> FROM <http://x/g1> FROM NAMED <http://x/g3> {", 1)
    assert one(release, text, dataset=Dataset(("http://x/g2",))) == "n,sum\r\n2,12\r\n"
    named = "SELECT (COUNT(*) AS ?n) FROM NAMED <http://x/g3> { GRAPH ?g { ?s ?p ?o } }"
    assert one(release, named, dataset=Dataset(("http://x/g1",))) == "n\r\n0\r\n"
    assert one(release, named, dataset=Dataset(named=("<http://x/g2>",))) == "n\r\n2\r\n"


def test_a_merge_over_the_limit_is_refused_with_advice(release: Path) -> None:
    with pytest.raises(TooLargeError, match="name fewer graphs"):
        one(release, SUM, dataset=Dataset(("http://x/g1", "http://x/g3")), settings={"merge_max": 100})


def test_parallel_queries_get_their_own_answers(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_workers=2) as pool:

            async def of(number: int) -> bool:
                text = f"SELECT ?o {{ <{X}s{number}> ?p ?o }}"
                return await ask(pool, release, text, client=str(number % 3)) == f"o\r\n{number}\r\n"

            assert all(await asyncio.gather(*(of(number) for number in range(200))))

    run(check())


def test_a_query_as_long_as_they_may_be_arrives(release: Path) -> None:
    """It does not fit into the socket at once."""
    text = "SELECT (STRLEN(?x) AS ?n) { VALUES ?x { '" + "ж" * 500_000 + "' } }"
    assert one(release, text, settings={"small_time": 10}) == "n\r\n500000\r\n"


def test_two_releases_are_told_apart_and_one_is_replaced_under_its_name(tmp_path: Path, release: Path) -> None:
    first = build(tmp_path / "1", [Quad(node("a"), node("b"), Literal(1))])
    text = "SELECT ?o { ?s ?p ?o } ORDER BY ?o LIMIT 1"

    async def check() -> None:
        async with workers(first) as pool:
            assert await ask(pool, first, text) == "o\r\n1\r\n"
            assert await ask(pool, release, text) == "o\r\n0\r\n"
            first.rename(tmp_path / "gone")
            build(first, [Quad(node("a"), node("b"), Literal(2))])
            assert await ask(pool, first, text) == "o\r\n2\r\n"

    run(check())


def test_workers_do_not_write_to_the_release(release: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in release.iterdir()}
    one(release, SUM)
    assert {path.name: path.stat().st_mtime_ns for path in release.iterdir()} == before


def test_a_worker_inherits_no_secrets(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_TOKEN", "secret-of-the-server")

    async def check() -> None:
        async with workers(release) as pool:
            pids = [worker.process.pid for group in pool._pools for worker in group.workers]
            assert len(pids) == 2
            for pid in pids:
                environment = Path(f"/proc/{pid}/environ").read_bytes()
                assert b"PYTHONPATH=" in environment
                assert b"secret-of-the-server" not in environment

    run(check())


def test_children_are_polite_and_the_first_to_go(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            small, large = (next(iter(group.workers)).process.pid for group in pool._pools)
            assert os.getpriority(os.PRIO_PROCESS, large) == os.getpriority(os.PRIO_PROCESS, small) + 10
            for pid in (small, large):
                assert Path(f"/proc/{pid}/oom_score_adj").read_text() == "1000\n"
                limits = Path(f"/proc/{pid}/limits").read_text()
                assert "Max core file size        0 " in limits
                assert "Max address space         unlimited" not in limits

    run(check())


def test_the_settings_are_those_of_the_pool(release: Path) -> None:
    async def check() -> None:
        async with workers(release, workers=3, small_workers=2) as pool:
            assert pool.alive == 5
            assert all(math.isfinite(value) for value in pool.gauges().values())
            assert pool.gauges()["workers_alive"] == 5

    run(check())
