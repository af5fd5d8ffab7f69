"""SHACL (W3C Recommendation, 20 July 2017): shapes are read once and compiled to checks over terms.

Core (§2–§4), and constraints and components in SPARQL (§5, §6), which are asked of the engine. Not here: advanced
features (`Shapes.beyond` names those that are used), and shapes that refer to themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import NamedNode, QuerySolutions, Store
from pyoxigraph import QueryBoolean as Truth

from kg.errors import QueryError
from kg.graph import Node, Row
from kg.shacl.aims import Aims, above_all
from kg.shacl.binding import bound
from kg.shacl.data import Classes, Data, Hierarchy, Indexed, Stored
from kg.shacl.reading import Shapes
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


def selecting(store: Store, shapes_graph: NamedNode | None = None) -> Select:
    """Queries over the default graph of a store; `shapes_graph` names the one in it that holds the shapes."""

    def select(text: str, values: Mapping[str, Node]) -> Iterator[Row]:
        query = bound(text, values if shapes_graph is None else {**values, "shapesGraph": shapes_graph})
        try:
            found = store.query(query.text, custom_functions=dict(query.functions))
        except SyntaxError as error:
            raise QueryError(f"a query of the shapes: {error}", f"Заявка на формите: {error}") from error
        if isinstance(found, Truth):
            return iter([{}] if bool(found) else [])
        assert isinstance(found, QuerySolutions)
        names = [variable.value for variable in found.variables]
        return ({name: row[name] for name in names} for row in found)

    return select


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
