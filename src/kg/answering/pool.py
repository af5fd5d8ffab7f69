"""Children of one kind: idle ones are kept, missing ones are started."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

from kg.answering.child import Task
from kg.answering.frames import Header
from kg.answering.job import Job
from kg.answering.nurse import Nurse
from kg.answering.shapes import Shapes
from kg.answering.worker import Worker
from kg.errors import StoreError


class Desk(Protocol):
    """Who deals with what children say about a job."""

    def told(self, job: Job, header: Header, body: bytes) -> None: ...
    def lost(self, job: Job, status: int | None, *, unread: bool, ready: bool, orphaned: bool) -> None: ...


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
        shapes: Shapes | None = None,
    ) -> None:
        """`keep`: how many are there without being asked; `shapes`: those that they hand back."""
        self.nurse = nurse
        self.shapes = shapes
        self.workers: set[Worker] = set()
        self.closed = False
        self._loop = loop
        self._task = task
        self._desk = desk
        self._keep = keep
        self._idle: list[Worker] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._deserted = asyncio.Event()

    def take(self) -> Worker:
        """An idle worker, or a new one. Raises StoreError when none can be started."""
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
        return self._new()

    def give(self, worker: Worker) -> None:
        """It has answered; one that has grown is replaced."""
        worker.job = None
        if worker.grew:
            self.kill(worker)
        elif self.closed or len(self._idle) >= self._keep:
            self._discard(worker)
        else:
            self._idle.append(worker)

    def kill(self, worker: Worker) -> None:
        """End it, even in the midst of its job, and start another."""
        worker.job = None
        self._discard(worker)
        self.fill()

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
        if worker.job is not None:
            self._desk.told(worker.job, header, body)

    def ready(self, worker: Worker) -> None:
        self._wake(None)

    def lost(self, worker: Worker, status: int | None, *, unread: bool) -> None:
        job, worker.job = worker.job, None
        self._forget(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        if worker.ready:
            self.fill()  # one that did not even start is not tried again before somebody asks
        else:
            self._wake(StoreError("a worker process did not start", "Работен процес не успя да тръгне"))
        if job is not None:
            self._desk.lost(job, status, unread=unread, ready=worker.ready, orphaned=worker.process.orphaned)

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
