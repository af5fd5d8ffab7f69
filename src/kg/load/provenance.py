"""Evidence: which source says it, where in the source, and on what ground. No text is quoted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from kg.entry import Locator

_SPAN = re.compile(r"([0-9]+)\s*[-–]\s*([0-9]+)")
_LINES = re.compile(r"(?:line|lines|ред|редове)\s+([1-9][0-9]*)(?:\s*[-–]\s*([0-9]+))?")
_PAGE = re.compile(r"(?:page|стр\.?|страница)\s+([1-9][0-9]*)")
PLACES = (_SPAN, _LINES, _PAGE)
"""How a place in a text is written, in small letters."""


class SelectorError(ValueError):
    """The place in the source is not written in a known form; `bg` says it in Bulgarian."""

    def __init__(self, en: str, bg: str) -> None:
        super().__init__(en)
        self.bg = bg


@dataclass(frozen=True, slots=True)
class Origin:
    """What every entry of one source refers to as its source."""

    document: str  # IRI of the document, else of the graph
    files: str  # IRI prefix for the source's files
    basis: str = "explicit"
    length: int | None = None  # characters of the source text, where it is known


def fragment(text: str, length: int | None = None) -> str:
    """The fragment identifier of a written selector: `194-216`, `line 12`, `page 3` (RFC 5147 §2, RFC 8118 §3)."""
    written = text.strip().lower()
    if match := _SPAN.fullmatch(written):
        start, end = int(match[1]), int(match[2])
        if start >= end or (length is not None and end > length):
            raise SelectorError(
                f"„{text}“ is no span of characters: the first number must be the smaller, "
                "and the second within the text",
                f"„{text}“ не е откъс: първото число трябва да е по-малкото, а второто – в рамките на текста",
            )
        return f"char={start},{end}"
    if match := _LINES.fullmatch(written):
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise SelectorError(
                f"„{text}“: the first line must come before the last",
                f"„{text}“: първият ред трябва да е преди последния",
            )
        return f"line={first - 1},{last}"
    if match := _PAGE.fullmatch(written):
        return f"page={match[1]}"
    raise SelectorError(
        f"„{text}“ is no place in a text; write characters (194-216), „line 12“ or „page 3“",
        f"„{text}“ не е място в текст; пишете знаци (194-216), „ред 12“ или „стр. 3“",
    )


def place(at: Locator, origin: Origin) -> str:
    """The IRI of a place in one of the source's files (RFC 5147 for lines, RFC 7111 for rows)."""
    file = origin.files + quote(at.file)
    if at.sheet is not None:
        return f"{file}#sheet={quote(at.sheet)}&row={at.row}"
    if at.row is not None:
        return f"{file}#row={at.row}"
    if at.line is not None:
        return f"{file}#line={at.line - 1},{at.line}"
    return file
