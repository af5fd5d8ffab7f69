"""The release that a request is about, opened once for all requests."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.answering.workers import Workers
from kg.errors import NoReleaseError, StoreError
from kg.store.port import Manifest, Mark, Release, Store
from kg.web.conditional import date
from kg.web.times import as_of

_PINNED = 4  # older releases that are held open


@dataclass(frozen=True, slots=True)
class Held:
    """A release, and since when it is what it is."""

    release: Release
    path: Path
    mark: Mark
    number: int
    modified: int  # the first whole second after its last change
    date: bytes  # the same, for Last-Modified

    @property
    def dated(self) -> bool:
        """Whether that second has come: before it, another change could share the date."""
        return time.time() >= self.modified


class Releases:
    """Releases of a store by number, and the current one."""

    def __init__(self, store: Store, workers: Workers) -> None:
        self._store = store
        self._workers = workers
        self.opened: Callable[[Held], None] | None = None  # is told of each release that becomes the current one
        self._current: Held | None = None
        self._pinned: OrderedDict[int, Held] = OrderedDict()

    def known(self, mark: Mark | None) -> Held | None:
        """The current release when it is open already."""
        return self._current if self._current is not None and self._current.mark == mark else None

    async def get(self, number: int | None = None, mark: Mark | None = None) -> Held:
        """The current release, or a kept one; `mark` when it has been read for this request.

        Raises StoreError, NotFoundError, GoneError.
        """
        mark = mark or self._store.mark()
        if mark is None:
            raise NoReleaseError
        current = self._current
        if current is None or current.mark != mark:
            current = await self._open(mark)
        if number is None or number == current.number:
            return current
        held = self._pinned.get(number)
        if held is None:
            release = await asyncio.to_thread(self._store.release, number)
            held = _held(release, mark)
            if self._current is current:
                self._pinned[number] = held
        if number in self._pinned:
            self._pinned.move_to_end(number)
            while len(self._pinned) > _PINNED:
                self._pinned.popitem(last=False)
        return held

    async def at(self, said: str) -> int:
        """The number of the release that `asOf` means. Raises ParameterError, NotFoundError, NoReleaseError."""
        return as_of(await self.manifests(), said)

    async def manifests(self) -> Sequence[Manifest]:
        """All releases ever made, oldest first. Raises NoReleaseError."""
        if not (manifests := await asyncio.to_thread(self._store.manifests)):
            raise NoReleaseError
        return manifests

    async def _open(self, mark: Mark) -> Held:
        release = await asyncio.to_thread(self._store.current)
        if release is None:
            raise StoreError("there is no release any more", "Вече няма издание")
        held = _held(release, mark)
        another = self._current is None or self._current.path != held.path or self._current.mark != mark
        self._current = held
        self._pinned.clear()
        if another:
            self._workers.settle(held.path)
            if self.opened is not None:
                self.opened(held)
        return held


def _held(release: Release, mark: Mark) -> Held:
    path = getattr(release, "path", None)
    if not isinstance(path, Path):
        raise StoreError(
            "this store has no release directories to read from", "Хранилището няма папки на издания за четене"
        )
    changed = max(release.manifest.created.timestamp(), mark.time / 10**9)
    modified = int(changed) + 1
    return Held(release, path, mark, release.number, modified, date(modified))
