"""A question as it came over HTTP, and the headers of its answer."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import lru_cache
from typing import NamedTuple

from starlette.types import Scope

from kg.answering.question import Dataset, Question, Seen
from kg.errors import ParameterError
from kg.formats import CSV, GRAPHS, HTML, RESULTS, Format, choose
from kg.namespaces import PREFIXES
from kg.web.coding import Accepted, accepted
from kg.web.conditional import Condition, fingerprint
from kg.web.fields import Fields, fields, text
from kg.web.language import choose as language_of
from kg.web.releases import Held

LONGEST_ACCEPT = 4096  # bytes of an Accept header
_LASTING = b"public, max-age=86400, immutable"  # no longer: what is erased is to vanish from caches, too
_REMEMBERED = 300  # characters of an Accept header; browsers and libraries send fewer


class Asked(NamedTuple):
    """What a client asks for, each part well formed."""

    text: str
    base_iri: str
    formats: tuple[str, ...] = ()  # over Accept
    dataset: Dataset | None = None
    timeout: float | None = None
    release: int | None = None
    excel: str | None = None
    partial: bool = False
    page: bool = False  # whether HTML is offered
    language: str | None = None  # of the page, over Accept-Language
    headers: tuple[tuple[bytes, bytes], ...] = ()  # that the answer is to carry besides


class Client(NamedTuple):
    """How the sender of a request takes the answer."""

    accept: str
    encodings: Accepted
    condition: Condition
    language: bytes | None  # the Accept-Language field

    @classmethod
    def of(cls, scope: Scope) -> Client:
        """From the fields of a request. Raises ParameterError."""
        found = fields(scope)
        conditional = scope["method"] in {"GET", "HEAD"}
        return cls(
            accept=accept(found),
            encodings=accepted(found.get(b"accept-encoding")),
            condition=Condition(
                found.get(b"if-none-match") if conditional else None,
                found.get(b"if-modified-since") if conditional else None,
            ),
            language=found.get(b"accept-language"),
        )


class Inquiry(NamedTuple):
    """The question over one release."""

    asked: Asked
    held: Held
    client: Client
    language: str  # empty where no page can come out
    meaning: tuple[Hashable, ...]

    @classmethod
    def of(cls, asked: Asked, held: Held, client: Client) -> Inquiry:
        language = ""
        if asked.page and may_be_page(client.accept, asked.formats):
            language = language_of(asked.language, (client.language or b"").decode("latin-1"))
        meaning = (
            held.number,
            asked.text,
            asked.base_iri,
            asked.formats or client.accept,
            asked.dataset,
            asked.excel,
            asked.partial,
            asked.headers,
            asked.page,
            language,
            asked.release if language else None,  # which a page carries on
        )
        return cls(asked, held, client, language, meaning)

    @property
    def shared(self) -> tuple[Hashable, ...]:
        """What everybody means who gets the same answer, and the same error after the same time."""
        return (*self.meaning, self.asked.timeout)

    @property
    def question(self) -> Question:
        """For the workers."""
        asked = self.asked
        return Question(
            text=asked.text,
            release=self.held.path,
            accept=self.client.accept,
            formats=asked.formats,
            base_iri=asked.base_iri,
            dataset=asked.dataset,
            prefixes=PREFIXES,
            excel=asked.excel,
            partial=asked.partial,
            page=asked.page,
        )

    def fingerprint(self, seen: Seen, software: str) -> str:
        """The same release, request and format give the same bytes."""
        asked, manifest = self.asked, self.held.release.manifest
        return fingerprint(
            software,
            manifest.digest,
            manifest.number,
            asked.text,
            asked.dataset,
            seen.format.name + seen.place,
            asked.excel,
            asked.partial,
            asked.base_iri,
            asked.headers,
            (self.language, asked.release) if seen.format is HTML else "",
        )

    def headers(self, seen: Seen) -> Fields:
        """What the answer's headers say whatever its coding."""
        return [*self._headers(seen), *self.asked.headers]

    def _headers(self, seen: Seen) -> Iterator[tuple[bytes, bytes]]:
        yield from usual(seen.format, self.held.number, volatile=seen.volatile)
        if seen.format is HTML:
            yield b"content-language", self.language.encode()
        if self.asked.excel and seen.format is CSV:
            yield b"content-disposition", b'attachment; filename="result.csv"'


@lru_cache(maxsize=256)
def usual(
    format: Format, release: int, *, volatile: bool = False, lasting: bool = False
) -> tuple[tuple[bytes, bytes], ...]:
    """The header fields of whatever is read from a release, by its number; the same objects for all."""
    return (
        (b"content-type", format.content_type.encode()),
        (b"vary", b"Accept, Accept-Encoding, Accept-Language" if format is HTML else b"Accept, Accept-Encoding"),
        (b"cache-control", b"no-store" if volatile else _LASTING if lasting else b"no-cache"),
        (b"x-release", b"%d" % release),
    )


def accept(found: dict[bytes, bytes]) -> str:
    """The Accept header. Raises ParameterError for one that is too long to be negotiated about."""
    if len(found.get(b"accept", b"")) > LONGEST_ACCEPT:
        raise ParameterError(
            f"the Accept header is longer than {LONGEST_ACCEPT} bytes",
            f"Полето Accept е по-дълго от {LONGEST_ACCEPT} байта",
        )
    return text(found, b"accept")


def may_be_page(accept: str, formats: tuple[str, ...]) -> bool:
    """Whether the answer to some query is a page: the client names HTML, or likes it best."""
    if formats or len(accept) > _REMEMBERED:
        return _may_be_page(accept, formats)
    return _pages(accept, formats)


def _may_be_page(accept: str, formats: tuple[str, ...]) -> bool:
    return any(choose(accept, formats, offered) is HTML for offered in ((*RESULTS, HTML), (*GRAPHS, HTML)))


_pages = lru_cache(maxsize=256)(_may_be_page)
