"""Tables as entries: one row, one entry; a header is a field, dots step into it, „;“ separates a list.

A table with a column „от източник“ amends what the named sources say of its entries.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from kg import expected
from kg.entry import Entry, Locator, Lookup, Path_, Value
from kg.errors import DataError
from kg.iris import slug
from kg.load.cells import is_error
from kg.load.columns import Column, ColumnMap
from kg.load.numbered import has_numbers, listed
from kg.load.problems import Problems
from kg.nearest import nearest
from kg.text import fold

DELIMITERS = ";,\t"
FROM_SOURCE = ("от източник", "from source")
"""The heading of the column that names the source of each row."""
Known = Callable[[str], str | None]
"""Tells the English name of a field, and None of what is none."""
MAX_FIELD = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row of texts: its number among the rows, and in a text file the line it starts on."""

    number: int
    cells: Sequence[str]
    line: int | None = None  # where the row starts in a text file; cells may hold several lines


def read_csv(text: str, file: str, columns: ColumnMap | None, known: Known = lambda name: None) -> list[Entry]:
    """Entries of a CSV text. Raises DataError with every malformed row and header."""
    problems = Problems()
    delimiter = (columns and columns.delimiter) or _delimiter(text)
    rows: list[Row] = []
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            rows.append(Row(len(rows) + 1, [cell.strip() for cell in cells], start))
            start = reader.line_num + 1
    except csv.Error as error:
        problems.add(
            Locator(file, line=start),
            f"the row that starts here cannot be read ({error}); look for a quotation mark that is not closed",
            f"редът, който започва тук, не може да се прочете ({error}); потърсете незатворена кавичка",
        )
        raise DataError(problems) from error
    entries = list(entries_of(rows, Locator(file), columns, problems, known))
    if problems:
        raise DataError(problems)
    return entries


def _delimiter(text: str) -> str:
    """The delimiter that the header line holds most of, outside quotation marks."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=lambda delimiter: (outside.count(delimiter), -DELIMITERS.index(delimiter)))


def entries_of(
    rows: Sequence[Row], base: Locator, columns: ColumnMap | None, problems: Problems, known: Known
) -> Iterator[Entry]:
    """The rows below the first that holds anything, each an entry; `problems` is told what is wrong with the others."""
    letters: dict[str, str] = {}

    def at(row: Row, column: str | None = None) -> Locator:
        cell = f"{letters[column]}{row.number}" if base.sheet is not None and column in letters else None
        return Locator(base.file, line=row.line, sheet=base.sheet, row=row.number, column=column, cell=cell)

    filled = [row for row in rows if any(row.cells)]
    if not filled:
        return
    header, *body = filled
    names = list(header.cells)
    while names and not names[-1]:
        names.pop()
    for number, name in enumerate(names, 1):
        letters.setdefault(name, get_column_letter(number))
    _check_header(names, at(header), columns, problems)
    if problems:
        return
    paths = [_column(name, columns, known) for name in names]
    own = {} if columns else {name: column for name, column in zip(names, paths, strict=True) if column}
    heads: dict[Path_, Locator] = {column.steps: at(header, name) for name, column in own.items()}
    numbered = any(has_numbers(column.steps) for column in own.values())
    for row in body:
        if any(row.cells[len(names) :]):
            problems.add(
                at(row),
                f"the row has {len(row.cells)} cells and the header {len(names)}; "
                "put a text that holds the delimiter in quotation marks",
                f"редът има {len(row.cells)} клетки, а заглавният ред – {len(names)}; "
                "оградете с кавички текста, който съдържа разделителя",
            )
            continue
        entry = _entry(row, names, paths, heads, at, columns, problems)
        yield listed(entry) if numbered else entry


def _check_header(names: Sequence[str], at: Locator, columns: ColumnMap | None, problems: Problems) -> None:
    seen: set[str] = set()
    for number, name in enumerate(names, 1):
        if not name:
            problems.add(at, f"column {number} has no header", f"колона {number} няма заглавие", field=str(number))
        elif name in seen:
            problems.add(
                at,
                f"the header {name!r} is here twice",
                f"заглавието „{name}“ се повтаря",
                field=name,
            )
        elif columns and name not in columns.columns:
            problems.add(
                at,
                f"the column map does not know the column {name!r}; add it, with null to read past it",
                f"картата на колоните не познава „{name}“; добавете я, а за да се пропусне – с null",
                field=name,
            )
        seen.add(name)
    for wanted in dict.fromkeys([*columns.columns, *columns.id_columns] if columns else []):
        if wanted not in seen:
            problems.add(
                at,
                f"the column {wanted!r} is missing from the table",
                f"в таблицата липсва колоната „{wanted}“",
                field=wanted,
            )


def _column(name: str, columns: ColumnMap | None, known: Known) -> Column | None:
    return columns.columns[name] if columns else Column(".".join(steps(name, known)), steps=steps(name, known))


def steps(heading: str, known: Known) -> tuple[str, ...]:
    """The parts between the dots of a heading; a dot inside of a field's own name divides nothing."""
    parts = heading.split(".")
    found: list[str] = []
    while parts:
        whole = next((n for n in range(len(parts), 1, -1) if known(".".join(parts[:n])) is not None), 1)
        found.append(".".join(parts[:whole]))
        parts = parts[whole:]
    return tuple(found)


