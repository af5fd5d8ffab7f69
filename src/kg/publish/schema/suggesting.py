"""Names of what a graph knows, to be proposed where something is referred to. Whatever is not among them passes."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.context import Context
from kg.graph import DEFAULT, View
from kg.iris import Iris
from kg.namespaces import RDF, RDFS
from kg.publish.schema.parts import Schema
from kg.text import fold

_NOT_PLAIN: Final = re.compile(
    r"""^[\s&*!|>'"%@`#?:^~-]|[,\[\]{}]|:\s|\s#|[:\s]$|^(?:null|true|false)$""", re.IGNORECASE
)

MOST: Final = 500
"""So many names of things of one class are proposed, the first ones of the alphabet."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Bulgarian labels and ids of entries, by their classes and those above them."""

    entries: Mapping[str, Mapping[str, str]]  # id per label, by class; a label of several things is not there

    @classmethod
    def of(cls, view: View, iris: Iris, context: Context) -> Suggestions:
        """What a release knows."""
        labels = {
            quad.subject.value: quad.object.value
            for quad in view.quads(None, RDFS.label, None, DEFAULT)
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal) and quad.object.language == "bg"
        }
        ids: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for quad in view.quads(None, RDF.type, None, DEFAULT):
            iri, type_ = getattr(quad.subject, "value", ""), getattr(quad.object, "value", "")
            id = iris.id(iri)
            if iri in labels and id and iris.entity(id).value == iri:
                for above in context.hints.superclasses(type_):
                    ids[above][labels[iri]].add(id)
        return cls({name: _unequivocal(found) for name, found in ids.items()})

    @property
    def cut(self) -> bool:
        """Whether there are more names of one class than are proposed."""
        return any(len(found) > MOST for found in self.entries.values())

    def called(self, iri: str) -> list[Schema]:
        """Snippets for things of a class: the name to write, and beside it the id."""
        chosen = sorted(self.entries.get(iri, {}).items())[:MOST]
        return [{"label": label, "description": id, "body": _as_yaml(label)} for label, id in chosen]


def _as_yaml(text: str) -> str:
    """The text as a snippet that writes it in YAML: in quotation marks where it is no plain word (YAML 1.2 §7.3.3)."""
    written = json.dumps(text, ensure_ascii=False) if _NOT_PLAIN.search(text) else text
    return re.sub(r"[$}\\]", r"\\\g<0>", written)


def _unequivocal(found: Mapping[str, Set[str]]) -> dict[str, str]:
    """The labels that mean one thing, however they are spelled."""
    meant: dict[str, set[str]] = defaultdict(set)
    for label, ids in found.items():
        meant[fold(label)] |= ids
    return {label: next(iter(ids)) for label, ids in sorted(found.items()) if len(meant[fold(label)]) == 1}
