"""The report as JSON: counts, causes, and every finding with its place, its value and what belongs there."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from hypothesis import given
from tests.publish.report.given import HOSTILE, REPORT, reports

from kg.finding import Report
from kg.publish.report import as_json
from kg.publish.report.as_json import LEVELS
from kg.publish.report.words import sound


def read(report: Report) -> dict[str, Any]:
    document = json.loads(as_json.render(report))
    assert isinstance(document, dict)
    return document


def test_findings_with_one_cause_stand_together_with_their_count() -> None:
    document = read(REPORT)
    assert (document["version"], document["conforms"]) == (1, False)
    assert document["counts"] == {"errors": 4, "warnings": 1, "notes": 1}
    (codes,) = [cause for cause in document["causes"] if cause["rule"] == "UnknownCode"]
    assert codes["count"] == len(codes["findings"]) == 3
    assert codes["message"]["bg"] == "„…“ не е в списъка за „вид“"
    assert codes["expected"]["en"] == "one of: training, meeting"
    assert [(one["at"]["cell"], one["value"], one["suggestion"]) for one in codes["findings"]] == [
        ("'Лист 1'!D2", "обученне", "обучение"),
        ("'Лист 1'!D3", "срещаа", "среща"),
        ("'Лист 1'!D4", HOSTILE, None),
    ]


def test_a_finding_of_the_gate_names_what_it_is_about() -> None:
    (link,) = [cause for cause in read(REPORT)["causes"] if cause["rule"] == "Link-fundedUnder"]
    (one,) = link["findings"]
    assert link["severity"] == "error"
    assert one["at"] == {
        "file": "projects.yaml", "line": 5, "sheet": None, "row": None, "column": None, "cell": None,
    }  # fmt: skip
    assert (one["value"], one["field"]) == ("programme/x", "финансиран по")
    assert one["focus"].endswith("/id/project/p")


def test_to_leave_a_place_empty_is_not_to_know_nothing() -> None:
    told = {cause["rule"]: cause["findings"][0]["suggestion"] for cause in read(REPORT)["causes"]}
    assert told["ProjectReference-status-stated"] == ""
    assert told["Link-fundedUnder"] is None


def test_an_empty_report_conforms() -> None:
    assert read(Report()) == {
        "version": 1, "conforms": True, "counts": {"errors": 0, "warnings": 0, "notes": 0}, "causes": [],
    }  # fmt: skip


@given(reports)
def test_nothing_is_lost_whatever_is_found(report: Report) -> None:
    document = read(report)
    told = [(cause, one) for cause in document["causes"] for one in cause["findings"]]
    assert all(cause["count"] == len(cause["findings"]) for cause in document["causes"])
    assert document["counts"] == {
        "errors": len(report.violations),
        "warnings": len(report.warnings),
        "notes": len(report.findings) - len(report.violations) - len(report.warnings),
    }

    def key(severity: str, messages: dict[str, str], suggestion: str | None, file: str | None) -> str:
        return json.dumps([severity, sorted(messages.items()), suggestion, file])

    expected = Counter(
        key(
            LEVELS[finding.severity],
            {tag: sound(text) for tag, text in finding.messages.items()},
            None if finding.suggestion is None else sound(finding.suggestion),
            None if finding.at is None else sound(finding.at.file),
        )
        for finding in report.findings
    )
    assert expected == Counter(
        key(cause["severity"], one["message"], one["suggestion"], one["at"] and one["at"]["file"])
        for cause, one in told
    )
