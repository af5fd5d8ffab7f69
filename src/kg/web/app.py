"""The application: the ports it is handed, put behind their addresses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from kg.answering.workers import Workers
from kg.context import Context
from kg.errors import StoreError
from kg.publish.pages.templating import ASSETS
from kg.publish.site import Site
from kg.resources import CATALOGUE, ONTOLOGY, QUERIES
from kg.rq import QueryFile
from kg.settings import Settings
from kg.store.home import Home
from kg.store.port import Store
from kg.web import graphs, health, metrics, openapi, pages, problems, running, sparql, update
from kg.web.access import Access
from kg.web.answers import Answers
from kg.web.audit import Audit
from kg.web.cache import Cache
from kg.web.deeds import Desk
from kg.web.documents import Documents
from kg.web.envelope import Envelope
from kg.web.familiar import Early
from kg.web.fields import Fields
from kg.web.metrics import Metrics
from kg.web.portal import shown
from kg.web.sparql import SparqlEndpoint
from kg.web.warming import Warming
from kg.web.writing import Writer


class _Assets(StaticFiles):
    """Our own files, named with their version: a browser keeps them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


class Application(Envelope):
    """What the server runs: the query endpoint without a framework, everything else with one."""

    def __init__(self, endpoint: SparqlEndpoint, routes: FastAPI, settings: Settings, metrics: Metrics) -> None:
        super().__init__(self._dispatch, settings, metrics)
        self.routes = routes
        self._endpoint = endpoint

    def at_once(
        self, packet: bytes, peer: tuple[str, int] | None, always: Callable[[], Fields]
    ) -> Early | bytes | None:
        """The reply to a request like one that came before, or what will make it; None when it has to be parsed."""
        return self._endpoint.at_once(packet, peer, self._tell, always)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == sparql.PATH:
            await self._endpoint(scope, receive, send)
        else:
            await self.routes(scope, receive, send)


def create_app(
    settings: Settings,
    store: Store,
    workers: Workers | None = None,
    library: Mapping[str, QueryFile] | None = None,
    *,
    site: Site | None = None,
    queries: Path = QUERIES / "system",
) -> Application:
    """The service over a store. It starts its workers when it starts, and ends them when it ends."""
    pool = workers or Workers.of(settings)
    cache = Cache(settings.cache_bytes)
    answers = Answers(store, pool, settings, cache)
    audit = Audit.of(settings.home)
    access = Access(settings, settings.home, audit)
    desk = Desk(Writer.of(settings, store), access, audit, settings)
    figures = Metrics()
    endpoint = SparqlEndpoint(answers, settings)
    for source in (pool.gauges, cache.gauges, endpoint.repeats.gauges, endpoint.familiar.gauges):
        figures.watch(source)

    warming = Warming(answers, [shown(query.text) for query in (library or {}).values()], sparql.PATH)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await pool.start(await _path(answers))
        try:
            yield
        finally:
            await warming.close()
            await desk.writer.close()
            await pool.close()

    app = FastAPI(
        title="Municipal knowledge graph",
        description="Who funds what, who takes part, what happened when, and which source says so.",
        version=_version(),
        docs_url=None,  # their pages load from another host
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,  # they would lead to whatever Host says
    )
    problems.install(app)
    app.include_router(health.routes(store, answers.releases, pool))
    app.include_router(metrics.routes(figures, answers.releases))
    app.include_router(running.routes(pool, access, audit))
    app.include_router(update.routes(desk))
    app.include_router(graphs.routes(answers, desk, queries))
    app.include_router(pages.routes(store, library, queries))
    app.mount("/assets", _Assets(directory=ASSETS), name="assets")
    app.router.default = Documents(answers, site or _site(store, settings, queries))
    openapi.describe(app)
    return Application(endpoint, app, settings, figures)


def _site(store: Store, settings: Settings, queries: Path) -> Site:
    """Everything that is public of what comes with the package and of this store."""
    return Site.of(Context.read(ONTOLOGY), ONTOLOGY, CATALOGUE, queries, store, Home(settings.home))


async def _path(answers: Answers) -> Path | None:
    """Where the current release lies; None before the first one."""
    try:
        return (await answers.releases.get()).path
    except StoreError:
        return None


def _version() -> str:
    try:
        return version("municipal-kg")
    except PackageNotFoundError:  # a checkout that is not installed
        return "0"
