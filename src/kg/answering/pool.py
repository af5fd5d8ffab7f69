"""Children of one kind: idle ones are kept, missing ones are started."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final, Protocol

from kg.answering.child import LAST, Task
from kg.answering.frames import BrokenFrameError, Header
from kg.answering.job import Job
from kg.answering.nurse import Nurse
from kg.answering.shapes import Shapes
from kg.answering.worker import Worker
from kg.errors import StoreError

PATIENCE: Final = 0.005  # seconds for one job until those behind it go elsewhere
_BUSY: Final = 10  # times as long a worker may be at what nobody waits for when others have the processors
_RETRY: Final = 1.0  # seconds until another is started where one did not


class Desk(Protocol):
    """Who deals with what children say about a job."""

    def told(self, job: Job, header: Header, body: bytes) -> None: ...
    def lost(self, job: Job, status: int | None, *, unread: bool, ready: bool, orphaned: bool) -> None: ...
    def lost_together(self, jobs: Sequence[Job]) -> None:
        """They had one child, which has ended."""

    def late(self, job: Job) -> None:
        """It has had its time."""

    def free(self) -> None:
        """A worker that was at work for nobody can take a job again."""

    def held_up(self, jobs: Sequence[Job]) -> None:
        """They are behind one that takes long, or was killed: each is to be asked elsewhere."""


class Pool:
    """Workers that are forked from one nursery for one task."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        nurse: Nurse,
        task: Callable[[], Task],
        desk: Desk,
        *,
        keep: int,
        ahead: int = 1,
        shapes: Shapes | None = None,
    ) -> None:
        """`keep`: how many are there unasked; `ahead`: how many jobs one has at a time; `shapes`: those handed back."""
        self.nurse = nurse
        self.shapes = shapes
        self.workers: set[Worker] = set()
        self.closed = False
        self._loop = loop
        self._task = task
        self._desk = desk
        self._keep = keep
        self._ahead = ahead
        self._idle: list[Worker] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._deserted = asyncio.Event()

    def ask(self, job: Job) -> None:
        """Has a worker do the job. Raises StoreError when there is none and none can be started."""
        worker = self._take()
        worker.ask(job, self.shapes)
        if len(worker.jobs) == 1:
            self._begin(worker)

    def room(self) -> bool:
        """Whether a worker that is there can take one more job."""
        return self._spare() is not None or any(worker.ready for worker in self._idle)

    def patient(self, worker: Worker) -> bool:
        """Whether it is better to let a worker do its first job for nobody than to end it, and begin another."""
        return self._ahead > 1 and worker.waited() < PATIENCE

    def give(self, worker: Worker) -> None:
        """It has done the first of its jobs; one that has grown is replaced when it has done all."""
        worker.jobs.popleft()
        if worker.jobs:
            self._begin(worker)
        elif worker.grew:
            self.kill(worker)
        elif self.closed or len(self._idle) >= self._keep:
            self._discard(worker)
        else:
            self._idle.append(worker)

    def kill(self, worker: Worker) -> None:
        """End it, even in the midst of its first job, and start another."""
        self._discard(worker)
        self.fill()
        self._hold_up(worker)

    def prolong(self, worker: Worker, seconds: float) -> None:
        """Its first job may take so much longer from now on."""
        self._wake_at(worker, self._loop.time() + seconds)

    def fill(self) -> None:
        """So many are there as are kept; when none can be started, the next one who asks is told."""
        with contextlib.suppress(StoreError):
            while not self.closed and len(self.workers) < self._keep:
                self._idle.append(self._new())

    async def full(self) -> None:
        """Returns when all that are kept are ready. Raises StoreError when one ended instead."""
        self.fill()
        if not self.workers:
            await self.nurse.ready()
        while not all(worker.ready for worker in self.workers):
            waiter: asyncio.Future[None] = self._loop.create_future()
            self._waiting.append(waiter)
            await waiter

    async def empty(self) -> None:
        """Returns when a closed pool has no worker left."""
        while self.workers:
            self._deserted.clear()
            await self._deserted.wait()

    def close(self) -> None:
        """Ends the idle ones now and the others when they are given back."""
        self.closed = True
        for worker in self._idle:
            self._discard(worker)
        self._idle.clear()

    def end(self) -> None:
        """Ends all of them now."""
        self.close()
        for worker in list(self.workers):
            self._discard(worker)

    def told(self, worker: Worker, header: Header, body: bytes) -> None:
        worker.grew = worker.grew or "grew" in header
        if not worker.jobs:
            raise BrokenFrameError
        job, last = worker.jobs[0], header["t"] in LAST
        if last and header["id"] != job.id:
            raise BrokenFrameError
        if job.worker is worker and header["t"] != "forgotten":
            self._desk.told(job, header, body)
        elif last:  # it was asked elsewhere since, or nobody waits any more
            if header.get("size") and not body and (descriptor := worker.descriptor()) >= 0:
                os.close(descriptor)
            self.give(worker)
            self._desk.free()

    def ready(self, worker: Worker) -> None:
        self._wake(None)
        if worker.jobs:
            self._begin(worker)  # what it takes to start is nobody's time
        self._desk.free()

    def lost(self, worker: Worker, status: int | None, *, unread: bool) -> None:
        self._forget(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        if worker.ready:
            self.fill()
        else:  # what keeps one from starting may do so again
            self._loop.call_later(_RETRY, self.fill)
            self._wake(StoreError("a worker process did not start", "Работен процес не успя да тръгне"))
        jobs = [job for job in worker.jobs if job.worker is worker]
        if len(worker.jobs) > 1:
            self._desk.lost_together(jobs)
        elif jobs:
            self._desk.lost(jobs[0], status, unread=unread, ready=worker.ready, orphaned=worker.process.orphaned)
        else:
            self._desk.free()

    def _take(self) -> Worker:
        """A busy one first: each turn from process to process costs as much as a small query."""
        if worker := self._spare():
            return worker
        self._idle = [one for one in self._idle if one.alive]
        if not self._idle:
            return self._new()
        worker = next((one for one in reversed(self._idle) if one.ready), self._idle[-1])
        self._idle.remove(worker)
        return worker

    def _spare(self) -> Worker | None:
        """The busy worker with the fewest jobs, if it may have one more and has not been at the first for long."""
        if self._ahead == 1:
            return None
        recently = self._loop.time() - PATIENCE
        found, fewest = None, self._ahead
        for worker in self.workers:
            busy = 0 < len(worker.jobs) < fewest and worker.since > recently
            if busy and worker.ready and worker.alive and not worker.grew:
                found, fewest = worker, len(worker.jobs)
        return found

    def _begin(self, worker: Worker) -> None:
        """The clock of its first job."""
        worker.begin()
        limit = worker.jobs[0].limit
        self._wake_at(worker, worker.since + (limit if self._ahead == 1 else min(limit, PATIENCE)))

    def _wake_at(self, worker: Worker, moment: float) -> None:
        """Looks at the worker then, or earlier and again: most jobs are done long before."""
        if worker.alarm is not None:
            if worker.alarm[0] <= moment:
                return
            worker.alarm[1].cancel()
        worker.alarm = moment, self._loop.call_at(moment, self._look, worker)

    def _look(self, worker: Worker) -> None:
        worker.alarm = None
        if not worker.jobs:
            return None
        job, now = worker.jobs[0], self._loop.time()
        if self._ahead > 1:
            patience = worker.since + min(job.limit, PATIENCE)
            if now < patience:
                return self._wake_at(worker, patience)
            self._hold_up(worker)
            if job.worker is not worker and worker.ready:  # nobody waits for it, and its place has been taken
                if worker.spent() < PATIENCE and worker.waited() < _BUSY * PATIENCE:
                    return self._wake_at(worker, now + PATIENCE / 2)  # others had the processor
                self.kill(worker)
                return self._desk.free()
        if now < worker.since + job.limit:
            return self._wake_at(worker, worker.since + job.limit)
        return self._desk.late(job)

    def _hold_up(self, worker: Worker) -> None:
        behind = [job for job in islice(worker.jobs, 1, None) if job.worker is worker]
        if behind:
            worker.forget()
            self._desk.held_up(behind)

    def _new(self) -> Worker:
        worker = Worker(self._loop, self.nurse, self._task(), self)
        self.workers.add(worker)
        return worker

    def _discard(self, worker: Worker) -> None:
        self._forget(worker)
        worker.kill()

    def _forget(self, worker: Worker) -> None:
        self.workers.discard(worker)
        self._deserted.set()

    def _wake(self, error: StoreError | None) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)
