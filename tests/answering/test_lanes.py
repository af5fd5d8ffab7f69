"""Queries that take too long, are killed or cancelled, and crowds of them: none the worse for the others."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytest

from kg.answering.question import Question
from kg.answering.workers import Workers
from kg.errors import BusyError, CancelledError, DeadlineError, KgError, QueryError
from tests.answering.asking import ENDLESS, ask, outcome, run, running, until, workers


def pids(pool: Workers) -> list[int]:
    return sorted(worker.process.pid for group in pool._pools for worker in group.workers)


async def ended(processes: Iterable[int]) -> None:
    await until(lambda: all(map(gone, processes)))


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_an_endless_query_is_cut_at_its_deadline_and_the_next_one_answers(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            for deadline in (0.4, 0.05):
                before = pids(pool)
                with pytest.raises(DeadlineError, match=f"longer than {deadline} s"):
                    await ask(pool, release, ENDLESS, timeout=deadline)
                assert await ask(pool, release, "ASK {}") == "true"
                killed = set(before) - set(pids(pool))
                assert killed
                await ended(killed)

    run(check())


def test_a_client_may_lower_the_deadline_and_not_raise_it(release: Path) -> None:
    async def check() -> None:
        async with workers(release, query_timeout=0.3) as pool:
            with pytest.raises(DeadlineError, match=r"longer than 0\.3 s"):
                await ask(pool, release, ENDLESS, timeout=60)

    run(check())


def test_small_queries_do_not_wait_for_long_ones(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            long = [asyncio.ensure_future(outcome(ask(pool, release, ENDLESS, timeout=3))) for _ in range(4)]
            await until(lambda: len(pool._desk.large.queue) == 3)
            for _ in range(20):
                assert await ask(pool, release, "ASK {}") == "true"
            assert not any(task.done() for task in long)
            for task in long:
                task.cancel()
            await until(lambda: not pool.running() and not pool._desk.large.queue)

    run(check())


def test_a_small_query_whose_process_does_not_get_to_compute_is_not_taken_for_a_long_one(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_time=1) as pool:
            (small,) = pool._pools[0].workers
            os.kill(small.process.pid, signal.SIGSTOP)
            asked = asyncio.ensure_future(ask(pool, release, "ASK {}"))
            one = await running(pool)
            await until(lambda: time.time() - one.started > 1.2)
            assert not asked.done()
            os.kill(small.process.pid, signal.SIGCONT)
            assert await asked == "true"
            assert pool._pools[0].workers == {small}
            assert not pool._desk.shapes.heavy

    run(check())


def test_a_shape_that_took_long_is_not_tried_among_the_small_ones_again(release: Path) -> None:
    other = ENDLESS.replace("?l }", "?l FILTER(?l != 'z') }")

    async def check() -> None:
        async with workers(release) as pool:
            assert isinstance(await outcome(ask(pool, release, other, timeout=0.3)), DeadlineError)
            (small,) = (worker.process.pid for worker in pool._pools[0].workers)
            for constant in ("'a'", "2", "<b:c>"):
                again = other.replace("'z'", constant)
                assert isinstance(await outcome(ask(pool, release, again, timeout=0.3)), DeadlineError)
            assert [worker.process.pid for worker in pool._pools[0].workers] == [small]

    run(check())


def test_a_killed_worker_fails_its_query_only(release: Path) -> None:
    async def check() -> None:
        async with workers(release, workers=2) as pool:
            doomed = asyncio.ensure_future(outcome(ask(pool, release, ENDLESS)))
            bystander = asyncio.ensure_future(outcome(ask(pool, release, ENDLESS, timeout=2)))
            await until(lambda: len([one for one in pool.running() if one.lane == "large" and one.pid]) == 2)
            os.kill(pool.running()[0].pid, signal.SIGKILL)
            error = await doomed
            assert isinstance(error, DeadlineError)
            assert "ended before it answered" in str(error)
            assert await ask(pool, release, "ASK {}") == "true"
            assert not bystander.done()
            assert "longer than 2 s" in str(await bystander)
            assert pool.alive == 3

    run(check())


def test_a_worker_killed_while_idle_is_replaced_unnoticed(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            for pid in pids(pool):
                os.kill(pid, signal.SIGKILL)
            assert await ask(pool, release, "ASK {}") == "true"
            await until(lambda: pool.alive == 2)

    run(check())


def test_a_worker_that_is_killed_before_it_is_ready_is_replaced_unasked(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            for group in pool._pools:
                (worker,) = group.workers
                worker.ready = False
                os.kill(worker.process.pid, signal.SIGKILL)
            await until(lambda: not pool.alive)
            await until(lambda: pool.alive == 2)

    run(check())


def test_a_worker_that_is_killed_before_it_reads_the_question_is_replaced_and_it_is_asked_again(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            (pid,) = (worker.process.pid for worker in pool._pools[0].workers)
            os.kill(pid, signal.SIGSTOP)
            asked = asyncio.ensure_future(ask(pool, release, "ASK {}"))
            await running(pool)
            os.kill(pid, signal.SIGKILL)
            assert await asked == "true"
            assert pool.gauges()["losses"] == 1

    run(check())


def test_a_lost_nursery_is_replaced(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            before = pids(pool)
            nursery = pool._nurses[0]._popen
            assert nursery is not None
            os.kill(nursery.pid, signal.SIGKILL)
            await until(lambda: all(map(gone, before)))
            assert await ask(pool, release, "ASK {}") == "true"
            assert not set(before) & set(pids(pool))

    run(check())


async def rescued(pool: Workers, release: Path, text: str, lane: str) -> asyncio.Future[BaseException | None]:
    """The query when it has lost its nursery once and runs again."""
    asked = asyncio.ensure_future(outcome(ask(pool, release, text)))
    before = await running(pool, lane)
    lose_nursery(pool)
    await another(pool, before.pid)
    return asked


async def another(pool: Workers, pid: int) -> None:
    """Returns when the query runs in another process."""
    await until(lambda: any(one.pid not in {0, pid} for one in pool.running()))
    await all_ready(pool)


async def all_ready(pool: Workers) -> None:
    await until(lambda: all(worker.ready for group in pool._pools for worker in group.workers))


def lose_nursery(pool: Workers) -> None:
    nursery = pool._nurses[0]._popen
    assert nursery is not None
    os.kill(nursery.pid, signal.SIGKILL)


def test_a_query_that_loses_its_nursery_is_asked_again(release: Path) -> None:
    """As the loss is no fault of the query, it uses up no other second try."""

    async def check() -> None:
        async with workers(release, workers=2) as pool:
            asked = await rescued(pool, release, ENDLESS, "large")
            (one,) = pool._jobs.values()
            assert (one.orphaned, one.retried) == (1, False)
            assert await ask(pool, release, "ASK {}") == "true"
            assert not asked.done()
            asked.cancel()

    run(check())


def test_questions_that_a_dying_nursery_s_children_do_not_read_are_answered(release: Path) -> None:
    """The front hands them over before it can know."""

    async def check() -> None:
        async with workers(release, small_workers=3) as pool:
            for _ in range(5):
                await all_ready(pool)
                lose_nursery(pool)
                texts = [f"SELECT ({number} AS ?n) {{}}" for number in range(6)]
                answers = await asyncio.gather(*(ask(pool, release, text) for text in texts))
                assert answers == [f"n\r\n{number}\r\n" for number in range(6)]

    run(check())


def test_no_child_of_a_lost_nursery_is_asked_even_when_it_lives(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_workers=2) as pool:
            before = set(pool._pools[0].workers)
            pool._nurses[0]._hang_up()
            assert not any(worker.alive for worker in before)
            assert await ask(pool, release, "ASK {}") == "true"
            await until(lambda: pool.alive == 3)
            assert not before & pool._pools[0].workers

    run(check())


def test_a_query_whose_nursery_is_always_lost_ends(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            asked = await rescued(pool, release, ENDLESS, "large")
            for _ in range(2):
                before = (await running(pool)).pid
                lose_nursery(pool)
                await another(pool, before)
            lose_nursery(pool)
            error = await asked
            assert isinstance(error, DeadlineError)
            assert "ended before it answered" in str(error)
            assert await ask(pool, release, "ASK {}") == "true"

    run(check())


def test_a_child_does_not_keep_what_a_query_took(release: Path) -> None:
    """It gives it back, or is replaced."""
    greedy = 'ASK { FILTER(REGEX("a", "' + "(a|b)" * 180_000 + '")) }'

    async def check() -> None:
        async with workers(release, small_time=20) as pool:
            await ask(pool, release, "ASK {}")
            before, memory = pids(pool), held(pool)
            assert await outcome(ask(pool, release, greedy)) is None
            await until(lambda: pool.alive == 2 and 0 not in pids(pool))
            assert held(pool) - memory < 20 * 2**20
            assert len(set(before) & set(pids(pool))) >= 1
            assert await ask(pool, release, "ASK {}") == "true"
            assert pool.gauges()["losses"] == 0

    def held(pool: Workers) -> int:
        return sum(
            int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE")
            for pid in pids(pool)
        )

    run(check())


def test_a_child_that_has_grown_is_replaced_when_it_has_answered(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_time=20) as pool:
            (worker,) = pool._pools[0].workers
            before = pids(pool)
            await ask(pool, release, "ASK {}")
            assert pids(pool) == before
            worker.grew = True
            assert await ask(pool, release, "ASK {}") == "true"
            await until(lambda: pool.alive == 2 and 0 not in pids(pool))
            assert len(set(before) & set(pids(pool))) == 1
            assert await ask(pool, release, "ASK {}") == "true"
            assert pool.gauges()["losses"] == 0

    run(check())


def test_a_running_query_can_be_cancelled(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            asked = asyncio.ensure_future(ask(pool, release, ENDLESS, client="somebody"))
            one = await running(pool, "large")
            assert (one.text, one.client) == (ENDLESS, "somebody")
            await until(lambda: pool.running()[0].shape)
            assert pool.cancel(one.id)
            with pytest.raises(CancelledError):
                await asked
            assert not pool.cancel(one.id)
            assert pool.running() == ()
            await until(lambda: gone(one.pid))
            assert await ask(pool, release, "ASK {}") == "true"

    run(check())


@pytest.mark.parametrize("lane", ["small", "large"])
def test_a_caller_that_goes_away_ends_its_query(release: Path, lane: str) -> None:
    async def check() -> None:
        async with workers(release, small_time=20 if lane == "small" else 0.05) as pool:
            asked = asyncio.ensure_future(ask(pool, release, ENDLESS))
            one = await running(pool, lane)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
            assert pool.running() == ()
            await until(lambda: gone(one.pid))
            assert await ask(pool, release, "ASK {}") == "true"

    run(check())


def test_a_caller_that_goes_away_while_it_waits_is_forgotten(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_time=20) as pool:
            first = asyncio.ensure_future(outcome(ask(pool, release, ENDLESS, timeout=1)))
            await running(pool)
            second = asyncio.ensure_future(ask(pool, release, "ASK {}"))
            await until(lambda: len(pool._desk.small.queue) == 1)
            second.cancel()
            await until(lambda: not pool._desk.small.queue)
            assert isinstance(await first, DeadlineError)
            assert not pool._jobs

    run(check())


def test_when_all_are_busy_the_wait_is_bounded(release: Path) -> None:
    async def check() -> None:
        async with workers(release, queue_wait=0.2, small_time=20) as pool:
            busy = asyncio.ensure_future(outcome(ask(pool, release, ENDLESS, timeout=5)))
            await running(pool)
            with pytest.raises(BusyError):
                await ask(pool, release, "ASK {}")
            assert not busy.done()
            busy.cancel()

    run(check())


def test_a_full_queue_refuses_at_once(release: Path) -> None:
    async def check() -> None:
        async with workers(release, queue_max=0, queue_wait=30, small_time=20) as pool:
            busy = asyncio.ensure_future(outcome(ask(pool, release, ENDLESS, timeout=20)))
            await running(pool)
            with pytest.raises(BusyError):
                await ask(pool, release, "ASK {}")
            assert not busy.done()
            busy.cancel()

    run(check())


def test_one_client_does_not_fill_the_queue(release: Path) -> None:
    async def check() -> None:
        async with workers(release, queue_max=2, queue_wait=30, small_time=20) as pool:

            def begin(text: str, client: str) -> asyncio.Future[BaseException | None]:
                return asyncio.ensure_future(outcome(ask(pool, release, text, client=client, timeout=20)))

            busy = begin(ENDLESS, "greedy")
            await running(pool)
            waiting = [begin("ASK {}", "greedy") for _ in range(2)]
            await until(lambda: len(pool._desk.small.queue) == 2)
            assert isinstance(await begin("ASK {}", "greedy"), BusyError)
            seen = asyncio.ensure_future(pool.look(Question("ASK {}", release, formats=("csv",)), client="modest"))
            assert isinstance(await waiting[1], BusyError)
            assert isinstance(await begin("ASK {}", "modest"), BusyError)  # has as many as the other now
            assert len(pool._desk.small.queue) == 2
            busy.cancel()
            assert await waiting[0] is None
            assert (await seen).form == "ASK"

    run(check())


def test_a_waiting_query_gets_the_worker_that_is_freed(release: Path) -> None:
    async def check() -> None:
        async with workers(release, small_time=20) as pool:
            busy = asyncio.ensure_future(outcome(ask(pool, release, ENDLESS, timeout=0.3)))
            await running(pool)
            assert await ask(pool, release, "ASK {}") == "true"
            assert isinstance(await busy, DeadlineError)

    run(check())


def test_one_client_does_not_keep_another_from_long_queries(release: Path) -> None:
    async def check() -> None:
        async with workers(release, workers=2) as pool:
            greedy = [
                asyncio.ensure_future(outcome(ask(pool, release, ENDLESS, client="greedy", timeout=20)))
                for _ in range(6)
            ]
            await until(lambda: len(pool._desk.large.queue) == 4)
            modest = asyncio.ensure_future(outcome(ask(pool, release, ENDLESS, client="modest", timeout=0.5)))
            assert "longer than 0.5 s" in str(await modest)
            assert not any(task.done() for task in greedy)
            assert len([one for one in pool.running() if one.lane == "large"]) == 2
            for task in greedy:
                task.cancel()

    run(check())


def test_five_thousand_parentheses_end_no_process(release: Path) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            before = pids(pool)
            for text in (
                "SELECT (" + "(" * 5000 + "1" + ")" * 5000 + " AS ?x) {}",
                "SELECT * " + "{" * 5000 + "}" * 5000,
            ):
                with pytest.raises(QueryError):
                    await ask(pool, release, text)
            assert await ask(pool, release, "ASK {}") == "true"
            assert pids(pool) == before

    run(check())


DEEP = 250
DEEP_AND_LONG = {
    "parentheses": "SELECT (" + "(" * DEEP + "1" + ")" * DEEP + " AS ?x) {}",
    "groups": "SELECT * " + "{" * DEEP + "}" * DEEP,
    "functions": "SELECT (" + "STR(" * DEEP + "1" + ")" * DEEP + " AS ?x) {}",
    "exists": "SELECT * {" + "FILTER NOT EXISTS {" * DEEP + "}" * DEEP + "}",
    "alternatives": "SELECT (false" + "||false" * 4900 + " AS ?x) {}",
    "signs": "SELECT (1" + " -1" * 9900 + " AS ?x) {}",
    "unions": "SELECT * {{}" + " UNION {}" * 3000 + "}",
    "values": "SELECT (COUNT(*) AS ?n) { VALUES ?x {" + " 1" * 90_000 + "} }",
    "members": "ASK { FILTER(1 IN (" + "1," * 45_000 + "1)) }",
}


@pytest.mark.parametrize("text", DEEP_AND_LONG.values(), ids=DEEP_AND_LONG.keys())
def test_the_stack_holds_what_the_lexer_lets_through(release: Path, text: str) -> None:
    async def check() -> None:
        async with workers(release, small_time=20) as pool:
            await ask(pool, release, text)
            assert pool.gauges()["losses"] == 0

    run(check())


LONG = {
    "objects": "ASK { ?s ?p " + "1," * 7000 + "1 }",
    "blank nodes": "ASK { ?s ?p " + "[]," * 3700 + "[] }",
    "lists": "ASK { ?s ?p (" + " 1" * 14_000 + ") }",
    "reified": "ASK { ?s ?p " + "<<?s ?p ?o>>," * 2100 + "1 }",
    "annotations": "ASK { ?s ?p 1" + "{|?p 1|}" * 2400 + " }",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_long_patterns_take_time_and_no_process(release: Path, text: str) -> None:
    """The engine orders them by trial, so some never end; the parser's stack holds them."""

    async def check() -> None:
        async with workers(release, small_time=20) as pool:
            error = await outcome(ask(pool, release, text, timeout=1))
            assert error is None or "took longer" in str(error)
            assert pool.gauges()["losses"] == 0

    run(check())


