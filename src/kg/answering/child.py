"""A process that answers one query at a time over sealed releases, and may be killed at any moment.

It is forked by a nursery (`kg.answering.nursery`), never opens a release for writing, may not grow more than it is
told, and ends with its nursery or when the front hangs up.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Store

from kg.answering import complaints, federation, process
from kg.answering.evaluate import Choice, Written, choice, evaluate
from kg.answering.frames import FORGET, Header, Inbox, pack
from kg.answering.output import Output
from kg.answering.question import PLACES
from kg.errors import ForbiddenError, KgError, QueryError
from kg.errors import pack as pack_error
from kg.isolation import end_with_parent
from kg.lexer import Outline
from kg.lexer.alike import Outlines
from kg.store.disk import Inode
from kg.store.pin import Sealed

_OPEN_RELEASES: Final = 2
# after which there is no more
LAST: Final = frozenset({"done", "looked", "heavy", "federated", "elsewhere", "error", "forgotten"})
_BRIEF: Final = 0.001  # seconds of a query that replies may wait for
_ALIKE: Final = 64  # characters: texts of one shape and about one length hold about as many constants
_KINDS: Final = 512
_KEPT: Final = 32 * 2**20  # bytes that a child may hold on to after a job; a new one costs little
_READ: Final = 4  # and of the releases that it has open this part: a new one would have to read them again


@dataclass(frozen=True, slots=True)
class Task:
    """What a child is for, told at its birth."""

    memory: int  # bytes it may grow
    niceness: int
    spool_max: int
    spool_first: int | None  # None: an answer is never begun before it is whole
    spool_dir: str | None
    merge_max: int
    release: str | None = None  # to open at once
    allow: str = ""  # KG_SERVICE_ALLOW
    lenient: bool = False  # SERVICE SILENT off the list finds nothing
    federates: bool = False  # asks the endpoints of `allow`; others hand such queries back
    hurried: bool = False  # hands back queries that are known to take long


class Releases:
    """The last few releases that were read, open and held against removal."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, Inode], Sealed] = {}
        self._last: tuple[str, Inode] | None = None
        self.size = 0  # bytes of those that are open

    def __getitem__(self, path: str) -> Store:
        """Raises OSError when it is not there or cannot be opened."""
        stat = os.stat(path)  # noqa: PTH116 (each query pays for it)
        key = (path, (stat.st_ino, stat.st_mtime_ns))  # an erased release is another directory of the same name
        if key != self._last:
            self._turn_to(key)
        engine = self._open[key].engine
        assert engine is not None
        return engine

    def _turn_to(self, key: tuple[str, Inode]) -> None:
        path = key[0]
        self._open[key] = self._open.pop(key) if key in self._open else Sealed(Path(path))
        self._last = key
        for stale in [one for one in self._open if one[0] == path and one != key]:
            self._open.pop(stale).close()
        while len(self._open) > _OPEN_RELEASES:
            self._open.pop(next(iter(self._open))).close()
        self.size = sum(sealed.size for sealed in self._open.values())


