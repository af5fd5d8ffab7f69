"""Personal data is refused wherever it is written, unless the entry says why it stays; and no report spreads it."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from tests.memory import Memory
from tests.writes.conftest import Town, town

from kg import pipeline
from kg.errors import DataError
from kg.finding import Finding, Severity
from kg.gate import Touched
from kg.gate.personal import COMPONENT
from kg.gate.watch import discreet
from kg.iris import Iris
from kg.namespaces import DCT, MKG, RDF, SCHEMA, SKOS
from kg.pipeline import Domain

__all__ = ["town"]
IRIS = Iris("http://localhost:8000")
GRAPH = IRIS.graph("made")
Said = tuple[NamedNode, NamedNode, NamedNode | Literal]
IT = IRIS.entity("organisation/it")
FLAG = NamedNode(f"{IT.value}/disclosure/1")
NUMBER = "тел. 0888 123 456"
NAME = "Мария Петрова Иванова"


def findings(domain: Domain, *triples: Said) -> list[Finding]:
    memory = Memory()
    for one in [(IT, RDF.type, MKG.Organisation), *triples]:
        memory.store.add(Quad(*one, GRAPH))
    whole = list(domain.watch.personal.check(memory, {GRAPH}, None))
    touched = Touched.of(memory.quads(None, None, None, GRAPH))
    assert sorted(map(str, domain.watch.personal.check(memory, {GRAPH}, touched))) == sorted(map(str, whole))
    return whole


def described(text: str) -> tuple[NamedNode, NamedNode, Literal]:
    return IT, DCT.description, Literal(text, language="bg")


def test_a_telephone_in_a_description_is_refused_and_masked(domain: Domain) -> None:
    (found,) = findings(domain, described(f"Пишете на {NUMBER}"))
    assert (found.severity, found.component, found.path) == (Severity.VIOLATION, COMPONENT, DCT.description.value)
    told = f"{found.value} {found.messages} {found.cause} {found.expected} {found.suggestion}"
    assert "123" not in told
    assert "0888" not in told
    assert set(found.messages) == {"bg", "en"}


def test_contacts_of_an_organisation_have_fields_of_their_own(domain: Domain) -> None:
    assert not findings(
        domain, (IT, SCHEMA.email, Literal("info@ruse.bg")), (IT, SCHEMA.telephone, Literal("082 881 802"))
    )
    assert findings(domain, (IT, SCHEMA.email, Literal("7523169263")))


def test_a_mail_address_as_a_link_is_one(domain: Domain) -> None:
    assert findings(domain, (IT, MKG.about, NamedNode("mailto:maria@example.bg")))
    assert not findings(domain, (IT, MKG.about, NamedNode("https://example.bg/maria")))


def test_numbers_and_dates_are_no_text(domain: Domain) -> None:
    decimal = NamedNode("http://www.w3.org/2001/XMLSchema#decimal")
    assert not findings(domain, (IT, MKG.value, Literal("7523169263", datatype=decimal)))
    assert findings(domain, (IT, MKG.registerCode, Literal("7523169263", datatype=MKG.EIK)))


@pytest.mark.parametrize(
    ("field", "reason", "stays"),
    [
        (DCT.description, "Служебен телефон от сайта на общината", True),
        (DCT.description, "да", False),
        (DCT.term("title"), "Служебен телефон от сайта", False),
    ],
)
def test_an_entry_may_say_that_it_stays_and_why(domain: Domain, field: NamedNode, reason: str, stays: bool) -> None:
    flag: list[Said] = [(IT, MKG.disclosure, FLAG), (FLAG, MKG.ofProperty, field), (FLAG, MKG.reason, Literal(reason))]
    assert (findings(domain, described(NUMBER), *flag) == []) is stays


def test_the_reason_itself_must_not_hold_any(domain: Domain) -> None:
    flag: list[Said] = [
        (IT, MKG.disclosure, FLAG),
        (FLAG, MKG.ofProperty, DCT.description),
        (FLAG, MKG.reason, Literal(f"Така каза {NAME}")),
    ]
    (found,) = findings(domain, described(NUMBER), *flag)
    assert found.path == MKG.reason.value


def test_holders_of_an_office_may_be_named_and_have_a_name(domain: Domain) -> None:
    person = IRIS.entity("person/maria")
    entry: list[Said] = [(person, RDF.type, MKG.Person), (person, SKOS.prefLabel, Literal(NAME, language="bg"))]
    assert findings(domain, described(f"Открит от {NAME}"))
    assert not findings(domain, described(f"Открит от {NAME}"), *entry)
    assert findings(domain, (IT, SKOS.prefLabel, Literal(NAME, language="bg")))


def test_taking_the_permission_away_is_seen(domain: Domain) -> None:
    memory = Memory()
    said: list[Said] = [(IT, RDF.type, MKG.Organisation), described(NUMBER), (IT, MKG.disclosure, FLAG)]
    for one in said:
        memory.store.add(Quad(*one, GRAPH))
    touched = Touched.of([Quad(FLAG, MKG.reason, Literal("Служебен телефон от сайта"), GRAPH)])
    assert list(domain.watch.personal.check(memory, {GRAPH}, touched))


def test_taking_the_permission_away_is_seen_in_what_is_nested(domain: Domain) -> None:
    memory, part = Memory(), NamedNode(f"{IT.value}/participation/x")
    said: list[Said] = [
        (IT, RDF.type, MKG.Organisation),
        (IT, MKG.participation, part),
        (part, DCT.description, Literal(NUMBER)),
        (IT, MKG.disclosure, FLAG),
        (FLAG, MKG.ofProperty, DCT.description),
    ]
    for one in said:
        memory.store.add(Quad(*one, GRAPH))
    reason = Quad(FLAG, MKG.reason, Literal("Служебен телефон от сайта"), GRAPH)
    memory.store.add(reason)
    assert not list(domain.watch.personal.check(memory, {GRAPH}, None))
    memory.store.remove(reason)
    (found,) = domain.watch.personal.check(memory, {GRAPH}, Touched.of([reason]))
    assert found.focus_node == part


def test_an_id_with_words_of_what_is_found_is_not_shown_by_any_finding(domain: Domain) -> None:
    it = IRIS.entity("organisation/na-maria-petrova-ivanova")
    own = findings(domain, (it, RDF.type, MKG.Organisation), (it, DCT.description, Literal(NAME)))
    assert {one.severity for one in own} == {Severity.VIOLATION, Severity.WARNING}
    texts = {"bg": f"{it.value} няма вид", "en": f"{it.value} has no kind"}
    told = discreet([*own, Finding(texts, focus_node=it, value=it, suggestion="organisation/na-maria-petrova-ivanova")])
    assert "petrova" not in str([(one.messages, one.focus_node, one.value, one.suggestion) for one in told])
    assert "na-m••••-p••••••-i••••••" in str(told[-1].messages)


def test_an_id_is_made_without_personal_data_but_a_persons_with_the_name(domain: Domain) -> None:
    make = domain.watch.personal.slugs(None)
    assert make("event", f"2024-06-01 Среща с {NAME}, 0888 123 456") == "2024-06-01-sreshta-s"
    assert make("person", NAME) == "maria-petrova-ivanova"
    assert make("person", f"{NAME}, 0888123456") == "maria-petrova-ivanova"
    assert make("project", "maria@abv.bg") == ""
    memory = Memory()
    entry: list[Said] = [(IT, RDF.type, MKG.Person), (IT, SKOS.prefLabel, Literal(NAME))]
    for one in entry:
        memory.store.add(Quad(*one, GRAPH))
    assert domain.watch.personal.slugs(memory)("event", f"Среща с {NAME}") == "sreshta-s-maria-petrova-ivanova"


def test_other_findings_about_the_field_do_not_show_it() -> None:
    texts = {"bg": f"сгрешено „{NUMBER}“", "en": f"wrong “{NUMBER}”"}
    own = Finding({"bg": "…", "en": "…"}, focus_node=IT, path="p", component=COMPONENT, value="тел. 08••")
    other = Finding(texts, focus_node=IT, path="p", value=Literal(NUMBER), cause={"bg": "сгрешено", "en": "wrong"})
    elsewhere = Finding(texts, focus_node=IT, path="q", value=Literal(NUMBER))
    told = discreet([own, other, elsewhere])
    assert told[0] is own
    assert NUMBER not in str(told[1])
    assert told[2] is elsewhere


def test_the_bundled_data_holds_none(domain: Domain, bundled_memory: Memory) -> None:
    graphs = pipeline.content(bundled_memory, IRIS)
    assert len(graphs) > 20
    assert list(domain.watch.personal.check(bundled_memory, graphs, None)) == []


def test_a_write_over_http_is_refused_too(town: Town) -> None:
    before = town.trace()
    with pytest.raises(DataError) as caught:
        town.update(f'INSERT DATA {{ GRAPH e:x {{ project:menergers dct:description "{NAME}"@bg }} }}')
    assert [one.component for one in caught.value.findings if one.refuses] == [COMPONENT]
    assert "Петрова" not in str(caught.value.findings)
    assert town.trace() == before
