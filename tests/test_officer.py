"""An officer's way: a template, three projects in Bulgarian, a check, corrections, a load; no word but hers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from kg.errors import Exit
from kg.store.embedded import EmbeddedStore

FORBIDDEN = re.compile(r"\b(?:RDF|IRI|SHACL|YAML)", re.IGNORECASE)
PROJECTS: tuple[dict[str, str | int], ...] = (
    {
        "заглавие.bg": "Зелен парк „Възраждане“",
        "заглавие.en": "Vazrazhdane Green Park",
        "промени на статуса.нов статус": "в изпълнение",
        "промени на статуса.дата": "15.03.2024",
        "финансиран по": "Европейска инициатива за климата",
        "бенефициент": "Община Русе",
        "партньор": "НСОРБ; Русенски университет „Ангел Кънчев“",
        "бюджет.стойност": 250000,
        "бюджет.валута": "евро",
        "начална дата": "03.2024",
    },
    {
        "заглавие.bg": "Енергийна ефективност в детски градини",
        "промени на статуса.нов статус": "планиран",
        "финансиран по": "Европейска инициатива за климат",
        "бенефициент": "Община Русе",
        "начална дата": "31.04.2025",
    },
    {
        "заглавие.bg": "Втори етап на парка",
        "промени на статуса.нов статус": "планиран",
        "част от": "Зелен парк „Възраждане“",
        "бюджет.стойност": "сто хиляди",
        "бюджет.валута": "евро",
    },
)
MENDED = {
    ("Втори етап на парка", "бюджет.стойност"): 100000,  # no number can be guessed from the words; all else is proposed
}


def kg(*words: str, folder: Path) -> tuple[int, str]:
    """A command as she types it: its exit code, and everything it says."""
    done = subprocess.run(
        [sys.executable, "-c", "from kg.cli import main; main()", *words],
        cwd=folder,
        env={**os.environ, "KG_HOME": str(folder / "home"), "COLUMNS": "100"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def told(path: Path) -> str:
    """Everything that a workbook says."""
    texts = []
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                texts += [str(cell.value or ""), cell.comment.text if cell.comment else ""]
        for validation in sheet.data_validations.dataValidation:
            texts += [validation.prompt or "", validation.error or "", validation.promptTitle or ""]
    return "\n".join(texts)


def columns(sheet: Worksheet) -> dict[str, int]:
    return {str(cell.value): number for number, cell in enumerate(sheet[1], 1)}


def projects(book: openpyxl.Workbook) -> Worksheet:
    sheet = book["Проект"]
    assert isinstance(sheet, Worksheet)
    return sheet


def marks(sheet: Worksheet) -> list[Cell]:
    """The cells with a comment below the headings."""
    return [cell for row in sheet.iter_rows(min_row=2) for cell in row if isinstance(cell, Cell) and cell.comment]


@pytest.fixture(params=["as it is", "saved by LibreOffice"])
def office(request: pytest.FixtureRequest) -> str | None:
    """The program that she saves with; LibreOffice is required in CI, elsewhere skipped where it is missing."""
    if request.param == "as it is":
        return None
    program = shutil.which("soffice")
    if program is None and os.environ.get("CI") == "true":
        pytest.fail("LibreOffice is missing, and CI must run what saves with it")
    if program is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    return program


def save(book: openpyxl.Workbook, path: Path, office: str | None) -> None:
    """Saves the workbook, with the program's own hand where there is one."""
    book.save(path)
    if office is not None:
        profile = f"-env:UserInstallation=file://{path.parent / 'profile'}"
        folder = path.parent / "saved"
        words = [office, profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder)]
        subprocess.run([*words, str(path)], check=True, capture_output=True, timeout=300)
        shutil.move(folder / path.name, path)


