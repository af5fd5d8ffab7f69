"""Frames, however they are cut on their way."""

from __future__ import annotations

import random
import socket

import pytest

from kg.answering.frames import FORGET, BrokenFrameError, Frames, Header, Inbox, pack

SENT: list[tuple[Header, bytes]] = [
    ({"t": "a"}, b""),
    ({"имe": ["ж", 1.5, None]}, b"\x00" * 70_000),
    ({}, b"x"),
    ({"t": "b" * 5000}, b"y" * 9),
]


@pytest.mark.parametrize("seed", range(20))
def test_frames_are_put_together_from_pieces_of_any_size(seed: int) -> None:
    chance, frames, found = random.Random(seed), Frames(), list[tuple[Header, bytes]]()
    stream = b"".join(pack(*frame) for frame in SENT * 3)
    while stream:
        size = chance.choice((1, 3, 8, 100, 65_536, 200_000))
        found += frames.feed(stream[:size])
        stream = stream[size:]
    assert found == SENT * 3


def test_an_inbox_waits_for_the_rest() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(pack(*SENT[0]) + pack(*SENT[2]) + pack(*SENT[3]))
        inbox = Inbox(theirs)
        assert [inbox.get() for _ in range(3)] == [SENT[0], SENT[2], SENT[3]]
        ours.close()
        with pytest.raises(EOFError):
            inbox.get()


@pytest.mark.parametrize("data", [b"\xff" * 8, b"\x00\x00\x00\x01\x00\x00\x00\x00{", b"\x7f\x00\x00\x00" * 2])
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenFrameError):
        list(Frames().feed(data))


@pytest.mark.parametrize(
    ("taken", "back", "expected"), [(0, 2, "abC!D!"), (1, 2, "abC!D!"), (3, 9, "abcD!"), (4, 1, "abcd")]
)
def test_what_nobody_has_begun_with_is_taken_back(taken: int, back: int, expected: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"".join(pack({"t": name}) for name in "abcd"))
        inbox, found = Inbox(theirs), ""

        def take() -> str:
            header, _ = inbox.get()
            return header["t"].upper() + "!" if FORGET in header else str(header["t"])

        for _ in range(taken):
            found += take()
        ours.sendall(pack({FORGET: back}) + pack({"t": "later"}))
        inbox.look()
        while len(inbox) > 1:
            found += take()
        assert found == expected
        assert inbox.get() == ({"t": "later"}, b"")
        inbox.look()
        assert not inbox
