"""Long queries over a copy in memory: when there is one, what it answers, and when it ends."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, Quad

from kg.answering import memory
from kg.answering.copying import copy_of
from kg.answering.question import Dataset
from kg.answering.workers import Workers
from kg.errors import DeadlineError
from tests.answering.asking import ENDLESS, ask, build, node, outcome, run, running, until, workers

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"  # 40 804, beyond the little time of small queries
TIME = 0.0001


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment is enough."""
    monkeypatch.setattr(memory, "IDLE", 0.01)


async def copied(pool: Workers) -> None:
    await until(lambda: pool._copies is not None and pool._copies.pool is not None and pool._copies.pool.nurse.up)


def in_memory(pool: Workers) -> int:
    """Workers that have the copy."""
    assert pool._copies is not None
    return len(pool._copies.pool.workers) if pool._copies.pool else 0


def test_long_queries_go_to_the_copy_when_it_is_there(release: Path) -> None:
    async def check() -> None:
        async with workers(release, memory_copy=1000, small_time=TIME) as pool:
            await copied(pool)
            assert in_memory(pool) == 0
            assert await ask(pool, release, SLOW) == "n\r\n40804\r\n"
            assert in_memory(pool) == 1
            (small,) = pool._pools[0].workers
            assert pool._copies is not None
            assert pool._copies.pool is not None
            (large,) = pool._copies.pool.workers
            nice = [os.getpriority(os.PRIO_PROCESS, worker.process.pid) for worker in (small, large)]
            assert nice[1] - nice[0] == 10
            assert pool.gauges()["memory_copy"] == 1

    run(check())


def test_what_reads_other_graphs_goes_to_the_disk(release: Path) -> None:
    graphs = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?a ?b ?c } . ?d ?e ?f }"

    async def check() -> None:
        async with workers(release, memory_copy=1000, small_time=TIME) as pool:
            await copied(pool)
            assert await ask(pool, release, graphs) == f"n\r\n{203 * 202}\r\n"
            assert await ask(pool, release, SLOW, dataset=Dataset(("http://x/g2",))) == "n\r\n4\r\n"
            named = SLOW.replace("{", "FROM <http://x/g1> FROM <http://x/g2> {", 1)
            assert await ask(pool, release, named) == "n\r\n4\r\n"
            assert await ask(pool, release, SLOW) == "n\r\n40804\r\n"

    run(check())


def test_pages_of_one_result_come_from_one_place(release: Path) -> None:
    """The disk and the copy find rows in different orders, and the first pages are quick."""
    rows = "SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f }"

    async def check() -> None:
        async with workers(release, memory_copy=1000, small_time=20) as pool:
            whole = (await ask(pool, release, rows)).splitlines()[1:]
        async with workers(release, memory_copy=1000, small_time=TIME) as pool:
            await copied(pool)
            pages = []
            for start in range(0, len(whole), 10_000):
                pages += (await ask(pool, release, f"{rows} LIMIT 10000 OFFSET {start}")).splitlines()[1:]
            assert pages == whole
            assert sorted((await ask(pool, release, rows)).splitlines()[1:]) == sorted(whole)

    run(check())


def test_another_release_is_not_answered_from_the_copy(release: Path, tmp_path: Path) -> None:
    other = build(tmp_path / "2", [Quad(node("a"), node("b"), Literal(1), DefaultGraph())])

    async def check() -> None:
        async with workers(release, memory_copy=1000, small_time=TIME) as pool:
            await copied(pool)
            assert await ask(pool, other, SLOW) == "n\r\n1\r\n"
            assert await ask(pool, release, SLOW) == "n\r\n40804\r\n"
            pool.settle(other)
            await copied(pool)
            assert await ask(pool, release, SLOW) == "n\r\n40804\r\n"
            assert in_memory(pool) == 0
            assert await ask(pool, other, SLOW) == "n\r\n1\r\n"

    run(check())


def test_a_directory_of_the_same_name_is_another_release(release: Path, tmp_path: Path) -> None:
    first = build(tmp_path / "1", [Quad(node("a"), node("b"), Literal(1), DefaultGraph())])

    async def check() -> None:
        async with workers(first, memory_copy=1000, small_time=TIME) as pool:
            await copied(pool)
            assert await ask(pool, first, SLOW) == "n\r\n1\r\n"
            first.rename(tmp_path / "erased")
            build(first, [Quad(node("a"), node(str(n)), Literal(n), DefaultGraph()) for n in range(3)])
            assert await ask(pool, first, SLOW) == "n\r\n9\r\n"

    run(check())


def test_a_copy_ends_with_its_release_when_nothing_runs_there(release: Path, tmp_path: Path) -> None:
    other = build(tmp_path / "2", [Quad(node("a"), node("b"), Literal(1), DefaultGraph())])

    async def check() -> None:
        async with workers(release, memory_copy=1000) as pool:
            await copied(pool)
            asked = asyncio.ensure_future(outcome(ask(pool, release, ENDLESS, timeout=1.5)))
            one = await running(pool, "large")
            nursery = int(Path(f"/proc/{one.pid}/stat").read_text().rpartition(")")[2].split()[1])
            pool.settle(other)
            assert Path(f"/proc/{nursery}").exists()
            assert "longer than 1.5 s" in str(await asked)
            await until(lambda: not Path(f"/proc/{nursery}").exists())
            await copied(pool)

    run(check())


def test_no_copy_is_made_while_long_queries_run(release: Path) -> None:
    async def check() -> None:
        async with workers(None, memory_copy=1000) as pool:
            asked = asyncio.ensure_future(outcome(ask(pool, release, ENDLESS, timeout=0.5)))
            await running(pool, "large")
            pool.settle(release)
            await asyncio.sleep(0.1)  # ten times as long as an idle service waits
            assert pool.gauges()["memory_copy"] == 0
            assert isinstance(await asked, DeadlineError)
            await copied(pool)

    run(check())


def test_a_copy_that_is_killed_is_done_without(release: Path) -> None:
    async def check() -> None:
        async with workers(release, memory_copy=1000) as pool:
            await copied(pool)
            asked = asyncio.ensure_future(outcome(ask(pool, release, ENDLESS, timeout=1)))
            await until(lambda: any(one.shape for one in pool.running()))
            (one,) = pool.running()
            os.kill(int(Path(f"/proc/{one.pid}/stat").read_text().rpartition(")")[2].split()[1]), 9)
            await until(lambda: pool.gauges()["memory_copy"] == 0)
            assert (await running(pool, "large")).pid != one.pid
            assert "longer than 1 s" in str(await asked)
            assert isinstance(await outcome(ask(pool, release, ENDLESS, timeout=0.3)), DeadlineError)
            assert await ask(pool, release, "ASK {}") == "true"

    run(check())


@pytest.mark.parametrize("limit", [0, 100])
def test_a_release_over_the_limit_is_not_copied(release: Path, limit: int) -> None:
    async def check() -> None:
        async with workers(release, memory_copy=limit, small_time=TIME) as pool:
            copies = pool._copies
            assert copies is not None
            await until(lambda: not copies.pending)
            assert await ask(pool, release, SLOW) == "n\r\n40804\r\n"
            assert pool.gauges()["memory_copy"] == 0

    run(check())


def test_a_copy_holds_the_default_graph(release: Path, tmp_path: Path) -> None:
    copy = copy_of(str(release), 1000)
    assert copy is not None
    assert len(copy) == 202
    assert list(copy.named_graphs()) == []
    assert copy_of(str(release), 201) is None
    assert copy_of(str(tmp_path / "none"), 1000) is None
