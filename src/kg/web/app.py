"""The application: the ports it is handed, put behind their addresses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import anyio.to_thread
from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from kg.resources import QUERIES
from kg.rq import QueryFile
from kg.settings import Settings
from kg.store.port import Store
from kg.store.workers import Workers
from kg.web import health, pages, problems, sparql
from kg.web.headers import Headers
from kg.web.templating import ASSETS

_SPARE_THREADS = 40  # for everything that is no query


class _Assets(StaticFiles):
    """Our own files, named with their version: a browser keeps them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def create_app(
    settings: Settings,
    store: Store,
    workers: Workers | None = None,
    library: Mapping[str, QueryFile] | None = None,
    *,
    queries: Path = QUERIES / "system",
) -> FastAPI:
    """The service over a store. It starts its workers when it starts, and ends them when it ends."""
    pool = workers or Workers.of(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        threads = anyio.to_thread.current_default_thread_limiter()
        threads.total_tokens = pool.size + pool.queue_max + _SPARE_THREADS
        current = await anyio.to_thread.run_sync(store.current)
        await anyio.to_thread.run_sync(pool.warm, sparql.directory(current) if current else None)
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(pool.close)

    app = FastAPI(
        title="Municipal knowledge graph",
        description="Who funds what, who takes part, what happened when, and which source says so.",
        version=_version(),
        docs_url=None,  # their pages load from another host
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,  # they would lead to whatever Host says
    )
    app.add_middleware(Headers)
    problems.install(app)
    app.include_router(sparql.routes(store, pool))
    app.include_router(health.routes(store, pool))
    app.include_router(pages.routes(store, library, queries))
    app.mount("/assets", _Assets(directory=ASSETS), name="assets")
    return app


def _version() -> str:
    try:
        return version("municipal-kg")
    except PackageNotFoundError:  # a checkout that is not installed
        return "0"
