"""The addresses of history: `/feed`, `/feed/{release}`, `/release/{number}` and `/release/{older}..{newer}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kg.errors import ParameterError
from kg.formats import ATOM, HTML, JSONLD, NQ, TRIG, TTL, Format
from kg.publish import rdf
from kg.publish.history import difference, feed, release
from kg.publish.history.activity import Deed
from kg.publish.history.pages import PATH, Pages, address
from kg.publish.history.release import Reading
from kg.publish.pages.templating import render
from kg.publish.resource import FORMS, LANGUAGES, Found, Link, Moved, Query, Resource, form, paged
from kg.store.port import Release, Store

RELEASES: Final = "/release"
_ROOT: Final = (TRIG, JSONLD, TTL, NQ, ATOM, HTML)
_PAGE: Final = (TRIG, JSONLD, NQ)
_DIFFERENCE: Final = (TRIG, JSONLD, NQ, HTML)
_FED: Final = re.compile(rf"{PATH}/([1-9]\d{{0,8}})(?:/([1-9]\d{{0,8}}))?")
_NUMBERED: Final = re.compile(rf"{RELEASES}/([1-9]\d{{0,8}})")
LISTED: Final = 100
"""Releases on one page."""


class History:
    """What came before a release, and the release itself."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._pages = Pages(folder, store)

    def find(self, view: Release, path: str, query: Query) -> Found | None:
        """See `Shelf`. `modified_since` leaves out of the feed what was published until then.

        Raises ParameterError.
        """
        if path == PATH:
            return self._root(view, query)
        if path == RELEASES:
            return Moved(PATH)
        if fed := _FED.fullmatch(path):
            return self._fed(view, path, int(fed[1]), int(fed[2] or 1))
        if numbered := _NUMBERED.fullmatch(path):
            return self._release(view, path, int(numbered[1]))
        if ends := difference.ends(path):
            return self._difference(view, path, *ends)
        return None

    def paths(self, view: Release) -> Iterator[str]:
        """See `Shelf`."""
        yield PATH
        for number in range(1, view.number + 1):
            yield from (address(number, page) for page in range(1, self._pages.count(number) + 1))
            yield release.path(number)

    def _steps(self, view: Release) -> list[feed.Step]:
        return feed.steps(self._store.manifests()[: view.number])

    def _root(self, view: Release, query: Query) -> Found | None:
        asked = query.get("modified_since", "")
        since = _moment(asked) if asked else None
        number = query.get("page", "1")
        pages = -(-view.number // LISTED)
        if not number.isdecimal() or len(number) > 6 or not 1 <= int(number) <= pages:
            return None

        def write(format: Format, language: str) -> bytes:
            steps = self._steps(view)
            if format is HTML:
                return self._overview(steps, int(number), pages, language)
            if format is ATOM:
                return feed.atom(self._pages, steps)
            return feed.root(steps, since, asked, format)

        return Resource(PATH, _ROOT, write)

    def _overview(self, steps: list[feed.Step], page: int, pages: int, language: str) -> bytes:
        newest = steps[::-1][(page - 1) * LISTED : page * LISTED]
        return render(
            "feed.html",
            language,
            steps=newest,
            page=page,
            pages=pages,
            paged=lambda number: paged(form(PATH, HTML, language), number),
            formats=[(one, form(PATH, one)) for one in _ROOT if one is not HTML],
            links={one: paged(form(PATH, HTML, one), page) for one in LANGUAGES},
        ).encode()

    def _fed(self, view: Release, path: str, number: int, page: int) -> Found | None:
        if number > view.number or path != address(number, page) or page > self._pages.count(number):
            return None
        step = self._steps(view)[number - 1]
        links = [Link(PATH, "collection")]
        if page < self._pages.count(number):
            links.append(Link(address(number, page + 1), "next"))

        def write(format: Format, language: str) -> bytes:
            written = feed.page(self._pages, step, page, format)
            assert written is not None
            return written

        return Resource(path, _PAGE, write, tuple(links), lasting=True)

    def _release(self, view: Release, path: str, number: int) -> Found | None:
        if number > view.number:
            return None
        steps = self._steps(view)
        step = steps[number - 1]

        def write(format: Format, language: str) -> bytes:
            if format is not HTML:
                return rdf.document(release.triples(step), format, feed.FEED_PREFIXES)
            manifest = step.manifest
            reading = Reading(view, view.manifest.base, (one.manifest.base for one in steps))
            small = number > 1 and manifest.added + manifest.removed <= difference.MOST
            entries = self._pages.entries(number)
            updated = {one.object for one in entries if one.deed is Deed.UPDATE}
            blocks, more = reading.blocks(self._store.changes(number), updated) if small else ([], 0)
            return render(
                "release.html",
                language,
                step=step,
                older=number - 1,
                newer=number + 1 if number < view.number else 0,
                groups=reading.groups(entries),
                blocks=blocks,
                more=more,
                formats=[(one, form(path, one)) for one in FORMS if one is not HTML],
                links={one: form(path, HTML, one) for one in LANGUAGES},
            ).encode()

        links = [Link(PATH, "collection")]
        if number > 1:
            links.append(Link(release.path(number - 1), "predecessor-version"))
        if number < view.number:
            links.append(Link(release.path(number + 1), "successor-version"))
        return Resource(path, FORMS, write, tuple(links))

    def _difference(self, view: Release, path: str, older: int, newer: int) -> Found | None:
        if max(older, newer) > view.number:
            return None
        base = view.manifest.base

        def write(format: Format, language: str) -> bytes:
            changes = difference.difference(self._store, older, newer)
            if format is not HTML:
                return difference.document(changes, base, older, newer, format)
            reading = Reading(view, base, (one.manifest.base for one in self._steps(view)))
            blocks, more = reading.blocks(changes)
            return render(
                "difference.html",
                language,
                older=older,
                newer=newer,
                added=len(changes.added),
                removed=len(changes.removed),
                blocks=blocks,
                more=more,
                formats=[(one, form(path, one)) for one in _DIFFERENCE if one is not HTML],
                links={one: form(path, HTML, one) for one in LANGUAGES},
            ).encode()

        return Resource(path, _DIFFERENCE, write, (Link(PATH, "collection"),))


def _moment(text: str) -> datetime:
    """A day, whose first moment is meant, or a time; without a zone it is UTC. Raises ParameterError."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError as cause:
        raise ParameterError(
            f"modified_since={text!r} is no time such as 2026-11-30T08:00:00Z",
            f"modified_since=„{text}“ не е време като 2026-11-30T08:00:00Z",
        ) from cause
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
