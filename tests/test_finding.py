"""Findings have an order of their own, and only violations refuse."""

from __future__ import annotations

import random

import pytest
from pyoxigraph import Literal, NamedNode

from kg.entry import Locator
from kg.errors import DataError, Exit
from kg.finding import Finding, Report, Severity


def finding(file: str, line: int, severity: Severity = Severity.VIOLATION, text: str = "") -> Finding:
    return Finding({"bg": "а", "en": text or "b"}, severity, at=Locator(file, line=line))


ORDERED = [
    Finding({"bg": "а", "en": "no place"}),
    finding("a.yaml", 2),
    finding("a.yaml", 2, Severity.WARNING),
    finding("a.yaml", 2, Severity.INFO),
    finding("a.yaml", 10),
    finding("b.yaml", 1),
]


def test_findings_stand_by_file_line_and_gravity() -> None:
    shuffled = ORDERED.copy()
    random.Random(1).shuffle(shuffled)
    assert Report.of(shuffled).findings == tuple(ORDERED)


def test_a_finding_is_there_once() -> None:
    assert len(Report.of([*ORDERED, *ORDERED]).findings) == len(ORDERED)


def test_two_findings_at_one_place_about_different_values_are_two() -> None:
    one, other = (Finding({"en": "x"}, value=Literal(text), at=Locator("a", line=1)) for text in "ab")
    assert len(Report.of([one, other]).findings) == 2


def test_two_findings_of_different_things_without_a_place_are_two() -> None:
    one, other = (Finding({"en": "x"}, focus_node=NamedNode(f"http://e/{name}")) for name in "ab")
    assert len(Report.of([one, other]).findings) == 2


def test_only_violations_refuse() -> None:
    mild = Report.of([finding("a", 1, Severity.WARNING), finding("a", 2, Severity.INFO)])
    assert mild.conforms
    assert mild.raise_for_violations() is mild
    assert len(mild.warnings) == 1
    grave = Report.of([*mild.findings, finding("a", 3)])
    with pytest.raises(DataError) as refusal:
        grave.raise_for_violations()
    assert refusal.value.findings == grave.findings
    assert (refusal.value.status, refusal.value.exit) == (422, Exit.REFUSED)
    assert refusal.value.messages["bg"] != refusal.value.messages["en"]


def test_an_empty_report_conforms() -> None:
    assert Report().conforms
