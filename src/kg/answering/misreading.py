"""What the engine's parser says of a text that it cannot read: where it stopped, and what it expected there."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLACE = re.compile(r"error at (\d+):(\d+): (?:expected (?:one of )?)?(.*)", re.DOTALL)
_ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"|(\[_\])|(\[[^\]]*\])|([^",\[\]]+)')


@dataclass(frozen=True, slots=True)
class Misreading:
    """A complaint of the parser, taken apart."""

    line: int
    column: int
    offset: int  # of the last place where a keyword might have stood, or of the place itself; in characters
    expected: tuple[str, ...]  # signs and keywords
    said: str  # a sentence of the parser's own, mostly empty

    @classmethod
    def of(cls, message: str, text: str = "") -> Misreading | None:
        """None for a message of another form; without the text, the place is the one that the message names."""
        found = _PLACE.match(message)
        if found is None:
            return None
        line, column, rest = int(found[1]), int(found[2]), found[3]
        offset = _offset(text, line, column)
        if "parsing failed" in rest:
            return cls(line, column, offset, (), rest.partition("\n")[0])
        signs: list[str] = []
        words: list[str] = []
        said = tables = ""
        for sign, _, table, word in _ITEM.findall(rest):
            word = word.strip()
            tables += table
            if sign:
                signs.append(sign.replace("\\", "") or "\\")
            elif " " in word:
                said = said or word
            elif word.isidentifier():
                words.append(word)
        if text and words and not signs and not tables:
            # The parser takes as many letters as a keyword has before it compares them, and stops behind them.
            shortest = min(map(len, words))
            words = [word for word in words if len(word) == shortest]
            offset = max(offset - shortest, 0)
            if text[offset : offset + 1].isalpha():  # a word that is none, or out of place
                line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
        return cls(line, column, offset, (*signs, *words), said)


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return min(start + column - 1, len(text))
