"""What the gate finds, completed with what belongs there: from shapes, context, code lists and known names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from tests.conftest import BASE
from tests.malformed.books import workbook
from tests.memory import Memory

from kg import pipeline
from kg.advice import Advice
from kg.finding import Finding
from kg.form.wanted import Reader
from kg.iris import Iris
from kg.load import load
from kg.namespaces import MKG
from kg.origins import Written
from kg.shacl import Indexed

IRIS = Iris(BASE)
KNOWN = """
- {id: organisation/ndef, type: Organisation, name: Национален доверителен екофонд, acronym: НДЕФ, kind: fund}
- {id: organisation/nsorb, type: Organisation, name: Сдружение, acronym: НСОРБ, kind: fund}
- {id: programme/climate, type: FundingProgramme, title: Инвестиционна програма за климата}
"""
Complete = Callable[..., dict[str, Finding]]


@pytest.fixture
def complete(domain: pipeline.Domain, tmp_path: Path) -> Complete:
    """What the gate finds in these files, completed; by the local name of the shape."""

    def run(**files: str | bytes) -> dict[str, Finding]:
        paths = []
        for name, content in {"known__yaml": KNOWN, **files}.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            paths.append(path)
        read = load(paths, iris=IRIS, context=domain.context, codes=domain.codes)
        memory = Memory()
        touched, _ = pipeline.apply(memory, read, domain)
        written = Written(read, domain.context, IRIS, memory)
        report = domain.gate.check(memory, [batch.graph for batch in read.batches], touched, written)
        found = domain.advice(read, IRIS, written).complete(report.findings)
        return {(finding.shape or "").rpartition("#")[2]: finding for finding in found}

    return run


PROJECT = "- ид: project/p\n  тип: Проект\n  заглавие: П\n"


def test_a_reference_to_nothing_is_told_with_the_id_that_was_meant(complete: Complete) -> None:
    found = complete(p__yaml=PROJECT + "  финансиран от: organisation/nsorbb\n")["Link-fundedBy"]
    assert found.suggestion == "organisation/nsorb"
    assert found.expected is not None
    assert "„Организация“" in found.expected["bg"]
    assert found.field == "финансиран от"


def test_a_reference_to_the_wrong_kind_of_thing_is_not_guessed(complete: Complete) -> None:
    found = complete(p__yaml=PROJECT + "  финансиран от: programme/climate\n")["Link-fundedBy"]
    assert found.suggestion is None
    assert found.expected is not None


def test_one_item_of_a_cell_is_mended_and_the_others_stay(complete: Complete) -> None:
    rows = [
        ["ид", "тип", "заглавие.bg", "партньор"],
        ["project/p", "Проект", "П", "organisation/ndef; organisation/nsorbb"],
    ]
    found = complete(p__xlsx=workbook(rows))["Link-partner"]
    assert found.suggestion == "organisation/ndef; organisation/nsorb"
    assert found.at is not None
    assert (found.at.sheet, found.at.cell) == ("Лист1", "D2")


def test_what_is_missing_is_pointed_at_in_its_empty_cell(complete: Complete) -> None:
    rows = [
        ["ид", "тип", "заглавие.bg", "бюджет.стойност", "бюджет.валута"],
        ["project/p", "Проект", "", "5", ""],
    ]
    found = complete(p__xlsx=workbook(rows))
    title, currency = found["ProjectReference-title-stated"], found["AmountDescription-currency-stated"]
    assert [(one.at and one.at.cell, one.field) for one in (title, currency)] == [
        ("C2", "заглавие.bg"),
        ("E2", "бюджет.валута"),
    ]
    assert currency.expected is not None
    assert "евро" in currency.expected["bg"]
    assert "euro" in currency.expected["en"]
    assert title.suggestion is None and currency.suggestion is None


def test_what_is_missing_and_nowhere_asked_for_is_called_by_its_bulgarian_name(complete: Complete) -> None:
    text = "- ид: project/p\n  тип: Проект\n"
    assert complete(p__yaml=text)["ProjectReference-title-stated"].field == "заглавие"


@pytest.mark.parametrize(
    ("field", "written", "shape", "right"),
    [
        ("ЕКАТТЕ", '"63 427"', "Notation-EKATTE", "63427"),
        ("ЕКАТТЕ", '"6342"', "Notation-EKATTE", None),
        ("NUTS", "бг323", "Notation-NUTS", None),
        ("NUTS", "ВG323", "Notation-NUTS", "BG323"),  # with a Cyrillic В
        ("NUTS", "bg323", "Notation-NUTS", "BG323"),
    ],
)
def test_a_code_in_another_form_is_put_into_its_form(
    complete: Complete, field: str, written: str, shape: str, right: str | None
) -> None:
    name = {"NUTS": "nuts"}.get(field, field)
    found = complete(p__yaml=f"- ид: place/p\n  тип: Място\n  наименование: П\n  {name}: {written}\n")[shape]
    assert found.suggestion == right
    assert found.expected is not None
    assert "Код" in found.expected["bg"] or "код" in found.expected["bg"]


def test_a_number_below_its_limit_is_told_the_limit_and_no_other_number(complete: Complete) -> None:
    found = complete(p__yaml=PROJECT + "  бюджет: {стойност: -5, валута: лв.}\n")["AmountDescription-value-number"]
    assert found.expected is not None
    assert "не по-малко от 0" in found.expected["bg"]
    assert "not less than 0" in found.expected["en"]
    assert found.suggestion is None


def test_what_is_worked_out_is_to_be_left_empty(complete: Complete) -> None:
    found = complete(p__yaml=PROJECT + "  статус: в изпълнение\n")["EntityDescription-status-derived"]
    assert found.suggestion == ""
    assert found.expected is not None
    assert "празно" in found.expected["bg"]


def test_dates_in_the_wrong_order_are_told_of_the_other_field(complete: Complete) -> None:
    found = complete(p__yaml=PROJECT + "  начална дата: 2023-05-01\n  крайна дата: 2022-05-01\n")
    order = found["EntityDescription-dates-in-order"]
    assert order.expected is not None
    assert "„крайна дата“" in order.expected["bg"]
    assert order.suggestion is None


def test_every_violation_of_a_product_shape_about_a_field_says_what_is_expected(complete: Complete) -> None:
    bad = (
        PROJECT + "  финансиран от: organisation/x\n  партньор: organisation/y\n  бюджет: {стойност: -5}\n"
        "  начална дата: 2023-05-01\n  крайна дата: 2022-05-01\n"
        "- {ид: organisation/z, тип: Организация, ЕИК: '12', вид: фонд}\n"
        "- {ид: event/e, тип: Събитие}\n"
    )
    found = [one for one in complete(p__yaml=bad).values() if one.path and one.component != "Disagreement"]
    assert len(found) >= 8
    assert [one.shape for one in found if not one.expected] == []


SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix s: <urn:s:> .
@prefix mkg: <https://w3id.org/municipal-kg/ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
s:in sh:path mkg:acronym ; sh:in ( "пролет" "есен" ) .
s:range sh:path mkg:count ; sh:datatype xsd:integer ; sh:minExclusive 3 ; sh:maxInclusive 7 .
s:length sh:path mkg:acronym ; sh:minLength 2 ; sh:maxLength 4 .
s:or sh:path mkg:acronym ; sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:integer ] ) .
s:node sh:path mkg:acronym ; sh:node s:inner . s:inner sh:class mkg:Project .
s:described sh:path mkg:acronym ; sh:pattern "^x" ; sh:description "нещо с х"@bg , "something with x"@en .
s:pattern sh:path mkg:acronym ; sh:pattern "^[(" .
s:language sh:path mkg:acronym ; sh:languageIn ( "bg" "en" ) ; sh:uniqueLang true .
"""


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ("in", ["пролет, есен"]),
        ("range", ["цяло число", "повече от 3", "не повече от 7"]),
        ("length", ["най-малко 2 знака", "най-много 4 знака"]),
        ("or", ["дата", " или ", "цяло число"]),
        ("node", ["„Проект“"]),
        ("described", ["нещо с х"]),
        ("language", ["bg или en", "по един текст"]),
    ],
)
def test_constraints_are_told_in_words(domain: pipeline.Domain, shape: str, words: list[str]) -> None:
    graph = Indexed(quad.triple for quad in parse(SHAPES, RdfFormat.TURTLE))
    wanted = Reader(graph, domain.context, domain.codes).wanted(f"urn:s:{shape}")
    assert wanted is not None and wanted.told is not None
    assert [word for word in words if word not in wanted.told["bg"]] == []
    assert not any("а" <= letter <= "я" for letter in wanted.told["en"].replace("пролет", "").replace("есен", ""))


