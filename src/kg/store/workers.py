"""The pool of worker processes: queries that can be killed, and never hurt one another."""

from __future__ import annotations

import itertools
import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from kg.errors import (
    BusyError,
    CancelledError,
    DeadlineError,
    ForbiddenError,
    KgError,
    QueryError,
    StoreError,
    TooLargeError,
)
from kg.formats import Format
from kg.settings import Settings
from kg.store.lexer import Outline
from kg.store.worker import READY, REPLY, REQUEST, Status, receive

_ROOT = Path(__file__).resolve().parents[2]
_START_TIMEOUT = 30.0
_NICENESS = 5
_WITH_PREFIXES = frozenset({"ttl", "trig", "rdf"})


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs a request names, as `<iri>` or as its text writes them."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query that has been looked at, and what its answer is to be written in."""

    text: str
    outline: Outline
    release: Path
    format: Format
    base_iri: str | None = None
    dataset: Dataset | None = None  # from the protocol; it overrides FROM in the text
    prefixes: Mapping[str, str] = field(default_factory=dict)

    def header(self, spool_limit: int, merge_limit: int) -> Status:
        """What the worker is told beside the text."""
        header: Status = {
            "release": str(self.release),
            "base": self.base_iri,
            "mediaType": self.format.media_type,
            "spoolLimit": spool_limit,
            "mergeLimit": merge_limit,
        }
        if self.format.name in _WITH_PREFIXES and self.prefixes:
            header["prefixes"] = dict(self.prefixes)
        if self.dataset is not None:
            header["dataset"] = {"default": self.dataset.default, "named": self.dataset.named, "prologue": ""}
        elif len(self.outline.default) > 1:  # one FROM is the engine's own business
            header["dataset"] = {
                "default": self.outline.default,
                "named": self.outline.named,
                "prologue": self.outline.prologue,
            }
        return header


@dataclass(slots=True)
class Answer:
    """A complete answer in an unlinked file, read from its start; whoever holds it closes it."""

    form: str
    format: Format
    size: int
    seconds: float
    file: IO[bytes]

    def read(self) -> bytes:
        """The whole answer; for small ones."""
        with self.file:
            return self.file.read()

    def close(self) -> None:
        self.file.close()

    def __enter__(self) -> Answer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Running:
    """A query that is being evaluated now."""

    id: int
    text: str
    pid: int
    started: float  # time.monotonic()


class _LostError(Exception):
    """The process ended before it answered."""


