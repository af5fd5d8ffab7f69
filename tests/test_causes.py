"""Findings with one cause are one thing to know."""

from __future__ import annotations

from hypothesis import given

from kg.causes import causes
from kg.finding import Report
from tests.publish.report.given import LINE, REPORT, WARNING, cell, reports


def test_values_do_not_tell_causes_apart_and_messages_do() -> None:
    grouped = causes(REPORT.findings)
    assert sorted(cause.count for cause in grouped) == [1, 1, 1, 3]
    (codes,) = [cause for cause in grouped if cause.count == 3]
    assert codes.messages["bg"] == "„…“ не е в списъка за „вид“"
    assert not codes.said_once


def test_what_is_found_once_is_told_as_it_is() -> None:
    (cause,) = causes([cell(2)])
    assert cause.messages == cell(2).messages
    assert cause.said_once


def test_gravity_and_field_tell_causes_apart() -> None:
    assert len(causes([LINE, WARNING])) == 2


@given(reports)
def test_every_finding_has_one_cause(report: Report) -> None:
    grouped = causes(report.findings)
    assert sorted(map(id, report.findings)) == sorted(id(one) for cause in grouped for one in cause.findings)
    for cause in grouped:
        assert {(one.severity, one.component, one.field) for one in cause.findings} == {
            (cause.severity, cause.kind, cause.field)
        }
