"""One row, one entry, whatever separates its cells; the line of a row is where it starts."""

from __future__ import annotations

import pytest
from tests.load.conftest import Loading, refused, said
from tests.malformed.books import workbook

from kg.load.columns import Column, ColumnMap
from kg.load.from_table import read_csv


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_each_delimiter_is_recognised_by_the_header(delimiter: str) -> None:
    text = 'id|type|title.bg\nevent/a|Event|"Обучение; втори, трети ден"\n'.replace("|", delimiter)
    (entry,) = read_csv(text, "a.csv", None)
    assert entry.fields == {"id": "event/a", "type": "Event", "title": {"bg": "Обучение; втори, трети ден"}}


def test_a_delimiter_inside_a_quoted_header_does_not_count() -> None:
    columns = ColumnMap({"a": Column("id"), "b, c, d": None, "e": Column("type")})
    (entry,) = read_csv('a;"b, c, d";e\n1;2;3\n', "a.csv", columns)
    assert entry.fields == {"id": "1", "type": "3"}


def test_lines_are_counted_where_rows_start_and_rows_as_a_spreadsheet_counts_them() -> None:
    text = 'id,title.bg\r\nevent/a,"1\r\n2\r\n3"\r\n\r\nevent/b,x\r\n'
    first, second = read_csv(text, "a.csv", None)
    assert [(entry.at.line, entry.at.row) for entry in (first, second)] == [(2, 2), (6, 4)]
    place = second.place(("title", "bg"))
    assert (place.line, place.column, str(place)) == (6, "title.bg", "a.csv:6 „title.bg“")
    assert second.place(("title",)).column == "title.bg"


def test_headers_step_into_maps_and_nested_things() -> None:
    text = "id,title.bg,title.en,budget.value,budget.currency\nproject/a,А,,469 794.74,BGN\n"
    (entry,) = read_csv(text, "a.csv", None)
    assert entry.fields == {
        "id": "project/a",
        "title": {"bg": "А"},
        "budget": {"value": "469 794.74", "currency": "BGN"},
    }


def test_empty_cells_and_empty_columns_at_the_end_are_passed_over() -> None:
    assert [entry.fields for entry in read_csv("id,type,,\nevent/a,,,\n,,,\n\n", "a.csv", None)] == [{"id": "event/a"}]


def test_a_separator_divides_only_fields_that_are_lists(loading: Loading) -> None:
    loaded = loading(
        {
            "a.csv": "id,type,kind,title.bg,description.bg,startDate,participant,acronym.bg\n"
            "event/a,Event,training,Първи; втори,а;б,2023-06-27,organisation/b; organisation/c ;,АБ;ВГ\n"
        }
    )
    facts = said(loaded)
    assert ("event/a", "title", "Първи; втори") in facts and ("event/a", "description", "а;б") in facts
    assert {value for _, name, value in facts if name == "participant"} == {"organisation/b", "organisation/c"}
    assert {value for _, name, value in facts if name == "acronym"} == {"АБ", "ВГ"}


def test_a_decimal_comma_is_read(loading: Loading) -> None:
    loaded = loading({"a.csv": "id;type;title.bg;budget.value;budget.currency\nproject/a;Project;А;469 794,74;BGN\n"})
    assert ("project/a#budget", "value", "469794.74") in said(loaded)


def test_a_column_map_gives_constants_values_lookups_and_ids(loading: Loading) -> None:
    loaded = loading(
        {
            "a.columns.yaml": """\
id: project/{Номер}
basis: external
constants: {type: Project, budget.currency: EUR}
columns:
  Номер: contractNumber
  Име: title.bg
  Сума: budget.value
  Състояние: {path: statusChange.toStatus, values: {В ход: running}}
  ЕКАТТЕ: {path: spatial, match: notation, unmatched: omit}
  Бележка: null
""",
            "a.csv": "Номер;Име;Сума;Състояние;ЕКАТТЕ;Бележка\n"
            "BG-05 1/а;Проект; 5,50 ;В ход;63427;x\nBG-06;Б;1;В ход;00001;y\n",
        }
    )
    facts = said(loaded)
    assert {
        ("project/bg-05-1-a", "contractNumber", "BG-05 1/а"),
        ("project/bg-05-1-a", "title", "Проект"),
        ("project/bg-05-1-a#budget", "value", "5.50"),
        ("project/bg-05-1-a#budget", "currency", "http://publications.europa.eu/resource/authority/currency/EUR"),
        ("project/bg-05-1-a", "spatial", "place/rse27"),
        ("project/bg-06", "contractNumber", "BG-06"),
    } <= facts
    assert not any(subject == "project/bg-06" and name == "spatial" for subject, name, _ in facts)
    assert [note.at and str(note.at) for note in loaded.notes] == ["a.csv:3 „ЕКАТТЕ“"]
    assert not {"x", "y"} & {value for _, _, value in facts}


def test_an_empty_cell_that_the_id_needs_is_told(loading: Loading) -> None:
    files: dict[str, str | bytes] = {
        "a.columns.yaml": "id: project/{n}\nconstants: {type: Project}\ncolumns: {n: contractNumber, t: title.bg}\n",
        "a.csv": "n,t\n,А\n",
    }
    findings = refused(lambda: loading(files))
    assert "a.csv:2 „n“" in {str(finding.at) for finding in findings}


def test_a_sheet_that_is_called_like_a_class_needs_no_column_for_the_type(loading: Loading) -> None:
    rows = [["ид", "заглавие.bg"], ["project/a", "А"]]
    more = {"Проект (2)": [["ид", "заглавие.bg"], ["project/b", "Б"]], "Лист3": [["ид", "тип"], ["event/c", "Събитие"]]}
    loaded = loading({"a.xlsx": workbook(rows, "Проект", more)})
    types = {(subject, value.rpartition("#")[2]) for subject, name, value in said(loaded) if name == "type"}
    assert {("project/a", "Project"), ("project/b", "Project"), ("event/c", "Event")} <= types


def test_a_column_for_the_type_counts_more_than_the_name_of_the_sheet(loading: Loading) -> None:
    rows = [["ид", "тип", "наименование.bg"], ["place/a", "Място", "А"], ["place/b", "", "Б"]]
    findings = refused(lambda: loading({"a.xlsx": workbook(rows, "Проект")}))
    assert [(str(one.at), one.component) for one in findings if one.refuses] == [
        ("a.xlsx[Проект]:3 „тип“", "MissingType")
    ]


@pytest.mark.parametrize("word", ["Не се зарежда: указания", "НЕ СЕ ЗАРЕЖДА", "Not loaded"])
def test_a_sheet_for_people_is_read_past(word: str, loading: Loading) -> None:
    loaded = loading(
        {"a.xlsx": workbook([[word], ["каквото и да е"]], "Указания", {"Проект": [["ид"], ["project/a"]]})}
    )
    assert [subject for subject, name, _ in said(loaded) if name == "type"] == ["project/a"]


def test_a_workbook_may_be_called_in_bulgarian_and_a_second_copy_is_refused(loading: Loading) -> None:
    book = workbook([["ид"], ["project/a"]], "Проект")
    assert [batch.source for batch in loading({"Проекти 2024.xlsx": book}).batches] == ["proekti-2024"]
    assert [batch.source for batch in loading({"a.checked.xlsx": book}).batches] == ["a"]
    (finding,) = refused(lambda: loading({"a (1).xlsx": book}))
    assert "преименувайте" in finding.messages["bg"]
