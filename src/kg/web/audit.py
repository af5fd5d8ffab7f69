"""`audit.jsonl` in the home: who wrote, who was refused, and what came of it; JSON lines, only ever appended.

Loads from the command line are in the manifests of their releases; here is what came over HTTP, and the tokens. The
file is opened for every line: when it has been moved away, the next line begins a new one, and nobody need be told.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import anyio.to_thread

from kg.store.disk import surroundings
from kg.web.exchange import exchange

NAME: Final = "audit.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that was done or refused. What does not apply stays empty and is not written."""

    action: str  # update put-graph post-graph delete-graph patch-graph token-add token-remove cancel-query authorize
    status: int | None  # of HTTP; 0 for the command line; None of what is only intended, and of several attempts
    intent: bool | None = None  # True: about to be done; the outcome is another line of the same request
    agent: str = ""  # the token's name; on the command line the user's
    request: str = ""  # id of the request
    client: str = ""  # address
    graph: str = ""  # IRI, or several with a space between
    about: str = ""  # what else it is about: the name of a token, the number of a query
    release: int | None = None
    digest: str = ""  # of the release
    added: int | None = None
    removed: int | None = None
    reason: str = ""  # slug of the error, when refused
    attempts: int | None = None  # so many were refused in a minute that are no lines of their own …
    clients: int | None = None  # … of so many clients


class Audit:
    """The file, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, home: Path) -> Audit:
        return cls(home / NAME)

    def append(self, event: Event, *, durable: bool = True) -> None:
        """The event stands in the file when this returns, on a line of its own; `durable`: on the disk.

        Raises StoreError.
        """
        told = {name: value for name, value in asdict(event).items() if value not in ("", None)}
        time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps({"time": time, **told}, ensure_ascii=False).encode() + b"\n"
        with surroundings(self.path):
            fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX)  # nobody writes between the look at the end and the write
                if _torn(fd):
                    line = b"\n" + line
                if os.write(fd, line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                fcntl.flock(fd, fcntl.LOCK_UN)
                if durable:
                    os.fsync(fd)
            finally:
                os.close(fd)

    async def record(self, scope: MutableMapping[str, Any], event: Event) -> None:
        """The event, with id, client and agent of the request, is on the disk. Raises StoreError."""
        asked = exchange(scope)
        whole = replace(event, agent=asked.agent, request=asked.id, client=asked.client)
        await anyio.to_thread.run_sync(self.append, whole)


def _torn(fd: int) -> bool:
    """Whether the last line has no end, because the disk was full in the middle of it."""
    size = os.fstat(fd).st_size
    return size > 0 and os.pread(fd, 1, size - 1) != b"\n"
