"""`/sparql`: the query half of the SPARQL 1.1 Protocol."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from pyoxigraph import NamedNode
from starlette.responses import RedirectResponse, Response

from kg.errors import (
    KgError,
    NotAcceptableError,
    ParameterError,
    QueryError,
    StoreError,
    TooLargeError,
    UnsupportedMediaTypeError,
)
from kg.formats import GRAPHS, HTML, JSON, RESULTS, TTL, Format, Kind, by_name, negotiate
from kg.namespaces import PREFIXES
from kg.store.lexer import MAX_TEXT, Outline, outline
from kg.store.port import Release, Store
from kg.store.question import Dataset, QueryRequest
from kg.store.workers import Workers
from kg.web import description, results
from kg.web.language import language
from kg.web.spool import SpoolResponse

PATH = "/sparql"
METHODS = "GET, HEAD, OPTIONS, POST"
_FORM, _DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
_MAX_BODY = 3 * MAX_TEXT + 2**16  # a form writes a byte as three
_MAX_FIELDS = 1000


async def body(request: Request) -> bytes:
    """The request's body, read no further than a query may be long."""
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if len(parts) > _MAX_BODY:
            raise TooLargeError(
                f"the request is longer than {_MAX_BODY} bytes", f"Заявката е по-дълга от {_MAX_BODY} байта"
            )
    return bytes(parts)


def routes(store: Store, workers: Workers) -> APIRouter:
    """The query endpoint over a store's releases."""
    router = APIRouter(tags=["sparql"])

    @router.get(PATH, summary="SPARQL query, or the service description")
    def get(request: Request) -> Response:
        parameters = Parameters.read(request.scope["query_string"], b"", None)
        if parameters.query is None:
            return _describe(request, parameters, store)
        return _answer(request, parameters, store, workers)

    router.add_api_route(PATH, get, methods=["HEAD"], include_in_schema=False)

    @router.post(PATH, summary="SPARQL query, as a form or as it is")
    def post(request: Request, content: Annotated[bytes, Depends(body)]) -> Response:
        media_type = request.headers.get("content-type", "")
        parameters = Parameters.read(request.scope["query_string"], content, media_type)
        if parameters.query is None:
            raise QueryError("there is no query in the request", "В заявката липсва параметър query")
        return _answer(request, parameters, store, workers)

    @router.options(PATH, include_in_schema=False)
    def options() -> Response:
        return Response(
            status_code=204,
            headers={
                "allow": METHODS,
                "access-control-allow-methods": METHODS,
                "access-control-allow-headers": "Accept, Accept-Language, Authorization, Content-Type, If-None-Match",
                "access-control-max-age": "86400",
            },
        )

    return router


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the protocol lets a client say (SPARQL 1.1 Protocol §2.1), wherever it said it."""

    query: str | None
    dataset: Dataset | None
    formats: tuple[str, ...]  # SPARQLWrapper says one format in several ways
    timeout: float | None
    release: int | None

    @classmethod
    def read(cls, query_string: bytes, content: bytes, media_type: str | None) -> Parameters:
        """From the address, and for POST (`media_type` is not None) from the body."""
        pairs = _pairs(query_string)
        if media_type is not None:
            bare = media_type.partition(";")[0].strip().lower()
            if bare == _FORM:
                pairs += _pairs(content)
            elif bare == _DIRECT:
                pairs.append(("query", _text(content)))
            else:
                raise UnsupportedMediaTypeError(
                    f"send the query as {_FORM} or {_DIRECT}, not as {bare or 'nothing'}",
                    f"Изпратете заявката като {_FORM} или {_DIRECT}, а не като {bare or 'нищо'}",
                )
        if any(name == "update" for name, _ in pairs):
            raise QueryError(
                "this address answers queries only; updates go to /update",
                "На този адрес се изпълняват само заявки; промените са на /update",
            )
        graphs = {
            name: tuple(_iri(name, value) for key, value in pairs if key == name)
            for name in ("default-graph-uri", "named-graph-uri")
        }
        return cls(
            _single(pairs, "query"),
            Dataset(graphs["default-graph-uri"], graphs["named-graph-uri"]) if any(graphs.values()) else None,
            tuple(value for name, value in pairs if name == "format" and value),
            _seconds(_single(pairs, "timeout")),
            _number(_single(pairs, "release")),
        )


def release(store: Store, number: int | None) -> Release:
    """The release a request is about. Raises NotFoundError, GoneError, and StoreError before the first."""
    found = store.current() if number is None else store.release(number)
    if found is None:
        raise StoreError("there is no release yet; load data first", "Още няма издание; първо заредете данни")
    return found


def directory(release: Release) -> Path:
    """Where a sealed release lies, for workers to open."""
    path = getattr(release, "path", None)
    if not isinstance(path, Path):
        raise StoreError(
            "this store has no release directories to read from",
            "Хранилището няма папки на издания за четене",
        )
    return path


def pick(request: Request, names: Sequence[str], offered: Sequence[Format]) -> Format:
    """The format asked for: `?format=` first, then Accept. Raises NotAcceptableError with what is offered."""
    accept = ",".join(request.headers.getlist("accept"))
    asked = (by_name(name, offered) for name in names)
    chosen = next(filter(None, asked), None) if names else negotiate(accept, offered)
    if chosen is None:
        known = ", ".join(format.name for format in offered)
        raise NotAcceptableError(
            f"this is offered in: {known} (?format=…, or Accept)",
            f"Предлага се във вид: {known} (?format=… или Accept)",
            offered=[format.media_type for format in offered],
        )
    return chosen


def _answer(request: Request, parameters: Parameters, store: Store, workers: Workers) -> Response:
    assert parameters.query is not None
    seen = outline(parameters.query)
    rows = seen.form in {"SELECT", "ASK"}
    chosen = pick(request, parameters.formats, [*(RESULTS if rows else GRAPHS), HTML])
    current = release(store, parameters.release)
    base_iri = _base_iri(request, store)
    headers = {
        "content-type": chosen.content_type,
        "vary": "Accept, Accept-Language" if chosen is HTML else "Accept",
        "x-release": str(current.number),
        "cache-control": "no-store" if seen.volatile else "no-cache",
    }
    if not seen.volatile:
        dialect = language(request) if chosen is HTML else ""
        headers["etag"] = _etag(current, parameters, chosen, base_iri, dialect)
        if _matches(request.headers.getlist("if-none-match"), headers["etag"]):
            return Response(status_code=304, headers=headers)
    asked = QueryRequest(
        parameters.query,
        seen,
        directory(current),
        (JSON if rows else TTL) if chosen is HTML else chosen,
        base_iri,
        parameters.dataset,
        PREFIXES,
    )
    if chosen is not HTML:
        return SpoolResponse(workers.answer(asked, timeout=parameters.timeout), headers)
    try:
        answer = workers.answer(asked, timeout=parameters.timeout)
    except KgError as error:
        return results.refusal(error, parameters.query, request, base=store.base)
    return results.page(answer, parameters.query, _kind(seen), request, headers, base=store.base)


def _kind(seen: Outline) -> Kind:
    return Kind.RESULTS if seen.form in {"SELECT", "ASK"} else Kind.GRAPH


def _describe(request: Request, parameters: Parameters, store: Store) -> Response:
    """What this service can do (SPARQL 1.1 Service Description §2), or the page with the editor."""
    chosen = pick(request, parameters.formats, [*GRAPHS, HTML])
    if chosen is HTML:
        return RedirectResponse(f"/?lang={language(request)}#ask", 303, {"vary": "Accept, Accept-Language"})
    text = description.write(_base_iri(request, store), release(store, parameters.release), chosen)
    return Response(text, headers={"content-type": chosen.content_type, "vary": "Accept"})


def _base_iri(request: Request, store: Store) -> str:
    """The request's own address without its query; relative IRIs stand for things below it."""
    try:
        return NamedNode(str(request.url.replace(query="", fragment="")).rstrip("?")).value
    except ValueError:  # a Host header that is none
        return store.base + PATH


