"""Conditional requests."""

from __future__ import annotations

import pytest

from kg.web.coding import GZIP, IDENTITY
from kg.web.conditional import Condition, date, fingerprint, listed, seconds, tag

AT = 1_700_000_000
A, B = b'"a"', b'"b"'


def test_a_tag_is_strong_and_another_one_per_coding() -> None:
    assert tag("x", IDENTITY) == b'"x"'
    assert tag("x", GZIP) == b'"x-gzip"'


def test_a_fingerprint_is_the_same_for_the_same_values_only() -> None:
    assert fingerprint("a", 1) == fingerprint("a", 1)
    assert len({fingerprint("a", 1), fingerprint("a", "1"), fingerprint("a1"), fingerprint("a", 1, None)}) == 4
    assert len(fingerprint("\ud800")) == 32


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        (None, set()),
        (b"", set()),
        (b'"a"', {A}),
        (b'W/"a"', {A}),
        (b'"a", W/"b"', {A, B}),
        (b'"a","b"', {A, B}),
        (b'"a, b"', {b'"a, b"'}),
        (b"*", set()),
        (b"a", set()),
        (b'"a', set()),
        (b'w/"a"', {A}),
    ],
)
def test_if_none_match_is_a_list_compared_weakly(header: bytes | None, tags: set[bytes]) -> None:
    assert listed(header) == tags


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (b"Tue, 14 Nov 2023 22:13:20 GMT", AT),
        (b"Tuesday, 14-Nov-23 22:13:20 GMT", AT),
        (b"Tue Nov 14 22:13:20 2023", AT),
        (b"yesterday", None),
        (b"", None),
        (None, None),
        (b"Fri, 31 Dec 99999999999999999999 23:59:59 GMT", None),
        (b"Mon, 01 Jan 0001 00:00:00 +99999999999999999999", None),
        (b"Tue, 99 Nov 2023 22:13:20 GMT", None),
        ("вчера".encode(), None),
    ],
)
def test_dates_in_the_three_forms_of_http(header: bytes | None, found: int | None) -> None:
    assert seconds(header) == found


def test_a_date_is_written_as_it_is_read() -> None:
    assert date(AT) == b"Tue, 14 Nov 2023 22:13:20 GMT"


@pytest.mark.parametrize(
    ("none_match", "modified_since", "had"),
    [
        (None, None, None),
        (A, None, A),
        (b'W/"b", "c"', None, B),
        (b'"c"', None, None),
        (b"*", None, None),
        (None, date(AT), b""),
        (None, date(AT + 1), b""),
        (None, date(AT - 1), None),
        (b'"c"', date(AT + 1), None),
        (A, date(AT - 1), A),
        (b"*", date(AT + 1), None),
    ],
)
def test_tags_go_before_dates(none_match: bytes | None, modified_since: bytes | None, had: bytes | None) -> None:
    condition = Condition(none_match, modified_since)
    assert condition.had((A, B), AT) == had
    assert bool(condition) or had is None


def test_a_request_without_a_condition_has_none() -> None:
    assert not Condition(None, None)
    assert not Condition(b"*", None)
    assert not Condition(None, b"yesterday")
