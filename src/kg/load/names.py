"""Known things by what people call them: names, titles, acronyms, register codes."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass

from kg.text import fold

LABEL, NOTATION = "label", "notation"


@dataclass(frozen=True, slots=True)
class Named:
    """One name of one thing: an IRI, its classes, the words, and whether they are a code."""

    iri: str
    classes: frozenset[str]
    text: str
    by: str = LABEL


class Names:
    """An index of names; classes are given with everything above them."""

    def __init__(self, named: Iterable[Named] = ()) -> None:
        self._iris: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._classes: dict[str, set[str]] = defaultdict(set)
        self._display: dict[str, str] = {}
        for one in named:
            self.add(one)

    def add(self, named: Named) -> None:
        """One more name."""
        key = fold(named.text)
        if key:
            self._iris[named.by, key].add(named.iri)
            self._classes[named.iri] |= named.classes
            self._display.setdefault(key, named.text)

    def known(self, iri: str) -> bool:
        return iri in self._classes

    def find(self, text: str, classes: Set[str], by: str | None = None) -> tuple[str, ...]:
        """IRIs of the things called so whose class is among these (any, when empty), sorted."""
        key = fold(text)
        kinds = (by,) if by else (LABEL, NOTATION)
        found = {iri for kind in kinds for iri in self._iris.get((kind, key), ())}
        return tuple(sorted(iri for iri in found if not classes or self._classes[iri] & classes))

    def like(self, text: str, classes: Set[str]) -> tuple[str, ...]:
        """Names that look like the text, nearest first."""
        pool = {key for (by, key), iris in self._iris.items() if by == LABEL and self._fits(iris, classes)}
        near = difflib.get_close_matches(fold(text), pool, n=3, cutoff=0.6)
        return tuple(self._display[key] for key in near)

    def _fits(self, iris: Iterable[str], classes: Set[str]) -> bool:
        return not classes or any(self._classes[iri] & classes for iri in iris)
