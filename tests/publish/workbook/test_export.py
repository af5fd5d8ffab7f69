"""What is exported loads back without a change, and a changed cell changes exactly what it says."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet
from pyoxigraph import Literal, Quad
from tests.publish.workbook.conftest import Desk
from tests.publish.workbook.mistakes import headings

from kg import load as loading
from kg import pipeline, resources
from kg.books import opened, saved
from kg.errors import DataError
from kg.finding import Severity
from kg.graph import Changes
from kg.namespaces import CODE, DCT, MKG, OA, RDF
from kg.publish.workbook import words
from kg.store.embedded import EmbeddedStore

MONTH = ("project/menergers", "endPrecision", f"{CODE}precision/month")


def row_of(sheet: Worksheet, id: str, source: str) -> int:
    """The row in which a source speaks of a thing."""
    columns = headings(sheet)
    return next(
        row
        for row in range(2, sheet.max_row + 1)
        if sheet.cell(row, columns[words.ID]).value == id and sheet.cell(row, columns[words.SOURCE]).value == source
    )


def changes(desk: Desk, before: int) -> Changes:
    """What has changed since a release, what is derived and the graph of graphs apart."""
    release = desk.store.current()
    assert release is not None
    found = desk.store.diff(before, release.number)
    sources = pipeline.content(release, desk.iris)

    def stated(quads: Iterable[Quad]) -> tuple[Quad, ...]:
        return tuple(quad for quad in quads if quad.graph_name in sources)

    return Changes(stated(found.added), stated(found.removed))


def facts(quads: Iterable[Quad]) -> set[tuple[str, str, str]]:
    """Statements that are no evidence: subject, local name of the property, value."""
    return {
        (
            getattr(quad.subject, "value", "").rpartition("/id/")[2],
            quad.predicate.value.replace("#", "/").rpartition("/")[2],
            getattr(quad.object, "value", "").rpartition("/id/")[2],
        )
        for quad in quads
        if "/evidence/" not in str(quad.subject) and quad.predicate != MKG.evidence
    }


def vouched(desk: Desk, subject: str, source: str) -> set[tuple[str, str, str]]:
    """Which place each of its evidence nodes names, for which property, and which value („“: all)."""
    release = desk.store.current()
    assert release is not None
    graph, node = desk.iris.graph(source), desk.iris.entity(subject)
    found = set()
    for link in release.quads(node, MKG.evidence, None, graph):
        said = list(release.quads(link.object, None, None, graph))  # type: ignore[arg-type]
        (target,) = (quad.object for quad in said if quad.predicate == OA.hasTarget)
        properties = [quad.object for quad in said if quad.predicate == MKG.ofProperty] or [Literal("")]
        values = [quad.object for quad in said if quad.predicate == MKG.ofValue] or [Literal("")]
        for property in properties:
            for value in values:
                texts = [getattr(one, "value", "") for one in (target, property, value)]
                found.add((texts[0].rpartition("/")[2], texts[1].replace("#", "/").rpartition("/")[2], texts[2]))
    return found


def test_every_class_of_the_real_data_loads_back_without_a_change(desk: Desk) -> None:
    names = [name for name in desk.domain.context.classes if desk.domain.forms.of(name).kind]
    made = desk.export(*names)
    assert made.rows > 900
    assert made.left_out == 0
    assert made.fixed == {}
    outcome = desk.load(desk.put("everything.xlsx", made.content))
    assert not outcome.changed
    assert [one for one in outcome.report.findings if one.refuses] == []


def test_a_source_is_a_row_of_its_own_and_can_be_asked_for_alone(desk: Desk) -> None:
    sheet = opened(desk.export("Project").content)["Проект"]
    assert isinstance(sheet, Worksheet)
    columns = headings(sheet)
    assert [*columns][:2] == [words.ID, words.SOURCE]
    told = [
        sheet.cell(row, columns[words.SOURCE]).value
        for row in range(2, sheet.max_row + 1)
        if sheet.cell(row, columns[words.ID]).value == "project/menergers"
    ]
    assert {"menergers-euki", "menergers-pilots", "report-2023-w26"} <= {*told}
    alone = opened(desk.export("Project", sources=["menergers-euki"]).content)["Проект"]
    assert alone.max_row == 2


def test_one_changed_cell_changes_one_statement_and_says_where_it_stands(desk: Desk) -> None:
    book = opened(desk.export("Project").content)
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    row, columns = row_of(sheet, "project/menergers", "menergers-euki"), headings(sheet)
    before = vouched(desk, "project/menergers", "menergers-euki")
    assert sheet.cell(row, columns["крайна дата"]).value == "04.2025"
    sheet.cell(row, columns["крайна дата"]).value = "31.12.2025"
    path = desk.put("projects.xlsx", saved(book))
    outcome = desk.load(path)
    changed = changes(desk, 1)
    assert facts(changed.removed) == {("project/menergers", "endDate", "2025-04-30"), MONTH}
    assert facts(changed.added) == {("project/menergers", "endDate", "2025-12-31")}
    after = vouched(desk, "project/menergers", "menergers-euki")
    assert {one for one in after if one[1] == "endDate"} == {
        (f"projects.xlsx#sheet=%D0%9F%D1%80%D0%BE%D0%B5%D0%BA%D1%82&row={row}", "endDate", "")
    }
    old = {place for place, _, _ in before}
    assert {place for place, property, _ in after if property != "endDate"} == old
    assert not any(property == "" for _, property, _ in after), "nothing vouches for everything any more"
    assert outcome.release is not None
    assert not desk.load(path).changed, "loaded again, it says what is known"


def test_one_more_value_keeps_the_evidence_of_the_others(desk: Desk) -> None:
    book = opened(desk.export("Project", sources=["menergers-pilots"]).content)
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    row, columns = row_of(sheet, "project/menergers", "menergers-pilots"), headings(sheet)
    cell = sheet.cell(row, columns["пилотен участник"])
    pilots = str(cell.value).split("; ")
    assert len(pilots) > 2
    cell.value = "; ".join([*pilots[1:], "Община Бургас"])
    desk.load(desk.put("projects.xlsx", saved(book)))
    changed = changes(desk, 1)
    (gone,), (new,) = facts(changed.removed), facts(changed.added)
    assert (gone[1], new[1]) == ("pilot", "pilot") and new[2].startswith("municipality/")
    seen = {
        (place.partition(".")[0], value)
        for place, p, value in vouched(desk, "project/menergers", "menergers-pilots")
        if p == "pilot"
    }
    assert {value.rpartition("/id/")[2] for place, value in seen if place == "projects"} == {new[2]}
    kept = {value.rpartition("/id/")[2] for place, value in seen if place != "projects"}
    assert len(kept) == len(pilots) - 1 and gone[2] not in kept and new[2] not in kept


def test_an_emptied_cell_takes_the_value_away_and_a_deleted_row_or_column_nothing(desk: Desk) -> None:
    book = opened(desk.export("Project").content)
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    row = row_of(sheet, "project/menergers", "menergers-euki")
    sheet.cell(row, headings(sheet)["крайна дата"]).value = None
    sheet.delete_rows(row_of(sheet, "project/innoair", "innoair"))
    sheet.delete_cols(headings(sheet)["бюджет.стойност"])
    sheet.delete_cols(headings(sheet)["бюджет.валута"])
    desk.load(desk.put("projects.xlsx", saved(book)))
    changed = changes(desk, 1)
    assert facts(changed.removed) == {("project/menergers", "endDate", "2025-04-30"), MONTH}
    assert facts(changed.added) == set()


def test_a_new_row_belongs_to_a_source_of_the_file_and_a_new_id_to_the_one_it_names(desk: Desk) -> None:
    book = opened(desk.export("Project").content)
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    columns = headings(sheet)
    for number, source in enumerate((None, "innoair")):
        row = sheet.max_row + 1
        sheet.cell(row, columns[words.ID]).value = f"project/new-{number}"
        sheet.cell(row, columns[words.SOURCE]).value = source
        sheet.cell(row, columns["заглавие.bg"]).value = f"Нов проект {number}"
        sheet.cell(row, columns["промени на статуса.нов статус"]).value = "планиран"
    desk.load(desk.put("more.xlsx", saved(book)))
    release = desk.store.current()
    assert release is not None
    graphs = {
        str(quad.subject).rpartition("/")[2]: str(quad.graph_name).rpartition("/")[2]
        for quad in changes(desk, 1).added
        if quad.predicate == DCT.term("title")
    }
    assert graphs == {"new-0>": "more>", "new-1>": "innoair>"}
    files = {
        getattr(quad.object, "value", "")
        for quad in release.quads(desk.iris.graph("innoair"), MKG.file, None, desk.iris.meta)
    }
    assert files == {"innoair.yaml"}
    workbooks = release.quads(desk.iris.graph("innoair"), MKG.amendedBy, None, desk.iris.meta)
    assert {getattr(quad.object, "value", "") for quad in workbooks} == {"more.xlsx"}


def test_the_file_that_was_amended_cannot_be_loaded_over_it_unseen(desk: Desk) -> None:
    book = opened(desk.export("Project", sources=["innoair"]).content)
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    sheet.cell(2, headings(sheet)["описание.bg"]).value = "Обществен транспорт без билети на хартия."
    amendment = desk.put("changed.xlsx", saved(book))
    desk.load(amendment)
    now = desk.store.current()
    own = resources.DATA / "ruse" / "innoair.yaml"
    with pytest.raises(DataError) as refusal:
        desk.load(own)
    assert "changed.xlsx" in refusal.value.findings[-1].messages["bg"]
    assert not desk.load(own, amendment).changed, "together they say what is known"
    assert now is not None
    desk.load(own, replace_files=True)
    assert facts(changes(desk, now.number).removed) == {
        ("project/innoair", "description", "Обществен транспорт без билети на хартия.")
    }


def test_dates_amounts_and_nested_things_are_written_as_people_write_them(desk: Desk) -> None:
    text = """
