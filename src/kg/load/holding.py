"""Files that were loaded, found where they lie, and the lines and cells of theirs that hold a text."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from openpyxl.utils import get_column_letter

from kg.entry import Locator
from kg.errors import DataError
from kg.load.cells import sheets, to_text
from kg.load.completed import stem
from kg.load.decode import decode, read_bytes
from kg.load.files import SUFFIXES
from kg.load.sources import FILE

_DEPTH: Final = 3
"""So many folders below one are looked into."""
_MOST: Final = 20_000
"""Files that are looked at by their names."""


def lying(names: Collection[str], folders: Sequence[Path]) -> Iterator[Path]:
    """The files in and below these folders that are called so, the copies that were made of them, and `sources.yaml`.

    Hidden folders are left out. A file may stand for a folder.
    """
    wanted = {stem(name) for name in names}
    seen: set[Path] = set()
    for path in _files(folders):
        known = path.name == FILE or (path.suffix.lower() in SUFFIXES and stem(path.name) in wanted)
        if known and path.resolve() not in seen:
            seen.add(path.resolve())
            yield path


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    looked = 0
    for folder in folders:
        if folder.is_file():
            yield folder
            continue
        for here, inner, files in os.walk(folder):
            depth = len(Path(here).relative_to(folder).parts)
            inner[:] = sorted(name for name in inner if depth < _DEPTH and not name.startswith("."))
            yield from (Path(here) / name for name in sorted(files))
            looked += len(files)
            if looked > _MOST:
                return


def holding(path: Path, text: re.Pattern[str]) -> Iterator[Locator]:
    """The lines, or the cells, of a file that hold a text. Of a file that cannot be read, the file."""
    try:
        if path.suffix.lower() == ".xlsx":
            yield from _cells(path, text)
            return
        written = decode(read_bytes(path), Locator(path.name))
    except DataError:
        yield Locator(str(path))
        return
    lines = {written.count("\n", 0, match.start()) + 1 for match in text.finditer(written)}
    yield from (Locator(str(path), line=line) for line in sorted(lines))


def _cells(path: Path, text: re.Pattern[str]) -> Iterator[Locator]:
    for sheet in sheets(path):
        for number, row in enumerate(sheet.rows, start=sheet.first_row):
            for column, cell in enumerate(row, start=1):
                if text.search(to_text(cell)):
                    name = f"{get_column_letter(column)}{number}"
                    yield Locator(str(path), sheet=sheet.name, row=number, column=name, cell=name)
