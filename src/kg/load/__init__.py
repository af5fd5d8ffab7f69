"""Files to batches: find them, read them, say everything that is wrong, describe what they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from pyoxigraph import Triple

from kg.context import Codes, Context
from kg.entry import Entry, Locator
from kg.errors import DataError
from kg.finding import Finding
from kg.iris import Iris
from kg.load import columns, completed, from_rdf, from_table, from_yaml
from kg.load import sources as register
from kg.load.decode import decode, read_bytes
from kg.load.describe import Batch, Describer
from kg.load.names import LABEL, NOTATION, Named, Names
from kg.load.problems import Problems, problem
from kg.load.provenance import Origin
from kg.load.sources import SourceInfo
from kg.namespaces import DCT, MKG, SKOS

SUFFIXES = frozenset({".yaml", ".yml", ".csv", ".tsv", ".xlsx", *from_rdf.FORMATS})
LABELS = frozenset({SKOS.prefLabel, SKOS.altLabel, DCT.term("title"), DCT.alternative, MKG.acronym})
NOTATIONS = frozenset({SKOS.notation, MKG.registerCode, MKG.contractNumber, DCT.identifier})
Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


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
    copy: str | None = None  # the text of the completed copy
    problems: Sequence[Finding] = ()  # that refuse it, and keep nobody from judging what it says

    @property
    def file(self) -> str:
        """The name that evidence and the graph of graphs keep."""
        return self.path.name if self.copy is None else completed.beside(self.path).name


@dataclass(frozen=True, slots=True)
class Load:
    """Everything that the files say, and who says it."""

    batches: tuple[Batch, ...]
    sources: dict[str, SourceInfo]
    notes: tuple[Finding, ...] = ()  # what is worth saying; what refuses is said with all that the gate finds
    names: Names = field(default_factory=Names)  # of everything known before and in the files


def find(paths: Iterable[Path]) -> list[Path]:
    """The files to load: those named, and those in named folders that a loader can read.

    Raises DataError for a path that is missing or of an unknown kind.
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
            known = " ".join(sorted(SUFFIXES))
            problems.add(
                at,
                f"files that end in {path.suffix or 'nothing'!r} are not read; known: {known}",
                f"файлове с окончание „{path.suffix}“ не се четат; познати са: {known}",
            )
        else:
            found.append(path)
    if problems:
        raise DataError(problems)
    return list(dict.fromkeys(one for one in found if one.name != register.FILE))


def _loadable(path: Path) -> bool:
    beside = path.name.endswith((".columns.yaml", ".completed.yaml")) or path.name == register.FILE
    return path.suffix.lower() in SUFFIXES and not beside and not path.name.startswith(("~", "."))


def read(path: Path, iris: Iris, context: Context) -> Loaded:
    """One file. Raises DataError with everything that keeps it from being read."""
    suffix, file = path.suffix.lower(), path.name
    stem = path.name[: -len(path.suffix)]
    if suffix in from_rdf.FORMATS:
        source = _source_id(stem, file)
        rdf = from_rdf.read(read_bytes(path), suffix, file, source, iris, context)
        return Loaded(path, source, triples=rdf.triples, places=rdf.places, problems=rdf.problems)
    if suffix in {".yaml", ".yml"}:
        text = decode(read_bytes(path), Locator(file, line=1))
        head = from_yaml.read(text, file)
        return Loaded(
            path,
            _source_id(head.source or stem, file, head.head.get("source") if head.source else None),
            entries=head.entries,
            basis=head.basis,
            period=head.period,
            head=head.head,
        )
    mapping = columns.beside(path)
    heads = mapping.head if mapping else {}
    stated = mapping.source if mapping else None
    source = _source_id(stated or stem, file, heads.get("source") if stated else None)
    if suffix == ".xlsx":
        entries = from_table.read_xlsx(path, mapping)
    else:
        text = decode(read_bytes(path), Locator(file, line=1))
        entries = from_table.read_csv(text, file, mapping)
    basis = mapping.basis if mapping else None
    return Loaded(path, source, entries=entries, basis=basis, head=heads, mapped=mapping is not None)


