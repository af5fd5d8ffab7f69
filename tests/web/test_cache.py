"""The cache of finished answers: what it finds, what it forgets, how much it holds."""

from __future__ import annotations

from collections.abc import Hashable

import pytest

from kg.answering.question import Dataset
from kg.store.port import Mark
from kg.web.cache import Cache, Kept, Variant
from kg.web.coding import CODINGS, GZIP, IDENTITY, Coding

ONE, TWO = Mark(1, 10), Mark(2, 20)
KEY = (b"query=x", b"", None)


def kept(meaning: str = "m", body: bytes = b"{}", *, by_language: bool = False) -> Kept:
    return Kept((meaning,), body, [(b"content-type", b"text/plain")], f"print-{meaning}", 0, b"a date", by_language)


def filled(limit: int = 2**20) -> tuple[Cache, Variant]:
    """A cache that knows one answer by its meaning and by bytes."""
    cache = Cache(limit)
    cache.find(ONE, KEY, None)
    answer = kept()
    cache.keep(ONE, answer)
    variant = answer.variant(IDENTITY, dated=True)
    cache.name(KEY, None, variant)
    return cache, variant


def test_an_answer_is_found_by_bytes_and_by_meaning() -> None:
    cache, variant = filled()
    assert cache.find(ONE, KEY, b"bg") is variant
    assert cache.recall(ONE, ("m",)) is variant.kept
    assert cache.find(ONE, (b"query=y", b"", None), None) is None
    assert cache.recall(ONE, ("n",)) is None


@pytest.mark.parametrize("mark", [TWO, None])
def test_everything_is_forgotten_when_the_mark_changes(mark: Mark | None) -> None:
    cache, _ = filled()
    assert cache.find(mark, KEY, None) is None
    assert (len(cache), cache.bytes) == (0, 0)
    assert cache.find(ONE, KEY, None) is None


def test_what_was_evaluated_before_the_change_is_not_kept_after_it() -> None:
    cache = Cache(2**20)
    cache.find(ONE, KEY, None)
    late = kept()
    cache.find(TWO, KEY, None)
    cache.keep(ONE, late)
    cache.name(KEY, None, late.variant(IDENTITY, dated=True))
    assert len(cache) == 0
    assert cache.find(TWO, KEY, None) is None


def test_a_page_is_found_in_its_language_only() -> None:
    cache = Cache(2**20)
    cache.find(ONE, KEY, None)
    pages = {}
    for language in (b"bg", b"en"):
        page = kept(f"page {language!r}", by_language=True)
        cache.keep(ONE, page)
        pages[language] = page.variant(IDENTITY, dated=True)
        cache.name(KEY, language, pages[language])
    assert cache.find(ONE, KEY, b"bg") is pages[b"bg"]
    assert cache.find(ONE, KEY, b"en") is pages[b"en"]
    assert cache.find(ONE, KEY, None) is None


def test_the_limit_holds_and_the_answer_asked_for_longest_ago_goes_first() -> None:
    cache = Cache(100_000)
    cache.recall(ONE, ("",))
    for number in range(50):
        answer = kept(str(number), b"x" * 5000)
        cache.keep(ONE, answer)
        cache.name((str(number), b"y" * 300), None, answer.variant(IDENTITY, dated=True))
        assert cache.bytes <= 100_000
        assert cache.recall(ONE, ("0",)) is not None
    assert cache.recall(ONE, ("1",)) is None
    assert cache.recall(ONE, ("49",)) is not None
    assert 5 < len(cache) < 20


def test_long_questions_count_too() -> None:
    cache = Cache(100_000)
    cache.recall(ONE, ())
    for number in range(10):
        cache.keep(ONE, kept(f"{number}" + "x" * 15_000))
    assert len(cache) == 3


@pytest.mark.parametrize(
    "part", [("x" * 15_000,), Dataset(("x" * 15_000,)), ((b"name", b"x" * 30_000),)], ids=["nested", "dataset", "bytes"]
)
def test_whatever_a_question_holds_counts(part: Hashable) -> None:
    cache = Cache(100_000)
    cache.recall(ONE, ())
    for number in range(10):
        cache.keep(ONE, Kept((number, part), b"", [], "", 0, b""))
    assert len(cache) == 3


def test_codings_and_names_count_too() -> None:
    cache, variant = filled()
    before = cache.bytes
    other = variant.kept.variant(GZIP, dated=True)
    cache.name((b"another",), None, other)
    assert cache.bytes >= before + len(other.body)
    assert variant.kept.variant(GZIP, dated=True) is other


def test_one_answer_has_only_so_many_names() -> None:
    cache, variant = filled()
    for number in range(1000):
        cache.name((b"%d" % number,), None, variant)
    assert len(variant.kept.names) < 100
    assert cache.find(ONE, (b"999",), None) is variant
    assert cache.find(ONE, (b"1",), None) is None


def test_what_is_larger_than_the_cache_is_not_kept() -> None:
    cache, _ = filled(10_000)
    cache.keep(ONE, kept("large", b"x" * 10_000))
    assert cache.recall(ONE, ("large",)) is None
    assert cache.recall(ONE, ("m",)) is not None
    nothing = Cache(0)
    nothing.recall(ONE, ("",))
    nothing.keep(ONE, kept())
    assert len(nothing) == 0


def test_an_answer_kept_again_replaces_itself() -> None:
    cache, variant = filled()
    again = kept(body=b"[]")
    cache.keep(ONE, again)
    assert cache.recall(ONE, ("m",)) is again
    assert cache.find(ONE, KEY, None) is None
    cache.name(KEY, None, variant)  # by somebody who still holds the old one
    assert cache.find(ONE, KEY, None) is None
    assert cache.bytes == again.size


@pytest.mark.parametrize("coding", [IDENTITY, *CODINGS], ids=lambda coding: coding.name)
def test_the_headers_say_what_the_coding_changes(coding: Coding) -> None:
    answer = kept(body=b"x" * 5000)
    variant = answer.variant(coding, dated=True)
    headers = dict(variant.headers)
    assert headers[b"content-length"] == str(len(variant.body)).encode()
    assert headers[b"etag"] == variant.tag
    assert headers[b"last-modified"] == b"a date"
    assert (headers.get(b"content-encoding") == coding.name.encode()) is (coding is not IDENTITY)


def test_before_its_date_has_come_an_answer_goes_without_it() -> None:
    answer = kept()
    first = answer.variant(IDENTITY, dated=False)
    assert b"last-modified" not in dict(first.headers)
    assert b"last-modified" in dict(answer.variant(IDENTITY, dated=True).headers)
