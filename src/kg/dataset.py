"""Which graphs a request reads when it names them (SPARQL 1.1 Query §13.2, Update §3.1.3, Protocol §2.1.4).

Several default graphs are an RDF merge: a triple that two of them hold is there once. The engine returns it twice, so
sums double; such a request is evaluated over a temporary store that holds the merge, up to a limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryBoolean, QuerySolutions, QueryTriples, Store

from kg.errors import QueryError
from kg.graph import Row

_UNKNOWN_FUNCTION: Final = re.compile(r"The custom function <(.*)> is not supported", re.DOTALL)
_MAX_FUNCTIONS: Final = 32


@dataclass(frozen=True, slots=True)
class Using:
    """The graphs that patterns read; None: those of the store."""

    default: tuple[NamedNode, ...] | None = None
    named: tuple[NamedNode, ...] | None = None

    def __bool__(self) -> bool:
        return self.default is not None or self.named is not None


class MergeLimitError(Exception):
    """The graphs hold more quads than may be merged for one request."""


def resolve(written: Sequence[str], prologue: str, base_iri: str | None) -> list[NamedNode]:
    """IRIs as a text writes them (`<…>` or `prefix:name`), resolved by its own prologue; each once, in order."""
    if not written:
        return []
    columns = " ".join(f"({iri} AS ?g{number})" for number, iri in enumerate(written))
    solutions = Store().query(f"{prologue}\nSELECT {columns} {{}}", base_iri=base_iri)
    assert isinstance(solutions, QuerySolutions)
    found: dict[NamedNode, None] = {}
    for solution in solutions:
        for number in range(len(written)):
            iri = solution[f"g{number}"]
            assert isinstance(iri, NamedNode)
            found[iri] = None
    return list(found)


def query(store: Store, text: str, **options: Any) -> QuerySolutions | QueryBoolean | QueryTriples:
    """The engine's results; a function that it does not know is an error of the expression (SPARQL 1.1 §17.6)."""
    functions: dict[NamedNode, Any] = {}
    while True:
        try:
            return store.query(text, custom_functions=functions or None, **options)
        except RuntimeError as error:
            unknown = _UNKNOWN_FUNCTION.search(str(error))
            if unknown is None or len(functions) >= _MAX_FUNCTIONS or NamedNode(unknown[1]) in functions:
                raise
            functions[NamedNode(unknown[1])] = _nothing


def _nothing(*_: object) -> None:
    return None


def rows(
    store: Store,
    text: str,
    base_iri: str | None = None,
    default: Sequence[NamedNode] | None = None,
    named: Sequence[NamedNode] | None = None,
) -> Iterator[Row]:
    """Solutions of a SELECT query over these graphs of a store; None: its default graph, all its named graphs.

    Raises QueryError when the query is malformed, or calls too much that the engine does not know.
    """
    try:
        found = query(
            store,
            text,
            base_iri=base_iri,
            default_graph=None if default is None else list(default),
            named_graphs=None if named is None else list(named),
        )
        assert isinstance(found, QuerySolutions)
        names = [variable.value for variable in found.variables]
        for solution in found:
            yield {name: solution[at] for at, name in enumerate(names)}
    except (SyntaxError, RuntimeError) as cause:
        if isinstance(cause, RuntimeError) and "custom function" not in str(cause):
            raise
        raise QueryError(f"the pattern cannot be evaluated: {cause}", f"Условието не се изпълнява: {cause}") from cause


def merged(store: Store, default: Iterable[NamedNode], named: Iterable[NamedNode], limit: int) -> Store:
    """A store whose default graph is the merge of some graphs, and which holds some named graphs.

    Raises MergeLimitError when that takes more than `limit` quads.
    """
    result = Store()
    result.extend(_bounded(_copies(store, default, named), limit))
    return result


def _copies(store: Store, default: Iterable[NamedNode], named: Iterable[NamedNode]) -> Iterator[Quad]:
    everyone = DefaultGraph()
    for graph in default:
        for quad in store.quads_for_pattern(None, None, None, graph):
            yield Quad(quad.subject, quad.predicate, quad.object, everyone)
    for graph in named:
        yield from store.quads_for_pattern(None, None, None, graph)


def _bounded(quads: Iterable[Quad], limit: int) -> Iterator[Quad]:
    for number, quad in enumerate(quads, start=1):
        if number > limit:
            raise MergeLimitError
        yield quad
