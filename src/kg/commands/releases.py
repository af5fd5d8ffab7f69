"""`kg dump`, `releases`, `diff`, `rollback` and `withdraw`: what was kept, and what is taken back."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from kg import console as show
from kg.commands import Home, Tools
from kg.commands.asking import format_of
from kg.iris import Iris
from kg.pipeline import keep_withdrawn
from kg.pipeline import withdraw as take_out
from kg.publish.dump import dump as write_out
from kg.store import maintenance


def commands(tools: Tools) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def dump(
        release: Annotated[int | None, typer.Option(help="Номер на издание · release number")] = None,
        format: Annotated[str, typer.Option("--format", "-f", help="nq trig ttl nt jsonld rdf")] = "nq",
        home: Home = None,
    ) -> None:
        """Изписва цялото издание, подредено · write the whole release, sorted."""
        store = tools.open(tools.settings(home))
        sys.stdout.flush()
        write_out(tools.release(store, release), format_of(format), sys.stdout.buffer)

    @app.command()
    def releases(home: Home = None) -> None:
        """Изданията · the releases."""
        store = tools.open(tools.settings(home))
        current = store.current()
        show.show_releases(tools.out, store.manifests(), store.kept(), current.number if current else 0)

    @app.command()
    def diff(a: int, b: int, home: Home = None) -> None:
        """Разликата между две издания · the difference between two releases."""
        show.show_changes(tools.out, tools.open(tools.settings(home)).diff(a, b))

    @app.command()
    def rollback(number: int, home: Home = None) -> None:
        """Връща съдържанието на по-старо издание като ново · make an older release's content the newest."""
        store = tools.open(tools.settings(home))
        before, domain, iris = store.current(), tools.domain(), Iris(store.base)
        release = maintenance.rollback(
            store,
            number,
            agent=tools.agent(),
            amend=lambda draft: keep_withdrawn(draft, draft.parent, domain=domain, iris=iris),
        )
        if before and release.number == before.number:
            tools.out.print(
                f"[green]✓[/] Издание {release.number} вече има това съдържание · it has this content already"
            )
        else:
            tools.done(release)

    @app.command()
    def withdraw(
        ids: Annotated[list[str], typer.Argument(help="вид/име · kind/slug")],
        reason: Annotated[str, typer.Option(help="Защо · why")] = "",
        home: Home = None,
    ) -> None:
        """Оттегля записи завинаги · withdraw entries for good."""
        store = tools.open(tools.settings(home))
        tools.done(take_out(ids, store=store, domain=tools.domain(), agent=tools.agent(), reason=reason))

    return app
