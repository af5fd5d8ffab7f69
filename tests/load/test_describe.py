"""The same facts give the same triples, whatever the language of the fields and the kind of the file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from pyoxigraph import Literal, NamedNode
from tests.load.conftest import BASE, Loading, refused, said, triples
from tests.malformed.books import workbook

from kg.entry import Entry, Locator
from kg.finding import Severity
from kg.load.minting import propose_id
from kg.namespaces import CODE, MKG, XSD
from kg.pipeline import Domain

ENGLISH = """\
- id: event/a
  type: Event
  kind: training
  title: {bg: Обучение, en: Training}
  date: 26–30.06.2023
  organiser: organisation/ndef
  theme: [energy-efficiency]
  budget: {value: "469 794,74", currency: BGN}
  participation: [{agent: organisation/b, role: partner, share: {value: 5, currency: EUR}}]
  evidence: [{of: [title, kind], at: 194-216}, {of: date, at: ред 3, basis: inferred, rule: webinar-is-online}]
"""
BULGARIAN = """\
- ид: event/a
  тип: Събитие
  ВИД: обучение
  заглавие: {bg: Обучение, en: Training}
  Дата: 26–30.06.2023
  организатор: „НДЕФ“
  тема: [енергийна ефективност]
  бюджет: {стойност: "469794.74", валута: BGN}
  участия: [{лице или организация: organisation/b, роля: партньор, дял: {стойност: "5", валута: EUR}}]
  доказателства:
    - {за поле: [заглавие, вид], място в източника: 194–216}
    - {за поле: дата, място в източника: ред 3, основание: изведено, правило: webinar-is-online}
"""


def test_bulgarian_fields_give_the_same_triples_as_english_ones(loading: Loading) -> None:
    english = triples(loading({"a.yaml": ENGLISH}))
    assert triples(loading({"a.yaml": BULGARIAN})) == english
    assert len(english) > 30


def test_yaml_csv_and_xlsx_say_the_same_apart_from_where(loading: Loading) -> None:
    table = [
        ["id", "type", "kind", "title.bg", "title.en", "date", "organiser", "theme", "budget.value", "budget.currency"],
        [
            "event/a",
            "Event",
            "training",
            "Обучение",
            "Training",
            "26–30.06.2023",
            "НДЕФ",
            "energy-efficiency; innovation",
        ],
        ["event/b", "Event", "training", "Второ", "", "28.06.2023", "organisation/b", "", "5", "EUR"],
    ]
    table[1] += ["469794.74", "BGN"]
    yaml = """\
- {id: event/a, type: Event, kind: training, title: {bg: Обучение, en: Training}, date: 26–30.06.2023,
   organiser: [organisation/ndef], theme: [energy-efficiency, innovation], budget: {value: 469794.74, currency: BGN}}
- {id: event/b, type: Event, kind: training, title: Второ, date: 28.06.2023,
   organiser: organisation/b, budget: {value: 5, currency: EUR}}
"""
    expected = said(loading({"a.yaml": yaml}))
    for delimiter in ";,\t":
        held = io.StringIO()
        csv.writer(held, delimiter=delimiter).writerows(table)
        assert said(loading({"a.csv": held.getvalue()})) == expected
    assert said(loading({"a.csv": held.getvalue().encode("cp1251")})) == expected
    book = [[float(cell) if cell in ("469794.74", "5") else cell for cell in row] for row in table]
    assert said(loading({"a.xlsx": workbook(book)})) == expected
    assert ("event/a", "theme", f"{CODE}theme/innovation") in expected


def test_nested_things_are_named_by_what_they_say(loading: Loading) -> None:
    facts = said(loading({"a.yaml": ENGLISH}))
    named = {value for subject, _, value in facts if value.startswith(subject) and value != subject}
    assert named == {
        "event/a#budget",
        "event/a/participation/b-partner",
        "event/a/participation/b-partner#share",
    }


def test_what_is_named_by_a_fragment_below_such_a_thing_is_kept(loading: Loading) -> None:
    facts = said(loading({"a.yaml": "- {id: event/a, type: Event, temporal: {startDate: 2020, budget: {value: 5}}}"}))
    assert ("event/a#period", "budget", "event/a#period/budget") in facts
    assert ("event/a#period/budget", "value", "5") in facts


def test_two_nested_things_of_one_name_stay_two(loading: Loading) -> None:
    text = """\
