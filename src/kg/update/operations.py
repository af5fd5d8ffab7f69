"""An update request as the operations it is made of (SPARQL 1.1 Update §3; SPARQL 1.1 Query §19.8, rules 29 to 50).

Only what stands outside of braces is read here; templates and patterns stay text. The engine has said before that the
whole is well-formed, so whatever this reading does not expect is refused and never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from kg.errors import QueryError
from kg.lexer import Token, tokens

DEFAULT, NAMED, ALL = "DEFAULT", "NAMED", "ALL"
MAX_STRETCHES = 100
_CLOSED = {"{": 1, "}": -1}
_PROLOGUE = frozenset({"BASE", "PREFIX", "VERSION"})


@dataclass(frozen=True, slots=True)
class Data:
    """INSERT DATA, or DELETE DATA when `removes`."""

    prologue: str
    block: str  # with its braces
    removes: bool


@dataclass(frozen=True, slots=True)
class Modify:
    """DELETE and INSERT with WHERE; IRIs as they are written, templates and pattern with their braces."""

    prologue: str
    where: str
    delete: str | None = None
    insert: str | None = None
    scope: str | None = None  # WITH
    using: tuple[str, ...] = ()
    named: tuple[str, ...] = ()  # USING NAMED


@dataclass(frozen=True, slots=True)
class Manage:
    """CLEAR, DROP, CREATE, COPY, MOVE, ADD, LOAD; a graph is an IRI as written, or DEFAULT, NAMED, ALL."""

    prologue: str
    verb: str
    target: str
    source: str = ""
    silent: bool = False


Operation: TypeAlias = Data | Modify | Manage


@dataclass(frozen=True, slots=True)
class Stretch:
    """Operations that share a prologue: where its parts and they themselves stand in the text."""

    prologues: tuple[slice, ...]
    operations: slice


@dataclass(frozen=True, slots=True)
class Request:
    """A whole update request."""

    operations: tuple[Operation, ...]
    stretches: tuple[Stretch, ...]


def read(text: str) -> Request:
    """The operations in order. Raises QueryError where the text is not understood."""
    return _Reader(text).request()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokens(text))
        self.at = 0
        self.prologue = ""
        self.parts: list[slice] = []

    def request(self) -> Request:
        found: list[Operation] = []
        stretches: list[Stretch] = []
        more = True
        while more:
            self._prologue()
            start = self.at
            while self.at < len(self.tokens) and self._word() not in _PROLOGUE:
                found.append(self._operation())
                more = self._accept(";")
                if not more:
                    break
            else:
                more = self.at < len(self.tokens)
            stretches.append(Stretch(tuple(self.parts), self._span(start, self.at)))
            if len(stretches) > MAX_STRETCHES:
                raise QueryError(
                    f"prefixes are declared in more than {MAX_STRETCHES} places; declare them at the start",
                    f"Представки се обявяват на повече от {MAX_STRETCHES} места; обявете ги в началото",
                )
        if self.at < len(self.tokens):
            raise self._lost()
        return Request(tuple(found), tuple(stretches))

    def _prologue(self) -> None:
        """What holds for the operations that follow, added to what held before."""
        start = self.at
        while (word := self._word()) in _PROLOGUE:
            self.at += 3 if word == "PREFIX" else 2
        if self.at > len(self.tokens):
            raise self._lost()
        if self.at > start:
            self.parts.append(self._span(start, self.at))
            self.prologue += self.text[self.parts[-1]] + "\n"

    def _operation(self) -> Operation:
        word = self._word()
        if word in {"INSERT", "DELETE"} and self._word(1) == "DATA":
            self.at += 2
            return Data(self.prologue, self._block(), removes=word == "DELETE")
        if word == "DELETE" and self._word(1) == "WHERE":
            self.at += 2
            block = self._block()
            return Modify(self.prologue, block, delete=block)
        if word in {"WITH", "INSERT", "DELETE"}:
            return self._modify()
        if word in {"CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "LOAD"}:
            return self._manage(word)
        raise self._lost()

    def _modify(self) -> Modify:
        scope = self._iri() if self._accept("WITH") else None
        delete = self._block() if self._accept("DELETE") else None
        insert = self._block() if self._accept("INSERT") else None
        using: list[str] = []
        named: list[str] = []
        while self._accept("USING"):
            (named if self._accept("NAMED") else using).append(self._iri())
        self._expect("WHERE")
        if delete is None and insert is None:
            raise self._lost()
        return Modify(self.prologue, self._block(), delete, insert, scope, tuple(using), tuple(named))

    def _manage(self, verb: str) -> Manage:
        self.at += 1
        silent = self._accept("SILENT")
        if verb == "LOAD":
            source = self._iri()
            target = DEFAULT
            if self._accept("INTO"):
                self._expect("GRAPH")
                target = self._iri()
            return Manage(self.prologue, verb, target, source, silent)
        if verb in {"COPY", "MOVE", "ADD"}:
            source = self._graph({DEFAULT})
            self._expect("TO")
            return Manage(self.prologue, verb, self._graph({DEFAULT}), source, silent)
        return Manage(self.prologue, verb, self._graph({DEFAULT, NAMED, ALL}), silent=silent)

    def _graph(self, words: set[str]) -> str:
        word = self._word()
        if word in words:
            self.at += 1
            return word
        self._accept("GRAPH")
        return self._iri()

    def _block(self) -> str:
        """The text from an opening brace to the one that closes it."""
        start, depth = self.at, 0
        self._expect("{", stay=True)
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            depth += _CLOSED.get(token.text, 0) if token.kind == "mark" else 0
            self.at += 1
            if not depth:
                return self.text[self._span(start, self.at)]
        raise self._lost()

    def _iri(self) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at].kind in {"iri", "name"}:
            self.at += 1
            return self.tokens[self.at - 1].text
        raise self._lost()

    def _word(self, ahead: int = 0) -> str:
        """The keyword at this place; empty when something else stands there."""
        place = self.at + ahead
        if place < len(self.tokens) and self.tokens[place].kind == "word":
            return self.tokens[place].text.upper()
        return ""

    def _accept(self, text: str) -> bool:
        found = self.at < len(self.tokens) and self.tokens[self.at].text.upper() == text
        self.at += found
        return found

    def _expect(self, text: str, *, stay: bool = False) -> None:
        if not self._accept(text):
            raise self._lost()
        self.at -= stay

    def _span(self, start: int, end: int) -> slice:
        """Where these tokens stand in the text."""
        if start >= end:
            return slice(0, 0)
        last = self.tokens[end - 1]
        return slice(self.tokens[start].start, last.end)

    def _lost(self) -> QueryError:
        place: Token | None = self.tokens[self.at] if self.at < len(self.tokens) else None
        line = self.text.count("\n", 0, place.start) + 1 if place else self.text.count("\n") + 1
        near = place.text[:40] if place else "…"
        return QueryError(
            f"line {line}: the update cannot be understood near {near!r}; write spaces around keywords",
            f"Ред {line}: промяната не се разбира около „{near}“; оставяйте интервали около ключовите думи",
        )
