"""`kg schema`: the JSON Schema with which an editor completes and checks entry files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from kg import expected
from kg.commands import Home, Tools, warn
from kg.context import Context
from kg.errors import ParameterError
from kg.iris import Iris
from kg.publish.schema import document, render
from kg.publish.schema.suggesting import MOST, Suggestions
from kg.saving import save

_LINE = "# yaml-language-server: $schema={}"


def commands(tools: Tools) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def schema(
        classes: Annotated[
            list[str] | None, typer.Argument(metavar="КЛАС|CLASS", help="Видове записи · kinds of entries")
        ] = None,
        out_file: Annotated[
            Path | None, typer.Option("--out", "-o", help="Запиши във файл · write to a file", dir_okay=False)
        ] = None,
        names: Annotated[
            bool,
            typer.Option(
                "--names", help="Предлагай и имената на познатото в графа · suggest what the graph knows, too"
            ),
        ] = False,
        home: Home = None,
    ) -> None:
        """Прави JSON Schema, с която редакторът подсказва и проверява · make the JSON Schema for editors of entries."""
        domain = tools.domain()
        chosen = _classes(classes or (), domain.context)
        known = None
        if names:
            store = tools.open(tools.settings(home))
            known = Suggestions.of(tools.release(store, None), Iris(store.base), domain.context)
        made = render(document(domain.forms, domain.own_forms, chosen, known))
        if known and known.cut:
            warn(
                tools.err,
                f"of each kind of things the first {MOST} names are suggested",
                f"от всеки вид се предлагат първите {MOST} имена",
            )
        if out_file is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(made)
            return
        save(out_file, made)
        tools.out.print(
            f"Схема · schema: {out_file}\nПърви ред на файла със записи · first line of a file of entries:\n"
            f"  {_LINE.format(out_file.name)}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )

    return app


def _classes(written: Sequence[str], context: Context) -> list[str]:
    """English names of these classes. Raises ParameterError for what is none."""
    found = {text: context.class_name(text) for text in written}
    unknown = [text for text, name in found.items() if name is None]
    if unknown:
        known = expected.classes(context)
        near = context.nearest(unknown[0], classes=True)
        raise ParameterError(
            f"there is no class {unknown[0]!r}; {f'did you mean „{near}“?' if near else known['en']}",
            f"Няма клас „{unknown[0]}“; {f'може би „{near}“?' if near else known['bg']}",
        )
    return [name for name in found.values() if name]
