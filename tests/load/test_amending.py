"""A row in place of what was said: what it does not speak of stays, what it says anew has its own evidence, no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import hypothesis.strategies as st
from hypothesis import given, settings
from pyoxigraph import Literal, NamedNode, Triple
from tests.load.conftest import BASE

from kg.context import Context
from kg.entry import Entry, Locator, Path_
from kg.graph import Node
from kg.iris import Iris
from kg.load.amending import amended, said
from kg.load.describe import Batch
from kg.namespaces import CODE, DCT, MKG, OA, RDF, SCHEMA, SKOS, XSD
from kg.pipeline import Domain

IRIS = Iris(BASE)
GRAPH = IRIS.graph("s")
PROJECT, OTHER = IRIS.entity("project/a"), IRIS.entity("project/b")
TITLE, PARTNER, BUDGET, END = DCT.term("title"), MKG.partner, MKG.budget, SCHEMA.endDate
AMOUNT, ROW = NamedNode(f"{PROJECT.value}#budget"), NamedNode(f"{GRAPH.value}/new.xlsx#sheet=P&row=2")
Facts = Mapping[NamedNode, frozenset[tuple[Node, frozenset[Triple]]]]
COLUMNS: Mapping[str, Path_] = {
    "title.bg": ("title", "bg"),
    "title.en": ("title", "en"),
    "partner": ("partner",),
    "budget": ("бюджет", "стойност"),
    "end": ("крайна дата",),
}


def amount(value: int) -> frozenset[Triple]:
    return frozenset(
        {Triple(AMOUNT, MKG.value, Literal(str(value), datatype=XSD.decimal)), Triple(AMOUNT, RDF.type, MKG.Amount)}
    )


def texts(language: str) -> st.SearchStrategy[frozenset[Literal]]:
    return st.frozensets(st.sampled_from("абв").map(lambda text: Literal(text, language=language)), max_size=1)


@st.composite
def facts(draw: st.DrawFn, columns: Iterable[str] = COLUMNS) -> Facts:
    """What is said of the project in these columns."""
    found: dict[NamedNode, set[tuple[Node, frozenset[Triple]]]] = {RDF.type: {(MKG.Project, frozenset())}}
    for name in columns:
        if name.startswith("title"):
            found.setdefault(TITLE, set()).update((one, frozenset()) for one in draw(texts(name[-2:])))
        elif name == "partner":
            ids = draw(st.frozensets(st.sampled_from(["x", "y", "z"]), max_size=3))
            found[PARTNER] = {(IRIS.entity(f"organisation/{id}"), frozenset()) for id in ids}
        elif name == "budget" and (value := draw(st.sampled_from([0, 1, 2]))):
            found[BUDGET] = {(AMOUNT, amount(value))}
        elif name == "end" and (day := draw(st.sampled_from(["", "2024-12-31", "2025-12-31"]))):
            found[END] = {(Literal(day, datatype=XSD.date), frozenset())}
            if draw(st.booleans()):
                found[MKG.endPrecision] = {(NamedNode(f"{CODE}precision/year"), frozenset())}
    return {property: frozenset(values) for property, values in found.items() if values}


def triples(told: Facts) -> set[Triple]:
    return {
        triple
        for property, values in told.items()
        for value, nested in values
        for triple in (Triple(PROJECT, property, value), *nested)
    }


def evidence(name: str, place: NamedNode, properties: Iterable[NamedNode], values: Iterable[Node]) -> set[Triple]:
    node = NamedNode(f"{PROJECT.value}/evidence/{name}")
    return {
        Triple(PROJECT, MKG.evidence, node),
        Triple(node, RDF.type, MKG.Evidence),
        Triple(node, DCT.source, GRAPH),
        Triple(node, OA.hasTarget, place),
        Triple(node, MKG.basis, NamedNode(f"{CODE}basis/explicit")),
        *(Triple(node, MKG.ofProperty, one) for one in properties),
        *(Triple(node, MKG.ofValue, one) for one in values),
    }


@st.composite
def vouching(draw: st.DrawFn, told: Facts) -> set[Triple]:
    """Evidence nodes for all of it, for some properties, for some values of one."""
    found: set[Triple] = set()
    for number in range(draw(st.integers(1, 3))):
        place = NamedNode(f"{GRAPH.value}/old.yaml#line={number},{number + 1}")
        properties = draw(st.sets(st.sampled_from(sorted(told, key=str)), max_size=3))
        values: set[Node] = set()
        if len(properties) == 1:
            (one,) = properties
            values = draw(st.sets(st.sampled_from(sorted((value for value, _ in told[one]), key=str))))
        found |= evidence(str(number), place, properties, values)
    return found


def places(graph: Iterable[Triple], property: NamedNode, value: Node) -> set[str]:
    """Where it is said that the project has this value."""
    nodes: dict[Node, list[Triple]] = {}
    for triple in graph:
        nodes.setdefault(triple.subject, []).append(triple)
    found = set()
    for link in nodes[PROJECT]:
        if link.predicate != MKG.evidence:
            continue
        properties = {one.object for one in nodes[link.object] if one.predicate == MKG.ofProperty}
        values = {one.object for one in nodes[link.object] if one.predicate == MKG.ofValue}
        if (not properties or property in properties) and (not values or value in values):
            found |= {str(one.object) for one in nodes[link.object] if one.predicate == OA.hasTarget}
    return found


def batch(graph: set[Triple], entries: Mapping[str, Entry], file: str) -> Batch:
    return Batch("s", GRAPH, tuple(graph), entries, (), (file,))


def entry(columns: Iterable[str]) -> Entry:
    at = Locator("new.xlsx", sheet="P", row=2)
    heads = {COLUMNS[name]: at for name in columns}
    return Entry({"id": "project/a", "type": "Project"}, at, heads={("id",): at, ("type",): at, **heads})


def covered(property: NamedNode, value: Node, columns: set[str]) -> bool:
    if property == TITLE:
        return isinstance(value, Literal) and f"title.{value.language}" in columns
    names = {PARTNER: "partner", BUDGET: "budget", END: "end", MKG.endPrecision: "end"}
    return property == RDF.type or names[property] in columns


@given(data=st.data(), columns=st.sets(st.sampled_from(sorted(COLUMNS))))
@settings(max_examples=300, deadline=None)
def test_a_row_amends_what_it_speaks_of_and_vouches_for_what_it_says_anew(
    domain: Domain, data: st.DataObject, columns: set[str]
) -> None:
    before = data.draw(facts())
    proof = data.draw(vouching(before))
    row = data.draw(facts(sorted(columns)))
    others = {Triple(OTHER, RDF.type, MKG.Project), Triple(OTHER, TITLE, Literal("Друг", language="bg"))}
    told = batch(triples(before) | proof | others, {}, "old.yaml")
    by = batch(triples(row) | evidence("row", ROW, (), ()), {PROJECT.value: entry(columns)}, "new.xlsx")

    result = amended(told, by, IRIS, domain.context)

    stays = {p: {v for v in values if not covered(p, v[0], columns)} for p, values in before.items()}
    expected = {p: {*stays.get(p, ()), *row.get(p, ())} for p in {*stays, *row}}
    now = said({triple for triple in result.triples if triple.subject != OTHER}, PROJECT)
    assert now == {p: frozenset(values) for p, values in expected.items() if values}
    assert others <= set(result.triples)
    for property, values in now.items():
        for value in values:
            seen = places(result.triples, property, value[0])
            if value in before.get(property, ()):
                assert seen == places(told.triples, property, value[0]), (property, value)
            else:
                assert seen == {str(ROW)}, (property, value)
    assert result.files == (("old.yaml",) if now == before else ("new.xlsx", "old.yaml"))
    again = amended(batch(set(result.triples), {}, "old.yaml"), by, IRIS, domain.context)
    assert set(again.triples) == set(result.triples)


def test_what_is_new_is_taken_with_its_own_evidence(domain: Domain) -> None:
    row = {Triple(PROJECT, RDF.type, MKG.Project), *evidence("row", ROW, (), ())}
    by = batch(row, {PROJECT.value: entry(())}, "new.xlsx")
    assert set(amended(batch(set(), {}, "old.yaml"), by, IRIS, domain.context).triples) == row


def test_codes_of_other_registers_stay(domain: Domain) -> None:
    context: Context = domain.context
    subject = IRIS.entity("place/a")
    codes = [Literal("63427", datatype=MKG.EKATTE), Literal("BG323", datatype=MKG.NUTS)]
    old = {Triple(subject, RDF.type, MKG.Place), *(Triple(subject, SKOS.notation, code) for code in codes)}
    at = Locator("new.xlsx", sheet="P", row=2)
    one = Entry({"id": "place/a", "type": "Place"}, at, heads={("ЕКАТТЕ",): at})
    by = batch({Triple(subject, RDF.type, MKG.Place)}, {subject.value: one}, "new.xlsx")
    result = set(amended(batch(old, {}, "old.yaml"), by, IRIS, context).triples)
    assert {triple.object for triple in result if triple.predicate == SKOS.notation} == {codes[1]}
