"""Mistakes are marked where they are and nowhere else, and the comments are enough to mend them."""

from __future__ import annotations

import re
import resource
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet
from tests.malformed.books import packed, unpacked, workbook
from tests.publish.workbook.conftest import NOW, Desk
from tests.publish.workbook.mistakes import CLASSES, MISTAKES, headings, planted

from kg.books import not_kept, opened, saved
from kg.books.marks import DOUBTFUL, WRONG, clear, is_untouched
from kg.entry import Locator
from kg.errors import ParameterError
from kg.finding import Finding, Report, Severity
from kg.publish.workbook import words
from kg.publish.workbook.marks import EMPTY, EXPECTED, WRITE, marked


@pytest.fixture
def book(desk: Desk) -> openpyxl.Workbook:
    """A template for the classes of the mistakes that says whose it is."""
    made = opened(desk.template(*CLASSES))
    made[words.ORIGIN]["B2"] = "Таблица с грешки"
    return made


def test_sixty_mistakes_give_sixty_marked_cells_and_no_false_one(desk: Desk, book: openpyxl.Workbook) -> None:
    wrong = planted(book)
    assert len(wrong) == len(MISTAKES) >= 60
    marks = desk.marks(desk.put("sixty.xlsx", saved(book)))
    assert {place: wrong[place] for place in wrong.keys() - marks.keys()} == {}
    assert {place: marks[place] for place in marks.keys() - wrong.keys()} == {}


def test_without_a_mistake_nothing_is_marked(desk: Desk, book: openpyxl.Workbook) -> None:
    wrong = planted(book)
    for sheet, cell in sorted(wrong, key=lambda place: -int(re.sub(r"\D", "", place[1]))):
        book[sheet].delete_rows(int(re.sub(r"\D", "", cell)))
    path = desk.put("sound.xlsx", saved(book))
    assert desk.marks(path) == {}
    assert [one for one in desk.check(path).findings if one.severity is not Severity.INFO] == []
    assert opened(path.with_suffix(".checked.xlsx").read_bytes())[words.RESULT]["A2"].value == "Няма забележки."


def test_the_comments_alone_are_enough_to_mend_everything(desk: Desk, book: openpyxl.Workbook) -> None:
    planted(book)
    path = desk.put("sixty.xlsx", saved(book))
    rounds = 0
    while marks := desk.marks(path):
        rounds += 1
        assert rounds <= 3, marks
        mended = opened(path.with_suffix(".checked.xlsx").read_bytes())  # she goes on in the copy
        for (title, name), comment in marks.items():
            sheet = mended[title]
            assert isinstance(sheet, Worksheet)
            sheet[name] = answer(mended, sheet, name, comment) or None
        path = desk.put("sixty.xlsx", saved(mended))
    assert [one for one in desk.check(path).findings if one.severity is not Severity.INFO] == []
    assert desk.load(path).changed


def answer(book: openpyxl.Workbook, sheet: Worksheet, name: str, comment: str) -> str:
    """What somebody writes who has nothing but the comment and the drop-down of the cell."""
    if found := re.search(rf"{WRITE}(.*)", comment):
        return found[1]
    if EMPTY in comment or "изтрийте" in comment.casefold():
        return ""
    row, column = sheet[name].row, sheet[name].column
    if "вече е описано" in comment:
        return f"project/another-{row}"
    if found := re.search(r"например ([\w:./-]+\w)", comment):
        return found[1]
    expected = re.search(rf"{EXPECTED}(.*)", comment)
    assert expected is not None, comment
    told = expected[1]
    if found := re.match(r"една от стойностите: ([^,]+)", told):
        return found[1]
    if found := re.match(r"(?:дата или период|дата|число): ([\d.]+\d)", told):
        return found[1]
    if told.startswith("съществуващ запис"):
        return listed(book, sheet, column)[0]
    if found := re.match(r"дата не по-късно от „(.+)“", told):
        return str(sheet.cell(row, headings(sheet)[found[1]]).value)
    if told.startswith("текст"):
        return f"Нещо {row}"
    if "9 или 13 цифри" in told:
        return "123456786"  # as the papers of the organisation say; its last digit fits the others
    if "само от цифри" in comment:
        return "1234"
    kind = re.fullmatch(r"([a-z]+)/име", told)
    assert kind is not None, comment
    return f"{kind[1]}/new-{row}"


