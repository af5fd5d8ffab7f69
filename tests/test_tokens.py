"""Tokens of a home: made once, kept as hashes, gone at once."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kg.errors import NotFoundError, ParameterError, StoreError
from kg.tokens import NAME, Role, Tokens, digest


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens.of(tmp_path)


def test_a_home_without_tokens_has_none(tokens: Tokens) -> None:
    assert tokens.entries() == ()
    assert tokens.find("anything") is None


def test_a_token_opens_and_its_text_is_kept_nowhere(tokens: Tokens) -> None:
    secret = tokens.add("мария", Role.WRITE)
    found = tokens.find(secret)
    assert found is not None
    assert (found.name, found.role, found.expires) == ("мария", Role.WRITE, None)
    assert re.fullmatch(r"kg_[\w-]{43}", secret)
    assert secret not in tokens.path.read_text(encoding="utf-8")
    assert found.sha256 == digest(secret)
    assert tokens.find(secret + "x") is None
    assert tokens.find(secret[:-1]) is None
    assert tokens.find("") is None


def test_only_the_owner_reads_the_file(tokens: Tokens) -> None:
    before = os.umask(0)
    try:
        tokens.add("a", Role.ADMIN)
        tokens.add("b", Role.ADMIN)
    finally:
        os.umask(before)
    assert tokens.path.stat().st_mode & 0o777 == 0o600


def test_what_another_process_does_is_seen_at_once(tokens: Tokens, tmp_path: Path) -> None:
    other = Tokens.of(tmp_path)
    secret = other.add("a", Role.WRITE)
    assert tokens.find(secret) is not None
    other.remove("a")
    assert tokens.find(secret) is None


def test_two_that_add_at_once_lose_nothing(tokens: Tokens, tmp_path: Path) -> None:
    other = Tokens.of(tmp_path)
    other.entries()
    first, second = tokens.add("a", Role.WRITE), other.add("b", Role.ADMIN)
    assert [token.name for token in tokens.entries()] == ["a", "b"]
    assert tokens.find(first) and tokens.find(second)


def test_a_token_ends_with_its_days(tokens: Tokens) -> None:
    secret = tokens.add("a", Role.WRITE, days=3)
    (token,) = tokens.entries()
    assert token.expires == token.created + timedelta(days=3)
    assert token.valid(datetime.now(UTC))
    assert not token.valid(token.expires)
    past = tokens.path.read_text(encoding="utf-8").replace(token.expires.isoformat(), "2020-01-01T00:00:00+00:00")
    tokens.path.write_text(past, encoding="utf-8")
    assert tokens.find(secret) is None


@pytest.mark.parametrize("name", ["", "KG_TOKEN", "a b", "x" * 65, "a\n", "<a>"])
def test_a_name_that_is_none_is_refused(name: str, tokens: Tokens) -> None:
    with pytest.raises(ParameterError):
        tokens.add(name, Role.WRITE)


def test_a_name_is_given_once(tokens: Tokens) -> None:
    tokens.add("a", Role.WRITE)
    with pytest.raises(ParameterError, match="already"):
        tokens.add("a", Role.ADMIN)
    with pytest.raises(NotFoundError):
        tokens.remove("b")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"tokens": [{"name": "a"}]}',
        '{"tokens": [{"name":"a","role":"king","sha256":"","created":""}]}',
    ],
)
def test_a_damaged_file_opens_nothing_and_says_what_to_do(text: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match="kg token add"):
        Tokens.of(tmp_path).find("x")


def test_roles_have_names_and_an_order(tokens: Tokens) -> None:
    assert [role.label for role in sorted(Role)] == ["read-drafts", "write", "admin"]
    assert Role.of("read-drafts") is Role.READ_DRAFTS
    with pytest.raises(ParameterError, match="read-drafts, write, admin"):
        Role.of("WRITE")
    tokens.add("a", Role.READ_DRAFTS)
    assert json.loads(tokens.path.read_text(encoding="utf-8"))["tokens"][0]["role"] == "read-drafts"
