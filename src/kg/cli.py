"""`kg`: the commands of DESIGN's contract. Settings are read here and handed down."""

from __future__ import annotations

import getpass
import io
import os
import signal
import socket
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from pydantic import ValidationError
from rich.console import Console

from kg import bundled, resources
from kg import console as show
from kg.commands import (
    Home,
    Tools,
    asking,
    catalogue,
    copies,
    duplicates,
    publish,
    releases,
    schema,
    tokens,
    warn,
    workbooks,
)
from kg.commands.reporting import FormatName, OutFile, Telling
from kg.commands.wrong import wrong
from kg.errors import DataError, Exit, KgError
from kg.finding import Report
from kg.iris import Iris
from kg.isolation import end_with_parent
from kg.library import Library, bind
from kg.pipeline import Domain, Outcome, ingest
from kg.settings import DEFAULT_BASE, Settings
from kg.store.embedded import EmbeddedStore
from kg.store.port import Release, Store
from kg.store.suite import SuiteStore
from kg.tokens import SHORTEST

app = typer.Typer(
    help="Графът на общинските проекти и партньори · the graph of municipal projects and partners",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console()
err = Console(stderr=True)

Paths = Annotated[list[Path], typer.Argument(help="Файлове или папки · files or folders")]
Notes = Annotated[bool, typer.Option("--notes", help="Покажи и бележките · show notes too")]


class Engine(StrEnum):
    """Who judges the data."""

    COMPILED = "compiled"
    PYSHACL = "pyshacl"


def _settings(home: Path | None) -> Settings:
    try:
        return Settings() if home is None else Settings(home=home)
    except ValidationError as error:
        raise wrong(error) from error


def _open(settings: Settings, base: str | None = None) -> EmbeddedStore:
    return EmbeddedStore.open(
        settings.home,
        base=base or settings.base,
        agent=_agent(),
        lock_timeout=settings.lock_timeout,
        keep_days=settings.keep_days,
        keep_bytes=settings.keep_bytes,
    )


def _agent() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _domain() -> Domain:
    return Domain(resources.ONTOLOGY, resources.QUERIES)


def _first(store: EmbeddedStore, domain: Domain) -> None:
    """Release 1 from the bundled data, where there is none yet."""
    if store.current() is None:
        told = "Създава се издание 1 от приложените данни · building release 1 from the bundled data"
        err.print(told, soft_wrap=not err.is_terminal)
        checked = bundled.gate()
        _ingest([resources.DATA], store, domain, gate=checked, watch=checked is None)


def _ingest(paths: list[Path], store: EmbeddedStore, domain: Domain, **options: Any) -> Outcome:
    with show.progress(err) as tell:
        return ingest(paths, store=store, domain=domain, agent=_agent(), progress=tell, **options)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Адрес, на който се слуша · address to listen on")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Порт · port (8000)")] = None,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Брой процеси · how many processes")] = 1,
    listening: Annotated[int | None, typer.Option(hidden=True)] = None,
    supervisor: Annotated[int, typer.Option(hidden=True)] = 0,
    home: Home = None,
) -> None:
    """Пуска услугата; първият път създава издание 1 · serve the graph, building release 1 at the first start."""
    from kg.web import log
    from kg.web.app import create_app
    from kg.web.processes import supervise
    from kg.web.server import guard, listen
    from kg.web.server import serve as run

    if listening is not None:
        end_with_parent(supervisor, signal.SIGTERM)
    settings = _settings(home)
    guard(settings, host)
    asked = settings.base or (f"http://localhost:{port}" if port else None)
    store = _suite(settings, asked) if settings.suite_mode else _open(settings, asked)
    log.check(settings.log)
    recorded = store.base if store.current() else asked or DEFAULT_BASE
    local = recorded.removeprefix("http://localhost:")
    chosen = port or (int(local) if local.isdigit() else 8000)
    if listening is None:
        listener = listen(host, chosen)
        _warn_of_short_token(settings)
        if isinstance(store, EmbeddedStore):
            _first(store, _domain())
        told = f"Графът е достъпен на · the graph is at http://{host}:{chosen}/   (base {store.base})"
        err.print(told, soft_wrap=not err.is_terminal)
    else:
        listener = socket.socket(fileno=listening)
    if processes > 1:
        del store  # it would hold the release it has open
        again = [sys.executable, "-P", "-c", "from kg.cli import main; main()", "serve", "--home", str(settings.home)]
        again += ["--host", host, "--port", str(chosen), "--listening", str(listener.fileno())]
        again += ["--supervisor", str(os.getpid())]
        supervise(again, listener, processes)
        return
    service = create_app(settings, store, library=Library(resources.QUERIES / "public"))
    run(service, settings, [listener])


