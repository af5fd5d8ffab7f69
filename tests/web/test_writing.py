"""The process that writes, with its life threatened."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from kg import writer
from kg.errors import BusyError, ConflictError, DataError, DeadlineError, NotFoundError, QueryError, StoreError
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.store.maintenance import verify
from kg.store.suite import SuiteStore
from kg.web.body import file_of
from kg.web.writing import Writer
from kg.writer import Done

GRAPH = "http://localhost:8000/graph/endpoint/x"
ENDLESS = (
    "INSERT { <urn:a> <urn:b> ?n } WHERE { { SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . ?g ?s ?h } } }"
)


class Office:
    """A writer of a home of its own, for one event loop."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.store: SuiteStore | EmbeddedStore = (
            SuiteStore.open(home) if settings.get("suite_mode") else EmbeddedStore.open(home)
        )
        self.writer = Writer.of(Settings(home=home, **settings), self.store)

    async def write(self, do: str, text: str = "", **about: Any) -> Done:
        return await self.writer.write(do, file_of(text.encode(), None), agent="clerk", **about)

    async def insert(self, value: str) -> Done:
        return await self.write("update", f'INSERT DATA {{ <urn:a> <urn:b> "{value}" }}')

    def values(self) -> set[str]:
        release = self.store.current()
        assert release is not None
        verify(release)
        return {row["v"].value for row in release.select("SELECT ?v { <urn:a> <urn:b> ?v }")}  # type: ignore[union-attr]

    def run(self, steps: Callable[[Office], Awaitable[None]]) -> None:
        async def whole() -> None:
            try:
                await steps(self)
            finally:
                await self.writer.close()

        asyncio.run(whole())
        assert self.writer.pid is None


@pytest.fixture
def home(report_home: Path, tmp_path: Path) -> Path:
    shutil.copytree(report_home, tmp_path / "home")
    return tmp_path / "home"


def test_orders_are_carried_out_in_one_process(home: Path) -> None:
    async def steps(office: Office) -> None:
        first = await office.insert("1")
        assert (first.release, first.added, first.removed) == (2, 1, 0)
        pid = office.writer.pid
        assert await office.insert("1") == Done(release=2, digest=first.digest, added=0, removed=0)
        put = await office.write("put", "<#a> <p> 1 .", graph=GRAPH, media_type="text/turtle", base_iri=GRAPH)
        assert (put.release, put.created) == (3, True)
        made = await office.write("post", "<> <p> 1 .", media_type="text/turtle")
        assert made.graph.startswith("http://localhost:8000/graph/endpoint/")
        assert (await office.write("patch", "INSERT DATA { <urn:c> <urn:d> 1 }", graph=GRAPH)).added == 1
        assert (await office.write("delete", graph=GRAPH)).removed == 2
        assert office.writer.pid == pid

    Office(home).run(steps)


def test_refusals_arrive_as_errors_and_the_process_stays(home: Path) -> None:
    async def steps(office: Office) -> None:
        await office.insert("1")
        pid = office.writer.pid
        for error, do, text, about in (
            (QueryError, "update", "INSERT DATA { <urn:a> }", {}),
            (QueryError, "update", "SELECT * { ?s ?p ?o }", {}),
            (ConflictError, "update", "CLEAR ALL", {}),
            (DataError, "update", "INSERT DATA { <urn:a> a <https://w3id.org/municipal-kg/ns#Event> }", {}),
            (ConflictError, "put", "", {"default": True, "media_type": "text/turtle"}),
            (NotFoundError, "delete", "", {"graph": GRAPH}),
        ):
            with pytest.raises(error):
                await office.write(do, text, **about)
        assert (office.writer.pid, office.values()) == (pid, {"1"})

    Office(home).run(steps)


def test_a_write_that_takes_too_long_is_ended_and_leaves_nothing(home: Path) -> None:
    async def steps(office: Office) -> None:
        with pytest.raises(DeadlineError):
            await office.write("update", ENDLESS)
        office.writer._seconds = 60
        assert (await office.insert("1")).release == 2

    Office(home, write_timeout=3.0).run(steps)


def test_a_dead_process_is_replaced(home: Path) -> None:
    async def steps(office: Office) -> None:
        await office.insert("1")
        process, channel = office.writer._process, office.writer._channel
        assert process is not None and channel is not None
        process.kill()
        await asyncio.to_thread(process.wait)
        assert (await office.insert("2")).release == 3
        office.writer._process.send_signal(signal.SIGSTOP)  # type: ignore[union-attr]
        writing = asyncio.create_task(office.insert("3"))  # it is given to a process that will never take it
        await asyncio.sleep(0.1)
        os.kill(office.writer.pid or 0, signal.SIGKILL)
        assert (await writing).release == 4
        assert office.values() == {"1", "2", "3"}

    Office(home).run(steps)