- id: project/x
  type: Project
  title: {bg: Хикс, en: Ex}
  acronym: {bg: [ХИ; КС, Х]}
  startDate: 2024-Q2
  endDate: 2025-W07
  budget: {value: "1234567.8", currency: BGN}
  statusChange:
    - {toStatus: planned, date: 05.2023}
    - {toStatus: running, date: 1 юни 2024}
  participation:
    - {agent: НСОРБ, role: coordinator, share: {value: 12.34, currency: EUR}, startDate: 2024}
    - {agent: НДЕФ, role: member}
"""
    desk.load(desk.put("mine.yaml", text.encode()))
    book = opened(desk.export("Project", sources=["mine"]).content)
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    row = {heading: sheet.cell(2, number).value for heading, number in headings(sheet).items()}
    assert {heading: value for heading, value in row.items() if value is not None} == {
        "ид": "project/x",
        "от източник": "mine",
        "заглавие.bg": "Хикс",
        "заглавие.en": "Ex",
        "съкращение.bg.1": "Х",
        "съкращение.bg.2": "ХИ; КС",
        "начална дата": "2024-Q2",
        "крайна дата": "2025-W07",
        "бюджет.стойност": 1234567.8,
        "бюджет.валута": "български лев",
        "промени на статуса.1.нов статус": "планиран",
        "промени на статуса.1.дата": "05.2023",
        "промени на статуса.2.нов статус": "в изпълнение",
        "промени на статуса.2.дата": "1 юни 2024",
        "участия.1.лице или организация": "Национално сдружение на общините в Република България",
        "участия.1.роля": "координатор",
        "участия.1.дял.стойност": 12.34,
        "участия.1.дял.валута": "евро",
        "участия.1.начална дата": "2024",
        "участия.2.лице или организация": "Национален доверителен екофонд",
        "участия.2.роля": "член",
        "изнесен ред": "project/x mine",
    }
    assert not desk.load(desk.put("back.xlsx", saved(book))).changed


def test_what_a_table_cannot_hold_stays_and_is_said(desk: Desk) -> None:
    graph = desk.iris.graph("odd")
    subject = desk.iris.entity("project/odd")
    turtle = f"""
