"""A column map says what a foreign table means."""

from __future__ import annotations

from pathlib import Path

from tests.load.conftest import refused

from kg.entry import Locator, Lookup
from kg.load.columns import Column, ColumnMap, beside

FULL = """\
source: isun
id: project/{Номер}-{Година}
basis: external
sheet: Лист1
delimiter: ;
constants: {type: Project, budget.currency: EUR}
columns:
  Номер: contractNumber
  Година: ~
  Статус: {path: statusChange.toStatus, values: {В ход: running}}
  Програма: {path: fundedUnder, match: label, unmatched: omit}
"""


def test_a_map_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.columns.yaml").write_text(FULL, encoding="utf-8")
    found = beside(tmp_path / "a.csv")
    assert found == ColumnMap(
        {
            "Номер": Column("contractNumber"),
            "Година": None,
            "Статус": Column("statusChange.toStatus", Lookup(), {"В ход": "running"}),
            "Програма": Column("fundedUnder", Lookup("label", omit=True)),
        },
        id="project/{Номер}-{Година}",
        constants={"type": "Project", "budget.currency": "EUR"},
        source="isun",
        basis="external",
        sheet="Лист1",
        delimiter=";",
        head={"source": Locator("a.columns.yaml", line=1), "basis": Locator("a.columns.yaml", line=3)},
    )
    assert found.id_columns == ("Номер", "Година")
    assert found.make_id({"Номер": "bg-05", "Година": "2023"}) == "project/bg-05-2023"


def test_no_map_is_none(tmp_path: Path) -> None:
    assert beside(tmp_path / "a.csv") is None


def test_every_mistake_of_a_map_is_told_with_its_line(tmp_path: Path) -> None:
    text = (
        FULL.replace("match: label", "match: guess")
        .replace("basis:", "bases:")
        .replace("delimiter: ;", "delimiter: ab")
    )
    (tmp_path / "a.columns.yaml").write_text(text, encoding="utf-8")
    findings = refused(lambda: beside(tmp_path / "a.csv"))
    assert sorted(finding.at.line for finding in findings if finding.at and finding.at.line) == [3, 5, 11]
