"""Who is next, and which queries are known to take long."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from kg.answering.job import Job, group
from kg.answering.question import Question
from kg.answering.shapes import Shapes
from kg.answering.turns import Turns
from tests.answering.asking import run


def jobs(*clients: str) -> list[Job]:
    async def make() -> list[Job]:
        loop = asyncio.get_running_loop()
        question = Question("ASK {}", Path("/none"))
        return [Job(id, question, loop.create_future(), 1.0, client, look=False) for id, client in enumerate(clients)]

    return run(make())


def order(turns: Turns, running: Counter[str] | None = None, room: str = "abc") -> str:
    """Clients in the order in which they are served, when nobody is ever done."""
    under_way, served = running or Counter[str](), ""
    while (job := turns.pop(under_way.__getitem__, room.__contains__)) is not None:
        under_way[job.client] += 1
        served += job.client
    return served


def test_clients_take_turns_and_each_is_served_in_order() -> None:
    turns = Turns()
    queued = jobs(*"aaaabbc")
    for job in queued:
        turns.push(job)
    assert len(turns) == 7
    assert [job.id for job in turns] == [0, 1, 2, 3, 4, 5, 6]
    assert order(turns) == "abcabaa"
    assert len(turns) == 0


def test_who_has_fewest_under_way_is_next() -> None:
    turns = Turns()
    for job in jobs(*"aabb"):
        turns.push(job)
    assert order(turns, Counter("aa")) == "bbaa"


def test_those_without_room_wait() -> None:
    turns = Turns()
    for job in jobs(*"abab"):
        turns.push(job)
    assert order(turns, room="b") == "bb"
    assert len(turns) == 2


def test_a_job_can_leave_the_queue() -> None:
    turns, queued = Turns(), jobs(*"aba")
    for job in queued:
        turns.push(job)
    assert turns.remove(queued[1])
    assert not turns.remove(queued[1])
    assert turns.remove(queued[0])
    assert order(turns) == "a"


def test_a_shape_is_heavy_until_it_was_quick_three_times_in_a_row() -> None:
    shapes = Shapes()
    shapes.quick("x")
    assert (shapes.heavy, shapes.version) == ([], 0)
    shapes.slow("x")
    assert (shapes.heavy, shapes.version) == (["x"], 1)
    shapes.quick("x")
    shapes.quick("x")
    shapes.slow("x")
    shapes.quick("x")
    shapes.quick("x")
    assert (shapes.heavy, shapes.version) == (["x"], 1)
    shapes.quick("x")
    assert (shapes.heavy, shapes.version) == ([], 2)


def test_a_shape_that_relapses_is_trusted_later() -> None:
    shapes = Shapes()
    needed = []
    for _ in range(3):
        shapes.slow("x")
        count = 0
        while shapes.heavy:
            shapes.quick("x")
            count += 1
        needed.append(count)
    assert needed == [3, 9, 27]


def test_not_every_shape_is_remembered() -> None:
    shapes = Shapes()
    for number in range(1000):
        shapes.slow(str(number))
        shapes.slow("0")
    assert len(shapes.heavy) == 256
    assert {"0", "999"} <= set(shapes.heavy)


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("", ""),
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
    ],
)
def test_clients_take_turns_by_network(client: str, expected: str) -> None:
    assert group(client) == expected
