"""What counts as personal data: read from `ontology/personal/`, patterns and lists of words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from kg.finding import Severity
from kg.gate.duplicates.naming import sound


@dataclass(frozen=True, slots=True)
class PersonalKind:
    """One kind of personal data: how it looks, what else must hold, and what to do about it."""

    id: str
    label: Mapping[str, str]  # by language tag
    advice: Mapping[str, str]
    patterns: tuple[re.Pattern[str], ...]
    ids: tuple[re.Pattern[str], ...]  # for the words of an id
    certain: bool  # whether what they find in an id is nothing else
    check: str | None
    everywhere: bool
    severity: Severity
    mask: int

    @property
    def is_name(self) -> bool:
        """Whether it is what somebody is called."""
        return self.check in {"full-name", "name"}


@dataclass(frozen=True, slots=True)
class Words:
    """Words that tell what a name belongs to, in lower case."""

    first_names: frozenset[str]  # by their sound
    roles: frozenset[str]
    named_after: frozenset[str]
    named_in_quotes: frozenset[str]
    named_for: frozenset[str]
    named_before: frozenset[str]
    titles: frozenset[str]

    @classmethod
    def read(cls, folder: Path) -> Words:
        """The word lists of a folder."""
        names = frozenset(map(sound, _words(folder / "first-names.txt")))
        lists = "public-roles named-after named-in-quotes named-for named-before titles".split()
        return cls(names, *(_words(folder / f"{name}.txt") for name in lists))

    def turned(self, how: Callable[[str], str]) -> Words:
        """The lists with each word written otherwise; names are kept by their sound."""
        lists = (getattr(self, one.name) for one in fields(self)[1:])
        return Words(self.first_names, *(frozenset(map(how, words)) for words in lists))


def read_kinds(path: Path) -> tuple[PersonalKind, ...]:
    """The kinds of a file, in its order."""
    document: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    parts: Mapping[str, str] = document["parts"]
    return tuple(_kind(one, parts) for one in document["kinds"])


def _kind(one: Mapping[str, Any], parts: Mapping[str, str]) -> PersonalKind:
    def whole(pattern: str) -> str:
        return re.sub(r"\{([A-Za-z]\w*)\}", lambda part: parts[part[1]], pattern)

    return PersonalKind(
        one["id"],
        one["label"],
        one["advice"],
        tuple(re.compile(whole(pattern)) for pattern in one["patterns"]),
        tuple(re.compile(pattern) for pattern in one.get("ids", ())),
        bool(one.get("certain")),
        one.get("check"),
        bool(one.get("everywhere")),
        Severity(one.get("severity", Severity.VIOLATION)),
        one.get("mask", 0),
    )


def _words(path: Path) -> frozenset[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word.casefold() for line in lines if not line.startswith("#") for word in line.split())
