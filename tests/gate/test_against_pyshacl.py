"""Both gates find the same in every case that is known to break a shape of ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from tests.conftest import BASE
from tests.memory import Memory
from tests.shapes.test_shapes import CHECKS, Case, cases, local

from kg import pipeline
from kg.finding import Finding
from kg.gate import Gate
from kg.iris import Iris

ONE, TWO = (Iris(BASE).graph(name) for name in ("one", "two"))
CASES = cases()
SHAPES = {local(check) for _, check in CHECKS}

Told = tuple[str, ...]
Share = Callable[[int], Sequence[NamedNode]]


def told(finding: Finding) -> Told:
    about = (finding.focus_node, finding.path, finding.component, finding.value, finding.severity, finding.shape)
    return tuple(map(str, about))


def triples(case: Case) -> list[Triple]:
    quads = parse(case.graph.serialize(format="nt", encoding="utf-8"), RdfFormat.N_TRIPLES)
    return sorted((quad.triple for quad in quads), key=str)


def planted(domain: pipeline.Domain, share: Share) -> Memory:
    """All cases in one dataset, each with names of its own; `share` says which graphs state a triple."""
    memory = Memory()
    for name, system in domain.system.items():
        memory.replace(name, system)
    stated: dict[NamedNode, list[Triple]] = {ONE: [], TWO: []}
    for case in CASES:
        for number, triple in enumerate(triples(case)):
            for graph in share(number):
                stated[graph].append(triple)
    for graph, some in stated.items():
        memory.replace(graph, some)
    return memory


def found(gate: Gate, memory: Memory) -> Counter[Told]:
    return Counter(told(finding) for finding in gate.check(memory, [ONE, TWO]).findings)


def test_nothing_is_left_out() -> None:
    assert len(CASES) >= 236
    assert {case.check for case in CASES if case.check} == SHAPES
    assert len(SHAPES) >= 180


@pytest.mark.parametrize(
    "share",
    [
        pytest.param(lambda number: [ONE], id="one source"),
        pytest.param(lambda number: ([ONE], [TWO], [ONE, TWO])[number % 3], id="two sources that share"),
    ],
)
def test_the_gates_find_the_same_of_planted_errors(domain: pipeline.Domain, share: Share) -> None:
    memory = planted(domain, share)
    ours = found(domain.gate, memory)
    assert ours == found(domain.reference_gate, memory)
    assert len({one[-1] for one in ours}) > 100


def test_every_planted_error_is_found_where_it_was_planted(domain: pipeline.Domain) -> None:
    ours = {
        (one[0].strip("<>"), one[-1].rpartition("#")[2]) for one in found(domain.gate, planted(domain, lambda _: [ONE]))
    }
    missing = [one for case in CASES for one in case.expected if one[:2] not in ours]
    assert not missing
    assert {shape for _, shape in ours} >= SHAPES
