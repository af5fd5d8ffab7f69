"""Every alignment of ONTOLOGY.md is observable: who asks with the other vocabulary's term finds our things."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, QueryBoolean, Store, Triple
from tests.conftest import BASE
from tests.memory import Memory

from kg import pipeline
from kg.derive import derive
from kg.iris import Iris
from kg.namespaces import MKG, PREFIXES, RDF

PROLOGUE = "".join(
    f"PREFIX {name}: <{iri}>\n"
    for name, iri in {
        **PREFIXES,
        "eli": "http://data.europa.eu/eli/ontology#",
        "eurio": "http://data.europa.eu/s66#",
        "fabio": "http://purl.org/spar/fabio/",
        "qb": "http://purl.org/linked-data/cube#",
    }.items()
)

# class | subclass of | close match, as in ONTOLOGY.md
CLASSES = """
    mkg:Organisation | org:Organization | schema:Organization eurio:Organisation
    mkg:Municipality | mkg:Organisation org:FormalOrganization cv:PublicOrganisation | schema:GovernmentOrganization
    mkg:Department | mkg:Organisation org:OrganizationalUnit |
    mkg:Council | mkg:Organisation |
    mkg:Consortium | mkg:Organisation org:OrganizationalCollaboration | schema:Consortium
    mkg:Group | foaf:Group |
    mkg:Person | foaf:Person |
    mkg:Post | org:Post |
    mkg:Place | dct:Location | schema:Place
    mkg:Facility | mkg:Place | schema:CivicStructure
    mkg:FundingProgramme | frapo:FundingProgramme | eurio:FundingScheme schema:FundingScheme
    mkg:Call | prov:Entity | fabio:CallForApplications
    mkg:Proposal | prov:Entity | fabio:GrantApplication
    mkg:Grant | frapo:Grant | eurio:Grant schema:MonetaryGrant
    mkg:Project | foaf:Project | eurio:Project schema:Project
    mkg:Participation | cv:Participation | eurio:OrganisationRole
    mkg:StatusChange | prov:Activity |
    mkg:Amount | schema:MonetaryAmount | eurio:MonetaryAmount
    mkg:Event | schema:Event prov:Activity | cv:PublicEvent
    mkg:EventSeries | schema:EventSeries |
    mkg:Solution | prov:Entity | eurio:Result frapo:Output
    mkg:Document | foaf:Document prov:Entity |
    mkg:Report | mkg:Document | schema:Report
    mkg:CouncilAgenda | mkg:Document | eli:LegalResource
    mkg:Observation | prov:Entity | qb:Observation
    mkg:Evidence | oa:Annotation |
"""
PROPERTIES = """
    mkg:kind dct:type                  mkg:acronym skos:altLabel        mkg:status adms:status
    mkg:theme dct:subject              mkg:fundedBy frapo:isFundedBy    mkg:organiser schema:organizer
    mkg:participant schema:attendee    mkg:lead mkg:partner             mkg:partner mkg:involves
    mkg:pilot mkg:involves             mkg:beneficiary mkg:involves     mkg:contractor mkg:involves
    mkg:opens schema:startDate         mkg:closes schema:endDate
