"""CSV that a Bulgarian spreadsheet opens as it stands, and that does nothing there.

A byte order mark says UTF-8, „;“ parts the cells, numbers have a decimal comma, and a text that the spreadsheet would
take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import re
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Triple

from kg.answering.output import Output

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_NUMERIC: Final = frozenset(
    _XSD + name
    for name in (
        "integer decimal double float long int short byte nonNegativeInteger positiveInteger nonPositiveInteger "
        "negativeInteger unsignedLong unsignedInt unsignedShort unsignedByte"
    ).split()
)
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_FORMULA: Final = frozenset("=+-@\t\r\n|＝＋－＠")
_QUOTED: Final = re.compile(r'[;"\r\n]')


def write(solutions: QuerySolutions, output: Output) -> int:
    """Writes the rows; returns how many."""
    names = [variable.value for variable in solutions.variables]
    output.write(("\ufeff" + ";".join(map(_quoted, names)) + "\r\n").encode())
    rows = 0
    for rows, solution in enumerate(solutions, start=1):  # noqa: B007 (the last number is the result)
        line = ";".join("" if term is None else _quoted(cell(term)) for term in solution)
        output.write((line + "\r\n").encode())
    return rows


def cell(term: NamedNode | BlankNode | Literal | Triple) -> str:
    """A term as the spreadsheet is to show it."""
    if isinstance(term, Literal):
        if term.datatype.value in _NUMERIC and _NUMBER.fullmatch(term.value):
            return term.value.replace(".", ",")
        text = term.value
    elif isinstance(term, NamedNode):
        text = term.value
    else:
        text = str(term)
    return f"'{text}" if text[:1] in _FORMULA and text else text


def _quoted(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(text) else text
