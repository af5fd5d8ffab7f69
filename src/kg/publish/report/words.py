"""Places and values as text: what stands in a file or a graph, fit to be written into any document."""

from __future__ import annotations

import re

from kg.entry import Locator
from kg.finding import Finding
from kg.namespaces import CODE, MKG

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_PICTURES = 0x2400  # ␀, and the pictures of the control characters after it


def sound(text: str) -> str:
    """The text as UTF-8 can carry it: half of a surrogate pair is „\ufffd“."""
    return text.encode("utf-8", "replace").decode("utf-8") if _halved(text) else text


def _halved(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def visible(text: str) -> str:
    """The text with control characters as pictures, for where they may not stand."""

    def picture(match: re.Match[str]) -> str:
        code = ord(match[0])
        return chr(_PICTURES + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"

    return _CONTROL.sub(picture, sound(text))


def short(value: object) -> str | None:
    """A value as people write it: an id, a code, a text."""
    if value is None:
        return None
    text = str(getattr(value, "value", value))
    for prefix in (CODE, MKG):
        if text.startswith(prefix):
            return text.removeprefix(prefix)
    return text.partition("/id/")[2] if "://" in text and "/id/" in text else text


def cell(at: Locator) -> str | None:
    """The cell in a spreadsheet's own words, „Лист1!C7“; a whole row as „Лист1!7:7“. None of other files."""
    if at.sheet is None or at.row is None:
        return None
    quoted = at.sheet if re.fullmatch(r"\w+", at.sheet) else "'{}'".format(at.sheet.replace("'", "''"))
    return f"{quoted}!{at.cell or f'{at.row}:{at.row}'}"


def rule(finding: Finding) -> str:
    """What the finding goes by: the shape's local name, else the kind of mistake."""
    local = re.split("[#/]", finding.shape or "")[-1]
    return local if re.fullmatch(r"[\w.-]+", local) else finding.component or "Finding"