- id: event/a
  type: Event
  participation:
    - {agent: organisation/b, role: partner, startDate: 2020}
    - {agent: organisation/b, role: partner, startDate: 2022}
    - {agent: organisation/b, role: lead}
"""
    facts = said(loading({"a.yaml": text}))
    names = sorted(value for subject, name, value in facts if (subject, name) == ("event/a", "participation"))
    assert len(names) == 3 and names[0] == "event/a/participation/b-lead"
    assert all(name.startswith("event/a/participation/b-partner-") for name in names[1:])
    turned = text.replace("2020", "x").replace("2022", "2020").replace("x", "2022")
    assert said(loading({"a.yaml": turned})) == facts


def test_a_date_is_kept_and_spread_into_an_interval(loading: Loading) -> None:
    text = "- {id: event/a, type: Event, date: 06.2023}\n- {id: event/b, type: Event, date: 28.06.2023 17:00}"
    facts = said(loading({"a.yaml": text}))
    assert {(name, value) for subject, name, value in facts if subject == "event/a" and name != "type"} == {
        ("dateAsStated", "06.2023"),
        ("startDate", "2023-06-01"),
        ("endDate", "2023-06-30"),
        ("startPrecision", f"{CODE}precision/month"),
        ("endPrecision", f"{CODE}precision/month"),
    }
    assert {(name, value) for subject, name, value in facts if subject == "event/b" and name != "type"} == {
        ("dateAsStated", "28.06.2023 17:00"),
        ("startDate", "2023-06-28"),
        ("endDate", "2023-06-28"),
        ("startTime", "17:00:00"),
    }


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("startDate", "06.2023", {("startDate", "2023-06-01"), ("startPrecision", f"{CODE}precision/month")}),
        ("endDate", "06.2023", {("endDate", "2023-06-30"), ("endPrecision", f"{CODE}precision/month")}),
        ("opens", "2023-W26", {("opens", "2023-06-26"), ("startPrecision", f"{CODE}precision/week")}),
        ("closes", "2023-W26", {("closes", "2023-07-02"), ("endPrecision", f"{CODE}precision/week")}),
        ("issued", "28.06.2023", {("issued", "2023-06-28")}),
        ("issued", "06.2023", {("issued", "2023-06")}),
        ("issued", "2023 г.", {("issued", "2023")}),
    ],
)
def test_each_date_field_takes_its_part_of_the_date(
    field: str, text: str, expected: set[tuple[str, str]], loading: Loading
) -> None:
    facts = said(loading({"a.yaml": f"- {{id: call/a, type: Call, {field}: {text}}}"}))
    assert {(name, value) for _, name, value in facts if name != "type"} == expected


@pytest.mark.parametrize(
    ("class_name", "field", "text", "meant", "told"),
    [
        ("Project", "начална дата", "15.03.2024 - 20.03.2024", "15.03.2024", "а края – в „крайна дата“"),
        ("Project", "крайна дата", "15–20.03.2024", "20.03.2024", "а началото – в „начална дата“"),
        ("Call", "opens", "03.2024 – 06.2024", "03.2024", "а края – в „краен срок“"),
    ],
)
def test_a_span_does_not_lose_an_end_where_one_date_belongs(
    class_name: str, field: str, text: str, meant: str, told: str, loading: Loading
) -> None:
    id = f"{class_name.lower()}/a"
    findings = refused(lambda: loading({"a.yaml": f"- {{id: {id}, type: {class_name}, {field}: {text}}}"}))
    (finding,) = (one for one in findings if one.refuses)
    assert (finding.suggestion, finding.component) == (meant, "SpanForOneDate")
    assert told in finding.messages["bg"]


def test_the_period_of_a_file_gives_the_year(loading: Loading) -> None:
    text = "period: 26.06–02.07.2023\nentries: [{id: event/a, type: Event, date: 28 юни}]"
    assert ("event/a", "startDate", "2023-06-28") in said(loading({"a.yaml": text}))


@pytest.mark.parametrize("name", ["НДЕФ", "ндеф", "Национален доверителен екофонд", "176789478", "organisation/ndef"])
def test_a_reference_may_be_a_name_an_acronym_or_a_register_code(name: str, loading: Loading) -> None:
    loaded = loading({"a.yaml": f"- {{id: event/a, type: Event, organiser: {name}}}"})
    assert ("event/a", "organiser", "organisation/ndef") in said(loaded)
    notes = [note for note in loaded.notes if note.severity is Severity.INFO]
    assert len(notes) == (0 if name == "organisation/ndef" else 1)
    assert all("organisation/ndef" in note.messages["bg"] for note in notes)


def test_a_reference_may_name_an_entry_of_the_same_load(loading: Loading) -> None:
    files: dict[str, str | bytes] = {
        "a.yaml": "- {id: event/a, type: Event, organiser: Сдружение Нула}",
        "b.yaml": "- {id: organisation/zero, type: Organisation, name: „Сдружение нула“}",
    }
    assert ("event/a", "organiser", "organisation/zero") in said(loading(files))


def test_an_ambiguous_name_is_refused_with_its_candidates_at_the_item(loading: Loading) -> None:
    text = "- id: event/a\n  type: Event\n  organiser:\n    - organisation/ndef\n    - Читалище Зора\n"
    (finding,) = refused(lambda: loading({"a.yaml": text}))
    assert finding.at == Locator("a.yaml", line=5)
    assert "organisation/zora-ruse, organisation/zora-sofia" in finding.messages["bg"]


def test_a_wrong_value_in_a_list_points_at_its_own_line(loading: Loading) -> None:
    text = """\
