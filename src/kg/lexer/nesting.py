"""The brackets of a SPARQL text: how deep they go, and what may not stand in them."""

from __future__ import annotations

import re
from typing import Final

from kg.errors import QueryError
from kg.lexer.terminals import IRI, TERMINAL, kind

MAX_DEPTH: Final = 256
MAX_NEGATIONS: Final = 12  # „!(“ in each other: the parser tries a malformed one in two ways at each level
MAX_CLAUSES: Final = 10_000
MAX_PATTERN: Final = 15_000  # the parser's stack holds twice as much

AGGREGATES: Final = frozenset("COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT".split())
_OPEN = {"(": ")", "[": "]", "{": "}", "<<": ">>"}
_PREFIX_OPERATORS = frozenset("!-+^")
_CLAUSE_MARKS = frozenset({"+", "-", "*", "/", "|", "||", "&&", "^", "{", ".", ";", "=", "<", ">", "!=", "<=", ">="})
_CLAUSE_WORDS = frozenset({"FILTER", "BIND", "AS", "UNION", "OPTIONAL", "MINUS"})
_NO_FUNCTIONS = frozenset({"A", "TRUE", "FALSE", "UNDEF", "VALUES"})  # words before brackets that hold terms
_DATA = frozenset({"VALUES", "DATA"})  # the braces that follow hold terms
_NO_SUBJECTS = frozenset("\"'0123456789+-.")
_ADDRESS = re.compile(IRI)

# What stands in a bracket. Terms without patterns around them count as values.
_PATTERN, _VALUES, _SUBSELECT, _EXPRESSION, _AGGREGATE = range(5)


def check(text: str, texts: list[str], start: int, found: set[str]) -> None:
    """Raises QueryError for what nests too deep or grows too long, and for what the engine would read otherwise.

    `start` is where the declarations end, `found` are the keywords and marks among the terminals. Most texts are seen
    to be harmless by them alone.
    """
    if "!" in found and _negations(texts) > MAX_NEGATIONS:
        raise QueryError(
            f"more than {MAX_NEGATIONS} negations stand in each other; write the expression with fewer",
            f"Вложени са повече от {MAX_NEGATIONS} отрицания; запишете израза с по-малко",
        )
    compares = "(" in found and text.count("<") > sum(one[0] == "<" for one in texts[:start])
    inner = found & AGGREGATES
    aggregates = bool(inner) and (len(inner) > 1 or sum(one.upper() in AGGREGATES for one in texts) > 1)
    if compares or aggregates or len(texts) > MAX_DEPTH:
        _Pass(text, texts).run()


def _negations(texts: list[str]) -> int:
    """How many follow each other with nothing but brackets between them."""
    most = count = 0
    for one in texts:
        if one == "!":
            count += 1
            most = max(most, count)
        elif one != "(":
            count = 0
    return most


class _Pass:
    """One walk over the terminals, with a stack of the brackets that are open."""

    def __init__(self, text: str, texts: list[str]) -> None:
        self.text = text
        self.texts = texts
        self.open: list[tuple[str, int]] = []  # what closes it, what stands in it
        self.unary = 0
        self.clauses = 0
        self.terms = 0  # in patterns
        self.values = False  # the next brace holds values

    def run(self) -> None:
        texts = self.texts
        before = ""
        for place, one in enumerate(texts):
            word = one.upper()
            inside = self.open[-1][1] if self.open else _SUBSELECT
            if one in _OPEN:
                self._opens(place, one, before.upper(), inside)
            elif self.open and one == self.open[-1][0]:
                self.open.pop()
            elif word == "SELECT" and self.open:
                self.open[-1] = (self.open[-1][0], _SUBSELECT)
            self.values = word in _DATA or (self.values and one != "{")
            if inside >= _EXPRESSION and one[0] == "<" and len(one) > 1 and _operand(before):
                self._compares(place, one)
            self.unary = self.unary + 1 if one in _PREFIX_OPERATORS else 0
            self.clauses += inside != _VALUES and (one in _CLAUSE_MARKS or word in _CLAUSE_WORDS)
            self.terms += inside == _PATTERN
            self._measure()
            before = one

    def _opens(self, place: int, one: str, before: str, inside: int) -> None:
        if one == "(" and before == "<<":
            holds = inside
            if holds == _VALUES:
                self._subject(place)
        elif one == "(":
            holds = self._parenthesis(place, before, inside)
        elif one == "{":
            holds = _VALUES if self.values or inside == _VALUES else _PATTERN
        else:
            holds = _PATTERN if inside == _PATTERN else _VALUES
        self.open.append((_OPEN[one], holds))

    def _parenthesis(self, place: int, before: str, inside: int) -> int:
        """What a parenthesis holds: an expression, or the terms of a list, a path or a row."""
        if inside == _VALUES or before == "VALUES":
            return _VALUES
        word = before.isalpha() or "_" in before or before.isalnum()
        if inside == _PATTERN:
            function = word and kind(before) == "word" and before not in _NO_FUNCTIONS
            filtered = any(one.upper() == "FILTER" for one in self.texts[max(place - 3, 0) : place])
            if not function and not filtered:
                return _PATTERN
        if before not in AGGREGATES:
            return inside if inside == _AGGREGATE else _EXPRESSION
        for _, holds in reversed(self.open):
            if holds == _AGGREGATE:
                raise QueryError(
                    f"{before} stands inside another aggregate; compute the inner one in a sub-select",
                    f"{before} е вътре в друга обобщаваща функция; изчислете вътрешната в подзаявка (SELECT)",
                )
            if holds < _EXPRESSION:
                break
        return _AGGREGATE

    def _subject(self, place: int) -> None:
        """Neither data nor expressions hold triple terms about literals or triple terms (SPARQL 1.2 §19.8)."""
        subject, following = [*self.texts[place + 1 : place + 3], "", ""][:2]
        nested = subject == "<<" and following == "("
        if nested or subject[:1] in _NO_SUBJECTS or subject in {"true", "false"}:
            raise QueryError(
                f"the subject of a triple term cannot be {'a triple term' if nested else subject}",
                f"Подлогът на тройка в „<<( … )>>“ не може да бъде {'друга тройка' if nested else subject}",
            )

    def _compares(self, place: int, one: str) -> None:
        """By the longest token `?a<b>` and `?a<<b>` are no comparisons; the engine takes them for some."""
        if one in {"<=", "<<"}:
            start = next(match.start(1) for number, match in enumerate(TERMINAL.finditer(self.text)) if number == place)
            if one == "<=" or not _ADDRESS.match(self.text, start + 1):
                return
        raise QueryError(
            f"write a space after „<“ in {one!r}, or an operator before the IRI",
            f"Пишете интервал след „<“ в „{one}“ или знак за действие пред адреса",
        )

    def _measure(self) -> None:
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
        if self.terms > MAX_PATTERN:
            raise QueryError(
                f"the patterns of the query hold more than {MAX_PATTERN} terms; use VALUES for long lists",
                f"Условията на заявката имат повече от {MAX_PATTERN} елемента; за дълги списъци използвайте VALUES",
            )


def _operand(one: str) -> bool:
    """Whether an expression may end here, so that the engine takes a `<` for a comparison."""
    if one in {")", "]", ">>"}:
        return True
    if not one:
        return False
    what = kind(one)
    return what != "mark" and (what != "word" or one.upper() in {"TRUE", "FALSE"})