"""


def classes() -> list[tuple[str, list[str], list[str]]]:
    rows = [row.split("|") for row in CLASSES.strip().splitlines()]
    return [(name.strip(), above.split(), close.split()) for name, above, close in rows]


SUBCLASSES = [(name, wider) for name, above, _ in classes() for wider in above]
CLOSE = [(name, match) for name, _, matches in classes() for match in matches]
WORDS = PROPERTIES.split()
SUBPROPERTIES = list(zip(WORDS[::2], WORDS[1::2], strict=True))
# What the bundled data has no instance of, so that it is seen in planted data only.
NOT_BUNDLED_CLASSES = {"mkg:Grant"}
NOT_BUNDLED_PROPERTIES = {"mkg:contractor"}


def ask(store: Store, pattern: str) -> bool:
    answer = store.query(f"{PROLOGUE}ASK {{ {pattern} }}")
    assert isinstance(answer, QueryBoolean)
    return bool(answer)


@pytest.fixture(scope="module")
def planted(domain: pipeline.Domain) -> Store:
    """One thing of each class and one statement of each property, as a source would make them, and what follows."""
    iris, memory = Iris(BASE), Memory()
    for graph, triples in domain.system.items():
        memory.replace(graph, triples)
    said = [
        Triple(iris.entity(f"document/{name[4:].lower()}"), RDF.type, MKG.term(name[4:])) for name, _, _ in classes()
    ]
    said += [
        Triple(iris.entity("project/one"), MKG.term(name[4:]), iris.entity("organisation/two"))
        for name, _ in SUBPROPERTIES
    ]
    assert len(said) == 26 + 14
    memory.replace(iris.graph("planted"), said)
    derive(memory, None, domain.rules, iris, None)
    return memory.store


def test_the_tables_are_whole() -> None:
    assert (len(classes()), len(SUBCLASSES), len(CLOSE), len(SUBPROPERTIES)) == (26, 32, 22, 14)


def test_the_tables_are_those_of_the_contract(shared: Path) -> None:
    text = (shared / "ONTOLOGY.md").read_text(encoding="utf-8")
    table = {line.split("|")[1].strip(): line.split("|") for line in text.splitlines() if line.startswith("| mkg:")}
    term = re.compile(r"\b[a-z]+:[A-Z]\w+")
    ours = {name: (set(above), set(close)) for name, above, close in classes()}
    for names, row in table.items():
        parts = names.split(", ")
        above = row[2].split(";" if ";" in row[2] else ", ") if len(parts) > 1 else [row[2]]
        for name, part in zip(parts, above, strict=True):
            assert ours[name][0] == set(term.findall(part)), name
        assert set().union(*(ours[name][1] for name in parts)) == set(term.findall(row[3])), names
    assert {name for names in table for name in names.split(", ")} == ours.keys()
    listed = text.partition("## Properties")[2].partition("## Kinds")[0]
    for name, wider in re.findall(r"(mkg:\w+) \(⊑ ?([\w:]+)", listed):
        assert (name, wider) in SUBPROPERTIES


@pytest.mark.parametrize(("narrow", "wide"), SUBCLASSES, ids="-".join)
def test_a_thing_is_found_by_the_class_above(narrow: str, wide: str, planted: Store, bundled: Store) -> None:
    store = planted if narrow in NOT_BUNDLED_CLASSES else bundled
    everything, some = f"?thing a {narrow}", f"?thing a {narrow} FILTER NOT EXISTS {{ ?thing a {wide} }}"
    assert ask(store, everything)
    assert not ask(store, some)
    assert ask(planted, f"{everything} ; a {wide}")


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("mkg:Municipality", "org:Organization"),
        ("mkg:Facility", "dct:Location"),
        ("mkg:CouncilAgenda", "foaf:Document"),
        ("mkg:Report", "prov:Entity"),
    ],
)
def test_a_thing_is_found_by_the_classes_further_up(narrow: str, wide: str, bundled: Store) -> None:
    assert ask(bundled, f"?thing a {narrow} , {wide}")
    assert not ask(bundled, f"?thing a {narrow} FILTER NOT EXISTS {{ ?thing a {wide} }}")


@pytest.mark.parametrize(("ours", "theirs"), CLOSE, ids="-".join)
def test_a_thing_is_found_by_the_class_that_nearly_matches(
    ours: str, theirs: str, planted: Store, bundled: Store
) -> None:
    store = planted if ours in NOT_BUNDLED_CLASSES else bundled
    assert ask(store, f"?class skos:closeMatch {theirs} . ?thing a ?class , {ours}")


@pytest.mark.parametrize(("narrow", "wide"), SUBPROPERTIES, ids="-".join)
def test_a_statement_is_found_by_the_property_above(narrow: str, wide: str, planted: Store, bundled: Store) -> None:
    store = planted if narrow in NOT_BUNDLED_PROPERTIES else bundled
    assert ask(store, f"?thing {narrow} ?value")
    assert not ask(store, f"?thing {narrow} ?value FILTER NOT EXISTS {{ ?thing {wide} ?value }}")
    assert ask(planted, f"?thing {narrow} ?value ; {wide} ?value")


def test_a_leader_is_found_among_the_involved(planted: Store, bundled: Store) -> None:
    for store in (planted, bundled):
        assert ask(store, "?project mkg:lead ?organisation ; mkg:involves ?organisation")


def test_what_the_bundled_data_lacks_is_known(bundled: Store) -> None:
    lacking = {name for name, _, _ in classes() if not ask(bundled, f"?thing a {name}")}
    assert lacking == NOT_BUNDLED_CLASSES
    assert {name for name, _ in SUBPROPERTIES if not ask(bundled, f"?a {name} ?b")} == NOT_BUNDLED_PROPERTIES


def test_derived_classes_stand_in_a_graph_of_their_own(bundled: Store) -> None:
    graph = Iris(BASE).derived("superclass")
    said = {quad.object for quad in bundled.quads_for_pattern(None, RDF.type, None, graph)}
    assert NamedNode("http://www.w3.org/ns/org#Organization") in said
    assert MKG.Project not in said
