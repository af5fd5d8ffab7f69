"""Queries of shapes, asked of a store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyoxigraph import NamedNode, QuerySolutions, Store
from pyoxigraph import QueryBoolean as Truth

from kg.errors import QueryError
from kg.graph import Node, Row
from kg.shacl.binding import bound
from kg.shacl.shape import Select


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
