"""Queries in child processes: killed, cancelled, crowded, and none the worse for it."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.errors import (
    BusyError,
    CancelledError,
    DeadlineError,
    ForbiddenError,
    KgError,
    QueryError,
    StoreError,
    TooLargeError,
)
from kg.formats import CSV, JSON, TTL, Format
from kg.store.lexer import outline
from kg.store.question import Dataset, QueryRequest, Running
from kg.store.refusals import syntax
from kg.store.workers import Workers

X = "http://x/"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SUM = "SELECT (COUNT(*) AS ?n) (SUM(?o) AS ?sum) { ?s ?p ?o }"


def node(name: str) -> NamedNode:
    return NamedNode(X + name)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """g1 says 5 and 0 to 199 of others, g2 says 5 again; the default graph is their merge."""
    path = tmp_path_factory.mktemp("releases") / "1"
    store = Store(str(path))
    quads = []
    for graph in ("g1", "g2"):
        quads.append(Quad(node("a"), node("amount"), Literal(5), node(graph)))
    quads.append(Quad(node("a"), node("amount"), Literal(5), DefaultGraph()))
    quads.append(Quad(node("b"), node("amount"), Literal(7), node("g2")))
    quads.append(Quad(node("b"), node("amount"), Literal(7), DefaultGraph()))
    for number in range(200):
        quads.append(Quad(node(f"s{number}"), node("is"), Literal(number), node("g3")))
        quads.append(Quad(node(f"s{number}"), node("is"), Literal(number), DefaultGraph()))
    store.extend(quads)
    store.flush()
    del store
    gc.collect()
    return path


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(1, timeout=20, spool_max=2**20, merge_max=250) as workers:
        yield workers


def ask(
    workers: Workers,
    release: Path,
    text: str,
    format: Format = CSV,
    *,
    dataset: Dataset | None = None,
    timeout: float | None = None,
) -> str:
    request = QueryRequest(text, outline(text), release, format, "http://base/", dataset)
    return workers.answer(request, timeout=timeout).read().decode()


def test_an_answer_is_complete_and_says_its_size(workers: Workers, release: Path) -> None:
    text = "SELECT ?o { ?s <http://x/is> ?o } ORDER BY ?o"
    with workers.answer(QueryRequest(text, outline(text), release, JSON)) as answer:
        body = answer.file.read()
        assert (answer.form, answer.format, answer.size) == ("SELECT", JSON, len(body))
        assert body.count(b'"value"') == 200


def test_relative_iris_stand_below_the_request(workers: Workers, release: Path) -> None:
    assert ask(workers, release, "CONSTRUCT { <s> <p> 1 } WHERE {}", TTL) == "<http://base/s> <http://base/p> 1 .\n"


@pytest.mark.parametrize("text", ["SELECT * {", "SELECT (1 AS ?x) (2 AS ?x) {}", "ASK { ?s }"])
def test_what_is_not_sparql_is_the_client_s_error(workers: Workers, release: Path, text: str) -> None:
    with pytest.raises(QueryError) as caught:
        ask(workers, release, text)
    assert caught.value.status == 400
    assert "ред 1, знак" in caught.value.messages["bg"]


def test_the_parser_s_complaint_is_told_without_character_tables() -> None:
    en, bg = syntax("error at 1:11: expected one of \"$\", \"'\", ['A' ..= 'Z' | '\\u{00C0}'..='\\u{00D6}'], SERVICE")
    assert en == "the query is not SPARQL: line 1, column 11: expected $ ' SERVICE"
    assert bg == "Заявката не е правилна: ред 1, знак 11: очаква се $ ' SERVICE"


def test_an_unknown_function_is_told(workers: Workers, release: Path) -> None:
    with pytest.raises(QueryError):
        ask(workers, release, "SELECT (<http://x/f>(1) AS ?y) {}")


def test_a_release_that_is_not_there_is_the_store_s_error(workers: Workers, release: Path) -> None:
    with pytest.raises(StoreError):
        ask(workers, release.parent / "none", "ASK {}")
    assert ask(workers, release, "ASK {}") == "true"


def test_service_is_forbidden(workers: Workers, release: Path) -> None:
    for service in ("<http://127.0.0.1:9/>", "SILENT <http://127.0.0.1:9/>", "?x"):
        with pytest.raises(ForbiddenError):
            ask(
                workers,
                release,
                f"SELECT * {{ VALUES ?x {{ <http://x/> }} SERVICE {service} {{ ?a ?b ?c }} }}",
            )


def test_the_engine_s_own_union_counts_twice_and_ours_once(workers: Workers, release: Path) -> None:
    """The trap: two default graphs that share a triple. RDF merge (SPARQL 1.1 §13.1) has it once."""
    store = Store.read_only(str(release))
    graphs: list[NamedNode | DefaultGraph] = [node("g1"), node("g2")]
    row = next(iter(store.query(SUM, default_graph=graphs)))  # type: ignore[arg-type]
    assert [row[0].value, row[1].value] == ["3", "17"]
    assert ask(workers, release, SUM, dataset=Dataset(("<http://x/g1>", "<http://x/g2>"))) == "n,sum\r\n2,12\r\n"
    text = SUM.replace("{", "FROM <http://x/g1> FROM <http://x/g2> {", 1)
    assert ask(workers, release, text) == "n,sum\r\n2,12\r\n"


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
def test_from_clauses_make_the_dataset(workers: Workers, release: Path, clauses: str, counts: str) -> None:
    text = f"""BASE <http://x/> PREFIX x: <http://x/>
        SELECT (SUM(?d) AS ?default) (SUM(?n) AS ?named) {clauses}
        {{ {{ ?s ?p ?o BIND(1 AS ?d) BIND(0 AS ?n) }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} BIND(0 AS ?d) BIND(1 AS ?n) }}
           UNION {{ BIND(0 AS ?d) BIND(0 AS ?n) }} }}"""
    assert ask(workers, release, text) == f"default,named\r\n{counts}\r\n"


def test_the_protocol_s_dataset_overrides_the_text_s(workers: Workers, release: Path) -> None:
    """SPARQL 1.1 Protocol §2.1.4."""
    text = SUM.replace("{", "FROM <http://x/g3> FROM <http://x/g1> FROM NAMED <http://x/g3> {", 1)
    assert ask(workers, release, text, dataset=Dataset(("<http://x/g2>",))) == "n,sum\r\n2,12\r\n"
    named = "SELECT (COUNT(*) AS ?n) FROM NAMED <http://x/g3> { GRAPH ?g { ?s ?p ?o } }"
    assert ask(workers, release, named, dataset=Dataset(("<http://x/g1>",))) == "n\r\n0\r\n"
    assert ask(workers, release, named, dataset=Dataset(named=("<http://x/g2>",))) == "n\r\n2\r\n"


def test_a_merge_over_the_limit_is_refused_with_advice(release: Path) -> None:
    with Workers(1, merge_max=100) as workers, pytest.raises(TooLargeError, match="name fewer graphs"):
        ask(workers, release, SUM, dataset=Dataset(("<http://x/g1>", "<http://x/g3>")))


def test_an_answer_over_the_cap_is_refused_and_says_how_to_page(workers: Workers, release: Path) -> None:
    with pytest.raises(TooLargeError, match="LIMIT and OFFSET"):
        ask(workers, release, "SELECT * { ?a ?b ?c . ?d ?e ?f }")
    assert ask(workers, release, "ASK {}") == "true"


def test_five_thousand_parentheses_end_no_process(workers: Workers, release: Path) -> None:
    ask(workers, release, "ASK {}")
    (before,) = pids(workers)
    for text in (
        "SELECT (" + "(" * 5000 + "1" + ")" * 5000 + " AS ?x) {}",
        "SELECT * " + "{" * 5000 + "}" * 5000,
    ):
        with pytest.raises(QueryError):
            ask(workers, release, text)
    assert ask(workers, release, "ASK {}") == "true"
    assert pids(workers) == [before]


def test_the_worker_s_stack_holds_what_the_lexer_lets_through(workers: Workers, release: Path) -> None:
    ask(workers, release, "ASK {}")
    before = pids(workers)
    deep = 250
    for text in (
        "SELECT (" + "(" * deep + "1" + ")" * deep + " AS ?x) {}",
        "SELECT * " + "{" * deep + "}" * deep,
        "SELECT (" + "STR(" * deep + "1" + ")" * deep + " AS ?x) {}",
        "SELECT * {" + "FILTER NOT EXISTS {" * deep + "}" * deep + "}",
        "SELECT (false" + "||false" * 4000 + " AS ?x) {}",
        "SELECT * {{}" + " UNION {}" * 4000 + "}",
    ):
        ask(workers, release, text)
    assert pids(workers) == before


def test_an_endless_query_is_cut_at_its_deadline_and_the_next_one_answers(release: Path) -> None:
    with Workers(1, timeout=20) as workers:
        workers.warm(release)
        (before,) = pids(workers)
        for deadline in (0.4, 0.2):
            start = time.monotonic()
            with pytest.raises(DeadlineError):
                ask(workers, release, ENDLESS, timeout=deadline)
            assert time.monotonic() - start < deadline + 1
        start = time.monotonic()
        assert ask(workers, release, "ASK {}") == "true"
        assert time.monotonic() - start < 1
        assert pids(workers) != [before]
        assert not Path(f"/proc/{before}").exists()


def test_a_client_may_lower_the_deadline_and_not_raise_it(release: Path) -> None:
    with Workers(1, timeout=0.3) as workers:
        workers.warm(release)
        start = time.monotonic()
        with pytest.raises(DeadlineError, match=r"longer than 0\.3 s"):
            ask(workers, release, ENDLESS, timeout=60)
        assert time.monotonic() - start < 5


def test_a_killed_worker_fails_its_query_only(release: Path) -> None:
    with Workers(2, timeout=20) as workers, ThreadPoolExecutor(1) as pool:
        workers.warm(release)
        doomed = pool.submit(ask, workers, release, ENDLESS)
        running = wait_running(workers)
        os.kill(running.pid, signal.SIGKILL)
        with pytest.raises(DeadlineError, match="ended before it answered"):
            doomed.result(10)
        assert ask(workers, release, "ASK {}") == "true"


def test_a_worker_killed_while_idle_is_replaced_unnoticed(release: Path) -> None:
    with Workers(1) as workers:
        workers.warm(release)
        (pid,) = pids(workers)
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while workers.alive and time.monotonic() < deadline:
            time.sleep(0.01)
        assert ask(workers, release, "ASK {}") == "true"


def test_a_running_query_can_be_cancelled(release: Path) -> None:
    with Workers(1, timeout=20) as workers, ThreadPoolExecutor(1) as pool:
        workers.warm(release)
        started: list[Running] = []
        request = QueryRequest(ENDLESS, outline(ENDLESS), release, JSON)
        future = pool.submit(workers.answer, request, on_start=started.append)
        running = wait_running(workers)
        assert running.text == ENDLESS
        assert started == [running]
        assert workers.cancel(running.id)
        with pytest.raises(CancelledError):
            future.result(10)
        assert not workers.cancel(running.id)
        assert workers.running == ()
        assert ask(workers, release, "ASK {}") == "true"


def test_when_all_are_busy_the_wait_is_bounded(release: Path) -> None:
    with Workers(1, timeout=5, queue_wait=0.2) as workers, ThreadPoolExecutor(1) as pool:
        workers.warm(release)
        busy = pool.submit(ask, workers, release, ENDLESS, timeout=1.5)
        wait_running(workers)
        with pytest.raises(BusyError):
            ask(workers, release, "ASK {}")
        assert isinstance(busy.exception(10), DeadlineError)


def test_a_full_queue_refuses_at_once(release: Path) -> None:
    with Workers(1, timeout=5, queue_max=0, queue_wait=30) as workers, ThreadPoolExecutor(1) as pool:
        workers.warm(release)
        busy = pool.submit(ask, workers, release, ENDLESS, timeout=1)
        wait_running(workers)
        start = time.monotonic()
        with pytest.raises(BusyError):
            ask(workers, release, "ASK {}")
        assert time.monotonic() - start < 0.5
        assert isinstance(busy.exception(10), DeadlineError)


def test_a_waiting_query_gets_the_worker_that_is_freed(release: Path) -> None:
    with Workers(1, timeout=5, queue_wait=10) as workers, ThreadPoolExecutor(1) as pool:
        workers.warm(release)
        busy = pool.submit(ask, workers, release, ENDLESS, timeout=0.5)
        wait_running(workers)
        assert ask(workers, release, "ASK {}") == "true"
        assert isinstance(busy.exception(10), DeadlineError)


def test_parallel_queries_get_their_own_answers(release: Path) -> None:
    with Workers(2, queue_wait=30, queue_max=200) as workers, ThreadPoolExecutor(8) as pool:

        def one(number: int) -> bool:
            return ask(workers, release, f"SELECT ?o {{ <http://x/s{number}> ?p ?o }}") == f"o\r\n{number}\r\n"

        assert all(pool.map(one, range(200)))


def test_memory_has_a_limit_of_its_own(release: Path) -> None:
    doubling = "SELECT (STRLEN(?z) AS ?n) { BIND('" + "x" * 1000 + "' AS ?v0) "
    doubling += " ".join(f"BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1})" for n in range(30)) + " BIND(?v30 AS ?z) }"
    with Workers(1, memory=256 * 2**20, timeout=20) as workers:
        with pytest.raises(DeadlineError) as caught:
            ask(workers, release, doubling)
        assert caught.value.status == 503
        assert ask(workers, release, "ASK {}") == "true"


def test_closing_leaves_no_process_and_no_descriptor(release: Path) -> None:
    before = descriptors()
    workers = Workers(2, timeout=5)
    workers.warm(release)
    ask(workers, release, "ASK {}")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(ask, workers, release, ENDLESS)
        wait_running(workers)
        children = pids(workers)
        workers.close()
        assert isinstance(running.exception(10), KgError)
    workers.close()
    gc.collect()
    assert len(children) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)
    assert descriptors() == before
    with pytest.raises(BusyError):
        ask(workers, release, "ASK {}")


def test_a_worker_ends_when_its_parent_hangs_up(release: Path) -> None:
    workers = Workers(1)
    workers.warm(release)
    (worker,) = workers._all
    worker.connection.close()
    assert worker.process.wait(10) == 0
    workers.close()


def test_a_worker_inherits_no_secrets(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_TOKEN", "secret-of-the-test")
    with Workers(1) as workers:
        workers.warm(release)
        (pid,) = pids(workers)
        assert b"secret-of-the-test" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_workers_do_not_write_to_the_release(workers: Workers, release: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in release.iterdir()}
    ask(workers, release, SUM)
    assert {path.name: path.stat().st_mtime_ns for path in release.iterdir()} == before


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def pids(workers: Workers) -> list[int]:
    return sorted(worker.process.pid for worker in workers._all)


def wait_running(workers: Workers) -> Running:
    limit = time.monotonic() + 10
    while not workers.running and time.monotonic() < limit:
        threading.Event().wait(0.005)
    return workers.running[0]
