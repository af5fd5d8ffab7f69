"""What a value that cannot be read must have meant, where only one reading is possible; else None, never a guess.

Whatever is proposed here is read without complaint.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date as Day
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from kg.load import dates
from kg.load.numbers import NumberError, read_decimal, read_integer
from kg.nearest import nearest

_CENTURY: Final = 50
"""Years of two digits below this are of this century; the others may be of either."""
_NUMBERED: Final = re.compile(r"[^\W_]*\d[^\W_]*")
_LETTERS: Final = str.maketrans("OoОоlI", "000011")
_THREE: Final = re.compile(
    r"(\d{1,4})\s*([./,\-\\ ])\s*(\d{1,2})\s*[./,\-\\ ]\s*(\d{1,4})\s*(?:г\.?|год\.?)?\Z", re.ASCII
)
_TWO: Final = re.compile(r"(\d{1,2})\s*[./,\-\\ ]\s*(\d{4})\Z", re.ASCII)
_YEARLESS: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.?\Z", re.ASCII)
_WORDED: Final = re.compile(r"((?:\d{1,2}\.?\s+)?)([^\W\d_]+)\.?\s+(\d{4})\s*(?:г\.?|год\.?|година)?\Z")
_SERIAL: Final = re.compile(r"\d{5}", re.ASCII)
_DAY_ZERO: Final = Day(1899, 12, 30)
"""From where spreadsheets count days."""
_COUNTED: Final = range(25569, 73051)
"""The days of 1970 to 2099, as they are counted."""
_MONTHS: Final = {name: number for names in dates.MONTHS for number, name in enumerate(names, 1)}
_CURRENCY: Final = re.compile(
    r"\A(?:bgn|eur|euro|€|лв\.?)\s*|\s*(?:bgn|eur|euro|€|лв\.?|лева|евро)\Z|,-\Z", re.IGNORECASE
)
_UNITS: Final = re.compile(r"\s*(?:бр\.?|броя|брой)\Z", re.IGNORECASE)
_NO_FRACTION: Final = re.compile(r"[.,]0{1,2}\Z")
_HOUR: Final = re.compile(
    r"(\d{1,2})(?:\s*[-,h: ]\s*|(?=\d\d\s*(?:ч|h|\Z)))?(\d{2})?\s*(?:ч\.?|часа|h)?\Z", re.IGNORECASE
)
_ADDRESS: Final = "-._~:/?#[]@!$&'()*+,;=%"


def date(written: str, period: dates.Interval | None = None) -> str | None:
    """The date that must be meant: „2023-13-01“ is 2023-01-13, „31.04.2023“ is the last day of April."""
    text = _digits(" ".join(written.split()))
    if period and period.start.year == period.end.year and (match := _YEARLESS.match(text)):
        text = f"{match[1]}.{match[2]}.{period.start.year}"
    for proposed in _dates(text):
        try:
            dates.read(proposed)
        except dates.DateError:
            continue
        return proposed
    return None


def _digits(text: str) -> str:
    """The text with letters that look like digits turned into them, where they stand among digits."""
    return _NUMBERED.sub(lambda match: match[0].translate(_LETTERS), text)


def _dates(text: str) -> Iterator[str]:
    yield text
    if _SERIAL.fullmatch(text) and int(text) in _COUNTED:
        yield f"{_DAY_ZERO + timedelta(days=int(text)):%d.%m.%Y}"
    if match := _THREE.match(text):
        first, between, second, last = match[1], match[2], int(match[3]), match[4]
        if len(first) == 4 and len(last) <= 2:
            day = _of(int(first), second, int(last))
            if day:
                yield day.isoformat()
        elif len(first) <= 2 and len(last) in (2, 4) and (year := _year(last)):
            day = _by_order(year, int(first), second, certain=between not in "/-\\")
            if day:
                yield f"{day:%d.%m.%Y}"
    if match := _TWO.match(text):
        yield f"{int(match[1]):02}.{match[2]}"
    if match := _WORDED.match(text):
        month = nearest(match[2].casefold(), _MONTHS)
        if month:
            yield f"{match[1].replace('.', '')}{month} {match[3]}"


def _year(text: str) -> int | None:
    year = int(text)
    if len(text) == 4:
        return year
    return 2000 + year if year < _CENTURY else None


def _by_order(year: int, first: int, second: int, *, certain: bool) -> Day | None:
    """The day, where the month may stand first; with dots the day comes first, unless there is no such day."""
    if certain:
        return _of(year, second, first)
    orders = {found for month, day in ((second, first), (first, second)) if (found := _exact(year, month, day))}
    if len(orders) == 1:
        return orders.pop()
    return None if orders else _of(year, second, first)


def _of(year: int, month: int, day: int) -> Day | None:
    """The day; where there is none, the day with the two numbers exchanged, else the last of the month, if it is the
    day before.
    """
    found = _exact(year, month, day) or _exact(year, day, month)
    if found is None and 1 <= month <= 12 and year and day == calendar.monthrange(year, month)[1] + 1:
        return _exact(year, month, day - 1)
    return found


def _exact(year: int, month: int, day: int) -> Day | None:
    try:
        return Day(year, month, day)
    except ValueError:
        return None


def number(written: str) -> str | None:
    """The number alone: „125 000 лв.“ is 125 000."""
    text = _CURRENCY.sub("", _digits(written.strip())).strip()
    try:
        read_decimal(text)
    except NumberError:
        return None
    return text


def unit(written: str) -> str | None:
    """The currency that stands beside a number: „лв.“ in „125 000 лв.“."""
    match = _CURRENCY.search(written.strip())
    return match[0].strip(" .,-") or None if match and number(written) is not None else None


def whole(written: str) -> str | None:
    """The whole number: „26 бр.“ and „26,0“ are 26."""
    text = _NO_FRACTION.sub("", _UNITS.sub("", _digits(written.strip())).strip())
    try:
        return read_integer(text)
    except NumberError:
        return None


def hour(written: str) -> str | None:
    """The hour: „17“, „17 ч.“ and „17-00“ are 17:00."""
    match = _HOUR.match(_digits(written.strip()))
    if match is None:
        return None
    hours, minutes = int(match[1]), int(match[2] or 0)
    return f"{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else None


def address(written: str) -> str:
    """The web address with its scheme, and with what may not stand in one written as %20 and the like."""
    text = written.strip()
    whole = text if "://" in text else f"https://{text}"
    return quote(whole, safe=_ADDRESS.replace("[", "").replace("]", ""))
