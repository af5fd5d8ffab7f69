"""A nursery process, seen from the front."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from kg.answering.child import Task
from kg.answering.nursery import KEEP_NETWORK, ORDER_SIZE
from kg.errors import StoreError
from kg.isolation import ENVIRONMENT

_SCHEDULED: Final = 2  # clock_getcpuclockid(3): the clock of a process is made of its number and this


class Process:
    """A process that can be killed without hitting another one of the same number."""

    __slots__ = ("_descriptor", "_doomed", "orphaned", "pid")

    def __init__(self) -> None:
        self.pid = 0  # until it is born
        self.orphaned = False  # its nursery is gone, and it ends, or was never born
        self._descriptor = -1
        self._doomed = False

    def born(self, pid: int, descriptor: int) -> None:
        self.pid, self._descriptor = pid, descriptor
        if self._doomed:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, at its birth if need be; again is no error."""
        self._doomed = True
        if self._descriptor >= 0:
            try:
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
            except ProcessLookupError:
                pass
            finally:
                self.forget()

    def computed(self) -> float:
        """Seconds that processors have spent on it; 0 before its birth and after its end."""
        try:
            return time.clock_gettime((~self.pid << 3) | _SCHEDULED) if self._descriptor >= 0 else 0.0
        except OSError:
            return 0.0

    def forget(self) -> None:
        """It has ended, or somebody else ends it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@dataclasses.dataclass(slots=True)
class _Expected:
    """A child that was ordered."""

    process: Process
    ended: Callable[[int | None], None]  # with the exit status, negative for a signal; None when nobody knows


class Nurse:
    """Orders children from a nursery process, and says how they ended."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, network: bool = False) -> None:
        """`network`: its children keep the network."""
        self._loop = loop
        self._network = network
        self._ids = itertools.count(1)
        self._unborn: dict[int, _Expected] = {}
        self._children: dict[int, _Expected] = {}
        self._connection: socket.socket | None = None
        self._popen: subprocess.Popen[bytes] | None = None
        self._ready = loop.create_future()
        self._gone: list[subprocess.Popen[bytes]] = []

    @property
    def up(self) -> bool:
        """Whether its process has said that it is ready, and is still there."""
        return self._connection is not None and self._ready.done() and not self._ready.cancelled()

    def order(self, task: Task, process: Process, ended: Callable[[int | None], None]) -> socket.socket:
        """Our end of the socket to a new child; what is sent now, the child reads when it is there.

        Raises StoreError when no process can be started.
        """
        return self._order({"task": dataclasses.asdict(task)}, process, ended)

    def order_copy(self, release: Path, limit: int, niceness: int, ended: Callable[[int | None], None]) -> Nurse:
        """A nurse whose nursery holds the default graph of a release; it ends by itself when there is no copy."""
        nurse, process = Nurse(self._loop), Process()
        order = {"copy": str(release), "limit": limit, "niceness": niceness}
        nurse._adopt(self._order(order, process, ended, socket.SOCK_SEQPACKET))
        return nurse

    def _order(
        self,
        order: dict[str, Any],
        process: Process,
        ended: Callable[[int | None], None],
        kind: int = socket.SOCK_STREAM,
    ) -> socket.socket:
        id = next(self._ids)
        message = json.dumps({"id": id, **order}).encode()
        ours, theirs = _pair(kind)
        with theirs:
            try:
                try:
                    self._send(message, theirs.fileno())
                except (BrokenPipeError, ConnectionResetError):  # it has just ended, and nobody has told us yet
                    self._hang_up()
                    self._send(message, theirs.fileno())
            except OSError as error:
                ours.close()
                raise _no_process(error.strerror) from error
            except StoreError:
                ours.close()
                raise
        ours.setblocking(False)
        self._unborn[id] = _Expected(process, ended)
        return ours

    def _send(self, message: bytes, descriptor: int) -> None:
        """Raises OSError, and StoreError when there is no nursery and none can be started."""
        if self._connection is None:
            self._start()
        assert self._connection is not None
        socket.send_fds(self._connection, [message], [descriptor])

    def _start(self) -> None:
        """Another nursery process. A copy that is lost is not made again here."""
        ours, theirs = _pair(socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-P", "-m", "kg.answering.nursery", str(theirs.fileno())]
            try:
                self._popen = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                    [*command, KEEP_NETWORK] if self._network else command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C is for the server alone
                    env=ENVIRONMENT,
                )
            except OSError as error:
                ours.close()
                raise _no_process(error.strerror) from error
        self._adopt(ours)

    def _adopt(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        if self._ready.done():
            self._ready = self._loop.create_future()
        self._connection = connection
        self._loop.add_reader(connection.fileno(), self._readable)

    async def ready(self) -> None:
        """Returns when the process can fork. Raises StoreError when it ended instead."""
        if self._connection is None:
            self._start()
        await asyncio.shield(self._ready)

    def _readable(self) -> None:
        assert self._connection is not None
        try:
            data, descriptors, _, _ = socket.recv_fds(self._connection, ORDER_SIZE, 1, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        if not data:
            self._hang_up()
            return
        message = json.loads(data)
        if "ready" in message:
            if not self._ready.done():
                self._ready.set_result(None)
        elif "exit" in message:
            if expected := self._children.pop(message["exit"], None):
                expected.process.forget()
                expected.ended(message["status"])
        elif expected := self._unborn.pop(message["id"], None):
            if descriptors:
                self._children[message["pid"]] = expected
                expected.process.born(message["pid"], descriptors[0])
            else:
                expected.ended(None)

    def _hang_up(self) -> None:
        """The process is gone, and its children with it: none of them is asked any more, and soon their owners hear."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        self._loop.remove_reader(connection.fileno())
        connection.close()
        if self._popen is not None:
            self._gone.append(self._popen)
            self._popen = None
        if not self._ready.done():
            self._ready.set_exception(_no_process("the nursery ended"))
            self._ready.exception()  # nobody need wait for it
        children = [*self._unborn.values(), *self._children.values()]
        self._unborn.clear()
        self._children.clear()
        for expected in children:
            expected.process.orphaned = True
            expected.process.forget()
            self._loop.call_soon(expected.ended, None)
        for popen in self._gone:
            popen.poll()

    async def close(self) -> None:
        """Ends the process and its children, and waits for it."""
        if self._connection is not None:
            self._connection.shutdown(socket.SHUT_RDWR)
        self._hang_up()
        gone, self._gone = self._gone, []
        for popen in gone:
            await self._loop.run_in_executor(None, popen.wait)


def _pair(kind: int) -> tuple[socket.socket, socket.socket]:
    """Raises StoreError when no file can be opened any more."""
    try:
        return socket.socketpair(socket.AF_UNIX, kind)
    except OSError as error:
        raise _no_process(error.strerror) from error


def _no_process(reason: str | None) -> StoreError:
    return StoreError(
        f"no worker process could be started ({reason})", f"Не може да се пусне работен процес ({reason})"
    )
