"""The ontology, the code lists, the rules and the context at their addresses."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, parse

from kg import resources
from kg.formats import HTML, JSONLD, NT, RDF, TTL
from kg.namespaces import CODE, MKG, PROJECT, SKOS
from kg.namespaces import RDF as RDF_TERMS
from kg.publish.resource import FORMS, Moved, Resource
from kg.publish.vocabulary.diagram import Neighbour, draw
from kg.publish.vocabulary.shelf import Vocabularies
from kg.publish.vocabulary.terms import Vocabulary
from kg.store.port import Release

SHELF = Vocabularies(resources.ONTOLOGY)
LISTS = sorted(path.stem for path in (resources.ONTOLOGY / "codes").glob("*.ttl"))


def found(release: Release, path: str) -> Resource:
    resource = SHELF.find(release, path, {})
    assert isinstance(resource, Resource)
    return resource


def shape(quads: list[Quad]) -> set[Quad]:
    """The same for graphs that differ in the names of blank nodes only."""
    whole = Dataset(quads)
    whole.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(whole)


def test_everything_is_the_same_in_every_form(release: Release) -> None:
    paths = [*SHELF.paths(release)]
    assert {*paths} == {"/ns", "/code", *(f"/code/{name}" for name in LISTS), "/shapes", "/context"}
    for path in paths[:-1]:
        resource = found(release, path)
        assert resource.offered == FORMS
        forms = [shape([*parse(resource.write(format, "bg"), format.rdf_engine)]) for format in (TTL, JSONLD, RDF, NT)]
        assert forms[0] and all(form == forms[0] for form in forms)
        assert resource.write(TTL, "bg") == Vocabularies(resources.ONTOLOGY).find(release, path, {}).write(TTL, "en")  # type: ignore[union-attr]


def test_what_stands_there_is_what_the_files_say(release: Release) -> None:
    for path, file in (("/ns", "municipal.ttl"), ("/code/role", "codes/role.ttl")):
        told = {q.triple for q in parse(found(release, path).write(NT, "bg"), RdfFormat.N_TRIPLES)}
        assert told == {q.triple for q in parse((resources.ONTOLOGY / file).read_bytes(), RdfFormat.TURTLE)}
    context = json.loads(found(release, "/context").write(JSONLD, "bg"))
    assert context == json.loads((resources.ONTOLOGY / "context.jsonld").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["bg", "en"])
def test_each_term_has_a_place_in_the_page_to_which_its_address_leads(release: Release, language: str) -> None:
    page = found(release, "/ns").write(HTML, language).decode()
    places = re.findall(r' id="([^"]+)"', page)
    assert len(places) == len(set(places))
    vocabulary = Vocabulary.of(release)
    own = [term for term in (*vocabulary.classes, *vocabulary.properties) if term.own]
    assert len(own) > 100
    assert {term.iri.value.removeprefix(MKG) for term in own} <= set(places)
    assert all(term.labels[language] in page for term in own)
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= set(places)


@pytest.mark.parametrize("name", LISTS)
def test_each_code_has_a_place_in_the_page_of_its_list(release: Release, name: str) -> None:
    page = found(release, f"/code/{name}").write(HTML, "bg").decode()
    graph = NamedNode(f"{CODE}{name}")
    codes = [quad.subject for quad in release.quads(None, RDF_TERMS.type, SKOS.Concept, graph)]
    names = {code.value.rpartition("/")[2] for code in codes if isinstance(code, NamedNode)}
    assert len(names) == len(codes) > 0 and all(f'id="{one}"' in page for one in names)
    own = [one for one in names if NamedNode(f"{graph.value}/{one}") in codes]
    assert own or name in {"attendance-mode", "currency"}  # codes of others
    for one in own:
        moved = SHELF.find(release, f"/code/{name}/{one}", {})
        assert isinstance(moved, Moved) and moved.path == f"/code/{name}"


def test_the_rules_are_told_in_their_own_words(release: Release) -> None:
    page = found(release, "/shapes").write(HTML, "bg").decode()
    assert "Посочете стойността на сумата." in page
    assert "Give the value of the amount." in found(release, "/shapes").write(HTML, "en").decode()


@pytest.mark.parametrize("path", ["/ns/x", "/code/nothing", "/code/role/nobody", "/code/../ns", "/code/role/a b", "/n"])
def test_where_there_is_nothing(release: Release, path: str) -> None:
    assert SHELF.find(release, path, {}) is None
    assert f"{PROJECT}ns" in release.manifest.graphs


def test_a_diagram_is_sound_and_says_what_it_shows() -> None:
    many = [Neighbour(f"<клас {number}>", ("a & b",), "#x") for number in range(20)]
    drawing = ElementTree.fromstring(str(draw("Проект", many, many[:2], "Проект <1>")))
    assert drawing.find("title") is not None and drawing.findtext("title") == "Проект <1>"
    boxes = drawing.findall(".//rect")
    assert 10 < len(boxes) < 20
    assert str(draw("Сам", [], [], "Сам")) == ""
