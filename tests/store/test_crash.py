"""Writers that are killed, and writers that meet."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from kg.store.embedded import EmbeddedStore
from kg.store.maintenance import verify

KILLS = int(os.environ.get("KG_TEST_KILLS", "50"))

WRITER = """
import sys
from pathlib import Path
from pyoxigraph import Literal, NamedNode, Triple
from kg.errors import BusyError
from kg.store.embedded import EmbeddedStore

home, agent, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
timeout = float(sys.argv[4])
store = EmbeddedStore.open(home, agent=agent, lock_timeout=timeout, keep_bytes=300_000)
print("ready", flush=True)
graphs = [NamedNode(f"http://localhost:8000/graph/{name}") for name in "abc"]
for turn in range(rounds):
    try:
        with store.draft() as draft:
            number = draft.parent.number if draft.parent else 0
            size = (number * 37) % 200
            for graph in graphs[: 1 + number % 3]:
                draft.replace(
                    graph,
                    [Triple(NamedNode(f"http://e/{n}"), NamedNode("http://e/p"), Literal(f"{number} {n % 9}"))
                     for n in range(size)] + [Triple(graph, graph, Literal(f"{number} {agent}"))],
                )
            print(draft.seal(agent=agent, activity="load").number, flush=True)
    except BusyError as refusal:
        print("busy", refusal, flush=True)
"""


def start(home: Path, agent: str, rounds: int = 1_000_000, timeout: float = 30) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(home), agent, str(rounds), str(timeout)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_writer_killed_at_any_moment_leaves_a_home_that_opens_and_is_whole(tmp_path: Path) -> None:
    home = tmp_path / "home"
    chance = random.Random(20261122)
    told, longest, idle = 0, 0.25, 0
    for _ in range(KILLS):
        with start(home, "killed") as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, longest))
            writer.send_signal(signal.SIGKILL)
            sealed = [int(line) for line in writer.stdout.read().split("\n") if line]
        store = EmbeddedStore.open(home)
        current = store.current()
        number = current.number if current else 0
        idle = 0 if sealed else idle + 1
        longest *= 1 if idle % 8 or not idle else 2  # so that a slow disk gets to sealing something, too
        told = max([told, *sealed])
        assert number in {told, told + 1}  # acknowledged means there; the last one may not have said so
        told = number
        if current is not None:
            verify(current)
            assert [manifest.number for manifest in store.manifests()] == list(range(1, number + 1))
            assert [json.loads(store.home.manifest(n).read_bytes())["number"] for n in store.kept()] == list(
                store.kept()
            )
    assert told >= KILLS // 5
    store = EmbeddedStore.open(home)
    for number in store.kept():
        verify(store.release(number))
    with store.draft() as draft:
        parent = draft.parent
        assert parent is not None
        draft.replace(next(iter(parent.quads())).predicate, [])
        for graph in parent.manifest.graphs:
            draft.replace(type(next(iter(parent.quads())).predicate)(graph), [])
        last = draft.seal(agent="test", activity="load")
    assert last.number == told + 1
    assert last.manifest.quads == 0
    assert list((home / "drafts").iterdir()) == []
    assert len(store.diff(0, told).added) == store.manifest(told).quads


def test_two_writers_take_turns(tmp_path: Path) -> None:
    home = tmp_path / "home"
    writers = [start(home, name, rounds=8) for name in ("first", "second")]
    numbers: list[int] = []
    for writer in writers:
        out, _ = writer.communicate(timeout=60)
        assert writer.returncode == 0
        numbers += [int(line) for line in out.split("\n")[1:] if line]
    assert sorted(numbers) == list(range(1, 17))
    store = EmbeddedStore.open(home)
    verify(store.current() or store.release(16))
    assert {manifest.agent for manifest in store.manifests()} == {"first", "second"}


def test_a_writer_that_may_not_wait_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    home = tmp_path / "home"
    store = EmbeddedStore.open(home, agent="Мария")
    with store.draft(), start(home, "second", rounds=1, timeout=0.05) as writer:
        out, _ = writer.communicate(timeout=60)
    assert "busy Мария is writing" in out
    assert store.current() is None
