"""Long queries over a copy of the current release in memory, once it has been current and idle for a moment."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kg.answering.child import Task
from kg.answering.desk import Desk
from kg.answering.job import Job
from kg.answering.nurse import Nurse
from kg.answering.pool import Pool
from kg.errors import StoreError
from kg.settings import Settings
from kg.store.disk import Inode
from kg.store.pin import identity

IDLE: Final = 2.0  # seconds
NICENESS: Final = 10  # of everything that may take long


class Copies:
    """At most one copy; it ends with its release, and when nothing runs there any more."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, nurse: Nurse, task: Callable[[], Task], desk: Desk, settings: Settings
    ) -> None:
        self.pool: Pool | None = None
        self._loop = loop
        self._nurse = nurse
        self._task = task
        self._desk = desk
        self._settings = settings
        self._limit = 0 if settings.suite_mode else settings.memory_copy
        self._wanted: Path | None = None
        self._release: tuple[Path, Inode] | None = None  # what the pool holds
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def settle(self, release: Path) -> None:
        """This release is current."""
        if self._limit == 0 or release == self._wanted:
            return
        self._wanted = release
        self._retire()
        self._later()

    @property
    def pending(self) -> bool:
        """Whether a copy is wanted that is not there yet."""
        return self._timer is not None or (self.pool is not None and not self.pool.nurse.up)

    def for_job(self, job: Job) -> Pool | None:
        """The pool that can answer a job from memory."""
        if self.pool is None or job.disk or self._release is None or not self.pool.nurse.up:
            return None
        path, inode = self._release
        if job.release != path or "dataset" in job.asked:
            return None
        try:
            same = identity(path) == inode
        except OSError:
            same = False
        if not same:
            self._retire()
        return self.pool

    async def close(self) -> None:
        """No copy, now and later."""
        self._limit, self._wanted = 0, None
        if self._timer is not None:
            self._timer.cancel()
        self._retire()
        if self._closing:
            await asyncio.wait(self._closing)

    def _later(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(IDLE, self._make)

    def _make(self) -> None:
        """Starts a copy unless somebody needs the machine."""
        self._timer = None
        release = self._wanted
        if release is None or self._busy():
            return self._later()
        try:
            inode = identity(release)
            nurse = self._nurse.order_copy(release, self._limit, NICENESS, lambda status: self._ended(nurse))
        except (OSError, StoreError):  # the release is gone, or no process can be started: the disk answers
            return None
        pool = Pool(
            self._loop,
            nurse,
            lambda: dataclasses.replace(self._task(), release=None, niceness=0),
            self._desk,
            keep=self._settings.workers,
        )
        self.pool, self._release = pool, (release, inode)
        return None

    def _busy(self) -> bool:
        large = self._desk.large
        return bool(large.busy or len(large.queue))

    def _ended(self, nurse: Nurse) -> None:
        """There is no copy (any more): too large, or lost."""
        if self.pool is not None and self.pool.nurse is nurse:
            self._retire()

    def _retire(self) -> None:
        pool, self.pool, self._release = self.pool, None, None
        if pool is None:
            return
        pool.close()
        task = self._loop.create_task(_when_idle(pool))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _when_idle(pool: Pool) -> None:
    """Ends the nursery of a pool when its last job is done."""
    await pool.empty()
    await pool.nurse.close()
