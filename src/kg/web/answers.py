"""Questions over HTTP: evaluated once, kept while nothing changes, sent in the way that the client takes them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kg.answering.job import Job
from kg.answering.question import PLACES, Answer
from kg.answering.workers import Workers
from kg.errors import KgError
from kg.formats import HTML, Format
from kg.settings import Settings
from kg.store.manifests import software
from kg.store.port import Mark, Store
from kg.web import results
from kg.web.asked import Asked, Client, Inquiry, usual
from kg.web.cache import Cache, Kept, Key, Variant
from kg.web.coding import IDENTITY
from kg.web.conditional import fingerprint, tag
from kg.web.exchange import Exchange, exchange
from kg.web.fields import Fields
from kg.web.releases import Held, Releases
from kg.web.respond import send_stream, send_unchanged, send_variant, send_whole
from kg.web.sharing import Outcome, Sharing, Turn
from kg.web.watch import Watch

BEGUN = "kg.begun"
"""Where an evaluation that began before its request was parsed stands in the scope."""

WHOLE = 2**20  # bytes of an answer that is sent in one piece, and kept
_QUICK = 2**16  # bytes that are compressed, or made a page of, while others wait


class Document(NamedTuple):
    """Something written of a release."""

    format: Format
    body: bytes
    headers: Sequence[tuple[bytes, bytes]] = ()  # besides those of everything that is read from a release
    by_language: bool = False  # whether another Accept-Language may give another
    lasting: bool = False  # whether later releases have the same


class Begun(NamedTuple):
    """An evaluation under way."""

    inquiry: Inquiry
    job: Job
    turn: Turn
    workers: Workers
    since: float  # time.time()

    def abandon(self) -> None:
        """Nobody wants the answer."""
        self.workers.abandon(self.job)
        self.turn.abandon()


class Answers:
    """What answers are read through, whatever address they are asked for at."""

    def __init__(self, store: Store, workers: Workers, settings: Settings, cache: Cache) -> None:
        self.store = store
        self.cache = cache
        self.releases = Releases(store, workers)
        self._workers = workers
        self._whole = min(WHOLE, settings.spool_first)
        self._software = software()
        self._sharing = Sharing()

    def response(self, asked: Asked) -> Response:
        """The same as `serve`, for a route to return."""
        return _Served(self, asked)

    async def serve(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        asked: Asked,
        key: Key | None = None,
        mark: Mark | None = None,
    ) -> None:
        """Sends the answer; with a key, the next request of the same bytes is answered from the cache.

        `mark` is that of the store, when it has been read for this request.

        Raises KgError before anything is sent, and ClientDisconnect when nobody waits for the answer or it breaks off.
        """
        told = exchange(scope)
        held = await self.releases.get(asked.release, mark)
        inquiry = Inquiry.of(asked, held, Client.of(scope))
        told.release, told.text = held.number, asked.text
        with _failures(told):
            kept = self.cache.recall(held.mark, inquiry.meaning)
            if kept is None and BEGUN not in scope:
                kept = await self._others(receive, inquiry, told.client)
            told.cache = "hit" if kept else "miss"
            kept = kept or await self._evaluate(scope, receive, send, inquiry, told)
        if kept is not None:
            told.form, told.shape = kept.form, kept.shape
            await self._send(scope, send, inquiry.client, held, kept, key)

    async def prepare(self, asked: Asked, held: Held, client: Client, *, timeout: float) -> None:
        """Keeps the answer to what nobody has asked yet, while this release is the current one. Raises KgError."""
        inquiry = Inquiry.of(asked, held, client)
        if self.releases.known(held.mark) is not held or self.cache.recall(held.mark, inquiry.meaning) is not None:
            return
        answer = await self._workers.answer(inquiry.question, timeout=timeout)
        try:
            if not answer.seen.volatile and self._in_one_piece(answer):
                self._kept(inquiry, answer, await _body(inquiry, answer))
        finally:
            answer.close()

    def begin(self, inquiry: Inquiry, told: Exchange) -> Kept | Begun | None:
        """What is kept, or an evaluation that has begun; None when somebody else evaluates the same just now.

        Raises BusyError.
        """
        kept = self.cache.recall(inquiry.held.mark, inquiry.meaning)
        if kept is not None:
            return kept
        if self._sharing.busy(inquiry.shared):
            return None
        job = self._workers.ask(inquiry.question, timeout=inquiry.asked.timeout, client=told.client)
        turn = self._sharing.turn(inquiry.shared)
        turn.job = job
        return Begun(inquiry, job, turn, self._workers, told.started)

    def finish(self, begun: Begun, told: Exchange) -> Kept | None:
        """What came of it when that is a short answer to keep; else the evaluation is still to be waited for."""
        future = begun.job.future
        if future.cancelled() or future.exception() is not None:
            return None
        answer = future.result()
        if not isinstance(answer, Answer) or answer.body is None or answer.seen.volatile or answer.seen.format is HTML:
            return None
        self._workers.forget(begun.job)
        inquiry = begun.inquiry
        _tell(told, answer)
        told.cache, told.release = "miss", inquiry.held.number
        kept = self._kept(inquiry, answer, answer.body)
        begun.turn.done(kept=True)
        return kept

    def variant(self, inquiry: Inquiry, kept: Kept) -> Variant:
        """An answer in the coding that its client takes."""
        return kept.variant(inquiry.client.encodings.for_size(len(kept.body)), dated=inquiry.held.dated)

    async def document(
        self,
        scope: Scope,
        send: Send,
        *,
        about: tuple[Hashable, ...],
        make: Callable[[Held], Document],
        release: int | None = None,
        key: Key | None = None,
    ) -> None:
        """Sends what is a function of a release and of `about`; made once.

        Raises KgError, and what `make` raises, before anything is sent.
        """
        told = exchange(scope)
        held, client = await self.releases.get(release), Client.of(scope)
        told.release = held.number
        meaning = (held.number, *about)
        kept = self.cache.recall(held.mark, meaning)
        told.cache = "hit" if kept else "miss"
        if kept is None:
            made = await asyncio.to_thread(make, held)
            kept = Kept(
                meaning=meaning,
                body=made.body,
                headers=[*usual(made.format, held.number, lasting=made.lasting), *made.headers],
                fingerprint=fingerprint(self._software, held.release.manifest.digest, made.body),
                modified=held.modified,
                date=held.date,
                by_language=made.by_language,
                release=held.number,
            )
            self.cache.keep(held.mark, kept)
        await self._send(scope, send, client, held, kept, key)

    async def _others(self, receive: Receive, inquiry: Inquiry, client: str) -> Kept | None:
        """What somebody gets who asks the same at the same time."""
        while (first := self._sharing.under_way(inquiry.shared, client)) is not None:
            with Watch(receive):
                outcome = await asyncio.shield(first)
            if outcome is not Outcome.ABANDONED:
                return self.cache.recall(inquiry.held.mark, inquiry.meaning) if outcome is Outcome.KEPT else None
        return None

    async def _evaluate(
        self, scope: Scope, receive: Receive, send: Send, inquiry: Inquiry, told: Exchange
    ) -> Kept | None:
        """The answer when it is one to keep; None when it has been sent."""
        begun = _begun(scope, inquiry)
        if begun is not None:
            told.started = begun.since
        with begun.turn if begun else self._sharing.turn(inquiry.shared) as turn:
            with Watch(receive):
                unchanged = await self._unchanged(inquiry, told.client) if inquiry.client.condition.tags else None
                if unchanged is None:
                    if begun is None:
                        asked = inquiry.asked
                        turn.job = self._workers.ask(inquiry.question, timeout=asked.timeout, client=told.client)
                    assert turn.job is not None
                    answer = await self._workers.wait(turn.job)
            if unchanged is not None:
                await send_unchanged(send, *unchanged)
                return None
            try:
                _tell(told, answer)
                if answer.seen.volatile or not self._in_one_piece(answer):
                    turn.done(kept=False)
                    await self._send_once(scope, receive, send, inquiry, answer)
                    told.seconds = answer.seconds  # known now, if it was being written
                    return None
                kept = self._kept(inquiry, answer, await _body(inquiry, answer))
                turn.done(kept=True)
                return kept
            finally:
                answer.close()

    def _in_one_piece(self, answer: Answer) -> bool:
        return answer.seen.format is HTML or (answer.size is not None and answer.size <= self._whole)

    async def _unchanged(self, inquiry: Inquiry, client: str) -> tuple[Fields, bytes] | None:
        """The headers and the tag to send when the client has the answer already; the text is looked at for this."""
        seen = await self._workers.look(inquiry.question, client=client)
        if seen.volatile:
            return None
        takes = inquiry.client.encodings
        made = [inquiry.fingerprint(seen._replace(place=place), self._software) for place in PLACES]
        tags = [tag(one, coding) for one in made for coding in (takes.best, takes.plain)]
        had = inquiry.client.condition.had(tags, inquiry.held.modified)
        return None if had is None else (inquiry.headers(seen), had)

    def _kept(self, inquiry: Inquiry, answer: Answer, body: bytes) -> Kept:
        seen, held = answer.seen, inquiry.held
        kept = Kept(
            meaning=inquiry.meaning,
            body=body,
            headers=_headers(inquiry, answer),
            fingerprint=inquiry.fingerprint(seen, self._software),
            modified=held.modified,
            date=held.date,
            by_language=seen.format is HTML,
            release=held.number,
            form=seen.form,
            shape=seen.shape,
        )
        self.cache.keep(held.mark, kept)
        return kept

    async def _send(self, scope: Scope, send: Send, client: Client, held: Held, kept: Kept, key: Key | None) -> None:
        """An answer that is kept, or was to be."""
        coding, dated = client.encodings.for_size(len(kept.body)), held.dated
        if coding is not IDENTITY and len(kept.body) > _QUICK:
            variant = await asyncio.to_thread(kept.variant, coding, dated=dated)
        else:
            variant = kept.variant(coding, dated=dated)
        if key is not None and dated:
            self.cache.name(key, client.language, variant)
        await send_variant(scope, send, variant, client.condition)

    async def _send_once(self, scope: Scope, receive: Receive, send: Send, inquiry: Inquiry, answer: Answer) -> None:
        """An answer that is not kept."""
        headers, takes = _headers(inquiry, answer), inquiry.client.encodings
        if not self._in_one_piece(answer):
            if not answer.seen.volatile:
                headers.append((b"etag", tag(inquiry.fingerprint(answer.seen, self._software), takes.best)))
                if inquiry.held.dated:
                    headers.append((b"last-modified", inquiry.held.date))
            await send_stream(scope, receive, send, answer, headers, takes.best)
            return
        body = await _body(inquiry, answer)
        coding = takes.for_size(len(body))
        if coding is not IDENTITY:
            body = await asyncio.to_thread(coding.whole, body) if len(body) > _QUICK else coding.whole(body)
            headers.append((b"content-encoding", coding.name.encode()))
        headers.append((b"content-length", b"%d" % len(body)))
        await send_whole(scope, send, headers, body)


def _begun(scope: Scope, inquiry: Inquiry) -> Begun | None:
    """The evaluation that began before the request was parsed; one of another release is abandoned."""
    begun: Begun | None = scope.pop(BEGUN, None)
    if begun is not None and begun.inquiry.meaning != inquiry.meaning:
        begun.abandon()
        return None
    return begun


def _tell(told: Exchange, answer: Answer) -> None:
    seen = answer.seen
    told.form, told.shape, told.seconds, told.truncated = seen.form, seen.shape, answer.seconds, answer.truncated


@contextmanager
def _failures(told: Exchange) -> Iterator[None]:
    """Notes why a query failed, and after how long."""
    try:
        yield
    except (KgError, ClientDisconnect) as error:
        reason = error if isinstance(error, KgError) else error.__cause__
        if isinstance(reason, KgError):
            told.reason, told.broken = reason.slug, reason is not error
            told.form, told.shape = told.form or reason.form, told.shape or reason.shape
            told.seconds = max(0.0, time.time() - told.started)
        raise


def _headers(inquiry: Inquiry, answer: Answer) -> Fields:
    headers = inquiry.headers(answer.seen)
    if answer.truncated:
        headers.append((b"x-result-truncated", b"true"))
    return headers


async def _body(inquiry: Inquiry, answer: Answer) -> bytes:
    """The whole answer, or the page that shows it."""
    if answer.seen.format is not HTML:
        return answer.body if answer.body is not None else await answer.read()
    content = await answer.read() if answer.size is not None and answer.size <= results.MAX_SIZE else None
    make = partial(
        results.page,
        content,
        inquiry.asked.text,
        inquiry.language,
        form=answer.seen.form,
        base=inquiry.held.release.manifest.base,
        release=inquiry.held.number,
        cut=answer.truncated,
        carried=results.carried(inquiry.asked),
    )
    return await asyncio.to_thread(make) if max(len(content or b""), len(inquiry.asked.text)) > _QUICK else make()


class _Served(Response):
    def __init__(self, answers: Answers, asked: Asked) -> None:
        super().__init__()
        self._answers, self._asked = answers, asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answers.serve(scope, receive, send, self._asked)
