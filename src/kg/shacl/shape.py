"""Shapes, their constraints, and the results of validating a node (SHACL §3.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

from pyoxigraph import Literal, NamedNode

from kg.graph import Node, Row
from kg.shacl.data import Classes, Data
from kg.shacl.kinds import Demands, Kind, fewest, together
from kg.shacl.paths import Path, Property

Said: TypeAlias = Mapping[NamedNode, Sequence[Node]]
"""What is said of a node, by property."""

Among: TypeAlias = Callable[[Mapping[NamedNode, Said]], Collection[Node]]
"""Of nodes of which this is said those that violate something, which looks at nothing else."""

Select: TypeAlias = Callable[[str, Mapping[str, Node]], Iterator[Row]]
"""Solutions of a query over the data graph with variables bound beforehand (SHACL §5.3.1)."""


@dataclass(slots=True, eq=False)
class Run:
    """What is validated."""

    data: Data
    classes: Classes
    select: Select
    known: dict[object, dict[Node, bool]] = field(default_factory=lambda: defaultdict(dict))  # what fits, by check
    focus: Node | None = None  # of which the data may tell a part only, so far: nothing about it is remembered


class Found(NamedTuple):
    """What a constraint has against a node."""

    value: Node | None = None
    path: Node | None = None  # when it is not that of the shape
    messages: tuple[Literal, ...] = ()  # when they are not those of the shape
    source: Node | None = None  # the constraint, where it is a node


class Check(Protocol):
    """One constraint of a shape."""

    @property
    def component(self) -> NamedNode:
        """The constraint component that the results name."""

    @property
    def wanted(self) -> Node | None:
        """The one value node that has to be there, when it asks for nothing else."""

    @property
    def looks(self) -> bool:
        """Whether it looks at what is said of the value nodes."""

    def found(self, run: Run, focus: Node, values: Sequence[Node]) -> Iterator[Found]:
        """What violates it. `values` are the value nodes, each once."""

    def holds(self, run: Run, focus: Node, values: Sequence[Node]) -> bool:
        """Whether nothing does."""

    @property
    def among(self) -> Among | None:
        """Tells which of many focus nodes violate it; None when it looks at each by itself."""

    def demands(self, kind: Kind, property: NamedNode | None) -> Demands | None:
        """What it takes for nothing to violate it in nodes of a kind; None when it has to look at each. The value nodes
        are those of the property, or without one the node itself.
        """

    def breach(self, kind: Kind, property: NamedNode | None) -> Demands | None:
        """What it takes for it to be violated, likewise."""


@dataclass(frozen=True, slots=True)
class Result:
    """An sh:ValidationResult."""

    focus: Node
    shape: Node
    component: NamedNode
    severity: NamedNode
    path: Node | None = None  # of the shapes graph
    value: Node | None = None
    messages: tuple[Literal, ...] = ()
    source: Node | None = None


@dataclass(slots=True, eq=False)
class Shape:
    """A node shape, or with a path a property shape."""

    node: Node
    severity: NamedNode
    path: Path | None = None
    path_node: Node | None = None
    messages: tuple[Literal, ...] = ()
    deactivated: bool = False
    checks: list[Check] = field(default_factory=list)
    properties: list[Shape] = field(default_factory=list)
    _members: tuple[NamedNode, tuple[Node, ...]] | tuple[()] | None = None  # told once; of what is complete

    def members(self) -> tuple[NamedNode, tuple[Node, ...]] | None:
        """A property and the values of it that are asked for, when it asks for nothing else."""
        if self._members is None:
            wanted = tuple(one.wanted for one in self.checks if one.wanted is not None)
            plain = isinstance(self.path, Property) and not self.properties and len(wanted) == len(self.checks)
            self._members = (self.path.iri, wanted) if plain and isinstance(self.path, Property) else ()
        return self._members or None

    def results(self, run: Run, focus: Node) -> Iterator[Result]:
        """What this shape and those of its properties have against a node."""
        if self.deactivated:
            return
        values = (focus,) if self.path is None else self.path.nodes(run.data, focus)
        for check in self.checks:
            for found in check.found(run, focus, values):
                yield self.result(focus, check.component, found)
        for inner in self.properties:
            for value in values:
                yield from inner.results(run, value)

    def demands(self, kind: Kind) -> Demands | None:
        """What it takes for this shape to find nothing in nodes of a kind; None when it has to look at each."""
        if self.deactivated:
            return Demands()
        if self.path is None:
            parts = [one.demands(kind, None) for one in self.checks]
            return together([*parts, *(one.demands(kind) for one in self.properties)])
        if not isinstance(self.path, Property) or (self.properties and kind.count(self.path.iri)):
            return None
        return together(check.demands(kind, self.path.iri) for check in self.checks)

    def breach(self, kind: Kind) -> Demands | None:
        """What it takes for nodes of a kind not to conform; None when it has to look at each."""
        if self.deactivated or not (self.path is None or isinstance(self.path, Property)):
            return None
        own = None if self.path is None else self.path.iri
        inner = self.properties if own is None else []
        return fewest([*(one.breach(kind, own) for one in self.checks), *(one.breach(kind) for one in inner)])

    def among(self) -> Among | None:
        """Tells which of many nodes do not conform; None when it looks at each by itself."""
        asked = [check.among for check in self.checks]
        if self.deactivated or self.properties or None in asked:
            return None
        return lambda said: {node for one in asked if one is not None for node in one(said)}

    def result(self, focus: Node, component: NamedNode, found: Found) -> Result:
        """What one of its checks has found, with what the shape adds to it."""
        return Result(
            focus,
            self.node,
            component,
            self.severity,
            found.path or self.path_node,
            found.value,
            found.messages or self.messages,
            found.source,
        )

    def conforms(self, run: Run, focus: Node) -> bool:
        """Whether `results` would be empty."""
        if self.deactivated:
            return True
        if (members := self.members()) is not None:
            property, wanted = members
            return all(run.data.holds(focus, property, one) for one in wanted)
        values = (focus,) if self.path is None else self.path.nodes(run.data, focus)
        for check in self.checks:
            if not check.holds(run, focus, values):
                return False
        for inner in self.properties:
            for value in values:
                if not inner.conforms(run, value):
                    return False
        return True
