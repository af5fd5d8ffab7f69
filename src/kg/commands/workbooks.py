"""Workbooks: `kg template` to fill in, `kg export` to change and load again, `kg check --annotate` to mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from kg import pipeline
from kg.books import not_kept, opened, saved
from kg.books.marks import is_untouched
from kg.commands import Home, Tools, warn
from kg.context import Context
from kg.errors import ParameterError
from kg.finding import Report
from kg.iris import Iris
from kg.load import find
from kg.load.completed import checked
from kg.load.names import Names
from kg.pipeline import Domain
from kg.publish.workbook.export import Export
from kg.publish.workbook.lists import Choices
from kg.publish.workbook.marks import marked
from kg.publish.workbook.template import template
from kg.saving import save
from kg.store.port import Release

Classes = Annotated[
    list[str], typer.Argument(metavar="ТИП…", help="Типове записи, напр. Проект · types of entries, e.g. Project")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Име на файла · the file's name", dir_okay=False)]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Презапиши файла · write over the file")]


def commands(tools: Tools) -> typer.Typer:
    app = typer.Typer()

    @app.command("template")
    def empty(classes: Classes, out: Out = None, overwrite: Overwrite = False, home: Home = None) -> None:
        """Празна таблица за попълване, с указания и падащи списъци · an empty workbook to fill in."""
        domain = tools.domain()
        names = [*dict.fromkeys(_class(domain.context, written) for written in classes)]
        store = tools.open(tools.settings(home))
        release = tools.started(store)
        choices = _choices(domain, release, Iris(store.base))
        path = _free(out or Path(f"{names[0].lower()}.xlsx"), overwrite)
        save(path, saved(template(names, domain.forms, domain.context, domain.codes, choices)))
        tools.out.print(f"[green]✓[/] {path}", highlight=False, soft_wrap=True)

    @app.command()
    def export(
        classes: Classes,
        out: Out = None,
        overwrite: Overwrite = False,
        xlsx: Annotated[
            bool, typer.Option("--xlsx", help="Таблица .xlsx (подразбира се) · a workbook (default)")
        ] = True,
        source: Annotated[
            list[str] | None, typer.Option("--source", help="Само от този източник · from this source only")
        ] = None,
        home: Home = None,
    ) -> None:
        """Известното като таблица, която се променя и зарежда пак · what is known, to be changed and loaded again."""
        domain = tools.domain()
        names = [*dict.fromkeys(_class(domain.context, written) for written in classes)]
        store = tools.open(tools.settings(home))
        release, iris = tools.started(store), Iris(store.base)
        path = _free(out or Path(f"{names[0].lower()}.xlsx"), overwrite)
        sources = {
            name: kept.triples
            for name in _sources(release, iris, source)
            if (kept := pipeline.kept(release, iris, name))
        }
        choices = _choices(domain, release, iris)
        number = release.manifest.number
        made = Export(domain.forms, domain.context, domain.codes, choices, iris, number, sources).of(names)
        save(path, made.content)
        tools.out.print(f"[green]✓[/] {path}: редове · rows {made.rows}", highlight=False, soft_wrap=True)
        for sheet, headings in made.fixed.items():
            warn(
                tools.err,
                f"{sheet}: some values of {', '.join(headings)} cannot be changed in a table",
                f"{sheet}: някои стойности на {', '.join(headings)} не могат да се променят в таблица",
            )
        if made.left_out:
            warn(
                tools.err,
                f"{made.left_out} things are not in the workbook: their addresses are not of this graph",
                f"{made.left_out} записа ги няма в таблицата: адресите им не започват с адреса на системата",
            )

    return app


@dataclass(frozen=True, slots=True)
class Annotating:
    """Copies of workbooks that are about to be checked, with what is found marked in them."""

    paths: Sequence[Path]

    @classmethod
    def of(cls, paths: Sequence[Path]) -> Annotating:
        """For the workbooks among these files and folders.

        Raises ParameterError where there is none, two have one name, or somebody has worked on an earlier copy.
        """
        books = [path for path in find(paths) if path.suffix.lower() == ".xlsx"]
        if not books:
            raise ParameterError(
                "--annotate marks the cells of workbooks, and none of these files is an .xlsx",
                "--annotate оцветява клетки в таблици, а сред файловете няма .xlsx",
            )
        for name, count in Counter(path.name for path in books).items():
            if count > 1:
                raise ParameterError(
                    f"{count} of the workbooks are called {name}; check them one by one",
                    f"{count} от таблиците се казват {name}; проверете ги една по една",
                )
        for path in books:
            copy = checked(path)
            if copy != path and copy.exists() and not _is_untouched(copy):
                raise ParameterError(
                    f"somebody has worked on {copy.name} since it was made; check that one, or delete it",
                    f"в {copy.name} има промени, направени след проверката; проверете него или го изтрийте",
                )
        return cls(books)

    def write(self, report: Report, tools: Tools) -> None:
        """The copies beside the workbooks, and a line that says where they are; of what cannot be copied, why."""
        for path in self.paths:
            try:
                content = path.read_bytes()
                made = marked(content, report, path.name, datetime.now())
                save(checked(path), made.content)
            except (ParameterError, OSError) as error:
                texts = error.messages if isinstance(error, ParameterError) else {"bg": str(error), "en": str(error)}
                warn(tools.err, f"{path.name}: {texts['en']}", f"{path.name}: {texts['bg']}")
                continue
            told = f"Отбелязани клетки · marked cells: {checked(path)}"
            tools.err.print(told, highlight=False, soft_wrap=True)
            if made.formulas:
                warn(
                    tools.err,
                    f"formulas of {path.name} are values in the copy",
                    f"формулите от {path.name} са стойности в копието",
                )
            if not_kept(content):
                warn(
                    tools.err,
                    f"pictures, shapes, charts and macros of {path.name} may be missing from the copy",
                    f"картините, фигурите, диаграмите и макросите от {path.name} може да ги няма в копието",
                )


def _is_untouched(copy: Path) -> bool:
    try:
        return is_untouched(opened(copy.read_bytes()))
    except (ParameterError, OSError):
        return False


def _class(context: Context, written: str) -> str:
    """The English name of a class. Raises ParameterError."""
    name = context.class_name(written)
    if name is not None and context.hints.kind(context.classes[name]) is not None:
        return name
    known = [one for one in context.classes if context.hints.kind(context.classes[one])]
    known_bg = ", ".join(sorted(context.aliases.get(one, one) for one in known))
    near = context.nearest(written, classes=True)
    en, bg = (f"; did you mean {near!r}?", f"; може би „{near}“?") if near else ("", "")
    raise ParameterError(
        f"{written!r} is no type of entry{en}; known: {', '.join(sorted(known))}",
        f"„{written}“ не е тип запис{bg}; познати са: {known_bg}",
    )


def _free(path: Path, overwrite: bool) -> Path:
    """The path, with the ending of a workbook. Raises ParameterError where a file would be lost."""
    path = path if path.suffix else path.with_suffix(".xlsx")
    if path.suffix.lower() != ".xlsx":
        raise ParameterError(f"{path.name} must end in .xlsx", f"Името {path.name} трябва да завършва на .xlsx")
    if not path.parent.is_dir():
        raise ParameterError(f"there is no folder {path.parent}", f"Няма папка {path.parent}")
    if path.exists() and not overwrite:
        raise ParameterError(
            f"{path} is already there; choose another name (--out), or say --overwrite",
            f"{path} вече съществува; изберете друго име (--out) или посочете --overwrite",
        )
    return path


def _choices(domain: Domain, release: Release, iris: Iris) -> Choices:
    return Choices(domain.codes, Names(domain.names(release)), iris, release)


def _sources(release: Release, iris: Iris, wanted: Sequence[str] | None) -> list[str]:
    """The names of the sources, or those wanted. Raises ParameterError for what is none."""
    start = iris.graph("").value
    graphs = (graph.value.removeprefix(start) for graph in pipeline.content(release, iris))
    known = sorted(name for name in graphs if "/" not in name)
    for name in wanted or ():
        if name not in known:
            raise ParameterError(
                f"there is no source {name!r}; known: {', '.join(known)}",
                f"Няма източник „{name}“; познати са: {', '.join(known)}",
            )
    return [*wanted] if wanted else known