@pytest.mark.parametrize(
    ("number", "slug", "reason"),
    [(signal.SIGSEGV, "bad-query", "too complex"), (signal.SIGABRT, "deadline", "more memory")],
)
def test_how_a_child_ended_tells_why(release: Path, number: int, slug: str, reason: str) -> None:
    async def check() -> None:
        async with workers(release) as pool:
            asked = asyncio.ensure_future(outcome(ask(pool, release, ENDLESS)))
            await until(lambda: any(one.shape for one in pool.running()))
            os.kill(pool.running()[0].pid, number)
            error = await asked
            assert isinstance(error, KgError)
            assert (error.slug, reason in str(error)) == (slug, True)

    run(check())


def test_memory_has_a_limit_of_its_own(release: Path) -> None:
    doubling = "SELECT (STRLEN(?z) AS ?n) { BIND('" + "x" * 1000 + "' AS ?v0) "
    doubling += " ".join(f"BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1})" for n in range(30)) + " BIND(?v30 AS ?z) }"

    async def check() -> None:
        async with workers(release, worker_memory=256 * 2**20) as pool:
            with pytest.raises(DeadlineError, match="more memory") as caught:
                await ask(pool, release, doubling)
            assert caught.value.status == 503
            assert await ask(pool, release, "ASK {}") == "true"

    run(check())


