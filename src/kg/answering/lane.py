"""Jobs of one kind: so many at a time, the others in a queue."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable

from kg.answering.job import Job
from kg.answering.pool import Pool
from kg.answering.turns import Turns
from kg.errors import BusyError, StoreError


class Lane:
    """A number of places, and who is next when one is free."""

    def __init__(
        self,
        name: str,
        size: int,
        loop: asyncio.AbstractEventLoop,
        pool: Callable[[Job], Pool],
        *,
        seconds: float | None = None,
        queue: tuple[int, float],
        lends: bool = False,
        room: Callable[[], bool] | None = None,
    ) -> None:
        """`seconds`: no job stays longer. `queue`: how many wait, and how many seconds.

        `lends`, `room`: see `_room`.
        """
        self.name = name
        self.size = size
        self.busy: set[Job] = set()
        self.queue = Turns()
        self._loop = loop
        self._pool = pool
        self._seconds = seconds
        self._queue_max, self._queue_wait = queue
        self._lends = lends
        self._more = room
        self._clients: Counter[str] = Counter()  # jobs under way

    def submit(self, job: Job) -> None:
        """Starts the job now, or when there is a place for it.

        Of a full queue the client with the most jobs loses the last one to a client with fewer: it, or else this job,
        fails with BusyError.
        """
        job.lane = self
        if len(self.busy) < self.size or self._room(job.group):
            self.start(job)
        elif len(self.queue) >= self._queue_max and not self._displace(job.group):
            job.fail(_busy())
        else:
            self._wait(job)

    def start(self, job: Job) -> None:
        """Starts the job; somebody has made sure that there is a place."""
        job.stop_clock()
        job.limit = job.seconds if self._seconds is None else min(job.seconds, self._seconds)
        job.started = time.time()
        job.pool = self._pool(job)
        try:
            job.pool.ask(job)
        except StoreError as error:
            job.fail(error)
            return
        self.busy.add(job)
        self._clients[job.group] += 1

    def again(self, job: Job) -> None:
        """A job that was started waits for another worker."""
        self._let_go(job)
        job.worker = None
        self._wait(job)

    def leave(self, job: Job, *, healthy: bool) -> None:
        """The job needs its place no longer. Its worker, if it still has one, is used again when it is healthy."""
        if job not in self.busy:
            if self.queue.remove(job):
                job.stop_clock()
            return
        self._let_go(job)
        worker, job.worker = job.worker, None
        if worker is None or job.pool is None or worker.jobs[0] is not job:
            return  # a worker that has not come to it yet does it for nobody
        if not healthy and job.pool.patient(worker):
            return  # and one that has just begun
        if healthy:
            job.pool.give(worker)
        else:
            job.pool.kill(worker)

    def next(self) -> None:
        """Starts what there is a place for."""
        while len(self.queue) and (job := self.queue.pop(self._clients.__getitem__, self._room)) is not None:
            self.start(job)

    def drain(self) -> None:
        """Nobody waits any longer; those who did are told that we are busy."""
        for job in list(self.queue):
            self.queue.remove(job)
            job.stop_clock()
            job.fail(_busy())

    def _room(self, client: str) -> bool:
        """Whether a job of this client may start.

        There is a place, or a worker takes one more, or else one client has all places and another lends itself one.
        """
        if len(self.busy) < self.size or (self._more is not None and self._more()):
            return True
        return self._lends and len(self.busy) == self.size and len(self._clients) == 1 and client not in self._clients

    def _wait(self, job: Job) -> None:
        self.queue.push(job)
        job.timer = self._loop.call_later(self._queue_wait, self._waited, job)

    def _let_go(self, job: Job) -> None:
        self.busy.discard(job)
        self._clients[job.group] -= 1
        if not self._clients[job.group]:
            del self._clients[job.group]

    def _displace(self, client: str) -> bool:
        """Whether there is room in the queue for this client now."""
        longest = self.queue.longest()
        if self.queue.waiting(client) >= len(longest):
            return False
        last = longest[-1]
        self.queue.remove(last)
        last.stop_clock()
        last.fail(_busy())
        return True

    def _waited(self, job: Job) -> None:
        if self.queue.remove(job):
            job.timer = None
            job.fail(_busy())


def _busy() -> BusyError:
    return BusyError(
        "all workers are busy; try again in a few seconds",
        "Всички работни процеси са заети; опитайте след няколко секунди",
    )
