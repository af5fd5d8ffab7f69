"""`/graphs` and the graphs' own addresses: the SPARQL 1.1 Graph Store HTTP Protocol.

A graph is named by `?graph=IRI`, by `?default`, or by the address itself (§4.1): `/graphs/…` stands for its own IRI,
`/graph/…` for the graph of the base that is called so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from kg.answering.question import Dataset
from kg.errors import (
    DataError,
    MethodNotAllowedError,
    NotFoundError,
    ParameterError,
    UnsupportedMediaTypeError,
)
from kg.rq import QueryFile
from kg.web import update
from kg.web.answers import Answers
from kg.web.asked import Asked
from kg.web.deeds import Deed, Desk, refusal
from kg.web.headers import preflight
from kg.web.own import own_address
from kg.web.parameters import chosen, decode, iri
from kg.web.preconditions import require
from kg.web.releases import Held

PATH = "/graphs"
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def routes(answers: Answers, desk: Desk, queries: Path) -> APIRouter:
    """Reading is free; writing needs a token that may."""
    router = APIRouter(tags=["graphs"])
    store = _GraphStore(answers, desk, QueryFile.read(queries / "graph.rq").text)

    async def indirect(request: Request) -> Response:
        return await store.respond(request, _named(request))

    async def direct(request: Request) -> Response:
        address = own_address(request.scope)
        if address is None:
            raise ParameterError("the address is no IRI", "Адресът не е IRI")
        return await store.respond(request, Target(address))

    async def of_base(request: Request) -> Response:
        path = request.scope.get("raw_path") or request.scope["path"].encode()
        return await store.respond(request, Target(iri("graph", answers.store.base + path.decode("ascii", "replace"))))

    for path, handler in ((PATH, indirect), (f"{PATH}/{{path:path}}", direct), ("/graph/{path:path}", of_base)):
        router.add_api_route(path, handler, methods=list(METHODS), include_in_schema=False)
    return router


@dataclass(frozen=True, slots=True)
class Target:
    """The graph that a request is about; the default graph when `default`, none when neither."""

    graph: str = ""
    default: bool = False


def _named(request: Request) -> Target:
    """By `?graph=` or `?default` (§4.2). Raises ParameterError."""
    pairs = decode(request.scope["query_string"])
    graphs = [value for name, value in pairs if name == "graph"]
    default = any(name == "default" for name, _ in pairs)
    if len(graphs) + default > 1:
        raise ParameterError("name one graph: ?graph=IRI or ?default", "Посочете един граф: ?graph=IRI или ?default")
    return Target(iri("graph", graphs[0]) if graphs else "", default)


@dataclass(frozen=True, slots=True)
class _GraphStore:
    answers: Answers
    desk: Desk
    query: str

    async def respond(self, request: Request, target: Target) -> Response:
        method = request.method
        if method == "OPTIONS":
            return preflight(METHODS)
        if method in {"GET", "HEAD"}:
            return await self._read(request, target)
        if method not in METHODS:
            raise MethodNotAllowedError("use another method", "Използвайте друг метод", METHODS)
        try:
            async with self.desk.deed(request, f"{method.lower()}-graph", target.graph) as deed:
                return await self._write(request, target, deed)
        except DataError as error:
            return refusal(error, request)

    async def _read(self, request: Request, target: Target) -> Response:
        if not target.graph and not target.default:
            raise ParameterError("name a graph: ?graph=IRI or ?default", "Посочете граф: ?graph=IRI или ?default")
        held = await self.answers.releases.get()
        if target.graph and target.graph not in held.release.manifest.graphs:
            raise NotFoundError(f"there is no graph {target.graph}", f"Няма граф {target.graph}")
        formats = chosen([value for name, value in decode(request.scope["query_string"]) if name == "format"])
        return self.answers.response(self._asked(target, formats))

    def _asked(self, target: Target, formats: tuple[str, ...] = ()) -> Asked:
        """The query for what the graph holds."""
        dataset = Dataset((target.graph,)) if target.graph else None
        return Asked(self.query, target.graph or f"{self.answers.store.base}/", formats=formats, dataset=dataset)

    async def _write(self, request: Request, target: Target, deed: Deed) -> Response:
        method, media_type = request.method, request.headers.get("content-type", "")
        named = bool(target.graph or target.default)
        if method in {"DELETE", "PATCH"} and not named:
            raise ParameterError("name a graph: ?graph=IRI or ?default", "Посочете граф: ?graph=IRI или ?default")
        if method == "PATCH" and media_type.partition(";")[0].strip().lower() != update.DIRECT:
            raise UnsupportedMediaTypeError(
                f"send changes to a graph as {update.DIRECT}", f"Промените на граф се изпращат като {update.DIRECT}"
            )
        held = await self.answers.releases.get()
        release, exists = self._condition(request, target, held)
        done = await self.desk.write(
            request,
            deed,
            method.lower(),
            await self.desk.document(request),
            graph=target.graph,
            default=target.default,
            media_type=media_type,
            base_iri=target.graph or own_address(request.scope) or "",
            release=release,
            exists=exists,
        )
        deed.done = done
        headers = {"x-release": str(done.release), "cache-control": "no-store"}
        deed.status = 201 if done.created else 204
        if done.graph:
            headers["location"] = done.graph
        return Response(status_code=deed.status, headers=headers)

    def _condition(self, request: Request, target: Target, held: Held) -> tuple[int | None, bool | None]:
        return require(request.scope, held, self._asked(target) if target.graph or target.default else None)
