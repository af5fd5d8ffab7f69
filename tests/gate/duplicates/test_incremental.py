"""A load that is compared with what is kept finds what a comparison of everything with everything would."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad
from tests.memory import Memory

from kg import resources
from kg.context import Context
from kg.gate import Touched
from kg.gate.duplicates import COMPONENT, Before, Duplicates
from kg.graph import Changes
from kg.iris import Iris
from kg.namespaces import DCT, MKG, RDF, SKOS

IRIS = Iris("http://localhost:8000")
GRAPH = IRIS.graph("made")
CONTEXT = Context.read(resources.ONTOLOGY)

NAMES = ["ДГ „Зора“", "Детска градина Зора", "ДГ „Зорра“", "ДГ „Слънце“", "DG Zora", "СУ 1", "СУ 2", "Зората"]
THINGS = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from([None, "ruse", "varna"]),
    st.sampled_from([None, None, "827184123", "117008948"]),
)
GRAPHS = st.dictionaries(st.sampled_from("abcdef"), THINGS, max_size=6)
Thing = tuple[str, str | None, str | None]


def node(name: str) -> NamedNode:
    return IRIS.entity(f"organisation/{name}")


def quads(things: Mapping[str, Thing]) -> set[Quad]:
    found = set()
    for one, (name, place, code) in things.items():
        found.add(Quad(node(one), RDF.type, MKG.Organisation, GRAPH))
        found.add(Quad(node(one), SKOS.prefLabel, Literal(name, language="bg"), GRAPH))
        if place:
            found.add(Quad(node(one), DCT.spatial, IRIS.entity(f"place/{place}"), GRAPH))
        if code:
            found.add(Quad(node(one), MKG.registerCode, Literal(code, datatype=MKG.EIK), GRAPH))
    return found


def memory(things: Mapping[str, Thing]) -> Memory:
    made = Memory()
    made.apply(Changes(tuple(quads(things)), ()))
    return made


def before(old: Memory, number: int = 1) -> Before:
    return Before(old, number, f"digest {number}", lambda number, digest: None)


@settings(max_examples=150, deadline=None)
@given(GRAPHS, GRAPHS)
def test_what_is_new_is_found_as_by_comparing_everything(old: Mapping[str, Thing], new: Mapping[str, Thing]) -> None:
    finder = Duplicates(resources.ONTOLOGY, CONTEXT)
    then, now = memory(old), memory(new)
    changed = {one for one in {*old, *new} if old.get(one) != new.get(one)}
    touched = Touched.of(quads(old) ^ quads(new))
    findings = finder.check(now, touched, IRIS, before(then))
    found = {frozenset({one.focus_node, one.value}) for one in findings if one.component == COMPONENT}
    pairs = ({pair.one.node, pair.other.node} for pair in finder.pairs(now, IRIS))
    assert found == {frozenset(pair) for pair in pairs if pair & {node(one) for one in changed}}


@settings(max_examples=60, deadline=None)
@given(st.lists(GRAPHS, min_size=2, max_size=5))
def test_an_index_that_is_carried_on_knows_what_a_new_one_does(history: list[Mapping[str, Thing]]) -> None:
    carried, memories = Duplicates(resources.ONTOLOGY, CONTEXT), [memory(things) for things in history]

    def since(number: int, digest: str) -> Changes:
        old, new = quads(history[number]), quads(history[at])
        return Changes(tuple(new - old), tuple(old - new))

    for at in range(len(history) - 1):
        touched = Touched.of(quads(history[at]) ^ quads(history[at + 1]))
        now = memories[at + 1]
        kept = Before(memories[at], at, str(at), since)
        fresh = Duplicates(resources.ONTOLOGY, CONTEXT)
        assert [*carried.check(now, touched, IRIS, kept)] == [*fresh.check(now, touched, IRIS, before(memories[at]))]
