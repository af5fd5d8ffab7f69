"""One child process, seen from the front."""

from __future__ import annotations

import array
import asyncio
import os
import socket
from collections import deque
from collections.abc import Mapping
from typing import Final, Protocol

from kg.answering.child import Task
from kg.answering.frames import FORGET, BrokenFrameError, Frames, Header, pack
from kg.answering.job import Job
from kg.answering.nurse import Nurse, Process
from kg.answering.shapes import Shapes

_BUFFER: Final = bytearray(256 * 2**10)
_VIEW: Final = memoryview(_BUFFER)
_ROOM: Final = socket.CMSG_SPACE(4 * array.array("i").itemsize)
_GRACE: Final = 1.0  # seconds until a lost child's end is taken for unexplained


class Owner(Protocol):
    """Who hears of a worker."""

    def told(self, worker: Worker, header: Header, body: bytes) -> None: ...
    def ready(self, worker: Worker) -> None: ...
    def lost(self, worker: Worker, status: int | None, *, unread: bool) -> None:
        """It has ended. `unread`: before it read the question that was sent last."""


class Worker:
    """A child, our end of its socket, and the jobs it has: it does them in order."""

    __slots__ = (
        "_asked",
        "_computed",
        "_connection",
        "_descriptors",
        "_ended",
        "_frames",
        "_loop",
        "_outgoing",
        "_owner",
        "_prefixes",
        "_status",
        "_unread",
        "_version",
        "alarm",
        "grew",
        "jobs",
        "process",
        "ready",
        "since",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, nurse: Nurse, task: Task, owner: Owner) -> None:
        """Raises StoreError."""
        self.jobs: deque[Job] = deque()  # asked and not answered; one of another worker by now is nobody's any more
        self.since = 0.0  # when the first of them began, by the clock of the loop
        self.alarm: tuple[float, asyncio.TimerHandle] | None = None  # the next look at how long it takes
        self.ready = False
        self.grew = False  # holds more memory than one that is kept may
        self.process = Process()
        self._computed = 0.0  # what the process had computed then
        self._loop = loop
        self._owner = owner
        self._frames = Frames()
        self._descriptors: deque[int] = deque()
        self._asked: list[bytes] = []  # and not sent
        self._outgoing = memoryview(b"")  # the rest of what could not be sent at once
        self._prefixes: Mapping[str, str] | None = None
        self._version = 0
        self._ended = False
        self._status: int | None = None
        self._unread = False
        self._connection: socket.socket | None = nurse.order(task, self.process, self._exited)
        loop.add_reader(self._connection.fileno(), self._readable)

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._connection is not None and not self.process.orphaned

    def begin(self) -> None:
        """The clocks of the first job start now."""
        self.since, self._computed = self._loop.time(), self.process.computed()

    def waited(self) -> float:
        """Seconds since the first job began."""
        return self._loop.time() - self.since

    def spent(self) -> float:
        """Seconds that processors have spent on it."""
        return self.process.computed() - self._computed

    def ask(self, job: Job, shapes: Shapes | None) -> None:
        """Sends the question; `shapes`: those that it is to hand back."""
        job.worker = self
        self.jobs.append(job)
        asked = job.asked
        if job.prefixes is not self._prefixes:
            asked = {**asked, "remember": dict(job.prefixes)}
            self._prefixes = job.prefixes
        if shapes is not None and shapes.version != self._version:
            asked = {**asked, "heavy": shapes.heavy}
            self._version = shapes.version
        self._say(pack(asked, job.text.encode()))

    def forget(self) -> None:
        """It does nothing behind the first of its jobs that it has not begun with; it says so of each, in its turn."""
        self._say(pack({FORGET: len(self.jobs) - 1}))

    def kill(self) -> None:
        """End it without hearing of it again."""
        self._ended = True
        self.process.kill()
        self._close()

    def descriptor(self) -> int:
        """The file that came with what was told last; negative when we have no room for another descriptor."""
        return self._descriptors.popleft() if self._descriptors else -1

    def _say(self, frame: bytes) -> None:
        self._asked.append(frame)
        if len(self._asked) == 1:
            self._loop.call_soon(self._send)

    def _send(self) -> None:
        """All that was said in one turn of the loop."""
        frames = b"".join(self._asked)
        self._asked.clear()
        if self._connection is None:
            return
        waiting = bool(self._outgoing)
        self._outgoing = memoryview(bytes(self._outgoing) + frames if waiting else frames)
        if not waiting:
            self._writable()
            if self._outgoing:
                self._loop.add_writer(self._connection.fileno(), self._writable_again)

    def _writable_again(self) -> None:
        assert self._connection is not None
        self._writable()
        if not self._outgoing:
            self._loop.remove_writer(self._connection.fileno())

    def _writable(self) -> None:
        assert self._connection is not None
        try:
            sent = self._connection.send(self._outgoing)
        except BlockingIOError:
            return
        except OSError:  # `_readable` finds out that it is gone
            self._unread = True
            sent = len(self._outgoing)
        self._outgoing = self._outgoing[sent:]

    def _readable(self) -> None:
        connection = self._connection
        if connection is None:
            return
        try:
            size, ancillary, _, _ = connection.recvmsg_into([_BUFFER], _ROOM, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            return
        except OSError:  # it ended with our question in its socket
            self._unread = True
            size, ancillary = 0, []
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                received = array.array("i")
                received.frombytes(data[: len(data) - len(data) % received.itemsize])
                self._descriptors.extend(received)
        if not size:
            self._hang_up()
            return
        try:
            for header, body in self._frames.feed(bytes(_VIEW[:size])):
                if header.get("t") == "ready":
                    self.ready = True
                    self._owner.ready(self)
                else:
                    self._owner.told(self, header, body)
                if self._connection is None:
                    return
        except BaseException as error:  # what has been read is lost: what comes next would be taken for something else
            self.process.kill()
            self._hang_up()
            if not isinstance(error, BrokenFrameError):
                raise

    def _hang_up(self) -> None:
        """Its socket is closed; why is what its exit status says."""
        self._close()
        if self._ended:
            self._owner.lost(self, self._status, unread=self._unread or bool(self._asked))
        else:
            self._loop.call_later(_GRACE, self._exited, None)

    def _exited(self, status: int | None) -> None:
        if self._ended:
            return
        self._ended, self._status = True, status
        if self.process.orphaned and not (self.jobs and self.jobs[0].answer):
            self._close()
        if self._connection is None:
            self._owner.lost(self, status, unread=self._unread or bool(self._asked))

    def _close(self) -> None:
        if self.alarm is not None:
            self.alarm[1].cancel()
            self.alarm = None
        if self._connection is None:
            return
        self._loop.remove_reader(self._connection.fileno())
        if self._outgoing:
            self._loop.remove_writer(self._connection.fileno())
        self._connection.close()
        self._connection = None
        while self._descriptors:
            os.close(self._descriptors.popleft())
