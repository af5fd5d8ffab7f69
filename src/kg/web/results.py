"""An answer, or the reason for none, as a page for a person with a browser."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from kg.errors import BusyError, KgError
from kg.formats import GRAPHS, RESULTS, Kind
from kg.store.question import Answer
from kg.web.language import language
from kg.web.problems import RETRY_AFTER
from kg.web.templating import render, short

MAX_SIZE = 8 * 2**20  # bytes read for a page
MAX_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Cell:
    """One term as shown: its text, where it leads, its language."""

    text: str
    href: str | None = None
    lang: str | None = None


def page(
    answer: Answer, query: str, kind: Kind, request: Request, headers: Mapping[str, str], *, base: str
) -> Response:
    """The answer as a table, as yes or no, or as Turtle text."""
    with answer:
        raw = answer.file.read(MAX_SIZE) if answer.size <= MAX_SIZE else None
    shown: dict[str, Any] = {"columns": [], "rows": [], "total": 0, "boolean": None, "turtle": None}
    if raw is not None and kind is Kind.GRAPH:
        shown["turtle"] = raw.decode()
    elif raw is not None:
        shown |= table(json.loads(raw), f"{base}/id/")
    return _respond("result.html", request, query, kind, 200, headers, base, large=raw is None, error=None, **shown)


def refusal(error: KgError, query: str, request: Request, *, base: str) -> Response:
    """The error in the reader's language, beside the query."""
    headers = {"vary": "Accept, Accept-Language", "cache-control": "no-store"}
    if isinstance(error, BusyError):
        headers["retry-after"] = str(RETRY_AFTER)
    text = error.messages.get(language(request), str(error))
    return _respond("result.html", request, query, Kind.RESULTS, error.status, headers, base, large=False, error=text)


def table(document: Mapping[str, Any], ids: str) -> dict[str, Any]:
    """Columns and the first rows of SPARQL JSON results; addresses below `ids` are shown without it."""
    if "boolean" in document:
        return {"boolean": bool(document["boolean"])}
    columns: Sequence[str] = document["head"]["vars"]
    bindings = document["results"]["bindings"]
    rows = [[_cell(row.get(column), ids) for column in columns] for row in bindings[:MAX_ROWS]]
    return {"columns": columns, "rows": rows, "total": len(bindings)}


def _cell(term: Mapping[str, Any] | None, ids: str) -> Cell | None:
    if term is None:
        return None
    if term["type"] == "triple":
        return Cell(json.dumps(term["value"], ensure_ascii=False))
    value = str(term["value"])
    if term["type"] == "uri" and value.startswith(("http://", "https://")):
        return Cell(value.removeprefix(ids) or value if value.startswith(ids) else short(value), value)
    return Cell(value, None, term.get("xml:lang"))


def _respond(
    template: str,
    request: Request,
    query: str,
    kind: Kind,
    status: int,
    headers: Mapping[str, str],
    base: str,
    **shown: Any,
) -> Response:
    formats = [
        (format.name, f"/sparql?{urlencode({'query': query, 'format': format.name})}")
        for format in (RESULTS if kind is Kind.RESULTS else GRAPHS)
    ]
    tongue = language(request)
    links = {one: f"/sparql?{urlencode({'query': query, 'format': 'html', 'lang': one})}" for one in ("bg", "en")}
    html = render(template, tongue, query=query, formats=formats, links=links, base=base, **shown)
    return HTMLResponse(html, status, {**headers, "content-language": tongue})
