"""How deep an RDF document nests what the native parser takes by recursion: JSON, and triple terms."""

from __future__ import annotations

import re

from pyoxigraph import RdfFormat

MAX_DEPTH = 256

_JSON = re.compile(rb'"(?:[^"\\]|\\.)*+"|([\[{])|([\]}])', re.DOTALL)
_TERMS = re.compile(
    rb"#[^\r\n]*|\"\"\"(?:\"{0,2}(?:[^\"\\]|\\.))*+\"\"\"|'''(?:'{0,2}(?:[^'\\]|\\.))*+'''"
    rb"|\"(?:[^\"\\\r\n]|\\.)*+\"|'(?:[^'\\\r\n]|\\.)*+'|<[^<>\"{}|^`\\\s]*>|(<<)|(>>)",
    re.DOTALL,
)


def too_deep(raw: bytes, format: RdfFormat) -> int | None:
    """The line on which a document gets deeper than may be; None when it does not."""
    if format == RdfFormat.JSON_LD:
        return _line(raw, _JSON)
    if format != RdfFormat.RDF_XML and raw.count(b"<<") > MAX_DEPTH:
        return _line(raw, _TERMS)
    return None


def _line(raw: bytes, pattern: re.Pattern[bytes]) -> int | None:
    depth = 0
    for match in pattern.finditer(raw):
        if match[1]:
            depth += 1
            if depth > MAX_DEPTH:
                return raw.count(b"\n", 0, match.start()) + 1
        elif match[2]:
            depth -= 1
    return None
