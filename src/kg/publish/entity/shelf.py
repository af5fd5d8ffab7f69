"""The addresses of things: `/id/…` leads to `/doc/…`, which is the description in every form."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.context import Context
from kg.formats import HTML, JSONLD, TTL, Format
from kg.graph import View
from kg.iris import Iris
from kg.namespaces import DCT, MKG
from kg.publish import context as published
from kg.publish import rdf
from kg.publish.entity import as_jsonld
from kg.publish.entity.as_schema_org import structured
from kg.publish.entity.description import Description, describe
from kg.publish.entity.document import triples
from kg.publish.entity.listing import PATH, Listing
from kg.publish.entity.page import page
from kg.publish.pages.templating import render
from kg.publish.resource import FORMS, Found, Gone, Link, Moved, Query, Resource, form, frame, paged
from kg.store.port import Release, Store

_NESTED: Final = re.compile(r"/(?:id|doc)/([a-z-]+/[a-z0-9-]{1,60}(?:/[A-Za-z0-9._~%-]+)*)\Z")


class Entities:
    """Whatever has an address below `/id/`."""

    def __init__(self, context: Context, store: Store) -> None:
        """The store knows what was erased."""
        self._context, self._store = context, store
        self._listing = Listing()

    def find(self, release: Release, path: str, query: Query) -> Found | None:
        """See `Shelf`. `page` in the query is a page of those who point at the thing."""
        named = _NESTED.match(path)
        if named is None:
            return self._listing.find(release, path, query) if path.startswith(PATH) else None
        iris = Iris(release.manifest.base)
        node = NamedNode(iris.ids + named[1])
        if (other := self._instead(release, iris, node)) is not None:
            return other
        if path.startswith("/id/"):
            if next(iter(release.about(node)), None) is None:
                return self._erased(iris, node)
            document = f"/doc/{named[1]}"
            return Moved(document, links=(Link(document, "describedby"),))
        number = query.get("page", "1")
        told = describe(release, iris, node, int(number)) if number.isdecimal() and len(number) < 7 else None
        return self._erased(iris, node) if told is None else self._resource(release, iris, told, path)

    def paths(self, release: Release) -> Iterator[str]:
        """See `Shelf`: entities, without what is nested in them."""
        kinds = self._listing.kinds(release)
        base = Iris(release.manifest.base).ids
        yield PATH
        for name, kind in kinds.items():
            yield f"{PATH}/{name}"
            yield from (f"{PATH}/{thing.value.removeprefix(base)}" for thing in kind.things)

    def _instead(self, release: Release, iris: Iris, node: NamedNode) -> Found | None:
        """What there is in place of a thing that was merged with another or withdrawn."""
        for quad in release.quads(node, DCT.term("isReplacedBy"), None, iris.meta):
            if isinstance(quad.object, NamedNode) and quad.object.value.startswith(iris.ids):
                return Moved(quad.object.value.removeprefix(iris.base), forever=True)
        for quad in release.quads(node, MKG.withdrawnOn, None, iris.meta):
            day = quad.object.value[:10] if isinstance(quad.object, Literal) else ""
            reasons = [
                one.object.value
                for one in release.quads(node, MKG.withdrawalReason, None, iris.meta)
                if isinstance(one.object, Literal)
            ]
            why = f": {reasons[0]}" if reasons else ""
            id = iris.id(node)
            return Gone(f"{id} was withdrawn on {day}{why}", f"„{id}“ е оттеглен на {day}{why}")
        return None

    def _erased(self, iris: Iris, node: NamedNode) -> Found | None:
        """What there is in place of a thing that had to be forgotten; None when there never was such a thing.

        What is called otherwise since is not led to: whose name the old address held is to be forgotten as well.
        """
        if hashlib.sha256(Iris.path(node).encode()).hexdigest() not in self._store.erased():
            return None
        id = iris.id(node)
        return Gone(f"{id} was erased", f"„{id}“ е заличен")

    def _resource(self, release: Release, iris: Iris, told: Description, path: str) -> Resource:
        def write(format: Format, language: str) -> bytes:
            if format is HTML:
                return self._page(release, iris, told, path, language)
            return self._graph(triples(told, release, iris), told, iris, format)

        links = [Link(told.node.value, "describes"), Link(form(path, TTL), "describedby", TTL.media_type)]
        if told.page > 1:
            links.append(Link(paged(path, told.page - 1), "prev"))
        if told.page < told.pages:
            links.append(Link(paged(path, told.page + 1), "next"))
        return Resource(path, FORMS, write, tuple(links))

    def _graph(self, found: list[Triple], told: Description, iris: Iris, format: Format) -> bytes:
        if format is JSONLD:
            return as_jsonld.render(told, found, self._english, iris.base + published.PATH)
        return rdf.write(found, format)

    def _page(self, view: View, iris: Iris, told: Description, path: str, language: str) -> bytes:
        return render(
            "thing.html",
            language,
            page=page(told, view, iris, language, self._order),
            description=told,
            iri=told.node.value,
            canonical=iris.base + form(path, HTML, language),
            structured=structured(told, view, iris, language),
            paged=lambda number: paged(form(path, HTML, language), number),
            **frame(path, told.page),
        ).encode("utf-8")

    @cached_property
    def _english(self) -> Mapping[str, Any]:
        return published.english(self._context.document["@context"])

    @cached_property
    def _order(self) -> Mapping[str, int]:
        """Properties in the order in which the context names them."""
        order: dict[str, int] = {}
        for place, term in enumerate(self._context.terms.values()):
            order.setdefault(term.iri, place)
        return order
