"""One worker process, seen from its parent."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from kg.errors import StoreError
from kg.store.worker import READY, REPLY, REQUEST, Status, receive

_ROOT = Path(__file__).resolve().parents[2]
_START_TIMEOUT = 30.0
_NICENESS = 5
_ENVIRONMENT = {  # nothing of ours: no tokens in here
    "PYTHONPATH": str(_ROOT),
    "LC_ALL": "C.UTF-8",
    "MALLOC_ARENA_MAX": "1",  # each further one takes 64 MiB of address space
}


class LostError(Exception):
    """The process ended before it answered."""


class Child:
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
                    env=_ENVIRONMENT,
                )
            except OSError as error:
                ours.close()
                raise StoreError(
                    f"no worker process could be started ({error.strerror})",
                    f"Не може да се пусне работен процес ({error.strerror})",
                ) from error
        self.connection = ours
        try:
            if self._reply(time.monotonic() + _START_TIMEOUT) != READY:
                raise LostError
        except (LostError, TimeoutError) as error:
            self.end()
            raise StoreError("a worker process did not start", "Работен процес не успя да тръгне") from error

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def ask(self, header: Status, text: str, spool: IO[bytes], deadline: float) -> Status:
        """Its reply. Raises TimeoutError at the deadline and LostError when the process is gone."""
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
            raise LostError from error
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
            raise LostError from error
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
