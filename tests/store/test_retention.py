"""Which releases stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kg.store.disk import Inode
from kg.store.port import Manifest
from kg.store.retention import keep

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PLENTY = 10**9


def manifest(number: int, created: datetime) -> Manifest:
    return Manifest(
        number=number,
        parent=number - 1 or None,
        base="http://localhost:8000",
        created=created,
        agent="",
        activity="",
        sources=(),
        quads=0,
        triples=0,
        graphs={},
        added=0,
        removed=0,
        digest="",
    )


def days(*ago: float) -> list[Manifest]:
    return [manifest(number, NOW - timedelta(days=age)) for number, age in enumerate(ago, start=1)]


def own(*numbers: int, size: int = 10) -> dict[int, Mapping[Inode, int]]:
    return {number: {(1, number): size} for number in numbers}


def test_the_last_days_stay_and_then_the_last_of_each_month() -> None:
    #        12 Sep  20 Sep  3 Oct  20 Oct  30 Oct   20 Nov  today
    known = days(71, 63, 50, 33, 23, 2, 0)
    kept = keep(known, own(*range(1, 8)), now=NOW, keep_days=30, keep_bytes=PLENTY)
    assert kept == {2, 5, 6, 7}


def test_the_end_of_a_month_is_its_last_release_even_when_that_is_gone() -> None:
    known = days(71, 63, 0)
    assert keep(known, own(1, 3), now=NOW, keep_days=30, keep_bytes=PLENTY) == {3}


def test_a_release_without_files_is_not_kept() -> None:
    assert keep(days(2, 1, 0), own(2, 3), now=NOW, keep_days=30, keep_bytes=PLENTY) == {2, 3}


def test_the_oldest_go_first_when_space_is_short() -> None:
    assert keep(days(3, 2, 1, 0), own(1, 2, 3, 4), now=NOW, keep_days=30, keep_bytes=25) == {3, 4}


def test_hard_linked_files_are_counted_once() -> None:
    shared = {(1, 99): 1000}
    files = {number: shared | {(1, number): 10} for number in (1, 2, 3)}
    assert keep(days(2, 1, 0), files, now=NOW, keep_days=30, keep_bytes=1030) == {1, 2, 3}
    assert keep(days(2, 1, 0), files, now=NOW, keep_days=30, keep_bytes=1029) == {2, 3}


def test_the_current_release_never_goes() -> None:
    assert keep(days(400, 300, 200), own(1, 2, 3), now=NOW, keep_days=0, keep_bytes=0) == {3}


def test_nothing_is_kept_of_nothing() -> None:
    assert keep([], {}, now=NOW, keep_days=30, keep_bytes=PLENTY) == frozenset()


@given(st.lists(st.floats(0, 500), min_size=1, max_size=30), st.integers(0, 60), st.integers(0, 300))
def test_keeping_twice_is_keeping_once(ages: list[float], keep_days: int, keep_bytes: int) -> None:
    known = days(*sorted(ages, reverse=True))
    files = own(*range(1, len(known) + 1))
    once = keep(known, files, now=NOW, keep_days=keep_days, keep_bytes=keep_bytes)
    again = keep(known, own(*once), now=NOW, keep_days=keep_days, keep_bytes=keep_bytes)
    assert once == again
    assert len(known) in once
    assert len(once) == 1 or 10 * len(once) <= keep_bytes
