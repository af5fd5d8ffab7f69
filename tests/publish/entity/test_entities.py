"""What a thing is told to be, in every form and for everything that is bundled."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from tests.conftest import BASE

from kg.context import Context
from kg.formats import HTML, JSONLD, NT, RDF, TTL
from kg.graph import DEFAULT
from kg.iris import Iris
from kg.namespaces import CODE, DCT, FOAF, MKG, RDFS
from kg.pipeline import Domain, withdraw
from kg.publish.entity.as_schema_org import structured
from kg.publish.entity.description import PAGE, describe
from kg.publish.entity.document import HYDRA
from kg.publish.entity.page import page, place
from kg.publish.entity.shelf import Entities
from kg.publish.resource import FORMS, Gone, Moved, Resource
from kg.store.embedded import EmbeddedStore
from kg.store.erasure import erase
from kg.store.port import Release
from kg.store.renaming import Renaming

IRIS = Iris(BASE)
MENERGERS = IRIS.entity("project/menergers")


@pytest.fixture(scope="module")
def entities(domain: Domain, store: EmbeddedStore) -> Entities:
    return Entities(domain.context, store)


def inlined(body: bytes, context: Context) -> bytes:
    document = json.loads(body)
    assert document["@context"] == f"{BASE}/context.jsonld"
    return json.dumps({**document, "@context": context.document["@context"]}).encode()


def graph(resource: Resource, context: Context) -> Iterator[tuple[str, set[Triple]]]:
    for format in (TTL, JSONLD, RDF, NT):
        body = resource.write(format, "bg")
        text = inlined(body, context) if format is JSONLD else body
        yield format.name, {quad.triple for quad in parse(text, format.rdf_engine)}


def test_every_thing_says_the_same_in_every_form(release: Release, entities: Entities, domain: Domain) -> None:
    paths = [path for path in entities.paths(release) if path.count("/") == 3]
    assert len(paths) > 800
    for path in paths:
        found = entities.find(release, path, {})
        assert isinstance(found, Resource) and found.offered == FORMS
        forms = dict(graph(found, domain.context))
        assert all(forms[name] == forms["nt"] for name in forms), path
        assert found.write(TTL, "bg") == found.write(TTL, "en")


def test_the_documents_tell_all_that_the_merge_says_of_things(release: Release, entities: Entities) -> None:
    told: set[Triple] = set()
    for path in (path for path in entities.paths(release) if path.count("/") == 3):
        description = describe(release, IRIS, IRIS.entity(path.removeprefix("/doc/")))
        assert description is not None
        for part in description.walk():
            told |= {Triple(part.node, key, one.value) for key, values in part.statements.items() for one in values}
    assert told == {
        quad.triple
        for quad in release.quads(None, None, None, DEFAULT)
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(IRIS.ids)
    }


def test_what_is_mentioned_has_a_name_in_both_languages(release: Release, entities: Entities) -> None:
    found = entities.find(release, "/doc/project/menergers", {})
    assert isinstance(found, Resource)
    triples = {quad.triple for quad in parse(found.write(NT, "bg"), RdfFormat.N_TRIPLES)}
    named = {(one.subject, one.object.language) for one in triples if one.predicate == RDFS.label}
    mentioned = {
        node
        for one in triples
        for node in (one.predicate, one.object)
        if isinstance(node, NamedNode)
        and (node.value.startswith((MKG, CODE)) or node.value == f"{IRIS.ids}{IRIS.id(node)}")
    }
    assert len(mentioned) > 40
    assert {node for node in mentioned if not {(node, "bg"), (node, "en")} <= named} == set()


def test_it_tells_its_sources_and_where_each_statement_was_read(release: Release, entities: Entities) -> None:
    description = describe(release, IRIS, MENERGERS)
    assert description is not None
    shown = page(description, release, IRIS, "bg", {})
    assert shown.title.text.startswith("MENERGERS")
    assert len(shown.sources) >= 3
    assert all(one.title.text and one.publisher for one in shown.sources)
    stating = {row.property.text: {mark for value in row.values for mark in value.marks} for row in shown.rows}
    assert stating["финансиран от"] and set().union(*stating.values()) == {one.number for one in shown.sources}
    assert any("евро" in part.values[0].text for row in shown.rows for one in row.values for part in one.rows)
    assert any(re.match("ред(ове)? [0-9–]+ на ", proof.place) for proof in shown.proofs)


@pytest.mark.parametrize(
    ("target", "bulgarian", "english"),
    [
        ("g/innoair.yaml#line=18,19", "ред 19 на innoair.yaml", "line 19 of innoair.yaml"),
        ("g/innoair.yaml#line=18,21", "редове 19–21 на innoair.yaml", "lines 19–21 of innoair.yaml"),
        ("g/2023-w26#char=12,20", "знаци 12–20", "characters 12–20"),
        ("g/книга.xlsx#Лист1!C7", "книга.xlsx: Лист1!C7", "книга.xlsx: Лист1!C7"),
        ("elsewhere", f"{BASE}/elsewhere", f"{BASE}/elsewhere"),
    ],
)
def test_places_are_told_as_people_tell_them(target: str, bulgarian: str, english: str) -> None:
    node = NamedNode(f"{BASE}/{target}")
    assert (place(node, "bg"), place(node, "en")) == (bulgarian, english)


def test_those_who_point_at_a_thing_come_page_by_page(tmp_path: Path, entities: Entities) -> None:
    store = EmbeddedStore.open(tmp_path / "home", base=BASE)
    hub, count = IRIS.entity("programme/hub"), PAGE * 2 + 1
    ids = [f"project/p{number:03}" for number in range(count)]
    with store.draft() as draft:
        triples = [Triple(IRIS.entity(id), MKG.fundedUnder, hub) for id in ids]
        draft.replace(IRIS.graph("s"), [Triple(hub, DCT.term("title"), Literal("Средище", language="bg")), *triples])
        release = draft.seal(agent="test", activity="load")
    told: list[str] = []
    for number in ("1", "2", "3"):
        found = entities.find(release, "/doc/programme/hub", {"page": number})
        assert isinstance(found, Resource)
        pointing = [quad.triple for quad in parse(found.write(NT, "bg"), RdfFormat.N_TRIPLES) if quad.object == hub]
        told += [str(IRIS.id(one.subject)) for one in pointing if one.predicate == MKG.fundedUnder]
        relations = {link.relation for link in found.links}
        assert relations == {"describes", "describedby"} | ({"next"} if number < "3" else set()) | (
            {"prev"} if number > "1" else set()
        )
        assert f"{number} / 3" in found.write(HTML, "bg").decode()
    assert told == ids
    for number in ("0", "4", "x", "1" * 9):
        assert entities.find(release, "/doc/programme/hub", {"page": number}) is None


def test_an_id_leads_to_its_document_and_what_was_merged_to_the_other(tmp_path: Path, entities: Entities) -> None:
    store = EmbeddedStore.open(tmp_path / "home", base=BASE)
    a, b = IRIS.entity("organisation/a"), IRIS.entity("organisation/b")
    with store.draft() as draft:
        draft.replace(IRIS.graph("s"), [Triple(a, FOAF.name, Literal("А")), Triple(b, FOAF.name, Literal("Б"))])
        draft.replace(IRIS.meta, [Triple(a, DCT.term("isReplacedBy"), b)])
        release = draft.seal(agent="test", activity="load")
    found = entities.find(release, "/id/organisation/b", {})
    assert isinstance(found, Moved) and (found.path, found.forever) == ("/doc/organisation/b", False)
    for path in ("/id/organisation/a", "/doc/organisation/a"):
        merged = entities.find(release, path, {})
        assert isinstance(merged, Moved) and (merged.path, merged.forever) == ("/id/organisation/b", True)
    for path in ("/id/organisation/c", "/doc/organisation/c", "/id/Organisation/b", "/id/organisation", "/"):
        assert entities.find(release, path, {}) is None


def test_what_was_withdrawn_is_gone(bundled_home: Path, tmp_path: Path, entities: Entities, domain: Domain) -> None:
    shutil.copytree(bundled_home, tmp_path / "home")
    store = EmbeddedStore.open(tmp_path / "home")
    id = "event/2023-05-06-gergyovski-lyulki"
    release = withdraw([id], store=store, domain=domain, agent="test", reason="Повторение")
    for path in (f"/id/{id}", f"/doc/{id}"):
        found = entities.find(release, path, {})
        assert isinstance(found, Gone)
        assert "Повторение" in found.bulgarian and id in found.english
    assert f"/doc/{id}" not in entities.paths(release)


def test_what_was_erased_is_gone_and_leads_nowhere(tmp_path: Path, domain: Domain) -> None:
    store = EmbeddedStore.open(tmp_path / "home", base=BASE)
    a, b = IRIS.entity("organisation/a"), IRIS.entity("organisation/taynov-i-sie")
    with store.draft() as draft:
        draft.replace(IRIS.graph("s"), [Triple(one, MKG.kind, Literal("фирма")) for one in (a, b)])
        draft.seal(agent="test", activity="load")
    erase(store, [a], agent="test", reason="молба", texts=["Тайнов"], renaming=Renaming.of(["Тайнов"]))
    release = store.current()
    assert release is not None
    entities = Entities(domain.context, store)
    for path in ("/id/organisation/a", "/doc/organisation/a", "/id/organisation/taynov-i-sie"):
        assert isinstance(entities.find(release, path, {}), Gone)
    assert entities.find(release, "/id/organisation/c", {}) is None
    assert len([*entities.paths(release)]) == 3  # what is called otherwise now is there


def test_search_engines_are_told_in_their_own_words(release: Release) -> None:
    description = describe(release, IRIS, IRIS.entity("event/2023-06-30-investment-meeting"))
    assert description is not None
    told = json.loads(structured(description, release, IRIS, "bg"))
    assert told["@type"] == ["Event"]
    assert told["name"].startswith("Среща") and told["startDate"] == "2023-06-30"
    assert "Община Русе" in {one["name"] for one in told["organizer"]}


def test_nothing_that_is_said_ends_the_script_of_a_page(tmp_path: Path, entities: Entities) -> None:
    store = EmbeddedStore.open(tmp_path / "home", base=BASE)
    thing = IRIS.entity("project/p")
    with store.draft() as draft:
        draft.replace(IRIS.graph("s"), [Triple(thing, RDFS.label, Literal("</script><script>alert(1)</script>"))])
        release = draft.seal(agent="test", activity="load")
    found = entities.find(release, "/doc/project/p", {})
    assert isinstance(found, Resource)
    assert "<script>alert" not in found.write(HTML, "bg").decode()


def test_all_things_are_listed_by_kind_page_by_page(release: Release, entities: Entities) -> None:
    listed: set[str] = set()
    kinds = [path for path in entities.paths(release) if path.count("/") == 2]
    assert len(kinds) > 10
    for path in kinds:
        page = 1
        while isinstance(found := entities.find(release, path, {"page": str(page)}), Resource):
            forms = [
                {q.triple for q in parse(found.write(one, "bg"), one.rdf_engine)} for one in (NT, TTL, JSONLD, RDF)
            ]
            assert all(form == forms[0] for form in forms)
            things = {one.object for one in forms[0] if one.predicate == HYDRA.member}
            shown = found.write(HTML, "bg").decode()
            assert all(f'href="/doc/{IRIS.id(one)}.html"' in shown for one in things if isinstance(one, NamedNode))
            listed |= {str(IRIS.id(one)) for one in things if isinstance(one, NamedNode)}
            page += 1
        assert page > 1
    assert listed == {path.removeprefix("/doc/") for path in entities.paths(release) if path.count("/") == 3}
    whole = entities.find(release, "/doc", {})
    assert isinstance(whole, Resource) and 'href="/doc/project.en.html"' in whole.write(HTML, "en").decode()
