"""What a release says of one thing, its parts included, and who points at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from pyoxigraph import NamedNode, Quad

from kg.graph import Node, View, sort_key
from kg.iris import Iris
from kg.namespaces import DCT, MKG, OA, RDF

_ABOUT_STATEMENTS: Final = frozenset({MKG.ofValue, DCT.source, OA.hasTarget})
"""With these evidence points at things; it is told with what it is evidence of."""

PAGE: Final = 100
"""So many of those who point at a thing are told at a time."""


@dataclass(frozen=True, slots=True)
class Said:
    """One value of a property, and the graphs that state it."""

    value: Node
    graphs: tuple[NamedNode, ...]


@dataclass(frozen=True, slots=True)
class Pointer:
    """Somebody else who has the thing as a value, and the graphs that state it."""

    subject: NamedNode
    property: NamedNode
    graphs: tuple[NamedNode, ...]


@dataclass(frozen=True)
class Part:
    """A thing, or what is nested in one: its statements by property, in the order of IRIs and of values."""

    node: NamedNode
    statements: Mapping[NamedNode, tuple[Said, ...]]
    parts: Mapping[NamedNode, Part] = field(default_factory=dict)

    @cached_property
    def types(self) -> tuple[NamedNode, ...]:
        return tuple(said.value for said in self.statements.get(RDF.type, ()) if isinstance(said.value, NamedNode))

    def walk(self) -> Iterator[Part]:
        """The part itself, and all that are nested in it."""
        yield self
        for part in self.parts.values():
            yield from part.walk()

    def values(self, property: NamedNode) -> tuple[Node, ...]:
        return tuple(said.value for said in self.statements.get(property, ()))


@dataclass(frozen=True)
class Description(Part):
    """A thing with one page of those who point at it."""

    pointers: tuple[Pointer, ...] = ()
    page: int = 1
    pages: int = 1
    pointing: int = 0  # on all pages

    @cached_property
    def graphs(self) -> tuple[NamedNode, ...]:
        """The graphs that say any of it."""
        saying = (one for part in self.walk() for all in part.statements.values() for one in all)
        return tuple(sorted({graph for one in saying for graph in one.graphs}, key=sort_key))

    @cached_property
    def mentioned(self) -> frozenset[NamedNode]:
        """What has to have a name for a reader: properties, values, those who point here, graphs."""
        found: set[NamedNode] = {self.node, *self.graphs}
        for part in self.walk():
            found.update(part.statements)
            values = (one.value for all in part.statements.values() for one in all)
            found.update(value for value in values if isinstance(value, NamedNode))
        for pointer in self.pointers:
            found |= {pointer.subject, pointer.property}
        return frozenset(found)


def describe(view: View, iris: Iris, node: NamedNode, page: int = 1) -> Description | None:
    """The description of a thing; None when nothing is said of it, or there are not so many pages of pointers.

    What is nested in a thing (`{thing}/…`, `{thing}#…`) is described with it, its evidence included.
    """
    whole = _part(view, iris, node, frozenset())
    if whole is None:
        return None
    pointers = _pointers(view, iris, node, frozenset(part.node for part in whole.walk()))
    pages = max(1, -(-len(pointers) // PAGE))
    if not 1 <= page <= pages:
        return None
    shown = tuple(pointers[(page - 1) * PAGE : page * PAGE])
    return Description(node, whole.statements, whole.parts, shown, page, pages, len(pointers))


def _pointers(view: View, iris: Iris, node: NamedNode, own: frozenset[NamedNode]) -> list[Pointer]:
    found: dict[tuple[NamedNode, NamedNode], set[NamedNode]] = {}
    for quad in view.quads(None, None, node):
        subject, graph = quad.subject, quad.graph_name
        if not isinstance(subject, NamedNode) or not isinstance(graph, NamedNode) or graph == iris.meta:
            continue
        if subject not in own and quad.predicate not in _ABOUT_STATEMENTS:
            found.setdefault((quad.predicate, subject), set()).add(graph)
    return [
        Pointer(subject, property, tuple(sorted(graphs, key=sort_key)))
        for (property, subject), graphs in sorted(found.items(), key=lambda one: (one[0][0].value, one[0][1].value))
    ]


def _part(view: View, iris: Iris, node: NamedNode, above: frozenset[NamedNode]) -> Part | None:
    statements = said(quad for quad in view.about(node) if quad.graph_name != iris.meta)
    if not statements:
        return None
    above |= {node}
    nested = {
        one.value
        for all in statements.values()
        for one in all
        if isinstance(one.value, NamedNode) and one.value not in above and _is_below(one.value, node)
    }
    parts = ((one, _part(view, iris, one, above)) for one in sorted(nested, key=sort_key))
    return Part(node, statements, {one: part for one, part in parts if part is not None})


def _is_below(node: NamedNode, owner: NamedNode) -> bool:
    return node.value.startswith((f"{owner.value}/", f"{owner.value}#"))


def said(quads: Iterable[Quad]) -> dict[NamedNode, tuple[Said, ...]]:
    """Statements about one thing by property: each value once, with the graphs that state it, all in order."""
    found: dict[NamedNode, dict[Node, set[NamedNode]]] = {}
    for quad in quads:
        if isinstance(quad.graph_name, NamedNode):
            found.setdefault(quad.predicate, {}).setdefault(quad.object, set()).add(quad.graph_name)
    return {
        property: tuple(
            Said(value, tuple(sorted(graphs, key=sort_key)))
            for value, graphs in sorted(values.items(), key=lambda one: sort_key(one[0]))
        )
        for property, values in sorted(found.items(), key=lambda one: one[0].value)
    }
