"""Finished small answers, for as long as nothing has changed.

An answer is found in two ways: by the bytes of a request, before anything of it is understood, and by what the request
means, so that the same question asked in other words is not evaluated again. Everything is forgotten when the mark of
the store changes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from sys import getsizeof

from kg.store.port import Mark
from kg.web.coding import IDENTITY, Coding
from kg.web.conditional import tag
from kg.web.fields import Fields

Key = tuple[bytes | str | None, ...]
"""The bytes of a request that decide what is answered."""
Meaning = tuple[Hashable, ...]
"""What is asked, whatever the words."""

_OVERHEAD = 2048  # bytes that an answer takes beside its body: objects, headers
_NAMES = 32  # requests by whose bytes one answer is found; more of them push out the first


@dataclass(eq=False, slots=True)
class Variant:
    """An answer in one coding, ready to be sent."""

    kept: Kept
    headers: Fields
    body: bytes
    tag: bytes
    head: bytes = b""  # the headers as they are sent, from the second time on


@dataclass(eq=False, slots=True)
class Kept:
    """A whole answer, and what its headers say whatever the coding."""

    meaning: Meaning
    body: bytes
    headers: Fields
    fingerprint: str
    modified: int  # seconds since 1970
    date: bytes  # the same, for Last-Modified
    by_language: bool = False  # whether another Accept-Language may give another answer
    release: int = 0
    form: str = ""
    shape: str = ""
    variants: dict[str, Variant] = field(default_factory=dict)
    names: dict[Key, int] = field(default_factory=dict)  # and the bytes of each
    size: int = 0  # bytes that all of this takes
    counted: int = 0  # how many of them the cache knows of

    def __post_init__(self) -> None:
        self.size = _OVERHEAD + len(self.body) + sum(map(_weight, filter(None, self.meaning)))

    def variant(self, coding: Coding, *, dated: bool) -> Variant:
        """The answer in a coding; compressed once. Without its date it is made for one reply."""
        made = self.variants.get(coding.name) if dated else None
        if made is None:
            body, tagged = self.body, tag(self.fingerprint, coding)
            extra = [(b"etag", tagged)]
            if coding is not IDENTITY:
                body = coding.whole(body)
                extra.append((b"content-encoding", coding.name.encode()))
            if dated:
                extra.append((b"last-modified", self.date))
            extra.append((b"content-length", b"%d" % len(body)))
            made = Variant(self, [*self.headers, *extra], body, tagged)
            if dated:
                self.variants[coding.name] = made
                self.size += 0 if coding is IDENTITY else len(body)
        return made


class Cache:
    """Answers that fit into so many bytes, those asked for last."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        self._mark: Mark | None = None
        self._by_bytes: dict[Key, Variant | None] = {}  # None: look again, with the language
        self._by_meaning: OrderedDict[Meaning, Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_meaning)

    def gauges(self) -> Mapping[str, float]:
        """For /metrics."""
        return {"cache_bytes": self.bytes, "cache_answers": len(self)}

    def find(self, mark: Mark | None, key: Key, language: bytes | None) -> Variant | None:
        """What was answered to the same bytes since the mark is what it is."""
        if mark != self._mark:
            self._forget(mark)
            return None
        found = self._by_bytes.get(key)
        if found is None:
            found = self._by_bytes.get((*key, language)) if key in self._by_bytes else None
            if found is None:
                return None
        self._by_meaning.move_to_end(found.kept.meaning)
        return found

    def recall(self, mark: Mark | None, meaning: Meaning) -> Kept | None:
        """What was answered to a request that means the same."""
        if mark != self._mark:
            self._forget(mark)
            return None
        kept = self._by_meaning.get(meaning)
        if kept is not None:
            self._by_meaning.move_to_end(meaning)
        return kept

    def keep(self, mark: Mark | None, kept: Kept) -> None:
        """Remember an answer that was asked for under this mark; nothing happens when the mark is another one now."""
        if mark is None or mark != self._mark or kept.size > self.limit:
            return
        self._drop(self._by_meaning.pop(kept.meaning, None))
        self._by_meaning[kept.meaning] = kept
        self._weigh(kept)

    def name(self, key: Key, language: bytes | None, variant: Variant) -> None:
        """Let an answer be found by the bytes of a request; nothing happens when it is not kept."""
        kept = variant.kept
        if self._by_meaning.get(kept.meaning) is not kept:
            return
        if kept.by_language:
            self._name(key, None, kept)
            key = (*key, language)
        self._name(key, variant, kept)
        while len(kept.names) > _NAMES:
            oldest = next(iter(kept.names))
            kept.size -= kept.names.pop(oldest)
            self._by_bytes.pop(oldest, None)
        self._weigh(kept)

    def _name(self, key: Key, variant: Variant | None, kept: Kept) -> None:
        self._by_bytes[key] = variant
        if key not in kept.names:
            kept.names[key] = size = sum([len(part) + 64 for part in key if part is not None])
            kept.size += size

    def _weigh(self, kept: Kept) -> None:
        self.bytes += kept.size - kept.counted
        kept.counted = kept.size
        while self.bytes > self.limit and self._by_meaning:
            self._drop(self._by_meaning.popitem(last=False)[1])

    def _drop(self, kept: Kept | None) -> None:
        if kept is None:
            return
        self.bytes -= kept.counted
        kept.counted = 0
        for key, size in kept.names.items():
            self._by_bytes.pop(key, None)
            kept.size -= size
        kept.names.clear()
        kept.variants.clear()  # which know it in turn: without this, they would wait for the garbage collector

    def _forget(self, mark: Mark | None) -> None:
        self._mark = mark
        self._by_bytes.clear()
        while self._by_meaning:
            self._drop(self._by_meaning.popitem()[1])


def _weight(part: object) -> int:
    """Bytes that a part of a meaning takes, with all that is in it."""
    if isinstance(part, str):
        return max(2 * len(part), getsizeof(part))
    if isinstance(part, tuple | frozenset):
        return getsizeof(part) + sum([_weight(one) for one in part])
    if is_dataclass(part):
        return sum([_weight(getattr(part, one.name)) for one in fields(part)])
    return getsizeof(part)
