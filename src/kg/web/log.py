"""The log: one JSON object a line, gathered for a moment and written by a thread of its own.

Lines are lost in one case only: when whoever reads them stops reading and the gathered ones pass a limit; the next
line that is written says how many.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from json.encoder import encode_basestring as quoted
from queue import SimpleQueue
from typing import Any, Final

from kg.errors import StoreError

_PAUSE: Final = 0.25  # seconds
_MANY: Final = 2000  # lines that are not gathered any further
_WAITING: Final = 32 * 2**20  # bytes that may wait to be written
_STDERR: Final = 2


class Log:
    """Where lines go: „-“ is the standard error stream, a path a file, empty nowhere."""

    def __init__(self, where: str) -> None:
        self.where = where
        self._lines: list[str] = []
        self._lock = threading.Lock()
        self._blocks: SimpleQueue[bytes | None] = SimpleQueue()
        self._waiting = 0
        self._lost = 0
        self._writer: threading.Thread | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._reopen = False
        self._second, self._stamp = 0, ""

    def __bool__(self) -> bool:
        return bool(self.where)

    def time(self, now: float) -> str:
        """ISO 8601 with milliseconds."""
        second = int(now)
        if second != self._second:
            self._stamp = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self._second = second
        return f"{self._stamp}.{int(now % 1 * 1000):03d}Z"

    def line(self, text: str) -> None:
        """A line that is JSON already; for the event loop's thread."""
        lines = self._lines
        lines.append(text)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_PAUSE, self._flush)
        elif len(lines) >= _MANY:
            self._flush()

    def tell(self, event: Mapping[str, Any]) -> None:
        """An object with the time put before it; from any thread, and on its way at once."""
        if self.where:
            line = json.dumps({"time": self.time(time.time()), **event}, ensure_ascii=False, default=str)
            self._hand_over([line])

    def reopen(self) -> None:
        """The file has been moved away: the next lines go to a new one."""
        self._reopen = True

    def close(self) -> None:
        """Everything is written when this returns. What is told afterwards opens it again."""
        self._flush()
        with self._lock:
            writer, self._writer = self._writer, None
        if writer is not None:
            self._blocks.put(None)
            writer.join()

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._lines = self._lines, []
        if lines and self.where:
            self._hand_over(lines)

    def _hand_over(self, lines: list[str]) -> None:
        with self._lock:
            if self._waiting > _WAITING:
                self._lost += len(lines)
                return
            if self._lost:
                lines = [*lines, json.dumps({"level": "warning", "message": "lines were lost", "lines": self._lost})]
                self._lost = 0
            block = "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")
            self._waiting += len(block)
            self._blocks.put(block)
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="log", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        fd = self._open()
        try:
            while (block := self._blocks.get()) is not None:
                if self._reopen:
                    self._reopen = False
                    self._shut(fd)
                    fd = self._open()
                _write_all(fd, block)
                with self._lock:
                    self._waiting -= len(block)
        finally:
            self._shut(fd)

    def _open(self) -> int:
        if self.where == "-":
            return _STDERR
        try:
            return os.open(self.where, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            os.write(_STDERR, f"{self.where}: {error.strerror}; the log goes here\n".encode())
            return _STDERR

    @staticmethod
    def _shut(fd: int) -> None:
        if fd != _STDERR:
            os.close(fd)


def _write_all(fd: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except OSError:  # a full disk, a reader that has gone: there is nobody to tell
            return


def check(where: str) -> None:
    """Raises StoreError for a path that cannot be written to."""
    if where in {"", "-"}:
        return
    try:
        os.close(os.open(where, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o640))
    except OSError as error:
        if error.errno != errno.ENXIO:  # a pipe that nobody reads yet
            raise StoreError(
                f"the log cannot be written to {where} ({error.strerror}); correct KG_LOG",
                f"дневникът не може да се записва в {where} ({error.strerror}); поправете KG_LOG",
            ) from error


class Handler(logging.Handler):
    """Lets messages of `logging` join the log, with the traceback when there is one."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        event = {"level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            event["trace"] = (self.formatter or logging.Formatter()).formatException(record.exc_info)
        self._log.tell(event)


__all__ = ["Handler", "Log", "check", "quoted"]
