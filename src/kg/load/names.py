"""Known things by what people call them: names, titles, acronyms, register codes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass

from kg.text import Nearby, fold

LABEL, NOTATION = "label", "notation"


@dataclass(frozen=True, slots=True)
class Named:
    """One name of one thing: an IRI, its classes, the words, and whether they are a code."""

    iri: str
    classes: frozenset[str]
    text: str
    by: str = LABEL


class Names:
    """An index of names; classes are given with everything above them.

    What is `named` at the start may be a whole release, so it is read when the first name is looked up, if ever.
    """

    def __init__(self, named: Iterable[Named] = ()) -> None:
        self._iris: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._classes: dict[str, set[str]] = defaultdict(set)
        self._display: dict[str, str] = {}
        self._nearby = Nearby()
        self._unread = iter(named)

    def add(self, named: Named) -> None:
        """One more name."""
        key = fold(named.text)
        if key:
            self._iris[named.by, key].add(named.iri)
            self._classes[named.iri] |= named.classes
            self._display.setdefault(key, named.text)
            self._nearby.forget()

    def _read(self) -> None:
        for one in self._unread:
            self.add(one)

    def find(self, text: str, classes: Set[str], by: str | None = None) -> tuple[str, ...]:
        """IRIs of the things called so whose class is among these (any, when empty), sorted."""
        self._read()
        key = fold(text)
        kinds = (by,) if by else (LABEL, NOTATION)
        found = {iri for kind in kinds for iri in self._iris.get((kind, key), ())}
        return tuple(sorted(iri for iri in found if not classes or self._classes[iri] & classes))

    def like(self, text: str, classes: Set[str]) -> tuple[str, ...]:
        """Names that look like the text, nearest first."""
        self._read()

        def pool() -> set[str]:
            return {key for (by, key), iris in self._iris.items() if by == LABEL and self._fits(iris, classes)}

        near = self._nearby.find(fold(text), pool, n=3, cutoff=0.6, scope=frozenset(classes))
        return tuple(self._display[key] for key in near)

    def _fits(self, iris: Iterable[str], classes: Set[str]) -> bool:
        return not classes or any(self._classes[iri] & classes for iri in iris)