def test_closing_leaves_no_process_and_no_descriptor(release: Path) -> None:
    async def once() -> list[int]:
        async with workers(release, workers=2) as pool:
            await ask(pool, release, "ASK {}")
            asked = asyncio.ensure_future(outcome(ask(pool, release, ENDLESS)))
            await running(pool, "large")
            nursery = pool._nurses[0]._popen
            assert nursery is not None
            children = [*pids(pool), nursery.pid]
            await pool.close()
            assert isinstance(await asked, BusyError)
            with pytest.raises(BusyError):
                await ask(pool, release, "ASK {}")
            await pool.close()
            return children

    run(once())
    gc.collect()
    before = descriptors()
    children = run(once())
    gc.collect()
    assert len(children) == 4
    assert all(map(gone, children))
    assert descriptors() == before


def test_children_end_when_the_front_does(release: Path, tmp_path: Path) -> None:
    """A server that is killed leaves nothing behind."""

    async def check() -> None:
        async with workers(release) as pool:
            before = pids(pool)
            connection = pool._nurses[0]._connection
            assert connection is not None
            os.close(os.dup(connection.fileno()))
            connection.shutdown(2)
            deadline = time.monotonic() + 10
            while not all(map(gone, before)) and time.monotonic() < deadline:
                await asyncio.sleep(0.01)
            assert all(map(gone, before))

    run(check())