def listed(book: openpyxl.Workbook, sheet: Worksheet, column: int) -> list[str]:
    """The drop-down of a column."""
    letter = openpyxl.utils.get_column_letter(column)
    (found,) = (one for one in sheet.data_validations.dataValidation if str(one.sqref).startswith(f"{letter}2:"))
    ((title, cells),) = book.defined_names[str(found.formula1)].destinations
    return [str(cell.value) for (cell,) in book[title][cells]]


ROWS = [
    ["ид", "заглавие.bg", "бюджет.стойност", "бюджет.валута", "промени на статуса.нов статус"],
    ["project/a", "А", "много", "евро", "планиран"],
    ["project/b", "Б", "5", "евро", "планиран"],
]


def found(desk: Desk, content: bytes) -> Report:
    return desk.check(desk.put("own.xlsx", content))


def test_a_second_check_marks_only_what_is_still_wrong(desk: Desk) -> None:
    content = workbook(ROWS, "Проект")
    once = marked(content, found(desk, content), "own.xlsx", NOW).content
    mended = opened(once)
    mended["Проект"]["C2"] = 7
    mended["Проект"]["C3"] = "пет"
    again = opened(marked(saved(mended), found(desk, saved(mended)), "own.xlsx", NOW).content)
    assert again["Проект"]["C2"].comment is None and again["Проект"]["C2"].fill.fill_type is None
    assert "не е число" in again["Проект"]["C3"].comment.text
    assert again.sheetnames.count(words.RESULT) == 1


def test_what_the_person_wrote_and_coloured_comes_back(desk: Desk) -> None:
    mine = opened(workbook(ROWS, "Проект"))
    cell = mine["Проект"]["C2"]
    cell.comment, cell.fill = Comment("Да се попита Мария", "Ана"), PatternFill("solid", fgColor="FF00B050")
    content = saved(mine)
    book = opened(marked(content, found(desk, content), "own.xlsx", NOW).content)
    seen = book["Проект"]["C2"]
    assert seen.comment.text.startswith("Да се попита Мария") and "не е число" in seen.comment.text
    assert "rgb" not in seen.comment.text and "FF00B050" not in seen.comment.text
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"] == [words.RESULT, "Проект"]
    assert seen.fill.fgColor.rgb == WRONG.fgColor.rgb
    clear(book)
    assert book.sheetnames == ["Проект"]
    assert seen.comment.text == "Да се попита Мария"
    assert seen.fill.fgColor.rgb == "FF00B050"
    assert words.RESULT not in book.sheetnames


def test_a_colour_of_her_own_moves_with_its_row(desk: Desk) -> None:
    mine = opened(workbook([*ROWS, ["project/c", "В", "толкова", "евро", "планиран"]], "Проект"))
    for name, colour in {"C2": "FF00B050", "C3": "FF0070C0", "C4": "FFFF0000"}.items():
        mine["Проект"][name].fill = PatternFill("solid", fgColor=colour)
    content = saved(mine)
    book = opened(saved(opened(marked(content, found(desk, content), "own.xlsx", NOW).content)))
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    sheet.insert_rows(2, 3)  # her rows are further down now
    copy = opened(marked(saved(book), found(desk, saved(book)), "own.xlsx", NOW).content)
    assert desk.check(desk.put("copy.xlsx", saved(copy))).findings, "the hidden sheet is not loaded"
    clear(copy)
    seen = [cell_of(copy, name).fill.fgColor.rgb for name in ("C5", "C6", "C7")]
    assert seen == ["FF00B050", "FF0070C0", "FFFF0000"]


def test_the_marked_copy_says_what_the_workbook_says(desk: Desk, book: openpyxl.Workbook) -> None:
    planted(book)
    content = saved(book)
    copy = opened(marked(content, found(desk, content), "own.xlsx", NOW).content)
    for sheet in book.worksheets:
        values = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert [[cell.value for cell in row] for row in copy[sheet.title].iter_rows()] == values
        before, after = (
            {str(one.sqref): (one.type, one.formula1) for one in of[sheet.title].data_validations.dataValidation}
            for of in (book, copy)
        )
        assert before == after
    assert copy.defined_names.keys() == book.defined_names.keys()


