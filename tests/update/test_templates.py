from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from kg.errors import QueryError
from kg.graph import DEFAULT, Row
from kg.update.templates import Template, data

A, B, G = NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:g")


def filled(written: str, row: Row, prologue: str = "") -> set[Quad]:
    return set(Template.read(written, prologue, None).fill(row))


def test_variables_are_filled_wherever_they_stand() -> None:
    row: Row = {"s": A, "p": B, "o": Literal("x"), "g": G}
    assert filled("{ GRAPH ?g { ?s ?p $o } }", row) == {Quad(A, B, Literal("x"), G)}
    assert filled("{ ?s a ?o ; ?p 1 , ?s }", row) == {
        Quad(A, NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), Literal("x"), DEFAULT),
        Quad(A, B, Literal("1", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer")), DEFAULT),
        Quad(A, B, A, DEFAULT),
    }
    assert filled("{ ?s ?p <<( ?s ?p ?o )>> }", row) == {Quad(A, B, Triple(A, B, Literal("x")), DEFAULT)}


@pytest.mark.parametrize(
    "row",
    [
        {"s": None, "p": B, "o": A, "g": G},
        {"p": B, "o": A, "g": G},
        {"s": Literal("x"), "p": B, "o": A, "g": G},
        {"s": A, "p": Literal("x"), "o": A, "g": G},
        {"s": A, "p": BlankNode(), "o": A, "g": G},
        {"s": A, "p": B, "o": A, "g": Literal("x")},
        {"s": A, "p": B, "o": A, "g": None},
        {"s": Triple(A, B, A), "p": B, "o": A, "g": G},
    ],
)
def test_what_is_unbound_or_no_rdf_makes_no_quad(row: Row) -> None:
    assert filled("{ GRAPH ?g { ?s ?p ?o } }", row) == set()
    assert filled("{ <urn:a> <urn:b> <<( ?s ?p ?g )>> . GRAPH ?g { ?s ?p ?o } }", row) <= {
        Quad(A, B, Triple(A, B, term), DEFAULT) for term in (G, Literal("x"))
    }


def test_blank_nodes_are_new_for_every_solution_and_one_within_it() -> None:
    template = Template.read("{ ?s <urn:p> [ <urn:q> _:n ] . _:n <urn:r> ?s }", "", None)
    rows = [list(template.fill({"s": A})) for _ in range(2)]
    nodes = [
        {term for quad in quads for term in (quad.subject, quad.object) if isinstance(term, BlankNode)}
        for quads in rows
    ]
    assert [len(some) for some in nodes] == [2, 2]
    assert not nodes[0] & nodes[1]


def test_prefixes_and_relative_iris_are_those_of_the_request() -> None:
    assert set(data("{ e:a <p> <#o> }", "PREFIX e: <urn:e#>", "http://x/y")) == {
        Quad(NamedNode("urn:e#a"), NamedNode("http://x/p"), NamedNode("http://x/y#o"), DEFAULT)
    }
    with pytest.raises(QueryError, match="malformed"):
        data("{ e:a e:b e:c }", "", None)
    with pytest.raises(QueryError, match="malformed"):
        Template.read("{ ?a ?b }", "", None)
