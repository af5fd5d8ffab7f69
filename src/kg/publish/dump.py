"""A whole release in one file. Sorted, so that two dumps of one release are equal to the byte."""

from __future__ import annotations

from typing import IO

from pyoxigraph import DefaultGraph, Quad, serialize

from kg.errors import NotAcceptableError
from kg.formats import Format, Kind
from kg.graph import DEFAULT, View, quad_key
from kg.publish import turtle

_PREFIXED = frozenset({"ttl", "trig"})


def dump(view: View, format: Format, output: IO[bytes]) -> None:
    """Writes the named graphs in a dataset format, the merge of the content graphs in a graph format.

    Raises NotAcceptableError for a format that carries neither.
    """
    if format.kind is Kind.DATASET:
        quads = [quad for quad in view.quads() if not isinstance(quad.graph_name, DefaultGraph)]
    elif format.kind is Kind.GRAPH:
        quads = [Quad(quad.subject, quad.predicate, quad.object) for quad in view.quads(None, None, None, DEFAULT)]
    else:
        raise NotAcceptableError(
            f"a dump cannot be written as {format.name}; use nq, trig, ttl, nt, jsonld or rdf",
            f"графът не може да се изпише като {format.name}; ползвайте nq, trig, ttl, nt, jsonld или rdf",
        )
    quads.sort(key=quad_key)
    if format.name not in _PREFIXED:
        serialize(quads, output, format.rdf_engine)
        return
    output.write(turtle.write(quads, format.rdf_engine))
