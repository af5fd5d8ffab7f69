"""What a release did to each thing: made, changed or took it away, as the change records alone tell it.

A thing is told with everything that is nested in it. Only what the merge of all graphs holds counts: a second source
that says the same changes nothing, and neither does what is recorded about sources.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pyoxigraph import RdfFormat, parse

from kg.iris import Iris
from kg.namespaces import RDFS
from kg.publish.labels import Texts, by_language
from kg.store.port import Store

PART: Final = 2_000
"""Things whose past is gone through at once: some 20 MB."""

_LABEL: Final = f"<{RDFS.label.value}>".encode()

_State = Counter[bytes]
"""In how many graphs each triple is, as its N-Triples text."""


class Deed(StrEnum):
    """What was done to a thing, as ActivityStreams call it."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"


@dataclass(frozen=True, slots=True)
class Activity:
    """What a release did to one thing, and all that is said of it afterwards."""

    deed: Deed
    object: str  # the IRI of the thing
    triples: tuple[bytes, ...]  # „<s> <p> <o>“, sorted; none when it was taken away
    names: Texts  # those that it has, or had


class Telling:
    """Reads change records; addresses below any base that the data ever had are those of things."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._iris = [Iris(base) for base in sorted({manifest.base for manifest in store.manifests()})]
        self._apart = {b"<" + iris.meta.value.encode() + b">" for iris in self._iris}

    def activities(self, number: int) -> Iterator[Activity]:
        """All that a release did, in the order of IRIs."""
        touched = sorted({thing for _, thing, _ in self._lines(number)})
        for start in range(0, len(touched), PART):
            yield from self._some(number, touched[start : start + PART])

    def thing(self, subject: str) -> str:
        """The thing that a subject is, or is nested in."""
        for iris in self._iris:
            if (id := iris.id(subject)) is not None:
                return f"{iris.ids}{id}"
        return subject

    def _some(self, number: int, things: Sequence[str]) -> Iterator[Activity]:
        states: dict[str, _State] = {thing: Counter() for thing in things}
        for earlier in range(1, number):
            self._take(earlier, states)
        before = {thing: _said(state) for thing, state in states.items()}
        self._take(number, states)
        for thing in things:
            then, now = before[thing], _said(states[thing])
            if then != now:
                deed = Deed.DELETE if not now else Deed.UPDATE if then else Deed.CREATE
                yield Activity(deed, thing, now, _names(thing, now or then))

    def _take(self, number: int, states: Mapping[str, _State]) -> None:
        """One release later."""
        for added, thing, triple in self._lines(number):
            if (state := states.get(thing)) is not None:
                state[triple] += 1 if added else -1

    def _lines(self, number: int) -> Iterator[tuple[bool, str, bytes]]:
        """Of each line whether it was added, the thing, and the triple."""
        last, thing = b"", ""
        for added, line in self._store.record(number):
            triple, _, graph = line.rpartition(b" .")[0].rpartition(b" ")
            if graph in self._apart:
                continue
            subject = triple.partition(b" ")[0]
            if subject != last:
                last, thing = subject, self.thing(subject[1:-1].decode())
            yield added, thing, triple


def _said(state: _State) -> tuple[bytes, ...]:
    return tuple(sorted(triple for triple, count in state.items() if count > 0))


def _names(thing: str, triples: Sequence[bytes]) -> Texts:
    start = b"<" + thing.encode() + b"> " + _LABEL
    text = b"".join(triple + b" .\n" for triple in triples if triple.startswith(start))
    return by_language(quad.object for quad in parse(text, RdfFormat.N_TRIPLES))
