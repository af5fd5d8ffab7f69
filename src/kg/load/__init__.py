"""Files to batches: find them, read them, say everything that is wrong, describe what they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode

from kg.context import Codes, Context
from kg.entry import Entry, Locator
from kg.errors import DataError
from kg.finding import Finding
from kg.iris import Iris, Slug, plain
from kg.load import completed, completing
from kg.load import sources as register
from kg.load.amending import Kept, amended
from kg.load.completing import Copy
from kg.load.describe import Batch, Describer
from kg.load.files import SUFFIXES, Loaded, find, read
from kg.load.from_workbook import ABOUT
from kg.load.names import Named, Names
from kg.load.naming import LABELS, NOTATIONS, SHOWN_BY, names_in
from kg.load.problems import Problems, problem
from kg.load.provenance import Origin
from kg.load.reading import called, place_of
from kg.load.sources import SourceInfo
from kg.saving import save

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""
__all__ = ["LABELS", "NOTATIONS", "SHOWN_BY", "SUFFIXES", "Load", "Loaded", "Progress", "find", "load"]


@dataclass(frozen=True, slots=True)
class Load:
    """Everything that the files say, and who says it."""

    batches: tuple[Batch, ...]
    sources: dict[str, SourceInfo]  # of those that are described, or new
    notes: tuple[Finding, ...] = ()  # what is wrong or worth saying
    names: Names = field(default_factory=Names)  # of everything known before and in the files
    copies: tuple[Copy, ...] = ()  # of files, with the ids that were missing

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """What could not be read: with any of these, the batches do not hold all that the files say."""
        return tuple(note for note in self.notes if note.refuses)

    def write_copies(self) -> tuple[Path, ...]:
        """Puts the completed copies beside the files: where. Raises ParameterError where that cannot be done."""
        for path, content in self.copies:
            save(completed.beside(path), content)
        return tuple(completed.beside(path) for path, _ in self.copies)

    @property
    def unread(self) -> frozenset[str]:
        """IRIs of what the files hold and nobody can tell what it is: others may well refer to it."""
        return frozenset(iri for batch in self.batches for iri in batch.unread)

    @property
    def amends(self) -> bool:
        """Whether workbooks are to amend what is kept."""
        return any(batch.given for batch in self.batches)

    def sound(self) -> Load:
        """This load, or DataError with all notes when one of them refuses it."""
        if self.refusals:
            raise DataError(self.notes)
        return self


def load(
    paths: Sequence[Path],
    *,
    iris: Iris,
    context: Context,
    codes: Codes,
    known: Iterable[Named] = (),
    assign_ids: bool = False,
    elsewhere: Callable[[str, str], bool] = lambda id, source: False,
    kept: Callable[[str], Kept | None] = lambda source: None,
    slug_of: Slug = plain,
    progress: Progress | None = None,
) -> Load:
    """Every file read and described together, so that a reference may point into any of them.

    `known` are names of things described elsewhere; `elsewhere` tells whether another source than the one given
    describes an id, so that none of those is proposed; `kept` gives what is kept of a source, for files that amend it;
    `slug_of` makes ids from texts.
    Raises DataError for files that cannot be read at all; what is wrong with single entries is among the notes, to be
    told with what the gate finds in the rest.
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
            read_now = read(path, iris, context)
            if path not in paths and not assign_ids:
                read_now = completing.or_completed(path, read_now, iris, context, problems)
        except DataError as error:
            problems += error.findings
            continue
        if any(one.entries or one.triples or one.problems or one.exported is not None for one in read_now):
            loaded += read_now
        else:
            problems.warn(
                Locator(path.name, line=1),
                "the file holds no entries; nothing was loaded from it",
                "във файла няма записи; нищо не е заредено от него",
            )
    kept = cache(kept)
    loaded = completing.with_proposals(loaded, context, elsewhere, kept, iris, slug_of)
    kept_copies = Problems()
    if assign_ids:
        loaded = completing.with_ids(loaded, context, problems, kept_copies)
    if any(finding.refuses for finding in problems):
        raise DataError([*problems, *(finding for one in loaded for finding in one.problems)])
    names = Names(known)
    for one in loaded:
        for named in names_in(one, iris, context):
            names.add(named)
    grouped: dict[str, list[Loaded]] = defaultdict(list)
    for one in loaded:
        for source in one.triples or (one.source,):
            grouped[source].append(one)
    batches: list[Batch] = []
    describer = Describer(context, codes, iris, names, slug_of)
    for number, (source, group) in enumerate(sorted(grouped.items())):
        if progress:
            progress(source, number, len(grouped))
        before = kept(source) if any(one.exported is not None for one in group) else None
        told = next((one.info for one in group if one.info is not None), None)
        if source not in infos and (told is not None or before is None):
            infos[source] = told or register.unknown(source)
            if told is None and described:
                _undescribed(source, group[0], problems)
        batches.append(_batch(source, group, infos.get(source), before, describer))
    strange = (one for each in loaded for one in each.problems)
    notes = (*problems, *kept_copies, *strange, *(note for batch in batches for note in batch.notes))
    sources = {batch.source: infos[batch.source] for batch in batches if batch.source in infos}
    return Load(tuple(batches), sources, notes, names, tuple(completing.copies(loaded, batches, iris, context)))


