from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from kg import writer
from kg.entry import Locator
from kg.errors import BusyError, ConflictError, DataError, KgError, NotAcceptableError
from kg.finding import Finding, Severity
from kg.writer import Done, Order, Unexpected


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_messages_keep_apart_and_descriptors_with_theirs(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    with tempfile.TemporaryFile() as body:
        body.write("тяло".encode())
        body.flush()
        writer.send(ours, {"first": "едно"})
        writer.send(ours, {"second": 2}, body.fileno())
    assert writer.receive(theirs) == ({"first": "едно"}, [])
    received = writer.receive(theirs)
    assert received is not None
    message, (file,) = received
    assert (message, os.pread(file, 100, 0).decode()) == ({"second": 2}, "тяло")
    os.close(file)
    ours.close()
    assert writer.receive(theirs) is None


def test_a_message_that_breaks_off_is_none(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    ours.sendall(b"\0\0\0\x20{")
    ours.close()
    with pytest.raises(EOFError):
        writer.receive(theirs)


def test_an_order_arrives_as_it_was_given() -> None:
    from dataclasses import asdict

    order = Order(do="put", agent="a", mark="m", seconds=1.0, graph="urn:g", using=("urn:a", "urn:b"), exists=False)
    assert writer.order(asdict(order)) == order


def test_an_outcome_arrives_as_it_was_told() -> None:
    done = Done(release=3, digest="d", added=1, removed=2, created=True, graph="urn:g")
    assert writer.outcome(writer.told(done)) == done


FINDINGS = (
    Finding({"en": "a", "bg": "б"}, focus_node=NamedNode("urn:a"), value=Literal("x", language="bg")),
    Finding({"en": "b"}, Severity.WARNING, at=Locator("f.yaml", line=3), field="име", path="urn:p", value="text"),
    Finding({"en": "c"}, shape="urn:s", component="MinCountConstraintComponent", focus_node=BlankNode("n")),
)


def test_findings_arrive_whole() -> None:
    with pytest.raises(DataError) as refused:
        writer.outcome(writer.told(DataError(FINDINGS)))
    assert refused.value.findings == FINDINGS


@pytest.mark.parametrize("error", [ConflictError("en", "bg"), BusyError("en"), NotAcceptableError("en", "bg", ["a/b"])])
def test_errors_arrive_as_what_they_are(error: KgError) -> None:
    with pytest.raises(type(error)) as raised:
        writer.outcome(writer.told(error))
    assert raised.value.messages == error.messages
    assert getattr(raised.value, "offered", None) == getattr(error, "offered", None)


def test_nothing_is_told_of_an_error_nobody_foresaw() -> None:
    with pytest.raises(Unexpected, match="KeyError"):
        writer.outcome(writer.told(KeyError("/secret/path")))
