"""What can be said of a SPARQL text without parsing it: its form, its depth, what it asks of the outside.

The native parser recurses, so a few kilobytes of parentheses end its process; and it fetches what SERVICE and LOAD
name. Both are refused here first, in time linear in the text. The tokens are those of SPARQL 1.1 §19.8. The engine's
parser differs in two ways that would let text hide from us, and each is answered by a refusal that says „write a
space“: it needs no space after a keyword (`trueSERVICE<x>`), and inside expressions it prefers the comparison `<` to
the longest token (`1<a'>…`).

What every text needs costs set operations over its tokens; what only some need costs a pass (`kg.lexer.nesting`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Literal

from kg.errors import LoadError, QueryError, TooLargeError
from kg.lexer import clauses, nesting
from kg.lexer.mending import mended
from kg.lexer.nesting import MAX_CLAUSES as MAX_CLAUSES
from kg.lexer.nesting import MAX_DEPTH as MAX_DEPTH
from kg.lexer.terminals import TERMINAL, kind
from kg.lexer.terminals import Token as Token
from kg.lexer.terminals import edited as edited
from kg.lexer.terminals import tokens as tokens

MAX_TEXT: Final = 2**20  # bytes
MAX_TOKENS: Final = 100_000
MAX_IRI: Final = 4096

Door = Literal["query", "update"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FORMS: Final = _words("SELECT ASK CONSTRUCT DESCRIBE")
UPDATES: Final = _words("INSERT DELETE LOAD CLEAR CREATE DROP COPY MOVE ADD WITH")
_VOLATILE = _words("NOW RAND UUID STRUUID BNODE SERVICE")
_SLICES = _words("LIMIT OFFSET")
_ORDERS = nesting.AGGREGATES | _words("ORDER GROUP")
_BEYOND_DEFAULT = _words("GRAPH FROM SERVICE")
_NAMELESS = _words("[ ( << ~ |")  # what a template may make new blank nodes of
_BEFORE_NAMES = _words("WITH USING NAMED GRAPH TO COPY MOVE ADD SILENT PREFIX")  # outside of brackets, in an update

_KEYWORDS = (
    FORMS
    | UPDATES
    | _words("""
    BASE PREFIX VERSION DISTINCT REDUCED AS FROM NAMED WHERE ORDER GROUP BY ASC DESC HAVING LIMIT OFFSET VALUES
    SILENT INTO TO DEFAULT ALL DATA USING GRAPH UNION OPTIONAL MINUS FILTER BIND SERVICE UNDEF LATERAL
    A TRUE FALSE IN NOT EXISTS COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT SEPARATOR
    STR LANG LANGMATCHES LANGDIR HASLANG HASLANGDIR DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT
    SUBSTR STRLEN UCASE LCASE ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS
    MINUTES SECONDS TIMEZONE TZ NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRLANGDIR STRDT
    SAMETERM SAMEVALUE ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC ISTRIPLE REGEX REPLACE TRIPLE SUBJECT PREDICATE
    OBJECT ADJUST
    """)
)
_KNOWN = {mark: mark for mark in "{}()[].;,=<>!+-*/|^~".split() + list("{}()[].;=<>!+-*/|^~")} | {
    mark: mark for mark in ("<<", ">>", "||", "&&", "^^", "<=", ">=", "!=")
}
_KNOWN |= {spelling: word for word in _KEYWORDS for spelling in (word, word.lower(), word.capitalize())}
_KNOWN |= {",": "", "TRUE": "TRUE", "true": "·", "false": "·"}
_CONSTANT = "·"


@dataclass(frozen=True, slots=True)
class Outline:
    """What a request asks for, as far as its tokens tell."""

    form: str  # SELECT, ASK, CONSTRUCT, DESCRIBE; UPDATE
    original: str  # as it was sent
    text: str  # as the engine is to read it
    prologue: str  # BASE and PREFIX declarations, as written
    default: tuple[str, ...]  # FROM: IRIs and prefixed names, as written
    named: tuple[str, ...]  # FROM NAMED
    services: tuple[str, ...]  # what SERVICE names: IRIs, prefixed names, variables
    volatile: bool  # two evaluations over one release may differ
    only_default: bool  # no graph but the default one is read
    sliced: bool  # it takes some of its rows, in the order in which they are found
    closures: bool  # some path may have length zero
    shape: str  # the same for texts that differ in constants only; hexadecimal

    def of(self, text: str) -> Outline:
        """That of a text with other constants in the same places, where none of them is told here."""
        return Outline(
            self.form,
            text,
            text,
            self.prologue,
            self.default,
            self.named,
            self.services,
            self.volatile,
            self.only_default,
            self.sliced,
            self.closures,
            self.shape,
        )


def outline(text: str, door: Door = "query") -> Outline:
    """The outline of a query, or of an update request.

    Raises TooLargeError for a long text, ForbiddenError for LOAD, QueryError for what is meant for the other door, for
    what nests too deep and for what cannot be told apart.
    """
    if len(text) > MAX_TEXT // 4 and len(text.encode()) > MAX_TEXT:
        raise TooLargeError(
            f"the query is longer than {MAX_TEXT} bytes; send large lists of values in several requests",
            f"Заявката е по-дълга от {MAX_TEXT} байта; изпратете дългите списъци на части",
        )
    texts = [one for one in TERMINAL.findall(text) if one]
    if len(texts) > MAX_TOKENS:
        raise TooLargeError(
            f"the query has more than {MAX_TOKENS} words and signs; send large lists of values in several requests",
            f"Заявката има над {MAX_TOKENS} думи и знаци; изпратете дългите списъци на части",
        )
    return _Reader(text, texts).query() if door == "query" else _Reader(text, texts).update()


class _Reader:
    """The tokens of one text, asked one thing after the other."""

    def __init__(self, text: str, texts: list[str]) -> None:
        self.text = text
        self.texts = texts
        self.prefixes: set[str] = set()
        self.normal: dict[str, str] = {}

    def query(self) -> Outline:
        start = self._prologue(0)
        form = self._at(start).upper()
        if form == "LOAD":
            raise LoadError
        if form in UPDATES:
            raise QueryError(
                f"{form} is an update; this address answers queries only, updates go to /update",
                f"{form} е промяна; на този адрес се изпълняват само заявки, промените са на /update",
            )
        if form not in FORMS:
            self._classify()
            raise QueryError(
                "this is no query: it has none of SELECT, ASK, CONSTRUCT, DESCRIBE",
                "Това не е заявка: липсва SELECT, ASK, CONSTRUCT или DESCRIBE",
            )
        found = self._classify()
        default: Sequence[str] = ()
        named: Sequence[str] = ()
        if "FROM" in found or any(prefix[:4].upper() in {"FROM", "NAME"} for prefix in self.prefixes):
            default, named = clauses.dataset(self.texts, start, form)
        return self._outline(form, start, found, default, named)

    def update(self) -> Outline:
        start = self._prologue(0)
        depth, opening = 0, True
        position = start
        while position < len(self.texts):
            one = self.texts[position]
            word = one.upper()
            if depth == 0:
                if opening:
                    position = self._prologue(position)
                    word = self._at(position).upper()
                    if word == "LOAD":
                        raise LoadError
                    if word in FORMS:
                        raise QueryError(
                            f"{word} is a query; this address takes updates only, queries go to /sparql",
                            f"{word} е заявка; на този адрес се приемат само промени, заявките са на /sparql",
                        )
                    if word and word not in UPDATES:
                        raise QueryError(
                            f"an update cannot begin with {self._at(position)!r}; is a space or „;“ missing?",
                            f"Промяна не може да започне с „{self._at(position)}“; да не липсва интервал или „;“?",
                        )
                elif word == "LOAD":
                    raise LoadError
                elif ":" in one and kind(one) == "name" and self.texts[position - 1].upper() not in _BEFORE_NAMES:
                    raise QueryError(f"write a space in {one!r}", f"Пишете интервал в „{one}“")
                opening = word == ";"
            depth += (word == "{") - (word == "}")
            position += 1
        found = self._classify()
        return self._outline("UPDATE", start, found, [], [])

    def _at(self, position: int) -> str:
        return self.texts[position] if position < len(self.texts) else ""

    def _prologue(self, position: int) -> int:
        """Where the declarations end that begin here."""
        while True:
            word = self._at(position).upper()
            if word == "PREFIX":
                self.prefixes.add(self._at(position + 1).partition(":")[0])
                position += 3
            elif word in {"BASE", "VERSION"}:
                position += 2
            else:
                return position

    def _classify(self) -> set[str]:
        """The keywords and marks that are there; refuses words, names and IRIs that cannot be."""
        normal, found = self.normal, set[str]()
        for one in dict.fromkeys(self.texts):
            known = _KNOWN.get(one)
            if known is None:
                known = self._other(one)
            normal[one] = known
            found.add(known)
        return found

    def _other(self, one: str) -> str:
        first = one[0]
        if first in "?$":
            return one
        match kind(one):
            case "iri":
                if len(one) > MAX_IRI:
                    raise QueryError(
                        f"an IRI is longer than {MAX_IRI} characters",
                        f"Адрес в заявката е по-дълъг от {MAX_IRI} знака",
                    )
            case "name":
                prefix = one.partition(":")[0]
                if prefix not in self.prefixes:
                    raise QueryError(
                        f"the prefix {prefix + ':'!r} is not declared",
                        f"Представката „{prefix}:“ не е обявена с PREFIX",
                    )
            case "word":
                word = one.upper()
                if word not in _KEYWORDS:
                    raise QueryError(
                        f"unknown word {one!r}; is a prefix or a space missing?",
                        f"Непозната дума „{one}“; да не липсва представка или интервал?",
                    )
                return word
            case "mark":
                if first in "\"'":
                    raise QueryError("a text in quotes is not closed", "Текст в кавички не е затворен")
                return one
        return _CONSTANT

    def _outline(self, form: str, start: int, found: set[str], default: Sequence[str], named: Sequence[str]) -> Outline:
        nesting.check(self.text, self.texts, start, found)
        services = clauses.services(self.texts) if "SERVICE" in found else ()
        if any("service" in prefix.lower() for prefix in self.prefixes):
            clauses.refuse_glued_service(self.texts)
        prologue = ""
        if start and (default or named or services):
            match = next(match for number, match in enumerate(TERMINAL.finditer(self.text)) if number == start)
            prologue = self.text[: match.start(1)]
        volatile = not found.isdisjoint(_VOLATILE) or (form == "CONSTRUCT" and self._makes_nodes(start, found))
        return Outline(
            form,
            self.text,
            mended(self.text, self.normal, found),
            prologue,
            tuple(default),
            tuple(named),
            services,
            volatile,
            found.isdisjoint(_BEYOND_DEFAULT),
            not found.isdisjoint(_SLICES) and found.isdisjoint(_ORDERS),
            "?" in found or ("*" in found and self._repeats()),
            self._shape(start),
        )

    def _shape(self, start: int) -> str:
        """Prologue, constants and commas left out, several constants in a row as one."""
        line = " ".join(map(self.normal.__getitem__, self.texts[start:]))
        if "· " in line:
            line = re.sub(r"·(?:[ ]+·)+", _CONSTANT, line)
        return blake2b(line.encode(), digest_size=8).hexdigest()

    def _repeats(self) -> bool:
        """Whether some `*` stands behind a path."""
        pairs = zip(self.texts, self.texts[1:], strict=False)
        return any(one == "*" and (before in {")", "a"} or kind(before) in {"iri", "name"}) for before, one in pairs)

    def _makes_nodes(self, start: int, found: set[str]) -> bool:
        """Whether a template makes blank nodes, which have other labels each time."""
        if found.isdisjoint(_NAMELESS) and "_:" not in self.text:
            return False
        depth = 0
        for one in self.texts[start:]:
            depth += (one == "{") - (one == "}")
            if depth and (one in _NAMELESS or one.startswith("_:")):
                return True
            if one == "}" and not depth:
                return False
        return False