def _undescribed(source: str, one: Loaded, problems: Problems) -> None:
    at = Locator(one.path.name, line=1)
    if one.path.suffix.lower() == ".xlsx":
        problems.warn(
            at,
            f"it is not said whose the workbook is; fill in the sheet that begins with „{ABOUT[1]}“: title, publisher, "
            "licence (the workbooks of kg template have it)",
            f"не е казано чия е таблицата; попълнете листа, който започва със „{ABOUT[0]}“: заглавие, издател, лиценз "
            "(има го в таблиците от kg template)",
        )
        return
    problems.warn(
        at,
        f"the source „{source}“ is not described; add it to sources.yaml with its title, publisher and licence",
        f"източникът „{source}“ не е описан; добавете го в sources.yaml със заглавие, издател и лиценз",
    )


def _register(path: Path) -> Path | None:
    if path.name == register.FILE and path.is_file():
        return path
    if path.is_dir() and (path / register.FILE).is_file():
        return path / register.FILE
    return register.find(path)


def _batch(
    source: str, group: Sequence[Loaded], info: SourceInfo | None, before: Kept | None, describer: Describer
) -> Batch:
    """What the files of one source say together; those that amend it are read last."""
    own = [one for one in group if one.exported is None]
    batch = _together(source, own, info, describer)
    if not own and before is not None:
        there = before.amended_by
        batch = replace(batch, triples=before.triples, files=before.files, amended_by=there, given=there)
    for one in sorted((one for one in group if one.exported is not None), key=lambda one: (one.exported, one.file)):
        if not own and before is None and any(name == source for _, name in one.rows):
            batch = replace(batch, notes=(*batch.notes, _of_another_graph(one)))
            continue
        rows = {key: replace(at, file=one.file) for key, at in one.rows.items()}
        by = _together(source, [_without_known(one, batch, describer)], None, describer)
        batch = amended(batch, by, rows, describer.iris, describer.context, describer.codes, describer.names)
    return batch


def _without_known(one: Loaded, batch: Batch, describer: Describer) -> Loaded:
    """The workbook without the unchanged rows that were new once and are known by now: they say nothing more."""
    there = {triple.subject.value for triple in batch.triples if isinstance(triple.subject, NamedNode)}

    def speaks(entry: Entry) -> bool:
        if entry.amends is None or not entry.amends.added or entry.amends.fields or entry.proposed:
            return True
        return not any(f"{describer.iris.ids}{id}" in there for id in completed.taken([entry], describer.context))

    return replace(one, entries=[entry for entry in one.entries if speaks(entry)])


def _of_another_graph(one: Loaded) -> Finding:
    return problem(
        Locator(one.path.name, line=1),
        f"the workbook was exported elsewhere: here is no source „{one.source}“; load it there, or export one here",
        f"таблицата е изнесена другаде: тук няма източник „{one.source}“; заредете я там или изнесете таблица оттук",
        value=one.source,
        kind="OtherGraph",
    )


def _together(source: str, group: Sequence[Loaded], info: SourceInfo | None, describer: Describer) -> Batch:
    """What some files of one source say; without `info`, the source is its files."""
    graph = describer.iris.graph(source)
    document = info.document_iri(describer.iris) if info else graph.value
    triples = [triple for one in group for triple in one.triples.get(source, ())]
    parts: list[Batch] = []
    for one in group:
        if one.entries:
            origin = Origin(document, f"{graph.value}/", one.basis or "explicit")
            parts.append(describer.describe(source, one.entries, origin, one.period, one.head))
    problems = Problems(note for part in parts for note in part.notes)
    entries: dict[str, Entry] = {}
    for part in parts:
        for subject, entry in part.entries.items():
            if subject in entries:
                id = describer.iris.id(subject)
                problems.add(
                    place_of(entry, "id", describer.context),
                    f"{id} is already described at {entries[subject].at} of the same source; put the two together",
                    f"„{id}“ вече е описано на {entries[subject].at} в същия източник; обединете записите",
                    field=called(entry, "id", describer.context),
                )
            entries[subject] = entry
    subjects = {str(triple.subject)[1:-1] for triple in triples}
    for one in group:
        for subject, at in one.places.items():
            if subject in subjects:
                entries.setdefault(subject, Entry({}, at))
    everything = dict.fromkeys([*triples, *(triple for part in parts for triple in part.triples)])
    files = tuple(sorted({one.file for one in group}))
    unread = frozenset(iri for part in parts for iri in part.unread)
    return Batch(source, graph, tuple(everything), entries, tuple(problems), files, unread=unread)