def _source_id(written: str, file: str, at: Locator | None = None) -> str:
    if not register.is_id(written):
        raise DataError(
            [
                problem(
                    at or Locator(file, line=1),
                    f"{written!r} is no source id; rename the file, or write source: with small Latin letters, "
                    "digits and hyphens",
                    f"„{written}“ не е идентификатор на източник; преименувайте файла или напишете source: "
                    "с малки латински букви, цифри и тирета",
                    field="source",
                )
            ]
        )
    return written


def load(
    paths: Sequence[Path],
    *,
    iris: Iris,
    context: Context,
    codes: Codes,
    known: Iterable[Named] = (),
    assign_ids: bool = False,
    elsewhere: Callable[[str, str], bool] = lambda id, source: False,
    progress: Progress | None = None,
) -> Load:
    """Every file read and described together, so that a reference may point into any of them.

    `known` are names of things described elsewhere; `elsewhere` tells whether another source than the one given
    describes an id, so that `assign_ids` proposes none of those. Raises DataError with the findings of all files; when
    all that refuse are about terms in RDF files, they are among the notes, to be told with what the gate finds.
    """
    files = find(paths)
    context.nearby.forget()
    codes.nearby.forget()
    problems = Problems()
    loaded: list[Loaded] = []
    infos: dict[str, SourceInfo] = {}
    registers = {found for path in [*paths, *files] if (found := _register(path))}
    for found in sorted(registers):
        try:
            infos |= register.read(found)
        except DataError as error:
            problems += error.findings
    described = not problems
    for number, path in enumerate(files):
        if progress:
            progress(path.name, number, len(files))
        try:
            one = read(path, iris, context)
        except DataError as error:
            problems += error.findings
            continue
        if one.entries or one.triples:
            loaded.append(one)
        else:
            problems.warn(
                Locator(one.file, line=1),
                "the file holds no entries; nothing was loaded from it",
                "във файла няма записи; нищо не е заредено от него",
            )
    if assign_ids:
        loaded = _with_ids(loaded, context, problems, elsewhere)
    names = Names(known)
    for one in loaded:
        for named in _names(one, iris, context):
            names.add(named)
    grouped: dict[str, list[Loaded]] = defaultdict(list)
    for one in loaded:
        for source in one.triples or (one.source,):
            grouped[source].append(one)
    batches: list[Batch] = []
    describer = Describer(context, codes, iris, names)
    for number, (source, group) in enumerate(sorted(grouped.items())):
        if progress:
            progress(source, number, len(grouped))
        if source not in infos:
            infos[source] = register.unknown(source)
            if described:
                problems.warn(
                    Locator(group[0].path.name, line=1),
                    f"the source {source!r} is not described; add it to sources.yaml with its title, publisher "
                    "and licence",
                    f"източникът „{source}“ не е описан; добавете го в sources.yaml със заглавие, издател и лиценз",
                    field="source",
                )
        try:
            batches.append(_batch(source, group, infos[source], describer))
        except DataError as error:
            problems += error.findings
    strange = [finding for one in loaded for finding in one.problems]
    if any(finding.refuses for finding in problems):
        raise DataError([*problems, *strange])
    for one in loaded if not strange else ():
        if one.copy is not None:
            completed.beside(one.path).write_text(one.copy, encoding="utf-8")
    notes = (*problems, *strange, *(note for batch in batches for note in batch.notes))
    return Load(tuple(batches), {batch.source: infos[batch.source] for batch in batches}, notes, names)


def _register(path: Path) -> Path | None:
    if path.name == register.FILE and path.is_file():
        return path
    if path.is_dir() and (path / register.FILE).is_file():
        return path / register.FILE
    return register.find(path)


