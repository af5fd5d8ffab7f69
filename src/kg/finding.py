"""What the gate and the readers have to say about the data: one thing each, with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kg.entry import Locator
from kg.errors import DataError
from kg.graph import Node, sort_key


class Severity(StrEnum):
    """How grave a finding is; the values are SHACL's (SHACL §2.1.4)."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"


_GRAVITY = {Severity.VIOLATION: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One sh:ValidationResult, or one reading error, with the place that caused it."""

    messages: Mapping[str, str]  # by language tag
    severity: Severity = Severity.VIOLATION
    at: Locator | None = None
    field: str | None = None  # as the author wrote it, else the term's name
    focus_node: Node | None = None
    path: str | None = None  # the property path, in SPARQL's notation
    value: Node | str | None = None
    expected: Mapping[str, str] | None = None  # what would be right, by language tag; None: not known
    suggestion: str | None = None  # the nearest valid value, as the cell or field takes it; None: none is near
    shape: str | None = None
    component: str | None = None  # of the constraint, else what the reader calls this kind of mistake
    cause: Mapping[str, str] | None = None  # the messages without this value, where they name it
    hidden: tuple[str, ...] = ()  # words that no report may show, where they stand in an id

    @property
    def refuses(self) -> bool:
        """Whether this finding keeps the data out."""
        return self.severity is Severity.VIOLATION

    @property
    def without_value(self) -> Mapping[str, str]:
        """What is said alike of every value with this mistake, by language tag."""
        return self.messages if self.cause is None else self.cause

    @property
    def key(self) -> tuple[tuple[str, str, int, str], int, str, str, str, str, str]:
        """An order for findings: place, gravity, focus node, field, text."""
        return (
            self.at.key if self.at else ("", "", 0, ""),
            _GRAVITY[self.severity],
            sort_key(self.focus_node),
            self.path or "",
            self.field or "",
            str(self.value or ""),
            self.messages.get("en", ""),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """Findings in the order of the files they speak of."""

    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Report:
        """The findings sorted, each once."""
        unique = {finding.key: finding for finding in findings}
        return cls(tuple(unique[key] for key in sorted(unique)))

    @property
    def violations(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.refuses)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.WARNING)

    @property
    def conforms(self) -> bool:
        return not self.violations

    def raise_for_violations(self) -> Report:
        """This report, or DataError with every finding when one of them refuses the data."""
        if not self.conforms:
            raise DataError(self.findings)
        return self
