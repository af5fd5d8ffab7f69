"""What the command line shows: findings, releases, differences, progress. Bulgarian first, English beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from kg.errors import KgError
from kg.finding import Finding, Report, Severity
from kg.graph import Changes, Row
from kg.load import Progress as Tell
from kg.store.port import Manifest

MAX_SHOWN = 200
_MARK = {Severity.VIOLATION: "[bold red]✗[/]", Severity.WARNING: "[yellow]![/]", Severity.INFO: "[dim]·[/]"}
_STAGES = {
    "apply": "записване · applying",
    "gate": "проверка · checking",
    "derive": "извеждане · deriving",
    "seal": "запечатване · sealing",
}


def show_report(console: Console, report: Report, *, notes: bool = False) -> None:
    """Findings file by file, then how many of each kind there are."""
    shown = [finding for finding in report.findings if notes or finding.severity is not Severity.INFO]
    file = None
    for finding in shown[:MAX_SHOWN]:
        name = finding.at.file if finding.at else "–"
        if name != file:
            file = name
            console.print(f"\n[bold]{escape(name)}[/]")
        _show(console, finding)
    if len(shown) > MAX_SHOWN:
        console.print(f"… и още {len(shown) - MAX_SHOWN} · and {len(shown) - MAX_SHOWN} more", style="dim")
    counts = Counter(finding.severity for finding in report.findings)
    if counts:
        console.print(
            f"\nгрешки · errors: {counts[Severity.VIOLATION]}   предупреждения · warnings: "
            f"{counts[Severity.WARNING]}   бележки · notes: {counts[Severity.INFO]}"
            + ("" if notes or not counts[Severity.INFO] else " (--notes)"),
            style="bold",
        )


def _show(console: Console, finding: Finding) -> None:
    at = finding.at
    place = ""
    if at is not None:
        where = [str(at.row or at.line or "")]
        if at.sheet is not None:
            where.insert(0, at.sheet)
        if at.column or finding.field:
            where.append(f"„{at.column or finding.field}“")
        place = " ".join(part for part in where if part)
    elif finding.focus_node is not None:
        place = str(finding.focus_node)
    bg, en = finding.messages.get("bg", ""), finding.messages.get("en", "")
    value = getattr(finding.value, "value", finding.value)
    shown = f" [dim]({escape(str(value))})[/]" if value is not None and str(value) not in bg else ""
    console.print(f"  {_MARK[finding.severity]} [cyan]{escape(place)}[/] {escape(bg)}{shown}", highlight=False)
    console.print(f"      [dim]{escape(en)}[/]", highlight=False)


def show_error(console: Console, error: KgError) -> None:
    """One error in both languages."""
    console.print(f"[bold red]✗[/] {escape(error.messages['bg'])}", highlight=False)
    if error.messages["en"] != error.messages["bg"]:
        console.print(f"  [dim]{escape(error.messages['en'])}[/]", highlight=False)


def show_releases(console: Console, manifests: Sequence[Manifest], kept: Sequence[int], current: int) -> None:
    """A table of releases, the newest first."""
    table = Table("№", "създадено · created", "от · by", "действие · activity", "източници · sources", "±", "твърдения")
    for manifest in reversed(manifests):
        mark = " ●" if manifest.number == current else "" if manifest.number in kept else " †"
        names = ", ".join(manifest.sources[:3]) + (" …" if len(manifest.sources) > 3 else "")
        table.add_row(
            f"{manifest.number}{mark}",
            manifest.created.strftime("%d.%m.%Y %H:%M:%S"),
            manifest.agent,
            manifest.activity,
            names,
            f"+{manifest.added} −{manifest.removed}",
            f"{manifest.triples}",
        )
    console.print(table)
    console.print("● текущо · current   † вече не се пази · no longer kept", style="dim")


def show_changes(console: Console, changes: Changes) -> None:
    """Removed and added quads as N-Quads lines with a sign."""
    for sign, quads, style in (("-", changes.removed, "red"), ("+", changes.added, "green")):
        for quad in quads:
            console.print(f"{sign} {quad} .", style=style, markup=False, highlight=False, soft_wrap=True)
    console.print(f"+{len(changes.added)} −{len(changes.removed)}", style="bold")


def show_rows(console: Console, names: Sequence[str], rows: Sequence[Row]) -> None:
    """Solutions as a table."""
    table = Table(*names)
    for row in rows:
        table.add_row(*[escape(getattr(row[name], "value", "") if row[name] is not None else "") for name in names])
    console.print(table)
    console.print(f"редове · rows: {len(rows)}", style="dim")


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