def _etag(current: Release, parameters: Parameters, chosen: Format, base_iri: str, dialect: str) -> str:
    """The same release, request and format give the same bytes."""
    about = (
        current.manifest.digest,
        str(current.number),
        parameters.query,
        repr(parameters.dataset),
        chosen.name,
        base_iri,
        dialect,
    )
    return f'"{hashlib.sha256(repr(about).encode()).hexdigest()[:32]}"'


def _matches(lines: Sequence[str], etag: str) -> bool:
    """If-None-Match, by weak comparison (RFC 9110 §13.1.2); `*` is passed over, for the query has to be looked at."""
    tags = [tag.strip().removeprefix("W/") for line in lines for tag in line.split(",")]
    return etag in tags


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueryError("the query is not UTF-8 text", "Заявката не е текст в UTF-8") from error
    if "\0" in text:
        raise QueryError("the query holds a NUL character", "Заявката съдържа знак NUL")
    return text


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            _text(raw), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=_MAX_FIELDS
        )
    except UnicodeDecodeError as error:
        raise QueryError("the query is not UTF-8 text", "Заявката не е текст в UTF-8") from error
    except ValueError as error:
        raise ParameterError("too many parameters", "Твърде много параметри") from error


def _single(pairs: Sequence[tuple[str, str]], name: str) -> str | None:
    values = [value for key, value in pairs if key == name]
    if len(values) > 1:
        raise ParameterError(f"{name!r} is there {len(values)} times", f"„{name}“ се повтаря {len(values)} пъти")
    return values[0] if values else None


def _iri(name: str, value: str) -> str:
    try:
        return str(NamedNode(value))
    except ValueError as error:
        raise ParameterError(f"{name}={value!r} is no IRI", f"{name}=„{value}“ не е адрес (IRI)") from error


def _seconds(value: str | None) -> float | None:
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        raise ParameterError(f"timeout={value!r} is no number of seconds", f"timeout=„{value}“ не е брой секунди")
    return seconds


def _number(value: str | None) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 12):
        raise ParameterError(f"release={value!r} is no number of a release", f"release=„{value}“ не е номер на издание")
    return int(value)
