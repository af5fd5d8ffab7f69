"""Files: found, and read into entries, or into triples where they hold RDF."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pyoxigraph import Triple

from kg import resources
from kg.context import Context
from kg.entry import Entry, Locator
from kg.errors import DataError, FilesError
from kg.finding import Finding
from kg.iris import Iris, slug
from kg.load import columns, completed, from_rdf, from_table, from_workbook, from_yaml
from kg.load import sources as register
from kg.load.decode import decode, read_bytes
from kg.load.exported import Key
from kg.load.problems import Problems, problem
from kg.load.sources import SourceInfo

_COPY = re.compile(r"\(\d+\)|copy|копие", re.IGNORECASE)
"""What a second copy of a file is called: it must not become a second source."""
SUFFIXES = frozenset({".yaml", ".yml", ".csv", ".tsv", ".xlsx", *from_rdf.FORMATS})
_SPREADSHEETS = frozenset({".xls", ".xlsm", ".xlsb", ".xltx", ".ods", ".fods", ".numbers"})
_DOCUMENTS = frozenset({".doc", ".docx", ".odt", ".rtf", ".pdf", ".txt"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """One file as it was read: entries, or triples by source."""

    path: Path
    source: str
    entries: Sequence[Entry] = ()
    triples: Mapping[str, list[Triple]] = field(default_factory=dict)
    places: Mapping[str, Locator] = field(default_factory=dict)  # of what the triples describe
    basis: str | None = None
    period: str | None = None
    head: Mapping[str, Locator] = field(default_factory=dict)  # where source, basis and period stand
    mapped: bool = False  # a table that has a column map
    copy: bytes | None = None  # the content of the completed copy
    exported: int | None = None  # the release that its rows were exported from, which they amend
    rows: Mapping[Key, Locator] = field(default_factory=dict)  # where each exported thing stands in it
    info: SourceInfo | None = None  # what it says of its source
    problems: Sequence[Finding] = ()  # that refuse it, and keep nobody from judging what it says

    @property
    def file(self) -> str:
        """The name that evidence and the graph of graphs keep."""
        return self.path.name if self.copy is None else completed.beside(self.path).name


def find(paths: Iterable[Path]) -> list[Path]:
    """The files to load: those named, and those in named folders that a loader can read.

    Raises FilesError for a path that is missing or of an unknown kind.
    """
    problems, found = Problems(), []
    for path in paths:
        at = Locator(path.name or str(path), line=1)
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.is_file() and _loadable(one))
            if not inside:
                problems.add(at, "the folder holds nothing to load", "в папката няма файлове за зареждане")
            found += inside
        elif not path.exists():
            problems.add(at, "there is no such file", "няма такъв файл")
        elif path.suffix.lower() not in SUFFIXES:
            _unreadable(path, at, problems)
        else:
            found.append(path)
    if problems:
        raise FilesError(problems)
    return list(dict.fromkeys(one for one in found if one.name != register.FILE))


def _unreadable(path: Path, at: Locator, problems: Problems) -> None:
    """Tells of a file of a kind that is not read, and what to make of it."""
    suffix = path.suffix.lower()
    if suffix in _SPREADSHEETS:
        problems.add(
            at,
            f"workbooks that end in „{path.suffix}“ are not read; open it and save it as .xlsx",
            f"таблици с окончание „{path.suffix}“ не се четат; отворете файла и го запишете като .xlsx",
        )
    elif suffix in _DOCUMENTS:
        problems.add(
            at,
            f"files that end in „{path.suffix}“ are not read; put the data into a workbook that ends in .xlsx (kg "
            "template makes an empty one)",
            f"файлове с окончание „{path.suffix}“ не се четат; пренесете данните в таблица .xlsx (kg template прави "
            "празна)",
        )
    else:
        known = " ".join(sorted(SUFFIXES))
        problems.add(
            at,
            f"files that end in „{path.suffix}“ are not read; known: {known}"
            if path.suffix
            else f"files without an ending are not read; known: {known}",
            f"файлове с окончание „{path.suffix}“ не се четат; познати са: {known}"
            if path.suffix
            else f"файлове без окончание не се четат; познати са: {known}",
        )


def _loadable(path: Path) -> bool:
    """Whether a file of a folder is loaded: a completed copy only where what it was made of is there no more."""
    if path.suffix.lower() not in SUFFIXES or path.name.startswith(("~", ".")):
        return False
    if path.name in {register.FILE, resources.CATALOGUE.name}:
        return False
    if path.name.endswith((".columns.yaml", *(f"{completed.CHECKED}{one}" for one in (".yaml", ".xlsx")))):
        return False
    made = path.name.endswith(tuple(f"{completed.ENDING}{one}" for one in (".yaml", ".xlsx")))
    return not made or not any(
        one.suffix.lower() in SUFFIXES and completed.beside(one) == path and completed.stem(one.name) == one.stem
        for one in path.parent.iterdir()
    )


def read(path: Path, iris: Iris, context: Context) -> list[Loaded]:
    """One file; a table whose rows name their sources is several. Raises DataError with everything that keeps it from
    being read.
    """
    suffix, file = path.suffix.lower(), path.name
    stem = completed.stem(path.name)
    if suffix in from_rdf.FORMATS:
        source = _source_id(stem, file)
        rdf = from_rdf.read(read_bytes(path), suffix, file, source, iris, context)
        return [Loaded(path, source, triples=rdf.triples, places=rdf.places, problems=rdf.problems)]
    if suffix in {".yaml", ".yml"}:
        text = decode(read_bytes(path), Locator(file, line=1))
        head = from_yaml.read(text, file)
        return [
            Loaded(
                path,
                _source_id(head.source or stem, file, head.head.get("source") if head.source else None),
                entries=head.entries,
                basis=head.basis,
                period=head.period,
                head=head.head,
            )
        ]
    mapping = columns.beside(path)
    heads = mapping.head if mapping else {}
    stated = mapping.source if mapping else None
    source = _source_id(stated or stem, file, heads.get("source") if stated else None)
    basis, mapped = mapping.basis if mapping else None, mapping is not None
    if suffix != ".xlsx":
        problems = Problems()
        text = decode(read_bytes(path), Locator(file, line=1))
        entries = from_table.read_csv(text, file, mapping, context.field, problems)
        return [Loaded(path, source, entries, basis=basis, head=heads, mapped=mapped, problems=problems)]
    book = from_workbook.read_xlsx(path, mapping, context)
    info = register.about(source, book.about, book.problems)
    whole = Loaded(
        path,
        source,
        book.entries,
        basis=basis,
        head=heads,
        mapped=mapped,
        exported=book.exported.release if book.exported else None,
        rows=book.rows,
        info=info,
        problems=book.problems,
    )
    return [*_by_source(whole)] if book.exported else [whole]


def _by_source(whole: Loaded) -> Iterator[Loaded]:
    """The rows of an exported table by the source that each names; those that name none belong to the table's own."""
    rows: dict[str, list[Entry]] = {source: [] for _, source in whole.rows}
    for entry in whole.entries:
        source = entry.amends.source if entry.amends else ""
        if entry.amends and not source:
            source = whole.source
            entry = replace(entry, amends=replace(entry.amends, source=source))
        rows.setdefault(source, []).append(entry)
    for number, (source, entries) in enumerate(rows.items()):
        info = whole.info if source == whole.source else None
        yield replace(whole, source=source, entries=entries, info=info, problems=() if number else whole.problems)
    if not rows:
        yield whole


def _source_id(written: str, file: str, at: Locator | None = None) -> str:
    """The id of a source that is written somewhere, or that a file's name gives it. Raises DataError."""
    if at is None and not _COPY.search(written):
        written = slug(written) or written
    if not register.is_id(written):
        raise DataError(
            [
                problem(
                    at or Locator(file, line=1),
                    f"„{written}“ is no source id; rename the file, or write „source:“ with small Latin letters, "
                    "digits and hyphens",
                    f"„{written}“ не е идентификатор на източник; преименувайте файла или напишете „източник:“ "
                    "с малки латински букви, цифри и тирета",
                    field="source" if at is not None else None,
                )
            ]
        )
    return written
