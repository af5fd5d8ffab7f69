"""A sealed directory stays while somebody reads it.

The engine opens sixteen of a directory's files at once and the others when it needs them, so a release that is
deleted under a reader answers only as long as it is small. A reader therefore holds a shared flock on the
directory, in any process, and retention removes what nobody holds. The lock changes nothing in the directory.
"""

from __future__ import annotations

import fcntl
import os
import weakref
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import NamedNode, Quad

from kg.store.disk import Inode


class Sealed:
    """A sealed directory, opened read-only and held until it is closed or forgotten."""

    __slots__ = ("__weakref__", "_let_go", "engine", "kept", "path", "size")

    def __init__(self, path: Path) -> None:
        """Raises FileNotFoundError when the directory is not there or is just being removed."""
        self.path = path
        self.kept: dict[NamedNode, tuple[Quad, ...]] = {}  # what was read of it: it never changes
        self._let_go = weakref.finalize(self, os.close, _share(path))
        try:
            self.engine: ox.Store | None = ox.Store.read_only(str(path))
            self.size = sum(file.stat().st_size for file in path.iterdir())
        except BaseException:
            self._let_go()
            raise

    def close(self) -> None:
        self.engine = None
        self._let_go()


def identity(path: Path) -> Inode:
    """What changes when another directory takes the place of this one."""
    stat = path.stat()
    return (stat.st_ino, stat.st_mtime_ns)


def retire(path: Path, target: Path) -> bool:
    """Moves the directory away unless somebody reads it; whether it was moved."""
    fd = _directory(path)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.rename(target)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True


def _directory(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _share(path: Path) -> int:
    fd = _directory(path)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if os.fstat(fd).st_ino != path.stat().st_ino:
            raise FileNotFoundError(path)
    except BlockingIOError:
        os.close(fd)
        raise FileNotFoundError(path) from None
    except BaseException:
        os.close(fd)
        raise
    return fd
