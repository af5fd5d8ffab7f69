"""`kg token`: who may write and administer over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg import console as show
from kg.commands import Home, Tools
from kg.errors import ParameterError
from kg.tokens import Role, Tokens
from kg.web.audit import Audit, Event


def commands(tools: Tools) -> typer.Typer:
    app = typer.Typer(help="Токени за запис и управление · tokens for writing and administration", no_args_is_help=True)

    def note(folder: Path, action: str, about: str) -> None:
        Audit.of(folder).append(Event(action=action, status=0, agent=tools.agent(), about=about))

    @app.command()
    def add(
        name: Annotated[str, typer.Argument(help="На кого е · whose it is")],
        role: Annotated[str | None, typer.Option(help="read-drafts < write < admin")] = None,
        days: Annotated[
            int | None, typer.Option(min=1, max=36500, help="Колко дни важи · valid for so many days")
        ] = None,
        home: Home = None,
    ) -> None:
        """Издава токен и го показва само веднъж · make a token and show it this once."""
        if role is None:
            names = ", ".join(one.label for one in Role)
            raise ParameterError(
                f"say which role the token has: --role with one of {names}",
                f"Посочете ролята на токена: --role с една от {names}",
            )
        settings = tools.settings(home)
        tools.open(settings)  # the folder is there, and ours
        secret = Tokens.of(settings.home).add(name, Role.of(role), days=days)
        note(settings.home, "token-add", f"{name} ({role})")
        tools.err.print(
            "Запишете го сега; после не може да се види · note it down now, it is kept nowhere",
            soft_wrap=not tools.err.is_terminal,
        )
        print(secret)

    @app.command("list")
    def list_(home: Home = None) -> None:
        """Издадените токени · the tokens there are."""
        show.show_tokens(tools.out, Tokens.of(tools.settings(home).home).entries())

    @app.command()
    def remove(name: str, home: Home = None) -> None:
        """Отнема токен · take a token back."""
        folder = tools.settings(home).home
        Tokens.of(folder).remove(name)
        note(folder, "token-remove", name)
        tools.out.print(f"[green]✓[/] Токенът вече не важи · the token is no longer valid: {name}", highlight=False)

    return app
