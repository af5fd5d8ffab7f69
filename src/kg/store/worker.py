"""A child process that answers one query at a time over sealed releases, and may be killed at any moment.

    python -m kg.store.worker FD MEMORY NICENESS [RELEASE]

It reads requests from the socket FD and writes each answer into the file whose descriptor came with the request.
It never opens a release for writing, has no network where the kernel lets it give that up, may not grow more than
MEMORY bytes, and ends when its parent hangs up. It imports little: its start is the price of a killed query.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import json
import os
import resource
import select
import socket
import struct
import sys
import threading
from pathlib import Path
from typing import IO, Any, Final, TypeAlias, cast

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    serialize,
)

from kg.store.dataset import MergeLimitError, merged, resolve
from kg.store.disk import Inode
from kg.store.pin import Sealed, identity

REQUEST: Final = struct.Struct(">II")  # bytes of the JSON header, bytes of the query; the spool's descriptor beside it
REPLY: Final = struct.Struct(">I")  # bytes of the JSON status
READY: Final = {"ready": True}
_STACK: Final = 64 * 2**20  # the parser recurses; this holds what the front lets through many times over
_OPEN_RELEASES: Final = 2
_NEW_NETWORK: Final = 0x40000000  # CLONE_NEWNET, sched.h
_NEW_USER: Final = 0x10000000  # CLONE_NEWUSER, which lets an unprivileged process have a network of its own

Status: TypeAlias = dict[str, Any]


class SpoolFullError(Exception):
    """The answer is larger than one answer may be."""


class Spool:
    """Writes to a descriptor up to a limit."""

    def __init__(self, descriptor: int, limit: int) -> None:
        self.size = 0
        self._descriptor = descriptor
        self._limit = limit

    def write(self, data: bytes) -> int:
        self.size += len(data)
        if self.size > self._limit:
            raise SpoolFullError
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""


class Releases:
    """The last few releases that were read, open and held against removal."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, Inode], Sealed] = {}

    def __getitem__(self, path: str) -> Store:
        place = Path(path)
        key = (path, identity(place))  # an erased release is another directory of the same name
        sealed = self._open.pop(key, None) or Sealed(place)
        self._open[key] = sealed
        for stale in [one for one in self._open if one[0] == path and one != key]:
            self._open.pop(stale).close()
        while len(self._open) > _OPEN_RELEASES:
            self._open.pop(next(iter(self._open))).close()
        assert sealed.engine is not None
        return sealed.engine


def evaluate(header: Status, query: str, spool: Spool, releases: Releases) -> Status:
    """Answer into the spool; the status says how it went. The text has passed `lexer.outline` in the front."""
    try:
        return _evaluate(header, query, spool, releases)
    except SyntaxError as error:
        return {"error": "syntax", "message": str(error)}
    except SpoolFullError:
        return {"error": "spool"}
    except MergeLimitError:
        return {"error": "merge"}
    except (RuntimeError, ValueError) as error:
        return {"error": "unsupported", "message": str(error)}
    except MemoryError:
        return {"error": "memory"}
    except Exception as error:  # noqa: BLE001 (whatever it is, the next query is another one)
        return {"error": "internal", "message": f"{type(error).__name__}: {error}"}


def _evaluate(header: Status, query: str, spool: Spool, releases: Releases) -> Status:
    store = releases[header["release"]]
    base_iri = header["base"]
    options: dict[str, Any] = {}
    dataset = header.get("dataset")
    if dataset is not None:
        default = resolve(dataset["default"], dataset["prologue"], base_iri)
        named = resolve(dataset["named"], dataset["prologue"], base_iri)
        if len(default) > 1:
            store = merged(store, default, named, header["mergeLimit"])
            options = {"default_graph": DefaultGraph(), "named_graphs": cast("list[Any]", named)}
        else:
            options = {"default_graph": cast("list[NamedNode | Any]", default), "named_graphs": named}
    results = store.query(query, base_iri=base_iri, **options)
    output = cast("IO[bytes]", spool)
    media_type = header["mediaType"]
    if isinstance(results, QueryTriples):
        graph_format = RdfFormat.from_media_type(media_type)
        if graph_format is None:
            return {"error": "form", "message": "graph"}
        if prefixes := header.get("prefixes"):
            serialize(results, output, graph_format, prefixes=prefixes)
        else:
            results.serialize(output, graph_format)
    else:
        rows_format = QueryResultsFormat.from_media_type(media_type)
        if rows_format is None:
            return {"error": "form", "message": "results"}
        assert isinstance(results, QuerySolutions | QueryBoolean)
        results.serialize(output, rows_format)
    return {"size": spool.size}


def receive(connection: socket.socket, size: int) -> bytes:
    """Exactly so many bytes; EOFError when the other side has hung up."""
    parts: list[bytes] = []
    while size:
        part = connection.recv(min(size, 2**20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def send(connection: socket.socket, status: Status) -> None:
    body = json.dumps(status).encode()
    connection.sendall(REPLY.pack(len(body)) + body)


def _receive_request(connection: socket.socket) -> tuple[Status, str, int]:
    descriptors = array.array("i")
    head, ancillary, _, _ = connection.recvmsg(REQUEST.size, socket.CMSG_SPACE(descriptors.itemsize))
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(data)
    if not head or len(descriptors) != 1:
        raise EOFError
    head += receive(connection, REQUEST.size - len(head))
    header, query = REQUEST.unpack(head)
    return json.loads(receive(connection, header)), receive(connection, query).decode(), descriptors[0]


def serve(connection: socket.socket, first: str | None) -> None:
    """Answer requests until the other side hangs up."""
    releases = Releases()
    if first:
        with contextlib.suppress(OSError, ValueError):
            releases[first]
    send(connection, READY)
    while True:
        header, query, descriptor = _receive_request(connection)
        try:
            status = evaluate(header, query, Spool(descriptor, header["spoolLimit"]), releases)
        finally:
            os.close(descriptor)
        send(connection, status)


def _confine(memory: int, niceness: int) -> None:
    """Small, polite, without core dumps; the memory counts from what the process has at its start."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 (pathlib is slow to import)
        start = int(file.read().split()[0]) * resource.getpagesize()
    limit = start + _STACK + memory
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(niceness)


def _leave_network() -> None:
    """A second lock behind the lexer's refusal of SERVICE: a network without addresses, where the kernel allows it."""
    unshare = ctypes.CDLL(None).unshare
    if unshare(_NEW_NETWORK) != 0:
        unshare(_NEW_USER | _NEW_NETWORK)


def main(arguments: list[str]) -> None:
    connection = socket.socket(fileno=int(arguments[0]))
    _leave_network()
    _confine(int(arguments[1]), int(arguments[2]))

    def run() -> None:
        try:
            serve(connection, arguments[3] if len(arguments) > 3 else None)
        except (EOFError, OSError):
            os._exit(0)
        finally:
            os._exit(1)

    threading.stack_size(_STACK)
    threading.Thread(target=run, daemon=True).start()
    hang_up = select.poll()
    hang_up.register(connection, select.POLLRDHUP)
    hang_up.poll()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
