"""Known things by what people call them: names, titles, acronyms, register codes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass

from kg.iris import slug
from kg.nearest import Nearby, nearest
from kg.text import fold

LABEL, NOTATION = "label", "notation"
_COMPARED = 1000
"""So many names that are not known are compared with all that are; a file that is wrong throughout has more."""


@dataclass(frozen=True, slots=True)
class Named:
    """One name of one thing: an IRI, its classes, the words, and whether they are a code."""

    iri: str
    classes: frozenset[str]
    text: str
    by: str = LABEL
    language: str = ""  # of a name that it is shown by


class Names:
    """An index of names; classes are given with everything above them.

    What is `named` at the start may be a whole release, so it is read when the first name is looked up, if ever.
    """

    def __init__(self, named: Iterable[Named] = ()) -> None:
        self._iris: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._classes: dict[str, set[str]] = defaultdict(set)
        self._display: dict[str, str] = {}
        self._shown: dict[tuple[str, str], str] = {}
        self._nearby = Nearby()
        self._meant: dict[tuple[str, frozenset[str]], str | None] = {}
        self._pools: dict[frozenset[str], tuple[dict[str, frozenset[str]], dict[str, str]]] = {}
        self._unread = iter(named)

    def add(self, named: Named) -> None:
        """One more name."""
        key = fold(named.text)
        if key:
            self._iris[named.by, key].add(named.iri)
            self._classes[named.iri] |= named.classes
            self._display.setdefault(key, named.text)
            if named.language:
                self._shown[named.iri, named.language] = named.text
            self._nearby.forget()
            self._meant.clear()
            self._pools.clear()

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

    def nearest(self, text: str, classes: Set[str]) -> str | None:
        """The name or code that is meant, as `find` takes it to one thing; None when that is not clear.

        A name typed in Latin letters is compared with what the Bulgarian ones are in Latin letters, too.
        """
        self._read()
        key = (fold(text), frozenset(classes))
        if key not in self._meant and len(self._meant) < _COMPARED:
            self._meant[key] = self._find_nearest(text, key[1])
        return self._meant.get(key)

    def _find_nearest(self, text: str, classes: frozenset[str]) -> str | None:
        meanings, latin = self._meanings(classes)
        found = nearest(fold(text), meanings)
        if found is None and text.isascii():
            near = nearest(slug(text), {word: meanings[key] for word, key in latin.items()})
            found = latin[near] if near else None
        return self._display[found] if found is not None and len(meanings[found]) == 1 else None

    def _meanings(self, classes: frozenset[str]) -> tuple[dict[str, frozenset[str]], dict[str, str]]:
        """What each name of things of these classes means, and the names by how they are in Latin letters."""
        if classes not in self._pools:
            meanings: dict[str, frozenset[str]] = {}
            for (_, key), iris in self._iris.items():
                fitting = frozenset(iri for iri in iris if self._fits((iri,), classes))
                if fitting:
                    meanings[key] = meanings.get(key, frozenset()) | fitting
            self._pools[classes] = meanings, {slug(key): key for key in meanings if not key.isascii() and slug(key)}
        return self._pools[classes]

    def ids(self, classes: Set[str]) -> Set[str]:
        """IRIs of the known things of these classes (of any, when empty)."""
        self._read()
        return {iri for iri, own in self._classes.items() if not classes or own & classes}

    def called(self, iri: str, language: str) -> str | None:
        """The name that a thing is shown by in this language, else in another; None where it means others too."""
        self._read()
        found = (text for one in (language, "bg", "en") if (text := self._shown.get((iri, one))))
        return next((text for text in found if self.find(text, frozenset()) == (iri,)), None)

    def known(self, iri: str) -> bool:
        """Whether anything is called by a name that has this IRI."""
        self._read()
        return iri in self._classes

    def _fits(self, iris: Iterable[str], classes: Set[str]) -> bool:
        return not classes or any(self._classes[iri] & classes for iri in iris)
