"""Which shapes a node is to be validated against."""

from __future__ import annotations

from typing import Final

from kg.graph import Node
from kg.namespaces import SH
from kg.shacl.data import TYPE
from kg.shacl.reading import Shapes
from kg.shacl.shape import Run, Shape

_KINDS: Final = 4096

ByNode = dict[Node, dict[Node, None]]


class Aims:
    """The targets of all shapes, asked from the other side: of one node (SHACL §2.1.3).

    Nodes of the same classes with the same properties have the same shapes, so what one has is remembered for others.
    """

    def __init__(self, shapes: Shapes, run: Run) -> None:
        self._shapes = shapes
        self._run = run
        self._known: dict[tuple[frozenset[Node], frozenset[Node]], list[Shape]] = {}
        self._by: dict[Node, ByNode] = {}
        for node, targets in shapes.targets.items():
            for target in targets:
                self._by.setdefault(target.kind, {}).setdefault(target.node, {})[node] = None

    def of(self, node: Node) -> list[Shape]:
        """The shapes that have this node among their focus nodes."""
        said = self._run.data.out(node)
        key = frozenset(said.get(TYPE, ())), frozenset(said)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _KINDS:
                self._known.clear()
            found = self._known[key] = [self._shapes.shape(one) for one in self._alike(node)]
        more = dict(self._by.get(SH.targetNode, {}).get(node, {}))
        for property, shapes in self._by.get(SH.targetObjectsOf, {}).items():
            if self._run.data.subjects(property, node):  # type: ignore[arg-type]
                more |= shapes
        return [*dict.fromkeys([*found, *map(self._shapes.shape, more)])] if more else found

    def _alike(self, node: Node) -> dict[Node, None]:
        found: dict[Node, None] = {}
        for above in self._run.classes.of(node):
            for cls in above:
                found |= self._by.get(SH.targetClass, {}).get(cls, {})
        for property in self._run.data.out(node):
            found |= self._by.get(SH.targetSubjectsOf, {}).get(property, {})
        return found
