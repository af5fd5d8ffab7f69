"""What the ontology says about recognising things: by which names and codes, and what tells two of a name apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import NamedNode

from kg.context import Hints
from kg.namespaces import MKG


@dataclass(frozen=True, slots=True)
class Kind:
    """How the things of one class are recognised; a subclass has what is said of the classes above it, too."""

    root: str  # things of one root are compared with each other
    named_by: frozenset[NamedNode]
    abbreviated_by: frozenset[NamedNode]
    identified_by: frozenset[NamedNode]
    placed_by: frozenset[NamedNode]
    told_apart_by: frozenset[NamedNode]

    @property
    def properties(self) -> frozenset[NamedNode]:
        """Everything that is looked at."""
        return self.named_by | self.abbreviated_by | self.identified_by | self.placed_by | self.told_apart_by


@dataclass(frozen=True)
class Kinds:
    """The kinds by the classes of the ontology."""

    hints: Hints

    @cached_property
    def by_class(self) -> Mapping[NamedNode, Kind]:
        """Each class whose things can be recognised."""
        named = self.hints.marked(MKG.namedBy)
        found: dict[NamedNode, Kind] = {}
        for cls in sorted(self.hints.classes):
            above = self.hints.superclasses(cls)
            roots = sorted(one for one in above if one in named)
            if not roots:
                continue
            top = [one for one in roots if not (self.hints.superclasses(one) & set(roots)) - {one}]
            found[NamedNode(cls)] = Kind(
                top[0],
                self._said(MKG.namedBy, above),
                self._said(MKG.abbreviatedBy, above),
                self._said(MKG.identifiedBy, above),
                self._said(MKG.placedBy, above),
                self._said(MKG.toldApartBy, above),
            )
        return found

    def of(self, classes: Iterable[NamedNode]) -> Kind | None:
        """The kind of a thing with these classes, the most special one's; None when it is not to be recognised."""
        asked = frozenset(classes)
        if asked not in self._kinds:
            known = [cls for cls in asked if cls in self.by_class]
            special = max(known, key=lambda cls: (len(self.hints.superclasses(cls.value)), cls.value), default=None)
            self._kinds[asked] = None if special is None else self.by_class[special]
        return self._kinds[asked]

    @cached_property
    def _kinds(self) -> dict[frozenset[NamedNode], Kind | None]:
        return {}

    @cached_property
    def properties(self) -> frozenset[NamedNode]:
        """Everything that is looked at for any kind."""
        return frozenset().union(*(kind.properties for kind in self.by_class.values()))

    @cached_property
    def naming(self) -> frozenset[NamedNode]:
        """The fields with names and acronyms."""
        return frozenset().union(*(kind.named_by | kind.abbreviated_by for kind in self.by_class.values()))

    @cached_property
    def identifying(self) -> frozenset[NamedNode]:
        """The fields with codes."""
        return frozenset().union(*(kind.identified_by for kind in self.by_class.values()))

    @cached_property
    def recognising(self) -> frozenset[NamedNode]:
        """The fields without which nothing is recognised."""
        return self.naming | self.identifying

    @cached_property
    def inside(self) -> frozenset[NamedNode]:
        """What leads from a place to the larger one that it lies in."""
        return frozenset(map(NamedNode, self.hints.marked(MKG.liesWithin)))

    def related(self, one: Iterable[NamedNode], other: Iterable[NamedNode]) -> bool:
        """Whether what has the first classes may be what has the others: one of them is above another."""
        pair = frozenset(one), frozenset(other)
        if pair not in self._relations:
            known = [[cls.value for cls in some if cls in self.by_class] for some in pair]
            above = self.hints.superclasses
            self._relations[pair] = any(a in above(b) or b in above(a) for a in known[0] for b in known[1])
        return self._relations[pair]

    @cached_property
    def _relations(self) -> dict[tuple[frozenset[NamedNode], frozenset[NamedNode]], bool]:
        return {}

    def _said(self, mark: NamedNode, classes: Iterable[str]) -> frozenset[NamedNode]:
        values = self.hints.marked(mark)
        return frozenset(NamedNode(value) for cls in classes for value in values.get(cls, ()))
