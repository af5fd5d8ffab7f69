"""The pool of worker processes: queries that can be killed, and never hurt one another."""

from __future__ import annotations

import itertools
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from kg.errors import BusyError, CancelledError, DeadlineError, ForbiddenError, StoreError
from kg.settings import Settings
from kg.store.child import Child, LostError
from kg.store.question import Answer, QueryRequest, Running
from kg.store.refusals import refusal


class Workers:
    """A pool of worker processes, safe to use from many threads."""

    def __init__(
        self,
        size: int = 2,
        *,
        timeout: float = 30.0,
        memory: int = 4 * 2**30,
        spool_max: int = 2**30,
        spool_dir: Path | None = None,
        merge_max: int = 200_000,
        queue_max: int = 32,
        queue_wait: float = 10.0,
    ) -> None:
        self.size = size
        self.timeout = timeout
        self.queue_max = queue_max
        self._memory = memory
        self._spool_max = spool_max
        self._spool_dir = spool_dir
        self._merge_max = merge_max
        self._queue_wait = queue_wait
        self._changed = threading.Condition()
        self._all: set[Child] = set()
        self._idle: list[Child] = []
        self._starting = 0
        self._waiting = 0
        self._closed = False
        self._helpers: set[threading.Thread] = set()
        self._running: dict[int, Running] = {}
        self._cancelled: set[int] = set()
        self._ids = itertools.count(1)
        self._latest: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Workers:
        """The pool that the settings describe."""
        return cls(
            settings.workers,
            timeout=settings.query_timeout,
            memory=settings.worker_memory,
            spool_max=settings.spool_max,
            spool_dir=settings.spool_dir,
            merge_max=settings.merge_max,
            queue_max=settings.queue_max,
            queue_wait=settings.queue_wait,
        )

    def warm(self, release: Path | None = None) -> None:
        """Start every worker now, with this release open; returns when all are ready."""
        self._latest = release or self._latest
        with self._changed:
            missing = self.size - len(self._all) - self._starting
            self._starting += missing
        helpers = [self._help(self._start_one) for _ in range(missing)]
        for helper in helpers:
            helper.join()

    @property
    def alive(self) -> int:
        """How many processes are there to answer."""
        with self._changed:
            return sum(worker.alive for worker in self._all)

    @property
    def running(self) -> tuple[Running, ...]:
        """Queries under way, oldest first."""
        with self._changed:
            return tuple(self._running.values())

    def cancel(self, id: int) -> bool:
        """End a running query; its caller gets CancelledError. False when it is not running (any more)."""
        with self._changed:
            running = self._running.get(id)
            if running is None:
                return False
            self._cancelled.add(id)
            next(worker for worker in self._all if worker.process.pid == running.pid).kill()
            return True

    def answer(
        self,
        request: QueryRequest,
        *,
        timeout: float | None = None,
        on_start: Callable[[Running], None] | None = None,
    ) -> Answer:
        """The complete answer. `timeout` lowers the pool's own; it counts the engine's time, not the queue's.

        Raises QueryError, TooLargeError, ForbiddenError, BusyError, DeadlineError, CancelledError, StoreError.
        """
        if request.outline.services:
            service = request.outline.services[0]
            raise ForbiddenError(
                f"SERVICE {service} is not allowed: this endpoint asks no other addresses",
                f"SERVICE {service} не е разрешено: тази услуга не пита други адреси",
            )
        seconds = self.timeout if timeout is None else min(timeout, self.timeout)
        header = request.header(self._spool_max, self._merge_max)
        worker = self._take()
        spool: IO[bytes] | None = None
        id = 0
        healthy = False
        try:
            spool = tempfile.TemporaryFile(dir=self._spool_dir, buffering=0)  # noqa: SIM115 (the answer closes it)
            started = time.monotonic()
            id = self._begin(worker, request.text, started, on_start)
            status = worker.ask(header, request.text, spool, started + seconds)
            healthy = True
            if "error" in status:
                raise refusal(status, request, spool_max=self._spool_max, merge_max=self._merge_max)
            spool.seek(0)
            answer = Answer(request.outline.form, request.format, status["size"], time.monotonic() - started, spool)
            spool = None
            self._latest = request.release
            return answer
        except TimeoutError as error:
            raise DeadlineError(
                f"the query took longer than {seconds:g} s; add LIMIT or narrower patterns",
                f"Заявката отне повече от {seconds:g} s; добавете LIMIT или по-тесни условия",
            ) from error
        except LostError as error:
            if id in self._cancelled:
                raise CancelledError("the query was cancelled", "Заявката беше прекратена") from error
            raise DeadlineError(
                "the query's process ended before it answered, most often for want of memory; ask for less at a time",
                "Процесът на заявката прекъсна преди отговора, най-често поради недостиг на памет; поискайте по-малко",
            ) from error
        except OSError as error:
            raise StoreError(
                f"there is no room for the answer: {error.strerror}",
                f"Няма място за отговора: {error.strerror}",
            ) from error
        finally:
            if spool is not None:
                spool.close()
            with self._changed:
                self._running.pop(id, None)
                healthy = healthy and id not in self._cancelled
                self._cancelled.discard(id)
            if healthy:
                self._give(worker)
            else:
                self._replace(worker)

    def close(self) -> None:
        """End every process that this pool has started, and wait for each. Waiting callers get BusyError."""
        with self._changed:
            self._closed = True
            for worker in self._all:
                worker.kill()
            idle, self._idle = self._idle, []
            self._all.difference_update(idle)
            helpers = list(self._helpers)
            self._changed.notify_all()
        for worker in idle:
            worker.end()
        for helper in helpers:
            helper.join()
        with self._changed:
            self._changed.wait_for(lambda: not self._all and not self._helpers, timeout=5)

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self, worker: Child, text: str, started: float, on_start: Callable[[Running], None] | None) -> int:
        running = Running(next(self._ids), text, worker.process.pid, started)
        with self._changed:
            self._running[running.id] = running
        if on_start is not None:
            on_start(running)
        return running.id

    def _take(self) -> Child:
        """An idle worker, a new one while there are too few, or BusyError after the wait."""
        patience = time.monotonic() + self._queue_wait
        with self._changed:
            while True:
                if self._closed:
                    raise BusyError("the service is shutting down", "Услугата спира")
                if self._idle:
                    worker = self._idle.pop()
                    if worker.alive:
                        return worker
                    self._all.discard(worker)
                    worker.end()
                    continue
                if len(self._all) + self._starting < self.size:
                    self._starting += 1
                    break
                left = patience - time.monotonic()
                if left <= 0 or self._waiting >= self.queue_max:
                    raise BusyError(
                        "all workers are busy; try again in a few seconds",
                        "Всички работни процеси са заети; опитайте след няколко секунди",
                    )
                self._waiting += 1
                try:
                    self._changed.wait(left)
                finally:
                    self._waiting -= 1
        return self._start()

    def _start(self) -> Child:
        """A new worker, taken; `_starting` was raised for it."""
        worker: Child | None = None
        try:
            worker = Child(self._memory, self._latest)
        finally:
            with self._changed:
                self._starting -= 1
                if worker is not None:
                    self._all.add(worker)
                if worker is None:
                    self._changed.notify()
        return worker

    def _start_one(self) -> None:
        try:
            worker = self._start()
        except StoreError:
            return  # the next query tries again, and reports it
        self._give(worker)

    def _give(self, worker: Child) -> None:
        with self._changed:
            if not self._closed:
                self._idle.append(worker)
                self._changed.notify()
                return
        self._bury(worker)

    def _replace(self, worker: Child) -> None:
        """Kill a worker and start another, both away from the caller's thread."""
        worker.kill()

        def replace() -> None:
            with self._changed:
                wanted = not self._closed
                self._starting += wanted
            if wanted:
                self._all_but(worker)
                self._start_one()
            self._bury(worker)

        self._help(replace)

    def _all_but(self, worker: Child) -> None:
        with self._changed:
            self._all.discard(worker)

    def _bury(self, worker: Child) -> None:
        worker.end()
        with self._changed:
            self._all.discard(worker)
            self._changed.notify_all()

    def _help(self, work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            finally:
                with self._changed:
                    self._helpers.discard(thread)
                    self._changed.notify_all()

        thread = threading.Thread(target=run, name="kg-worker-start")
        with self._changed:
            self._helpers.add(thread)
        thread.start()
        return thread
