"""Everything that is wrong is told at once; what only follows from it is not."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from kg import pipeline
from kg.errors import DataError
from kg.finding import Finding, Severity
from kg.store.embedded import EmbeddedStore
from tests.malformed.books import workbook

KNOWN = """
- {id: organisation/ndef, type: Organisation, name: {bg: НДЕФ, en: NTEF}, kind: fund}
- {id: programme/climate, type: FundingProgramme, title: {bg: Климат, en: Climate}}
"""
HEAD = ["ид", "заглавие.bg", "начална дата", "финансиран по", "промени на статуса.нов статус"]
Rows = Sequence[Sequence[object]]


@pytest.fixture
def store(domain: pipeline.Domain, tmp_path: Path) -> EmbeddedStore:
    store = EmbeddedStore.open(tmp_path / "home")
    (tmp_path / "known.yaml").write_text(KNOWN, encoding="utf-8")
    pipeline.ingest([tmp_path / "known.yaml"], store=store, domain=domain, agent="test")
    return store


class Told:
    """What a check tells of a workbook: places with kinds, those that refuse."""

    assign_ids = False

    def __init__(self, store: EmbeddedStore, domain: pipeline.Domain, folder: Path) -> None:
        self.store, self.domain, self.folder = store, domain, folder

    def findings(self, name: str, content: bytes | str) -> list[Finding]:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        try:
            report = pipeline.ingest(
                [path], store=self.store, domain=self.domain, agent="test", dry_run=True, assign_ids=self.assign_ids
            ).report
        except DataError as error:
            return [one for one in error.findings if one.refuses]
        assert [one for one in report.findings if one.severity is Severity.VIOLATION] == []
        return []

    def __call__(self, rows: Rows, sheet: str = "Проект", **more: Rows) -> list[tuple[str, str]]:
        found = self.findings("case.xlsx", workbook([*rows], sheet, {name: [*other] for name, other in more.items()}))
        return sorted(
            (
                f"{one.at.sheet}!{one.at.cell or one.at.row}" if one.at else "",
                (one.component or "").removesuffix("ConstraintComponent"),
            )
            for one in found
        )


@pytest.fixture
def told(store: EmbeddedStore, domain: pipeline.Domain, tmp_path: Path) -> Told:
    return Told(store, domain, tmp_path)


def test_a_cell_that_cannot_be_read_hides_no_other_mistake(told: Told) -> None:
    rows: Rows = [
        HEAD,
        ["project/a", "А", "вчера", "Климат", "планиран"],
        ["project/b", "Б", None, "organisation/ndef", "планиран"],  # there, and no programme
        ["project/c", None, None, "Климат", "планиран"],
    ]
    assert told(rows) == [("Проект!B4", "MinCount"), ("Проект!C2", "BadDate"), ("Проект!D3", "Class")]


def test_nor_does_one_without_a_value_a_note_beside_the_table_or_a_licence_that_is_none(told: Told) -> None:
    rows: Rows = [
        HEAD,
        ["project/a", "#N/A", None, "Климат", "планиран"],
        ["project/b", "Б", "вчера", None, "планиран", "бележка"],
        ["project/c", None, None, None, "планиран"],
    ]
    about = [["За източника"], ["заглавие.bg", "Мои"], ["лиценз", "CC BY 4.0"]]
    assert told(rows, Източник=about) == [
        ("Източник!B3", "Reading"),
        ("Проект!B2", "NoValue"),
        ("Проект!B4", "MinCount"),
        ("Проект!C3", "BadDate"),
        ("Проект!F3", "Reading"),
    ]


def test_a_column_whose_name_says_nothing_hides_only_what_it_may_stand_for(told: Told) -> None:
    extra: Rows = [
        ["ид", "заглавие.bg", "Вътрешна бележка", "промени на статуса.нов статус"],
        ["project/a", None, "х", "планиран"],
    ]
    assert told(extra) == [("Проект!B2", "MinCount"), ("Проект!C1", "UnknownField")]
    instead = [["ид", "Име на проекта", "промени на статуса.нов статус"], ["project/a", "А", "планиран"]]
    assert told(instead) == [("Проект!B1", "UnknownField")]


def test_of_two_rows_with_one_id_both_are_judged(told: Told) -> None:
    rows: Rows = [
        HEAD,
        ["project/a", "А", None, None, "планиран"],
        ["project/a", None, None, "organisation/ndef", "планиран"],
    ]
    assert told(rows) == [("Проект!A3", "DescribedTwice"), ("Проект!B3", "MinCount"), ("Проект!D3", "Class")]


def test_a_sheet_with_another_name_is_told_of_once_and_read_as_what_is_meant(told: Told) -> None:
    rows: Rows = [HEAD, ["project/a", None, None, None, "планиран"], ["project/b", "Б", None, None, "планиран"]]
    assert told(rows, "Проектт") == [("Проектт!1", "MissingType"), ("Проектт!B2", "MinCount")]
    assert told(rows, "Проект_2") == [("Проект_2!B2", "MinCount")]
    assert told(rows, "Лист1") == [("Лист1!1", "MissingType")]


def test_what_is_nested_in_an_entry_with_a_mistake_is_told_of_there(told: Told) -> None:
    head = ["ид", "заглавие.bg", "участия.1.лице или организация", "участия.1.роля", "участия.2.лице или организация"]
    head += ["участия.2.роля", "промени на статуса.1.нов статус", "промени на статуса.2.нов статус"]
    rows: Rows = [
        head,
        ["project/a", "А", "Никой", "координатор", "Никоя", "партньор", "планиран", "в изпълнениее"],
    ]
    assert told(rows) == [
        ("Проект!C2", "UnknownReference"),
        ("Проект!E2", "UnknownReference"),
        ("Проект!H2", "UnknownCode"),
    ]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (["project/a", "Прокаджия", "Алфа"], ("Записи!B2", "UnknownType")),
        (["project/a", None, "Алфа"], ("Записи!B2", "MissingType")),
        (["Проект а!", "Проект", "Алфа"], ("Записи!A2", "BadId")),
        (["event/a", "Проект", "Алфа"], ("Записи!A2", "BadId")),
    ],
)
def test_others_may_refer_to_what_cannot_be_read(
    told: Told, wrong: Sequence[object], expected: tuple[str, str]
) -> None:
    head = ["ид", "тип", "заглавие.bg", "част от", "промени на статуса.нов статус"]
    rows: Rows = [
        head,
        [*wrong, None, "планиран"],
        ["project/b", "Проект", "Бета", "Алфа", "планиран"],
        ["project/c", "Проект", "Гама", wrong[0] if "/" in str(wrong[0]) else None, "планиран"],
    ]
    assert told(rows, "Записи") == [expected]


def test_a_language_in_capitals_is_one_mistake(told: Told) -> None:
    rows: Rows = [["ид", "заглавие.BG", "промени на статуса.нов статус"], ["project/a", "А", "планиран"]]
    assert told(rows) == [("Проект!B1", "UnknownLanguage")]
    (finding,) = told.findings("case.xlsx", workbook([*rows], "Проект"))
    assert finding.suggestion == "заглавие.bg"


def test_in_a_text_file_an_entry_is_known_by_its_lines(told: Told) -> None:
    text = """\
