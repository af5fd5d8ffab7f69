"""The file of an answer, read while it is written."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable

from kg.errors import CancelledError, KgError


class Spool:
    """An unlinked file that another process writes, as far as that one says it has come."""

    __slots__ = ("_changed", "_descriptor", "_on_close", "_on_over", "complete", "error", "size")

    def __init__(
        self, descriptor: int, size: int, *, complete: bool = True, on_close: Callable[[], None] | None = None
    ) -> None:
        self.size = size  # bytes that may be read
        self.complete = complete
        self.error: KgError | None = None
        self._descriptor = descriptor
        self._on_close = on_close
        self._on_over: Callable[[], object] | None = None
        self._changed: asyncio.Future[None] | None = None

    def __del__(self) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        return self._descriptor < 0

    def when_over(self, callback: Callable[[], object]) -> None:
        """Called once the file is whole, or nobody writes or reads it any more."""
        self._on_over = callback
        self._tell()

    def grow(self, size: int, *, complete: bool = False) -> None:
        """So many bytes are there now."""
        self.size, self.complete = size, complete
        self._tell()

    def fail(self, error: KgError) -> None:
        """The rest will never be there."""
        self.error = self.error or error
        self._tell()

    def close(self) -> None:
        """Lets the file go; a reader that waits gets CancelledError. Again is no error."""
        if self.closed:
            return
        os.close(self._descriptor)
        self._descriptor = -1
        self._tell()
        if self._on_close is not None:
            on_close, self._on_close = self._on_close, None  # which holds us
            on_close()

    async def chunks(self, size: int) -> AsyncIterator[bytes]:
        """What is there and what comes, from the start. Raises KgError when the writer failed."""
        place = 0
        while True:
            if self.error is not None:
                raise self.error
            if self.closed:
                raise CancelledError("the answer was closed", "Отговорът беше затворен")
            if place < self.size:
                chunk = os.pread(self._descriptor, min(size, self.size - place), place)
                if not chunk:
                    raise CancelledError("the answer's file is too short", "Файлът с отговора е непълен")
                place += len(chunk)
                yield chunk
            elif self.complete:
                return
            else:
                await self._wait()

    async def _wait(self) -> None:
        self._changed = self._changed or asyncio.get_running_loop().create_future()
        await asyncio.shield(self._changed)

    def _tell(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)
        self._changed = None
        if self._on_over is not None and (self.complete or self.error is not None or self.closed):
            over, self._on_over = self._on_over, None
            over()
