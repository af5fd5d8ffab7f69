"""`kg`: the commands of DESIGN's contract. Settings are read here and handed down."""

from __future__ import annotations

import getpass
import io
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

import typer
from pydantic import ValidationError
from rich.console import Console

from kg import bundled, formats, resources
from kg import console as show
from kg.errors import DataError, Exit, KgError, NotFoundError, ParameterError, RequestError
from kg.finding import Report
from kg.iris import Iris
from kg.library import Library, bind
from kg.pipeline import Domain, Outcome, ingest, keep_withdrawn, withdraw
from kg.publish.dump import dump
from kg.rq import QueryFile
from kg.settings import DEFAULT_BASE, Settings
from kg.store import erasure, maintenance
from kg.store.embedded import EmbeddedStore
from kg.store.port import Release, Store
from kg.store.suite import SuiteStore
from kg.tokens import Role, Tokens

app = typer.Typer(
    help="Графът на общинските проекти и партньори · the graph of municipal projects and partners",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
tokens = typer.Typer(help="Токени за запис и управление · tokens for writing and administration", no_args_is_help=True)
app.add_typer(tokens, name="token")
out = Console()
err = Console(stderr=True)
T = TypeVar("T")

Home = Annotated[Path | None, typer.Option("--home", help="Папка на графа · the graph's folder (KG_HOME)")]
Paths = Annotated[list[Path], typer.Argument(help="Файлове или папки · files or folders")]
Notes = Annotated[bool, typer.Option("--notes", help="Покажи и бележките · show notes too")]


def _settings(home: Path | None) -> Settings:
    try:
        return Settings() if home is None else Settings(home=home)
    except ValidationError as error:
        wrong = "; ".join(f"KG_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors())
        raise RequestError(f"a setting is wrong: {wrong}", f"грешна настройка: {wrong}") from error


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
        err.print("Създава се издание 1 от приложените данни · building release 1 from the bundled data")
        _ingest([resources.DATA], store, domain, gate=bundled.gate())


def _ingest(paths: list[Path], store: EmbeddedStore, domain: Domain, **options: Any) -> Outcome:
    with show.progress(err) as tell:
        return ingest(paths, store=store, domain=domain, agent=_agent(), progress=tell, **options)


def _release(store: EmbeddedStore, number: int | None) -> Release:
    release = store.release(number) if number is not None else store.current()
    if release is None:
        raise NotFoundError(
            "there is no release yet; start with `kg serve` or `kg load`",
            "още няма издание; започнете с `kg serve` или `kg load`",
        )
    return release


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Адрес, на който се слуша · address to listen on")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Порт · port (8000)")] = None,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Брой процеси · how many processes")] = 1,
    listening: Annotated[int | None, typer.Option(hidden=True)] = None,
    home: Home = None,
) -> None:
    """Пуска услугата; първият път създава издание 1 · serve the graph, building release 1 at the first start."""
    from kg.web import log
    from kg.web.app import create_app
    from kg.web.processes import end_with_parent, supervise
    from kg.web.server import guard, listen
    from kg.web.server import serve as run

    if listening is not None:
        end_with_parent()
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
        supervise(again, listener, processes)
        return
    service = create_app(settings, store, library=Library(resources.QUERIES / "public"))
    run(service, settings, [listener])


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
    home: Home = None,
) -> None:
    """Зарежда файловете като следващо издание или ги отказва · load the files as the next release, or refuse them."""
    _load(paths, home, notes=notes, bare=bare, dry_run=dry_run, assign_ids=assign_ids, replace_files=replace)


@app.command()
def check(paths: Paths, notes: Notes = False, home: Home = None) -> None:
    """Проверява файловете, без да записва · check the files without writing."""
    _load(paths, home, notes=notes, bare=False, dry_run=True)


def _load(paths: list[Path], home: Path | None, *, notes: bool, bare: bool, **options: Any) -> None:
    store, domain = _open(_settings(home)), _domain()
    if not bare:
        _first(store, domain)
    before = store.current()
    outcome = _ingest(paths, store, domain, **options)
    show.show_report(out, outcome.report, notes=notes)
    if options.get("dry_run"):
        word = (
            "зареждането би променило графа · would change"
            if outcome.changed
            else "няма промяна · nothing would change"
        )
        out.print(f"[green]✓[/] Няма грешки · no errors; {word}")
    elif outcome.release is None or (before and outcome.release.number == before.number):
        out.print("[green]✓[/] Нищо не се е променило · nothing changed")
    else:
        manifest = outcome.release.manifest
        out.print(
            f"[green]✓[/] Издание · release {manifest.number}: +{manifest.added} −{manifest.removed} "
            f"({', '.join(outcome.sources)})",
            highlight=False,
        )