def test_workers_can_be_asked_before_they_are_started(release: Path) -> None:
    async def check() -> str:
        from kg.settings import Settings

        async with Workers.of(Settings()) as pool:
            answer = await pool.answer(Question("ASK {}", release, formats=("csv",)))
            return (await answer.read()).decode()

    assert run(check()) == "true"


def test_whatever_happens_answers_are_right_and_nothing_is_left(release: Path) -> None:
    """Kills, deadlines, callers that go away, among queries that have one right answer."""
    chance = random.Random(5)
    right = lost = 0

    async def small(pool: Workers, number: int) -> None:
        nonlocal right, lost
        text = f"SELECT ?o {{ <http://x/s{number}> ?p ?o }}"
        try:
            assert await ask(pool, release, text, client=str(number % 5)) == f"o\r\n{number}\r\n"
            right += 1
        except DeadlineError as error:
            assert "ended before" in str(error)
            lost += 1

    async def long(pool: Workers, number: int) -> None:
        error = await outcome(ask(pool, release, ENDLESS, timeout=chance.uniform(0.02, 0.3), client=str(number % 3)))
        assert isinstance(error, DeadlineError)

    async def impatient(pool: Workers, number: int) -> None:
        asked = asyncio.ensure_future(ask(pool, release, ENDLESS if number % 2 else "ASK {}"))
        await asyncio.wait([asked], timeout=chance.uniform(0, 0.1))
        asked.cancel()
        await asyncio.wait([asked])

    async def killer(pool: Workers, number: int) -> None:
        await asyncio.sleep(chance.uniform(0, 2))
        everyone = [worker for group in pool._pools for worker in group.workers]
        if victims := [worker.process._descriptor for worker in everyone if worker.process._descriptor >= 0]:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(chance.choice(victims), signal.SIGKILL)

    async def check() -> None:
        async with workers(release, workers=2, small_workers=2, small_time=0.05, queue_wait=30) as pool:
            kinds = [small] * 150 + [long] * 10 + [impatient] * 20 + [killer] * 10
            chance.shuffle(kinds)
            await asyncio.gather(*(kind(pool, number) for number, kind in enumerate(kinds)))
            assert (right + lost, lost <= 10) == (150, True)
            assert (pool.running(), pool._jobs) == ((), {})
            assert not any(lane.busy or len(lane.queue) for lane in pool._lanes())
            assert await ask(pool, release, "ASK {}") == "true"
            await until(lambda: pool.alive == 4)

    run(check())


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())
