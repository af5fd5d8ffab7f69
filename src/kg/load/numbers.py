"""Numbers as people write them: a decimal comma or point, spaces between thousands; never guessed."""

from __future__ import annotations

import re

_SPACES = re.compile(r"[\s\u00a0\u202f']")
_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_POINT_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+")
_COMMA_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+")
_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3}){2,}|(?:,[0-9]{3}){2,})")
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[\s\u00a0\u202f']\d{3})*")
_GROUPED = re.compile(_SPACED.pattern + r"(?:[.,]\d+)?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
MAX_DIGITS = 18  # what the engine keeps of an xsd:decimal


class NumberError(ValueError):
    """The text is no number, or could be two; `bg` says it in Bulgarian."""

    def __init__(self, en: str, bg: str) -> None:
        super().__init__(en)
        self.bg = bg


def read_decimal(text: str, *, exact: bool = False) -> str:
    """The number in xsd:decimal's form; of an `exact` one a point is no mark of thousands. Raises NumberError.

    >>> read_decimal("469 794,74")
    '469794.74'
    """
    written = text.strip()
    compact = _SPACES.sub("", written)
    if compact != written and not _GROUPED.fullmatch(written):
        raise _not_a_number(text)
    if _GROUPS.fullmatch(compact):
        compact = re.sub(r"[.,]", "", compact)
    if _AMBIGUOUS.fullmatch(compact) and not (exact and _PLAIN.fullmatch(compact)):
        plain = re.sub(r"[.,]", "", compact)
        whole, fraction = re.split(r"[.,]", compact)
        fraction = fraction.rstrip("0")
        small = (
            f"{whole},{fraction}" if fraction and len(fraction) < 3 else f"{whole},{fraction}0" if fraction else whole
        )
        raise NumberError(
            f"„{text}“ can be read in two ways; for thousands write {plain}, else {small.replace(',', '.')}",
            f"„{text}“ не е еднозначно; ако са хиляди, пишете {plain}, а ако не са – {small}",
        )
    if _PLAIN.fullmatch(compact):
        number = compact
    elif _COMMA.fullmatch(compact):
        number = compact.replace(",", ".")
    elif _POINT_THOUSANDS.fullmatch(compact):
        number = compact.replace(".", "").replace(",", ".")
    elif _COMMA_THOUSANDS.fullmatch(compact):
        number = compact.replace(",", "")
    else:
        raise _not_a_number(text)
    whole, _, fraction = number.lstrip("+-").partition(".")
    if len(whole.lstrip("0")) + len(fraction) > MAX_DIGITS:
        raise NumberError(
            f"„{text}“ has more digits than can be kept", f"„{text}“ има повече цифри, отколкото се пазят"
        )
    return number.lstrip("+")


def read_integer(text: str) -> str:
    """A whole number. Raises NumberError."""
    written = text.strip()
    compact = _SPACES.sub("", written)
    if (compact != written and not _GROUPED.fullmatch(written)) or not _WHOLE.fullmatch(compact):
        raise NumberError(
            f"„{text}“ is no whole number; write digits only, 26",
            f"„{text}“ не е цяло число; пишете само цифри, например 26",
        )
    return compact.lstrip("+")


def write(number: str, point: str = ",", space: str = " ") -> str:
    """A number in xsd:decimal's form as people write amounts; one without a fraction without it.

    >>> write("275000.5")
    '275 000,50'
    """
    sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
    whole, _, fraction = digits.partition(".")
    grouped = f"{int(whole or 0):,}".replace(",", space)
    fraction = fraction.rstrip("0")
    if len(fraction) == 3:
        fraction += "0"  # three digits could be thousands
    return f"{sign}{grouped}{point}{fraction:0<2}" if fraction else f"{sign}{grouped}"


def pattern(*, whole: bool = False) -> str:
    """What `read_decimal`, or `read_integer`, takes, as a regular expression; it matches more digits than are kept."""
    if whole:
        return f"{_WHOLE.pattern}|{_SPACED.pattern}"
    taken = (_PLAIN, _COMMA, _POINT_THOUSANDS, _COMMA_THOUSANDS, _GROUPS, _GROUPED)
    return rf"(?!{_AMBIGUOUS.pattern}\s*$)(?:{'|'.join(one.pattern for one in taken)})"


def _not_a_number(text: str) -> NumberError:
    return NumberError(
        f"„{text}“ is no number; write 469794.74 or 469 794,74, the currency in its own field",
        f"„{text}“ не е число; пишете 469794.74 или 469 794,74, а валутата – в отделно поле",
    )
