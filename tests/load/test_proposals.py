"""What a reader proposes for what it cannot read: the exact text for the cell, and it is read there."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import pytest
from tests.load.conftest import Loading
from tests.load.conftest import refused as refusing
from tests.malformed.books import workbook

from kg.errors import DataError
from kg.finding import Finding

HEADER = ["ид", "тип", "заглавие.bg", "вид", "дата", "организатор", "тема", "бюджет.стойност", "бюджет.валута"]
GOOD = ["event/a", "Събитие", "Обучение по ЗОП", "обучение", "28.06.2023", "НДЕФ", "", "125 000", "лв."]
Table = list[list[str]]


SEVERAL = ("Национален доверителен екофонд; organisation/zora-ruse", "Организация")


def test_a_currency_beside_a_number_is_told_where_it_belongs(loading: Loading) -> None:
    head = ["ид", "тип", "заглавие.bg", "бюджет.стойност", "бюджет.валута"]
    for amount, currency, told in (("1250.50 лв.", "", True), ("1250.50 лв.", "лв.", False), ("€ 5", "", True)):
        rows = [head, ["project/a", "Проект", "А", amount, currency]]
        found = only(refused(loading, {"a.xlsx": book(rows)}))
        assert found.suggestion == ("5" if "€" in amount else "1250.50")
        meant = "евро" if "€" in amount else "български лев"
        assert (f"„{meant}“ напишете в „бюджет.валута“" in found.messages["bg"]) is told


def book(rows: Table) -> bytes:
    return workbook(rows)


def refused(loading: Loading, files: Mapping[str, str | bytes]) -> tuple[Finding, ...]:
    return tuple(finding for finding in refusing(lambda: loading(files)) if finding.refuses)


def only(findings: Sequence[Finding]) -> Finding:
    (one,) = findings
    return one


def with_cell(column: str, text: str) -> Table:
    row = GOOD.copy()
    row[HEADER.index(column)] = text
    return [HEADER, row]


@pytest.mark.parametrize(
    ("column", "wrong", "right", "expected"),
    [
        ("вид", "обученне", "обучение", "обучение"),
        ("вид", "сбирка на улицата", None, "обучение"),
        ("вид", "trainin", "training", "обучение"),
        ("дата", "31.04.2023", "30.04.2023", "28.06.2023"),
        ("дата", "лятото", None, "28.06.2023"),
        ("организатор", "НДФ", "НДЕФ", "Организация"),
        ("организатор", "Национален доверителен фонд", "Национален доверителен екофонд", "Организация"),
        ("организатор", "Natsionalen doveritelen ekofond", "Национален доверителен екофонд", "Организация"),
        ("организатор", "Читалище „Зора“", None, "organisation/zora-ruse"),  # there are two
        ("организатор", "Община Варна", None, "Организация"),
        ("организатор", "Национален доверителен екофонд, organisation/zora-ruse", *SEVERAL),
        ("организатор", "НДЕФ, Съюз на пчеларите", None, "Организация"),  # the nearest would leave out what is meant
        ("тема", "околна среда, климатт", "околна среда; климат", "околна среда"),
        ("тема", "енергетика; околна среда,климат", "енергетика; околна среда; климат", "околна среда"),
        ("вид", "обучение, среща", None, "обучение"),
        ("бюджет.стойност", "125 000 лв.", "125 000", "число"),
        ("бюджет.стойност", "125.000", None, "число"),
        ("бюджет.валута", "БГН", None, "български лев"),
        ("тип", "Събитиe за всички", None, "Събитие"),
        ("тип", "Събите", "Събитие", "Проект"),
        ("ид", "event/Обучение в Русе", "event/obuchenie-v-ruse", "event/"),
        ("ид", "", "event/2023-06-28-obuchenie-po-zop", "event/"),
    ],
)
def test_a_wrong_cell_is_told_with_what_belongs_there(
    loading: Loading, column: str, wrong: str, right: str | None, expected: str
) -> None:
    rows = with_cell(column, wrong)
    finding = only(refused(loading, {"a.xlsx": book(rows)}))
    assert finding.at is not None
    assert (finding.at.sheet, finding.at.row, finding.at.column) == ("Лист1", 2, column)
    assert finding.at.cell == f"{'ABCDEFGHI'[HEADER.index(column)]}2"
    assert finding.suggestion == right
    assert finding.expected is not None
    assert expected in finding.expected["bg"]
    assert finding.expected["en"] != finding.expected["bg"] or column == "ид"
    if right is not None:
        loading({"a.xlsx": book(with_cell(column, right))})


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("заглвие.bg", "заглавие.bg"),
        ("бюджт.стойност", "бюджет.стойност"),
        ("бюджет.стойнст", "бюджет.стойност"),
        ("заглавие.бг", "заглавие.bg"),
        ("zaglavie.bg", None),
        ("съвсем друго", None),
    ],
)
def test_a_wrong_heading_is_told_once_where_it_stands(loading: Loading, wrong: str, right: str | None) -> None:
    rows = [[*HEADER, wrong], [*GOOD, "Х"], ["event/b", *GOOD[1:], "Х"]]
    found = {finding.key: finding for finding in refused(loading, {"a.xlsx": book(rows)})}
    finding = only([*found.values()])
    assert finding.at is not None
    assert (finding.at.row, finding.at.cell, finding.field) == (1, "J1", wrong)
    assert finding.suggestion == right


def test_one_item_of_a_list_is_mended_within_its_cell(loading: Loading) -> None:
    rows = with_cell("тема", "енергийна ефективнос; транспрт; туризъм")
    found = refused(loading, {"a.xlsx": book(rows)})
    wrong = {finding.value for finding in found}
    assert wrong <= {"енергийна ефективнос", "транспрт", "туризъм"}
    assert {"енергийна ефективнос", "транспрт"} <= wrong
    wholes = {finding.suggestion for finding in found if finding.suggestion}
    assert len(wholes) == 1
    assert wholes.pop().startswith("енергийна ефективност; ")


def test_two_rows_without_an_id_are_not_given_the_same(loading: Loading) -> None:
    rows = [HEADER, ["", *GOOD[1:]], ["", *GOOD[1:]]]
    proposed = [finding.suggestion for finding in refused(loading, {"a.xlsx": book(rows)})]
    assert len(proposed) == len(set(proposed)) == 2


def test_an_id_that_is_taken_is_not_proposed(loading: Loading) -> None:
    rows = [["ид", "тип", "наименование.bg"], ["проект/ndef", "Организация", "Друга"]]
    assert only(refused(loading, {"a.xlsx": book(rows)})).suggestion is None


def test_letters_of_two_alphabets_are_mended_in_the_whole_text(loading: Loading) -> None:
    title = "Нaсърчаване и рaзвитие"  # with Latin letters
    load = loading({"a.xlsx": book(with_cell("заглавие.bg", title))})
    finding = only([note for note in load.notes if note.component == "MixedLetters"])
    assert finding.suggestion == "Насърчаване и развитие"


SLIPS = {"вид": "обученне", "дата": "28.О6.2023", "организатор": "НДФ", "бюджет.стойност": "125 000 лв."}


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_proposals_of_a_table_lead_to_no_findings(loading: Loading, suffix: str) -> None:
    header = [{"заглавие.bg": "заглвие.bg"}.get(name, name) for name in HEADER]
    rows = [header, [SLIPS.get(name, text) for name, text in zip(HEADER, GOOD, strict=True)]]
    rounds = 0
    while True:
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        file: dict[str, str | bytes] = {"a.csv": out.getvalue()} if suffix == "csv" else {"a.xlsx": book(rows)}
        try:
            loading(file)
        except DataError as error:
            found = [finding for finding in error.findings if finding.refuses]
        else:
            break
        rounds += 1
        assert rounds < 4, found
        for finding in found:
            assert finding.at is not None and finding.at.row and finding.at.column and finding.suggestion, finding
            rows[finding.at.row - 1][rows[0].index(finding.at.column)] = finding.suggestion
    assert rounds


def test_a_field_of_a_list_in_yaml_is_told_with_its_line_and_value(loading: Loading) -> None:
    text = "- id: event/a\n  type: Event\n  title: А\n  theme:\n    - енергийна ефективност\n    - транспрт\n"
    finding = only(refused(loading, {"a.yaml": text}))
    assert finding.at is not None
    assert (finding.at.line, finding.value) == (6, "транспрт")
    assert finding.suggestion is not None
