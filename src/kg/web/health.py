"""`/health`: whether there is something to ask, and somebody to answer."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from kg.answering.workers import Workers
from kg.errors import KgError
from kg.store.port import Store
from kg.web.releases import Releases


def routes(store: Store, releases: Releases, workers: Workers) -> APIRouter:
    """The state of the service, for those who watch it."""
    router = APIRouter(tags=["service"])

    @router.get("/health", summary="State of the service")
    async def health() -> Response:
        state: dict[str, Any] = {"status": "empty", "release": None, "workers": workers.alive}
        try:
            if store.mark() is not None:
                manifest = (await releases.get()).release.manifest
                state |= {
                    "status": "ok",
                    "release": manifest.number,
                    "base": manifest.base,
                    "time": manifest.created.isoformat().replace("+00:00", "Z"),
                    "quads": manifest.quads,
                    "triples": manifest.triples,
                }
        except KgError as error:
            state |= {"status": "down", "problem": error.slug}
        status = 200 if state["status"] == "ok" else 503
        return JSONResponse(state, status, {"cache-control": "no-store"})

    return router
