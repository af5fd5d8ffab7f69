"""A row in place of what was said: what it does not speak of stays, what it says anew has its own evidence, no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import hypothesis.strategies as st
from hypothesis import given, settings
from pyoxigraph import Literal, NamedNode, Triple
from tests.load.conftest import BASE

from kg.context import Context
from kg.entry import Amends, Entry, Locator, Path_
from kg.graph import Node
from kg.iris import Iris
from kg.load.amending import amended
from kg.load.describe import Batch
from kg.load.exported import FIXED
from kg.load.said import marks, said
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


FIELDS: Mapping[str, tuple[str, ...]] = {
    "title.bg": ("title", "bg"),
    "title.en": ("title", "en"),
    "partner": ("partner",),
    "budget": ("budget",),
    "end": ("endDate",),
}


def entry(columns: Iterable[str], known: Mapping[str, str] | None) -> Entry:
    """A row that says these columns anew; `known` tells how the values were known when it was exported."""
    at = Locator("new.xlsx", sheet="P", row=2)
    places: dict[Path_, Locator] = {
        COLUMNS[name]: Locator("new.xlsx", sheet="P", row=2, column=name) for name in columns
    }
    amends = Amends("s", tuple(FIELDS[name] for name in columns), known)
    return Entry({"id": "project/a", "type": "Project"}, at, places, amends=amends)


def known(graph: set[Triple], domain: Domain) -> Mapping[str, str]:
    """How the values of all fields are known when a graph is exported."""
    return marks(said(graph, PROJECT), FIELDS.values(), "Project", domain.context, IRIS)


def covered(property: NamedNode, value: Node, columns: set[str]) -> bool:
    if property == TITLE:
        return isinstance(value, Literal) and f"title.{value.language}" in columns
    names = {PARTNER: "partner", BUDGET: "budget", END: "end", MKG.endPrecision: "end"}
    return property != RDF.type and names[property] in columns


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
    exported = known(set(told.triples), domain)
    by = batch(triples(row) | evidence("row", ROW, (), ()), {PROJECT.value: entry(columns, exported)}, "new.xlsx")

    result = amended(told, by, {}, IRIS, domain.context)

    assert result.notes == ()

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
    assert result.files == ("old.yaml",)
    assert result.amended_by == (() if now == before else ("new.xlsx",))
    again = amended(batch(set(result.triples), {}, "old.yaml"), by, {}, IRIS, domain.context)
    assert (set(again.triples), again.notes) == (set(result.triples), ())


@given(data=st.data(), columns=st.sets(st.sampled_from(sorted(COLUMNS)), min_size=1))
@settings(max_examples=300, deadline=None)
def test_what_others_have_changed_since_is_not_written_over(
    domain: Domain, data: st.DataObject, columns: set[str]
) -> None:
    then, now, row = data.draw(facts()), data.draw(facts()), data.draw(facts(sorted(columns)))
    told = batch(triples(now), {}, "old.yaml")
    exported, mine = (known(triples(one), domain) for one in (then, row))
    current = known(triples(now), domain)
    by = batch(triples(row), {PROJECT.value: entry(columns, exported)}, "new.xlsx")
    result = amended(told, by, {}, IRIS, domain.context)
    keys = {name: ".".join(FIELDS[name]) for name in columns}
    clashing = {name for name, key in keys.items() if current.get(key) not in (exported.get(key), mine.get(key))}
    assert {note.at.column for note in result.notes if note.at} == clashing
    assert all(note.refuses and note.component == "ChangedSince" for note in result.notes)
    if clashing:
        assert set(result.triples) == triples(now), "nothing of the row is written"


def test_what_is_new_is_taken_with_its_own_evidence(domain: Domain) -> None:
    row = {Triple(PROJECT, RDF.type, MKG.Project), *evidence("row", ROW, (), ())}
    by = batch(row, {PROJECT.value: entry((), None)}, "new.xlsx")
    assert set(amended(batch(set(), {}, "old.yaml"), by, {}, IRIS, domain.context).triples) == row


def test_a_new_row_is_nothing_that_is_there_already_and_an_old_one_nothing_that_is_gone(domain: Domain) -> None:
    there = {Triple(PROJECT, RDF.type, MKG.Project), Triple(PROJECT, TITLE, Literal("А", language="bg"))}
    row = {Triple(PROJECT, RDF.type, MKG.Project), Triple(PROJECT, TITLE, Literal("Б", language="bg"))}
    for before, exported in ((there, None), (set(), {})):
        by = batch(row, {PROJECT.value: entry(("title.bg",), exported)}, "new.xlsx")
        result = amended(batch(before, {}, "old.yaml"), by, {}, IRIS, domain.context)
        assert set(result.triples) == before
        (note,) = result.notes
        assert note.refuses and note.at is not None and note.at.row == 2


def test_a_value_that_no_cell_holds_is_not_changed(domain: Domain) -> None:
    there = {Triple(PROJECT, RDF.type, MKG.Project), Triple(PROJECT, TITLE, Literal(" А", language="bg"))}
    row = {Triple(PROJECT, RDF.type, MKG.Project), Triple(PROJECT, TITLE, Literal("Б", language="bg"))}
    by = batch(row, {PROJECT.value: entry(("title.bg",), {"title.bg": FIXED})}, "new.xlsx")
    result = amended(batch(there, {}, "old.yaml"), by, {}, IRIS, domain.context)
    assert set(result.triples) == there and [note.component for note in result.notes] == ["FixedValue"]


def test_evidence_follows_a_row_that_has_moved(domain: Domain) -> None:
    other = NamedNode(f"{GRAPH.value}/old.yaml#line=1,2")
    there = {
        Triple(PROJECT, RDF.type, MKG.Project),
        *evidence("a", ROW, (TITLE,), ()),
        *evidence("b", other, (PARTNER,), ()),
    }
    by = batch(set(), {}, "new.xlsx")
    moved = {("project/a", "s"): Locator("new.xlsx", sheet="P", row=7)}
    result = amended(batch(there, {}, "old.yaml"), by, moved, IRIS, domain.context)
    assert {str(triple.object) for triple in result.triples if triple.predicate == OA.hasTarget} == {
        str(other),
        str(ROW).replace("row=2", "row=7"),
    }


def test_codes_of_other_registers_stay(domain: Domain) -> None:
    context: Context = domain.context
    subject = IRIS.entity("place/a")
    codes = [Literal("63427", datatype=MKG.EKATTE), Literal("BG323", datatype=MKG.NUTS)]
    old = {Triple(subject, RDF.type, MKG.Place), *(Triple(subject, SKOS.notation, code) for code in codes)}
    at = Locator("new.xlsx", sheet="P", row=2)
    exported = marks(said(old, subject), [("ekatte",), ("nuts",)], "Place", context, IRIS)
    one = Entry({"id": "place/a", "type": "Place"}, at, amends=Amends("s", (("ekatte",),), exported))
    by = batch({Triple(subject, RDF.type, MKG.Place)}, {subject.value: one}, "new.xlsx")
    result = set(amended(batch(old, {}, "old.yaml"), by, {}, IRIS, context).triples)
    assert {triple.object for triple in result if triple.predicate == SKOS.notation} == {codes[1]}
