"""The front page: what this graph is, what is in it, and a place to ask."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from kg.errors import NotFoundError
from kg.publish.pages.templating import render
from kg.publish.resource import LANGUAGES
from kg.rq import QueryFile
from kg.store.port import Store
from kg.web.language import language
from kg.web.portal import Portals, shown


def routes(store: Store, library: Mapping[str, QueryFile] | None, queries: Path) -> APIRouter:
    """The pages over a store; `queries` is the folder of the system queries."""
    router = APIRouter(tags=["pages"])
    portals = Portals(queries)

    def front(request: Request) -> Response:
        tongue = language(request)
        release = store.current()
        portal = portals.of(release) if release else None
        classes, predicates = (portal.classes, portal.predicates) if portal else ((), ())
        example = request.query_params.get("example")
        if example is not None and (library is None or example not in library):
            raise NotFoundError(f"there is no query {example!r}", f"Няма заявка „{example}“")
        query = request.query_params.get("query") or (
            shown(library[example].text) if library is not None and example else portals.start
        )

        def run(query: str) -> str:
            """The address at which the query's answer is a page."""
            return "/sparql?" + urlencode({"query": query, "format": "html", "lang": tongue})

        html = render(
            "front.html",
            tongue,
            portal=portal,
            own_classes=[term for term in classes if term.own],
            other_classes=[term for term in classes if not term.own],
            own_predicates=[term for term in predicates if term.own],
            other_predicates=[term for term in predicates if not term.own],
            query=query,
            carried=(),
            ready=_ready(library, tongue),
            base=store.base,
            links={one: f"/?lang={one}" for one in LANGUAGES},
            run=run,
        )
        headers = {"vary": "Accept-Language", "content-language": tongue, "cache-control": "no-cache"}
        if release:
            headers["x-release"] = str(release.number)
        return HTMLResponse(html, headers=headers)

    router.add_api_route("/", front, methods=["GET", "HEAD"], include_in_schema=False)
    return router


def _ready(library: Mapping[str, QueryFile] | None, language: str) -> list[tuple[str, str]]:
    """Name and title of each curated query."""
    if library is None:
        return []
    titles = []
    for name, query in library.items():
        title = query.header.get("title")
        titles.append((name, title.get(language, name) if isinstance(title, dict) else name))
    return titles
