"""What the command line shows: findings, releases, differences, progress. Bulgarian first, English beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from kg.causes import Cause, causes
from kg.entry import Locator
from kg.errors import KgError
from kg.finding import Finding, Report, Severity
from kg.graph import Changes, Row
from kg.load import Progress as Tell
from kg.publish.report.words import short
from kg.rq import QueryFile
from kg.store.port import Manifest
from kg.tokens import Token

MAX_SHOWN = 200
RECURRING = 4
"""From how many findings that say the same of a file they are said once."""
SOURCES_SHOWN = 6
NARROW = 14
"""Columns of a table that are narrower than this are not read but guessed."""
_MARK = {Severity.VIOLATION: "[bold red]✗[/]", Severity.WARNING: "[yellow]![/]", Severity.INFO: "[dim]·[/]"}
_STAGES = {
    "apply": "записване · applying",
    "gate": "проверка · checking",
    "derive": "извеждане · deriving",
    "seal": "запечатване · sealing",
}


def show_report(console: Console, report: Report, *, notes: bool = False) -> None:
    """Findings file by file, then how many of each kind there are. What recurs in a file is said once."""
    shown = [finding for finding in report.findings if notes or finding.severity is not Severity.INFO]
    for file, findings in groupby(shown[:MAX_SHOWN], key=lambda finding: finding.at.file if finding.at else ""):
        for cause in causes(findings):
            if cause.count < RECURRING:
                for finding in cause.findings:
                    _show(console, finding)
            else:
                _show_cause(console, cause, file)
    if len(shown) > MAX_SHOWN:
        console.print(f"… и още {len(shown) - MAX_SHOWN} · and {len(shown) - MAX_SHOWN} more", style="dim")
    counts = Counter(finding.severity for finding in report.findings)
    if counts:
        console.print()
        _say(
            console,
            f"грешки · errors: {counts[Severity.VIOLATION]}   предупреждения · warnings: "
            f"{counts[Severity.WARNING]}   бележки · notes: {counts[Severity.INFO]}"
            + ("" if notes or not counts[Severity.INFO] else " (--notes)"),
            style="bold",
        )


def _show(console: Console, finding: Finding) -> None:
    bg, place = finding.messages.get("bg", ""), _place(finding)
    head = Text.assemble(Text.from_markup(_MARK[finding.severity]), " ", (place, "cyan"))
    shown = _short(finding.value)
    if shown and shown not in bg:
        head.append(f"  = {shown}")
    about = _short(finding.focus_node)
    if about and about not in place:
        head.append(f"  ({about})", "dim")
    _tell(console, head, finding.messages, finding.expected if finding.suggestion is None else None)
    if finding.suggestion is not None:
        _say(console, f"→ {_proposed(finding.suggestion)}", indent=2, style="green")


def _show_cause(console: Console, cause: Cause, file: str) -> None:
    """What has one cause, said once: how often, where, and what stands there where that differs."""
    sheets = groupby(cause.findings, key=lambda finding: finding.at.sheet if finding.at else None)
    places = [f"{f'[{sheet}] ' if sheet else ''}{_lines(found)}" for sheet, found in sheets]
    field = f" „{cause.field}“" if cause.field else ""
    place = f"{file}: {'; '.join(places)}{field}"
    mark = Text.from_markup(_MARK[cause.severity])
    head = Text.assemble(mark, " ", (place, "cyan"), (f"  {cause.count}×", "bold"))
    _tell(console, head, cause.messages, cause.expected)
    if cause.said_once and not any(finding.suggestion is not None for finding in cause.findings):
        return
    for finding in cause.findings:
        value = f" „{_short(finding.value)}“" if finding.value is not None else ""
        meant = "" if finding.suggestion is None else f" → {_proposed(finding.suggestion)}"
        _say(console, f"{_line(finding) or '–'}:{value}{meant}", indent=4, hanging=8)


def _tell(console: Console, head: Text, messages: Mapping[str, str], expected: Mapping[str, str] | None) -> None:
    console.print()
    _say(console, head, hanging=4)
    _say(console, messages.get("bg", ""), indent=2)
    _say(console, messages.get("en", ""), indent=2, style="dim")
    if expected:
        _say(console, f"очаква се: {expected.get('bg', '')}", indent=2)
        _say(console, f"expected: {expected.get('en', '')}", indent=2, style="dim")


def _proposed(text: str) -> str:
    return f"„{text}“" if text else "(празно · empty)"


def _place(finding: Finding) -> str:
    """File, line and field, as an editor's „go to“ takes them."""
    at = finding.at
    if at is None:
        return _short(finding.focus_node) or "–"
    field = at.column or finding.field
    place = str(Locator(at.file, line=at.line, sheet=at.sheet, row=at.row))
    return f"{place} „{field}“" if field else place


def _lines(findings: Iterable[Finding]) -> str:
    return ", ".join(str(_line(finding)) for finding in findings if _line(finding))


def _line(finding: Finding) -> int | None:
    return (finding.at.row or finding.at.line) if finding.at else None


def _short(term: object) -> str:
    """A term as people write it; nothing for nothing."""
    return short(term) or ""


