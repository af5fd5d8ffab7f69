"""What is known of a thing by which it is recognised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from kg.gate.duplicates.kinds import Kind, Kinds
from kg.gate.duplicates.naming import Name, Naming
from kg.gate.stated import graphs, stated
from kg.graph import DEFAULT, Node, View
from kg.namespaces import RDF

Scheme = tuple[NamedNode, str]
"""A field with codes, and the register that they are from (the datatype)."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A thing by its names, its codes, its places, and what tells it from others of its name."""

    node: NamedNode
    classes: frozenset[NamedNode]
    kind: Kind
    names: tuple[Name, ...]
    acronyms: tuple[Name, ...]
    codes: Mapping[Scheme, frozenset[str]]
    places: Mapping[NamedNode, frozenset[Node]]  # by property
    apart: Mapping[NamedNode, frozenset[Node]]  # by property
    linked: frozenset[Node]  # the things it names as its whole

    @property
    def called(self) -> str:
        """A name to show: a Bulgarian one where there is one, else an acronym or a code."""
        names = sorted((*self.names, *self.acronyms), key=lambda name: not name.cyrillic)
        return names[0].text if names else min(code for codes in self.codes.values() for code in codes)

    @property
    def keys(self) -> frozenset[str]:
        """What things have in common that share a name or a code."""
        names = {name.key for name in (*self.names, *self.acronyms)}
        return frozenset().union(names, *self.codes.values())

    @property
    def blocks(self) -> frozenset[str]:
        """The keys, and for things with a place what those may have in common whose names are near."""
        stems = {word.stem for name in self.names for word in name.words if len(word.stem) > 2}
        places: frozenset[Node] = frozenset().union(*self.places.values())
        return self.keys | {f"{place} {stem}" for place in places for stem in stems}


@dataclass(frozen=True)
class Reader:
    """Reads profiles from a view."""

    kinds: Kinds
    naming: Naming

    def profile(self, view: View, node: NamedNode) -> Profile | None:
        """What is stated of a thing; None when nothing is by which it could be recognised."""
        said: dict[NamedNode, set[Node]] = defaultdict(set)
        looked_at = self.kinds.properties | {RDF.type}
        for quad in stated(view, node):
            if quad.predicate in looked_at:
                said[quad.predicate].add(quad.object)
        return self._of(node, said)

    def keys(self, view: View) -> Iterator[tuple[NamedNode, str]]:
        """The things of a release with what they share with others of their name or code, quickly read."""
        for property in sorted(self.kinds.recognising, key=str):
            for quad in view.quads(None, property, None, DEFAULT):
                if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                    for key in self._keys(property, quad.object.value):
                        yield quad.subject, key

    def _keys(self, property: NamedNode, text: str) -> Iterator[str]:
        if property in self.kinds.naming and (name := self.naming.name(text)):
            yield name.key
        if property in self.kinds.identifying and (code := _code(text)):
            yield code

    def everything(self, view: View) -> Iterator[Profile]:
        """The profiles of all things, each once."""
        said: dict[NamedNode, dict[NamedNode, set[Node]]] = {}
        looked_at = sorted(self.kinds.properties | {RDF.type}, key=str)
        for graph in graphs(view):
            for thing, property, value in view.statements(graph, looked_at):
                if isinstance(thing, NamedNode):
                    known = said.get(thing)
                    if known is None:
                        known = said[thing] = defaultdict(set)
                    known[property].add(value)
        for node, values in said.items():
            if not self.kinds.recognising.isdisjoint(values) and (found := self._of(node, values)) is not None:
                yield found

    def _of(self, node: NamedNode, said: Mapping[NamedNode, set[Node]]) -> Profile | None:
        classes = frozenset(one for one in said[RDF.type] if isinstance(one, NamedNode))
        kind = self.kinds.of(classes)
        if kind is None:
            return None
        codes: dict[Scheme, frozenset[str]] = {}
        for property in kind.identified_by:
            for value in said[property]:
                if isinstance(value, Literal) and (code := _code(value.value)):
                    scheme = (property, value.datatype.value)
                    codes[scheme] = codes.get(scheme, frozenset()) | {code}
        names = self._names(said, kind.named_by)
        acronyms = self._names(said, kind.abbreviated_by)
        if not (names or acronyms or codes):
            return None
        places = {one: frozenset(said[one]) for one in kind.placed_by if said[one]}
        apart = {one: frozenset(said[one]) for one in kind.told_apart_by if said[one]}
        linked: frozenset[Node] = frozenset().union(*places.values())
        return Profile(node, classes, kind, names, acronyms, codes, places, apart, linked)

    def _names(self, said: Mapping[NamedNode, set[Node]], properties: Iterable[NamedNode]) -> tuple[Name, ...]:
        texts = {one.value for property in properties for one in said.get(property, ()) if isinstance(one, Literal)}
        return tuple(name for text in sorted(texts) if (name := self.naming.name(text)))


def _code(text: str) -> str:
    """A code but for case, spaces and dashes."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
