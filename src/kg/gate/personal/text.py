"""Personal data in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from kg.gate.duplicates.naming import sound
from kg.gate.personal.egn import valid
from kg.gate.personal.kinds import PersonalKind, Words
from kg.iris import slug

_DATE: Final = re.compile(r"\(?\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:19|20)?\d{2}\b")
_TOKEN: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_QUOTES: Final = {"„": '“”"', "“": "”“", "«": "»", "‚": "‘’'", '"': '"', "'": "'"}  # what opens, and what may close it
_CLAUSE: Final = re.compile(r"[;:!?\n]|([^\W_]{3,})\.\s")
_NEXT: Final = re.compile(r"[”\"“’']?[ \u00a0]+([^\W_]+)")
_REACH: Final = 8  # words between an office and the name of who holds it
_KIND: Final = 5  # words between what a thing is and its name in quotation marks: „училище по изкуства и спорт „…““
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

    def suspects(self, id: str) -> bool:
        """Whether an id is worth a closer look: most are not."""
        return self._suspicious.search(id) is not None

    @cached_property
    def _suspicious(self) -> re.Pattern[str]:
        patterns = [pattern.pattern for kind in self.kinds for pattern in kind.ids]
        return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)")

    def in_id(self, id: str, officials: Collection[Official] = ()) -> Iterator[Found]:
        """What an id seems to hold, each place once; that of a person holds the person's name."""
        start = id.find("/") + 1
        taken: list[tuple[int, int]] = []
        for kind, match in chain.from_iterable(self._matches(kind, id, start) for kind in self.kinds):
            since, until = match.span()
            if any(since < end and begin < until for begin, end in taken):
                continue
            if kind.check == "egn" and not valid(match[0].replace("-", "")):
                continue
            if kind.check == "full-name" and not self._private_id(id[start:since], match[0], officials):
                continue
            taken.append((since, until))
            yield Found(kind, since, until, hidden(match[0]))

    def _matches(self, kind: PersonalKind, id: str, start: int) -> Iterator[tuple[PersonalKind, re.Match[str]]]:
        if kind.check != "full-name" or not id.startswith("person/"):
            yield from ((kind, match) for pattern in kind.ids for match in pattern.finditer(id, start))

    def _private_id(self, before: str, name: str, officials: Collection[Official]) -> bool:
        """Whether a name in an id is not of an official, a street or an institution, as far as it can be told."""
        words = name.split("-")
        heard = frozenset(map(sound, words))
        if sound(words[0]) not in self.words.first_names or any(official <= heard for official in officials):
            return False
        latin = self._latin
        around = before.strip("-").split("-")
        while around and around[-1] in latin.titles:
            around.pop()
        if latin.roles & {*around[-_REACH:]}:
            return False
        if around[-1:] == ["na"]:
            return not latin.named_for & {*around[-2:-1]}
        return not (latin.named_after | latin.named_in_quotes) & {*around[-_KIND:]}

    @cached_property
    def _latin(self) -> Words:
        """The lists of words as they stand in ids."""
        return self.words.turned(slug)

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

    def _private(self, text: str, match: re.Match[str], officials: Collection[Official]) -> bool:
        """Whether a name is not of an official, a street or an institution."""
        heard = frozenset(map(sound, _tokens(match[0])))
        if any(official <= heard for official in officials):
            return False
        clause = self._clause(text[: match.start()])
        before = self._words_before(clause)
        opening = self._opening(clause)
        if opening is not None and self._is_kind(_tokens(clause[:opening])):
            return False
        if self._names_a_thing(before) or self._is_followed(text[match.end() :]):
            return False
        after = text[match.end() : match.end() + 60].lstrip()
        follows = _tokens(after)[:2] if after[:1] in {",", "–", "-", "("} else []
        return not self.words.roles & {*before[-_REACH:], *follows}

    def _quoted(self, text: str, match: re.Match[str]) -> bool:
        """Whether the name stands in quotation marks, with titles or without: something is called so."""
        return self._opening(text[: match.start()]) is not None

    def _opening(self, before: str) -> int | None:
        """Where the quotation marks open in which a name stands first, titles apart; None when it stands in none."""
        opened: list[tuple[int, str]] = []
        for at, mark in enumerate(before):
            if opened and mark in _QUOTES[opened[-1][1]]:
                opened.pop()
            elif mark in _QUOTES and not (mark == "'" and before[at - 1 : at].isalnum()):
                opened.append((at, mark))
        if not opened or any(token not in self.words.titles for token in _tokens(before[opened[-1][0] :])):
            return None
        return opened[-1][0]

    def _clause(self, before: str) -> str:
        """What stands before a name in its own clause: the point of an abbreviation ends none."""
        ends = [one.end() for one in _CLAUSE.finditer(before) if not self._is_abbreviated(one[1])]
        return before[ends[-1] :] if ends else before

    def _is_abbreviated(self, word: str | None) -> bool:
        return word is not None and word.casefold() in self.words.titles | self.words.named_after

    def _words_before(self, clause: str) -> list[str]:
        """The words before a name, without its titles."""
        words = _tokens(clause)
        while words and words[-1] in self.words.titles:
            words.pop()
        return words

    def _is_kind(self, words: list[str]) -> bool:
        """Whether words tell what kind of thing is called by the name in quotation marks behind them."""
        return bool((self.words.named_after | self.words.named_in_quotes) & {*words[-_KIND:]})

    def _names_a_thing(self, words: list[str]) -> bool:
        """Whether a thing has the name that follows these words: „улица …“, „паметник на …“."""
        if not words:
            return False
        return words[-1] in self.words.named_after or (
            words[-1] in {"на", "of"} and words[-2:-1] != [] and words[-2] in self.words.named_for
        )

    def _is_followed(self, after: str) -> bool:
        """Whether the word right behind a name says that a thing is called so: „… Street“."""
        word = _NEXT.match(after)
        return word is not None and word[1].casefold() in self.words.named_before


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


def hidden(words: str) -> str:
    """Words of an id of which their first letters are shown."""
    return re.sub(r"(?<=[a-z0-9])[a-z0-9]", _MASK, words)
