"""The feed: a Linked Data Event Stream of everything that releases did, in pages that a client reads once each.

Activities are those of ActivityStreams, and each names the graph of what is said of the thing afterwards, as the feeds
of DCAT-AP have it. Whoever carries all of them out, in the order of their times, holds the merge of all graphs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from xml.etree import ElementTree

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kg.formats import HTML, NQ, Format
from kg.graph import DEFAULT, in_graph
from kg.iris import Iris
from kg.namespaces import DCT, PREFIXES, RDF, XSD, Namespace
from kg.publish import rdf
from kg.publish.history.activity import Deed
from kg.publish.history.pages import AS, PATH, TREE, Entry, Pages, address, member, published, stamp, stream
from kg.publish.resource import form
from kg.store.port import Manifest

LDES: Final = Namespace("https://w3id.org/ldes#")
FEED_PREFIXES: Final = {**PREFIXES, "as": AS, "ldes": LDES, "tree": TREE}
NEWEST: Final = 100
"""Entries that readers of news are given."""

_TITLES: Final = {"bg": "Какво се промени в графа", "en": "What changed in the graph"}
_DEEDS: Final = {
    Deed.CREATE: ("Нов запис", "New"),
    Deed.UPDATE: ("Променен запис", "Changed"),
    Deed.DELETE: ("Премахнат запис", "Removed"),
}
_ATOM: Final = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Step:
    """A release, and when it was published."""

    manifest: Manifest
    moment: datetime


def steps(manifests: Sequence[Manifest]) -> list[Step]:
    """All releases, oldest first."""
    return [Step(manifest, moment) for manifest, moment in zip(manifests, published(manifests), strict=True)]


def root(all: Sequence[Step], since: datetime | None, asked: str, format: Format) -> bytes:
    """Where a client begins: the stream, and where the activities of each release after a moment are.

    `asked` is the moment as the client wrote it, which is part of the document's address.
    """
    base = all[-1].manifest.base
    node = NamedNode(base + PATH + (f"?{urlencode({'modified_since': asked})}" if since else ""))
    collection = NamedNode(stream(base))
    triples = [
        Triple(collection, RDF.type, LDES.EventStream),
        Triple(collection, LDES.timestampPath, AS.published),
        Triple(collection, LDES.versionOfPath, AS.object),
        Triple(collection, DCT.isVersionOf, NamedNode(f"{base}/dataset/graph")),
        Triple(collection, TREE.view, node),
        Triple(node, RDF.type, TREE.Node),
        *(Triple(collection, DCT.term("title"), Literal(text, language=tag)) for tag, text in _TITLES.items()),
    ]
    for step in all:
        if since is None or step.moment > since:
            triples += _relations(node, address(step.manifest.number), step, str(step.manifest.number))
    return rdf.document(triples, format, FEED_PREFIXES)


def page(pages: Pages, step: Step, number: int, format: Format) -> bytes | None:
    """One page of what a release did; None when there is no such page."""
    lines = pages.lines(step.manifest.number, number)
    if lines is None:
        return None
    base = step.manifest.base
    node = NamedNode(base + address(step.manifest.number, number))
    head = [Triple(node, RDF.type, TREE.Node), Triple(node, DCT.isPartOf, NamedNode(stream(base)))]
    head.append(Triple(NamedNode(stream(base)), RDF.type, LDES.EventStream))
    if number < pages.count(step.manifest.number):
        head += _relations(node, address(step.manifest.number, number + 1), step, "next")
    quads = [*in_graph(sorted(head, key=str), DEFAULT)]
    if format is NQ:
        return rdf.write(quads, NQ) + lines
    return rdf.write([*quads, *parse(lines, RdfFormat.N_QUADS)], format, FEED_PREFIXES)


def _relations(node: NamedNode, path: str, step: Step, name: str) -> Iterator[Triple]:
    """All that is there was published at this moment: a client that knows it need not go there."""
    moment = Literal(stamp(step.moment), datatype=XSD.dateTime)
    for kind in ("GreaterThanOrEqualToRelation", "LessThanOrEqualToRelation"):
        relation = NamedNode(f"{node.value}#{name}-{kind[0].lower()}")
        yield Triple(node, TREE.relation, relation)
        yield Triple(relation, RDF.type, TREE.term(kind))
        yield Triple(relation, TREE.path, AS.published)
        yield Triple(relation, TREE.value, moment)
        yield Triple(relation, TREE.node, NamedNode(step.manifest.base + path))


def atom(pages: Pages, all: Sequence[Step]) -> bytes:
    """The newest activities for readers of news (RFC 4287)."""
    ElementTree.register_namespace("", _ATOM)
    base = all[-1].manifest.base
    feed = ElementTree.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "bg"})
    _text(feed, "id", base + PATH)
    _text(feed, "title", " · ".join(_TITLES.values()))
    _text(feed, "updated", stamp(all[-1].moment))
    _link(feed, "self", f"{base}{PATH}.atom", "application/atom+xml")
    _link(feed, "alternate", f"{base}{form(PATH, HTML)}", HTML.media_type)
    author = ElementTree.SubElement(feed, f"{{{_ATOM}}}author")
    _text(author, "name", base)
    for step, one in _newest(pages, all):
        entry = ElementTree.SubElement(feed, f"{{{_ATOM}}}entry")
        manifest = step.manifest
        bulgarian, english = _DEEDS[one.deed]
        id = Iris(manifest.base).id(one.object)
        _text(entry, "id", member(manifest, one.page, one.object))
        _text(entry, "title", one.names.get("bg") or one.names.get("en") or str(id))
        _text(entry, "updated", stamp(step.moment))
        _text(entry, "summary", f"{bulgarian}, издание {manifest.number} · {english}, release {manifest.number}")
        target = f"/release/{manifest.number}" if one.deed is Deed.DELETE else f"/doc/{id}"
        _link(entry, "alternate", base + form(target, HTML), HTML.media_type)
    written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _newest(pages: Pages, all: Sequence[Step]) -> Iterator[tuple[Step, Entry]]:
    """What was done to things that have pages, latest release first."""
    left = NEWEST
    for step in reversed(all):
        iris = Iris(step.manifest.base)
        for one in pages.entries(step.manifest.number):
            if iris.id(one.object) is not None:
                yield step, one
                left -= 1
                if not left:
                    return


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}").text = text


def _link(parent: ElementTree.Element, relation: str, address: str, media_type: str) -> None:
    ElementTree.SubElement(parent, f"{{{_ATOM}}}link", {"rel": relation, "href": address, "type": media_type})
