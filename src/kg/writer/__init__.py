"""Writes in a process of their own, so that it can be killed at its deadline and the service goes on.

This module is what both sides know: an order, what came of it, and how they look on the socket between the two.
`python -m kg.writer` is the process.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pyoxigraph import RdfFormat, parse

from kg import errors
from kg.entry import Locator
from kg.errors import DataError, KgError
from kg.finding import Finding, Severity
from kg.graph import Node

MAX_FINDINGS = 1_000
_LENGTH = struct.Struct("!I")
_PART = 2**20  # bytes that are taken from the socket at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A write. Its body, an update text or a document, comes as a file descriptor beside it."""

    do: str  # update put post delete patch
    agent: str
    mark: str  # kept with the release: tells after a crash whether this order was carried out
    seconds: float  # after which the process ends itself, should nobody do it
    graph: str = ""  # IRI; empty: none was named
    default: bool = False  # the default graph was named
    media_type: str = ""
    base_iri: str = ""  # of relative IRIs
    using: tuple[str, ...] | None = None
    using_named: tuple[str, ...] | None = None
    release: int | None = None  # must still be the current one
    exists: bool | None = None  # whether the graph must hold something


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A write that is sealed, or that changed nothing."""

    release: int
    digest: str
    added: int
    removed: int
    created: bool = False  # a graph that was not there before
    graph: str = ""  # IRI of the graph that was made for the document


@dataclass(frozen=True, slots=True)
class Config:
    """What the process is told when it starts."""

    home: str
    base: str | None
    suite: bool
    lock_timeout: float
    keep_days: int
    keep_bytes: int
    memory: int


class Unexpected(Exception):
    """The process met an error of its own; its trace went to the standard error stream."""


def send(channel: socket.socket, message: Mapping[str, Any], *files: int) -> None:
    """One message, descriptors with it. Raises OSError when the other side is gone."""
    frame = json.dumps(message, ensure_ascii=False).encode()
    frame = _LENGTH.pack(len(frame)) + frame
    sent = socket.send_fds(channel, [frame], files) if files else 0
    channel.sendall(frame[sent:])


def receive(channel: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next message and its descriptors; None when the other side has closed. Raises EOFError in mid-message."""
    head, files, _, _ = socket.recv_fds(channel, _LENGTH.size, 1)  # a descriptor comes with the first byte
    if not head:
        return None
    (length,) = _LENGTH.unpack(head + _exactly(channel, _LENGTH.size - len(head)))
    message = json.loads(_exactly(channel, length))
    assert isinstance(message, dict)
    return message, files


def _exactly(channel: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        part = channel.recv(min(size - len(found), _PART))
        if not part:
            raise EOFError
        found += part
    return bytes(found)


def order(message: Mapping[str, Any]) -> Order:
    """The order of a message."""
    lists = {name: tuple(message[name]) for name in ("using", "using_named") if message[name] is not None}
    return Order(**{**message, **lists})


def told(result: Done | BaseException) -> dict[str, Any]:
    """A result as a message."""
    if isinstance(result, Done):
        return {"done": asdict(result)}
    if not isinstance(result, KgError):
        return {"unexpected": type(result).__name__}
    if isinstance(result, DataError):
        return {"findings": [_finding(one) for one in result.findings[:MAX_FINDINGS]]}
    return {"error": errors.pack(result)}


def outcome(message: Mapping[str, Any]) -> Done:
    """What a message tells. Raises the error that it tells of, and Unexpected."""
    if "done" in message:
        return Done(**message["done"])
    if "unexpected" in message:
        raise Unexpected(message["unexpected"])
    if "findings" in message:
        raise DataError([_read_finding(one) for one in message["findings"]])
    raise errors.unpack(message["error"])


def _finding(finding: Finding) -> dict[str, Any]:
    at = finding.at
    return {
        "messages": dict(finding.messages),
        "severity": finding.severity.value,
        "at": asdict(at) if at else None,
        "field": finding.field,
        "focus_node": str(finding.focus_node) if finding.focus_node is not None else None,
        "path": finding.path,
        "value": finding.value if isinstance(finding.value, str) or finding.value is None else [str(finding.value)],
        "expected": finding.expected and dict(finding.expected),
        "suggestion": finding.suggestion,
        "shape": finding.shape,
        "component": finding.component,
        "cause": finding.cause and dict(finding.cause),
    }


def _read_finding(told: Mapping[str, Any]) -> Finding:
    at, focus, value = told["at"], told["focus_node"], told["value"]
    return Finding(
        told["messages"],
        Severity(told["severity"]),
        at=Locator(**at) if at else None,
        field=told["field"],
        focus_node=_node(focus) if focus is not None else None,
        path=told["path"],
        value=_node(value[0]) if isinstance(value, list) else value,
        expected=told["expected"],
        suggestion=told["suggestion"],
        shape=told["shape"],
        component=told["component"],
        cause=told["cause"],
    )


def _node(text: str) -> Node:
    """A term from its N-Triples text."""
    node: Node = next(parse(f"<urn:s> <urn:p> {text} .", RdfFormat.N_TRIPLES)).object
    return node
