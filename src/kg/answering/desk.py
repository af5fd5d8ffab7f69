"""What becomes of a job when its child says something, says nothing for too long, or ends."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Sequence
from typing import Final

from kg import errors
from kg.answering import complaints
from kg.answering.frames import Header
from kg.answering.job import Job
from kg.answering.lane import Lane
from kg.answering.question import PLACES, Answer, Seen
from kg.answering.shapes import Shapes
from kg.answering.spool import Spool
from kg.errors import BusyError, CancelledError, KgError, StoreError
from kg.formats import FORMATS, Format

_BUSY: Final = 10  # times as long a small job may take when others have the processors
_QUICKER: Final = 4  # times, at most, that joins and scans take less from memory
_ORPHANED: Final = 3  # times that a job is asked again when its nursery was lost
_BY_NAME: Final[dict[str, Format]] = {format.name: format for format in FORMATS}


class Desk:
    """Moves jobs between lanes, and answers to callers."""

    def __init__(self, small_time: float, spool_total: int) -> None:
        self.shapes = Shapes()
        self.small: Lane
        self.large: Lane
        self.federated: Lane
        self.held = 0  # bytes of all spools that are open
        self._spools: dict[Spool, Job] = {}
        self.kills = 0
        self.losses = 0
        self._small_time = small_time
        self._spool_total = spool_total

    def told(self, job: Job, header: Header, body: bytes) -> None:
        """A child has something to say about its job."""
        match header["t"]:
            case "done":
                self._done(job, header, body)
            case "seen":
                self._seen(job, header)
            case "looked":
                self._leave(job, healthy=True)
                if not job.future.done():
                    job.future.set_result(_seen(header))
            case "begun":
                self._begun(job, header)
            case "grown":
                if job.spool is not None:
                    self._resize(job, job.spool, int(header["size"]), complete=False)
            case "heavy":
                job.form, job.shape = header["form"], header["shape"]
                self._move(job, self.large)
            case "federated":
                self._move(job, self.federated)
            case "elsewhere":
                job.disk = True
                self._move(job, self.large)
            case "error":
                self._leave(job, healthy=True)
                job.fail(errors.unpack(header))
            case _:
                raise ValueError(header["t"])

    def late(self, job: Job) -> None:
        """A job has had its time in its lane."""
        lane = job.lane
        assert lane is not None
        if lane is self.small and (more := self._owed(job)):
            assert job.pool is not None and job.worker is not None
            job.pool.prolong(job.worker, more)
            return
        self.kills += 1
        alone = job.worker is not None and len(job.worker.jobs) == 1
        self._leave(job, healthy=False, next=False)
        if lane is self.small and job.seconds > job.limit:
            job.late = alone  # else it may be another that took so long, with the reply to this one held back
            self.large.submit(job)
        else:
            job.fail(complaints.late(job.limit))
        lane.next()

    def _owed(self, job: Job) -> float:
        """Seconds that a small job may stay on: on a busy machine its process has not computed for all of its time."""
        worker = job.worker
        assert worker is not None
        if not worker.ready:
            return self._small_time if worker.waited() < job.seconds else 0.0
        if worker.waited() >= min(job.seconds, _BUSY * self._small_time):
            return 0.0
        left = self._small_time - worker.spent()
        return max(left, self._small_time / 4) if left > 0 else 0.0

    def free(self) -> None:
        """Who waits is next."""
        self.small.next()

    def held_up(self, jobs: Sequence[Job]) -> None:
        """Another worker takes them."""
        for job in jobs:
            assert job.lane is not None
            job.lane.again(job)
        self.small.next()  # elsewhere nobody is behind another

    def lost(self, job: Job, status: int | None, *, unread: bool, ready: bool, orphaned: bool) -> None:
        """Its child has ended without an answer; `orphaned`: by no fault of the query, with all of its nursery."""
        lane = job.lane
        assert lane is not None
        self.losses += 1
        job.worker = None
        self._leave(job, healthy=False, next=False)
        if job.cancelled:
            job.fail(_cancelled())
        elif orphaned and job.answer is None and job.orphaned < _ORPHANED:
            job.orphaned += 1
            lane.submit(job)
        elif unread and not job.retried:
            job.retried = True
            lane.submit(job)
        elif not ready and status != -signal.SIGKILL:
            job.fail(StoreError("a worker process did not start", "Работен процес не успя да тръгне"))
        else:
            job.fail(_reason(status))
        lane.next()

    def lost_together(self, jobs: Sequence[Job]) -> None:
        """Their child has ended, and any of them may be why: each is asked again, with a child of its own."""
        self.losses += 1
        for job in jobs:
            job.worker = None
            self._leave(job, healthy=False, next=False)
            self.large.submit(job)
        self.small.next()

    def drop(self, job: Job, error: KgError | None = None) -> None:
        """Nobody wants the answer any more; whoever still waits gets the error."""
        if job.lane is not None and (job in job.lane.busy or job.lane.queue.remove(job)):
            self.kills += job in job.lane.busy
            self._leave(job, healthy=False)
        if error is not None:
            job.fail(error)

    def cancel(self, job: Job) -> None:
        """Somebody ends the query."""
        job.cancelled = True
        self.drop(job, _cancelled())

    def _done(self, job: Job, header: Header, body: bytes) -> None:
        seconds, size, lane = float(header["seconds"]), int(header["size"]), job.lane
        if job.answer is not None and job.spool is not None:
            self._leave(job, healthy=True)
            job.answer.seconds = seconds
            self._resize(job, job.spool, size, complete=True)
        else:
            answer: Answer | None = None
            if body or not size:
                answer = Answer(_seen(header), seconds, body=body)
            elif spool := self._spool(job, size, complete=True):
                answer = Answer(_seen(header), seconds, spool=spool)
            self._leave(job, healthy=True, next=False)
            if answer is None:
                return
            answer.truncated, answer.rows = header["truncated"], header["rows"]
            if answer.spool is not None and not self._room(job):
                answer.close()
                job.fail(_no_room())
            elif job.future.done():
                answer.close()
            else:
                job.future.set_result(answer)
            assert lane is not None
            lane.next()
        if lane is not self.small:
            memory = header["place"] == PLACES[True]
            self._remember(header["shape"], float(header["computed"]) * (_QUICKER if memory else 1))

    def _remember(self, shape: str, seconds: float) -> None:
        """`seconds`: that it took, or would take, from the disk."""
        if seconds < self._small_time / 2:
            self.shapes.quick(shape)
        elif seconds > self._small_time:
            self.shapes.slow(shape)

    def _seen(self, job: Job, header: Header) -> None:
        job.form, job.shape = header["form"], header["shape"]
        if job.late:
            self.shapes.slow(job.shape)

    def _begun(self, job: Job, header: Header) -> None:
        spool = self._spool(job, int(header["size"]), complete=False)
        if spool is None:
            return
        job.spool, job.answer = spool, Answer(_seen(header), 0.0, spool=spool)
        if job.future.done():
            spool.close()
            return
        job.future.set_result(job.answer)
        self._resize(job, spool, spool.size, complete=False)

    def _spool(self, job: Job, size: int, *, complete: bool) -> Spool | None:
        """The file that came from the child; without one the job fails."""
        assert job.worker is not None
        descriptor = job.worker.descriptor()
        if descriptor < 0:
            if complete:  # the child has done with it
                self._leave(job, healthy=True)
                job.fail(_no_room())
            else:
                self.drop(job, _no_room())
            return None
        spool: Spool

        def closed() -> None:
            self.held -= spool.size
            del self._spools[spool]
            if not spool.complete:
                self.drop(job)

        spool = Spool(descriptor, size, complete=complete, on_close=closed)
        self.held += size
        self._spools[spool] = job
        return spool

    def _room(self, job: Job) -> bool:
        """Whether a job may keep what it has: of all clients the one who holds most gives back the largest."""
        while self.held > self._spool_total:
            by_client: Counter[str] = Counter()
            for spool, owner in self._spools.items():
                by_client[owner.group] += spool.size
            most = by_client.most_common(1)[0][0]
            if most == job.group:
                return False
            largest = max((one for one, owner in self._spools.items() if owner.group == most), key=lambda one: one.size)
            largest.fail(_no_room())
            largest.close()
        return True

    def _resize(self, job: Job, spool: Spool, size: int, *, complete: bool) -> None:
        if spool.closed:
            return
        self.held += size - spool.size
        spool.grow(size, complete=complete)
        if not complete and not self._room(job):
            self.drop(job, _no_room())

    def _move(self, job: Job, lane: Lane) -> None:
        self._leave(job, healthy=True, next=False)
        before = job.lane
        lane.submit(job)
        if before is not None:
            before.next()

    def _leave(self, job: Job, *, healthy: bool, next: bool = True) -> None:
        if job.lane is not None:
            job.lane.leave(job, healthy=healthy)
            if next:
                job.lane.next()


def _seen(header: Header) -> Seen:
    return Seen(header["form"], header["volatile"], header["shape"], _BY_NAME[header["format"]], header["place"])


def _reason(status: int | None) -> KgError:
    """What an exit status tells, as far as one does."""
    if status == -signal.SIGABRT:  # the engine's allocator found no room
        return complaints.memory()
    if status in {-signal.SIGSEGV, -signal.SIGBUS}:  # its parser's stack was full
        return complaints.too_complex()
    return complaints.lost()


def _cancelled() -> CancelledError:
    return CancelledError("the query was cancelled", "Заявката беше прекратена")


def _no_room() -> BusyError:
    return BusyError(
        "there is no room for more large answers at the moment; try again in a few minutes",
        "В момента няма място за още големи отговори; опитайте след няколко минути",
    )
