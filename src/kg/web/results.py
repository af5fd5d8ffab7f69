"""An answer, or the reason for none, as a page for a person with a browser."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from kg.errors import KgError
from kg.formats import GRAPHS, RESULTS
from kg.web.language import LANGUAGES
from kg.web.templating import render, short

MAX_SIZE = 8 * 2**20  # bytes read for a page
MAX_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Cell:
    """One term as shown: its text, where it leads, its language."""

    text: str
    href: str | None = None
    lang: str | None = None


def page(content: bytes | None, query: str, language: str, *, rows: bool, base: str) -> bytes:
    """JSON results as a table or as yes or no, or Turtle as it is; None was too large to show."""
    shown: Mapping[str, Any] = {}
    if content is not None:
        shown = table(json.loads(content), f"{base}/id/") if rows else {"turtle": content.decode()}
    return _render(query, language, base, rows=rows, large=content is None, error=None, shown=shown)


def refusal(error: KgError, query: str, language: str, *, base: str) -> bytes:
    """The error in the reader's language, beside the query."""
    text = error.messages.get(language, str(error))
    return _render(query, language, base, rows=True, large=False, error=text, shown={})


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


def _render(
    query: str, language: str, base: str, *, rows: bool, large: bool, error: str | None, shown: Mapping[str, Any]
) -> bytes:
    formats = [
        (format.name, f"/sparql?{urlencode({'query': query, 'format': format.name})}")
        for format in (RESULTS if rows else GRAPHS)
    ]
    links = {one: f"/sparql?{urlencode({'query': query, 'format': 'html', 'lang': one})}" for one in LANGUAGES}
    html = render(
        "result.html",
        language,
        query=query,
        formats=formats,
        links=links,
        base=base,
        large=large,
        error=error,
        **{"columns": [], "rows": [], "total": 0, "boolean": None, "turtle": None, **shown},
    )
    return html.encode()
