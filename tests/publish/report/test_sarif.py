"""The report as SARIF, held to what the OASIS Standard of 2.1.0 requires; each rule names its section."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote, urlsplit

from hypothesis import given
from tests.publish.report.given import HOSTILE, REPORT, reports

from kg.finding import Report
from kg.publish.report import as_sarif

Log = dict[str, Any]
LEVELS = {"none", "note", "warning", "error"}
KINDS = {"notApplicable", "pass", "fail", "review", "open", "informational"}


def read(report: Report, **paths: str) -> Log:
    log = json.loads(as_sarif.render(report, {name.replace("__", "."): path for name, path in paths.items()}))
    assert isinstance(log, dict)
    return log


def message(told: Log) -> None:
    """§3.11.5: a message holds text or the id of one; plain text is not empty."""
    assert "text" in told or "id" in told
    assert told.get("text", "-")


def located(place: Log, artifacts: set[str]) -> None:
    """§3.28–§3.33."""
    if "physicalLocation" in place:
        physical = place["physicalLocation"]
        assert physical.keys() & {"artifactLocation", "address"}, "§3.29.2"
        uri = physical["artifactLocation"]["uri"]
        urlsplit(uri)
        assert re.fullmatch(r"[A-Za-z0-9/._~:%-]+", uri), "§3.4.3: a URI reference by RFC 3986"
        assert not re.search(r"%(?![0-9A-F]{2})", uri)
        assert uri in artifacts
        if "region" in physical:
            assert physical["region"]["startLine"] >= 1, "§3.30.5"
    for logical in place.get("logicalLocations", []):
        assert logical.keys() & {"name", "fullyQualifiedName"}, "§3.33.2"
        assert logical["fullyQualifiedName"]


def conforms(log: Log) -> None:
    """The rules of the standard that concern what is written here."""
    assert log["version"] == "2.1.0", "§3.13.2"
    assert urlsplit(log["$schema"]).scheme == "https", "§3.13.3"
    assert isinstance(log["runs"], list), "§3.13.4"
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        assert driver["name"], "§3.19.8"
        rules = driver["rules"]
        assert len({json.dumps(rule, sort_keys=True) for rule in rules}) == len(rules), "§3.19.23: unique"
        for component in (driver, *run["translations"]):
            assert re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", component["language"]), "§3.19.21"
            assert component["rules"] is not None
            for rule in component["rules"]:
                assert rule["id"], "§3.49.3"
                message(rule["shortDescription"])
                if "help" in rule:
                    message(rule["help"])
                assert rule.get("defaultConfiguration", {}).get("level", "none") in LEVELS, "§3.50.3"
        for translation in run["translations"]:
            assert translation["contents"] == ["localizedData"]
            assert translation["translationMetadata"]["name"], "§3.19.27, §3.56.2"
            assert [rule["id"] for rule in translation["rules"]] == [rule["id"] for rule in rules]
        artifacts = {artifact["location"]["uri"] for artifact in run["artifacts"]}
        assert len(artifacts) == len(run["artifacts"]), "§3.14.15: unique"
        assert run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}, "§3.14.17"
        for result in run["results"]:
            message(result["message"])
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"], "§3.27.5, §3.27.6"
            assert result["kind"] in KINDS, "§3.27.9"
            assert result["level"] in LEVELS, "§3.27.10"
            assert result["kind"] == "fail" or result["level"] == "none", "§3.27.10"
            assert len(result["locations"]) <= 1
            for place in result["locations"]:
                located(place, artifacts)


def results(report: Report, **paths: str) -> dict[str, list[Log]]:
    by_rule: dict[str, list[Log]] = {}
    for result in read(report, **paths)["runs"][0]["results"]:
        by_rule.setdefault(result["ruleId"], []).append(result)
    return by_rule


def test_a_report_conforms_to_the_standard() -> None:
    log = read(REPORT)
    conforms(log)
    assert len(log["runs"][0]["results"]) == len(REPORT.findings)


def test_a_line_is_a_region_and_a_cell_a_logical_location() -> None:
    found = results(REPORT)
    (link,) = found["Link-fundedUnder"]
    physical = link["locations"][0]["physicalLocation"]
    assert physical == {"artifactLocation": {"uri": "projects.yaml"}, "region": {"startLine": 5}}
    (place,) = found["UnknownCode"][0]["locations"]
    assert unquote(place["physicalLocation"]["artifactLocation"]["uri"]) == "събития 2026.xlsx"
    assert "region" not in place["physicalLocation"]
    assert place["logicalLocations"] == [{"name": "D2", "fullyQualifiedName": "'Лист 1'!D2", "kind": "cell"}]


def test_a_file_is_named_by_its_path() -> None:
    (link,) = results(REPORT, projects__yaml="данни/projects.yaml")["Link-fundedUnder"]
    uri = link["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri) == "данни/projects.yaml"
    (link,) = results(REPORT, projects__yaml="file:///x/projects.yaml")["Link-fundedUnder"]
    assert link["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///x/projects.yaml"


def test_a_result_says_it_in_both_languages_with_what_belongs_there() -> None:
    first, _, last = results(REPORT)["UnknownCode"]
    assert first["message"]["text"].splitlines()[0].startswith("„обученне“ не е в списъка")
    assert "is not in the list" in first["message"]["text"]
    assert first["properties"]["suggestion"] == "обучение"
    assert first["properties"]["expected"]["bg"].startswith("една от")
    assert first["properties"]["sameCause"] == 3
    assert "suggestion" not in last["properties"]
    assert last["properties"]["value"] == HOSTILE


def test_levels_are_those_of_the_findings_and_rules_speak_both_languages() -> None:
    found = results(REPORT)
    assert {name: one[0]["level"] for name, one in found.items()} == {
        "Link-fundedUnder": "error",
        "UnknownCode": "error",
        "ProjectReference-status-stated": "warning",
        "Finding": "note",
    }
    run = read(REPORT)["runs"][0]
    told = [
        {rule["id"]: rule["shortDescription"]["text"] for rule in component["rules"]}
        for component in (run["tool"]["driver"], run["translations"][0])
    ]
    assert told[0]["UnknownCode"] == "Стойността не е в списъка"
    assert told[1]["UnknownCode"] == "The value is not in the list"


def test_an_empty_report_is_a_run_without_results() -> None:
    log = read(Report())
    conforms(log)
    assert log["runs"][0]["results"] == []


@given(reports)
def test_any_report_conforms_to_the_standard(report: Report) -> None:
    log = read(report)
    conforms(log)
    assert len(log["runs"][0]["results"]) == len(report.findings)
