"""`/sparql`: the query half of the SPARQL 1.1 Protocol, answered from the cache before anything is parsed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from kg.errors import KgError, MethodNotAllowedError, QueryError, StoreError
from kg.formats import GRAPHS, HTML, pick
from kg.settings import Settings
from kg.store.port import Mark
from kg.web import body, description, problems, results
from kg.web.answers import BEGUN, Answers, Document
from kg.web.asked import LONGEST_ACCEPT, Asked, accept, may_be_page
from kg.web.cache import Key
from kg.web.conditional import Condition
from kg.web.exchange import exchange
from kg.web.familiar import Early, Familiar
from kg.web.fields import Fields, fields, text
from kg.web.headers import preflight
from kg.web.language import choose
from kg.web.own import own_address
from kg.web.parameters import Parameters
from kg.web.repeats import Repeats, Tell, answered
from kg.web.respond import send_variant

PATH = "/sparql"
METHODS = ("GET", "HEAD", "OPTIONS", "POST")
_QUICK = 2**16  # characters of a query that is made a page of while others wait
_ANY = Condition(None, None)
_PAGE = re.compile(rb"(?:^|&)format=html(?:&|$)")


class SparqlEndpoint:
    """The query endpoint, for an application to call."""

    def __init__(self, answers: Answers, settings: Settings) -> None:
        self.repeats = Repeats(answers.cache)
        self.familiar = Familiar(answers)
        self._answers = answers
        self._room = body.Room(body.ROOM)
        self._body_time = settings.body_time
        self._federates = bool(settings.service_allow.strip())

    def at_once(
        self, packet: bytes, peer: tuple[str, int] | None, tell: Tell, always: Callable[[], Fields]
    ) -> Early | bytes | None:
        """What can be said to a packet that arrived between two messages without parsing it; None for nothing."""
        try:
            mark = self._answers.store.mark()
        except StoreError:
            return None
        return self.repeats.reply(packet, peer, mark, tell, always()) or self.familiar.ask(
            packet, peer, mark, tell, always
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises ClientDisconnect when the client is gone, or must not take what it has for the whole."""
        found = fields(scope)
        method = scope["method"]
        content, media_type = b"", None
        try:
            if method == "POST":
                media_type = found.get(b"content-type", b"")
                content = await self._room.read(receive, body.FORM_MAX, self._body_time)
            elif method == "OPTIONS":
                await preflight(METHODS)(scope, receive, send)
                return
            elif method not in {"GET", "HEAD"}:
                known = ", ".join(METHODS)
                raise MethodNotAllowedError(f"use one of: {known}", f"Използвайте някой от: {known}", METHODS)
            key = (
                scope.get("raw_path"),  # which relative IRIs stand below
                scope["query_string"],
                content,
                media_type,
                found.get(b"accept"),
                found.get(b"accept-encoding"),
                found.get(b"host"),
                scope["scheme"],
            )
            answers = self._answers
            mark = answers.store.mark()
            variant = answers.cache.find(mark, key, found.get(b"accept-language"))
            if variant is not None:
                answered(exchange(scope), variant)
                self.repeats.note(scope, found, variant)
                await send_variant(scope, send, variant, _condition(method, found))
            else:
                await self._answer(scope, receive, send, found, content, media_type, key, mark)
        except KgError as error:
            await self._refuse(scope, receive, send, found, content, media_type, error)
        finally:
            self._room.give(len(content))
            if (begun := scope.pop(BEGUN, None)) is not None:
                begun.abandon()

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        found: dict[bytes, bytes],
        content: bytes,
        media_type: bytes | None,
        key: Key,
        mark: Mark | None,
    ) -> None:
        """What is not in the cache by its bytes."""
        parameters = Parameters.read(scope["query_string"], content, media_type)
        if parameters.as_of is not None:
            parameters = replace(parameters, release=await self._answers.releases.at(parameters.as_of))
        base_iri = own_address(scope) or self._answers.store.base + PATH
        if parameters.query is not None:
            asked = Asked(
                parameters.query,
                base_iri,
                formats=parameters.formats,
                dataset=parameters.dataset,
                timeout=parameters.timeout,
                release=parameters.release,
                excel=parameters.excel,
                partial=parameters.partial,
                page=True,
                language=parameters.language,
            )
            await self._answers.serve(scope, receive, send, asked, key, mark)
            self.familiar.note(scope, found, base_iri)
        elif media_type is not None:
            raise QueryError("there is no query in the request", "В заявката липсва параметър query")
        else:
            await self._describe(scope, receive, send, found, parameters, base_iri, key)

    async def _describe(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        found: dict[bytes, bytes],
        parameters: Parameters,
        endpoint: str,
        key: Key,
    ) -> None:
        """What this service can do (SPARQL 1.1 Service Description §2), or the page with the editor."""
        format = pick(accept(found), parameters.formats, (*GRAPHS, HTML))
        if format is HTML:
            language = choose(parameters.language, text(found, b"accept-language"))
            vary = {"vary": "Accept, Accept-Language"}
            await RedirectResponse(f"/?lang={language}#ask", 303, vary)(scope, receive, send)
            return
        await self._answers.document(
            scope,
            send,
            about=("description", endpoint, self._federates, format.name),
            make=lambda held: Document(
                format, description.write(endpoint, held.release, format, federates=self._federates)
            ),
            release=parameters.release,
            key=key,
        )

    async def _refuse(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        found: dict[bytes, bytes],
        content: bytes,
        media_type: bytes | None,
        error: KgError,
    ) -> None:
        """The problem, as a page for those who asked for pages."""
        response = problems.problem(error, HTTPConnection(scope))
        said = _said(scope, content, media_type)
        if may_be_page(text(found, b"accept")[:LONGEST_ACCEPT], said.formats):
            language = choose(said.language, text(found, b"accept-language"))
            query, base = said.query or "", self._answers.store.base
            make = partial(results.refusal, error, query, language, base=base, carried=results.carried(said))
            page = await asyncio.to_thread(make) if len(query) > _QUICK else make()
            kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
            kept |= {"vary": "Accept, Accept-Language", "content-language": language}
            response = Response(page, response.status_code, kept, HTML.media_type)
        await response(scope, receive, send)


def _condition(method: str, found: dict[bytes, bytes]) -> Condition:
    """What the request is conditional on; made only where there is something to look at."""
    if method == "POST" or not (b"if-none-match" in found or b"if-modified-since" in found):
        return _ANY
    return Condition(found.get(b"if-none-match"), found.get(b"if-modified-since"))


def _said(scope: Scope, content: bytes, media_type: bytes | None) -> Parameters:
    """The parameters of a request that was refused, where they can be read."""
    try:
        return Parameters.read(scope["query_string"], content, media_type)
    except KgError:
        formats = ("html",) if _PAGE.search(scope["query_string"]) or _PAGE.search(content) else ()
        return Parameters(formats=formats)
