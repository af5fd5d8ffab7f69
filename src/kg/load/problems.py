"""Findings of the readers, and how several of them are gathered before anyone gives up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypedDict, Unpack

from kg.entry import Locator
from kg.finding import Finding, Severity


class Details(TypedDict, total=False):
    """What a finding of a reader says besides its place and its messages."""

    field: str | None
    value: str | None
    kind: str  # what this kind of mistake is called, where the messages do not tell it from others
    hint: tuple[str, str]  # what follows the messages and is about this value alone, in English and Bulgarian
    expected: Mapping[str, str] | None
    suggestion: str | None


READING = "Reading"
"""The kind of mistakes that have no name of their own."""


def problem(
    at: Locator, en: str, bg: str, *, severity: Severity = Severity.VIOLATION, **more: Unpack[Details]
) -> Finding:
    """A finding of a reader: the place, and what to do in both languages."""
    hint_en, hint_bg = more.get("hint", ("", ""))
    value = more.get("value")
    cause = {"bg": _without(bg, value), "en": _without(en, value)}
    messages = {"bg": bg + hint_bg, "en": en + hint_en}
    return Finding(
        messages,
        severity=severity,
        at=at,
        field=at.column or more.get("field"),
        value=value,
        expected=more.get("expected"),
        suggestion=more.get("suggestion"),
        component=more.get("kind", READING),
        cause=cause if cause != messages else None,
    )


def _without(message: str, value: str | None) -> str:
    """The message with „…“ for the value that it quotes."""
    if not value:
        return message
    return message.replace(repr(value), "„…“").replace(f"„{value}“", "„…“")


def suggestion(candidates: Sequence[str]) -> tuple[str, str]:
    """„; did you mean …?“ in English and Bulgarian; empty without candidates."""
    if not candidates:
        return "", ""
    names = ", ".join(f"„{candidate}“" for candidate in candidates)
    return f"; did you mean {names}?", f"; може би {names}?"


def in_whole_cell(findings: Sequence[Finding], items: object) -> list[Finding]:
    """Findings about items of a list in one cell, each proposing the whole text of the cell with all items mended."""
    mended = {one.value: one.suggestion for one in findings if isinstance(one.value, str) and one.suggestion}
    if not isinstance(items, list) or len(items) < 2:
        return [*findings]
    whole = "; ".join(mended.get(item, item) for item in items if isinstance(item, str))
    return [replace(one, suggestion=whole) if one.suggestion and one.value in items else one for one in findings]


class Problems(list[Finding]):
    """What is wrong so far. Reading goes on, so that a person sees everything at once."""

    def add(self, at: Locator, en: str, bg: str, **more: Unpack[Details]) -> None:
        self.append(problem(at, en, bg, **more))

    def warn(self, at: Locator, en: str, bg: str, **more: Unpack[Details]) -> None:
        self.append(problem(at, en, bg, severity=Severity.WARNING, **more))

    def note(self, at: Locator, en: str, bg: str, **more: Unpack[Details]) -> None:
        self.append(problem(at, en, bg, severity=Severity.INFO, **more))
