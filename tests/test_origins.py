"""A finding points at the line or cell that caused it, and shows the field as its author wrote it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal

from kg import pipeline
from kg.finding import Finding, Report
from kg.gate import Touched
from kg.iris import Iris
from kg.load import Load, load
from kg.namespaces import DCT
from kg.origins import Written
from tests.conftest import BASE
from tests.memory import Memory

IRIS = Iris(BASE)
Check = Callable[..., Report]


def read(domain: pipeline.Domain, folder: Path, files: dict[str, str]) -> Load:
    paths = []
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
        if not name.endswith(".columns.yaml"):
            paths.append(folder / name)
    return load(paths, iris=IRIS, context=domain.context, codes=domain.codes)


@pytest.fixture
def check(domain: pipeline.Domain, tmp_path: Path) -> Check:
    """What the gate finds in these files, read together into an empty graph."""

    def checked(**files: str) -> Report:
        read_files = read(domain, tmp_path, {name.replace("__", "."): text for name, text in files.items()})
        memory = Memory()
        touched, _ = pipeline.apply(memory, read_files, domain)
        graphs = [batch.graph for batch in read_files.batches]
        return domain.gate.check(memory, graphs, touched, Written(read_files, domain.context, IRIS, memory))

    return checked


def one(report: Report, shape: str) -> Finding:
    found = [
        finding for finding in report.findings if (finding.shape or finding.component or "").rpartition("#")[2] == shape
    ]
    assert len(found) == 1, [(finding.shape, finding.at) for finding in report.findings]
    return found[0]


def place(finding: Finding) -> tuple[str, int | None, str | None]:
    assert finding.at
    return finding.at.file, finding.at.row or finding.at.line, finding.field


PROJECT = """
- id: project/p
  тип: Проект
  заглавие:
    bg: Проект
  бюджет:
    стойност: -5
    валута: BGN
  промени на статуса:
    - нов статус: signed
      дата: 2023-01-01
    - нов статус: running
      дата: 2023-02-01
      лице или организация: organisation/nobody
  участия:
    - {лице или организация: organisation/ndef, роля: partner}
    - {лице или организация: organisation/nobody,
       роля: pilot}
  партньор:
    - organisation/ndef
    - organisation/missing
- id: organisation/ndef
  type: Organisation
  name: НДЕФ
  вид: фонд
