"""A whole release in one file. Sorted, so that two dumps of one release are equal to the byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from pyoxigraph import DefaultGraph, Quad, serialize

from kg.errors import NotAcceptableError
from kg.formats import Format, Kind
from kg.graph import DEFAULT, View
from kg.publish import turtle
from kg.publish.ordered import ordered

_PREFIXED = frozenset({"ttl", "trig"})


def dump(view: View, format: Format, output: IO[bytes]) -> None:
    """Writes the named graphs in a dataset format, the merge of the content graphs in a graph format.

    In memory that does not grow with the release. Raises NotAcceptableError for a format that carries neither.
    """
    if format.kind is Kind.DATASET:
        quads: Iterator[Quad] = (quad for quad in view.quads() if not isinstance(quad.graph_name, DefaultGraph))
    elif format.kind is Kind.GRAPH:
        quads = view.quads(None, None, None, DEFAULT)
    else:
        raise NotAcceptableError(
            f"a dump cannot be written as {format.name}; use nq, trig, ttl, nt, jsonld or rdf",
            f"графът не може да се изпише като {format.name}; ползвайте nq, trig, ttl, nt, jsonld или rdf",
        )
    write(ordered(quads), format, output)


def write(quads: Iterable[Quad], format: Format, output: IO[bytes]) -> None:
    """Writes quads as they come."""
    if format.name in _PREFIXED:
        turtle.stream(quads, output, format.rdf_engine)
    else:
        serialize(quads, output, format.rdf_engine)