class _Worker:
    """One child process and our end of its socket."""

    def __init__(self, memory: int, release: Path | None) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-P", "-m", "kg.store.worker", str(theirs.fileno()), str(memory)]
            command += [str(_NICENESS), *([str(release)] if release else [])]
            try:
                self.process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C is for the server alone
                    env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8"},  # no tokens in here
                )
            except OSError as error:
                ours.close()
                raise StoreError(
                    f"no worker process could be started: {error}",
                    f"Не може да се пусне работен процес: {error}",
                ) from error
        self.connection = ours
        try:
            if self._reply(time.monotonic() + _START_TIMEOUT) != READY:
                raise _LostError
        except (_LostError, TimeoutError) as error:
            self.end()
            raise StoreError("a worker process did not start", "Работен процес не успя да тръгне") from error

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def ask(self, header: Status, text: str, spool: IO[bytes], deadline: float) -> Status:
        """Its reply. Raises TimeoutError at the deadline and _LostError when the process is gone."""
        head, query = json.dumps(header).encode(), text.encode()
        frame = REQUEST.pack(len(head), len(query)) + head + query
        try:
            self._until(deadline)
            sent = socket.send_fds(self.connection, [frame], [spool.fileno()])
            if sent < len(frame):
                self._until(deadline)
                self.connection.sendall(frame[sent:])
        except TimeoutError:
            raise
        except OSError as error:
            raise _LostError from error
        return self._reply(deadline)

    def _reply(self, deadline: float) -> Status:
        try:
            self._until(deadline)
            (size,) = REPLY.unpack(receive(self.connection, REPLY.size))
            self._until(deadline)
            status: Status = json.loads(receive(self.connection, size))
        except TimeoutError:
            raise
        except (EOFError, OSError) as error:
            raise _LostError from error
        return status

    def _until(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)

    def kill(self) -> None:
        """SIGKILL, without waiting for the kernel to tidy up."""
        self.process.kill()

    def end(self) -> None:
        """Kill and reap."""
        self.process.kill()
        self.process.wait()
        self.connection.close()


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
        self._all: set[_Worker] = set()
        self._idle: list[_Worker] = []
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
                raise self._error(status, request)
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
        except _LostError as error:
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

    def _begin(self, worker: _Worker, text: str, started: float, on_start: Callable[[Running], None] | None) -> int:
        running = Running(next(self._ids), text, worker.process.pid, started)
        with self._changed:
            self._running[running.id] = running
        if on_start is not None:
            on_start(running)
        return running.id

    def _take(self) -> _Worker:
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

    def _start(self) -> _Worker:
        """A new worker, taken; `_starting` was raised for it."""
        worker: _Worker | None = None
        try:
            worker = _Worker(self._memory, self._latest)
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

    def _give(self, worker: _Worker) -> None:
        with self._changed:
            if not self._closed:
                self._idle.append(worker)
                self._changed.notify()
                return
        self._bury(worker)

    def _replace(self, worker: _Worker) -> None:
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

    def _all_but(self, worker: _Worker) -> None:
        with self._changed:
            self._all.discard(worker)

    def _bury(self, worker: _Worker) -> None:
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

    def _error(self, status: Mapping[str, Any], request: QueryRequest) -> KgError:
        message = str(status.get("message", ""))
        match status["error"]:
            case "syntax":
                en, bg = syntax(message)
                return QueryError(en, bg)
            case "unsupported":
                return QueryError(
                    f"the query cannot be evaluated: {message}", f"Заявката не може да се изпълни: {message}"
                )
            case "form":
                return QueryError(f"the answer is of kind {message}, which {request.format.name} cannot carry")
            case "spool":
                limit = f"{self._spool_max / 2**20:.0f} MiB"
                return TooLargeError(
                    f"the answer is larger than {limit}; ask for it page by page with ORDER BY, LIMIT and OFFSET",
                    f"Отговорът е по-голям от {limit}; поискайте го на страници с ORDER BY, LIMIT и OFFSET",
                )
            case "merge":
                return TooLargeError(
                    f"these default graphs hold more than {self._merge_max} statements together; name fewer graphs, "
                    "or none: the default graph is the merge of all of them",
                    f"Посочените графи имат общо над {self._merge_max} твърдения; посочете по-малко графи или нито "
                    "един: основният граф съдържа всички",
                )
            case "memory":
                return DeadlineError(
                    "the query needs more memory than a query may have; ask for less at a time",
                    "Заявката иска повече памет от позволената; поискайте по-малко наведнъж",
                )
            case _:
                return StoreError("the release could not be read", "Изданието не може да се прочете")


_PLACE = re.compile(r"error at (\d+):(\d+): (?:expected (?:one of )?)?(.*)", re.DOTALL)
_EXPECTED = re.compile(r'"((?:[^"\\]|\\.)*)"|([A-Za-z_]{2,})')
_SHOWN = 12


def syntax(message: str) -> tuple[str, str]:
    """The parser's complaint with its place, told in English and Bulgarian; character tables left out."""
    place = _PLACE.match(message)
    if place is None:
        return f"the query is not SPARQL: {message}", f"Заявката не е правилна: {message}"
    line, column, rest = place.groups()
    if "parsing failed" in rest:
        en = bg = rest.partition("\n")[0]
    else:
        rest = re.sub(r"\[[^\]]*\]", "", rest)
        expected = [one.replace("\\", "") or two for one, two in _EXPECTED.findall(rest)][:_SHOWN]
        en = f"expected {' '.join(expected)}" if expected else "unexpected end or character"
        bg = f"очаква се {' '.join(expected)}" if expected else "неочакван знак или край"
    return (
        f"the query is not SPARQL: line {line}, column {column}: {en}",
        f"Заявката не е правилна: ред {line}, знак {column}: {bg}",
    )
