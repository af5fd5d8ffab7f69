"""A write on its way through the service: who may, what came of it, and both in the audit log."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import IO, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from kg.errors import DataError, KgError, StoreError, UnsupportedMediaTypeError
from kg.formats import GRAPHS, Format, Kind, negotiate
from kg.publish.validation import report
from kg.settings import Settings
from kg.web import problems
from kg.web.access import Access, Role
from kg.web.asked import LONGEST_ACCEPT
from kg.web.audit import Audit, Event
from kg.web.body import receive_file
from kg.web.exchange import exchange
from kg.web.writing import Writer
from kg.writer import Done

log = logging.getLogger("kg.web")

_PROBLEM = Format("problem", Kind.RESULTS, "json", (problems.MEDIA_TYPE, "application/json"), None, charset=None)


@dataclass(slots=True)
class Deed:
    """What is being done, and what came of it."""

    action: str
    graph: str = ""
    done: Done | None = None
    status: int = 200  # of the reply, once it is done


@dataclass(frozen=True, slots=True)
class Desk:
    """What every address that writes needs."""

    writer: Writer
    access: Access
    audit: Audit
    settings: Settings

    @asynccontextmanager
    async def deed(self, request: Request, action: str, graph: str = "") -> AsyncIterator[Deed]:
        """A block that writes. When it is left, what was done, or why it was refused, stands in the audit log.

        An outcome that cannot be noted goes to the log of the service: it stands, and `write` has noted the intent.
        Raises UnauthorizedError, ForbiddenError and BusyError, which the access has noted itself.
        """
        self.access.require(request.scope, Role.WRITE)
        deed = Deed(action, graph)
        try:
            _uncompressed(request)
            yield deed
        except ClientDisconnect:  # nothing was asked for as a whole
            raise
        except Exception as error:
            status, slug = (error.status, error.slug) if isinstance(error, KgError) else (500, "unexpected")
            await self._note(request, deed, status=status, graph=deed.graph, reason=slug)
            raise
        done = deed.done
        assert done is not None
        exchange(request.scope).release = done.release
        await self._note(
            request,
            deed,
            status=deed.status,
            graph=done.graph or deed.graph,
            release=done.release,
            digest=done.digest,
            added=done.added,
            removed=done.removed,
        )

    async def document(self, request: Request) -> IO[bytes]:
        """The body of a request in a file. Raises TooLargeError, SlowRequestError, ClientDisconnect."""
        settings = self.settings
        return await receive_file(request.receive, settings.body_max, settings.body_time, settings.spool_dir)

    async def write(self, request: Request, deed: Deed, do: str, body: IO[bytes], **about: Any) -> Done:
        """The outcome of an order in the name of who asks. Raises StoreError, too, when it cannot be audited."""
        try:
            await self.audit.record(
                request.scope, Event(action=deed.action, status=None, intent=True, graph=deed.graph)
            )
        except BaseException:
            body.close()
            raise
        return await self.writer.write(do, body, agent=exchange(request.scope).agent, **about)

    async def _note(self, request: Request, deed: Deed, **outcome: Any) -> None:
        try:
            await self.audit.record(request.scope, Event(action=deed.action, **outcome))
        except StoreError as error:
            asked = exchange(request.scope)
            log.error("not audited: %s of %s, request %s, %s: %s", deed.action, asked.agent, asked.id, outcome, error)


def _uncompressed(request: Request) -> None:
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"", "identity"}:
        raise UnsupportedMediaTypeError(
            f"send the body as it is, not compressed with {coding}",
            f"Изпратете тялото некомпресирано, а не като {coding}",
        )


def refusal(error: DataError, request: Request) -> Response:
    """Why data was refused: a problem, or a sh:ValidationReport where RDF is liked better."""
    format = negotiate(",".join(request.headers.getlist("accept"))[:LONGEST_ACCEPT], (_PROBLEM, *GRAPHS)) or _PROBLEM
    if format is _PROBLEM:
        return problems.problem(error, request)
    headers = {"content-type": format.content_type, "cache-control": "no-store", "vary": "Accept"}
    return Response(report(error.findings, format), error.status, headers)