- id: event/a
  type: Event
  theme:
    - energy-efficiency
    - banana
  altTitle:
    bg:
      - Добро
      - Oбучение с латинско О
"""
    findings = refused(lambda: loading({"a.yaml": text}))
    assert [(finding.at and finding.at.line, finding.severity) for finding in findings] == [
        (5, Severity.VIOLATION),
        (9, Severity.WARNING),
    ]


def test_every_entry_is_a_subject_and_an_id_that_is_none_never_vanishes(loading: Loading) -> None:
    good = "".join(f"- {{id: event/e{n}, type: Event}}\n" for n in range(30))
    loaded = loading({"a.yaml": good})
    (batch,) = loaded.batches
    subjects = {triple.subject for triple in batch.triples if "/evidence/" not in str(triple.subject)}
    assert len(subjects) == len(batch.entries) == 30
    for id in ("event/a b", "event/a:b", "urn:x", "x:event/a", "event/a#b", "event/a?b", "event/а"):
        findings = refused(lambda id=id: loading({"a.yaml": f"{good}- {{id: '{id}', type: Event}}\n"}))  # type: ignore[misc]
        assert [finding.at and finding.at.line for finding in findings] == [31]


def test_an_entry_without_evidence_has_one_with_its_place(loading: Loading) -> None:
    for files, target in (
        ({"b.yaml": "\n- {id: event/a, type: Event}"}, "b.yaml#line=1,2"),
        ({"b.csv": 'id,type,title.bg\nevent/b,Event,"1\n2"\nevent/a,Event,x\n'}, "b.csv#row=3"),
        ({"b.xlsx": workbook([("id", "type"), ("event/a", "Event")], "Л")}, "b.xlsx#sheet=%D0%9B&row=2"),
    ):
        found = triples(loading(files))
        (evidence,) = (
            t.object for t in found if t.subject == NamedNode(f"{BASE}/id/event/a") and t.predicate == MKG.evidence
        )
        about = {t.predicate.value.rpartition("/")[2]: t.object for t in found if t.subject == evidence}
        assert about["oa#hasTarget"] == NamedNode(f"{BASE}/graph/b/{target}")
        assert about["source"] == NamedNode(f"{BASE}/graph/b")


def test_evidence_says_which_fields_it_is_for_and_where_in_the_document(loading: Loading) -> None:
    text = """\
