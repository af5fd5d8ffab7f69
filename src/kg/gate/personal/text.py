"""Personal data in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from kg.gate.duplicates.naming import sound
from kg.gate.personal.egn import valid
from kg.gate.personal.kinds import PersonalKind, Words

_DATE: Final = re.compile(r"\(?\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:19|20)?\d{2}\b")
_TOKEN: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_OPENING: Final = "„“”\"«‚'"
_CLAUSE: Final = re.compile(r"[;:!?\n]|(?<=[^\W_]{3})\.\s")
_REACH: Final = 8  # words between an office and the name of who holds it
_MASK: Final = "•"

Official = frozenset[str]
"""The words of a name, by their sound."""


@dataclass(frozen=True, slots=True)
class Found:
    """Personal data in a text: what kind, and where. It is shown masked only."""

    kind: PersonalKind
    start: int
    end: int
    masked: str


@dataclass(frozen=True)
class Searcher:
    """Searches texts."""

    kinds: tuple[PersonalKind, ...]
    words: Words

    def search(self, text: str, officials: Collection[Official] = (), *, code: bool = False) -> Iterator[Found]:
        """The personal data in a text, each place once; of a code only what is looked for everywhere.

        `officials` are those who may be named.
        """
        taken: list[tuple[int, int]] = []
        for kind, pattern in self._everywhere if code else self._patterns:
            if pattern.search(text) is None:  # most texts hold nothing, and to look for the first is quicker
                continue
            for match in pattern.finditer(text):
                start, end = match.span()
                if any(start < until and since < end for since, until in taken):
                    continue
                counts = self._counts(kind, text, match, officials)
                if counts or kind.check == "full-name":  # of one who may be named in full, no part is looked at
                    taken.append((start, end))
                if counts:
                    yield Found(kind, start, end, masked(match[0], kind))

    @cached_property
    def _patterns(self) -> Sequence[tuple[PersonalKind, re.Pattern[str]]]:
        return [(kind, pattern) for kind in self.kinds for pattern in kind.patterns]

    @cached_property
    def _everywhere(self) -> Sequence[tuple[PersonalKind, re.Pattern[str]]]:
        return [(kind, pattern) for kind, pattern in self._patterns if kind.everywhere]

    def _counts(self, kind: PersonalKind, text: str, match: re.Match[str], officials: Collection[Official]) -> bool:
        checks: Mapping[str, Callable[[], bool]] = {
            "egn": lambda: valid(re.sub(r"\D", "", match[0])),
            "phone": lambda: not _DATE.match(match[0]),
            "full-name": lambda: self._private(text, match, officials),
            "name": lambda: (
                self._first(match[0]) and not self._quoted(text, match) and self._private(text, match, officials)
            ),
        }
        return checks[kind.check]() if kind.check else True

    def _first(self, name: str) -> bool:
        return sound(name.split()[0].casefold()) in self.words.first_names

    def _quoted(self, text: str, match: re.Match[str]) -> bool:
        """Whether the name stands in quotation marks, with titles or without: something is called so."""
        opening = max(text.rfind(mark, 0, match.start()) for mark in _OPENING)
        between = _tokens(text[opening + 1 : match.start()])
        return opening >= 0 and all(token in self.words.titles for token in between)

    def _private(self, text: str, match: re.Match[str], officials: Collection[Official]) -> bool:
        """Whether a name is not of an official, a street or an institution."""
        heard = frozenset(map(sound, _tokens(match[0])))
        if any(official <= heard for official in officials):
            return False
        before = _tokens(_CLAUSE.split(text[: match.start()])[-1])
        while before and before[-1] in self.words.titles:
            before.pop()
        if before and before[-1] in self.words.named_after:
            return False
        after = text[match.end() : match.end() + 60].lstrip()
        follows = _tokens(after)[:2] if after[:1] in {",", "–", "-", "("} else []
        return not self.words.roles & {*before[-_REACH:], *follows}


def _tokens(text: str) -> list[str]:
    return [token.casefold() for token in _TOKEN.findall(text)]


def masked(text: str, kind: PersonalKind) -> str:
    """The text with so much shown that its author knows what is meant, and nobody else; of names the initials."""
    if kind.mask == 0:
        return " ".join(f"{word[0]}." for word in _TOKEN.findall(text))
    shown = 0
    out: list[str] = []
    for letter in text:
        if letter.isalnum():
            shown += 1
            out.append(letter if shown <= kind.mask else _MASK)
        else:
            out.append(letter)
    return "".join(out)
