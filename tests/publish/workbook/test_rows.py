"""What may be done to the rows of an exported workbook: new ones go on in the completed copy, ids and sources stay."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from tests.publish.workbook.conftest import Desk
from tests.publish.workbook.mistakes import headings
from tests.publish.workbook.test_export import changes, facts

from kg.books import opened, saved
from kg.finding import Finding
from kg.publish.workbook import words

MINE = """
- {id: project/a, type: Project, title: {bg: Първи, en: First}, partner: [НСОРБ], startDate: 03.2024, endDate: 2025,
   budget: {value: 1000, currency: EUR}, statusChange: [{toStatus: planned}]}
- {id: project/b, type: Project, title: {bg: Втори, en: Second}, statusChange: [{toStatus: planned}]}
"""
TITLE, STATUS, AMOUNT, CURRENCY = "заглавие.bg", "промени на статуса.нов статус", "бюджет.стойност", "бюджет.валута"
NEW = {TITLE: "Нова велоалея", STATUS: "планиран"}


@pytest.fixture
def mine(desk: Desk) -> Desk:
    """A desk where two projects of a file are known."""
    desk.load(desk.put("mine.yaml", MINE.encode()))
    return desk


def exported(desk: Desk, *sources: str) -> Workbook:
    return opened(desk.export("Project", sources=sources or ["mine"]).content)


def projects(book: Workbook) -> Worksheet:
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    return sheet


def write(book: Workbook, row: int, cells: Mapping[str, object]) -> Workbook:
    sheet = projects(book)
    for heading, value in cells.items():
        sheet.cell(row, headings(sheet)[heading]).value = value  # type: ignore[assignment]
    return book


def copy(book: Workbook, row: int, to: int) -> Workbook:
    """A row copied whole, with the columns that are hidden."""
    sheet = projects(book)
    for column in headings(sheet).values():
        sheet.cell(to, column).value = sheet.cell(row, column).value
    return book


def wrong(desk: Desk, book: Workbook) -> Finding:
    """The only finding that refuses a workbook."""
    (found,) = desk.check(desk.put("x.xlsx", saved(book))).violations
    return found


def completed(desk: Desk) -> Path:
    """The completed copy of an export with a new row without an id."""
    desk.load(desk.put("n.xlsx", saved(write(exported(desk), 4, NEW))), assign_ids=True)
    return desk.folder / "n.completed.xlsx"


def number(desk: Desk) -> int:
    release = desk.store.current()
    assert release is not None
    return release.number


def test_the_completed_copy_of_an_export_says_what_is_known(mine: Desk) -> None:
    path = completed(mine)
    assert not mine.load(path).changed
    assert not mine.load(mine.folder / "mine.yaml", path).changed
    assert not mine.load(mine.folder / "n.xlsx", assign_ids=True).changed, "the same id is proposed for the same row"


def test_a_row_of_the_completed_copy_that_was_new_can_be_changed(mine: Desk) -> None:
    path, before = completed(mine), number(mine)
    path.write_bytes(saved(write(opened(path.read_bytes()), 4, {TITLE: "Велоалея", AMOUNT: 5, CURRENCY: "евро"})))
    mine.load(path)
    changed = changes(mine, before)
    assert facts(changed.removed) == {("project/nova-veloaleya", "title", "Нова велоалея")}
    assert ("project/nova-veloaleya", "title", "Велоалея") in facts(changed.added)
    assert ("project/nova-veloaleya#budget", "value", "5") in facts(changed.added)
    assert not mine.load(mine.folder / "mine.yaml", path).changed


def test_what_others_have_changed_in_a_row_that_was_new_is_not_written_over(mine: Desk) -> None:
    path = completed(mine)
    other = write(exported(mine, "n"), 2, {TITLE: "Чуждо заглавие"})
    mine.load(mine.put("other.xlsx", saved(other)))
    assert not mine.load(path).changed, "a row that says what it said takes nothing back"
    found = wrong(mine, write(opened(path.read_bytes()), 4, {TITLE: "Мое заглавие"}))
    assert (found.component, found.at and found.at.column) == ("ChangedSince", TITLE)


def test_a_new_row_that_had_its_id_can_be_loaded_again(mine: Desk) -> None:
    path = mine.put("n.xlsx", saved(write(exported(mine), 4, {words.ID: "project/c", **NEW})))
    assert mine.load(path).changed and not mine.load(path).changed


def test_one_more_new_row_goes_into_the_completed_copy_itself(mine: Desk) -> None:
    path, before = completed(mine), number(mine)
    path.write_bytes(saved(write(opened(path.read_bytes()), 5, {TITLE: "Фонтан", STATUS: "планиран"})))
    mine.load(path, assign_ids=True)
    assert ("project/fontan", "title", "Фонтан") in facts(changes(mine, before).added)
    assert not facts(changes(mine, before).removed)
    assert not mine.load(path).changed


def test_new_rows_of_several_sources_are_completed_in_one_copy(mine: Desk) -> None:
    book = write(write(exported(mine), 4, NEW), 5, {TITLE: "Фонтан", STATUS: "планиран", words.SOURCE: "mine"})
    mine.load(mine.put("n.xlsx", saved(book)), assign_ids=True)
    path = mine.folder / "n.completed.xlsx"
    sheet = projects(opened(path.read_bytes()))
    ids = {sheet.cell(row, 1).value: sheet.cell(row, 2).value for row in (4, 5)}
    assert ids == {"project/nova-veloaleya": "n", "project/fontan": "mine"}
    assert not mine.load(path).changed
    assert not mine.load(mine.folder / "mine.yaml", path).changed, "the file alone does not have the new row"


def test_a_new_row_that_says_more_than_is_known_under_its_id_is_refused(mine: Desk) -> None:
    known = {words.ID: "project/a", words.SOURCE: "mine", TITLE: "Първи", "заглавие.en": "Other"}
    book = exported(mine)
    sheet = projects(book)
    for row in (2, 3):
        for column in headings(sheet).values():
            sheet.cell(row, column).value = None
    del book["Изнесено Проект"]
    first = opened(mine.export("Project", sources=["actor-ndef"]).content)
    found = wrong(mine, write(first, 2, known))
    assert (found.component, found.at and found.at.column) == ("DescribedTwice", words.ID)


def test_two_rows_with_one_id_are_refused_unless_they_are_equal(mine: Desk) -> None:
    book = copy(exported(mine), 2, 4)
    assert not mine.load(mine.put("x.xlsx", saved(book))).changed
    found = wrong(mine, write(book, 4, {TITLE: "Друг"}))
    assert (found.component, found.value) == ("DescribedTwice", "project/a")
    assert found.at is not None and (found.at.row, found.at.cell) == (4, "A4")
    assert ":2" in found.messages["bg"]


def test_two_rows_with_one_id_may_be_of_two_sources(mine: Desk) -> None:
    other = b"- {id: project/a, type: Project, title: {en: Alpha}}\n"
    mine.load(mine.put("other.yaml", other))
    book = exported(mine, "mine", "other")
    assert not mine.load(mine.put("x.xlsx", saved(book))).changed


@pytest.mark.parametrize("title", ["Първи", "Променен"])
def test_an_id_that_was_changed_is_told_with_the_one_that_was_exported(mine: Desk, title: str) -> None:
    found = wrong(mine, write(exported(mine), 2, {words.ID: "project/other", TITLE: title}))
    assert (found.suggestion, found.value) == ("project/a", "project/other")
    assert found.at is not None and found.at.cell == "A2"


def test_rows_that_are_sorted_are_still_known(mine: Desk) -> None:
    book = copy(copy(copy(exported(mine), 2, 9), 3, 2), 9, 3)
    projects(book).delete_rows(9)
    assert not mine.load(mine.put("x.xlsx", saved(book))).changed
    found = wrong(mine, write(book, 3, {words.ID: "project/other"}))
    assert (found.suggestion, found.at and found.at.cell) == ("project/a", "A3")


def test_an_id_that_was_emptied_is_proposed_again_and_assigned(mine: Desk) -> None:
    book, before = write(exported(mine), 2, {words.ID: None, TITLE: "Променен"}), number(mine)
    found = wrong(mine, book)
    assert (found.component, found.suggestion) == ("MissingId", "project/a")
    outcome = mine.load(mine.put("x.xlsx", saved(book)), assign_ids=True)
    assert facts(changes(mine, before).added) == {("project/a", "title", "Променен")}
    assert "EmptiedId" in {one.component for one in outcome.report.warnings}
    assert projects(opened((mine.folder / "x.completed.xlsx").read_bytes()))["A2"].value == "project/a"
    assert not mine.load(mine.folder / "x.completed.xlsx").changed


def test_a_source_that_was_changed_is_told_with_the_one_that_was_exported(mine: Desk) -> None:
    for other in ("innoair", "nov-iztochnik", "Отдел Проекти"):
        marks = mine.marks(mine.put("x.xlsx", saved(write(exported(mine), 2, {words.SOURCE: other}))))
        assert [*marks] == [("Проект", "B2")], other
        assert "Напишете: mine" in marks["Проект", "B2"]


def test_a_source_of_a_new_row_that_is_none_is_marked_where_it_stands(mine: Desk) -> None:
    book = write(exported(mine), 4, {words.ID: "project/c", words.SOURCE: "Отдел Проекти", **NEW})
    marks = mine.marks(mine.put("x.xlsx", saved(book)))
    assert [*marks] == [("Проект", "B4")]


def test_a_copied_row_with_another_id_or_none_is_a_new_one(mine: Desk) -> None:
    for cells in ({words.ID: "project/c"}, {words.ID: None}):
        before = number(mine)
        book = write(
            copy(exported(mine), 2, 4), 4, {TITLE: "Трети", "заглавие.en": "Third", words.SOURCE: None, **cells}
        )
        mine.load(mine.put("x.xlsx", saved(book)), assign_ids=True, replace_files=True)
        titles = {value for _, name, value in facts(changes(mine, before).added) if name == "title"}
        assert titles <= {"Трети", "Third"}
        assert not any(one[0].startswith("project/a") for one in facts(changes(mine, before).removed))


def test_a_row_that_something_else_was_written_over_is_new(mine: Desk) -> None:
    book, before = exported(mine), number(mine)
    sheet = projects(book)
    for heading, column in headings(sheet).items():
        if heading != words.ROW:
            sheet.cell(2, column).value = None
    mine.load(
        mine.put("x.xlsx", saved(write(book, 2, {TITLE: "Съвсем друго", STATUS: "в изпълнение"}))), assign_ids=True
    )
    assert facts(changes(mine, before).removed) == set()
    assert ("project/savsem-drugo", "title", "Съвсем друго") in facts(changes(mine, before).added)


def test_an_export_without_the_hidden_column_is_read_as_before(mine: Desk) -> None:
    book, before = exported(mine), number(mine)
    sheet = projects(book)
    sheet.delete_cols(headings(sheet)[words.ROW])
    write(book, 2, {words.ID: "project/other", "заглавие.en": "Alpha"})
    write(book, 3, {TITLE: "Променен"})
    mine.load(mine.put("x.xlsx", saved(book)))
    assert {one[0].partition("#")[0] for one in facts(changes(mine, before).removed)} == {"project/b"}


def test_without_the_columns_of_ids_and_sources_the_rows_are_known_too(mine: Desk) -> None:
    book, before = write(exported(mine), 2, {TITLE: "Променен"}), number(mine)
    projects(book).delete_cols(1, 2)
    mine.load(mine.put("x.xlsx", saved(book)))
    assert facts(changes(mine, before).added) == {("project/a", "title", "Променен")}


@pytest.mark.parametrize(
    ("heading", "theirs", "mine_", "bg", "en"),
    [
        (AMOUNT, "275 000,50", 20, "275 000,50", "275,000.50"),
        (CURRENCY, "лв.", "щатски долар", "български лев", "Bulgarian lev"),
        ("партньор", "НДЕФ", None, "Национален доверителен екофонд", "National Trust EcoFund"),
        ("крайна дата", "31.12.2026", "2027", "31.12.2026", "31.12.2026"),
        ("начална дата", "02.2024", "2023", "02.2024", "02.2024"),
        (STATUS, "в изпълнение", "приключен", "в изпълнение", "running"),
        (TITLE, "Чуждо", "Мое", "Чуждо", "Чуждо"),
    ],
)
def test_what_others_have_changed_is_told_as_it_would_be_written(
    mine: Desk, heading: str, theirs: object, mine_: object, bg: str, en: str
) -> None:
    book = exported(mine)
    mine.load(mine.put("theirs.xlsx", saved(write(exported(mine), 2, {heading: theirs}))))
    found = wrong(mine, write(book, 2, {heading: mine_}))
    assert (found.component, found.at and found.at.column) == ("ChangedSince", heading)
    assert f"(сега: {bg})" in found.messages["bg"] and "повторете промяната" in found.messages["bg"]
    assert f"(now: {en})" in found.messages["en"] and "repeat the change" in found.messages["en"]


def test_of_two_dates_at_odds_the_changed_one_is_marked(mine: Desk) -> None:
    marks = mine.marks(mine.put("x.xlsx", saved(write(exported(mine), 2, {"крайна дата": "2023"}))))
    columns = headings(projects(exported(mine)))
    sheet = projects(exported(mine))
    assert [*marks] == [("Проект", sheet.cell(2, columns["крайна дата"]).coordinate)]
    (told,) = marks.values()
    assert "не по-рано (не по-малко) от „начална дата“" in told
    marks = mine.marks(mine.put("x.xlsx", saved(write(exported(mine), 2, {"начална дата": "2026"}))))
    assert [*marks] == [("Проект", sheet.cell(2, columns["начална дата"]).coordinate)]


def test_only_sources_that_say_something_else_are_named(mine: Desk) -> None:
    everything = opened(mine.export("Project").content)
    sheet = projects(everything)
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 1).value == "project/a")
    outcome = mine.load(mine.put("x.xlsx", saved(write(everything, row, {TITLE: "Променен"}))))
    assert outcome.release is not None
    assert outcome.release.manifest.sources == ("mine",)
    assert len(outcome.sources) > 1


def test_a_new_row_is_asked_whose_it_is_in_a_sheet_that_is_there(mine: Desk) -> None:
    book = write(exported(mine), 4, {words.ID: "project/c", **NEW})
    told = mine.load(mine.put("n.xlsx", saved(book)), dry_run=True).report.warnings
    assert any("За източника" in one.messages["bg"] for one in told)
    book[words.ORIGIN]["B2"] = "Проекти на отдела"
    book[words.ORIGIN]["B4"] = "Община Русе"
    outcome = mine.load(mine.put("n.xlsx", saved(book)))
    assert not any("За източника" in one.messages["bg"] for one in outcome.report.warnings)
