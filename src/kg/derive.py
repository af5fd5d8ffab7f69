"""Consequences as data: CONSTRUCT rules fill one graph each, renewed for what a change touched.

A rule's header names its focus variable and `reach`: properties by which a focus node points at a subject whose change
may change the consequences. The changed subject itself is always reached. What a rule says of a focus node has that
node as its subject, or a node nested below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TypeVar

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.graph import DEFAULT, Changes, CustomFunction, Node, Subject, View, in_graph
from kg.iris import Iris, transliterate
from kg.namespaces import FN, PREFIXES
from kg.rq import QueryFile

T = TypeVar("T")
CHUNK = 2_000
"""Focus nodes per query."""
REBUILD_ABOVE = 20_000
"""Touched subjects from which renewing everything is cheaper than looking each of them up."""


class Deriving(View, Protocol):
    """A draft, as far as rules need it."""

    def apply(self, changes: Changes) -> None: ...
    def replace(self, graph: NamedNode, triples: Iterable[Triple]) -> Changes: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A derive query with its focus variable and the properties that lead from focus nodes to what they depend on."""

    query: QueryFile
    focus: str
    reach: tuple[NamedNode, ...]

    @property
    def name(self) -> str:
        """The rule's name without its place in the order: `10-shortcut` is `shortcut`."""
        return self.query.name.partition("-")[2]


def read_rules(folder: Path) -> tuple[Rule, ...]:
    """The rules of a folder in the order of their file names."""
    files = [QueryFile.read(path) for path in sorted(folder.glob("*.rq"))]
    return tuple(
        Rule(file, file.header["focus"], tuple(_property(name) for name in file.header["reach"])) for file in files
    )


def _property(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def derive(
    draft: Deriving, parent: View | None, rules: Sequence[Rule], iris: Iris, touched: set[Subject] | None
) -> None:
    """Renews the derived graphs for these changed subjects; for everything when `touched` is None.

    Both ways end in the same graphs (a property test holds them to it).
    """
    if touched is not None and (parent is None or len(touched) > REBUILD_ABOVE):
        touched = None
    changed = set(touched) if touched is not None else set()
    for rule in rules:
        graph = iris.derived(rule.name)
        if touched is None:
            draft.replace(graph, ())
            draft.replace(graph, draft.construct(rule.query.text, FUNCTIONS))
            continue
        assert parent is not None
        focus = set(changed)
        for property in rule.reach:
            for node in changed:
                for view in (draft, parent):
                    focus |= {quad.subject for quad in view.quads(None, property, node, DEFAULT)}
        before = set(_said(draft, graph, focus))
        # What the rule said must not be there while it is asked again, or it would support itself.
        draft.apply(Changes(removed=tuple(before)))
        after = {
            quad
            for some in _chunks(sorted(focus, key=str), CHUNK)
            for quad in in_graph(draft.construct(rule.query.bind({rule.focus: some}), FUNCTIONS), graph)
        }
        draft.apply(Changes(added=tuple(after)))
        changed |= {quad.subject for quad in before ^ after}


def _said(view: View, graph: NamedNode, focus: Iterable[Subject]) -> Iterator[Quad]:
    """What the rule's graph says of the focus nodes and of what is nested below them."""
    for node in focus:
        for quad in view.quads(node, None, None, graph):
            yield quad
            if isinstance(quad.object, NamedNode) and isinstance(node, NamedNode):
                below = node.value.replace("#", "/") + "/"
                if quad.object.value.startswith(below):
                    yield from view.quads(quad.object, None, None, graph)


def _chunks(items: Sequence[T], size: int) -> Iterator[list[T]]:
    remaining = iter(items)
    while some := list(islice(remaining, size)):
        yield some


def _transliterate(text: Node) -> Literal | None:
    return Literal(transliterate(text.value)) if isinstance(text, Literal) else None


FUNCTIONS: Mapping[NamedNode, CustomFunction] = MappingProxyType({FN.transliterate: _transliterate})
"""What rules may call beside SPARQL's own functions."""
