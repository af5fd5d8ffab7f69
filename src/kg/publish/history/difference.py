"""The difference between two releases: as named graphs of what came and what went, and for people to read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import quote

from pyoxigraph import NamedNode, Quad

from kg.errors import TooLargeError
from kg.formats import Format
from kg.graph import DEFAULT, Changes, Node, in_graph, quad_key, sort_key
from kg.iris import Iris
from kg.namespaces import DCT, MKG, PROJECT, PROV, RDF
from kg.publish import rdf
from kg.publish.history.feed import FEED_PREFIXES
from kg.publish.history.pages import AS
from kg.store.port import Store

MOST: Final = 200_000
"""Statements of change records that are put together."""

SHOWN: Final = 100
"""Things of which a page tells what changed."""

_NAME: Final = re.compile(r"/release/(0|[1-9]\d{0,8})\.\.(0|[1-9]\d{0,8})")


@dataclass(frozen=True, slots=True)
class Edit:
    """What was said of a thing, or of what is nested in it, with one property, and what is said instead."""

    subject: NamedNode
    property: NamedNode
    removed: Sequence[Node]
    added: Sequence[Node]


@dataclass(frozen=True, slots=True)
class Edited:
    """A thing that is described otherwise."""

    thing: str
    edits: Sequence[Edit]


def path(older: int, newer: int) -> str:
    return f"/release/{older}..{newer}"


def ends(path: str) -> tuple[int, int] | None:
    """The releases that an address names; None when it is of another form."""
    found = _NAME.fullmatch(path)
    return (int(found[1]), int(found[2])) if found else None


def difference(store: Store, older: int, newer: int) -> Changes:
    """What leads from one release to the other. Raises TooLargeError."""
    between = range(min(older, newer) + 1, max(older, newer) + 1)
    manifests = store.manifests()
    if sum(manifests[number - 1].added + manifests[number - 1].removed for number in between) > MOST:
        raise TooLargeError(
            f"between releases {older} and {newer} more than {MOST} statements changed; take the dumps of both, or "
            "the feed",
            f"Между издания {older} и {newer} има над {MOST} променени твърдения; вземете файловете на двете или "
            "потока с промени",
        )
    return store.diff(older, newer)


def document(changes: Changes, base: str, older: int, newer: int, format: Format) -> bytes:
    """For each graph that changed, a graph of what was added to it and one of what was removed from it."""
    about = NamedNode(base + path(older, newer))
    quads = [
        Quad(about, RDF.type, PROV.Entity, DEFAULT),
        *(
            Quad(about, PROV.wasDerivedFrom, NamedNode(f"{base}/release/{one}"), DEFAULT)
            for one in (older, newer)
            if one
        ),
    ]
    for kind, place, statements in (("Remove", AS.origin, changes.removed), ("Add", AS.target, changes.added)):
        for graph, some in groupby(sorted(statements, key=quad_key), key=lambda quad: quad.graph_name):
            assert isinstance(graph, NamedNode)
            own = graph.value.removeprefix(f"{base}/graph/")
            name = NamedNode(f"{about.value}#{kind.lower()}/{quote(own, safe='/')}")
            quads.append(Quad(name, RDF.type, AS.term(kind), DEFAULT))
            quads.append(Quad(name, place, graph, DEFAULT))
            quads.append(Quad(name, DCT.isPartOf, about, DEFAULT))
            quads += in_graph((quad.triple for quad in some), name)
    return rdf.write(sorted(quads, key=quad_key), format, FEED_PREFIXES)


def edited(changes: Changes, bases: Iterable[str]) -> Iterator[Edited]:
    """What sources and the endpoint say otherwise, thing by thing; what follows from it is left out."""
    iris = [Iris(base) for base in sorted(set(bases))]
    apart = tuple(f"{one.base}/graph/{name}" for one in iris for name in ("meta", "derived/"))

    def thing(node: NamedNode) -> str:
        found = (f"{one.ids}{id}" for one in iris if (id := one.id(node)) is not None)
        return next(found, node.value)

    rows: dict[tuple[str, str, str], tuple[set[Node], set[Node]]] = {}
    for side, statements in enumerate((changes.removed, changes.added)):
        for quad in statements:
            graph, subject = quad.graph_name, quad.subject
            if not isinstance(graph, NamedNode) or not isinstance(subject, NamedNode):
                continue
            if quad.predicate == MKG.evidence or "/evidence/" in subject.value:
                continue  # where it was read is told on the page of the thing
            if not graph.value.startswith((*apart, PROJECT)):
                key = (thing(subject), subject.value, quad.predicate.value)
                rows.setdefault(key, (set(), set()))[side].add(quad.object)
    kept = sorted(((key, sides) for key, sides in rows.items() if sides[0] != sides[1]), key=lambda row: row[0])
    for name, group in groupby(kept, key=lambda row: row[0][0]):
        yield Edited(
            name,
            [
                Edit(
                    NamedNode(subject),
                    NamedNode(property),
                    sorted(removed - added, key=sort_key),
                    sorted(added - removed, key=sort_key),
                )
                for (_, subject, property), (removed, added) in group
            ],
        )
