"""The completed copy: what a person wrote, with the ids that were missing. Her own file stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from kg.context import Context
from kg.entry import Entry, Value
from kg.load import from_yaml
from kg.load.minting import propose_id
from kg.load.problems import Problems

SUFFIX = ".completed.yaml"


def beside(path: Path) -> Path:
    """Where the completed copy of a file lies."""
    return path.with_name(path.stem + SUFFIX)


def same(one: str, other: str) -> bool:
    """Whether one of the two files is the completed copy of the other."""
    return any(a.endswith(SUFFIX) and a.removesuffix(SUFFIX) == Path(b).stem for a, b in ((one, other), (other, one)))


def taken(entries: Sequence[Entry], context: Context) -> set[str]:
    """The ids that the entries have."""
    return {
        value.strip()
        for entry in entries
        for written, value in entry.fields.items()
        if context.field(written) == "id" and isinstance(value, str)
    }


def complete(
    entries: Sequence[Entry],
    path: Path,
    head: Mapping[str, str | None],
    context: Context,
    held: set[str],
    elsewhere: Callable[[str], bool] = lambda id: False,
) -> tuple[list[Entry], str] | None:
    """The entries with proposed ids, and the text of the copy; None when nothing is missing.

    Each entry knows its place in her file, for what there is to tell her, and in the copy, for evidence. `held` are
    ids that are taken, the proposed ones join them; `elsewhere` tells of an id that another source describes.
    """
    filled: list[Entry] = []
    for entry in entries:
        names = {context.field(written): written for written in entry.fields}
        type_ = entry.fields.get(names.get("type", ""), "")
        class_name = context.class_name(type_) if isinstance(type_, str) else None
        kind = context.hints.kind(context.classes[class_name]) if class_name else None
        if kind and not entry.fields.get(names.get("id", ""), ""):
            id = propose_id(entry, context, kind, lambda id: id in held or elsewhere(id))
            held.add(id)
            fields = {"id": id, **{key: value for key, value in entry.fields.items() if key != names.get("id")}}
            entry = replace(entry, fields=fields)
        filled.append(entry)
    if all(new is old for new, old in zip(filled, entries, strict=True)):
        return None
    written = {key: value for key, value in head.items() if value}
    text = yaml.safe_dump(
        {**written, "entries": [_plain(entry, context) for entry in filled]},
        allow_unicode=True,
        sort_keys=False,
        width=110,
    )
    copies = from_yaml.read(text, beside(path).name).entries
    return [replace(entry, copy=copy) for entry, copy in zip(filled, copies, strict=True)], text


def refuse_overwriting(path: Path, text: str, problems: Problems, entries: Sequence[Entry]) -> None:
    """A copy that somebody has worked on since is hers; it is not written over."""
    copy = beside(path)
    if copy.exists() and copy.read_text(encoding="utf-8") != text:
        problems.add(
            entries[0].at,
            f"{copy.name} is already there and says something else; load it instead, or delete it to have it made anew",
            f"{copy.name} вече съществува с друго съдържание; заредете него или го изтрийте, за да се създаде пак",
        )


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
