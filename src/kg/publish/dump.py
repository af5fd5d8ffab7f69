"""A whole release in one file. Sorted, so that two dumps of one release are equal to the byte."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from pyoxigraph import DefaultGraph, Quad

from kg.errors import NotAcceptableError
from kg.formats import Format, Kind
from kg.graph import DEFAULT, View
from kg.publish import rdf
from kg.publish.ordered import ordered


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
    rdf.stream(ordered(quads), output, format)