- id: event/a
  type: Event
  date: 2023
  organiser: [organisation/b, organisation/c]
  evidence:
    - {of: date, at: [1-2, 3-4]}
    - {of: organiser, ofValue: organisation/b, at: 5-6}
    - {of: type, at: 5-6, basis: external}
"""
    found = triples(loading({"a.yaml": text}))
    said_of = {
        (str(place.object).rpartition("#")[2].strip(">"), str(of.object).strip("<>"))
        for place in found
        for of in found
        if place.predicate.value.endswith("hasTarget") and of.subject == place.subject
        if of.predicate in (MKG.ofProperty, MKG.ofValue)
    }
    dates = ("http://schema.org/startDate", "http://schema.org/endDate")
    assert said_of == {
        *((place, property) for place in ("char=1,2", "char=3,4") for property in dates),
        ("char=5,6", MKG.organiser.value),
        ("char=5,6", f"{BASE}/id/organisation/b"),
        ("char=5,6", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
    }
    targets = {str(triple.object) for triple in found if triple.predicate.value.endswith("hasTarget")}
    assert all(target.startswith(f"<{BASE}/id/report/a#") for target in targets)


def test_values_have_the_datatypes_of_the_context(loading: Loading) -> None:
    text = """\
- {id: observation/a, type: Observation, title: x, count: "1 234"}
- {id: organisation/a, type: Organisation, eik: "176789478", name: {en: x}}
- {id: event/a, type: Event, startTime: 9.30, budget: {value: "1,5", currency: BGN}}
"""
    objects = {triple.object for triple in triples(loading({"a.yaml": text}))}
    assert {
        Literal("1234", datatype=XSD.integer),
        Literal("176789478", datatype=MKG.EIK),
        Literal("x", language="en"),
        Literal("x", language="bg"),
        Literal("09:30:00", datatype=XSD.time),
        Literal("1.5", datatype=XSD.decimal),
    } <= objects


def test_latin_letters_in_a_cyrillic_word_are_pointed_out(loading: Loading) -> None:
    loaded = loading({"a.yaml": "- id: event/a\n  type: Event\n  title: Нaсърчаване\n"})
    (warning,) = (note for note in loaded.notes if note.severity is Severity.WARNING)
    assert (warning.at, "„Насърчаване“" in warning.messages["bg"]) == (Locator("a.yaml", line=3), True)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"eik": "176789478", "name": "НДЕФ"}, "organisation/176789478"),
        ({"name": "Община Русе"}, "organisation/obshtina-ruse"),
        ({"name": {"en": "Ruse"}}, "organisation/ruse"),
        ({"acronym": {"bg": "НДЕФ"}, "name": "x"}, "organisation/ndef"),
        ({}, "organisation/1"),
    ],
)
def test_an_id_is_proposed_from_the_register_code_else_the_name(
    fields: dict[str, str], expected: str, domain: Domain
) -> None:
    entry = Entry(fields, Locator("a.yaml", line=1))
    assert propose_id(entry, domain.context, "organisation") == expected
    assert propose_id(entry, domain.context, "organisation", {expected}.__contains__) == f"{expected}-2"


def test_an_events_proposed_id_begins_with_its_day(domain: Domain) -> None:
    entry = Entry({"дата": "26–30.06.2023", "заглавие": "Обучение"}, Locator("a.yaml", line=1))
    assert propose_id(entry, domain.context, "event") == "event/2023-06-26-obuchenie"


@pytest.mark.parametrize(
    ("file", "text", "field"),
    [
        ("a.yaml", "- {ид: Event/a, тип: Събитие}", "ид"),
        ("a.yaml", "- {тип: Събитие, заглавие: А}", "ид"),
        ("a.yaml", "- {type: Event, title: А}", "id"),
        ("a.yaml", "- {ид: event/a, тип: Събитье на открито}", "тип"),
    ],
)
def test_a_finding_calls_a_field_as_the_file_does(file: str, text: str, field: str, loading: Loading) -> None:
    assert [one.field for one in refused(lambda: loading({file: text})) if one.refuses] == [field]


def test_messages_quote_in_one_way_and_columns_by_their_letters(loading: Loading) -> None:
    rows: list[list[object]] = [
        ["ид", "заглавие.bg", None, "мои неща", "тема"],
        ["project/a", "А", "х", "х", "климатт"],
    ]
    header = [one for one in refused(lambda: loading({"a.xlsx": workbook(rows, "Проект")})) if one.refuses]
    assert [one.messages["bg"] for one in header] == ["колона C няма заглавие"]
    rows = [[row[0], row[1], *row[3:]] for row in rows]
    findings = [one for one in refused(lambda: loading({"a.xlsx": workbook(rows, "Проект")})) if one.refuses]
    assert any(one.messages["en"].startswith("unknown field „мои неща“") for one in findings)
    code = next(one for one in findings if one.component == "UnknownCode")
    assert code.messages["en"].startswith("„климатт“ is not in the list of „тема“")
    assert "възможни са" not in code.messages["bg"] or ", " in code.messages["bg"]


def test_white_space_that_was_pasted_into_names_is_put_right_and_long_texts_keep_their_lines(loading: Loading) -> None:
    rows: list[list[object]] = [
        ["ид", "заглавие.bg", "друго заглавие.bg", "описание.bg"],
        ["project/a", "Зелен\u00a0парк\n „Възраждане“", "Парк  Възраждане; Паркът", "Първи ред\nВтори  ред"],
    ]
    facts = said(loading({"a.xlsx": workbook(rows, "Проект")}))
    assert {
        ("project/a", "title", "Зелен парк „Възраждане“"),
        ("project/a", "alternative", "Парк Възраждане"),
        ("project/a", "description", "Първи ред\nВтори  ред"),
    } <= facts


def test_a_sheet_with_a_year_in_its_name_and_one_without_its_headings_are_told(loading: Loading) -> None:
    rows: list[list[object]] = [["ид", "заглавие.bg"], ["project/a", "А"]]
    (finding,) = (one for one in refused(lambda: loading({"a.xlsx": workbook(rows, "Проекти 2024")})) if one.refuses)
    assert "наречете го „Проект“" in finding.messages["bg"]
    (finding,) = (one for one in refused(lambda: loading({"b.xlsx": workbook(rows[1:], "Проект")})) if one.refuses)
    assert "липсва редът със заглавията" in finding.messages["bg"]


def test_a_column_of_ones_own_is_read_past(loading: Loading, tmp_path: Path) -> None:
    rows: list[list[object]] = [["заглавие.bg", "Не се зарежда: мои бележки"], ["Зелен парк", "да питам Мария"]]
    loaded = loading({"a.xlsx": workbook(rows, "Проект")}, assign_ids=True)
    assert ("project/zelen-park", "title", "Зелен парк") in said(loaded)
    sheet = openpyxl.load_workbook(tmp_path / "a.completed.xlsx")["Проект"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        [*rows[0], "ид"],
        [*rows[1], "project/zelen-park"],
    ]
    turned = [row[::-1] for row in rows]
    first = loading({"c.xlsx": workbook(turned, "Проект")}, assign_ids=True)
    assert ("project/zelen-park", "title", "Зелен парк") in said(first), "also as the first column"
    rows[0][1] = "мои бележки"
    findings = refused(lambda: loading({"b.xlsx": workbook(rows, "Проект")}, assign_ids=True))
    unknown = next(one for one in findings if one.component == "UnknownField")
    assert "започва с „Не се зарежда“" in unknown.messages["bg"]
    assert unknown.expected is not None and unknown.expected["bg"].count(",") <= 5
