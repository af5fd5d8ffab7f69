"""Where the older states of a document are (RFC 7089 §5): `/timemap/{path}`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import format_datetime
from typing import Final

from kg.errors import GoneError, NotFoundError
from kg.formats import LINKS
from kg.publish.resource import Found, Query, Resource, Stored
from kg.store.port import Manifest, Release, Store

PATH: Final = "/timemap"
MOST: Final = 100
"""Releases that are looked into, the newest."""

Find = Callable[[Release, str, Query], Found | None]


class TimeMaps:
    """The list of states of every document of other shelves."""

    def __init__(self, find: Find, store: Store) -> None:
        """`find` is asked for the document in each kept release."""
        self._find, self._store = find, store

    def find(self, view: Release, path: str, query: Query) -> Found | None:
        """See `Shelf`."""
        target = path.removeprefix(PATH)
        if not path.startswith(f"{PATH}/") or not (states := list(self._states(view, target))):
            return None
        return Resource(path, (LINKS,), lambda format, language: _written(view.manifest.base, target, states))

    def paths(self, view: Release) -> Iterator[str]:
        """None: what is kept is no function of a release."""
        return iter(())

    def _states(self, view: Release, target: str) -> Iterator[Manifest]:
        for number in [number for number in self._store.kept() if number <= view.number][-MOST:]:
            try:
                release = self._store.release(number)
            except (NotFoundError, GoneError):  # it has gone meanwhile
                continue
            if isinstance(self._find(release, target, {}), (Resource, Stored)):
                yield release.manifest


def _written(base: str, target: str, states: list[Manifest]) -> bytes:
    lines = [f'<{base}{target}>; rel="original timegate"']
    own = f'<{base}{PATH}{target}>; rel="self"; type="{LINKS.media_type}"'
    lines.append(f'{own}; from="{_date(states[0])}"; until="{_date(states[-1])}"')
    for place, manifest in enumerate(states):
        relation = " ".join(
            [*(["first"] if place == 0 else []), *(["last"] if place == len(states) - 1 else []), "memento"]
        )
        lines.append(f'<{base}{target}?release={manifest.number}>; rel="{relation}"; datetime="{_date(manifest)}"')
    return ",\n".join(lines).encode() + b"\n"


def _date(manifest: Manifest) -> str:
    return format_datetime(manifest.created, usegmt=True)
