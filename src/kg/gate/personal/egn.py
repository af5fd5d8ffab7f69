"""ЕГН, the Bulgarian personal number: a date of birth, a serial number, a check digit (Ordinance РД-02-20-9, 2012)."""

from __future__ import annotations

from datetime import date
from typing import Final

_WEIGHTS: Final = (2, 4, 8, 5, 10, 9, 7, 3, 6)
_CENTURIES: Final = ((40, 2000), (20, 1800), (0, 1900))  # what is added to the month, and of which century that tells


def valid(digits: str) -> bool:
    """Whether these are the ten digits of a personal number.

    >>> valid("7523169263"), valid("7523169264")
    (True, False)
    """
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        return False
    return _born(digits) is not None and check_digit(digits[:9]) == int(digits[9])


def check_digit(digits: str) -> int:
    """The last digit, by the nine before it."""
    return sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11 % 10


def _born(digits: str) -> date | None:
    year, month, day = (int(digits[at : at + 2]) for at in (0, 2, 4))
    for more, century in _CENTURIES:
        if month > more:
            try:
                return date(century + year, month - more, day)
            except ValueError:
                return None
    return None
