"""A gate that has judged other releases judges as one that has seen nothing, on a draft as in memory."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TypeAlias

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad
from tests.conftest import BASE
from tests.gate.test_incremental import ALL, GRAPHS, IRIS, POOL, Stated, classing, quads, statements, where
from tests.memory import Memory

from kg import pipeline
from kg.finding import Report
from kg.gate import Touched
from kg.gate.compiled import CompiledGate
from kg.graph import Changes, in_graph
from kg.namespaces import MKG, RDFS
from kg.store.embedded import EmbeddedStore

DERIVED = IRIS.derived("made-up")
"""What it holds does not count, and stands in the merge like everything else."""

edits = st.one_of(
    st.frozensets(classing, min_size=1, max_size=2),
    st.frozensets(statements, min_size=1, max_size=4),
    st.frozensets(st.sampled_from(ALL), min_size=10, max_size=40),
)
derivations = st.frozensets(classing.map(lambda one: (one[0], DERIVED)), max_size=3)
steps = st.tuples(edits, derivations, st.sampled_from(["seal", "seal", "drop", "open"]))


Step: TypeAlias = tuple[Stated, Stated, str]
"""What is stated otherwise, what is derived, and what comes of the draft."""


def told(report: Report) -> Counter[str]:
    return Counter(map(str, report.findings))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=st.lists(steps, min_size=2, max_size=6))
def test_what_was_seen_before_changes_nothing(
    domain: pipeline.Domain, history: list[tuple[Stated, Stated, str]]
) -> None:
    knowing = domain.gate
    assert isinstance(knowing, CompiledGate)
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore.open(Path(folder), base=BASE)
        system = [quad for name, triples in domain.system.items() for quad in in_graph(triples, name)]
        kept: Stated = frozenset()
        inferred: Stated = frozenset()
        for number, (edit, derived, then) in enumerate(history):
            now = kept ^ edit
            with store.draft() as draft:
                if not number:
                    draft.apply(Changes(added=tuple(system)))
                changes = Changes(quads(now - kept), quads(kept - now))
                draft.apply(changes)
                draft.apply(Changes(quads(derived - inferred), quads(inferred - derived)))
                touched = Touched.of((*changes.added, *changes.removed))
                memory = mirrored([*system, *quads(now), *quads(derived)])
                fresh = CompiledGate(knowing.shapes, knowing.single_valued)
                vars(fresh).update({name: getattr(knowing, name) for name in ("_description", "_reference")})
                for some in (touched, None):
                    expected = told(fresh.check(memory, GRAPHS, some, where))
                    assert told(knowing.check(draft, GRAPHS, some, where)) == expected
                if then != "drop":
                    draft.seal(agent="test", activity="load")
                    kept, inferred = now, derived
            if then == "open":
                store = EmbeddedStore.open(Path(folder), base=BASE)
            if (current := store.current()) is not None:
                assert told(knowing.check(current, GRAPHS, None, where)) == told(
                    fresh.check(mirrored([*system, *quads(kept), *quads(inferred)]), GRAPHS, None, where)
                )
            else:
                break


def mirrored(stated: list[Quad]) -> Memory:
    memory = Memory()
    memory.apply(Changes(tuple(stated)))
    return memory


def test_a_class_gets_others_above_it_and_loses_them(domain: pipeline.Domain) -> None:
    """The fund is an organisation only as long as its class is one."""
    above = next(one for one in POOL if "class/Fund" in str(one.subject) and one.object == MKG.Organisation)
    stated = [
        one for one in POOL if one.predicate != RDFS.subClassOf and one.object not in (MKG.Organisation, MKG.Place)
    ]
    project = IRIS.entity("project/p")
    refused: list[bool] = []
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore.open(Path(folder), base=BASE)
        for adding in (False, True, False, True):
            with store.draft() as draft:
                for name, triples in domain.system.items():
                    draft.replace(name, triples)
                draft.replace(GRAPHS[1], stated)
                changes = draft.replace(GRAPHS[0], [above] if adding else [])
                touched = Touched.of((*changes.added, *changes.removed))
                for some in (touched, None):
                    findings = domain.gate.check(draft, GRAPHS, some, where).findings
                    refused.append((project, MKG.fundedBy.value) in {(one.focus_node, one.path) for one in findings})
                draft.seal(agent="test", activity="load")
    assert refused[1:] == [True, False, False, True, True, False, False]
