"""A release's default graph, read into the memory of this process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pyoxigraph import DefaultGraph, RdfFormat, Store

from kg.store.pin import Sealed

_CHUNK: Final = 2**20


class _TooManyError(Exception):
    """The release holds more triples than may be copied."""


class _Counted:
    """A pipe that counts lines, one triple each."""

    def __init__(self, descriptor: int, limit: int) -> None:
        self._descriptor = descriptor
        self._left = limit

    def read(self, size: int = -1) -> bytes:
        data = os.read(self._descriptor, size if 0 < size < _CHUNK else _CHUNK)
        self._left -= data.count(b"\n")
        if self._left < 0:
            raise _TooManyError
        return data


def copy_of(release: str, limit: int) -> Store | None:
    """The default graph of a release; None when it holds more than `limit` triples or cannot be read.

    Another process opens the release and writes it down: the engine's threads for a directory would not survive the
    forks of this one.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _dump(release, writer)
    os.close(writer)
    store: Store | None = Store()
    try:
        store.bulk_load(input=_Counted(reader, limit), format=RdfFormat.N_TRIPLES)  # type: ignore[union-attr, arg-type]
    except Exception:  # noqa: BLE001 (without a copy the disk answers)
        store = None
    finally:
        os.close(reader)
        _, status = os.waitpid(pid, 0)
    return store if status == 0 else None


def _dump(release: str, writer: int) -> None:
    """The forked side; does not return."""
    code = 1
    try:
        engine = Sealed(Path(release)).engine
        assert engine is not None
        with os.fdopen(writer, "wb") as output:
            engine.dump(output, format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
        code = 0
    finally:
        os._exit(code)