def test_three_projects_from_an_empty_template_to_a_release(
    bundled_home: Path, tmp_path: Path, office: str | None
) -> None:
    shutil.copytree(bundled_home, tmp_path / "home", symlinks=True)
    said: list[str] = []

    code, text = kg("template", "Проект", "--out", "projects.xlsx", folder=tmp_path)
    said.append(text)
    assert code == Exit.DONE
    path = tmp_path / "projects.xlsx"
    said.append(told(path))

    book = openpyxl.load_workbook(path)
    sheet = projects(book)
    for row, project in enumerate(PROJECTS, 2):
        for heading, value in project.items():
            sheet.cell(row, columns(sheet)[heading]).value = value
    book["Източник"]["B2"] = "Проекти на отдел „Околна среда“"
    book["Източник"]["B4"] = "Община Русе"
    save(book, path, office)
    typed = path.read_bytes()

    code, text = kg("check", "projects.xlsx", "--annotate", "--assign-ids", folder=tmp_path)
    said.append(text)
    assert code == Exit.REFUSED
    assert path.read_bytes() == typed, "her file stays as it is"
    copy = tmp_path / "projects.checked.xlsx"
    said.append(told(copy))

    book = openpyxl.load_workbook(copy)
    sheet = projects(book)
    names = {number: heading for heading, number in columns(sheet).items()}
    marked = marks(sheet)
    assert [(sheet.cell(cell.row, 2).value, names[cell.column]) for cell in marked] == [
        ("Енергийна ефективност в детски градини", "финансиран по"),
        ("Енергийна ефективност в детски градини", "начална дата"),
        ("Втори етап на парка", "бюджет.стойност"),
    ]
    for cell in marked:
        assert cell.comment is not None
        proposed = re.search("Напишете: (.*)", cell.comment.text)
        title = str(sheet.cell(cell.row, 2).value)
        cell.value = proposed[1] if proposed else MENDED[title, names[cell.column]]
    save(book, copy, office)

    code, text = kg("check", "projects.checked.xlsx", "--annotate", "--assign-ids", folder=tmp_path)
    said.append(text)
    assert (code, "Няма грешки" in text) == (Exit.DONE, True), text
    assert not [
        cell for row in projects(openpyxl.load_workbook(copy)).iter_rows(min_row=2) for cell in row if cell.comment
    ]

    code, text = kg("load", "projects.checked.xlsx", "--assign-ids", folder=tmp_path)
    said.append(text)
    assert (code, "Издание" in text, "projects.completed.xlsx" in text) == (Exit.DONE, True, True), text
    completed = tmp_path / "projects.completed.xlsx"
    sheet = projects(openpyxl.load_workbook(completed))
    assert [sheet.cell(row, 1).value for row in (2, 3, 4)] == [
        "project/zelen-park-vazrazhdane",
        "project/energiyna-efektivnost-v-detski-gradini",
        "project/vtori-etap-na-parka",
    ]
    said.append(told(completed))
    code, text = kg("load", "projects.completed.xlsx", folder=tmp_path)
    said.append(text)
    assert (code, "Нищо не се е променило" in text) == (Exit.DONE, True), text

    store = EmbeddedStore.open(tmp_path / "home")
    release = store.current()
    assert release is not None
    graph = f"{store.base}/graph/projects"
    seen = {
        (
            str(quad.subject).rpartition("/id/")[2].rstrip(">"),
            quad.predicate.value.replace("#", "/").rpartition("/")[2],
            getattr(quad.object, "value", "").rpartition("/id/")[2],
        )
        for quad in release.quads()
        if str(quad.graph_name) == f"<{graph}>"
    }
    assert {
        ("project/zelen-park-vazrazhdane", "partner", "organisation/namrb"),
        ("project/zelen-park-vazrazhdane#budget", "value", "250000"),
        ("project/energiyna-efektivnost-v-detski-gradini", "fundedUnder", "programme/euki"),
        ("project/energiyna-efektivnost-v-detski-gradini", "startDate", "2025-04-30"),
        ("project/vtori-etap-na-parka", "isPartOf", "project/zelen-park-vazrazhdane"),
        ("project/vtori-etap-na-parka#budget", "value", "100000"),
    } <= seen
    assert [found[0] for text in said for found in FORBIDDEN.finditer(text)] == []
