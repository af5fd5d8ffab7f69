"""What `sources.yaml` says of a source stands in the graph of graphs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.load.conftest import BASE, refused

from kg.errors import DataError
from kg.iris import Iris
from kg.load import sources

FULL = """\
sources:
  - id: report-2023-w26
    title: {bg: Отчет, en: Report}
    publisher: {bg: Община Русе}
    document: report/2023-w26
    homepage: https://rousse.info
    licence: https://creativecommons.org/licenses/by/4.0/
    rank: 10
    issued: 06.2023
    retrieved: 22.11.2026
    sha256: d2396af4dac6869a4b9df7be5976e6c8a9b71e2ef371b5ed61e98776e69a3a95
    note: Внимание
  - {id: other, title: Друг, licenceNotStated: true}
"""


def test_everything_that_is_said_of_a_source_becomes_a_triple(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(FULL, encoding="utf-8")
    read = sources.read(tmp_path / "sources.yaml")
    found = {
        (triple.predicate.value.replace("#", "/").rpartition("/")[2], str(triple.object))
        for triple in read["report-2023-w26"].triples(Iris(BASE))
    }
    assert found == {
        ("type", "<http://www.w3.org/ns/prov#Entity>"),
        ("identifier", '"report-2023-w26"'),
        ("rank", '"10"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("title", '"Отчет"@bg'),
        ("title", '"Report"@en'),
        ("publisher", '"Община Русе"@bg'),
        ("note", '"Внимание"@bg'),
        ("homepage", "<https://rousse.info>"),
        ("license", "<https://creativecommons.org/licenses/by/4.0/>"),
        ("issued", '"2023-06"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>'),
        ("retrieved", '"2026-11-22"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("hadPrimarySource", f"<{BASE}/id/report/2023-w26>"),
        ("sha256", '"d2396af4dac6869a4b9df7be5976e6c8a9b71e2ef371b5ed61e98776e69a3a95"'),
    }
    assert read["report-2023-w26"].document_iri(Iris(BASE)) == f"{BASE}/id/report/2023-w26"
    assert read["other"].document_iri(Iris(BASE)) == f"{BASE}/graph/other"
    assert (read["other"].rank, read["other"].licence_not_stated) == (sources.DEFAULT_RANK, True)


def test_every_text_knows_its_line(tmp_path: Path) -> None:
    text = FULL.replace("title: {bg: Отчет, en: Report}", "title:\n      bg: Отчет\n      en: Report")
    (tmp_path / "sources.yaml").write_text(text, encoding="utf-8")
    info = sources.read(tmp_path / "sources.yaml")["report-2023-w26"]
    assert {(said, at.line, field) for said, _, at, field in info.said()} == {
        ("Отчет", 4, "title"),
        ("Report", 5, "title"),
        ("Община Русе", 6, "publisher"),
        ("https://rousse.info", 8, "homepage"),
        ("https://creativecommons.org/licenses/by/4.0/", 9, "licence"),
        ("Внимание", 14, "note"),
    }


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = (
        FULL.replace("rank: 10", "rank: ten").replace("https://rousse.info", "rousse").replace("id: other", "id: a b")
    )
    (tmp_path / "sources.yaml").write_text(text, encoding="utf-8")
    findings = refused(lambda: sources.read(tmp_path / "sources.yaml"))
    assert sorted(finding.at.line for finding in findings if finding.at and finding.at.line) == [6, 8, 13]


def test_the_nearest_register_above_is_found(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c" / "d"
    deep.mkdir(parents=True)
    (tmp_path / "sources.yaml").touch()
    assert sources.find(tmp_path / "a" / "b" / "c" / "x.csv") == tmp_path / "sources.yaml"
    (tmp_path / "a" / "sources.yaml").touch()
    assert sources.find(tmp_path / "a" / "b" / "x.csv") == tmp_path / "a" / "sources.yaml"


@pytest.mark.parametrize(
    ("id", "allowed"),
    [
        ("report-2023", True),
        ("2023", True),
        ("meta", False),
        ("a b", False),
        ("", False),
        ("-a", False),
        ("a" * 61, False),
    ],
)
def test_some_names_are_not_for_sources(id: str, allowed: bool) -> None:
    assert sources.is_id(id) is allowed


def test_the_fields_may_be_in_bulgarian(tmp_path: Path) -> None:
    english = tmp_path / "sources.yaml"
    english.write_text(
        "sources:\n  - id: a\n    title: Отдел\n    publisher: Община Русе\n    licenceNotStated: true\n    rank: 5\n",
        encoding="utf-8",
    )
    bulgarian = tmp_path / "bg.yaml"
    bulgarian.write_text(
        "източници:\n  - ид: a\n    заглавие: Отдел\n    издател: Община Русе\n    лицензът не е посочен: да\n"
        "    степен на доверие: 5\n",
        encoding="utf-8",
    )
    assert sources.read(bulgarian) == sources.read(english)


def test_a_mistake_under_a_bulgarian_name_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text("източници:\n  - ид: a\n    заглавие: А\n    лиценз: CC\n", encoding="utf-8")
    with pytest.raises(DataError) as refusal:
        sources.read(file)
    assert [str(finding.at) for finding in refusal.value.findings] == ["sources.yaml:4"]


def test_one_field_under_two_names_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text("sources:\n  - {id: a, title: А, заглавие: Б, licenceNotStated: true}\n", encoding="utf-8")
    with pytest.raises(DataError, match="refuse"):
        sources.read(file)
