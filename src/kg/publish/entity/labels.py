"""What things are called, for readers of a description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.graph import DEFAULT, View
from kg.iris import Iris
from kg.namespaces import DCT, FOAF, RDFS, SKOS

_NAMING: Final = (RDFS.label, SKOS.prefLabel, DCT.term("title"), FOAF.name)

Texts = Mapping[str, str]
"""By language tag; „“ for a text without one."""


def labels(view: View, iris: Iris, nodes: Iterable[NamedNode]) -> dict[NamedNode, Texts]:
    """The names of those of these nodes that have any, one per language."""
    found = ((node, _texts(view, iris, node)) for node in nodes)
    return {node: texts for node, texts in found if texts}


def _texts(view: View, iris: Iris, node: NamedNode) -> Texts:
    for graph in (DEFAULT, iris.meta):
        for naming in _NAMING:
            said = sorted(
                (quad.object for quad in view.quads(node, naming, None, graph) if isinstance(quad.object, Literal)),
                key=lambda text: (text.language or "", text.value),
            )
            if said:
                texts: dict[str, str] = {}
                for text in said:
                    texts.setdefault(text.language or "", text.value)
                return texts
    return {}
