"""Paths of length zero in a query over the default graph of a store."""

from __future__ import annotations

from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.dataset import resolve
from kg.lexer import closures

_EVERYTHING: Final = DefaultGraph()


def written_out(store: Store, text: str, base_iri: str | None) -> str:
    """See `kg.lexer.closures`. Raises SyntaxError for a bad prologue."""

    def known(written: str, prologue: str) -> bool:
        (term,) = resolve([written], prologue, base_iri)
        return _says(store, term, None) or _says(store, None, term)

    return closures.written_out(text, known)


def _says(store: Store, subject: NamedNode | None, object: NamedNode | None) -> bool:
    return next(store.quads_for_pattern(subject, None, object, _EVERYTHING), None) is not None
