"""What INSERT and DELETE write: quads with holes, filled from each solution (SPARQL 1.1 Update §3.1.3, §4.2.1).

The engine reads a template once, with a stand-in for every variable, so all the ways to write a triple are its
business. What a solution leaves unbound, and what is no RDF, makes no quad. Blank nodes are new for every solution.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store, Triple

from kg.errors import QueryError
from kg.graph import GraphName, Node, Row
from kg.lexer import tokens


@dataclass(frozen=True, slots=True)
class Template:
    """The quads of a template; stand-ins by the variables they stand for."""

    quads: tuple[Quad, ...]
    variables: Mapping[NamedNode, str]

    @classmethod
    def read(cls, written: str, prologue: str, base_iri: str | None) -> Template:
        """The template of a text with its braces. Raises QueryError when it is malformed."""
        nonce = secrets.token_hex(8)
        names = dict.fromkeys(token.text[1:] for token in tokens(written) if token.kind == "var")
        stand_ins = {NamedNode(f"urn:{nonce}:{number}"): name for number, name in enumerate(names)}
        columns = " ".join(f"?{name}" for name in stand_ins.values())
        values = " ".join(map(str, stand_ins))
        solution = f"WHERE {{ VALUES ({columns}) {{ ({values}) }} }}"
        return cls(tuple(_written(f"{prologue}\nINSERT {written}\n{solution}", base_iri)), stand_ins)

    def fill(self, row: Row) -> Iterator[Quad]:
        """The quads that one solution makes."""
        bound: dict[Node | GraphName, Node | None] = {
            stand_in: row.get(name) for stand_in, name in self.variables.items()
        }
        for quad in self.quads:
            subject = _filled(quad.subject, bound)
            predicate = _filled(quad.predicate, bound)
            object = _filled(quad.object, bound)
            name = quad.graph_name
            graph = name if isinstance(name, DefaultGraph) else _filled(name, bound)
            if (
                isinstance(subject, NamedNode | BlankNode)
                and isinstance(predicate, NamedNode)
                and object is not None
                and isinstance(graph, NamedNode | BlankNode | DefaultGraph)
            ):
                yield Quad(subject, predicate, object, graph)


def data(block: str, prologue: str, base_iri: str | None) -> list[Quad]:
    """The quads of a DATA block with its braces. Raises QueryError when it is malformed."""
    return list(_written(f"{prologue}\nINSERT DATA {block}", base_iri))


def _written(update: str, base_iri: str | None) -> Store:
    scratch = Store()
    try:
        scratch.update(update, base_iri=base_iri)
    except SyntaxError as cause:
        raise QueryError(f"the update is malformed: {cause}", f"Промяната е сгрешена: {cause}") from cause
    return scratch


def _filled(term: Node, bound: dict[Node | GraphName, Node | None]) -> Node | None:
    """The term of this solution; None where it has none."""
    if isinstance(term, BlankNode):
        return bound.setdefault(term, BlankNode())
    if isinstance(term, Triple):
        subject, predicate = _filled(term.subject, bound), _filled(term.predicate, bound)
        object = _filled(term.object, bound)
        if isinstance(subject, NamedNode | BlankNode) and isinstance(predicate, NamedNode) and object is not None:
            return Triple(subject, predicate, object)
        return None
    return bound.get(term, term)
