"""Which things are worth comparing: those that have something in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import NamedNode

CROWD: Final = 200
"""How many may have something in common when everything is compared: what more have tells nothing."""


class Index:
    """Things by their keys. A key is kept as a number, so that the names of many things take little room."""

    def __init__(self, keys: Iterable[tuple[NamedNode, str]] = ()) -> None:
        self._things: dict[int, tuple[NamedNode, ...]] = {}
        for thing, key in keys:
            self.add(thing, key)

    def add(self, thing: NamedNode, key: str) -> None:
        number = hash(key)
        there = self._things.get(number, ())
        if len(there) <= CROWD and thing not in there:
            self._things[number] = (*there, thing)

    def sharing(self, keys: Iterable[str]) -> set[NamedNode]:
        """Things that have one of the keys, also some that had it once."""
        found: set[NamedNode] = set()
        for key in keys:
            found.update(self._things.get(hash(key), ()))
        return found

    def pairs(self) -> Iterator[tuple[NamedNode, NamedNode]]:
        """All pairs that share a key, each once; keys that too many have are passed over."""
        seen: set[tuple[str, str]] = set()
        for things in self._things.values():
            if not 1 < len(things) <= CROWD:
                continue
            ordered = sorted(things, key=str)
            for at, one in enumerate(ordered):
                for other in ordered[at + 1 :]:
                    if (pair := (one.value, other.value)) not in seen:
                        seen.add(pair)
                        yield one, other
