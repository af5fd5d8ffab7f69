"""Other addresses for what is called by words that have to go: an id proposed from a title holds the names in it.

Such a thing keeps everything that is said of it, in all releases, under an address without these words. An address that
holds them for another reason is told, and left to a person: that of somebody with the same name, of a file, of a page.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, TypeVar
from urllib.parse import unquote

from pyoxigraph import NamedNode, Quad, Triple

from kg.graph import Changes, GraphName, Node, Subject
from kg.iris import SLUG_LENGTH, Iris, slug

_SHORTEST: Final = 5
"""Characters of words that tell who is meant."""
_CUT: Final = SLUG_LENGTH - 15
"""From how many characters an id may have been cut short in the midst of a name."""
_SURNAME: Final = r"(?:-[a-z]{2,}(?:ov|ev|ova|eva|ski|ska)(?![a-z0-9]))?"
_Term = TypeVar("_Term", Subject, Node)
_PART: Final = re.compile("([/#])")


class Renaming:
    """Finds addresses with these words, and gives each that belongs to an entry another, which nothing else has."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        """`words` as ids hold them: small Latin letters, digits and hyphens."""
        self._words = tuple(sorted(word for word in set(words) if len(word) >= _SHORTEST))
        whole = (f"{re.escape(word)}{_SURNAME if word.count('-') == 1 else ''}" for word in reversed(self._words))
        self._whole = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(whole)})(?![a-z0-9])")
        begun = sorted({head for word in self._words for head in _heads(word)}, reverse=True)
        self._begun = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(begun)})\Z") if begun else None
        self._new: dict[
            str, str
        ] = {}  # paths of entries and of what is nested in them, up to any part, by the old ones
        self._taken: set[str] = set()
        self._starts: tuple[str, ...] = ()
        self.held: tuple[str, ...] = ()
        """Addresses that hold the words still."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> Renaming:
        """For the words that an id made of one of these texts has."""
        return cls(map(slug, texts))

    @property
    def paths(self) -> Mapping[str, str]:
        """The new paths below `/id/`, by the old ones."""
        return self._new

    @property
    def ids(self) -> Mapping[str, str]:
        """The new ids of entries, by the old ones."""
        return {old: new for old, new in sorted(self._new.items()) if old.count("/") == 1 and "#" not in old}

    def learn(self, steps: Iterable[Changes], bases: Iterable[str], erased: Collection[NamedNode] = ()) -> None:
        """Finds out what is called by the words in these steps; `erased` goes with all that is below it.

        `bases` are those that the graph has or had.
        """
        if not self._words:
            return
        self._starts = tuple(Iris(base).ids for base in sorted(set(bases)))
        exact = frozenset(iri.value for iri in erased)
        below = tuple(f"{iri}{mark}" for iri in exact for mark in "/#")
        addresses = {iri for step in steps for quad in (*step.added, *step.removed) for iri in _iris(quad)}
        held, called = set(), set()
        for iri in addresses:
            if iri in exact or iri.startswith(below):
                continue
            start, path = self._split(iri)
            if not start:
                if any(self._finds(slug(part)) for part in unquote(iri.partition("#")[0]).split("/")):
                    held.add(iri.partition("#")[0])
                continue
            parts = _PART.split(path)
            self._taken |= {"".join(parts[:end]) for end in range(1, len(parts) + 1, 2)}
            if parts[0] == "person" and self._finds("".join(parts[2:3])):
                held.add("".join((start, *parts[:3])))
            if any(map(self._finds, parts[2::2])):
                called.add(path)
        for path in sorted(called):
            self._rename(path)
        self.held = tuple(sorted(held))

    def turn(self, quad: Quad) -> Quad:
        """The quad as it is from now on."""
        if not self._new:
            return quad
        return Quad(self._term(quad.subject), quad.predicate, self._term(quad.object), quad.graph_name)

    def _term(self, term: _Term) -> _Term:
        if isinstance(term, NamedNode):
            start, path = self._split(term.value)
            return NamedNode(f"{start}{self._new[path]}") if start and path in self._new else term
        if isinstance(term, Triple):
            return Triple(self._term(term.subject), term.predicate, self._term(term.object))
        return term

    def _split(self, iri: str) -> tuple[str, str]:
        """What comes before the path of an entry, and the path; nothing and the IRI where it is none."""
        start = next((start for start in self._starts if iri.startswith(start)), "")
        return start, iri.removeprefix(start)

    def _finds(self, part: str) -> bool:
        return self._whole.search(part) is not None or self._is_cut(part)

    def _is_cut(self, part: str) -> bool:
        return self._begun is not None and len(part) >= _CUT and self._begun.search(part) is not None

    def _without(self, part: str) -> str:
        left = self._whole.sub("", part)
        if self._begun is not None and self._is_cut(part):
            left = self._begun.sub("", left)
        return re.sub("-{2,}", "-", left).strip("-") or "1"

    def _rename(self, path: str) -> str:
        """The new path of an old one, part by part: what is nested in a thing follows it."""
        if path in self._new:
            return self._new[path]
        parts = _PART.split(path)
        if len(parts) < 3:
            return path
        old, mark, part = "".join(parts[:-2]), parts[-2], parts[-1]
        owner = self._rename(old)
        person = parts[0] == "person" and len(parts) == 3
        if self._finds(part) and not person:
            part = self._free(self._without(part), f"{owner}{mark}", f"{old}{mark}")
        new = f"{owner}{mark}{part}"
        if new != path:
            self._new[path] = new
            self._taken.add(new)
        return new

    def _free(self, part: str, *owners: str) -> str:
        """The part with a number where something has it already, here or where it was before."""
        number, chosen = 1, part
        while any(f"{owner}{chosen}" in self._taken for owner in owners):
            number += 1
            chosen = f"{part[: SLUG_LENGTH - 4].strip('-')}-{number}"
        return chosen


def _heads(word: str) -> Iterator[str]:
    """A name without its last words, two of them at least."""
    parts = word.split("-")
    return ("-".join(parts[:end]) for end in range(2, len(parts)))


def _iris(quad: Quad) -> Iterator[str]:
    todo: list[Node | GraphName] = [quad.subject, quad.predicate, quad.object, quad.graph_name]
    while todo:
        term = todo.pop()
        if isinstance(term, NamedNode):
            yield term.value
        elif isinstance(term, Triple):
            todo += [term.subject, term.predicate, term.object]
