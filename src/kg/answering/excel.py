"""CSV that a Bulgarian spreadsheet opens as it stands, and that does nothing there.

A byte order mark says UTF-8, „;“ parts the cells, numbers have a decimal comma, and a text that the spreadsheet would
take for a formula begins with an apostrophe, also where the formula begins behind spaces or signs that nobody sees.
"""

from __future__ import annotations

import re
import unicodedata
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
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})  # control and format characters, spaces of every kind
_BLANK: Final = re.compile(  # letters and marks that Unicode asks not to show (Default_Ignorable_Code_Point)
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
_QUOTED: Final = re.compile(r'[;,"\t\r\n]')  # also what another locale, or an import dialog, parts cells at


def write(solutions: QuerySolutions, output: Output) -> int:
    """Writes the rows; returns how many."""
    names = [variable.value for variable in solutions.variables]
    output.write(("\ufeff" + ";".join(map(_quoted, names)) + "\r\n").encode())
    rows = 0
    for rows, solution in enumerate(solutions, start=1):  # noqa: B007 (the last number is the result)
        line = ";".join("" if term is None else cell(term) for term in solution)
        output.write((line + "\r\n").encode())
    return rows


def cell(term: NamedNode | BlankNode | Literal | Triple) -> str:
    """A term as it stands between two „;“."""
    if isinstance(term, Literal):
        if term.datatype.value in _NUMERIC and _NUMBER.fullmatch(term.value):
            return term.value.replace(".", ",")
        text = term.value
    elif isinstance(term, NamedNode):
        text = term.value
    else:
        text = str(term)
    return _quoted(f"'{text}" if _starts_formula(text) else text)


def _starts_formula(text: str) -> bool:
    """Whether the first sign that a spreadsheet does not pass over begins a formula."""
    for sign in text:
        if sign in _FORMULA:
            return True
        if unicodedata.category(sign) not in _UNSEEN and not _BLANK.match(sign):
            return False
    return False


def _quoted(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(text) else text
