"""Files whose entries have no ids yet, on their way to completed copies; and what to do where such a copy is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from kg.context import Context
from kg.entry import Entry, Locator
from kg.errors import DataError
from kg.iris import Iris, Slug, plain
from kg.load import book, completed
from kg.load.amending import Kept, remembered
from kg.load.describe import Batch
from kg.load.files import Loaded, read
from kg.load.problems import Problems, problem
from kg.load.reading import place_of

Copy: TypeAlias = tuple[Path, bytes]
"""A file, and the content of its completed copy."""


def or_completed(path: Path, found: list[Loaded], iris: Iris, context: Context, problems: Problems) -> list[Loaded]:
    """What a file of a folder holds; where its ids are missing, what its completed copy holds, if it says the same.

    Raises DataError where it does not: nobody can tell which of the two she goes on with.
    """
    copy = completed.beside(path)
    entries = [entry for one in found for entry in one.entries]
    missing = any(not completed.taken([entry], context) - {""} for entry in entries)
    if not missing or copy == path or not copy.is_file():
        return found
    theirs = read(copy, iris, context)
    at = Locator(path.name, line=1)
    if not _is_of(copy, path, found, [entry for one in theirs for entry in one.entries], context):
        told = problem(
            at,
            f"ids are missing here, and {copy.name} beside it has them and says something else; if you go on with that "
            f"one, delete {path.name} or move it out of the folder, else delete {copy.name}",
            f"тук липсват идентификатори, а {copy.name} в същата папка ги има, но казва друго; ако продължавате с "
            f"него, изтрийте {path.name} или го преместете от папката, а иначе изтрийте {copy.name}",
            kind="TwoOfOne",
        )
        raise DataError([told])
    problems.warn(
        at,
        f"{copy.name}, which has the ids, is loaded in place of this file; delete {path.name} or move it out of the "
        "folder",
        f"вместо този файл се зарежда {copy.name}, в който са идентификаторите; изтрийте {path.name} или го преместете "
        "от папката",
        kind="TwoOfOne",
    )
    return theirs


def _is_of(copy: Path, path: Path, found: Sequence[Loaded], ids: Sequence[Entry], context: Context) -> bool:
    """Whether the completed copy of a file says what the file says, but for the ids; `ids` are the copy's entries."""
    if path.suffix.lower() == ".xlsx":
        return book.completes(copy.read_bytes(), path.read_bytes(), context)
    (one,) = found
    if len(one.entries) != len(ids):
        return False
    own = [
        entry
        if completed.taken([entry], context) - {""}
        else replace(entry, proposed=next(iter(completed.taken([other], context)), None))
        for entry, other in zip(one.entries, ids, strict=True)
    ]
    head = {"source": one.source, "basis": one.basis, "period": one.period}
    made = completed.complete(own, path, head, context)
    return made is not None and made[1] == copy.read_bytes()


def with_proposals(
    loaded: Sequence[Loaded],
    context: Context,
    elsewhere: Callable[[str, str], bool],
    kept: Callable[[str], Kept | None],
    iris: Iris,
    slug_of: Slug = plain,
) -> list[Loaded]:
    """The files, each entry without an id knowing one that it could have."""
    held = {id for one in loaded for id in completed.taken(one.entries, context)}

    def taken(one: Loaded, id: str) -> bool:
        if one.exported is None or elsewhere(id, one.source):
            return elsewhere(id, one.source)
        # A new row of an exported table is nothing that any source describes, its own among them; but the row itself
        # may have been loaded before, from the completed copy.
        before = kept(one.source) if elsewhere(id, "") else None
        return before is not None and not before.is_from(completed.beside(one.path).name, iris.entity(id), iris)

    return [
        replace(one, entries=completed.with_proposals(one.entries, context, held, partial(taken, one), slug_of))
        for one in loaded
    ]


def with_ids(loaded: Sequence[Loaded], context: Context, problems: Problems, kept_copies: Problems) -> list[Loaded]:
    """The files with the proposed ids where some were missing; `kept_copies` is told of those copies that stay."""
    result: list[Loaded] = []
    for path, parts in groupby(loaded, key=lambda one: one.path):
        group = [*parts]
        one = group[0]
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
        elif made := completed.complete_all([one.entries for one in group], path, head, context):
            filled, content = made
            for one in group:
                _tell_of_emptied(one.entries, context, problems)
            completed.refuse_overwriting(path, content, kept_copies)
            group = [replace(one, entries=own, copy=content) for one, own in zip(group, filled, strict=True)]
        result += group
    return result


def _tell_of_emptied(entries: Iterable[Entry], context: Context, problems: Problems) -> None:
    """Says which exported rows had their ids emptied: they have them again."""
    for entry in entries:
        if entry.proposed and entry.amends is not None and entry.amends.marks is not None:
            problems.warn(
                place_of(entry, "id", context),
                f"the id of an exported row was emptied; the row is „{entry.proposed}“ again. If it is about something "
                "new, write that in an empty row below",
                f"идентификаторът на изнесен ред беше изтрит; редът отново е „{entry.proposed}“. Ако в него е описано "
                "нещо ново, преместете го в празен ред отдолу",
                field="id",
                kind="EmptiedId",
                suggestion=entry.proposed,
            )


def copies(loaded: Sequence[Loaded], batches: Sequence[Batch], iris: Iris, context: Context) -> Iterator[Copy]:
    """The completed copies; those of exported workbooks remember what was new in them."""
    by_source = {batch.source: batch for batch in batches}
    for path, parts in groupby((one for one in loaded if one.copy is not None), key=lambda one: one.path):
        group = [*parts]
        content, release = group[0].copy, group[0].exported
        assert content is not None
        new = [row for one in group for row in remembered(one.entries, by_source.get(one.source), iris, context)]
        yield path, content if release is None or not new else book.remember(content, release, new, context)
