"""The context means the same in English and Bulgarian, to two independent JSON-LD processors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pyld import jsonld
from pyoxigraph import RdfFormat, parse
from rdflib import OWL, RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef

BASE = "http://localhost:8000/id/"
MKG = "https://w3id.org/municipal-kg/ns#"
CODE = "https://w3id.org/municipal-kg/code/"
DCT = "http://purl.org/dc/terms/"
RDF_TYPE = str(RDF.type)

KIND_LISTS = {
    "Event": "event-kind",
    "EventSeries": "event-kind",
    "Organisation": "organisation-kind",
    "Municipality": "organisation-kind",
    "Council": "organisation-kind",
    "Consortium": "organisation-kind",
    "Department": "department-kind",
    "Document": "document-kind",
    "Report": "document-kind",
    "CouncilAgenda": "document-kind",
    "Facility": "facility-kind",
    "Place": "place-kind",
}
CODE_LISTS = {
    "role": "role",
    "toStatus": "status",
    "status": "status",
    "theme": "theme",
    "measures": "measure",
    "startPrecision": "precision",
    "endPrecision": "precision",
    "basis": "basis",
    "rule": "rule",
    "portfolio": "portfolio",
}
TEXTS = ["name", "altName", "title", "altTitle", "description", "acronym"]
DATES = ["startDate", "endDate", "opens", "closes", "submittedOn", "issued", "founded"]
REFERENCES = [
    "spatial",
    "isPartOf",
    "subject",
    "homepage",
    "exactMatch",
    "unitOf",
    "subOrganizationOf",
    "hasMember",
    "holds",
    "postIn",
    "organization",
    "originalOrganization",
    "resultingOrganization",
    "creator",
    "replaces",
    "source",
    "membership",
    "temporal",
    "at",
    "statusChange",
    "about",
    "fundedUnder",
    "fundedBy",
    "managedBy",
    "callOf",
    "call",
    "issuedBy",
    "budget",
    "granted",
    "ownContribution",
    "grant",
    "applicant",
    "appliesTo",
    "submittedTo",
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
    "evidence",
    "disclosure",
]
CODED = {
    "ekatte": ("63427", "EKATTE"),
    "lau": ("RSE27", "LAU"),
    "nuts": ("BG323", "NUTS"),
    "iso3166": ("BG", "ISO3166"),
    "eik": ("000530632", "EIK"),
    "cci": ("2014BG16RFOP001", "CCI"),
    "keepId": ("342", "KeepID"),
}
NUMBERS = {
    "count": ("26", XSD.integer),
    "value": ("1000.50", XSD.decimal),
    "valueInEUR": ("511.29", XSD.decimal),
    "startTime": ("17:00:00", XSD.time),
    "endTime": ("17:00:00", XSD.time),
}
PLAIN = ["date", "identifier", "contractNumber", "registerCode", "sha256", "ofValue", "email", "telephone", "reason"]

Triples = set[tuple[str, str, str]]
Reader = Callable[[dict[str, Any], dict[str, Any]], Triples]


def with_pyoxigraph(context: dict[str, Any], node: dict[str, Any]) -> Triples:
    text = json.dumps({"@context": context, **node})
    quads = parse(text, RdfFormat.JSON_LD, base_iri=BASE)
    return {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads}


def with_pyld(context: dict[str, Any], node: dict[str, Any]) -> Triples:
    lines = jsonld.to_rdf({"@context": context, **node}, {"base": BASE, "format": "application/n-quads"})
    quads = parse(lines, RdfFormat.N_QUADS)
    return {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads}


@pytest.fixture(params=[with_pyoxigraph, with_pyld], ids=["pyoxigraph", "pyld"])
def read(request: pytest.FixtureRequest) -> Reader:
    reader: Reader = request.param
    return reader


def iri(text: str) -> str:
    return f"<{text}>"


def is_prefix(definition: object) -> bool:
    return isinstance(definition, str) and definition.startswith("http")


def expand(context: dict[str, Any], definition: object) -> str:
    if isinstance(definition, dict):
        definition = definition.get("@id") or definition.get("@reverse")
    assert isinstance(definition, str)
    prefix, colon, local = definition.partition(":")
    return context[prefix] + local if colon and not local.startswith("//") else definition


def fields_and_classes(context: dict[str, Any]) -> dict[str, Any]:
    return {
        name: definition
        for name, definition in context.items()
        if not name.startswith("@") and not is_prefix(definition) and definition not in ("@id", "@type")
    }


def only(context: dict[str, Any], keep: Callable[[str], bool]) -> dict[str, Any]:
    """The context in one language: English terms are ASCII, Bulgarian ones are not, prefixes serve both."""
    return {
        name: {**definition, "@context": only(definition["@context"], keep)}
        if isinstance(definition, dict) and "@context" in definition
        else definition
        for name, definition in context.items()
        if name.startswith("@") or is_prefix(definition) or keep(name)
    }


def aliases(context: dict[str, Any]) -> dict[str, str]:
    """Bulgarian name per English name: the one with the same definition."""

    def key(definition: object) -> str:
        return json.dumps(definition, sort_keys=True)

    english = {key(definition): name for name, definition in context.items() if name.isascii()}
    return {english[key(definition)]: name for name, definition in context.items() if not name.isascii()}


def expected_label(ontology: Graph, context: dict[str, Any], name: str) -> str:
    definition = context[name]
    term = URIRef(expand(context, definition))
    if name == "portfolio":  # stored as the inverse
        term = URIRef(MKG + "portfolio")
    elif isinstance(definition, dict) and str(definition.get("@type")).startswith("mkg:"):
        term = URIRef(expand(context, definition["@type"]))  # a code is named after its register
    found = [
        str(label)
        for label in ontology.objects(term, RDFS.label)
        if isinstance(label, Literal) and label.language == "bg"
    ]
    assert len(found) == 1, term
    return found[0]


def test_context_needs_nothing_from_elsewhere(context: dict[str, Any]) -> None:
    text = json.dumps(context)
    assert context["@version"] == 1.1
    assert "@base" not in text
    assert "@import" not in text
    assert "@vocab" not in context, "an unknown field must not get a meaning by accident"


def test_every_term_has_both_names(context: dict[str, Any]) -> None:
    terms = fields_and_classes(context)
    english = {name for name in terms if name.isascii()}
    assert english == set(aliases(terms))
    assert len(terms) == 2 * len(english)
    assert aliases({"id": "@id", "ид": context["ид"], "type": "@type", "тип": context["тип"]}) == {
        "id": "ид",
        "type": "тип",
    }


def test_alias_is_the_bulgarian_label(context: dict[str, Any], ontology: Graph) -> None:
    terms = fields_and_classes(context)
    for english, bulgarian in aliases(terms).items():
        assert bulgarian == expected_label(ontology, context, english), english


def test_names_are_unique_whatever_the_case(context: dict[str, Any]) -> None:
    terms = fields_and_classes(context)
    bulgarian = [name.casefold() for name in [*terms, "ид", "тип", "вид"] if not name.isascii()]
    assert len(bulgarian) == len(set(bulgarian))
    fields = [name.casefold() for name in terms if name.isascii() and not name[0].isupper()]
    assert len(fields) == len(set(fields))


def test_every_term_is_described(context: dict[str, Any], ontology: Graph) -> None:
    described = set(ontology.subjects(RDFS.label, None))
    for name, definition in fields_and_classes(context).items():
        assert URIRef(expand(context, definition)) in described, name
        if isinstance(definition, dict):
            for scoped in definition.get("@context", {}).values():
                if isinstance(scoped, dict):
                    assert URIRef(expand(context, scoped)) in described, name


def test_every_own_class_can_be_a_type(context: dict[str, Any], ontology: Graph) -> None:
    classes = {
        str(term)
        for term in ontology.subjects(RDFS.isDefinedBy, URIRef(MKG))
        if (term, RDF.type, OWL.Class) in ontology
    }
    typeable = {expand(context, definition) for definition in fields_and_classes(context).values()}
    assert classes <= typeable
    for name in (*KIND_LISTS, "ChangeEvent", "PeriodOfTime", "Membership"):
        assert name in context


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_by_language(context: dict[str, Any], read: Reader, name: str) -> None:
    for field in (name, aliases(fields_and_classes(context))[name]):
        found = read(context, {"id": "event/a", field: {"bg": ["едно", "две"], "en": "one"}})
        assert {value for _, _, value in found} == {'"едно"@bg', '"две"@bg', '"one"@en'}


@pytest.mark.parametrize("name", DATES)
def test_date_is_a_date(context: dict[str, Any], read: Reader, name: str) -> None:
    for field in (name, aliases(fields_and_classes(context))[name]):
        found = read(context, {"id": "event/a", field: "2023-06-27"})
        assert [value for _, _, value in found] == [f'"2023-06-27"^^{iri(str(XSD.date))}']


@pytest.mark.parametrize("name", REFERENCES)
def test_reference_is_an_iri(context: dict[str, Any], read: Reader, name: str) -> None:
    property_ = iri(expand(context, context[name]))
    for field in (name, aliases(fields_and_classes(context))[name]):
        found = read(context, {"id": "event/a", field: ["project/menergers"]})
        assert found == {(iri(BASE + "event/a"), property_, iri(BASE + "project/menergers"))}


@pytest.mark.parametrize("name", CODED)
def test_register_code_is_typed_by_its_register(context: dict[str, Any], read: Reader, name: str) -> None:
    code, register = CODED[name]
    property_ = MKG + "registerCode" if name in ("eik", "cci", "keepId") else str(SKOS.notation)
    for field in (name, aliases(fields_and_classes(context))[name]):
        found = read(context, {"id": "place/rse27", field: code})
        assert found == {(iri(BASE + "place/rse27"), iri(property_), f'"{code}"^^{iri(MKG + register)}')}


@pytest.mark.parametrize("name", NUMBERS)
def test_number_keeps_its_digits(context: dict[str, Any], read: Reader, name: str) -> None:
    digits, datatype = NUMBERS[name]
    for field in (name, aliases(fields_and_classes(context))[name]):
        found = read(context, {"id": "observation/a", field: digits})
        assert [value for _, _, value in found] == [f'"{digits}"^^{iri(str(datatype))}']


@pytest.mark.parametrize("name", PLAIN)
def test_plain_text_stays_text(context: dict[str, Any], read: Reader, name: str) -> None:
    for field in (name, aliases(fields_and_classes(context))[name]):
        found = read(context, {"id": "event/a", field: "26–30.06.2023"})
        assert [value for _, _, value in found] == ['"26–30.06.2023"']


def test_every_field_is_tried_here(context: dict[str, Any]) -> None:
    fields = {name for name in fields_and_classes(context) if name.isascii() and not name[0].isupper()}
    others = {"of", "currency", "attendanceMode"}
    assert fields == {*TEXTS, *DATES, *REFERENCES, *CODED, *NUMBERS, *PLAIN, *CODE_LISTS, *others}


def notations(graph: Graph) -> dict[str, str]:
    return {str(code): str(concept) for concept, code in graph.subject_objects(SKOS.notation)}


@pytest.mark.parametrize("name", KIND_LISTS)
def test_kind_is_read_from_the_list_of_the_class(
    context: dict[str, Any], codes: dict[str, Graph], read: Reader, name: str
) -> None:
    """Every code, because a code that is also the name of a field would be read as the field."""
    expected = notations(codes[KIND_LISTS[name]])
    alias = aliases(fields_and_classes(context))[name]
    for type_, kind in ((name, "kind"), (name, "вид"), (alias, "kind"), (alias, "вид")):
        found = read(context, {"id": "a/b", "type": type_, kind: list(expected)})
        assert (iri(BASE + "a/b"), iri(RDF_TYPE), iri(MKG + name)) in found
        values = {value for _, predicate, value in found if predicate == iri(MKG + "kind")}
        assert values == {iri(concept) for concept in expected.values()}


def test_single_value_is_not_a_list(context: dict[str, Any], ontology: Graph) -> None:
    single = {str(term) for term in ontology.subjects(URIRef(MKG + "singleValued"), Literal(True))}
    assert len(single) > 15
    for name, definition in fields_and_classes(context).items():
        if isinstance(definition, dict) and expand(context, definition) in single:
            assert "@set" not in definition.get("@container", []), name


def test_class_without_a_list_has_no_kind(context: dict[str, Any], read: Reader) -> None:
    assert "kind" not in context
    assert len(read(context, {"id": "person/a", "type": "Person", "kind": "mayor"})) == 1


@pytest.mark.parametrize("name", [*CODE_LISTS, "currency", "attendanceMode"])
def test_code_is_read_from_its_list(context: dict[str, Any], codes: dict[str, Graph], read: Reader, name: str) -> None:
    code_list = {"currency": "currency", "attendanceMode": "attendance-mode", **CODE_LISTS}[name]
    expected = notations(codes[code_list])
    for field in (name, aliases(fields_and_classes(context))[name]):
        found = read(context, {"id": "a/b", field: list(expected)})
        ends = {value if name != "portfolio" else subject for subject, _, value in found}
        assert ends == {iri(concept) for concept in expected.values()}


def test_code_may_be_an_absolute_iri(context: dict[str, Any], read: Reader) -> None:
    theme = CODE + "theme/energy-efficiency"
    found = read(context, {"id": "project/a", "theme": theme})
    assert found == {(iri(BASE + "project/a"), iri(MKG + "theme"), iri(theme))}


def test_portfolio_points_back_to_its_organisation(context: dict[str, Any], read: Reader) -> None:
    portfolio = iri(CODE + "portfolio/economy-international-cooperation")
    found = read(context, {"ид": "municipality/rse27", "ресор": "economy-international-cooperation"})
    assert found == {(portfolio, iri(MKG + "portfolioOf"), iri(BASE + "municipality/rse27"))}


def test_evidence_names_fields_in_either_language(context: dict[str, Any], read: Reader) -> None:
    """`kind` belongs to classes and `type` is a keyword; evidence can still be about them."""
    terms = aliases(fields_and_classes(context))
    english = ["type", "kind", "date", "title", "organiser", "attendanceMode", "portfolio", "lau"]
    bulgarian = [{**terms, "type": "тип", "kind": "вид"}[name] for name in english]
    expected = {
        RDF_TYPE,
        MKG + "kind",
        MKG + "dateAsStated",
        DCT + "title",
        MKG + "organiser",
        "http://schema.org/eventAttendanceMode",
        MKG + "portfolioOf",
        str(SKOS.notation),
    }
    for evidence, of, fields in (("evidence", "of", english), ("доказателства", "за поле", bulgarian)):
        found = read(context, {"id": "event/a", "type": "Event", evidence: {"id": "event/a/evidence/1", of: fields}})
        values = {value for _, predicate, value in found if predicate == iri(MKG + "ofProperty")}
        assert values == {iri(property_) for property_ in expected}


ENGLISH_ENTRY: dict[str, Any] = {
    "id": "project/menergers",
    "type": "Project",
    "title": {"bg": "„Енергиен мениджър“ в общините", "en": "Energy Managers"},
    "acronym": {"en": ["MENERGERS"]},
    "fundedUnder": ["programme/euki"],
    "pilot": ["municipality/rse27"],
    "startDate": "2022-11-01",
    "startPrecision": "month",
    "budget": {"id": "project/menergers#budget", "type": "Amount", "value": "469794.74", "currency": "EUR"},
    "participation": [
        {
            "id": "project/menergers/participation/ndef-lead",
            "type": "Participation",
            "agent": "organisation/ndef",
            "role": "lead",
            "share": {"id": "project/menergers/participation/ndef-lead#share", "type": "Amount", "value": "1.00"},
        }
    ],
    "statusChange": [
        {"id": "project/menergers/status/running", "type": "StatusChange", "toStatus": "running", "date": "2022-11"}
    ],
    "evidence": [
        {
            "id": "project/menergers/evidence/1",
            "type": "Evidence",
            "of": ["fundedUnder", "pilot"],
            "at": ["../graph/report-2023-w26#char=573,621"],
            "basis": "explicit",
        }
    ],
}
BULGARIAN_ENTRY: dict[str, Any] = {
    "ид": "event/2023-06-27-innoair-webinar",
    "тип": "Събитие",
    "вид": "webinar",
    "заглавие": {"bg": "Уебинар"},
    "дата": "27.06.2023",
    "начална дата": "2023-06-27",
    "организатор": ["organisation/namrb"],
    "начин на провеждане": "OnlineEventAttendanceMode",
}


def in_order(value: Any) -> Any:
    """The value with every list sorted: what a compacted document says, whatever the order."""
    if isinstance(value, dict):
        return {key: in_order(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((in_order(item) for item in value), key=json.dumps)
    return value


@pytest.mark.parametrize(
    ("entry", "keep"),
    [(ENGLISH_ENTRY, str.isascii), (BULGARIAN_ENTRY, lambda name: not name.isascii())],
    ids=["en", "bg"],
)
def test_entry_comes_back_as_it_was_written(
    context: dict[str, Any], entry: dict[str, Any], keep: Callable[[str], bool]
) -> None:
    """From fields to RDF with one processor and back to fields, framed, with the other."""
    quads = parse(json.dumps({"@context": context, **entry}), RdfFormat.JSON_LD, base_iri=BASE)
    lines = "".join(f"{quad.subject} {quad.predicate} {quad.object} .\n" for quad in quads)
    written = jsonld.from_rdf(lines, {"format": "application/n-quads"})
    identifier = BASE + (entry.get("id") or entry["ид"])
    frame = {"@context": only(context, keep), "@id": identifier}
    framed = jsonld.frame(written, frame, {"base": BASE})
    framed.pop("@context")
    back = in_order(framed)
    expected = in_order(entry)
    if keep is str.isascii:  # the framed document shortens the address of the source against the base
        assert back["evidence"][0].pop("at")[0].endswith("graph/report-2023-w26#char=573,621")
        expected["evidence"][0].pop("at")
    assert back == expected


def test_both_languages_mean_the_same(context: dict[str, Any], read: Reader) -> None:
    terms = aliases(fields_and_classes(context)) | {"id": "ид", "type": "тип", "kind": "вид"}

    def translate(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                terms.get(key, key): terms[item] if key == "type" else translate(item) for key, item in value.items()
            }
        return [translate(item) for item in value] if isinstance(value, list) else value

    assert read(context, translate(ENGLISH_ENTRY)) == read(context, ENGLISH_ENTRY)
