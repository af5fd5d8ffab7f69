"""Findings of the readers, and how several of them are gathered before anyone gives up."""

from __future__ import annotations

from collections.abc import Sequence

from kg.entry import Locator
from kg.finding import Finding, Severity


def problem(
    at: Locator,
    en: str,
    bg: str,
    *,
    field: str | None = None,
    value: str | None = None,
    severity: Severity = Severity.VIOLATION,
) -> Finding:
    """A finding of a reader: the place, and what to do in both languages."""
    return Finding({"bg": bg, "en": en}, severity=severity, at=at, field=field, value=value)


def suggestion(candidates: Sequence[str]) -> tuple[str, str]:
    """„; did you mean …?“ in English and Bulgarian; empty without candidates."""
    if not candidates:
        return "", ""
    names = ", ".join(f"„{candidate}“" for candidate in candidates)
    return f"; did you mean {names}?", f"; може би {names}?"


class Problems(list[Finding]):
    """What is wrong so far. Reading goes on, so that a person sees everything at once."""

    def add(self, at: Locator, en: str, bg: str, *, field: str | None = None, value: str | None = None) -> None:
        self.append(problem(at, en, bg, field=field, value=value))

    def warn(self, at: Locator, en: str, bg: str, *, field: str | None = None) -> None:
        self.append(problem(at, en, bg, field=field, severity=Severity.WARNING))

    def note(self, at: Locator, en: str, bg: str, *, field: str | None = None) -> None:
        self.append(problem(at, en, bg, field=field, severity=Severity.INFO))
