"""What some commands of `kg` do; `kg.cli` names them, reads the settings and hands both over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from kg.errors import NotFoundError
from kg.pipeline import Domain
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.store.port import Release

Home = Annotated[Path | None, typer.Option("--home", help="Папка на графа · the graph's folder (KG_HOME)")]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a command is handed: where it writes, and how it comes to settings and store."""

    out: Console
    err: Console
    settings: Callable[[Path | None], Settings]
    open: Callable[[Settings], EmbeddedStore]
    agent: Callable[[], str]
    domain: Callable[[], Domain]
    first: Callable[[EmbeddedStore, Domain], None]

    def release(self, store: EmbeddedStore, number: int | None) -> Release:
        """The release of this number, else the current one. Raises NotFoundError."""
        release = store.release(number) if number is not None else store.current()
        if release is None:
            raise NotFoundError(
                "there is no release yet; start with `kg serve` or `kg load`",
                "Още няма издание; започнете с `kg serve` или `kg load`",
            )
        return release

    def started(self, store: EmbeddedStore) -> Release:
        """The current release; the first is built where there is none."""
        self.first(store, self.domain())
        return self.release(store, None)

    def done(self, release: Release) -> None:
        """Says which release the command made."""
        manifest = release.manifest
        self.out.print(f"[green]✓[/] Издание · release {manifest.number}: {manifest.activity}", highlight=False)


def warn(console: Console, en: str, bg: str) -> None:
    """Says what is worth knowing and stops nothing, in both languages."""
    console.print(Text.assemble(("! ", "yellow"), bg), soft_wrap=True, highlight=False)
    console.print(Text.assemble("  ", (en, "dim")), soft_wrap=True, highlight=False)
