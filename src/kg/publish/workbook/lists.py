"""What a cell may be chosen from: the codes of a list, the names of what is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from kg.context import Codes
from kg.graph import View
from kg.iris import Iris
from kg.load.names import Names
from kg.load.references import is_name
from kg.namespaces import RDFS
from kg.publish.workbook.columns import Column, Content

LONGEST = 3000
"""So many names fit into a list that a person may still look through."""


@dataclass(frozen=True)
class Choices:
    """The texts that mean a code or a known thing, each exactly one."""

    codes: Codes
    names: Names
    iris: Iris
    view: View | None
    _known: dict[frozenset[str], tuple[str, ...]] = field(default_factory=dict)
    _texts: dict[tuple[str, frozenset[str]], str] = field(default_factory=dict)

    def of(self, column: Column) -> tuple[str, ...]:
        """What the cells of a column are chosen from; empty where they are typed."""
        last = column.last
        if last is None:
            return ()
        if column.content is Content.CODE:
            assert last.term.vocabulary is not None
            return tuple(sorted(map(self.code, self.codes.all(last.term.vocabulary)), key=str.casefold))
        if column.content is Content.REFERENCE and last.wanted.classes:
            return self.known(frozenset(last.wanted.classes))
        return ()

    def code(self, iri: str) -> str:
        """What a code is called: its Bulgarian label where that means this code, else the code itself."""
        vocabulary = iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
        label = self.codes.label(iri, "bg")
        return label if label and self.codes.find(vocabulary, label) == iri else iri[len(vocabulary) :]

    def known(self, classes: frozenset[str]) -> tuple[str, ...]:
        """What the known things of these classes are called, in the order of the alphabet."""
        if classes not in self._known:
            texts = {self.thing(iri, classes) for iri in self.names.ids(classes) if self.iris.id(iri)}
            self._known[classes] = tuple(sorted(texts, key=str.casefold)) if len(texts) <= LONGEST else ()
        return self._known[classes]

    def thing(self, iri: str, classes: Iterable[str]) -> str:
        """What a thing is called among those of these classes: its name where that means no other, else its id."""
        key = iri, frozenset(classes)
        if key not in self._texts:
            label = self._labels(iri).get("bg")
            id = self.iris.id(iri)
            own = id if id and self.iris.entity(id).value == iri else iri
            self._texts[key] = label if label and self._means(label, iri, key[1]) else own
        return self._texts[key]

    def _means(self, label: str, iri: str, classes: frozenset[str]) -> bool:
        return ";" not in label and is_name(label) and self.names.find(label, classes) == (iri,)

    def _labels(self, iri: str) -> Mapping[str, str]:
        if self.view is None:
            return {}
        found = (quad.object for quad in self.view.quads(NamedNode(iri), RDFS.label))
        return {text.language: text.value for text in found if isinstance(text, Literal) and text.language}
