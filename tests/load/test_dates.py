"""Dates are read from what people write, and nothing else comes of a text than an interval or a DateError."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.load.dates import MONTHS, DateError, Interval, pattern, read, write

DAYS = st.dates(date(1800, 1, 1), date(2200, 12, 31))


@pytest.mark.parametrize(
    ("text", "start", "end", "precision"),
    [
        ("2023-06-28", "2023-06-28", "2023-06-28", "day"),
        ("28.06.2023", "2023-06-28", "2023-06-28", "day"),
        ("28.6.2023 г.", "2023-06-28", "2023-06-28", "day"),
        ("28. 06. 2023", "2023-06-28", "2023-06-28", "day"),
        ("28 юни 2023 г.", "2023-06-28", "2023-06-28", "day"),
        ("28 ЮНИ 2023", "2023-06-28", "2023-06-28", "day"),
        ("28 June 2023", "2023-06-28", "2023-06-28", "day"),
        ("на 28 септ 2023", None, None, ""),
        ("2022-11", "2022-11-01", "2022-11-30", "month"),
        ("11.2022", "2022-11-01", "2022-11-30", "month"),
        ("ноември 2022", "2022-11-01", "2022-11-30", "month"),
        ("през месец ноември 2022", None, None, ""),
        ("Nov 2022", "2022-11-01", "2022-11-30", "month"),
        ("2024-02", "2024-02-01", "2024-02-29", "month"),
        ("2022", "2022-01-01", "2022-12-31", "year"),
        ("2022 година", "2022-01-01", "2022-12-31", "year"),
        ("2023-W26", "2023-06-26", "2023-07-02", "week"),
        ("2023w1", "2023-01-02", "2023-01-08", "week"),
        ("2023-Q2", "2023-04-01", "2023-06-30", "quarter"),
        ("II тримесечие на 2023 г.", "2023-04-01", "2023-06-30", "quarter"),
        ("второ тримесечие 2023", "2023-04-01", "2023-06-30", "quarter"),
        ("26–30.06.2023", "2023-06-26", "2023-06-30", "day"),
        ("26 - 30.06.2023 г.", "2023-06-26", "2023-06-30", "day"),
        ("26.06–02.07.2023", "2023-06-26", "2023-07-02", "day"),
        ("26.06.2023–02.07.2023", "2023-06-26", "2023-07-02", "day"),
        ("26–30 юни 2023", "2023-06-26", "2023-06-30", "day"),
        ("26 юни – 2 юли 2023 г.", "2023-06-26", "2023-07-02", "day"),
        ("2022-11-01/2023-06-30", "2022-11-01", "2023-06-30", "day"),
        ("ноември 2022 – юни 2023", "2022-11-01", "2023-06-30", "month"),
        ("2014–2020", "2014-01-01", "2020-12-31", "year"),
        ("06.2022 до 2025", "2022-06-01", "2025-12-31", "month"),
        ("28\xa0юни\xa02023", "2023-06-28", "2023-06-28", "day"),
    ],
)
def test_a_written_date_encloses_what_it_means(text: str, start: str | None, end: str, precision: str) -> None:
    if start is None:
        with pytest.raises(DateError):
            read(text)
        return
    interval = read(text)
    assert (interval.start.isoformat(), interval.end.isoformat(), interval.precision) == (start, end, precision)
    assert re.fullmatch(pattern(), text.lower())


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("28.06.2023 17:00", time(17), None),
        ("28.06.2023, 17.00 ч.", time(17), None),
        ("28.06.2023 от 9:30 до 17:00 часа", time(9, 30), time(17)),
        ("2023-06-28T17:00:00", time(17), None),
        ("2023-06-28T17:00:00+03:00", time(17), None),
        ("28 юни 2023 г., 10:00-12:30", time(10), time(12, 30)),
    ],
)
def test_the_clock_is_read_where_it_stands(text: str, start: time, end: time | None) -> None:
    interval = read(text)
    assert (interval.start, interval.start_time, interval.end_time) == (date(2023, 6, 28), start, end)
    assert re.fullmatch(pattern(), text.lower())


@pytest.mark.parametrize("text", ["28 юни", "юни", "28.06", "28.06.", "26–30 юни"])
def test_a_period_within_one_year_gives_the_year(text: str) -> None:
    period = read("26.06–02.07.2023")
    assert read(text, period).start.year == 2023
    with pytest.raises(DateError):
        read(text)
    with pytest.raises(DateError):
        read(text, read("2022–2023"))


def _forms(day: date) -> list[tuple[str, date, date]]:
    month = date(day.year, day.month, 1)
    after = date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(days=1)
    bg, en = (names[day.month - 1] for names in MONTHS)
    iso = day.isocalendar()
    monday = day - timedelta(days=iso.weekday - 1)
    return [
        (day.isoformat(), day, day),
        (f"{day.day}.{day.month}.{day.year}", day, day),
        (f"{day:%d.%m.%Y} г.", day, day),
        (f"{day.day} {bg} {day.year}", day, day),
        (f"{day.day} {en.title()} {day.year}", day, day),
        (f"{day:%Y-%m}", month, after),
        (f"{day:%m.%Y}", month, after),
        (f"{bg} {day.year} г.", month, after),
        (f"{day.year}", date(day.year, 1, 1), date(day.year, 12, 31)),
        (f"{iso.year}-W{iso.week:02}", monday, monday + timedelta(days=6)),
        (f"1–{day:%d.%m.%Y}", month, day),
        (f"{day:%d.%m.%Y} – {day:%d.%m.%Y}", day, day),
        (f"{month.isoformat()}/{day.isoformat()}", month, day),
    ]


@given(DAYS.filter(lambda day: 1800 < day.year < 2200))
def test_every_form_of_a_day_reads_back(day: date) -> None:
    for text, start, end in _forms(day):
        interval = read(text)
        assert (interval.start, interval.end) == (start, end), text


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40) | st.text("0123456789.-–/: wqтгчIюни", max_size=24))
def test_any_text_is_an_interval_or_a_date_error(text: str) -> None:
    try:
        interval = read(text)
    except DateError as error:
        assert str(error) and error.bg
    else:
        assert isinstance(interval, Interval)
        assert interval.start <= interval.end


@pytest.mark.parametrize(
    "text", ["31.02.2023", "28.06.23", "06/28/2023", "вчера", "", "2023-06-28-30", "٢٠٢٣", "1.1.1"]
)
def test_what_is_no_date_is_refused_in_both_languages(text: str) -> None:
    with pytest.raises(DateError) as refusal:
        read(text)
    assert "„" in refusal.value.bg


@pytest.mark.parametrize(
    ("stated", "precision", "starts", "written"),
    [
        ("2024-02-29", "", True, "29.02.2024"),
        ("2024-02-29", "month", False, "02.2024"),
        ("2024-02-01", "month", True, "02.2024"),
        ("2024-02-15", "month", True, "15.02.2024"),
        ("2024-06-30", "quarter", False, "2024-Q2"),
        ("2024-12-31", "year", False, "2024"),
        ("2024-07-01", "week", True, "2024-W27"),
        ("2024-03", "", False, "03.2024"),
        ("2024", "", False, "2024"),
        ("0954-01-01", "month", True, "01.01.0954"),
        ("2024-01-01Z", "", True, "2024-01-01Z"),
    ],
)
def test_a_date_is_written_as_people_write_it(stated: str, precision: str, starts: bool, written: str) -> None:
    assert write(stated, precision, starts=starts) == written


def test_a_day_that_is_none_is_told_with_the_days_of_its_month() -> None:
    for text in ("31.02.2024", "2024-02-30"):
        with pytest.raises(DateError) as refusal:
            read(text)
        assert refusal.value.bg.endswith("февруари 2024 г. има 29 дни")
        assert str(refusal.value).endswith("February 2024 has 29 days")
