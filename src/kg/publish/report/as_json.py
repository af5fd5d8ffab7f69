"""A report as JSON, for programs of one's own. The shape is stable: fields are added, never renamed or taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from kg.causes import Cause, causes
from kg.finding import Finding, Report, Severity
from kg.publish.report.words import cell, rule, short, sound

VERSION = 1
Texts = Mapping[str, str]
"""One text by language: bg, en."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings there are of each gravity."""

    errors: int
    warnings: int
    notes: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where it stands: a line of a text file, a row and column of a table, a cell of a workbook. Counts from 1."""

    file: str
    line: int | None
    sheet: str | None
    row: int | None
    column: str | None  # the heading
    cell: str | None  # „Лист1!C7“


@dataclass(frozen=True, slots=True)
class One:
    """One finding."""

    at: Place | None
    field: str | None  # as the author wrote it
    value: str | None  # as people write it: an id, a code, a text
    message: Texts
    expected: Texts | None
    suggestion: str | None  # the exact text to put in the place; empty: leave it empty; null: none is known
    focus: str | None  # the thing that it is about
    path: str | None
    shape: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """What has one cause: gravity (error, warning, note), rule, field, message without the value, count, findings."""

    severity: str
    rule: str
    kind: str | None
    field: str | None
    message: Texts
    expected: Texts | None
    count: int
    findings: tuple[One, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The whole report."""

    version: int
    conforms: bool
    counts: Counts
    causes: tuple[Group, ...]


LEVELS: Mapping[Severity, str] = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(report: Report) -> bytes:
    """The document as UTF-8."""
    return orjson.dumps(document(report), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def document(report: Report) -> Document:
    """The report by cause, the causes in the order of their first finding."""
    levels = [finding.severity for finding in report.findings]
    counts = Counts(*(levels.count(level) for level in LEVELS))
    return Document(VERSION, report.conforms, counts, tuple(map(_group, causes(report.findings))))


def _group(cause: Cause) -> Group:
    return Group(
        LEVELS[cause.severity],
        sound(rule(cause.findings[0])),
        cause.kind,
        _sound(cause.field),
        _texts(cause.messages),
        cause.expected and _texts(cause.expected),
        cause.count,
        tuple(map(_one, cause.findings)),
    )


def _one(finding: Finding) -> One:
    at = finding.at
    place = None
    if at is not None:
        place = Place(sound(at.file), at.line, _sound(at.sheet), at.row, _sound(at.column), _sound(cell(at)))
    focus = finding.focus_node
    return One(
        place,
        _sound(finding.field),
        _sound(short(finding.value)),
        _texts(finding.messages),
        finding.expected and _texts(finding.expected),
        _sound(finding.suggestion),
        None if focus is None else sound(str(getattr(focus, "value", focus))),
        _sound(finding.path),
        _sound(finding.shape),
    )


def _texts(texts: Texts) -> Texts:
    return {tag: sound(text) for tag, text in texts.items()}


def _sound(text: str | None) -> str | None:
    return None if text is None else sound(text)
