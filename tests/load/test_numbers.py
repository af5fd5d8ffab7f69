"""Numbers as people write them become decimals; what could be two numbers is refused."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.load.numbers import NumberError, pattern, read_decimal, read_integer, write


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("469794.74", "469794.74"),
        ("469794,74", "469794.74"),
        ("469 794,74", "469794.74"),
        ("469\xa0794,74", "469794.74"),
        ("469\u202f794.74", "469794.74"),
        ("469'794.74", "469794.74"),
        ("1.234.567,8", "1234567.8"),
        ("1,234,567.8", "1234567.8"),
        ("1 234 567", "1234567"),
        ("0.123", "0.123"),
        ("0,123", "0.123"),
        ("+5", "5"),
        ("-5,0", "-5.0"),
        (" 1955.83 ", "1955.83"),
        ("12.50", "12.50"),
        ("1234.567", "1234.567"),
        ("12.345.678", "12345678"),
        ("1,250,000", "1250000"),
    ],
)
def test_a_number_keeps_its_value(text: str, number: str) -> None:
    assert read_decimal(text) == number
    assert re.fullmatch(pattern(), text.strip())


@pytest.mark.parametrize("text", ["1.234", "1,234", "12.345", "999,999"])
def test_what_could_be_two_numbers_is_refused(text: str) -> None:
    with pytest.raises(NumberError, match="two ways") as refusal:
        read_decimal(text)
    assert "не е еднозначно" in refusal.value.bg


@pytest.mark.parametrize(
    "text", ["", "сто", "1e6", "100 лв.", "€5", "1.2.3", "1 00", "--5", "1_000", "٣", "NaN", "5-", ".5", "1\n2 3"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NumberError):
        read_decimal(text)


def test_more_digits_than_the_engine_keeps_are_refused() -> None:
    assert read_decimal("9" * 18) == "9" * 18
    with pytest.raises(NumberError, match="more digits"):
        read_decimal("9" * 19)


@pytest.mark.parametrize(("text", "number"), [("26", "26"), ("1 234", "1234"), ("-3", "-3"), ("+3", "3")])
def test_a_whole_number_is_read(text: str, number: str) -> None:
    assert read_integer(text) == number


@pytest.mark.parametrize("text", ["26.0", "1 2 3", "двама", "", "٣", "1_0", "9" * 19])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(NumberError):
        read_integer(text)


@given(st.decimals(-(10**12), 10**12, places=2))
def test_every_amount_reads_back_however_it_is_grouped(number: Decimal) -> None:
    plain = f"{number:f}"
    for text in (plain, plain.replace(".", ","), f"{number:,f}".replace(",", " "), f"{number:,f}".replace(",", "\xa0")):
        assert Decimal(read_decimal(text)) == number


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_a_number_error(text: str) -> None:
    try:
        Decimal(read_decimal(text))
    except NumberError as error:
        assert error.bg


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("275000.5", "275 000,50"),
        ("-1234567", "-1 234 567"),
        ("0.125", "0,1250"),
        ("1.125", "1,1250"),
        ("12.340", "12,34"),
        ("7", "7"),
    ],
)
def test_a_number_is_written_as_people_write_it_and_read_again(number: str, written: str) -> None:
    assert write(number) == written
    assert Decimal(read_decimal(written)) == Decimal(number)
