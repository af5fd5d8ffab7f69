"""Names as they are compared: under one key meet all spellings that a careful reader takes for one name.

Case, quotation marks, punctuation, spaces, dashes, look-alike letters, the Bulgarian definite article, the order of
words, abbreviations, legal forms, and the script: Latin letters by the Transliteration Act and its common variants.
Numbers, years, Roman numerals and ordinals stay, and count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from kg.iris import transliterate
from kg.text import fold, mend

_NAMES: Final = 2**14  # that are remembered: what is kept is named again with every load
_WORD: Final = re.compile(r"[^\W_]+(?:-р\b)?")
_CYRILLIC: Final = re.compile("[а-яёѝ]")
_ROMAN: Final = re.compile(r"(?=[IVXLC])X{0,3}(IX|IV|V?I{0,3})\Z")
_ROMAN_LETTERS: Final = str.maketrans("ІХ", "IX")  # Cyrillic look-alikes
# Endings with the definite article, how much of a word must be left before one, and what it has without the article.
_ARTICLES: Final = (
    ("ският", 2, "ски"), ("ният", 3, "ен"), ("ият", 3, ""), ("ът", 3, ""), ("ят", 3, ""), ("та", 4, ""), ("то", 4, ""),
    ("те", 4, ""),
)  # fmt: skip
_SURNAME: Final = re.compile(r"(ов|ев|ин|ск|ц?к)а\Z")
_EMPTY: Final = frozenset({"the", "of", "a", "an", "in", "for", "and", "и", "в", "във", "на", "за", "по", "към"})
_ORDINAL: Final = re.compile(r"(първ|втор|трет|четвърт|пет|шест|седм|осм|девет|десет)(и|а|о|ия|ият|ата|ото)\Z")
# Letters and groups of letters that are one sound in the ways in which Bulgarian is written with Latin letters.
_SOUNDS: Final = (
    ("shch", "st"), ("sht", "st"), ("tch", "c"), ("ch", "c"), ("sh", "s"), ("zh", "z"), ("kh", "h"), ("ph", "f"),
    ("th", "t"), ("ts", "c"), ("tz", "c"), ("ou", "u"), ("x", "ks"), ("w", "v"), ("q", "k"), ("j", "i"), ("y", "i"),
    ("u", "a"),  # ъ is a by the act, and u in Bulgaria and in many names
)  # fmt: skip
_DOUBLED: Final = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name: as it is written but for its article, by its sound, and what forms of the word share of it."""

    native: str
    heard: str
    stem: str  # the sound without the vowels at its end


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a thing, in the forms in which it is compared."""

    text: str  # as written
    words: tuple[Word, ...]  # without legal form, „and“ and „of“
    marks: tuple[str, ...]  # numbers, years, ordinals, single capital letters
    form: str | None  # family of the legal form
    key: str  # what all spellings of one name have in common, and some names that are not

    @property
    def folded(self) -> str:
        """The text but for case, quotation marks, dashes, spaces and look-alikes."""
        return fold(self.text)

    @property
    def native(self) -> tuple[str, ...]:
        return tuple(sorted(word.native for word in self.words))

    @property
    def heard(self) -> tuple[str, ...]:
        return tuple(sorted(word.heard for word in self.words))

    @property
    def cyrillic(self) -> bool:
        return any(_CYRILLIC.search(word.native) for word in self.words)


@dataclass(frozen=True)
class Naming:
    """How names are read: with the legal forms and the abbreviations that are in use."""

    forms: Mapping[str, str] = field(default_factory=dict)  # its family per legal form
    abbreviations: Mapping[str, Sequence[str]] = field(default_factory=dict)  # its words per abbreviation
    place_words: frozenset[str] = frozenset()  # stems of those before the name of a place

    @classmethod
    def read(cls, folder: Path) -> Naming:
        """The lists of a folder: legal forms and abbreviations, each with what it means, and words before places."""
        forms = {one: meaning[0] for one, *meaning in _lines(folder / "legal-forms.txt")}
        abbreviations = {one: tuple(meaning) for one, *meaning in _lines(folder / "abbreviations.txt")}
        places = frozenset(_word(one).stem for one, *_ in _lines(folder / "place-words.txt"))
        return cls(forms, abbreviations, places)

    def name(self, text: str) -> Name | None:
        """The name in its forms; None when there is no word in the text."""
        if text not in self._names:
            if len(self._names) >= _NAMES:
                self._names.clear()
            self._names[text] = self._read(text)
        return self._names[text]

    @cached_property
    def _names(self) -> dict[str, Name | None]:
        return {}

    def _read(self, text: str) -> Name | None:
        plain = mend(unicodedata.normalize("NFKC", text)).replace("&", " and ")
        written = _WORD.findall(plain)
        family = None
        for at in (len(written) - 1, 0) if len(written) > 1 else ():
            if family is None and (found := self.forms.get(written[at].casefold())):
                family, written = found, written[:at] + written[at + 1 :]
        all_small = all(one.casefold() in _EMPTY for one in written)  # „За и към“ has no other name than these words
        words: list[Word] = []
        marks: list[str] = []
        for one in map(_written, written):
            if not one.number and one.folded in self.abbreviations:
                words += [_word(part) for part in self.abbreviations[one.folded]]
                continue
            if one.folded in _EMPTY and not all_small and not one.initial:
                continue
            if one.mark is not None:
                marks.append(one.mark)
            words.append(one.word)
        if not words:
            return None
        return Name(text, tuple(words), tuple(sorted(marks)), family, " ".join(sorted(word.stem for word in words)))


def _lines(path: Path) -> Iterator[list[str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.casefold().split()


@dataclass(frozen=True, slots=True)
class _Written:
    """A word as it stands in a text."""

    folded: str
    number: bool
    initial: bool  # a single capital letter
    mark: str | None  # when it counts whatever else the name says
    word: Word


@lru_cache(maxsize=2**16)
def _written(one: str) -> _Written:
    number = _number(one)
    folded = number or one.casefold()
    initial = len(one) == 1 and one.isupper()
    ordinal = _ORDINAL.match(folded)
    meant = ordinal[1] if ordinal else folded
    marked = number is not None or ordinal is not None or initial
    return _Written(folded, number is not None, initial, meant if marked else None, _word(meant))


@lru_cache(maxsize=2**16)
def _word(folded: str) -> Word:
    without = without_article(folded)
    heard = sound(without)
    return Word(_undecided(without), heard, heard[:3] + heard[3:].rstrip("aieo"))


def without_article(word: str) -> str:
    """A Bulgarian word without its definite article, as far as the ending is one beyond doubt."""
    if _CYRILLIC.search(word):
        for article, left, without in _ARTICLES:
            if word.endswith(article) and len(word) - len(article) >= left:
                return word.removesuffix(article) + without
    return word


def sound(word: str) -> str:
    """A word by its sound: the same for all ways in which it is written with Latin letters."""
    latin = unicodedata.normalize("NFKD", transliterate(word).casefold())
    latin = "".join(letter for letter in latin if not unicodedata.combining(letter))
    for written, heard in _SOUNDS:
        latin = latin.replace(written, heard)
    return latin if word.isdigit() else _DOUBLED.sub(r"\1", latin)


def _undecided(word: str) -> str:
    """Without a last vowel that is the short article of „отдела“ or the word's own; surnames keep theirs."""
    if len(word) >= 5 and word[-1] in "ая" and not _SURNAME.search(word):
        return word[:-1]
    return word


def _number(word: str) -> str | None:
    """Digits without leading zeros; a Roman numeral as digits."""
    if word.isdigit():
        return word.lstrip("0") or "0"
    roman = word.translate(_ROMAN_LETTERS)
    if roman.isupper() and _ROMAN.match(roman) and (len(roman) > 1 or roman in "IVX"):
        return str(_arabic(roman))
    return None


def _arabic(roman: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[letter] for letter in roman]
    return sum(
        -value if any(later > value for later in values[at + 1 : at + 2]) else value for at, value in enumerate(values)
    )
