"""Every code has names in two languages, one scheme, and no name that could mean another code."""

from __future__ import annotations

from collections import defaultdict

import pytest
from rdflib import RDF, SKOS, BNode, Graph, Literal, URIRef

CODE = "https://w3id.org/municipal-kg/code/"
SCHEMA = "http://schema.org/"
CURRENCY = "http://publications.europa.eu/resource/authority/currency"
THEME = "http://publications.europa.eu/resource/authority/data-theme/"

# The codes that others rely on; a list may hold more.
AGREED = {
    "event-kind": "training webinar forum meeting conference press-conference visit study-visit council-session"
    " exhibition public-discussion signing opening info-day competition hackathon celebration workshop campaign"
    " inspection submission",
    "organisation-kind": "municipality council ministry government university chamber association fund company school"
    " kindergarten agency ngo museum institute consortium alliance eu-body",
    "department-kind": "directorate unit",
    "document-kind": "report council-agenda investment-profile survey",
    "facility-kind": "kindergarten digitisation-centre",
    "place-kind": "country region province municipality settlement",
    "role": "lead partner pilot beneficiary contractor associated-partner coordinator funder mayor deputy-mayor"
    " director chair executive-director",
    "status": "planned submitted approved rejected withdrawn signed running suspended completed",
    "theme": "energy-efficiency sustainable-urban-development urban-mobility cultural-heritage digitisation"
    " cross-border-cooperation municipal-property investment local-economic-development education air-quality climate"
    " innovation infrastructure employment social-inclusion agriculture environment transport health tourism",
    "portfolio": "economy-international-cooperation",
    "measure": "pilot-municipalities universities specialists agenda-items participants members hackathon-ideas",
    "precision": "time day week month quarter year",
    "basis": "explicit inferred external",
    "rule": "applicant-is-report-publisher department-of-report-publisher week-of-report webinar-is-online"
    " manager-issued-call funder-of-programme theme-from-purpose product-of-project series-named-after-project"
    " members-self-described portfolio-of-publisher year-from-report-period page-chrome",
    "currency": "EUR BGN",
    "attendance-mode": "OnlineEventAttendanceMode OfflineEventAttendanceMode MixedEventAttendanceMode",
}
SCHEMES = {name: CODE + name for name in AGREED} | {"currency": CURRENCY}
PLACES = {name: f"{CODE}{name}/" for name in AGREED} | {"currency": CURRENCY + "/", "attendance-mode": SCHEMA}

