"""Numbered parts of headings: „участия.2.роля“ is the role in the second item of a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from kg.entry import Entry, Path_, Value

_Kept = TypeVar("_Kept")


def has_numbers(steps: Iterable[str]) -> bool:
    """Whether a heading of these parts has a number among them."""
    return any(step.isdecimal() for step in steps)


def listed(entry: Entry) -> Entry:
    """The entry with a list where its headings have numbers, in their order; an item without any value is left out."""
    positions: dict[Path_, dict[str, int]] = {}
    fields = _listed(entry.fields, (), positions)
    assert isinstance(fields, dict)
    return replace(
        entry,
        fields=fields,
        places=_moved(entry.places, positions),
        lookups=_moved(entry.lookups, positions),
        heads={**entry.heads, **_moved(entry.heads, positions)},
    )


def _listed(value: Value | Mapping[str, Value], path: Path_, positions: dict[Path_, dict[str, int]]) -> Value:
    """The value with lists; `positions` is told which item each number became, by the path as it was written."""
    if not isinstance(value, Mapping):
        return value
    inner = {step: _listed(below, (*path, step), positions) for step, below in value.items()}
    if not path or not all(step.isdecimal() for step in inner):
        return inner
    numbers = sorted(inner, key=int)
    positions[path] = {step: position for position, step in enumerate(numbers)}
    return [inner[step] for step in numbers]


def _moved(places: Mapping[Path_, _Kept], positions: Mapping[Path_, Mapping[str, int]]) -> dict[Path_, _Kept]:
    found: dict[Path_, _Kept] = {}
    for path, kept in places.items():
        moved = _path(path, positions)
        if moved is not None:
            found[moved] = kept
    return found


def _path(path: Sequence[str | int], positions: Mapping[Path_, Mapping[str, int]]) -> Path_ | None:
    """Where a path leads now; None where no item became of it."""
    steps: list[str | int] = []
    for depth, step in enumerate(path):
        items = positions.get(tuple(path[:depth]))
        if items is None:
            steps.append(step)
        elif str(step) in items:
            steps.append(items[str(step)])
        else:
            return None
    return tuple(steps)
