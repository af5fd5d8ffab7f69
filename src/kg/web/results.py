"""An answer, or the reason for none, as a page for a person with a browser."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from kg.answering.question import Dataset
from kg.errors import KgError
from kg.formats import GRAPHS, RESULTS, Format
from kg.publish.pages.templating import render, short
from kg.publish.resource import LANGUAGES
from kg.web import problems

MAX_SIZE = 8 * 2**20  # bytes read for a page
MAX_ROWS = 1000

_LABELS: Final = {
    "ttl": "Turtle",
    "jsonld": "JSON-LD",
    "rdf": "RDF/XML",
    "nt": "N-Triples",
    "nq": "N-Quads",
    "trig": "TriG",
}

_NOTHING: Final[Mapping[str, Any]] = {
    "columns": [],
    "rows": [],
    "total": 0,
    "boolean": None,
    "turtle": None,
    "large": False,
    "error": None,
    "release": None,
    "cut": False,
}

Pairs = Sequence[tuple[str, str]]
"""Parameters of a request."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One term as shown: its text, where it leads, its language."""

    text: str
    href: str | None = None
    lang: str | None = None


class Narrowed(Protocol):
    """What a request says besides its query that decides about the answer."""

    @property
    def release(self) -> int | None: ...
    @property
    def dataset(self) -> Dataset | None: ...
    @property
    def partial(self) -> bool: ...


def carried(asked: Narrowed) -> Pairs:
    """The parameters with which another format, language or query is asked for from a page."""
    pairs = [("release", str(asked.release))] if asked.release is not None else []
    if asked.dataset is not None:
        pairs += [("default-graph-uri", iri) for iri in asked.dataset.default]
        pairs += [("named-graph-uri", iri) for iri in asked.dataset.named]
    if asked.partial:
        pairs.append(("partial", "1"))
    return pairs


def page(
    content: bytes | None,
    query: str,
    language: str,
    *,
    form: str,
    base: str,
    release: int,
    cut: bool = False,
    carried: Pairs = (),
) -> bytes:
    """JSON results as a table or as yes or no, or Turtle as it is; None was too large to show."""
    rows = form in {"SELECT", "ASK"}
    shown: Mapping[str, Any] = {}
    if content is not None:
        shown = table(json.loads(content), f"{base}/id/") if rows else {"turtle": content.decode()}
    more = {**shown, "large": content is None, "release": release, "cut": cut}
    return _render(query, language, base, carried, _downloads(form), more)


def refusal(error: KgError, query: str, language: str, *, base: str, carried: Pairs = ()) -> bytes:
    """The error in the reader's language, beside the query."""
    told = problems.messages(error)
    text = told.get(language, told["en"])
    return _render(query, language, base, carried, (), {"error": text})


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


def _downloads(form: str) -> Iterator[tuple[str, Pairs]]:
    """Label and parameters of each format; an empty label is that of CSV for a spreadsheet."""
    offered: Sequence[Format] = RESULTS if form in {"SELECT", "ASK"} else GRAPHS
    for format in offered:
        yield _LABELS.get(format.name, format.name.upper()), [("format", format.name)]
    if form == "SELECT":
        yield "", [("format", "csv"), ("excel", "bg")]


def _render(
    query: str,
    language: str,
    base: str,
    carried: Pairs,
    downloads: Iterable[tuple[str, Pairs]],
    shown: Mapping[str, Any],
) -> bytes:
    def link(*more: tuple[str, str]) -> str:
        return f"/sparql?{urlencode([('query', query), *carried, *more])}"

    html = render(
        "result.html",
        language,
        query=query,
        carried=carried,
        formats=[(label, link(*pairs)) for label, pairs in downloads],
        links={one: link(("format", "html"), ("lang", one)) for one in LANGUAGES},
        base=base,
        **{**_NOTHING, **shown},
    )
    return html.encode()
