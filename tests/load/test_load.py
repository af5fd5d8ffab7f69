"""Files are found, read together, and completed beside where ids are missing."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from tests.load.conftest import Loading, refused, said, triples
from tests.malformed.books import workbook

from kg.finding import Severity
from kg.load import find

WITHOUT_IDS = """\
# моите бележки
- type: Event
  title: Обучение по ЕЕ
  date: 28.06.2023
  organiser: НДЕФ
- type: Event
  title: Обучение по ЕЕ
  date: 28.06.2023
  participant: [Сдружение Нула]
  evidence: {of: date}
- {тип: Организация, наименование: Сдружение Нула}
- {id: event/done, type: Event, title: NO, description: "12:30"}
"""


def test_a_folder_gives_what_a_loader_can_read(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.csv", "deep/c.ttl", "deep/D.XLSX"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for name in ("sources.yaml", "a.columns.yaml", "b.completed.yaml", "~lock.xlsx", ".hidden.yaml", "notes.txt"):
        (tmp_path / name).touch()
    found = [str(path.relative_to(tmp_path)) for path in find([tmp_path, tmp_path / "b.yaml"])]
    assert found == ["a.csv", "b.yaml", "deep/D.XLSX", "deep/c.ttl"]
    (tmp_path / "b.yaml").unlink()
    found = [str(path.relative_to(tmp_path)) for path in find([tmp_path])]
    assert found == ["a.csv", "b.completed.yaml", "deep/D.XLSX", "deep/c.ttl"], "what b.yaml was completed to is left"


def test_what_cannot_be_found_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.docx").touch()
    findings = refused(lambda: find([tmp_path / "empty", tmp_path / "a.docx", tmp_path / "none.yaml"]))
    assert [finding.at and finding.at.file for finding in findings] == ["empty", "a.docx", "none.yaml"]
    assert all("„" in finding.messages["bg"] or "няма" in finding.messages["bg"] for finding in findings)


def test_mistakes_of_several_files_are_told_at_once(loading: Loading) -> None:
    files: dict[str, str | bytes] = {"a.yaml": "- {id: event/a b, type: Event}", "b.csv": "id,id\n", "c.ttl": "x"}
    assert {finding.at.file for finding in refused(lambda: loading(files)) if finding.at} >= {"b.csv", "c.ttl"}


STRANGE = "@prefix mkg: <https://w3id.org/municipal-kg/ns#> . <event/a> a mkg:Event ; mkg:titel 'А'@bg ."


def test_terms_that_rdf_has_and_we_have_not_refuse_with_what_the_gate_finds(loading: Loading, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a.ttl": STRANGE, "b.yaml": WITHOUT_IDS}
    (refusal,) = (note for note in refused(lambda: loading(files, assign_ids=True)) if note.refuses)
    assert refusal.at and (refusal.at.file, refusal.at.line) == ("a.ttl", 1)
    assert "titel" in refusal.messages["en"]
    assert not list(tmp_path.glob("*.completed.yaml"))


def test_they_are_told_with_what_keeps_other_files_from_being_read(loading: Loading) -> None:
    graph = "@prefix mkg: <urn:x> . GRAPH <urn:g> { <event/b> a mkg:Event }"
    findings = refused(lambda: loading({"a.ttl": STRANGE, "b.csv": "id,id\n", "c.trig": f"{graph} {STRANGE}"}))
    places = [(finding.at.file if finding.at else "", "titel" in finding.messages["en"]) for finding in findings]
    assert {file for file, _ in places} == {"a.ttl", "b.csv", "c.trig"}
    assert sorted(file for file, strange in places if strange) == ["a.ttl", "c.trig"]


def test_a_source_that_nobody_describes_is_a_warning(loading: Loading) -> None:
    loaded = loading({"other.yaml": "- {id: event/a, type: Event}"})
    (warning,) = (note for note in loaded.notes if note.severity is Severity.WARNING)
    assert "sources.yaml" in warning.messages["bg"]
    assert loaded.sources["other"].licence_not_stated


def test_ids_are_proposed_in_a_copy_and_the_file_stays(loading: Loading, tmp_path: Path) -> None:
    loaded = loading({"a.yaml": WITHOUT_IDS}, assign_ids=True)
    assert (tmp_path / "a.yaml").read_text(encoding="utf-8") == WITHOUT_IDS
    (batch,) = loaded.batches
    assert batch.files == ("a.completed.yaml",)
    subjects = {subject for subject, _, _ in said(loaded)}
    assert subjects == {
        "event/2023-06-28-obuchenie-po-ee",
        "event/2023-06-28-obuchenie-po-ee-2",
        "organisation/sdruzhenie-nula",
        "event/done",
    }
    assert ("event/2023-06-28-obuchenie-po-ee-2", "participant", "organisation/sdruzhenie-nula") in said(loaded)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", WITHOUT_IDS),
        ("a.yaml", f"basis: external\nperiod: 2023\nentries:\n{WITHOUT_IDS}".replace("28.06.2023", "28 юни")),
        (
            "a.csv",
            "type;title.bg;altTitle.bg;date;theme;budget.value;budget.currency\n"
            "Event;Едно; А;2023;innovation; 5,5;BGN\nEvent;Две;А;;;;\n".replace("; А", ";А"),
        ),
    ],
)
def test_the_completed_copy_says_exactly_the_same(name: str, text: str, loading: Loading, tmp_path: Path) -> None:
    first = loading({name: text}, assign_ids=True)
    again = loading({name: text}, assign_ids=True)
    copy = loading({"a.completed.yaml": (tmp_path / "a.completed.yaml").read_bytes()})
    assert triples(first) == triples(again) == triples(copy)
    assert [batch.files for batch in first.batches] == [batch.files for batch in copy.batches]
    assert [batch.source for batch in copy.batches] == ["a"]


def test_lists_of_a_table_are_lists_in_the_copy(loading: Loading, tmp_path: Path) -> None:
    loading({"a.csv": "type,title.bg,altTitle.bg,theme\nEvent,а;б,в;г,innovation;energy-efficiency\n"}, assign_ids=True)
    text = (tmp_path / "a.completed.yaml").read_text(encoding="utf-8")
    assert "bg: а;б" in text and "- в" in text and "- energy-efficiency" in text


def test_findings_name_her_file_and_nothing_is_written(loading: Loading, tmp_path: Path) -> None:
    findings = refused(lambda: loading({"a.yaml": WITHOUT_IDS.replace("28.06.2023", "вчера")}, assign_ids=True))
    assert [str(finding.at) for finding in findings if finding.refuses] == ["a.yaml:4", "a.yaml:8"]
    assert not (tmp_path / "a.completed.yaml").exists()


def test_a_copy_that_was_worked_on_is_not_written_over(loading: Loading, tmp_path: Path) -> None:
    loading({"a.yaml": WITHOUT_IDS}, assign_ids=True)
    copy = tmp_path / "a.completed.yaml"
    copy.write_text(copy.read_text(encoding="utf-8").replace("28.06.2023", "29.06.2023"), encoding="utf-8")
    (finding,) = (one for one in refused(lambda: loading({"a.yaml": WITHOUT_IDS}, assign_ids=True)) if one.refuses)
    assert "a.completed.yaml" in finding.messages["bg"]
    assert "29.06.2023" in copy.read_text(encoding="utf-8")


def test_a_table_with_a_map_takes_its_ids_from_the_map(loading: Loading, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.columns.yaml": "constants: {type: Event}\ncolumns: {t: title.bg}\n",
        "a.csv": "t\nА\n",
    }
    findings = refused(lambda: loading(files, assign_ids=True))
    assert any("id: вид/{колона}" in finding.messages["bg"] for finding in findings)
    assert not (tmp_path / "a.completed.yaml").exists()


def test_a_complete_file_gets_no_copy(loading: Loading, tmp_path: Path) -> None:
    loading({"a.yaml": "- {id: event/a, type: Event}"}, assign_ids=True)
    assert not list(tmp_path.glob("*.completed.yaml"))


def test_a_file_without_entries_is_told_and_leaves_its_source_alone(loading: Loading) -> None:
    for name, text in (("a.yaml", "[]"), ("a.csv", "id,type\n"), ("a.csv", ";;;\n")):
        loaded = loading({name: text})
        assert loaded.batches == ()
        assert [(note.severity, str(note.at)) for note in loaded.notes] == [(Severity.WARNING, f"{name}:1")]


def test_a_workbook_without_ids_is_completed_as_a_workbook(loading: Loading, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["заглавие.bg", "част от"],
        ["Голям проект", None],
        [None, None],
        ["Малък проект", "Голям проект"],
    ]
    loaded = loading({"a.xlsx": workbook(rows, "Проект")}, assign_ids=True)
    again = loading({"a.completed.xlsx": (tmp_path / "a.completed.xlsx").read_bytes()})
    assert triples(again) == triples(loaded)
    assert ("project/malak-proekt", "isPartOf", "project/golyam-proekt") in said(loaded)
    assert [batch.source for batch in again.batches] == ["a"]
    sheet = openpyxl.load_workbook(tmp_path / "a.completed.xlsx")["Проект"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["заглавие.bg", "част от", "ид"],
        ["Голям проект", None, "project/golyam-proekt"],
        [None, None, None],
        ["Малък проект", "Голям проект", "project/malak-proekt"],
    ]
    loading({"a.xlsx": workbook(rows, "Проект")}, assign_ids=True)  # nobody has worked on the copy
    changed = workbook([*rows, ["Трети", None]], "Проект")
    (finding,) = (one for one in refused(lambda: loading({"a.xlsx": changed}, assign_ids=True)) if one.refuses)
    assert "a.completed.xlsx" in finding.messages["bg"]


def test_everything_that_is_wrong_is_told_and_what_it_hides_is_read_on(loading: Loading) -> None:
    rows: list[list[object]] = [
        ["ид", "заглавие.bg", "част от", "финансиран по"],
        [None, "Първи", None, "няма такава"],
        ["Project/2", "Втори", "Първи", None],
        ["project/3", "Трети", "Първи", None],
    ]
    wrong = [one for one in refused(lambda: loading({"a.xlsx": workbook(rows, "Проект")})) if one.refuses]
    assert [(one.at and one.at.cell, one.component, one.suggestion) for one in wrong] == [
        ("A2", "MissingId", "project/parvi"),
        ("D2", "UnknownReference", None),
        ("A3", "BadId", "project/2"),
    ]
