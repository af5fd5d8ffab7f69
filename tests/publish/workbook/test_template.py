"""A template asks for what the shapes want, in Bulgarian, and offers what would be understood."""

from __future__ import annotations

import re

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet
from tests.publish.workbook.conftest import Desk
from tests.publish.workbook.mistakes import headings
from tests.publish.workbook.test_marks import listed

from kg.books import opened, saved
from kg.finding import Severity
from kg.form import Need
from kg.publish.workbook import looks, words

FORBIDDEN = re.compile(
    r"\b(?:RDF|IRI|URI|SHACL|SPARQL|YAML|JSON|OWL|SKOS|FOAF|W3C|literal|triple)\w*|\bграф(?:а|ът)?\b", re.IGNORECASE
)


def sheet_of(book: openpyxl.Workbook, title: str) -> Worksheet:
    sheet = book[title]
    assert isinstance(sheet, Worksheet)
    return sheet


def need(sheet: Worksheet, heading: str) -> Need:
    """What the colour of a heading says."""
    colour = sheet.cell(1, headings(sheet)[heading]).fill.fgColor.rgb
    return next(one for one, (fill, _) in looks.HEADINGS.items() if fill.fgColor.rgb == colour)


def test_a_sheet_for_each_class_between_the_instructions_and_the_lists(desk: Desk) -> None:
    book = opened(desk.template("Project", "Event"))
    assert book.sheetnames == ["Указания", "Проект", "Събитие", "Източник", "Списъци"]
    assert book.active is book["Проект"]
    assert sheet_of(book, "Проект").freeze_panes == "C2"


def test_headings_are_the_fields_the_needed_ones_first_and_nothing_that_is_worked_out(desk: Desk) -> None:
    sheet = sheet_of(opened(desk.template("Project")), "Проект")
    names = [*headings(sheet)]
    assert names[:2] == ["ид", "заглавие.bg"]
    assert {"заглавие.en", "финансиран по", "бюджет.стойност", "бюджет.валута", "промени на статуса.дата"} <= {*names}
    assert not {"статус", "бюджет.стойност в евро", "ЕКАТТЕ", "доказателства", "точност на началото"} & {*names}
    assert need(sheet, "заглавие.bg") is Need.REQUIRED
    assert need(sheet, "заглавие.en") is Need.OPTIONAL
    assert need(sheet, "промени на статуса.нов статус") is Need.RECOMMENDED
    assert need(sheet, "бюджет.валута") is Need.OPTIONAL


def test_columns_are_typed_and_texts_stay_what_is_typed(desk: Desk) -> None:
    sheet = sheet_of(opened(desk.template("Project", "Organisation")), "Проект")
    formats = {name: sheet.column_dimensions[letter(number)].number_format for name, number in headings(sheet).items()}
    assert formats["бюджет.стойност"] == "#,##0.00"
    assert formats["начална дата"] == formats["номер на договор"] == formats["ид"] == "@"
    kinds = {
        letter(number): (one.type, one.errorStyle, bool(one.showErrorMessage))
        for number in headings(sheet).values()
        for one in sheet.data_validations.dataValidation
        if str(one.sqref).startswith(f"{letter(number)}2:")
    }
    column = {name: kinds.get(letter(number)) for name, number in headings(sheet).items()}
    assert column["промени на статуса.нов статус"] == ("list", "stop", True)
    assert column["по покана"] == ("list", "warning", True)
    assert column["партньор"] == ("list", "warning", False)  # several go into one cell
    assert column["бюджет.стойност"] is not None and column["бюджет.стойност"][0] == "decimal"


def letter(number: int) -> str:
    return openpyxl.utils.get_column_letter(number)


def test_nobody_is_asked_to_choose_where_there_is_no_list(desk: Desk) -> None:
    sheet = sheet_of(opened(desk.template("Project")), "Проект")
    validations = sheet.data_validations.dataValidation
    asked = {one.promptTitle for one in validations if "Изберете от списъка" in (one.prompt or "")}
    assert asked == {one.promptTitle for one in validations if one.type == "list"}


def test_a_comment_says_what_a_column_is_and_takes(desk: Desk) -> None:
    sheet = sheet_of(opened(desk.template("Project")), "Проект")
    comments = {str(cell.value): cell.comment.text for cell in sheet[1] if cell.comment}
    assert comments.keys() == headings(sheet).keys()
    assert "на български" in comments["заглавие.bg"]
    assert "число: 469794.74 или 469 794,74" in comments["бюджет.стойност"]
    assert "когато е попълнено друго от „бюджет“" in comments["бюджет.валута"]
    assert "разделени с точка и запетая" in comments["партньор"]
    assert "уеб адрес" in comments["интернет страница"]
    assert "project/" in comments["ид"]


