"""The three ways in which a constraint looks at value nodes: at each, at all together, at how many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from kg.graph import Node
from kg.shacl.kinds import NONE, Agree, Demands, Fits, Kind
from kg.shacl.shape import Among, Found, Run, Shape

_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Each:
    """Each value node for itself."""

    component: NamedNode
    fits: Fits
    by_kind: Callable[[Kind], Demands | None] | None = None  # of a node that is its own value node
    looks: bool = False  # at what is said of the value, too
    wanted: Node | None = None
    among: Among | None = None

    def found(self, run: Run, focus: Node, values: Sequence[Node]) -> Iterator[Found]:
        fits = self.fits
        for value in values:
            if not fits(run, value):
                yield Found(value)

    def holds(self, run: Run, focus: Node, values: Sequence[Node]) -> bool:
        fits = self.fits
        for value in values:  # noqa: SIM110 (quicker than `all`, and asked most often)
            if not fits(run, value):
                return False
        return True

    def demands(self, kind: Kind, property: NamedNode | None) -> Demands | None:
        if property is None:
            return self.by_kind(kind) if self.by_kind else None
        return Demands({property: (self.fits,)}) if kind.count(property) else NONE

    def breach(self, kind: Kind, property: NamedNode | None) -> Demands | None:
        return None


@dataclass(frozen=True, slots=True, eq=False)
class All:
    """The value nodes together."""

    component: NamedNode
    against: Callable[[Run, Node, Sequence[Node]], Iterator[Found]]
    idle: int = -1  # with so many value nodes nothing is wrong, nor with fewer
    other: NamedNode | None = None  # without values of this property nothing is wrong either
    agree: Agree | None = None  # nothing is wrong when each value agrees with each of the other property
    missing: Fits | None = None  # it is violated when this holds for each value
    wanted: Node | None = None  # nothing else is wrong than that this value is missing
    looks: bool = True
    among: Among | None = None

    def found(self, run: Run, focus: Node, values: Sequence[Node]) -> Iterator[Found]:
        return self.against(run, focus, values)

    def holds(self, run: Run, focus: Node, values: Sequence[Node]) -> bool:
        return next(self.against(run, focus, values), None) is None

    def demands(self, kind: Kind, property: NamedNode | None) -> Demands | None:
        if property is None:
            return None
        if kind.count(property) <= self.idle or (self.other is not None and not kind.count(self.other)):
            return NONE
        if self.other is None or self.agree is None:
            return None
        return Demands(pairs=((property, self.other, self.agree),))

    def breach(self, kind: Kind, property: NamedNode | None) -> Demands | None:
        if property is None or self.missing is None:
            return None
        return Demands({property: (self.missing,)}) if kind.count(property) else NONE


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """How many value nodes there are."""

    component: NamedNode
    least: int = 0
    most: int | None = None
    wanted: Node | None = None
    looks: bool = False
    among: Among | None = None

    def found(self, run: Run, focus: Node, values: Sequence[Node]) -> Iterator[Found]:
        if not self._right(len(values)):
            yield Found()

    def holds(self, run: Run, focus: Node, values: Sequence[Node]) -> bool:
        return self._right(len(values))

    def _right(self, count: int) -> bool:
        return count >= self.least and (self.most is None or count <= self.most)

    def demands(self, kind: Kind, property: NamedNode | None) -> Demands | None:
        return NONE if self._right(1 if property is None else kind.count(property)) else None

    def breach(self, kind: Kind, property: NamedNode | None) -> Demands | None:
        return NONE if self.demands(kind, property) is None else None


def remembered(fits: Fits) -> Fits:
    """The same, asked once for a node: many point at one programme, and what it takes is to look further."""

    def known(run: Run, value: Node) -> bool:
        if value == run.focus:
            return fits(run, value)
        told = run.known[fits]
        found = told.get(value)
        if found is None:
            if len(told) > _REMEMBERED:
                told.clear()
            found = told[value] = fits(run, value)
        return found

    return known


def looks_further(shape: Shape) -> bool:
    """Whether it takes more than a node to tell whether it conforms to a shape."""
    return shape.path is not None or bool(shape.properties) or any(one.looks for one in shape.checks)
