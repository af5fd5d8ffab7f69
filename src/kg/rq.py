"""A query file: SPARQL with a `#+` header, and slots that are filled with terms, never with text.

A slot is a line `VALUES ?name { UNDEF }`, or a table `VALUES (?one ?other) { (UNDEF UNDEF) }`. Left as it stands it
means „any“, so the file runs in any SPARQL editor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pyoxigraph import Triple

from kg.errors import ParameterError, QueryError
from kg.graph import Node

_TABLE = re.compile(r"(VALUES\s+\((?:\s*\?\w+)+\s*\)\s*\{)\s*\((?:\s*UNDEF)+\s*\)\s*\}")
_SLOT = re.compile(r"VALUES\s+\?(\w+)\s*\{\s*UNDEF\s*\}")


@dataclass(frozen=True, slots=True)
class QueryFile:
    """The header as a mapping, and the text as it stands in the file."""

    name: str
    text: str
    header: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> QueryFile:
        """The file; raises QueryError when it is not UTF-8, its header not YAML or a parameter has no slot."""
        try:
            return cls.of(path.stem, path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise QueryError(
                f"{path.name} is not UTF-8: {error}", f"{path.name} не е в UTF-8; запишете файла наново в UTF-8"
            ) from error

    @classmethod
    def of(cls, name: str, text: str) -> QueryFile:
        """A query from its text. Raises QueryError."""
        lines = [line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+")]
        try:
            header = yaml.safe_load("\n".join(lines)) or {}
        except yaml.YAMLError as error:
            raise QueryError(
                f"{name}: the header is not YAML: {error}", f"{name}: заглавието (#+) не е YAML"
            ) from error
        if not isinstance(header, dict):
            raise QueryError(f"{name}: the header (#+) is no list of fields", f"{name}: заглавието (#+) няма полета")
        query = cls(name, text, header)
        undeclared = ", ".join(sorted(set(query.parameters) - query.slots))
        if undeclared:
            raise QueryError(
                f"{name}: parameters without a VALUES slot: {undeclared}",
                f"{name}: параметри без ред VALUES: {undeclared}",
            )
        return query

    @property
    def slots(self) -> set[str]:
        """Names of the variables that can be bound from outside."""
        return set(_SLOT.findall(self.text))

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """What the header says of each slot: type, labels, default."""
        return self.header.get("parameters") or {}

    def bind(self, values: Mapping[str, Iterable[Node]]) -> str:
        """The query with these slots filled; an empty collection leaves „any“.

        Raises ParameterError for a name that is no slot.
        """
        unknown = sorted(set(values) - self.slots)
        if unknown:
            known = ", ".join(sorted(self.slots)) or "–"
            raise ParameterError(
                f"{self.name} has no parameter {unknown[0]!r}; it has: {known}",
                f"Заявката „{self.name}“ няма параметър „{unknown[0]}“; има: {known}",
            )
        filled = {name: " ".join(str(term) for term in terms) for name, terms in values.items()}

        def slot(match: re.Match[str]) -> str:
            terms = filled.get(match[1])
            return f"VALUES ?{match[1]} {{ {terms} }}" if terms else match[0]

        return _SLOT.sub(slot, self.text)

    def tabled(self, rows: Iterable[Sequence[Node | None]]) -> str:
        """The query with these rows in its table; None is any term."""
        lines = " ".join(f"({' '.join('UNDEF' if term is None else _written(term) for term in row)})" for row in rows)
        return _TABLE.sub(lambda match: f"{match[1]} {lines} }}", self.text)


def _written(term: Node) -> str:
    return f"<<( {term} )>>" if isinstance(term, Triple) else str(term)
