"""A thing in the words of schema.org, as far as statements and the ontology say them: for search engines."""

from __future__ import annotations

import json
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from kg.graph import DEFAULT, Node, View
from kg.iris import Iris
from kg.namespaces import DCT, FOAF, RDFS, SCHEMA, SKOS
from kg.publish.entity.description import Description
from kg.publish.labels import labels

_SAME: Final = {DCT.description: "description", FOAF.homepage: "url", SKOS.altLabel: "alternateName",
                DCT.identifier: "identifier", SKOS.exactMatch: "sameAs"}  # fmt: skip


def structured(description: Description, view: View, iris: Iris, language: str) -> str:
    """JSON-LD to stand in the page; nothing in it ends the element that holds it."""
    names = labels(view, iris, description.mentioned)
    own = names.get(description.node, {})
    document: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@id": description.node.value,
        "@type": _types(description, view) or ["Thing"],
    }
    name = own.get(language) or next(iter(own.values()), "")
    if name:
        document["name"] = name
    for property, said in description.statements.items():
        key = _SAME.get(property) or (
            property.value.removeprefix(SCHEMA) if property.value.startswith(SCHEMA) else None
        )
        if key is None:
            continue
        values: list[Any] = []
        for one in said:
            value = one.value
            if isinstance(value, Literal):
                if value.language in {None, language}:
                    values.append(value.value)
            elif isinstance(value, NamedNode):
                values.append(_named(value, names.get(value, {}), language, key))
        if values:
            document[key] = values[0] if len(values) == 1 else values
    return json.dumps(document, ensure_ascii=False).replace("<", "\\u003c")


def _types(description: Description, view: View) -> list[str]:
    found: dict[str, None] = {}
    for cls in description.types:
        candidates: list[Node] = [cls]
        for property in (SKOS.closeMatch, RDFS.subClassOf):
            candidates += (quad.object for quad in view.quads(cls, property, None, DEFAULT))
        found.update(
            (one.value.removeprefix(SCHEMA), None)
            for one in candidates
            if isinstance(one, NamedNode) and one.value.startswith(SCHEMA)
        )
    return sorted(found)


def _named(node: NamedNode, names: Any, language: str, key: str) -> Any:
    if key in {"url", "sameAs"}:
        return node.value
    name = names.get(language) or next(iter(names.values()), "")
    return {"@id": node.value, "name": name} if name else {"@id": node.value}
