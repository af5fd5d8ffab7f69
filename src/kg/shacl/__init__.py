"""SHACL (W3C Recommendation, 20 July 2017): shapes are read once and compiled to checks over terms.

Core (§2–§4), and constraints and components in SPARQL (§5, §6), which are asked of the engine. Not here: advanced
features (`Shapes.beyond` names those that are used), and shapes that refer to themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.graph import Node
from kg.shacl.aims import Aims, above_all
from kg.shacl.data import Classes, Data, Hierarchy, Indexed, Stored
from kg.shacl.reading import Shapes
from kg.shacl.selecting import selecting
from kg.shacl.shape import Result, Run, Select, Shape


def validate(shapes: Shapes, data: Data, select: Select, nodes: Iterable[Node] | None = None) -> Iterator[Result]:
    """Results about the targets of the shapes in this graph; with `nodes`, about those of them only.

    Raises QueryError where a query of the shapes cannot be evaluated.
    """
    run = Run(data, Classes(data), select)
    if nodes is not None:
        aims = Aims(shapes)
        for node in nodes:
            yield from aims.results(run, node, data.out(node))
        return
    aimed: dict[Node, dict[Node, None]] = {}
    for one, targets in shapes.targets.items():
        for target in targets:
            for node in target.nodes(run):
                aimed.setdefault(node, {})[one] = None
    for node, wanted in aimed.items():
        for one in wanted:
            yield from shapes.shape(one).results(run, node)


__all__ = [
    "Aims",
    "Classes",
    "Hierarchy",
    "Indexed",
    "Result",
    "Run",
    "Select",
    "Shape",
    "Shapes",
    "Stored",
    "above_all",
    "selecting",
    "validate",
]
