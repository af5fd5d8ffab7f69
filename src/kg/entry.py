"""The first waist: one record as a person wrote it, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

Value: TypeAlias = "str | list[Value] | dict[str, Value]"
"""Text stays text until the context types it."""


@dataclass(frozen=True, slots=True)
class Locator:
    """Where in a file something stands: a line, or a sheet's row and column. Counts from 1.

    A row of a text table has both: the line it starts on, and its number among the rows.
    """

    file: str
    line: int | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None  # the column's header, as its author wrote it
    cell: str | None = field(default=None, compare=False)  # the spreadsheet's own name of the cell, „C7“

    def __str__(self) -> str:
        place = self.file
        if self.sheet is not None:
            place += f"[{self.sheet}]"
        number = self.row if self.line is None else self.line
        if number is not None:
            place += f":{number}"
        if self.column is not None:
            place += f" „{self.column}“"
        return place

    @property
    def key(self) -> tuple[str, str, int, str]:
        """An order for locators: file, sheet, line or row, column."""
        return (self.file, self.sheet or "", self.row or self.line or 0, self.column or "")


Path_: TypeAlias = tuple[str | int, ...]
"""Steps into an entry's fields: names and list positions."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """How a text that names a known thing is looked up."""

    by: str | None = None  # "label" or "notation" only; None: either
    omit: bool = False  # leave the value out when nothing matches


@dataclass(frozen=True, slots=True)
class Amends:
    """What an entry amends: some fields of what a source says of the thing."""

    source: str  # empty: the file's own
    fields: tuple[tuple[str, ...], ...]  # English names, with the language of a text
    marks: Mapping[str, str] | None  # by field, how its values were known when the entry was exported; None: it is new
    cells: tuple[Path_, ...] = ()  # the paths of the cells that were changed
    added: bool = False  # it was new when the workbook was completed, and is told whole: its source may not have it
    said: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # of what is new, the row's texts


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: its fields as text, and the place of each."""

    fields: Mapping[str, Value]
    at: Locator
    places: Mapping[Path_, Locator] = field(default_factory=lambda: MappingProxyType({}))
    lookups: Mapping[Path_, Lookup] = field(default_factory=lambda: MappingProxyType({}))
    separator: str | None = None  # what separates the items of a list that is written as one text
    copy: Entry | None = None  # the same record in the completed copy of its file
    heads: Mapping[Path_, Locator] = field(default_factory=lambda: MappingProxyType({}))  # of names that stand apart
    proposed: str | None = None  # an id for what has none
    exact: frozenset[Path_] = frozenset()  # of numbers that nobody typed as a text: their point divides no thousands
    amends: Amends | None = None  # what it is in place of; None: it stands for itself

    def place(self, path: Path_) -> Locator:
        """The locator of a field, or of the nearest thing around it."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path[:-1]
        return self.at

    def stated(self, path: Path_) -> Mapping[str, Value]:
        """The fields of what a path leads to; none where it leads to a text or to nothing."""
        found: Value | Mapping[str, Value] = self.fields
        for step in path:
            if isinstance(found, Mapping):
                found = found.get(str(step), "")
            elif isinstance(found, list) and isinstance(step, int):
                found = found[step]
        return found if isinstance(found, Mapping) else {}

    def naming(self, path: Path_) -> list[tuple[Locator, str | None]]:
        """Where the name of a field stands, and the heading it is a part of; a table may have several such headings."""
        heads = [(at, at.column) for head, at in self.heads.items() if head[: len(path)] == path]
        return heads or [(self.place(path), None)]

    def split(self, value: Value) -> Value:
        """The value of a field that takes a list: one text with separators, also below a language tag, as its items."""
        if isinstance(value, dict):
            return {tag: self.split(inner) for tag, inner in value.items()}
        if self.separator and isinstance(value, str) and self.separator in value:
            return [part.strip() for part in value.split(self.separator) if part.strip()]
        return value

    def cited(self, path: Path_ = ()) -> Locator:
        """Where evidence finds a field: in the completed copy, which stays when the file had no ids."""
        return (self.copy or self).place(path)
