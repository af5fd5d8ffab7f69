"""`/queries/running`: what is being evaluated now, for administrators; and how to end it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kg.answering.question import Running
from kg.answering.workers import Workers
from kg.errors import NotFoundError
from kg.tokens import Role
from kg.web.access import Access
from kg.web.audit import Audit, Event

PATH = "/queries/running"


def routes(workers: Workers, access: Access, audit: Audit) -> APIRouter:
    """The queries of this process."""
    router = APIRouter(prefix=PATH, tags=["service"])

    @router.get("", summary="Queries under way (administrators)")
    async def running(request: Request) -> Response:
        access.require(request.scope, Role.ADMIN)
        return JSONResponse([_told(one) for one in workers.running()], headers={"cache-control": "no-store"})

    @router.delete("/{id}", summary="End a query (administrators)", status_code=204)
    async def cancel(request: Request, id: str) -> Response:
        access.require(request.scope, Role.ADMIN)
        done = id.isascii() and id.isdigit() and len(id) < 19 and workers.cancel(int(id))
        status = 204 if done else NotFoundError.status
        reason = "" if done else NotFoundError.slug
        await audit.record(request.scope, Event(action="cancel-query", status=status, about=id[:20], reason=reason))
        if not done:
            raise NotFoundError(
                f"no query {id} is running; {PATH} lists those that are",
                f"В момента не се изпълнява заявка {id}; {PATH} показва текущите",
            )
        return Response(status_code=204)

    return router


def _told(running: Running) -> dict[str, Any]:
    return {
        "id": running.id,
        "lane": running.lane,
        "client": running.client,
        "shape": running.shape,
        "started": datetime.fromtimestamp(running.started, UTC).isoformat(timespec="milliseconds"),
        "seconds": round(running.seconds, 3),
        "pid": running.pid,
        "query": running.text,
    }
