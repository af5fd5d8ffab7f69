"""What can be said of a SPARQL text without parsing it: its form, its depth, what it asks of the outside.

The native parser recurses, so a few kilobytes of parentheses end its process; and it fetches what SERVICE and LOAD
name. Both are refused here first, in time linear in the text. The tokens are those of SPARQL 1.1 §19.8. The engine's
parser differs in two ways that would let text hide from us, and each is answered by a refusal that says „write a
space“: it needs no space after a keyword (`trueSERVICE<x>`), and it prefers the comparison `<` to an IRI inside
expressions (`1<a'>…`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.errors import ForbiddenError, QueryError, TooLargeError

MAX_TEXT = 2**20  # bytes
MAX_DEPTH = 256
MAX_CLAUSES = 10_000
MAX_IRI = 4096


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FORMS = _words("SELECT ASK CONSTRUCT DESCRIBE")
UPDATES = _words("INSERT DELETE LOAD CLEAR CREATE DROP COPY MOVE ADD WITH")
_VOLATILE = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\b", re.IGNORECASE)

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

# PN_CHARS and friends; other characters beyond ASCII end the engine's tokens too, but as errors.
_WORD = r"A-Za-z0-9_\-·\u0080-\U0010FFFF"
_START = r"A-Za-z_\u0080-\U0010FFFF"
_LOCAL = rf"(?:[{_WORD}:]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%])"
_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\r\n]+ | \#[^\r\n]*)
  | (?P<string>\"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*+\"\"\" | '''(?:'{{0,2}}(?:[^'\\]|\\.))*+'''
      | "(?:[^"\\\r\n]|\\.)*+" | '(?:[^'\\\r\n]|\\.)*+')
  | (?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*+>)
  | (?P<var>[?$][{_WORD}]+)
  | (?P<blank>_:[{_WORD}]++(?:\.++[{_WORD}]++)*+)
  | (?P<name>(?:[{_START}][{_WORD}.]{{0,255}}+)?:(?:{_LOCAL}++(?:\.++{_LOCAL}++)*+)?)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[a-z]+)?)
  | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<word>[{_START}][A-Za-z0-9_]*)
  | (?P<mark><<|>>|\|\||&&|\^\^|<=|>=|!=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPEN = {"(": ")", "[": "]", "{": "}", "<<": ">>"}
_TRIPLE_TERM = " )"  # closes `<<(`: terms stand in it, no expressions
_CLOSE = frozenset(_OPEN.values())
_PREFIX_OPERATORS = frozenset("!-+^")
_CLAUSE_MARKS = frozenset({"+", "-", "*", "/", "|", "||", "&&", "^", "{", ".", ";", "=", "<", ">", "!=", "<=", ">="})
_CLAUSE_WORDS = frozenset({"FILTER", "BIND", "AS", "UNION", "OPTIONAL", "MINUS"})
_NAMELESS = re.compile(r"\[|_:|\(|<<|~|\{\|")  # what a template may make new blank nodes of
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True, slots=True)
class Token:
    """A terminal of the grammar: what kind, which text, where it starts."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What a query asks for, as far as its tokens tell."""

    form: str  # SELECT, ASK, CONSTRUCT, DESCRIBE
    prologue: str  # BASE and PREFIX declarations, as written
    default: tuple[str, ...]  # FROM: IRIs and prefixed names, as written
    named: tuple[str, ...]  # FROM NAMED
    services: tuple[str, ...]  # what SERVICE names: IRIs, prefixed names, variables
    volatile: bool  # two evaluations over one release may differ


