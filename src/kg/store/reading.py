"""The releases of a home as readers find them, while writers go on."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar
from weakref import WeakValueDictionary

from kg.errors import GoneError, NotFoundError, StoreError
from kg.graph import Changes
from kg.store import changes as records
from kg.store import manifests
from kg.store.changes import Net
from kg.store.disk import Inode, surroundings, trouble
from kg.store.home import Home
from kg.store.pin import Sealed, identity
from kg.store.port import Manifest, Mark
from kg.store.releases import EmbeddedRelease

_PATIENCE, _PAUSE, _TRIES = 5.0, 0.02, 3
T = TypeVar("T")


class Releases:
    """Reads without a lock; each directory is opened once and shared."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._pointer = str(home.pointer)
        self._guard = threading.Lock()
        self._newest: Sealed | None = None
        self._handles: WeakValueDictionary[tuple[int, Inode], Sealed] = WeakValueDictionary()
        self._manifests: dict[int, tuple[Inode, Manifest]] = {}

    def mark(self) -> Mark | None:
        """The identity of the pointer, which is written anew by every change of what readers find."""
        try:
            stat = os.stat(self._pointer)  # noqa: PTH116 (asked for by every request)
        except FileNotFoundError:
            return None
        except OSError as cause:
            raise trouble(cause, self.home.root) from cause
        return Mark(stat.st_ino, stat.st_mtime_ns)

    def erased(self) -> Mapping[str, str | None]:
        """The SHA-256 of each IRI that was erased, and of its path; with the id to use instead, where there is one."""
        with surroundings(self.home.root):
            if not self.home.erasures.is_file():
                return {}
            lines = self.home.erasures.read_text(encoding="utf-8").splitlines()
        told = [json.loads(line) for line in lines]
        return {digest: one.get("instead") for one in told for name in ("sha256", "id") if (digest := one.get(name))}

    def current(self) -> EmbeddedRelease | None:
        def find() -> EmbeddedRelease | None:
            number = self.home.current()
            return self._opened(number) if number else None

        return self._patiently(find)

    def release(self, number: int) -> EmbeddedRelease:
        """A kept release. Raises NotFoundError, or GoneError naming the nearest kept one."""

        def find() -> EmbeddedRelease:
            self._known(number)
            if not self.home.release(number).is_dir() and not self.home.pending.is_dir():
                raise self._gone(number)
            return self._opened(number)

        return self._patiently(find)

    def manifests(self) -> Sequence[Manifest]:
        """All ever sealed, oldest first, pruned ones included."""
        return [self.manifest(number) for number in range(1, self.home.current() + 1)]

    def manifest(self, number: int) -> Manifest:
        """The manifest of one release, pruned or not. Raises NotFoundError."""
        self._known(number)
        path = self.home.manifest(number)

        def find() -> Manifest:
            mark = identity(path)
            known = self._manifests.get(number)
            if known is None or known[0] != mark:
                known = self._manifests[number] = (mark, manifests.read(path))
            return known[1]

        return self._patiently(find)

    def kept(self) -> Sequence[int]:
        return self.home.kept()

    def changes(self, number: int) -> Changes:
        """The change record of one release."""
        manifest = self.manifest(number)
        return records.read(self.home.record(number), added=manifest.added, removed=manifest.removed)

    def record(self, number: int) -> Iterator[tuple[bool, bytes]]:
        """See `Store`."""
        manifest = self.manifest(number)
        return records.stream(self.home.record(number), added=manifest.added, removed=manifest.removed)

    def diff(self, older: int, newer: int) -> Changes:
        """Net difference from one release to another, in either direction; 0 is the empty beginning."""
        for number in {older, newer} - {0}:
            self._known(number)
        net = Net()
        for number in range(min(older, newer) + 1, max(older, newer) + 1):
            step = self.changes(number)
            net.take(set(step.added), set(step.removed))
        return net.changes() if older <= newer else net.reverse()

    def forget(self) -> None:
        """Opens every release anew from now on."""
        with self._guard:
            self._newest = None
            self._handles.clear()
            self._manifests.clear()

    def _opened(self, number: int) -> EmbeddedRelease:
        path = self.home.release(number)
        key = (number, identity(path))
        with self._guard:
            sealed = self._handles.get(key)
            if sealed is None:
                sealed = self._handles[key] = Sealed(path)
            if number == self.home.current():
                self._newest = sealed
        return EmbeddedRelease(self.manifest(number), sealed)

    def _patiently(self, find: Callable[[], T]) -> T:
        """Looks again while folders change places under a reader (a new release, an erasure)."""
        deadline, tries = time.monotonic() + _PATIENCE, 0
        while True:
            number, tries = self.home.current(), tries + 1
            try:
                with surroundings(self.home.root):
                    return find()
            except StoreError as cause:
                moving = self.home.pending.is_dir() or number != self.home.current() or tries < _TRIES
                missing = isinstance(cause.__cause__, FileNotFoundError)
                if not (missing and moving) or time.monotonic() > deadline:
                    raise
            time.sleep(_PAUSE)

    def _known(self, number: int) -> None:
        last = self.home.current()
        if not 1 <= number <= last:
            raise NotFoundError(
                f"there is no release {number}; the last one is {last}",
                f"няма издание {number}; последното е {last}",
            )

    def _gone(self, number: int) -> GoneError:
        near = min(self.kept(), key=lambda other: (abs(other - number), -other), default=None)
        return GoneError(
            f"release {number} is no longer kept; the nearest kept one is {near}",
            f"издание {number} вече не се пази; най-близкото запазено е {near}",
        )
