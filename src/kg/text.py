"""How two spellings of one word are recognised as the same."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection
from functools import lru_cache

_LOOKALIKES = str.maketrans("aceopxykmtABCEHKMOPTXY", "асеорхукмтАВСЕНКМОРТХУ")
_QUOTES = re.compile("[\"'„“”«»‚‘’`]")
_DASHES = re.compile("[‐‑‒–—−-]+")
_WORD = re.compile(r"\w+")
_CYRILLIC = re.compile("[А-Яа-яЁёЍѝ]")
_LATIN = re.compile("[A-Za-z]")


def mend(text: str) -> str:
    """The text with Latin look-alikes in Cyrillic words turned Cyrillic: „Нaсърчаване“ as it is meant."""

    if text.isascii():
        return text

    def word(match: re.Match[str]) -> str:
        written = match[0]
        if _CYRILLIC.search(written) and _LATIN.search(written):
            turned = written.translate(_LOOKALIKES)
            if not _LATIN.search(turned):
                return turned
        return written

    return _WORD.sub(word, text)


@lru_cache(maxsize=2**16)
def fold(text: str) -> str:
    """A key under which spellings of one name meet: case, quotation marks, dashes, spaces, look-alikes."""
    text = unicodedata.normalize("NFKC", text)
    text = _DASHES.sub("-", _QUOTES.sub("", mend(text)))
    return " ".join(text.casefold().split())


class Nearby:
    """Words that look like one that is not known. Comparing is dear, so only so many words are compared at all."""

    def __init__(self, limit: int = 100) -> None:
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
            self._found[key] = tuple(difflib.get_close_matches(word, among(), n=n, cutoff=cutoff))
        return self._found[key]

    def forget(self) -> None:
        """Begins anew, because the words are others now."""
        self._found.clear()
