"""Paths of length zero from terms that the data does not hold (SPARQL 1.1 §18.4, ALP and ZeroLengthPath).

`<a> <p>* ?x` has the solution ?x = <a> even where nothing is said of <a>; the engine finds none. Such a triple
pattern, standing alone, is replaced by `VALUES ?x { <a> }`. What it replaces had no other solution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kg.lexer import FORMS, Token, edited, tokens

_BEFORE: Final = frozenset("{.}")
_AFTER: Final = frozenset(".}")
_GRAPHS: Final = frozenset({"GRAPH", "SERVICE"})
_MAX_PATTERNS: Final = 64


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A triple pattern with a path that may have length zero, by what stands at its ends."""

    subject: Token
    object: Token

    @property
    def constants(self) -> list[str]:
        return [one.text for one in (self.subject, self.object) if one.kind != "var"]


def written_out(text: str, known: Callable[[str, str], bool]) -> str:
    """The query without such patterns; the same text when there are none, and when it reads more than one graph.

    `known` tells whether the graph that is read says anything of a term, as it is written and behind which prologue.
    """
    terminals = list(tokens(text))
    if any(one.kind == "blank" or (one.kind == "word" and one.text.upper() in _GRAPHS) for one in terminals):
        return text  # a pattern in between would part what one blank node holds together
    form = next(one for one in terminals if one.kind == "word" and one.text.upper() in FORMS)
    edits = []
    for pattern in _patterns(terminals):
        if len(pattern.constants) == 1 and not known(pattern.constants[0], text[: form.start]):
            edits.append((pattern.subject.start, pattern.object.end, _values(pattern)))
        if len(edits) >= _MAX_PATTERNS:
            break
    return edited(text, edits)


def _values(pattern: _Pattern) -> str:
    ends = (pattern.subject, pattern.object)
    variable, constant = ends if pattern.subject.kind == "var" else reversed(ends)
    return f"VALUES {variable.text} {{ {constant.text} }}"


def _patterns(terminals: Sequence[Token]) -> Iterator[_Pattern]:
    for place in range(1, len(terminals) - 3):
        if terminals[place - 1].text not in _BEFORE or terminals[place].kind not in {"var", "iri", "name"}:
            continue
        path = _Path(terminals, place + 1)
        if path.alternatives() and path.place + 1 < len(terminals):
            object, after = terminals[path.place], terminals[path.place + 1]
            if object.kind in {"var", "iri", "name"} and (after.text in _AFTER or after.kind == "word"):
                yield _Pattern(terminals[place], object)


class _Path:
    """Reads a path expression (SPARQL 1.1 §19.8, rules 88 to 96); each rule says whether it may have length zero."""

    def __init__(self, terminals: Sequence[Token], place: int) -> None:
        self._terminals = terminals
        self.place = place

    def alternatives(self) -> bool:
        empty = self._sequence()
        while self._take("|"):
            empty = self._sequence() or empty
        return empty

    def _sequence(self) -> bool:
        empty = self._element()
        while self._take("/"):
            empty = self._element() and empty
        return empty

    def _element(self) -> bool:
        self._take("^")
        empty = False
        if self._take("("):
            empty = self.alternatives()
            if not self._take(")"):
                return False
        elif self._take("!"):
            if self._take("("):
                self.alternatives()
                self._take(")")
            else:
                self._element()
            return False
        else:
            self.place += 1
        if self._take("*") or self._take("?"):
            return True
        self._take("+")
        return empty

    def _take(self, mark: str) -> bool:
        found = self.place < len(self._terminals) and self._terminals[self.place].text == mark
        self.place += found
        return found
