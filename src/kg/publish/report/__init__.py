"""A report of findings, in every format that a program or a person reads."""

from __future__ import annotations

from collections.abc import Mapping

from kg.finding import Report, Severity
from kg.formats import FINDINGS, HTML, SARIF, Format
from kg.publish import validation
from kg.publish.report import as_html, as_json, as_sarif


def render(report: Report, format: Format, *, paths: Mapping[str, str] | None = None, notes: bool = False) -> bytes:
    """The report in one of `formats.REPORTS` but text, which the terminal tells.

    `paths` gives the path or address of a file by its name. A page has notes only when asked for; what a program reads
    has everything.
    """
    if format is FINDINGS:
        return as_json.render(report)
    if format is SARIF:
        return as_sarif.render(report, paths or {})
    if format is HTML:
        shown = report if notes else Report(tuple(one for one in report.findings if one.severity is not Severity.INFO))
        return as_html.render(shown, report)
    return validation.report(report.findings, format)
