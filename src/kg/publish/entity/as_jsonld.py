"""A description as JSON-LD under our context: the thing first, with its parts in it; then whatever it mentions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pyld import jsonld
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.graph import Node, Subject
from kg.namespaces import RDF, XSD
from kg.publish.entity.description import Description

_Object = dict[str, Any]
_PLAIN: Final = XSD.string


def render(description: Description, triples: Iterable[Triple], context: Mapping[str, Any], address: str) -> bytes:
    """The document; `context` is what stands at `address`, to which the document refers.

    The first member of `@graph` is the thing. What is nested in it stands where it is pointed at, all else once below.
    """
    by: dict[Subject, list[Triple]] = {}
    for triple in triples:
        by.setdefault(triple.subject, []).append(triple)
    owners = {child: part.node for part in description.walk() for child in part.parts}
    first = _node(description.node, by, dict(owners))
    expanded = [first, *(_node(one, by, {}) for one in by if one != description.node and one not in owners)]
    compact = jsonld.compact(expanded, {"@context": context}, {"graph": True})
    graph = compact.get("@graph", [])
    whole = {"@context": address, "@graph": graph}
    return json.dumps(whole, ensure_ascii=False, indent=2).encode("utf-8") + b"\n"


def _node(node: Subject, by: Mapping[Subject, Sequence[Triple]], owners: dict[NamedNode, NamedNode]) -> _Object:
    """A node; what it owns stands in it, the first time that it is pointed at."""
    result: _Object = {"@id": _name(node)}
    for triple in by.get(node, ()):
        if triple.predicate == RDF.type and isinstance(triple.object, NamedNode):
            result.setdefault("@type", []).append(triple.object.value)
        elif isinstance(triple.object, NamedNode) and owners.get(triple.object) == node:
            del owners[triple.object]
            result.setdefault(triple.predicate.value, []).append(_node(triple.object, by, owners))
        else:
            result.setdefault(triple.predicate.value, []).append(_value(triple.object))
    return result


def _value(value: Node) -> _Object:
    if not isinstance(value, Literal):
        assert isinstance(value, NamedNode)
        return {"@id": value.value}
    if value.language:
        return {"@value": value.value, "@language": value.language}
    if value.datatype == _PLAIN:
        return {"@value": value.value}
    return {"@value": value.value, "@type": value.datatype.value}


def _name(node: Subject) -> str:
    assert isinstance(node, (NamedNode, BlankNode))
    return node.value if isinstance(node, NamedNode) else f"_:{node.value}"
