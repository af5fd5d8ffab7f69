"""Documents about what is in the graph: found in a release, written in the form that the client likes best."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

from fastapi import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from kg.errors import GoneError, KgError, MethodNotAllowedError, NotFoundError, ParameterError
from kg.formats import ATOM, CSV, GRAPHS, HTML, LINKS, ROBOTS, SITEMAP, Format, pick
from kg.publish.pages.templating import render
from kg.publish.resource import LANGUAGES, Found, Gone, Moved, Resource, Stored, form, read_form
from kg.publish.site import Site
from kg.web import problems
from kg.web.answers import Answers, Document
from kg.web.asked import accept, may_be_page
from kg.web.conditional import listed
from kg.web.fields import Fields, fields
from kg.web.headers import preflight
from kg.web.language import language
from kg.web.parameters import decode, number
from kg.web.releases import Held

FORMS: Final = (*GRAPHS, CSV, HTML, ATOM, LINKS, SITEMAP, ROBOTS)
"""What the suffix of an address may stand for."""

METHODS: Final = ("GET", "HEAD", "OPTIONS")

_OWN: Final = frozenset({"format", "lang", "release"})
"""Parameters that say which form is wanted, or of when."""


class Wanted(NamedTuple):
    """What a request for a document says."""

    path: str
    query: tuple[tuple[str, str], ...]  # what is the document's own, sorted
    formats: tuple[str, ...]
    release: int | None
    accept: str
    language: str

    @classmethod
    def of(cls, request: Request) -> Wanted:
        """Raises ParameterError for a parameter that is there twice, or malformed."""
        pairs = decode(request.scope["query_string"])
        names = [name for name, _ in pairs if name != "format"]
        if len(names) != len(set(names)):
            raise ParameterError("a parameter is there twice", "Има параметър, който се повтаря")
        said = dict(pairs)
        return cls(
            request.scope["path"],
            tuple(sorted((name, value) for name, value in said.items() if name not in _OWN)),
            tuple(value for name, value in pairs if name == "format"),
            number(said.get("release")),
            accept(fields(request.scope)),
            language(request),
        )


class Documents:
    """The application behind all others: what is asked here no route is for."""

    def __init__(self, answers: Answers, site: Site) -> None:
        self._answers, self._site = answers, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises KgError before anything is sent."""
        if scope["method"] == "OPTIONS":
            await preflight(METHODS)(scope, receive, send)
            return
        if scope["method"] not in METHODS:
            await self._refuse(scope)
        await _Telling(self._answers, self._site, Wanted.of(Request(scope))).serve(scope, receive, send)

    async def _refuse(self, scope: Scope) -> None:
        """Raises MethodNotAllowedError where there is something to read, else NotFoundError."""
        held, path = await self._answers.releases.get(), scope["path"]
        if await asyncio.to_thread(self._site.find, held.release, read_form(path, FORMS)[0], {}) is None:
            raise NotFoundError(f"there is nothing at {path}", f"На адрес {path} няма нищо")
        raise MethodNotAllowedError("documents are only read", "Документите само се четат", METHODS)


class _Telling:
    """The document that a request wants, or whatever stands in its place."""

    def __init__(self, answers: Answers, site: Site, wanted: Wanted) -> None:
        self._answers, self._site, self._wanted = answers, site, wanted

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._none_match = fields(scope).get(b"if-none-match")
        try:
            await self._answers.document(
                scope, send, about=("document", *self._wanted), make=self._make, release=self._wanted.release
            )
        except _Instead as instead:
            answer = self._redirect(instead.found, scope) if isinstance(instead.found, Moved) else self._file(instead)
            await answer(scope, receive, send)
        except (NotFoundError, GoneError) as error:
            await self._nothing(error, Request(scope))(scope, receive, send)

    def _make(self, held: Held) -> Document:
        wanted = self._wanted
        query = dict(wanted.query)
        found, format, tongue = self._found(held, wanted.path, query)
        if found is None:
            raise NotFoundError(f"there is nothing at {wanted.path}", f"На адрес {wanted.path} няма нищо")
        if isinstance(found, Gone):
            raise GoneError(found.english, found.bulgarian)
        if isinstance(found, (Moved, Stored)):
            raise _Instead(found, held.number)
        chosen = format or pick(wanted.accept, wanted.formats, found.offered)
        spoken = tongue or wanted.language
        body = found.write(chosen, spoken)
        return Document(chosen, body, self._fields(found, chosen, spoken), chosen is HTML and not tongue, found.lasting)

    def _found(self, held: Held, path: str, query: Mapping[str, str]) -> tuple[Found | None, Format | None, str | None]:
        """What stands at the path, or at the path without the suffix of a form that is offered there."""
        found = self._site.find(held.release, path, query)
        if found is not None:
            return found, None, None
        stem, format, tongue = read_form(path, FORMS)
        found = self._site.find(held.release, stem, query) if format else None
        if isinstance(found, Resource) and format not in found.offered:
            return None, None, None
        return found, format, tongue

    def _fields(self, found: Resource, format: Format, spoken: str) -> Fields:
        query = f"?{urlencode(self._wanted.query)}" if self._wanted.query else ""
        links = [
            f'<{found.path}{query}>; rel="canonical"',
            *(
                f'<{form(found.path, one)}{query}>; rel="alternate"; type="{one.media_type}"'
                for one in found.offered
                if one is not format
            ),
            *map(str, found.links),
        ]
        headers = [
            (b"link", ", ".join(links).encode("latin-1", "replace")),
            (b"content-location", f"{form(found.path, format, spoken)}{query}".encode()),
        ]
        return headers + ([(b"content-language", spoken.encode())] if format is HTML else [])

    def _redirect(self, moved: Moved, scope: Scope) -> Response:
        query = scope["query_string"].decode("ascii", "replace")
        headers = {"vary": "Accept", "cache-control": "no-cache"}
        if moved.links:
            headers["link"] = ", ".join(map(str, moved.links))
        address = f"{moved.path}?{query}" if query else moved.path
        return RedirectResponse(address, 301 if moved.forever else 303, headers)

    def _file(self, instead: _Instead) -> Response:
        """The file itself, or a range of it (RFC 9110 §14)."""
        file = instead.found
        assert isinstance(file, Stored)
        headers = {"etag": f'"{file.sha256}"', "cache-control": "no-cache", "x-release": str(instead.release)}
        if f'"{file.sha256}"'.encode() in listed(self._none_match):
            return Response(status_code=304, headers=headers)
        return FileResponse(file.file, headers=headers, media_type=file.media_type)

    def _nothing(self, error: KgError, request: Request) -> Response:
        """404 or 410, as a page for those who asked for pages."""
        response = problems.problem(error, request)
        _, format, tongue = read_form(self._wanted.path, (HTML,))
        if format is not HTML and not may_be_page(self._wanted.accept, self._wanted.formats):
            return response
        spoken = tongue or self._wanted.language
        html = render(
            "nothing.html",
            spoken,
            told=problems.messages(error)[spoken],
            links={one: f"/{quote(self._wanted.path.lstrip('/'))}?lang={one}" for one in LANGUAGES},
        )
        kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        kept |= {"vary": "Accept, Accept-Language", "content-language": spoken}
        return Response(html, error.status, kept, HTML.content_type)


class _Instead(Exception):
    """What stands there is no document to be written."""

    def __init__(self, found: Moved | Stored, release: int) -> None:
        super().__init__()
        self.found, self.release = found, release
