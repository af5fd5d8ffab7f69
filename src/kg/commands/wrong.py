"""A setting that cannot be, told in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from kg.errors import RequestError

_BULGARIAN: Final = {  # by the type of the complaint
    "greater_than": "трябва да е повече от {gt:g}",
    "greater_than_equal": "трябва да е поне {ge:g}",
    "less_than_equal": "може да е най-много {le:g}",
    "float_parsing": "трябва да е число",
    "int_parsing": "трябва да е цяло число",
    "int_from_float": "трябва да е цяло число",
    "bool_parsing": "трябва да е on или off",
}


def wrong(error: ValidationError) -> RequestError:
    """Every setting that is wrong, by its name, and what it should be."""
    complaints = error.errors()
    en = "; ".join(f"{_name(one)}: {one['msg']}" for one in complaints)
    bg = "; ".join(f"{_name(one)}: {_bulgarian(one)}" for one in complaints)
    return RequestError(f"a setting is wrong: {en}", f"Грешна настройка: {bg}")


def _name(complaint: Mapping[str, Any]) -> str:
    return f"KG_{'_'.join(map(str, complaint['loc'])).upper()}"


def _bulgarian(complaint: Mapping[str, Any]) -> str:
    context = complaint.get("ctx", {})
    text: str = context.get("bg") or _BULGARIAN.get(complaint["type"], "").format(**context) or complaint["msg"]
    return text
