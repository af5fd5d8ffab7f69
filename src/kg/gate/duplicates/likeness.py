"""How likely two descriptions speak of one thing, and what makes it so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from pyoxigraph import Literal, NamedNode
from rapidfuzz.distance import DamerauLevenshtein

from kg.gate.duplicates.kinds import Kinds
from kg.gate.duplicates.naming import Name, Word
from kg.gate.duplicates.profiles import Profile, Reader
from kg.gate.stated import stated
from kg.graph import Node, View
from kg.namespaces import XSD

ENOUGH: Final = 0.7
"""From which score on a pair is worth a question."""
_CODE: Final = 0.97
_EQUAL: Final = 0.85  # the name but for case, quotation marks, dashes, look-alikes
_SAME: Final = 0.8  # but for articles, script, order, legal form, abbreviations
_SHORT: Final = 0.72  # what is the name of the one is the acronym of the other
_NEAR: Final = 0.65  # with small slips; in one place only
_PLACE: Final = 0.08
_FORM: Final = 0.03  # taken off when only one has a legal form
_MOST: Final = 0.99
_SLIP: Final = 4  # letters of a word per slip
_DEPTH: Final = 8  # places that lie in each other


Known: TypeAlias = Mapping[NamedNode, Profile]


@dataclass(frozen=True, slots=True)
class Reason:
    """What two descriptions have in common, in words."""

    bg: str
    en: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely it is one thing (0 to 1), and why."""

    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Judge:
    """Compares what a view says."""

    reader: Reader
    label: Callable[[str, str], str]  # what a register is called in a language

    @property
    def kinds(self) -> Kinds:
        return self.reader.kinds

    def likeness(self, view: View, one: Profile, other: Profile, known: Known | None = None) -> Likeness | None:
        """What speaks for one thing; None when too little does, or something tells the two apart.

        `known` are the profiles that were read already.
        """
        if one.kind.root != other.kind.root or not self.kinds.related(one.classes, other.classes):
            return None
        if one.node in other.linked or other.node in one.linked or self._apart(view, one, other):
            return None
        places = self._shared_places(one, other)
        reasons: list[Reason] = []
        score = 0.0
        for scheme, code in sorted(_shared_codes(one, other), key=str):
            bg, en = self.label(scheme, "bg"), self.label(scheme, "en")
            reasons.append(Reason(f"еднакъв {bg} {code}", f"same {en} {code}"))
            score = _CODE
        named = self._named(one, other, lambda: self._place_words(view, places, known or {}) if places else None)
        if named is not None:
            score = max(score, named.score)
            reasons += named.reasons
        if not reasons:
            return None
        if places:
            score += _PLACE
            reasons.append(Reason("на същото място или към същото цяло", "in the same place or part of the same whole"))
        score = round(min(score, _MOST), 2)
        return Likeness(score, tuple(reasons)) if score >= ENOUGH else None

    def _named(self, one: Profile, other: Profile, place_words: Callable[[], frozenset[str] | None]) -> Likeness | None:
        """The best that any of the names says; near names do in one place only, by the words that name it."""
        found: list[tuple[float, str, Reason]] = []
        crossed = [(one.names, other.acronyms), (one.acronyms, other.names)]
        for left, right in ((a, b) for lefts, rights in crossed for a in lefts for b in rights):
            if left.key == right.key and _same(left, right):
                text = f"„{left.text}“"
                short = Reason(
                    f"съкращение на единия, име на другия: {text}", f"acronym of one, name of the other: {text}"
                )
                found.append((_SHORT, text, short))
        for left in one.names:
            for right in other.names:
                if left.form and right.form and left.form != right.form:
                    continue
                lost = _FORM if left.form != right.form else 0.0
                text = f"„{left.text}“ – „{right.text}“"
                if left.folded == right.folded:
                    same = Reason(f"еднакво име „{left.text}“", f"same name „{left.text}“")
                    found.append((_EQUAL, text, same))
                elif left.key == right.key and _same(left, right):
                    same = Reason(f"едно име, изписано различно: {text}", f"one name, written differently: {text}")
                    found.append((_SAME - lost, text, same))
                elif (words := place_words()) is not None and near(left, right, words):
                    close = Reason(f"близки имена {text}", f"similar names {text}")
                    found.append((_NEAR - lost, text, close))
        if not found:
            return None
        score, _, reason = min(found, key=lambda one: (-one[0], one[1]))
        return Likeness(score, (reason,))

    def _place_words(self, view: View, places: Iterable[Node], known: Known) -> frozenset[str]:
        """The words that name the places: „ДГ „Зора“ – Русе“ is „ДГ „Зора““ in Ruse."""
        found = set(self.reader.naming.place_words)
        for place in places:
            if not isinstance(place, NamedNode):
                continue
            profile = known.get(place) or self.reader.profile(view, place)
            for name in profile.names if profile else ():
                found |= {word.stem for word in name.words}
        return frozenset(found)

    def _shared_places(self, one: Profile, other: Profile) -> frozenset[Node]:
        return frozenset().union(*one.places.values()) & frozenset().union(*other.places.values())

    def _apart(self, view: View, one: Profile, other: Profile) -> bool:
        """Whether a code, a place or another field says that they are two."""
        if any(scheme in other.codes and not codes & other.codes[scheme] for scheme, codes in one.codes.items()):
            return True
        for property, values in one.apart.items():
            if property in other.apart and not _agree(values, other.apart[property]):
                return True
        return any(
            not self._touch(view, places, other.places[property])
            for property, places in one.places.items()
            if property in other.places
        )

    def _touch(self, view: View, ones: frozenset[Node], others: frozenset[Node]) -> bool:
        """Whether a place of the ones is, lies in or holds one of the others."""
        return bool(ones & others or ones & set(self._around(view, others)) or others & set(self._around(view, ones)))

    def _around(self, view: View, places: Iterable[Node]) -> Iterator[Node]:
        reached = list(places)
        for _ in range(_DEPTH):
            reached = [
                quad.object
                for place in reached
                if isinstance(place, NamedNode)
                for property in self.kinds.inside
                for quad in stated(view, place, property)
            ]
            yield from reached


