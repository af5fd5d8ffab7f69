"""What a word that is not known may have been meant to be: lists of what looks like it, and the one that is meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Final

from rapidfuzz import fuzz, process

_ENOUGH: Final = 80.0
"""How alike two words are, of 100, when one may be meant by the other: about one slip in five letters."""
_CLEARER: Final = 4.0
"""By how much the nearest word must be nearer than the next that means something else."""
_REORDERED: Final = 0.97
"""What counts of the likeness of two names whose words stand in another order."""
_SHORTEST: Final = 3
_DIGITS: Final = re.compile(r"\d+")


def nearest(word: str, meanings: Mapping[str, Hashable]) -> str | None:
    """The one of these words that is meant; None when none is near, or one with another meaning is about as near.

    Words and keys are folded alike (`kg.text.fold`). Numbers are no matter of spelling: they must be the same.

    >>> nearest("обученне", {"обучение": 1, "събитие": 2})
    'обучение'
    """
    if word in meanings:
        return word
    if len(word) < _SHORTEST:
        return None
    digits = _DIGITS.findall(word)
    pool = [one for one in sorted(meanings) if _DIGITS.findall(one) == digits]
    alike = _alike(word, pool)
    if not alike:
        return None
    best = max(alike, key=lambda one: alike[one])
    for other, near in alike.items():
        if alike[best] - near < _CLEARER and meanings[other] != meanings[best]:
            return None
    return best if alike[best] >= _ENOUGH else None


def _alike(word: str, pool: Sequence[str]) -> Mapping[str, float]:
    """How alike the words are that are worth comparing, of 100; the order of the words in a name counts little."""
    found: dict[str, float] = {}
    for scorer, weight in ((fuzz.ratio, 1.0), (fuzz.token_sort_ratio, _REORDERED)):
        enough = (_ENOUGH - _CLEARER) / weight
        for one, score, _ in process.extract(word, pool, scorer=scorer, limit=None, score_cutoff=enough):
            found[one] = max(found.get(one, 0.0), score * weight)
    return found


def closest(word: str, words: Sequence[str], n: int) -> list[str]:
    """So many of the words as look most like one, however little that is."""
    return [one for one, _, _ in process.extract(word, words, scorer=fuzz.ratio, limit=n)]


class Nearby:
    """Words that look like one that is not known. What was compared is remembered, and only so much is compared."""

    def __init__(self, limit: int = 2000) -> None:
        self._limit = limit
        self._found: dict[tuple[str, object], tuple[str, ...]] = {}

    def find(
        self, word: str, among: Callable[[], Collection[str]], *, n: int, cutoff: float, scope: object = None
    ) -> tuple[str, ...]:
        """The nearest of these words, at most n; nothing once the limit is reached. `scope` tells lists apart."""
        key = (word, scope)
        if key not in self._found:
            if len(self._found) >= self._limit:
                return ()
            near = process.extract(word, sorted(among()), scorer=fuzz.ratio, limit=n, score_cutoff=100 * cutoff)
            self._found[key] = tuple(one for one, _, _ in near)
        return self._found[key]

    def forget(self) -> None:
        """Begins anew, because the words are others now."""
        self._found.clear()
