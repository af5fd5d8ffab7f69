from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from kg.errors import BusyError, ParameterError, SlowRequestError, TooLargeError
from kg.web.body import Room, file_of, receive_file
from kg.web.own import own_address


def messages(*parts: bytes | None, last: dict[str, Any] | None = None) -> Callable[[], Awaitable[dict[str, Any]]]:
    """What a client sends; None is a pause that never ends."""
    todo = [{"type": "http.request", "body": part, "more_body": True} if part is not None else None for part in parts]

    async def receive() -> dict[str, Any]:
        if not todo:
            return last or {"type": "http.request", "body": b"", "more_body": False}
        message = todo.pop(0)
        if message is None:
            await asyncio.Event().wait()
        assert message is not None
        return message

    return receive


def test_a_body_is_kept_as_it_came() -> None:
    with asyncio.run(receive_file(messages(b"ab", b"", b"cd"), 4, 5, None)) as file:
        file.seek(0)
        assert file.read() == b"abcd"


def test_a_body_over_the_limit_or_too_slow_or_broken_off_is_refused() -> None:
    with pytest.raises(TooLargeError):
        asyncio.run(receive_file(messages(b"ab", b"cde"), 4, 5, None))
    with pytest.raises(SlowRequestError):
        asyncio.run(receive_file(messages(b"ab", None), 4, 0.01, None))
    with pytest.raises(ClientDisconnect):
        asyncio.run(receive_file(messages(b"ab", last={"type": "http.disconnect"}), 4, 5, None))


def test_bytes_become_a_file() -> None:
    with file_of(b"abc", None) as file:
        file.seek(0)
        assert file.read() == b"abc"


@pytest.mark.parametrize(
    ("host", "path", "address"),
    [
        (b"example.org", b"/graphs/a%20b", "http://example.org/graphs/a%20b"),
        (b"127.0.0.1:80", b"/x", "http://127.0.0.1:80/x"),
        (b"", b"/x", None),
        (b"h", b"/\xff", None),
        (b"h", b"/a\\b", None),
    ],
)
def test_a_request_knows_its_own_address(host: bytes, path: bytes, address: str | None) -> None:
    scope = {"scheme": "http", "raw_path": path, "path": "", "headers": [(b"host", host)]}
    assert own_address(scope) == address


@pytest.mark.parametrize("host", [b"a b", b"a<b>", b"evil.example/a/b?x=", b"h" * 300])
def test_a_host_that_is_none_is_refused(host: bytes) -> None:
    with pytest.raises(ParameterError):
        own_address({"scheme": "http", "raw_path": b"/x", "path": "", "headers": [(b"host", host)]})


def test_all_bodies_together_have_a_limit_and_small_ones_always_room() -> None:
    room, large = Room(100_000), b"x" * 70_000
    assert asyncio.run(room.read(messages(large), 10**6, 5)) == large
    with pytest.raises(BusyError):
        asyncio.run(room.read(messages(large), 10**6, 5))
    assert room.taken == len(large)
    with pytest.raises(TooLargeError):
        asyncio.run(room.read(messages(b"abc"), 2, 5))
    with pytest.raises(ClientDisconnect):
        asyncio.run(room.read(messages(b"abc", last={"type": "http.disconnect"}), 100, 5))
    assert room.taken == len(large)
    assert asyncio.run(room.read(messages(b"y" * 60_000), 10**6, 5)) == b"y" * 60_000
    room.give(130_000)
    assert room.taken == 0
