"""The regular expressions of a schema."""

from __future__ import annotations

from collections.abc import Iterator


def expressions(schema: object) -> Iterator[str]:
    """Those of texts and of names, as often as they stand in it."""
    if isinstance(schema, dict):
        yield from schema.get("patternProperties", {})
        if isinstance(pattern := schema.get("pattern"), str):
            yield pattern
        for part in schema.values():
            yield from expressions(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from expressions(part)
