"""The completed copy: what a person wrote, with the ids that were missing. Her own file stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import yaml

from kg.context import Context
from kg.entry import Entry, Locator, Value
from kg.iris import Slug, plain
from kg.load import book, from_yaml
from kg.load.minting import propose_id
from kg.load.problems import Problems

ENDING, CHECKED = ".completed", ".checked"
"""What is added to the names of files that are made of others: with ids, with marks."""


def stem(name: str) -> str:
    """The name without its endings: what was made of a file belongs to the source that the file belongs to."""
    path = Path(name)
    found = path.stem
    while path.suffix.lower() in {".yaml", ".yml", ".xlsx"} and found.endswith((ENDING, CHECKED)):
        found = found.rpartition(".")[0]
    return found


def beside(path: Path) -> Path:
    """Where the completed copy of a file lies: a workbook's is a workbook."""
    return path.with_name(f"{stem(path.name)}{ENDING}{'.xlsx' if path.suffix.lower() == '.xlsx' else '.yaml'}")


def checked(path: Path) -> Path:
    """Where the copy of a workbook lies that has its mistakes marked; a copy is its own."""
    return path if path.stem.endswith(CHECKED) else path.with_name(f"{stem(path.name)}{CHECKED}{path.suffix}")


def same(one: str, other: str) -> bool:
    """Whether one of two files was made of the other, or both of a third."""
    made = stem(one) != Path(one).stem or stem(other) != Path(other).stem
    return made and stem(one) == stem(other)


def taken(entries: Sequence[Entry], context: Context) -> set[str]:
    """The ids that the entries have."""
    return {
        value.strip()
        for entry in entries
        for written, value in entry.fields.items()
        if context.field(written) == "id" and isinstance(value, str)
    }


def with_proposals(
    entries: Sequence[Entry],
    context: Context,
    held: set[str],
    elsewhere: Callable[[str], bool],
    slug_of: Slug = plain,
) -> list[Entry]:
    """The entries, each without an id knowing one that it could have.

    `held` are ids that are taken, and the proposed ones join them; `elsewhere` tells of an id that another source
    describes.
    """
    found: list[Entry] = []
    for entry in entries:
        names = {context.field(written): written for written in entry.fields}
        type_ = entry.fields.get(names.get("type", ""), "")
        class_name = _meant(type_, context) if isinstance(type_, str) else None
        kind = context.hints.kind(context.classes[class_name]) if class_name else None
        if entry.proposed:
            held.add(entry.proposed)
        elif kind and not entry.fields.get(names.get("id", ""), ""):
            id = propose_id(entry, context, kind, lambda id: id in held or elsewhere(id), slug_of)
            held.add(id)
            entry = replace(entry, proposed=id)
        found.append(entry)
    return found


def _meant(written: str, context: Context) -> str | None:
    name = context.class_name(written)
    return name or context.class_name(context.nearest(written, classes=True) or "")


def complete_all(
    parts: Sequence[Sequence[Entry]], path: Path, head: Mapping[str, str | None], context: Context
) -> tuple[list[list[Entry]], bytes] | None:
    """The same of a file that is read in several parts, such as a table whose rows name their sources."""
    made = complete([entry for part in parts for entry in part], path, head, context)
    if made is None:
        return None
    entries, content = iter(made[0]), made[1]
    return [[*islice(entries, len(part))] for part in parts], content


def complete(
    entries: Sequence[Entry], path: Path, head: Mapping[str, str | None], context: Context
) -> tuple[list[Entry], bytes] | None:
    """The entries with the proposed ids, and the content of the copy; None when nothing is missing.

    Each entry knows its place in her file, for what there is to tell her, and in the copy, for evidence.
    """
    if not any(entry.proposed for entry in entries):
        return None
    filled = [_filled(entry, context) for entry in entries]
    if path.suffix.lower() == ".xlsx":
        content = book.with_ids(path.read_bytes(), entries, context)
        return [_in(entry, beside(path).name) for entry in filled], content
    written = {key: value for key, value in head.items() if value}
    text = yaml.safe_dump(
        {**written, "entries": [_plain(entry, context) for entry in filled]},
        allow_unicode=True,
        sort_keys=False,
        width=110,
    )
    copies = from_yaml.read(text, beside(path).name).entries
    return [replace(entry, copy=copy) for entry, copy in zip(filled, copies, strict=True)], text.encode()


def _filled(entry: Entry, context: Context) -> Entry:
    if entry.proposed is None:
        return entry
    stated = {key: value for key, value in entry.fields.items() if context.field(key) != "id"}
    return replace(entry, fields={"id": entry.proposed, **stated}, proposed=None)


def _in(entry: Entry, file: str) -> Entry:
    """The entry of a workbook, which stands in the same row of the copy."""
    return replace(entry, copy=replace(entry, at=replace(entry.at, file=file), places={}))


def refuse_overwriting(path: Path, content: bytes, problems: Problems) -> None:
    """A copy that somebody has worked on since is hers; it is not written over. A workbook's copy is its own."""
    copy = beside(path)
    its_own = copy == path and copy.suffix.lower() == ".xlsx"
    if not its_own and copy.exists() and not _same(copy.read_bytes(), content, copy.suffix):
        problems.add(
            Locator(path.name, line=1),
            f"{copy.name} is already there and says something else; load it instead, or delete it to have it made anew",
            f"{copy.name} вече съществува с друго съдържание; заредете него или го изтрийте, за да се създаде пак",
        )


def _same(one: bytes, other: bytes, suffix: str) -> bool:
    return book.same(one, other) if suffix == ".xlsx" else one == other


def _plain(entry: Entry, context: Context) -> dict[str, Value]:
    """The fields with lists written out: in YAML no separator divides them."""

    def value(name: str, inner: Value) -> Value:
        field = context.field(name)
        term = context.term(field) if field else None
        if term and term.multiple and (term.language or not isinstance(inner, dict)):
            return entry.split(inner)
        if isinstance(inner, dict):
            return {key: value(key, below) for key, below in inner.items()}
        return inner

    return {name: value(name, inner) for name, inner in entry.fields.items()}
