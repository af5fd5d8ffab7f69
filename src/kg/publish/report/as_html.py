"""A report as one page that stands alone: to be read, printed, sent on. Bulgarian, with English beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kg.causes import Cause, causes
from kg.finding import Finding, Report
from kg.publish.report.as_json import LEVELS, document
from kg.publish.report.words import short, visible

MOST = 500
"""So many places of one cause are shown; of more, how many there are."""

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=lambda value: visible(value) if isinstance(value, str) and type(value) is str else value,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One place of a cause, as a line of its table."""

    place: str
    about: str | None  # the thing, where no place tells
    value: str | None
    suggestion: str | None


@dataclass(frozen=True, slots=True)
class Block:
    """A cause within one file."""

    level: str
    cause: Cause
    rows: tuple[Row, ...]
    more: int
    values: bool  # whether the columns have anything to show
    suggestions: bool


def render(shown: Report, whole: Report) -> bytes:
    """The page; `whole` is counted, `shown` is told."""
    files = [(file, [*_blocks([*found])]) for file, found in groupby(shown.findings, key=_file)]
    page = _ENVIRONMENT.get_template("report.html").render(
        files=files, counts=document(whole).counts, conforms=whole.conforms
    )
    return page.encode("utf-8")


def _file(finding: Finding) -> str:
    return finding.at.file if finding.at else ""


def _blocks(findings: Sequence[Finding]) -> Iterator[Block]:
    """The causes in a file, the gravest first."""
    grave = list(LEVELS)
    for cause in sorted(causes(findings), key=lambda cause: grave.index(cause.severity)):
        rows = tuple(_row(finding) for finding in cause.findings[:MOST])
        yield Block(
            LEVELS[cause.severity],
            cause,
            rows,
            max(cause.count - MOST, 0),
            any(row.value for row in rows),
            any(row.suggestion is not None for row in rows),
        )


def _row(finding: Finding) -> Row:
    return Row(
        _place(finding),
        None if finding.at and (finding.at.line or finding.at.row) else short(finding.focus_node),
        short(finding.value),
        finding.suggestion,
    )


def _place(finding: Finding) -> str:
    """The place within its file: a cell, a row, a line."""
    at = finding.at
    if at is None:
        return ""
    if at.sheet is not None:
        where = at.cell or (f"ред {at.row} · row {at.row}" if at.row else "")
        return f"{at.sheet} – {where}" if where else at.sheet
    number = at.line or at.row
    return f"ред {number} · line {number}" if number else ""