def _entry(
    row: Row,
    names: Sequence[str],
    paths: Sequence[Column | None],
    heads: Mapping[Path_, Locator],
    at: Callable[[Row, str | None], Locator],
    columns: ColumnMap | None,
    problems: Problems,
) -> Entry:
    fields: dict[str, Value] = {}
    places: dict[Path_, Locator] = {}
    lookups: dict[Path_, Lookup] = {}
    cells = dict(zip(names, [*row.cells, *[""] * len(names)], strict=False))
    if columns:
        for name, constant in columns.constants.items():
            _put(fields, tuple(name.split(".")), constant)
        if columns.id:
            slugs = {name: slug(cells[name]) for name in columns.id_columns}
            empty = [name for name, part in slugs.items() if not part]
            if empty:
                problems.add(
                    at(row, empty[0]),
                    "the cell is empty, and the row's id is made of it",
                    "клетката е празна, а от нея се съставя идентификаторът на реда",
                    field=empty[0],
                )
            fields["id"] = columns.make_id(slugs)
    for name, column in zip(names, paths, strict=True):
        text = cells[name]
        if not text or column is None:
            continue
        place = at(row, name)
        if is_error(text):
            problems.add(
                place,
                f"the cell holds {text} and no value; mend the formula, or write the value",
                f"клетката съдържа {text}, а не стойност; поправете формулата или напишете стойността",
                field=name,
            )
            continue
        path = column.steps
        if column.values:
            if text not in column.values:
                problems.add(
                    place,
                    f"{text!r} is not among the values that the column map knows: {', '.join(column.values)}",
                    f"„{text}“ не е сред стойностите в картата на колоните: {', '.join(column.values)}",
                    field=name,
                    value=text,
                    kind="UnknownCode",
                    expected=expected.words([*column.values], [*column.values]),
                    suggestion=_meant(text, column.values),
                )
                continue
            text = column.values[text]
        if not _put(fields, path, text):
            problems.add(
                place,
                f"{column.path!r} collides with another column",
                f"„{column.path}“ се сблъсква с друга колона",
                field=name,
            )
            continue
        places[path] = place
        for depth in range(1, len(path)):
            places.setdefault(path[:depth], place)
        if column.lookup:
            lookups[path] = column.lookup
    for name, column in zip(names, paths, strict=True):
        if column is not None and not cells[name]:  # where what is missing belongs
            path = column.steps
            for depth in range(1, len(path) + 1):
                places.setdefault(path[:depth], at(row, name))
    source = None if columns else _source(fields, names)
    return Entry(fields, at(row, None), places, lookups, separator=None if columns else ";", heads=heads, source=source)


def _source(fields: dict[str, Value], names: Sequence[str]) -> str | None:
    """The source that the row names, taken out of its fields; None where the table has no column for it."""
    heading = next((name for name in names if fold(name) in FROM_SOURCE), None)
    if heading is None:
        return None
    return str(fields.pop(heading, ""))


def _meant(text: str, values: Mapping[str, str]) -> str | None:
    words = {fold(one): one for one in values}
    found = nearest(fold(text), words)
    return words[found] if found else None


def _put(fields: dict[str, Value], path: tuple[str, ...], value: Value) -> bool:
    """Sets a nested field; False when a text already stands on the way or in its place."""
    inner = fields
    for step in path[:-1]:
        below = inner.setdefault(step, {})
        if not isinstance(below, dict):
            return False
        inner = below
    if path[-1] in inner:
        return False
    inner[path[-1]] = value
    return True
