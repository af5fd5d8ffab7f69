"""pySHACL 0.40 where it departs from the specification, mended, so that everything else can be compared.

Whether two literals can be ordered is asked of the engine, so that it is nobody's opinion who takes part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import pyshacl.shape
import pytest
import rdflib
from pyoxigraph import QueryBoolean, Store
from pyshacl.constraints.core import property_pair_constraints as pairs
from pyshacl.constraints.core import string_based_constraints as strings
from pyshacl.constraints.core import value_range_constraints as ranges
from pyshacl.helper import expression_helper as expressions
from rdflib import RDF
from rdflib.term import Node

Focused = Mapping[Node, Iterable[Node]]


@contextmanager
def mended() -> Iterator[None]:
    """As long as this is open, pySHACL does what SHACL says in the four places below."""
    with pytest.MonkeyPatch.context() as patch:
        _ranges(patch)
        _pairs(patch)
        _inverse_sequences(patch)
        _length_of_blank_nodes(patch)
        yield


def _ranges(patch: pytest.MonkeyPatch) -> None:
    """SHACL §4.3: a value violates when the comparison „does not return true“; SPARQL 1.1 §17.3 has none for these.

    pySHACL puts values of different types, and ill-formed ones, in an order of its own.
    """
    compare: Any = ranges.compare_literal  # type: ignore[attr-defined]

    def mend(one: rdflib.Literal, other: rdflib.Literal) -> int:
        if not _true(one, "<=", other) and not _true(one, ">", other):
            raise TypeError
        return int(compare(one, other))

    patch.setattr(ranges, "compare_literal", mend)


def _pairs(patch: pytest.MonkeyPatch) -> None:
    """SHACL §4.5.3, §4.5.4: the same for sh:lessThan and sh:lessThanOrEquals; IRIs and blank nodes have no order.

    pySHACL compares the texts of IRIs, and fails where there is a blank node or an ill-formed date.
    """
    for component, method, operator in (
        (pairs.LessThanConstraintComponent, "_compare_lt", "<"),
        (pairs.LessThanOrEqualsConstraintComponent, "_compare_ltoe", "<="),
    ):

        def mend(
            self: Any, values: set[Node], others: set[Node], graph: rdflib.Graph, focus: Node, operator: str = operator
        ) -> tuple[bool, list[Any]]:
            wrong = [value for value in values for other in others if not _true(value, operator, other)]
            return bool(wrong), [self.make_v_result(graph, focus, value_node=value) for value in wrong]

        patch.setattr(component, method, mend)


def _inverse_sequences(patch: pytest.MonkeyPatch) -> None:
    """SHACL §2.3.1.3 with SPARQL 1.1 §18.4: an inverse sequence is walked from its end, in pySHACL from its start."""
    walk = expressions.value_nodes_from_path

    def mend(
        shapes: Any, focus: Node, path: Node, graph: rdflib.Graph, inverse: bool = False, recursion: int = 0
    ) -> set[Node]:
        if not inverse or (path, RDF.first, None) not in shapes.graph:
            return set(walk(shapes, focus, path, graph, inverse=inverse, recursion=recursion))
        found = {focus}
        for part in reversed(list(shapes.graph.items(path))):
            found = {far for near in found for far in mend(shapes, near, part, graph, True, recursion + 1)}
        return found

    patch.setattr(expressions, "value_nodes_from_path", mend)
    patch.setattr(pyshacl.shape, "value_nodes_from_path", mend)


def _length_of_blank_nodes(patch: pytest.MonkeyPatch) -> None:
    """SHACL §4.4.1: a blank node violates whatever sh:minLength is; pySHACL lets it pass a minimum of 0."""
    evaluate: Any = strings.MinLengthConstraintComponent._evaluate_string_rule

    def mend(self: Any, least: rdflib.Literal, graph: rdflib.Graph, values: Focused) -> tuple[bool, list[Any]]:
        if int(least.value) > 0:
            found: tuple[bool, list[Any]] = evaluate(self, least, graph, values)
            return found
        wrong = [(focus, one) for focus, some in values.items() for one in some if isinstance(one, rdflib.BNode)]
        return bool(wrong), [self.make_v_result(graph, focus, value_node=one) for focus, one in wrong]

    patch.setattr(strings.MinLengthConstraintComponent, "_evaluate_string_rule", mend)


def _true(one: Node, operator: str, other: Node) -> bool:
    """Whether the comparison returns true in SPARQL 1.1; the engine's order of texts in a language is an extension."""
    if any(not isinstance(term, rdflib.Literal) or term.ill_typed or term.language for term in (one, other)):
        return False
    return _asked(f"{one.n3()} {operator} {other.n3()}")


@cache
def _asked(comparison: str) -> bool:
    answer = Store().query(f"ASK {{ FILTER({comparison}) }}")
    assert isinstance(answer, QueryBoolean)
    return bool(answer)
