"""Answers of every size and kind, on their way out of a child."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store, parse

from kg.answering import truncation
from kg.answering.question import Answer, Question
from kg.errors import (
    BusyError,
    CancelledError,
    DeadlineError,
    KgError,
    NotAcceptableError,
    ParameterError,
    StoreError,
    TooLargeError,
)
from kg.formats import by_name
from tests.answering.asking import ENDLESS, ask, outcome, run, until, workers

ALL = "SELECT ?a ?b ?c ?d { ?a <http://x/is> ?b . ?c <http://x/is> ?d }"  # 40 000 rows, some MB
GRAPH = """CONSTRUCT { ?a ?d ?c }
    { ?a <http://x/is> ?b . ?c <http://x/is> ?e BIND(IRI(CONCAT('http://x/p', STR(?b))) AS ?d) }"""


async def read(answer: Answer) -> bytes:
    try:
        return await answer.read()
    finally:
        answer.close()


def test_a_large_answer_comes_in_a_file_and_is_whole(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_time=20) as pool:
            answer = await pool.answer(Question(ALL, release))
            assert answer.body is None
            chunks = [chunk async for chunk in answer.chunks(10_000)]
            assert all(len(chunk) <= 10_000 for chunk in chunks)
            assert answer.size == sum(map(len, chunks)) > 2**20
            assert len(json.loads(b"".join(chunks))["results"]["bindings"]) == 40_000
            assert pool.gauges()["spool_bytes"] == answer.size
            answer.close()
            assert pool.gauges()["spool_bytes"] == 0
            with pytest.raises(CancelledError):
                await answer.read()

    run(check())


def test_an_answer_begins_before_it_is_whole_and_frees_its_worker_before_it_is_read(release: Path) -> None:
    async def check() -> None:
        async with workers(release, spool_first=2**16, small_time=0.01) as pool:
            answer = await pool.answer(Question(ALL, release, formats=("nt", "tsv")))
            assert (answer.body, answer.size) == (None, None)
            assert [one.lane for one in pool.running()] == ["large"]
            await until(lambda: answer.size is not None)
            assert pool.running() == ()
            assert answer.seconds > 0
            assert len((await read(answer)).splitlines()) == 40_001

    run(check())


def test_an_answer_that_fails_midway_raises_and_never_ends_well(release: Path) -> None:
    endless = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"

    async def check() -> None:
        async with workers(release, spool_first=2**16, small_time=0.01) as pool:

            async def begun(timeout: float = 20) -> Answer:
                answer = await pool.answer(Question(endless, release), timeout=timeout)
                assert answer.size is None
                return answer

            answer = await begun(timeout=0.5)
            with pytest.raises(DeadlineError):
                await answer.read()
            answer.close()

            answer = await begun()
            reading = asyncio.ensure_future(outcome(answer.read()))
            await until(lambda: pool.running()[0].pid)
            os.kill(pool.running()[0].pid, 9)
            assert isinstance(await reading, DeadlineError)
            answer.close()

            answer = await begun()
            assert pool.cancel(pool.running()[0].id)
            with pytest.raises(CancelledError):
                await answer.read()
            answer.close()
            assert await ask(pool, release, "ASK {}") == "true"
            assert (pool.running(), pool.gauges()["spool_bytes"]) == ((), 0)

    run(check())


def test_closing_an_answer_ends_its_evaluation(release: Path) -> None:
    async def check() -> None:
        async with workers(release, spool_first=2**16, small_time=0.01) as pool:
            answer = await pool.answer(Question("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", release))
            (one,) = pool.running()
            answer.close()
            assert pool.running() == ()
            await until(lambda: not Path(f"/proc/{one.pid}").exists())

    run(check())


def test_an_answer_over_the_cap_is_refused_and_says_how_to_page(release: Path) -> None:
    async def check() -> None:
        async with workers(release, spool_max=2**18) as pool:
            with pytest.raises(TooLargeError, match="LIMIT and OFFSET"):
                await ask(pool, release, ALL)
            assert await ask(pool, release, "ASK {}") == "true"

    run(check())


def test_a_begun_answer_over_the_cap_breaks_off(release: Path) -> None:
    async def check() -> None:
        async with workers(release, spool_max=2**20, spool_first=2**16, small_time=0.001) as pool:
            answer = await pool.answer(Question(ALL, release))
            with pytest.raises(TooLargeError):
                await answer.read()
            answer.close()

    run(check())


def test_all_answers_together_have_a_cap(release: Path) -> None:
    async def check() -> None:
        async with workers(release, spool_total=16 * 2**20, small_time=20) as pool:
            held = await pool.answer(Question(ALL, release))
            assert held.size is not None
            assert held.size > 8 * 2**20
            with pytest.raises(BusyError, match="no room"):
                await pool.answer(Question(ALL, release))
            held.close()
            (await pool.answer(Question(ALL, release))).close()
            assert pool.gauges()["spool_bytes"] == 0

    run(check())


def test_of_all_clients_the_one_who_holds_most_makes_room(release: Path) -> None:
    async def check() -> None:
        async with workers(release, spool_total=16 * 2**20, small_time=20) as pool:
            held = await pool.answer(Question(ALL, release), client="2001:db8::1")
            with pytest.raises(BusyError, match="no room"):
                await pool.answer(Question(ALL, release), client="2001:db8::2")
            assert held.spool is not None and not held.spool.closed
            other = await pool.answer(Question(ALL, release), client="2001:db8:0:1::1")
            with pytest.raises(BusyError, match="no room"):
                await held.read()
            assert len(await other.read()) == other.size
            assert pool.gauges()["spool_bytes"] == other.size
            other.close()
            held.close()
            assert pool.gauges()["spool_bytes"] == 0
            assert not pool._desk._spools

    run(check())


def test_a_spool_leaves_nothing_in_its_folder_and_a_folder_that_is_not_there_is_told(
    release: Path, tmp_path: Path
) -> None:
    async def check(folder: Path) -> None:
        async with workers(release, spool_dir=folder, small_time=20) as pool:
            answer = await pool.answer(Question(ALL, release))
            assert list(folder.iterdir()) == []
            answer.close()

    run(check(tmp_path))
    with pytest.raises(StoreError, match="no room for the answer"):
        run(check(tmp_path / "none"))


def json_rows(body: bytes) -> int:
    return len(json.loads(body)["results"]["bindings"])


def xml_rows(body: bytes) -> int:
    return sum(1 for one in ElementTree.fromstring(body).iter() if one.tag.endswith("}result"))


def csv_rows(body: bytes) -> int:
    rows = list(csv.reader(io.StringIO(body.decode(), newline="")))
    assert len({len(row) for row in rows}) == 1
    return len(rows) - 1


def tsv_rows(body: bytes) -> int:
    assert body.endswith(b"\n")
    return body.count(b"\n") - 1


def lines(body: bytes) -> int:
    return len(list(parse(body, RdfFormat.N_QUADS)))


@pytest.mark.parametrize(
    ("text", "format", "rows"),
    [
        (ALL, "json", json_rows),
        (ALL, "xml", xml_rows),
        (ALL, "csv", csv_rows),
        (ALL, "tsv", tsv_rows),
        (GRAPH, "nt", lines),
        (GRAPH, "nq", lines),
    ],
)
def test_a_partial_answer_is_cut_behind_a_whole_row(
    release: Path, text: str, format: str, rows: Callable[[bytes], int]
) -> None:
    cap = 2**18 + 13

    async def check() -> None:
        async with workers(release, spool_max=cap, spool_first=2**16, small_time=20) as pool:
            answer = await pool.answer(Question(text, release, formats=(format,), partial=True))
            assert answer.truncated
            body = await read(answer)
            assert cap - 1000 < len(body) < cap + 100
            assert 500 < rows(body) < 40_000
            short = await pool.answer(Question(text + " LIMIT 3", release, formats=(format,), partial=True))
            assert not short.truncated
            assert rows(await read(short)) == 3

    run(check())


@pytest.mark.parametrize("format", ["ttl", "rdf", "jsonld", "trig"])
def test_what_cannot_be_cut_is_refused(release: Path, format: str) -> None:
    async def check() -> None:
        async with workers(release, spool_max=2**18, small_time=20) as pool:
            with pytest.raises(TooLargeError):
                await pool.answer(Question(GRAPH, release, formats=(format,), partial=True))

    run(check())


NASTY = ['a"},{"b":{"type":"x', "},{", '}},{"', "</result>", 'a\r\n"b', "\n\n\n", '"', "\\", '\\"},{"x":', "é" * 50]


@pytest.mark.parametrize(
    ("format", "rows"), [("json", json_rows), ("xml", xml_rows), ("csv", csv_rows), ("tsv", tsv_rows)]
)
def test_texts_that_look_like_the_end_of_a_row_do_not_mislead(
    tmp_path: Path, format: str, rows: Callable[[bytes], int]
) -> None:
    chosen = by_name(format)
    assert chosen is not None
    values = " ".join(f"({Literal(text * (1 + number % 3))} {number})" for number, text in enumerate(NASTY * 2))
    solutions = Store().query(f"SELECT * {{ VALUES (?o ?n) {{ {values} }} }}")
    assert isinstance(solutions, QuerySolutions)
    whole = solutions.serialize(format=chosen.results_engine)
    assert whole is not None
    path = tmp_path / "spool"
    path.write_bytes(whole)
    places: dict[int, int] = {}  # where it is cut, by rows that are left
    with path.open("rb") as file:
        for size in range(1, len(whole)):
            found = truncation.place(file.fileno(), size, chosen)
            if found is None:
                assert not places
            elif found[0] not in places.values():
                kept, closing = found
                assert kept <= size
                places[rows(whole[:kept] + closing)] = kept
    assert set(places) >= set(range(1, len(NASTY) * 2))
    assert sorted(places.values()) == [places[count] for count in sorted(places)]


def test_xml_keeps_carriage_returns(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            results = await ask(pool, release, r"SELECT ('a\rb\r\nc' AS ?x) {}", "xml")
            assert [one.text for one in ElementTree.fromstring(results).iter() if one.tag.endswith("literal")] == [
                "a\rb\r\nc"
            ]
            graph = await ask(pool, release, r"CONSTRUCT { <x:a> <x:b> 'a\rb' } {}", "rdf")
            assert [str(quad.object) for quad in parse(graph, RdfFormat.RDF_XML)] == [r'"a\rb"']

    run(check())


@pytest.mark.parametrize(
    ("text", "format", "instead"),
    [
        (r"SELECT ('a\u0001b' AS ?x) {}", "xml", "application/sparql-results+json"),
        (r"SELECT ('a\uFFFE' AS ?x) {}", "xml", "application/sparql-results+json"),
        (r"SELECT ('a\u000B' AS ?x) { ?s ?p ?o . ?a ?b ?c }", "xml", "application/sparql-results+json"),
        (r"CONSTRUCT { <x:a> <x:b> 'a\u0000' } {}", "rdf", "text/turtle"),
        ("CONSTRUCT { <x:a> <http://x/1> 1 } {}", "rdf", "text/turtle"),
        ("CONSTRUCT { <x:a> <http://x/a(b)> 1 } {}", "rdf", "text/turtle"),
        ("CONSTRUCT { <x:a> <http://x/b> <<( <x:a> <x:b> 1 )>> } {}", "jsonld", "text/turtle"),
    ],
)
def test_what_a_format_cannot_express_is_not_acceptable(release: Path, text: str, format: str, instead: str) -> None:
    async def check() -> None:
        async with workers(release, small_time=20) as pool:
            with pytest.raises(NotAcceptableError) as caught:
                await ask(pool, release, text, format)
            assert instead in caught.value.offered
            assert await ask(pool, release, "ASK {}") == "true"

    run(check())


@pytest.mark.parametrize("local", ["a", "п", "a-b", "a.b", "_a", "a1", "%20a", "1a", "a'b", "·a"])
def test_rdf_xml_is_well_formed_whatever_the_name(release: Path, local: str) -> None:
    text = f"CONSTRUCT {{ <x:a> <http://x/{local}> 'v' }} {{}}"

    async def check() -> None:
        async with workers(release) as pool:
            graph = await ask(pool, release, text, "rdf", prefixes={"x": "http://x/"})
            ElementTree.fromstring(graph)
            assert [quad.predicate for quad in parse(graph, RdfFormat.RDF_XML)] == [NamedNode(f"http://x/{local}")]

    run(check())


def test_excel_opens_what_it_is_given(release: Path) -> None:
    text = r"""PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT ?a ?b ?c { VALUES (?a ?b ?c) {
        (1 -2.50 1.5e3) ('=1+1' '+a' '-a') ('@x' "\tx" '-2') ('a;b' 'it "is"' UNDEF) ('ж' 'дата' '2023-06-26'^^xsd:date)
        (<x:y> true 'x'@en) ('1.5' "INF"^^xsd:double "=x"^^xsd:integer) } }"""

    async def check() -> None:
        async with workers(release) as pool:
            answer = await pool.answer(Question(text, release, formats=("csv",), excel="bg"))
            assert answer.rows == 7
            body = (await read(answer)).decode()
            assert body.startswith("\ufeffa;b;c\r\n")
            assert body.endswith("\r\n")
            assert list(csv.reader(io.StringIO(body[1:], newline=""), delimiter=";"))[1:] == [
                ["1", "-2,5", "1500"],
                ["'=1+1", "'+a", "'-a"],
                ["'@x", "'\tx", "'-2"],
                ["a;b", 'it "is"', ""],
                ["ж", "дата", "2023-06-26"],
                ["x:y", "true", "x"],
                ["1.5", "INF", "'=x"],
            ]
            assert await ask(pool, release, "ASK {}", excel="bg") == "true"
            with pytest.raises(ParameterError):
                await ask(pool, release, text, excel="fr")

    run(check())


def test_the_largest_inline_answer_and_the_smallest_in_a_file(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_time=20) as pool:
            empty = await pool.answer(Question("SELECT ('' AS ?x) {}", release))
            frame = empty.size or 0
            for size, inline in ((2**16 - frame, True), (2**16 - frame + 1, False)):
                text = "SELECT ('" + "x" * size + "' AS ?x) {}"
                answer = await pool.answer(Question(text, release))
                assert answer.size == size + frame
                assert (answer.body is not None) is inline
                assert len(json.loads(await read(answer))["results"]["bindings"][0]["x"]["value"]) == size

    run(check())


def test_an_endless_query_without_rows_never_begins(release: Path) -> None:
    async def check() -> KgError | BaseException | None:
        async with workers(release, small_time=0.01) as pool:
            return await outcome(pool.answer(Question(ENDLESS, release), timeout=0.3))

    assert isinstance(run(check()), DeadlineError)