@prefix dct: <http://purl.org/dc/terms/> .
<{subject.value}> a <{MKG.Project.value}> ; dct:title "Чудат"@bg ; dct:description " с интервал отпред"@bg .
"""
    desk.load(desk.put("odd.ttl", turtle.encode()))
    made = desk.export("Project", sources=["odd"])
    assert made.fixed == {"Проект": ["описание.bg"]}
    assert not desk.load(desk.put("odd-export.xlsx", made.content)).changed
    book = opened(made.content)
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    sheet.cell(2, headings(sheet)["заглавие.bg"]).value = "Обикновен"
    desk.load(desk.put("odd-export.xlsx", saved(book)))
    release = desk.store.current()
    assert release is not None
    texts = {getattr(quad.object, "value", "") for quad in release.quads(subject, None, None, graph)}
    assert {"Обикновен", " с интервал отпред"} <= texts and "Чудат" not in texts
    sheet.cell(2, headings(sheet)["описание.bg"]).value = "Друго"
    report = desk.check(desk.put("odd-export.xlsx", saved(book)))
    assert [(one.at and one.at.column, one.component) for one in report.violations] == [("описание.bg", "FixedValue")]


def test_a_source_that_is_none_is_refused_with_its_cell(desk: Desk) -> None:
    book = opened(desk.export("Project", sources=["innoair"]).content)
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    sheet.cell(2, headings(sheet)[words.SOURCE]).value = "Моят файл"
    report = desk.check(desk.put("x.xlsx", saved(book)))
    (wrong,) = report.violations
    assert (wrong.at and wrong.at.row, wrong.severity) == (2, Severity.VIOLATION)
    assert "при изнасянето" in wrong.messages["bg"]


def test_a_row_that_is_wrong_is_told_with_its_cell_like_any(desk: Desk) -> None:
    book = opened(desk.export("Project", sources=["innoair"]).content)
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    sheet.cell(2, headings(sheet)["партньор"]).value = "Никой"
    sheet.cell(2, headings(sheet)["начална дата"]).value = "вчера"
    marks = desk.marks(desk.put("x.xlsx", saved(book)))
    columns = {cell.column_letter: str(cell.value) for cell in sheet[1] if isinstance(cell, Cell)}
    assert {columns[place.rstrip("0123456789")] for _, place in marks} == {
        "партньор",
        "начална дата",
        "промени на статуса.нов статус",  # a warning: no source says it
    }


def test_an_export_is_a_workbook_that_explains_itself(desk: Desk) -> None:
    book = opened(desk.export("Project", sources=["innoair"]).content)
    texts = [str(cell.value) for row in book["Указания"].iter_rows() for cell in row if cell.value]
    assert any("изпразнена клетка премахва стойността" in text for text in texts)
    assert words.ORIGIN in book.sheetnames, "a new row is asked whose it is, and here is where to say it"


def edited(
    desk: Desk, name: str, *cells: tuple[str, str, str, object], classes: tuple[str, ...] = ("Project",)
) -> Path:
    """An export in which somebody has changed cells: id, source, heading, value."""
    book = opened(desk.export(*classes).content)
    change(book, cells)
    return desk.put(name, saved(book))


def change(book: Workbook, cells: Iterable[tuple[str, str, str, object]]) -> None:
    for id, source, heading, value in cells:
        sheet = next(
            sheet
            for sheet in book.worksheets
            if sheet.sheet_state == "visible" and heading in headings(sheet) and has_row(sheet, id, source)
        )
        sheet.cell(row_of(sheet, id, source), headings(sheet)[heading]).value = value  # type: ignore[assignment]


def has_row(sheet: Worksheet, id: str, source: str) -> bool:
    return any((row[0].value, row[1].value) == (id, source) for row in sheet.iter_rows(min_row=2) if len(row) > 1)


def test_two_people_may_change_different_cells_of_what_they_exported_at_once(desk: Desk) -> None:
    ana = edited(desk, "ana.xlsx", ("project/innoair", "innoair", "описание.bg", "Транспорт без билети на хартия."))
    boris = edited(desk, "boris.xlsx", ("project/menergers", "menergers-euki", "крайна дата", "2026"))
    both = edited(desk, "both.xlsx", ("project/innoair", "innoair", "описание.bg", "Нещо трето."))
    desk.load(ana)
    desk.load(boris)
    assert {value for _, name, value in facts(changes(desk, 1).added) if name in {"description", "endDate"}} == {
        "Транспорт без билети на хартия.",
        "2026-12-31",
    }
    assert not desk.load(ana).changed and not desk.load(boris).changed
    report = desk.check(both)
    (wrong,) = report.violations
    assert (wrong.component, wrong.at and wrong.at.column) == ("ChangedSince", "описание.bg")
    assert "Транспорт без билети на хартия." in wrong.messages["bg"] and "изнесете" in wrong.messages["bg"]
    own = resources.DATA / "ruse" / "innoair.yaml"
    assert not desk.load(own, ana, boris).changed, "the files and all that amends them say what is known"


def test_a_row_is_known_by_its_id_wherever_it_stands_and_a_column_that_is_gone_says_what_it_said(desk: Desk) -> None:
    book = opened(desk.export("Project").content)
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for at, values in enumerate(reversed(rows), 2):
        for number, value in enumerate(values, 1):
            sheet.cell(at, number).value = value
    change(book, [("project/menergers", "menergers-euki", "бюджет.стойност", 500000)])
    for heading in ("бюджет.валута", "заглавие.bg", "промени на статуса.дата"):
        sheet.delete_cols(headings(sheet)[heading])
    sheet.insert_cols(2)
    sheet.insert_rows(1)
    desk.load(desk.put("moved.xlsx", saved(book)))
    changed = changes(desk, 1)
    assert facts(changed.removed) == {("project/menergers#budget", "value", "469794.74")}
    assert facts(changed.added) == {("project/menergers#budget", "value", "500000")}


def test_a_source_that_cannot_be_told_is_asked_for(desk: Desk) -> None:
    book = opened(desk.export("Project").content)
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    change(book, [("project/menergers", "menergers-euki", "крайна дата", "2026")])
    sheet.cell(row_of(sheet, "project/menergers", "menergers-euki"), 2).value = None
    (wrong,) = desk.check(desk.put("x.xlsx", saved(book))).violations
    assert wrong.at is not None and wrong.at.column == words.SOURCE and "menergers-pilots" in wrong.messages["bg"]


def test_a_new_row_never_takes_the_place_of_a_known_thing(desk: Desk) -> None:
    text = "- {id: project/zelen-park, type: Project, title: Зелен парк, budget: {value: 5, currency: EUR}}\n"
    desk.load(desk.put("mine.yaml", text.encode()))
    book = opened(desk.export("Project", sources=["mine"]).content)
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    columns = headings(sheet)
    for column in columns.values():
        sheet.cell(2, column).value = None
    sheet.cell(2, columns["заглавие.bg"]).value = "Зелен парк"
    sheet.cell(2, columns[words.SOURCE]).value = "mine"
    before = desk.store.current()
    assert before is not None
    desk.load(desk.put("x.xlsx", saved(book)), assign_ids=True)
    changed = changes(desk, before.number)
    assert facts(changed.removed) == set()
    assert ("project/zelen-park-2", "title", "Зелен парк") in facts(changed.added)
    sheet.cell(2, columns[words.ID]).value = "project/innoair"
    sheet.cell(2, columns[words.SOURCE]).value = "innoair"
    (wrong,) = desk.check(desk.put("x.xlsx", saved(book))).violations
    assert (wrong.component, wrong.at and wrong.at.column) == ("DescribedTwice", words.ID)


def test_what_was_exported_elsewhere_is_refused_here(desk: Desk) -> None:
    desk.load(desk.put("mine.yaml", b"- {id: project/a, type: Project, title: A}\n"))
    book = opened(desk.export("Project", sources=["mine"]).content)
    change(book, [("project/a", "mine", "заглавие.en", "Ex")])
    path = desk.put("known.xlsx", saved(book))
    other = Desk(EmbeddedStore.open(desk.folder / "other"), desk.domain, desk.folder)
    (wrong,) = (one for one in other.check(path).violations)
    assert wrong.component == "OtherGraph" and "mine" in wrong.messages["bg"]


def test_the_day_of_a_date_and_hours_of_their_own_come_out_together(desk: Desk) -> None:
    text = """