def _say(console: Console, text: str | Text, *, indent: int = 0, hanging: int = 0, style: str = "") -> None:
    """A paragraph. In a terminal it is wrapped below its own beginning; elsewhere a line stays a line."""
    written = Text(text, style) if isinstance(text, str) else text
    if not console.is_terminal:
        console.print(Text(" " * indent) + written, soft_wrap=True, highlight=False)
        return
    lines = written.wrap(console, max(console.width - max(indent, hanging), 20))
    for number, line in enumerate(lines):
        console.print(Text(" " * (hanging if number and hanging else indent)) + line, highlight=False)


def show_error(console: Console, error: KgError) -> None:
    """One error in both languages."""
    mark = Text.from_markup(_MARK[Severity.VIOLATION])
    _say(console, Text.assemble(mark, " ", error.messages["bg"]), hanging=2)
    if error.messages["en"] != error.messages["bg"]:
        _say(console, error.messages["en"], indent=2, style="dim")


def show_releases(console: Console, manifests: Sequence[Manifest], kept: Sequence[int], current: int) -> None:
    """Releases, the newest first: when and how much on one line, what and who on the next."""
    width = len(str(len(manifests)))
    for manifest in reversed(manifests):
        mark = "●" if manifest.number == current else " " if manifest.number in kept else "†"
        head = Text.assemble(
            f"{mark} ",
            (f"{manifest.number:>{width}}", "bold"),
            f"  {manifest.created.astimezone():%d.%m.%Y %H:%M:%S}  ",
            (f"+{manifest.added}", "green"),
            " ",
            (f"−{manifest.removed}", "red"),
            f"  твърдения · statements: {manifest.triples}",
        )
        _say(console, head, hanging=width + 4)
        names = ", ".join(manifest.sources[:SOURCES_SHOWN])
        if len(manifest.sources) > SOURCES_SHOWN:
            names += f" … (+{len(manifest.sources) - SOURCES_SHOWN})"
        told = f"{manifest.activity}: {names}" if names else manifest.activity
        _say(console, f"{told} – {manifest.agent}", indent=width + 4, style="dim")
    _say(console, "● текущо · current   † вече не се пази · no longer kept", style="dim")


def show_tokens(console: Console, tokens: Sequence[Token]) -> None:
    """Tokens by name: what for, since when and until when."""
    now = datetime.now(UTC)
    for token in tokens:
        until = f" → {token.expires.astimezone():%d.%m.%Y}" if token.expires else ""
        line = Text.assemble(
            (token.name, "bold"), f"  {token.role.label}  {token.created.astimezone():%d.%m.%Y}{until}"
        )
        _say(console, line if token.valid(now) else Text.assemble(line, ("  изтекъл · expired", "red")))
    if not tokens:
        _say(console, "Няма издадени токени; добавете с `kg token add` · no tokens; add one with `kg token add`")


def show_changes(console: Console, changes: Changes) -> None:
    """Removed and added quads as N-Quads lines with a sign."""
    for sign, quads, style in (("-", changes.removed, "red"), ("+", changes.added, "green")):
        for quad in quads:
            console.print(f"{sign} {quad} .", style=style, markup=False, highlight=False, soft_wrap=True)
    console.print(f"+{len(changes.added)} −{len(changes.removed)}", style="bold")


def show_rows(console: Console, names: Sequence[str], rows: Sequence[Row]) -> None:
    """Solutions as a table, or one below the other where a table would be too narrow to read.

    A thing that comes with its label is shown by the label; the whole answer is in every other format.
    """
    chosen = [name for name in names if f"{name}Label" not in names and not name.endswith("LabelEn")]
    if chosen and console.width // len(chosen) < NARROW:
        width = max(len(name) for name in chosen)
        for number, row in enumerate(rows, 1):
            console.print(f"{number}", style="bold")
            for name in chosen:
                if row[name] is not None:
                    _say(console, f"{name:<{width}}  {_short(row[name])}", indent=2, hanging=width + 4)
    else:
        table = Table(*chosen, box=SIMPLE_HEAD, pad_edge=False)
        for row in rows:
            table.add_row(*[escape(_short(row[name])) for name in chosen])
        console.print(table)
    hidden = "" if len(chosen) == len(names) else "   (всички колони · all columns: --format csv)"
    _say(console, f"редове · rows: {len(rows)}{hidden}", style="dim")


@contextmanager
def progress(console: Console) -> Iterator[Tell]:
    """A progress bar while the block runs; silent where nobody looks."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bars:
        task = bars.add_task("четене · reading", total=None)

        def tell(what: str, done: int, total: int) -> None:
            known = what in _STAGES
            bars.update(
                task,
                description=_STAGES.get(what, f"четене · reading {what}"),
                completed=0 if known else done,
                total=None if known else total,
            )

        yield tell


def show_queries(console: Console, library: Mapping[str, QueryFile]) -> None:
    """The curated queries by name, each with what it answers."""
    for name in sorted(library):
        title = library[name].header.get("title") or {}
        console.print(f"[bold]{escape(name)}[/]", highlight=False)
        console.print(f"  {escape(str(title.get('bg', '')))} · {escape(str(title.get('en', '')))}", highlight=False)
