"""Findings by what causes them: what is wrong in many places is one thing to know, and one thing to mend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Cause:
    """What is wrong, how grave it is, and every finding that says so."""

    severity: Severity
    kind: str | None  # the constraint's component, or what a reader calls it
    field: str | None
    messages: Mapping[str, str]  # by language tag, without the value
    expected: Mapping[str, str] | None  # when it is the same everywhere
    findings: tuple[Finding, ...]

    @property
    def count(self) -> int:
        return len(self.findings)

    @property
    def said_once(self) -> bool:
        """Whether every finding says what the cause says, and nothing of its own."""
        return all(dict(finding.messages) == dict(self.messages) for finding in self.findings)


def causes(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """The findings by severity, kind, field and message without the value; in the order of their first."""
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        said = tuple(sorted(finding.without_value.items()))
        alike.setdefault((finding.severity, finding.component, finding.field, said), []).append(finding)
    return tuple(_cause(group) for group in alike.values())


def _cause(group: list[Finding]) -> Cause:
    first = group[0]
    told = first.messages if len({tuple(one.messages.items()) for one in group}) == 1 else first.without_value
    same = all(one.expected == first.expected for one in group)
    return Cause(first.severity, first.component, first.field, told, first.expected if same else None, tuple(group))