- {id: event/x, type: Event, title: Х, kind: meeting, date: 5 юни 2024, startTime: '17:30', endTime: '19:00'}
- {id: event/y, type: Event, title: У, kind: meeting, date: '6.06.2024, 10:00-11:30'}
"""
    desk.load(desk.put("mine.yaml", text.encode()))
    made = desk.export("Event", sources=["mine"])
    assert made.fixed == {}
    sheet = opened(made.content)["Събитие"]
    assert isinstance(sheet, Worksheet)
    columns = headings(sheet)
    told = [[sheet.cell(row, columns[name]).value for name in ("дата", "начален час", "краен час")] for row in (2, 3)]
    assert told == [["5 юни 2024", "17:30", "19:00"], ["6.06.2024, 10:00-11:30", None, None]]


def test_a_thing_of_two_classes_keeps_both_and_one_with_a_strange_id_can_be_exported(desk: Desk) -> None:
    ids = desk.iris.ids
    turtle = f"""@prefix mkg: <{MKG.term("").value}> . @prefix dct: <http://purl.org/dc/terms/> .
<{ids}project/tt> a mkg:Project , mkg:Solution ; dct:title "Двойно"@bg , "Double"@en .
<{ids}organisation/tt> a mkg:Project ; dct:title "Чуждо"@bg , "Strange"@en .
<http://elsewhere.example/id/project/q> a mkg:Project ; dct:title "Далеч"@bg , "Far"@en .
"""
    desk.load(desk.put("odd.ttl", turtle.encode()))
    made = desk.export("Project", "Solution", sources=["odd"])
    assert made.left_out == 1
    assert not desk.load(desk.put("known.xlsx", made.content)).changed
    book = opened(made.content)
    change(book, [("project/tt", "odd", "заглавие.en", "Twice")])
    desk.load(desk.put("known.xlsx", saved(book)))
    release = desk.store.current()
    assert release is not None
    types = release.quads(desk.iris.entity("project/tt"), RDF.type, None, desk.iris.graph("odd"))
    assert {quad.object for quad in types} == {MKG.Project, MKG.Solution}


def test_somebody_who_was_quicker_is_not_written_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = edited(desk, "ana.xlsx", ("project/innoair", "innoair", "описание.bg", "Единият"))
    boris = edited(desk, "boris.xlsx", ("project/innoair", "innoair", "описание.en", "The other"))
    real = loading.load
    calls: list[int] = []

    def slow(*args: Any, **options: Any) -> Any:
        read = real(*args, **options)
        calls.append(1)
        if len(calls) == 1:
            desk.load(ana)
        return read

    monkeypatch.setattr(loading, "load", slow)
    desk.load(boris)
    added = {value for _, name, value in facts(changes(desk, 1).added) if name == "description"}
    assert added == {"Единият", "The other"} and len(calls) == 3
