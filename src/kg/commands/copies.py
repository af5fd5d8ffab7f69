"""`kg rebase`, `erase`, `backup` and `restore`: the graph moved, cleaned and copied as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import NamedNode

from kg.commands import Home, Tools, warn
from kg.errors import Exit, ParameterError
from kg.iris import Iris
from kg.settings import Settings
from kg.store import maintenance
from kg.store.embedded import EmbeddedStore
from kg.writes import erasing


def commands(tools: Tools) -> typer.Typer:
    app = typer.Typer()

    def any_base(settings: Settings) -> EmbeddedStore:
        """The store, whatever base the settings name: the command may be about to change it."""
        return EmbeddedStore.open(settings.home, agent=tools.agent(), lock_timeout=settings.lock_timeout)

    @app.command()
    def rebase(base: str, home: Home = None) -> None:
        """Сменя базовия адрес на графа · move the graph to another base address."""
        store = any_base(tools.settings(home))
        tools.done(maintenance.rebase(store, base.rstrip("/"), agent=tools.agent()))

    @app.command()
    def erase(
        iri: str,
        reason: Annotated[str, typer.Option(help="Основание · legal ground")],
        text: Annotated[
            list[str] | None, typer.Option("--text", help="Заличи и текстовете с това · erase texts with this, too")
        ] = None,
        files: Annotated[
            list[Path] | None,
            typer.Option(help="Къде са вашите файлове (тук, ако не се посочи) · where your files are (default: here)"),
        ] = None,
        home: Home = None,
    ) -> None:
        """Заличава следите от лице или запис във всички издания · erase something from every kept release."""
        store = tools.open(tools.settings(home))
        node = Iris(store.base).entity(iri) if ":" not in iri else _node(iri)
        erased = erasing.erase(
            store,
            tools.domain(),
            node,
            texts=text or (),
            files=files or [Path()],
            agent=tools.agent(),
            reason=reason,
        )
        numbers = ", ".join(map(str, erased.releases)) or "–"
        tools.out.print(f"[green]✓[/] Пренаписани издания · rewritten releases: {numbers}")
        for at in erased.places:
            warn(
                tools.err,
                f"{at} still holds it: delete it there, too, or the next load brings it back",
                f"{at} още го съдържа: изтрийте го и там, иначе следващото зареждане ще го върне",
            )
        for at in erased.entries:
            warn(
                tools.err,
                f"the entry that begins at {at} still holds it, in a file outside of the graph's folder that is not "
                "here: delete it there, or the next load brings it back",
                f"записът, който започва на {at}, още го съдържа – във файл извън папката на графа, който не е тук: "
                "изтрийте го и там, иначе следващото зареждане ще го върне",
            )
        for old, new in erased.renamed.items():
            warn(
                tools.err,
                f"the id {old} held the name; the entry is called {new} now, in all releases: write that in your files",
                f"идентификаторът {old} съдържаше името; записът вече е {new} във всички издания: пишете така и във "
                "файловете си",
            )
        for address in erased.held:
            warn(
                tools.err,
                f"this address still holds the name, and nobody but you can tell whose it is: {address}\n"
                "  if it is the same person: give the file, the source or the entry another name, load it, and then "
                f"kg erase {address} --reason …",
                f"този адрес още съдържа името, а само вие можете да кажете чие е: {address}\n"
                "  ако е на същия човек: преименувайте файла, източника или записа, заредете го и после "
                f"kg erase {address} --reason …",
            )
        warn(
            tools.err,
            "older backups and the log of requests (KG_LOG) are not touched: see to them yourself",
            "по-старите резервни копия и дневникът на заявките (KG_LOG) не са пипани: погрижете се и за тях",
        )
        if erased.held:
            raise typer.Exit(Exit.REFUSED)

    @app.command()
    def backup(folder: Path, home: Home = None) -> None:
        """Прави копие на графа в празна папка · copy the graph into an empty folder."""
        number = maintenance.backup(tools.open(tools.settings(home)), folder, agent=tools.agent())
        tools.out.print(f"[green]✓[/] Копирано издание · copied release {number} → {folder}")

    @app.command()
    def restore(folder: Path, home: Home = None) -> None:
        """Възстановява графа от копие · restore the graph from a copy."""
        store = any_base(tools.settings(home))
        tools.done(maintenance.restore(store, folder, agent=tools.agent()))

    return app


def _node(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise ParameterError(f"{iri!r} is no address: {error}", f"„{iri}“ не е адрес") from error