def _shared_codes(one: Profile, other: Profile) -> Iterator[tuple[str, str]]:
    for scheme, codes in one.codes.items():
        for code in codes & other.codes.get(scheme, frozenset()):
            register = scheme[0].value if scheme[1] == XSD.string.value else scheme[1]
            yield register, code


def _agree(ones: frozenset[Node], others: frozenset[Node]) -> bool:
    """Whether two fields may say the same: a year may be a day of it."""
    if ones & others:
        return True
    left = [one.value for one in ones if isinstance(one, Literal)]
    right = [other.value for other in others if isinstance(other, Literal)]
    return any(a.startswith(b) or b.startswith(a) for a in left for b in right)


def _same(one: Name, other: Name) -> bool:
    """Whether names with one key are one name: in one script by their letters, else by their sound."""
    if one.marks != other.marks:
        return False
    if one.cyrillic == other.cyrillic:
        return one.native == other.native
    return Counter(one.heard) == Counter(other.heard)


def near(one: Name, other: Name, places: frozenset[str] = frozenset()) -> bool:
    """Whether two names differ in nothing but slips of the pen, forms of a word, or the name of their place."""
    if one.marks != other.marks:
        return False
    left, right = _left_over(one.words, other.words), _left_over(other.words, one.words)
    if len(left) == len(one.words) > 1:
        return False
    left, right = _without(left, right, places), _without(right, left, places)
    if len(left) != len(right):
        return False
    for word in left:
        fit = next((candidate for candidate in right if _slip(word, candidate)), None)
        if fit is None:
            return False
        right.remove(fit)
    return True


def _left_over(words: Iterable[Word], others: Iterable[Word]) -> list[Word]:
    there = Counter(word.stem for word in others)
    left: list[Word] = []
    for word in words:
        if there[word.stem]:
            there[word.stem] -= 1
        else:
            left.append(word)
    return left


def _without(words: list[Word], others: list[Word], places: frozenset[str]) -> list[Word]:
    """Without the words that only one name has and that name the place."""
    return [word for word in words if word.stem not in places] if len(words) > len(others) else list(words)


def _slip(one: Word, other: Word) -> bool:
    """Whether a word is another with a slip or so in it; the first letter is seldom wrong."""
    longest = max(len(one.heard), len(other.heard))
    if one.heard[:1] != other.heard[:1] or min(len(one.heard), len(other.heard)) <= _SLIP:
        return False
    return DamerauLevenshtein.distance(one.heard, other.heard) <= max(1, longest // (2 * _SLIP))