def _warn_of_short_token(settings: Settings) -> None:
    if settings.token and len(settings.token) < SHORTEST:
        warn(
            err,
            f"KG_TOKEN has fewer than {SHORTEST} characters and is easily guessed; it is taken on this machine only",
            f"KG_TOKEN е с по-малко от {SHORTEST} знака и лесно се отгатва; приема се само на тази машина",
        )


def _suite(settings: Settings, base: str | None) -> Store:
    """A store for the conformance suites; all that the service asks of a store, and no more."""
    return cast("Store", SuiteStore.open(settings.home, base=base, lock_timeout=settings.lock_timeout))


@app.command()
def load(
    paths: Paths,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Само проверка · check only")] = False,
    assign_ids: Annotated[
        bool, typer.Option("--assign-ids", help="Попълни липсващите идентификатори · fill in missing ids")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Файловете заменят целия източник · the files are the whole source")
    ] = False,
    bare: Annotated[
        bool, typer.Option("--bare", help="Без приложените данни · do not build release 1 from the bundled data")
    ] = False,
    notes: Notes = False,
    format: FormatName = None,
    out_file: OutFile = None,
    home: Home = None,
) -> None:
    """Зарежда файловете като следващо издание или ги отказва · load the files as the next release, or refuse them."""
    telling = Telling.of(format, out_file, paths, notes=notes)
    _load(paths, home, _domain(), telling, bare=bare, dry_run=dry_run, assign_ids=assign_ids, replace_files=replace)


@app.command()
def check(
    paths: Paths,
    notes: Notes = False,
    format: FormatName = None,
    out_file: OutFile = None,
    assign_ids: Annotated[
        bool, typer.Option("--assign-ids", help="Както при зареждане с --assign-ids · as load --assign-ids would")
    ] = False,
    annotate: Annotated[
        bool, typer.Option("--annotate", help="Отбележи грешните клетки в копие на таблицата · mark the wrong cells")
    ] = False,
    engine: Annotated[Engine, typer.Option(help="С какво се проверява · what checks")] = Engine.COMPILED,
    home: Home = None,
) -> None:
    """Проверява файловете, без да записва · check the files without writing."""
    domain = _domain()
    gate = domain.reference_gate if engine is Engine.PYSHACL else domain.gate
    telling = Telling.of(format, out_file, paths, notes=notes)
    marking = workbooks.Annotating.of(paths) if annotate else None
    _load(paths, home, domain, telling, marking, bare=False, dry_run=True, assign_ids=assign_ids, gate=gate)


def _load(
    paths: list[Path],
    home: Path | None,
    domain: Domain,
    telling: Telling,
    marking: workbooks.Annotating | None = None,
    *,
    bare: bool,
    **options: Any,
) -> None:
    store = _open(_settings(home))
    if not bare:
        _first(store, domain)
    before = store.current()
    try:
        outcome = _ingest(paths, store, domain, **options)
    except DataError as error:
        if marking:
            marking.write(Report.of(error.findings), _tools)
        if telling.on_terminal:
            raise
        telling.write(Report.of(error.findings))
        telling.say_where(err)
        _refused()
        raise typer.Exit(error.exit) from error
    if marking:
        marking.write(outcome.report, _tools)
    if telling.on_terminal:
        show.show_report(out, outcome.report, notes=telling.notes)
        _say_what_came_of_it(out, outcome, before, options)
    else:
        telling.write(outcome.report)
        telling.say_where(err)
        _say_what_came_of_it(err, outcome, before, options)