def test_killed_in_the_middle_it_leaves_nothing_half_done(home: Path) -> None:
    async def steps(office: Office) -> None:
        await office.insert("1")
        writing = asyncio.create_task(office.write("update", ENDLESS))
        while not list((home / "drafts").iterdir()):
            await asyncio.sleep(0.01)
        assert office.writer.pid is not None
        os.kill(office.writer.pid, signal.SIGKILL)
        with pytest.raises(StoreError, match="nothing was written"):
            await writing
        assert office.values() == {"1"}
        assert (await office.insert("2")).release == 3
        assert not list((home / "drafts").iterdir())

    Office(home).run(steps)


def test_it_ends_with_the_service_whatever_it_is_doing(home: Path) -> None:
    async def steps(office: Office) -> None:
        await office.insert("1")
        process, channel = office.writer._process, office.writer._channel
        assert process is not None and channel is not None
        writing = asyncio.create_task(office.write("update", ENDLESS))
        while not list((home / "drafts").iterdir()):
            await asyncio.sleep(0.01)
        channel.shutdown(socket.SHUT_RDWR)  # as the kernel does when the service dies
        await asyncio.to_thread(process.wait, 20)
        with pytest.raises(StoreError):
            await writing
        assert (await office.insert("2")).release == 3

    Office(home).run(steps)


def test_what_was_sealed_before_the_process_died_is_acknowledged(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(office: Office) -> None:
        def dies(channel: Any) -> Any:
            message = receive(channel)
            if message is not None and "done" in message[0]:
                raise EOFError
            return message

        await office.insert("1")
        receive = writer.receive
        monkeypatch.setattr(writer, "receive", dies)
        done = await office.insert("2")
        monkeypatch.undo()
        assert (done.release, done.added > 0) == (3, True)
        assert office.values() == {"1", "2"}

    Office(home).run(steps)


def test_a_second_write_waits_its_turn_and_then_is_told_to_come_back(home: Path) -> None:
    async def steps(office: Office) -> None:
        writing = asyncio.create_task(office.write("update", ENDLESS))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await office.insert("1")
        with pytest.raises(DeadlineError):
            await writing
        office.writer._seconds = 60
        await office.insert("2")

    Office(home, write_timeout=3.0, lock_timeout=0.2).run(steps)


def test_a_client_that_goes_away_does_not_take_its_write_with_it(home: Path) -> None:
    async def steps(office: Office) -> None:
        await office.insert("1")
        writing = asyncio.create_task(office.insert("2"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        writing.cancel()
        await office.insert("3")
        assert office.values() == {"1", "2", "3"}

    Office(home).run(steps)


def test_memory_is_bounded(home: Path) -> None:
    doubling = "BIND(CONCAT(?x, ?x) AS ?y)"
    text = 'INSERT { <urn:a> <urn:b> ?x30 } WHERE { BIND("aaaaaaaaaaaaaaaa" AS ?x0) '
    text += " ".join(doubling.replace("?x", f"?x{n}").replace("?y", f"?x{n + 1}") for n in range(30)) + " }"

    async def steps(office: Office) -> None:
        with pytest.raises(StoreError, match="nothing was written"):
            await office.write("update", text)
        assert (await office.insert("1")).release == 2

    Office(home, worker_memory=512 * 2**20).run(steps)


def test_the_suite_store_is_written_by_the_same_process(tmp_path: Path) -> None:
    async def steps(office: Office) -> None:
        await office.write("update", 'INSERT DATA { <urn:a> <urn:b> "1" . GRAPH <urn:g> { [] <urn:b> [] } }')
        await office.write("update", "LOAD SILENT <http://127.0.0.1:1/> ; DROP GRAPH <urn:g>")
        await office.write("put", "[] <urn:p> 1 .", default=True, media_type="text/turtle")
        put = await office.write("put", "", graph="urn:empty", media_type="text/turtle")
        release = office.store.current()
        assert release is not None
        assert (put.created, release.manifest.triples, release.manifest.graphs) == (True, 1, {"urn:empty": 0})

    Office(tmp_path / "suite", suite_mode=True).run(steps)
