"""Answers in the short form in which expectations are written down: see `tests/seed/competency.yaml`."""

from __future__ import annotations

from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store, Triple

BASE = "http://localhost:8000/"
SHORT = {
    f"{BASE}id/": "",
    f"{BASE}graph/": "graph/",
    "https://w3id.org/municipal-kg/code/": "code/",
    "https://w3id.org/municipal-kg/ns#": "mkg:",
    "http://schema.org/": "schema:",
    "http://purl.org/dc/terms/": "dct:",
    "http://www.w3.org/2004/02/skos/core#": "skos:",
    "http://www.w3.org/ns/org#": "org:",
    "http://xmlns.com/foaf/0.1/": "foaf:",
    "http://publications.europa.eu/resource/authority/currency/": "currency:",
}

Term = NamedNode | BlankNode | Literal | Triple
Values = tuple[str | None, ...]


def short(term: Term | None) -> str | None:
    """A term as expectations write it."""
    if term is None:
        return None
    if isinstance(term, Triple):
        return str(term)
    if isinstance(term, NamedNode):
        for start, abbreviation in SHORT.items():
            if term.value.startswith(start):
                return abbreviation + term.value[len(start) :]
    return term.value


def select(store: Store, text: str) -> tuple[list[str], list[tuple[Term | None, ...]]]:
    """The names of the columns, and the rows in their order."""
    solutions: Any = store.query(text)
    assert isinstance(solutions, QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return names, [tuple(row[name] for name in names) for row in solutions]


def answer(store: Store, text: str, columns: list[str] | None = None) -> list[Values]:
    """The rows in short form, of these columns only; rows that are then equal count once."""
    names, rows = select(store, text)
    chosen = [names.index(column) for column in columns or names]
    return list(dict.fromkeys(tuple(short(row[index]) for index in chosen) for row in rows))
