"""Workers that answer as a test says, so that the front alone is looked at."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import cast

from kg.answering.job import Job
from kg.answering.question import Answer, Question, Running, Seen
from kg.answering.spool import Spool
from kg.answering.workers import Workers
from kg.errors import KgError
from kg.formats import GRAPHS, HTML, RESULTS, pick

_ROOM = 2**24
Script = Callable[[Question], Awaitable[Answer] | Answer]


class Scripted(Workers):
    """Every query is answered by the script; what was asked is noted."""

    def __init__(self, script: Script) -> None:  # no process, so nothing of what it derives from is set up
        self.script = script
        self.asked: list[Question] = []
        self.looked: list[Question] = []
        self.settled: list[Path] = []
        self.cancelled = 0
        self._tasks: dict[Job, asyncio.Task[None]] = {}
        self.closed = 0

    async def start(self, release: Path | None = None) -> None:
        pass

    async def close(self) -> None:
        pass

    def settle(self, release: Path) -> None:
        self.settled.append(release)

    def running(self) -> tuple[Running, ...]:
        return ()

    def gauges(self) -> Mapping[str, float]:
        return {}

    @property
    def alive(self) -> int:
        return 1

    async def look(self, question: Question, *, client: str = "") -> Seen:
        self.looked.append(question)
        return seen(question)

    async def answer(self, question: Question, *, timeout: float | None = None, client: str = "") -> Answer:
        self.asked.append(question)
        found = self.script(question)
        if isinstance(found, Answer):
            return found
        try:
            return await found
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    def ask(self, question: Question, *, timeout: float | None = None, client: str = "") -> Job:
        loop = asyncio.get_running_loop()
        job = Job(1, question, loop.create_future(), timeout or 60, client, look=False)

        async def run() -> None:
            try:
                answer = await self.answer(question, timeout=timeout, client=client)
            except KgError as error:
                job.fail(error)
            except Exception as error:
                job.future.set_exception(error)
            else:
                if not job.future.done():
                    job.future.set_result(answer)

        self._tasks[job] = loop.create_task(run())
        return job

    async def wait(self, job: Job) -> Answer:
        try:
            return cast(Answer, await job.future)
        except asyncio.CancelledError:
            self.abandon(job)
            raise

    def abandon(self, job: Job) -> None:
        self._tasks[job].cancel()
        job.future.cancel()

    def forget(self, job: Job) -> None:
        pass

    def spooled(self, question: Question, size: int, *, complete: bool = True) -> tuple[Answer, Spool]:
        """An answer of so many bytes, in a file with room for more."""
        with tempfile.TemporaryFile() as file:
            file.truncate(size + _ROOM)
            spool = Spool(os.dup(file.fileno()), size, complete=complete, on_close=self._noted)
        return Answer(seen(question), 0.01, spool=spool), spool

    def _noted(self) -> None:
        self.closed += 1


def seen(question: Question) -> Seen:
    """The form is the first word; what holds „volatile“ is."""
    form = question.text.split(maxsplit=1)[0]
    offered = (*(RESULTS if form in {"SELECT", "ASK"} else GRAPHS), *((HTML,) if question.page else ()))
    return Seen(form, "volatile" in question.text, "shape", pick(question.accept, question.formats, offered))


def small(body: bytes) -> Script:
    """The same small answer to everything."""
    return lambda question: Answer(seen(question), 0.01, body=body)