def test_the_list_of_findings_has_links_and_counts(desk: Desk) -> None:
    content = workbook([*ROWS, ["", "В", "6", "евро", "планиран"]], "Проект")
    sheet = opened(marked(content, found(desk, content), "own.xlsx", NOW).content)[words.RESULT]
    assert sheet["A1"].value == "Не се зарежда: резултат от проверката на 28.06.2024 г., 17:00 ч."
    assert str(sheet["A2"].value).startswith("Грешки: 2. Предупреждения: ")
    rows = {row[2].value: row for row in sheet.iter_rows(min_row=5) if row[2].value}
    kind, _, cell, _, value, _, _ = rows["C2"]
    assert (kind.value, value.value) == ("грешка", "много")
    assert cell.hyperlink is not None and cell.hyperlink.location == "'Проект'!C2"
    assert rows["A4"][6].value == "project/v"


def test_a_likely_duplicate_is_marked_where_its_name_stands(desk: Desk) -> None:
    made = opened(desk.template("Organisation"))
    sheet = made["Организация"]
    assert isinstance(sheet, Worksheet)
    columns = headings(sheet)
    row = {"ид": "organisation/fond", "наименование.bg": "Национален доверителен екофонд", "вид": "фонд"}
    for heading, text in row.items():
        sheet.cell(2, columns[heading], text)
    name = sheet.cell(2, columns["наименование.bg"]).coordinate
    path = desk.put("own.xlsx", saved(made))
    assert [place for place, text in desk.marks(path).items() if "вероятно са едно и също" in text] == [
        ("Организация", name)
    ]
    (told,) = (one for one in listed_findings(path) if "вероятно са едно и също" in one[5])
    assert told[2:5] == (name, "наименование.bg", "Национален доверителен екофонд")


def listed_findings(path: Path) -> list[tuple[str, ...]]:
    """The rows of the list in the marked copy."""
    sheet = opened(path.with_suffix(".checked.xlsx").read_bytes())[words.RESULT]
    assert isinstance(sheet, Worksheet)
    return [tuple(str(cell.value or "") for cell in row) for row in sheet.iter_rows(min_row=5)]


def test_the_list_shows_cells_as_they_are_and_personal_data_masked(desk: Desk) -> None:
    made = opened(desk.template("Project"))
    sheet = made["Проект"]
    assert isinstance(sheet, Worksheet)
    columns = headings(sheet)
    row: dict[str, object] = {
        "ид": "project/a",
        "заглавие.bg": "Проект без повторение",
        "описание.bg": "Пишете на ivan@abv.bg",
        "начална дата": "2024",
        "крайна дата": datetime(2023, 5, 1),
        "бюджет.стойност": -300000,
    }
    for heading, value in row.items():
        sheet.cell(2, columns[heading]).value = value  # type: ignore[assignment]
    sheet.cell(2, columns["крайна дата"]).number_format = "dd.mm.yyyy"
    sheet.cell(2, columns["бюджет.стойност"]).number_format = "#,##0.00"
    path = desk.put("own.xlsx", saved(made))
    desk.marks(path)
    shown = {told[3]: told[4] for told in listed_findings(path)}
    assert shown["начална дата"] == "2024"
    assert shown["бюджет.стойност"] == "-300 000,00"
    assert shown["бюджет.валута"] == "" and shown["промени на статуса.нов статус"] == ""
    assert "ivan" not in shown["описание.bg"] and shown["описание.bg"]


def test_formulas_in_texts_are_not_run(desk: Desk) -> None:
    content = workbook([["ид", "заглавие.bg"], ["=1+1", "А"], ["project/b", "@SUM(A1)"]], "Проект")
    book = opened(marked(content, found(desk, content), "own.xlsx", NOW).content)
    assert not [cell.coordinate for row in book[words.RESULT].iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("xl/other.xml", False),
        ("xl/drawings/drawing1.xml", True),
        ("xl/media/image1.png", True),
        ("xl/vbaProject.bin", True),
    ],
)
def test_what_a_copy_may_lack_is_known(name: str, expected: bool) -> None:
    assert not_kept(packed({"xl/workbook.xml": "", name: ""})) is expected


def cell_of(book: openpyxl.Workbook, name: str) -> Cell:
    cell = book["Проект"][name]
    assert isinstance(cell, Cell)
    return cell


