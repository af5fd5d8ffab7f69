"""Who may, and what is written down about it."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kg.errors import BusyError, ForbiddenError, StoreError, UnauthorizedError
from kg.settings import Settings
from kg.tokens import Tokens
from kg.web import attempts
from kg.web.access import Access, Role
from kg.web.audit import Audit, Event
from kg.web.exchange import begin, exchange

SECRET = "the-bootstrap-token"
Headers = Sequence[tuple[bytes, bytes]]


def scope(*headers: tuple[bytes, bytes], client: str = "203.0.113.7") -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/update",
        "query_string": b"",
        "headers": list(headers),
        "client": (client, 1),
        "scheme": "http",
    }
    begin(made)
    return made


def bearer(secret: str, client: str = "203.0.113.7") -> dict[str, Any]:
    return scope((b"authorization", b"Bearer " + secret.encode("latin-1")), client=client)


@pytest.fixture
def access(tmp_path: Path) -> Access:
    return Access(Settings(token=SECRET, home=tmp_path), tmp_path)


def events(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (home / "audit.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_setting_is_an_administrator(access: Access, tmp_path: Path) -> None:
    asked = bearer(SECRET)
    agent = access.require(asked, Role.ADMIN)
    assert (agent.name, agent.role) == ("KG_TOKEN", Role.ADMIN)
    assert exchange(asked).agent == "KG_TOKEN"
    assert not (tmp_path / "audit.jsonl").exists()


@pytest.mark.parametrize("scheme", [b"bearer", b"BEARER", b"Bearer"])
def test_the_scheme_has_no_case(scheme: bytes, access: Access) -> None:
    assert access.require(scope((b"authorization", scheme + b"  " + SECRET.encode())), Role.WRITE)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("wanted", list(Role))
def test_a_role_holds_those_below_it(role: Role, wanted: Role, access: Access, tmp_path: Path) -> None:
    secret = Tokens.of(tmp_path).add("ivan", role)
    if role >= wanted:
        assert access.require(bearer(secret), wanted).name == "ivan"
        return
    with pytest.raises(ForbiddenError, match=wanted.label):
        access.require(bearer(secret), wanted)
    (event,) = events(tmp_path)
    assert (event["action"], event["status"], event["agent"], event["reason"]) == (
        "authorize",
        403,
        "ivan",
        "forbidden",
    )


def test_a_token_taken_back_opens_nothing(access: Access, tmp_path: Path) -> None:
    tokens = Tokens.of(tmp_path)
    secret = tokens.add("ivan", Role.WRITE)
    assert access.require(bearer(secret), Role.WRITE)
    tokens.remove("ivan")
    with pytest.raises(UnauthorizedError):
        access.require(bearer(secret), Role.WRITE)


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ([], ""),
        ([(b"authorization", b"Bearer wrong")], "invalid_token"),
        ([(b"authorization", b"Bearer")], "invalid_token"),
        ([(b"authorization", b"Bearer ")], "invalid_token"),
        ([(b"authorization", b"")], "invalid_token"),
        ([(b"authorization", b"Basic " + SECRET.encode())], "invalid_token"),
        ([(b"authorization", SECRET.encode())], "invalid_token"),
        ([(b"authorization", b"Bearer " + SECRET.encode() + b" x")], "invalid_token"),
        ([(b"authorization", b"Bearer " + SECRET.encode() + b"\xff")], "invalid_token"),
        ([(b"authorization", b"Bearer " + b"x" * 5000)], "invalid_token"),
        ([(b"authorization", b"Bearer " + SECRET.encode())] * 2, "invalid_token"),
        ([(b"x-authorization", b"Bearer " + SECRET.encode())], ""),
        ([(b"cookie", b"token=" + SECRET.encode())], ""),
    ],
)
def test_everything_else_is_nobody(headers: Headers, error: str, access: Access, tmp_path: Path) -> None:
    asked = scope(*headers)
    asked["query_string"] = b"access_token=" + SECRET.encode()
    with pytest.raises(UnauthorizedError) as caught:
        access.require(asked, Role.READ_DRAFTS)
    assert caught.value.error == error
    (event,) = events(tmp_path)
    assert (event["status"], event["client"], event["request"]) == (401, "203.0.113.7", exchange(asked).id)
    assert SECRET not in json.dumps(event)


def test_without_a_setting_nothing_is_the_bootstrap_token(tmp_path: Path) -> None:
    for token in (None, ""):
        with pytest.raises(UnauthorizedError):
            Access(Settings(token=token, home=tmp_path), tmp_path).require(bearer("None"), Role.WRITE)


def test_guessing_is_slowed_but_keeps_nobody_else_out(access: Access, tmp_path: Path) -> None:
    for _ in range(20):
        with pytest.raises(UnauthorizedError):
            access.require(bearer("guess"), Role.WRITE)
    for _ in range(30):
        with pytest.raises(BusyError):
            access.require(bearer("guess"), Role.WRITE)
    assert len(events(tmp_path)) == 20
    assert events(tmp_path)[-1]["reason"] == "too-many-attempts"
    assert access.require(bearer(SECRET), Role.ADMIN)
    with pytest.raises(UnauthorizedError):
        access.require(scope(), Role.WRITE)  # who shows nothing does not guess
    with pytest.raises(UnauthorizedError):
        access.require(bearer("guess", "203.0.113.8"), Role.WRITE)


def test_attempts_that_are_no_lines_of_their_own_are_counted(
    access: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "_WINDOW", 0.2)
    for _ in range(30):
        with pytest.raises((UnauthorizedError, BusyError)):
            access.require(bearer("guess"), Role.WRITE)
    assert len(events(tmp_path)) == 20
    deadline = time.monotonic() + 10
    while len(events(tmp_path)) == 20 and time.monotonic() < deadline:
        time.sleep(0.02)
    *_, told = events(tmp_path)
    assert told.pop("time")
    assert told == {
        "action": "authorize",
        "client": "203.0.113.7",
        "reason": "too-many-attempts",
        "attempts": 10,
        "clients": 1,
    }


def test_attempts_of_the_last_minute_are_told_at_the_end(tmp_path: Path) -> None:
    refusing = Access(Settings(token=SECRET, home=tmp_path), tmp_path)
    for client in ("203.0.113.7", "2001:db8::1"):
        for _ in range(25):
            with pytest.raises((UnauthorizedError, BusyError)):
                refusing.require(bearer("guess", client), Role.WRITE)
    assert len(events(tmp_path)) == 40
    del refusing
    gc.collect()
    *_, told = events(tmp_path)
    assert (told["attempts"], told["clients"], "client" in told, len(events(tmp_path))) == (10, 2, False, 41)


def test_one_network_of_version_6_is_one_client(access: Access) -> None:
    for number in range(20):
        with pytest.raises(UnauthorizedError):
            access.require(bearer("guess", f"2001:db8::{number:x}"), Role.WRITE)
    with pytest.raises(BusyError):
        access.require(bearer("guess", "2001:db8::ffff:1"), Role.WRITE)
    with pytest.raises(UnauthorizedError):
        access.require(bearer("guess", "2001:db8:0:1::1"), Role.WRITE)


def test_a_refusal_stands_when_it_cannot_be_noted(tmp_path: Path) -> None:
    access = Access(Settings(home=tmp_path / "none"), tmp_path / "none")
    with pytest.raises(UnauthorizedError):
        access.require(scope(), Role.WRITE)


def test_what_was_done_is_one_line_for_its_owner(tmp_path: Path) -> None:
    audit = Audit.of(tmp_path)
    asked = bearer(SECRET)
    exchange(asked).agent = "ivan"
    before = os.umask(0)
    try:
        asyncio.run(
            audit.record(
                asked,
                Event(action="put-graph", status=201, graph="urn:g", release=7, digest="abc", added=3, removed=0),
            )
        )
    finally:
        os.umask(before)
    audit.append(Event(action="token-add", status=0, agent="root", about="Мария\n(write)"))
    first, second = events(tmp_path)
    time = first.pop("time")
    assert time.endswith("Z")
    assert first == {
        "action": "put-graph",
        "status": 201,
        "agent": "ivan",
        "request": exchange(asked).id,
        "client": "203.0.113.7",
        "graph": "urn:g",
        "release": 7,
        "digest": "abc",
        "added": 3,
        "removed": 0,
    }
    assert second["about"] == "Мария\n(write)"
    assert audit.path.stat().st_mode & 0o777 == 0o600


def test_lines_of_many_writers_do_not_mix(tmp_path: Path) -> None:
    audit = Audit.of(tmp_path)

    async def all_at_once() -> None:
        event = Event(action="update", status=200, graph="g" * 5000)
        await asyncio.gather(*(audit.record(scope(), event) for _ in range(40)))

    asyncio.run(all_at_once())
    assert len(events(tmp_path)) == 40


def test_a_file_that_was_moved_away_is_followed_by_a_new_one(tmp_path: Path) -> None:
    audit = Audit.of(tmp_path)
    audit.append(Event(action="update", status=200))
    audit.path.rename(tmp_path / "audit.1")
    audit.append(Event(action="update", status=204))
    assert [event["status"] for event in events(tmp_path)] == [204]
    assert audit.path.stat().st_mode & 0o777 == 0o600
    assert json.loads((tmp_path / "audit.1").read_text())["status"] == 200


def test_after_a_torn_line_the_next_one_is_whole(tmp_path: Path) -> None:
    audit = Audit.of(tmp_path)
    audit.path.write_bytes(b'{"time": "2026-')
    audit.append(Event(action="update", status=200))
    audit.append(Event(action="update", status=400))
    torn, *lines = audit.path.read_text().splitlines()
    assert (torn, [json.loads(line)["status"] for line in lines]) == ('{"time": "2026-', [200, 400])


def test_a_write_that_cannot_be_noted_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        asyncio.run(Audit.of(tmp_path / "none").record(scope(), Event(action="update", status=200)))


@pytest.mark.parametrize(
    ("headers", "client", "scheme"),
    [
        ([], "10.0.0.1", "http"),
        ([(b"x-forwarded-for", b"198.51.100.9")], "198.51.100.9", "http"),
        ([(b"x-forwarded-for", b"1.2.3.4, 198.51.100.9, 10.0.0.2")], "198.51.100.9", "http"),
        ([(b"x-forwarded-for", b"1.2.3.4"), (b"x-forwarded-for", b"198.51.100.9")], "198.51.100.9", "http"),
        ([(b"x-forwarded-for", b"10.0.0.2")], "10.0.0.1", "http"),
        ([(b"x-forwarded-proto", b"https")], "10.0.0.1", "https"),
        ([(b"x-forwarded-proto", b"javascript")], "10.0.0.1", "http"),
    ],
)
def test_a_proxy_is_believed_when_it_is_ours(headers: Headers, client: str, scheme: str) -> None:
    proxies = frozenset({"10.0.0.1", "10.0.0.2"})
    behind = scope(*headers, client="10.0.0.1")
    assert begin(behind, proxies).client == client
    assert behind["scheme"] == scheme
    stranger = scope(*headers, client="192.0.2.1")
    assert begin(stranger, proxies).client == "192.0.2.1"
    assert stranger["scheme"] == "http"


def test_an_ipv4_client_of_a_socket_for_both_is_itself() -> None:
    assert begin({"client": ("::ffff:10.0.0.7", 1), "headers": []}).client == "10.0.0.7"
    assert begin({"client": ("2001:db8::1", 1), "headers": []}).client == "2001:db8::1"