# Matches to other lists, each checked against a published copy of the list.
SCHEMA_TYPES = [
    "BusinessEvent",
    "CollegeOrUniversity",
    "ConferenceEvent",
    "Consortium",
    "EducationEvent",
    "ExhibitionEvent",
    "Festival",
    "GovernmentOrganization",
    "Hackathon",
    "Museum",
    "NGO",
    "Preschool",
    "Report",
    "School",
    "SocialEvent",
]
DATA_THEMES = ["AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "REGI", "SOCI", "TECH", "TRAN"]
CHECKED = {SCHEMA + name for name in SCHEMA_TYPES} | {THEME + name for name in DATA_THEMES}
EVENT_MATCHES = {
    "training": {"EducationEvent"},
    "webinar": {"EducationEvent"},
    "forum": {"ConferenceEvent"},
    "meeting": {"BusinessEvent"},
    "celebration": {"SocialEvent", "Festival"},
    "hackathon": {"Hackathon"},
}


def languages(graph: Graph, subject: URIRef, predicate: URIRef) -> list[str]:
    texts = [text for text in graph.objects(subject, predicate) if isinstance(text, Literal) and text.strip()]
    return sorted(text.language or "" for text in texts)


def concepts(graph: Graph) -> list[URIRef]:
    return sorted(node for node in graph.subjects(RDF.type, SKOS.Concept) if isinstance(node, URIRef))


def test_there_is_a_file_for_every_list(codes: dict[str, Graph]) -> None:
    assert set(codes) == set(AGREED)


@pytest.mark.parametrize("name", AGREED)
def test_list_holds_the_agreed_codes(codes: dict[str, Graph], name: str) -> None:
    found = {str(concept) for concept in concepts(codes[name])}
    assert found >= {PLACES[name] + code for code in AGREED[name].split()}


@pytest.mark.parametrize("name", AGREED)
def test_list_says_what_it_is(codes: dict[str, Graph], name: str) -> None:
    graph = codes[name]
    assert list(graph.subjects(RDF.type, SKOS.ConceptScheme)) == [URIRef(SCHEMES[name])]
    for predicate in (SKOS.prefLabel, SKOS.definition):
        assert languages(graph, URIRef(SCHEMES[name]), predicate) == ["bg", "en"]


@pytest.mark.parametrize("name", AGREED)
def test_every_code_is_described(codes: dict[str, Graph], name: str) -> None:
    graph, scheme = codes[name], URIRef(SCHEMES[name])
    for concept in concepts(graph):
        assert languages(graph, concept, SKOS.prefLabel) == ["bg", "en"], concept
        assert languages(graph, concept, SKOS.definition) == ["bg", "en"], concept
        assert list(graph.objects(concept, SKOS.inScheme)) == [scheme], concept
        notations = list(graph.objects(concept, SKOS.notation))
        assert notations == [Literal(concept.removeprefix(PLACES[name]))], concept


@pytest.mark.parametrize("name", AGREED)
def test_every_code_has_one_place_in_the_hierarchy(codes: dict[str, Graph], name: str) -> None:
    graph, scheme = codes[name], URIRef(SCHEMES[name])
    for concept in concepts(graph):
        top = (concept, SKOS.topConceptOf, scheme) in graph
        broader = list(graph.objects(concept, SKOS.broader))
        assert top != bool(broader), f"{concept} is either at the top or below another code"
        assert set(broader) <= set(concepts(graph)), concept
        above = {node for code in broader for node in graph.transitive_objects(code, SKOS.broader)}
        assert concept not in above, f"{concept} is below itself"


@pytest.mark.parametrize("name", AGREED)
def test_a_wording_means_one_code(codes: dict[str, Graph], name: str) -> None:
    meanings: dict[str, set[str]] = defaultdict(set)
    for predicate in (SKOS.notation, SKOS.prefLabel, SKOS.altLabel):
        for concept in concepts(codes[name]):
            for wording in codes[name].objects(concept, predicate):
                meanings[str(wording).casefold()].add(concept)
    assert {wording: found for wording, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize("name", AGREED)
def test_other_name_is_not_the_name_again(codes: dict[str, Graph], name: str) -> None:
    for concept in concepts(codes[name]):
        again = set(codes[name].objects(concept, SKOS.prefLabel)) & set(codes[name].objects(concept, SKOS.altLabel))
        assert again == set(), concept


@pytest.mark.parametrize("name", AGREED)
def test_there_are_no_blank_nodes(codes: dict[str, Graph], name: str) -> None:
    assert not [triple for triple in codes[name] if any(isinstance(node, BNode) for node in triple)]


@pytest.mark.parametrize("name", AGREED)
def test_only_checked_matches_are_made(codes: dict[str, Graph], name: str) -> None:
    matches = {
        str(match)
        for predicate in (SKOS.closeMatch, SKOS.broadMatch, SKOS.exactMatch, SKOS.relatedMatch)
        for match in codes[name].objects(None, predicate)
    }
    assert matches <= CHECKED


def test_event_kinds_match_schema_org(codes: dict[str, Graph]) -> None:
    for code, types in EVENT_MATCHES.items():
        found = set(codes["event-kind"].objects(URIRef(f"{CODE}event-kind/{code}"), SKOS.closeMatch))
        assert found == {URIRef(SCHEMA + name) for name in types}, code


def test_roles_with_a_short_property_name_it(codes: dict[str, Graph]) -> None:
    shortcut = URIRef("https://w3id.org/municipal-kg/ns#shortcut")
    found = {
        str(role).removeprefix(PLACES["role"]): str(property_).rpartition("#")[2]
        for role, property_ in codes["role"].subject_objects(shortcut)
    }
    assert found == {name: name for name in ("lead", "partner", "pilot", "beneficiary", "contractor")}


def test_energy_efficiency_is_found_under_the_european_theme(codes: dict[str, Graph]) -> None:
    assert (URIRef(CODE + "theme/energy-efficiency"), SKOS.broadMatch, URIRef(THEME + "ENER")) in codes["theme"]


@pytest.mark.parametrize(
    ("name", "wording", "code"),
    [
        ("currency", "лв.", "BGN"),
        ("currency", "лева", "BGN"),
        ("currency", "€", "EUR"),
        ("attendance-mode", "онлайн", "OnlineEventAttendanceMode"),
        ("status", "В изпълнение", "running"),
        ("status", "Прекратен", "terminated"),
        ("measure", "предложения за сесия", "agenda-items"),
        ("event-kind", "обучение", "training"),
    ],
)
def test_wording_of_the_sources_is_known(codes: dict[str, Graph], name: str, wording: str, code: str) -> None:
    found = {
        concept
        for predicate in (SKOS.prefLabel, SKOS.altLabel)
        for concept, label in codes[name].subject_objects(predicate)
        if str(label).casefold() == wording.casefold()
    }
    assert found == {URIRef(PLACES[name] + code)}