def test_what_she_adds_to_a_mark_or_does_to_its_colour_is_hers(desk: Desk) -> None:
    content = workbook(ROWS, "Проект")
    book = opened(marked(content, found(desk, content), "own.xlsx", NOW).content)
    marked_cell, good = cell_of(book, "C2"), cell_of(book, "B2")
    assert marked_cell.comment is not None
    marked_cell.comment = Comment(f"{marked_cell.comment.text}\n\nПитах Мария.", "Ана")
    marked_cell.fill = good.fill = PatternFill("solid", fgColor="FF00B050")
    book = opened(saved(book))
    clear(book)
    seen = cell_of(book, "C2")
    assert seen.comment is not None and seen.comment.text == "Питах Мария." and seen.comment.author == "Ана"
    assert seen.fill.fgColor.rgb == cell_of(book, "B2").fill.fgColor.rgb == "FF00B050"


def test_a_mended_cell_whose_note_was_deleted_is_no_longer_coloured(desk: Desk) -> None:
    content = workbook(ROWS, "Проект")
    book = opened(marked(content, found(desk, content), "own.xlsx", NOW).content)
    cell_of(book, "C2").comment = None
    assert cell_of(book, "C2").fill.fgColor.rgb == WRONG.fgColor.rgb
    clear(book)
    assert cell_of(book, "C2").fill.fill_type is None
    assert DOUBTFUL.fgColor.rgb != WRONG.fgColor.rgb


def test_a_pattern_stays_and_a_merged_cell_is_marked_where_it_shows(desk: Desk) -> None:
    mine = opened(workbook([*ROWS, ["project/c", "В", None, "евро", "планиран"]], "Проект"))
    mine["Проект"].merge_cells("C2:C4")
    cell_of(mine, "C2").fill = PatternFill("darkGrid", fgColor="FFFF0000")
    content = saved(mine)
    book = opened(marked(content, found(desk, content), "own.xlsx", NOW).content)
    seen = cell_of(book, "C2")
    assert seen.comment is not None and "не е число" in seen.comment.text
    assert seen.fill.fill_type == "darkGrid"


def test_formulas_become_their_results_and_her_sheets_stay(desk: Desk) -> None:
    content = workbook(ROWS, "Проект", {words.RESULT: [["Не се зарежда: моите бележки"]]})
    formula = opened(content)
    formula["Проект"]["C3"] = "=2+3"
    without = marked(saved(formula), found(desk, content), "own.xlsx", NOW)
    assert without.formulas
    assert cell_of(opened(without.content), "C3").value == "=2+3", "nobody has worked it out"
    parts = unpacked(saved(formula))
    sheet = next(name for name, data in parts.items() if b"<f>2+3</f>" in data)
    parts[sheet] = re.sub(rb"<f>2\+3</f><v ?/?>(</v>)?", b"<f>2+3</f><v>5</v>", parts[sheet])
    made = marked(packed(parts), found(desk, packed(parts)), "own.xlsx", NOW)
    book = opened(made.content)
    assert made.formulas and cell_of(book, "C3").value == 5
    assert book[words.RESULT]["A1"].value == "Не се зарежда: моите бележки"
    again = opened(marked(made.content, Report(()), "own.xlsx", NOW).content)
    assert [name for name in again.sheetnames if name.startswith(words.RESULT)] == ["Проверка1", "Проверка"]


def test_whether_somebody_has_worked_on_a_copy_is_known(desk: Desk) -> None:
    content = workbook(ROWS, "Проект")
    copy = marked(content, found(desk, content), "own.xlsx", NOW).content
    assert is_untouched(opened(copy)) and not is_untouched(opened(content))
    for change in ("value", "comment"):
        book = opened(copy)
        if change == "value":
            cell_of(book, "B3").value = "Друго"
        else:
            cell_of(book, "B3").comment = Comment("Бележка", "Ана")
        assert not is_untouched(opened(saved(book)))


@pytest.mark.parametrize("content", [b"", b"x", packed({"xl/workbook.xml": "<broken"})])
def test_what_is_no_workbook_is_told(content: bytes) -> None:
    with pytest.raises(ParameterError) as refusal:
        marked(content, Report(()), "own.xlsx", NOW)
    assert "запишете отново" in refusal.value.messages["bg"]


def test_a_sheet_that_spans_a_million_rows_is_marked_in_no_time(desk: Desk) -> None:
    mine = opened(workbook(ROWS, "Проект"))
    mine["Проект"].cell(1_048_576, 40).fill = PatternFill("solid", fgColor="FF00B050")
    content = saved(mine)
    told = Finding({"bg": "не е число", "en": "no number"}, at=Locator("own.xlsx", sheet="Проект", row=2, cell="C2"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert cell_of(opened(marked(content, Report((told,)), "own.xlsx", NOW).content), "C2").comment is not None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB
