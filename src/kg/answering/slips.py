"""Slips of the pen in single words and signs of a query: what they are, and the text without them.

Lines stay lines, so that a place in the mended text is on the same line as in the text that was sent.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kg.lexer import FORMS, UPDATES, Token, tokens
from kg.namespaces import PREFIXES

KEYWORDS: Final = (
    FORMS
    | UPDATES
    | frozenset(
        """
        BASE PREFIX VERSION DISTINCT REDUCED AS FROM NAMED WHERE ORDER GROUP BY ASC DESC HAVING LIMIT OFFSET VALUES
        SILENT INTO TO DEFAULT ALL DATA USING GRAPH UNION OPTIONAL MINUS FILTER BIND SERVICE UNDEF LATERAL
        A TRUE FALSE IN NOT EXISTS COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT SEPARATOR
        STR LANG LANGMATCHES LANGDIR HASLANG HASLANGDIR DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT
        SUBSTR STRLEN UCASE LCASE ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS
        MINUTES SECONDS TIMEZONE TZ NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRLANGDIR
        STRDT SAMETERM SAMEVALUE ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC ISTRIPLE REGEX REPLACE TRIPLE SUBJECT
        PREDICATE OBJECT ADJUST
        """.split()
    )
)
_OTHERWISE: Final = {"AND": "&&", "OR": "||", "ORDERBY": "ORDER BY", "GROUPBY": "GROUP BY"}
_LIKE_LATIN: Final = str.maketrans("АВЕКМНОРСТУХЅІЈЗавекмнорстухѕіјз", "ABEKMHOPCTYXSIJ3abekmhopctyxsij3")
_ALIKE: Final = 0.75  # of two words, by difflib
_WORD_LENGTH: Final = 32  # longer ones are no keywords
_MOST: Final = 3  # mistakes of one kind that are mended

_ANYTHING: Final = "urn:prefix:"  # for the rest to be read
_SHOWN: Final = 80  # characters
_SPACED: Final = re.compile(r"<[ \t]*([A-Za-z][A-Za-z0-9+.-]*://[^<>\"{}|^`\\\r\n]*)>")
_BARE: Final = re.compile(r"https?://[^\s<>\"{}|^`\\]*[^\s<>\"{}|^`\\.,;)]")
_QUOTED: Final = re.compile(r"[„“”«]([^„“”«»\"\\\r\n]*)[“”»]|[‚‘’]([^‚‘’'\\\r\n]*)[‘’]")


@dataclass(frozen=True, slots=True)
class Slip:
    """One mistake, as a sentence in English and Bulgarian; `sure`: it is one, whatever else is wrong."""

    en: str
    bg: str
    sure: bool = False


def mended(text: str) -> tuple[str, list[Slip]]:
    """The text without the slips that were recognised, and what they are."""
    text, slips = _marked(text)
    found = list(tokens(text))
    for mend in (_words, _signs, _prefixes):
        whole, more = mend(text, found)
        slips += more
        if whole != text:
            text, found = whole, list(tokens(whole))
    return text, slips


def put(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """The text with each range replaced; the ranges are in order."""
    parts: list[str] = []
    done = 0
    for start, end, instead in edits:
        parts += [text[done:start], instead]
        done = end
    return "".join([*parts, text[done:]])


def short(text: str) -> str:
    """So much of the text as is shown."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _marked(text: str) -> tuple[str, list[Slip]]:
    """Addresses and texts that are not marked as such, mended one at a time: each changes how the rest is read."""
    slips: list[Slip] = []
    for _ in range(_MOST):
        found = next(_unmarked(text), None)
        if found is None:
            break
        (start, end), instead, slip = found
        text = put(text, [(start, end, instead)])
        slips.append(slip)
    return text, list(dict.fromkeys(slips))


def _unmarked(text: str) -> Iterator[tuple[tuple[int, int], str, Slip]]:
    for token in tokens(text):
        if token.text == "<" and (found := _SPACED.match(text, token.start)):
            address = re.sub(r"[ \t]+", "%20", found[1].strip())
            slip = Slip(
                f"An address holds no spaces: {short(found[0])}",
                f"В адрес не може да има интервал: {short(found[0])}",
                sure=True,
            )
            yield found.span(), f"<{address}>", slip
        elif token.text in {"http:", "https:"} and (found := _BARE.match(text, token.start)):
            written = f"<{found[0]}>"
            slip = Slip(
                f"Write addresses in angle brackets: {short(written)}",
                f"Пишете адресите в ъглови скоби: {short(written)}",
                sure=True,
            )
            yield found.span(), written, slip
        elif token.text[0] in "„“”«‚‘’" and (found := _QUOTED.match(text, token.start)):
            quote = "'" if found[2] is not None else '"'
            written = f"{quote}{found[1] or found[2] or ''}{quote}"
            slip = Slip(f"Use straight quotation marks: {short(written)}", f"Ползвайте прави кавички: {short(written)}")
            yield found.span(), written, slip


def _words(text: str, terminals: list[Token]) -> tuple[str, list[Slip]]:
    """Keywords with wrong letters or a space in them, and words of other languages."""
    found = list(_runs(terminals))
    variables = {token.text[1:] for token in terminals if token.kind == "var"}
    edits: list[tuple[int, int, str]] = []
    slips: dict[str, Slip | None] = {}  # by what was written
    instead: dict[str, str] = {}
    end = 0
    for number, (start, word) in enumerate(found):
        if word.upper() in KEYWORDS or start < end:
            continue
        near = found[max(number - 1, 0) : number + 2]
        split = next((pair for pair in pairwise(near) if pair[0][0] >= end and _one_word(text, *pair)), None)
        if split:
            (begins, first), (last_begins, last) = split
            end, whole = last_begins + len(last), (first + last).upper()
            edits.append((begins, end, whole))
            slips[whole] = Slip(f"“{first} {last}” is one word: {whole}", f"„{first} {last}“ се пише слято: {whole}")
            continue
        if word not in instead:
            if len(instead) == _MOST:
                return text, []
            instead[word], slips[word] = _instead(word, variables)
        edits.append((start, start + len(word), instead[word]))
    return put(text, edits), [slip for slip in slips.values() if slip]


def _runs(terminals: Iterable[Token]) -> Iterator[tuple[int, str]]:
    """Words with their places; beyond ASCII, a word is several terminals."""
    start, run = 0, ""
    for token in terminals:
        if token.kind == "word" and run and token.start == start + len(run):
            run += token.text
            continue
        if run:
            yield start, run
        start, run = token.start, token.text if token.kind == "word" else ""
    if run:
        yield start, run


def _one_word(text: str, first: tuple[int, str], last: tuple[int, str]) -> bool:
    between = text[first[0] + len(first[1]) : last[0]]
    return bool(between) and not between.strip(" ") and (first[1] + last[1]).upper() in KEYWORDS


def _instead(word: str, variables: set[str]) -> tuple[str, Slip | None]:
    """What the word most likely stands for."""
    capitals = word.upper()
    latin = word.translate(_LIKE_LATIN)
    if latin != word and latin.upper() in KEYWORDS:
        letters = ", ".join(dict.fromkeys(one for one in word if one not in latin))
        return latin, Slip(
            f"“{word}” holds Cyrillic letters that look like Latin ones ({letters}); write {latin}",
            f"В „{word}“ има букви на кирилица, които приличат на латински ({letters}); напишете {latin} на латиница",
            sure=True,
        )
    if capitals in _OTHERWISE:
        instead = _OTHERWISE[capitals]
        return instead, Slip(f"Write {instead} instead of “{word}”", f"Вместо „{word}“ напишете {instead}")
    if word in variables:
        near = [f"?{word}"]
    elif len(word) > _WORD_LENGTH:
        near = []
    else:
        near = _near(capitals, KEYWORDS)
    if not near:
        return word, None
    return near[0], Slip(f"Did you mean {near[0]} instead of “{word}”?", f"Може би {near[0]} вместо „{word}“?")


def _near(word: str, known: Iterable[str]) -> list[str]:
    """The known word that has the same letters, else the one that is most like it; at most one."""
    known = sorted(known)
    letters = sorted(word.lower())
    same = [one for one in known if sorted(one.lower()) == letters]
    return same[:1] or difflib.get_close_matches(word, known, 1, _ALIKE)


def _signs(text: str, terminals: list[Token]) -> tuple[str, list[Slip]]:
    """Commas between what is selected or sorted by, and `==`."""
    edits: list[tuple[int, int, str]] = []
    slips: list[Slip] = []
    braces = brackets = 0
    clause: int | None = None  # brackets around the SELECT clause that is being read
    before = Token("", "", -1)
    for token in terminals:
        word = token.text.upper()
        braces += (word == "{") - (word == "}")
        brackets += (word in {"(", "["}) - (word in {")", "]"})
        if word == "SELECT":
            clause = brackets
        elif word in {"WHERE", "FROM", "{"}:
            clause = None
        if word == "," and (brackets == clause or (braces == brackets == 0)):
            edits.append((token.start, token.start + 1, " "))
            slips.append(
                Slip(
                    "Put no commas between variables: SELECT ?a ?b",
                    "Между променливите не се пишат запетаи: SELECT ?a ?b",
                    sure=clause is not None,
                )
            )
        elif word == "=" and before.text == "=" and before.start + 1 == token.start:
            edits.append((token.start, token.start + 1, " "))
            slips.append(Slip("Write = instead of “==”", "Вместо „==“ напишете ="))
        before = token
    return put(text, edits), list(dict.fromkeys(slips))


def _prefixes(text: str, terminals: list[Token]) -> tuple[str, list[Slip]]:
    """Prefixes that are not declared."""
    declared: set[str] = set()
    missing: dict[str, None] = {}
    before = ""
    for token in terminals:
        if token.kind == "name":
            prefix = token.text.partition(":")[0]
            if before == "PREFIX":
                declared.add(prefix)
            elif not text.startswith("//", token.end):  # what was meant for an address
                missing[prefix] = None
        before = token.text.upper()
    wanted = [prefix for prefix in missing if prefix not in declared]
    head = "".join(f"PREFIX {prefix}: <{PREFIXES.get(prefix, _ANYTHING)}> " for prefix in wanted)
    return head + text, [_declaration(prefix, declared) for prefix in wanted[:_MOST]]


def _declaration(prefix: str, declared: set[str]) -> Slip:
    if prefix in PREFIXES:
        line = f"PREFIX {prefix}: <{PREFIXES[prefix]}>"
        return Slip(f"Add the line {line}", f"Добавете реда {line}", sure=True)
    if near := _near(prefix, declared):
        return Slip(
            f"Did you mean {near[0]}: instead of {prefix}:?", f"Може би {near[0]}: вместо {prefix}:?", sure=True
        )
    return Slip(
        f"Add a line PREFIX {prefix}: <the address that it stands for>",
        f"Добавете ред PREFIX {prefix}: <адресът, за който стои>",
        sure=True,
    )
