"""`/update`: the update half of the SPARQL 1.1 Protocol (§2.2)."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from kg.errors import DataError, MethodNotAllowedError, QueryError
from kg.web import body
from kg.web.deeds import Desk, refusal
from kg.web.exchange import exchange
from kg.web.fields import fields
from kg.web.headers import preflight
from kg.web.own import own_address
from kg.web.parameters import decode, gather, iri, single
from kg.web.preconditions import unconditional

PATH = "/update"
DIRECT = "application/sparql-update"
METHODS = ("OPTIONS", "POST")
_OTHERS = ("GET", "HEAD", "PUT", "PATCH", "DELETE")


def routes(desk: Desk) -> APIRouter:
    """The update endpoint; needs a token that may write."""
    router = APIRouter(tags=["sparql"])
    room = body.Room(body.ROOM)

    async def post(request: Request) -> Response:
        try:
            async with desk.deed(request, "update") as deed:
                exchange(request.scope).form = "UPDATE"
                unconditional(request.scope)
                found = fields(request.scope)
                content = await room.read(request.receive, body.FORM_MAX, desk.settings.body_time)
                try:
                    asked = Update.read(request.scope["query_string"], content, found.get(b"content-type", b""))
                finally:
                    room.give(len(content))
                deed.done = done = await desk.write(
                    request,
                    deed,
                    "update",
                    body.file_of(asked.text.encode(), desk.settings.spool_dir),
                    base_iri=own_address(request.scope) or "",
                    using=asked.using,
                    using_named=asked.named,
                )
        except DataError as error:
            return refusal(error, request)
        told = {"release": done.release, "added": done.added, "removed": done.removed}
        return JSONResponse(told, headers={"x-release": str(done.release), "cache-control": "no-store"})

    async def other(request: Request) -> Response:
        if request.method == "OPTIONS":
            return preflight(METHODS)
        raise MethodNotAllowedError("send updates with POST", "Изпращайте промените с POST", METHODS)

    router.add_api_route(PATH, post, methods=["POST"], include_in_schema=False)
    router.add_api_route(PATH, other, methods=["OPTIONS", *_OTHERS], include_in_schema=False)
    return router


@dataclass(frozen=True, slots=True)
class Update:
    """What a client says to the update endpoint, wherever it says it."""

    text: str
    using: tuple[str, ...]
    named: tuple[str, ...]

    @classmethod
    def read(cls, query_string: bytes, content: bytes, media_type: bytes) -> Update:
        """From the address and the body. Raises QueryError, ParameterError, UnsupportedMediaTypeError."""
        pairs = decode(query_string)
        if any(name == "update" for name, _ in pairs):
            raise QueryError(
                "the update belongs into the body of the request, not into its address",
                "Промяната се изпраща в тялото на заявката, а не в адреса",
            )
        said = gather(pairs, content, media_type, direct=(DIRECT, "update"))
        text = single(said, "update")
        if "query" in said:
            raise QueryError(
                "this address takes updates only; queries go to /sparql",
                "Този адрес приема само промени; заявките са на /sparql",
            )
        if text is None:
            raise QueryError("there is no update in the request", "В заявката липсва параметър update")
        using, named = (
            tuple(iri(name, value) for value in said.get(name, ()))
            for name in ("using-graph-uri", "using-named-graph-uri")
        )
        return cls(text, using, named)
