"""Shapes as the gate uses them, and what depends on the class of what a node points to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, parse

from kg.gate import CLASSING
from kg.graph import Node
from kg.shacl import Aims, Classes, Indexed, Shapes
from kg.shacl.data import TYPE


class Aimed:
    """Shapes, and what each kind of node is held to."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.aims = Aims(shapes)

    @cached_property
    def judging(self) -> tuple[frozenset[NamedNode], Mapping[Node, frozenset[NamedNode]]]:
        """The properties whose values are judged by any class or list, and those that are by which one."""
        always: set[NamedNode] = set()
        by: dict[Node, set[NamedNode]] = {}
        for property in self.aims.properties or ():
            terms = self.aims.judged_by(property, CLASSING)
            if terms is None:
                always.add(property)
            for term in terms or ():
                by.setdefault(term, set()).add(property)
        return frozenset(always), {term: frozenset(some) for term, some in by.items()}


@dataclass(frozen=True, slots=True)
class Looks:
    """How shapes look at what a node points to; see `Looking`."""

    aimed: Aimed
    classes: Classes

    def concerned(self, became: Collection[tuple[NamedNode, Node]] | None) -> Collection[NamedNode] | None:
        properties = self.aimed.aims.properties
        if properties is None or became is None:
            return None if properties is None else properties | CLASSING
        always, by = self.aimed.judging
        found = set(always)
        for property, value in became:
            for term in self.classes.above(value) if property == TYPE else (value,):
                found |= by.get(term, frozenset())
        return found

    def is_narrow(self, property: NamedNode) -> bool:
        return self.aimed.aims.alone(property) is not None


def read(folder: Path) -> Shapes:
    """The shapes in all Turtle files of a folder. Raises QueryError."""
    quads = (quad for path in sorted(folder.glob("*.ttl")) for quad in parse(path.read_bytes(), RdfFormat.TURTLE))
    return Shapes(Indexed(quad.triple for quad in quads))