class Child:
    """Answers what arrives at its socket."""

    def __init__(self, connection: socket.socket, task: Task, copy: Store | None) -> None:
        """`copy`: the default graph of the one release that this child is asked about; it has no other graphs."""
        self._connection = connection
        self._task = task
        self._copy = copy
        self._inbox = Inbox(connection)
        self._held: list[bytes] = []  # replies that go out together: each one sent alone wakes the front
        self._brief: set[tuple[str, int]] = set()  # kinds that took but a moment when they were last asked
        self._paused = False  # the last one took longer, and those behind it may be with another child by now
        self._id = 0  # of the question, so that both sides speak of the same
        self._look = Outlines()
        self._releases = Releases()
        self._heavy: frozenset[str] = frozenset()
        self._prefixes: Mapping[str, str] = {}
        self._spool_dir = Path(task.spool_dir) if task.spool_dir else None
        self._growth = process.Growth()
        self._gateway = federation.Gateway(federation.Allow.parse(task.allow), lenient=task.lenient)

    def serve(self) -> None:
        """Answers until the front hangs up (EOFError, OSError)."""
        if self._task.federates:
            self._gateway.start()
        if self._task.release and self._copy is None:
            with contextlib.suppress(OSError, ValueError):
                self._releases[self._task.release]
        self._send({"t": "ready"})
        while True:
            if not self._inbox:
                self._flush()
            elif self._paused:
                self._paused = False
                self._inbox.look()
            asked, text = self._inbox.get()
            self._prefixes = asked.pop("remember", self._prefixes)
            self._heavy = frozenset(asked["heavy"]) if "heavy" in asked else self._heavy
            asked["prefixes"] = self._prefixes
            self._id = asked["id"]
            if FORGET in asked:
                self._end({"t": "forgotten"})
                continue
            try:
                self._answer(asked, text.decode())
            except KgError as error:
                self._fail(error)
            except MemoryError:
                self._fail(complaints.memory())

    def _answer(self, asked: Header, text: str) -> None:
        try:
            seen = self._look(text)
        except QueryError as error:
            raise complaints.told(error, text) from error
        kind = (seen.shape, len(text) // _ALIKE)
        if kind not in self._brief:
            self._flush()
        chosen = choice(seen, asked)
        told = _told(seen, chosen, PLACES[self._copy is not None])
        if seen.services and not self._task.allow:
            raise _forbidden(seen.services[0])
        if asked.get("look"):
            return self._end({"t": "looked", **told})
        if seen.services and not self._task.federates:
            return self._end({"t": "federated", **told})
        if self._copy is not None and (seen.sliced or not seen.only_default or asked.get("dataset")):
            # The disk has rows in another order: pages of one result must come from one place. It is faster there, too.
            return self._end({"t": "elsewhere", **told})
        if self._task.hurried and seen.shape in self._heavy:
            return self._end({"t": "heavy", **told})
        if not self._task.hurried:
            self._send({"t": "seen", **told})
        output = Output(chosen.written, limit=self._task.spool_max, folder=self._spool_dir)
        if self._task.spool_first is not None and not asked.get("partial"):
            output.begin_at(
                self._task.spool_first,
                begun=lambda descriptor, size: self._send({"t": "begun", "size": size, **told}, descriptor),
                grown=lambda size: self._send({"t": "grown", "size": size}),
            )
        try:
            written = self._evaluate(seen, asked, output, chosen)
            body = output.finish()
            self._note(kind, written.seconds)
            done = {
                "t": "done",
                "size": output.size,
                "seconds": round(written.seconds, 6),
                "computed": round(written.computed, 6),
                "truncated": written.truncated,
                "rows": written.rows,
                **told,
            }
            in_file = output.descriptor if output.descriptor >= 0 and not output.begins else -1
            self._end(done, in_file, body)
        finally:
            output.close()
        return None

    def _evaluate(self, seen: Outline, asked: Mapping[str, Any], output: Output, chosen: Choice) -> Written:
        limit = self._task.merge_max
        store = self._copy
        if store is None:
            try:
                store = self._releases[asked["release"]]
            except (OSError, ValueError) as error:
                raise complaints.unreadable() from error
        if not seen.services:
            return evaluate(store, seen, seen.text, asked, output, chosen.written, limit)
        self._gateway.begin()
        try:
            text = federation.rewrite(seen.text, self._gateway, base_iri=asked.get("base"))
        except SyntaxError as error:
            raise complaints.told(error) from error
        try:
            written = evaluate(store, seen, text, asked, output, chosen.written, limit)
        except KgError as error:
            raise (self._gateway.trouble(str(error)) or error) from error
        if trouble := self._gateway.trouble():
            raise trouble
        return written

    def _note(self, kind: tuple[str, int], seconds: float) -> None:
        if seconds > _BRIEF:
            self._paused = True
            self._brief.discard(kind)
        elif kind not in self._brief:
            if len(self._brief) >= _KINDS:
                self._brief.clear()
            self._brief.add(kind)

    def _fail(self, error: KgError) -> None:
        self._end({"t": "error", **pack_error(error)})

    def _end(self, header: Header, descriptor: int = -1, body: bytes = b"") -> None:
        """The last words about a job; a child that has grown asks to be replaced."""
        header["id"] = self._id
        if self._growth.over(_KEPT + self._releases.size // _READ):
            header["grew"] = True
        if descriptor < 0:
            self._held.append(pack(header, body))
        else:
            self._send(header, descriptor, body)

    def _send(self, header: Header, descriptor: int = -1, body: bytes = b"") -> None:
        self._held.append(pack(header, body))
        self._flush(descriptor)

    def _flush(self, descriptor: int = -1) -> None:
        """What is held goes out, in one piece where it can."""
        if not self._held:
            return None
        frames = b"".join(self._held)
        self._held.clear()
        if descriptor < 0:
            return self._connection.sendall(frames)
        sent = socket.send_fds(self._connection, [frames], [descriptor])
        if sent < len(frames):
            self._connection.sendall(frames[sent:])
        return None


def _told(seen: Outline, chosen: Choice, place: str) -> Header:
    return {
        "form": seen.form,
        "volatile": seen.volatile,
        "shape": seen.shape,
        "format": chosen.named.name,
        "place": place,
    }


def _forbidden(service: str) -> ForbiddenError:
    return ForbiddenError(
        f"SERVICE {service} is not allowed: this endpoint asks no other addresses",
        f"SERVICE {service} не е разрешено: тази услуга не пита други адреси",
    )


def main(connection: socket.socket, task: Task, copy: Store | None, nursery: int) -> None:
    """The life of a forked child; does not return."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        end_with_parent(nursery, signal.SIGKILL)
        process.confine(task.memory, task.niceness)
        Child(connection, task, copy).serve()
    except (EOFError, OSError):
        os._exit(0)
    except BaseException:  # noqa: BLE001 (a fork must not return into its nursery's code)
        traceback.print_exc()
        os._exit(1)
