"""A whole release in one file. Sorted, so that two dumps of one release are equal to the byte."""

from __future__ import annotations

from typing import IO

from pyoxigraph import DefaultGraph, Quad, serialize

from kg.errors import NotAcceptableError
from kg.formats import Format, Kind
from kg.graph import DEFAULT, View, quad_key
from kg.namespaces import PREFIXES

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
    text = serialize(quads, format=format.rdf_engine, prefixes=dict(PREFIXES)) or b""
    # The engine declares prefixes in an order of its own each time.
    lines = text.split(b"\n")
    head = 0
    while head < len(lines) and lines[head].startswith(b"@prefix"):
        head += 1
    output.write(b"\n".join([*sorted(lines[:head]), *lines[head:]]))
