"""`kg rebase`, `erase`, `backup` and `restore`: the graph moved, cleaned and copied as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import NamedNode

from kg.commands import Home, Tools, warn
from kg.errors import ParameterError
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
        home: Home = None,
    ) -> None:
        """Заличава следите от лице или запис във всички издания · erase something from every kept release."""
        store = tools.open(tools.settings(home))
        node = Iris(store.base).entity(iri) if ":" not in iri else _node(iri)
        erased = erasing.erase(store, tools.domain(), node, texts=text or (), agent=tools.agent(), reason=reason)
        numbers = ", ".join(map(str, erased.releases)) or "–"
        tools.out.print(f"[green]✓[/] Пренаписани издания · rewritten releases: {numbers}")
        for at in erased.places:
            warn(
                tools.err,
                f"{at} still holds it: delete it there, too, or the next load brings it back",
                f"{at} още го съдържа: изтрийте го и там, иначе следващото зареждане ще го върне",
            )
        warn(
            tools.err,
            "older backups and the log of requests (KG_LOG) are not touched: see to them yourself",
            "по-старите резервни копия и дневникът на заявките (KG_LOG) не са пипани: погрижете се и за тях",
        )

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
