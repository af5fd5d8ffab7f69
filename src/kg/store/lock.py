"""One writer at a time: an exclusive flock whose holder can be named."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from kg.errors import BusyError
from kg.store.disk import surroundings

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1


@dataclass(frozen=True, slots=True)
class Holder:
    """Who writes just now, as the lock file tells it."""

    pid: int
    agent: str
    host: str
    since: str

    @classmethod
    def here(cls, agent: str, now: datetime) -> Holder:
        return cls(os.getpid(), agent, socket.gethostname(), now.isoformat(timespec="seconds"))

    @classmethod
    def read(cls, path: Path) -> Holder | None:
        """The holder, or None when the file does not say."""
        try:
            told = json.loads(path.read_bytes())
            return cls(int(told["pid"]), str(told["agent"]), str(told["host"]), str(told["since"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def busy(holder: Holder | None) -> BusyError:
    """The refusal that names the holder."""
    if holder is None:
        return BusyError(
            "another writer holds the lock; try again in a moment",
            "в момента пише друг процес; опитайте отново след малко",
        )
    return BusyError(
        f"{holder.agent} is writing (process {holder.pid} on {holder.host}, since {holder.since}); "
        "try again when it is done",
        f"в момента пише {holder.agent} (процес {holder.pid} на {holder.host}, от {holder.since}); "
        "опитайте отново, когато приключи",
    )


@contextmanager
def held(path: Path, *, agent: str, now: datetime, timeout: float) -> Iterator[None]:
    """The lock, ours for the block. Raises BusyError after `timeout` seconds of waiting.

    The kernel lets go of it when the process ends, however it ends; the file itself stays for ever.
    """
    with surroundings(path):
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _wait(fd, path, time.monotonic() + timeout)
        with surroundings(path):
            os.ftruncate(fd, 0)
            os.pwrite(fd, json.dumps(asdict(Holder.here(agent, now)), ensure_ascii=False).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(fd, 0)
            fcntl.flock(fd, fcntl.LOCK_UN)  # a forked child may hold a copy of the descriptor
    finally:
        os.close(fd)


def _wait(fd: int, path: Path, deadline: float) -> None:
    pause = _FIRST_PAUSE
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            left = deadline - time.monotonic()
            if left <= 0:
                raise busy(Holder.read(path)) from None
            time.sleep(min(pause, left))
            pause = min(pause * 2, _LONGEST_PAUSE)
