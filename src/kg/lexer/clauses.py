"""The clauses of a SPARQL text that name graphs and other endpoints: FROM, FROM NAMED, SERVICE."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from kg.errors import QueryError
from kg.lexer.terminals import kind


def dataset(texts: Sequence[str], start: int, form: str) -> tuple[list[str], list[str]]:
    """What FROM and FROM NAMED name, as written; they stand between the form, at `start`, and the pattern.

    Raises QueryError for a name that the engine may take for FROM and another name.
    """
    default: list[str] = []
    named: list[str] = []
    place, depth = start + 1, 0
    if form == "CONSTRUCT" and _at(texts, place) == "{":
        place = _closed(texts, place) + 1
    describes = form == "DESCRIBE"  # its own names stand in front
    while (one := _at(texts, place)) and one != "{":
        word = one.upper()
        if word == "FROM" and depth == 0:
            describes, graphs = False, default
            if _at(texts, place + 1).upper() == "NAMED":
                graphs, place = named, place + 1
            place += 1
            if kind(_at(texts, place) or "?") in {"iri", "name"}:
                graphs.append(_at(texts, place))
        elif depth == 0 and not describes and kind(one) == "name" and one[:4].upper() in {"FROM", "NAME"}:
            raise QueryError(f"write a space after FROM in {one!r}", f"Пишете интервал след FROM в „{one}“")
        describes = describes and one != "*"
        depth += (one == "(") - (one == ")")
        place += 1
    return default, named


def services(texts: Sequence[str]) -> tuple[str, ...]:
    """What SERVICE names, as written."""
    found = []
    for place, one in enumerate(texts):
        if one.upper() == "SERVICE":
            silent = _at(texts, place + 1).upper() == "SILENT"
            found.append(_at(texts, place + 2 if silent else place + 1))
    return tuple(found)


def refuse_glued_service(texts: Sequence[str]) -> None:
    """`SERVICEex:a {`, where `ex:` and `serviceex:` are both declared, is SERVICE to the engine. Raises QueryError."""
    braces = 0
    for before, name, one in zip(chain(("",), texts), texts, texts[1:], strict=False):
        braces += (name == "{") - (name == "}")
        glued = one == "{" and braces and ":" in name and "service" in name.partition(":")[0].lower()
        if glued and kind(name) == "name" and before.upper() not in {"GRAPH", "SERVICE", "SILENT"}:
            raise QueryError(f"write a space after SERVICE in {name!r}", f"Пишете интервал след SERVICE в „{name}“")


def _at(texts: Sequence[str], place: int) -> str:
    return texts[place] if place < len(texts) else ""


def _closed(texts: Sequence[str], place: int) -> int:
    """Where the brace that opens here closes."""
    depth = 0
    for at in range(place, len(texts)):
        depth += (texts[at] == "{") - (texts[at] == "}")
        if depth == 0:
            return at
    return len(texts)
