"""Numbered parts of headings: „участия.2.роля“ is the role in the second item of a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from kg.entry import Entry, Path_, Value

_Kept = TypeVar("_Kept")
Steps: TypeAlias = tuple[str, ...]
"""The parts of a heading."""


def has_numbers(steps: Iterable[str]) -> bool:
    """Whether a heading of these parts has a number among them."""
    return any(step.isdecimal() for step in steps)


def with_first(headings: Sequence[Steps]) -> list[Steps]:
    """The headings with the number that goes without saying: „участия.роля“ beside „участия.2.роля“ is the first."""
    numbered: dict[Steps, set[str]] = {}
    for steps in headings:
        for depth, step in enumerate(steps):
            if depth and step.isdecimal():
                numbered.setdefault(steps[:depth], set()).add(step)
    return [
        _with_first(steps, {prefix for prefix, numbers in numbered.items() if "1" not in numbers}) for steps in headings
    ]


def _with_first(steps: Steps, prefixes: set[Steps]) -> Steps:
    for depth in range(1, len(steps) + 1):
        if steps[:depth] in prefixes and not (depth < len(steps) and steps[depth].isdecimal()):
            return (*steps[:depth], "1", *steps[depth:])
    return steps


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
        exact=frozenset(_moved(dict.fromkeys(entry.exact, True), positions)),
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
