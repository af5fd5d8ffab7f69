"""What search engines ask for first: `/robots.txt`, and the list of pages (sitemaps.org 0.9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from itertools import islice
from typing import Final

from kg.formats import HTML, ROBOTS, SITEMAP
from kg.publish.resource import LANGUAGES, Found, Query, Resource, form
from kg.store.port import Release

PART: Final = 10_000
"""Documents in one list; each has a page in either language, and a list may hold 50 000 addresses."""

_ROBOTS: Final = """\
User-agent: *
Disallow: /sparql
Disallow: /update
Disallow: /queries/
Allow: /
Sitemap: {}/sitemap.xml
"""
_SPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"

Paths = Callable[[Release], Iterator[str]]


class Crawling:
    """The lists of the pages of other shelves."""

    def __init__(self, documents: Paths) -> None:
        """`documents` gives the paths of those with pages."""
        self._documents = documents

    def find(self, release: Release, path: str, query: Query) -> Found | None:
        """See `Shelf`."""
        base = release.manifest.base
        if path == "/robots":
            return Resource(path, (ROBOTS,), lambda format, language: _ROBOTS.format(base).encode())
        if path == "/sitemap":
            return Resource(path, (SITEMAP,), lambda format, language: self._index(release))
        name, _, number = path.partition("-")
        if name == "/sitemap" and number.isdecimal() and len(number) < 6 and 1 <= int(number) <= self._parts(release):
            return Resource(path, (SITEMAP,), lambda format, language: self._part(release, int(number)))
        return None

    def paths(self, release: Release) -> Iterator[str]:
        """See `Shelf`."""
        yield "/robots"
        yield "/sitemap"
        yield from (f"/sitemap-{number}" for number in range(1, self._parts(release) + 1))

    def _parts(self, release: Release) -> int:
        return max(1, -(-sum(1 for _ in self._documents(release)) // PART))

    def _index(self, release: Release) -> bytes:
        base, day = release.manifest.base, release.manifest.created.date().isoformat()
        rows = (
            f"<sitemap><loc>{escape(base)}/sitemap-{number}.xml</loc><lastmod>{day}</lastmod></sitemap>\n"
            for number in range(1, self._parts(release) + 1)
        )
        return f'{_HEAD}<sitemapindex xmlns="{_SPACE}">\n{"".join(rows)}</sitemapindex>\n'.encode()

    def _part(self, release: Release, number: int) -> bytes:
        base = release.manifest.base
        some = islice(self._documents(release), (number - 1) * PART, number * PART)
        rows = (_row(base, path, language) for path in some for language in LANGUAGES)
        head = f'<urlset xmlns="{_SPACE}" xmlns:xhtml="http://www.w3.org/1999/xhtml">'
        return f"{_HEAD}{head}\n{''.join(rows)}</urlset>\n".encode()


_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _row(base: str, path: str, language: str) -> str:
    """A page, with the same page in each language."""
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{one}" href="{escape(base + form(path, HTML, one))}"/>'
        for one in LANGUAGES
    )
    return f"<url><loc>{escape(base + form(path, HTML, language))}</loc>{others}</url>\n"
