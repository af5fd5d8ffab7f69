"""What can be told of a term by itself: whether it is well formed, and which of two comes first.

Datatypes are those of XML Schema 1.1 part 2; the order is that of SPARQL 1.1 §17.3 (`<`), with dates, times and years
as XML Schema orders them. What cannot be compared has no order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode

from kg.graph import Node
from kg.namespaces import RDF, XSD

_REMEMBERED: Final = 4096  # literals: dates and codes come again and again

Moment: TypeAlias = tuple[str, Decimal, bool]
"""A datatype, seconds, and whether a zone is told."""

Value: TypeAlias = int | Decimal | float | str | bool | Moment

_ZONE: Final = r"(?P<zone>Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_YEAR: Final = r"(?P<year>-?(?:[1-9]\d{3,}|0\d{3}))"
_MONTH: Final = r"(?P<month>0[1-9]|1[0-2])"
_DAY: Final = r"(?P<day>0[1-9]|[12]\d|3[01])"
_TIME: Final = (
    r"(?:(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d(?:\.\d+)?)|(?P<midnight>24:00:00(?:\.0+)?))"
)
_MOMENTS: Final = {
    "dateTime": f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}",
    "dateTimeStamp": f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE.removesuffix('?')}",
    "date": f"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}",
    "time": f"{_TIME}{_ZONE}",
    "gYear": f"{_YEAR}{_ZONE}",
    "gYearMonth": f"{_YEAR}-{_MONTH}{_ZONE}",
    "gMonth": f"--{_MONTH}{_ZONE}",
    "gMonthDay": f"--{_MONTH}-{_DAY}{_ZONE}",
    "gDay": f"---{_DAY}{_ZONE}",
}
_INTEGERS: Final[dict[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
_DURATION_DAYS: Final = r"(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
_FLOAT: Final = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN"
_NAME: Final = r"[^\W\d][\w.\-·]*"
_OTHERS: Final = {
    "boolean": r"true|false|1|0",
    "decimal": r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)",
    "double": _FLOAT,
    "float": _FLOAT,
    "duration": rf"-?P(?=[\dT])(?:\d+Y)?(?:\d+M)?{_DURATION_DAYS}",
    "yearMonthDuration": r"-?P(?=\d)(?:\d+Y)?(?:\d+M)?",
    "dayTimeDuration": rf"-?P(?=[\dT]){_DURATION_DAYS}",
    "hexBinary": r"(?:[0-9a-fA-F]{2})*",
    "base64Binary": r"(?:(?:[A-Za-z0-9+/] ?){4})*(?:(?:[A-Za-z0-9+/] ?){2}(?:[A-Za-z0-9+/] ?= ?|= ?=))?",
    "language": r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
    "normalizedString": r"[^\r\n\t]*",
    "token": r"(?:[^\s](?:[^\r\n\t ]| (?! ))*(?<! ))?",
    "Name": r"[^\W\d][\w.\-:·]*|:[\w.\-:·]*",
    "NCName": _NAME,
    "NMTOKEN": r"[\w.\-:·]+",
}
_PATTERNS: Final[Mapping[NamedNode, re.Pattern[str]]] = {
    XSD.term(name): re.compile(pattern, re.ASCII if name in _MOMENTS else 0)
    for name, pattern in {**_MOMENTS, **_OTHERS, **dict.fromkeys(_INTEGERS, r"[+-]?\d+")}.items()
}
_RANGES: Final[Mapping[NamedNode, tuple[int | None, int | None]]] = {
    XSD.term(name): limits for name, limits in _INTEGERS.items()
}
_STRING: Final = XSD.string
_TAGGED: Final = RDF.langString
_DECIMAL: Final = XSD.decimal
_BOOLEAN: Final = XSD.boolean
_FLOATS: Final = frozenset({XSD.double, XSD.float})
_DATED: Final = {XSD.term(name): name for name in _MOMENTS}
_WITHOUT_ORDER: Final = frozenset({"gMonth", "gMonthDay", "gDay"})
_PIECE: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]|\$", re.DOTALL)  # of a regular expression
_LENGTHS: Final = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_UNCERTAIN: Final = 14 * 3600  # seconds: no time zone is further away


@lru_cache(maxsize=_REMEMBERED)
def is_well_formed(literal: Literal) -> bool:
    """Whether the lexical form is one of its datatype; of a datatype that is not known, every form is."""
    datatype = literal.datatype
    pattern = _PATTERNS.get(datatype)
    if pattern is None:
        return True
    found = pattern.fullmatch(literal.value)
    if found is None:
        return False
    limits = _RANGES.get(datatype)
    if limits is not None:
        number = int(literal.value)
        low, high = limits
        return (low is None or number >= low) and (high is None or number <= high)
    return datatype not in _DATED or _is_day(found.groupdict())


def less(first: Node, second: Node, *, or_equal: bool = False) -> bool:
    """Whether `first < second` (or `<=`) in SPARQL; False when they cannot be compared."""
    if type(first) is not Literal or type(second) is not Literal:
        return False
    match _value(first), _value(second):
        case bool() as a, bool() as b:
            return a <= b if or_equal else a < b
        case bool(), _:
            return False
        case _, bool():
            return False
        case str() as a, str() as b:
            return a <= b if or_equal else a < b
        case (int() | Decimal()) as a, (int() | Decimal()) as b:
            return a <= b if or_equal else a < b
        case (int() | Decimal() | float()) as a, (int() | Decimal() | float()) as b:
            return float(a) <= float(b) if or_equal else float(a) < float(b)
        case tuple() as a, tuple() as b:
            return _earlier(a, b, or_equal=or_equal)
    return False


def text(node: Node) -> str | None:
    """STR() of a term (SPARQL 1.1 §17.4.2.5); None for one that has none."""
    return node.value if isinstance(node, NamedNode | Literal) else None


def matches_language(tag: str, range: str) -> bool:
    """langMatches (SPARQL 1.1 §17.4.3.5; RFC 4647 basic filtering)."""
    if range == "*":
        return bool(tag)
    tag, range = tag.lower(), range.lower()
    return tag == range or tag.startswith(range + "-")


def pattern(source: str, flags: str) -> Callable[[str], bool]:
    """REGEX (SPARQL 1.1 §17.4.3.14) for this pattern. Raises ValueError for one that cannot be read."""
    options = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE, "x": re.VERBOSE}
    if unknown := set(flags) - set(options) - {"q"}:
        raise ValueError(f"there is no flag {sorted(unknown)[0]!r}")
    number = 0
    for flag in flags:
        number |= options.get(flag, 0)
    if "q" in flags:
        source = re.escape(source)
    elif not number & re.MULTILINE:
        source = _ends(source)
    try:
        found = re.compile(source, number)
    except re.error as error:
        raise ValueError(str(error)) from error
    return lambda text: found.search(text) is not None


def is_iri(node: Node) -> bool:
    return type(node) is NamedNode


def is_blank(node: Node) -> bool:
    return type(node) is BlankNode


def is_literal(node: Node) -> bool:
    return type(node) is Literal


def _ends(source: str) -> str:
    """`$` as the end of the text; to Python it is also the place before a last newline."""
    return re.sub(
        r"\\.|\[\^?\]?(?:\\.|[^\]])*\]|\$", lambda one: r"\Z" if one[0] == "$" else one[0], source, flags=re.DOTALL
    )


@lru_cache(maxsize=_REMEMBERED)
def _value(literal: Literal) -> Value | None:
    """Something that Python can compare with others of its kind."""
    datatype = literal.datatype
    value = literal.value
    if datatype == _STRING:
        return value
    if datatype == _TAGGED or not is_well_formed(literal):
        return None
    if datatype in _RANGES:
        return int(value)
    if datatype == _DECIMAL:
        return Decimal(value)
    if datatype in _FLOATS:
        return float(value.replace("INF", "inf"))
    if datatype == _BOOLEAN:
        return value in {"true", "1"}
    name = _DATED.get(datatype)
    if name is None or name in _WITHOUT_ORDER:
        return None
    found = _PATTERNS[datatype].fullmatch(value)
    assert found is not None
    return (name.removesuffix("Stamp"), *_moment(found.groupdict()))


def _moment(parts: Mapping[str, str | None]) -> tuple[Decimal, bool]:
    """Seconds on the proleptic calendar, as if in UTC where no zone is told; and whether one is."""
    year, month, day = (int(parts.get(name) or default) for name, default in (("year", 1972), ("month", 1), ("day", 1)))
    days = _days(year, month) + day
    seconds = Decimal(days * 86400)
    if parts.get("midnight"):
        seconds += 86400
    elif parts.get("hour"):
        seconds += int(parts["hour"] or 0) * 3600 + int(parts["minute"] or 0) * 60 + Decimal(parts["second"] or 0)
    zone = parts.get("zone")
    if zone and zone != "Z":
        offset = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
        seconds += -offset if zone[0] == "+" else offset
    return seconds, zone is not None


def _days(year: int, month: int) -> int:
    """Days before the first of a month; year 0 is there (XML Schema 1.1)."""
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    return days + sum(_length(year, one) for one in range(1, month))


def _length(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else _LENGTHS[month]


def _is_day(parts: Mapping[str, str | None]) -> bool:
    """Whether the month has such a day."""
    day, month = parts.get("day"), parts.get("month")
    return day is None or month is None or int(day) <= _length(int(parts.get("year") or 2000), int(month))


def _earlier(one: Moment, other: Moment, *, or_equal: bool) -> bool:
    """Of moments of one datatype; one with a zone and one without are compared when no zone would change the order."""
    (kind, a, zoned), (other_kind, b, other_zoned) = one, other
    if kind != other_kind:
        return False
    if zoned != other_zoned:
        return b - a > _UNCERTAIN
    return a <= b if or_equal else a < b
