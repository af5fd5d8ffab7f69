"""Several serving processes behind one listening socket, for machines with cores to spare.

Each is a whole service with its own workers, cache and writer process (writers take turns by the lock of the home).
`/metrics` and `/queries/running` tell of the process that happens to answer.
"""

from __future__ import annotations

import contextlib
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from types import FrameType
from typing import Final

from kg.errors import StoreError

_END: Final = 30.0  # seconds for processes to end, until they are killed
_SOON: Final = 5.0  # seconds within which an end is a failure to start
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_FAILURES: Final = 5  # in a row, and nothing is tried any more
_ENDING: Final = (signal.SIGTERM, signal.SIGINT)


def supervise(command: Sequence[str], listener: socket.socket, count: int) -> None:
    """Run the command so many times, each with the listening socket, until SIGTERM or SIGINT; what ends is replaced.

    Raises StoreError when the processes do not start.
    """
    listener.listen()
    with _Signals() as signals:
        processes: dict[int, tuple[subprocess.Popen[bytes], float]] = {}
        failures, pause = 0, _FIRST_PAUSE
        try:
            while not signals.ending:
                while len(processes) < count:
                    process = subprocess.Popen(command, pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL)  # noqa: S603
                    processes[process.pid] = (process, time.monotonic())
                signals.wait()
                for pid, (process, begun) in list(processes.items()):
                    if signals.reopening:
                        process.send_signal(signal.SIGHUP)
                    if process.poll() is not None:
                        del processes[pid]
                        failures = failures + 1 if time.monotonic() - begun < _SOON else 0
                signals.reopening = False
                if failures >= _FAILURES:
                    raise StoreError(
                        f"the serving processes end as soon as they start (status {process.returncode})",
                        f"процесите на услугата спират още при пускането си (код {process.returncode})",
                    )
                if failures and not signals.ending:
                    signals.wait(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)
        finally:
            _end([process for process, _ in processes.values()])


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + _END
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class _Signals:
    """What this process was told, and that one of its children has ended; waited for without polling."""

    def __init__(self) -> None:
        self.ending = False
        self.reopening = False
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> _Signals:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._reader, selectors.EVENT_READ)
        for number in (*_ENDING, signal.SIGHUP, signal.SIGCHLD):
            self._before[number] = signal.signal(number, self._told)
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno())
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._selector.close()
        self._reader.close()
        self._writer.close()

    def wait(self, seconds: float | None = None) -> None:
        """Until a signal comes, or the time is over."""
        if not self.ending:
            self._selector.select(seconds)
            with contextlib.suppress(BlockingIOError):
                while self._reader.recv(4096):
                    pass

    def _told(self, number: int, frame: FrameType | None) -> None:
        self.ending = self.ending or number in _ENDING
        self.reopening = self.reopening or number == signal.SIGHUP
