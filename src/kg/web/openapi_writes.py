"""What `/openapi.json` says of the addresses that write: `/update` and the graph store."""

from __future__ import annotations

from typing import Any

from kg.formats import GRAPHS
from kg.web import graphs, update
from kg.web.parameters import FORM

_Parts = dict[str, Any]
IRIS = {"type": "array", "items": {"type": "string", "format": "iri"}}
_REFUSED = {
    "400": "The request is malformed; a document is told with the line where it breaks off",
    "401": "No token, or one that is not known",
    "403": "The token may not write; or LOAD, SERVICE",
    "408": "The request took too long to arrive",
    "409": "The graph has another owner, or the id was withdrawn",
    "413": "Over a limit; send it in parts",
    "415": "Another media type",
    "422": "The data does not conform: findings, or a sh:ValidationReport where RDF is accepted",
    "503": "Busy (Retry-After says when to come back), or the write took too long",
}
_SECURITY: list[dict[str, list[str]]] = [{"bearer": []}]


def paths() -> _Parts:
    """The path items by address."""
    return {update.PATH: _update(), graphs.PATH: _graphs()}


def security() -> _Parts:
    """The security schemes that the path items name."""
    return {"bearer": {"type": "http", "scheme": "bearer"}}


def _update() -> _Parts:
    said = {"update": {"type": "string"}, "using-graph-uri": IRIS, "using-named-graph-uri": IRIS}
    return {
        "post": {
            "summary": "SPARQL Update, as a form or as it is: all of it, or nothing",
            "operationId": "update",
            "tags": ["sparql"],
            "security": _SECURITY,
            "parameters": [
                parameter("using-graph-uri", "Graphs whose merge patterns read, in place of USING.", IRIS),
                parameter("using-named-graph-uri", "Graphs that GRAPH finds, in place of USING NAMED.", IRIS),
            ],
            "requestBody": {
                "required": True,
                "content": {
                    FORM: {"schema": {"type": "object", "required": ["update"], "properties": said}},
                    update.DIRECT: {"schema": {"type": "string"}},
                },
            },
            "responses": _responses({"200": "The release this ended in, and how many statements it added and removed"}),
        }
    }


def _graphs() -> _Parts:
    named = [
        parameter("graph", "The IRI of the graph.", {"type": "string", "format": "iri"}),
        parameter("default", "The default graph.", {"type": "string", "enum": [""]}),
    ]
    formats = {one.media_type: {"schema": {"type": "string"}} for one in GRAPHS}
    documents = formats | {"multipart/form-data": {"schema": {"type": "object"}}}
    read = {"summary": "What a graph holds", "parameters": named}
    found = {
        "200": {"description": "The graph", "content": formats},
        "400": {"description": "No graph is named, or more than one"},
        "404": {"description": "There is no such graph"},
        "406": {"description": "No acceptable format; the problem lists what is offered"},
    }

    def write(name: str, summary: str, done: dict[str, str], content: _Parts | None = None) -> _Parts:
        conditions = {"412": "The graph is not what If-Match or If-None-Match take it for"}
        operation = {
            "summary": summary,
            "operationId": f"graph_{name}",
            "tags": ["graphs"],
            "security": _SECURITY,
            "parameters": named,
            "responses": _responses(done | conditions),
        }
        return operation | ({"requestBody": {"required": True, "content": content}} if content else {})

    changed = {
        "201": "The graph is there now; Location, when it was given a name",
        "204": "The graph has been changed",
    }
    return {
        "get": read | {"operationId": "graph_get", "tags": ["graphs"], "responses": found},
        "put": write("put", "Replace a graph of the endpoint", changed, documents),
        "post": write("post", "Add to a graph; without a name to a new one", changed, documents),
        "delete": write("delete", "Delete a graph of the endpoint", {"204": "It is gone", "404": "It was not there"}),
        "patch": write(
            "patch",
            "Change a graph with SPARQL Update",
            {"204": "The graph has been changed"},
            {update.DIRECT: {"schema": {"type": "string"}}},
        ),
    }


def parameter(name: str, description: str, schema: _Parts) -> _Parts:
    """One that may be in the address."""
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _responses(done: dict[str, str]) -> _Parts:
    return {status: {"description": text} for status, text in (done | _REFUSED).items()}
