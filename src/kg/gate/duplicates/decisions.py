"""What people have decided about likely duplicates: kept in the meta graph, as withdrawals are, and not asked again.

`A dct:isReplacedBy B` – the same thing, B stays; `A owl:differentFrom B` – two things. Beside it stands who decided,
when and why, below A, so that it goes when A is erased.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from pyoxigraph import Literal, NamedNode, Quad

from kg.graph import Changes, Node, View
from kg.iris import Iris
from kg.namespaces import DC, DCT, MKG, OWL, XSD

Pair = frozenset[NamedNode]


class Verdict(StrEnum):
    """What two entries are."""

    SAME = "same"
    DIFFERENT = "different"

    @property
    def property(self) -> NamedNode:
        return DCT.isReplacedBy if self is Verdict.SAME else OWL.differentFrom


def decided(view: View, iris: Iris) -> frozenset[Pair]:
    """The pairs that need not be asked about any more."""
    return frozenset(
        frozenset({quad.subject, quad.object})
        for verdict in Verdict
        for quad in view.quads(None, verdict.property, None, iris.meta)
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode)
    )


def replacement(view: View, node: NamedNode, iris: Iris) -> NamedNode | None:
    """What a thing was merged into, in the end; None when it stands for itself."""
    seen, found = {node}, None
    while True:
        following = [quad.object for quad in view.quads(found or node, DCT.isReplacedBy, None, iris.meta)]
        if not following or not isinstance(following[0], NamedNode) or following[0] in seen:
            return found
        found = following[0]
        seen.add(found)


def decision(
    view: View, verdict: Verdict, one: NamedNode, other: NamedNode, *, iris: Iris, agent: str, reason: str, at: datetime
) -> Changes:
    """What changes in the meta graph; a new decision takes the place of an older one about the two."""
    gone = [quad for a, b in ((one, other), (other, one)) for quad in _about(view, a, b, iris)]
    record = _record(one, other, iris)
    stamp = Literal(at.isoformat(timespec="seconds"), datatype=XSD.dateTime)
    said: list[tuple[NamedNode, NamedNode, Node]] = [
        (one, verdict.property, other),
        (record, MKG.decidedOn, stamp),
        (record, DC.contributor, Literal(agent)),
        (record, MKG.reason, Literal(reason)),
    ]
    return Changes(tuple(Quad(*triple, iris.meta) for triple in said), tuple(gone))


def _about(view: View, one: NamedNode, other: NamedNode, iris: Iris) -> Iterator[Quad]:
    for verdict in Verdict:
        yield from view.quads(one, verdict.property, other, iris.meta)
    yield from view.quads(_record(one, other, iris), None, None, iris.meta)


def everything(view: View, iris: Iris) -> tuple[Quad, ...]:
    """All decisions with their records, for a draft that must not lose them (a rollback)."""
    found: list[Quad] = []
    for verdict in Verdict:
        for quad in view.quads(None, verdict.property, None, iris.meta):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                found += _about(view, quad.subject, quad.object, iris)
    return tuple(found)


def _record(one: NamedNode, other: NamedNode, iris: Iris) -> NamedNode:
    """The name says nothing of the other, which may have to be erased."""
    told = iris.id(other) or other.value
    return NamedNode(f"{one.value}#decision-{hashlib.sha256(told.encode()).hexdigest()[:16]}")