def test_of_a_text_in_two_languages_one_is_enough_for_the_comments_and_for_the_gate(desk: Desk) -> None:
    content = desk.template("Project", "Report", "Grant")
    book = opened(content)
    told = {
        f"{title}!{cell.value}": cell.comment.text
        for title in ("Проект", "Отчет", "Безвъзмездна помощ")
        for cell in sheet_of(book, title)[1]
        if cell.comment
    }
    either = "Задължително е поне едно от: „заглавие.bg“, „заглавие.en“."
    assert either in told["Проект!заглавие.bg"] and either in told["Проект!заглавие.en"]
    better = "Препоръчително е поне едно от: „заглавие.bg“, „заглавие.en“; без него"
    assert better in told["Безвъзмездна помощ!заглавие.en"]
    ends = "поне едно от: „период.начална дата“, „период.крайна дата“"
    assert ends in told["Отчет!период.крайна дата"]
    sheet = sheet_of(book, "Проект")
    columns = headings(sheet)
    for row, heading in ((2, "заглавие.bg"), (3, "заглавие.en")):
        sheet.cell(row, columns["ид"], f"project/title-{row}")
        sheet.cell(row, columns[heading], "Х" if row == 2 else "X")
    sheet.cell(4, columns["ид"], "project/title-4")
    report = desk.check(desk.put("titles.xlsx", saved(book)))
    assert [one.at.cell for one in report.findings if one.refuses and one.at] == ["B4"]


def test_everything_a_workbook_says_is_in_words_of_people(desk: Desk) -> None:
    names = [name for name in desk.domain.context.classes if desk.forms.of(name).kind]
    assert len(names) > 20
    for sheet in opened(desk.template(*names)).worksheets:
        texts = [
            str(text)
            for row in sheet.iter_rows()
            for cell in row
            for text in (cell.value, cell.comment.text if cell.comment else None)
            if text is not None
        ]
        texts += [f"{one.prompt} {one.error}" for one in sheet.data_validations.dataValidation]
        assert [found[0] for text in texts if (found := FORBIDDEN.search(text))] == [], sheet.title


def test_in_a_table_a_graph_would_be_a_column() -> None:
    told = [text for exported in (False, True) for _, text in words.instructions(["Проект"], exported)]
    assert [text for text in told if FORBIDDEN.search(text)] == []


def test_whatever_is_offered_is_understood_as_one_thing(desk: Desk) -> None:
    """Each name of each list goes into a row of its own; the load of all takes them without a word."""
    names = ("Project", "Event", "Facility")
    book = opened(desk.template(*names))
    book[words.ORIGIN]["B2"] = "Всичко"
    offered = 0
    for class_name in names:
        sheet = sheet_of(book, desk.domain.context.aliases[class_name])
        columns = headings(sheet)
        row = 1
        for heading in ("финансиран по", "финансиран от", "местоположение", "тема", "организатор", "вид"):
            for choice in listed(book, sheet, columns[heading]) if heading in columns else ():
                row, offered = row + 1, offered + 1
                kind = desk.forms.of(class_name).kind
                sheet.cell(row, columns["ид"], f"{kind}/offered-{row}")
                naming = next(name for name in columns if name in {"заглавие.bg", "наименование.bg"})
                sheet.cell(row, columns[naming], f"Предложено {row} {offered}")
                sheet.cell(row, columns[heading], choice)
    report = desk.check(desk.put("offered.xlsx", saved(book)))
    assert offered > 900
    assert [one for one in report.findings if one.refuses or one.component == "AmbiguousReference"] == []
    taken = {one.at.cell for one in report.findings if one.component == "Understood" and one.at}
    assert len(taken) > 500


def test_lists_hold_the_names_of_what_is_known_and_ids_where_names_are_two(desk: Desk) -> None:
    book = opened(desk.template("Organisation"))
    sheet = sheet_of(book, "Организация")
    places = listed(book, sheet, headings(sheet)["местоположение"])
    assert "Русе (община)" in places or "Русе" in places or "place/rse27" in places
    assert "place/rse04" in places and "Бяла" not in places
    assert places == sorted(places, key=str.casefold)


def test_an_empty_template_is_loaded_as_nothing(desk: Desk) -> None:
    report = desk.check(desk.put("empty.xlsx", desk.template("Project")))
    assert [one.severity for one in report.findings] == [Severity.WARNING]
    assert "няма записи" in report.findings[0].messages["bg"]


def test_a_workbook_says_whose_it_is(desk: Desk) -> None:
    book = opened(desk.template("Project"))
    about = sheet_of(book, words.ORIGIN)
    names = {str(row[0].value): row[1] for row in about.iter_rows(min_row=2)}
    names["заглавие.bg"].value, names["заглавие.en"].value = "Проекти на отдела", "Projects of the department"
    names["издател"].value, names["лиценз"].value = "Община Русе", "https://creativecommons.org/licenses/by/4.0/"
    sheet = sheet_of(book, "Проект")
    sheet.append(["project/one", "Един проект"])
    outcome = desk.load(desk.put("projects.xlsx", saved(book)))
    assert [one for one in outcome.report.warnings if one.component == "Reading"] == []
    release = desk.store.current()
    assert release is not None
    said = {
        (quad.predicate.value.rpartition("/")[2], getattr(quad.object, "value", ""))
        for quad in release.quads(desk.iris.graph("projects"), None, None, desk.iris.meta)
    }
    assert {
        ("title", "Проекти на отдела"),
        ("title", "Projects of the department"),
        ("publisher", "Община Русе"),
        ("license", "https://creativecommons.org/licenses/by/4.0/"),
    } <= said
    names["лиценз"].value = "CC BY"
    report = desk.check(desk.put("projects.xlsx", saved(book)))
    assert [(one.at and one.at.cell, "уеб адрес" in one.messages["bg"]) for one in report.violations] == [("B5", True)]
