"""What things there are: `/doc` by kinds, `/doc/{kind}` by name."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.formats import HTML, Format
from kg.graph import DEFAULT, sort_key
from kg.iris import Iris
from kg.namespaces import MKG, RDFS
from kg.publish import rdf
from kg.publish.entity.document import HYDRA
from kg.publish.labels import Texts, labels
from kg.publish.pages.templating import render
from kg.publish.resource import FORMS, Found, Link, Query, Resource, form, frame, paged
from kg.store.port import Release

PATH: Final = "/doc"
_KIND: Final = re.compile("[a-z-]+")
PAGE: Final = 200
"""So many things are listed at a time."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The things of one kind, as their addresses tell it."""

    name: str
    cls: NamedNode | None
    texts: Texts
    things: Sequence[NamedNode]


class Listing:
    """The things of a release, found once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: tuple[Release, Mapping[str, Kind]] | None = None

    def kinds(self, release: Release) -> Mapping[str, Kind]:
        """All kinds by name; things in the order of their addresses."""
        with self._lock:
            if self._last is None or self._last[0].manifest != release.manifest:
                self._last = release, {kind.name: kind for kind in _kinds(release)}
            return self._last[1]

    def find(self, release: Release, path: str, query: Query) -> Found | None:
        """What stands at `/doc` and `/doc/{kind}`; `page` in the query is a page of things."""
        if path == PATH:
            return Resource(path, FORMS, lambda format, language: self._all(release, format, language))
        name = path.removeprefix(f"{PATH}/")
        if not _KIND.fullmatch(name):
            return None  # before anything is looked for: every form of a thing's document is asked for here, too
        kind = self.kinds(release).get(name)
        number = query.get("page", "1")
        if kind is None or not number.isdecimal() or len(number) > 6:
            return None
        page, pages = int(number), max(1, -(-len(kind.things) // PAGE))
        if not 1 <= page <= pages:
            return None
        steps = ((page - 1, "prev"), (page + 1, "next"))
        links = tuple(Link(paged(path, to), relation) for to, relation in steps if 1 <= to <= pages)
        return Resource(
            path, FORMS, lambda format, language: _page(release, kind, page, pages, format, language), links
        )

    def _all(self, release: Release, format: Format, language: str) -> bytes:
        kinds = self.kinds(release)
        if format is HTML:
            return render("kinds.html", language, kinds=list(kinds.values()), **frame(PATH)).encode()
        base = release.manifest.base
        triples = [
            Triple(NamedNode(f"{base}{PATH}"), HYDRA.collection, NamedNode(f"{base}{PATH}/{name}")) for name in kinds
        ]
        return rdf.document(triples, format)


def _kinds(release: Release) -> Iterator[Kind]:
    iris = Iris(release.manifest.base)
    found: dict[str, set[str]] = {}
    for name in release.manifest.graphs:
        if name.startswith(f"{iris.base}/graph/") and name != iris.meta.value:
            for thing, _ in release.outline(NamedNode(name)).things:
                id = iris.id(thing) if isinstance(thing, NamedNode) else None
                if id is not None:
                    found.setdefault(id.partition("/")[0], set()).add(id)
    for kind, ids in sorted(found.items()):
        classes = (quad.subject for quad in release.quads(None, MKG.iriKind, Literal(kind), DEFAULT))
        cls = min((one for one in classes if isinstance(one, NamedNode)), key=sort_key, default=None)
        texts = labels(release, iris, [cls]).get(cls, {}) if cls is not None else {}
        yield Kind(kind, cls, texts, [iris.entity(id) for id in sorted(ids)])


def _page(release: Release, kind: Kind, page: int, pages: int, format: Format, language: str) -> bytes:
    iris = Iris(release.manifest.base)
    some = kind.things[(page - 1) * PAGE : page * PAGE]
    names = labels(release, iris, some)
    path = f"{PATH}/{kind.name}"
    if format is HTML:
        shown = [(f"{PATH}/{iris.id(one)}", names.get(one, {}), iris.id(one)) for one in some]
        return render(
            "things.html",
            language,
            kind=kind,
            things=shown,
            page=page,
            pages=pages,
            paged=lambda number: paged(form(path, HTML, language), number),
            **frame(path, page),
        ).encode()
    document = NamedNode(f"{iris.base}{path}")
    triples = [Triple(document, HYDRA.member, one) for one in some]
    for node, texts in names.items():
        for tag, text in texts.items():
            triples.append(Triple(node, RDFS.label, Literal(text, language=tag) if tag else Literal(text)))
    if page < pages:
        triples.append(Triple(document, HYDRA.next, NamedNode(f"{iris.base}{paged(path, page + 1)}")))
    return rdf.document(triples, format)
