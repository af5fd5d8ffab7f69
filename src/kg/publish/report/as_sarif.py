"""A report as SARIF 2.1.0 (OASIS Standard, 27 March 2020), for code hosts and editors. Sections are the standard's.

The texts of the rules are Bulgarian, with English as a translation of the tool (§3.14.9). A result has one message of
its own (§3.27.11), so it carries both languages, and what is expected beside the proposal in its property bag (§3.8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

import orjson

from kg.causes import Cause, causes
from kg.entry import Locator
from kg.finding import Finding, Report
from kg.publish.report.as_json import LEVELS
from kg.publish.report.kinds import KINDS
from kg.publish.report.words import cell, rule, short, sound

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_TOOL: Final = "kg"
_LANGUAGES: Final = ("bg", "en")


def render(report: Report, paths: Mapping[str, str]) -> bytes:
    """The log as UTF-8; `paths` gives the path or address of a file by its name."""
    return orjson.dumps(log(report, paths), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def log(report: Report, paths: Mapping[str, str]) -> dict[str, Any]:
    """The log as plain values (§3.13): one run."""
    grouped = causes(report.findings)
    rules = _rules(grouped)
    numbers = {name: number for number, name in enumerate(rules)}
    results = [_result(finding, cause, numbers, paths) for cause in grouped for finding in cause.findings]
    driver = {
        "name": _TOOL,
        "fullName": "Проверка на данни · data check",
        "language": "bg",
        "contents": ["localizedData", "nonLocalizedData"],
        "rules": [_rule(name, cause, "bg") for name, cause in rules.items()],
    }
    english = {
        "name": _TOOL,
        "language": "en",
        "contents": ["localizedData"],
        "translationMetadata": {"name": "English", "shortDescription": {"text": "The rules in English"}},
        "rules": [_rule(name, cause, "en") for name, cause in rules.items()],
    }
    run = {
        "tool": {"driver": driver},
        "translations": [english],
        "language": "bg",
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(file, paths)}} for file in _files(report)],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules(grouped: Iterable[Cause]) -> dict[str, Cause]:
    """What each rule is told by: the first cause under its name."""
    rules: dict[str, Cause] = {}
    for cause in grouped:
        for finding in cause.findings:
            rules.setdefault(sound(rule(finding)), cause)
    return rules


def _rule(name: str, cause: Cause, language: str) -> dict[str, Any]:
    """A reportingDescriptor (§3.49)."""
    told = KINDS.get(name, cause.messages)
    described: dict[str, Any] = {"id": name, "shortDescription": {"text": _text(told, language)}}
    if language == _LANGUAGES[0]:
        described["defaultConfiguration"] = {"level": LEVELS[cause.severity]}
    if cause.expected and name not in KINDS:
        described["help"] = {"text": _text(cause.expected, language)}
    return described


def _result(finding: Finding, cause: Cause, numbers: Mapping[str, int], paths: Mapping[str, str]) -> dict[str, Any]:
    """A result (§3.27)."""
    name = sound(rule(finding))
    located: dict[str, Any] = {}
    if finding.at is not None:
        located["physicalLocation"] = _physical(finding.at, paths)
    if logical := _logical(finding):
        located["logicalLocations"] = [logical]
    result: dict[str, Any] = {
        "ruleId": name,
        "ruleIndex": numbers[name],
        "level": LEVELS[finding.severity],
        "kind": "fail",
        "message": {"text": "\n\n".join(dict.fromkeys(_text(finding.messages, tag) for tag in _LANGUAGES))},
        "locations": [located] if located else [],
        "properties": _properties(finding, cause),
    }
    return result


def _properties(finding: Finding, cause: Cause) -> dict[str, Any]:
    said = {
        "messages": {tag: sound(text) for tag, text in finding.messages.items()},
        "field": finding.field,
        "value": short(finding.value),
        "expected": finding.expected and {tag: sound(text) for tag, text in finding.expected.items()},
        "suggestion": finding.suggestion,
        "kind": finding.component,
        "sameCause": cause.count,
    }
    return {
        name: sound(value) if isinstance(value, str) else value for name, value in said.items() if value is not None
    }


def _physical(at: Locator, paths: Mapping[str, str]) -> dict[str, Any]:
    """A physicalLocation (§3.29): a workbook has no lines, so its cell is a logical location."""
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(at.file, paths)}}
    if at.line is not None and at.line >= 1:
        place["region"] = {"startLine": at.line}
    return place


def _logical(finding: Finding) -> dict[str, Any] | None:
    """A logicalLocation (§3.33): the cell, else the thing and its field."""
    at = finding.at
    if at is not None and (named := cell(at)):
        return {"name": sound(at.cell or str(at.row)), "fullyQualifiedName": sound(named), "kind": "cell"}
    parts = [part for part in (short(finding.focus_node), finding.field) if part]
    if not parts:
        return None
    return {"fullyQualifiedName": sound("/".join(parts)), "kind": "member" if finding.field else "object"}


def _files(report: Report) -> list[str]:
    return sorted({finding.at.file for finding in report.findings if finding.at is not None})


def _uri(file: str, paths: Mapping[str, str]) -> str:
    """A URI reference (§3.4.3): what is no such address yet is percent-encoded."""
    path = paths.get(file, file)
    if path.startswith("file://"):
        return path
    encoded = quote(sound(path).encode("utf-8"), safe="/-._~")
    return encoded or "."


def _text(texts: Mapping[str, str], language: str) -> str:
    """The text in this language, else in any; a message is never empty (§3.11)."""
    return sound(texts.get(language) or next((text for text in texts.values() if text), "")) or "–"
