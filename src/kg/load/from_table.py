"""CSV as entries: one row, one entry; a heading is a field, dots step into it, „;“ separates a list."""

from __future__ import annotations

import csv
import io

from kg.entry import Entry, Locator
from kg.errors import DataError
from kg.load.columns import ColumnMap
from kg.load.problems import Problems
from kg.load.rows import entries
from kg.load.table import Known, Row, table

DELIMITERS = ";,\t"
MAX_FIELD = 1_000_000


def read_csv(
    text: str,
    file: str,
    columns: ColumnMap | None,
    known: Known = lambda name: None,
    problems: Problems | None = None,
) -> list[Entry]:
    """Entries of a CSV text. Raises DataError for what is no table; what is wrong in rows is told to `problems`, and
    without them raised, too.
    """
    told = Problems() if problems is None else problems
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
        told.add(
            Locator(file, line=start),
            f"the row that starts here cannot be read ({error}); look for a quotation mark that is not closed",
            f"редът, който започва тук, не може да се прочете ({error}); потърсете незатворена кавичка",
        )
        raise DataError(told) from error
    found = table(rows, Locator(file), columns, known)
    read = [*entries(found, told)] if found else []
    if told and problems is None:
        raise DataError(told)
    return read


def _delimiter(text: str) -> str:
    """The delimiter that the header line holds most of, outside quotation marks."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=lambda delimiter: (outside.count(delimiter), -DELIMITERS.index(delimiter)))