def _batch(source: str, group: Sequence[Loaded], info: SourceInfo, describer: Describer) -> Batch:
    """What the files of one source say together."""
    triples = [triple for one in group for triple in one.triples.get(source, ())]
    parts: list[Batch] = []
    for one in group:
        if one.entries:
            origin = Origin(
                info.document_iri(describer.iris),
                f"{describer.iris.graph(source).value}/",
                one.basis or "explicit",
            )
            parts.append(describer.describe(source, one.entries, origin, one.period, one.head))
    problems = Problems()
    entries: dict[str, Entry] = {}
    for part in parts:
        for subject, entry in part.entries.items():
            if subject in entries:
                id = describer.iris.id(subject)
                problems.add(
                    entry.place(("id",)),
                    f"{id} is already described at {entries[subject].at} of the same source; put the two together",
                    f"„{id}“ вече е описано на {entries[subject].at} в същия източник; обединете записите",
                    field="id",
                )
            entries[subject] = entry
    if problems:
        raise DataError(problems)
    subjects = {str(triple.subject)[1:-1] for triple in triples}
    for one in group:
        for subject, at in one.places.items():
            if subject in subjects:
                entries.setdefault(subject, Entry({}, at))
    everything = dict.fromkeys([*triples, *(triple for part in parts for triple in part.triples)])
    return Batch(
        source,
        describer.iris.graph(source),
        tuple(everything),
        entries,
        tuple(note for part in parts for note in part.notes),
        tuple(sorted({one.file for one in group})),
    )


def _names(one: Loaded, iris: Iris, context: Context) -> Iterable[Named]:
    """What the entries of a file call themselves."""
    for entry in one.entries:
        fields = {context.field(written): value for written, value in entry.fields.items()}
        id, type_ = fields.get("id"), fields.get("type")
        class_name = context.class_name(type_) if isinstance(type_, str) else None
        if not isinstance(id, str) or class_name is None:
            continue
        classes = context.hints.superclasses(context.classes[class_name])
        for name, value in fields.items():
            term = context.term(name, class_name) if name else None
            if term is None:
                continue
            by = next((by for by, iri in _NAMING if term.iri in iri), None)
            if by:
                for text in _texts(value):
                    yield Named(iris.ids + id.strip(), classes, text, by)
    for triples in one.triples.values():
        types: dict[str, set[str]] = defaultdict(set)
        for triple in triples:
            if triple.predicate.value.endswith("#type"):
                types[str(triple.subject)] |= context.hints.superclasses(getattr(triple.object, "value", ""))
        for triple in triples:
            by = next((by for by, iri in _NAMING if triple.predicate.value in iri), None)
            if by and hasattr(triple.subject, "value"):
                text = getattr(triple.object, "value", "")
                yield Named(triple.subject.value, frozenset(types[str(triple.subject)]), text, by)


_NAMING = (
    (LABEL, frozenset(term.value for term in LABELS)),
    (NOTATION, frozenset(term.value for term in NOTATIONS)),
)


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _with_ids(
    loaded: Sequence[Loaded], context: Context, problems: Problems, elsewhere: Callable[[str, str], bool]
) -> list[Loaded]:
    """The files with proposed ids where some were missing."""
    held = {id for one in loaded for id in completed.taken(one.entries, context)}
    result = []
    for one in loaded:
        head = {"source": one.source, "basis": one.basis, "period": one.period}
        others = partial(lambda source, id: elsewhere(id, source), one.source)
        made = completed.complete(one.entries, one.path, head, context, held, others)
        if made and one.mapped:
            problems.add(
                one.entries[0].at,
                "the rows have no ids; write „id: kind/{column}“ in the column map, with the column that tells them "
                "apart",
                "редовете нямат идентификатори; в картата на колоните напишете „id: вид/{колона}“ с колоната, "
                "по която се различават",
                field="id",
            )
        elif made:
            entries, text = made
            completed.refuse_overwriting(one.path, text, problems, entries)
            one = replace(one, entries=entries, copy=text)
        result.append(one)
    return result
