"""What things are called, for readers of a description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.graph import DEFAULT, Node, View
from kg.iris import Iris
from kg.namespaces import DCT, FOAF, RDFS, SKOS

_NAMING: Final = (RDFS.label, SKOS.prefLabel, DCT.term("title"), FOAF.name)

Texts = Mapping[str, str]
"""By language tag; „“ for a text without one."""


def by_language(values: Iterable[Node]) -> Texts:
    """The texts among values."""
    return {one.language or "": one.value for one in values if isinstance(one, Literal)}


def texts(view: View, node: NamedNode, property: NamedNode, graph: NamedNode) -> Texts:
    """What a named graph says of a thing with a property."""
    return by_language(quad.object for quad in view.quads(node, property, None, graph))


def labels(view: View, iris: Iris, nodes: Iterable[NamedNode]) -> dict[NamedNode, Texts]:
    """The names of those of these nodes that have any, one per language."""
    found = ((node, _named(view, iris, node)) for node in nodes)
    return {node: named for node, named in found if named}


def _named(view: View, iris: Iris, node: NamedNode) -> Texts:
    for graph in (DEFAULT, iris.meta):
        for naming in _NAMING:
            said = sorted(
                (quad.object for quad in view.quads(node, naming, None, graph) if isinstance(quad.object, Literal)),
                key=lambda text: (text.language or "", text.value),
            )
            if said:
                return by_language(reversed(said))  # of several in one language the first
    return {}