@app.command()
def query(
    name: Annotated[str | None, typer.Argument(help="Име на заявка, файл или - · query name, file or -")] = None,
    parameter: Annotated[list[str] | None, typer.Option("--param", "-p", help="име=стойност · name=value")] = None,
    format: Annotated[str | None, typer.Option("--format", "-f", help="csv json xml tsv ttl nt …")] = None,
    release: Annotated[int | None, typer.Option(help="Номер на издание · release number")] = None,
    home: Home = None,
) -> None:
    """Отговаря на готова или своя заявка; без име ги изброява · answer a query, or list those there are."""
    if name is None:
        show.show_queries(out, Library(resources.QUERIES / "public"))
        return
    store = _open(_settings(home))
    _first(store, _domain())
    chosen = _release(store, release)
    text = _query_text(name, dict(_pair(pair) for pair in parameter or []), Iris(store.base))
    if format is None and sys.stdout.isatty():
        rows = list(chosen.select(text))
        show.show_rows(out, list(rows[0]) if rows else [], rows)
        return
    sys.stdout.flush()
    chosen.answer(text, _format(format or "csv"), sys.stdout.buffer)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ParameterError(f"{text!r}: write name=value", f"„{text}“: пишете име=стойност")
    return name, value


def _query_text(name: str, parameters: dict[str, str], iris: Iris) -> str:
    path = Path(name)
    if name == "-":
        file = QueryFile.of(name, sys.stdin.read())
    elif path.suffix == ".rq" or "/" in name:
        if not path.is_file():
            raise NotFoundError(f"there is no file {name}", f"няма файл {name}")
        file = QueryFile.read(path)
    else:
        file = Library(resources.QUERIES / "public")[name]
    return bind(file, parameters, ids=iris.ids, graphs=f"{iris.base}/graph/")


def _format(name: str) -> formats.Format:
    format = formats.by_name(name)
    if format is None:
        raise ParameterError(
            f"there is no format {name!r}; use csv, json, tsv, xml, ttl, nt, nq, trig, jsonld or rdf",
            f"няма формат „{name}“; ползвайте csv, json, tsv, xml, ttl, nt, nq, trig, jsonld или rdf",
        )
    return format


@app.command("dump")
def dump_(
    release: Annotated[int | None, typer.Option(help="Номер на издание · release number")] = None,
    format: Annotated[str, typer.Option("--format", "-f", help="nq trig ttl nt jsonld rdf")] = "nq",
    home: Home = None,
) -> None:
    """Изписва цялото издание, подредено · write the whole release, sorted."""
    store = _open(_settings(home))
    sys.stdout.flush()
    dump(_release(store, release), _format(format), sys.stdout.buffer)


@app.command()
def releases(home: Home = None) -> None:
    """Изданията · the releases."""
    store = _open(_settings(home))
    current = store.current()
    show.show_releases(out, store.manifests(), store.kept(), current.number if current else 0)


@app.command()
def diff(a: int, b: int, home: Home = None) -> None:
    """Разликата между две издания · the difference between two releases."""
    show.show_changes(out, _open(_settings(home)).diff(a, b))


@app.command()
def rollback(number: int, home: Home = None) -> None:
    """Връща съдържанието на по-старо издание като ново · make an older release's content the newest."""
    store = _open(_settings(home))
    before, domain, iris = store.current(), _domain(), Iris(store.base)
    release = maintenance.rollback(
        store, number, agent=_agent(), amend=lambda draft: keep_withdrawn(draft, draft.parent, domain=domain, iris=iris)
    )
    if before and release.number == before.number:
        out.print(f"[green]✓[/] Издание {release.number} вече има това съдържание · it has this content already")
    else:
        _done(release)


@app.command()
def rebase(base: str, home: Home = None) -> None:
    """Сменя базовия адрес на графа · move the graph to another base address."""
    settings = _settings(home)
    store = EmbeddedStore.open(settings.home, agent=_agent(), lock_timeout=settings.lock_timeout)
    _done(maintenance.rebase(store, base.rstrip("/"), agent=_agent()))


