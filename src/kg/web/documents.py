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
from kg.publish.history.timemap import PATH as TIMEMAP
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
from kg.web.times import memento, nearest

FORMS: Final = (*GRAPHS, CSV, HTML, ATOM, LINKS, SITEMAP, ROBOTS)
"""What the suffix of an address may stand for."""

_MAIN: Final = b'<main id="content">'
METHODS: Final = ("GET", "HEAD", "OPTIONS")

_OWN: Final = frozenset({"format", "lang", "release", "asOf"})
"""Parameters that say which form is wanted, or of when."""


class Wanted(NamedTuple):
    """What a request for a document says."""

    path: str
    query: tuple[tuple[str, str], ...]  # what is the document's own, sorted
    formats: tuple[str, ...]
    release: int | None
    accept: str
    language: str
    newest: int | None = None  # the current release where another one is wanted

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
        wanted = await self._when(scope, Wanted.of(Request(scope)))
        if isinstance(wanted, Response):
            await wanted(scope, receive, send)
        else:
            await _Telling(self._answers, self._site, wanted).serve(scope, receive, send)

    async def _when(self, scope: Scope, wanted: Wanted) -> Wanted | Response:
        """The same with the release that is meant; or where its document is, for who asks by Accept-Datetime.

        Raises ParameterError, NotFoundError.
        """
        releases, said = self._answers.releases, dict(decode(scope["query_string"]))
        if as_of := said.get("asOf"):
            if wanted.release is not None:
                raise ParameterError("give either release or asOf", "Посочете или release, или asOf")
            wanted = wanted._replace(release=await releases.at(as_of))
        field = fields(scope).get(b"accept-datetime")
        if wanted.release is None and field is not None:
            kept = await asyncio.to_thread(self._answers.store.kept)
            said["release"] = str(nearest(await releases.manifests(), kept, field))
            headers = {"vary": "Accept-Datetime", "cache-control": "no-cache", "link": ", ".join(_original(wanted))}
            return RedirectResponse(f"{quote(wanted.path)}?{urlencode(said)}", 302, headers)
        if wanted.release is not None:
            wanted = wanted._replace(newest=(await releases.get()).number)
        return wanted

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
            raise _Instead(found, held)
        chosen = format or pick(wanted.accept, wanted.formats, found.offered)
        spoken = tongue or wanted.language
        body = found.write(chosen, spoken)
        if chosen is HTML and wanted.newest not in {None, held.number}:
            body = self._marked(body, held.number, spoken)
        return Document(
            chosen, body, self._fields(held, found, chosen, spoken), chosen is HTML and not tongue, found.lasting
        )

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

    def _fields(self, held: Held, found: Resource, format: Format, spoken: str) -> Fields:
        query = f"?{urlencode(self._wanted.query)}" if self._wanted.query else ""
        links = [
            f'<{found.path}{query}>; rel="canonical"',
            *(
                f'<{form(found.path, one)}{query}>; rel="alternate"; type="{one.media_type}"'
                for one in found.offered
                if one is not format
            ),
            *map(str, found.links),
            *_original(self._wanted, found.path),
        ]
        headers = [
            *self._of_when(held),
            (b"link", ", ".join(links).encode("latin-1", "replace")),
            (b"content-location", f"{form(found.path, format, spoken)}{query}".encode()),
        ]
        return headers + ([(b"content-language", spoken.encode())] if format is HTML else [])

    def _of_when(self, held: Held) -> Fields:
        """Of which time this is (RFC 7089 §2), or that it may be asked for."""
        if self._wanted.release is None:
            return [(b"vary", b"Accept-Datetime")]
        return [(b"memento-datetime", memento(held.release.manifest))]

    def _marked(self, page: bytes, number: int, language: str) -> bytes:
        """A page that says of itself that it is an old one."""
        own = dict(self._wanted.query) | {"lang": language}
        address = f"{quote(self._wanted.path)}?{urlencode(own)}"
        notice = render("old.html", language, number=number, newest=self._wanted.newest, address=address)
        return page.replace(_MAIN, _MAIN + notice.encode(), 1)

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
        headers = {"etag": f'"{file.sha256}"', "cache-control": "no-cache", "x-release": str(instead.held.number)}
        headers["link"] = ", ".join(_original(self._wanted, self._wanted.path))
        headers |= {name.decode(): value.decode() for name, value in self._of_when(instead.held)}
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


def _original(wanted: Wanted, document: str = "") -> list[str]:
    """Where the document of today is, which leads to those of other times, and where these are listed."""
    query = f"?{urlencode(wanted.query)}" if wanted.query else ""
    links = [f'<{quote(wanted.path)}{query}>; rel="original timegate"']
    if document and not document.startswith(TIMEMAP):
        links.append(f'<{TIMEMAP}{quote(document)}>; rel="timemap"; type="{LINKS.media_type}"')
    return links


class _Instead(Exception):
    """What stands there is no document to be written."""

    def __init__(self, found: Moved | Stored, held: Held) -> None:
        super().__init__()
        self.found, self.held = found, held
