"""Merged cells of a table: what a person sees in all of them stands in the first alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from openpyxl.utils import get_column_letter

from kg.load.problems import Problems
from kg.load.table import Table


@dataclass(frozen=True, slots=True)
class Merged:
    """The first and the last row and column of merged cells, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{get_column_letter(self.left)}{self.top}:{get_column_letter(self.right)}{self.bottom}"


def tell(table: Table, areas: Iterable[Merged], problems: Problems) -> None:
    """Tells `problems` of merged cells whose value would be missing from another row, or from another column."""
    rows = {row.number: row for row in table.body}
    columns = {heading.position + 1: heading for heading in table.headings if heading.column is not None}
    for area in sorted(areas, key=lambda area: (area.top, area.left)):
        first, heading = rows.get(area.top), columns.get(area.left)
        if first is None or not (text := first.text(area.left - 1)):
            continue
        down = any(number in rows for number in range(area.top + 1, area.bottom + 1))
        right = any(number in columns for number in range(area.left + 1, area.right + 1))
        if not ((down and heading is not None) or right):
            continue
        place = replace(table.at(first, heading), cell=f"{get_column_letter(area.left)}{area.top}")
        problems.add(
            place,
            f"the cells {area} are merged, and their value is read in the first one only; unmerge them, and write the "
            "value in each cell that it belongs in",
            f"клетките {area} са обединени и стойността им се чете само в първата; разединете ги и напишете стойността "
            "във всяка клетка, за която се отнася",
            value=text,
            kind="MergedCells",
        )
