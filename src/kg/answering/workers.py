"""The worker processes as one thing to ask."""

from __future__ import annotations

import asyncio
import functools
import itertools
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from kg.answering.child import Task
from kg.answering.desk import Desk
from kg.answering.job import Job
from kg.answering.lane import Lane
from kg.answering.memory import NICENESS, Copies
from kg.answering.nurse import Nurse
from kg.answering.pool import Pool
from kg.answering.question import Answer, Question, Running, Seen
from kg.errors import BusyError, StoreError
from kg.settings import Settings

_START_TIMEOUT: Final = 60.0
_AHEAD: Final = 8  # small queries that one process has at a time


class Workers:
    """Child processes that answer queries; belongs to one event loop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._ids = itertools.count(1)
        self._desk = Desk(settings.small_time, settings.spool_total)
        self._jobs: dict[int, Job] = {}
        self._latest: Path | None = None
        self._nurses: list[Nurse] = []
        self._pools: list[Pool] = []
        self._copies: Copies | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @classmethod
    def of(cls, settings: Settings) -> Workers:
        """The workers that the settings describe; none runs before `start`."""
        return cls(settings)

    async def start(self, release: Path | None = None) -> None:
        """Processes up and ready. Raises StoreError."""
        self._latest = release
        self._open()
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                for pool in self._pools:
                    await pool.full()
        except TimeoutError as error:
            raise StoreError("the worker processes did not start", "Работните процеси не успяха да тръгнат") from error
        if release is not None:
            self.settle(release)

    async def close(self) -> None:
        """Every process ended and reaped. Who still waits gets BusyError."""
        self._closed = True
        if self._loop is None:
            return
        for lane in self._lanes():
            lane.drain()
        for job in reversed(self._jobs.copy().values()):  # so that nothing moves up
            self._desk.drop(job, BusyError("the service is being stopped", "Услугата се спира"))
        if self._copies is not None:
            await self._copies.close()
        for pool in self._pools:
            pool.end()
        for nurse in self._nurses:
            await nurse.close()

    async def __aenter__(self) -> Workers:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def answer(self, question: Question, *, timeout: float | None = None, client: str = "") -> Answer:
        """The answer, complete or well begun. Cancelling the awaiting task ends the evaluation.

        `timeout` lowers the deadline of the settings; it counts the engine's time, not the queue's.
        Raises QueryError, NotAcceptableError, TooLargeError, ForbiddenError, BusyError, DeadlineError, CancelledError,
        StoreError.
        """
        return await self.wait(self.ask(question, timeout=timeout, client=client))

    def ask(self, question: Question, *, timeout: float | None = None, client: str = "") -> Job:
        """Begins what `wait` gives the answer of, and `abandon` ends. Raises BusyError."""
        return self._submit(question, timeout, client, look=False)

    async def wait(self, job: Job) -> Answer:
        """The answer to what was begun; the same as `answer`."""
        return cast(Answer, await self._wait(job))

    def abandon(self, job: Job) -> None:
        """Nobody wants the answer any more."""
        self._desk.drop(job)
        future = job.future
        if not future.done():
            future.cancel()
        elif not future.cancelled() and future.exception() is None and isinstance(result := future.result(), Answer):
            result.close()
        self.forget(job)

    def forget(self, job: Job) -> None:
        """The answer has been taken from its future."""
        if job.spool is None or job.spool.complete:
            self._jobs.pop(job.id, None)
        else:
            job.spool.when_over(functools.partial(self._jobs.pop, job.id, None))

    async def look(self, question: Question, *, client: str = "") -> Seen:
        """What the text tells, without evaluating it; the same errors."""
        return cast(Seen, await self._wait(self._submit(question, None, client, look=True)))

    def settle(self, release: Path) -> None:
        """This release is current now: a copy in memory is made when nobody has asked for long queries for a while."""
        self._latest = release
        if not self._closed and self._copies is not None:
            self._copies.settle(release)

    def running(self) -> tuple[Running, ...]:
        """Queries under way, oldest first."""
        now = time.time()
        return tuple(
            Running(
                job.id,
                job.text,
                job.shape,
                job.client,
                lane.name,
                job.started,
                now - job.started,
                job.worker.process.pid,
            )
            for job in self._jobs.values()
            if (lane := job.lane) is not None and job.worker is not None
        )

    def cancel(self, id: int) -> bool:
        """End a running query; its caller gets CancelledError. False when it is not running (any more)."""
        job = self._jobs.get(id)
        if job is None or job.worker is None:
            return False
        self._desk.cancel(job)
        return True

    @property
    def alive(self) -> int:
        """How many processes are there to answer."""
        pools = self._pools + ([self._copies.pool] if self._copies and self._copies.pool else [])
        return sum(worker.alive for pool in pools for worker in pool.workers)

    def gauges(self) -> Mapping[str, float]:
        """For /metrics."""
        found: dict[str, float] = {}
        for lane in self._lanes() if self._loop else ():
            found[f"{lane.name}_running"] = len(lane.busy)
            found[f"{lane.name}_waiting"] = len(lane.queue)
        found["workers_alive"] = self.alive
        found["spool_bytes"] = self._desk.held
        found["kills"] = self._desk.kills
        found["losses"] = self._desk.losses
        found["heavy_shapes"] = len(self._desk.shapes.heavy)
        found["memory_copy"] = float(self._copies is not None and self._copies.pool is not None)
        return found

    def _submit(self, question: Question, timeout: float | None, client: str, *, look: bool) -> Job:
        loop = self._open()
        if self._closed:
            raise BusyError("the service is being stopped", "Услугата се спира")
        limit = self.settings.query_timeout
        seconds = limit if timeout is None else min(timeout, limit)
        job = Job(next(self._ids), question, loop.create_future(), seconds, client, look)
        self._jobs[job.id] = job
        try:
            self._desk.small.submit(job)
        except BaseException:
            del self._jobs[job.id]
            raise
        return job

    async def _wait(self, job: Job) -> Answer | Seen:
        try:
            return await job.future
        except asyncio.CancelledError:
            self.abandon(job)
            raise
        finally:
            self.forget(job)

    def _lanes(self) -> tuple[Lane, Lane, Lane]:
        return self._desk.small, self._desk.large, self._desk.federated

    def _open(self) -> asyncio.AbstractEventLoop:
        """The loop this belongs to; the first who asks makes it his."""
        if self._loop is not None:
            return self._loop
        loop = self._loop = asyncio.get_running_loop()
        settings, desk = self.settings, self._desk
        nurse = Nurse(loop)
        small = Pool(
            loop,
            nurse,
            lambda: self._task(hurried=True),
            desk,
            keep=settings.small_workers,
            ahead=_AHEAD,
            shapes=desk.shapes,
        )
        disk = Pool(loop, nurse, self._task, desk, keep=settings.workers)
        self._nurses, self._pools = [nurse], [small, disk]
        copies = self._copies = Copies(loop, nurse, self._task, desk, settings)
        federation = disk
        if settings.service_allow:
            outside = Nurse(loop, network=True)
            federation = Pool(loop, outside, lambda: self._task(federates=True), desk, keep=1)
            self._nurses.append(outside)
            self._pools.append(federation)
        queue = (settings.queue_max, settings.queue_wait)
        desk.small = Lane(
            "small",
            settings.small_workers,
            loop,
            lambda _: small,
            seconds=settings.small_time,
            queue=queue,
            room=small.room,
        )
        desk.large = Lane(
            "large", settings.workers, loop, lambda job: copies.for_job(job) or disk, lends=True, queue=queue
        )
        desk.federated = Lane("federated", settings.workers, loop, lambda _: federation, lends=True, queue=queue)
        return loop

    def _task(self, *, hurried: bool = False, federates: bool = False) -> Task:
        settings = self.settings
        return Task(
            memory=settings.worker_memory,
            niceness=0 if hurried else NICENESS,
            spool_max=settings.spool_max,
            spool_first=None if hurried else settings.spool_first,
            spool_dir=str(settings.spool_dir) if settings.spool_dir else None,
            merge_max=settings.merge_max,
            release=str(self._latest) if self._latest else None,
            allow=settings.service_allow,
            lenient=settings.suite_mode,
            federates=federates,
            hurried=hurried,
        )
