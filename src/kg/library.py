"""The curated queries: one file, one name, one answer that other people build on."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from kg.errors import NotFoundError, ParameterError
from kg.graph import Node
from kg.namespaces import XSD
from kg.rq import QueryFile

_DATATYPES = {"date": XSD.date, "integer": XSD.integer, "decimal": XSD.decimal}
_FORMS: Mapping[str, tuple[re.Pattern[str], Callable[[str], object], str]] = {
    "date": (re.compile(r"\d{4}-\d{2}-\d{2}"), date.fromisoformat, "2023-06-27"),
    "integer": (re.compile(r"[+-]?\d+"), int, "26"),
    "decimal": (re.compile(r"[+-]?\d+(\.\d+)?"), Decimal, "1000.50"),
}
"""What a value of each type looks like, what reads it, and an example."""


class Library(Mapping[str, QueryFile]):
    """Query files of one folder by name, in alphabetical order."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.stem: QueryFile.read(path) for path in sorted(folder.glob("*.rq"), key=lambda path: path.stem)
        }

    def __getitem__(self, name: str) -> QueryFile:
        try:
            return self._files[name]
        except KeyError:
            near = difflib.get_close_matches(name, self._files, n=3, cutoff=0.4)
            hint = f"; did you mean {', '.join(near)}?" if near else ""
            hint_bg = f"; може би {', '.join(near)}?" if near else ""
            raise NotFoundError(f"there is no query {name!r}{hint}", f"Няма заявка „{name}“{hint_bg}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def bind(query: QueryFile, parameters: Mapping[str, str], *, ids: str, graphs: str) -> str:
    """The query with parameters given as text, each read by its declared type.

    `ids` and `graphs` are what a short form stands for: `organisation/ndef` and `report-2023-w26`.
    Raises ParameterError.
    """
    return query.bind({name: [_term(query, name, text, ids, graphs)] for name, text in parameters.items()})


def _term(query: QueryFile, name: str, text: str, ids: str, graphs: str) -> Node:
    declared = str(query.parameters.get(name, {}).get("type", "string"))
    try:
        if declared == "iri":
            if ":" not in text:
                text = (ids if "/" in text else graphs) + text
            return NamedNode(text)
        if declared in _DATATYPES:
            form, reader, _ = _FORMS[declared]
            if not form.fullmatch(text):
                raise ValueError("it has another form")
            reader(text)
            return Literal(text, datatype=_DATATYPES[declared])
    except ValueError as error:
        example = _FORMS[declared][2] if declared in _FORMS else "organisation/ndef"
        raise ParameterError(
            f"{name}={text!r} is not a value of type {declared}; write it as {example}",
            f"{name}=„{text}“ не може да се прочете; пише се като {example}",
        ) from error
    language = query.parameters.get(name, {}).get("language")
    return Literal(text, language=language) if language else Literal(text)
