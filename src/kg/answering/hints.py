"""What most likely is to be mended in a query that cannot be read.

A mistake is known by its signs, mended, and the text read again; what makes all of it readable is told, and what is a
mistake whatever else is wrong. When neither is found there is no hint. Reading evaluates nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Final

from pyoxigraph import NamedNode, Store

from kg.answering.misreading import Misreading
from kg.answering.slips import KEYWORDS, Slip, mended, put, short
from kg.errors import KgError
from kg.lexer import Token, outline, tokens

LONGEST: Final = 2**13  # characters; longer queries are written by programs
_SLOW_READING: Final = 0.03  # seconds
_MOST: Final = 3  # hints at a time
_ANY: Final = NamedNode("http://localhost/")
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_AGGREGATES: Final = frozenset("COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT".split())
_TERMS: Final = frozenset({"var", "iri", "name", "blank", "string", "number", "tag"})
_MODIFIERS: Final = frozenset("HAVING ORDER LIMIT OFFSET VALUES".split())

_NOWHERE: Final = Misreading(1, 1, 0, (), "")

Mended = tuple[Slip, str]
"""A mistake, and the text without it."""


def hint(text: str) -> tuple[str, str] | None:
    """One or a few sentences in English and Bulgarian; None when nothing is sure."""
    if len(text) > LONGEST:
        return None
    whole, slips = mended(text)
    begun = time.perf_counter()
    stopped = _stopped(whole)
    if time.perf_counter() - begun > _SLOW_READING:  # it would have to be read many times
        return None
    if stopped is not None:
        unsure = True
        for slip, candidate in _structure(whole, stopped):
            if unsure and _stopped(candidate) is None:
                slips, unsure = [*slips, slip], False
            elif slip.sure:
                slips.append(slip)
        if unsure:
            slips = [slip for slip in slips if slip.sure]
    if not slips:
        return None
    return " ".join(_sentence(slip.en) for slip in slips[:_MOST]), " ".join(
        _sentence(slip.bg) for slip in slips[:_MOST]
    )


def _sentence(text: str) -> str:
    return text if text.endswith("?") else f"{text}."


def _stopped(text: str) -> Misreading | None:
    """Where the engine stops reading a text; None when it can be read."""
    try:
        outline(text)
        # Two arguments that exclude each other: the engine parses, refuses them, and evaluates nothing.
        Store().query(text, base_iri=_ANY.value, use_default_graph_as_union=True, default_graph=_ANY)
    except SyntaxError as error:
        return Misreading.of(str(error), text) or _NOWHERE
    except KgError:
        return _NOWHERE
    except ValueError:
        return None
    return None


def _structure(text: str, stopped: Misreading) -> Iterator[Mended]:
    """What may be missing or too much, the likeliest first. Brackets that do not match hide all else."""
    found = list(tokens(text))
    unmatched = _brackets(text, found)
    if unmatched:
        yield unmatched
        return
    yield from _separators(text, found, stopped)
    yield from _filters(text, found)
    yield from _expressions(text, found)
    yield from _ungrouped(text, found)


def _brackets(text: str, found: list[Token]) -> Mended | None:
    """The kind of bracket of which there are more that open than close, or the other way round."""
    counts = Counter(token.text for token in found)
    unequal = next((pair for pair in _CLOSING.items() if counts[pair[0]] != counts[pair[1]]), None)
    if unequal is None or counts["'"] or counts['"']:  # a text that is not closed may hold brackets
        return None
    opening, closing = unequal
    more = counts[opening] > counts[closing]
    opened, closes = _unmatched(found)
    en = f"there are {counts[opening]} “{opening}” and {counts[closing]} “{closing}”"
    bg = f"има {counts[opening]} „{opening}“ и {counts[closing]} „{closing}“"
    whole = text
    if more:
        place = closes.start if closes else len(text)
        whole = put(text, [(place, place, f"\n{closing} ")])
        if opened and opened.text == opening and opening != "{":  # any of the braces around may be the one
            line = _line(text, opened.start)
            en, bg = f"“{opening}” of line {line} is not closed", f"„{opening}“ от ред {line} остава отворена"
        en, bg = f"A closing “{closing}” is missing: {en}", f"Липсва затваряща скоба „{closing}“: {bg}"
    else:
        if closes and closes.text == closing:
            whole = put(text, [(closes.start, closes.start + 1, " ")])
            line = _line(text, closes.start)
            en, bg = f"the one in line {line} closes nothing", f"тази на ред {line} не затваря нищо"
        en = f"There is a “{closing}” too many, or a “{opening}” is missing: {en}"
        bg = f"Има излишна скоба „{closing}“ или липсва „{opening}“: {bg}"
    return Slip(en, bg, sure=not counts["<"]), whole  # what was meant for an address may hold brackets, too


def _unmatched(found: list[Token]) -> tuple[Token | None, Token | None]:
    """The first bracket that is not closed, and what stands where that shows; None: nothing, and the end."""
    opened: list[Token] = []
    for token in found:
        if token.text in _CLOSING:
            opened.append(token)
        elif token.text in _CLOSING.values():
            if not opened or _CLOSING[opened[-1].text] != token.text:
                return opened[-1] if opened else None, token
            opened.pop()
    return opened[-1] if opened else None, None


def _separators(text: str, found: list[Token], stopped: Misreading) -> Iterator[Mended]:
    """A dot or a semicolon between two triples."""
    before: Token | None = None
    for token in found:
        if token.start >= stopped.offset:
            break
        before = token
    else:
        return
    if before is None or token.start != stopped.offset or not (_ends(before) and _begins(token)):
        return
    end, line = before.end, _line(text, before.start)
    for sign, en, bg in ((".", "a dot", "точка"), (";", "a semicolon", "точка и запетая")):
        yield (
            Slip(
                f"Is {en} missing after “{short(before.text)}” in line {line}?",
                f"Да не липсва {bg} след „{short(before.text)}“ на ред {line}?",
            ),
            put(text, [(end, end, f" {sign}")]),
        )


def _ends(token: Token) -> bool:
    """Whether a triple may end with it."""
    return token.kind in _TERMS or token.text in {"]", ")"} or token.text.upper() in {"TRUE", "FALSE"}


def _begins(token: Token) -> bool:
    """Whether a triple, or a property with its value, may begin with it."""
    return token.kind in {"var", "iri", "name", "blank"} or token.text in {"[", "a"}


def _filters(text: str, found: list[Token]) -> Iterator[Mended]:
    """`FILTER ?x > 1`: the grammar wants a bracket or a function there."""
    for number, token in enumerate(found[:-1]):
        first = found[number + 1]
        if token.text.upper() != "FILTER" or not (first.kind in {"var", "number", "string"} or first.text == "!"):
            continue
        end = next((one.start for one in found[number + 1 :] if one.text in {".", "}"}), len(text))
        line = _line(text, token.start)
        yield (
            Slip(
                f"Write the condition of FILTER in brackets, in line {line}: FILTER (…)",
                f"Условието на FILTER на ред {line} се пише в скоби: FILTER (…)",
                sure=True,
            ),
            put(text, [(first.start, first.start, "("), (end, end, ")")]),
        )
        return


def _expressions(text: str, found: list[Token]) -> Iterator[Mended]:
    """`SELECT COUNT(?x) AS ?n`, as other languages have it."""
    closed: dict[int, int] = {}  # by the place of the opening bracket
    opened: list[int] = []
    for number, token in enumerate(found):
        if token.text == "(":
            opened.append(number)
        elif token.text == ")" and opened:
            closed[opened.pop()] = number
    for number, token in enumerate(found[:-1]):
        if token.text.upper() not in KEYWORDS or found[number + 1].text != "(" or found[number - 1].text == "(":
            continue
        place = closed.get(number + 1, len(found))
        named = found[place + 1 : place + 3]
        if len(named) < 2 or named[0].text.upper() != "AS" or named[1].kind != "var":
            continue
        end = named[1].end
        written = f"({text[token.start : end]})"
        yield (
            Slip(f"Write it in brackets: {short(written)}", f"Оградете го със скоби: {short(written)}"),
            put(text, [(token.start, end, written)]),
        )
        return


def _ungrouped(text: str, found: list[Token]) -> Iterator[Mended]:
    """Variables that are selected beside an aggregate, or under GROUP BY, and not grouped by."""
    starts = [number for number, token in enumerate(found) if token.text.upper() == "SELECT"]
    for start in starts[:_MOST]:
        selected, end, aggregates = _selected(found, start)
        grouped, place = _grouped(found, end)
        missing = [name for name in dict.fromkeys(selected) if name not in (grouped or ())]
        if not missing or (grouped is None and not aggregates):
            continue
        listed = " ".join(missing)
        if grouped is None:
            slip = Slip(
                f"{listed} stands beside an aggregate in SELECT: add GROUP BY {listed}",
                f"В SELECT {listed} стои до обобщаваща функция: добавете GROUP BY {listed}",
            )
            yield slip, put(text, [(place, place, f" GROUP BY {listed}")])
        else:
            slip = Slip(
                f"{listed} stands in SELECT and not in GROUP BY: add it there, or take it out",
                f"{listed} е в SELECT, но не и в GROUP BY: добавете го там или го махнете",
            )
            yield slip, put(text, [(place, place, f" {listed}")])


def _selected(found: list[Token], start: int) -> tuple[list[str], int, bool]:
    """The variables of a SELECT clause as they stand, where the clause ends, and whether it has aggregates."""
    depth, aggregates = 0, False
    names: list[str] = []
    for place in range(start + 1, len(found)):
        word = found[place].text.upper()
        if word in {"WHERE", "FROM", "{"}:
            return names, place, aggregates
        depth += (word == "(") - (word == ")")
        aggregates = aggregates or word in _AGGREGATES
        if found[place].kind == "var" and not depth:
            names.append("?" + found[place].text[1:])
    return names, len(found), aggregates


def _grouped(found: list[Token], start: int) -> tuple[set[str] | None, int]:
    """The variables of the GROUP BY behind a pattern, None without one; and where more would stand."""
    depth, end = 0, 0
    names: set[str] | None = None
    for token in found[start:]:
        word = token.text.upper()
        depth += (word == "{") - (word == "}")
        if depth < 0 or (not depth and word in _MODIFIERS):
            break
        if word == "GROUP" and not depth:
            names = set()
        elif names is not None and token.kind == "var" and not depth:
            names.add("?" + token.text[1:])
        end = token.end
    return names, end


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
