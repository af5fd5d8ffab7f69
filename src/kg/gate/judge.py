"""Shapes in the face of nodes: what they have against each, quickly where a node meets what is demanded of its kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pyoxigraph import NamedNode

from kg.gate.aimed import Aimed
from kg.gate.stated import Held, Said
from kg.graph import Node, Subject
from kg.shacl import Classes, Result, Run, Shape
from kg.shacl.aims import Counts
from kg.shacl.data import NOTHING, TYPE
from kg.shacl.kinds import Classed, Demands

Kindred: TypeAlias = tuple[tuple[Classed, ...], Counts]
"""The classes of a node and those above them, type by type, and how many values each property has."""


def kindred(classes: Classes, said: Mapping[NamedNode, Sequence[Node]]) -> Kindred:
    """The kind of a node of which this is said."""
    above = tuple([classes.above(cls) for cls in said.get(TYPE, NOTHING)])
    return above, frozenset([(property, len(values)) for property, values in said.items()])


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """Shapes, and what of the dataset they look at."""

    aimed: Aimed
    data: Held
    run: Run

    def demands(self, kind: Kindred) -> Demands | None:
        """What it takes for nothing to be found in nodes of a kind; None when that has to be seen node by node."""
        return self.aimed.aims.demands(*kind)

    def results(self, node: Subject, said: Said, kind: Kindred) -> Iterable[Result]:
        """What the shapes have against a node of which this is said, and nothing else."""
        self.data.hold(node, said)
        self.run.focus = node
        demands = self.aimed.aims.demands(*kind)
        if demands is not None and demands.met(self.run, node, said):
            return ()
        return self.aimed.aims.results(self.run, node, said)

    def passes(self, shape: Shape, node: Subject, said: Said) -> bool:
        """Whether a node conforms, of which this is said and perhaps more that the shape does not look at."""
        self.data.hold(node, said)
        self.run.focus = node
        try:
            return shape.conforms(self.run, node)
        finally:
            self.let_go()

    def let_go(self) -> None:
        """Forgets the node that was judged last."""
        self.data.hold(None, {})
        self.run.focus = None
