"""A process that has imported everything and forks the children that answer.

    python -P -m kg.answering.nursery FD [NETWORK]

A fork takes a millisecond where a start takes a hundred, so a killed query costs little. The nursery has a single
thread and opens nothing: what its children share is code, and the memory of a copy when it holds one. Orders come over
the socket FD, each with the child's own end of a socket pair; for each child a pidfd goes back, so that a kill never
hits another process, and when it ends its exit status.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
from typing import Any, Final

from pyoxigraph import Store

from kg.answering import child, process
from kg.answering.child import Task
from kg.answering.copying import copy_of
from kg.isolation import end_with_parent, leave_network

ORDER_SIZE: Final = 16 * 2**10
KEEP_NETWORK: Final = "network"


class Nursery:
    """Forks on order until the front hangs up."""

    def __init__(self, connection: socket.socket, copy: Store | None = None) -> None:
        self._connection = connection
        self._copy = copy
        self._children: set[int] = set()
        self._bell, bell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._wakeup = bell
        signal.set_wakeup_fd(bell, warn_on_full_buffer=False)

    def run(self) -> None:
        """Serve orders; ends when the front hangs up, and takes the children with it."""
        gc.collect()
        gc.freeze()
        self._tell({"ready": True})
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        poll.register(self._bell, select.POLLIN)
        try:
            while True:
                for descriptor, _ in poll.poll():
                    if descriptor == self._bell:
                        self._reap()
                    else:
                        self._order()
        except (EOFError, OSError):
            self._end()

    def _order(self) -> None:
        data, descriptors, _, _ = socket.recv_fds(self._connection, ORDER_SIZE, 1, socket.MSG_CMSG_CLOEXEC)
        if not data:
            raise EOFError
        order = json.loads(data)
        nursery = os.getpid()
        with socket.socket(fileno=descriptors[0]) as theirs:
            try:
                pid = os.fork()
            except OSError as error:
                self._tell({"id": order["id"], "error": error.strerror})
                return
            if pid == 0:
                self._become(theirs, order, nursery)
        self._children.add(pid)
        pidfd = os.pidfd_open(pid)
        try:
            self._tell({"id": order["id"], "pid": pid}, pidfd)
        finally:
            os.close(pidfd)

    def _become(self, theirs: socket.socket, order: dict[str, Any], nursery: int) -> None:
        """The forked side; does not return."""
        try:
            connection = socket.socket(fileno=os.dup(theirs.fileno()))
            for descriptor in (self._connection.fileno(), self._bell, self._wakeup, theirs.fileno()):
                os.close(descriptor)
            if "copy" in order:
                _with_copy(connection, order, nursery)
            else:
                child.main(connection, Task(**order["task"]), self._copy, nursery)
        finally:
            os._exit(1)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._bell, 4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._children.discard(pid)
            self._tell({"exit": pid, "status": os.waitstatus_to_exitcode(status)})

    def _tell(self, message: dict[str, Any], descriptor: int = -1) -> None:
        data = json.dumps(message).encode()
        if descriptor < 0:
            self._connection.sendall(data)
        else:
            socket.send_fds(self._connection, [data], [descriptor])

    def _end(self) -> None:
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        os._exit(0)


def _with_copy(connection: socket.socket, order: dict[str, Any], nursery: int) -> None:
    """A nursery whose children share a release in memory."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    end_with_parent(nursery, signal.SIGKILL)
    os.nice(order["niceness"])
    copy = copy_of(order["copy"], order["limit"])
    if copy is None:
        os._exit(3)
    Nursery(connection, copy).run()


def main(arguments: list[str]) -> None:
    connection = socket.socket(fileno=int(arguments[0]))
    if KEEP_NETWORK not in arguments[1:]:
        leave_network()
    process.deepen_stack()
    Nursery(connection).run()


if __name__ == "__main__":
    main(sys.argv[1:])