def _say_what_came_of_it(console: Console, outcome: Outcome, before: Release | None, options: dict[str, Any]) -> None:
    if options.get("dry_run"):
        word = (
            "при зареждане ще има промени · would change" if outcome.changed else "няма промяна · nothing would change"
        )
        console.print(f"[green]✓[/] Няма грешки · no errors; {word}")
    elif outcome.release is None or (before and outcome.release.number == before.number):
        console.print("[green]✓[/] Нищо не се е променило · nothing changed")
    else:
        manifest = outcome.release.manifest
        console.print(
            f"[green]✓[/] Издание · release {manifest.number}: +{manifest.added} −{manifest.removed}"
            + (f" ({', '.join(manifest.sources)})" if manifest.sources else ""),
            highlight=False,
        )
    for copy in outcome.copies:
        console.print(
            f"  Идентификаторите са в копието {copy}; продължете с него · the ids are in this copy; go on with it",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


@app.command()
def query(
    name: Annotated[str | None, typer.Argument(help="Име на заявка, файл или - · query name, file or -")] = None,
    parameter: Annotated[list[str] | None, typer.Option("--param", "-p", help="име=стойност · name=value")] = None,
    parameters: Annotated[
        bool, typer.Option("--parameters", help="Покажи параметрите на заявката · show the query's parameters")
    ] = False,
    format: Annotated[str | None, typer.Option("--format", "-f", help="csv json xml tsv ttl nt …")] = None,
    release: Annotated[int | None, typer.Option(help="Номер на издание · release number")] = None,
    home: Home = None,
) -> None:
    """Отговаря на готова или своя заявка; без име ги изброява · answer a query, or list those there are."""
    library = Library(resources.QUERIES / "public")
    if name is None:
        show.show_queries(out, library)
        out.print("параметрите на заявка · parameters of a query: kg query … --parameters", style="dim")
        return
    asked = asking.find(name, library)
    if parameters:
        asking.show_parameters(out, asked)
        return
    values = asking.pairs(parameter or [])
    if values.keys() - asked.slots:
        asking.show_parameters(err, asked)
    store = _open(_settings(home))
    _first(store, _domain())
    chosen, iris = _tools.release(store, release), Iris(store.base)
    text = bind(asked, values, ids=iris.ids, graphs=iris.graph("").value)
    for en, bg in asking.unknown(asked, values, chosen, iris):
        warn(err, en, bg)
    with asking.explained(text):
        if format is None and sys.stdout.isatty():
            rows = list(chosen.select(text))
            show.show_rows(out, list(rows[0]) if rows else [], rows)
            if asked.slots and not values:
                out.print(f"параметри · parameters: {', '.join(asking.names(asked))}   (--parameters)", style="dim")
            return
        sys.stdout.flush()
        chosen.answer(text, asking.format_of(format or "csv"), sys.stdout.buffer)


_tools = Tools(out, err, _settings, _open, _agent, lambda: _domain(), lambda store, domain: _first(store, domain))
app.add_typer(releases.commands(_tools))
app.add_typer(copies.commands(_tools))
app.add_typer(duplicates.commands(_tools))
app.add_typer(workbooks.commands(_tools))
app.add_typer(schema.commands(_tools))
app.add_typer(catalogue.commands(_tools))
app.add_typer(publish.commands(_tools))
app.add_typer(tokens.commands(_tools), name="token")


def main() -> None:
    """Runs a command; what goes wrong is told in both languages and by the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console in Windows-1251 has no „✓“
    sys.exit(_guarded(lambda: app(standalone_mode=False)))


def _guarded(command: Callable[[], object]) -> int:
    try:
        code = command()
        return code if isinstance(code, int) else Exit.DONE
    except DataError as error:
        show.show_report(err, Report.of(error.findings))
        _refused()
        return error.exit
    except KgError as error:
        if isinstance(error.__cause__, BrokenPipeError):
            return _unheard()
        show.show_error(err, error)
        return error.exit
    except _UsageError as error:
        error.show()
        return Exit.USAGE
    except typer.Abort:
        return 130
    except (BrokenPipeError, SystemExit):  # typer ends the process when a pipe breaks
        return _unheard()


def _refused() -> None:
    err.print("[bold red]✗[/] Отказано, нищо не е записано · refused, nothing was written")


_UsageError: Any = typer.BadParameter.__mro__[1]  # typer may carry a click of its own


def _unheard() -> int:
    """The reader has gone, as in `kg query … | head`; there is nobody to tell."""
    sys.stdout = None
    return Exit.DONE
