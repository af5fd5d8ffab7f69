"""What the context says of a field, whatever it is called, and what the ontology adds."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from kg.context import Codes, Context, Hints
from kg.namespaces import CODE, MKG, RDF, RDFS, SCHEMA, XSD
from kg.pipeline import Domain


@pytest.fixture
def context(domain: Domain) -> Context:
    return domain.context


@pytest.fixture
def codes(domain: Domain) -> Codes:
    return domain.codes


def test_every_alias_is_the_field_of_its_english_name(context: Context) -> None:
    assert len(context.aliases) > 100
    for english, alias in context.aliases.items():
        assert english in (context.field(alias), context.class_name(alias))
        for written in (alias.upper(), f"  {alias} ", alias.replace(" ", "\xa0 ")):
            assert context.field(written) == context.field(alias)
            assert context.class_name(written) == context.class_name(alias)


def test_a_name_is_known_by_its_folded_spellings(context: Context) -> None:
    assert context.spellings["fundedUnder"] == ("fundedunder", "финансиран по")
    assert context.spellings["FundingProgramme"] == ("fundingprogramme", "програма")
    assert {*context.names, *context.classes, "id", "type"} == context.spellings.keys()


@pytest.mark.parametrize(
    ("written", "field"),
    [("title", "title"), ("TITLE", "title"), ("заглавие", "title"), ("вид", "kind"), ("ид", "id"), ("тип", "type")],
)
def test_a_field_is_known_in_both_languages(written: str, field: str, context: Context) -> None:
    assert context.field(written) == field


@pytest.mark.parametrize("written", ["titel", "mkg", "schema", "@id", "Event", ""])
def test_what_is_no_field_is_none(written: str, context: Context) -> None:
    assert context.field(written) is None
    assert context.field(written) is None  # also when asked again


def test_a_field_may_mean_another_list_in_another_class(context: Context) -> None:
    kinds = {name: context.term("kind", name) for name in ("Event", "Document", "Project")}
    assert kinds["Event"] and kinds["Event"].vocabulary == f"{CODE}event-kind/"
    assert kinds["Document"] and kinds["Document"].vocabulary == f"{CODE}document-kind/"
    assert kinds["Project"] is None


def test_a_term_says_how_its_values_are_read(context: Context) -> None:
    title, organiser, count, issued, portfolio = (
        context.terms[name] for name in ("title", "organiser", "count", "issued", "portfolio")
    )
    assert (title.language, title.multiple, title.reference) == (True, False, False)
    assert (organiser.reference, organiser.multiple) == (True, True)
    assert (count.coercion, issued.date, portfolio.reverse) == (XSD.integer.value, True, True)


def test_near_names_are_suggested_in_the_language_they_are_asked_in(context: Context) -> None:
    assert context.like("titel")[0] == "title"
    assert context.like("организтор")[0] == "организатор"
    assert context.like("Съботие", classes=True) == ("Събитие",)
    assert context.like("qqqq") == ()


def test_the_part_for_some_fields_leaves_the_others_out(context: Context) -> None:
    part = context.part({"Event", "kind", "title", "bg"})["@context"]
    assert {"Event", "title", "mkg", "@version"} <= part.keys()
    assert not {"Project", "заглавие", "organiser"} & part.keys()
    assert part["Event"] == {"@id": "mkg:Event", "@context": {"kind": {"@id": "mkg:kind", "@type": "@vocab"}}}
    assert part["title"] == context.document["@context"]["title"]


def test_compact_names_are_expanded_and_addresses_left(context: Context) -> None:
    assert context.expand("mkg:Event") == MKG.Event.value
    assert context.expand("https://example.org/") == "https://example.org/"
    assert context.expand("nothing:x") == "nothing:x"


def test_hints_follow_hierarchies_without_inference() -> None:
    a, b, c = (NamedNode(f"x:{name}") for name in "abc")
    hints = Hints(
        [
            Triple(a, RDFS.subClassOf, b),
            Triple(b, RDFS.subClassOf, c),
            Triple(c, RDFS.subClassOf, a),
            Triple(a, RDF.type, RDFS.Class),
            Triple(a, RDFS.subPropertyOf, SCHEMA.startDate),
            Triple(b, RDFS.subPropertyOf, a),
            Triple(a, SCHEMA.rangeIncludes, c),
            Triple(a, MKG.nestedAs, Literal("#x")),
            Triple(a, MKG.iriKind, Literal("event")),
            Triple(a, MKG.singleValued, Literal("true")),
            Triple(a, RDFS.label, Literal("а", language="bg")),
        ]
    )
    for _ in range(2):  # the second answer comes from memory
        assert hints.superclasses("x:b") == {"x:a", "x:b", "x:c"}
        assert (hints.starts("x:b"), hints.ends("x:b"), hints.starts("x:c")) == (True, False, False)
    assert (hints.is_class("x:a"), hints.is_class("x:b")) == (True, False)
    assert (hints.range("x:a"), hints.range("x:b")) == (frozenset({"x:c"}), frozenset())
    assert (hints.nested("x:a"), hints.nested("x:b")) == ("#x", None)
    assert (hints.kind("x:a"), hints.kind("x:b")) == ("event", None)
    assert hints.single_valued == {a}
    assert hints.properties == {"x:a"}


@pytest.mark.parametrize("text", ["training", "TRAINING", "обучение", "Обучение", f"{CODE}event-kind/training"])
def test_a_code_is_found_by_code_label_or_address(text: str, codes: Codes) -> None:
    assert codes.find(f"{CODE}event-kind/", text) == f"{CODE}event-kind/training"


@pytest.mark.parametrize("text", ["", "trainning", f"{CODE}status/running", "running"])
def test_a_code_of_another_list_is_not_found(text: str, codes: Codes) -> None:
    assert codes.find(f"{CODE}event-kind/", text) is None


def test_codes_that_look_alike_are_suggested_else_the_first_of_the_list(codes: Codes) -> None:
    assert codes.like(f"{CODE}event-kind/", "trainning", "en")[0] == "training"
    assert codes.like(f"{CODE}event-kind/", "обучние", "bg")[0] == "обучение"
    every = codes.like(f"{CODE}status/", "щщщ", "bg")
    assert len(every) == 10 and list(every) == sorted(every)


def test_a_list_tells_its_codes_their_definitions_and_every_word_for_them(codes: Codes) -> None:
    status = f"{CODE}status/"
    assert f"{status}running" in codes.all(status)
    assert {"running", "в изпълнение", "изпълнява се"} <= {*codes.words(status)}
    assert codes.definition(f"{status}planned", "bg") == "Предвиден, но още неподаден или незапочнал."
    assert codes.definition(f"{status}planned", "de") is None
    assert (codes.all("x"), codes.words("x")) == ((), ())
