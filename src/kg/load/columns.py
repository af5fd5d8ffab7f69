"""What the columns of a table mean: its own headers, or a map `NAME.columns.yaml` beside a foreign table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.entry import Locator, Lookup, Value
from kg.errors import DataError
from kg.load.decode import decode, read_bytes
from kg.load.from_yaml import tree
from kg.load.problems import Problems

_KEYS = frozenset({"source", "id", "constants", "columns", "sheet", "delimiter", "basis"})
_COLUMN_KEYS = frozenset({"path", "match", "values", "unmatched"})
_TEMPLATE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Column:
    """Where a cell's text goes, and how it is looked up on the way."""

    path: str
    lookup: Lookup | None = None
    values: Mapping[str, str] = field(default_factory=dict)  # exact text → what is meant
    steps: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.steps:
            object.__setattr__(self, "steps", tuple(self.path.split(".")))


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Columns by header; None reads past a column on purpose."""

    columns: Mapping[str, Column | None]
    id: str | None = None  # template with {header} parts
    constants: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    basis: str | None = None
    sheet: str | None = None
    delimiter: str | None = None
    head: Mapping[str, Locator] = field(default_factory=dict)  # where source and basis stand

    @property
    def id_columns(self) -> tuple[str, ...]:
        return tuple(_TEMPLATE.findall(self.id or ""))

    def make_id(self, slugs: Mapping[str, str]) -> str:
        """The template with its parts filled by slugs."""
        return _TEMPLATE.sub(lambda part: slugs[part[1]], self.id or "")


def beside(path: Path) -> ColumnMap | None:
    """The map that lies beside a table; None when there is none. Raises DataError."""
    sidecar = path.with_name(path.stem + ".columns.yaml")
    if not sidecar.is_file():
        return None
    at = Locator(sidecar.name, line=1)
    problems = Problems()
    root, places = tree(decode(read_bytes(sidecar), at), sidecar.name, problems, nulls=True)

    def where(*path: str) -> Locator:
        return Locator(sidecar.name, line=places.get(path, 1))

    if not isinstance(root, dict):
        problems.add(at, "a column map begins with „columns:“", "картата на колоните започва с „columns:“")
        raise DataError(problems)
    for key in root.keys() - _KEYS:
        problems.add(
            where(key),
            f"„{key}“ is not known in a column map; known: {', '.join(sorted(_KEYS))}",
            f"„{key}“ не е познато в карта на колони; познати са: {', '.join(sorted(_KEYS))}",
            field=key,
        )
    listed: object = root.get("columns")
    columns: dict[str, Column | None] = {}
    if not isinstance(listed, dict) or not listed:
        problems.add(at, "there is no „columns:“ with the table's headers", "липсва „columns:“ със заглавията")
        listed = {}
    for header, value in listed.items():
        columns[header] = _column(header, value, where("columns", header), problems)
    constants = root.get("constants") or {}
    if not isinstance(constants, dict) or not all(isinstance(value, str) for value in constants.values()):
        problems.add(
            where("constants"),
            "constants are „field: value“ lines",
            "константите се пишат като редове „поле: стойност“",
        )
        constants = {}
    words = {key: value for key in _KEYS if isinstance(value := root.get(key), str) and value}
    delimiter = words.get("delimiter")
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        problems.add(
            where("delimiter"),
            f"the delimiter „{delimiter}“ is not one character, such as ; or ,",
            f"разделителят (delimiter) „{delimiter}“ не е един знак, например ; или ,",
            field="delimiter",
        )
    if problems:
        raise DataError(problems)
    return ColumnMap(
        columns,
        id=words.get("id"),
        constants={key: str(value) for key, value in constants.items()},
        source=words.get("source"),
        basis=words.get("basis"),
        sheet=words.get("sheet"),
        delimiter=delimiter,
        head={key: where(key) for key in ("source", "basis")},
    )


def _column(header: str, value: Value | None, at: Locator, problems: Problems) -> Column | None:
    if value in (None, "", "null", "~"):
        return None
    if isinstance(value, str):
        return Column(value)
    if isinstance(value, dict) and isinstance(path := value.get("path"), str) and not value.keys() - _COLUMN_KEYS:
        match, values, unmatched = value.get("match"), value.get("values") or {}, value.get("unmatched")
        if (
            match in (None, "label", "notation")
            and unmatched in (None, "omit")
            and isinstance(values, dict)
            and all(isinstance(meant, str) for meant in values.values())
        ):
            return Column(
                path,
                lookup=Lookup(match if isinstance(match, str) else None, omit=unmatched == "omit"),
                values={text: str(meant) for text, meant in values.items()},
            )
    problems.add(
        at,
        f"column „{header}“: write „path: field“, and if need be match (label or notation), values, unmatched: omit",
        f"колона „{header}“: пишете „path: поле“ и при нужда match (label или notation), values, unmatched: omit",
        field=header,
    )
    return None