@app.command("withdraw")
def withdraw_(
    ids: Annotated[list[str], typer.Argument(help="вид/име · kind/slug")],
    reason: Annotated[str, typer.Option(help="Защо · why")] = "",
    home: Home = None,
) -> None:
    """Оттегля записи завинаги · withdraw entries for good."""
    store = _open(_settings(home))
    _done(withdraw(ids, store=store, domain=_domain(), agent=_agent(), reason=reason))


@app.command()
def erase(
    iri: str,
    reason: Annotated[str, typer.Option(help="Основание · legal ground")],
    home: Home = None,
) -> None:
    """Заличава следите от лице или запис във всички издания · erase something from every kept release."""
    store = _open(_settings(home))
    node = Iris(store.base).entity(iri) if ":" not in iri else None
    rewritten = erasure.erase(store, [node or _node(iri)], agent=_agent(), reason=reason)
    out.print(f"[green]✓[/] Пренаписани издания · rewritten releases: {', '.join(map(str, rewritten)) or '–'}")


def _node(iri: str) -> Any:
    from pyoxigraph import NamedNode

    try:
        return NamedNode(iri)
    except ValueError as error:
        raise ParameterError(f"{iri!r} is no address: {error}", f"„{iri}“ не е адрес") from error


@app.command()
def backup(folder: Path, home: Home = None) -> None:
    """Прави копие на графа в празна папка · copy the graph into an empty folder."""
    number = maintenance.backup(_open(_settings(home)), folder, agent=_agent())
    out.print(f"[green]✓[/] Копирано издание · copied release {number} → {folder}")


@app.command()
def restore(folder: Path, home: Home = None) -> None:
    """Възстановява графа от копие · restore the graph from a copy."""
    settings = _settings(home)
    store = EmbeddedStore.open(settings.home, agent=_agent(), lock_timeout=settings.lock_timeout)
    _done(maintenance.restore(store, folder, agent=_agent()))


@tokens.command("add")
def token_add(
    name: Annotated[str, typer.Argument(help="На кого е · whose it is")],
    role: Annotated[str | None, typer.Option(help="read-drafts < write < admin")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=36500, help="Колко дни важи · valid for so many days")] = None,
    home: Home = None,
) -> None:
    """Издава токен и го показва само веднъж · make a token and show it this once."""
    if role is None:
        names = ", ".join(one.label for one in Role)
        raise ParameterError(
            f"say which role the token has: --role with one of {names}",
            f"посочете ролята на токена: --role с една от {names}",
        )
    settings = _settings(home)
    folder = settings.home
    _open(settings)  # the folder is there, and ours
    secret = Tokens.of(folder).add(name, Role.of(role), days=days)
    _note(folder, "token-add", f"{name} ({role})")
    err.print(
        "Запишете го сега; после не може да се види · note it down now, it is kept nowhere",
        soft_wrap=not err.is_terminal,
    )
    print(secret)


@tokens.command("list")
def token_list(home: Home = None) -> None:
    """Издадените токени · the tokens there are."""
    show.show_tokens(out, Tokens.of(_settings(home).home).entries())


@tokens.command("remove")
def token_remove(name: str, home: Home = None) -> None:
    """Отнема токен · take a token back."""
    folder = _settings(home).home
    Tokens.of(folder).remove(name)
    _note(folder, "token-remove", name)
    out.print(f"[green]✓[/] Токенът вече не важи · the token is no longer valid: {name}", highlight=False)


def _note(folder: Path, action: str, about: str) -> None:
    from kg.web.audit import Audit, Event

    Audit.of(folder).append(Event(action=action, status=0, agent=_agent(), about=about))


def _done(release: Release) -> None:
    manifest = release.manifest
    out.print(f"[green]✓[/] Издание · release {manifest.number}: {manifest.activity}", highlight=False)


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
        err.print("[bold red]✗[/] Отказано, нищо не е записано · refused, nothing was written")
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


_UsageError: Any = typer.BadParameter.__mro__[1]  # typer may carry a click of its own


def _unheard() -> int:
    """The reader has gone, as in `kg query … | head`; there is nobody to tell."""
    sys.stdout = None
    return Exit.DONE
