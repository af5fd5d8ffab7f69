"""Dates as people write them, read into the interval that encloses them."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import TypeAlias

MONTHS = (
    "януари февруари март април май юни юли август септември октомври ноември декември".split(),
    "january february march april may june july august september october november december".split(),
)
_MONTH = {name: number for names in MONTHS for number, name in enumerate(names, 1)}
_MONTH |= {name[:3]: number for name, number in _MONTH.items() if name.isascii() or len(name) > 4}
_NAME = "|".join(sorted(_MONTH, key=len, reverse=True))
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4, "първо": 1, "второ": 2}
_QUARTERS |= {"трето": 3, "четвърто": 4}
FIRST_YEAR, LAST_YEAR = 1800, 2200
_YEARLESS = re.compile(
    rf"\d{{1,2}}\s+(?:{_NAME})\.?|(?:{_NAME})|\d{{1,2}}\.\d{{1,2}}\.?|\d{{1,2}}\s*[-–]\s*\d{{1,2}}\s+(?:{_NAME})"
)

_MONTH_STATED = re.compile(r"\d{4}-\d{2}", re.ASCII)
_DASH = r"\s*[-–—]\s*"
_BEFORE = r"(?:на|през|месец|м\.)\s+"
_AFTER = r"\s*(?:г\.?|год\.?|година)"
_BETWEEN = r"\s*(?:/|–|—|\s-\s|\sдо\s)\s*"
_CLOCKS = tuple(
    re.compile(pattern + r"\Z", re.ASCII)
    for pattern in (
        r"t(?P<h>\d{1,2}):(?P<m>\d{2})(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d\d:?\d\d)?",
        r"[ ,]+(?:в|от)?\s*(?P<h>\d{1,2})[:.](?P<m>\d{2})(?::\d{2})?"
        r"(?:\s*(?:-|–|до)\s*(?P<h2>\d{1,2})[:.](?P<m2>\d{2}))?\s*(?:ч\.?|часа)?",
    )
)


@dataclass(frozen=True, slots=True)
class Interval:
    """First and last day, how exact each is (day, week, month, quarter, year), and the clock where stated."""

    start: date
    end: date
    precision: str  # of the start
    end_precision: str
    start_time: time | None = None
    end_time: time | None = None

    @property
    def is_span(self) -> bool:
        """Whether it runs from one date to another, and is no single day, week, month, quarter or year."""
        return (self.end_precision, self.end) != (self.precision, _last(self.start, self.precision))

    @property
    def ends(self) -> tuple[str, str]:
        """Its two ends as dates of their own, each as exact as it is."""
        return _written(self.start, self.precision), _written(self.end, self.end_precision)


class DateError(ValueError):
    """The text is no date; the message says what to write, in English; `bg` says it in Bulgarian."""

    def __init__(self, en: str, bg: str) -> None:
        super().__init__(en)
        self.bg = bg


def read(text: str, period: Interval | None = None) -> Interval:
    """The interval that the text states. Raises DateError.

    `period` is what the source says it covers; it gives the year to „28 юни“ when it lies within one year.

    >>> read("26–30.06.2023").end
    datetime.date(2023, 6, 30)
    """
    written = " ".join(text.lower().replace("\xa0", " ").split())
    clock = next(filter(None, (pattern.search(written) for pattern in _CLOCKS)), None)
    times: tuple[time | None, time | None] = (None, None)
    if clock and len(written[: clock.start()]) >= 6:
        written = written[: clock.start()]
        try:
            first = time(int(clock["h"]), int(clock["m"]))
            last = time(int(clock["h2"]), int(clock["m2"])) if clock.groupdict().get("h2") else None
        except ValueError:
            raise DateError(
                f"„{text}“ has no possible hour; write 17:00", f"„{text}“ съдържа невъзможен час; пишете 17:00"
            ) from None
        times = (first, last)
    written = re.sub(_AFTER + r"\Z", "", written).strip()
    written = re.sub(r"\A" + _BEFORE, "", written)
    if period and period.start.year == period.end.year and _YEARLESS.fullmatch(written):
        written = written.rstrip(".")
        written += f"{'.' if written[-1].isdigit() else ' '}{period.start.year}"
    interval = _interval(written, text)
    if times[0] and {interval.precision, interval.end_precision} != {"day"}:
        raise DateError(f"„{text}“ has an hour but no day", f"„{text}“ съдържа час, но не и ден")
    if not (interval.start.year >= FIRST_YEAR and interval.end.year <= LAST_YEAR):
        raise DateError(
            f"„{text}“: the year is outside {FIRST_YEAR}–{LAST_YEAR}",
            f"„{text}“: годината е извън {FIRST_YEAR}–{LAST_YEAR}",
        )
    if interval.end < interval.start:
        raise DateError(f"„{text}“ ends before it starts", f"„{text}“ свършва преди да е започнало")
    return replace(interval, start_time=times[0], end_time=times[1])


def _interval(written: str, text: str) -> Interval:
    try:
        for pattern, reading in _READINGS:
            if match := pattern.fullmatch(written):
                return reading(match)
        parts = re.split(_BETWEEN, written)
        if len(parts) == 2 and all(parts):
            first, last = (_single(part) for part in parts)
            if first and last:
                return Interval(first.start, last.end, first.precision, last.end_precision)
    except ValueError:
        en, bg = _days_there_are(written)
        raise DateError(f"„{text}“ is no day of the calendar{en}", f"„{text}“ не е ден от календара{bg}") from None
    if re.fullmatch(rf"\d{{1,2}}\.?\s*(?:{_NAME})\.?|\d{{1,2}}\.\d{{1,2}}\.?", written):
        whole = f"{written.rstrip('.')}{'.' if written.rstrip('.')[-1].isdigit() else ' '}2024"
        raise DateError(
            f"„{text}“ has no year; add it, for example {whole}", f"„{text}“ е без година; добавете я, например {whole}"
        )
    if re.fullmatch(r"\d{1,2}[./]\d{1,2}[./]\d{2}", written):
        raise DateError(
            f"„{text}“: write the year with four digits, 28.06.2023",
            f"„{text}“: пишете годината с четири цифри, 28.06.2023",
        )
    raise DateError(
        f"„{text}“ is no date that can be read; write 28.06.2023, 2023-06-28, 06.2023, 2023-W26 or 26–30.06.2023",
        f"„{text}“ не може да се прочете като дата; пишете 28.06.2023, 2023-06-28, 06.2023, 2023-W26 или 26–30.06.2023",
    )


def _last(day: date, precision: str) -> date:
    """The last day of the week, month, quarter or year that begins on a day."""
    if precision == "week":
        return day + timedelta(days=6)
    months = {"month": 0, "quarter": 2, "year": 11}.get(precision)
    if months is None:
        return day
    month = min(day.month + months, 12)
    return date(day.year, month, calendar.monthrange(day.year, month)[1])


def _written(day: date, precision: str) -> str:
    year, week, _ = day.isocalendar()
    forms = {
        "week": f"{year}-W{week:02}",
        "month": f"{day:%m.%Y}",
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
        "year": f"{day.year}",
    }
    return forms.get(precision, f"{day:%d.%m.%Y}")


def _days_there_are(written: str) -> tuple[str, str]:
    """How many days the month of a day has that is none, in English and Bulgarian; nothing where no month is told."""
    match = re.fullmatch(r"(?P<y>\d{4})-(?P<m>\d\d)-\d\d|\d{1,2}\.\s?(?P<m2>\d{1,2})\.\s?(?P<y2>\d{4})", written)
    year, month = (int(match[one] or match[f"{one}2"]) for one in "ym") if match else (0, 0)
    if not (year and 1 <= month <= 12):
        return "", ""
    days = calendar.monthrange(year, month)[1]
    return (
        f": {MONTHS[1][month - 1].title()} {year} has {days} days",
        f": {MONTHS[0][month - 1]} {year} г. има {days} дни",
    )


def _single(written: str) -> Interval | None:
    for pattern, reading in _READINGS:
        if match := pattern.fullmatch(written):
            return reading(match)
    return None


def _day(year: str, month: int | str, day: str) -> Interval:
    value = date(int(year), int(month), int(day))
    return _span(value, value)


def _span(first: date, last: date) -> Interval:
    return Interval(first, last, "day", "day")


def _month(year: str, month: int | str) -> Interval:
    y, m = int(year), int(month)
    return Interval(date(y, m, 1), date(y, m, calendar.monthrange(y, m)[1]), "month", "month")


def _quarter(year: str, quarter: int) -> Interval:
    y, last = int(year), quarter * 3
    return Interval(date(y, last - 2, 1), date(y, last, calendar.monthrange(y, last)[1]), "quarter", "quarter")


def _week(year: str, week: str) -> Interval:
    monday = date.fromisocalendar(int(year), int(week), 1)
    return Interval(monday, monday + timedelta(days=6), "week", "week")


def _named(match: re.Match[str], group: str = "name") -> int:
    return _MONTH[match[group]]


_Reading: TypeAlias = "tuple[re.Pattern[str], Callable[[re.Match[str]], Interval]]"
_READINGS: tuple[_Reading, ...] = tuple(
    (re.compile(pattern, re.ASCII), reading)
    for pattern, reading in (
        (r"(\d{4})-(\d{2})-(\d{2})", lambda m: _day(m[1], m[2], m[3])),
        (r"(\d{4})-(\d{2})", lambda m: _month(m[1], m[2])),
        (r"(\d{4})", lambda m: Interval(date(int(m[1]), 1, 1), date(int(m[1]), 12, 31), "year", "year")),
        (r"(\d{4})-?w(\d{1,2})", lambda m: _week(m[1], m[2])),
        (r"(\d{4})-?q([1-4])", lambda m: _quarter(m[1], int(m[2]))),
        (r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", lambda m: _day(m[3], m[2], m[1])),
        (r"(\d{1,2})\.(\d{4})", lambda m: _month(m[2], m[1])),
        (
            rf"(\d{{1,2}}){_DASH}(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}})",
            lambda m: _span(date(int(m[4]), int(m[3]), int(m[1])), date(int(m[4]), int(m[3]), int(m[2]))),
        ),
        (
            rf"(\d{{1,2}})\.(\d{{1,2}})\.?{_DASH}(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}})",
            lambda m: _span(date(int(m[5]), int(m[2]), int(m[1])), date(int(m[5]), int(m[4]), int(m[3]))),
        ),
        (
            rf"(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}}){_DASH}(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}})",
            lambda m: _span(date(int(m[3]), int(m[2]), int(m[1])), date(int(m[6]), int(m[5]), int(m[4]))),
        ),
        (rf"(\d{{1,2}})\s+(?P<name>{_NAME})\.?\s+(\d{{4}})", lambda m: _day(m[3], _named(m), m[1])),
        (rf"(?P<name>{_NAME})\.?\s+(\d{{4}})", lambda m: _month(m[2], _named(m))),
        (
            rf"(\d{{1,2}}){_DASH}(\d{{1,2}})\s+(?P<name>{_NAME})\.?\s+(\d{{4}})",
            lambda m: _span(date(int(m[4]), _named(m), int(m[1])), date(int(m[4]), _named(m), int(m[2]))),
        ),
        (
            rf"(\d{{1,2}})\s+(?P<name>{_NAME})\.?{_DASH}(\d{{1,2}})\s+(?P<last>{_NAME})\.?\s+(\d{{4}})",
            lambda m: _span(date(int(m[5]), _named(m), int(m[1])), date(int(m[5]), _named(m, "last"), int(m[3]))),
        ),
        (
            r"(iv|i{1,3}|[1-4]|първо|второ|трето|четвърто)(?:-?[вртоия]{1,2})?\s+тримесечие(?:\s+на)?\s+(\d{4})",
            lambda m: _quarter(m[2], _QUARTERS[m[1]]),
        ),
    )
)


def write(stated: str, precision: str = "", *, starts: bool = False) -> str:
    """How a person writes what is kept as a day, a month or a year; `stated` is in the form of XML Schema.

    With a precision the day begins or ends a week, month, quarter or year, which is written.

    >>> write("2024-02-29"), write("2024-02-29", "month"), write("2024-02")
    ('29.02.2024', '02.2024', '02.2024')
    """
    if _MONTH_STATED.fullmatch(stated):
        return f"{stated[5:]}.{stated[:4]}"
    try:
        day = date.fromisoformat(stated)
    except ValueError:
        return stated
    year, week, _ = day.isocalendar()
    texts = {
        "week": f"{year}-W{week:02}",
        "month": f"{day:%m.%Y}",
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
        "year": f"{day.year}",
    }
    if precision in texts and FIRST_YEAR <= day.year <= LAST_YEAR:
        interval = read(texts[precision])
        if (interval.start if starts else interval.end) == day:
            return texts[precision]
    return f"{day:%d.%m.}{day.year:04}"


def pattern() -> str:
    """What `read` takes, as a regular expression over small letters; it matches what no calendar has, too."""
    one, clock = ("|".join(reading.pattern for reading in some) for some in ((one for one, _ in _READINGS), _CLOCKS))
    dates = rf"(?:{one})(?:{_BETWEEN}(?:{one}))?|(?:{_YEARLESS.pattern})\.?"
    whole = rf"(?:{_BEFORE})?(?:{dates})(?:{_AFTER})?\s*(?:{clock})?"
    return re.sub(r"\(\?P<\w+>", "(?:", whole).replace(r"\s?", r"\s*").replace(r"\Z", "")  # spaces are not told apart
