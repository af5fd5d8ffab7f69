"""Which graphs a query reads, when the request says so (SPARQL 1.1 Query §13.2, Protocol §2.1.4).

Several default graphs are an RDF merge: a triple that two of them hold is there once. The engine returns it twice, so
sums double; such a query is answered over a temporary store that holds the merge, up to a limit.

Imported by the worker: nothing here but the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions, Store


class MergeLimitError(Exception):
    """The graphs hold more quads than may be merged for one query."""


def resolve(written: Sequence[str], prologue: str, base_iri: str | None) -> list[NamedNode]:
    """IRIs as the query writes them (`<…>` or `prefix:name`), resolved by its own prologue; each once, in order."""
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
