"""How two spellings of one word are recognised as the same."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LOOKALIKES = str.maketrans("aceopxykmtABCEHKMOPTXY", "асеорхукмтАВСЕНКМОРТХУ")
_QUOTES = re.compile("[\"'„“”«»‚‘’`]")
_DASHES = re.compile("[‐‑‒–—−-]+")
_WORD = re.compile(r"\w+")
_CYRILLIC = re.compile("[А-Яа-яЁёЍѝ]")
_LATIN = re.compile("[A-Za-z]")


def mend(text: str) -> str:
    """The text with Latin look-alikes in Cyrillic words turned Cyrillic: „Нaсърчаване“ as it is meant."""

    if text.isascii() or not (_LATIN.search(text) and _CYRILLIC.search(text)):
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
