"""What stands at a public address: a document in several forms, another address, or that nothing is there any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from kg.formats import HTML, JSONLD, NT, RDF, TTL, Format
from kg.store.port import Release

FORMS: Final = (TTL, JSONLD, RDF, NT, HTML)
"""Of a document about something: whoever takes anything gets the first."""

LANGUAGES: Final = ("bg", "en")
"""Of pages; `x.html` is in the first, `x.en.html` in the second."""

Query: TypeAlias = Mapping[str, str]
"""The parameters of an address."""


@dataclass(frozen=True, slots=True)
class Link:
    """A typed link to another document (RFC 8288)."""

    target: str
    relation: str
    media_type: str = ""

    def __str__(self) -> str:
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{self.target}>; rel="{self.relation}"{kind}'


@dataclass(frozen=True, slots=True)
class Resource:
    """A document: a function of the release it was found in, of a format that it offers, and of a page's language."""

    path: str  # without the base and without a suffix
    offered: Sequence[Format]  # whoever takes anything gets the first
    write: Callable[[Format, str], bytes]
    links: tuple[Link, ...] = ()  # besides those to its own forms
    lasting: bool = False  # the same in every later release

    def form(self, format: Format, language: str = LANGUAGES[0]) -> str:
        """The path of one form of it."""
        return form(self.path, format, language)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies ready."""

    file: Path
    media_type: str
    sha256: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Moved:
    """Another address is to be asked."""

    path: str
    forever: bool = False  # 301; else 303, what is asked for being no document
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """There was something, and there never will be again."""

    english: str
    bulgarian: str


Found: TypeAlias = Resource | Stored | Moved | Gone


class Shelf(Protocol):
    """Documents of one sort."""

    def find(self, release: Release, path: str, query: Query) -> Found | None:
        """What stands at a path in a release; None when it is not for this shelf, or there is nothing."""

    def paths(self, release: Release) -> Iterator[str]:
        """The paths of all documents of this sort, in order; each is one to `find`."""


def form(path: str, format: Format, language: str = LANGUAGES[0]) -> str:
    """The path of one form of the document at a path."""
    own = "" if format is not HTML or language == LANGUAGES[0] else f".{language}"
    return f"{path}{own}.{format.suffix}"


def paged(path: str, page: int) -> str:
    """The address of a page of what stands at a path."""
    return path if page == 1 else f"{path}?page={page}"


def frame(path: str, page: int = 1) -> Mapping[str, Any]:
    """What the page of a document says of its other forms, and of itself in each language."""
    return {
        "formats": [(format, paged(form(path, format), page)) for format in FORMS if format is not HTML],
        "links": {one: paged(form(path, HTML, one), page) for one in LANGUAGES},
    }


def read_form(path: str, formats: Sequence[Format]) -> tuple[str, Format | None, str | None]:
    """The path of a document, and the format and language that a path ends in."""
    stem, dot, suffix = path.rpartition(".")
    format = next((one for one in formats if dot and one.suffix == suffix), None)
    if format is None:
        return path, None, None
    if format is HTML:
        name, dot, tongue = stem.rpartition(".")
        return (name, format, tongue) if dot and tongue in LANGUAGES[1:] else (stem, format, LANGUAGES[0])
    return stem, format, None
