"""What a value that cannot be read must mean: proposed where there is one reading, else left unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.load import dates, slips
from kg.load.numbers import read_decimal, read_integer

YEAR = dates.read("2023")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("29.02.2023", "28.02.2023"),
        ("30.02.2024", "29.02.2024"),
        ("45366", "15.03.2024"),  # how a spreadsheet counts the day
        ("31.04.2023 г.", "30.04.2023"),
        ("2023-13-01", "2023-01-13"),
        ("2023-04-31", "2023-04-30"),
        ("2023.06.28", "2023-06-28"),
        ("28/06/2023", "28.06.2023"),
        ("06/28/2023", "28.06.2023"),
        ("05/05/2023", "05.05.2023"),
        ("28,06,2023", "28.06.2023"),
        ("28.O6.2023", "28.06.2023"),
        ("28.06.23", "28.06.2023"),
        ("06/2023", "06.2023"),
        ("28 юнии 2023", "28 юни 2023"),
        ("28 септемри 2023", "28 септември 2023"),
    ],
)
def test_a_date_with_one_reading_is_proposed(written: str, meant: str) -> None:
    assert slips.date(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "05/06/2023",  # of May or of June
        "28.06.77",  # of which century
        "28 юти 2023",  # June or July
        "45.06.2023",
        "31.02.2024",  # 29.02. and 31.03. are as near
        "90000",
        "31.13.2023",
        "00.06.2023",
        "2023-13",
        "31.02",  # of which year
        "лятото",
        "28 концерт 2023",
        "0000-02-30",
    ],
)
def test_a_date_with_no_reading_or_two_is_left_unknown(written: str) -> None:
    assert slips.date(written) is None


def test_the_period_of_the_source_gives_the_year() -> None:
    assert slips.date("29.02", YEAR) == "28.02.2023"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("125 000 лв.", "125 000"),
        ("125 000,00 BGN", "125 000,00"),
        ("€ 1000.50", "1000.50"),
        ("1OO0", "1000"),
        ("250,-", "250"),
        ("125.000 лв.", None),  # thousands, or a fraction
        ("около 1000", None),
        ("хиляда", None),
        ("10-20", None),
        ("", None),
    ],
)
def test_an_amount_keeps_its_number_alone(written: str, meant: str | None) -> None:
    assert slips.number(written) == meant


@pytest.mark.parametrize(("written", "meant"), [("26 бр.", "26"), ("26,0", "26"), ("26.5", None), ("1.000", None)])
def test_a_whole_number_has_no_unit_and_no_fraction(written: str, meant: str | None) -> None:
    assert slips.whole(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("17", "17:00"),
        ("17 ч.", "17:00"),
        ("17-30", "17:30"),
        ("1730", "17:30"),
        ("9 30 ч.", "09:30"),
        *((no_hour, None) for no_hour in ("25", "1775", "сутрин", "")),
    ],
)
def test_an_hour_is_told_by_its_numbers(written: str, meant: str | None) -> None:
    assert slips.hour(written) == meant


def test_an_address_gets_its_scheme_and_no_spaces() -> None:
    assert slips.address("www.ruse-bg.eu") == "https://www.ruse-bg.eu"
    assert slips.address("https://a.bg/дълъг път.pdf").startswith("https://a.bg/%D0%B4")
    assert " " not in slips.address("https://a.bg/a b")


LIKE_DATES = st.one_of(
    st.text("0123456789./- ,OгюниWQ", max_size=14),
    st.tuples(st.integers(0, 40), st.sampled_from(".-/, "), st.integers(0, 40), st.integers(0, 2300)).map(
        lambda one: f"{one[0]}{one[1]}{one[2]}{one[1]}{one[3]}"
    ),
    st.text(max_size=12),
)


@given(LIKE_DATES)
def test_whatever_is_proposed_as_a_date_is_read(written: str) -> None:
    meant = slips.date(written)
    if meant is not None:
        dates.read(meant)


@given(st.one_of(st.text("0123456789 .,лвBGN€O-", max_size=14), st.text(max_size=12)))
def test_whatever_is_proposed_as_a_number_is_read(written: str) -> None:
    if (meant := slips.number(written)) is not None:
        read_decimal(meant)
    if (meant := slips.whole(written)) is not None:
        read_integer(meant)
