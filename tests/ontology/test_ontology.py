"""Every name that others rely on is there, in two languages, with the alignments it is known for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import parse
from rdflib import DCTERMS, OWL, PROV, RDF, RDFS, SKOS, BNode, Graph, Literal, URIRef

MKG = "https://w3id.org/municipal-kg/ns#"
PREFIXES = {
    "mkg": MKG,
    "adms": "http://www.w3.org/ns/adms#",
    "cv": "http://data.europa.eu/m8g/",
    "dct": "http://purl.org/dc/terms/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "eurio": "http://data.europa.eu/s66#",
    "fabio": "http://purl.org/spar/fabio/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "frapo": "http://purl.org/cerif/frapo/",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "prov": str(PROV),
    "qb": "http://purl.org/linked-data/cube#",
    "schema": "http://schema.org/",
    "skos": str(SKOS),
}
DOMAIN = URIRef("http://schema.org/domainIncludes")
RANGE = URIRef("http://schema.org/rangeIncludes")
NESTED = URIRef(MKG + "nestedAs")

# class: superclasses | close matches
CLASSES = {
    "Organisation": "org:Organization | schema:Organization eurio:Organisation",
    "Municipality": "mkg:Organisation org:FormalOrganization cv:PublicOrganisation | schema:GovernmentOrganization",
    "Department": "mkg:Organisation org:OrganizationalUnit |",
    "Council": "mkg:Organisation |",
    "Consortium": "mkg:Organisation org:OrganizationalCollaboration | schema:Consortium",
    "Group": "foaf:Group |",
    "Person": "foaf:Person |",
    "Post": "org:Post |",
    "Place": "dct:Location | schema:Place",
    "Facility": "mkg:Place | schema:CivicStructure",
    "FundingProgramme": "frapo:FundingProgramme | eurio:FundingScheme schema:FundingScheme",
    "Call": "prov:Entity | fabio:CallForApplications",
    "Proposal": "prov:Entity | fabio:GrantApplication",
    "Grant": "frapo:Grant | eurio:Grant schema:MonetaryGrant",
    "Project": "foaf:Project | eurio:Project schema:Project",
    "Participation": "cv:Participation | eurio:OrganisationRole",
    "StatusChange": "prov:Activity |",
    "Amount": "schema:MonetaryAmount | eurio:MonetaryAmount",
    "Event": "schema:Event prov:Activity | cv:PublicEvent",
    "EventSeries": "schema:EventSeries |",
    "Solution": "prov:Entity | eurio:Result frapo:Output",
    "Document": "foaf:Document prov:Entity |",
    "Report": "mkg:Document | schema:Report",
    "CouncilAgenda": "mkg:Document | eli:LegalResource",
    "Observation": "prov:Entity | qb:Observation",
    "Evidence": "oa:Annotation |",
    "Disclosure": "|",
}
PROPERTIES = [
    "kind",
    "acronym",
    "status",
    "statusChange",
    "toStatus",
    "theme",
    "about",
    "fundedUnder",
    "fundedBy",
    "managedBy",
    "callOf",
    "call",
    "issuedBy",
    "opens",
    "closes",
    "budget",
    "granted",
    "ownContribution",
    "value",
    "currency",
    "valueInEUR",
    "grant",
    "applicant",
    "appliesTo",
    "submittedTo",
    "submittedOn",
    "proposes",
    "concerns",
    "involves",
    "partner",
    "pilot",
    "beneficiary",
    "contractor",
    "lead",
    "participation",
    "agent",
    "role",
    "share",
    "withinProject",
    "series",
    "organiser",
    "initiator",
    "participant",
    "heldAt",
    "presented",
    "proposedBy",
    "won",
    "surveyed",
    "consideredAt",
    "produced",
    "operatedBy",
    "jurisdiction",
    "portfolioOf",
    "portfolio",
    "measures",
    "count",
    "startPrecision",
    "endPrecision",
    "startTime",
    "endTime",
    "dateAsStated",
    "contractNumber",
    "registerCode",
    "evidence",
    "ofProperty",
    "ofValue",
    "basis",
    "rule",
    "sha256",
    "owner",
    "rank",
    "licenceNotStated",
    "file",
    "amendedBy",
    "withdrawnOn",
    "withdrawalReason",
    "retrieved",
    "preference",
    "iriKind",
    "singleValued",
    "shortcut",
    "nestedAs",
    "identifies",
    "disclosure",
    "reason",
    "decidedOn",
    "publicContact",
    "namedBy",
    "abbreviatedBy",
    "identifiedBy",
    "placedBy",
    "toldApartBy",
    "liesWithin",
]
SUBPROPERTIES = {
    "mkg:kind": "dct:type",
    "mkg:acronym": "skos:altLabel",
    "mkg:status": "adms:status",
    "mkg:theme": "dct:subject",
    "mkg:fundedBy": "frapo:isFundedBy",
    "mkg:opens": "schema:startDate",
    "mkg:closes": "schema:endDate",
    "mkg:partner": "mkg:involves",
    "mkg:pilot": "mkg:involves",
    "mkg:beneficiary": "mkg:involves",
    "mkg:contractor": "mkg:involves",
    "mkg:lead": "mkg:partner",
    "mkg:organiser": "schema:organizer",
    "mkg:participant": "schema:attendee",
}
NESTED_AS = {
    "mkg:budget": "#budget",
    "mkg:granted": "#granted",
    "mkg:ownContribution": "#own-contribution",
    "mkg:share": "#share",
    "mkg:statusChange": "status/{toStatus}-{date}",
    "mkg:participation": "participation/{agent}-{role}",
    "org:hasMembership": "membership/{organization}-{startDate}",
    "dct:temporal": "#period",
    "mkg:evidence": "evidence/{hash}",
    "mkg:disclosure": "disclosure/{hash}",
}
REUSED = [
    "skos:prefLabel",
    "skos:altLabel",
    "skos:exactMatch",
    "skos:notation",
    "dct:title",
    "dct:alternative",
    "dct:description",
    "dct:identifier",
    "dct:subject",
    "dct:spatial",
    "dct:temporal",
    "dct:isPartOf",
    "dct:source",
    "dct:creator",
    "dct:replaces",
    "dct:issued",
    "foaf:homepage",
    "org:unitOf",
    "org:subOrganizationOf",
    "org:hasMember",
    "org:hasMembership",
    "org:organization",
    "org:holds",
    "org:postIn",
    "org:originalOrganization",
    "org:resultingOrganization",
    "schema:startDate",
    "schema:endDate",
    "schema:foundingDate",
    "schema:eventAttendanceMode",
    "schema:email",
    "schema:telephone",
    "oa:hasTarget",
]
KINDS = {
    "FundingProgramme": "programme",
    "EventSeries": "series",
    "CouncilAgenda": "agenda",
}  # the others are their names in lower case
DATATYPES = ["EKATTE", "LAU", "NUTS", "ISO3166", "EIK", "CCI", "KeepID"]


def full(name: str) -> URIRef:
    prefix, _, local = name.partition(":")
    return URIRef(PREFIXES[prefix] + local)


def names(text: str) -> set[URIRef]:
    return {full(name) for name in text.split()}


def languages(graph: Graph, subject: URIRef, predicate: URIRef) -> Counter[str | None]:
    return Counter(
        text.language
        for text in graph.objects(subject, predicate)
        if isinstance(text, Literal) and text.strip() == str(text) != ""
    )


def of_type(graph: Graph, kind: URIRef) -> set[URIRef]:
    return {term for term in graph.subjects(RDF.type, kind) if isinstance(term, URIRef)}


def ours(graph: Graph) -> set[URIRef]:
    return {term for term in graph.subjects() if isinstance(term, URIRef) and term.startswith(MKG)} - {URIRef(MKG)}


def test_header_says_what_this_is_and_under_which_terms(ontology: Graph) -> None:
    header = URIRef(MKG)
    assert (header, RDF.type, OWL.Ontology) in ontology
    assert languages(ontology, header, DCTERMS.title) == {"bg": 1, "en": 1}
    version = str(ontology.value(header, OWL.versionInfo))
    assert str(ontology.value(header, OWL.versionIRI)) == f"https://w3id.org/municipal-kg/ns/{version}"
    assert ontology.value(header, DCTERMS.license) == URIRef("https://creativecommons.org/licenses/by/4.0/")


@pytest.mark.parametrize("name", CLASSES)
def test_class_has_its_alignments(ontology: Graph, name: str) -> None:
    above, close = CLASSES[name].split("|")
    term = URIRef(MKG + name)
    assert (term, RDF.type, OWL.Class) in ontology
    assert set(ontology.objects(term, RDFS.subClassOf)) == names(above)
    assert set(ontology.objects(term, SKOS.closeMatch)) == names(close)


def test_properties_are_the_agreed_ones(ontology: Graph) -> None:
    kinds = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDF.Property)
    declared = set().union(*(of_type(ontology, kind) for kind in kinds)) & ours(ontology)
    assert declared == {URIRef(MKG + name) for name in PROPERTIES}


def test_nothing_of_ours_goes_unlisted(ontology: Graph) -> None:
    assert ours(ontology) == {URIRef(MKG + name) for name in [*CLASSES, *PROPERTIES, *DATATYPES]}


def test_subproperties_are_the_agreed_ones(ontology: Graph) -> None:
    found = set(ontology.subject_objects(RDFS.subPropertyOf))
    assert found == {(full(below), full(above)) for below, above in SUBPROPERTIES.items()}


def test_nested_things_know_their_addresses(ontology: Graph) -> None:
    found = {subject: str(pattern) for subject, pattern in ontology.subject_objects(NESTED)}
    assert found == {full(name): pattern for name, pattern in NESTED_AS.items()}
    for term in found:
        assert len(set(ontology.objects(term, RANGE))) == 1, f"{term}: the type of the nested thing is not clear"


def test_classes_know_the_word_in_their_addresses(ontology: Graph) -> None:
    found = {str(term).removeprefix(MKG): str(kind) for term, kind in ontology.subject_objects(URIRef(MKG + "iriKind"))}
    nested_only = {"StatusChange", "Amount", "Evidence", "Disclosure"}
    assert found == {name: KINDS.get(name, name.lower()) for name in CLASSES if name not in nested_only}


def test_own_terms_are_described_in_both_languages(ontology: Graph) -> None:
    both = {"bg": 1, "en": 1}
    for term in ours(ontology):
        assert languages(ontology, term, RDFS.label) == both, term
        assert languages(ontology, term, SKOS.definition) == both, term
        assert ontology.value(term, RDFS.isDefinedBy) == URIRef(MKG), term


def test_reused_fields_are_described_but_not_claimed(ontology: Graph) -> None:
    classes = ["org:Membership", "org:ChangeEvent", "dct:PeriodOfTime"]
    for term in map(full, [*REUSED, *classes]):
        assert languages(ontology, term, RDFS.label) == {"bg": 1, "en": 1}, term
        if term != SKOS.notation:  # its fields are the datatypes of codes
            assert languages(ontology, term, SKOS.definition) == {"bg": 1, "en": 1}, term
        assert (term, RDFS.isDefinedBy, None) not in ontology, term


def test_terms_above_ours_have_names(ontology: Graph) -> None:
    above = {*ontology.objects(None, RDFS.subClassOf), *ontology.objects(None, RDFS.subPropertyOf)}
    for term in above:
        assert isinstance(term, URIRef)
        assert languages(ontology, term, RDFS.label) == {"bg": 1, "en": 1}, term


def test_bulgarian_labels_are_unique(ontology: Graph) -> None:
    labels = Counter(
        label.casefold()
        for label in ontology.objects(None, RDFS.label)
        if isinstance(label, Literal) and label.language == "bg"
    )
    assert [label for label, number in labels.items() if number > 1] == []


def test_bulgarian_is_written_in_cyrillic(ontology: Graph) -> None:
    for subject, predicate, text in ontology:
        if isinstance(text, Literal) and text.language == "bg":
            assert any("а" <= letter <= "я" for letter in text.casefold()), (subject, predicate, text)
            assert '"' not in text, f"{subject}: Bulgarian quotation marks are „…“"


def test_there_are_no_blank_nodes(ontology: Graph) -> None:
    assert not [triple for triple in ontology if any(isinstance(node, BNode) for node in triple)]


def test_nothing_retypes_data(ontology: Graph) -> None:
    assert (None, RDFS.domain, None) not in ontology
    assert (None, RDFS.range, None) not in ontology
    allowed = {RDFS.subClassOf, RDFS.subPropertyOf, RDFS.label, RDFS.isDefinedBy}
    axioms = {term for term in ontology.predicates() if str(term).startswith((str(RDFS), str(OWL)))}
    assert axioms == allowed | {OWL.inverseOf, OWL.versionIRI, OWL.versionInfo}


def test_every_object_property_says_what_it_may_point_to(ontology: Graph) -> None:
    for term in of_type(ontology, OWL.ObjectProperty):
        assert (term, RANGE, None) in ontology, term


def test_hints_name_described_terms(ontology: Graph) -> None:
    for hint in (DOMAIN, RANGE):
        for subject, target in ontology.subject_objects(hint):
            assert isinstance(target, URIRef)
            if target.startswith(MKG):
                assert target in ours(ontology), f"{subject} points to {target}, which is not declared"


def test_inverse_is_of_a_declared_property(ontology: Graph) -> None:
    assert set(ontology.subject_objects(OWL.inverseOf)) == {(full("mkg:portfolio"), full("mkg:portfolioOf"))}


VOCABULARIES = Path(__file__).parents[3] / "shared" / "data" / "ontologies"


@pytest.mark.skipif(not VOCABULARIES.is_dir(), reason="copies of the vocabularies are not beside this repository")
def test_reused_terms_exist_in_their_vocabularies(ontology: Graph) -> None:
    published = {
        str(quad.subject).strip("<>")
        for path in [*VOCABULARIES.glob("*.nq"), *VOCABULARIES.glob("*.ttl")]
        for quad in parse(path=path)
        if quad.predicate.value == str(RDF.type)
    }
    kept = tuple(PREFIXES[prefix] for prefix in ("org", "prov", "skos", "foaf", "dct", "frapo", "cv"))
    used = {
        str(node) for triple in ontology for node in triple if isinstance(node, URIRef) and str(node).startswith(kept)
    }
    assert len(used) > 50
    assert sorted(used - published) == []