"""


def test_a_field_in_a_nested_thing_is_found_under_its_bulgarian_name(check: Check) -> None:
    assert place(one(check(p__yaml=PROJECT), "AmountDescription-value-number")) == ("p.yaml", 7, "стойност")


def test_the_item_of_a_list_that_is_wrong_is_pointed_at(check: Check) -> None:
    assert place(one(check(p__yaml=PROJECT), "Link-partner")) == ("p.yaml", 21, "партньор")


def test_of_several_nested_things_the_right_one_is_pointed_at(check: Check) -> None:
    agents = [
        finding
        for finding in check(p__yaml=PROJECT).violations
        if (finding.path or "").endswith("#agent") or finding.field == "лице или организация"
    ]
    assert {place(finding)[1] for finding in agents} == {14, 17}
    assert {finding.field for finding in agents} == {"лице или организация"}


def test_what_is_missing_from_a_nested_thing_is_asked_for_where_that_stands(check: Check) -> None:
    text = PROJECT.replace("    валута: BGN\n", "").replace("-5", "5")
    file, line, field = place(one(check(p__yaml=text), "AmountDescription-currency-stated"))
    assert (file, field) == ("p.yaml", "бюджет")
    assert line in {6, 7}  # where the field or its value begins


def test_what_is_missing_from_an_entry_is_asked_for_where_it_begins(check: Check) -> None:
    text = "- id: event/e\n  type: Event\n  дата: 2023-06-27\n  kind: training\n"
    assert place(one(check(e__yaml=text), "EventReference-title-stated")) == ("e.yaml", 1, None)


@pytest.mark.parametrize(
    ("field", "other"),
    [("дата", "2023-06-28"), ("начална дата", "2023-06-28"), ("startDate", "2023-07")],
)
def test_a_date_is_found_in_the_field_it_was_read_from(check: Check, field: str, other: str) -> None:
    head = "- id: event/e\n  type: Event\n  заглавие: Обучение\n  вид: training\n"
    found = [
        finding
        for finding in check(a__yaml=head + f"  {field}: 2023-06-27\n", b__yaml=head + f"  {field}: {other}\n").warnings
        if finding.component == "Disagreement"
    ]
    assert {"http://schema.org/startDate"} <= {finding.path for finding in found}
    assert {place(finding) for finding in found} == {("a.yaml", 5, field)}


def test_a_field_that_depends_on_the_class_is_found(check: Check) -> None:
    text = "- id: event/e\n  type: Event\n  title: Обучение\n  date: 2023-06-27\n  вид: {}\n"
    report = check(a__yaml=text.format("training"), b__yaml=text.format("forum"))
    (found,) = [finding for finding in report.warnings if finding.component == "Disagreement"]
    assert place(found) == ("a.yaml", 5, "вид")
    assert "„вид“" in found.messages["bg"]


def test_the_end_before_the_start_is_found_at_the_start(check: Check) -> None:
    text = "- id: project/p\n  type: Project\n  title: П\n  крайна дата: 2022-01-01\n  начална дата: 2023-01-01\n"
    found = one(check(p__yaml=text), "EntityDescription-dates-in-order")
    assert place(found) == ("p.yaml", 5, "начална дата")


def test_a_wrong_type_of_thing_points_at_its_field_in_either_language(check: Check) -> None:
    text = "- id: project/p\n  type: Project\n  title: П\n  fundedBy: project/p\n"
    assert place(one(check(p__yaml=text), "Link-fundedBy")) == ("p.yaml", 4, "fundedBy")


def test_a_cell_is_named_by_row_and_column(check: Check) -> None:
    table = "id;type;title.bg;budget.value;budget.currency\nproject/a;Project;А;1;EUR\nproject/b;Project;Б;-1;EUR\n"
    assert place(one(check(t__csv=table), "AmountDescription-value-number")) == ("t.csv", 3, "budget.value")


def test_a_cell_of_a_foreign_table_is_named_by_its_own_header(check: Check) -> None:
    columns = (
        "id: project/{номер}\nconstants: {type: Project, budget.currency: EUR}\n"
        "columns:\n  номер: contractNumber\n  име: title.bg\n  сума: budget.value\n"
    )
    table = "номер,име,сума\nBG-1,Име,-1\n"
    assert place(one(check(t__columns__yaml=columns, t__csv=table), "AmountDescription-value-number")) == (
        "t.csv",
        2,
        "сума",
    )


def test_a_text_in_one_language_is_found_in_its_line(domain: pipeline.Domain, tmp_path: Path) -> None:
    text = "- id: project/p\n  type: Project\n  заглавие:\n    bg: Проект\n    en: Project\n"
    written = Written(read(domain, tmp_path, {"p.yaml": text}), domain.context, IRIS, Memory())
    for language, line in (("bg", 4), ("en", 5)):
        at, field = written(f"{IRIS.ids}project/p", DCT.term("title").value, None, Literal("…", language=language))
        assert (at and at.line, field) == (line, "заглавие")


def test_of_two_sources_the_one_that_is_wrong_is_named(check: Check) -> None:
    good = "- id: project/p\n  type: Project\n  title: П\n  budget: {value: 1, currency: EUR}\n"
    bad = "- id: project/p\n  type: Project\n  budget:\n    value: -1\n    currency: EUR\n"
    assert place(one(check(a__yaml=good, b__yaml=bad), "AmountDescription-value-number")) == ("b.yaml", 4, "value")


def test_what_was_loaded_before_is_found_by_its_evidence(domain: pipeline.Domain, tmp_path: Path) -> None:
    memory = Memory()
    first = read(
        domain,
        tmp_path,
        {
            "p.yaml": "# заглавен ред\n- id: project/p\n  type: Project\n  title: П\n  fundedBy: organisation/o\n",
            "o.yaml": "- {id: organisation/o, type: Organisation, name: О}\n",
            "t.csv": "id,type,title,fundedBy\nproject/q,Project,К,organisation/o\n",
        },
    )
    pipeline.apply(memory, first, domain)
    pipeline.describe_sources(memory, first, IRIS, Touched(), pipeline.now)
    second = read(domain, tmp_path, {"o.yaml": "- {id: organisation/x, type: Organisation, name: О}\n"})
    touched, _ = pipeline.apply(memory, second, domain)
    report = domain.gate.check(
        memory, pipeline.content(memory, IRIS), touched, Written(second, domain.context, IRIS, memory)
    )
    assert [str(finding.at) for finding in report.violations] == ["p.yaml:2", "t.csv:2"]
