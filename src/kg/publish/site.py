"""Everything public that is a function of a release, by address: what the service answers and what the twin writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.context import Context
from kg.publish.catalogue.shelf import Catalogue
from kg.publish.crawling import Crawling
from kg.publish.entity.shelf import Entities
from kg.publish.history.shelf import History
from kg.publish.history.timemap import TimeMaps
from kg.publish.resource import Found, Query, Shelf
from kg.publish.vocabulary.shelf import Vocabularies
from kg.publish.void import Statistics
from kg.store.home import Home
from kg.store.port import Release, Store

_LISTS: Final = ("/feed",)
_PAGES: Final = ("/doc", "/ns", "/code", "/shapes", "/catalogue", "/dataset/", "/release/")


@dataclass(frozen=True)
class Site:
    """The shelves, in the order in which they are asked."""

    shelves: Sequence[Shelf]

    @classmethod
    def of(
        cls,
        context: Context,
        ontology: Path,
        plan: Path,
        queries: Path,
        store: Store,
        home: Home,
    ) -> Site:
        """Everything; `store` tells what was before a release, and files that lie ready are kept in the home."""
        pages: list[Shelf] = [
            Entities(context, store),
            Vocabularies(ontology),
            Catalogue(plan, home.dumps, context, store),
        ]
        history = History(store, home.feed)

        def documents(release: Release) -> Iterator[str]:
            """Those that have pages."""
            for path in (path for shelf in (*pages, history) for path in shelf.paths(release)):
                if path in _LISTS or path.startswith(_PAGES):
                    yield path

        shelves: list[Shelf] = [*pages, history, Statistics(queries), Crawling(documents)]
        return cls([*shelves, TimeMaps(cls(shelves).find, store)])

    def find(self, release: Release, path: str, query: Query) -> Found | None:
        """What stands at a path; None when there is nothing."""
        found = (shelf.find(release, path, query) for shelf in self.shelves)
        return next((one for one in found if one is not None), None)

    def paths(self, release: Release) -> Iterator[str]:
        """The paths of all documents."""
        for shelf in self.shelves:
            yield from shelf.paths(release)