def tokens(text: str) -> Iterator[Token]:
    """Terminals in order, without white space and comments. Every character belongs to one."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind != "space":
            assert kind is not None
            yield Token(kind, match[0], match.start())


def outline(text: str) -> Outline:
    """The outline of a query.

    Raises TooLargeError for a long text, ForbiddenError for LOAD, QueryError for updates, for what nests too deep
    and for what cannot be told apart.
    """
    if len(text) > MAX_TEXT or len(text.encode()) > MAX_TEXT:
        raise TooLargeError(
            f"the query is longer than {MAX_TEXT} bytes; send large lists of values in several requests",
            f"Заявката е по-дълга от {MAX_TEXT} байта; изпратете дългите списъци на части",
        )
    return _Reader(text).read()


class _Reader:
    """One pass over the tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.form = ""
        self.form_start = 0
        self.open: list[str] = []
        self.unary = 0
        self.clauses = 0
        self.braces = 0
        self.prefixes: set[str] = set()
        self.default: list[str] = []
        self.named: list[str] = []
        self.services: list[str] = []

    def read(self) -> Outline:
        before: list[Token] = [Token("mark", "", 0)] * 3
        for token in tokens(self.text):
            self._quoted_triple(token, before[-1])
            self._measure(token, before[-1])
            if token.kind == "word":
                self._word(token, before[-1])
            elif token.kind == "name":
                self._name(token, before)
            elif token.kind == "iri":
                self._iri(token, before[-1])
            elif token.text == "{":
                self._glued_service(before)
            elif token.text in {'"', "'"}:
                raise QueryError("a text in quotes is not closed", "Текст в кавички не е затворен")
            self._clause(token, before)
            before = [*before[-2:], token]
        if not self.form:
            raise QueryError(
                "this is no query: it has none of SELECT, ASK, CONSTRUCT, DESCRIBE",
                "Това не е заявка: липсва SELECT, ASK, CONSTRUCT или DESCRIBE",
            )
        volatile = bool(_VOLATILE.search(self.text)) or (self.form == "CONSTRUCT" and bool(_NAMELESS.search(self.text)))
        return Outline(
            self.form,
            self.text[: self.form_start],
            tuple(self.default),
            tuple(self.named),
            tuple(self.services),
            volatile,
        )

    def _measure(self, token: Token, before: Token) -> None:
        text = token.text
        if token.kind == "mark":
            if text in _OPEN:
                triple_term = text == "(" and before.text == "<<"
                self.open.append(_TRIPLE_TERM if triple_term else _OPEN[text])
                self.braces += text == "{"
            elif text in _CLOSE and self.open and text == self.open[-1].strip():
                self.braces -= self.open.pop() == "}"
            self.unary = self.unary + 1 if text in _PREFIX_OPERATORS else 0
            self.clauses += text in _CLAUSE_MARKS
        else:
            self.unary = 0
            self.clauses += token.kind == "word" and text.upper() in _CLAUSE_WORDS
        if len(self.open) + self.unary > MAX_DEPTH:
            raise QueryError(
                f"the query nests deeper than {MAX_DEPTH} levels; write it flatter",
                f"Заявката е вложена на повече от {MAX_DEPTH} нива; напишете я по-плоско",
            )
        if self.clauses > MAX_CLAUSES:
            raise QueryError(
                f"the query has more than {MAX_CLAUSES} clauses and operators; use VALUES or IN for long lists",
                f"Заявката има повече от {MAX_CLAUSES} условия и действия; за дълги списъци използвайте VALUES или IN",
            )

    def _word(self, token: Token, before: Token) -> None:
        word = token.text.upper()
        if word not in _KEYWORDS:
            raise QueryError(
                f"unknown word {token.text!r}; is a prefix or a space missing?",
                f"Непозната дума „{token.text}“; да не липсва представка или интервал?",
            )
        if not self.open and not self.form and before.text.upper() != "PREFIX":
            if word == "LOAD":
                raise ForbiddenError(
                    "LOAD is not done here: this service fetches nothing from addresses in a request",
                    "LOAD не се изпълнява: услугата не чете адреси, посочени в заявка",
                )
            if word in UPDATES:
                raise QueryError(
                    f"{word} is an update; this address answers queries only",
                    f"{word} е промяна; на този адрес се изпълняват само заявки",
                )
            if word in FORMS:
                self.form, self.form_start = word, token.start

    def _name(self, token: Token, before: list[Token]) -> None:
        prefix = token.text.partition(":")[0]
        if before[-1].kind == "word" and before[-1].text.upper() == "PREFIX":
            self.prefixes.add(prefix)
        elif prefix not in self.prefixes:
            raise QueryError(
                f"the prefix {prefix + ':'!r} is not declared",
                f"Представката „{prefix}:“ не е обявена с PREFIX",
            )
        elif (
            not self.open
            and prefix[:4].upper() in {"FROM", "NAME"}
            and before[-1].text.upper() not in {"FROM", "NAMED"}
            and self.form in {"ASK", "CONSTRUCT", "SELECT"}
            and not self.braces
            and before[-1].text != "}"
            and before[-1].text.upper() not in {"BY", "HAVING", ")", "ASC", "DESC"}
        ):
            raise QueryError(
                f"write a space after FROM in {token.text!r}", f"Пишете интервал след FROM в „{token.text}“"
            )

    def _iri(self, token: Token, before: Token) -> None:
        text = token.text
        if len(text) > MAX_IRI:
            raise QueryError(
                f"an IRI is longer than {MAX_IRI} characters",
                f"Адрес в заявката е по-дълъг от {MAX_IRI} знака",
            )
        if self._after_operand(before) and not _ABSOLUTE.match(text):
            depth = 0
            for letter in text:
                depth += (letter == "(") - (letter == ")")
                if depth < 0 or letter in "'#":
                    raise QueryError(
                        f"write a space after „<“ in {text!r}, or the whole IRI",
                        f"Пишете интервал след „<“ в „{text}“ или целия адрес",
                    )

    def _after_operand(self, before: Token) -> bool:
        """Whether the engine takes a `<` here for a comparison: after an operand, with a bracket open in the group."""
        operand = before.text in {")", "]", ">>"} or before.kind != "mark"
        if not operand:
            return False
        for bracket in reversed(self.open):
            if bracket in {"}", _TRIPLE_TERM}:
                return False
            if bracket == ")":
                return True
        return False

    def _quoted_triple(self, token: Token, before: Token) -> None:
        """`1<<#>` is `1 < <#>` to the engine; read as a mark it would hide what follows, so it is not guessed."""
        if token.text == "<<" and token.kind == "mark" and self._after_operand(before):
            raise QueryError(
                "write a space after „<“ in „<<“, or before and after the triple it opens",
                "Пишете интервал след „<“ в „<<“",
            )

    def _clause(self, token: Token, before: list[Token]) -> None:
        """FROM, FROM NAMED and SERVICE name an IRI or a variable."""
        words = [one.text.upper() if one.kind == "word" else "" for one in before]
        if token.kind in {"iri", "name"} and not self.open:
            if words[-1] == "FROM":
                self.default.append(token.text)
            elif words[-2:] == ["FROM", "NAMED"]:
                self.named.append(token.text)
        if token.kind == "word" and token.text.upper() == "SERVICE":
            self.services.append("")
        elif self.services and not self.services[-1] and token.text.upper() != "SILENT":
            self.services[-1] = token.text

    def _glued_service(self, before: list[Token]) -> None:
        """`SERVICEex:a {`, where `ex:` and `serviceex:` are both declared, is SERVICE to the engine."""
        name = before[-1]
        if name.kind == "name" and "service" in name.text.partition(":")[0].lower() and self.braces > 1:
            previous = before[-2]
            if previous.text.upper() not in {"GRAPH", "SERVICE", "SILENT"}:
                self.services.append(name.text)
