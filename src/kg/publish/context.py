"""The context under which things are written as JSON-LD: ours, by the English names alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

PATH: Final = "/context.jsonld"
"""Where the whole of it stands: what is written under a part of it means the same under all of it."""


def english(context: Mapping[str, Any]) -> dict[str, Any]:
    """The terms of a context that are called in English, the contexts within it likewise."""
    return {name: _definition(one) for name, one in context.items() if name.isascii()}


def _definition(one: Any) -> Any:
    if isinstance(one, Mapping) and isinstance(one.get("@context"), Mapping):
        return {**one, "@context": english(one["@context"])}
    return one
