"""Each rule says what it should, and renewing a part ends in the same graphs as renewing everything."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kg import pipeline
from kg.derive import Rule, derive
from kg.graph import DEFAULT, Changes
from kg.iris import Iris
from kg.namespaces import MKG, PREFIXES, RDFS, XSD
from tests.conftest import BASE
from tests.memory import Memory

IRIS = Iris(BASE)
STATUS = "https://w3id.org/municipal-kg/code/status/"
CURRENCY = "http://publications.europa.eu/resource/authority/currency/"
PROLOGUE = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + (
    f"@base <{BASE}/> .\n@prefix id: <{BASE}/id/> .\n@prefix status: <{STATUS}> .\n@prefix currency: <{CURRENCY}> .\n"
    "@prefix role: <https://w3id.org/municipal-kg/code/role/> .\n"
)


def triples(text: str) -> list[Triple]:
    """Statements in Turtle."""
    return [quad.triple for quad in parse(PROLOGUE + text, RdfFormat.TURTLE)]


def world(domain: pipeline.Domain, ranks: dict[str, int] | None = None) -> Memory:
    """The ontology and the code lists, and how far sources are trusted."""
    memory = Memory()
    for graph, system in domain.system.items():
        memory.replace(graph, system)
    memory.replace(IRIS.meta, ranked(ranks or {}))
    return memory


def ranked(ranks: dict[str, int]) -> list[Triple]:
    return [Triple(IRIS.graph(name), MKG.rank, Literal(rank)) for name, rank in ranks.items()]


def derived(domain: pipeline.Domain, rule: str, **sources: str) -> set[str]:
    """What a rule says of things in Turtle, as N-Triples; sources are ranked in the order given."""
    memory = world(domain, {name: number for number, name in enumerate(sources, 1)})
    for name, text in sources.items():
        memory.replace(IRIS.graph(name), triples(text))
    derive(memory, None, domain.rules, IRIS, None)
    system = {triple.subject for each in domain.system.values() for triple in each}
    return {
        str(quad.triple) for quad in memory.quads(None, None, None, IRIS.derived(rule)) if quad.subject not in system
    }


def expected(text: str) -> set[str]:
    return {str(triple) for triple in triples(text)}


def test_there_are_nine_rules_in_order(domain: pipeline.Domain) -> None:
    assert [rule.name for rule in domain.rules] == [
        "shortcut",
        "participation",
        "superclass",
        "status",
        "preference",
        "value-in-eur",
        "identifier",
        "superproperty",
        "label",
    ]


# status


def changes(*stated: tuple[str, str]) -> str:
    """Status changes of one project: state and date, which may be empty."""
    return "".join(
        f"<id/project/p> mkg:statusChange <id/project/p/status/{number}> .\n"
        f"<id/project/p/status/{number}> mkg:toStatus status:{state}"
        + (f' ; schema:startDate "{day}"^^xsd:date' if day else "")
        + " .\n"
        for number, (state, day) in enumerate(stated)
    )


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ([("submitted", "2023-06-28"), ("approved", "2023-09-01"), ("planned", "2022-01-01")], "approved"),
        ([("running", "")], "running"),
        ([("running", ""), ("running", "")], "running"),
        ([("running", ""), ("completed", "")], None),
        ([("running", "2023-01-01"), ("completed", "")], "running"),
        ([("signed", "2023-01-01"), ("running", "2023-01-01")], None),
        ([("signed", "2023-01-01"), ("signed", "2023-01-01")], "signed"),
        ([("signed", "2023-01-01"), ("running", "2023-01-01"), ("suspended", "2023-01-02")], "suspended"),
        ([], None),
    ],
)
def test_the_status_is_that_of_the_latest_change(
    domain: pipeline.Domain, stated: list[tuple[str, str]], status: str | None
) -> None:
    says = f"id:project\\/p mkg:status status:{status} ." if status else ""
    assert derived(domain, "status", report=changes(*stated)) == expected(says)


def test_the_status_counts_what_every_source_says(domain: pipeline.Domain) -> None:
    change = """<id/project/p> mkg:statusChange <id/project/p/status/{0}> .
        <id/project/p/status/{0}> mkg:toStatus status:{0} ; schema:startDate "{1}"^^xsd:date ."""
    found = derived(
        domain,
        "status",
        register=change.format("signed", "2023-01-01"),
        report=change.format("running", "2023-06-01"),
    )
    assert found == expected("<id/project/p> mkg:status status:running .")


# participation and shortcut


def test_a_participation_gives_the_short_property(domain: pipeline.Domain) -> None:
    said = """<id/project/p> mkg:participation <id/project/p/participation/o-pilot> .
        <id/project/p/participation/o-pilot> mkg:agent <id/organisation/o> ; mkg:role role:pilot ."""
    assert derived(domain, "shortcut", report=said) == expected("<id/project/p> mkg:pilot <id/organisation/o> .")
    assert derived(domain, "participation", report=said) == set()


def test_the_short_property_gives_a_participation(domain: pipeline.Domain) -> None:
    said = "<id/project/p> mkg:pilot <id/organisation/o> ."
    assert derived(domain, "shortcut", report=said) == set()
    assert derived(domain, "participation", report=said) == expected(
        """<id/project/p> mkg:participation <id/project/p/participation/o-pilot> .
        <id/project/p/participation/o-pilot> a mkg:Participation ;
            mkg:agent <id/organisation/o> ; mkg:role role:pilot ."""
    )


def test_written_in_two_sources_either_way_it_is_one_participation(domain: pipeline.Domain) -> None:
    long = """<id/project/p> mkg:participation <id/project/p/participation/mine> .
        <id/project/p/participation/mine> mkg:agent <id/organisation/o> ; mkg:role role:lead ."""
    short = "<id/project/p> mkg:lead <id/organisation/o> ."
    assert derived(domain, "participation", register=long, report=short) == set()


def test_two_agents_with_the_same_slug_have_a_participation_each(domain: pipeline.Domain) -> None:
    said = "<id/project/p> mkg:partner <id/organisation/ruse> , <id/consortium/ruse> ."
    found = derived(domain, "participation", report=said)
    memory = Memory()
    memory.replace(IRIS.graph("found"), triples("\n".join(f"{triple} ." for triple in found)))
    agents: dict[object, set[object]] = {}
    for quad in memory.quads(None, MKG.agent, None, DEFAULT):
        agents.setdefault(quad.subject, set()).add(quad.object)
    assert sorted(len(each) for each in agents.values()) == [1, 1]


def test_a_role_without_short_property_gives_none(domain: pipeline.Domain) -> None:
    shortcuts = {
        triple.subject for each in domain.system.values() for triple in each if triple.predicate == MKG.shortcut
    }
    roles = {triple.subject for triple in domain.system[NamedNode("https://w3id.org/municipal-kg/code/role")]}
    other = sorted(str(role) for role in roles - shortcuts if "/role/" in str(role))[0]
    said = f"""<id/project/p> mkg:participation <id/project/p/participation/x> .
        <id/project/p/participation/x> mkg:agent <id/organisation/o> ; mkg:role {other} ."""
    assert derived(domain, "shortcut", report=said) == set()


# labels


@pytest.mark.parametrize(
    ("said", "labels"),
    [
        ('skos:prefLabel "Русе"@bg , "Rousse"@en', '"Русе"@bg , "Rousse"@en'),
        ('skos:prefLabel "Община Щръклево"@bg', '"Община Щръклево"@bg , "Obshtina Shtraklevo"@en'),
        ('skos:prefLabel "Софийска епархия"@bg', '"Софийска епархия"@bg , "Sofiyska eparhia"@en'),
        ('dct:title "Обучение"@bg', '"Обучение"@bg , "Обучение (bg)"@en'),
        ('dct:title "Training"@en', '"Training"@en , "Training (en)"@bg'),
        ('skos:prefLabel "NABU"@en', '"NABU"@en , "NABU (en)"@bg'),
        ('rdfs:label "Свой"@bg ; skos:prefLabel "Друг"@bg , "Other"@en', '"Other"@en'),
    ],
)
def test_a_label_in_both_languages(domain: pipeline.Domain, said: str, labels: str) -> None:
    found = derived(domain, "label", report=f"<id/organisation/o> {said} .")
    assert found == expected(f"<id/organisation/o> rdfs:label {labels} .")


def test_a_translation_in_another_source_is_used(domain: pipeline.Domain) -> None:
    found = derived(
        domain, "label", one='<id/event/e> dct:title "Форум"@bg .', two='<id/event/e> dct:title "Forum"@en .'
    )
    assert found == expected('<id/event/e> rdfs:label "Форум"@bg , "Forum"@en .')


def test_a_name_in_another_language_is_no_label(domain: pipeline.Domain) -> None:
    assert derived(domain, "label", report='<id/place/p> skos:prefLabel "Russe"@fr .') == set()


# money


def in_euro(domain: pipeline.Domain, value: str, currency: str) -> Decimal | None:
    said = f'<id/project/p#budget> mkg:value "{value}"^^xsd:decimal ; mkg:currency currency:{currency} .'
    found = derived(domain, "value-in-eur", report=said)
    assert len(found) < 2
    for text in found:
        node = triples(text + " .")[0].object
        assert isinstance(node, Literal)
        assert node.datatype == XSD.decimal
        return Decimal(node.value)
    return None


@pytest.mark.parametrize(
    ("value", "currency", "euro"),
    [
        ("1.95583", "BGN", "1"),
        ("195583", "BGN", "100000"),
        ("100", "BGN", "51.13"),
        ("0.00977915", "BGN", "0.01"),  # 0.005 exactly
        ("0.00977914", "BGN", "0"),
        ("0.02933745", "BGN", "0.02"),  # 0.015 exactly
        ("2.00472575", "BGN", "1.03"),  # 1.025 exactly; to even it would be 1.02
        ("1000000.01", "BGN", "511291.89"),
        ("1234.565", "EUR", "1234.565"),
        ("0", "BGN", "0"),
        ("100", "RON", None),
    ],
)
def test_leva_are_euro_at_the_fixed_rate_rounded_half_up(
    domain: pipeline.Domain, value: str, currency: str, euro: str | None
) -> None:
    assert in_euro(domain, value, currency) == (Decimal(euro) if euro is not None else None)


@settings(max_examples=10, deadline=None)
@given(cents=st.lists(st.integers(min_value=0, max_value=10**13), min_size=20, max_size=60, unique=True))
def test_any_amount_in_leva_has_the_value_that_a_bank_would_give(
    domain: pipeline.Domain, start: Memory, cents: list[int]
) -> None:
    memory = copy(start)
    said = (
        f"<id/project/{each}#budget> mkg:value {Decimal(each) / 100:f} ; mkg:currency currency:BGN ." for each in cents
    )
    memory.replace(GRAPHS[0], triples("\n".join(said)))
    derive(memory, None, domain.rules, IRIS, None)
    found = {
        quad.subject: Decimal(quad.object.value)
        for quad in memory.quads(None, MKG.valueInEUR)
        if isinstance(quad.object, Literal)
    }
    assert found == {
        NamedNode(f"{IRIS.ids}project/{each}#budget"): (Decimal(each) / 100 / Decimal("1.95583")).quantize(
            Decimal("0.01"), ROUND_HALF_UP
        )
        for each in cents
    }


def test_where_sources_differ_the_preferred_amount_counts(domain: pipeline.Domain) -> None:
    amount = '<id/project/p#budget> mkg:value "{}"^^xsd:decimal ; mkg:currency currency:{} .'
    found = derived(domain, "value-in-eur", register=amount.format("200", "BGN"), report=amount.format("90", "EUR"))
    assert found == expected('<id/project/p#budget> mkg:valueInEUR "102.26"^^xsd:decimal .')


# preference


def test_the_best_ranked_source_is_preferred(domain: pipeline.Domain) -> None:
    found = derived(
        domain,
        "preference",
        register='<id/project/p> schema:startDate "2023-01-01"^^xsd:date .',
        report='<id/project/p> schema:startDate "2023-02-01"^^xsd:date .',
        press='<id/project/p> schema:startDate "2023-03-01"^^xsd:date .',
    )
    assert found == expected(
        """<id/project/p> mkg:preference <id/project/p/preference/startDate> .
        <id/project/p/preference/startDate> mkg:ofProperty schema:startDate ;
            mkg:ofValue "2023-01-01"^^xsd:date ."""
    )


def test_sources_that_agree_need_no_preference(domain: pipeline.Domain) -> None:
    same = '<id/project/p> schema:startDate "2023-01-01"^^xsd:date .'
    assert derived(domain, "preference", register=same, report=same) == set()


def test_several_titles_are_no_disagreement(domain: pipeline.Domain) -> None:
    found = derived(
        domain, "preference", one='<id/project/p> dct:title "А"@bg .', two='<id/project/p> dct:title "Б"@bg .'
    )
    assert found == set()


def test_of_equally_trusted_sources_the_first_by_name_is_preferred(domain: pipeline.Domain) -> None:
    memory = world(domain, {"beta": 5, "alpha": 5})
    for name, day in (("beta", "2023-01-01"), ("alpha", "2023-02-01")):
        memory.replace(IRIS.graph(name), triples(f'<id/project/p> schema:startDate "{day}"^^xsd:date .'))
    derive(memory, None, domain.rules, IRIS, None)
    preferred = [quad.object for quad in memory.quads(None, MKG.ofValue, None, IRIS.derived("preference"))]
    assert preferred == [Literal("2023-02-01", datatype=XSD.date)]


# identifier, classes and properties


def test_codes_are_identifiers(domain: pipeline.Domain) -> None:
    found = derived(
        domain,
        "identifier",
        report="""<id/place/rse27> skos:notation "63427"^^mkg:EKATTE .
        <id/organisation/ndef> mkg:registerCode "131010433"^^mkg:EIK .
        <id/project/p> mkg:contractNumber "BG05-1" ; dct:title "P"@en .""",
    )
    assert found == expected(
        """<id/place/rse27> dct:identifier "63427" .
        <id/organisation/ndef> dct:identifier "131010433" .
        <id/project/p> dct:identifier "BG05-1" ."""
    )


def test_superclasses_are_said_of_things(domain: pipeline.Domain) -> None:
    found = derived(domain, "superclass", report="<id/consortium/across> a mkg:Consortium .")
    assert found == expected(
        "<id/consortium/across> a mkg:Organisation , org:Organization , org:OrganizationalCollaboration ."
    )


def test_superproperties_are_said_of_things_and_of_derived_statements_too(domain: pipeline.Domain) -> None:
    said = """<id/project/p> mkg:participation <id/project/p/participation/x> .
        <id/project/p/participation/x> mkg:agent <id/organisation/o> ; mkg:role role:lead ."""
    found = derived(domain, "superproperty", report=said)
    assert found >= expected("<id/project/p> mkg:partner <id/organisation/o> ; mkg:involves <id/organisation/o> .")


# A part and the whole

GRAPHS = (*map(IRIS.graph, ("alpha", "beta", "gamma")), IRIS.endpoint())
UNIVERSE = triples(
    """
    <id/project/p> a mkg:Project ; dct:title "Проект"@bg , "Project"@en ; mkg:contractNumber "1" , "2" ;
        mkg:partner <id/organisation/o> , <id/consortium/o> ; mkg:pilot <id/organisation/q> ;
        mkg:lead <id/organisation/o> ;
        mkg:participation <id/project/p/participation/o-partner> , <id/project/p/participation/own> ;
        mkg:statusChange <id/project/p/status/a> , <id/project/p/status/b> , <id/project/p/status/c> ;
        mkg:budget <id/project/p#budget> ; schema:startDate "2023-01-01"^^xsd:date , "2023-02-01"^^xsd:date .
    <id/project/q> a mkg:Project ; mkg:partner <id/organisation/o> ; mkg:statusChange <id/project/p/status/a> ;
        mkg:participation <id/project/p/participation/own> .
    <id/call/c> a mkg:Call ; mkg:opens "2023-01-01"^^xsd:date , "2023-01-02"^^xsd:date .
    <id/project/p/participation/o-partner> a mkg:Participation ;
        mkg:agent <id/organisation/o> , <id/organisation/q> ; mkg:role role:partner , role:lead .
    <id/project/p/participation/own> mkg:agent <id/organisation/q> ; mkg:role role:pilot .
    <id/project/p/status/a> mkg:toStatus status:signed ; schema:startDate "2023-01-01"^^xsd:date .
    <id/project/p/status/b> mkg:toStatus status:running ; schema:startDate "2023-01-01"^^xsd:date .
    <id/project/p/status/c> mkg:toStatus status:completed .
    <id/project/p#budget> a mkg:Amount ; mkg:value 100.0 , 200.5 ; mkg:currency currency:EUR , currency:BGN .
    <id/organisation/o> a mkg:Organisation , mkg:Municipality ; skos:prefLabel "Име"@bg , "Name"@en ;
        mkg:acronym "И"@bg ; rdfs:label "Свой"@bg ; mkg:registerCode "131010433"^^mkg:EIK .
    <id/organisation/q> skos:prefLabel "Друго"@bg , "Трето"@bg .
    <id/consortium/o> a mkg:Consortium .
    """
)
EDIT = st.lists(
    st.tuples(st.sampled_from(UNIVERSE), st.sampled_from(GRAPHS)), min_size=1, max_size=12, unique_by=lambda it: str(it)
)


def copy(memory: Memory) -> Memory:
    other = Memory()
    other.store.extend(memory.store)
    return other


def toggled(memory: Memory, edit: Iterable[tuple[Triple, NamedNode]]) -> Changes:
    """Takes away what is there and adds what is not."""
    quads = [Quad(triple.subject, triple.predicate, triple.object, graph) for triple, graph in edit]
    return Changes(
        tuple(quad for quad in quads if quad not in memory.store), tuple(quad for quad in quads if quad in memory.store)
    )


def consequences(memory: Memory, rules: Iterable[Rule]) -> dict[str, set[str]]:
    return {
        rule.name: {str(quad) for quad in memory.quads(None, None, None, IRIS.derived(rule.name))} for rule in rules
    }


@pytest.fixture(scope="module")
def start(domain: pipeline.Domain) -> Memory:
    """The world in which edits begin: sources of two ranks and a graph without; of the ontology what rules read."""
    memory = Memory()
    memory.replace(IRIS.meta, ranked({"alpha": 1, "beta": 5, "gamma": 5}))
    read = {RDFS.subClassOf, RDFS.subPropertyOf, MKG.singleValued, MKG.shortcut}
    for graph, system in domain.system.items():
        memory.replace(graph, [triple for triple in system if triple.predicate in read])
    derive(memory, None, domain.rules, IRIS, None)
    return memory


@settings(max_examples=60, deadline=None)
@given(edits=st.lists(EDIT, min_size=1, max_size=6))
def test_renewing_a_part_ends_in_the_same_graphs_as_renewing_everything(
    domain: pipeline.Domain, start: Memory, edits: list[list[tuple[Triple, NamedNode]]]
) -> None:
    memory = copy(start)
    for edit in edits:
        parent, changed = copy(memory), toggled(memory, edit)
        memory.apply(changed)
        derive(memory, parent, domain.rules, IRIS, {quad.subject for quad in (*changed.added, *changed.removed)})
        whole = copy(memory)
        derive(whole, None, domain.rules, IRIS, None)
        assert consequences(memory, domain.rules) == consequences(whole, domain.rules)
        assert set(memory.store) == set(whole.store)


def test_the_universe_of_edits_makes_every_rule_speak(domain: pipeline.Domain, start: Memory) -> None:
    memory = copy(start)
    memory.apply(toggled(memory, [(triple, GRAPHS[0]) for triple in UNIVERSE]))
    other = triples("<id/project/q#budget> mkg:value 1.5 ; mkg:currency currency:EUR .")
    memory.apply(toggled(memory, [*((triple, GRAPHS[0]) for triple in other), (UNIVERSE[0], GRAPHS[1])]))
    before = consequences(start, domain.rules)
    derive(memory, None, domain.rules, IRIS, None)
    after = consequences(memory, domain.rules)
    silent = {name for name in after if after[name] == before[name]}
    assert silent <= {"status"}  # of the changes on one day, none is the latest


def test_a_change_far_away_renews_only_what_it_reaches(domain: pipeline.Domain, start: Memory) -> None:
    memory = copy(start)
    memory.apply(toggled(memory, [(triple, GRAPHS[0]) for triple in UNIVERSE]))
    derive(memory, None, domain.rules, IRIS, None)
    asked: list[str] = []

    class Listening(Memory):
        def construct(self, query, functions=None):  # type: ignore[no-untyped-def]
            asked.append(query)
            return super().construct(query, functions)

    listening = Listening()
    listening.store = memory.store
    parent = copy(memory)
    changed = toggled(memory, [(triples('<id/organisation/q> skos:prefLabel "Ново"@bg .')[0], GRAPHS[0])])
    listening.apply(changed)
    derive(listening, parent, domain.rules, IRIS, {quad.subject for quad in changed.added})
    assert len(asked) == 9
    assert all("<http://localhost:8000/id/organisation/q>" in query for query in asked)
    assert not any("id/project/p>" in query for query in asked)


def test_what_follows_from_nothing_is_nothing(domain: pipeline.Domain, start: Memory) -> None:
    memory = copy(start)
    added = toggled(memory, [(triple, GRAPHS[0]) for triple in UNIVERSE])
    memory.apply(added)
    touched = {quad.subject for quad in added.added}
    derive(memory, start, domain.rules, IRIS, touched)
    parent = copy(memory)
    memory.apply(Changes(removed=added.added))
    derive(memory, parent, domain.rules, IRIS, touched)
    assert set(memory.store) == set(start.store)


def test_label_is_the_only_use_of_rdfs_label(domain: pipeline.Domain, start: Memory) -> None:
    memory = copy(start)
    memory.apply(toggled(memory, [(triple, GRAPHS[0]) for triple in UNIVERSE]))
    derive(memory, start, domain.rules, IRIS, {triple.subject for triple in UNIVERSE})
    graphs = {
        quad.graph_name
        for quad in memory.quads(None, RDFS.label)
        if isinstance(quad.graph_name, NamedNode) and "/graph/derived/" in quad.graph_name.value
    }
    assert graphs == {IRIS.derived("label")}
