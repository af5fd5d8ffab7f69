"""Blank nodes get names that stay the same on every reload: from their owner and what they say.

A node that one other node points to is named below it, by its content. Where blank nodes point at each other in
circles, RDF Dataset Canonicalization (RDFC-1.0) decides.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    Triple,
)

MAX_ENTANGLED = 2_000
"""Blank nodes that only canonicalization can name; its cost can explode, so there may not be many."""

MAX_NAME = 500
"""Characters of a name that tells where a node belongs."""

_LOCAL = re.compile(r"[^/#:]*\Z")


class EntangledError(ValueError):
    """Too many blank nodes point at each other to be named safely."""


def skolemise(triples: Iterable[Triple], graph: NamedNode) -> list[Triple]:
    """The triples with an IRI in place of every blank node. Raises EntangledError."""
    kept = list(dict.fromkeys(triples))
    outgoing: dict[BlankNode, list[Triple]] = defaultdict(list)
    incoming: dict[BlankNode, list[Triple]] = defaultdict(list)
    for triple in kept:
        if isinstance(triple.subject, BlankNode):
            outgoing[triple.subject].append(triple)
        if isinstance(triple.object, BlankNode):
            incoming[triple.object].append(triple)
    blank = outgoing.keys() | incoming.keys()
    if not blank:
        return kept
    digests = _digests(blank, outgoing)
    if blank - digests.keys():
        return _canonical(kept, blank, graph)
    names: dict[BlankNode, NamedNode] = {}
    below: dict[BlankNode, list[tuple[BlankNode, str]]] = defaultdict(list)  # what one blank node alone points to
    ready: list[BlankNode] = []
    for node in blank:
        owners = incoming[node]
        owner = owners[0].subject if len(owners) == 1 else None
        if isinstance(owner, BlankNode):
            below[owner].append((node, _step(owners[0])))
            continue
        if isinstance(owner, NamedNode):
            names[node] = _below(owner, _step(owners[0]), digests[node], graph)
        else:
            names[node] = NamedNode(f"{graph.value}/node/{digests[node][:16]}")
        ready.append(node)
    while ready:  # owners first; without circles every node is below one that has a name
        node = ready.pop()
        for inner, step in below[node]:
            names[inner] = _below(names[node], step, digests[inner], graph)
            ready.append(inner)
    return _renamed(kept, names)


def _step(triple: Triple) -> str:
    """The local name of the property that leads to a node."""
    local = _LOCAL.search(triple.predicate.value)
    return local[0] if local and local[0] else "node"


def _below(owner: NamedNode, step: str, digest: str, graph: NamedNode) -> NamedNode:
    """A name below the owner's; where names would grow without end, one of the same length for all."""
    name = f"{owner.value.replace('#', '/')}/{step}/{digest[:16]}"
    if len(name) > MAX_NAME:
        name = f"{graph.value}/node/{hashlib.sha256(name.encode()).hexdigest()[:32]}"
    return NamedNode(name)


def _renamed(triples: Sequence[Triple], names: Mapping[BlankNode, NamedNode]) -> list[Triple]:
    """The triples with names for blank nodes, each once."""
    renamed = []
    for triple in triples:
        subject, object = triple.subject, triple.object
        renamed.append(
            Triple(
                names[subject] if isinstance(subject, BlankNode) else subject,
                triple.predicate,
                names[object] if isinstance(object, BlankNode) else object,
            )
        )
    return list(dict.fromkeys(renamed))


def _digests(blank: Iterable[BlankNode], outgoing: dict[BlankNode, list[Triple]]) -> dict[BlankNode, str]:
    """A digest of what each node says, down to its leaves; nodes on or above a circle have none."""
    digests: dict[BlankNode, str] = {}
    waits: dict[BlankNode, set[BlankNode]] = {}
    above: dict[BlankNode, set[BlankNode]] = defaultdict(set)
    ready: list[BlankNode] = []
    for node in blank:
        inner = {triple.object for triple in outgoing.get(node, ()) if isinstance(triple.object, BlankNode)}
        waits[node] = inner
        for below in inner:
            above[below].add(node)
        if not inner:
            ready.append(node)
    while ready:
        node = ready.pop()
        lines = sorted(
            f"{triple.predicate} {digests[triple.object] if isinstance(triple.object, BlankNode) else triple.object}"
            for triple in outgoing.get(node, ())
        )
        digests[node] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        for upper in above[node]:
            waits[upper].discard(node)
            if not waits[upper]:
                ready.append(upper)
    return digests


def _canonical(triples: Sequence[Triple], blank: Set[BlankNode], graph: NamedNode) -> list[Triple]:
    """The triples with the labels of RDFC-1.0 as names, below the graph."""
    if len(blank) > MAX_ENTANGLED:
        raise EntangledError(f"{len(blank)} blank nodes, some of which point at each other in circles")
    dataset = Dataset(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    labelled = [quad.triple for quad in dataset]
    nodes = {term for triple in labelled for term in (triple.subject, triple.object) if isinstance(term, BlankNode)}
    return _renamed(labelled, {node: NamedNode(f"{graph.value}/node/{node.value}") for node in nodes})
