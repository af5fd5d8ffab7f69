"""Files to batches: find them, read them, say everything that is wrong, describe what they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from kg.context import Codes, Context
from kg.entry import Entry, Locator
from kg.errors import DataError
from kg.finding import Finding
from kg.iris import Iris
from kg.load import completed
from kg.load import sources as register
from kg.load.amending import Kept, amended
from kg.load.describe import Batch, Describer
from kg.load.files import SUFFIXES, Loaded, find, read
from kg.load.from_workbook import ABOUT
from kg.load.names import Named, Names
from kg.load.naming import LABELS, NOTATIONS, names_in
from kg.load.problems import Problems, problem
from kg.load.provenance import Origin
from kg.load.reading import called, place_of
from kg.load.sources import SourceInfo
from kg.saving import save

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""
__all__ = ["LABELS", "NOTATIONS", "SUFFIXES", "Load", "Loaded", "Progress", "find", "load"]


@dataclass(frozen=True, slots=True)
class Load:
    """Everything that the files say, and who says it."""

    batches: tuple[Batch, ...]
    sources: dict[str, SourceInfo]  # of those that are described, or new
    notes: tuple[Finding, ...] = ()  # what is wrong or worth saying
    names: Names = field(default_factory=Names)  # of everything known before and in the files
    copies: tuple[tuple[Path, bytes], ...] = ()  # of files, with the ids that were missing

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """What could not be read: with any of these, the batches do not hold all that the files say."""
        return tuple(note for note in self.notes if note.refuses)

    def write_copies(self) -> None:
        """Puts the completed copies beside the files. Raises ParameterError where that cannot be done."""
        for path, content in self.copies:
            save(completed.beside(path), content)

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
    progress: Progress | None = None,
) -> Load:
    """Every file read and described together, so that a reference may point into any of them.

    `known` are names of things described elsewhere; `elsewhere` tells whether another source than the one given
    describes an id, so that none of those is proposed; `kept` gives what is kept of a source, for files that amend it.
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
    loaded = _with_proposals(loaded, context, elsewhere)
    kept_copies = Problems()
    if assign_ids:
        loaded = _with_ids(loaded, context, problems, kept_copies)
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
    describer = Describer(context, codes, iris, names)
    for number, (source, group) in enumerate(sorted(grouped.items())):
        if progress:
            progress(source, number, len(grouped))
        before = kept(source) if any(one.exported is not None for one in group) else None
        if source not in infos and before is None:
            told = next((one.info for one in group if one.info is not None), None)
            infos[source] = told or register.unknown(source)
            if told is None and described:
                _undescribed(source, group[0], problems)
        batches.append(_batch(source, group, infos.get(source), before, describer))
    strange = (one for each in loaded for one in each.problems)
    notes = (*problems, *kept_copies, *strange, *(note for batch in batches for note in batch.notes))
    sources = {batch.source: infos[batch.source] for batch in batches if batch.source in infos}
    copies = tuple((one.path, one.copy) for one in loaded if one.copy is not None)
    return Load(tuple(batches), sources, notes, names, copies)


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
        batch = amended(batch, _together(source, [one], None, describer), rows, describer.iris, describer.context)
    return batch


def _of_another_graph(one: Loaded) -> Finding:
    return problem(
        Locator(one.path.name, line=1),
        f"the workbook was exported from another graph: here is no source „{one.source}“",
        f"таблицата е изнесена другаде: тук няма източник „{one.source}“",
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


def _with_proposals(loaded: Sequence[Loaded], context: Context, elsewhere: Callable[[str, str], bool]) -> list[Loaded]:
    """The files, each entry without an id knowing one that it could have."""
    held = {id for one in loaded for id in completed.taken(one.entries, context)}

    def others(source: str, id: str) -> bool:
        return elsewhere(id, source)

    # A new row of an exported table is nothing that any source describes, its own among them.
    return [
        replace(
            one,
            entries=completed.with_proposals(
                one.entries, context, held, partial(others, one.source if one.exported is None else "")
            ),
        )
        for one in loaded
    ]


def _with_ids(loaded: Sequence[Loaded], context: Context, problems: Problems, kept_copies: Problems) -> list[Loaded]:
    """The files with the proposed ids where some were missing; `kept_copies` is told of those copies that stay."""
    result = []
    for one in loaded:
        head = {"source": one.source, "basis": one.basis, "period": one.period}
        if one.mapped and any(entry.proposed for entry in one.entries):
            problems.add(
                one.entries[0].at,
                "the rows have no ids; write „id: kind/{column}“ in the column map, with the column that tells them "
                "apart",
                "редовете нямат идентификатори; в картата на колоните напишете „id: вид/{колона}“ с колоната, "
                "по която се различават",
                field="id",
            )
        elif made := completed.complete(one.entries, one.path, head, context):
            entries, content = made
            completed.refuse_overwriting(one.path, content, kept_copies)
            one = replace(one, entries=entries, copy=content)
        result.append(one)
    return result