def test_a_pattern_without_words_and_a_shape_that_is_none_stay_unknown(domain: pipeline.Domain) -> None:
    reader = Reader(Indexed(quad.triple for quad in parse(SHAPES, RdfFormat.TURTLE)), domain.context, domain.codes)
    pattern = reader.wanted("urn:s:pattern")
    assert pattern is not None and pattern.told is None
    assert reader.wanted("urn:s:nothing") is None
    assert reader.wanted("no address") is None


def test_findings_of_others_are_left_alone(domain: pipeline.Domain, tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text(KNOWN, encoding="utf-8")
    read = load([tmp_path / "known.yaml"], iris=IRIS, context=domain.context, codes=domain.codes)

    def never() -> Indexed:
        raise AssertionError("no shape is needed")

    advice = Advice(
        never, domain.context, domain.codes, read.names, IRIS, Written(read, domain.context, IRIS, Memory())
    )
    given = [Finding({"bg": "а", "en": "b"}, component="Disagreement"), Finding({"bg": "а", "en": "b"})]
    assert [*advice.complete(given)] == given


def test_a_value_that_another_list_has_is_not_taken_for_one_of_this(complete: Complete) -> None:
    turtle = (
        f"<{BASE}/id/project/q> a <{MKG.Project.value}> ; <http://purl.org/dc/terms/title> 'К'@bg ;"
        f" <{MKG.theme.value}> <https://w3id.org/municipal-kg/code/role/partner> ."
    )
    found = complete(q__ttl=turtle)["Code-theme"]
    assert found.suggestion is None
    assert found.expected is not None
    assert found.value == NamedNode("https://w3id.org/municipal-kg/code/role/partner")
    assert not isinstance(found.value, Literal)


def test_what_is_expected_is_told_of_the_cell_and_names_fields_as_they_are_written_there(complete: Complete) -> None:
    head = ["ид", "тип", "начална дата", "крайна дата", "промени на статуса.нов статус", "номер в keep.eu"]
    rows = [head, ["project/p", "Проект", "15.03.2024", "14.03.2024", "", "x12"]]
    found = complete(p__xlsx=workbook(rows))
    assert found["EntityDescription-dates-in-order"].expected == {
        "bg": "дата не по-късно от „крайна дата“",
        "en": "a date not later than “крайна дата”",
    }
    status = found["ProjectReference-status-stated"].expected
    assert status is not None and "в изпълнение" in status["bg"]
    number = found["RegisterCode-KeepID"].expected
    assert number is not None and number["bg"].startswith("номер на проекта") and "само цифри" in number["bg"]
    title = found["ProjectReference-title-stated"].expected
    assert title is not None and title["bg"] == "текст на български, на английски или на двата"


def test_a_list_is_in_the_order_of_the_alphabet_of_its_language(complete: Complete) -> None:
    told = complete(p__yaml=PROJECT + "  бюджет: {стойност: 5}\n")["AmountDescription-currency-stated"]
    assert "български лев или евро" in told.messages["bg"]
    assert told.expected is not None
    for text in told.expected.values():
        names = text.partition(": ")[2].split(", ")
        assert len(names) > 5 and names == sorted(names, key=str.casefold)
