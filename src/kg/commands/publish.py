"""`kg publish`: the catalogue sent to a portal to which one pushes."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from kg import resources
from kg.commands import Home, Tools, pushing, warn
from kg.errors import BusyError, Messages, ParameterError
from kg.publish.catalogue import plan as plans
from kg.publish.catalogue.datasets import Datasets
from kg.publish.catalogue.files import Files
from kg.publish.portal import memory as memories
from kg.publish.portal import requests
from kg.publish.portal.memory import Memory
from kg.publish.portal.offers import offer
from kg.publish.portal.steps import Step, steps
from kg.saving import save
from kg.store.disk import surroundings

EGOV: Final = "data.egov.bg"


def commands(tools: Tools) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def publish(
        target: Annotated[str, typer.Option("--target", help="Портал · portal: data.egov.bg")],
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Само напиши заявките · only write the requests, send nothing")
        ] = False,
        out_dir: Annotated[
            Path | None,
            typer.Option("--out", "-o", help="Папка за заявките · a folder for the requests", file_okay=False),
        ] = None,
        with_data: Annotated[
            bool, typer.Option("--with-data", help="Изпрати и редовете на таблиците · send the rows of tables too")
        ] = False,
        plan_file: Annotated[
            Path | None,
            typer.Option("--plan", help="Друг catalogue.yaml · another catalogue.yaml", exists=True, dir_okay=False),
        ] = None,
        url: Annotated[
            str | None, typer.Option("--url", help="Адрес на API, ако е друг · the API's address, if another")
        ] = None,
        home: Home = None,
    ) -> None:
        """Изпраща каталога на националния портал, с ключ в KG_EGOV_KEY · push the catalogue to the national portal."""
        settings = tools.settings(home)
        key = settings.egov_key if settings.egov_key and settings.egov_key.get_secret_value() else None
        plan = plans.read(plan_file or resources.CATALOGUE)
        portal = plan.portals.get(target)
        if portal is None or target != EGOV:
            raise ParameterError(
                f"there is no portal {target!r} to push to; it must be {EGOV}, and catalogue.yaml must tell of it",
                f"Няма портал „{target}“, на който да се изпраща; той е {EGOV} и трябва да е описан в catalogue.yaml",
            )
        address = pushing.checked(url or portal.address)
        if key is None and not dry_run:
            raise ParameterError(
                f"there is no key for {target}: put the API key from your profile in the portal into the environment "
                "as KG_EGOV_KEY, or look at what would be sent with --dry-run",
                f"Няма ключ за {target}: сложете ключа за API от профила си в портала в променливата KG_EGOV_KEY "
                "или вижте какво би се изпратило с --dry-run",
            )
        store = tools.open(settings)
        release = tools.release(store, None)
        base = release.manifest.base
        files = Files(store.home.dumps, tools.domain().context)
        offers = [
            offer(one, files.of(release, one), plan, portal, base, with_data=with_data)
            for one in Datasets(release, plan).all
        ]
        local = pushing.is_local(base) and not pushing.is_local(address)
        missing = [*requests.missing(offers, portal, target, base, local=local)]
        path = store.home.portals / f"{target}.json"
        with _alone(path):
            known = memories.read(path, address)
            todo = [*steps(offers, known)]
            notes = [*requests.notes(offers, known)]
            folder = out_dir or path.with_suffix("")
            _write(folder, [*requests.files(todo, known, address, missing, notes)])
            _show(tools.out, todo, folder)
            for note in notes:
                warn(tools.err, note["en"], note["bg"])
            if dry_run:
                for lack in missing:
                    warn(tools.err, f"to be filled in: {lack['en']}", f"За попълване: {lack['bg']}")
                return
            if missing:
                raise _incomplete(missing)
            assert key is not None

            def keep(memory: Memory) -> None:
                memories.save(path, address, memory)

            _, taken = pushing.send(todo, known, pushing.Portal(address, key), keep)
        _done(tools.out, taken)

    return app


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One run at a time: two would create everything twice. Raises BusyError."""
    with surroundings(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_suffix(".lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                "another `kg publish` is at work in this home; wait for it",
                "Друга команда `kg publish` работи в тази папка; изчакайте я",
            ) from error
        yield


def _write(folder: Path, written: Sequence[tuple[str, bytes]]) -> None:
    """The requests of this run in place of those of the last. Raises ParameterError where somebody else's files are."""
    there = [*folder.iterdir()] if folder.is_dir() else []
    if there and not (folder / requests.INDEX).is_file():
        raise ParameterError(
            f"{folder} holds something else; name an empty folder, or one with requests of `kg publish`",
            f"В {folder} има други неща; посочете празна папка или такава със заявки от `kg publish`",
        )
    with surroundings(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for old in there:
            if old.suffix == ".json" and old.name[:3].isdigit():
                old.unlink()
    for name, content in written:
        save(folder / name, content)


def _show(console: Console, todo: Sequence[Step], folder: Path) -> None:
    for step in todo:
        console.print(f"{step.action} {step.name}", markup=False, highlight=False, soft_wrap=True, end="")
        console.print(f"  {step.why['bg']} · {step.why['en']}", style="dim", highlight=False, soft_wrap=True)
    console.print(f"Заявки · requests: {len(todo)}, {folder}", markup=False, highlight=False, soft_wrap=True)


def _done(console: Console, taken: Sequence[str]) -> None:
    if not taken:
        console.print("[green]✓[/] Нищо не се е променило · nothing changed")
        return
    console.print(f"[green]✓[/] Изпратени заявки · requests sent: {len(taken)}", highlight=False)
    if any("Dataset " in one for one in taken):
        console.print(
            "Нови и променени набори стоят като чернови, докато порталът не ги одобри · "
            "new and changed datasets are drafts until the portal approves them",
            soft_wrap=True,
        )


def _incomplete(missing: Sequence[Messages]) -> ParameterError:
    return ParameterError(
        "nothing was sent; to be filled in first: " + "; ".join(one["en"] for one in missing),
        "Нищо не е изпратено; първо попълнете: " + "; ".join(one["bg"] for one in missing),
    )
