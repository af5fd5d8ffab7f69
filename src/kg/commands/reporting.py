"""Where and how `kg check` and `kg load` tell what they found: on the terminal, or as a document for a program."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from kg import console as show
from kg.errors import DataError, ParameterError
from kg.finding import Report
from kg.formats import REPORTS, TEXT, Format, by_name, by_suffix
from kg.load import find
from kg.publish.report import render
from kg.saving import save

FormatName = Annotated[
    str | None,
    typer.Option("--format", "-f", help="Вид на отчета · form of the report: text html json sarif ttl …"),
]
OutFile = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Запиши отчета във файл · write the report to a file", dir_okay=False),
]


@dataclass(frozen=True, slots=True)
class Telling:
    """How a report is told, and where to."""

    format: Format
    out: Path | None
    paths: Sequence[Path]
    notes: bool

    @classmethod
    def of(cls, format: str | None, out: Path | None, paths: Sequence[Path], *, notes: bool) -> Telling:
        """What the command line asks for; a file's suffix tells its format. Raises ParameterError."""
        named = by_name(format, REPORTS) if format else by_suffix(out.suffix, REPORTS) if out and out.suffix else TEXT
        if named is None:
            known = ", ".join(one.name for one in REPORTS)
            asked = format or (out.suffix if out else "")
            raise ParameterError(
                f"a report cannot be told as {asked!r}; known: {known} (--format)",
                f"Отчет във вид „{asked}“ няма; познати са: {known} (--format)",
            )
        return cls(named, out, paths, notes)

    @property
    def on_terminal(self) -> bool:
        """Whether the report is told to the person at the terminal, beside all else that is said there."""
        return self.format is TEXT and self.out is None

    def write(self, report: Report) -> None:
        """The report where it belongs. Raises ParameterError when the file cannot be written."""
        if self.out is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(self._rendered(report))
            return
        save(self.out, self._rendered(report))

    def say_where(self, console: Console) -> None:
        """Names the file that the report is in, if it is in one."""
        if self.out is not None:
            console.print(f"Отчет · report: {self.out}", markup=False, highlight=False, soft_wrap=True)

    def _rendered(self, report: Report) -> bytes:
        if self.format is not TEXT:
            return render(report, self.format, paths=self._addresses(), notes=self.notes)
        console = Console(color_system=None, force_terminal=False, width=100)
        with console.capture() as captured:
            show.show_report(console, report, notes=self.notes)
        return captured.get().lstrip("\n").encode("utf-8", "replace")

    def _addresses(self) -> dict[str, str]:
        """The path of each file by its name, where only one is called so: relative as given, else its address."""
        try:
            files = find(self.paths)
        except DataError:
            return {}
        names = [path.name for path in files]
        return {
            path.name: path.as_uri() if path.is_absolute() else path.as_posix()
            for path in files
            if names.count(path.name) == 1
        }