- id: project/a
  type: Project
  nonsense: х
- id: project/b
  type: Project
  startDate: вчера
"""
    found = told.findings("case.yaml", text)
    assert [(one.at.line if one.at else 0, one.component) for one in found] == [
        (3, "UnknownField"),  # and that a has no title waits for it
        (4, "MinCountConstraintComponent"),
        (6, "BadDate"),
    ]


def test_what_was_withdrawn_is_told_with_the_rest(told: Told) -> None:
    pipeline.withdraw(["programme/climate"], store=told.store, domain=told.domain, agent="test", reason="")
    rows: Rows = [
        ["ид", "тип", "заглавие.bg", "начална дата"],
        ["programme/climate", "Програма", "Климат", None],
        ["project/a", "Проект", "А", "вчера"],
    ]
    assert [place for place, _ in told(rows, "Записи")] == ["Записи!A2", "Записи!D3"]


def test_ids_that_are_filled_in_hide_nothing(told: Told) -> None:
    rows: Rows = [
        HEAD,
        [None, "А", "вчера", "Климат", "планиран"],
        [None, "Б", None, "organisation/ndef", "планиран"],
        [None, None, None, "Климат", "планиран"],
    ]
    told.assign_ids = True
    expected = [("Проект!B4", "MinCount"), ("Проект!C2", "BadDate"), ("Проект!D3", "Class")]
    assert told(rows) == expected
    (told.folder / "case.completed.xlsx").write_bytes(workbook([["ид"], ["мое"]], "Проект"))
    assert told(rows) == [("None!None", "Reading"), *expected], "nor does a copy that somebody has worked on"


def test_merged_cells_are_told_of_where_a_value_would_be_missing(told: Told) -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(
            workbook(
                [
                    [*HEAD, "заглавие.en"],
                    ["project/a", "А", None, "Климат", "планиран"],
                    ["project/b", "Б", "2024", None, "планиран", "B"],
                    ["project/c", "В", "2025", None, "планиран"],
                    [None] * 6,
                ],
                "Проект",
            )
        )
    )
    sheet = book["Проект"]
    for area in ("D2:D3", "C4:C5", "E4:F4"):
        sheet.merge_cells(area)
    held = io.BytesIO()
    book.save(held)
    found = told.findings("case.xlsx", held.getvalue())
    assert [(one.at.cell if one.at else "", one.component) for one in found] == [
        ("D2", "MergedCells"),
        ("E4", "MergedCells"),
    ]
    assert "клетките D2:D3 са обединени" in found[0].messages["bg"]
