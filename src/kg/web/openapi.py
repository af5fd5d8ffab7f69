"""What `/openapi.json` says of the SPARQL service, whose addresses are no routes that the framework could describe."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI

from kg.formats import GRAPHS, HTML, RESULTS, Format
from kg.web import openapi_writes, sparql
from kg.web.parameters import DIRECT, FORM, MIN_TIMEOUT, SPREADSHEETS
from kg.web.problems import MEDIA_TYPE

_Parts = dict[str, Any]
_TEXT: _Parts = {"type": "string"}
_PROBLEMS = {
    "400": "The query or a parameter is malformed",
    "403": "SERVICE names an endpoint that is not allowed",
    "404": "There is no such release",
    "406": "No acceptable format; the problem lists what is offered",
    "408": "The request took too long to arrive",
    "410": "The release is no longer kept",
    "413": "The query or its answer is over a limit",
    "415": "The body is of another media type",
    "503": "Busy (Retry-After says when to come back), or the query took too long",
}


def describe(app: FastAPI) -> None:
    """Adds the service to the application's schema."""
    framework: Callable[[], _Parts] = app.openapi

    def whole() -> _Parts:
        schema = framework()
        schema["paths"] |= {sparql.PATH: _query(), **openapi_writes.paths()}
        schema.setdefault("components", {}).setdefault("securitySchemes", {}).update(openapi_writes.security())
        return schema

    app.openapi = whole  # type: ignore[method-assign]  # the framework's own way to extend it


def _query() -> _Parts:
    about = {
        "query": ("A SPARQL query; without it the service describes itself.", _TEXT),
        "default-graph-uri": ("Graphs whose merge is the default graph, over FROM.", openapi_writes.IRIS),
        "named-graph-uri": ("Graphs that GRAPH finds, over FROM NAMED.", openapi_writes.IRIS),
        "format": (
            "What the answer is written as, over Accept.",
            {"type": "string", "enum": [format.name for format in (*RESULTS, *GRAPHS, HTML)]},
        ),
        "timeout": (
            "Seconds of evaluation after which the query is ended; the server's own limit holds besides.",
            {"type": "number", "minimum": MIN_TIMEOUT},
        ),
        "release": ("The number of a kept release, in place of the current one.", {"type": "integer", "minimum": 1}),
        "asOf": (
            "A day or a time, in place of `release`: the release that was current then. A day means its end, in UTC.",
            _TEXT,
        ),
        "excel": ("CSV that a spreadsheet in this language opens.", {"type": "string", "enum": list(SPREADSHEETS)}),
        "partial": (
            "Cut an answer that is too large, and say so with X-Result-Truncated, in place of a refusal.",
            {"type": "boolean"},
        ),
    }
    properties = {name: schema for name, (_, schema) in about.items()}
    parameters = [openapi_writes.parameter(name, *one) for name, one in about.items()]
    common = {"summary": "SPARQL query, or the service description", "tags": ["sparql"], "responses": _replies()}
    form = {"type": "object", "required": ["query"], "properties": properties}
    return {
        "get": common | {"operationId": "query_get", "parameters": parameters},
        "post": common
        | {
            "operationId": "query_post",
            "parameters": parameters[1:],
            "requestBody": {"required": True, "content": {FORM: {"schema": form}, DIRECT: {"schema": _TEXT}}},
        },
    }


def _replies() -> _Parts:
    return {
        "200": {"description": "The answer", "content": _content((*RESULTS, *GRAPHS, HTML))},
        "304": {"description": "The client has the answer already"},
        **{
            status: {"description": description, "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}
            for status, description in _PROBLEMS.items()
        },
    }


def _content(formats: Iterable[Format]) -> _Parts:
    return {format.media_type: {"schema": _TEXT} for format in formats}
