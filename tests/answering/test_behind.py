"""Several small queries in one process: none waits long for another, and none is blamed for another."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import time
from pathlib import Path

import pytest

from kg.answering.frames import Header
from kg.answering.pool import PATIENCE, Pool
from kg.answering.worker import Worker
from kg.answering.workers import Workers
from kg.errors import BusyError, CancelledError, DeadlineError, KgError, StoreError
from tests.answering.asking import ENDLESS, ask, outcome, run, until, workers

SMALL = "SELECT ?o {{ <http://x/s{}> <http://x/is> ?o }}"


def asked(pool: Workers, release: Path, *texts: str) -> list[asyncio.Future[str]]:
    return [asyncio.ensure_future(ask(pool, release, text)) for text in texts]


def small(numbers: range) -> list[str]:
    return [SMALL.format(number) for number in numbers]


async def answers(futures: list[asyncio.Future[str]]) -> list[str]:
    return [(await future).split()[1] for future in futures]


def test_many_at_once_are_answered_each_with_its_own(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_workers=2) as pool:
            for _ in range(5):
                assert await answers(asked(pool, release, *small(range(100)))) == list(map(str, range(100)))
            assert pool.gauges()["kills"] == 0

    run(check())


def test_one_process_has_several_and_another_is_woken_for_more(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.answering.pool.PATIENCE", 5)

    async def check() -> None:
        async with workers(release, small_workers=2) as pool:
            await answers(asked(pool, release, *small(range(20))))
            futures = asked(pool, release, *small(range(10)))
            await asyncio.sleep(0)
            counts = sorted(len(worker.jobs) for worker in pool._pools[0].workers)
            assert counts == [2, 8]
            await answers(futures)
            assert pool.gauges()["small_running"] == 0

    run(check())


@pytest.mark.parametrize("number", [1, 2])
def test_those_behind_one_that_takes_long_go_elsewhere(release: Path, number: int) -> None:
    async def check() -> None:
        async with workers(release, small_workers=number, small_time=0.5) as pool:
            (endless,) = asked(pool, release, ENDLESS)
            await asyncio.sleep(0)
            begun = time.monotonic()
            assert await answers(asked(pool, release, *small(range(3)))) == ["0", "1", "2"]
            if number > 1:
                assert time.monotonic() - begun < 0.4
            await until(lambda: pool._desk.large.busy)
            assert await answers(asked(pool, release, *small(range(3)))) == ["0", "1", "2"]
            assert not endless.done()
            endless.cancel()

    run(check())


def test_what_has_been_asked_elsewhere_since_is_answered_once(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_workers=2, small_time=2) as pool:
            first, second = pool._pools[0].workers
            await answers(asked(pool, release, *small(range(9))))
            for worker in (first, second):
                os.kill(worker.process.pid, signal.SIGSTOP)
            futures = asked(pool, release, *small(range(4)))
            await until(lambda: first.jobs and second.jobs)  # the head of one, and those that were behind it
            for worker in (first, second):
                os.kill(worker.process.pid, signal.SIGCONT)
            assert await answers(futures) == ["0", "1", "2", "3"]
            await until(lambda: not first.jobs and not second.jobs)
            assert {first, second} == pool._pools[0].workers
            assert await answers(asked(pool, release, *small(range(20)))) == list(map(str, range(20)))

    run(check())


def test_what_is_asked_elsewhere_is_not_computed_twice(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[int, str]] = []
    told = Pool.told

    def note(pool: Pool, worker: Worker, header: Header, body: bytes) -> None:
        said.append((worker.process.pid, header["t"]))
        told(pool, worker, header, body)

    monkeypatch.setattr(Pool, "told", note)

    async def check() -> None:
        async with workers(release, small_workers=2, small_time=5) as pool:
            await answers(asked(pool, release, *small(range(9))))
            futures = asked(pool, release, *small(range(4)))
            await asyncio.sleep(0)
            (busy,) = [one for one in pool._pools[0].workers if one.jobs]
            os.kill(busy.process.pid, signal.SIGSTOP)
            said.clear()
            await answers(futures[1:])
            os.kill(busy.process.pid, signal.SIGCONT)
            assert await answers(futures) == ["0", "1", "2", "3"]
            await until(lambda: not busy.jobs)
            assert [what for pid, what in said if pid == busy.process.pid] == ["done"] + ["forgotten"] * 3
            assert pool.gauges()["kills"] == 0

    run(check())


def test_nobody_waits_behind_one_that_is_not_ready(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_workers=2) as pool:
            await answers(asked(pool, release, *small(range(9))))
            one, other = pool._pools[0].workers
            os.kill(one.process.pid, signal.SIGKILL)
            await until(lambda: one not in pool._pools[0].workers)
            (fresh,) = pool._pools[0].workers - {other}
            assert not fresh.ready
            futures = asked(pool, release, *small(range(4)))
            await asyncio.sleep(0)
            assert (len(other.jobs), len(fresh.jobs)) == (4, 0)
            assert await answers(futures) == ["0", "1", "2", "3"]

    run(check())


def test_what_a_process_takes_to_start_is_nobodys_time(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_time=0.05) as pool:
            (worker,) = pool._pools[0].workers
            os.kill(worker.process.pid, signal.SIGKILL)
            await until(lambda: worker not in pool._pools[0].workers)
            (fresh,) = pool._pools[0].workers
            waiting = asked(pool, release, *small(range(2)))
            await until(lambda: fresh.process.pid)
            os.kill(fresh.process.pid, signal.SIGSTOP)
            await asyncio.sleep(0.2)
            os.kill(fresh.process.pid, signal.SIGCONT)
            assert await answers(waiting) == ["0", "1"]
            assert pool._pools[0].workers == {fresh}
            assert pool.gauges()["kills"] == 0

    run(check())


def test_one_at_work_for_nobody_is_left_alone_when_others_have_the_processor(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.answering.pool._BUSY", 10_000)

    async def check() -> None:
        async with workers(release, small_workers=2) as pool:
            await answers(asked(pool, release, *small(range(9))))
            futures = asked(pool, release, *small(range(3)))
            await asyncio.sleep(0)
            (busy,) = [one for one in pool._pools[0].workers if one.jobs]
            os.kill(busy.process.pid, signal.SIGSTOP)
            futures[0].cancel()
            assert await answers(futures[1:]) == ["1", "2"]
            await asyncio.sleep(4 * PATIENCE)
            assert busy in pool._pools[0].workers
            os.kill(busy.process.pid, signal.SIGCONT)
            await until(lambda: not busy.jobs)
            assert busy in pool._pools[0].workers

    run(check())


def test_a_process_that_dies_of_one_harms_none_of_the_others(release: Path) -> None:
    async def check() -> None:
        async with workers(release, workers=2) as pool:
            (worker,) = pool._pools[0].workers
            os.kill(worker.process.pid, signal.SIGSTOP)
            futures = asked(pool, release, *small(range(5)))
            await asyncio.sleep(0)
            assert len(worker.jobs) == 5
            os.kill(worker.process.pid, signal.SIGKILL)
            assert await answers(futures) == ["0", "1", "2", "3", "4"]
            assert pool.gauges()["losses"] == 1

    run(check())


def test_who_brings_processes_down_is_told_when_it_was_alone(release: Path) -> None:
    async def check() -> None:
        async with workers(release, workers=2) as pool:
            (worker,) = pool._pools[0].workers
            os.kill(worker.process.pid, signal.SIGSTOP)
            futures = asked(pool, release, SMALL.format(1), ENDLESS, SMALL.format(2))
            await asyncio.sleep(0)
            os.kill(worker.process.pid, signal.SIGSEGV)
            os.kill(worker.process.pid, signal.SIGCONT)
            assert await answers([futures[0], futures[2]]) == ["1", "2"]
            await until(lambda: [one for one in pool.running() if one.lane == "large" and one.pid])
            os.kill(pool.running()[0].pid, signal.SIGSEGV)
            failed = await outcome(futures[1])
            assert isinstance(failed, KgError) and "too complex" in str(failed)

    run(check())


def test_who_leaves_while_behind_ends_nothing(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            (worker,) = pool._pools[0].workers
            futures = asked(pool, release, *small(range(6)))
            await asyncio.sleep(0)
            assert len(worker.jobs) == 6
            for future in futures[1::2]:
                future.cancel()
            assert await answers(futures[::2]) == ["0", "2", "4"]
            await until(lambda: not worker.jobs)
            assert pool._pools[0].workers == {worker}
            assert pool.gauges()["small_running"] == 0
            assert not pool._jobs

    run(check())


def test_cancelling_the_first_lets_the_others_be_asked_again(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_time=5) as pool:
            (endless,) = asked(pool, release, ENDLESS)
            await asyncio.sleep(0)
            others = asked(pool, release, *small(range(3)))
            await until(lambda: pool.running() and pool.running()[0].pid)
            assert pool.cancel(pool.running()[0].id)
            assert isinstance(await outcome(endless), CancelledError)
            assert await answers(others) == ["0", "1", "2"]

    run(check())


def test_stopping_ends_all_of_them(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_time=5) as pool:
            futures = [asyncio.ensure_future(outcome(ask(pool, release, ENDLESS))) for _ in range(4)]
            await asyncio.sleep(0)
        for future in futures:
            assert isinstance(await future, BusyError | StoreError)

    run(check())


def test_an_answer_whose_file_does_not_arrive_fails_alone(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"
    monkeypatch.setattr(Worker, "descriptor", lambda worker: -1)

    async def check() -> None:
        async with workers(release, small_time=5) as pool:
            futures = asked(pool, release, large, *small(range(4)))
            failed = await outcome(futures[0])
            assert isinstance(failed, BusyError)
            assert await answers(futures[1:]) == ["0", "1", "2", "3"]
            assert not pool._jobs

    run(check())


def test_a_reply_to_another_question_ends_its_process(release: Path) -> None:
    async def check() -> None:
        async with workers(release, workers=2) as pool:
            (worker,) = pool._pools[0].workers
            first = asked(pool, release, SMALL.format(1))
            await asyncio.sleep(0)
            worker.jobs[0].id += 1000
            assert isinstance(await outcome(first[0]), DeadlineError)
            assert await answers(asked(pool, release, SMALL.format(2))) == ["2"]

    run(check())


def test_processes_that_work_for_nobody_are_ended_soon_and_who_waits_is_started(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_workers=2, small_time=10) as pool:
            await answers(asked(pool, release, *small(range(9))))
            for _ in range(6):
                for future in asked(pool, release, ENDLESS, ENDLESS):
                    await asyncio.sleep(0.001)
                    future.cancel()
            waiting = asked(pool, release, *small(range(20)))
            async with asyncio.timeout(5):
                assert await answers(waiting) == list(map(str, range(20)))
            await asyncio.sleep(0.1)
            assert len(pool._pools[0].workers) == 2
            assert not any(worker.jobs for worker in pool._pools[0].workers)

    run(check())


def test_without_descriptors_the_asker_is_told_and_nothing_is_left(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            (worker,) = pool._pools[0].workers
            os.kill(worker.process.pid, signal.SIGKILL)

            def none(*_: object) -> None:
                raise OSError(errno.EMFILE, "too many open files")

            with monkeypatch.context() as patch:
                patch.setattr("kg.answering.nurse.socket.socketpair", none)
                await until(lambda: not worker.alive)
                failed = await outcome(ask(pool, release, "ASK {}"))
                assert isinstance(failed, StoreError) and "no worker process" in str(failed)
                assert not pool._jobs
            assert await ask(pool, release, "ASK {}") == "true"

    run(check())
