"""What shapes demand of all nodes of one kind, told before a value of theirs is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from pyoxigraph import NamedNode

from kg.graph import Node

if TYPE_CHECKING:
    from kg.shacl.shape import Run, Shape

Classed: TypeAlias = frozenset[Node]
"""A class and all above it."""

Fits: TypeAlias = "Callable[[Run, Node], bool]"
"""Whether a value is one that a shape lets pass; nothing else about the node that has it is looked at."""

Agree: TypeAlias = Callable[[Node, Node], bool]
"""Whether a value of one property may stand beside a value of another."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What nodes have in common that have the same classes, and as many values of each property."""

    above: tuple[Classed, ...]  # type by type
    counts: Mapping[NamedNode, int]  # rdf:type too

    def is_a(self, cls: Node) -> bool:
        return any(cls in classes for classes in self.above)

    def count(self, property: NamedNode) -> int:
        return self.counts.get(property, 0)


@dataclass(frozen=True, slots=True)
class Demands:
    """What it takes for shapes to find nothing: conditions on single values and on two, shapes to conform to."""

    each: Mapping[NamedNode, tuple[Fits, ...]] = field(default_factory=dict)
    pairs: tuple[tuple[NamedNode, NamedNode, Agree], ...] = ()
    shapes: tuple[Shape, ...] = ()

    def __len__(self) -> int:
        return sum(map(len, self.each.values())) + len(self.pairs) + len(self.shapes)

    def met(self, run: Run, node: Node, said: Mapping[NamedNode, Sequence[Node]]) -> bool:
        """Whether a node of which this is said meets them."""
        for property, conditions in self.each.items():
            for value in said[property]:
                for fits in conditions:
                    if not fits(run, value):
                        return False
        for property, other, agree in self.pairs:
            if not all(agree(value, beside) for value in said[property] for beside in said[other]):
                return False
        return all(shape.conforms(run, node) for shape in self.shapes)


NONE: Final = Demands()


def together(parts: Iterable[Demands | None]) -> Demands | None:
    """All of these demands; None when of one part it cannot be told what it takes."""
    each: dict[NamedNode, dict[Fits, None]] = {}
    pairs: dict[tuple[NamedNode, NamedNode, Agree], None] = {}
    shapes: dict[Shape, None] = {}
    for part in parts:
        if part is None:
            return None
        for property, conditions in part.each.items():
            each.setdefault(property, {}).update(dict.fromkeys(conditions))
        pairs.update(dict.fromkeys(part.pairs))
        shapes.update(dict.fromkeys(part.shapes))
    return Demands({property: tuple(some) for property, some in each.items()}, tuple(pairs), tuple(shapes))


def fewest(parts: Iterable[Demands | None]) -> Demands | None:
    """One of these demands is enough: the least, or None when of none it can be told what it takes."""
    return min((part for part in parts if part is not None), key=len, default=None)
