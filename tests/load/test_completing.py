"""A folder with a file whose ids are missing, and its completed copy beside it."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook
from tests.load.conftest import Loading, refused, said

from kg.load import completed

YAML = "- {type: Project, title: Зелен парк, statusChange: [{toStatus: planned}]}\n"
CSV = "type,title.bg,statusChange.toStatus\nProject,Зелен парк,planned\n"


def workbook(*rows: tuple[str, ...]) -> bytes:
    book, held = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Проект"
    for row in rows:
        sheet.append(row)
    book.save(held)
    return held.getvalue()


XLSX = workbook(("заглавие.bg", "промени на статуса.нов статус"), ("Зелен парк", "планиран"))
FILES: dict[str, str | bytes] = {"a.yaml": YAML, "a.csv": CSV, "a.xlsx": XLSX}


@pytest.mark.parametrize("name", FILES)
def test_of_a_folder_the_completed_copy_is_taken_where_it_says_the_same(loading: Loading, name: str) -> None:
    first = loading({name: FILES[name]}, assign_ids=True)
    whole = loading()
    assert said(whole) == said(first)
    (told,) = (note for note in whole.notes if note.component == "TwoOfOne")
    assert not told.refuses and f"изтрийте {name}" in told.messages["bg"] and f"delete {name}" in told.messages["en"]


@pytest.mark.parametrize("name", FILES)
def test_of_a_folder_neither_is_taken_where_they_differ(loading: Loading, name: str) -> None:
    first = loading({name: FILES[name]}, assign_ids=True)
    ((path, content),) = first.copies
    book = workbook(("ид", "заглавие.bg"), ("project/zelen-park", "Друг парк"))
    completed.beside(path).write_bytes(
        book if name.endswith(".xlsx") else content.replace("Зелен".encode(), "Друг".encode())
    )
    (told,) = refused(lambda: loading())
    assert told.component == "TwoOfOne" and told.at is not None and told.at.file == name
    assert f"изтрийте {name} или го преместете" in told.messages["bg"]
    path.unlink()
    assert "Друг парк" in {text for _, _, text in said(loading())}, "alone it is loaded"


def test_a_file_of_a_folder_that_has_its_ids_is_loaded_itself(loading: Loading) -> None:
    loading({"a.yaml": YAML}, assign_ids=True)
    own = YAML.replace("{type", "{id: project/park, type")
    loading({"a.yaml": own})
    assert {subject for subject, name, _ in said(loading()) if name == "title"} == {"project/park"}
