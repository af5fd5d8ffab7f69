"""Quads as the engine gives them back: it stores numbers, dates and durations by value, not by text.

`"01"^^xsd:integer` comes back as `1`, `12.50` as `12.5`, `PT90M` as `PT1H30M`, `xsd:int` as `xsd:integer`.
A comparison with stored quads is right only after this step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import pyoxigraph as ox
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from kg.graph import Node

_CHUNK = 20_000
_NUMBER = "urn:n:"
_ANY = NamedNode("urn:any")
_AS_WRITTEN = frozenset(
    {
        "http://www.w3.org/2001/XMLSchema#string",
        "http://www.w3.org/2001/XMLSchema#anyURI",
    }
)


def canonical(quads: Iterable[Quad]) -> Iterator[Quad]:
    """The same quads as they will be read. Raises ValueError for a blank node and for a quad of no graph."""
    known: dict[Node, Node] = {}
    rest = iter(quads)
    while chunk := list(islice(rest, _CHUNK)):
        doubtful: set[Node] = set()
        for quad in chunk:
            term = quad.object
            if type(term) is Literal:
                if term.language is None and term not in known and term.datatype.value not in _AS_WRITTEN:
                    doubtful.add(term)
            elif type(term) is Triple:
                doubtful.add(term)
            if not (
                type(quad.subject) is NamedNode
                and type(quad.graph_name) is NamedNode
                and (type(term) is NamedNode or type(term) is Literal)
            ):
                _refuse(quad)
        known.update(_through(doubtful))
        if not known:
            yield from chunk
            continue
        for quad in chunk:
            term = quad.object
            stored = known.get(term, term)
            yield quad if stored is term else Quad(quad.subject, quad.predicate, stored, quad.graph_name)


def _through(terms: set[Node]) -> dict[Node, Node]:
    """Each term as it comes out of a store."""
    order = list(terms)
    scratch = ox.Store()
    scratch.extend(
        Quad(NamedNode(f"{_NUMBER}{number}"), _ANY, term, DefaultGraph()) for number, term in enumerate(order)
    )
    out: dict[Node, Node] = {}
    for quad in scratch:
        assert isinstance(quad.subject, NamedNode)
        term = order[int(quad.subject.value.removeprefix(_NUMBER))]
        out[term] = term if term == quad.object else quad.object
    return out


def _refuse(quad: Quad) -> None:
    if isinstance(quad.graph_name, DefaultGraph):
        raise ValueError(f"{quad}: the merge follows from the named graphs and is not written to")
    if isinstance(quad.graph_name, BlankNode) or _blank(quad.subject) or _blank(quad.object):
        raise ValueError(f"{quad}: a release has no blank nodes; give the node an IRI first")


def _blank(term: Node) -> bool:
    if isinstance(term, Triple):
        return _blank(term.subject) or _blank(term.object)
    return isinstance(term, BlankNode)
