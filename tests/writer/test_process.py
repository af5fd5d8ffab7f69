"""The process itself, as the service starts it."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from kg import writer
from kg.isolation import ENVIRONMENT, resident
from kg.writer import Config, Order

GIB = 2**30


@contextmanager
def process(home: Path, *, memory: int, limit: int) -> Iterator[tuple[socket.socket, int]]:
    """The channel to a process that has been told its configuration, and its pid; others had limited it before."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        started = subprocess.Popen(
            [sys.executable, "-m", "kg.writer", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=ENVIRONMENT,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )
        theirs.close()
        config = Config(
            home=str(home), base=None, suite=True, lock_timeout=5, keep_days=1, keep_bytes=GIB, memory=memory
        )
        writer.send(ours, asdict(config))
        try:
            yield ours, started.pid
        finally:
            ours.close()
            started.wait(20)


def address_space(pid: int) -> list[str]:
    """The soft and the hard limit."""
    (line,) = (line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if "address space" in line)
    return line.split()[3:5]


@pytest.mark.parametrize("memory", [GIB, 64 * GIB])
def test_a_limit_that_is_there_already_is_not_raised(tmp_path: Path, memory: int) -> None:
    limit = 8 * GIB
    with process(tmp_path / "home", memory=memory, limit=limit) as (channel, pid), tempfile.TemporaryFile() as body:
        body.write(b'INSERT DATA { <urn:a> <urn:b> "1" }')
        body.flush()
        writer.send(channel, asdict(Order(do="update", agent="a", mark="m", seconds=20)), body.fileno())
        channel.settimeout(30)
        assert writer.receive(channel) == ({"taken": "m"}, [])
        soft, hard = map(int, address_space(pid))
        assert soft == hard
        assert (hard < limit) is (memory < limit)
        received = writer.receive(channel)
        assert received is not None
        assert writer.outcome(received[0]).release == 2


def test_memory_in_use_is_counted_in_bytes() -> None:
    before = resident()
    held = bytearray(b"x") * 2**26
    assert 2**26 <= resident() - before < 2**27
    assert len(held) == 2**26
